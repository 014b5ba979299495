//! What a transcript says besides commands and output.

use super::parse::Action;
use crate::data::number;

/// The world that a transcript begins with; what is `None` is for whoever plays it to choose.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Setup {
    pub seed: Option<u64>,
    /// Replicas of the first node.
    pub replicas: Option<u32>,
    /// Transcripts of one session go on in one world.
    pub session: Option<String>,
}

/// One line's directive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Directive {
    Do(Action),
    Set(Setup),
}

impl Setup {
    /// Takes over what `other` says.
    pub fn merge(&mut self, other: Self) {
        self.seed = other.seed.or(self.seed);
        self.replicas = other.replicas.or(self.replicas);
        self.session = other.session.or(self.session.take());
    }
}

/// Reads `seed=7 replicas=2 session=intro`, as it stands in an info string or among a tag's attributes: with
/// quotes or without, separated by spaces or commas. Other words are other people's.
///
/// # Errors
/// The word whose value makes no sense.
pub fn read_setup(text: &str) -> Result<Setup, String> {
    let mut setup = Setup::default();
    let words = text.split(|c: char| c.is_whitespace() || ",{}[]".contains(c));
    for word in words {
        let Some((name, value)) = word.split_once('=') else { continue };
        let value = value.trim_matches(['"', '\'']);
        match setting(name, value) {
            Some(setting) => setup.merge(setting),
            None if SETTINGS.contains(&name) => return Err(word.to_owned()),
            None => {}
        }
    }
    Ok(setup)
}

/// Reads a line; `None` if it is no directive.
pub(super) fn read(line: &str) -> Option<Directive> {
    let mut words = line.strip_prefix("# ")?.split_ascii_whitespace();
    let (name, value) = (words.next()?, words.next()?);
    if words.next().is_some() {
        return None;
    }
    match name {
        "advance" => Some(Directive::Do(Action::Advance { us: duration_us(value)? })),
        "client" => Some(Directive::Do(Action::Client { name: value.to_owned() })),
        name => setting(name, value).map(Directive::Set),
    }
}

fn setting(name: &str, value: &str) -> Option<Setup> {
    let number = || number::parse_i64(value.as_bytes());
    let mut setup = Setup::default();
    match name {
        "seed" => setup.seed = Some(u64::try_from(number()?).ok()?),
        "replicas" => setup.replicas = Some(u32::try_from(number()?).ok()?),
        "session" if !value.is_empty() => setup.session = Some(value.to_owned()),
        _ => return None,
    }
    Some(setup)
}

/// `5s`, `250ms`, `2m`, `1h`, `1d`: a whole number and a unit.
fn duration_us(text: &str) -> Option<u64> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit_us = match text.get(digits.len()..)? {
        "us" => 1,
        "ms" => 1_000,
        "s" => 1_000_000,
        "m" => 60_000_000,
        "h" => 3_600_000_000,
        "d" => 86_400_000_000,
        _ => return None,
    };
    let count = u64::try_from(number::parse_i64(digits.as_bytes())?).ok()?;
    count.checked_mul(unit_us).filter(|us| *us <= ADVANCE_US_MAX)
}

const SETTINGS: &[&str] = &["seed", "replicas", "session"];

/// A week: replicas have something to do several times a second, and time is played.
const ADVANCE_US_MAX: u64 = 7 * 86_400_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_lines() {
        let advance = |us| Some(Directive::Do(Action::Advance { us }));
        let seed = Setup { seed: Some(7), ..Setup::default() };
        for (line, expect) in [
            ("# advance 5s", advance(5_000_000)),
            ("# advance 250ms", advance(250_000)),
            ("# advance 2h", advance(7_200_000_000)),
            ("# seed 7", Some(Directive::Set(seed))),
            ("# client b", Some(Directive::Do(Action::Client { name: "b".into() }))),
            ("# advance", None),
            ("# advance soon", None),
            ("# advance -1s", None),
            ("# advance 8d", None),
            ("# Server", None),
            ("# client b is next", None),
            ("# seed x", None),
            ("seed 7", None),
        ] {
            assert_eq!(read(line), expect, "{line}");
        }
    }

    #[test]
    fn reads_settings_among_others_words() {
        let expect = Setup { seed: Some(3), replicas: Some(2), session: Some("a".into()) };
        for text in [
            "redis seed=3 replicas=2 session=a",
            "redis,seed=3,replicas=2,session=a,role=x",
            "{.redis seed=\"3\" replicas='2' session=a}",
        ] {
            assert_eq!(read_setup(text), Ok(expect.clone()), "{text}");
        }
        assert_eq!(read_setup("redis"), Ok(Setup::default()));
        assert_eq!(read_setup("redis seed=x"), Err("seed=x".into()));
    }
}
