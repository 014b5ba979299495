//! Writes JSON: no more of it than is needed here, since nothing else of the engine needs a library for it.

use std::fmt::Display;
use std::mem;

/// A document being written.
#[derive(Debug, Default)]
pub(super) struct Writer {
    out: Vec<u8>,
    /// Something stands before the next key or element.
    is_first: bool,
}

impl Writer {
    pub fn len(&self) -> usize {
        self.out.len()
    }

    pub fn take(&mut self) -> Vec<u8> {
        mem::take(&mut self.out)
    }

    pub fn end_line(&mut self) {
        self.out.push(b'\n');
    }

    pub fn object(&mut self, write: impl FnOnce(&mut Self)) {
        self.between(*b"{}", write);
    }

    /// Call [`Self::element`] before each of its elements.
    pub fn array(&mut self, write: impl FnOnce(&mut Self)) {
        self.between(*b"[]", write);
    }

    /// The name of the value that follows.
    pub fn key(&mut self, name: &'static str) -> &mut Self {
        self.element();
        self.string(name.as_bytes());
        self.out.push(b':');
        self
    }

    pub fn element(&mut self) -> &mut Self {
        if !mem::take(&mut self.is_first) {
            self.out.push(b',');
        }
        self
    }

    pub fn number(&mut self, number: impl Display) {
        self.out.extend_from_slice(number.to_string().as_bytes());
    }

    pub fn null(&mut self) {
        self.out.extend_from_slice(b"null");
    }

    /// Bytes: a string, or what stands for one that is no text.
    pub fn string(&mut self, bytes: &[u8]) {
        match str::from_utf8(bytes) {
            Ok(text) => self.text(text),
            Err(_) => {
                self.out.extend_from_slice(b"{\"base64\":\"");
                self.base64(bytes);
                self.out.extend_from_slice(b"\"}");
            }
        }
    }

    fn between(&mut self, [open, close]: [u8; 2], write: impl FnOnce(&mut Self)) {
        self.out.push(open);
        self.is_first = true;
        write(self);
        self.is_first = false;
        self.out.push(close);
    }

    fn text(&mut self, text: &str) {
        self.out.push(b'"');
        for byte in text.bytes() {
            match byte {
                b'"' | b'\\' => self.out.extend_from_slice(&[b'\\', byte]),
                b'\n' => self.out.extend_from_slice(b"\\n"),
                b'\r' => self.out.extend_from_slice(b"\\r"),
                b'\t' => self.out.extend_from_slice(b"\\t"),
                0..0x20 => self.out.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
                _ => self.out.push(byte),
            }
        }
        self.out.push(b'"');
    }

    fn base64(&mut self, bytes: &[u8]) {
        for three in bytes.chunks(3) {
            let (bits, _) = three.iter().fold((0_u32, 16_u32), |(bits, shift), byte| {
                (bits | u32::from(*byte) << shift, shift.saturating_sub(8))
            });
            for index in 0..4 {
                let digit = (bits >> (18 - 6 * index) & 0x3f) as usize;
                let is_padding = index as usize > three.len();
                let digit = DIGITS.get(digit).copied().filter(|_| !is_padding);
                self.out.push(digit.unwrap_or(b'='));
            }
        }
    }
}

const DIGITS: [u8; 64] = *b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
