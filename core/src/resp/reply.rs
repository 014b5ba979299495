//! The reply writer: RESP2 or RESP3 straight into a connection's output buffer.
//!
//! A handler says what it means (a map, a double, a null) and the writer spells
//! it in the protocol the connection has chosen; RESP2 has no maps, sets,
//! doubles or booleans and gets Redis's flattenings of them.

use bytes::BufMut;
use bytes::BytesMut;

use super::request::write_length;
use crate::data::StrRef;
use crate::data::number;
use crate::error::CommandError;

/// The protocol version of a connection, changed by HELLO.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Protocol {
    #[default]
    Resp2,
    Resp3,
}

/// Writes the reply of one command.
pub struct Reply<'a> {
    out: &'a mut BytesMut,
    protocol: Protocol,
}

impl<'a> Reply<'a> {
    pub fn new(out: &'a mut BytesMut, protocol: Protocol) -> Self {
        Self { out, protocol }
    }

    pub fn protocol(&self) -> Protocol {
        self.protocol
    }

    /// Bytes written to this output so far, by this and earlier replies that still wait there.
    pub fn position(&self) -> usize {
        self.out.len()
    }

    pub fn ok(&mut self) {
        self.out.put_slice(b"+OK\r\n");
    }

    /// A status line such as `PONG`; `text` holds no line ends.
    pub fn simple(&mut self, text: &str) {
        self.line(b'+', text.as_bytes());
    }

    pub fn error(&mut self, error: &CommandError) {
        self.line(b'-', error.text());
    }

    pub fn integer(&mut self, value: i64) {
        let mut digits = itoa::Buffer::new();
        self.line(b':', digits.format(value).as_bytes());
    }

    /// A length or count. Saturates at `i64::MAX`, which no count reaches.
    pub fn count(&mut self, value: usize) {
        self.integer(i64::try_from(value).unwrap_or(i64::MAX));
    }

    /// 0 or 1: how commands that predate RESP3 answer yes and no, in both protocols.
    pub fn flag(&mut self, value: bool) {
        self.out.put_slice(if value { b":1\r\n" } else { b":0\r\n" });
    }

    pub fn bulk(&mut self, bytes: &[u8]) {
        self.out.reserve(bytes.len() + 24);
        write_length(self.out, b'$', bytes.len());
        self.out.put_slice(bytes);
        self.out.put_slice(b"\r\n");
    }

    pub fn bulk_integer(&mut self, value: i64) {
        let mut digits = itoa::Buffer::new();
        self.bulk(digits.format(value).as_bytes());
    }

    /// A bulk of a text as values hold it.
    pub fn text(&mut self, text: StrRef<'_>) {
        match text {
            StrRef::Int(value) => self.bulk_integer(value),
            StrRef::Bytes(bytes) => self.bulk(bytes),
        }
    }

    /// The null of a missing value: `$-1` or `_`.
    pub fn null(&mut self) {
        self.by_protocol(b"$-1\r\n", b"_\r\n");
    }

    /// The null of a missing array: `*-1` or `_`.
    pub fn null_array(&mut self) {
        self.by_protocol(b"*-1\r\n", b"_\r\n");
    }

    pub fn array(&mut self, len: usize) {
        write_length(self.out, b'*', len);
    }

    /// An array whose elements `write` writes, and then says how many they were.
    pub fn counted_array(&mut self, write: impl FnOnce(&mut Self) -> usize) {
        let start = self.out.len();
        let len = write(self);
        let end = self.out.len();
        write_length(self.out, b'*', len);
        // The length stands behind its elements: to the front with it.
        if let Some(array) = self.out.get_mut(start..) {
            array.rotate_left(end - start);
        }
    }

    /// A map of `pairs` keys and values; RESP2 gets them as one flat array.
    pub fn map(&mut self, pairs: usize) {
        match self.protocol {
            Protocol::Resp2 => write_length(self.out, b'*', pairs.saturating_mul(2)),
            Protocol::Resp3 => write_length(self.out, b'%', pairs),
        }
    }

    pub fn set(&mut self, len: usize) {
        self.aggregate(b'~', len);
    }

    /// Out-of-band data; RESP2 subscribers get an array.
    pub fn push(&mut self, len: usize) {
        self.aggregate(b'>', len);
    }

    pub fn double(&mut self, value: f64) {
        let text = number::format_double(value);
        match self.protocol {
            Protocol::Resp2 => self.bulk(text.as_bytes()),
            Protocol::Resp3 => self.line(b',', text.as_bytes()),
        }
    }

    pub fn boolean(&mut self, value: bool) {
        match (self.protocol, value) {
            (Protocol::Resp2, value) => self.flag(value),
            (Protocol::Resp3, true) => self.out.put_slice(b"#t\r\n"),
            (Protocol::Resp3, false) => self.out.put_slice(b"#f\r\n"),
        }
    }

    /// An integer of any size, in decimal digits.
    pub fn big_number(&mut self, digits: &str) {
        match self.protocol {
            Protocol::Resp2 => self.bulk(digits.as_bytes()),
            Protocol::Resp3 => self.line(b'(', digits.as_bytes()),
        }
    }

    /// Text for people, with its three-letter format: `txt` or `mkd`.
    pub fn verbatim(&mut self, format: &[u8; 3], text: &[u8]) {
        if self.protocol == Protocol::Resp2 {
            return self.bulk(text);
        }
        write_length(self.out, b'=', text.len() + 4);
        self.out.put_slice(format);
        self.out.put_u8(b':');
        self.out.put_slice(text);
        self.out.put_slice(b"\r\n");
    }

    /// An array of bulk strings, as HELP subcommands answer: in RESP2 and RESP3 status lines.
    pub fn simple_array(&mut self, lines: &[&str]) {
        self.array(lines.len());
        for line in lines {
            self.simple(line);
        }
    }

    /// Bytes that are a reply already, such as a stored or forwarded one.
    pub fn raw(&mut self, bytes: &[u8]) {
        self.out.put_slice(bytes);
    }

    fn line(&mut self, sigil: u8, text: &[u8]) {
        self.out.reserve(text.len() + 3);
        self.out.put_u8(sigil);
        self.out.put_slice(text);
        self.out.put_slice(b"\r\n");
    }

    fn aggregate(&mut self, resp3_sigil: u8, len: usize) {
        let sigil = match self.protocol {
            Protocol::Resp2 => b'*',
            Protocol::Resp3 => resp3_sigil,
        };
        write_length(self.out, sigil, len);
    }

    fn by_protocol(&mut self, resp2: &[u8], resp3: &[u8]) {
        self.out.put_slice(match self.protocol {
            Protocol::Resp2 => resp2,
            Protocol::Resp3 => resp3,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What `write` puts on the wire in RESP2 and in RESP3.
    fn check(write: impl Fn(&mut Reply<'_>), resp2: &str, resp3: &str) {
        for (protocol, expect) in [(Protocol::Resp2, resp2), (Protocol::Resp3, resp3)] {
            let mut out = BytesMut::new();
            write(&mut Reply::new(&mut out, protocol));
            assert_eq!(String::from_utf8_lossy(&out), expect, "{protocol:?}");
        }
    }

    #[test]
    fn spells_each_kind_in_both_protocols() {
        check(|r| r.ok(), "+OK\r\n", "+OK\r\n");
        check(|r| r.error(&crate::error::SYNTAX), "-ERR syntax error\r\n", "-ERR syntax error\r\n");
        check(|r| r.integer(i64::MIN), ":-9223372036854775808\r\n", ":-9223372036854775808\r\n");
        check(|r| r.bulk(b"a\r\nb"), "$4\r\na\r\nb\r\n", "$4\r\na\r\nb\r\n");
        check(|r| r.null(), "$-1\r\n", "_\r\n");
        check(|r| r.null_array(), "*-1\r\n", "_\r\n");
        check(|r| r.map(2), "*4\r\n", "%2\r\n");
        check(|r| r.set(3), "*3\r\n", "~3\r\n");
        check(|r| r.push(3), "*3\r\n", ">3\r\n");
        check(|r| r.double(1.5), "$3\r\n1.5\r\n", ",1.5\r\n");
        check(|r| r.boolean(true), ":1\r\n", "#t\r\n");
        check(|r| r.verbatim(b"txt", b"hi"), "$2\r\nhi\r\n", "=6\r\ntxt:hi\r\n");
    }
}
