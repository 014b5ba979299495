//! The values of settings that are more than a number or a text.

use super::kind::Choice;
use super::kind::bytes;
use super::kind::with_unit;
use super::setting::Kind;
use super::setting::Problem;
use super::setting::Words;
use super::setting::many;
use super::setting::one;
use super::setting::quoted;
use crate::data::number;

/// "Save once `seconds` have passed and there were at least `changes` changes."
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SavePoint {
    pub seconds: u64,
    pub changes: u64,
}

/// When a client that does not read its replies is closed: at once above `hard_bytes`, and above
/// `soft_bytes` after so many seconds. 0 is no limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BufferLimit {
    pub hard_bytes: u64,
    pub soft_bytes: u64,
    pub soft_seconds: u64,
}

/// A limit for each class of clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BufferLimits {
    pub normal: BufferLimit,
    pub replica: BufferLimit,
    pub pubsub: BufferLimit,
}

/// The master a replica follows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MasterAddress {
    pub host: String,
    pub port: u16,
}

/// What SIGTERM or SIGINT asks for. All false: save if there are save points.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ShutdownOptions {
    pub save: bool,
    pub no_save: bool,
    pub now: bool,
    pub force: bool,
}

/// Which keyspace events are published, and on which channels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NotifyClasses(u32);

impl NotifyClasses {
    pub const KEYSPACE: Self = Self(1 << 0);
    pub const KEYEVENT: Self = Self(1 << 1);
    pub const GENERIC: Self = Self(1 << 2);
    pub const STRING: Self = Self(1 << 3);
    pub const LIST: Self = Self(1 << 4);
    pub const SET: Self = Self(1 << 5);
    pub const HASH: Self = Self(1 << 6);
    pub const SORTED_SET: Self = Self(1 << 7);
    pub const EXPIRED: Self = Self(1 << 8);
    pub const EVICTED: Self = Self(1 << 9);
    pub const STREAM: Self = Self(1 << 10);
    pub const MISS: Self = Self(1 << 11);
    pub const MODULE: Self = Self(1 << 13);
    pub const NEW: Self = Self(1 << 14);
    /// `A`: every class but misses and new keys.
    pub const ALL: Self = Self(
        Self::GENERIC.0
            | Self::STRING.0
            | Self::LIST.0
            | Self::SET.0
            | Self::HASH.0
            | Self::SORTED_SET.0
            | Self::EXPIRED.0
            | Self::EVICTED.0
            | Self::STREAM.0
            | Self::MODULE.0,
    );

    /// Whether all of `other` is among these.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether any of `other` is among these.
    pub const fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// `seconds changes` pairs. A file adds to what stands before; [`super::file`] sees to that.
pub struct SavePointsKind;

impl Kind<Vec<SavePoint>> for SavePointsKind {
    fn parse(&self, words: Words, _: &Vec<SavePoint>) -> Result<Vec<SavePoint>, Problem> {
        let invalid = Problem::text("Invalid save parameters");
        let points = many(words)
            .chunks(2)
            .map(|pair| match pair {
                [seconds, changes] => Some(SavePoint {
                    seconds: count(seconds).filter(|seconds| *seconds >= 1)?,
                    changes: count(changes)?,
                }),
                _ => None,
            })
            .collect::<Option<_>>();
        points.ok_or(invalid)
    }

    fn print(&self, value: &Vec<SavePoint>) -> String {
        let pairs: Vec<_> =
            value.iter().map(|point| format!("{} {}", point.seconds, point.changes)).collect();
        pairs.join(" ")
    }

    fn lines(&self, value: &Vec<SavePoint>) -> Vec<String> {
        match value.is_empty() {
            true => vec![quoted("")],
            false => value.iter().map(|point| self.print(&vec![*point])).collect(),
        }
    }
}

/// `class hard soft seconds`, any number of times; classes not named keep their limits.
pub struct BufferLimitsKind;

impl Kind<BufferLimits> for BufferLimitsKind {
    fn parse(&self, words: Words, old: &BufferLimits) -> Result<BufferLimits, Problem> {
        let mut limits = *old;
        for group in many(words).chunks(4) {
            let [class, hard, soft, seconds] = group else {
                return Err(Problem::text(
                    "Wrong number of arguments in buffer limit configuration.",
                ));
            };
            let class = match class.to_ascii_lowercase().as_str() {
                "normal" => &mut limits.normal,
                "slave" | "replica" => &mut limits.replica,
                "pubsub" => &mut limits.pubsub,
                _ => {
                    return Err(Problem::text(
                        "Invalid client class specified in buffer limit configuration.",
                    ));
                }
            };
            *class = buffer_limit(hard, soft, seconds).ok_or(Problem::text(
                "Error in hard, soft or soft_seconds setting in buffer limit configuration.",
            ))?;
        }
        Ok(limits)
    }

    fn print(&self, value: &BufferLimits) -> String {
        [("normal", value.normal), ("slave", value.replica), ("pubsub", value.pubsub)]
            .map(|(class, limit)| {
                let BufferLimit { hard_bytes, soft_bytes, soft_seconds } = limit;
                format!("{class} {hard_bytes} {soft_bytes} {soft_seconds}")
            })
            .join(" ")
    }

    fn lines(&self, value: &BufferLimits) -> Vec<String> {
        [("normal", value.normal), ("replica", value.replica), ("pubsub", value.pubsub)]
            .map(|(class, limit)| {
                let (hard, soft) = (with_unit(limit.hard_bytes), with_unit(limit.soft_bytes));
                format!("{class} {hard} {soft} {}", limit.soft_seconds)
            })
            .into()
    }
}

fn buffer_limit(hard: &str, soft: &str, seconds: &str) -> Option<BufferLimit> {
    Some(BufferLimit {
        hard_bytes: bytes(hard)?,
        soft_bytes: bytes(soft)?,
        soft_seconds: count(seconds)?,
    })
}

/// `host port`, or `no one`.
pub struct MasterKind;

impl Kind<Option<MasterAddress>> for MasterKind {
    fn parse(
        &self,
        words: Words,
        _: &Option<MasterAddress>,
    ) -> Result<Option<MasterAddress>, Problem> {
        let words = many(words);
        let [host, port] = words.as_slice() else { return Err(Problem::WRONG_COUNT) };
        if host.eq_ignore_ascii_case("no") && port.eq_ignore_ascii_case("one") {
            return Ok(None);
        }
        let port = count(port).and_then(|port| port.try_into().ok());
        let port = port.ok_or(Problem::text("Invalid master port"))?;
        Ok(Some(MasterAddress { host: (*host).to_owned(), port }))
    }

    fn print(&self, value: &Option<MasterAddress>) -> String {
        value.as_ref().map_or_else(String::new, |master| format!("{} {}", master.host, master.port))
    }

    fn lines(&self, value: &Option<MasterAddress>) -> Vec<String> {
        value.iter().map(|_| self.print(value)).collect()
    }
}

/// Addresses to listen on. A leading `-` says that the address may be missing on this machine.
pub struct Addresses;

impl Kind<Vec<String>> for Addresses {
    fn parse(&self, words: Words, _: &Vec<String>) -> Result<Vec<String>, Problem> {
        let addresses = many(words);
        if addresses.len() > BIND_ADDRESSES_MAX {
            return Err(Problem::text("Too many bind addresses specified."));
        }
        Ok(addresses.into_iter().filter(|word| !word.is_empty()).map(str::to_owned).collect())
    }

    fn print(&self, value: &Vec<String>) -> String {
        value.join(" ")
    }
}

/// Percentiles of latency: numbers from 0 to 100, kept in millionths.
pub struct Percentiles;

impl Kind<Vec<i64>> for Percentiles {
    fn parse(&self, words: Words, _: &Vec<i64>) -> Result<Vec<i64>, Problem> {
        many(words).into_iter().map(percentile).collect()
    }

    fn print(&self, value: &Vec<i64>) -> String {
        let texts: Vec<_> = value.iter().copied().map(number::format_millionths).collect();
        texts.join(" ")
    }
}

fn percentile(word: &str) -> Result<i64, Problem> {
    let value = number::parse_millionths(word.as_bytes())
        .ok_or(Problem::text("Invalid latency-tracking-info-percentiles parameters"))?;
    if (0..=100_000_000).contains(&value) {
        return Ok(value);
    }
    Err(Problem::text(
        "latency-tracking-info-percentiles parameters should sit between [0.0,100.0]",
    ))
}

/// Three scores, from the master's to the background child's.
pub struct OomScores;

impl Kind<[i32; 3]> for OomScores {
    fn parse(&self, words: Words, _: &[i32; 3]) -> Result<[i32; 3], Problem> {
        let words = many(words);
        let words: &[&str; 3] = words.as_slice().try_into().map_err(|_| Problem::WRONG_COUNT)?;
        let mut scores = [0; 3];
        for (score, word) in scores.iter_mut().zip(words) {
            let value = number::parse_i64(word.as_bytes()).and_then(|value| value.try_into().ok());
            *score =
                value.filter(|value: &i32| (-2000..=2000).contains(value)).ok_or(Problem::text(
                    "Invalid oom-score-adj-values, elements must be between -2000 and 2000.",
                ))?;
        }
        Ok(scores)
    }

    fn print(&self, value: &[i32; 3]) -> String {
        value.map(|score| score.to_string()).join(" ")
    }
}

/// Several of `default save nosave now force`.
pub struct ShutdownKind;

impl Kind<ShutdownOptions> for ShutdownKind {
    fn parse(&self, words: Words, _: &ShutdownOptions) -> Result<ShutdownOptions, Problem> {
        let mut options = ShutdownOptions::default();
        let words = many(words);
        if words.is_empty() {
            return Err(SHUTDOWN_OPTIONS.none_of_them());
        }
        for word in words {
            match SHUTDOWN_OPTIONS.find(word)? {
                ShutdownOption::Default => {}
                ShutdownOption::Save => options.save = true,
                ShutdownOption::NoSave => options.no_save = true,
                ShutdownOption::Now => options.now = true,
                ShutdownOption::Force => options.force = true,
            }
        }
        if options.save && options.no_save {
            return Err(Problem::text(
                "shutdown options SAVE and NOSAVE can't be used simultaneously",
            ));
        }
        Ok(options)
    }

    fn print(&self, value: &ShutdownOptions) -> String {
        let ShutdownOptions { save, no_save, now, force } = *value;
        let words = [(save, "save"), (no_save, "nosave"), (now, "now"), (force, "force")];
        let words: Vec<_> =
            words.into_iter().filter(|(set, _)| *set).map(|(_, word)| word).collect();
        if words.is_empty() { "default".into() } else { words.join(" ") }
    }
}

#[derive(Clone, Copy, PartialEq)]
enum ShutdownOption {
    Default,
    Save,
    NoSave,
    Now,
    Force,
}

const SHUTDOWN_OPTIONS: Choice<ShutdownOption> = Choice(&[
    ("default", ShutdownOption::Default),
    ("save", ShutdownOption::Save),
    ("nosave", ShutdownOption::NoSave),
    ("now", ShutdownOption::Now),
    ("force", ShutdownOption::Force),
]);

/// One letter a class.
pub struct NotifyKind;

impl Kind<NotifyClasses> for NotifyKind {
    fn parse(&self, words: Words, _: &NotifyClasses) -> Result<NotifyClasses, Problem> {
        one(words)?
            .chars()
            .map(|letter| notify_class(letter).ok_or(()))
            .try_fold(NotifyClasses::default(), |all, class| Ok(all.with(class?)))
            .map_err(|()| Problem::text("Invalid event class character. Use 'Ag$lshzxeKEtmdn'."))
    }

    fn print(&self, value: &NotifyClasses) -> String {
        let all = value.contains(NotifyClasses::ALL);
        let mut letters = String::new();
        if all {
            letters.push('A');
        }
        for (letter, class) in NOTIFY_LETTERS {
            // As in Redis, `A` hides the letter for new keys too.
            let hidden = all && !matches!(letter, 'K' | 'E' | 'm');
            if value.contains(*class) && !hidden {
                letters.push(*letter);
            }
        }
        letters
    }

    fn lines(&self, value: &NotifyClasses) -> Vec<String> {
        vec![quoted(&self.print(value))]
    }
}

fn notify_class(letter: char) -> Option<NotifyClasses> {
    if letter == 'A' {
        return Some(NotifyClasses::ALL);
    }
    NOTIFY_LETTERS.iter().find(|(own, _)| *own == letter).map(|(_, class)| *class)
}

/// In the order CONFIG GET prints them.
const NOTIFY_LETTERS: &[(char, NotifyClasses)] = &[
    ('g', NotifyClasses::GENERIC),
    ('$', NotifyClasses::STRING),
    ('l', NotifyClasses::LIST),
    ('s', NotifyClasses::SET),
    ('h', NotifyClasses::HASH),
    ('z', NotifyClasses::SORTED_SET),
    ('x', NotifyClasses::EXPIRED),
    ('e', NotifyClasses::EVICTED),
    ('t', NotifyClasses::STREAM),
    ('d', NotifyClasses::MODULE),
    ('n', NotifyClasses::NEW),
    ('K', NotifyClasses::KEYSPACE),
    ('E', NotifyClasses::KEYEVENT),
    ('m', NotifyClasses::MISS),
];

/// A number that is not negative.
fn count(word: &str) -> Option<u64> {
    number::parse_i64(word.as_bytes())?.try_into().ok()
}

/// As many as Redis takes.
const BIND_ADDRESSES_MAX: usize = 16;
