//! XREAD and XREADGROUP: what comes after an id, at once or when it comes.
//!
//! A group's read travels as what it did to the group: an XCLAIM for each entry now pending, and how
//! far the group has read.

use super::Block;
use super::BlockKind;
use super::Context;
use super::Outcome;
use super::block::timeout_ms;
use super::integer;
use super::spec::Arg;
use super::spec::BeginSearch;
use super::spec::Command;
use super::spec::FindKeys;
use super::spec::Flags;
use super::spec::KeyFlags;
use super::spec::KeySpec;
use super::spec::Rule;
use super::spec::Run;
use super::stream::BASE;
use super::stream::reply_entry;
use super::stream::reply_id;
use super::stream::strict_id;
use super::stream_claim::Effect;
use super::stream_claim::propagate_group_id;
use super::stream_group::GROUP;
use crate::data::Stream;
use crate::data::stream::Group;
use crate::data::stream::StreamId;
use crate::error;
use crate::error::CommandError;
use crate::resp::Args;
use crate::resp::OwnedArgs;
use crate::resp::Protocol;
use crate::store::KeyEvent;
use crate::time::Mono;

pub const COMMANDS: &[Command] = &[
    Command {
        name: "xread",
        summary: "Reads what comes after an id in one or more streams, and can wait for it.",
        complexity: "O(N) for N entries returned",
        arity: -4,
        flags: Flags::READONLY.with(Flags::BLOCKING),
        keys: &[streams_from(1)],
        args: &[COUNT, BLOCK, STREAMS],
        run: Run::Data(xread),
        ..BASE
    },
    Command {
        name: "xreadgroup",
        summary: "Reads for a consumer of a group: new entries, or its pending ones again.",
        complexity: "O(N) for N entries returned",
        arity: -7,
        flags: Flags::WRITE.with(Flags::BLOCKING),
        keys: &[streams_from(4)],
        args: &[
            Arg::block("group-block", &[GROUP, Arg::string("consumer")]).token("GROUP"),
            COUNT,
            BLOCK,
            Arg::word("noack", "NOACK").optional(),
            STREAMS,
        ],
        propagation: Rule::Effect,
        run: Run::Data(xreadgroup),
        ..BASE
    },
];

const COUNT: Arg = Arg::integer("count").token("COUNT").optional();
const BLOCK: Arg = Arg::integer("milliseconds").token("BLOCK").optional();
const STREAMS: Arg =
    Arg::block("streams", &[Arg::key("key").multiple(), Arg::string("id").multiple()])
        .token("STREAMS");

const fn streams_from(word: i16) -> KeySpec {
    KeySpec {
        flags: KeyFlags::READ,
        begin: BeginSearch::Keyword("STREAMS", word),
        find: FindKeys::Range { last: -1, step: 1, limit: 2 },
        notes: None,
    }
}

fn xread(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let request = Request::parse(ctx, args, false)?;
    let mut ids = Vec::new();
    for (key, id) in request.streams() {
        let stream = ctx.read_as::<Stream>(key)?;
        ids.push(match id {
            b"$" => stream.map_or(StreamId::MIN, Stream::last_id),
            b"+" => stream.and_then(|s| s.last_entry_id().prev()).unwrap_or(StreamId::MIN),
            b">" => return Err(error::XREAD_NEW_ID),
            id => strict_id(id, 0)?,
        });
    }
    let mut answers = Vec::new();
    for (at, ((key, _), after)) in request.streams().zip(&ids).enumerate() {
        let last = ctx.read_as::<Stream>(key)?.map_or(StreamId::MIN, Stream::last_entry_id);
        if last > *after {
            answers.push((at, *after));
        }
    }
    if answers.is_empty() {
        return request.wait(ctx, Some(&ids));
    }
    open_streams(ctx, answers.len());
    for (at, after) in answers {
        let Some((key, _)) = request.streams().nth(at) else { continue };
        let count = request.count;
        open_stream(ctx, key);
        let (stream, reply) = ctx.peek_as_for_reply::<Stream>(key)?;
        reply.counted_array(|reply| {
            let entries = stream.into_iter().flat_map(|stream| after_id(stream, after));
            entries.take(count).map(|entry| reply_entry(reply, &entry)).count()
        });
    }
    Ok(())
}

fn xreadgroup(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let request = Request::parse(ctx, args, true)?;
    let (group, consumer) = request.group.ok_or(error::XREADGROUP_WITHOUT_GROUP)?;
    let mut ids = Vec::new();
    for (key, id) in request.streams() {
        let stream = ctx.read_as::<Stream>(key)?;
        if stream.and_then(|stream| stream.groups.find(group)).is_none() {
            return Err(error::no_key_or_group_to_read(key, group));
        }
        ids.push(match id {
            b"$" => return Err(error::XREADGROUP_LAST_ID),
            b"+" => return Err(error::XREADGROUP_TOP_ID),
            b">" => From::New,
            id => match strict_id(id, 0)? {
                // The identifier that Redis keeps for `>`.
                StreamId::MAX => From::New,
                after => From::History { after },
            },
        });
    }
    ctx.propagation.spell();
    let read = Read { group, consumer, count: request.count, noack: request.noack };
    let mut answers = Vec::new();
    for ((key, _), from) in request.streams().zip(ids) {
        answers.extend(read.stream(ctx, key, from)?.map(|found| (key, found)));
    }
    if answers.is_empty() {
        return request.wait(ctx, None);
    }
    open_streams(ctx, answers.len());
    for (key, found) in answers {
        open_stream(ctx, key);
        let (stream, reply) = ctx.peek_as_for_reply::<Stream>(key)?;
        reply.array(found.len());
        let mut finder = stream.map(Stream::finder);
        for id in found {
            match finder.as_mut().and_then(|finder| finder.find(id)) {
                Some(entry) => reply_entry(reply, &entry),
                None => {
                    reply.array(2);
                    reply_id(reply, id);
                    reply.null_array();
                }
            }
        }
    }
    Ok(())
}

/// The words of XREAD and XREADGROUP.
struct Request<'a> {
    args: Args<'a>,
    count: usize,
    /// When to give up waiting, if it waits: with BLOCK 0 never.
    until: Option<Option<Mono>>,
    group: Option<(&'a [u8], &'a [u8])>,
    noack: bool,
    /// Where the keys begin.
    keys_at: usize,
}

impl<'a> Request<'a> {
    fn parse(ctx: &Context<'_>, args: Args<'a>, in_group: bool) -> Result<Self, CommandError> {
        let mut request =
            Self { args, count: usize::MAX, until: None, group: None, noack: false, keys_at: 0 };
        let mut at = 1;
        while request.keys_at == 0 && at < args.len() {
            let value = args.maybe(at + 1);
            let is = |word| args.is(at, word);
            at += match value {
                Some(value) if is("BLOCK") => {
                    request.until = Some(timeout_ms(ctx.now, value)?);
                    2
                }
                Some(value) if is("COUNT") => {
                    let count = usize::try_from(integer(value)?).unwrap_or(0);
                    request.count = if count == 0 { usize::MAX } else { count };
                    2
                }
                Some(_) if is("STREAMS") => {
                    request.keys_at = at + 1;
                    1
                }
                Some(group) if is("GROUP") && args.maybe(at + 2).is_some() => {
                    request.group = Some((group, args.at(at + 2)));
                    if !in_group {
                        return Err(error::XREAD_WITH_GROUP);
                    }
                    3
                }
                _ if is("NOACK") => {
                    if !in_group {
                        return Err(error::XREAD_WITH_NOACK);
                    }
                    request.noack = true;
                    1
                }
                _ => return Err(error::SYNTAX),
            };
        }
        if request.keys_at == 0 {
            return Err(error::SYNTAX);
        }
        if (args.len() - request.keys_at).is_multiple_of(2) {
            return Ok(request);
        }
        Err(if in_group { error::XREADGROUP_UNBALANCED } else { error::XREAD_UNBALANCED })
    }

    /// Each key with its id.
    fn streams(&self) -> impl Iterator<Item = (&'a [u8], &'a [u8])> {
        let words = self.args.from(self.keys_at);
        words.iter().zip(words.from(words.len() / 2).iter())
    }

    /// There is nothing to answer: waits, or says so. An `$` stays what it was at first, so that
    /// what comes is new.
    fn wait(&self, ctx: &mut Context<'_>, ids: Option<&[StreamId]>) -> Outcome {
        let Some(until) = self.until.filter(|_| ctx.may_block()) else {
            ctx.reply.null_array();
            return Ok(());
        };
        let mut block = Block::new(BlockKind::Stream, self.streams().map(|(key, _)| key), until);
        block.on_loss = self.group.is_some();
        let first_id = self.keys_at + (self.args.len() - self.keys_at) / 2;
        if let Some(ids) = ids.filter(|_| self.streams().any(|(_, id)| id == b"$")) {
            let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
            let words = self.args.iter().take(first_id);
            let words: Vec<&[u8]> = words.chain(ids.iter().map(String::as_bytes)).collect();
            block.args = Some(OwnedArgs::from(words));
        }
        ctx.block(block);
        Ok(())
    }
}

/// What a consumer of a group asks for in one stream.
#[derive(Clone, Copy)]
enum From {
    /// `>`: what no consumer of the group was given yet.
    New,
    /// Its own pending entries after this id.
    History { after: StreamId },
}

/// A consumer reading.
struct Read<'a> {
    group: &'a [u8],
    consumer: &'a [u8],
    count: usize,
    noack: bool,
}

impl Read<'_> {
    /// Delivers from one stream; the ids to answer with, or `None` if the stream is no part of the
    /// answer.
    fn stream(
        &self,
        ctx: &mut Context<'_>,
        key: &[u8],
        from: From,
    ) -> Result<Option<Vec<StreamId>>, CommandError> {
        let now_ms = ctx.now.wall_ms();
        let mut effects = Vec::new();
        let Some(mut stream) = ctx.edit_unseen_as::<Stream>(key)? else { return Ok(None) };
        let read = stream.edit_group(self.group, |stream, group| {
            let is_new = group.see(self.consumer, now_ms);
            let position = group.last_id;
            let found = match from {
                From::New if stream.is_empty() || stream.last_entry_id() <= position => None,
                From::New => Some(self.deliver(stream, group, now_ms, &mut effects)),
                From::History { after } => Some(self.history(stream, group, after, now_ms)),
            };
            let moved = (group.last_id != position).then_some((group.last_id, group.entries_read));
            (is_new, found, moved)
        });
        drop(stream);
        let Some((is_new, found, moved)) = read else { return Ok(None) };
        if is_new {
            ctx.notify(KeyEvent::XGROUP_CREATECONSUMER, key);
            ctx.changed(1);
            if self.noack {
                ctx.propagate(&[b"XGROUP", b"CREATECONSUMER", key, self.group, self.consumer]);
            }
        }
        for effect in &effects {
            effect.propagate(ctx, key, self.group);
        }
        if let Some((id, entries_read)) = moved {
            propagate_group_id(ctx, key, self.group, id, entries_read);
        }
        ctx.changed(usize::from(moved.is_some() || !effects.is_empty()));
        Ok(found)
    }

    /// Gives the consumer what follows the group's position.
    fn deliver(
        &self,
        stream: &Stream,
        group: &mut Group,
        now_ms: i64,
        effects: &mut Vec<Effect>,
    ) -> Vec<StreamId> {
        let entries = after_id(stream, group.last_id).take(self.count);
        let ids: Vec<StreamId> = entries.map(|entry| entry.id).collect();
        for id in &ids {
            group.entries_read = match group.entries_read {
                Some(read) if !stream.has_gaps_from(group.last_id) => Some(read.wrapping_add(1)),
                _ => stream.entries_up_to(*id),
            };
            group.last_id = *id;
            if !self.noack {
                group.deliver(*id, self.consumer, now_ms, 1);
                effects.push(Effect::of(group, *id, self.consumer, now_ms, 1));
            }
        }
        if let Some(consumer) = group.consumer_mut(self.consumer).filter(|_| !self.noack) {
            consumer.active_ms = Some(now_ms);
        }
        ids
    }

    /// The consumer's own pending entries, which count as delivered once more.
    fn history(
        &self,
        stream: &Stream,
        group: &mut Group,
        after: StreamId,
        now_ms: i64,
    ) -> Vec<StreamId> {
        let Some(start) = after.next() else { return Vec::new() };
        let own =
            group.consumer(self.consumer).into_iter().flat_map(|c| c.pending().range(start..));
        let ids: Vec<StreamId> = own.take(self.count).copied().collect();
        for id in ids.iter().filter(|id| stream.contains(**id)) {
            if let Some(pending) = group.pending_mut(*id) {
                pending.delivered_ms = now_ms;
                pending.deliveries = pending.deliveries.wrapping_add(1);
            }
        }
        ids
    }
}

/// The entries after an id.
fn after_id(
    stream: &Stream,
    after: StreamId,
) -> impl Iterator<Item = crate::data::stream::Entry<'_>> {
    let start = after.next();
    start.into_iter().flat_map(|start| stream.range(start, StreamId::MAX))
}

/// The head of an answer from so many streams.
fn open_streams(ctx: &mut Context<'_>, streams: usize) {
    match ctx.reply.protocol() {
        Protocol::Resp2 => ctx.reply.array(streams),
        Protocol::Resp3 => ctx.reply.map(streams),
    }
}

/// The head of one stream's part, up to its entries.
fn open_stream(ctx: &mut Context<'_>, key: &[u8]) {
    if ctx.reply.protocol() == Protocol::Resp2 {
        ctx.reply.array(2);
    }
    ctx.reply.bulk(key);
}
