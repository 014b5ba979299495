//! Replies as values: RESP2 and RESP3 decoded into a tree.
//!
//! Independent of the engine's own code, which it helps to judge.

use std::fmt;

/// A decoded reply. `Null` remembers which of its three forms it had.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Value {
    Simple(Vec<u8>),
    Error(Vec<u8>),
    Integer(i64),
    Bulk(Vec<u8>),
    Null(NullForm),
    Array(Vec<Value>),
    Double(Vec<u8>),
    Boolean(bool),
    BigNumber(Vec<u8>),
    BulkError(Vec<u8>),
    Verbatim(Vec<u8>),
    Map(Vec<(Value, Value)>),
    Set(Vec<Value>),
    Push(Vec<Value>),
    Attribute(Vec<(Value, Value)>),
}

/// The bytes a null is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NullForm {
    Bulk,
    Array,
    Resp3,
}

impl Value {
    /// The first reply in `bytes` and how many bytes it takes; `None` while it is incomplete.
    ///
    /// # Errors
    ///
    /// A sentence when the bytes are no reply.
    pub fn parse(bytes: &[u8]) -> Result<Option<(Self, usize)>, String> {
        let mut reader = Reader { bytes, at: 0 };
        let value = reader.value()?;
        Ok(value.map(|value| (value, reader.at)))
    }

    pub fn is_status(&self, text: &str) -> bool {
        matches!(self, Self::Simple(bytes) if bytes == text.as_bytes())
    }

    pub fn is_error(&self) -> bool {
        matches!(self, Self::Error(_) | Self::BulkError(_))
    }

    /// Text of any kind of string, an error included.
    pub fn text(&self) -> String {
        match self {
            Self::Simple(bytes)
            | Self::Error(bytes)
            | Self::Bulk(bytes)
            | Self::Verbatim(bytes) => String::from_utf8_lossy(bytes).into_owned(),
            other => panic!("not a text: {other:?}"),
        }
    }

    pub fn integer(&self) -> i64 {
        match self {
            Self::Integer(number) => *number,
            other => panic!("not an integer: {other:?}"),
        }
    }

    /// The elements of an array, a set or a push.
    pub fn items(&self) -> &[Self] {
        match self {
            Self::Array(items) | Self::Set(items) | Self::Push(items) => items,
            other => panic!("not an array: {other:?}"),
        }
    }

    /// The value with the elements of each array and set, and the pairs of each map, in order: for
    /// replies that promise no order.
    pub fn sorted(self) -> Self {
        let sort = |items: Vec<Self>| {
            let mut items: Vec<Self> = items.into_iter().map(Self::sorted).collect();
            items.sort();
            items
        };
        match self {
            Self::Array(items) => Self::Array(sort(items)),
            Self::Set(items) => Self::Set(sort(items)),
            Self::Map(mut pairs) => {
                pairs.sort();
                Self::Map(pairs)
            }
            other => other,
        }
    }

    /// The value as pairs in order, whether they stand in a map or in a flat array.
    pub fn in_pairs(self) -> Self {
        match self {
            Self::Map(mut pairs) => {
                pairs.sort();
                Self::Map(pairs)
            }
            Self::Array(items) => {
                let mut pairs: Vec<Self> =
                    items.chunks(2).map(|pair| Self::Array(pair.to_vec())).collect();
                pairs.sort();
                Self::Array(pairs)
            }
            other => other,
        }
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Simple(text) => write!(f, "+{}", text.escape_ascii()),
            Self::Error(text) => write!(f, "-{}", text.escape_ascii()),
            Self::Integer(number) => write!(f, ":{number}"),
            Self::Bulk(text) => write!(f, "\"{}\"", text.escape_ascii()),
            Self::Null(form) => write!(f, "null({form:?})"),
            Self::Array(items) => f.debug_list().entries(items).finish(),
            Self::Double(text) => write!(f, ",{}", text.escape_ascii()),
            Self::Boolean(truth) => write!(f, "#{truth}"),
            Self::BigNumber(text) => write!(f, "({}", text.escape_ascii()),
            Self::BulkError(text) => write!(f, "!{}", text.escape_ascii()),
            Self::Verbatim(text) => write!(f, "={}", text.escape_ascii()),
            Self::Map(pairs) => f.debug_map().entries(pairs.iter().map(|(k, v)| (k, v))).finish(),
            Self::Set(items) => f.debug_set().entries(items).finish(),
            Self::Push(items) => f.debug_tuple(">").field(items).finish(),
            Self::Attribute(pairs) => f.debug_tuple("|").field(pairs).finish(),
        }
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

type Parsed<T> = Result<Option<T>, String>;

impl Reader<'_> {
    fn value(&mut self) -> Parsed<Value> {
        let Some((marker, line)) = self.line()? else { return Ok(None) };
        let value = match marker {
            b'+' => Value::Simple(line),
            b'-' => Value::Error(line),
            b':' => Value::Integer(number(&line)?),
            b',' => Value::Double(line),
            b'(' => Value::BigNumber(line),
            b'#' => Value::Boolean(line == b"t"),
            b'_' => Value::Null(NullForm::Resp3),
            b'$' => return self.blob(&line, Value::Bulk),
            b'!' => return self.blob(&line, Value::BulkError),
            b'=' => return self.blob(&line, Value::Verbatim),
            b'*' => return self.array(&line),
            b'~' => return self.aggregate(&line, Value::Set),
            b'>' => return self.aggregate(&line, Value::Push),
            b'%' => return self.pairs(&line, Value::Map),
            b'|' => return self.pairs(&line, Value::Attribute),
            other => return Err(format!("`{}` starts no reply", other.escape_ascii())),
        };
        Ok(Some(value))
    }

    fn line(&mut self) -> Parsed<(u8, Vec<u8>)> {
        let rest = &self.bytes[self.at..];
        let Some(end) = rest.windows(2).position(|pair| pair == b"\r\n") else { return Ok(None) };
        let (marker, text) = rest[..end].split_first().ok_or("an empty line starts no reply")?;
        self.at += end + 2;
        Ok(Some((*marker, text.to_vec())))
    }

    fn blob(&mut self, line: &[u8], make: fn(Vec<u8>) -> Value) -> Parsed<Value> {
        let Some(len) = length(line)? else { return Ok(Some(Value::Null(NullForm::Bulk))) };
        let rest = &self.bytes[self.at..];
        let Some(end) = rest.get(len..len + 2) else { return Ok(None) };
        if end != b"\r\n" {
            return Err("no line end after the bytes of a bulk string".to_owned());
        }
        self.at += len + 2;
        Ok(Some(make(rest[..len].to_vec())))
    }

    fn array(&mut self, line: &[u8]) -> Parsed<Value> {
        match length(line)? {
            None => Ok(Some(Value::Null(NullForm::Array))),
            Some(_) => self.aggregate(line, Value::Array),
        }
    }

    fn aggregate(&mut self, line: &[u8], make: fn(Vec<Value>) -> Value) -> Parsed<Value> {
        let len = length(line)?.ok_or("a length of -1 has no meaning here")?;
        let mut items = Vec::new();
        for _ in 0..len {
            let Some(item) = self.value()? else { return Ok(None) };
            items.push(item);
        }
        Ok(Some(make(items)))
    }

    fn pairs(&mut self, line: &[u8], make: fn(Vec<(Value, Value)>) -> Value) -> Parsed<Value> {
        let len = length(line)?.ok_or("a length of -1 has no meaning here")?;
        let mut pairs = Vec::new();
        for _ in 0..len {
            let Some(key) = self.value()? else { return Ok(None) };
            let Some(value) = self.value()? else { return Ok(None) };
            pairs.push((key, value));
        }
        Ok(Some(make(pairs)))
    }
}

/// The length a line announces; `None` for -1.
fn length(line: &[u8]) -> Result<Option<usize>, String> {
    match number(line)? {
        -1 => Ok(None),
        len => usize::try_from(len).map(Some).map_err(|_| format!("{len} is no length")),
    }
}

fn number(line: &[u8]) -> Result<i64, String> {
    let number = std::str::from_utf8(line).ok().and_then(|text| text.parse().ok());
    number.ok_or_else(|| format!("`{}` is no number", line.escape_ascii()))
}

#[cfg(test)]
mod tests {
    use super::Value;

    #[test]
    fn every_kind_of_reply_is_read_whole_and_not_before() {
        let cases: &[(&[u8], &str)] = &[
            (b"+OK\r\n", "+OK"),
            (b"-ERR a\r\n", "-ERR a"),
            (b":-7\r\n", ":-7"),
            (b"$2\r\n\r\n\r\n", "\"\\r\\n\""),
            (b"$-1\r\n", "null(Bulk)"),
            (b"*-1\r\n", "null(Array)"),
            (b"_\r\n", "null(Resp3)"),
            (b"*2\r\n:1\r\n*0\r\n", "[:1, []]"),
            (b"%1\r\n+a\r\n#t\r\n", "{+a: #true}"),
            (b"~1\r\n,1.5\r\n", "{,1.5}"),
            (b">1\r\n(12\r\n", ">([(12])"),
            (b"=5\r\ntxt:a\r\n", "=txt:a"),
            (b"!3\r\nERR\r\n", "!ERR"),
        ];
        for (bytes, shown) in cases {
            for cut in 0..bytes.len() {
                assert_eq!(Value::parse(&bytes[..cut]), Ok(None));
            }
            let (value, len) = Value::parse(bytes).unwrap().unwrap();
            assert_eq!((format!("{value:?}").as_str(), len), (*shown, bytes.len()));
        }
    }

    #[test]
    fn bytes_that_are_no_reply_are_refused() {
        for bytes in [&b"OK\r\n"[..], b"$x\r\n", b"$1\r\nabc", b"*-2\r\n", b"\r\n"] {
            assert!(Value::parse(bytes).is_err(), "{}", bytes.escape_ascii());
        }
    }
}
