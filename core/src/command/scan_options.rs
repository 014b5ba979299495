//! The options that SCAN, HSCAN, SSCAN and ZSCAN share.

use super::integer;
use crate::data::glob;
use crate::error;
use crate::error::CommandError;
use crate::resp::Args;

pub struct ScanOptions<'a> {
    pub pattern: Pattern<'a>,
    /// How many elements to look at, about.
    pub count: usize,
    type_name: Option<&'a [u8]>,
    /// HSCAN names fields without their values.
    pub omits_values: bool,
}

/// What a scan names, and so which options it has beside MATCH and COUNT.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Names {
    Keys,
    Fields,
    Members,
}

impl<'a> ScanOptions<'a> {
    /// # Errors
    /// What Redis says of an option that is unknown, has no value, or a bad one.
    pub fn parse(args: Args<'a>, names: Names) -> Result<Self, CommandError> {
        let (pattern, count) = (Pattern::Any, COUNT_DEFAULT);
        let mut options = Self { pattern, count, type_name: None, omits_values: false };
        let mut at = 0;
        while at < args.len() {
            if args.is(at, "NOVALUES") {
                if names != Names::Fields {
                    return Err(error::NOVALUES_OUTSIDE_HSCAN);
                }
                options.omits_values = true;
                at += 1;
                continue;
            }
            let value = args.maybe(at + 1).ok_or(error::SYNTAX)?;
            if args.is(at, "COUNT") {
                let count = usize::try_from(integer(value)?).map_err(|_| error::SYNTAX)?;
                options.count = Some(count).filter(|count| *count > 0).ok_or(error::SYNTAX)?;
            } else if args.is(at, "MATCH") {
                options.pattern = Pattern::new(value);
            } else if args.is(at, "TYPE") && names == Names::Keys {
                options.type_name = Some(value);
            } else {
                return Err(error::SYNTAX);
            }
            at += 2;
        }
        Ok(options)
    }

    /// Goes on from a cursor until as many elements were looked at as the call is to look at, or
    /// there are no more. `step` looks at some, counts them, and gives the next cursor.
    pub fn walk(&self, mut cursor: u64, mut step: impl FnMut(u64, &mut usize) -> u64) -> u64 {
        let mut seen = 0;
        for _ in 0..self.count.saturating_mul(STEPS_PER_ELEMENT) {
            cursor = step(cursor, &mut seen);
            if cursor == 0 || seen >= self.count {
                break;
            }
        }
        cursor
    }

    /// Whether keys of this type are to be named.
    pub fn includes(&self, type_name: &str) -> bool {
        self.type_name.is_none_or(|wanted| wanted.eq_ignore_ascii_case(type_name.as_bytes()))
    }
}

/// A name's pattern.
pub enum Pattern<'a> {
    Any,
    Glob(&'a [u8]),
}

impl<'a> Pattern<'a> {
    /// A lone star stands for every name, also the empty one, which it would not match as a pattern.
    pub fn new(pattern: &'a [u8]) -> Self {
        if pattern == b"*" { Self::Any } else { Self::Glob(pattern) }
    }

    pub fn matches(&self, name: &[u8]) -> bool {
        match self {
            Self::Any => true,
            Self::Glob(pattern) => glob::matches(pattern, name),
        }
    }
}

/// A cursor as clients send it back: 64 bits, unsigned.
///
/// # Errors
/// "invalid cursor".
pub fn parse_cursor(arg: &[u8]) -> Result<u64, CommandError> {
    let digits = std::str::from_utf8(arg).ok();
    digits.and_then(|digits| digits.parse().ok()).ok_or(error::INVALID_CURSOR)
}

const COUNT_DEFAULT: usize = 10;

/// Buckets looked at for each element asked for: what bounds a call where buckets are empty.
const STEPS_PER_ELEMENT: usize = 10;
