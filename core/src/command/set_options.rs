//! The options of SET and GETEX.
//!
//! Redis's rules: any order, any case; NX and XX exclude each other; one kind
//! of expiry, which may be repeated; since 7.0 NX goes with GET.

use super::time_form::TimeForm;
use crate::error;
use crate::error::CommandError;
use crate::resp::Args;
use crate::store::Ttl;
use crate::time::Now;

/// When SET stores anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    Always,
    IfAbsent,
    IfPresent,
}

impl Condition {
    pub const fn allows(self, present: bool) -> bool {
        match self {
            Self::Always => true,
            Self::IfAbsent => !present,
            Self::IfPresent => present,
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
    pub condition: Condition,
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
        if args.is(at, "NX") && self.condition != Condition::IfPresent {
            self.condition = Condition::IfAbsent;
        } else if args.is(at, "XX") && self.condition != Condition::IfAbsent {
            self.condition = Condition::IfPresent;
        } else if args.is(at, "GET") {
            self.get = true;
        } else if args.is(at, "KEEPTTL") && matches!(self.expiry, Expiry::Unsaid | Expiry::Keep) {
            self.expiry = Expiry::Keep;
        } else {
            return self.expiry.take_time(args, at);
        }
        Ok(1)
    }
}
