//! Are two replies the same, in the sense a transcript asks for?

use crate::named;
use crate::transcript::Compare;
use crate::value::Value;

/// Whether what Redarium answered agrees with what Redis answered.
pub fn agree(redarium: &[u8], redis: &[u8], compare: Compare) -> bool {
    if compare == Compare::Bytes {
        return redarium == redis;
    }
    match (values(redarium), values(redis)) {
        (Some(left), Some(right)) => {
            left.len() == right.len()
                && left.into_iter().zip(right).all(|(left, right)| same(left, right, compare))
        }
        _ => false,
    }
}

/// The replies in `bytes`; `None` when they are not whole replies.
pub fn values(mut bytes: &[u8]) -> Option<Vec<Value>> {
    let mut values = Vec::new();
    while !bytes.is_empty() {
        let (value, len) = Value::parse(bytes).ok()??;
        bytes = &bytes[len..];
        values.push(value);
    }
    Some(values)
}

/// The same of two replies that have been read.
pub fn agree_as(redarium: &Value, redis: &Value, compare: Compare) -> bool {
    redarium == redis || same(redarium.clone(), redis.clone(), compare)
}

fn same(left: Value, right: Value, compare: Compare) -> bool {
    match compare {
        Compare::Bytes => left == right,
        Compare::Sorted => left.sorted() == right.sorted(),
        Compare::Pairs => left.in_pairs() == right.in_pairs(),
        Compare::Near(distance) => near(&left, &right, distance),
        Compare::Moments => named::differences(&left, &right).is_empty(),
        Compare::Shape => shape(left) == shape(right),
        Compare::Names => names(&left) == names(&right),
        Compare::Covers => {
            let left = names(&left);
            names(&right).iter().all(|name| left.contains(name))
        }
        Compare::Kind => left == right || (left.is_error() && right.is_error()),
        Compare::Errors => left == right || !(left.is_error() || right.is_error()),
    }
}

fn near(left: &Value, right: &Value, distance: i64) -> bool {
    match (left, right) {
        (Value::Integer(left), Value::Integer(right)) => {
            // A time to live of -1 or -2 is a statement, not a number.
            left == right
                || (*left >= 0 && *right >= 0 && left.abs_diff(*right) <= distance.unsigned_abs())
        }
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len()
                && left.iter().zip(right).all(|(left, right)| near(left, right, distance))
        }
        _ => left == right,
    }
}

/// Whether the values differ in nothing but the digits in which they print the same numbers.
pub fn agree_in_numbers(left: &Value, right: &Value) -> bool {
    let all = |left: &[Value], right: &[Value]| {
        left.len() == right.len()
            && left.iter().zip(right).all(|(left, right)| agree_in_numbers(left, right))
    };
    match (left, right) {
        (Value::Array(left), Value::Array(right)) => all(left, right),
        (Value::Double(left), Value::Double(right)) | (Value::Bulk(left), Value::Bulk(right)) => {
            let number = |text: &[u8]| std::str::from_utf8(text).ok()?.parse::<f64>().ok();
            left == right || number(left).is_some_and(|left| Some(left) == number(right))
        }
        _ => left == right,
    }
}

/// The value with every text and number made the same.
fn shape(value: Value) -> Value {
    let all = |items: Vec<Value>| items.into_iter().map(shape).collect();
    match value {
        Value::Integer(_) => Value::Integer(0),
        Value::Bulk(_) => Value::Bulk(Vec::new()),
        Value::Simple(_) => Value::Simple(Vec::new()),
        Value::Verbatim(_) => Value::Verbatim(Vec::new()),
        Value::Double(_) => Value::Double(Vec::new()),
        Value::Array(items) => Value::Array(all(items)),
        Value::Set(items) => Value::Set(all(items)),
        Value::Push(items) => Value::Push(all(items)),
        Value::Map(pairs) => {
            Value::Map(pairs.into_iter().map(|(name, value)| (name, shape(value))).collect())
        }
        other => other,
    }
}

/// The part before `:` or `=` of each piece of a text.
fn names(value: &Value) -> Vec<String> {
    let (Value::Bulk(_) | Value::Simple(_) | Value::Verbatim(_) | Value::Error(_)) = value else {
        return vec![format!("{value:?}")];
    };
    let text = value.text();
    let pieces = text.split([' ', '\n']).map(str::trim).filter(|piece| !piece.is_empty());
    pieces.map(|piece| piece.split([':', '=']).next().unwrap_or(piece).to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::agree;
    use crate::transcript::Compare;

    #[test]
    fn replies_agree_or_not() {
        let cases: &[(&str, &str, Compare, bool)] = &[
            ("+OK\r\n", "+OK\r\n", Compare::Bytes, true),
            ("+OK\r\n", "$2\r\nOK\r\n", Compare::Bytes, false),
            ("*2\r\n:1\r\n:2\r\n", "*2\r\n:2\r\n:1\r\n", Compare::Sorted, true),
            ("*2\r\n:1\r\n:1\r\n", "*2\r\n:2\r\n:1\r\n", Compare::Sorted, false),
            (
                "*4\r\n+a\r\n:1\r\n+b\r\n:2\r\n",
                "*4\r\n+b\r\n:2\r\n+a\r\n:1\r\n",
                Compare::Pairs,
                true,
            ),
            (
                "*4\r\n+a\r\n:1\r\n+b\r\n:2\r\n",
                "*4\r\n+b\r\n:1\r\n+a\r\n:2\r\n",
                Compare::Pairs,
                false,
            ),
            (":100\r\n", ":103\r\n", Compare::Near(3), true),
            (":100\r\n", ":104\r\n", Compare::Near(3), false),
            (":-1\r\n", ":-2\r\n", Compare::Near(3), false),
            (":0\r\n", ":-1\r\n", Compare::Near(3), false),
            ("*1\r\n$1\r\na\r\n", "*1\r\n$2\r\nbc\r\n", Compare::Shape, true),
            ("*1\r\n$1\r\na\r\n", "*1\r\n:2\r\n", Compare::Shape, false),
            ("$7\r\nid=1 a=\r\n", "$9\r\nid=22 a=3\r\n", Compare::Names, true),
            ("$7\r\nid=1 a=\r\n", "$4\r\nid=2\r\n", Compare::Names, false),
            ("$7\r\nid=1 a=\r\n", "$4\r\nid=2\r\n", Compare::Covers, true),
            ("$4\r\nid=2\r\n", "$7\r\nid=1 a=\r\n", Compare::Covers, false),
            ("-ERR a\r\n", "-ERR b\r\n", Compare::Kind, true),
            ("-ERR a\r\n", "+OK\r\n", Compare::Kind, false),
            ("-ERR a\r\n", "", Compare::Kind, false),
            ("-ERR a\r\n", "-ERR b\r\n", Compare::Errors, false),
            ("-ERR a\r\n", ":1\r\n", Compare::Errors, false),
            ("+OK\r\n", ":1\r\n", Compare::Errors, true),
        ];
        for (left, right, compare, verdict) in cases {
            assert_eq!(
                agree(left.as_bytes(), right.as_bytes(), *compare),
                *verdict,
                "{left} {right}"
            );
        }
    }
}
