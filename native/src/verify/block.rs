//! A transcript where it stands in a file, and how to get from one to the other.

use std::ops::Range;

use redarium_core::transcript::Setup;
use redarium_core::transcript::read_setup;

use super::asciidoc;
use super::files::Format;
use super::html;
use super::markdown;

/// A stretch of whole lines, or of a tag's content, that may be a transcript.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// Where its content is in the file, in bytes.
    pub range: Range<usize>,
    /// Of its first line, counted from 1.
    pub line: usize,
    /// What each line begins with that is not the transcript's.
    pub indent: String,
    /// `<`, `>` and `&` are written as entities.
    pub entities: bool,
    /// What the markup around it says.
    pub setup: Result<Setup, String>,
    /// The markup says to leave it alone.
    pub skipped: bool,
}

impl Block {
    /// A block as its markup `about` describes it.
    pub fn new(text: &str, range: Range<usize>, about: &str) -> Self {
        let words = about.replace("data-", "");
        Self {
            line: 1 + text.get(..range.start).unwrap_or_default().matches('\n').count(),
            range,
            indent: String::new(),
            entities: false,
            setup: read_setup(&words),
            skipped: words.split(|c: char| !c.is_alphanumeric()).any(|word| word == "skip"),
        }
    }

    /// The transcript without what is the file's: indentation and entities.
    pub fn transcript(&self, text: &str) -> String {
        let content = text.get(self.range.clone()).unwrap_or_default();
        let lines = content.lines().map(|line| match line.strip_prefix(&self.indent) {
            Some(line) => line,
            None => line.trim_start(),
        });
        let mut plain: String = lines.flat_map(|line| [line, "\n"]).collect();
        if self.entities {
            plain = html::decode(&plain);
        }
        plain
    }

    /// Lines of a transcript as they stand in the file.
    pub fn written(&self, lines: &[String]) -> String {
        let mut written = String::new();
        for (index, line) in lines.iter().enumerate() {
            if index > 0 {
                written.push('\n');
            }
            if !line.is_empty() {
                written.push_str(&self.indent);
            }
            match self.entities {
                true => written.push_str(&html::encode(line)),
                false => written.push_str(line),
            }
        }
        written
    }
}

/// All blocks of a file that are said to be Redis, in order.
pub fn find(format: Format, text: &str) -> Vec<Block> {
    match format {
        Format::Markdown => markdown::find(text),
        Format::Html => html::find(text),
        Format::AsciiDoc => asciidoc::find(text),
    }
}

/// What all lines that are not empty begin with.
pub fn common_indent(content: &str) -> String {
    let mut indents = content
        .lines()
        .filter(|line| !line.trim().is_empty())
        .map(|line| line.get(..line.len() - line.trim_start().len()).unwrap_or_default());
    let Some(first) = indents.next() else { return String::new() };
    let common = indents.fold(first, |common, indent| {
        let same = common.bytes().zip(indent.bytes()).take_while(|(a, b)| a == b).count();
        common.get(..same).unwrap_or_default()
    });
    common.to_owned()
}

/// The lines of a text with where each begins; without their ends.
pub fn lines_at(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    text.split_inclusive('\n').map(move |line| {
        let start = at;
        at += line.len();
        (start, line.trim_end_matches(['\n', '\r']))
    })
}
