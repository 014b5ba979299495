//! What a master sends: replies to the handshake, then a snapshot, then the stream.

use super::Said;
use super::Subject;
use super::cutter::Cutter;
use super::payload::Payload;
use super::requests::Requests;
use super::words;
use crate::data::number;
use crate::limits;

/// The master's side, and where it stands.
pub(super) struct FromMaster {
    phase: Phase,
    /// A line whose end has not come.
    line: Vec<u8>,
    requests: Requests,
    /// What PSYNC asked for: where +CONTINUE goes on.
    asked: Option<u64>,
    /// The stream's first byte on this connection, and the next one to come.
    start: u64,
    next: u64,
}

enum Phase {
    /// Replies to the handshake, up to +FULLRESYNC or +CONTINUE.
    Replies,
    /// Newlines, until the snapshot's length or mark comes.
    Header,
    Payload(Box<Payload>),
    Stream,
}

impl FromMaster {
    pub fn new() -> Self {
        Self {
            phase: Phase::Replies,
            line: Vec::new(),
            requests: Requests::default(),
            asked: None,
            start: 0,
            next: 0,
        }
    }

    /// The replica asked to go on from here, or for everything.
    pub fn expect_offset(&mut self, asked: Option<u64>) {
        self.asked = asked;
    }

    /// The offset of the stream's next byte, once the stream has begun.
    pub fn stream_offset(&self) -> Option<u64> {
        matches!(self.phase, Phase::Stream).then_some(self.next)
    }

    pub fn stream_start(&self) -> u64 {
        self.start
    }

    /// What a piece is about in which nothing is whole.
    pub fn subject(&self) -> Subject {
        match self.phase {
            Phase::Replies => Subject::Handshake,
            Phase::Header => Subject::Ping,
            Phase::Payload(_) => Subject::Rdb,
            Phase::Stream => Subject::Stream,
        }
    }

    /// Reads one thing; false at the end of the piece, or at bytes that make no sense.
    pub fn step(&mut self, cutter: &mut Cutter<'_>, said: &mut Vec<Said>) -> bool {
        if cutter.rest().is_empty() {
            return false;
        }
        match &mut self.phase {
            Phase::Replies => self.reply(cutter, said),
            Phase::Header => self.header(cutter, said),
            Phase::Stream => self.stream(cutter, said),
            Phase::Payload(payload) => {
                said.push(payload.read(cutter));
                if payload.is_finished() {
                    self.phase = Phase::Stream;
                }
                true
            }
        }
    }

    fn reply(&mut self, cutter: &mut Cutter<'_>, said: &mut Vec<Said>) -> bool {
        let Some(line) = self.line(cutter) else { return !cutter.rest().is_empty() };
        if line.is_empty() {
            said.push(words::keepalive());
            return true;
        }
        let mut fields = line.split(|byte| *byte == b' ');
        match fields.next() {
            Some(b"+FULLRESYNC") => {
                let offset = fields.nth(1).and_then(super::asked_offset).unwrap_or(0);
                self.begin_at(offset.saturating_add(1));
                self.phase = Phase::Header;
            }
            Some(b"+CONTINUE") => {
                self.begin_at(self.asked.unwrap_or(1));
                self.phase = Phase::Stream;
            }
            _ => {}
        }
        said.push(words::reply(&line));
        true
    }

    fn header(&mut self, cutter: &mut Cutter<'_>, said: &mut Vec<Said>) -> bool {
        let Some(line) = self.line(cutter) else { return !cutter.rest().is_empty() };
        if line.is_empty() {
            said.push(words::keepalive());
            return true;
        }
        let payload = match line.strip_prefix(b"$EOF:") {
            Some(mark) => Some(Payload::until_mark(mark)),
            None => line.strip_prefix(b"$").and_then(number::parse_i64).map(Payload::of_length),
        };
        match payload {
            Some(payload) => self.phase = Phase::Payload(Box::new(payload)),
            None => said.push(words::reply(&line)),
        }
        true
    }

    fn stream(&mut self, cutter: &mut Cutter<'_>, said: &mut Vec<Said>) -> bool {
        let before = cutter.rest().len();
        if let Some(request) = self.requests.next(cutter) {
            said.push(words::from_master(&request));
        }
        let read = before - cutter.rest().len();
        self.next += read as u64;
        read > 0
    }

    fn begin_at(&mut self, offset: u64) {
        self.start = offset;
        self.next = offset;
    }

    /// The line at the head of the piece without its end, as one part; `None` until its end comes.
    fn line(&mut self, cutter: &mut Cutter<'_>) -> Option<Vec<u8>> {
        let rest = cutter.rest();
        let newline = memchr::memchr(b'\n', rest);
        let len = newline.map_or(rest.len(), |newline| newline + 1);
        if self.line.len() + len <= limits::INLINE_BYTES_MAX {
            self.line.extend_from_slice(rest.get(..len).unwrap_or_default());
        }
        if newline.is_none() {
            cutter.cut(len, || "the first bytes of a line".into());
            return None;
        }
        let line = std::mem::take(&mut self.line).trim_ascii_end().to_vec();
        cutter.cut(len, || words::line_meaning(&line));
        Some(line)
    }
}
