//! `[source,redis]` before a listing between lines of dashes or dots.

use super::block::Block;
use super::block::lines_at;

pub fn find(text: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut about: Option<&str> = None;
    let mut open: Option<(&str, usize, Option<&str>)> = None;
    for (start, line) in lines_at(text) {
        let line = line.trim_end();
        match open {
            Some((delimiter, content, about)) if line == delimiter => {
                blocks.extend(about.map(|about| Block::new(text, content..start, about)));
                open = None;
            }
            Some(_) => {}
            None if is_delimiter(line) => {
                open = Some((line, start + line.len() + 1, about.take()));
            }
            None if is_redis(line) => about = Some(line),
            // A title may stand between the two.
            None if line.starts_with('.') => {}
            None => about = None,
        }
    }
    blocks
}

fn is_delimiter(line: &str) -> bool {
    line.len() >= 4 && ["-", "."].iter().any(|mark| line.replace(mark, "").is_empty())
}

fn is_redis(line: &str) -> bool {
    let Some(inner) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) else {
        return false;
    };
    let mut words = inner.split(',').map(str::trim);
    let style = words.next().unwrap_or_default();
    (style.is_empty() || style.starts_with("source")) && words.next() == Some("redis")
}
