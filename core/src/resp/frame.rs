//! The request splitter: finds whole requests in a connection's read buffer.
//!
//! A request is an array of bulk strings or an inline line. The splitter keeps
//! its place in a half-received request, so a request that arrives byte by
//! byte is scanned once, and nothing is allocated on the word of a length: the
//! bytes have to arrive first. Limits and error texts are Redis's
//! (`Protocol error: ...`, after which the connection is closed).

use super::args::Args;
use super::args::Span;
use super::inline;
use crate::limits;

/// What a peer may send; changed by CONFIG SET and by authentication.
#[derive(Clone, Copy, Debug)]
pub struct FrameLimits {
    /// `proto-max-bulk-len`, in bytes.
    pub bulk_bytes_max: i64,
    /// False until the peer has authenticated: then only short requests are taken.
    pub authenticated: bool,
}

impl Default for FrameLimits {
    fn default() -> Self {
        Self { bulk_bytes_max: limits::BULK_BYTES_MAX as i64, authenticated: true }
    }
}

/// Why a peer's bytes are not a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameError {
    TooBigInline,
    TooBigMultibulkLine,
    InvalidMultibulkLength,
    UnauthenticatedMultibulk,
    TooBigBulkLine,
    ExpectedDollar(u8),
    InvalidBulkLength,
    UnauthenticatedBulk,
    UnbalancedQuotes,
}

impl FrameError {
    /// The reply before the connection is closed, without the leading `-`.
    pub fn text(self) -> Vec<u8> {
        let reason: &[u8] = match self {
            Self::TooBigInline => b"too big inline request",
            Self::TooBigMultibulkLine => b"too big mbulk count string",
            Self::InvalidMultibulkLength => b"invalid multibulk length",
            Self::UnauthenticatedMultibulk => b"unauthenticated multibulk length",
            Self::TooBigBulkLine => b"too big bulk count string",
            Self::ExpectedDollar(_) => b"expected '$', got '",
            Self::InvalidBulkLength => b"invalid bulk length",
            Self::UnauthenticatedBulk => b"unauthenticated bulk length",
            Self::UnbalancedQuotes => b"unbalanced quotes in request",
        };
        let mut text = [b"ERR Protocol error: ", reason].concat();
        if let Self::ExpectedDollar(byte) = self {
            // A line end in an error would end it: Redis writes a space in its place.
            let shown = if matches!(byte, b'\r' | b'\n') { b' ' } else { byte };
            text.extend_from_slice(&[shown, b'\'']);
        }
        text
    }
}

/// Splits one connection's bytes into requests.
#[derive(Debug, Default)]
pub struct Splitter {
    spans: Vec<Span>,
    /// The words of an inline request, unquoted: their spans point here, not into the buffer.
    inline: Option<Vec<u8>>,
    /// How far the request at the head of the buffer has been read.
    position: usize,
    /// Bulk strings still to come of a multibulk request.
    missing: i64,
    /// Length of the bulk string being read, once its `$` line is.
    bulk_len: Option<usize>,
}

impl Splitter {
    /// Finds the next request in `buffer`, which starts at the first byte not consumed yet and has
    /// only grown since an earlier `None`. Returns the bytes the request took; its arguments are
    /// then [`Splitter::args`]. They are none for an empty line or an empty array.
    ///
    /// # Errors
    /// When the bytes can't be a request; nothing more can be read from this peer.
    pub fn next(
        &mut self,
        buffer: &[u8],
        limits: FrameLimits,
    ) -> Result<Option<usize>, FrameError> {
        if self.position == 0 {
            self.spans.clear();
            self.inline = None;
            match buffer.first() {
                None => return Ok(None),
                Some(b'*') => {}
                Some(_) => return self.next_inline(buffer),
            }
            if !self.begin_multibulk(buffer, limits)? {
                return Ok(None);
            }
        }
        while self.missing > 0 {
            if !self.next_bulk(buffer, limits)? {
                return Ok(None);
            }
        }
        Ok(Some(std::mem::take(&mut self.position)))
    }

    /// The arguments of the request that [`Splitter::next`] found at the head of `buffer`.
    pub fn args<'a>(&'a self, buffer: &'a [u8]) -> Args<'a> {
        Args::new(self.inline.as_deref().unwrap_or(buffer), &self.spans)
    }

    /// Forgets a half-received request, whose bytes are to be read again from its start.
    pub fn rewind(&mut self) {
        self.position = 0;
        self.missing = 0;
        self.bulk_len = None;
    }

    fn next_inline(&mut self, buffer: &[u8]) -> Result<Option<usize>, FrameError> {
        let newline = memchr::memchr(b'\n', buffer);
        // A longer line is refused even if it came in one piece: cuts must not matter.
        if newline.unwrap_or(buffer.len()) > limits::INLINE_BYTES_MAX {
            return Err(FrameError::TooBigInline);
        }
        let Some(newline) = newline else { return Ok(None) };
        let line = buffer.get(..newline).unwrap_or_default();
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let mut words = Vec::new();
        for word in inline::split_words(line).ok_or(FrameError::UnbalancedQuotes)? {
            let start = words.len() as u32;
            words.extend_from_slice(&word);
            self.spans.push(Span { start, end: words.len() as u32 });
        }
        self.inline = Some(words);
        Ok(Some(newline + 1))
    }

    /// Reads `*<count>\r\n`; false when the line is not whole yet.
    fn begin_multibulk(&mut self, buffer: &[u8], limits: FrameLimits) -> Result<bool, FrameError> {
        let Some((count, next)) = read_length(buffer, 0, FrameError::TooBigMultibulkLine)? else {
            return Ok(false);
        };
        let count = count
            .filter(|count| *count <= limits::REQUEST_ARGS_MAX)
            .ok_or(FrameError::InvalidMultibulkLength)?;
        if count > limits::UNAUTHENTICATED_ARGS_MAX && !limits.authenticated {
            return Err(FrameError::UnauthenticatedMultibulk);
        }
        self.missing = count;
        self.position = next;
        Ok(true)
    }

    /// Reads one `$<len>\r\n<bytes>\r\n`; false when it is not whole yet.
    fn next_bulk(&mut self, buffer: &[u8], limits: FrameLimits) -> Result<bool, FrameError> {
        let len = match self.bulk_len {
            Some(len) => len,
            None => match self.begin_bulk(buffer, limits)? {
                Some(len) => len,
                None => return Ok(false),
            },
        };
        let end = self.position + len;
        if buffer.len() < end + 2 {
            return Ok(false);
        }
        self.spans.push(Span { start: self.position as u32, end: end as u32 });
        self.position = end + 2;
        self.bulk_len = None;
        self.missing -= 1;
        Ok(true)
    }

    fn begin_bulk(
        &mut self,
        buffer: &[u8],
        limits: FrameLimits,
    ) -> Result<Option<usize>, FrameError> {
        let line = read_length(buffer, self.position, FrameError::TooBigBulkLine)?;
        let Some((len, next)) = line else { return Ok(None) };
        match buffer.get(self.position) {
            Some(b'$') => {}
            other => return Err(FrameError::ExpectedDollar(other.copied().unwrap_or_default())),
        }
        let len = len
            .filter(|len| (0..=limits.bulk_bytes_max).contains(len))
            .ok_or(FrameError::InvalidBulkLength)?;
        if len > limits::UNAUTHENTICATED_BULK_BYTES_MAX && !limits.authenticated {
            return Err(FrameError::UnauthenticatedBulk);
        }
        let len = usize::try_from(len).map_err(|_| FrameError::InvalidBulkLength)?;
        self.position = next;
        self.bulk_len = Some(len);
        Ok(Some(len))
    }
}

/// A length as announced (`None` when it is no number) and the position after its line.
type LengthLine = Option<(Option<i64>, usize)>;

/// Reads the line `<sigil><digits>\r\n` at `start`: `None` while it is not whole.
fn read_length(buffer: &[u8], start: usize, too_big: FrameError) -> Result<LengthLine, FrameError> {
    let line = buffer.get(start..).unwrap_or_default();
    let cr = find_cr(line);
    if cr.unwrap_or(line.len()) > limits::INLINE_BYTES_MAX {
        return Err(too_big);
    }
    let Some(cr) = cr else { return Ok(None) };
    if line.len() < cr + 2 {
        return Ok(None);
    }
    let digits = line.get(1..cr).unwrap_or_default();
    Ok(Some((parse_length(digits), start + cr + 2)))
}

/// Length lines are a handful of bytes: a plain loop beats a vector search there.
fn find_cr(line: &[u8]) -> Option<usize> {
    let near = line.get(..24).unwrap_or(line);
    match near.iter().position(|byte| *byte == b'\r') {
        Some(position) => Some(position),
        None => memchr::memchr(b'\r', line),
    }
}

/// The common case of a few plain digits; anything else goes the careful way.
fn parse_length(digits: &[u8]) -> Option<i64> {
    match digits {
        [b'1'..=b'9', ..] if digits.len() <= 9 => {
            digits.iter().try_fold(0, |value: i64, byte| match byte {
                b'0'..=b'9' => Some(value * 10 + i64::from(byte - b'0')),
                _ => None,
            })
        }
        _ => crate::data::number::parse_i64(digits),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All requests in `bytes`, received in chunks of `chunk` bytes, and how it ended.
    fn split(bytes: &[u8], chunk: usize) -> (Vec<Vec<String>>, Option<FrameError>) {
        let mut splitter = Splitter::default();
        let mut buffer: Vec<u8> = Vec::new();
        let mut requests = Vec::new();
        for piece in bytes.chunks(chunk) {
            buffer.extend_from_slice(piece);
            loop {
                match splitter.next(&buffer, FrameLimits::default()) {
                    Err(error) => return (requests, Some(error)),
                    Ok(None) => break,
                    Ok(Some(len)) => {
                        let args = splitter.args(&buffer).iter();
                        requests.push(args.map(|a| String::from_utf8_lossy(a).into()).collect());
                        buffer.drain(..len);
                    }
                }
            }
        }
        (requests, None)
    }

    /// The same requests and the same end, however the bytes arrive.
    fn check(bytes: &str, expect: &[&[&str]], error: Option<FrameError>) {
        for chunk in [1, 2, 3, 7, usize::MAX] {
            let got = split(bytes.as_bytes(), chunk);
            let expect: Vec<Vec<String>> =
                expect.iter().map(|r| r.iter().map(|a| (*a).into()).collect()).collect();
            assert_eq!(got, (expect, error), "{bytes:?} in chunks of {chunk}");
        }
    }

    #[test]
    fn finds_multibulk_and_inline_requests() {
        check("*2\r\n$4\r\nECHO\r\n$2\r\nhi\r\n", &[&["ECHO", "hi"]], None);
        check("PING\r\n", &[&["PING"]], None);
        check("SET k \"a b\"\nGET 'k'\r\n", &[&["SET", "k", "a b"], &["GET", "k"]], None);
        check("*1\r\n$4\r\nPING\r\nPING\r\n*1\r\n$0\r\n\r\n", &[&["PING"], &["PING"], &[""]], None);
        check("*2\r\n$4\r\nECHO\r\n$2\r\nh", &[], None);
        check("*1\r\n$4\r\na\r\nb\r\n", &[&["a\r\nb"]], None);
    }

    #[test]
    fn empty_requests_are_consumed() {
        check("\r\n*0\r\n*-1\r\nPING\r\n", &[&[], &[], &[], &["PING"]], None);
    }

    #[test]
    fn refuses_what_redis_refuses() {
        check("*1\r\n+4\r\n", &[], Some(FrameError::ExpectedDollar(b'+')));
        check("*1\r\n$-1\r\n", &[], Some(FrameError::InvalidBulkLength));
        check("*1\r\n$536870913\r\n", &[], Some(FrameError::InvalidBulkLength));
        check("*1\r\n$abc\r\n", &[], Some(FrameError::InvalidBulkLength));
        check("*2147483648\r\n", &[], Some(FrameError::InvalidMultibulkLength));
        check("*x\r\n", &[], Some(FrameError::InvalidMultibulkLength));
        check("\"a\r\n", &[], Some(FrameError::UnbalancedQuotes));
        let long = "x".repeat(limits::INLINE_BYTES_MAX + 1);
        assert_eq!(split(long.as_bytes(), usize::MAX).1, Some(FrameError::TooBigInline));
        let long = format!("*{}", "1".repeat(limits::INLINE_BYTES_MAX));
        assert_eq!(split(long.as_bytes(), usize::MAX).1, Some(FrameError::TooBigMultibulkLine));
    }

    #[test]
    fn an_unauthenticated_peer_may_only_be_brief() {
        let limits = FrameLimits { authenticated: false, ..FrameLimits::default() };
        let next = |bytes: &[u8]| Splitter::default().next(bytes, limits);
        assert_eq!(next(b"*11\r\n"), Err(FrameError::UnauthenticatedMultibulk));
        assert_eq!(next(b"*1\r\n$16385\r\n"), Err(FrameError::UnauthenticatedBulk));
        assert_eq!(next(b"*10\r\n"), Ok(None));
    }

    #[test]
    fn error_texts_are_redis_own() {
        assert_eq!(
            FrameError::ExpectedDollar(b'+').text(),
            b"ERR Protocol error: expected '$', got '+'"
        );
        assert_eq!(
            FrameError::InvalidBulkLength.text(),
            b"ERR Protocol error: invalid bulk length"
        );
    }
}
