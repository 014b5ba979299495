//! Printing a reply as redis-cli 7 prints it on a terminal.
//!
//! Every line ends in `\n`. Nested aggregates are numbered and indented so
//! that the numbers of one level stand in one column; the first entry of a nested
//! aggregate stays on its parent's line, except below a map's key, where it
//! starts a line of its own when it takes more than one.

use super::value::Value;
use crate::resp::quote;

/// The reply as the terminal shows it.
pub fn print(value: &Value) -> Vec<u8> {
    let mut out = Vec::new();
    print_indented(value, 0, &mut out);
    out
}

/// The reply as is, for the few commands whose reply is a text for people (`INFO`).
pub fn print_raw(value: &Value) -> Vec<u8> {
    let mut out = match value {
        Value::Array(_) | Value::Set(_) | Value::Push(_) | Value::Map(_) => return print(value),
        Value::Integer(number) => number.to_string().into_bytes(),
        Value::Null => Vec::new(),
        Value::Boolean(yes) => if *yes { "(true)" } else { "(false)" }.into(),
        Value::Simple(text)
        | Value::Error(text)
        | Value::Bulk(text)
        | Value::Verbatim(text)
        | Value::Double(text)
        | Value::BigNumber(text) => text.clone(),
    };
    if out.last().is_some_and(|last| *last != b'\n') {
        out.push(b'\n');
    }
    out
}

/// A message that answers nothing. That cached keys are no longer valid is said in a line of its own.
pub fn print_push(value: &Value) -> Vec<u8> {
    let Value::Push(words) = value else { return print(value) };
    let [word, Value::Array(keys)] = words.as_slice() else { return print(value) };
    if word.as_text() != Some(b"invalidate") {
        return print(value);
    }
    let keys: Vec<&[u8]> = keys.iter().filter_map(Value::as_text).collect();
    [b"-> invalidate: '", &keys.join(&b"', '"[..])[..], b"'\n"].concat()
}

fn print_indented(value: &Value, indent: usize, out: &mut Vec<u8>) {
    match value {
        Value::Simple(text) | Value::Verbatim(text) | Value::BigNumber(text) => {
            line(b"", text, out);
        }
        Value::Error(text) => line(b"(error) ", text, out),
        Value::Integer(number) => line(b"(integer) ", number.to_string().as_bytes(), out),
        Value::Double(text) => line(b"(double) ", text, out),
        Value::Null => line(b"", b"(nil)", out),
        Value::Boolean(yes) => line(b"", if *yes { b"(true)" } else { b"(false)" }, out),
        Value::Bulk(text) => {
            quote(text, out);
            out.push(b'\n');
        }
        Value::Array(items) => print_items(items, ')', "(empty array)", indent, out),
        Value::Set(items) => print_items(items, '~', "(empty set)", indent, out),
        Value::Push(items) => print_items(items, ')', "(empty push)", indent, out),
        Value::Map(pairs) => print_pairs(pairs, indent, out),
    }
}

fn print_items(items: &[Value], mark: char, empty: &str, indent: usize, out: &mut Vec<u8>) {
    if items.is_empty() {
        return line(b"", empty.as_bytes(), out);
    }
    let width = digits(items.len());
    for (index, item) in items.iter().enumerate() {
        number(index, width, mark, indent, out);
        print_indented(item, indent + width + 2, out);
    }
}

fn print_pairs(pairs: &[(Value, Value)], indent: usize, out: &mut Vec<u8>) {
    if pairs.is_empty() {
        return line(b"", b"(empty hash)", out);
    }
    let width = digits(pairs.len());
    let inner = indent + width + 2;
    for (index, (key, value)) in pairs.iter().enumerate() {
        number(index, width, '#', indent, out);
        print_indented(key, inner, out);
        out.pop();
        out.extend_from_slice(b" => ");
        if takes_lines(value) {
            out.push(b'\n');
            spaces(inner, out);
        }
        print_indented(value, inner, out);
    }
}

/// `12) `, right-aligned; indented unless it goes on its parent's line.
fn number(index: usize, width: usize, mark: char, indent: usize, out: &mut Vec<u8>) {
    if index > 0 {
        spaces(indent, out);
    }
    out.extend_from_slice(format!("{:>width$}{mark} ", index + 1).as_bytes());
}

/// Whether an aggregate takes more than one line.
fn takes_lines(value: &Value) -> bool {
    match value {
        Value::Array(items) | Value::Set(items) | Value::Push(items) => match items.as_slice() {
            [only] => takes_lines(only),
            items => !items.is_empty(),
        },
        Value::Map(pairs) => match pairs.as_slice() {
            [(_, only)] => takes_lines(only),
            pairs => !pairs.is_empty(),
        },
        _ => false,
    }
}

fn digits(count: usize) -> usize {
    count.checked_ilog10().map_or(1, |log| log as usize + 1)
}

fn line(mark: &[u8], text: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(mark);
    out.extend_from_slice(text);
    out.push(b'\n');
}

fn spaces(count: usize, out: &mut Vec<u8>) {
    out.resize(out.len() + count, b' ');
}

#[cfg(test)]
mod tests {
    use bytes::BytesMut;

    use super::*;
    use crate::client::Decoder;

    fn decode(wire: &str) -> Value {
        Decoder::default().next(&mut BytesMut::from(wire)).unwrap().unwrap()
    }

    /// What redis-cli 7.0.15 printed for the same bytes.
    const PRINTED: &[(&str, &str)] = &[
        ("+OK\r\n", "OK\n"),
        ("-ERR no\r\n", "(error) ERR no\n"),
        (":12345\r\n", "(integer) 12345\n"),
        ("$11\r\nHello World\r\n", "\"Hello World\"\n"),
        ("$0\r\n\r\n", "\"\"\n"),
        (
            "$12\r\nx\n\0\u{1}é\"\\\u{7}\u{8}\t\r\r\n",
            "\"x\\n\\x00\\x01\\xc3\\xa9\\\"\\\\\\a\\b\\t\\r\"\n",
        ),
        ("$-1\r\n", "(nil)\n"),
        ("_\r\n", "(nil)\n"),
        ("#t\r\n", "(true)\n"),
        ("#f\r\n", "(false)\n"),
        (",3.141\r\n", "(double) 3.141\n"),
        (",-inf\r\n", "(double) -inf\n"),
        ("=29\r\ntxt:This is a verbatim\nstring\r\n", "This is a verbatim\nstring\n"),
        ("*0\r\n", "(empty array)\n"),
        ("%0\r\n", "(empty hash)\n"),
        ("~0\r\n", "(empty set)\n"),
        ("*3\r\n:0\r\n:1\r\n:2\r\n", "1) (integer) 0\n2) (integer) 1\n3) (integer) 2\n"),
        ("~3\r\n:0\r\n:1\r\n:2\r\n", "1~ (integer) 0\n2~ (integer) 1\n3~ (integer) 2\n"),
        ("%2\r\n:0\r\n#f\r\n:1\r\n#t\r\n", "1# (integer) 0 => (false)\n2# (integer) 1 => (true)\n"),
        (
            "*2\r\n:1\r\n*2\r\n:2\r\n*3\r\n:3\r\n$1\r\na\r\n*0\r\n",
            "1) (integer) 1\n2) 1) (integer) 2\n   2) 1) (integer) 3\n      2) \"a\"\n      3) (empty array)\n",
        ),
        ("*3\r\n-x y\r\n+st\r\n$1\r\ns\r\n", "1) (error) x y\n2) st\n3) \"s\"\n"),
        ("%1\r\n$1\r\na\r\n-boo\r\n", "1# \"a\" => (error) boo\n"),
        ("%1\r\n$1\r\na\r\n*1\r\n:1\r\n", "1# \"a\" => 1) (integer) 1\n"),
        (
            "%1\r\n$1\r\na\r\n~2\r\n$1\r\ny\r\n$1\r\nx\r\n",
            "1# \"a\" => \n   1~ \"y\"\n   2~ \"x\"\n",
        ),
        ("%1\r\n$1\r\na\r\n*1\r\n=13\r\ntxt:two\nlines\r\n", "1# \"a\" => 1) two\nlines\n"),
        (
            "%1\r\n$1\r\na\r\n*2\r\n*2\r\n:1\r\n:2\r\n:3\r\n",
            "1# \"a\" => \n   1) 1) (integer) 1\n      2) (integer) 2\n   2) (integer) 3\n",
        ),
        (
            "%2\r\n$1\r\na\r\n%1\r\n$1\r\nb\r\n*2\r\n:1\r\n:2\r\n$1\r\nc\r\n~1\r\n$1\r\nd\r\n",
            "1# \"a\" => \n   1# \"b\" => \n      1) (integer) 1\n      2) (integer) 2\n2# \"c\" => 1~ \"d\"\n",
        ),
        (
            "*2\r\n%1\r\n$1\r\nx\r\n*2\r\n:1\r\n:2\r\n%1\r\n$1\r\ny\r\n%0\r\n",
            "1) 1# \"x\" => \n      1) (integer) 1\n      2) (integer) 2\n2) 1# \"y\" => (empty hash)\n",
        ),
        ("%1\r\n*2\r\n:1\r\n:2\r\n:3\r\n", "1# 1) (integer) 1\n   2) (integer) 2 => (integer) 3\n"),
    ];

    #[test]
    fn prints_as_redis_cli_does() {
        for (wire, expect) in PRINTED {
            let printed = print(&decode(wire));
            assert_eq!(String::from_utf8_lossy(&printed), *expect, "{wire:?}");
        }
    }

    #[test]
    fn aligns_numbers_of_two_digits() {
        let wire = format!("*10\r\n{}", "*2\r\n:7\r\n:8\r\n".repeat(10));
        let printed = String::from_utf8(print(&decode(&wire))).unwrap();
        assert!(
            printed.starts_with(" 1) 1) (integer) 7\n    2) (integer) 8\n 2) 1) "),
            "{printed}"
        );
        assert!(printed.ends_with("10) 1) (integer) 7\n    2) (integer) 8\n"), "{printed}");
    }

    #[test]
    fn raw_text_ends_in_one_newline() {
        for (wire, expect) in [
            ("$8\r\n# CPU\r\nx\r\n", "# CPU\r\nx\n"),
            ("=9\r\ntxt:a\r\nb\n\r\n", "a\r\nb\n"),
            ("$0\r\n\r\n", ""),
            ("-ERR no\r\n", "ERR no\n"),
            ("+OK\r\n", "OK\n"),
        ] {
            assert_eq!(String::from_utf8_lossy(&print_raw(&decode(wire))), expect, "{wire:?}");
        }
    }
}
