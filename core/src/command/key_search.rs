//! The keys of a command line, found by the command's key specs.
//!
//! What COMMAND GETKEYS answers, and what everything asks that has to know
//! which keys a command is about before it runs.

use super::spec::BeginSearch;
use super::spec::Command;
use super::spec::FindKeys;
use super::spec::KeyFlags;
use super::spec::KeyPlace;
use super::spec::KeySpec;
use crate::data::number;
use crate::resp::Args;

/// The keys among the words `args` of a `command` line; `None` when the words make no sense to it.
pub fn find_keys(command: &Command, args: Args<'_>) -> Option<Vec<KeyPlace>> {
    let mut places = Vec::new();
    let varies = |spec: &KeySpec| spec.flags.has(KeyFlags::VARIABLE_FLAGS);
    if !command.keys.iter().any(varies)
        && command.keys.iter().all(|spec| search(spec, args, &mut places).is_some())
    {
        return Some(places);
    }
    places.clear();
    command.find_keys?(args, &mut places);
    Some(places)
}

/// Whether any argument of the command can be a key.
pub fn has_keys(command: &Command) -> bool {
    command.find_keys.is_some()
        || command.keys.iter().any(|spec| !spec.flags.has(KeyFlags::NOT_KEY))
}

/// First key, last key and step as COMMAND INFO gave them before there were key specs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LegacyRange {
    pub first: i16,
    /// From the end when negative.
    pub last: i16,
    pub step: i16,
    /// Whether there are keys beyond the range: the flag `movablekeys`.
    pub movable: bool,
}

impl LegacyRange {
    pub fn of(keys: &[KeySpec]) -> Self {
        if let [spec] = keys
            && let Some((first, last, step)) = plain_range(spec)
        {
            return Self { first, last, step, movable: spec.flags.has(KeyFlags::INCOMPLETE) };
        }
        keys.iter().fold(Self::default(), Self::joined)
    }

    /// Takes in a further spec if it goes on where the range ends.
    fn joined(self, spec: &KeySpec) -> Self {
        let incomplete = self.movable || spec.flags.has(KeyFlags::INCOMPLETE);
        match plain_range(spec) {
            Some((first, last, 1)) if self.last == 0 || self.last == first - 1 => Self {
                first: if self.first == 0 { first } else { self.first.min(first) },
                // As unsigned: what counts from the end lies beyond what counts from the start.
                last: self.last.cast_unsigned().max(last.cast_unsigned()).cast_signed(),
                step: 1,
                movable: incomplete,
            },
            _ => Self { movable: true, ..self },
        }
    }
}

/// First, last (absolute, or from the end when negative) and step of a spec with fixed places.
fn plain_range(spec: &KeySpec) -> Option<(i16, i16, i16)> {
    match (spec.begin, spec.find) {
        (BeginSearch::Index(first), FindKeys::Range { last, step, .. }) => {
            Some((first, if last < 0 { last } else { first + last }, step))
        }
        _ => None,
    }
}

fn search(spec: &KeySpec, args: Args<'_>, places: &mut Vec<KeyPlace>) -> Option<()> {
    if spec.flags.has(KeyFlags::NOT_KEY) {
        return Some(());
    }
    let begin = begin(spec.begin, args)?;
    let (first, last, step) = range(spec.find, begin, args)?;
    if first > last || last >= args.len() {
        return None;
    }
    let words = (first..=last).step_by(step.max(1));
    places.extend(words.map(|word| KeyPlace { word, flags: spec.flags }));
    (!spec.flags.has(KeyFlags::INCOMPLETE)).then_some(())
}

/// The word from which the keys are counted.
fn begin(begin: BeginSearch, args: Args<'_>) -> Option<usize> {
    match begin {
        BeginSearch::Index(index) => usize::try_from(index).ok(),
        BeginSearch::Keyword(keyword, from @ 1..) => {
            let from = usize::from(from.unsigned_abs());
            (from..args.len().saturating_sub(1)).find(|at| args.is(*at, keyword)).map(|at| at + 1)
        }
        BeginSearch::Keyword(keyword, from) => {
            let from = args.len().checked_sub(usize::from(from.unsigned_abs()))?;
            (2..=from).rev().find(|at| args.is(*at, keyword)).map(|at| at + 1)
        }
        BeginSearch::Unknown => None,
    }
}

/// First key, last key and step.
fn range(find: FindKeys, begin: usize, args: Args<'_>) -> Option<(usize, usize, usize)> {
    match find {
        FindKeys::Range { last, step, limit } => {
            let rest = args.len().checked_sub(begin)?;
            let last = match usize::try_from(last) {
                Ok(last) => begin + last,
                Err(_) => {
                    let share =
                        if limit > 1 { rest / usize::from(limit.unsigned_abs()) } else { rest };
                    (begin + share).checked_sub(usize::from(last.unsigned_abs()))?
                }
            };
            Some((begin, last, usize::from(step.unsigned_abs())))
        }
        FindKeys::Numbered { number, first, step } => {
            let word = args.maybe(begin + usize::from(number.unsigned_abs()))?;
            let count = usize::try_from(number::parse_i64(word)?).ok()?;
            let (first, step) = (begin + usize::from(first.unsigned_abs()), step.unsigned_abs());
            let last = count.checked_sub(1)?.checked_mul(usize::from(step))?.checked_add(first)?;
            Some((first, last, usize::from(step)))
        }
        FindKeys::Unknown => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resp::OwnedArgs;

    const fn spec(begin: BeginSearch, find: FindKeys) -> KeySpec {
        KeySpec { begin, find, ..KeySpec::at(1, KeyFlags::RO) }
    }

    fn check(spec: KeySpec, line: &str, expect: Option<&[usize]>) {
        let args = OwnedArgs::from(line.split(' ').map(str::as_bytes));
        let mut places = Vec::new();
        let found = search(&spec, args.args(), &mut places);
        let words: Vec<usize> = places.iter().map(|place| place.word).collect();
        assert_eq!(found.map(|()| words.as_slice()), expect, "{line}");
    }

    #[test]
    fn finds_keys_by_every_kind_of_spec() {
        let all = FindKeys::Range { last: -1, step: 1, limit: 0 };
        let one = FindKeys::Range { last: 0, step: 1, limit: 0 };
        let half = FindKeys::Range { last: -1, step: 1, limit: 2 };
        let numbered = FindKeys::Numbered { number: 0, first: 1, step: 1 };
        check(KeySpec::at(1, KeyFlags::RO), "get k", Some(&[1]));
        check(KeySpec::at(2, KeyFlags::RO), "get k", None);
        check(KeySpec::range(1, -1, 2, KeyFlags::RO), "mset a 1 b 2", Some(&[1, 3]));
        check(KeySpec::range(1, -2, 1, KeyFlags::RO), "blpop a b 0", Some(&[1, 2]));
        check(spec(BeginSearch::Keyword("STREAMS", 1), half), "x streams a b 0 0", Some(&[2, 3]));
        check(spec(BeginSearch::Keyword("STREAMS", 1), all), "x count 1", None);
        check(spec(BeginSearch::Keyword("KEYS", -2), one), "m h p 0 KEYS a", Some(&[5]));
        check(spec(BeginSearch::Index(1), numbered), "z 2 a b AND", Some(&[2, 3]));
        check(spec(BeginSearch::Index(1), numbered), "z 3 a b", None);
        check(spec(BeginSearch::Index(1), numbered), "z 9223372036854775807 a b", None);
        check(spec(BeginSearch::Index(1), numbered), "z 0 a", None);
        check(spec(BeginSearch::Unknown, one), "z a", None);
    }

    #[test]
    fn joins_specs_into_the_legacy_range() {
        const RO: KeyFlags = KeyFlags::RO;
        const NUMBERED: KeySpec = spec(BeginSearch::Index(2), FindKeys::Unknown);
        let range = |first, last, step, movable| LegacyRange { first, last, step, movable };
        for (keys, expect) in [
            (&[][..], range(0, 0, 0, false)),
            (&[KeySpec::at(1, RO)], range(1, 1, 1, false)),
            (&[KeySpec::range(1, -1, 2, RO)], range(1, -1, 2, false)),
            (&[KeySpec::at(1, RO), KeySpec::at(2, RO)], range(1, 2, 1, false)),
            (&[KeySpec::at(2, RO), KeySpec::range(3, -1, 1, RO)], range(2, -1, 1, false)),
            (&[KeySpec::at(1, RO), KeySpec::at(3, RO)], range(1, 1, 1, true)),
            (&[KeySpec::at(1, RO), NUMBERED], range(1, 1, 1, true)),
            (&[NUMBERED], range(0, 0, 0, true)),
        ] {
            assert_eq!(LegacyRange::of(keys), expect);
        }
    }
}
