//! A snapshot on the wire, read along record by record.

use bytes::BytesMut;

use super::Said;
use super::Subject;
use super::cutter::Cutter;
use super::words;
use crate::persist::rdb;

/// The payload of a full synchronisation, and how far it has come.
pub(super) struct Payload {
    decoder: rdb::Decoder,
    /// False once the decoder has failed: then only the payload's end is looked for.
    readable: bool,
    /// Bytes the decoder has not consumed.
    unread: BytesMut,
    end: End,
    /// Bytes of the payload seen.
    seen: u64,
    /// Where in the payload the record being read began.
    record_start: u64,
}

/// What ends the payload.
enum End {
    /// So many bytes in all.
    Length(u64),
    /// The RDB's own end, then so many bytes of a mark the header named.
    Mark(usize),
}

impl Payload {
    /// A payload announced as `$<length>`.
    pub fn of_length(length: i64) -> Self {
        Self::new(End::Length(u64::try_from(length).unwrap_or(0)))
    }

    /// A payload announced as `$EOF:<mark>`.
    pub fn until_mark(mark: &[u8]) -> Self {
        Self::new(End::Mark(mark.len()))
    }

    fn new(end: End) -> Self {
        let decoder = rdb::Decoder::new(rdb::ReadOptions::default());
        let unread = BytesMut::new();
        Self { decoder, readable: true, unread, end, seen: 0, record_start: 0 }
    }

    pub fn is_finished(&self) -> bool {
        match self.end {
            End::Length(length) => self.seen >= length,
            End::Mark(left) => left == 0,
        }
    }

    /// Reads as much of the payload as the piece holds.
    pub fn read(&mut self, cutter: &mut Cutter<'_>) -> Said {
        let before = self.seen;
        match self.end {
            End::Mark(left) if self.decoder.is_finished() => self.read_mark(left, cutter),
            End::Length(length) => {
                let left = usize::try_from(length - self.seen).unwrap_or(usize::MAX);
                self.read_records(left, cutter);
            }
            End::Mark(_) => self.read_records(usize::MAX, cutter),
        }
        let label = format!("RDB {} B", self.seen - before);
        Said { subject: Subject::Rdb, minor: before > 0, label, why: words::WHY_SNAPSHOT }
    }

    fn read_mark(&mut self, left: usize, cutter: &mut Cutter<'_>) {
        let there = cutter.rest().len().min(left);
        cutter.cut(there, || "the mark that ends the snapshot".into());
        self.seen += there as u64;
        self.end = End::Mark(left - there);
    }

    /// Cuts up to `left` bytes at the records' ends.
    fn read_records(&mut self, left: usize, cutter: &mut Cutter<'_>) {
        let rest = cutter.rest();
        let bytes = rest.get(..left.min(rest.len())).unwrap_or(rest);
        if self.readable {
            self.unread.extend_from_slice(bytes);
        }
        let end = self.seen + bytes.len() as u64;
        while let Some(meaning) = self.next_record() {
            self.cut_to(self.decoder.consumed(), meaning, cutter);
            self.record_start = self.seen;
        }
        // The end mark follows the RDB's end within the same piece.
        let finished_early = matches!(self.end, End::Mark(_)) && self.decoder.is_finished();
        if !finished_early {
            let meaning = match (self.readable, self.record_start < self.seen) {
                (false, _) => "bytes that are no RDB",
                (true, true) => "more of a record; it goes on in the next packet",
                (true, false) => "a record begins; it goes on in the next packet",
            };
            self.cut_to(end, meaning.into(), cutter);
        }
    }

    fn next_record(&mut self) -> Option<String> {
        if !self.readable {
            return None;
        }
        match self.decoder.next(&mut self.unread) {
            Ok(item) => item.map(|item| words::record(&item)),
            Err(_) => {
                self.readable = false;
                self.unread = BytesMut::new();
                None
            }
        }
    }

    /// Cuts from where the piece was cut last up to this position of the payload.
    fn cut_to(&mut self, position: u64, meaning: String, cutter: &mut Cutter<'_>) {
        let len = usize::try_from(position.saturating_sub(self.seen)).unwrap_or(usize::MAX);
        cutter.cut(len, || meaning);
        self.seen = self.seen.max(position);
    }
}
