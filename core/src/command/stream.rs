//! Streams: adding entries, deleting them, and what all stream commands share.
//!
//! An entry travels with the id it was given, and an approximate trim with what it left, so that
//! replicas hold the same entries whatever their nodes look like.

use super::Context;
use super::Outcome;
use super::spec::Arg;
use super::spec::Categories;
use super::spec::Command;
use super::spec::Flags;
use super::spec::Group;
use super::spec::KeyFlags;
use super::spec::KeySpec;
use super::spec::Rule;
use super::spec::Run;
use super::stream_options::IdChoice;
use super::stream_options::TrimOption;
use super::stream_options::XaddOptions;
use crate::data::Stream;
use crate::data::stream::AppendError;
use crate::data::stream::Entry;
use crate::data::stream::StreamId;
use crate::error;
use crate::error::CommandError;
use crate::resp::Args;
use crate::resp::Reply;
use crate::store::KeyEvent;
use crate::store::StrRef;

pub const COMMANDS: &[Command] = &[
    Command {
        name: "xadd",
        summary: "Adds an entry to the end of a stream, creating it where there is none.",
        complexity: "O(1), plus O(N) for N entries trimmed",
        arity: -5,
        flags: WRITE_FAST.with(Flags::DENYOOM),
        keys: &[KeySpec::at(1, KeyFlags::RW.with(KeyFlags::UPDATE))
            .notes("An update, not an insertion, since trimming may remove entries.")],
        args: &[
            KEY,
            Arg::word("nomkstream", "NOMKSTREAM").since("6.2.0").optional(),
            TRIM.optional(),
            Arg::one_of("id-selector", &[Arg::word("auto-id", "*"), Arg::string("id")]),
            Arg::block("data", &[Arg::string("field"), Arg::string("value")]).multiple(),
        ],
        tips: &["nondeterministic_output"],
        history: &[
            ("6.2.0", "`NOMKSTREAM`, `MINID` and `LIMIT`."),
            ("7.0.0", "Ids of the form `<ms>-*`."),
        ],
        run: Run::Data(xadd),
        ..WRITE
    },
    Command {
        name: "xtrim",
        summary: "Removes entries from the old end of a stream.",
        complexity: "O(N) for N entries removed, which whole nodes of them make cheap",
        arity: -4,
        flags: Flags::WRITE,
        keys: &[KeySpec::at(1, KeyFlags::RW.with(KeyFlags::DELETE))],
        args: &[KEY, TRIM],
        tips: &["nondeterministic_output"],
        history: &[("6.2.0", "`MINID` and `LIMIT`.")],
        run: Run::Data(xtrim),
        ..WRITE
    },
    Command {
        name: "xlen",
        summary: "Counts the entries of a stream.",
        arity: 2,
        flags: Flags::READONLY.with(Flags::FAST),
        keys: &[KeySpec::at(1, KeyFlags::RO)],
        args: &[KEY],
        run: Run::Data(xlen),
        ..BASE
    },
    Command {
        name: "xdel",
        summary: "Deletes entries by their ids.",
        complexity: "O(1) for each entry",
        arity: -3,
        flags: WRITE_FAST,
        keys: &[KeySpec::at(1, KeyFlags::RW.with(KeyFlags::DELETE))],
        args: &[KEY, Arg::string("id").multiple()],
        run: Run::Data(xdel),
        ..WRITE
    },
    Command {
        name: "xsetid",
        summary: "Sets a stream's last id; replication and files use it.",
        arity: -3,
        flags: WRITE_FAST.with(Flags::DENYOOM),
        keys: &[KeySpec::at(1, KeyFlags::RW.with(KeyFlags::UPDATE))],
        args: &[
            KEY,
            Arg::string("last-id"),
            Arg::integer("entries-added").token("ENTRIESADDED").since("7.0.0").optional(),
            Arg::string("max-deleted-id").token("MAXDELETEDID").since("7.0.0").optional(),
        ],
        history: &[("7.0.0", "`ENTRIESADDED` and `MAXDELETEDID`.")],
        run: Run::Data(xsetid),
        ..WRITE
    },
];

/// What the entries of all stream commands have in common.
pub(super) const BASE: Command = Command {
    group: Group::Stream,
    since: "5.0.0",
    categories: Categories::STREAM,
    ..Command::BASE
};

pub(super) const WRITE: Command = Command { propagation: Rule::Verbatim, ..BASE };

pub(super) const WRITE_FAST: Flags = Flags::WRITE.with(Flags::FAST);
pub(super) const KEY: Arg = Arg::key("key");

const TRIM: Arg = Arg::block(
    "trim",
    &[
        Arg::one_of(
            "strategy",
            &[Arg::word("maxlen", "MAXLEN"), Arg::word("minid", "MINID").since("6.2.0")],
        ),
        Arg::one_of("operator", &[Arg::word("equal", "="), Arg::word("approximately", "~")])
            .optional(),
        Arg::string("threshold"),
        Arg::integer("count").token("LIMIT").since("6.2.0").optional(),
    ],
);

fn xadd(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let options = XaddOptions::parse(ctx, args)?;
    let words = args.from(options.id_at + 1);
    if words.is_empty() || !words.len().is_multiple_of(2) {
        return Err(error::wrong_arity("xadd"));
    }
    if options.id == IdChoice::Exactly(StreamId::MIN) {
        return Err(error::STREAM_ID_ZERO);
    }
    let key = args.at(1);
    if ctx.peek_as::<Stream>(key)?.is_none() {
        if options.no_mkstream {
            ctx.reply.null();
            return Ok(());
        }
        ctx.put(key, Stream::new());
    }
    let Some(added) = append(ctx, key, &options, words)? else { return Ok(()) };
    ctx.notify(KeyEvent::XADD, key);
    if added.trimmed {
        ctx.notify(KeyEvent::XTRIM, key);
    }
    ctx.changed(1);
    reply_id(&mut ctx.reply, added.id);
    let id = added.id.to_string();
    let mut sent: Vec<&[u8]> = args.iter().collect();
    if let Some(word) = sent.get_mut(options.id_at) {
        *word = id.as_bytes();
    }
    if let Some(trim) = options.trim.filter(|trim| trim.trim.is_approximate) {
        trim.spell(&mut sent, &added.left);
    }
    ctx.propagate(&sent);
    ctx.signal(key);
    Ok(())
}

/// An entry that was added.
struct Added {
    id: StreamId,
    /// Of a trim, the threshold that says exactly what it left.
    left: Vec<u8>,
    /// Whether the trim took anything.
    trimmed: bool,
}

/// Adds the entry and trims; `None` for a stream that is not there.
fn append(
    ctx: &mut Context<'_>,
    key: &[u8],
    options: &XaddOptions,
    words: Args<'_>,
) -> Result<Option<Added>, CommandError> {
    let (limits, now_ms) = (ctx.limits, u64::try_from(ctx.now.wall_ms()).unwrap_or(0));
    let Some(mut stream) = ctx.edit_as::<Stream>(key)? else { return Ok(None) };
    if stream.last_id() == StreamId::MAX {
        return Err(error::STREAM_EXHAUSTED);
    }
    let id = match options.id {
        IdChoice::Auto => stream.next_id(now_ms),
        IdChoice::At { ms } => stream.next_id_at(ms),
        IdChoice::Exactly(id) => Some(id),
    };
    let id = id.ok_or(error::STREAM_ID_TOO_SMALL)?;
    let (fields, values) = (words.iter().step_by(2), words.iter().skip(1).step_by(2));
    let pairs: Vec<(&[u8], &[u8])> = fields.zip(values).collect();
    stream.append(id, &pairs, limits).map_err(|error| match error {
        AppendError::IdTooSmall => error::STREAM_ID_TOO_SMALL,
        AppendError::TooLarge => error::STREAM_ENTRY_TOO_LARGE,
    })?;
    let mut trimmed = false;
    let left = options.trim.map_or(Vec::new(), |option| {
        trimmed = stream.trim(option.trim) > 0;
        option.left(&stream)
    });
    Ok(Some(Added { id, left, trimmed }))
}

fn xtrim(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let option = TrimOption::parse_xtrim(ctx, args)?;
    let key = args.at(1);
    let (removed, left) = if let Some(mut stream) = ctx.edit_as::<Stream>(key)? {
        (stream.trim(option.trim), option.left(&stream))
    } else {
        (0, Vec::new())
    };
    if removed > 0 && option.trim.is_approximate {
        let mut sent: Vec<&[u8]> = args.iter().collect();
        option.spell(&mut sent, &left);
        ctx.propagate(&sent);
    }
    if removed > 0 {
        ctx.notify(KeyEvent::XTRIM, key);
    }
    ctx.changed(usize::try_from(removed).unwrap_or(usize::MAX));
    ctx.reply.integer(removed as i64);
    Ok(())
}

fn xlen(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let len = ctx.read_as::<Stream>(args.at(1))?.map_or(0, Stream::len);
    ctx.reply.integer(len as i64);
    Ok(())
}

fn xdel(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    if ctx.peek_as::<Stream>(args.at(1))?.is_none() {
        ctx.reply.count(0);
        return Ok(());
    }
    let ids = strict_ids(args.from(2))?;
    let deleted = match ctx.edit_as::<Stream>(args.at(1))? {
        Some(mut stream) => ids.iter().filter(|id| stream.delete(**id)).count(),
        None => 0,
    };
    if deleted > 0 {
        ctx.notify(KeyEvent::XDEL, args.at(1));
    }
    ctx.changed(deleted);
    ctx.reply.count(deleted);
    Ok(())
}

fn xsetid(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let id = strict_id(args.at(2), 0)?;
    let (mut entries_added, mut max_deleted) = (None, StreamId::MIN);
    for at in (3..args.len()).step_by(2) {
        let value = args.maybe(at + 1).ok_or(error::SYNTAX)?;
        if args.is(at, "ENTRIESADDED") {
            let added = u64::try_from(super::integer(value)?);
            entries_added = Some(added.map_err(|_| error::ENTRIES_ADDED_NEGATIVE)?);
        } else if args.is(at, "MAXDELETEDID") {
            max_deleted = strict_id(value, 0)?;
            if id < max_deleted {
                return Err(error::XSETID_BELOW_GIVEN_DELETED);
            }
        } else {
            return Err(error::SYNTAX);
        }
    }
    let mut stream = ctx.edit_unseen_as::<Stream>(args.at(1))?.ok_or(error::NO_SUCH_KEY)?;
    if id < stream.max_deleted_id() {
        return Err(error::XSETID_BELOW_DELETED);
    }
    if !stream.is_empty() {
        if id < stream.last_entry_id() {
            return Err(error::XSETID_BELOW_TOP);
        }
        if entries_added.is_some_and(|added| added < stream.len()) {
            return Err(error::XSETID_ADDED_BELOW_LENGTH);
        }
    }
    let max_deleted = if max_deleted.is_zero() { stream.max_deleted_id() } else { max_deleted };
    let entries_added = entries_added.unwrap_or(stream.entries_added());
    stream.set_ids(id, max_deleted, entries_added);
    drop(stream);
    ctx.notify(KeyEvent::XSETID, args.at(1));
    ctx.changed(1);
    ctx.reply.ok();
    Ok(())
}

/// An id in full, or its milliseconds.
///
/// # Errors
/// "Invalid stream ID".
pub(super) fn strict_id(arg: &[u8], missing_seq: u64) -> Result<StreamId, CommandError> {
    StreamId::parse(arg, missing_seq).ok_or(error::INVALID_STREAM_ID)
}

pub(super) fn strict_ids(args: Args<'_>) -> Result<Vec<StreamId>, CommandError> {
    args.iter().map(|arg| strict_id(arg, 0)).collect()
}

/// An id as a reply: a bulk string.
pub(super) fn reply_id(reply: &mut Reply<'_>, id: StreamId) {
    let (mut ms, mut seq) = (itoa::Buffer::new(), itoa::Buffer::new());
    let mut text = [0; ID_BYTES_MAX];
    let mut len = 0;
    for part in [ms.format(id.ms).as_bytes(), b"-", seq.format(id.seq).as_bytes()] {
        if let Some(room) = text.get_mut(len..len + part.len()) {
            room.copy_from_slice(part);
            len += part.len();
        }
    }
    reply.bulk(text.get(..len).unwrap_or_default());
}

/// An entry as a reply: its id and its fields with their values.
pub(super) fn reply_entry(reply: &mut Reply<'_>, entry: &Entry<'_>) {
    reply.array(2);
    reply_id(reply, entry.id);
    reply.array(entry.len * 2);
    for (field, value) in entry.fields() {
        reply_text(reply, field);
        reply_text(reply, value);
    }
}

fn reply_text(reply: &mut Reply<'_>, text: StrRef<'_>) {
    match text {
        StrRef::Int(value) => reply.bulk_integer(value),
        StrRef::Bytes(bytes) => reply.bulk(bytes),
    }
}

/// Two numbers of 20 digits and a hyphen.
const ID_BYTES_MAX: usize = 41;

#[cfg(test)]
mod tests {
    use crate::command::testing::Bench;
    use crate::command::testing::check;
    use crate::store::Policy;

    #[test]
    fn an_entry_travels_with_its_id() {
        check(
            r#"
            > XADD s * f v
            "1000000-0"
            ~ XADD s 1000000-0 f v
            > XADD s * f v
            "1000000-1"
            ~ XADD s 1000000-1 f v
            > XADD s 1000000-* f v
            "1000000-2"
            ~ XADD s 1000000-2 f v
            + 5
            > XADD s NOMKSTREAM * f v
            "1000005-0"
            ~ XADD s NOMKSTREAM 1000005-0 f v
            > XADD nope NOMKSTREAM * f v
            nil
            > XADD s 1-1 f v
            (error) ERR The ID specified in XADD is equal or smaller than the target stream top item
            "#,
        );
    }

    #[test]
    fn a_trim_travels_with_what_it_left() {
        check(
            r#"
            > XADD s 1 f v
            "1-0"
            ~ XADD s 1-0 f v
            > XADD s MAXLEN ~ 1 2 f v
            "2-0"
            ~ XADD s MAXLEN = 2 2-0 f v
            > XADD s MINID ~ 9 LIMIT 5 3 f v
            "3-0"
            ~ XADD s MINID = 18446744073709551615-18446744073709551615 LIMIT 5 3-0 f v
            > XADD s MAXLEN 2 4 f v
            "4-0"
            ~ XADD s MAXLEN 2 4-0 f v
            > XADD s 5 f v
            "5-0"
            ~ XADD s 5-0 f v
            > XTRIM s MAXLEN ~ 1
            0
            > XTRIM s MAXLEN 1
            1
            ~ XTRIM s MAXLEN 1
            > XTRIM s MINID ~ 9
            1
            ~ XTRIM s MINID = 18446744073709551615-18446744073709551615
            "#,
        );
    }

    #[test]
    fn a_masters_trim_is_not_limited() {
        let mut bench = Bench::new();
        for id in 1..=20 {
            bench.run(&format!("XADD s {id} f v"));
        }
        bench.policy = Policy::Ignore;
        bench.run("XADD s MAXLEN = 3 LIMIT 5 21 f v");
        assert_eq!(bench.run("XLEN s"), ["3"]);
    }

    #[test]
    fn what_groups_do_travels_as_its_effect() {
        check(
            r#"
            > XADD s 1 f v
            "1-0"
            ~ XADD s 1-0 f v
            > XGROUP CREATE s g 0
            OK
            ~ XGROUP CREATE s g 0
            > XREADGROUP GROUP g c STREAMS s >
            [["s", [["1-0", ["f", "v"]]]]]
            ~ MULTI
            ~ XCLAIM s g c 0 1-0 TIME 1000000 RETRYCOUNT 1 FORCE JUSTID LASTID 1-0
            ~ XGROUP SETID s g 1-0 ENTRIESREAD 1
            ~ EXEC
            > XREADGROUP GROUP g c STREAMS s 0
            [["s", [["1-0", ["f", "v"]]]]]
            > XREADGROUP GROUP g d NOACK STREAMS s >
            nil
            ~ XGROUP CREATECONSUMER s g d
            + 50
            > XCLAIM s g d 10 1 LASTID 7
            [["1-0", ["f", "v"]]]
            ~ XCLAIM s g d 0 1-0 TIME 1000050 RETRYCOUNT 3 FORCE JUSTID LASTID 7-0
            > XCLAIM s g d 10 1 LASTID 8
            []
            ~ XGROUP SETID s g 8-0 ENTRIESREAD 1
            > XAUTOCLAIM s g e 0 0 JUSTID
            ["0-0", ["1-0"], []]
            ~ XCLAIM s g e 0 1-0 TIME 1000050 RETRYCOUNT 3 FORCE JUSTID LASTID 8-0
            > XDEL s 1
            1
            ~ XDEL s 1
            > XAUTOCLAIM s g e 0 0
            ["0-0", [], ["1-0"]]
            ~ XCLAIM s g e 0 1-0 TIME 1000050 RETRYCOUNT 3 FORCE JUSTID LASTID 8-0
            > XACK s g 1
            0
            "#,
        );
    }
}
