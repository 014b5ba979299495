//! Elements within lists: by index, by value, by range.

use std::ops::ControlFlow;

use super::Context;
use super::Outcome;
use super::integer;
use super::list::BASE;
use super::list::range;
use super::list::write_range;
use super::spec::Arg;
use super::spec::Command;
use super::spec::Flags;
use super::spec::KeyFlags;
use super::spec::KeySpec;
use super::spec::Rule;
use super::spec::Run;
use crate::data::List;
use crate::data::StrRef;
use crate::data::list::End;
use crate::data::number;
use crate::error;
use crate::error::CommandError;
use crate::resp::Args;
use crate::store::KeyEvent;

pub const COMMANDS: &[Command] = &[
    Command {
        name: "lindex",
        summary: "Reads the element at an index.",
        complexity: "O(N) for N elements between it and the nearer end",
        arity: 3,
        args: &[Arg::key("key"), Arg::integer("index")],
        run: Run::Data(lindex),
        ..READ
    },
    Command {
        name: "lrange",
        summary: "Reads the elements of a range of indexes.",
        complexity: "O(S+N) for S elements between the range and the nearer end, N in it",
        arity: 4,
        args: &[Arg::key("key"), Arg::integer("start"), Arg::integer("stop")],
        run: Run::Data(lrange),
        ..READ
    },
    Command {
        name: "lpos",
        since: "6.0.6",
        summary: "Finds where an element stands in a list.",
        complexity: "O(N) for N elements looked at",
        arity: -3,
        args: &[
            Arg::key("key"),
            Arg::string("element"),
            Arg::integer("rank").token("RANK").optional(),
            Arg::integer("num-matches").token("COUNT").optional(),
            Arg::integer("len").token("MAXLEN").optional(),
        ],
        run: Run::Data(lpos),
        ..READ
    },
    Command {
        name: "lset",
        summary: "Replaces the element at an index.",
        complexity: "O(N) for N elements between it and the nearer end",
        arity: 4,
        flags: Flags::WRITE.with(Flags::DENYOOM),
        keys: &[KeySpec::at(1, KeyFlags::RW.with(KeyFlags::UPDATE))],
        args: &[Arg::key("key"), Arg::integer("index"), Arg::string("element")],
        run: Run::Data(lset),
        ..WRITE
    },
    Command {
        name: "linsert",
        since: "2.2.0",
        summary: "Puts an element before or after another.",
        complexity: "O(N) for N elements before the one that is looked for",
        arity: 5,
        flags: Flags::WRITE.with(Flags::DENYOOM),
        keys: &[KeySpec::at(1, KeyFlags::RW.with(KeyFlags::INSERT))],
        args: &[
            Arg::key("key"),
            Arg::one_of("where", &[Arg::word("before", "BEFORE"), Arg::word("after", "AFTER")]),
            Arg::string("pivot"),
            Arg::string("element"),
        ],
        run: Run::Data(linsert),
        ..WRITE
    },
    Command {
        name: "lrem",
        summary: "Removes elements of a value.",
        complexity: "O(N) for a list of N elements",
        arity: 4,
        flags: Flags::WRITE,
        keys: &[KeySpec::at(1, KeyFlags::RW.with(KeyFlags::DELETE))],
        args: &[Arg::key("key"), Arg::integer("count"), Arg::string("element")],
        run: Run::Data(lrem),
        ..WRITE
    },
];

const READ: Command =
    Command { flags: Flags::READONLY, keys: &[KeySpec::at(1, KeyFlags::READ)], ..BASE };

const WRITE: Command = Command { propagation: Rule::Verbatim, ..BASE };

fn lindex(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let (Some(list), reply) = ctx.read_as_for_reply::<List>(args.at(1))? else {
        ctx.reply.null();
        return Ok(());
    };
    match absolute(integer(args.at(2))?, list.len()) {
        Some(index) => list.for_each(index, 1, |element| reply.text(element)),
        None => reply.null(),
    }
    Ok(())
}

fn lrange(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let (start, stop) = (integer(args.at(2))?, integer(args.at(3))?);
    let (list, reply) = ctx.read_as_for_reply::<List>(args.at(1))?;
    match list {
        Some(list) => {
            let range = range(start, stop, list.len());
            write_range(reply, list, range.start, range.len(), End::Head);
        }
        None => reply.array(0),
    }
    Ok(())
}

fn lset(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let (key, element) = (args.at(1), args.at(3));
    let limits = ctx.limits;
    let Some(mut list) = ctx.edit_as::<List>(key)? else { return Err(error::NO_SUCH_KEY) };
    let index = integer(args.at(2))?;
    list.make_room(element.len(), 1, limits);
    let index = absolute(index, list.len()).ok_or(error::INDEX_OUT_OF_RANGE)?;
    list.replace(index, element);
    list.settle(limits);
    drop(list);
    ctx.notify(KeyEvent::LSET, key);
    ctx.changed(1);
    ctx.reply.ok();
    Ok(())
}

fn linsert(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let behind = match (args.is(2, "after"), args.is(2, "before")) {
        (true, _) => true,
        (_, true) => false,
        _ => return Err(error::SYNTAX),
    };
    let (key, element) = (args.at(1), args.at(4));
    let limits = ctx.limits;
    let Some(mut list) = ctx.edit_as::<List>(key)? else {
        ctx.reply.flag(false);
        return Ok(());
    };
    // As in Redis also where the pivot is not found.
    list.make_room(element.len(), 1, limits);
    let position = list.position(args.at(3));
    if let Some(index) = position {
        list.insert(index, element, behind);
    }
    let len = list.len();
    drop(list);
    if position.is_some() {
        ctx.notify(KeyEvent::LINSERT, key);
        ctx.changed(1);
        ctx.reply.count(len);
    } else {
        ctx.reply.integer(-1);
    }
    Ok(())
}

fn lrem(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let (key, element) = (args.at(1), args.at(3));
    let count = range_integer(args.at(2))?;
    let limits = ctx.limits;
    let Some(mut list) = ctx.edit_as::<List>(key)? else {
        ctx.reply.flag(false);
        return Ok(());
    };
    let from = if count < 0 { End::Tail } else { End::Head };
    let count_max = match usize::try_from(count.unsigned_abs()).unwrap_or(usize::MAX) {
        0 => usize::MAX,
        count => count,
    };
    let removed = list.remove_equal(element, from, count_max);
    let emptied = list.is_empty();
    if removed > 0 && !emptied {
        list.settle(limits);
    }
    drop(list);
    if removed > 0 {
        ctx.notify(KeyEvent::LREM, key);
    }
    if emptied {
        ctx.remove_emptied(key);
    }
    ctx.changed(removed);
    ctx.reply.count(removed);
    Ok(())
}

fn lpos(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let options = PosOptions::parse(args)?;
    let (list, reply) = ctx.read_as_for_reply::<List>(args.at(1))?;
    let found = list.map(|list| options.search(list, args.at(2))).unwrap_or_default();
    match (options.count, found.first()) {
        (Some(_), _) => {
            reply.array(found.len());
            found.iter().for_each(|index| reply.count(*index));
        }
        (None, Some(index)) => reply.count(*index),
        (None, None) => reply.null(),
    }
    Ok(())
}

/// LPOS's options.
struct PosOptions {
    /// How many matches are passed over.
    skip: u64,
    from: End,
    /// How many indexes are asked for, all for 0.
    count: Option<u64>,
    /// Elements looked at; all for 0.
    len_max: usize,
}

impl PosOptions {
    fn parse(args: Args<'_>) -> Result<Self, CommandError> {
        let mut options = Self { skip: 0, from: End::Head, count: None, len_max: 0 };
        let mut at = 3;
        while at < args.len() {
            let value = args.maybe(at + 1).ok_or(error::SYNTAX)?;
            if args.is(at, "rank") {
                let rank = range_integer(value)?;
                options.skip = rank.unsigned_abs().checked_sub(1).ok_or(error::RANK_ZERO)?;
                options.from = if rank < 0 { End::Tail } else { End::Head };
            } else if args.is(at, "count") {
                options.count = Some(count(value).ok_or(error::COUNT_NEGATIVE)?);
            } else if args.is(at, "maxlen") {
                let len = count(value).ok_or(error::LPOS_MAXLEN_NEGATIVE)?;
                options.len_max = usize::try_from(len).unwrap_or(usize::MAX);
            } else {
                return Err(error::SYNTAX);
            }
            at += 2;
        }
        Ok(options)
    }

    fn search(&self, list: &List, text: &[u8]) -> Vec<usize> {
        let as_int = number::parse_i64(text);
        let len = list.len();
        let wanted = match self.count {
            None => 1,
            Some(0) => usize::MAX,
            Some(count) => usize::try_from(count).unwrap_or(usize::MAX),
        };
        let (mut found, mut skip, mut step) = (Vec::new(), self.skip, 0);
        let first = if self.from == End::Head { 0 } else { len.saturating_sub(1) };
        let looked_at = if self.len_max == 0 { len } else { self.len_max };
        list.visit(first, looked_at, self.from, |element| {
            let matches = match element {
                StrRef::Int(value) => as_int == Some(value),
                StrRef::Bytes(bytes) => bytes == text,
            };
            if matches && skip > 0 {
                skip -= 1;
            } else if matches {
                found.push(if self.from == End::Head { step } else { len - 1 - step });
            }
            step += 1;
            if found.len() == wanted { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        found
    }
}

/// An index as counted from the head, if there is such an element.
fn absolute(index: i64, len: usize) -> Option<usize> {
    let index = if index < 0 { index.checked_add_unsigned(len as u64)? } else { index };
    usize::try_from(index).ok().filter(|index| *index < len)
}

/// An integer whose negative is one too.
fn range_integer(arg: &[u8]) -> Result<i64, CommandError> {
    match integer(arg)? {
        i64::MIN => Err(error::long_range(-i64::MAX, i64::MAX)),
        value => Ok(value),
    }
}

fn count(arg: &[u8]) -> Option<u64> {
    number::parse_i64(arg).and_then(|count| u64::try_from(count).ok())
}
