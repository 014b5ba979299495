//! What must not be asked, however it came about: to wait, to reserve gigabytes, to expire between the
//! two servers' answers, or what each can only answer in its own words.

use redarium_core::command::spec::Arg;
use redarium_core::command::spec::ArgKind;

use super::subject::Subject;

/// Replaces the words that would be dangerous; `is_mistaken` when words may stand anywhere.
pub fn avoid(subject: &Subject, words: &mut Vec<Vec<u8>>, is_mistaken: bool) {
    if subject.name == "client|kill" {
        keep_ids_from_types(words);
        // A last filter that nobody passes: those who compare have connections too.
        words.extend([b"ID".to_vec(), b"999999".to_vec()]);
    }
    if subject.name == "client|tracking" {
        keep_one_prefix(words);
    }
    if subject.blocks() {
        shorten_wait(subject, words);
    }
    let within = |least: i64, most: i64| (least..=most, b"-1".to_vec());
    let mut ranges = Vec::new();
    if subject.name.ends_with("randmember") || subject.name == "hrandfield" {
        ranges.push(within(i64::MIN, -50));
    }
    if subject.name == "client|pause" {
        // Longer ones than any clock has are refused.
        ranges.push(within(5, 1 << 60));
    }
    if is_mistaken && matches!(&*subject.name, "setbit" | "bitfield" | "setrange") {
        ranges.push(within(10_000, 1 << 32));
    }
    if is_mistaken && sets_expiry(subject.command.args) {
        ranges.push(within(1, 99_999_999));
    }
    for word in words.iter_mut().skip(1) {
        for (range, instead) in &ranges {
            if number(word).is_some_and(|number| range.contains(&number)) {
                word.clone_from(instead);
            }
        }
    }
}

/// A connection has another id on each server, and an error tells which type it was asked for.
fn keep_ids_from_types(words: &mut [Vec<u8>]) {
    for at in 1..words.len() {
        if words[at - 1].eq_ignore_ascii_case(b"TYPE") && words[at].starts_with(b"@") {
            words[at] = b"x".to_vec();
        }
    }
}

/// Of prefixes in one request that overlap, 7.0 says two things: an error and OK.
fn keep_one_prefix(words: &mut Vec<Vec<u8>>) {
    let mut places =
        words.iter().enumerate().filter(|(_, word)| word.eq_ignore_ascii_case(b"PREFIX"));
    if let Some((at, _)) = places.nth(1) {
        words.drain(at..words.len().min(at + 2));
        keep_one_prefix(words);
    }
}

/// The timeout stands first or last. Redis reads a long double, in hexadecimal too.
fn shorten_wait(subject: &Subject, words: &mut [Vec<u8>]) {
    if let Some(at) = words.iter().position(|word| word.eq_ignore_ascii_case(b"BLOCK")) {
        let milliseconds = words.get(at + 1).and_then(|word| number(word));
        if milliseconds.is_some_and(|wait| wait == 0 || wait > 5) {
            words[at + 1] = b"1".to_vec();
        }
        return;
    }
    let is_first = subject.command.args.first().is_some_and(|arg| arg.name == "timeout");
    let place = if is_first { words.get_mut(1) } else { words.last_mut() };
    let Some(word) = place else { return };
    let text = String::from_utf8_lossy(word);
    let seconds = text.parse::<f64>();
    let is_long = seconds.is_ok_and(|seconds| seconds == 0.0 || (0.02..1e30).contains(&seconds));
    if is_long || text.contains(['x', 'X']) {
        *word = b"0.001".to_vec();
    }
}

/// Whether a number may become a time to live.
fn sets_expiry(args: &[Arg]) -> bool {
    args.iter().any(|arg| {
        matches!(arg.kind, ArgKind::UnixTime)
            || matches!(arg.name, "seconds" | "milliseconds" | "ttl")
            || sets_expiry(arg.kind.parts())
    })
}

/// A whole number as a command may read it, a `#` before it left out.
fn number(word: &[u8]) -> Option<i64> {
    let text = std::str::from_utf8(word).ok()?;
    text.strip_prefix('#').unwrap_or(text).parse().ok()
}
