//! Bytes in double quotes, as redis-cli, MONITOR and the log show them; [`super::split_words`] reads
//! them back.

/// Appends `bytes` in double quotes, with everything a terminal can't show escaped.
pub fn quote(bytes: &[u8], out: &mut Vec<u8>) {
    out.push(b'"');
    for &byte in bytes {
        match byte {
            b'\\' | b'"' => out.extend_from_slice(&[b'\\', byte]),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            0x07 => out.extend_from_slice(b"\\a"),
            0x08 => out.extend_from_slice(b"\\b"),
            0x20..=0x7e => out.push(byte),
            _ => out.extend_from_slice(format!("\\x{byte:02x}").as_bytes()),
        }
    }
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::quote;
    use crate::resp::split_words;

    #[test]
    fn what_is_quoted_is_read_back() {
        let every: Vec<u8> = (0..=u8::MAX).collect();
        for bytes in [&b""[..], b"plain", b"two words", b"\"\\\n\r\t\x07\x08\x00\xff'", &every] {
            let mut quoted = Vec::new();
            quote(bytes, &mut quoted);
            assert!(quoted.iter().all(|byte| (0x20..=0x7e).contains(byte)));
            assert_eq!(split_words(&quoted), Some(vec![bytes.to_vec()]));
        }
    }
}
