//! What redis-cli shows of a connection that has become a replica's: SYNC or PSYNC was typed.
//!
//! The snapshot is counted and thrown away; the commands after it are printed as they come, one
//! a line, as comma-separated words. The texts are redis-cli 7's.

use bytes::Buf;
use bytes::BytesMut;

use super::decode::DecodeError;
use super::decode::Decoder;
use super::decode::take_line;
use super::value::Value;
use crate::data::number;
use crate::resp::quote;

/// The stream of a master, from its first answer on.
#[derive(Clone, Debug, Default)]
pub(super) struct Follower {
    stage: Stage,
    decoder: Decoder,
}

#[derive(Clone, Debug, Default)]
enum Stage {
    /// The answer to PSYNC, or the head of the snapshot at once.
    #[default]
    Answer,
    Head,
    /// So many bytes of the snapshot are still to come.
    Sized(u64),
    /// The snapshot ends with this mark.
    Marked(Vec<u8>),
    Commands,
}

/// What there is to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Followed {
    Text(Vec<u8>),
    /// There will be no stream: the error instead of it.
    Refused(Vec<u8>),
}

impl Follower {
    /// The next thing to show, consumed from the head of `received`; `None` until more arrives.
    ///
    /// # Errors
    /// When the bytes are no master's.
    pub fn next(&mut self, received: &mut BytesMut) -> Result<Option<Followed>, DecodeError> {
        while !received.is_empty() {
            match &mut self.stage {
                Stage::Answer | Stage::Head => {
                    let Some(line) = take_line(received)? else { break };
                    if let Some(shown) = self.line(&line)? {
                        return Ok(Some(shown));
                    }
                }
                Stage::Sized(left) => {
                    let there = received.len().min(usize::try_from(*left).unwrap_or(usize::MAX));
                    received.advance(there);
                    *left -= there as u64;
                    if *left == 0 {
                        return Ok(Some(self.done()));
                    }
                }
                Stage::Marked(mark) => match find(received, mark) {
                    Some(at) => {
                        received.advance(at + mark.len());
                        return Ok(Some(self.done()));
                    }
                    None => {
                        // The end may be the mark's beginning.
                        received.advance((received.len() + 1).saturating_sub(mark.len()));
                        break;
                    }
                },
                Stage::Commands => {
                    let Some(value) = self.decoder.next(received)? else { break };
                    return Ok(Some(Followed::Text(words(&value))));
                }
            }
        }
        Ok(None)
    }

    /// A line before the snapshot. Those without text say that the master is still at it.
    fn line(&mut self, line: &[u8]) -> Result<Option<Followed>, DecodeError> {
        let is_answer = matches!(self.stage, Stage::Answer);
        if let Some(error) = line.strip_prefix(b"-") {
            return Ok(Some(Followed::Refused(error.to_vec())));
        }
        if let Some(mark) = line.strip_prefix(b"$EOF:") {
            self.stage = Stage::Marked(mark.to_vec());
            return Ok(Some(self.begun("until EOF marker")));
        }
        if let Some(length) = line.strip_prefix(b"$") {
            let length = number::parse_i64(length).and_then(|length| u64::try_from(length).ok());
            let length = length.ok_or(DecodeError::BadNumber)?;
            self.stage = Stage::Sized(length);
            let text = format!("SYNC with master, discarding {length} bytes of bulk transfer...\n");
            return Ok(Some(Followed::Text([ENTERING, text.as_bytes()].concat())));
        }
        if is_answer && line.starts_with(b"+CONTINUE") {
            self.stage = Stage::Commands;
            return Ok(Some(Followed::Text([ENTERING, DONE].concat())));
        }
        if is_answer && line.starts_with(b"+FULLRESYNC") {
            self.stage = Stage::Head;
        } else if let Some(first) = line.first() {
            return Err(DecodeError::UnknownKind(*first));
        }
        Ok(None)
    }

    fn begun(&self, how: &str) -> Followed {
        let text = format!("SYNC with master, discarding bytes of bulk transfer {how}...\n");
        Followed::Text([ENTERING, text.as_bytes()].concat())
    }

    fn done(&mut self) -> Followed {
        self.stage = Stage::Commands;
        Followed::Text(DONE.to_vec())
    }
}

fn find(bytes: &[u8], mark: &[u8]) -> Option<usize> {
    bytes.windows(mark.len().max(1)).position(|window| window == mark)
}

/// A command as redis-cli lists it; what else a master says, as it is.
fn words(value: &Value) -> Vec<u8> {
    let mut out = Vec::new();
    let words = match value {
        Value::Array(words) => words.as_slice(),
        other => std::slice::from_ref(other),
    };
    for word in words {
        if !out.is_empty() {
            out.push(b',');
        }
        quote(word.as_text().unwrap_or_default(), &mut out);
    }
    out.push(b'\n');
    out
}

const ENTERING: &[u8] = b"Entering replica output mode...  (press Ctrl-C to quit)\n";
const DONE: &[u8] = b"SYNC done. Logging commands from master.\n";

#[cfg(test)]
mod tests {
    use super::*;

    /// What is shown of these bytes, whole and byte by byte.
    fn check(wire: &str, expect: &str) {
        for step in [wire.len(), 1, 7] {
            let (mut follower, mut received) = (Follower::default(), BytesMut::new());
            let mut shown = Vec::new();
            for piece in wire.as_bytes().chunks(step) {
                received.extend_from_slice(piece);
                loop {
                    match follower.next(&mut received) {
                        Ok(Some(Followed::Text(text))) => shown.extend(text),
                        Ok(Some(Followed::Refused(text))) => {
                            shown.extend([b"!", &text[..]].concat())
                        }
                        Ok(None) => break,
                        Err(error) => {
                            shown.extend(format!("{error:?}").bytes());
                            received.clear();
                        }
                    }
                }
            }
            let expect = expect.replace("ENTERING\n", std::str::from_utf8(ENTERING).unwrap());
            assert_eq!(String::from_utf8_lossy(&shown), expect, "{wire:?} by {step}");
        }
    }

    #[test]
    fn shows_what_redis_cli_shows() {
        let set = "*3\r\n$3\r\nSET\r\n$1\r\na\r\n$3\r\nb c\r\n";
        let sized = "ENTERING\nSYNC with master, discarding 4 bytes of bulk transfer...\n\
                     SYNC done. Logging commands from master.\n\"SET\",\"a\",\"b c\"\n";
        check(&format!("+FULLRESYNC x 0\r\n\n\n$4\r\nREDI{set}"), sized);
        check(&format!("$4\r\nREDI{set}"), sized);
        let mark = "0123456789012345678901234567890123456789";
        check(
            &format!("+FULLRESYNC x 0\r\n$EOF:{mark}\r\nREDIS01234{mark}{set}"),
            &sized.replace("4 bytes of bulk transfer", "bytes of bulk transfer until EOF marker"),
        );
        check(
            &format!("+CONTINUE x\r\n{set}"),
            "ENTERING\nSYNC done. Logging commands from master.\n\"SET\",\"a\",\"b c\"\n",
        );
        check("-NOMASTERLINK no\r\n", "!NOMASTERLINK no");
        check("$x\r\n", "BadNumber");
    }
}
