//! The words of a declaration, with the words of a selector joined: `(~a` `+get)` is one rule.

use std::borrow::Cow;

/// A selector that is opened and not closed: the index of the word that opens it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unmatched(pub usize);

/// Joins what stands between a word that opens a selector and the next that closes one.
pub fn join_selectors<'a>(words: &[&'a [u8]]) -> Result<Vec<Cow<'a, [u8]>>, Unmatched> {
    let mut joined = Vec::with_capacity(words.len());
    let mut open: Option<(usize, Vec<u8>)> = None;
    for (index, word) in words.iter().enumerate() {
        let closes = word.ends_with(b")");
        match &mut open {
            Some((_, selector)) => {
                selector.push(b' ');
                selector.extend_from_slice(word);
                if closes {
                    joined.extend(open.take().map(|(_, selector)| Cow::Owned(selector)));
                }
            }
            None if word.starts_with(b"(") && !closes => open = Some((index, word.to_vec())),
            None => joined.push(Cow::Borrowed(*word)),
        }
    }
    match open {
        Some((index, _)) => Err(Unmatched(index)),
        None => Ok(joined),
    }
}

/// Whether a name or a pattern has what would make it two words in a file.
pub fn has_spaces(word: &[u8]) -> bool {
    word.iter().any(|byte| matches!(byte, b' ' | b'\t'..=b'\r' | 0))
}

#[cfg(test)]
mod tests {
    use super::Unmatched;
    use super::join_selectors;

    #[test]
    fn joins_from_an_open_to_a_closed_word() {
        for (text, expect) in [
            ("on ~a", Ok("on,~a")),
            ("(~a +get) on", Ok("(~a +get),on")),
            ("(~a) (+get", Err(Unmatched(1))),
            ("( ~a )", Ok("( ~a )")),
            ("(a (b c) d)", Ok("(a (b c),d)")),
            (") on", Ok("),on")),
            ("() (", Err(Unmatched(1))),
        ] {
            let words: Vec<&[u8]> = text.split(' ').map(str::as_bytes).collect();
            let joined = join_selectors(&words).map(|words| words.join(&b","[..]));
            assert_eq!(joined, expect.map(|text| text.as_bytes().to_vec()), "{text}");
        }
    }
}
