//! Transcripts: conversations with a server, written down as text.
//!
//! ```text
//! # a comment
//! == a case: keys are flushed and connections are new
//! SET greeting "hello\r\n"
//! 2> GET greeting
//! [sorted] KEYS *
//! [near 1000] PTTL greeting
//! sleep 20
//! raw 1 "PING\r\n"
//! raw end "*1\r\n:"
//! SET k v IFEQ w
//! => -ERR syntax error
//! ```
//!
//! A line is a command with redis-cli's quoting, compared byte for byte unless a mark in brackets says
//! how else. `2>` makes it the second client's. `raw N` sends bytes and reads N replies, `raw end` reads up
//! to the end of the connection. A line with `=>` says what Redarium answers where the Redis at hand is too old
//! to be asked, in the notation of [`Value`](crate::value::Value).

use std::iter::Peekable;
use std::str::Chars;

/// One conversation that starts from an empty server.
#[derive(Clone, Debug, Default)]
pub struct Case {
    pub name: String,
    pub lines: Vec<Line>,
}

/// One line of a transcript.
#[derive(Clone, Debug)]
pub struct Line {
    /// From 1, in its file.
    pub number: usize,
    /// As it is written.
    pub text: String,
    pub action: Action,
}

#[derive(Clone, Debug)]
pub enum Action {
    Send {
        client: usize,
        bytes: Vec<u8>,
        replies: Replies,
        compare: Compare,
        /// What Redarium answers, whatever Redis does.
        expected: Option<String>,
    },
    /// Lets milliseconds pass: what is tested runs on the wall clock.
    Sleep(u64),
}

/// How much there is to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Replies {
    Count(usize),
    UntilEnd,
}

/// When two replies count as the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compare {
    Bytes,
    /// The elements of arrays, sets and maps in any order.
    Sorted,
    /// As pairs of name and value in any order, whether in a map or in a flat array.
    Pairs,
    /// Integers may differ by so much.
    Near(i64),
    /// Times may be near each other, where the names or the places of an entry's facts tell them apart.
    Moments,
    /// The same tree of types; texts and numbers may differ.
    Shape,
    /// The names in `name:value` or `name=value` text, in order.
    Names,
    /// As names, but Redarium may have more of them.
    Covers,
    /// Errors may differ in text, nothing else may.
    Kind,
    /// Errors by their text; what is no error may be anything.
    Errors,
}

/// Reads a transcript.
///
/// # Errors
///
/// A sentence with the number of the line that makes no sense.
pub fn parse(text: &str) -> Result<Vec<Case>, String> {
    let mut cases: Vec<Case> = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let number = at + 1;
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(name) = line.strip_prefix("== ") {
            cases.push(Case { name: name.to_owned(), lines: Vec::new() });
            continue;
        }
        let case =
            cases.last_mut().ok_or(format!("line {number}: a case starts with `== name`"))?;
        if let Some(reply) = line.strip_prefix("=> ") {
            expect(case, reply).ok_or(format!("line {number}: nothing was asked before this"))?;
            continue;
        }
        let action = action(line).map_err(|problem| format!("line {number}: {problem}"))?;
        case.lines.push(Line { number, text: line.to_owned(), action });
    }
    Ok(cases)
}

fn expect(case: &mut Case, reply: &str) -> Option<()> {
    let Action::Send { expected, .. } = &mut case.lines.last_mut()?.action else { return None };
    *expected = Some(reply.to_owned());
    Some(())
}

fn action(line: &str) -> Result<Action, String> {
    if let Some(ms) = line.strip_prefix("sleep ") {
        return ms.parse().map(Action::Sleep).map_err(|_| "sleep takes milliseconds".to_owned());
    }
    let (client, rest) = match line.split_once("> ") {
        Some((number, rest)) if number.parse::<usize>().is_ok() => {
            (number.parse().expect("checked just now"), rest)
        }
        _ => (1, line),
    };
    let (compare, rest) = mark(rest)?;
    let (bytes, replies) = match rest.strip_prefix("raw ") {
        Some(rest) => raw(rest)?,
        None => (crate::client::encode(&words(rest)?), Replies::Count(1)),
    };
    Ok(Action::Send { client, bytes, replies, compare, expected: None })
}

fn mark(line: &str) -> Result<(Compare, &str), String> {
    let Some((mark, rest)) = line.strip_prefix('[').and_then(|rest| rest.split_once("] ")) else {
        return Ok((Compare::Bytes, line));
    };
    let compare = match mark {
        "sorted" => Compare::Sorted,
        "pairs" => Compare::Pairs,
        "shape" => Compare::Shape,
        "names" => Compare::Names,
        "covers" => Compare::Covers,
        "kind" => Compare::Kind,
        "moments" => Compare::Moments,
        other => match other.strip_prefix("near ").and_then(|number| number.parse().ok()) {
            Some(number) => Compare::Near(number),
            None => return Err(format!("there is no mark [{other}]")),
        },
    };
    Ok((compare, rest))
}

/// A count and quoted pieces, each of which may be repeated: `raw 1 "a" 65537*"b"`.
fn raw(rest: &str) -> Result<(Vec<u8>, Replies), String> {
    let (count, pieces) = rest.split_once(' ').ok_or("raw takes a count and bytes")?;
    let replies = match count {
        "end" => Replies::UntilEnd,
        count => {
            Replies::Count(count.parse().map_err(|_| format!("{count} is no count of replies"))?)
        }
    };
    let mut bytes = Vec::new();
    let mut chars = pieces.chars().peekable();
    while chars.peek().is_some() {
        let mut times = String::new();
        while let Some(digit) = chars.next_if(char::is_ascii_digit) {
            times.push(digit);
        }
        let times = match (times.is_empty(), chars.next()) {
            (true, Some(' ')) => continue,
            (true, Some('"')) => 1,
            (false, Some('*')) if chars.next() == Some('"') => {
                times.parse().map_err(|_| format!("{times} is no number of times"))?
            }
            _ => return Err("raw takes quoted pieces".to_owned()),
        };
        bytes.extend(double_quoted(&mut chars)?.repeat(times));
    }
    Ok((bytes, replies))
}

/// Splits a line as redis-cli does.
///
/// # Errors
///
/// When a quote is not closed, or closed within a word.
pub fn words(line: &str) -> Result<Vec<Vec<u8>>, String> {
    let mut words = Vec::new();
    let mut chars = line.chars().peekable();
    while let Some(first) = chars.next_if(|_| true) {
        match first {
            ' ' => {}
            '"' => words.push(double_quoted(&mut chars)?),
            '\'' => words.push(single_quoted(&mut chars)?),
            first => {
                let mut word = first.to_string();
                while let Some(next) = chars.next_if(|next| *next != ' ') {
                    word.push(next);
                }
                words.push(word.into_bytes());
            }
        }
    }
    Ok(words)
}

fn double_quoted(chars: &mut Peekable<Chars<'_>>) -> Result<Vec<u8>, String> {
    let mut word = Vec::new();
    loop {
        match chars.next().ok_or("a quote is not closed")? {
            '"' => return closed(chars, word),
            '\\' => word.push(escape(chars)?),
            other => word.extend_from_slice(other.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
}

fn escape(chars: &mut Peekable<Chars<'_>>) -> Result<u8, String> {
    Ok(match chars.next().ok_or("nothing follows a backslash")? {
        'n' => b'\n',
        'r' => b'\r',
        't' => b'\t',
        'b' => 8,
        'a' => 7,
        'x' => {
            let digits: String = chars.by_ref().take(2).collect();
            u8::from_str_radix(&digits, 16).map_err(|_| format!("\\x{digits} is no byte"))?
        }
        other => u8::try_from(other).map_err(|_| format!("\\{other} is no byte"))?,
    })
}

fn single_quoted(chars: &mut Peekable<Chars<'_>>) -> Result<Vec<u8>, String> {
    let mut word = Vec::new();
    loop {
        match chars.next().ok_or("a quote is not closed")? {
            '\'' => return closed(chars, word),
            other => word.extend_from_slice(other.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
}

fn closed(chars: &mut Peekable<Chars<'_>>, word: Vec<u8>) -> Result<Vec<u8>, String> {
    match chars.peek() {
        None | Some(' ') => Ok(word),
        Some(_) => Err("a quote is closed within a word".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::Action;
    use super::Compare;
    use super::Replies;
    use super::parse;
    use super::words;

    #[test]
    fn lines_become_requests() {
        let cases =
            parse("# c\n== one\nSET k \"a\\x00\"\n2> [near 5] PTTL k\n=> :3\n== two\nsleep 7")
                .unwrap();
        assert_eq!(
            (cases.len(), cases[0].name.as_str(), cases[1].name.as_str()),
            (2, "one", "two")
        );
        let Action::Send { client, bytes, .. } = &cases[0].lines[0].action else {
            panic!("a request")
        };
        assert_eq!((*client, &bytes[..]), (1, &b"*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$2\r\na\0\r\n"[..]));
        let Action::Send { client, compare, expected, .. } = &cases[0].lines[1].action else {
            panic!("a request")
        };
        assert_eq!((*client, *compare, expected.as_deref()), (2, Compare::Near(5), Some(":3")));
        assert!(matches!(cases[1].lines[0].action, Action::Sleep(7)));
    }

    #[test]
    fn raw_bytes_may_be_repeated() {
        let cases = parse("== raw\nraw end \"*1\\r\\n\" 3*\"ab\"\n").unwrap();
        let Action::Send { bytes, replies, .. } = &cases[0].lines[0].action else {
            panic!("a request")
        };
        assert_eq!((&bytes[..], *replies), (&b"*1\r\nababab"[..], Replies::UntilEnd));
    }

    #[test]
    fn quotes_follow_redis_cli() {
        let split = |line| words(line).map(|words| words.concat());
        assert_eq!(split("a 'b c' \"d\\\"\\n\""), Ok(b"ab cd\"\n".to_vec()));
        assert_eq!(words("'' \"\"").map(|words| words.len()), Ok(2));
        assert!(words("\"open").is_err());
        assert!(words("\"a\"b").is_err());
    }

    #[test]
    fn nonsense_is_refused_with_its_line() {
        for text in
            ["PING", "== c\n[odd] PING", "== c\nraw x \"a\"", "== c\n=> :1", "== c\nsleep long"]
        {
            assert!(parse(text).unwrap_err().starts_with("line "), "{text}");
        }
    }
}
