//! XACK and XPENDING: what was delivered to consumers and not acknowledged.

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
use super::stream::WRITE;
use super::stream::WRITE_FAST;
use super::stream::reply_id;
use super::stream::strict_ids;
use super::stream_group::GROUP;
use super::stream_range::Interval;
use crate::data::Stream;
use crate::data::stream::Group;
use crate::data::stream::Pending;
use crate::data::stream::StreamId;
use crate::error;
use crate::error::CommandError;
use crate::resp::Args;
use crate::resp::Reply;

pub const COMMANDS: &[Command] = &[
    Command {
        name: "xack",
        summary: "Acknowledges entries that were delivered to a group.",
        complexity: "O(1) for each id",
        arity: -4,
        flags: WRITE_FAST,
        keys: &[KeySpec::at(1, KeyFlags::RW.with(KeyFlags::UPDATE))],
        args: &[KEY, GROUP, Arg::string("id").multiple()],
        run: Run::Data(xack),
        ..WRITE
    },
    Command {
        name: "xpending",
        summary: "Tells what was delivered to a group and not acknowledged.",
        complexity: "O(N) for N entries returned or, with IDLE, looked at; for the summary O(M) for M consumers",
        arity: -3,
        flags: Flags::READONLY,
        keys: &[KeySpec::at(1, KeyFlags::READ)],
        args: &[
            KEY,
            GROUP,
            Arg::block(
                "filters",
                &[
                    Arg::integer("min-idle-time").token("IDLE").since("6.2.0").optional(),
                    Arg::string("start"),
                    Arg::string("end"),
                    Arg::integer("count"),
                    Arg::string("consumer").optional(),
                ],
            )
            .optional(),
        ],
        tips: &["nondeterministic_output"],
        history: &[("6.2.0", "`IDLE`, and ids with `(`.")],
        run: Run::Data(xpending),
        ..BASE
    },
];

fn xack(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let (key, name) = (args.at(1), args.at(2));
    let has_group = ctx.read_as::<Stream>(key)?.is_some_and(|s| s.groups.find(name).is_some());
    if !has_group {
        ctx.reply.count(0);
        return Ok(());
    }
    let ids = strict_ids(args.from(3))?;
    let acknowledged = match ctx.edit_unseen_as::<Stream>(key)? {
        Some(mut stream) => stream
            .groups
            .edit(name, |group| ids.iter().filter(|id| group.acknowledge(**id)).count()),
        None => None,
    };
    let acknowledged = acknowledged.unwrap_or(0);
    ctx.changed(acknowledged);
    ctx.reply.count(acknowledged);
    Ok(())
}

fn xpending(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let filter = match args.len() {
        3 => None,
        6..=9 => Some(Filter::parse(args)?),
        _ => return Err(error::SYNTAX),
    };
    let now_ms = ctx.now.wall_ms();
    let (stream, reply) = ctx.read_as_for_reply::<Stream>(args.at(1))?;
    let group = stream.and_then(|stream| stream.groups.find(args.at(2)));
    let group = group.ok_or_else(|| error::no_key_or_group(args.at(1), args.at(2)))?;
    match filter {
        None => summary(reply, group),
        Some(filter) => filter.list(reply, group, now_ms),
    }
    Ok(())
}

/// How many entries are pending, from which to which, and for whom.
fn summary(reply: &mut Reply<'_>, group: &Group) {
    reply.array(4);
    reply.count(group.pending().len());
    let mut ids = group.pending().keys();
    let Some(first) = ids.next() else {
        reply.null();
        reply.null();
        return reply.null_array();
    };
    reply_id(reply, *first);
    reply_id(reply, *ids.next_back().unwrap_or(first));
    let busy = || group.consumers().filter(|(_, consumer)| !consumer.pending().is_empty());
    reply.array(busy().count());
    for (name, consumer) in busy() {
        reply.array(2);
        reply.bulk(name);
        reply.bulk_integer(consumer.pending().len() as i64);
    }
}

/// Which pending entries are asked for.
struct Filter<'a> {
    interval: Interval,
    count: usize,
    min_idle_ms: i64,
    consumer: Option<&'a [u8]>,
}

impl<'a> Filter<'a> {
    fn parse(args: Args<'a>) -> Result<Self, CommandError> {
        let (mut at, mut min_idle_ms) = (3, 0);
        if args.is(3, "IDLE") {
            min_idle_ms = integer(args.at(4))?;
            if args.len() < 8 {
                return Err(error::SYNTAX);
            }
            at = 5;
        }
        let count = usize::try_from(integer(args.at(at + 2))?).unwrap_or(0);
        let interval = Interval::parse(args.at(at), args.at(at + 1))?;
        Ok(Self { interval, count, min_idle_ms, consumer: args.maybe(at + 3) })
    }

    fn list(&self, reply: &mut Reply<'_>, group: &Group, now_ms: i64) {
        let Interval { start, end } = self.interval;
        if start > end {
            return reply.array(0);
        }
        let idle = |pending: &Pending| now_ms.saturating_sub(pending.delivered_ms);
        let is_idle =
            |pending: &Pending| self.min_idle_ms == 0 || idle(pending) >= self.min_idle_ms;
        let mut write = |entries: &mut dyn Iterator<Item = (StreamId, &Pending)>| {
            let entries = entries.filter(|(_, pending)| is_idle(pending)).take(self.count);
            reply.counted_array(|reply| {
                entries.map(|(id, pending)| entry(reply, id, pending, idle(pending))).count()
            });
        };
        match self.consumer.map(|name| group.consumer(name)) {
            None => write(&mut group.pending().range(start..=end).map(|(id, p)| (*id, p))),
            Some(None) => reply.array(0),
            Some(Some(consumer)) => {
                let own = consumer.pending().range(start..=end);
                write(&mut own.filter_map(|id| Some((*id, group.pending().get(id)?))));
            }
        }
    }
}

fn entry(reply: &mut Reply<'_>, id: StreamId, pending: &Pending, idle_ms: i64) {
    reply.array(4);
    reply_id(reply, id);
    reply.bulk(&pending.consumer);
    reply.integer(idle_ms.max(0));
    reply.integer(pending.deliveries as i64);
}
