//! Reads zipmaps, which Redis kept small hashes in before 2.6.
//!
//! ```text
//! u8 fields, 254 and more for "count them"   (length field  length u8 spare  value  spare bytes)*  FF
//! length: one byte below 254, else FE u32
//! ```

/// Fields and values in turn, if the bytes are a well-formed zipmap.
pub(super) fn parse(bytes: &[u8]) -> Option<Vec<&[u8]>> {
    let (&counted, mut rest) = bytes.split_first()?;
    let mut elements = Vec::new();
    while rest != [END] {
        let (length, after) = length(rest)?;
        let (field, after) = after.split_at_checked(length)?;
        let (length, after) = self::length(after)?;
        let (&spare, after) = after.split_first()?;
        let (value, after) = after.split_at_checked(length)?;
        rest = after.get(usize::from(spare)..)?;
        elements.extend([field, value]);
    }
    let is_counted = counted >= COUNT_UNKNOWN || usize::from(counted) == elements.len() / 2;
    is_counted.then_some(elements)
}

fn length(bytes: &[u8]) -> Option<(usize, &[u8])> {
    match bytes.split_first()? {
        (&LONG_LENGTH, rest) => {
            let (length, rest) = rest.split_first_chunk()?;
            Some((u32::from_le_bytes(*length) as usize, rest))
        }
        (&END, _) => None,
        (&length, rest) => Some((length.into(), rest)),
    }
}

const END: u8 = 0xff;
const COUNT_UNKNOWN: u8 = 0xfe;
const LONG_LENGTH: u8 = 0xfe;

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn reads_fields_and_values_and_skips_what_is_spare() {
        let long = [&b"\x01\x01f\xfe\x2c\x01\x00\x00\x00"[..], &[b'x'; 300], b"\xff"].concat();
        for (bytes, expect) in [
            (&b"\x00\xff"[..], Some(vec![])),
            (b"\x01\x01a\x02\x00bc\xff", Some(vec![&b"a"[..], b"bc"])),
            (b"\x02\x01a\x01\x03b...\x00\x00\x00\xff", Some(vec![b"a", b"b", b"", b""])),
            (b"\xfe\x01a\x01\x00b\xff", Some(vec![b"a", b"b"])),
            (&long, Some(vec![b"f", &[b'x'; 300]])),
            (b"\x02\x01a\x01\x00b\xff", None),
            (b"\x01\x01a\x01\x00b", None),
            (b"\x01\x01a\x01\x00b\xff\xff", None),
            (b"\x01\x01a\x01\x04b\xff", None),
            (b"\x01\x01a\x09\x00b\xff", None),
            (b"\x01\xfe\x01\x00", None),
            (b"", None),
        ] {
            assert_eq!(parse(bytes), expect, "{}", bytes.escape_ascii());
        }
    }
}
