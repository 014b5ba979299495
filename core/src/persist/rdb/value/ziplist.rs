//! Small collections as ziplists, the form they had before there were listpacks: every Redis reads it.
//! How one is laid out is told where it is read (`decode::ziplist`).

use crate::data::StrRef;
use crate::data::listpack::PackRef;

/// The elements of a listpack as a ziplist.
pub(super) fn of(pack: PackRef<'_>) -> Vec<u8> {
    let mut out = Vec::with_capacity(pack.as_bytes().len() + ROOM_MORE);
    out.extend_from_slice(&[0; HEADER_BYTES]);
    let (mut before, mut last_at, mut count) = (0, HEADER_BYTES, 0);
    for element in pack.iter() {
        last_at = out.len();
        push_length_before(&mut out, before);
        match element {
            StrRef::Int(value) => push_int(&mut out, value),
            StrRef::Bytes(text) => push_text(&mut out, text),
        }
        before = out.len() - last_at;
        count += 1;
    }
    out.push(END);
    let (total, last_at) = ((out.len() as u32).to_le_bytes(), (last_at as u32).to_le_bytes());
    let count = u16::try_from(count).unwrap_or(COUNT_UNKNOWN).to_le_bytes();
    for (place, byte) in out.iter_mut().zip([total, last_at].as_flattened().iter().chain(&count)) {
        *place = *byte;
    }
    out
}

fn push_length_before(out: &mut Vec<u8>, length: usize) {
    match u8::try_from(length) {
        Ok(length) if length < LONG_LENGTH => out.push(length),
        _ => {
            out.push(LONG_LENGTH);
            out.extend_from_slice(&(length as u32).to_le_bytes());
        }
    }
}

fn push_text(out: &mut Vec<u8>, text: &[u8]) {
    let length = text.len();
    match length {
        0..=0x3f => out.push(length as u8),
        0x40..=0x3fff => out.extend_from_slice(&(0x4000 | length as u16).to_be_bytes()),
        _ => {
            out.push(STRING_32);
            out.extend_from_slice(&(length as u32).to_be_bytes());
        }
    }
    out.extend_from_slice(text);
}

fn push_int(out: &mut Vec<u8>, value: i64) {
    let [a, b, c, d, ..] = value.to_le_bytes();
    match value {
        0..=12 => out.push(0xf1 + a),
        -0x80..=0x7f => out.extend_from_slice(&[0xfe, a]),
        -0x8000..=0x7fff => out.extend_from_slice(&[0xc0, a, b]),
        -0x80_0000..=0x7f_ffff => out.extend_from_slice(&[0xf0, a, b, c]),
        -0x8000_0000..=0x7fff_ffff => out.extend_from_slice(&[0xd0, a, b, c, d]),
        _ => {
            out.push(0xe0);
            out.extend_from_slice(&value.to_le_bytes());
        }
    }
}

/// What the header, the end and a few long elements take more than in a listpack.
const ROOM_MORE: usize = 32;

const HEADER_BYTES: usize = 10;
const LONG_LENGTH: u8 = 0xfe;
const STRING_32: u8 = 0x80;
const END: u8 = 0xff;
const COUNT_UNKNOWN: u16 = u16::MAX;

#[cfg(test)]
mod tests {
    use super::of;
    use crate::data::Listpack;

    /// What redis-server 6 has for these elements.
    #[test]
    fn the_bytes_are_those_of_redis() {
        for (elements, expect) in [
            (&[][..], &b"\x0b\0\0\0\x0a\0\0\0\0\0\xff"[..]),
            (&["a", "12"], b"\x10\0\0\0\x0d\0\0\0\x02\0\0\x01a\x03\xfd\xff"),
            (&["13", "-1"], b"\x11\0\0\0\x0d\0\0\0\x02\0\0\xfe\x0d\x03\xfe\xff\xff"),
            (
                &["300", "70000"],
                b"\x14\0\0\0\x0e\0\0\0\x02\0\0\xc0\x2c\x01\x04\xf0\x70\x11\x01\xff",
            ),
            (&["16777216"], b"\x11\0\0\0\x0a\0\0\0\x01\0\0\xd0\0\0\0\x01\xff"),
            (&["4294967296"], b"\x15\0\0\0\x0a\0\0\0\x01\0\0\xe0\0\0\0\0\x01\0\0\0\xff"),
        ] {
            let mut pack = Listpack::new();
            elements.iter().for_each(|element| pack.push_back(element.as_bytes()));
            assert_eq!(of(pack.view()), expect, "{elements:?}");
        }
    }
}
