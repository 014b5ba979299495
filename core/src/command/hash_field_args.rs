//! What the commands on a hash's fields have in common: FIELDS with a number and so many fields, and
//! the instants at which fields may expire.

use super::integer;
use super::spec::Arg;
use super::time_form::TimeForm;
use crate::error;
use crate::error::CommandError;
use crate::resp::Args;
use crate::time::Now;

/// FIELDS, how many, and the fields.
pub const FIELDS: Arg =
    Arg::block("fields", &[Arg::integer("numfields"), Arg::string("field").multiple()])
        .token("FIELDS");

/// The fields behind FIELDS, which is to be at word `at`, and their number.
///
/// # Errors
/// FIELDS is not there, or `bad_number`, or the number is another.
pub fn fields(
    args: Args<'_>,
    at: usize,
    bad_number: CommandError,
) -> Result<Args<'_>, CommandError> {
    if !args.is(at, "FIELDS") {
        return Err(error::FIELDS_MISSING);
    }
    let number = args.maybe(at + 1).and_then(|number| integer(number).ok());
    let number = number.filter(|number| *number > 0).ok_or(bad_number)?;
    let fields = args.from(at + 2);
    match usize::try_from(number) == Ok(fields.len()) {
        true => Ok(fields),
        false => Err(error::NUMFIELDS_MISMATCH),
    }
}

/// The instant at which a field is to expire, in milliseconds since 1970.
///
/// # Errors
/// Not an integer, negative, or "invalid expire time" naming `command`.
pub fn instant(arg: &[u8], form: TimeForm, now: Now, command: &str) -> Result<i64, CommandError> {
    if integer(arg)? < 0 {
        return Err(error::NEGATIVE_EXPIRE);
    }
    let instant = form.instant(arg, now, command)?;
    if instant > INSTANT_MAX_MS { Err(error::invalid_expire(command)) } else { Ok(instant) }
}

/// Redis keeps an instant in 48 bits, two of which it reserves for later.
const INSTANT_MAX_MS: i64 = (1 << 46) - 1;
