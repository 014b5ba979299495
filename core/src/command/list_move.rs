//! Elements from list to list, and from the first of several lists that has any. Each command has a
//! form that waits, which is the same but for what it does when it finds nothing.

use super::Block;
use super::BlockKind;
use super::Context;
use super::Outcome;
use super::digits;
use super::integer;
use super::list::BASE;
use super::list::TAKEN;
use super::list::popped;
use super::list::pushed;
use super::list::side;
use super::list::take;
use super::list::take_one;
use super::spec::Arg;
use super::spec::BeginSearch;
use super::spec::Command;
use super::spec::FindKeys;
use super::spec::Flags;
use super::spec::KeyFlags;
use super::spec::KeySpec;
use super::spec::Rule;
use super::spec::Run;
use super::timeout_s;
use crate::data::List;
use crate::data::StrRef;
use crate::data::list::End;
use crate::error;
use crate::error::CommandError;
use crate::resp::Args;
use crate::time::Mono;

pub const COMMANDS: &[Command] = &[
    Command {
        name: "lmove",
        since: "6.2.0",
        summary: "Takes an element off one list and puts it into another.",
        arity: 5,
        flags: WRITE_OOM,
        keys: FROM_TO,
        args: &[SOURCE, DESTINATION, FROM_SIDE, TO_SIDE],
        propagation: Rule::Verbatim,
        run: Run::Data(lmove),
        ..BASE
    },
    Command {
        name: "rpoplpush",
        since: "1.2.0",
        summary: "Takes the last element off one list and makes it the first of another.",
        arity: 3,
        flags: WRITE_OOM,
        keys: FROM_TO,
        args: &[SOURCE, DESTINATION],
        deprecated: Some(("6.2.0", "`LMOVE` with the `RIGHT` and `LEFT` arguments")),
        propagation: Rule::Verbatim,
        run: Run::Data(rpoplpush),
        ..BASE
    },
    Command {
        name: "lmpop",
        since: "7.0.0",
        summary: "Takes elements off the first of several lists that has any.",
        complexity: MANY_COMPLEXITY,
        arity: -4,
        flags: Flags::WRITE,
        keys: &[numbered(1)],
        args: &[Arg::integer("numkeys"), KEYS, SIDE, COUNT],
        propagation: Rule::Effect,
        run: Run::Data(lmpop),
        ..BASE
    },
    Command {
        name: "blpop",
        since: "2.0.0",
        summary: "Takes the first element off the first of several lists that has any, or waits.",
        run: Run::Data(|ctx, args| blocking_pop(ctx, args, End::Head)),
        ..BLOCKING_POP
    },
    Command {
        name: "brpop",
        since: "2.0.0",
        summary: "Takes the last element off the first of several lists that has any, or waits.",
        run: Run::Data(|ctx, args| blocking_pop(ctx, args, End::Tail)),
        ..BLOCKING_POP
    },
    Command {
        name: "blmove",
        since: "6.2.0",
        summary: "Moves an element from list to list, or waits for one.",
        arity: 6,
        flags: WRITE_OOM.with(Flags::BLOCKING),
        keys: FROM_TO,
        args: &[SOURCE, DESTINATION, FROM_SIDE, TO_SIDE, TIMEOUT],
        propagation: Rule::Effect,
        run: Run::Data(blmove),
        ..BASE
    },
    Command {
        name: "brpoplpush",
        since: "2.2.0",
        summary: "Makes the last element of a list the first of another, or waits for one.",
        arity: 4,
        flags: WRITE_OOM.with(Flags::BLOCKING),
        keys: FROM_TO,
        args: &[SOURCE, DESTINATION, TIMEOUT],
        history: DOUBLE_TIMEOUT,
        deprecated: Some(("6.2.0", "`BLMOVE` with the `RIGHT` and `LEFT` arguments")),
        propagation: Rule::Effect,
        run: Run::Data(brpoplpush),
        ..BASE
    },
    Command {
        name: "blmpop",
        since: "7.0.0",
        summary: "Takes elements off the first of several lists that has any, or waits.",
        complexity: MANY_COMPLEXITY,
        arity: -5,
        flags: Flags::WRITE.with(Flags::BLOCKING),
        keys: &[numbered(2)],
        args: &[TIMEOUT, Arg::integer("numkeys"), KEYS, SIDE, COUNT],
        propagation: Rule::Effect,
        run: Run::Data(blmpop),
        ..BASE
    },
];

const BLOCKING_POP: Command = Command {
    complexity: "O(N) for N keys",
    arity: -3,
    flags: Flags::WRITE.with(Flags::BLOCKING),
    keys: &[KeySpec::range(1, -2, 1, TAKEN)],
    args: &[KEYS, TIMEOUT],
    history: DOUBLE_TIMEOUT,
    propagation: Rule::Effect,
    ..BASE
};

const WRITE_OOM: Flags = Flags::WRITE.with(Flags::DENYOOM);
const FROM_TO: &[KeySpec] =
    &[KeySpec::at(1, TAKEN), KeySpec::at(2, KeyFlags::RW.with(KeyFlags::INSERT))];
const SOURCE: Arg = Arg::key("source");
const DESTINATION: Arg = Arg::key("destination").of_spec(1);
const SIDES: &[Arg] = &[Arg::word("left", "LEFT"), Arg::word("right", "RIGHT")];
const SIDE: Arg = Arg::one_of("where", SIDES);
const FROM_SIDE: Arg = Arg::one_of("wherefrom", SIDES);
const TO_SIDE: Arg = Arg::one_of("whereto", SIDES);
const KEYS: Arg = Arg::key("key").multiple();
const TIMEOUT: Arg = Arg::double("timeout");
const COUNT: Arg = Arg::integer("count").token("COUNT").optional();
const DOUBLE_TIMEOUT: &[(&str, &str)] = &[("6.0.0", "The timeout may have a fraction.")];
const MANY_COMPLEXITY: &str = "O(N+M) for N keys and M elements taken";

/// Keys whose number stands at word `number`.
const fn numbered(number: i16) -> KeySpec {
    let find = FindKeys::Numbered { number: 0, first: 1, step: 1 };
    KeySpec { flags: TAKEN, begin: BeginSearch::Index(number), find, notes: None }
}

fn lmove(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let (from, to) = (side(args.at(3))?, side(args.at(4))?);
    if !move_element(ctx, args, from, to)? {
        ctx.reply.null();
    }
    Ok(())
}

fn rpoplpush(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    if !move_element(ctx, args, End::Tail, End::Head)? {
        ctx.reply.null();
    }
    Ok(())
}

fn blmove(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let (from, to) = (side(args.at(3))?, side(args.at(4))?);
    let until = timeout_s(ctx.now, args.at(5))?;
    if move_element(ctx, args, from, to)? {
        ctx.propagate(&[b"LMOVE", args.at(1), args.at(2), args.at(3), args.at(4)]);
        return Ok(());
    }
    wait_for_source(ctx, args, until);
    Ok(())
}

fn brpoplpush(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let until = timeout_s(ctx.now, args.at(3))?;
    if move_element(ctx, args, End::Tail, End::Head)? {
        ctx.propagate(&[b"RPOPLPUSH", args.at(1), args.at(2)]);
        return Ok(());
    }
    wait_for_source(ctx, args, until);
    Ok(())
}

fn lmpop(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let pop = Pop::parse(args, 1)?;
    if !pop.run(ctx)? {
        ctx.reply.null_array();
    }
    Ok(())
}

fn blmpop(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let pop = Pop::parse(args, 2)?;
    let until = timeout_s(ctx.now, args.at(1))?;
    if !pop.run(ctx)? {
        wait_for(ctx, pop.keys, until);
    }
    Ok(())
}

fn blocking_pop(ctx: &mut Context<'_>, args: Args<'_>, end: End) -> Outcome {
    let last = args.len() - 1;
    let until = timeout_s(ctx.now, args.at(last))?;
    let keys = args.range(1..last);
    let Some(key) = first_list(ctx, keys)? else {
        wait_for(ctx, keys, until);
        return Ok(());
    };
    ctx.reply.array(2);
    ctx.reply.bulk(key);
    take_one(ctx, key, end)?;
    ctx.propagate(&[pop_name(end), key]);
    Ok(())
}

/// The keys, the end and the count of LMPOP and BLMPOP.
struct Pop<'a> {
    keys: Args<'a>,
    end: End,
    count: usize,
}

impl<'a> Pop<'a> {
    /// From the words that begin with the number of keys, at word `at`.
    fn parse(args: Args<'a>, at: usize) -> Result<Self, CommandError> {
        let numkeys = at_least_one(args.at(at)).ok_or(error::NUMKEYS_NOT_POSITIVE)?;
        let where_at = numkeys.saturating_add(at + 1);
        let end = side(args.maybe(where_at).ok_or(error::SYNTAX)?)?;
        let count = match args.len() - where_at {
            1 => 1,
            3.. if args.is(where_at + 1, "count") => {
                at_least_one(args.at(where_at + 2)).ok_or(error::POPPED_NOT_POSITIVE)?
            }
            _ => return Err(error::SYNTAX),
        };
        if args.len() > where_at + 3 {
            return Err(error::SYNTAX);
        }
        Ok(Self { keys: args.range(at + 1..where_at), end, count })
    }

    /// Takes elements off the first list that has any; whether one has.
    fn run(&self, ctx: &mut Context<'_>) -> Result<bool, CommandError> {
        let Some(key) = first_list(ctx, self.keys)? else { return Ok(false) };
        ctx.reply.array(2);
        ctx.reply.bulk(key);
        let count = take(ctx, key, self.end, self.count)?.unwrap_or(0);
        let count = digits(i64::try_from(count).unwrap_or(i64::MAX));
        ctx.propagate(&[pop_name(self.end), key, count.as_bytes()]);
        Ok(true)
    }
}

/// The first key that has a list.
fn first_list<'k>(ctx: &mut Context<'_>, keys: Args<'k>) -> Result<Option<&'k [u8]>, CommandError> {
    for key in keys.iter() {
        if ctx.peek_as::<List>(key)?.is_some() {
            return Ok(Some(key));
        }
    }
    Ok(None)
}

/// Moves an element from the list under word 1 to that under word 2 and replies it; whether there
/// was one.
fn move_element(
    ctx: &mut Context<'_>,
    args: Args<'_>,
    from: End,
    to: End,
) -> Result<bool, CommandError> {
    let (source, destination) = (args.at(1), args.at(2));
    let limits = ctx.limits;
    if ctx.peek_as::<List>(source)?.is_none() {
        return Ok(false);
    }
    let has_destination = ctx.peek_as::<List>(destination)?.is_some();
    let Some(mut list) = ctx.edit_as::<List>(source)? else { return Ok(false) };
    let Some(element) = list.end(from) else { return Ok(false) };
    // Redis reckons nothing for an element that it keeps as an integer.
    let bytes = if let StrRef::Bytes(bytes) = element { bytes.len() } else { 0 };
    let element = element.to_vec();
    list.remove_end(from, 1);
    let put = |list: &mut List| {
        list.make_room(bytes, 1, limits);
        list.push(to, &element);
    };
    if source == destination {
        put(&mut list);
    }
    let emptied = list.is_empty();
    list.settle(limits);
    drop(list);
    if source != destination && has_destination {
        if let Some(mut list) = ctx.edit_as::<List>(destination)? {
            put(&mut list);
        }
    } else if source != destination {
        let mut list = List::new();
        put(&mut list);
        ctx.put(destination, list);
    }
    ctx.notify(pushed(to), destination);
    ctx.notify(popped(from), source);
    if emptied {
        ctx.remove_emptied(source);
    }
    ctx.changed(1);
    ctx.reply.bulk(&element);
    Ok(true)
}

fn wait_for(ctx: &mut Context<'_>, keys: Args<'_>, until: Option<Mono>) {
    if ctx.may_block() {
        ctx.block(Block::new(BlockKind::List, keys.iter(), until));
    } else {
        ctx.reply.null_array();
    }
}

fn wait_for_source(ctx: &mut Context<'_>, args: Args<'_>, until: Option<Mono>) {
    if ctx.may_block() {
        ctx.block(Block::new(BlockKind::List, std::iter::once(args.at(1)), until));
    } else {
        ctx.reply.null();
    }
}

fn pop_name(end: End) -> &'static [u8] {
    match end {
        End::Head => b"LPOP",
        End::Tail => b"RPOP",
    }
}

fn at_least_one(arg: &[u8]) -> Option<usize> {
    integer(arg).ok().and_then(|value| usize::try_from(value).ok()).filter(|value| *value > 0)
}
