//! Glob patterns as KEYS, SCAN, CONFIG GET and PSUBSCRIBE match them.
//!
//! `*` matches any bytes, `?` any one, `[a-z]` and `[^a-z]` one of a class, `\` takes the next
//! byte as itself. What Redis makes of odd patterns is kept: an unclosed class ends with the
//! pattern, a range may stand backwards and may reach to `]`, its bytes compare as signed, an
//! escape inside a class heeds case always, and no star matches an empty text.
//!
//! The work is bounded by the product of the lengths: a mismatch only goes back to the latest
//! star, since a longer match for an earlier one would leave less for the rest to match.

/// Whether `text` matches `pattern` as a whole.
pub fn matches(pattern: &[u8], text: &[u8]) -> bool {
    run(pattern, text, Case::Sensitive)
}

/// As [`matches`], with ASCII letters of either case being the same.
pub fn matches_ignoring_case(pattern: &[u8], text: &[u8]) -> bool {
    run(pattern, text, Case::Ignored)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Case {
    Sensitive,
    Ignored,
}

fn run(pattern: &[u8], text: &[u8], case: Case) -> bool {
    if text.is_empty() {
        return pattern.is_empty();
    }
    let mut at = Place { pattern, text };
    let mut latest_star = None;
    let mut stars = 0;
    while let Some((byte, text)) = at.text.split_first() {
        if at.pattern.first() == Some(&b'*') {
            at.pattern = skip_stars(at.pattern);
            stars += 1;
            if at.pattern.is_empty() || stars > STARS_MAX {
                return at.pattern.is_empty();
            }
            latest_star = Some(at);
        } else if let Some(pattern) = match_one(at.pattern, *byte, case) {
            at = Place { pattern, text };
        } else {
            let Some(star) = &mut latest_star else { return false };
            star.text = star.text.get(1..).unwrap_or_default();
            at = *star;
        }
    }
    skip_stars(at.pattern).is_empty()
}

/// What is left to match, and against what.
#[derive(Clone, Copy)]
struct Place<'a> {
    pattern: &'a [u8],
    text: &'a [u8],
}

/// The pattern after its first element, if that matches `byte`.
fn match_one(pattern: &[u8], byte: u8, case: Case) -> Option<&[u8]> {
    match pattern {
        [] => None,
        [b'?', rest @ ..] => Some(rest),
        [b'[', class @ ..] => match_class(class, byte, case),
        [b'\\', literal, rest @ ..] | [literal, rest @ ..] => {
            same(*literal, byte, case).then_some(rest)
        }
    }
}

/// The pattern after the class that begins here, if `byte` is of the class.
fn match_class(class: &[u8], byte: u8, case: Case) -> Option<&[u8]> {
    let (negated, mut class) = match class {
        [b'^', class @ ..] => (true, class),
        class => (false, class),
    };
    let mut found = false;
    loop {
        class = match class {
            [] => return (found != negated).then_some(class),
            [b'\\', literal, rest @ ..] => {
                found |= *literal == byte;
                rest
            }
            [b']', rest @ ..] => return (found != negated).then_some(rest),
            [first, b'-', last, rest @ ..] => {
                found |= in_range(*first, *last, byte, case);
                rest
            }
            [literal, rest @ ..] => {
                found |= same(*literal, byte, case);
                rest
            }
        };
    }
}

fn in_range(first: u8, last: u8, byte: u8, case: Case) -> bool {
    let (low, high) = match (first.cast_signed(), last.cast_signed()) {
        (first, last) if first > last => (last, first),
        range => range,
    };
    let fold = |byte: i8| match case {
        Case::Sensitive => byte,
        Case::Ignored => byte.cast_unsigned().to_ascii_lowercase().cast_signed(),
    };
    (fold(low)..=fold(high)).contains(&fold(byte.cast_signed()))
}

fn same(literal: u8, byte: u8, case: Case) -> bool {
    match case {
        Case::Sensitive => literal == byte,
        Case::Ignored => literal.eq_ignore_ascii_case(&byte),
    }
}

fn skip_stars(pattern: &[u8]) -> &[u8] {
    let stars = pattern.iter().take_while(|byte| **byte == b'*').count();
    pattern.get(stars..).unwrap_or_default()
}

/// Stars in a pattern after which Redis gives up.
const STARS_MAX: usize = 1000;

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pattern: &str, text: &str, case: Case, expect: bool) {
        let got = run(pattern.as_bytes(), text.as_bytes(), case);
        assert_eq!(got, expect, "{pattern:?} {text:?} {case:?}");
    }

    #[test]
    fn matches_as_redis_does() {
        for (pattern, text, expect) in [
            ("", "", true),
            ("", "a", false),
            ("*", "", false),
            ("*", "abc", true),
            ("a*c", "abbc", true),
            ("a*c", "abbd", false),
            ("a**", "a", true),
            ("*a*b*", "xaxbx", true),
            ("*ab", "aab", true),
            ("a?c", "abc", true),
            ("a?", "a", false),
            ("[abc]", "b", true),
            ("[^abc]", "b", false),
            ("[a-c]x", "bx", true),
            ("[c-a]", "b", true),
            ("[a-]", "]", true),
            ("[a-]", "-", false),
            ("[a-]]", "a]", false),
            ("[a", "a", true),
            ("[a-", "-", true),
            ("[", "a", false),
            ("[^", "a", true),
            ("[]", "]", false),
            (r"[\]]", "]", true),
            (r"\*", "*", true),
            (r"\*", "a", false),
            (r"a\", r"a\", true),
            ("[\u{7f}-\u{80}]", "a", true),
            ("[A-C]", "b", false),
        ] {
            check(pattern, text, Case::Sensitive, expect);
        }
    }

    #[test]
    fn ignores_case_but_not_in_escapes_of_a_class() {
        for (pattern, text, expect) in [
            ("ABC", "abc", true),
            ("[A-C]*", "bX", true),
            ("[Z-a]", "z", false),
            (r"[\A]", "a", false),
            (r"\A", "a", true),
        ] {
            check(pattern, text, Case::Ignored, expect);
        }
    }

    #[test]
    fn many_stars_take_bounded_work() {
        let text = "a".repeat(20_000);
        let mut pattern = "a*".repeat(500);
        pattern.push('b');
        check(&pattern, &text, Case::Sensitive, false);
        let too_many = "a*".repeat(STARS_MAX + 1) + "a";
        check(&too_many, &text, Case::Sensitive, false);
        check(&"a*".repeat(STARS_MAX + 1), &text, Case::Sensitive, true);
    }
}
