//! What a command says that has to wait: for which keys, of what type, until when.
//!
//! A blocked command is no continuation. When a key that it waits for becomes ready, the node runs
//! its handler again from the start, as Redis does since 7.2; what the handler finds then decides.

use crate::data::long_double::LongDouble;
use crate::data::number;
use crate::error;
use crate::error::CommandError;
use crate::resp::OwnedArgs;
use crate::time::Mono;
use crate::time::Now;

/// Whether a command may wait, and whether it asked to.
#[derive(Debug)]
pub enum Blocking {
    /// It is part of a transaction, or comes from our master: it has to answer at once.
    Refused,
    Possible,
    Asked(Box<Block>),
}

/// A command's request to wait.
#[derive(Clone)]
pub struct Block {
    pub kind: BlockKind,
    pub keys: Vec<Box<[u8]>>,
    /// When to give up; `None`: never. Counts for the first run of a command only.
    pub until: Option<Mono>,
    /// It is also to be run again when the value under a key is gone, or of another type.
    pub on_loss: bool,
    /// What to run instead of the command as it was sent: an `$` that has been looked up.
    pub args: Option<OwnedArgs>,
}

/// The type of value that is waited for: another under the key changes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BlockKind {
    List,
    SortedSet,
    Stream,
}

impl Block {
    /// To wait for a value of this type under any of the keys.
    pub fn new<'a>(
        kind: BlockKind,
        keys: impl Iterator<Item = &'a [u8]>,
        until: Option<Mono>,
    ) -> Self {
        Self { kind, keys: keys.map(Into::into).collect(), until, on_loss: false, args: None }
    }
}

impl std::fmt::Debug for Block {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Block({:?}, {} keys, until {:?})", self.kind, self.keys.len(), self.until)
    }
}

impl BlockKind {
    /// As TYPE prints it.
    pub const fn type_name(self) -> &'static str {
        match self {
            Self::List => "list",
            Self::SortedSet => "zset",
            Self::Stream => "stream",
        }
    }
}

/// When a timeout given in seconds is over; `None` for 0, which is never.
///
/// # Errors
/// It is no number, negative, or beyond the clock's range.
pub fn timeout_s(now: Now, arg: &[u8]) -> Result<Option<Mono>, CommandError> {
    let seconds = LongDouble::parse(arg).ok_or(error::TIMEOUT_NOT_FLOAT)?;
    let ms = seconds.times_rounded_up(1000).ok_or(error::TIMEOUT_OUT_OF_RANGE)?;
    deadline(now, ms)
}

/// As [`timeout_s`], of a whole number of milliseconds.
///
/// # Errors
/// It is no integer, negative, or beyond the clock's range.
pub fn timeout_ms(now: Now, arg: &[u8]) -> Result<Option<Mono>, CommandError> {
    deadline(now, number::parse_i64(arg).ok_or(error::TIMEOUT_NOT_INTEGER)?)
}

fn deadline(now: Now, ms: i64) -> Result<Option<Mono>, CommandError> {
    let span = u64::try_from(ms).map_err(|_| error::TIMEOUT_NEGATIVE)?;
    if span == 0 {
        return Ok(None);
    }
    now.wall_ms().checked_add(ms).ok_or(error::TIMEOUT_OUT_OF_RANGE)?;
    Ok(Some(now.mono.plus_ms(span)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Wall;

    #[test]
    fn timeouts_are_read_as_redis_reads_them() {
        let now = Now::new(Mono::from_us(7), Wall::from_ms(1000));
        for (text, expect) in [
            ("0", Ok(None)),
            ("1.5", Ok(Some(1_500_007))),
            ("0.0001", Ok(Some(1007))),
            ("-0.0001", Ok(None)),
            ("-1", Err(error::TIMEOUT_NEGATIVE)),
            ("-inf", Err(error::TIMEOUT_NEGATIVE)),
            ("x", Err(error::TIMEOUT_NOT_FLOAT)),
            ("", Err(error::TIMEOUT_NOT_FLOAT)),
            ("nan", Err(error::TIMEOUT_NOT_FLOAT)),
            ("inf", Err(error::TIMEOUT_OUT_OF_RANGE)),
            ("9223372036854775.807", Err(error::TIMEOUT_OUT_OF_RANGE)),
        ] {
            let expect = expect.map(|us| us.map(Mono::from_us));
            assert_eq!(timeout_s(now, text.as_bytes()), expect, "{text}");
        }
        assert_eq!(timeout_ms(now, b"2"), Ok(Some(Mono::from_us(2007))));
        assert_eq!(timeout_ms(now, b"1.5"), Err(error::TIMEOUT_NOT_INTEGER));
    }
}
