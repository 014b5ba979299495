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

/// How two replies to a request of this outline compare.
pub fn compare(subject: &Subject, outline: &Outline) -> Compare {
    if subject.name == "xinfo|stream" && outline.has_token("FULL") {
        return Compare::Errors;
    }
    if subject.name.starts_with("sort") && outline.has_token("BY") {
        return if outline.has_token("LIMIT") { Compare::Errors } else { Compare::Sorted };
    }
    subject.compare
}

/// Whether the server itself names the entry that is added.
pub fn is_named_by_server(subject: &Subject, words: &[Vec<u8>]) -> bool {
    subject.name == "xadd" && words.iter().any(|word| word == b"*")
}

/// Whether a request of this outline asks for a lexicographical range.
pub fn is_lexical(subject: &Subject, outline: &Outline) -> bool {
    subject.name.contains("lex") || outline.has_token("BYLEX")
}

/// Requests that make the sorted set of a lexicographical request one of equal scores.
pub fn even_scores(dice: &mut Dice, subject: &Subject, request: &Request) -> Vec<Request> {
    let Some(key) = request.words.get(source_place(subject)) else { return Vec::new() };
    let mut add = vec![b"ZADD".to_vec(), key.clone()];
    for _ in 0..=dice.below(12) {
        add.extend([b"0".to_vec(), words::word(dice, Source::Element, Kin::Any)]);
    }
    let delete = vec![b"DEL".to_vec(), key.clone()];
    [delete, add].map(|words| Request::new(words, request.subject)).into()
}

/// The key that holds what no two servers need to have chosen alike.
pub fn key_left_to_it<'a>(
    subject: &Subject,
    words: &'a [Vec<u8>],
    is_lexical: bool,
) -> Option<&'a [u8]> {
    let after = |token: &str| {
        let at = words.iter().position(|word| word.eq_ignore_ascii_case(token.as_bytes()))?;
        words.get(at + 1).map(Vec::as_slice)
    };
    match &*subject.name {
        "spop" => words.get(1).map(Vec::as_slice),
        "xadd" if is_named_by_server(subject, words) => words.get(1).map(Vec::as_slice),
        "sort" => after("BY").and(after("STORE")),
        _ if is_lexical && subject.writes() => words.get(1).map(Vec::as_slice),
        _ => None,
    }
}

fn source_place(subject: &Subject) -> usize {
    if subject.name == "zrangestore" { 2 } else { 1 }
}
