//! What Redis leaves to chance: two of them would not agree either.
//!
//! A set is kept in an order of each server's own, which shows where SORT has equal weights to order. A
//! lexicographical range is specified only among equal scores.

use super::Request;
use super::dice::Dice;
use super::outline::Outline;
use super::source::Source;
use super::subject::Kin;
use super::subject::Subject;
use super::words;
use crate::transcript::Compare;

/// How two replies to a request of this outline compare where what is particular about it was left to chance.
pub fn compare(subject: &Subject, outline: &Outline) -> Compare {
    match is_sort(subject) && !outline.has_token("LIMIT") {
        true => Compare::Sorted,
        false => Compare::Errors,
    }
}

/// Whether the server itself names the entry that is added.
pub fn is_named_by_server(subject: &Subject, words: &[Vec<u8>]) -> bool {
    subject.name == "xadd" && words.iter().any(|word| word == b"*")
}

/// Whether the reply to a request of this outline is specified for some values only: equal scores in a
/// lexicographical range, different distances in a search, a list where elements of equal weight stay as they are.
pub fn is_particular(subject: &Subject, outline: &Outline) -> bool {
    let keeps_order = outline.has_token("BY") || outline.has_token("ALPHA");
    subject.name.contains("lex")
        || outline.has_token("BYLEX")
        || is_search(subject)
        || is_sort(subject) && keeps_order
}

fn is_sort(subject: &Subject) -> bool {
    subject.name.starts_with("sort")
}

fn is_search(subject: &Subject) -> bool {
    subject.name.starts_with("geosearch") || subject.name.starts_with("georadius")
}

/// Requests that have to be asked before this one: they make scores equal, distances different
/// or a list to sort, and the consumer that reads or claims, whom 7.0 makes when there is something for it.
pub fn before(
    dice: &mut Dice,
    subject: &Subject,
    request: &Request,
    is_particular: bool,
) -> Vec<Request> {
    let words = &request.words;
    let asked = match (&*subject.name, words.get(source_place(subject))) {
        ("xclaim" | "xautoclaim", Some(key)) if words.len() > 3 => {
            vec![create_consumer(key, &words[2..4])]
        }
        ("xreadgroup", _) if words.len() > 3 => {
            let is_streams = |word: &Vec<u8>| word.eq_ignore_ascii_case(b"STREAMS");
            let start = words.iter().position(is_streams).map_or(words.len(), |at| at + 1);
            let keys = words[start..].iter().take((words.len() - start) / 2);
            keys.map(|key| create_consumer(key, &words[2..4])).collect()
        }
        (_, Some(key)) if is_particular && is_sort(subject) => {
            let mut push = vec![b"RPUSH".to_vec(), key.clone()];
            push.extend((0..=dice.below(STABLE)).map(|_| sorted_element(dice)));
            vec![vec![b"DEL".to_vec(), key.clone()], push]
        }
        (_, Some(key)) if is_particular => {
            let command = if is_search(subject) { b"GEOADD" } else { &b"ZADD"[..] };
            let mut add = vec![command.to_vec(), key.clone()];
            for _ in 0..=dice.below(12) {
                add.extend(match is_search(subject) {
                    true => vec![words::degrees(dice, 180), words::degrees(dice, 85)],
                    false => vec![b"0".to_vec()],
                });
                add.push(words::word(dice, Source::Element, Kin::Any));
            }
            vec![vec![b"DEL".to_vec(), key.clone()], add]
        }
        _ => Vec::new(),
    };
    asked.into_iter().map(|words| Request::new(words, request.subject)).collect()
}

/// Sometimes one that only differs from others after a NUL, where a comparison of C strings ends.
fn sorted_element(dice: &mut Dice) -> Vec<u8> {
    match dice.chance(20) {
        true => vec![*dice.pick(b"ab"), 0, dice.byte()],
        false => words::word(dice, Source::Element, Kin::Any),
    }
}

fn create_consumer(key: &[u8], group_and_consumer: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let command = [b"XGROUP".to_vec(), b"CREATECONSUMER".to_vec(), key.to_vec()];
    command.into_iter().chain(group_and_consumer.iter().cloned()).collect()
}

/// The key that holds what no two servers need to have chosen alike.
pub fn key_left_to_it<'a>(
    subject: &Subject,
    words: &'a [Vec<u8>],
    is_particular: bool,
) -> Option<&'a [u8]> {
    let after = |token: &str| {
        let at = words.iter().position(|word| word.eq_ignore_ascii_case(token.as_bytes()))?;
        words.get(at + 1).map(Vec::as_slice)
    };
    match &*subject.name {
        "spop" => words.get(1).map(Vec::as_slice),
        "xadd" if is_named_by_server(subject, words) => words.get(1).map(Vec::as_slice),
        "sort" if is_particular => after("STORE"),
        // The last digits of a distance are the C library's.
        "georadius" | "georadiusbymember" if after("STOREDIST").is_some() => after("STOREDIST"),
        "georadius" | "georadiusbymember" if is_particular => after("STORE"),
        "geosearchstore" if words.iter().any(|word| word.eq_ignore_ascii_case(b"STOREDIST")) => {
            words.get(1).map(Vec::as_slice)
        }
        _ if is_particular && subject.writes() => words.get(1).map(Vec::as_slice),
        _ => None,
    }
}

fn source_place(subject: &Subject) -> usize {
    if matches!(&*subject.name, "zrangestore" | "geosearchstore") { 2 } else { 1 }
}

/// Up to so many elements, Redis sorts a part of them without changing the order of equal ones.
const STABLE: usize = 6;
