//! Cuts one piece of a conversation into parts with a meaning.

use crate::limits;

/// A run of bytes within a piece, and what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    pub start: usize,
    pub end: usize,
    pub meaning: String,
}

/// A piece, and how far it has been cut.
pub(super) struct Cutter<'a> {
    bytes: &'a [u8],
    at: usize,
    parts: Vec<Part>,
}

impl<'a> Cutter<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0, parts: Vec::new() }
    }

    /// What has not been cut yet.
    pub fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    /// Makes the next `len` bytes a part. Parts beyond what an observer keeps of a piece are not
    /// described one by one.
    pub fn cut(&mut self, len: usize, meaning: impl FnOnce() -> String) {
        let start = self.at;
        self.at = start.saturating_add(len).min(self.bytes.len());
        match self.parts.last_mut() {
            _ if start == self.at => {}
            Some(last) if start >= limits::PACKET_BYTES_SHOWN => {
                last.end = self.at;
                last.meaning = "more of the same, not shown".into();
            }
            _ => self.parts.push(Part { start, end: self.at, meaning: meaning() }),
        }
    }

    /// The parts: the whole piece, in order and without gaps.
    pub fn finish(mut self) -> Vec<Part> {
        self.cut(self.rest().len(), || "bytes that are no RESP".into());
        self.parts
    }
}
