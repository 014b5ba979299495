//! BITFIELD: integers of any width at any bit of a string.
//!
//! All operations are parsed before the first is carried out, and the string is made long enough for
//! every write among them. A list of nothing but reads creates nothing and travels nowhere.

use itoa::Buffer;

use super::Context;
use super::Outcome;
use super::bitmap::BASE;
use super::bitmap::bytes_of;
use super::bitmap::change;
use super::bitmap::check_offset;
use super::integer;
use super::spec::Arg;
use super::spec::Command;
use super::spec::Flags;
use super::spec::KeyFlags;
use super::spec::KeyPlace;
use super::spec::KeySpec;
use super::spec::Rule;
use super::spec::Run;
use crate::data::bits;
use crate::data::number;
use crate::error;
use crate::error::CommandError;
use crate::resp::Args;
use crate::store::KeyEvent;

pub const COMMANDS: &[Command] = &[
    Command {
        name: "bitfield",
        since: "3.2.0",
        summary: "Reads, sets and increments integers of any width inside a string.",
        complexity: "O(1) for each operation",
        arity: -2,
        flags: Flags::WRITE.with(Flags::DENYOOM),
        keys: &[KeySpec::at(1, KeyFlags::MODIFY.with(KeyFlags::VARIABLE_FLAGS))
            .notes("Only reads the key when nothing but `GET` is given")],
        find_keys: Some(find_keys),
        args: &[Arg::key("key"), OPERATION.optional().multiple()],
        propagation: Rule::Verbatim,
        run: Run::Data(bitfield),
        ..BASE
    },
    Command {
        name: "bitfield_ro",
        since: "6.0.0",
        summary: "Reads integers of any width inside a string.",
        complexity: "O(1) for each operation",
        arity: -2,
        flags: Flags::READONLY.with(Flags::FAST),
        keys: &[KeySpec::at(1, KeyFlags::READ)],
        args: &[Arg::key("key"), GET.optional().multiple().multiple_token()],
        run: Run::Data(bitfield_ro),
        ..BASE
    },
];

const GET: Arg =
    Arg::block("get-block", &[Arg::string("encoding"), Arg::integer("offset")]).token("GET");

const OPERATION: Arg = Arg::one_of(
    "operation",
    &[
        GET,
        Arg::block(
            "write",
            &[
                Arg::one_of(
                    "overflow-block",
                    &[
                        Arg::word("wrap", "WRAP"),
                        Arg::word("sat", "SAT"),
                        Arg::word("fail", "FAIL"),
                    ],
                )
                .token("OVERFLOW")
                .optional(),
                Arg::one_of("write-operation", &[SET, INCRBY]),
            ],
        ),
    ],
);

const SET: Arg = Arg::block(
    "set-block",
    &[Arg::string("encoding"), Arg::integer("offset"), Arg::integer("value")],
)
.token("SET");

const INCRBY: Arg = Arg::block(
    "incrby-block",
    &[Arg::string("encoding"), Arg::integer("offset"), Arg::integer("increment")],
)
.token("INCRBY");

fn bitfield(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let operations = parse(ctx, args)?;
    match last_written(&operations) {
        Some(last) => write(ctx, args.at(1), &operations, last),
        None => read(ctx, args.at(1), &operations),
    }
}

fn bitfield_ro(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let operations = parse(ctx, args)?;
    if last_written(&operations).is_some() {
        return Err(error::BITFIELD_READ_ONLY);
    }
    read(ctx, args.at(1), &operations)
}

fn read(ctx: &mut Context<'_>, key: &[u8], operations: &[Operation]) -> Outcome {
    let (entry, reply) = ctx.read_for_reply(key);
    let mut digits = Buffer::new();
    let bytes = bytes_of(entry, &mut digits)?.unwrap_or_default();
    reply.array(operations.len());
    for operation in operations {
        reply.integer(operation.kind.read(bytes, operation.offset));
    }
    Ok(())
}

fn write(ctx: &mut Context<'_>, key: &[u8], operations: &[Operation], last: u64) -> Outcome {
    let (replies, (changes, grew)) = change(ctx, key, last, |bytes, grew| {
        let mut changes = 0;
        let replies: Vec<Option<i64>> = operations
            .iter()
            .map(|operation| {
                let (reply, changed) = operation.apply(bytes);
                changes += usize::from(changed || (grew && reply.is_some() && operation.writes()));
                reply
            })
            .collect();
        (replies, (changes, grew))
    })?;
    if changes > 0 {
        ctx.notify(KeyEvent::SETBIT, key);
    }
    // Where every write failed the string may still have grown; replicas have to follow.
    ctx.changed(changes.max(usize::from(grew)));
    ctx.reply.array(replies.len());
    for reply in replies {
        match reply {
            Some(value) => ctx.reply.integer(value),
            None => ctx.reply.null(),
        }
    }
    Ok(())
}

/// The last bit that any operation writes; none writes if there is none.
fn last_written(operations: &[Operation]) -> Option<u64> {
    let writes = operations.iter().filter(|operation| operation.writes());
    writes.map(|operation| operation.offset + u64::from(operation.kind.width) - 1).max()
}

/// One operation of the list.
#[derive(Clone, Copy)]
struct Operation {
    kind: Kind,
    offset: u64,
    action: Action,
}

#[derive(Clone, Copy)]
enum Action {
    Get,
    Set(i64, Overflow),
    Add(i64, Overflow),
}

impl Operation {
    fn writes(&self) -> bool {
        !matches!(self.action, Action::Get)
    }

    /// What it answers, null where it failed, and whether it changed a bit.
    fn apply(&self, bytes: &mut [u8]) -> (Option<i64>, bool) {
        let old = self.kind.read(bytes, self.offset);
        let (new, answers_old) = match self.action {
            Action::Get => return (Some(old), false),
            Action::Set(value, overflow) => (self.kind.sum(value, 0, overflow), true),
            Action::Add(increment, overflow) => (self.kind.sum(old, increment, overflow), false),
        };
        let Some(new) = new else { return (None, false) };
        bits::set_field(bytes, self.offset, self.kind.width, new.cast_unsigned());
        (Some(if answers_old { old } else { new }), old != new)
    }
}

/// What becomes of a number that does not fit.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Overflow {
    Wrap,
    Saturate,
    Fail,
}

/// The kind of an integer: signed of 1 to 64 bits, unsigned of 1 to 63.
#[derive(Clone, Copy)]
struct Kind {
    is_signed: bool,
    width: u32,
}

impl Kind {
    fn parse(text: &[u8]) -> Result<Self, CommandError> {
        // Redis takes the word for one that ends at a NUL.
        let text = text.split(|byte| *byte == 0).next().unwrap_or_default();
        let (is_signed, width_max) = match text.first() {
            Some(b'i') => (true, 64),
            Some(b'u') => (false, 63),
            _ => return Err(error::BITFIELD_TYPE),
        };
        let width = text.get(1..).and_then(number::parse_i64);
        let width = width.and_then(|width| u32::try_from(width).ok());
        match width.filter(|width| (1..=width_max).contains(width)) {
            Some(width) => Ok(Self { is_signed, width }),
            None => Err(error::BITFIELD_TYPE),
        }
    }

    fn read(self, bytes: &[u8], offset: u64) -> i64 {
        let value = bits::field(bytes, offset, self.width);
        if self.is_signed { self.sign_extended(value) } else { value.cast_signed() }
    }

    /// The number in the low bits, with its sign in all the higher ones.
    fn sign_extended(self, value: u64) -> i64 {
        let unused = u64::BITS - self.width;
        (value << unused).cast_signed() >> unused
    }

    /// `value` plus `increment` as it is stored; nothing if it does not fit and may not be made to.
    fn sum(self, value: i64, increment: i64, overflow: Overflow) -> Option<i64> {
        let limit = if self.is_signed {
            self.signed_limit(value, increment)
        } else {
            self.unsigned_limit(value, increment)
        };
        let sum = value.wrapping_add(increment);
        match (limit, overflow) {
            (None, _) => Some(sum),
            (Some(limit), Overflow::Saturate) => Some(limit),
            (Some(_), Overflow::Fail) => None,
            (Some(_), Overflow::Wrap) if self.is_signed => {
                Some(self.sign_extended(sum.cast_unsigned()))
            }
            (Some(_), Overflow::Wrap) => Some(sum & self.unsigned_max().cast_signed()),
        }
    }

    /// The bound that the sum is beyond, if it is. The differences overflow for values far out of
    /// range, which makes them saturate at the other end: so they do in Redis.
    fn signed_limit(self, value: i64, increment: i64) -> Option<i64> {
        let max = i64::MAX >> (u64::BITS - self.width);
        let min = -max - 1;
        let (room_up, room_down) = (max.wrapping_sub(value), min.wrapping_sub(value));
        let is_narrow = self.width < u64::BITS;
        let above = value > max
            || (is_narrow && increment > room_up)
            || (value >= 0 && increment > 0 && increment > room_up);
        let below = value < min
            || (is_narrow && increment < room_down)
            || (value < 0 && increment < 0 && increment < room_down);
        if above { Some(max) } else { below.then_some(min) }
    }

    /// As for signed numbers; a negative value counts as one beyond all bounds.
    fn unsigned_limit(self, value: i64, increment: i64) -> Option<i64> {
        let (max, value) = (self.unsigned_max(), value.cast_unsigned());
        let above = value > max || (increment > 0 && increment.cast_unsigned() > max - value);
        let below = increment < 0 && increment.unsigned_abs() > value;
        if above { Some(max.cast_signed()) } else { below.then_some(0) }
    }

    fn unsigned_max(self) -> u64 {
        (1 << self.width) - 1
    }
}

fn parse(ctx: &Context<'_>, args: Args<'_>) -> Result<Vec<Operation>, CommandError> {
    let (mut operations, mut overflow, mut at) = (Vec::new(), Overflow::Wrap, 2);
    while at < args.len() {
        let words = words_of(args, at).ok_or(error::SYNTAX)?;
        if words == 2 {
            overflow = parse_overflow(args, at + 1)?;
        } else {
            let kind = Kind::parse(args.at(at + 1))?;
            let offset = parse_offset(ctx, args.at(at + 2), kind.width)?;
            let action = if words == 3 {
                Action::Get
            } else if args.is(at, "SET") {
                Action::Set(integer(args.at(at + 3))?, overflow)
            } else {
                Action::Add(integer(args.at(at + 3))?, overflow)
            };
            operations.push(Operation { kind, offset, action });
        }
        at += words;
    }
    Ok(operations)
}

/// How many words the operation at word `at` is, if it is one and all of it is there.
fn words_of(args: Args<'_>, at: usize) -> Option<usize> {
    let (_, words) = WORDS.iter().find(|(name, _)| args.is(at, name))?;
    (args.len() - at >= *words).then_some(*words)
}

const WORDS: &[(&str, usize)] = &[("GET", 3), ("SET", 4), ("INCRBY", 4), ("OVERFLOW", 2)];

fn parse_overflow(args: Args<'_>, at: usize) -> Result<Overflow, CommandError> {
    if args.is(at, "WRAP") {
        Ok(Overflow::Wrap)
    } else if args.is(at, "SAT") {
        Ok(Overflow::Saturate)
    } else if args.is(at, "FAIL") {
        Ok(Overflow::Fail)
    } else {
        Err(error::BITFIELD_OVERFLOW)
    }
}

/// An offset in bits or, after a `#`, in fields of this width.
fn parse_offset(ctx: &Context<'_>, text: &[u8], width: u32) -> Result<u64, CommandError> {
    let (digits, unit) = match text.strip_prefix(b"#") {
        Some(digits) => (digits, i64::from(width)),
        None => (text, 1),
    };
    let offset = number::parse_i64(digits).ok_or(error::BIT_OFFSET)?;
    check_offset(ctx, offset.wrapping_mul(unit))
}

/// What BITFIELD does to its key: it changes it unless all it has is GET.
fn find_keys(args: Args<'_>, places: &mut Vec<KeyPlace>) {
    let mut at = 2;
    while at < args.len() {
        match words_of(args, at) {
            Some(words @ (2 | 3)) => at += words,
            _ => break,
        }
    }
    let flags = if at < args.len() { KeyFlags::MODIFY } else { KeyFlags::READ };
    places.push(KeyPlace { word: 1, flags });
}
