//! How the payload of a full synchronisation is framed on the wire.
//!
//! A disk-backed master announces a length, `$<bytes>\r\n`; a diskless one sends
//! `$EOF:<40 bytes>\r\n`, the payload, and the same 40 bytes again. Before either,
//! line feeds are signs of life. Nothing follows the payload.

use bytes::Buf;
use bytes::BytesMut;

use crate::data::number;
use crate::limits;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransferKind {
    Sized(u64),
    Marked([u8; 40]),
}

/// Why a payload's announcement can't be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TransferError {
    /// The master's own error line.
    Aborted(String),
    BadProtocol(String),
}

impl std::fmt::Display for TransferError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Aborted(line) => {
                write!(f, "MASTER aborted replication with an error: {line}")
            }
            Self::BadProtocol(line) => write!(
                f,
                "Bad protocol from MASTER, the first byte is not '$' (we received '{line}'), are you sure the host and port are right?"
            ),
        }
    }
}

impl TransferKind {
    /// Reads the announcement at the head of `buffer`; `None` while it is not whole.
    ///
    /// # Errors
    /// When the line is no announcement.
    pub fn read(buffer: &mut BytesMut) -> Result<Option<Self>, TransferError> {
        while buffer.first() == Some(&b'\n') {
            buffer.advance(1);
        }
        let Some(newline) = memchr::memchr(b'\n', buffer) else {
            return match buffer.len() > limits::INLINE_BYTES_MAX {
                true => Err(TransferError::BadProtocol(lossy(buffer))),
                false => Ok(None),
            };
        };
        let line = buffer.split_to(newline + 1);
        let line = line.trim_ascii_end();
        match line {
            [b'-', ..] => Err(TransferError::Aborted(lossy(line))),
            [b'$', b'E', b'O', b'F', b':', mark @ ..] => match mark.try_into() {
                Ok(mark) => Ok(Some(Self::Marked(mark))),
                Err(_) => Err(TransferError::BadProtocol(lossy(line))),
            },
            [b'$', digits @ ..] => {
                let length = number::parse_i64(digits).and_then(|n| u64::try_from(n).ok());
                match length {
                    Some(length) => Ok(Some(Self::Sized(length))),
                    None => Err(TransferError::BadProtocol(lossy(line))),
                }
            }
            _ => Err(TransferError::BadProtocol(lossy(line))),
        }
    }
}

fn lossy(line: &[u8]) -> String {
    String::from_utf8_lossy(line.get(..LINE_BYTES_SHOWN).unwrap_or(line)).into_owned()
}

/// How much of a bad line the log shows.
const LINE_BYTES_SHOWN: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;

    fn begin(bytes: &str) -> (Result<Option<TransferKind>, TransferError>, String) {
        let mut buffer = BytesMut::from(bytes);
        let result = TransferKind::read(&mut buffer);
        (result, String::from_utf8(buffer.to_vec()).unwrap())
    }

    #[test]
    fn reads_both_announcements() {
        assert_eq!(begin("\n\n$88\r\nREDIS"), (Ok(Some(TransferKind::Sized(88))), "REDIS".into()));
        let mark = "0123456789012345678901234567890123456789";
        let (kind, rest) = begin(&format!("$EOF:{mark}\r\nR"));
        assert_eq!(kind, Ok(Some(TransferKind::Marked(mark.as_bytes().try_into().unwrap()))));
        assert_eq!(rest, "R");
        assert_eq!(begin("$88\r"), (Ok(None), "$88\r".into()));
        assert_eq!(begin("\n"), (Ok(None), String::new()));
    }

    #[test]
    fn refuses_other_lines() {
        for line in ["$-1\r\n", "$x\r\n", "$EOF:short\r\n", "+OK\r\n", "REDIS0009\n"] {
            assert!(matches!(begin(line).0, Err(TransferError::BadProtocol(_))), "{line:?}");
        }
        assert!(matches!(begin("-ERR x\r\n").0, Err(TransferError::Aborted(_))));
    }
}
