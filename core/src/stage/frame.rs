//! Where the parts of a received message lie.
//!
//! A check that fails points at the offending byte, so this tree keeps positions into the received
//! bytes instead of decoded values. It reads RESP2, which is all a stage lets a target speak, and a
//! request in the same form, since a target that is a replica sends requests.
//!
//! Lengths and nesting are bounded by [`BULK_BYTES_MAX`], [`ITEMS_MAX`] and [`DEPTH_MAX`]: the target
//! is somebody else's program.

use std::ops::Range;

/// Longest bulk string or RDB file a stage accepts, in bytes.
const BULK_BYTES_MAX: usize = 16 * 1024 * 1024;

/// Most elements of one array.
const ITEMS_MAX: usize = 64 * 1024;

/// Deepest nesting of arrays.
const DEPTH_MAX: usize = 8;

/// Longest line, in bytes.
const LINE_BYTES_MAX: usize = 64 * 1024;

/// One message or a part of one; positions are offsets from the start of the message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    pub kind: Kind,
    /// All of its bytes, line ends included.
    pub span: Range<usize>,
    /// The text it carries: a line without its marker, or the bytes of a bulk string.
    pub text: Range<usize>,
    /// The elements of an array.
    pub items: Vec<Frame>,
}

/// The kinds of message RESP2 has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Simple,
    Error,
    Integer,
    Bulk,
    NullBulk,
    Array,
    NullArray,
    /// An RDB file on a replication link.
    Payload,
}

/// Bytes that are no message, and where that shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed {
    pub at: usize,
    pub expected: &'static str,
}

type Parsed<T> = Result<Option<T>, Malformed>;

/// The message at the start of `bytes`, or `None` while it is incomplete.
pub fn message(bytes: &[u8]) -> Parsed<Frame> {
    Reader { bytes, at: 0 }.frame(0)
}

/// The RDB file at the start of `bytes` as a master sends it: line feeds that keep the link alive,
/// a length line, and as many bytes.
pub fn payload(bytes: &[u8]) -> Parsed<Frame> {
    let start = bytes.iter().take_while(|byte| **byte == b'\n').count();
    let mut reader = Reader { bytes, at: start };
    match bytes.get(start) {
        None => return Ok(None),
        Some(b'$') => {}
        Some(_) => {
            return Err(Malformed { at: start, expected: "`$` and the length of an RDB file" });
        }
    }
    let Some(line) = reader.line()? else { return Ok(None) };
    let len = reader.length(&line, BULK_BYTES_MAX)?;
    let len = len.ok_or(Malformed { at: line.start, expected: "the length of an RDB file" })?;
    let text = reader.at..reader.at + len;
    let complete = bytes.len() >= text.end;
    let frame = Frame { kind: Kind::Payload, span: start..text.end, text, items: Vec::new() };
    Ok(complete.then_some(frame))
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    fn frame(&mut self, depth: usize) -> Parsed<Frame> {
        let start = self.at;
        let Some(marker) = self.bytes.get(start) else { return Ok(None) };
        let kind = match marker {
            b'+' => Kind::Simple,
            b'-' => Kind::Error,
            b':' => Kind::Integer,
            b'$' => Kind::Bulk,
            b'*' => Kind::Array,
            _ => {
                return Err(Malformed {
                    at: start,
                    expected: "a reply that starts with one of `+-:$*`",
                });
            }
        };
        let Some(line) = self.line()? else { return Ok(None) };
        match kind {
            Kind::Bulk => self.bulk(start, line),
            Kind::Array => self.array(start, line, depth),
            _ => Ok(Some(Frame { kind, span: start..self.at, text: line, items: Vec::new() })),
        }
    }

    fn bulk(&mut self, start: usize, line: Range<usize>) -> Parsed<Frame> {
        let Some(len) = self.length(&line, BULK_BYTES_MAX)? else {
            return Ok(Some(Frame {
                kind: Kind::NullBulk,
                span: start..self.at,
                text: line,
                items: Vec::new(),
            }));
        };
        let text = self.at..self.at + len;
        for (at, wanted) in [(text.end, b'\r'), (text.end + 1, b'\n')] {
            match self.bytes.get(at) {
                None => return Ok(None),
                Some(byte) if *byte == wanted => {}
                Some(_) => {
                    return Err(Malformed {
                        at,
                        expected: "\\r\\n after the bytes of the bulk string",
                    });
                }
            }
        }
        self.at = text.end + 2;
        Ok(Some(Frame { kind: Kind::Bulk, span: start..self.at, text, items: Vec::new() }))
    }

    fn array(&mut self, start: usize, line: Range<usize>, depth: usize) -> Parsed<Frame> {
        let Some(len) = self.length(&line, ITEMS_MAX)? else {
            return Ok(Some(Frame {
                kind: Kind::NullArray,
                span: start..self.at,
                text: line,
                items: Vec::new(),
            }));
        };
        if depth >= DEPTH_MAX {
            return Err(Malformed { at: start, expected: "arrays nested less deeply" });
        }
        let mut items = Vec::new();
        for _ in 0..len {
            let Some(item) = self.frame(depth + 1)? else { return Ok(None) };
            items.push(item);
        }
        Ok(Some(Frame { kind: Kind::Array, span: start..self.at, text: line, items }))
    }

    /// The text between the marker and the line end.
    fn line(&mut self) -> Parsed<Range<usize>> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let Some(len) = rest.iter().position(|byte| *byte == b'\r') else {
            let too_long = rest.len() > LINE_BYTES_MAX;
            return if too_long {
                Err(Malformed { at: self.at, expected: "a line that ends" })
            } else {
                Ok(None)
            };
        };
        let line = self.at + 1..self.at + len;
        match rest.get(len + 1) {
            None => Ok(None),
            Some(b'\n') => {
                self.at += len + 2;
                Ok(Some(line))
            }
            Some(_) => Err(Malformed { at: line.end + 1, expected: "\\n after \\r" }),
        }
    }

    /// The length a line announces; `None` for -1.
    fn length(&self, line: &Range<usize>, max: usize) -> Result<Option<usize>, Malformed> {
        let malformed = Malformed { at: line.start, expected: "a length" };
        let digits = self.bytes.get(line.clone()).unwrap_or_default();
        if digits == b"-1" {
            return Ok(None);
        }
        if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
            return Err(malformed);
        }
        let len = std::str::from_utf8(digits).ok().and_then(|digits| digits.parse::<usize>().ok());
        len.filter(|len| *len <= max).map(Some).ok_or(malformed)
    }
}

#[cfg(test)]
mod tests {
    use super::Kind;
    use super::message;
    use super::payload;

    #[test]
    fn messages_are_found_whole_and_not_before() {
        let cases: &[(&[u8], Kind)] = &[
            (b"+PONG\r\n", Kind::Simple),
            (b"-ERR no\r\n", Kind::Error),
            (b":-12\r\n", Kind::Integer),
            (b"$3\r\nfoo\r\n", Kind::Bulk),
            (b"$0\r\n\r\n", Kind::Bulk),
            (b"$-1\r\n", Kind::NullBulk),
            (b"*2\r\n$1\r\na\r\n*1\r\n:1\r\n", Kind::Array),
            (b"*0\r\n", Kind::Array),
            (b"*-1\r\n", Kind::NullArray),
        ];
        for (bytes, kind) in cases {
            for cut in 0..bytes.len() {
                assert_eq!(message(&bytes[..cut]), Ok(None), "{bytes:?} cut at {cut}");
            }
            let frame = message(bytes).unwrap().unwrap();
            assert_eq!((frame.kind, frame.span), (*kind, 0..bytes.len()));
        }
    }

    #[test]
    fn the_place_of_the_first_wrong_byte_is_known() {
        let cases: &[(&[u8], usize)] = &[
            (b"PONG\r\n", 0),
            (b"+PONG\rx", 6),
            (b"$x\r\n", 1),
            (b"$-2\r\n", 1),
            (b"$3\r\nfooXX", 7),
            (b"*2\r\n:1\r\n?", 8),
            (b"$99999999999999999999\r\n", 1),
        ];
        for (bytes, at) in cases {
            assert_eq!(message(bytes).map_err(|malformed| malformed.at), Err(*at), "{bytes:?}");
        }
        let deep = b"*1\r\n".repeat(9);
        assert!(message(&deep).is_err());
    }

    #[test]
    fn an_rdb_file_has_no_line_end_and_may_follow_keepalives() {
        let frame = payload(b"\n\n$5\r\nREDIS+").unwrap().unwrap();
        assert_eq!((frame.span, frame.text), (2..11, 6..11));
        assert_eq!(payload(b"$5\r\nREDI"), Ok(None));
        assert_eq!(payload(b"+OK\r\n").map_err(|malformed| malformed.at), Err(0));
        assert_eq!(payload(b"$EOF:").map_err(|malformed| malformed.at), Ok(None));
    }
}
