//! Lists at their ends: pushing, popping, trimming, and how long they are.

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
use crate::data::List;
use crate::data::list::End;
use crate::error;
use crate::error::CommandError;
use crate::resp::Args;
use crate::resp::Reply;
use crate::store::KeyEvent;

pub const COMMANDS: &[Command] = &[
    Command {
        name: "lpush",
        summary: "Puts elements at the head of a list, one after the other.",
        history: MANY_ELEMENTS,
        run: Run::Data(|ctx, args| push(ctx, args, End::Head, Missing::Create)),
        ..PUSH
    },
    Command {
        name: "rpush",
        summary: "Puts elements at the tail of a list.",
        history: MANY_ELEMENTS,
        run: Run::Data(|ctx, args| push(ctx, args, End::Tail, Missing::Create)),
        ..PUSH
    },
    Command {
        name: "lpushx",
        since: "2.2.0",
        summary: "Puts elements at the head of a list that is there already.",
        history: &[("4.0.0", "Takes more than one element.")],
        run: Run::Data(|ctx, args| push(ctx, args, End::Head, Missing::Leave)),
        ..PUSH
    },
    Command {
        name: "rpushx",
        since: "2.2.0",
        summary: "Puts elements at the tail of a list that is there already.",
        history: &[("4.0.0", "Takes more than one element.")],
        run: Run::Data(|ctx, args| push(ctx, args, End::Tail, Missing::Leave)),
        ..PUSH
    },
    Command {
        name: "lpop",
        summary: "Takes the first elements off a list.",
        run: Run::Data(|ctx, args| pop(ctx, args, End::Head)),
        ..POP
    },
    Command {
        name: "rpop",
        summary: "Takes the last elements off a list.",
        run: Run::Data(|ctx, args| pop(ctx, args, End::Tail)),
        ..POP
    },
    Command {
        name: "llen",
        summary: "Counts the elements of a list.",
        arity: 2,
        flags: Flags::READONLY.with(Flags::FAST),
        keys: &[KeySpec::at(1, KeyFlags::RO)],
        args: &[Arg::key("key")],
        run: Run::Data(llen),
        ..BASE
    },
    Command {
        name: "ltrim",
        summary: "Keeps the elements of a range and drops all others.",
        complexity: "O(N) for N elements dropped",
        arity: 4,
        flags: Flags::WRITE,
        keys: &[KeySpec::at(1, KeyFlags::RW.with(KeyFlags::DELETE))],
        args: &[Arg::key("key"), Arg::integer("start"), Arg::integer("stop")],
        propagation: Rule::Verbatim,
        run: Run::Data(ltrim),
        ..BASE
    },
];

pub(super) const BASE: Command =
    Command { group: Group::List, categories: Categories::LIST, ..Command::BASE };

const PUSH: Command = Command {
    complexity: "O(1) for each element",
    arity: -3,
    flags: Flags::WRITE.with(Flags::DENYOOM).with(Flags::FAST),
    keys: &[KeySpec::at(1, KeyFlags::RW.with(KeyFlags::INSERT))],
    args: &[Arg::key("key"), Arg::string("element").multiple()],
    propagation: Rule::Verbatim,
    ..BASE
};

const POP: Command = Command {
    complexity: "O(N) for N elements taken",
    arity: -2,
    flags: Flags::WRITE.with(Flags::FAST),
    keys: &[KeySpec::at(1, TAKEN)],
    args: &[Arg::key("key"), Arg::integer("count").since("6.2.0").optional()],
    history: &[("6.2.0", "Takes a count.")],
    propagation: Rule::Verbatim,
    ..BASE
};

const MANY_ELEMENTS: &[(&str, &str)] = &[("2.4.0", "Takes more than one element.")];

/// A key that elements are taken from.
pub(super) const TAKEN: KeyFlags = KeyFlags::RW.with(KeyFlags::ACCESS).with(KeyFlags::DELETE);

/// What becomes of a push where there is no list.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Missing {
    Create,
    Leave,
}

fn push(ctx: &mut Context<'_>, args: Args<'_>, end: End, missing: Missing) -> Outcome {
    let (key, elements) = (args.at(1), args.from(2));
    let limits = ctx.limits;
    let add = |list: &mut List| {
        let bytes = elements.iter().map(<[u8]>::len).sum();
        list.make_room(bytes, elements.len(), limits);
        elements.iter().for_each(|element| list.push(end, element));
        list.len()
    };
    let len = if let Some(mut list) = ctx.edit_as::<List>(key)? {
        add(&mut list)
    } else if missing == Missing::Create {
        let mut list = List::new();
        let len = add(&mut list);
        ctx.put(key, list);
        len
    } else {
        ctx.reply.flag(false);
        return Ok(());
    };
    ctx.notify(pushed(end), key);
    ctx.changed(elements.len());
    ctx.reply.count(len);
    Ok(())
}

fn pop(ctx: &mut Context<'_>, args: Args<'_>, end: End) -> Outcome {
    let count = match args.len() {
        2 => None,
        3 => Some(positive(args.at(2))?),
        _ => return Err(error::wrong_arity(if end == End::Head { "lpop" } else { "rpop" })),
    };
    match count {
        None if !take_one(ctx, args.at(1), end)? => ctx.reply.null(),
        Some(count) if take(ctx, args.at(1), end, count)?.is_none() => ctx.reply.null_array(),
        _ => {}
    }
    Ok(())
}

fn llen(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let len = ctx.read_as::<List>(args.at(1))?.map_or(0, List::len);
    ctx.reply.count(len);
    Ok(())
}

fn ltrim(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let (start, stop) = (integer(args.at(2))?, integer(args.at(3))?);
    let key = args.at(1);
    let limits = ctx.limits;
    let mut emptied = false;
    let mut dropped = 0;
    let mut is_whole = false;
    let mut is_there = false;
    if let Some(mut list) = ctx.edit_as::<List>(key)? {
        is_there = true;
        let len = list.len();
        let kept = range(start, stop, len);
        dropped = len - kept.len();
        is_whole = dropped == 0;
        emptied = kept.is_empty();
        if !emptied {
            list.remove_end(End::Tail, len - kept.end);
            list.remove_end(End::Head, kept.start);
            list.settle(limits);
        }
    }
    if is_there {
        ctx.notify(KeyEvent::LTRIM, key);
    }
    if emptied {
        ctx.remove_emptied(key);
    }
    if is_whole {
        // As in Redis, which does not look at what is left.
        ctx.changed_nothing_in(key);
    }
    ctx.changed(dropped);
    ctx.reply.ok();
    Ok(())
}

pub(super) const fn pushed(end: End) -> KeyEvent {
    match end {
        End::Head => KeyEvent::LPUSH,
        End::Tail => KeyEvent::RPUSH,
    }
}

pub(super) const fn popped(end: End) -> KeyEvent {
    match end {
        End::Head => KeyEvent::LPOP,
        End::Tail => KeyEvent::RPOP,
    }
}

/// Takes one element off a list and replies it; whether there is a list.
pub(super) fn take_one(ctx: &mut Context<'_>, key: &[u8], end: End) -> Result<bool, CommandError> {
    let limits = ctx.limits;
    let (Some(mut list), reply) = ctx.edit_as_for_reply::<List>(key)? else { return Ok(false) };
    if let Some(element) = list.end(end) {
        reply.text(element);
    }
    list.remove_end(end, 1);
    list.settle(limits);
    let emptied = list.is_empty();
    drop(list);
    ctx.notify(popped(end), key);
    if emptied {
        ctx.remove_emptied(key);
    }
    ctx.changed(1);
    Ok(true)
}

/// Takes so many elements off a list, or all there are, and replies them in the order they are
/// taken; how many, if there is a list.
pub(super) fn take(
    ctx: &mut Context<'_>,
    key: &[u8],
    end: End,
    count: usize,
) -> Result<Option<usize>, CommandError> {
    let limits = ctx.limits;
    let (Some(mut list), reply) = ctx.edit_as_for_reply::<List>(key)? else { return Ok(None) };
    if count == 0 {
        reply.array(0);
        return Ok(Some(0));
    }
    let count = count.min(list.len());
    let emptied = count >= list.len();
    let first = if end == End::Head { 0 } else { list.len().saturating_sub(1) };
    write_range(reply, &list, first, count, end);
    if !emptied {
        list.remove_end(end, count);
        list.settle(limits);
    }
    drop(list);
    ctx.notify(popped(end), key);
    if emptied {
        ctx.remove_emptied(key);
    }
    ctx.changed(count);
    Ok(Some(count))
}

/// Replies `count` elements from the one of this index on, away from the end `from`.
pub(super) fn write_range(
    reply: &mut Reply<'_>,
    list: &List,
    index: usize,
    count: usize,
    from: End,
) {
    reply.array(count);
    list.visit(index, count, from, |element| {
        reply.text(element);
        std::ops::ControlFlow::Continue(())
    });
}

/// The indexes that two given ones enclose, counted from the end when negative.
pub(super) fn range(start: i64, stop: i64, len: usize) -> std::ops::Range<usize> {
    let len_signed = i64::try_from(len).unwrap_or(i64::MAX);
    let absolute = |index: i64| if index < 0 { index.saturating_add(len_signed) } else { index };
    let start = usize::try_from(absolute(start)).unwrap_or(0);
    match usize::try_from(absolute(stop)) {
        Ok(stop) if start < len && start <= stop => start..stop.saturating_add(1).min(len),
        _ => 0..0,
    }
}

/// A count that may be 0.
fn positive(arg: &[u8]) -> Result<usize, CommandError> {
    integer(arg).ok().and_then(|count| usize::try_from(count).ok()).ok_or(error::NOT_POSITIVE)
}

/// LEFT or RIGHT.
pub(super) fn side(arg: &[u8]) -> Result<End, CommandError> {
    if arg.eq_ignore_ascii_case(b"left") {
        Ok(End::Head)
    } else if arg.eq_ignore_ascii_case(b"right") {
        Ok(End::Tail)
    } else {
        Err(error::SYNTAX)
    }
}
