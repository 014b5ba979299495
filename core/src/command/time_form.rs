//! The ways in which commands give an instant: in seconds or milliseconds,
//! counted from now or from 1970.
//!
//! The engine knows one form, milliseconds since the Unix epoch, and that is
//! what travels to replicas.

use crate::error;
use crate::error::CommandError;
use crate::time::Now;

use super::integer;

/// What a number in a command means as a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeForm {
    unit_ms: i64,
    from_now: bool,
}

impl TimeForm {
    pub const EX: Self = Self { unit_ms: 1000, from_now: true };
    pub const PX: Self = Self { unit_ms: 1, from_now: true };
    pub const EXAT: Self = Self { unit_ms: 1000, from_now: false };
    pub const PXAT: Self = Self { unit_ms: 1, from_now: false };

    /// The form an option of SET and GETEX names, in any case.
    pub fn named(option: &[u8]) -> Option<Self> {
        let named = |(name, _): &&(&str, Self)| option.eq_ignore_ascii_case(name.as_bytes());
        OPTIONS.iter().find(named).map(|(_, form)| *form)
    }

    pub const fn is_from_now(self) -> bool {
        self.from_now
    }

    /// The instant in milliseconds since the Unix epoch, as SET reads it: not 0 and not before.
    ///
    /// # Errors
    /// Not an integer, or "invalid expire time" naming `command`.
    pub fn positive_instant(
        self,
        arg: &[u8],
        now: Now,
        command: &str,
    ) -> Result<i64, CommandError> {
        let value = integer(arg)?;
        let valid = |instant: &i64| value > 0 && *instant > 0;
        self.convert(value, now).filter(valid).ok_or_else(|| error::invalid_expire(command))
    }

    /// The instant in milliseconds since the Unix epoch, as EXPIRE reads it: the past is allowed.
    ///
    /// # Errors
    /// Not an integer, or "invalid expire time" naming `command`.
    pub fn instant(self, arg: &[u8], now: Now, command: &str) -> Result<i64, CommandError> {
        self.convert(integer(arg)?, now).ok_or_else(|| error::invalid_expire(command))
    }

    fn convert(self, value: i64, now: Now) -> Option<i64> {
        let base = if self.from_now { now.wall_ms() } else { 0 };
        value.checked_mul(self.unit_ms)?.checked_add(base)
    }
}

const OPTIONS: [(&str, TimeForm); 4] = [
    ("EX", TimeForm::EX),
    ("PX", TimeForm::PX),
    ("EXAT", TimeForm::EXAT),
    ("PXAT", TimeForm::PXAT),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Mono;
    use crate::time::Wall;

    #[test]
    fn converts_to_milliseconds_since_1970_or_refuses() {
        let now = Now::new(Mono::ZERO, Wall::from_ms(5_000));
        let invalid = || Err(error::invalid_expire("set"));
        for (form, arg, expire, set) in [
            (TimeForm::EX, "1", Ok(6_000), Ok(6_000)),
            (TimeForm::PX, "1", Ok(5_001), Ok(5_001)),
            (TimeForm::EXAT, "1", Ok(1_000), Ok(1_000)),
            (TimeForm::PXAT, "1", Ok(1), Ok(1)),
            (TimeForm::PX, "0", Ok(5_000), invalid()),
            (TimeForm::EX, "-9", Ok(-4_000), invalid()),
            (TimeForm::EX, "9223372036854775", invalid(), invalid()),
            (TimeForm::PX, "9223372036854775807", invalid(), invalid()),
            (TimeForm::PXAT, "9223372036854775807", Ok(i64::MAX), Ok(i64::MAX)),
            (TimeForm::PX, "1.5", Err(error::NOT_AN_INTEGER), Err(error::NOT_AN_INTEGER)),
        ] {
            assert_eq!(form.instant(arg.as_bytes(), now, "set"), expire, "{form:?} {arg}");
            assert_eq!(form.positive_instant(arg.as_bytes(), now, "set"), set, "{form:?} {arg}");
        }
    }
}
