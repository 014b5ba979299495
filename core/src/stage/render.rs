//! Patterns in words, for the side of a report that says what was expected.

use super::spec::Pattern;
use super::spec::Text;

/// What `pattern` asks for, with placeholders put in by `resolve`.
pub fn pattern(pattern: &Pattern, resolve: &mut dyn FnMut(&str) -> String) -> String {
    match pattern {
        Pattern::Any => "any reply".to_owned(),
        Pattern::Nothing => "no reply".to_owned(),
        Pattern::Simple(inner) => format!("the simple string {}", text(inner, resolve)),
        Pattern::Error(inner) => format!("the error {}", text(inner, resolve)),
        Pattern::Bulk(inner) => format!("the bulk string {}", text(inner, resolve)),
        Pattern::Integer(number) => format!("the integer {number}"),
        Pattern::IntegerIn(low, high) => format!("an integer from {low} to {high}"),
        Pattern::NullBulk => "a null bulk string ($-1)".to_owned(),
        Pattern::NullArray => "a null array (*-1)".to_owned(),
        Pattern::Array(items) => format!("an array of [{}]", patterns(items, ", ", resolve)),
        Pattern::Unordered(items) => {
            format!("an array, in any order, of [{}]", patterns(items, ", ", resolve))
        }
        Pattern::ArrayPrefix(items) => {
            format!("an array that begins with [{}]", patterns(items, ", ", resolve))
        }
        Pattern::ArrayWith(items, []) => {
            format!("an array that holds {}", patterns(items, ", ", resolve))
        }
        Pattern::ArrayWith([], others) => {
            format!("an array that does not hold {}", patterns(others, ", ", resolve))
        }
        Pattern::ArrayWith(items, others) => {
            let (items, others) = (patterns(items, ", ", resolve), patterns(others, ", ", resolve));
            format!("an array that holds {items} and does not hold {others}")
        }
        Pattern::Request(words) => format!("the request {}", texts(words, resolve)),
        Pattern::RequestPrefix(words) => {
            format!("a request that starts with {}", texts(words, resolve))
        }
        Pattern::AnyOf(options) => patterns(options, " or ", resolve),
    }
}

fn patterns(items: &[Pattern], separator: &str, resolve: &mut dyn FnMut(&str) -> String) -> String {
    let parts: Vec<String> = items.iter().map(|item| pattern(item, resolve)).collect();
    parts.join(separator)
}

fn texts(items: &[Text], resolve: &mut dyn FnMut(&str) -> String) -> String {
    let parts: Vec<String> = items.iter().map(|item| text(item, resolve)).collect();
    parts.join(" ")
}

fn text(text_: &Text, resolve: &mut dyn FnMut(&str) -> String) -> String {
    match text_ {
        Text::Any => "(anything)".to_owned(),
        Text::Is(wanted) => format!("`{}`", resolve(wanted)),
        Text::Word(wanted) => format!("`{}` (in any case)", resolve(wanted)),
        Text::Prefix(wanted) => format!("that starts with `{}`", resolve(wanted)),
        Text::Contains(wanted) => format!("that contains `{}`", resolve(wanted)),
        Text::Alphanumeric(len) => format!("({len} letters or digits)"),
        Text::Number(low, high) if low == high => format!("`{low}`"),
        Text::Number(low, high) => format!("(a number from {low} to {high})"),
        Text::Below(limit) => format!("(a number below {})", resolve(limit)),
        Text::Parts(parts) => texts(parts, resolve),
        Text::Fields(fields) => {
            let lines =
                fields.iter().map(|(name, value)| format!("{name}:{}", text(value, resolve)));
            format!("with the lines {}", lines.collect::<Vec<_>>().join(", "))
        }
        Text::Bind(_, inner) => text(inner, resolve),
    }
}

#[cfg(test)]
mod tests {
    use super::Pattern;
    use super::Text;
    use super::pattern;

    #[test]
    fn patterns_read_as_sentences() {
        let cases: &[(Pattern, &str)] = &[
            (Pattern::Simple(Text::Is("OK")), "the simple string `OK`"),
            (
                Pattern::AnyOf(&[Pattern::NullBulk, Pattern::Integer(1)]),
                "a null bulk string ($-1) or the integer 1",
            ),
            (
                Pattern::ArrayPrefix(&[
                    Pattern::Any,
                    Pattern::ArrayWith(&[], &[Pattern::NullBulk]),
                ]),
                "an array that begins with [any reply, an array that does not hold a null bulk string ($-1)]",
            ),
            (
                Pattern::ArrayWith(&[Pattern::Integer(1)], &[Pattern::Integer(2)]),
                "an array that holds the integer 1 and does not hold the integer 2",
            ),
            (Pattern::Request(&[Text::Word("PING")]), "the request `PING` (in any case)"),
            (
                Pattern::Bulk(Text::Fields(&[
                    ("role", Text::Is("slave")),
                    ("offset", Text::Number(0, 0)),
                ])),
                "the bulk string with the lines role:`slave`, offset:`0`",
            ),
        ];
        for (wanted, words) in cases {
            assert_eq!(pattern(wanted, &mut str::to_owned), *words);
        }
    }
}
