//! Reading along on the link between a replica and its master.
//!
//! Fed with what each side sends, in order and however it was cut, a
//! conversation says of every piece what it is: handshake, +FULLRESYNC or +CONTINUE,
//! a snapshot record by record, the command stream with the offsets it
//! covers, acknowledgements. The parts of a piece cover it without gaps, and bytes
//! nobody can make sense of are a part of their own: reading never fails.

mod cutter;
mod from_master;
mod payload;
mod requests;
mod words;

use std::ops::Range;

use self::cutter::Cutter;
use self::from_master::FromMaster;
use self::requests::Requests;
use crate::data::number;

pub use self::cutter::Part;

/// One connection from a replica to its master.
pub struct Conversation {
    requests: Requests,
    from_master: FromMaster,
}

/// What one piece of the conversation says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    pub subject: Subject,
    /// The shortest useful name: `PSYNC ? -1`, `SET k v`, `RDB 214 B`, `ACK 1234`.
    pub label: String,
    /// Why these bytes were sent, in one sentence.
    pub why: &'static str,
    /// Offsets of the stream's bytes in this piece, the first up to one past the last. The stream's
    /// byte n is the one that makes `master_repl_offset` n.
    pub offsets: Option<Range<u64>>,
    pub parts: Vec<Part>,
}

/// What a piece is about, the least telling first: a piece with several is named by the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// PING, AUTH, REPLCONF, and the replies to them.
    Handshake,
    /// The heartbeat in the stream, and the newlines before a snapshot.
    Ping,
    /// REPLCONF GETACK and REPLCONF ACK.
    Ack,
    Stream,
    /// PSYNC and the answer to it.
    Sync,
    Rdb,
}

/// One thing that was said whole within a piece.
struct Said {
    subject: Subject,
    /// Of less interest than its neighbours: SELECT before a write.
    minor: bool,
    label: String,
    why: &'static str,
}

impl Conversation {
    pub fn new() -> Self {
        Self { requests: Requests::default(), from_master: FromMaster::new() }
    }

    /// Reads what the replica sent.
    pub fn read_to_master(&mut self, bytes: &[u8]) -> Reading {
        let mut cutter = Cutter::new(bytes);
        let mut said = Vec::new();
        while let Some(request) = self.requests.next(&mut cutter) {
            if let [name, _, offset] = request.as_slice()
                && name.eq_ignore_ascii_case(b"PSYNC")
            {
                self.from_master.expect_offset(asked_offset(offset));
            }
            said.push(words::from_replica(&request));
        }
        reading(said, cutter.finish(), Subject::Handshake, None)
    }

    /// Reads what the master sent.
    pub fn read_to_replica(&mut self, bytes: &[u8]) -> Reading {
        let mut cutter = Cutter::new(bytes);
        let mut said = Vec::new();
        let before = self.from_master.stream_offset();
        while self.from_master.step(&mut cutter, &mut said) {}
        let after = self.from_master.stream_offset();
        let offsets = after.map(|after| before.unwrap_or(self.from_master.stream_start())..after);
        let offsets = offsets.filter(|range| !range.is_empty());
        reading(said, cutter.finish(), self.from_master.subject(), offsets)
    }
}

impl Default for Conversation {
    fn default() -> Self {
        Self::new()
    }
}

/// What the replica asks to go on from; nothing when it asks for everything.
fn asked_offset(offset: &[u8]) -> Option<u64> {
    number::parse_i64(offset).and_then(|offset| u64::try_from(offset).ok())
}

/// Names a piece by the most telling thing in it, and counts the rest.
fn reading(
    said: Vec<Said>,
    parts: Vec<Part>,
    otherwise: Subject,
    offsets: Option<Range<u64>>,
) -> Reading {
    let others = said.len().saturating_sub(1);
    let first_of_best = said.into_iter().rev().max_by_key(|said| (said.subject, !said.minor));
    let Some(Said { subject, mut label, why, .. }) = first_of_best else {
        let label = "(continued)".into();
        return Reading { subject: otherwise, label, why: words::WHY_CONTINUED, offsets, parts };
    };
    if others > 0 {
        label.push_str(&format!(" +{others}"));
    }
    Reading { subject, label, why, offsets, parts }
}

#[cfg(test)]
mod tests;
