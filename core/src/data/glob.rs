//! Patterns as KEYS, SCAN, PSUBSCRIBE and CONFIG GET take them.
//!
//! `*` is any bytes, `?` any one, `[a-c]` and `[^a-c]` one of or none of a set, `\` takes away the
//! next byte's meaning. As in Redis a set that is not closed ends with the pattern, and a range may
//! stand in either direction. Time is bounded by the product of both lengths: after a mismatch only
//! the last `*` is tried again, one byte further.

/// Whether `text` matches `pattern` as a whole.
pub fn matches(pattern: &[u8], text: &[u8]) -> bool {
    run(pattern, text, |byte| byte)
}

/// As [`matches`], with ASCII letters of either case being the same.
pub fn matches_ignoring_case(pattern: &[u8], text: &[u8]) -> bool {
    run(pattern, text, |byte| byte.to_ascii_lowercase())
}

fn run(mut pattern: &[u8], mut text: &[u8], fold: fn(u8) -> u8) -> bool {
    // What follows the last `*`, and the text it was last tried at.
    let mut retry: Option<(&[u8], &[u8])> = None;
    loop {
        if let [b'*', rest @ ..] = pattern {
            pattern = rest;
            retry = Some((rest, text));
            continue;
        }
        let Some((byte, text_rest)) = text.split_first() else { return pattern.is_empty() };
        if let Some(rest) = take_one(pattern, *byte, fold) {
            (pattern, text) = (rest, text_rest);
            continue;
        }
        let Some((after_star, [_, further @ ..])) = retry else { return false };
        (pattern, text) = (after_star, further);
        retry = Some((after_star, further));
    }
}

/// The pattern after the element at its start, if that element matches `byte`.
fn take_one(pattern: &[u8], byte: u8, fold: fn(u8) -> u8) -> Option<&[u8]> {
    match pattern {
        [b'?', rest @ ..] => Some(rest),
        [b'[', rest @ ..] => {
            let (negated, set) = match rest {
                [b'^', set @ ..] => (true, set),
                set => (false, set),
            };
            let (found, rest) = take_set(set, byte, fold);
            (found != negated).then_some(rest)
        }
        [b'\\', own, rest @ ..] | [own, rest @ ..] => (fold(*own) == fold(byte)).then_some(rest),
        [] => None,
    }
}

/// Whether the set, whose `[` has been read, holds `byte`; and the pattern after it.
fn take_set(mut set: &[u8], byte: u8, fold: fn(u8) -> u8) -> (bool, &[u8]) {
    let byte = fold(byte);
    let mut found = false;
    loop {
        match set {
            [] => return (found, set),
            [b'\\', own, rest @ ..] => {
                found |= fold(*own) == byte;
                set = rest;
            }
            [b']', rest @ ..] => return (found, rest),
            [from, b'-', to, rest @ ..] => {
                let (from, to) = (fold(*from), fold(*to));
                found |= (from.min(to)..=from.max(to)).contains(&byte);
                set = rest;
            }
            [own, rest @ ..] => {
                found |= fold(*own) == byte;
                set = rest;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pattern: &str, yes: &[&str], no: &[&str]) {
        for text in yes {
            assert!(matches(pattern.as_bytes(), text.as_bytes()), "{pattern} should match {text}");
        }
        for text in no {
            assert!(!matches(pattern.as_bytes(), text.as_bytes()), "{pattern} matches {text}");
        }
    }

    #[test]
    fn matches_as_redis_does() {
        check("", &[""], &["a"]);
        check("*", &["", "a", "abc"], &[]);
        check("**", &["", "a"], &[]);
        check("h?llo", &["hello", "hallo", "h?llo"], &["hllo", "heello", "Hello"]);
        check("h*llo", &["hllo", "heeeello", "hllllo"], &["hell", "helloo"]);
        check("*a*b*", &["ab", "xaxbx", "aabb"], &["ba", "a", ""]);
        check("*aab", &["aab", "aaab", "aabaab"], &["aaba"]);
        check("h[ae]llo", &["hello", "hallo"], &["hillo", "hllo"]);
        check("h[^e]llo", &["hallo", "hbllo"], &["hello"]);
        check("h[a-c]llo", &["hallo", "hcllo"], &["hdllo"]);
        check("h[c-a]llo", &["hallo", "hcllo"], &["hdllo"]);
        check("[a-]", &["a", "]"], &["-", "b"]);
        check("[a", &["a"], &["b", "["]);
        check("[", &[], &["[", "a"]);
        check("[^", &["a"], &[""]);
        check(r"[\]x]", &["]", "x"], &["\\"]);
        check(r"\*", &["*"], &["a", r"\*"]);
        check(r"a\", &[r"a\"], &["a"]);
        check("[]", &[], &["]", ""]);
    }

    #[test]
    fn ignores_case_when_told() {
        assert!(matches_ignoring_case(b"MaxMem*[A-C]", b"maxmemoryb"));
        assert!(!matches(b"A", b"a"));
    }

    #[test]
    fn many_stars_take_no_exponential_time() {
        let pattern = "a*".repeat(64) + "b";
        assert!(!matches(pattern.as_bytes(), "a".repeat(10_000).as_bytes()));
    }
}
