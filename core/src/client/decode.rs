//! The reply decoder: RESP2 and RESP3 from a growing buffer into a [`Value`] tree.
//!
//! It keeps its place, so a reply that arrives byte by byte is read once, and
//! it allocates for bytes that have arrived, never on the word of a length.
//! Depth and lengths are bounded; no input makes it panic. Attributes (`|`)
//! are read and dropped, as redis-cli does in RESP2 terms.

use bytes::Buf;
use bytes::BytesMut;

use super::value::Value;
use crate::data::number;
use crate::limits;

/// Why a server's bytes are not a reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecodeError {
    /// No kind of reply begins with this byte.
    UnknownKind(u8),
    BadNumber,
    LineTooLong,
    BulkTooLong,
    /// A bulk was not followed by a line end.
    MissingLineEnd,
    TooDeep,
}

/// Decodes one connection's replies.
#[derive(Clone, Debug, Default)]
pub struct Decoder {
    /// Aggregates that have begun and are not complete, outermost first.
    open: Vec<Open>,
    /// A bulk whose length has been read and whose bytes are awaited.
    bulk: Option<Bulk>,
}

#[derive(Clone, Debug)]
struct Open {
    kind: Kind,
    /// Values still to come; at least one.
    missing: usize,
    items: Vec<Value>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Array,
    Map,
    Set,
    Push,
    Attribute,
}

#[derive(Clone, Copy, Debug)]
struct Bulk {
    sigil: u8,
    len: usize,
}

/// What the head of the buffer turned out to be.
enum Token {
    Value(Value),
    /// An aggregate of so many values begins.
    Begin(Kind, usize),
}

impl Decoder {
    /// The next whole reply, consumed from the head of `buffer`; `None` until more bytes arrive.
    ///
    /// # Errors
    /// When the bytes can't be a reply; nothing more can be read from this connection.
    pub fn next(&mut self, buffer: &mut BytesMut) -> Result<Option<Value>, DecodeError> {
        while let Some(token) = self.token(buffer)? {
            let value = match token {
                Token::Value(value) => value,
                Token::Begin(Kind::Attribute, 0) => continue,
                Token::Begin(kind, 0) => kind.value(Vec::new()),
                Token::Begin(kind, missing) => {
                    self.begin(kind, missing)?;
                    continue;
                }
            };
            if let Some(whole) = self.place(value) {
                return Ok(Some(whole));
            }
        }
        Ok(None)
    }

    fn begin(&mut self, kind: Kind, missing: usize) -> Result<(), DecodeError> {
        if self.open.len() == limits::REPLY_DEPTH_MAX {
            return Err(DecodeError::TooDeep);
        }
        self.open.push(Open { kind, missing, items: Vec::new() });
        Ok(())
    }

    /// Puts a value into the innermost open aggregate and closes what that completes. Returns the
    /// value that no aggregate holds: the whole reply.
    fn place(&mut self, mut value: Value) -> Option<Value> {
        while let Some(mut innermost) = self.open.pop() {
            innermost.items.push(value);
            innermost.missing -= 1;
            if innermost.missing > 0 {
                self.open.push(innermost);
                return None;
            }
            if innermost.kind == Kind::Attribute {
                return None;
            }
            value = innermost.kind.value(innermost.items);
        }
        Some(value)
    }

    fn token(&mut self, buffer: &mut BytesMut) -> Result<Option<Token>, DecodeError> {
        if let Some(bulk) = self.bulk {
            return self.bulk_token(bulk, buffer);
        }
        let Some(line) = take_line(buffer)? else { return Ok(None) };
        let Some((&sigil, rest)) = line.split_first() else {
            return Err(DecodeError::UnknownKind(b'\r'));
        };
        let value = match sigil {
            b'+' => Value::Simple(rest.to_vec()),
            b'-' => Value::Error(rest.to_vec()),
            b':' => Value::Integer(number(rest)?),
            b',' => Value::Double(rest.to_vec()),
            b'(' => Value::BigNumber(rest.to_vec()),
            b'_' => Value::Null,
            b'#' => Value::Boolean(rest == b"t"),
            b'$' | b'=' | b'!' => {
                let Some(len) = length(rest)? else { return Ok(Some(Token::Value(Value::Null))) };
                if len > limits::BULK_BYTES_MAX {
                    return Err(DecodeError::BulkTooLong);
                }
                let bulk = Bulk { sigil, len };
                self.bulk = Some(bulk);
                return self.bulk_token(bulk, buffer);
            }
            _ => return aggregate(sigil, rest).map(Some),
        };
        Ok(Some(Token::Value(value)))
    }

    fn bulk_token(
        &mut self,
        bulk: Bulk,
        buffer: &mut BytesMut,
    ) -> Result<Option<Token>, DecodeError> {
        let Some(end) = buffer.get(bulk.len..bulk.len + 2) else { return Ok(None) };
        if end != b"\r\n" {
            return Err(DecodeError::MissingLineEnd);
        }
        self.bulk = None;
        let bytes = buffer.split_to(bulk.len).to_vec();
        buffer.advance(2);
        Ok(Some(Token::Value(match bulk.sigil {
            b'=' => Value::Verbatim(bytes.get(VERBATIM_FORMAT_BYTES..).unwrap_or(&bytes).to_vec()),
            b'!' => Value::Error(bytes),
            _ => Value::Bulk(bytes),
        })))
    }
}

impl Kind {
    fn value(self, items: Vec<Value>) -> Value {
        match self {
            Self::Array => Value::Array(items),
            Self::Set => Value::Set(items),
            Self::Push => Value::Push(items),
            Self::Map | Self::Attribute => Value::Map(pairs(items)),
        }
    }
}

fn pairs(items: Vec<Value>) -> Vec<(Value, Value)> {
    let mut items = items.into_iter();
    std::iter::from_fn(|| Some((items.next()?, items.next()?))).collect()
}

fn aggregate(sigil: u8, len: &[u8]) -> Result<Token, DecodeError> {
    let (kind, per_entry) = match sigil {
        b'*' => (Kind::Array, 1),
        b'~' => (Kind::Set, 1),
        b'>' => (Kind::Push, 1),
        b'%' => (Kind::Map, 2),
        b'|' => (Kind::Attribute, 2),
        other => return Err(DecodeError::UnknownKind(other)),
    };
    let Some(entries) = length(len)? else { return Ok(Token::Value(Value::Null)) };
    let values = entries.checked_mul(per_entry).ok_or(DecodeError::BadNumber)?;
    Ok(Token::Begin(kind, values))
}

/// The line at the head of the buffer without its end, consumed; `None` until its end arrives.
pub(super) fn take_line(buffer: &mut BytesMut) -> Result<Option<BytesMut>, DecodeError> {
    let newline = memchr::memchr(b'\n', buffer);
    // A longer line is refused even if it came in one piece: cuts must not matter.
    if newline.unwrap_or(buffer.len()) > limits::REPLY_LINE_BYTES_MAX {
        return Err(DecodeError::LineTooLong);
    }
    let Some(newline) = newline else { return Ok(None) };
    let mut line = buffer.split_to(newline + 1);
    line.truncate(newline);
    if line.last() == Some(&b'\r') {
        line.truncate(newline - 1);
    }
    Ok(Some(line))
}

fn number(digits: &[u8]) -> Result<i64, DecodeError> {
    number::parse_i64(digits).ok_or(DecodeError::BadNumber)
}

/// A length; `None` for -1, which is how RESP2 spells a null.
fn length(digits: &[u8]) -> Result<Option<usize>, DecodeError> {
    match number(digits)? {
        -1 => Ok(None),
        len @ 0..=LENGTH_MAX => Ok(usize::try_from(len).ok()),
        _ => Err(DecodeError::BadNumber),
    }
}

/// Far beyond any true reply, and a `usize` on every target.
const LENGTH_MAX: i64 = i32::MAX as i64;

/// `txt:` or `mkd:` before the text of a verbatim string.
const VERBATIM_FORMAT_BYTES: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;

    fn bulk(text: &str) -> Value {
        Value::Bulk(text.into())
    }

    /// Decodes `wire` whole and byte by byte; both must give the same values or the same error.
    fn check(wire: &[u8], expect: Result<Vec<Value>, DecodeError>) {
        for step in [wire.len().max(1), 1, 3] {
            let mut decoder = Decoder::default();
            let mut buffer = BytesMut::new();
            let mut values = Vec::new();
            let mut outcome = Ok(());
            for chunk in wire.chunks(step) {
                buffer.extend_from_slice(chunk);
                while outcome.is_ok() {
                    match decoder.next(&mut buffer) {
                        Ok(Some(value)) => values.push(value),
                        Ok(None) => break,
                        Err(error) => outcome = Err(error),
                    }
                }
            }
            let text = String::from_utf8_lossy(wire);
            assert_eq!(outcome.map(|()| values), expect, "{text:?} by {step}");
        }
    }

    #[test]
    fn decodes_every_kind() {
        use Value::{
            Array, BigNumber, Boolean, Double, Error, Integer, Map, Null, Push, Set, Simple,
            Verbatim,
        };
        check(b"", Ok(vec![]));
        check(b"+OK\r\n-ERR x\r\n", Ok(vec![Simple("OK".into()), Error("ERR x".into())]));
        check(b":-5\r\n:9223372036854775807\r\n", Ok(vec![Integer(-5), Integer(i64::MAX)]));
        check(b"$4\r\na\r\nb\r\n$0\r\n\r\n", Ok(vec![bulk("a\r\nb"), bulk("")]));
        check(b"$-1\r\n*-1\r\n_\r\n", Ok(vec![Null, Null, Null]));
        check(b"#t\r\n#f\r\n", Ok(vec![Boolean(true), Boolean(false)]));
        check(b",1.5\r\n(123\r\n", Ok(vec![Double("1.5".into()), BigNumber("123".into())]));
        check(
            b"=6\r\ntxt:hi\r\n!3\r\nE x\r\n",
            Ok(vec![Verbatim("hi".into()), Error("E x".into())]),
        );
        check(b"*0\r\n%0\r\n~0\r\n", Ok(vec![Array(vec![]), Map(vec![]), Set(vec![])]));
        check(
            b"*2\r\n*2\r\n:1\r\n*0\r\n%1\r\n+k\r\n~1\r\n$1\r\nv\r\n",
            Ok(vec![Array(vec![
                Array(vec![Integer(1), Array(vec![])]),
                Map(vec![(Simple("k".into()), Set(vec![bulk("v")]))]),
            ])]),
        );
        check(b">2\r\n+a\r\n+b\r\n", Ok(vec![Push(vec![Simple("a".into()), Simple("b".into())])]));
    }

    #[test]
    fn drops_attributes_wherever_they_stand() {
        check(b"|1\r\n+k\r\n:1\r\n+OK\r\n", Ok(vec![Value::Simple("OK".into())]));
        check(
            b"*2\r\n:1\r\n|1\r\n+k\r\n*1\r\n:9\r\n:2\r\n|0\r\n",
            Ok(vec![Value::Array(vec![Value::Integer(1), Value::Integer(2)])]),
        );
    }

    #[test]
    fn waits_for_the_rest() {
        for wire in ["$5\r\nhell", "*2\r\n:1\r\n", "+OK\r", "$3\r\nabc\r", "*1000000\r\n:1\r\n"] {
            check(wire.as_bytes(), Ok(vec![]));
        }
    }

    #[test]
    fn refuses_what_is_no_reply() {
        check(b"?\r\n", Err(DecodeError::UnknownKind(b'?')));
        check(b"\r\n", Err(DecodeError::UnknownKind(b'\r')));
        check(b":1x\r\n", Err(DecodeError::BadNumber));
        check(b"$-2\r\n", Err(DecodeError::BadNumber));
        check(b"*99999999999\r\n", Err(DecodeError::BadNumber));
        check(b"$536870913\r\n", Err(DecodeError::BulkTooLong));
        check(b"$1\r\nabcd", Err(DecodeError::MissingLineEnd));
        check(&b"*1\r\n".repeat(1000), Err(DecodeError::TooDeep));
        check(&b"+".repeat(100_000), Err(DecodeError::LineTooLong));
    }
}
