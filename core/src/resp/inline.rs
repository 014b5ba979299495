//! Splitting a line into words with redis-cli's quoting.
//!
//! Used for inline requests, for configuration files and for what is typed at
//! a prompt: one rule, as in Redis. Double quotes know `\n \r \t \b \a \xHH`
//! and `\"`; single quotes know `\'` only; a closing quote ends its word and must be
//! followed by a space or the end.

/// The words of `line`, unquoted; `None` when a quote is not closed or is followed by text.
pub fn split_words(line: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut words = Vec::new();
    let mut rest = trim_start(line);
    while !rest.is_empty() && rest.first() != Some(&0) {
        let (word, after) = take_word(rest)?;
        words.push(word);
        rest = trim_start(after);
    }
    Some(words)
}

fn take_word(mut rest: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let mut word = Vec::new();
    while let Some((byte, after)) = rest.split_first() {
        match byte {
            b'"' | b'\'' => {
                let after = take_quoted(after, *byte, &mut word)?;
                return match after.first() {
                    Some(next) if !is_space(*next) => None,
                    _ => Some((word, after)),
                };
            }
            0 => break,
            byte if is_space(*byte) => break,
            byte => word.push(*byte),
        }
        rest = after;
    }
    Some((word, rest))
}

/// Appends what stands up to the closing `quote`; returns what follows it.
fn take_quoted<'a>(mut rest: &'a [u8], quote: u8, word: &mut Vec<u8>) -> Option<&'a [u8]> {
    loop {
        let (byte, after) = rest.split_first()?;
        rest = after;
        match (quote, byte, after) {
            (quote, byte, _) if *byte == quote => return Some(after),
            (b'\'', b'\\', [b'\'', after @ ..]) => {
                word.push(b'\'');
                rest = after;
            }
            (b'"', b'\\', [b'x', high, low, after @ ..])
                if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() =>
            {
                word.push(hex_value(*high) << 4 | hex_value(*low));
                rest = after;
            }
            (b'"', b'\\', [escaped, after @ ..]) => {
                word.push(unescape(*escaped));
                rest = after;
            }
            (_, byte, _) => word.push(*byte),
        }
    }
}

fn unescape(escaped: u8) -> u8 {
    match escaped {
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'b' => 0x08,
        b'a' => 0x07,
        other => other,
    }
}

fn hex_value(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        _ => (digit.to_ascii_lowercase()).wrapping_sub(b'a').wrapping_add(10),
    }
}

/// C's `isspace` in the C locale, which has the vertical tab that `is_ascii_whitespace` lacks.
fn is_space(byte: u8) -> bool {
    byte.is_ascii_whitespace() || byte == 0x0b
}

fn trim_start(mut bytes: &[u8]) -> &[u8] {
    while let Some((first, rest)) = bytes.split_first()
        && is_space(*first)
    {
        bytes = rest;
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, expect: Option<&[&str]>) {
        let words = split_words(line.as_bytes());
        let expect = expect.map(|e| e.iter().map(|w| w.as_bytes().to_vec()).collect::<Vec<_>>());
        assert_eq!(words, expect, "{line:?}");
    }

    #[test]
    fn splits_and_unquotes() {
        check("", Some(&[]));
        check("  a  b\tc ", Some(&["a", "b", "c"]));
        check(r#"set k "a b\n\x41\"""#, Some(&["set", "k", "a b\nA\""]));
        check(r"'it\'s' 'a\nb'", Some(&["it's", r"a\nb"]));
        check(r#""" ''"#, Some(&["", ""]));
        check(r#"ab"c d""#, Some(&["abc d"]));
    }

    #[test]
    fn refuses_unbalanced_quotes() {
        check(r#""a"#, None);
        check("'a", None);
        check(r#""a"b"#, None);
        check(r#""a\"#, None);
    }
}
