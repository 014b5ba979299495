//! XCLAIM and XAUTOCLAIM: pending entries change their consumer.
//!
//! What travels is one XCLAIM for each entry that spells its consumer, its time and its count, so
//! that a replica's list of pending entries is the same; also for an entry that is gone from the
//! stream and is forgotten here.

use super::Context;
use super::Outcome;
use super::digits;
use super::spec::Arg;
use super::spec::Command;
use super::spec::KeyFlags;
use super::spec::KeySpec;
use super::spec::Rule;
use super::spec::Run;
use super::stream::BASE;
use super::stream::KEY;
use super::stream::WRITE_FAST;
use super::stream::reply_entry;
use super::stream::reply_id;
use super::stream::strict_id;
use super::stream_group::GROUP;
use super::stream_range::start_id;
use crate::data::Stream;
use crate::data::number;
use crate::data::stream::Group;
use crate::data::stream::StreamId;
use crate::error;
use crate::error::CommandError;
use crate::resp::Args;
use crate::store::KeyEvent;

pub const COMMANDS: &[Command] = &[
    Command {
        name: "xclaim",
        summary: "Makes pending entries those of another consumer.",
        complexity: "O(log N) for N pending entries, for each id",
        keys: &[KeySpec::at(1, KeyFlags::RW.with(KeyFlags::UPDATE))],
        args: &[
            KEY,
            GROUP,
            Arg::string("consumer"),
            Arg::string("min-idle-time"),
            Arg::string("id").multiple(),
            Arg::integer("ms").token("IDLE").optional(),
            Arg::unix_time("unix-time-milliseconds").token("TIME").optional(),
            Arg::integer("count").token("RETRYCOUNT").optional(),
            Arg::word("force", "FORCE").optional(),
            JUST_ID,
            Arg::string("lastid").token("LASTID").optional(),
        ],
        run: Run::Data(xclaim),
        ..CLAIM
    },
    Command {
        name: "xautoclaim",
        since: "6.2.0",
        summary: "Makes entries that are pending for long those of another consumer.",
        complexity: "O(N) for N pending entries looked at, ten for each to be claimed at most",
        keys: &[KeySpec::at(1, KeyFlags::RW.with(KeyFlags::DELETE))],
        args: &[
            KEY,
            GROUP,
            Arg::string("consumer"),
            Arg::string("min-idle-time"),
            Arg::string("start"),
            Arg::integer("count").token("COUNT").optional(),
            JUST_ID,
        ],
        history: &[("7.0.0", "Replies also with the ids it found deleted and forgot.")],
        run: Run::Data(xautoclaim),
        ..CLAIM
    },
];

const CLAIM: Command = Command {
    arity: -6,
    flags: WRITE_FAST,
    tips: &["nondeterministic_output"],
    propagation: Rule::Effect,
    ..BASE
};

const JUST_ID: Arg = Arg::word("justid", "JUSTID").optional();

/// What becomes of the entries that are claimed.
struct Claim<'a> {
    consumer: &'a [u8],
    min_idle_ms: i64,
    delivered_ms: i64,
    /// How often they count as delivered from now on.
    deliveries: Option<u64>,
    /// Entries that are not pending become so.
    force: bool,
    /// Only the ids are asked for, which counts as no delivery.
    just_id: bool,
    now_ms: i64,
}

/// What a claim did: in the order in which it travels.
#[derive(Default)]
struct Done {
    claimed: Vec<StreamId>,
    deleted: Vec<StreamId>,
    effects: Vec<Effect>,
}

/// One pending entry as replicas are to have it.
pub(super) struct Effect {
    id: StreamId,
    consumer: Box<[u8]>,
    delivered_ms: i64,
    deliveries: u64,
    last_id: StreamId,
}

fn xclaim(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let (key, name) = (args.at(1), args.at(2));
    ctx.read(key);
    require_group(ctx, key, name)?;
    let min_idle_ms = number::parse_i64(args.at(4)).ok_or(error::XCLAIM_MIN_IDLE)?;
    let ids: Vec<StreamId> = args.from(5).iter().map_while(|arg| StreamId::parse(arg, 0)).collect();
    let mut claim = Claim::new(args.at(3), min_idle_ms, ctx.now.wall_ms());
    let last_id = claim.parse_options(args.from(5 + ids.len()))?;
    let mut done = Done::default();
    let mut moved = None;
    let mut is_new = None;
    if let Some(mut stream) = ctx.edit_unseen_as::<Stream>(key)? {
        is_new = stream.edit_group(name, |stream, group| {
            if last_id > group.last_id {
                group.last_id = last_id;
                moved = Some((last_id, group.entries_read));
            }
            let is_new = group.see(claim.consumer, claim.now_ms);
            for id in &ids {
                claim.apply(stream, group, *id, &mut done);
            }
            is_new
        });
    }
    reply_claimed(ctx, key, &done.claimed, claim.just_id)?;
    let travels_alone = done.effects.is_empty();
    done.send(ctx, key, name);
    ctx.propagation.spell();
    notify_consumer(ctx, key, is_new);
    ctx.changed(usize::from(is_new == Some(true)));
    if let Some((id, entries_read)) = moved.filter(|_| travels_alone) {
        propagate_group_id(ctx, key, name, id, entries_read);
        ctx.changed(1);
    }
    Ok(())
}

fn xautoclaim(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let (key, name) = (args.at(1), args.at(2));
    // Redis looks before it reads the other words.
    ctx.read(key);
    let min_idle_ms = number::parse_i64(args.at(4)).ok_or(error::XAUTOCLAIM_MIN_IDLE)?;
    let start = start_id(args.at(5))?;
    let mut claim = Claim::new(args.at(3), min_idle_ms, ctx.now.wall_ms());
    let mut count = claim.parse_auto_options(args.from(6))?;
    require_group(ctx, key, name)?;
    let mut done = Done::default();
    let mut next = None;
    let mut is_new = None;
    if let Some(mut stream) = ctx.edit_unseen_as::<Stream>(key)? {
        let attempts = count.saturating_mul(ATTEMPTS_PER_ENTRY);
        is_new = stream.edit_group(name, |stream, group| {
            let pending = group.pending().range(start..).take(attempts.saturating_add(1));
            let ids: Vec<StreamId> = pending.map(|(id, _)| *id).collect();
            let is_new = group.see(claim.consumer, claim.now_ms);
            for (at, id) in ids.iter().enumerate() {
                if at >= attempts || count == 0 {
                    next = Some(*id);
                    break;
                }
                count -= usize::from(claim.apply(stream, group, *id, &mut done));
            }
            is_new
        });
    }
    ctx.reply.array(3);
    reply_id(&mut ctx.reply, next.unwrap_or(StreamId::MIN));
    reply_claimed(ctx, key, &done.claimed, claim.just_id)?;
    ctx.reply.array(done.deleted.len());
    for id in &done.deleted {
        reply_id(&mut ctx.reply, *id);
    }
    done.send(ctx, key, name);
    ctx.propagation.spell();
    notify_consumer(ctx, key, is_new);
    ctx.changed(usize::from(is_new == Some(true)));
    Ok(())
}

fn notify_consumer(ctx: &mut Context<'_>, key: &[u8], is_new: Option<bool>) {
    if is_new == Some(true) {
        ctx.notify(KeyEvent::XGROUP_CREATECONSUMER, key);
    }
}

impl<'a> Claim<'a> {
    fn new(consumer: &'a [u8], min_idle_ms: i64, now_ms: i64) -> Self {
        Self {
            consumer,
            min_idle_ms: min_idle_ms.max(0),
            delivered_ms: now_ms,
            deliveries: None,
            force: false,
            just_id: false,
            now_ms,
        }
    }

    /// Reads the options of XCLAIM; returns LASTID, or zero.
    fn parse_options(&mut self, args: Args<'_>) -> Result<StreamId, CommandError> {
        let mut last_id = StreamId::MIN;
        let mut delivered_ms = None;
        let mut at = 0;
        while at < args.len() {
            let value = args.maybe(at + 1);
            let number = |error| value.and_then(number::parse_i64).ok_or(error);
            at += 2;
            if args.is(at - 2, "FORCE") {
                self.force = true;
                at -= 1;
            } else if args.is(at - 2, "JUSTID") {
                self.just_id = true;
                at -= 1;
            } else if args.is(at - 2, "IDLE") && value.is_some() {
                delivered_ms = Some(self.now_ms.wrapping_sub(number(error::XCLAIM_IDLE)?));
            } else if args.is(at - 2, "TIME") && value.is_some() {
                delivered_ms = Some(number(error::XCLAIM_TIME)?);
            } else if args.is(at - 2, "RETRYCOUNT") && value.is_some() {
                self.deliveries = u64::try_from(number(error::XCLAIM_RETRY_COUNT)?).ok();
            } else if let Some(value) = value.filter(|_| args.is(at - 2, "LASTID")) {
                last_id = strict_id(value, 0)?;
            } else {
                return Err(error::unrecognized_xclaim_option(args.at(at - 2)));
            }
        }
        // A time that cannot be is the client's clock, and no reason to fail.
        self.delivered_ms = match delivered_ms {
            Some(ms) if (0..=self.now_ms).contains(&ms) => ms,
            _ => self.now_ms,
        };
        Ok(last_id)
    }

    /// Reads the options of XAUTOCLAIM; returns COUNT.
    fn parse_auto_options(&mut self, args: Args<'_>) -> Result<usize, CommandError> {
        let mut count = COUNT_DEFAULT;
        let mut at = 0;
        while at < args.len() {
            if args.is(at, "JUSTID") {
                self.just_id = true;
                at += 1;
            } else if let Some(value) = args.maybe(at + 1).filter(|_| args.is(at, "COUNT")) {
                let given = number::parse_i64(value).filter(|n| (1..=COUNT_MAX).contains(n));
                let given = given.ok_or(error::COUNT_NOT_POSITIVE)?;
                count = usize::try_from(given).unwrap_or(usize::MAX);
                at += 2;
            } else {
                return Err(error::SYNTAX);
            }
        }
        Ok(count)
    }

    /// Claims one entry if it may be; whether it counts as one of those asked for.
    fn apply(&self, stream: &Stream, group: &mut Group, id: StreamId, done: &mut Done) -> bool {
        let old = group.pending().get(&id).cloned();
        if !stream.contains(id) {
            let Some(old) = old else { return false };
            done.effects.push(Effect::of(
                group,
                id,
                &old.consumer,
                old.delivered_ms,
                old.deliveries,
            ));
            done.deleted.push(id);
            return group.acknowledge(id);
        }
        if old.is_none() && !self.force {
            return false;
        }
        let idle_ms = old.as_ref().map(|old| self.now_ms.saturating_sub(old.delivered_ms));
        if self.min_idle_ms > 0 && idle_ms.is_some_and(|idle_ms| idle_ms < self.min_idle_ms) {
            return false;
        }
        let delivered = old.map_or(1, |old| old.deliveries);
        let deliveries = match self.deliveries {
            Some(deliveries) => deliveries,
            None if self.just_id => delivered,
            None => delivered.wrapping_add(1),
        };
        group.deliver(id, self.consumer, self.delivered_ms, deliveries);
        if let Some(consumer) = group.consumer_mut(self.consumer) {
            consumer.active_ms = Some(self.now_ms);
        }
        done.effects.push(Effect::of(group, id, self.consumer, self.delivered_ms, deliveries));
        done.claimed.push(id);
        true
    }
}

impl Done {
    fn send(&self, ctx: &mut Context<'_>, key: &[u8], group: &[u8]) {
        for effect in &self.effects {
            effect.propagate(ctx, key, group);
        }
        ctx.changed(self.effects.len());
    }
}

impl Effect {
    pub fn of(
        group: &Group,
        id: StreamId,
        consumer: &[u8],
        delivered_ms: i64,
        deliveries: u64,
    ) -> Self {
        Self { id, consumer: consumer.into(), delivered_ms, deliveries, last_id: group.last_id }
    }

    pub fn propagate(&self, ctx: &mut Context<'_>, key: &[u8], group: &[u8]) {
        // Spelling numbers takes longer than the delivery, and mostly nobody listens.
        if !ctx.propagation.is_enabled() {
            return;
        }
        let (id, last_id) = (self.id.to_string(), self.last_id.to_string());
        let (time, deliveries) = (digits(self.delivered_ms), self.deliveries.to_string());
        ctx.propagate(&[
            b"XCLAIM",
            key,
            group,
            &self.consumer,
            b"0",
            id.as_bytes(),
            b"TIME",
            time.as_bytes(),
            b"RETRYCOUNT",
            deliveries.as_bytes(),
            b"FORCE",
            b"JUSTID",
            b"LASTID",
            last_id.as_bytes(),
        ]);
    }
}

/// How far a group has read travels by itself where no XCLAIM says it.
pub(super) fn propagate_group_id(
    ctx: &mut Context<'_>,
    key: &[u8],
    group: &[u8],
    id: StreamId,
    entries_read: Option<u64>,
) {
    let id = id.to_string();
    let read = entries_read.map_or("-1".to_owned(), |read| read.to_string());
    ctx.propagate(&[
        b"XGROUP",
        b"SETID",
        key,
        group,
        id.as_bytes(),
        b"ENTRIESREAD",
        read.as_bytes(),
    ]);
}

fn require_group(ctx: &mut Context<'_>, key: &[u8], name: &[u8]) -> Outcome {
    let stream = ctx.peek_as::<Stream>(key)?;
    match stream.and_then(|stream| stream.groups.find(name)) {
        Some(_) => Ok(()),
        None => Err(error::no_key_or_group(key, name)),
    }
}

fn reply_claimed(ctx: &mut Context<'_>, key: &[u8], ids: &[StreamId], just_id: bool) -> Outcome {
    let (stream, reply) = ctx.peek_as_for_reply::<Stream>(key)?;
    reply.array(ids.len());
    let mut finder = stream.map(Stream::finder);
    for id in ids {
        match finder.as_mut().and_then(|finder| finder.find(*id)) {
            Some(entry) if !just_id => reply_entry(reply, &entry),
            _ => reply_id(reply, *id),
        }
    }
    Ok(())
}

const COUNT_DEFAULT: usize = 100;
/// Redis's: entries whose ids fit its memory.
const COUNT_MAX: i64 = i64::MAX / 16;
/// Pending entries looked at for each that is asked for.
const ATTEMPTS_PER_ENTRY: usize = 10;
