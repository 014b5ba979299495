//! Fenced code blocks whose first word is `redis`, and the element's tags.
//!
//! What a block is to run with stands behind that word, as in ```` ```redis replicas=2 ````, or in a comment on the
//! line before: `<!-- redarium seed=7 -->`.

use super::block::Block;
use super::block::lines_at;
use super::html;

pub fn find(text: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut fence: Option<Fence> = None;
    let mut before = "";
    let mut outside = text.as_bytes().to_vec();
    for (start, line) in lines_at(text) {
        match &fence {
            None => fence = Fence::open(start, line, before),
            Some(open) if open.is_closed_by(line) => {
                blocks.extend(open.block(text, start));
                blank(&mut outside, open.line..start);
                fence = None;
            }
            Some(_) => {}
        }
        before = line;
    }
    // Tags in code are code.
    if let Some(open) = &fence {
        blank(&mut outside, open.line..text.len());
    }
    let outside = String::from_utf8(outside).unwrap_or_default();
    blocks.extend(html::playgrounds(&outside, text));
    blocks.sort_by_key(|block| block.range.start);
    blocks
}

fn blank(bytes: &mut [u8], range: std::ops::Range<usize>) {
    for byte in bytes.get_mut(range).unwrap_or_default() {
        if *byte != b'\n' {
            *byte = b' ';
        }
    }
}

/// A fence that is open.
struct Fence {
    mark: char,
    length: usize,
    indent: String,
    info: String,
    /// Where its line begins, and the line behind it.
    line: usize,
    content: usize,
}

impl Fence {
    fn open(start: usize, line: &str, before: &str) -> Option<Self> {
        let rest = line.trim_start();
        let mark = rest.chars().next().filter(|mark| ['`', '~'].contains(mark))?;
        let info = rest.trim_start_matches(mark);
        let length = rest.len() - info.len();
        if length < 3 || (mark == '`' && info.contains('`')) {
            return None;
        }
        let comment = before.trim().strip_prefix("<!-- redarium").unwrap_or_default();
        Some(Self {
            mark,
            length,
            indent: line.get(..line.len() - rest.len()).unwrap_or_default().to_owned(),
            info: format!("{} {}", info.trim(), comment.trim_end_matches("-->")),
            line: start,
            content: start + line.len() + 1,
        })
    }

    fn is_closed_by(&self, line: &str) -> bool {
        let rest = line.trim();
        rest.len() >= self.length && rest.chars().all(|c| c == self.mark)
    }

    fn block(&self, text: &str, end: usize) -> Option<Block> {
        let mut words = self.info.split(|c: char| c.is_whitespace() || ",{}.:".contains(c));
        if words.find(|word| !word.is_empty()) != Some("redis") || self.content > end {
            return None;
        }
        let block = Block::new(text, self.content..end, &self.info);
        Some(Block { indent: self.indent.clone(), ..block })
    }
}
