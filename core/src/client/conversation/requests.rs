//! Requests on the wire, read along: arrays of bulk strings, and inline lines.

use super::cutter::Cutter;
use super::words;
use crate::data::number;
use crate::limits;

/// One direction's requests; keeps its place where a piece ends within one.
#[derive(Default)]
pub(super) struct Requests {
    /// The words read so far of the request being read, each at most [`WORD_BYTES_MAX`] long.
    words: Vec<Vec<u8>>,
    /// Bulk strings still to come.
    missing: usize,
    /// A length line whose end has not come.
    line: Vec<u8>,
    bulk: Option<Bulk>,
}

/// The bulk string being read.
#[derive(Clone, Copy)]
struct Bulk {
    len: usize,
    /// Bytes still to come, the line end included.
    left: usize,
}

impl Requests {
    /// Reads on; the words of the next request that is whole, or `None` at the end of the piece or at
    /// bytes that are no request.
    pub fn next(&mut self, cutter: &mut Cutter<'_>) -> Option<Vec<Vec<u8>>> {
        while !cutter.rest().is_empty() {
            let before = cutter.rest().len();
            match self.bulk {
                Some(bulk) => self.bulk_rest(bulk, cutter),
                None => self.line(cutter)?,
            }
            debug_assert!(cutter.rest().len() < before, "reading must go on");
            if self.missing == 0 && !self.words.is_empty() {
                return Some(std::mem::take(&mut self.words));
            }
        }
        None
    }

    /// Reads a line and, after `$`, as much of the bulk as there is. `None`: no request.
    fn line(&mut self, cutter: &mut Cutter<'_>) -> Option<()> {
        let rest = cutter.rest();
        let Some(newline) = memchr::memchr(b'\n', rest) else {
            if self.line.len() + rest.len() > limits::INLINE_BYTES_MAX {
                return None;
            }
            self.line.extend_from_slice(rest);
            cutter.cut(rest.len(), || "the first bytes of a line".into());
            return Some(());
        };
        let (head, after) = rest.split_at_checked(newline + 1)?;
        let mut line = std::mem::take(&mut self.line);
        line.extend_from_slice(head);
        let line = line.trim_ascii_end();
        match line.split_first() {
            Some((b'*', count)) if self.missing == 0 => {
                self.missing = length(count)?;
                cutter.cut(head.len(), || format!("an array of {}", self.missing));
            }
            Some((b'$', len)) if self.missing > 0 => {
                self.begin_bulk(length(len)?, head.len(), after, cutter);
            }
            _ if self.missing == 0 => self.inline(line, head.len(), cutter),
            _ => return None,
        }
        Some(())
    }

    fn begin_bulk(&mut self, len: usize, head: usize, after: &[u8], cutter: &mut Cutter<'_>) {
        let there = after.len().min(len + LINE_END_BYTES);
        self.words.push(Vec::new());
        self.add_to_word(after, there.min(len));
        if there == len + LINE_END_BYTES {
            let word = self.words.last().map(Vec::as_slice).unwrap_or_default();
            cutter.cut(head + there, || format!("a bulk of {len}: {}", words::quoted(word, len)));
            self.missing -= 1;
            return;
        }
        cutter.cut(head + there, || format!("a bulk of {len} begins; the rest follows"));
        self.bulk = Some(Bulk { len, left: len + LINE_END_BYTES - there });
    }

    fn bulk_rest(&mut self, bulk: Bulk, cutter: &mut Cutter<'_>) {
        let rest = cutter.rest();
        let there = rest.len().min(bulk.left);
        self.add_to_word(rest, there.min(bulk.left.saturating_sub(LINE_END_BYTES)));
        cutter.cut(there, || format!("the rest of a bulk of {}", bulk.len));
        let left = bulk.left - there;
        self.bulk = (left > 0).then_some(Bulk { left, ..bulk });
        if left == 0 {
            self.missing -= 1;
        }
    }

    fn inline(&mut self, line: &[u8], len: usize, cutter: &mut Cutter<'_>) {
        self.words = line.split(u8::is_ascii_whitespace).map(<[u8]>::to_vec).collect();
        self.words.retain(|word| !word.is_empty());
        cutter.cut(len, || match line {
            b"" => "an empty line".into(),
            line => format!("an inline request: {}", words::quoted(line, line.len())),
        });
    }

    /// Adds the first `len` of `bytes` to the word being read, as far as it is kept.
    fn add_to_word(&mut self, bytes: &[u8], len: usize) {
        if let Some(word) = self.words.last_mut() {
            let room = WORD_BYTES_MAX.saturating_sub(word.len());
            word.extend_from_slice(bytes.get(..len.min(room)).unwrap_or_default());
        }
    }
}

fn length(digits: &[u8]) -> Option<usize> {
    let length = number::parse_i64(digits)?;
    usize::try_from(length).ok().filter(|length| *length <= limits::BULK_BYTES_MAX)
}

const LINE_END_BYTES: usize = 2;

/// How much of a word is kept: more than any label shows.
const WORD_BYTES_MAX: usize = 80;
