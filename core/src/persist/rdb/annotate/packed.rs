//! Elements packed into one string: listpacks, ziplists, intsets. Their layouts are told where they are read
//! and written: `data/listpack.rs`, `decode/ziplist.rs`, `data/intset.rs`.

use crate::persist::span::SpanKind::Encoding;
use crate::persist::span::SpanKind::Fact;
use crate::persist::span::SpanKind::Length;
use crate::persist::span::SpanKind::Opcode;
use crate::persist::span::SpanKind::Value;
use crate::persist::span::Walk;
use crate::persist::span::shown;

pub(super) fn listpack(walk: &mut Walk<'_>) {
    let _ = listpack_elements(walk);
}

fn listpack_elements(walk: &mut Walk<'_>) -> Option<()> {
    walk.number(Length, 4, "bytes of the listpack")?;
    walk.number(Length, 2, "elements")?;
    while walk.goes_on() && walk.rest() != [END] {
        let start = walk.at();
        let [first] = walk.array()?;
        let (payload, is_text) = match first {
            0..=0x7f => {
                walk.name(Value, start, format!("element {first}"));
                back(walk, start)?;
                continue;
            }
            0x80..=0xbf => (usize::from(first & 0x3f), true),
            0xc0..=0xdf => {
                let [low] = walk.array()?;
                let number = i64::from(first & 0x1f) << 8 | i64::from(low);
                let number = number << 51 >> 51;
                walk.name(Value, start, format!("element {number}"));
                back(walk, start)?;
                continue;
            }
            0xe0..=0xef => {
                let [low] = walk.array()?;
                (usize::from(first & 0xf) << 8 | usize::from(low), true)
            }
            0xf0 => (u32::from_le_bytes(walk.array()?) as usize, true),
            0xf1 => (2, false),
            0xf2 => (3, false),
            0xf3 => (4, false),
            0xf4 => (8, false),
            _ => return None,
        };
        element(walk, start, payload, is_text)?;
        back(walk, start)?;
    }
    end(walk)
}

/// How long the element is, so that it can be found from behind.
fn back(walk: &mut Walk<'_>, element: usize) -> Option<()> {
    let bytes = match walk.at() - element {
        0..=0x7f => 1,
        0x80..=0x3ffe => 2,
        0x3fff..=0x1f_fffe => 3,
        0x1f_ffff..=0xfff_fffe => 4,
        _ => 5,
    };
    walk.take_named(Length, bytes, "length backwards")
}

pub(super) fn ziplist(walk: &mut Walk<'_>) {
    let _ = ziplist_elements(walk);
}

fn ziplist_elements(walk: &mut Walk<'_>) -> Option<()> {
    walk.number(Length, 4, "bytes of the ziplist")?;
    walk.number(Fact, 4, "offset of the last element")?;
    walk.number(Length, 2, "elements")?;
    while walk.goes_on() && walk.rest() != [END] {
        match walk.rest().first()? {
            0xfe => {
                walk.take_named(Encoding, 1, "a long length follows")?;
                walk.number(Length, 4, "bytes of the element before")?;
            }
            _ => {
                walk.number(Length, 1, "bytes of the element before")?;
            }
        }
        let start = walk.at();
        let [first] = walk.array()?;
        let (payload, is_text) = match first {
            0..=0x3f => (first.into(), true),
            0x40..=0x7f => {
                let [low] = walk.array()?;
                (usize::from(first & 0x3f) << 8 | usize::from(low), true)
            }
            0x80 => (u32::from_be_bytes(walk.array()?) as usize, true),
            0xc0 => (2, false),
            0xd0 => (4, false),
            0xe0 => (8, false),
            0xf0 => (3, false),
            0xfe => (1, false),
            0xf1..=0xfd => {
                walk.name(Value, start, format!("element {}", first - 0xf1));
                continue;
            }
            _ => return None,
        };
        element(walk, start, payload, is_text)?;
    }
    end(walk)
}

/// The encoding from `start` up to here, then the payload.
fn element(walk: &mut Walk<'_>, start: usize, payload: usize, is_text: bool) -> Option<()> {
    let text = match is_text {
        true => format!("a string of {payload} bytes"),
        false => format!("a number of {} bits", payload * 8),
    };
    walk.name(Encoding, start, text);
    let start = walk.at();
    let bytes = walk.take(payload)?;
    let said = if is_text { shown(bytes) } else { little(bytes)?.to_string() };
    walk.name(Value, start, format!("element {said}"));
    Some(())
}

fn end(walk: &mut Walk<'_>) -> Option<()> {
    match walk.rest() {
        [END] => walk.take_named(Opcode, 1, "end of the elements"),
        _ => None,
    }
}

pub(super) fn intset(walk: &mut Walk<'_>) {
    let _ = intset_members(walk);
}

fn intset_members(walk: &mut Walk<'_>) -> Option<()> {
    let width = walk.number(Encoding, 4, "bytes of each member")?;
    walk.number(Length, 4, "members")?;
    let width = usize::try_from(width).ok().filter(|width| matches!(width, 2 | 4 | 8))?;
    while walk.goes_on() {
        let start = walk.at();
        let member = little(walk.take(width)?)?;
        walk.name(Value, start, format!("member {member}"));
    }
    Some(())
}

/// A signed number, its least significant byte first.
fn little(bytes: &[u8]) -> Option<i64> {
    let bits = 64 - 8 * u32::try_from(bytes.len()).ok()?;
    let number = bytes.iter().rev().fold(0_i64, |number, byte| number << 8 | i64::from(*byte));
    number.checked_shl(bits)?.checked_shr(bits)
}

const END: u8 = 0xff;
