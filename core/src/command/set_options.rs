//! The options of SET and GETEX.
//!
//! Redis's rules: any order, any case; NX and XX exclude each other; one kind
//! of expiry, which may be repeated; since 7.0 NX goes with GET. IFEQ is Valkey's:
//! it stands once and without NX and XX.

use itoa::Buffer;

use super::time_form::TimeForm;
use crate::error;
use crate::error::CommandError;
use crate::resp::Args;
use crate::store::Entry;
use crate::store::Ttl;
use crate::time::Now;

/// When SET stores anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition<'a> {
    Always,
    IfAbsent,
    IfPresent,
    /// The key holds this very string.
    IfEqual(&'a [u8]),
}

impl Condition<'_> {
    /// Whether the key's entry, if it has one, is as it is to be.
    ///
    /// # Errors
    /// WRONGTYPE, if a value is to be compared that is no string.
    pub fn allows(self, entry: Option<&Entry>) -> Result<bool, CommandError> {
        match (self, entry) {
            (Self::Always, _) => Ok(true),
            (Self::IfAbsent, entry) => Ok(entry.is_none()),
            (Self::IfPresent, entry) => Ok(entry.is_some()),
            (Self::IfEqual(_), None) => Ok(false),
            (Self::IfEqual(value), Some(entry)) => {
                let held = entry.string().ok_or(error::WRONG_TYPE)?;
                Ok(held.as_bytes(&mut Buffer::new()) == value)
            }
        }
    }
}

/// What the options say of the time to live.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expiry<'a> {
    Unsaid,
    Keep,
    Persist,
    Given(TimeForm, &'a [u8]),
}

impl<'a> Expiry<'a> {
    pub fn parse_getex(args: Args<'a>) -> Result<Self, CommandError> {
        let mut expiry = Self::Unsaid;
        let mut at = 2;
        while at < args.len() {
            at += match expiry {
                Self::Unsaid | Self::Persist if args.is(at, "PERSIST") => {
                    expiry = Self::Persist;
                    1
                }
                _ => expiry.take_time(args, at)?,
            };
        }
        Ok(expiry)
    }

    /// Takes the option and its time at word `at`; a second one may only repeat the first.
    fn take_time(&mut self, args: Args<'a>, at: usize) -> Result<usize, CommandError> {
        let form = TimeForm::named(args.at(at)).ok_or(error::SYNTAX)?;
        let time = args.maybe(at + 1).ok_or(error::SYNTAX)?;
        match *self {
            Self::Unsaid => {}
            Self::Given(earlier, _) if earlier == form => {}
            _ => return Err(error::SYNTAX),
        }
        *self = Self::Given(form, time);
        Ok(2)
    }

    pub fn ttl(self, now: Now, command: &str) -> Result<Ttl, CommandError> {
        match self {
            Self::Unsaid | Self::Persist => Ok(Ttl::Clear),
            Self::Keep => Ok(Ttl::Keep),
            Self::Given(form, time) => form.positive_instant(time, now, command).map(Ttl::At),
        }
    }
}

#[derive(Clone, Copy, Debug)]
pub struct SetOptions<'a> {
    pub condition: Condition<'a>,
    /// Reply with the old value.
    pub get: bool,
    pub expiry: Expiry<'a>,
}

impl<'a> SetOptions<'a> {
    pub fn parse(args: Args<'a>) -> Result<Self, CommandError> {
        let mut options = Self { condition: Condition::Always, get: false, expiry: Expiry::Unsaid };
        let mut at = 3;
        while at < args.len() {
            at += options.take(args, at)?;
        }
        Ok(options)
    }

    /// Takes the option at word `at`; returns how many words it is.
    fn take(&mut self, args: Args<'a>, at: usize) -> Result<usize, CommandError> {
        if args.is(at, "NX") {
            return self.require(Condition::IfAbsent, 1);
        } else if args.is(at, "XX") {
            return self.require(Condition::IfPresent, 1);
        } else if args.is(at, "IFEQ") {
            let value = args.maybe(at + 1).ok_or(error::SYNTAX)?;
            if self.condition != Condition::Always {
                return Err(error::SYNTAX);
            }
            return self.require(Condition::IfEqual(value), 2);
        } else if args.is(at, "GET") {
            self.get = true;
        } else if args.is(at, "KEEPTTL") && matches!(self.expiry, Expiry::Unsaid | Expiry::Keep) {
            self.expiry = Expiry::Keep;
        } else {
            return self.expiry.take_time(args, at);
        }
        Ok(1)
    }

    /// Sets the condition, which may stand twice but not beside another; it is so many words.
    fn require(&mut self, condition: Condition<'a>, words: usize) -> Result<usize, CommandError> {
        if self.condition != Condition::Always && self.condition != condition {
            return Err(error::SYNTAX);
        }
        self.condition = condition;
        Ok(words)
    }
}
