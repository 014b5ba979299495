//! Bitmaps: strings as arrays of bits, their counting, searching and combining.
//!
//! Bit 0 is the highest of the first byte; a string grows by zero bytes up to the bit that is set, and
//! none beyond `proto-max-bulk-len`. A write that changes neither bits nor length is no change: it does
//! not travel. The string is `raw` afterwards all the same, as in Redis.

use itoa::Buffer;

use super::Context;
use super::Outcome;
use super::integer;
use super::spec::Arg;
use super::spec::Categories;
use super::spec::Command;
use super::spec::Flags;
use super::spec::Group;
use super::spec::KeyFlags;
use super::spec::KeySpec;
use super::spec::Rule;
use super::spec::Run;
use crate::data::bits;
use crate::data::bits::Combination;
use crate::data::bits::Operation;
use crate::data::number;
use crate::error;
use crate::error::CommandError;
use crate::resp::Args;
use crate::store::Entry;
use crate::store::KeyEvent;
use crate::store::Ttl;

pub const COMMANDS: &[Command] = &[
    Command {
        name: "setbit",
        since: "2.2.0",
        summary: "Sets one bit of a string to 0 or 1 and answers with what it was.",
        arity: 4,
        flags: Flags::WRITE.with(Flags::DENYOOM),
        keys: &[KeySpec::at(1, KeyFlags::MODIFY)],
        args: &[Arg::key("key"), Arg::integer("offset"), Arg::integer("value")],
        propagation: Rule::Verbatim,
        run: Run::Data(setbit),
        ..BASE
    },
    Command {
        name: "getbit",
        since: "2.2.0",
        summary: "Reads one bit of a string.",
        arity: 3,
        flags: Flags::READONLY.with(Flags::FAST),
        keys: &[KeySpec::at(1, KeyFlags::READ)],
        args: &[Arg::key("key"), Arg::integer("offset")],
        run: Run::Data(getbit),
        ..BASE
    },
    Command {
        name: "bitcount",
        summary: "Counts the bits that are 1 in a string or in part of it.",
        complexity: "O(N) for N bytes looked at",
        arity: -2,
        flags: Flags::READONLY,
        keys: &[KeySpec::at(1, KeyFlags::READ)],
        args: &[
            Arg::key("key"),
            Arg::block("range", &[Arg::integer("start"), Arg::integer("end"), UNIT]).optional(),
        ],
        history: RANGE_HISTORY,
        run: Run::Data(bitcount),
        ..BASE
    },
    Command {
        name: "bitpos",
        since: "2.8.7",
        summary: "Finds the first 0 or the first 1 in a string or in part of it.",
        complexity: "O(N) for N bytes looked at",
        arity: -3,
        flags: Flags::READONLY,
        keys: &[KeySpec::at(1, KeyFlags::READ)],
        args: &[
            Arg::key("key"),
            Arg::integer("bit"),
            Arg::block(
                "range",
                &[
                    Arg::integer("start"),
                    Arg::block("end-unit-block", &[Arg::integer("end"), UNIT]).optional(),
                ],
            )
            .optional(),
        ],
        history: RANGE_HISTORY,
        run: Run::Data(bitpos),
        ..BASE
    },
    Command {
        name: "bitop",
        summary: "Combines strings bit by bit and stores the result.",
        complexity: "O(N) for N bytes of all sources",
        arity: -4,
        flags: Flags::WRITE.with(Flags::DENYOOM),
        keys: &[KeySpec::at(2, KeyFlags::OVERWRITE), KeySpec::range(3, -1, 1, KeyFlags::READ)],
        args: &[
            Arg::one_of(
                "operation",
                &[
                    Arg::word("and", "AND"),
                    Arg::word("or", "OR"),
                    Arg::word("xor", "XOR"),
                    Arg::word("not", "NOT"),
                    Arg::word("diff", "DIFF").since("8.2.0"),
                    Arg::word("diff1", "DIFF1").since("8.2.0"),
                    Arg::word("andor", "ANDOR").since("8.2.0"),
                    Arg::word("one", "ONE").since("8.2.0"),
                ],
            ),
            Arg::key("destkey"),
            Arg::key("key").of_spec(1).multiple(),
        ],
        history: &[("8.2.0", "`DIFF`, `DIFF1`, `ANDOR` and `ONE`.")],
        propagation: Rule::Verbatim,
        run: Run::Data(bitop),
        ..BASE
    },
];

pub(super) const BASE: Command = Command {
    group: Group::Bitmap,
    categories: Categories::BITMAP,
    since: "2.6.0",
    ..Command::BASE
};

const UNIT: Arg = Arg::one_of("unit", &[Arg::word("byte", "BYTE"), Arg::word("bit", "BIT")])
    .since("7.0.0")
    .optional();

const RANGE_HISTORY: &[(&str, &str)] = &[("7.0.0", "`BYTE` and `BIT`.")];

fn setbit(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let offset = parse_offset(ctx, args.at(2))?;
    let on = match number::parse_i64(args.at(3)) {
        Some(0) => false,
        Some(1) => true,
        _ => return Err(error::NOT_A_BIT),
    };
    let (was_on, grew) = change(ctx, args.at(1), offset, |bytes, grew| {
        let was_on = bits::bit(bytes, offset);
        bits::set_bit(bytes, offset, on);
        (was_on, grew)
    })?;
    if grew || was_on != on {
        ctx.notify(KeyEvent::SETBIT, args.at(1));
        ctx.changed(1);
    }
    ctx.reply.flag(was_on);
    Ok(())
}

/// Makes the string at `key` reach to the bit `last`, with zero bytes, and lets `edit` change its
/// bytes; `edit` is told whether the string grew or began to be.
pub(super) fn change<R>(
    ctx: &mut Context<'_>,
    key: &[u8],
    last: u64,
    edit: impl FnOnce(&mut [u8], bool) -> R,
) -> Result<R, CommandError> {
    let len = usize::try_from(last / 8).map_err(|_| error::BIT_OFFSET)?.saturating_add(1);
    if ctx.peek(key).is_none() {
        ctx.set_bytes(key, b"", Ttl::Clear);
    }
    let mut entry = ctx.edit(key).ok_or(error::WRONG_TYPE)?;
    let grows = entry.string().ok_or(error::WRONG_TYPE)?.len() < len;
    if grows {
        entry.modify_bytes(|bytes| extend(bytes, len)).ok_or(error::WRONG_TYPE)??;
    }
    Ok(edit(entry.bytes_mut().ok_or(error::WRONG_TYPE)?, grows))
}

/// Pads a string with zero bytes, if there is memory for them: a master is obeyed without limits.
fn extend(bytes: &mut Vec<u8>, len: usize) -> Result<(), CommandError> {
    bytes.try_reserve(len.saturating_sub(bytes.len())).map_err(|_| error::BIT_OFFSET)?;
    bytes.resize(len, 0);
    Ok(())
}

fn getbit(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let offset = parse_offset(ctx, args.at(2))?;
    let (entry, reply) = ctx.read_for_reply(args.at(1));
    let mut digits = Buffer::new();
    reply.flag(bits::bit(bytes_of(entry, &mut digits)?.unwrap_or_default(), offset));
    Ok(())
}

fn bitcount(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let range = match args.len() {
        2 => Range::WHOLE,
        4 | 5 => {
            let (first, last) = (integer(args.at(2))?, integer(args.at(3))?);
            Range { first, last, in_bits: in_bits(args.maybe(4))? }
        }
        _ => return Err(error::SYNTAX),
    };
    let (entry, reply) = ctx.read_for_reply(args.at(1));
    let mut digits = Buffer::new();
    let bytes = bytes_of(entry, &mut digits)?.unwrap_or_default();
    let reversed = range.first < 0 && range.last < 0 && range.first > range.last;
    let count = match range.bits_of(bytes) {
        Some((first, last)) if !reversed => bits::count_between(bytes, first, last),
        _ => 0,
    };
    reply.integer(count.cast_signed());
    Ok(())
}

fn bitpos(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let on = match integer(args.at(2))? {
        0 => false,
        1 => true,
        _ => return Err(error::BIT_ARGUMENT),
    };
    let range = parse_search(args)?;
    let ends = args.len() >= 5;
    let (entry, reply) = ctx.read_for_reply(args.at(1));
    let mut digits = Buffer::new();
    let Some(bytes) = bytes_of(entry, &mut digits)? else {
        reply.integer(if on { -1 } else { 0 });
        return Ok(());
    };
    let position = range.bits_of(bytes).and_then(|(first, last)| {
        // Without an end of its own, a range goes on in zeros behind the string.
        let behind = (!on && !ends).then_some(last + 1);
        bits::position_between(bytes, on, first, last).or(behind)
    });
    reply.integer(position.map_or(-1, u64::cast_signed));
    Ok(())
}

/// The range of BITPOS. Redis looks at the unit before the end.
fn parse_search(args: Args<'_>) -> Result<Range, CommandError> {
    if args.len() > 6 {
        return Err(error::SYNTAX);
    }
    let Some(start) = args.maybe(3) else { return Ok(Range::WHOLE) };
    let first = integer(start)?;
    let in_bits = in_bits(args.maybe(5))?;
    let last = args.maybe(4).map_or(Ok(-1), integer)?;
    Ok(Range { first, last, in_bits })
}

fn in_bits(unit: Option<&[u8]>) -> Result<bool, CommandError> {
    match unit {
        None => Ok(false),
        Some(unit) if unit.eq_ignore_ascii_case(b"BYTE") => Ok(false),
        Some(unit) if unit.eq_ignore_ascii_case(b"BIT") => Ok(true),
        Some(_) => Err(error::SYNTAX),
    }
}

/// From one position to another, both included; negative ones count from the end.
#[derive(Clone, Copy)]
struct Range {
    first: i64,
    last: i64,
    /// Positions are those of bits, not of bytes.
    in_bits: bool,
}

impl Range {
    const WHOLE: Self = Self { first: 0, last: -1, in_bits: false };

    /// The first and the last bit, if it has any in these bytes.
    fn bits_of(self, bytes: &[u8]) -> Option<(u64, u64)> {
        let len = i64::try_from(bytes.len()).ok()?;
        let len = if self.in_bits { len.checked_mul(8)? } else { len };
        let from_start = |at: i64| if at < 0 { (len + at).max(0) } else { at };
        let (first, last) = (from_start(self.first), from_start(self.last).min(len - 1));
        if first > last {
            return None;
        }
        let (first, last) = (u64::try_from(first).ok()?, u64::try_from(last).ok()?);
        Some(if self.in_bits { (first, last) } else { (first * 8, last * 8 + 7) })
    }
}

fn bitop(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let (operation, key) = (parse_operation(args)?, args.at(2));
    let mut combination = Combination::new(operation);
    for source in args.from(3).iter() {
        let mut digits = Buffer::new();
        combination.add(bytes_of(ctx.read(source), &mut digits)?.unwrap_or_default());
    }
    let result = combination.finish();
    let len = result.len();
    if len > 0 {
        ctx.set_bytes(key, b"", Ttl::Clear);
        ctx.edit(key).and_then(|mut entry| entry.modify_bytes(|bytes| *bytes = result));
        ctx.notify(KeyEvent::SET, key);
        ctx.changed(1);
    } else if ctx.delete(key) {
        ctx.changed(1);
    }
    ctx.reply.count(len);
    Ok(())
}

fn parse_operation(args: Args<'_>) -> Result<Operation, CommandError> {
    let (name, operation) =
        OPERATIONS.iter().find(|(name, _)| args.is(1, name)).ok_or(error::SYNTAX)?;
    match operation {
        Operation::Not if args.len() > 4 => Err(error::BITOP_NOT),
        Operation::Diff | Operation::Diff1 | Operation::AndOr if args.len() < 5 => {
            Err(error::bitop_needs_two(name))
        }
        operation => Ok(*operation),
    }
}

const OPERATIONS: &[(&str, Operation)] = &[
    ("AND", Operation::And),
    ("OR", Operation::Or),
    ("XOR", Operation::Xor),
    ("NOT", Operation::Not),
    ("DIFF", Operation::Diff),
    ("DIFF1", Operation::Diff1),
    ("ANDOR", Operation::AndOr),
    ("ONE", Operation::One),
];

fn parse_offset(ctx: &Context<'_>, text: &[u8]) -> Result<u64, CommandError> {
    check_offset(ctx, number::parse_i64(text).ok_or(error::BIT_OFFSET)?)
}

/// The offset of a bit, which has to lie in a string as long as one may be.
pub(super) fn check_offset(ctx: &Context<'_>, offset: i64) -> Result<u64, CommandError> {
    let offset = u64::try_from(offset).map_err(|_| error::BIT_OFFSET)?;
    let byte = usize::try_from(offset / 8).map_err(|_| error::BIT_OFFSET)?;
    if byte >= ctx.string_bytes_max() { Err(error::BIT_OFFSET) } else { Ok(offset) }
}

/// The bytes of the string found, if any was; `digits` holds those of an integer.
pub(super) fn bytes_of<'b>(
    entry: Option<&'b Entry>,
    digits: &'b mut Buffer,
) -> Result<Option<&'b [u8]>, CommandError> {
    let Some(entry) = entry else { return Ok(None) };
    Ok(Some(entry.string().ok_or(error::WRONG_TYPE)?.as_bytes(digits)))
}

#[cfg(test)]
mod tests {
    use crate::command::testing::Bench;
    use crate::command::testing::check;
    use crate::store::Policy;

    #[test]
    fn what_changes_nothing_does_not_travel() {
        check(
            r#"
            > SETBIT k 1 0
            0
            ~ SETBIT k 1 0
            > SETBIT k 1 0
            0
            > SETBIT k 1 1
            0
            ~ SETBIT k 1 1
            > SETBIT k 9 0
            0
            ~ SETBIT k 9 0
            > BITOP NOT d none
            0
            > BITOP NOT d k
            2
            ~ BITOP NOT d k
            > BITOP AND d none
            0
            ~ BITOP AND d none
            > BITFIELD k GET u8 0 SET u2 0 1
            [64, 1]
            > BITFIELD k SET u2 0 2 INCRBY u2 0 1
            [1, 3]
            ~ BITFIELD k SET u2 0 2 INCRBY u2 0 1
            > BITFIELD k OVERFLOW FAIL SET u2 0 4
            [nil]
            > BITFIELD k OVERFLOW FAIL SET u2 20 4
            [nil]
            ~ BITFIELD k OVERFLOW FAIL SET u2 20 4
            > STRLEN k
            3
            "#,
        );
    }

    #[test]
    fn a_master_is_obeyed_beyond_the_limit_but_not_beyond_memory() {
        let mut bench = Bench::new();
        bench.policy = Policy::Ignore;
        bench.check(
            r#"
            > GETBIT k 9223372036854775807
            0
            > SETBIT k 9223372036854775807 1
            (error) ERR bit offset is not an integer or out of range
            "#,
        );
    }

    #[test]
    fn collections_would_be_refused_and_offsets_are_bounded() {
        for (line, expect) in [
            ("SETBIT k 4294967296 1", "ERR bit offset is not an integer or out of range"),
            ("SETBIT k 0 2", "ERR bit is not an integer or out of range"),
            ("BITPOS k 2", "ERR The bit argument must be 1 or 0."),
            ("BITCOUNT none 0 1 BITS", "ERR syntax error"),
            ("BITOP NOT d a b", "ERR BITOP NOT must be called with a single source key."),
            ("BITOP ANDOR d a", "ERR BITOP ANDOR must be called with at least two source keys."),
            (
                "BITFIELD k SET u64 0 1",
                concat!(
                    "ERR Invalid bitfield type. Use something like i16 u8. ",
                    "Note that u64 is not supported but i64 is."
                ),
            ),
        ] {
            check(&format!("> {line}\n(error) {expect}"));
        }
    }
}
