//! XRANGE and XREVRANGE, and intervals of ids.

use super::Context;
use super::Outcome;
use super::integer;
use super::spec::Arg;
use super::spec::Command;
use super::spec::Flags;
use super::spec::KeyFlags;
use super::spec::KeySpec;
use super::spec::Run;
use super::stream::BASE;
use super::stream::KEY;
use super::stream::reply_entry;
use super::stream::strict_id;
use crate::data::Stream;
use crate::data::stream::Entry;
use crate::data::stream::StreamId;
use crate::error;
use crate::error::CommandError;
use crate::resp::Args;
use crate::resp::Reply;

pub const COMMANDS: &[Command] = &[
    Command {
        name: "xrange",
        summary: "Reads the entries between two ids.",
        args: &[KEY, Arg::string("start"), Arg::string("end"), COUNT],
        run: Run::Data(xrange),
        ..RANGE
    },
    Command {
        name: "xrevrange",
        summary: "Reads the entries between two ids, the last one first.",
        args: &[KEY, Arg::string("end"), Arg::string("start"), COUNT],
        run: Run::Data(xrevrange),
        ..RANGE
    },
];

const RANGE: Command = Command {
    complexity: "O(N) for N entries returned",
    arity: -4,
    flags: Flags::READONLY,
    keys: &[KeySpec::at(1, KeyFlags::READ)],
    history: &[("6.2.0", "Ids with `(`, which are left out themselves.")],
    ..BASE
};

const COUNT: Arg = Arg::integer("count").token("COUNT").optional();

fn xrange(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let interval = Interval::parse(args.at(2), args.at(3))?;
    range(ctx, args, |stream, reply, count| {
        reply_entries(reply, stream.range(interval.start, interval.end).take(count));
    })
}

fn xrevrange(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let interval = Interval::parse(args.at(3), args.at(2))?;
    range(ctx, args, |stream, reply, count| {
        let entries = stream.range(interval.start, interval.end).reversed();
        reply_entries(reply, entries.take(count));
    })
}

fn range(
    ctx: &mut Context<'_>,
    args: Args<'_>,
    answer: impl FnOnce(&Stream, &mut Reply<'_>, usize),
) -> Outcome {
    let mut count = usize::MAX;
    for at in (4..args.len()).step_by(2) {
        let value = args.maybe(at + 1).filter(|_| args.is(at, "COUNT")).ok_or(error::SYNTAX)?;
        count = usize::try_from(integer(value)?).unwrap_or(0);
    }
    match ctx.read_as_for_reply::<Stream>(args.at(1))? {
        (None, reply) => reply.array(0),
        (Some(_), reply) if count == 0 => reply.null_array(),
        (Some(stream), reply) => answer(stream, reply, count),
    }
    Ok(())
}

pub(super) fn reply_entries<'e>(reply: &mut Reply<'_>, entries: impl Iterator<Item = Entry<'e>>) {
    reply.counted_array(|reply| entries.map(|entry| reply_entry(reply, &entry)).count());
}

/// Two ids, both included; there may be none between them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Interval {
    pub start: StreamId,
    pub end: StreamId,
}

impl Interval {
    pub fn parse(start: &[u8], end: &[u8]) -> Result<Self, CommandError> {
        let start = start_id(start)?;
        let end = match bound(end, u64::MAX)? {
            (id, true) => id.prev().ok_or(error::INVALID_END_ID)?,
            (id, false) => id,
        };
        Ok(Self { start, end })
    }
}

/// The first id of an interval.
pub(super) fn start_id(arg: &[u8]) -> Result<StreamId, CommandError> {
    match bound(arg, 0)? {
        (id, true) => id.next().ok_or(error::INVALID_START_ID),
        (id, false) => Ok(id),
    }
}

/// An id at an end of an interval, and whether it is left out itself.
fn bound(arg: &[u8], missing_seq: u64) -> Result<(StreamId, bool), CommandError> {
    match arg {
        b"-" => Ok((StreamId::MIN, false)),
        b"+" => Ok((StreamId::MAX, false)),
        [b'(', id @ ..] if !id.is_empty() => Ok((strict_id(id, missing_seq)?, true)),
        id => Ok((strict_id(id, missing_seq)?, false)),
    }
}
