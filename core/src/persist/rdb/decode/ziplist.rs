//! Reads ziplists, which Redis kept small collections in before it had listpacks.
//!
//! ```text
//! u32 bytes   u32 offset of the last element   u16 elements, 65535 for "count them"   element* FF
//! element: length of the element before it (one byte below 254, else FE u32)  encoding  payload
//!   00llllll           a string of up to 63 bytes
//!   01llllll l         a string of up to 16,383 bytes, big-endian
//!   80 u32             a longer string, big-endian
//!   C0 i16   D0 i32   E0 i64   F0 i24   FE i8
//!   F1 to FD           the integers 0 to 12
//! ```

use crate::data::StrRef;

/// The elements in order, if the bytes are a well-formed ziplist.
pub(super) fn parse(bytes: &[u8]) -> Option<Vec<StrRef<'_>>> {
    let mut elements = Vec::new();
    visit(bytes, |element| elements.push(element)).then_some(elements)
}

/// Shows the elements in order; whether the bytes are a well-formed ziplist, which turns out at its
/// end.
pub(super) fn visit<'a>(bytes: &'a [u8], each: impl FnMut(StrRef<'a>)) -> bool {
    visit_all(bytes, each).is_some()
}

fn visit_all<'a>(bytes: &'a [u8], mut each: impl FnMut(StrRef<'a>)) -> Option<()> {
    let total = u32::from_le_bytes(*bytes.first_chunk()?);
    if total as usize != bytes.len() {
        return None;
    }
    let (&[_, _, _, _, a, b, c, d, low, high], mut rest) = bytes.split_first_chunk()?;
    let (mut count, mut last_at, mut before) = (0, HEADER_BYTES, 0);
    while rest != [END] {
        last_at = bytes.len() - rest.len();
        let (claimed, after) = length_before(rest)?;
        let (element, after) = element(after)?;
        if claimed != before {
            return None;
        }
        before = rest.len() - after.len();
        rest = after;
        each(element);
        count += 1;
    }
    let counted = u16::from_le_bytes([low, high]);
    let is_counted = counted == COUNT_UNKNOWN || usize::from(counted) == count;
    let is_linked = u32::from_le_bytes([a, b, c, d]) as usize == last_at;
    (is_counted && is_linked).then_some(())
}

fn length_before(bytes: &[u8]) -> Option<(usize, &[u8])> {
    match bytes.split_first()? {
        (&LONG_LENGTH, rest) => {
            let (length, rest) = rest.split_first_chunk()?;
            Some((u32::from_le_bytes(*length) as usize, rest))
        }
        (&END, _) => None,
        (&length, rest) => Some((length.into(), rest)),
    }
}

fn element(bytes: &[u8]) -> Option<(StrRef<'_>, &[u8])> {
    let (&first, rest) = bytes.split_first()?;
    let string = |rest: &'_ [u8], length: usize| -> Option<usize> {
        (length <= rest.len()).then_some(length)
    };
    let (length, rest) = match first {
        0x00..=0x3f => (string(rest, usize::from(first & 0x3f))?, rest),
        0x40..=0x7f => {
            let (&low, rest) = rest.split_first()?;
            (string(rest, usize::from(first & 0x3f) << 8 | usize::from(low))?, rest)
        }
        STRING_32 => {
            let (length, rest) = rest.split_first_chunk()?;
            (string(rest, u32::from_be_bytes(*length) as usize)?, rest)
        }
        _ => return integer(first, rest),
    };
    let (text, rest) = rest.split_at_checked(length)?;
    Some((StrRef::Bytes(text), rest))
}

fn integer(encoding: u8, rest: &[u8]) -> Option<(StrRef<'_>, &[u8])> {
    let (value, rest) = match encoding {
        0xc0 => {
            let (bytes, rest) = rest.split_first_chunk()?;
            (i16::from_le_bytes(*bytes).into(), rest)
        }
        0xd0 => {
            let (bytes, rest) = rest.split_first_chunk()?;
            (i32::from_le_bytes(*bytes).into(), rest)
        }
        0xe0 => {
            let (bytes, rest) = rest.split_first_chunk()?;
            (i64::from_le_bytes(*bytes), rest)
        }
        0xf0 => {
            let (&[a, b, c], rest) = rest.split_first_chunk()?;
            ((i32::from_le_bytes([0, a, b, c]) >> 8).into(), rest)
        }
        0xfe => {
            let (&[byte], rest) = rest.split_first_chunk()?;
            (i8::from_le_bytes([byte]).into(), rest)
        }
        0xf1..=0xfd => (i64::from(encoding & 0x0f) - 1, rest),
        _ => return None,
    };
    Some((StrRef::Int(value), rest))
}

const HEADER_BYTES: usize = 10;
const END: u8 = 0xff;
const COUNT_UNKNOWN: u16 = u16::MAX;
const LONG_LENGTH: u8 = 0xfe;
const STRING_32: u8 = 0x80;

#[cfg(test)]
mod tests {
    use super::{StrRef, parse};

    /// Lays elements out: each an encoding with its payload.
    fn ziplist(elements: &[&[u8]]) -> Vec<u8> {
        let mut bytes = vec![0; 10];
        let (mut before, mut last_at) = (0, 10);
        for element in elements {
            last_at = bytes.len();
            match u8::try_from(before) {
                Ok(length @ 0..0xfe) => bytes.push(length),
                _ => {
                    bytes.push(0xfe);
                    bytes.extend((before as u32).to_le_bytes());
                }
            }
            bytes.extend_from_slice(element);
            before = bytes.len() - last_at;
        }
        bytes.push(0xff);
        let total = bytes.len() as u32;
        bytes[..4].copy_from_slice(&total.to_le_bytes());
        bytes[4..8].copy_from_slice(&(last_at as u32).to_le_bytes());
        bytes[8..10].copy_from_slice(&(elements.len() as u16).to_le_bytes());
        bytes
    }

    #[test]
    fn every_encoding_reads() {
        let long = [&[0x41, 0x2c][..], &[b'x'; 300]].concat();
        let longest = [&[0x80, 0, 0, 0x40, 0][..], &[b'y'; 16_384]].concat();
        for (element, expect) in [
            (&[0x02, b'h', b'i'][..], StrRef::Bytes(b"hi")),
            (&[0x00], StrRef::Bytes(b"")),
            (&long, StrRef::Bytes(&[b'x'; 300])),
            (&longest, StrRef::Bytes(&[b'y'; 16_384])),
            (&[0xc0, 0xfe, 0xff], StrRef::Int(-2)),
            (&[0xd0, 1, 0, 0, 0x80], StrRef::Int(-0x7fff_ffff)),
            (&[0xe0, 1, 2, 0, 0, 0, 0, 0, 0], StrRef::Int(513)),
            (&[0xf0, 0xff, 0xff, 0x7f], StrRef::Int(0x7f_ffff)),
            (&[0xfe, 0x80], StrRef::Int(-128)),
            (&[0xf1], StrRef::Int(0)),
            (&[0xfd], StrRef::Int(12)),
        ] {
            let bytes = ziplist(&[element, &[0xf2], element]);
            assert_eq!(parse(&bytes), Some(vec![expect, StrRef::Int(1), expect]));
        }
        assert_eq!(parse(&ziplist(&[])), Some(vec![]));
    }

    #[test]
    fn what_is_malformed_is_refused_or_read_but_never_a_panic() {
        let good = ziplist(&[&[0x02, b'h', b'i'], &[0xf2], &[0xc0, 1, 2]]);
        for at in 0..good.len() {
            assert_eq!(parse(&good[..at]), None, "cut at {at}");
            for bit in 0..8 {
                let mut bad = good.clone();
                bad[at] ^= 1 << bit;
                assert!(
                    parse(&bad).is_none_or(|elements| elements.len() == 3),
                    "bit {bit} at {at}"
                );
            }
        }
    }
}
