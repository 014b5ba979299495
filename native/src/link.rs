//! A script as a link to the page: `#1.` and its text, deflated, in base64url.
//!
//! The page compresses what it shares. A script that was made small is short enough to be stored as it
//! is, which deflate knows as blocks of their own kind, so no compressor is needed.

/// What stands behind the page's address.
pub fn hash_of(script: &str) -> String {
    format!("#1.{}", base64url(&stored(script.as_bytes())))
}

/// The bytes as deflate's stored blocks: whether it is the last, the length, its complement, the bytes.
fn stored(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() + 16);
    let mut blocks = bytes.chunks(usize::from(u16::MAX)).peekable();
    while let Some(block) = blocks.next() {
        // A block is no longer than this number can say.
        let len = block.len() as u16;
        out.push(u8::from(blocks.peek().is_none()));
        out.extend_from_slice(&len.to_le_bytes());
        out.extend_from_slice(&(!len).to_le_bytes());
        out.extend_from_slice(block);
    }
    out
}

/// Base64 with letters that stand in addresses, without padding.
fn base64url(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 4 / 3 + 3);
    for group in bytes.chunks(3) {
        let byte = |at: usize| u32::from(group.get(at).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for letter in 0..=group.len() {
            let index = bits >> (18 - 6 * letter) & 63;
            text.push(char::from(LETTERS[index as usize]));
        }
    }
    text
}

const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_those_of_base64url() {
        for (bytes, expect) in [
            (&b""[..], ""),
            (b"f", "Zg"),
            (b"fo", "Zm8"),
            (b"foo", "Zm9v"),
            (b"foob", "Zm9vYg"),
            (&[0xfb, 0xff, 0xbf], "-_-_"),
        ] {
            assert_eq!(base64url(bytes), expect);
        }
    }

    #[test]
    fn blocks_are_stored() {
        assert_eq!(stored(b"hi"), [1, 2, 0, 0xfd, 0xff, b'h', b'i']);
        let two = stored(&[7; 65_536]);
        assert_eq!((two[0], two[65_540], two.len()), (0, 1, 65_536 + 10));
        assert!(hash_of("redarium-script 1\n").starts_with("#1.ARIA7f9yZWRhcml1bS1zY3JpcHQ"));
    }
}
