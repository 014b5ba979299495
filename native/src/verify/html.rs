//! `<pre><code class="language-redis">` and `<redarium-playground>`.

use std::ops::Range;

use super::block::Block;
use super::block::common_indent;

pub fn find(text: &str) -> Vec<Block> {
    let mut blocks = playgrounds(text, text);
    let inside: Vec<Range<usize>> = blocks.iter().map(|block| block.range.clone()).collect();
    let is_redis = |tag: &str| tag.contains("language-redis") || tag.contains("highlight-redis");
    blocks.extend(
        elements(text, "code")
            .filter(|(tag, content)| {
                let own = !inside.iter().any(|range| range.contains(&content.start));
                own && is_redis(tag)
            })
            .map(|(tag, content)| block(text, tag, content)),
    );
    blocks.sort_by_key(|block| block.range.start);
    blocks
}

/// The element's transcripts, found in `searched`, which may have less to find than the file's `text`.
pub fn playgrounds(searched: &str, text: &str) -> Vec<Block> {
    elements(searched, "redarium-playground")
        .map(|(tag, content)| (tag, without_wrapping(text, content)))
        .filter(|(_, content)| !text.get(content.clone()).unwrap_or_default().trim().is_empty())
        .map(|(tag, content)| block(text, tag, content))
        .collect()
}

fn block(text: &str, tag: &str, content: Range<usize>) -> Block {
    let inner = text.get(content.clone()).unwrap_or_default();
    // A line that follows the tag on its own line is where the transcript begins.
    let mut block = Block::new(text, content.clone(), tag.trim_end_matches(['>', '/']));
    block.indent = common_indent(
        inner
            .split_once('\n')
            .map_or(inner, |(first, rest)| if first.trim().is_empty() { rest } else { inner }),
    );
    block.entities = true;
    if inner.contains('<') {
        block.setup = Err("markup inside the transcript".into());
    }
    block
}

/// The tag and the content of each element of this name.
fn elements<'a>(text: &'a str, name: &str) -> impl Iterator<Item = (&'a str, Range<usize>)> {
    let (open, close) = (format!("<{name}"), format!("</{name}"));
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let start = at + text.get(at..)?.find(&open)?;
            at = start + open.len();
            if !text.get(at..)?.starts_with(|c: char| c.is_whitespace() || c == '>') {
                continue;
            }
            let content = at + tag_end(text.get(at..)?)?;
            let end = content + text.get(content..)?.find(&close)?;
            at = end;
            return Some((text.get(start..content)?, content..end));
        }
    })
}

/// Behind the `>` that ends a tag: one in quotes does not.
fn tag_end(text: &str) -> Option<usize> {
    let mut quote = None;
    for (at, c) in text.char_indices() {
        match quote {
            Some(open) if c == open => quote = None,
            Some(_) => {}
            None if c == '"' || c == '\'' => quote = Some(c),
            None if c == '>' => return Some(at + 1),
            None => {}
        }
    }
    None
}

/// The element may hold a `<pre>`, and that a `<code>`.
fn without_wrapping(text: &str, mut content: Range<usize>) -> Range<usize> {
    for name in ["pre", "code"] {
        let inner = text.get(content.clone()).unwrap_or_default();
        if let Some((_, range)) = elements(inner, name).next()
            && inner.trim_start().starts_with(&format!("<{name}"))
        {
            content = content.start + range.start..content.start + range.end;
        }
    }
    content
}

pub fn decode(text: &str) -> String {
    ENTITIES.iter().rev().fold(text.to_owned(), |text, (plain, name)| text.replace(name, plain))
}

pub fn encode(text: &str) -> String {
    ENTITIES
        .iter()
        .take(WRITTEN)
        .fold(text.to_owned(), |text, (plain, name)| text.replace(plain, name))
}

/// `&` first: written first and read last.
const ENTITIES: &[(&str, &str)] = &[
    ("&", "&amp;"),
    ("<", "&lt;"),
    (">", "&gt;"),
    ("\"", "&quot;"),
    ("\"", "&#34;"),
    ("'", "&#39;"),
    ("'", "&#x27;"),
    ("'", "&apos;"),
    (" ", "&nbsp;"),
];

/// So many of them have to be written.
const WRITTEN: usize = 3;
