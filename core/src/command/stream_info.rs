//! XINFO: what there is to know about a stream, its groups and their consumers.

use super::Context;
use super::Outcome;
use super::help;
use super::integer;
use super::spec::Arg;
use super::spec::Categories;
use super::spec::Command;
use super::spec::Flags;
use super::spec::KeyFlags;
use super::spec::KeySpec;
use super::spec::Run;
use super::stream::BASE;
use super::stream::KEY;
use super::stream::reply_entry;
use super::stream::reply_id;
use super::stream_group::GROUP;
use super::stream_range::reply_entries;
use crate::data::Stream;
use crate::data::stream::Consumer;
use crate::data::stream::Entry;
use crate::data::stream::Group;
use crate::data::stream::StreamId;
use crate::error;
use crate::error::CommandError;
use crate::resp::Args;
use crate::resp::Reply;

pub const COMMANDS: &[Command] = &[Command {
    name: "xinfo",
    summary: "Tells about streams, their groups and consumers.",
    complexity: "Depends on the subcommand",
    arity: -2,
    categories: Categories::NONE,
    subcommands: SUBCOMMANDS,
    ..BASE
}];

const SUBCOMMANDS: &[Command] = &[
    Command {
        name: "stream",
        summary: "Tells about a stream; with FULL, about everything in it.",
        arity: -3,
        args: &[
            KEY,
            Arg::block("full-block", &[Arg::integer("count").token("COUNT").optional()])
                .token("FULL")
                .optional(),
        ],
        history: &[
            ("6.0.0", "`FULL`."),
            ("7.0.0", "What was ever added and deleted, and how far groups have read."),
            ("7.2.0", "When a consumer was last active."),
        ],
        run: Run::Data(xinfo_stream),
        ..READ
    },
    Command {
        name: "groups",
        summary: "Lists the consumer groups of a stream.",
        arity: 3,
        args: &[KEY],
        history: &[("7.0.0", "`entries-read` and `lag`.")],
        run: Run::Data(xinfo_groups),
        ..READ
    },
    Command {
        name: "consumers",
        summary: "Lists the consumers of a group.",
        arity: 4,
        args: &[KEY, GROUP],
        tips: &["nondeterministic_output"],
        history: &[("7.2.0", "`inactive`.")],
        run: Run::Data(xinfo_consumers),
        ..READ
    },
    Command {
        name: "help",
        summary: "Lists the subcommands of XINFO.",
        arity: 2,
        flags: Flags::LOADING.with(Flags::STALE),
        run: Run::Data(xinfo_help),
        ..BASE
    },
];

const READ: Command =
    Command { flags: Flags::READONLY, keys: &[KeySpec::at(2, KeyFlags::READ)], ..BASE };

fn xinfo_stream(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let count = full_count(args);
    let (stream, reply) = ctx.read_as_for_reply::<Stream>(args.at(2))?;
    let stream = stream.ok_or(error::NO_SUCH_KEY)?;
    match count? {
        Some(count) => full(reply, stream, count),
        None => brief(reply, stream),
    }
    Ok(())
}

/// With FULL, how many entries are told of.
fn full_count(args: Args<'_>) -> Result<Option<usize>, CommandError> {
    match args.len() {
        3 => Ok(None),
        4 if args.is(3, "FULL") => Ok(Some(COUNT_DEFAULT)),
        6 if args.is(3, "FULL") && args.is(4, "COUNT") => match integer(args.at(5))? {
            0 => Ok(Some(usize::MAX)),
            count => Ok(Some(usize::try_from(count).unwrap_or(COUNT_DEFAULT))),
        },
        _ => Err(error::subcommand_syntax(args.at(1), "XINFO")),
    }
}

fn brief(reply: &mut Reply<'_>, stream: &Stream) {
    reply.map(10);
    head(reply, stream);
    reply.bulk(b"groups");
    reply.count(stream.groups.len());
    let all = || stream.range(StreamId::MIN, StreamId::MAX);
    entry_or_null(reply, b"first-entry", all().next());
    entry_or_null(reply, b"last-entry", all().reversed().next());
}

fn full(reply: &mut Reply<'_>, stream: &Stream, count: usize) {
    reply.map(9);
    head(reply, stream);
    reply.bulk(b"entries");
    reply_entries(reply, stream.range(StreamId::MIN, StreamId::MAX).take(count));
    reply.bulk(b"groups");
    reply.array(stream.groups.len());
    for (name, group) in stream.groups.iter() {
        full_group(reply, stream, name, group, count);
    }
}

fn full_group(reply: &mut Reply<'_>, stream: &Stream, name: &[u8], group: &Group, count: usize) {
    reply.map(7);
    named(reply, name);
    progress(reply, stream, group);
    reply.bulk(b"pel-count");
    reply.count(group.pending().len());
    reply.bulk(b"pending");
    reply.array(group.pending().len().min(count));
    for (id, pending) in group.pending().iter().take(count) {
        reply.array(4);
        reply_id(reply, *id);
        reply.bulk(&pending.consumer);
        reply.integer(pending.delivered_ms);
        reply.integer(pending.deliveries as i64);
    }
    reply.bulk(b"consumers");
    reply.array(group.consumers_len());
    for (name, consumer) in group.consumers() {
        full_consumer(reply, group, name, consumer, count);
    }
}

fn full_consumer(
    reply: &mut Reply<'_>,
    group: &Group,
    name: &[u8],
    consumer: &Consumer,
    count: usize,
) {
    reply.map(5);
    named(reply, name);
    reply.bulk(b"seen-time");
    reply.integer(consumer.seen_ms);
    reply.bulk(b"active-time");
    reply.integer(consumer.active_ms.unwrap_or(-1));
    reply.bulk(b"pel-count");
    reply.count(consumer.pending().len());
    reply.bulk(b"pending");
    let pending = consumer.pending().iter().filter_map(|id| Some((id, group.pending().get(id)?)));
    reply.counted_array(|reply| {
        let shown = pending.take(count).map(|(id, pending)| {
            reply.array(3);
            reply_id(reply, *id);
            reply.integer(pending.delivered_ms);
            reply.integer(pending.deliveries as i64);
        });
        shown.count()
    });
}

/// The seven facts that both forms of XINFO STREAM begin with.
fn head(reply: &mut Reply<'_>, stream: &Stream) {
    for (name, value) in [
        (b"length".as_slice(), stream.len()),
        (b"radix-tree-keys", stream.nodes() as u64),
        (b"radix-tree-nodes", stream.radix_nodes() as u64),
    ] {
        reply.bulk(name);
        reply.integer(value as i64);
    }
    reply.bulk(b"last-generated-id");
    reply_id(reply, stream.last_id());
    reply.bulk(b"max-deleted-entry-id");
    reply_id(reply, stream.max_deleted_id());
    reply.bulk(b"entries-added");
    reply.integer(stream.entries_added() as i64);
    reply.bulk(b"recorded-first-entry-id");
    reply_id(reply, stream.first_id());
}

fn xinfo_groups(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let (stream, reply) = ctx.read_as_for_reply::<Stream>(args.at(2))?;
    let stream = stream.ok_or(error::NO_SUCH_KEY)?;
    reply.array(stream.groups.len());
    for (name, group) in stream.groups.iter() {
        reply.map(6);
        named(reply, name);
        reply.bulk(b"consumers");
        reply.count(group.consumers_len());
        reply.bulk(b"pending");
        reply.count(group.pending().len());
        progress(reply, stream, group);
    }
    Ok(())
}

fn xinfo_consumers(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let now_ms = ctx.now.wall_ms();
    let (stream, reply) = ctx.read_as_for_reply::<Stream>(args.at(2))?;
    let stream = stream.ok_or(error::NO_SUCH_KEY)?;
    let group = stream.groups.find(args.at(3));
    let group = group.ok_or_else(|| error::no_group(args.at(3), args.at(2)))?;
    reply.array(group.consumers_len());
    for (name, consumer) in group.consumers() {
        let since = |ms: i64| now_ms.saturating_sub(ms).max(0);
        reply.map(4);
        named(reply, name);
        reply.bulk(b"pending");
        reply.count(consumer.pending().len());
        reply.bulk(b"idle");
        reply.integer(since(consumer.seen_ms));
        reply.bulk(b"inactive");
        reply.integer(consumer.active_ms.map_or(-1, since));
    }
    Ok(())
}

fn named(reply: &mut Reply<'_>, name: &[u8]) {
    reply.bulk(b"name");
    reply.bulk(name);
}

/// How far a group has read, and how much it has still to read.
fn progress(reply: &mut Reply<'_>, stream: &Stream, group: &Group) {
    reply.bulk(b"last-delivered-id");
    reply_id(reply, group.last_id);
    for (name, value) in
        [(b"entries-read".as_slice(), group.entries_read), (b"lag", stream.lag(group))]
    {
        reply.bulk(name);
        match value {
            Some(value) => reply.integer(value as i64),
            None => reply.null(),
        }
    }
}

fn entry_or_null(reply: &mut Reply<'_>, name: &[u8], entry: Option<Entry<'_>>) {
    reply.bulk(name);
    match entry {
        Some(entry) => reply_entry(reply, &entry),
        None => reply.null(),
    }
}

fn xinfo_help(ctx: &mut Context<'_>, _args: Args<'_>) -> Outcome {
    help::reply(ctx, "XINFO", HELP);
    Ok(())
}

const HELP: help::Lines = &[
    ("CONSUMERS <key> <group>", &["The consumers of a group."]),
    ("GROUPS <key>", &["The groups of a stream."]),
    ("STREAM <key> [FULL [COUNT <count>]]", &["A stream; with FULL, what is in it."]),
];

/// Entries and pending entries that FULL shows.
const COUNT_DEFAULT: usize = 10;

#[cfg(test)]
mod tests {
    use crate::command::testing::Bench;

    #[test]
    fn lag_is_counted_where_it_can_be() {
        for (asked, lag) in [
            (&["XGROUP CREATE s g 0"][..], "4"),
            (&["XGROUP CREATE s g 2-0"], "nil"),
            (&["XGROUP CREATE s g 2-0 ENTRIESREAD 2"], "2"),
            (&["XGROUP CREATE s g $"], "0"),
            (&["XGROUP CREATE s g 2-0 ENTRIESREAD 2", "XDEL s 3-0"], "nil"),
            // All there are, whatever the group is said to have read.
            (&["XGROUP CREATE s g 0 ENTRIESREAD 9"], "4"),
            (&["XGROUP CREATE s g 1-0 ENTRIESREAD 9", "XTRIM s MAXLEN 2"], "2"),
            (&["XGROUP CREATE s g 1-0 ENTRIESREAD 1", "XTRIM s MAXLEN 0"], "0"),
            (&["XGROUP CREATE s g 0", "XDEL s 1-0 2-0 3-0 4-0"], "0"),
            // A gap among them.
            (&["XGROUP CREATE s g 0", "XDEL s 2-0"], "nil"),
        ] {
            let mut bench = Bench::new();
            for id in 1..=4 {
                bench.run(&format!("XADD s {id}-0 a b"));
            }
            for command in asked {
                bench.run(command);
            }
            let groups = bench.run("XINFO GROUPS s").join(" ");
            assert!(groups.contains(&format!("\"lag\", {lag}]")), "{asked:?}: {groups}");
        }
    }
}
