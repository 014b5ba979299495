//! Named stretches of a file's bytes, and the walk that finds them.
//!
//! A walk goes over bytes it does not trust: what is not there ends it, and the rest is named as
//! damaged. Its work and its spans are bounded, however many elements the bytes claim.

use std::fmt::Display;

use crate::resp;

/// What a stretch of bytes is. One that stands inside another comes after it and has a higher level.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    pub start: usize,
    pub end: usize,
    pub level: u8,
    pub kind: SpanKind,
    /// In words, with what the bytes decode to.
    pub text: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpanKind {
    /// What begins a file, a record or a part of one: signature, opcode, type.
    Opcode,
    Length,
    Encoding,
    Key,
    Value,
    /// A number that is no part of the data: a time, a count.
    Fact,
    Checksum,
    /// Several spans that belong together.
    Group,
    Damaged,
}

impl SpanKind {
    pub fn name(self) -> &'static str {
        match self {
            Self::Opcode => "opcode",
            Self::Length => "length",
            Self::Encoding => "encoding",
            Self::Key => "key",
            Self::Value => "value",
            Self::Fact => "fact",
            Self::Checksum => "checksum",
            Self::Group => "group",
            Self::Damaged => "damaged",
        }
    }
}

/// Goes over bytes and names what it has passed.
pub(super) struct Walk<'b> {
    bytes: &'b [u8],
    /// Where the bytes that belong to what is being read end.
    end: usize,
    at: usize,
    /// Up to here every byte has a name: what was taken and turned out to make no sense has none.
    named: usize,
    level: u8,
    spans_max: usize,
    pub spans: Vec<Span>,
}

impl<'b> Walk<'b> {
    pub fn new(bytes: &'b [u8], spans_max: usize) -> Self {
        Self { bytes, end: bytes.len(), at: 0, named: 0, level: 0, spans_max, spans: Vec::new() }
    }

    pub fn at(&self) -> usize {
        self.at
    }

    pub fn rest(&self) -> &'b [u8] {
        self.bytes.get(self.at..self.end).unwrap_or_default()
    }

    /// Whether there is something left, and room to name it.
    pub fn goes_on(&self) -> bool {
        self.at < self.end && self.spans.len() < self.spans_max
    }

    pub fn take(&mut self, count: usize) -> Option<&'b [u8]> {
        let taken = self.rest().get(..count)?;
        self.at += count;
        Some(taken)
    }

    pub fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    /// Names the bytes from `start` up to here.
    pub fn name(&mut self, kind: SpanKind, start: usize, text: impl Into<String>) {
        let (end, level) = (self.at, self.level);
        if kind != SpanKind::Group {
            self.named = end;
        }
        self.spans.push(Span { start, end, level, kind, text: text.into() });
    }

    /// Names the next so many bytes.
    pub fn take_named(
        &mut self,
        kind: SpanKind,
        count: usize,
        text: impl Into<String>,
    ) -> Option<()> {
        let start = self.at;
        self.take(count)?;
        self.name(kind, start, text);
        Some(())
    }

    /// A number of so many bytes, the least significant first.
    pub fn number(&mut self, kind: SpanKind, bytes: usize, what: impl Display) -> Option<u64> {
        let start = self.at;
        let taken = self.take(bytes)?;
        let number = taken.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte));
        self.name(kind, start, format!("{what}: {number}"));
        Some(number)
    }

    /// What `inside` names is a part of one thing. `None` when `inside` came to an end of the bytes.
    pub fn group(
        &mut self,
        text: impl Into<String>,
        inside: impl FnOnce(&mut Self) -> Option<()>,
    ) -> Option<()> {
        let (start, index) = (self.at, self.spans.len());
        self.name(SpanKind::Group, start, text);
        self.level += 1;
        let done = inside(self);
        self.level -= 1;
        let end = if done.is_some() { self.at } else { self.end };
        if let Some(span) = self.spans.get_mut(index) {
            span.end = end;
        }
        done
    }

    /// As `group`, of the next `length` bytes and no others: what `inside` leaves of them gets a name too.
    pub fn within(
        &mut self,
        length: usize,
        text: impl Into<String>,
        inside: impl FnOnce(&mut Self),
    ) -> Option<()> {
        let end = self.at.checked_add(length).filter(|end| *end <= self.end)?;
        let outer = std::mem::replace(&mut self.end, end);
        self.group(text, |walk| {
            inside(walk);
            walk.leave_rest("what makes no sense here");
            Some(())
        });
        self.end = outer;
        Some(())
    }

    /// Names what is left: there is more than is shown, or it makes no sense.
    pub fn leave_rest(&mut self, makes_no_sense: &str) {
        self.at = self.named;
        let left = self.end.saturating_sub(self.at);
        let (kind, text) = match self.spans.len() < self.spans_max {
            true => (SpanKind::Damaged, makes_no_sense),
            false => (SpanKind::Value, "the rest"),
        };
        if left > 0 {
            self.take_named(kind, left, text);
        }
    }
}

/// Bytes as they can be read: quoted, and the beginning of long ones.
pub(super) fn shown(bytes: &[u8]) -> String {
    let mut text = Vec::new();
    resp::quote(bytes.get(..BYTES_SHOWN).unwrap_or(bytes), &mut text);
    let more = if bytes.len() > BYTES_SHOWN { "\u{2026}" } else { "" };
    String::from_utf8_lossy(&text).into_owned() + more
}

const BYTES_SHOWN: usize = 60;
