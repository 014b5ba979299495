//! Strings: a length and so many bytes, or, where it is shorter, an encoding and what it encodes.
//!
//! ```text
//! length bytes                  as they are
//! C0 i8   C1 i16   C2 i32       a decimal number in its canonical form, little-endian
//! C3 packed length bytes        LZF: `packed` bytes that become `length`
//! ```

use bytes::{BufMut, Bytes, BytesMut};

use super::{length, lzf};
use crate::data::StrRef;
use crate::data::number;
use crate::limits;

/// A string as the store holds it: Redis keeps integers as such, and says so in OBJECT ENCODING.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StringValue {
    /// Its canonical decimal form.
    Int(i64),
    /// Any bytes. These may spell an integer too, if the writer did not encode it as one.
    Bytes(Bytes),
}

impl StringValue {
    /// The bytes a client sees.
    pub fn into_bytes(self) -> Bytes {
        match self {
            Self::Int(int) => Bytes::copy_from_slice(itoa::Buffer::new().format(int).as_bytes()),
            Self::Bytes(bytes) => bytes,
        }
    }
}

/// Appends a string in its shortest form. A compressor is given when strings are to be compressed.
pub(super) fn write(out: &mut BytesMut, string: &[u8], compressor: Option<&mut lzf::Compressor>) {
    if let Some(int) = parse_int32(string) {
        return write_int32(out, int);
    }
    match compressor.and_then(|compressor| compress(string, compressor)) {
        Some(packed) => write_packed(out, &packed, string.len()),
        None => write_plain(out, string),
    }
}

/// Appends a string as a value holds it.
pub(super) fn write_ref(
    out: &mut BytesMut,
    string: StrRef<'_>,
    compressor: Option<&mut lzf::Compressor>,
) {
    match string {
        StrRef::Int(int) => write_int(out, int),
        StrRef::Bytes(bytes) => write(out, bytes, compressor),
    }
}

/// Appends an integer: encoded when it fits into 32 bits, else as its decimal digits.
pub(super) fn write_int(out: &mut BytesMut, int: i64) {
    match i32::try_from(int) {
        Ok(int) => write_int32(out, int),
        Err(_) => write_plain(out, itoa::Buffer::new().format(int).as_bytes()),
    }
}

fn write_int32(out: &mut BytesMut, int: i32) {
    if let Ok(int) = i8::try_from(int) {
        length::write_encoding(out, INT8);
        out.put_i8(int);
    } else if let Ok(int) = i16::try_from(int) {
        length::write_encoding(out, INT16);
        out.put_i16_le(int);
    } else {
        length::write_encoding(out, INT32);
        out.put_i32_le(int);
    }
}

fn write_plain(out: &mut BytesMut, string: &[u8]) {
    length::write(out, string.len() as u64);
    out.put_slice(string);
}

fn write_packed(out: &mut BytesMut, packed: &[u8], length: usize) {
    length::write_encoding(out, LZF);
    length::write(out, packed.len() as u64);
    length::write(out, length as u64);
    out.put_slice(packed);
}

fn compress(string: &[u8], compressor: &mut lzf::Compressor) -> Option<Vec<u8>> {
    let worthwhile = (COMPRESS_BYTES_MIN..=limits::RDB_COMPRESS_BYTES_MAX).contains(&string.len());
    worthwhile.then(|| compressor.compress(string, string.len() - COMPRESS_SAVES_MIN))?
}

/// The number that `string` spells, if that number would be printed as just this string.
fn parse_int32(string: &[u8]) -> Option<i32> {
    let short = string.len() <= INT32_DIGITS_MAX;
    short.then(|| number::parse_i64(string))?.and_then(|int| i32::try_from(int).ok())
}

pub(super) const INT8: u8 = 0;
pub(super) const INT16: u8 = 1;
pub(super) const INT32: u8 = 2;
pub(super) const LZF: u8 = 3;

/// The length of "-2147483648".
const INT32_DIGITS_MAX: usize = 11;

/// Redis compresses what is longer than 20 bytes, if that saves at least 4 of them.
pub(super) const COMPRESS_BYTES_MIN: usize = 21;
const COMPRESS_SAVES_MIN: usize = 4;

#[cfg(test)]
mod tests {
    use bytes::BytesMut;

    use super::{StringValue, write, write_int};
    use crate::data::lzf::Compressor;
    use crate::limits::RDB_COMPRESS_BYTES_MAX as COMPRESS_BYTES_MAX;

    fn written(string: &[u8], compression: bool) -> Vec<u8> {
        let mut out = BytesMut::new();
        write(&mut out, string, compression.then(Compressor::new).as_mut());
        out.to_vec()
    }

    #[test]
    fn integers_are_encoded_when_that_is_what_they_print_as() {
        let table: [(&str, &[u8]); 22] = [
            ("0", b"\xc0\x00"),
            ("-1", b"\xc0\xff"),
            ("127", b"\xc0\x7f"),
            ("-128", b"\xc0\x80"),
            ("128", b"\xc1\x80\x00"),
            ("-129", b"\xc1\x7f\xff"),
            ("32767", b"\xc1\xff\x7f"),
            ("-32768", b"\xc1\x00\x80"),
            ("32768", b"\xc2\x00\x80\x00\x00"),
            ("-32769", b"\xc2\xff\x7f\xff\xff"),
            ("2147483647", b"\xc2\xff\xff\xff\x7f"),
            ("-2147483648", b"\xc2\x00\x00\x00\x80"),
            ("2147483648", b"\x0a2147483648"),
            ("-2147483649", b"\x0b-2147483649"),
            ("", b"\x00"),
            ("-", b"\x01-"),
            ("-0", b"\x02-0"),
            ("+1", b"\x02+1"),
            ("01", b"\x0201"),
            ("1 ", b"\x021 "),
            ("1.0", b"\x031.0"),
            ("0x1", b"\x030x1"),
        ];
        for (string, expect) in table {
            assert_eq!(written(string.as_bytes(), true), expect, "{string:?}");
            assert_eq!(written(string.as_bytes(), false), expect, "{string:?}, compression off");
        }
    }

    #[test]
    fn integers_of_the_store_are_written_as_their_digits_would_be() {
        for int in
            [0, 1, -128, 32_768, i64::from(i32::MAX), i64::from(i32::MAX) + 1, i64::MIN, i64::MAX]
        {
            let mut out = BytesMut::new();
            write_int(&mut out, int);
            assert_eq!(out.to_vec(), written(int.to_string().as_bytes(), true), "{int}");
            assert_eq!(StringValue::Int(int).into_bytes(), int.to_string());
        }
    }

    #[test]
    fn compression_starts_at_21_bytes_and_saves_at_least_4() {
        let encoded = |string: &[u8]| written(string, true)[0] == 0xc3;
        assert!(!encoded(&[b'a'; 20]));
        assert!(encoded(&[b'a'; 21]));
        assert!(!encoded(b"abcdefghijklmnopqrstuvwxyz"));
        assert!(encoded(&vec![b'a'; COMPRESS_BYTES_MAX]));
        assert!(!encoded(&vec![b'a'; COMPRESS_BYTES_MAX + 1]));
        assert_eq!(written(&[b'a'; 30], false), [&[30], &[b'a'; 30][..]].concat());
    }
}
