//! The kinds of values most settings have: yes or no, numbers, amounts of memory, texts, one of a
//! few words.

use std::fmt::Display;

use super::setting::Kind;
use super::setting::Problem;
use super::setting::Words;
use super::setting::one;
use super::setting::quoted;
use crate::data::number;

/// `yes` or `no`.
pub struct Flag;

/// A flag that has to stay `no`, and why.
pub struct OnlyNo(pub &'static str);

/// A text that has to stay empty, and why.
pub struct OnlyEmpty(pub &'static str);

/// A whole number within bounds.
pub struct Integer {
    pub min: i64,
    pub max: i64,
}

/// A number that Redis takes, then moves into bounds.
pub struct Clamped {
    pub taken: Integer,
    pub min: i64,
    pub max: i64,
}

/// File permissions, as an octal number.
pub struct Octal;

/// Bytes, with a unit: `100`, `64kb`, `1g`. `k`, `m`, `g` are powers of 1000; with a `b`, of 1024.
pub struct Memory {
    pub min: u64,
    pub max: u64,
}

/// A memory amount that is raised to `floor` where it is less.
pub struct MemoryWithFloor {
    pub taken: Memory,
    pub floor: u64,
}

/// Bytes, or a percentage of `maxmemory`, which is kept as a negative number.
pub struct MemoryOrPercent;

/// Any text.
pub struct Text;

/// A file name without a folder. May it be empty?
pub struct FileName {
    pub setting: &'static str,
    pub empty: bool,
}

/// One of a few words, whatever their case.
pub struct Choice<T: 'static>(pub &'static [(&'static str, T)]);

/// An integer from `min` to `max`.
pub const fn integer(min: i64, max: i64) -> Integer {
    Integer { min, max }
}

/// An integer from `min` up to what C's `int` holds.
pub const fn integer_from(min: i64) -> Integer {
    integer(min, INT_MAX)
}

/// An integer from `min` up to what C's `long` holds.
pub const fn long_from(min: i64) -> Integer {
    integer(min, i64::MAX)
}

/// An amount of memory from `min` up to what C's `long` holds.
pub const fn memory_from(min: u64) -> Memory {
    Memory { min, max: LONG_MAX }
}

impl Kind<bool> for Flag {
    fn parse(&self, words: Words, _: &bool) -> Result<bool, Problem> {
        match one(words)?.to_ascii_lowercase().as_str() {
            "yes" => Ok(true),
            "no" => Ok(false),
            _ => Err(Problem::text("argument must be 'yes' or 'no'")),
        }
    }

    fn print(&self, value: &bool) -> String {
        if *value { "yes" } else { "no" }.into()
    }
}

impl Kind<bool> for OnlyNo {
    fn parse(&self, words: Words, old: &bool) -> Result<bool, Problem> {
        if Flag.parse(words, old)? { Err(Problem::text(self.0)) } else { Ok(false) }
    }

    fn print(&self, value: &bool) -> String {
        Flag.print(value)
    }
}

impl Kind<String> for OnlyEmpty {
    fn parse(&self, words: Words, _: &String) -> Result<String, Problem> {
        if one(words)?.is_empty() { Ok(String::new()) } else { Err(Problem::text(self.0)) }
    }

    fn print(&self, value: &String) -> String {
        value.clone()
    }

    fn lines(&self, value: &String) -> Vec<String> {
        vec![quoted(value)]
    }
}

impl Integer {
    fn read(&self, words: Words) -> Result<i64, Problem> {
        let value = number::parse_i64(one(words)?.as_bytes())
            .ok_or(Problem::text("argument couldn't be parsed into an integer"))?;
        if (self.min..=self.max).contains(&value) { Ok(value) } else { Err(self.out_of_range()) }
    }

    fn narrow<T: TryFrom<i64>>(&self, value: i64) -> Result<T, Problem> {
        T::try_from(value).map_err(|_| self.out_of_range())
    }

    fn out_of_range(&self) -> Problem {
        out_of_range(self.min, self.max)
    }
}

impl<T: TryFrom<i64> + Display> Kind<T> for Integer {
    fn parse(&self, words: Words, _: &T) -> Result<T, Problem> {
        self.narrow(self.read(words)?)
    }

    fn print(&self, value: &T) -> String {
        value.to_string()
    }
}

impl<T: TryFrom<i64> + Display> Kind<T> for Clamped {
    fn parse(&self, words: Words, _: &T) -> Result<T, Problem> {
        self.taken.narrow(self.taken.read(words)?.max(self.min).min(self.max))
    }

    fn print(&self, value: &T) -> String {
        value.to_string()
    }
}

impl Kind<u32> for Octal {
    fn parse(&self, words: Words, _: &u32) -> Result<u32, Problem> {
        let value = u32::from_str_radix(one(words)?, 8)
            .map_err(|_| Problem::text("argument couldn't be parsed as an octal number"))?;
        if value <= 0o777 {
            return Ok(value);
        }
        Err(Problem::text("argument must be between 0 and 777 inclusive"))
    }

    fn print(&self, value: &u32) -> String {
        format!("{value:o}")
    }
}

impl Memory {
    fn read(&self, words: Words) -> Result<u64, Problem> {
        let value = bytes(one(words)?).ok_or(Problem::text("argument must be a memory value"))?;
        if (self.min..=self.max).contains(&value) {
            return Ok(value);
        }
        Err(out_of_range(self.min, self.max))
    }
}

impl<T: TryFrom<u64> + Display> Kind<T> for Memory {
    fn parse(&self, words: Words, _: &T) -> Result<T, Problem> {
        T::try_from(self.read(words)?).map_err(|_| out_of_range(self.min, self.max))
    }

    fn print(&self, value: &T) -> String {
        value.to_string()
    }

    fn lines(&self, value: &T) -> Vec<String> {
        let bytes = value.to_string().parse().unwrap_or(0);
        vec![with_unit(bytes)]
    }
}

impl Kind<u64> for MemoryWithFloor {
    fn parse(&self, words: Words, _: &u64) -> Result<u64, Problem> {
        Ok(self.taken.read(words)?.max(self.floor))
    }

    fn print(&self, value: &u64) -> String {
        value.to_string()
    }

    fn lines(&self, value: &u64) -> Vec<String> {
        vec![with_unit(*value)]
    }
}

impl Kind<i64> for MemoryOrPercent {
    fn parse(&self, words: Words, _: &i64) -> Result<i64, Problem> {
        let word = one(words)?;
        let not_readable = || Problem::text("argument must be a memory or percent value");
        let Some(percent) = word.strip_suffix('%') else {
            return bytes(word).and_then(|value| value.try_into().ok()).ok_or_else(not_readable);
        };
        match number::parse_i64(percent.as_bytes()) {
            Some(percent @ 0..=100) => Ok(-percent),
            Some(101..) => Err(Problem::text("percentage argument must be less or equal to 100")),
            _ => Err(not_readable()),
        }
    }

    fn print(&self, value: &i64) -> String {
        if *value < 0 { format!("{}%", value.unsigned_abs()) } else { value.to_string() }
    }
}

impl Kind<String> for Text {
    fn parse(&self, words: Words, _: &String) -> Result<String, Problem> {
        one(words).map(str::to_owned)
    }

    fn print(&self, value: &String) -> String {
        value.clone()
    }

    fn lines(&self, value: &String) -> Vec<String> {
        vec![quoted(value)]
    }
}

impl Kind<String> for FileName {
    fn parse(&self, words: Words, _: &String) -> Result<String, Problem> {
        let name = one(words)?;
        if name.is_empty() && !self.empty {
            return Err(format!("{} can't be empty", self.setting).into());
        }
        if name.contains(['/', '\\']) {
            let text = format!("{} can't be a path, just a filename", self.setting);
            return Err(text.into());
        }
        Ok(name.to_owned())
    }

    fn print(&self, value: &String) -> String {
        value.clone()
    }

    fn lines(&self, value: &String) -> Vec<String> {
        vec![quoted(value)]
    }
}

impl<T: Copy + PartialEq> Choice<T> {
    /// The value a word stands for.
    ///
    /// # Errors
    /// The words there are.
    pub(super) fn find(&self, word: &str) -> Result<T, Problem> {
        let found = self.0.iter().find(|(name, _)| name.eq_ignore_ascii_case(word));
        found.map(|(_, value)| *value).ok_or_else(|| self.none_of_them())
    }

    pub(super) fn none_of_them(&self) -> Problem {
        let names: Vec<_> = self.0.iter().map(|(name, _)| *name).collect();
        format!("argument(s) must be one of the following: {}", names.join(", ")).into()
    }
}

impl<T: Copy + PartialEq> Kind<T> for Choice<T> {
    fn parse(&self, words: Words, _: &T) -> Result<T, Problem> {
        self.find(one(words)?)
    }

    fn print(&self, value: &T) -> String {
        let name = self.0.iter().find(|(_, own)| own == value);
        name.map_or_else(String::new, |(name, _)| (*name).to_owned())
    }
}

/// Reads an amount of memory. As in Redis nothing at all is 0, and too much is the most there is.
pub(super) fn bytes(word: &str) -> Option<u64> {
    let unit_at = word.bytes().position(|byte| !byte.is_ascii_digit()).unwrap_or(word.len());
    let (digits, unit) = word.split_at_checked(unit_at)?;
    let factor: u64 = match unit.to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "k" => 1000,
        "kb" => 1 << 10,
        "m" => 1000 * 1000,
        "mb" => 1 << 20,
        "g" => 1000 * 1000 * 1000,
        "gb" => 1 << 30,
        _ => return None,
    };
    let count = digits.bytes().fold(0u64, |count, digit| {
        count.saturating_mul(10).saturating_add(u64::from(digit.saturating_sub(b'0')))
    });
    Some(count.saturating_mul(factor))
}

/// An amount of memory in the largest unit that it is a whole number of.
pub(super) fn with_unit(bytes: u64) -> String {
    let units = [(30, "gb"), (20, "mb"), (10, "kb")];
    let whole = units.iter().find(|(bits, _)| bytes > 0 && bytes.trailing_zeros() >= *bits);
    whole.map_or_else(|| bytes.to_string(), |(bits, unit)| format!("{}{unit}", bytes >> bits))
}

fn out_of_range(min: impl Display, max: impl Display) -> Problem {
    format!("argument must be between {min} and {max} inclusive").into()
}

const INT_MAX: i64 = i32::MAX as i64;
const LONG_MAX: u64 = i64::MAX as u64;
