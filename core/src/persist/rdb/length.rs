//! Lengths: one to nine bytes, the two highest bits of the first saying how many.
//!
//! ```text
//! 00xxxxxx            6 bits           10000000 + 4 bytes   32 bits, big-endian
//! 01xxxxxx + 1 byte   14 bits          10000001 + 8 bytes   64 bits, big-endian
//! 11xxxxxx            no length: the string that follows is encoded this way (see `string`)
//! ```

use bytes::{BufMut, BytesMut};

/// What the first byte of a length announces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Prefix {
    /// The length itself.
    Six(u8),
    /// The high six bits; the low eight follow.
    Fourteen(u8),
    ThirtyTwo,
    SixtyFour,
    /// Not a length: the number of a string encoding.
    Encoding(u8),
    /// No writer produces this.
    Unknown,
}

impl Prefix {
    pub(super) fn parse(first: u8) -> Self {
        let low = first & 0x3f;
        match (first >> 6, first) {
            (0, _) => Self::Six(low),
            (1, _) => Self::Fourteen(low),
            (3, _) => Self::Encoding(low),
            (_, MARK_32) => Self::ThirtyTwo,
            (_, MARK_64) => Self::SixtyFour,
            _ => Self::Unknown,
        }
    }
}

/// Appends `length` in the shortest form.
pub(super) fn write(out: &mut BytesMut, length: u64) {
    if length < 1 << 6 {
        out.put_uint(length, 1);
    } else if length < 1 << 14 {
        out.put_uint(MARK_14 | length, 2);
    } else if let Ok(length) = u32::try_from(length) {
        out.put_u8(MARK_32);
        out.put_u32(length);
    } else {
        out.put_u8(MARK_64);
        out.put_u64(length);
    }
}

/// Appends the mark that says "an encoded string follows, in this encoding".
pub(super) fn write_encoding(out: &mut BytesMut, encoding: u8) {
    debug_assert!(encoding < 1 << 6);
    out.put_u8(MARK_ENCODING | encoding);
}

const MARK_14: u64 = 0x4000;
const MARK_32: u8 = 0x80;
const MARK_64: u8 = 0x81;
const MARK_ENCODING: u8 = 0xc0;

#[cfg(test)]
mod tests {
    use bytes::BytesMut;

    use super::{Prefix, write};

    #[test]
    fn every_length_takes_the_shortest_form() {
        let table: [(u64, &[u8]); 9] = [
            (0, &[0]),
            (63, &[63]),
            (64, &[0x40, 64]),
            (16_383, &[0x7f, 0xff]),
            (16_384, &[0x80, 0, 0, 0x40, 0]),
            (0xffff_ffff, &[0x80, 0xff, 0xff, 0xff, 0xff]),
            (0x1_0000_0000, &[0x81, 0, 0, 0, 1, 0, 0, 0, 0]),
            (1 << 40, &[0x81, 0, 0, 1, 0, 0, 0, 0, 0]),
            (u64::MAX, &[0x81, 255, 255, 255, 255, 255, 255, 255, 255]),
        ];
        for (length, expect) in table {
            let mut out = BytesMut::new();
            write(&mut out, length);
            assert_eq!(&out[..], expect, "{length}");
        }
    }

    #[test]
    fn every_first_byte_has_one_meaning() {
        let table = [
            (0x00, Prefix::Six(0)),
            (0x3f, Prefix::Six(63)),
            (0x40, Prefix::Fourteen(0)),
            (0x7f, Prefix::Fourteen(63)),
            (0x80, Prefix::ThirtyTwo),
            (0x81, Prefix::SixtyFour),
            (0x82, Prefix::Unknown),
            (0xbf, Prefix::Unknown),
            (0xc0, Prefix::Encoding(0)),
            (0xff, Prefix::Encoding(63)),
        ];
        for (first, expect) in table {
            assert_eq!(Prefix::parse(first), expect, "{first:#x}");
        }
    }
}
