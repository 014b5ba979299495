//! XGROUP: making, moving and removing consumer groups and their consumers.

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
use super::stream::WRITE;
use super::stream::strict_id;
use crate::data::Stream;
use crate::data::stream::Group;
use crate::data::stream::StreamId;
use crate::error;
use crate::error::CommandError;
use crate::resp::Args;
use crate::store::Edit;
use crate::store::KeyEvent;

pub const COMMANDS: &[Command] = &[Command {
    name: "xgroup",
    summary: "Manages the consumer groups of a stream.",
    complexity: "Depends on the subcommand",
    arity: -2,
    categories: Categories::NONE,
    subcommands: SUBCOMMANDS,
    ..BASE
}];

const SUBCOMMANDS: &[Command] = &[
    Command {
        name: "create",
        summary: "Makes a consumer group.",
        arity: -5,
        args: &[KEY, GROUP, ID, Arg::word("mkstream", "MKSTREAM").optional(), ENTRIES_READ],
        history: &[("7.0.0", "`ENTRIESREAD`.")],
        run: Run::Data(create),
        ..INSERT
    },
    Command {
        name: "createconsumer",
        since: "6.2.0",
        summary: "Makes a consumer in a group.",
        arity: 5,
        args: &[KEY, GROUP, CONSUMER],
        run: Run::Data(create_consumer),
        ..INSERT
    },
    Command {
        name: "setid",
        summary: "Sets the last entry that a group counts as delivered.",
        arity: -5,
        flags: Flags::WRITE,
        keys: &[KeySpec::at(2, KeyFlags::RW.with(KeyFlags::UPDATE))],
        args: &[KEY, GROUP, ID, ENTRIES_READ],
        history: &[("7.0.0", "`ENTRIESREAD`.")],
        run: Run::Data(set_id),
        ..WRITE
    },
    Command {
        name: "destroy",
        summary: "Removes a consumer group with all it knows.",
        complexity: "O(N) for N pending entries",
        arity: 4,
        args: &[KEY, GROUP],
        run: Run::Data(destroy),
        ..DELETE
    },
    Command {
        name: "delconsumer",
        summary: "Removes a consumer from a group, and what it has pending.",
        arity: 5,
        args: &[KEY, GROUP, CONSUMER],
        run: Run::Data(delete_consumer),
        ..DELETE
    },
    Command {
        name: "help",
        summary: "Lists the subcommands of XGROUP.",
        arity: 2,
        flags: Flags::LOADING.with(Flags::STALE),
        run: Run::Data(xgroup_help),
        ..BASE
    },
];

const INSERT: Command = Command {
    flags: Flags::WRITE.with(Flags::DENYOOM),
    keys: &[KeySpec::at(2, KeyFlags::RW.with(KeyFlags::INSERT))],
    ..WRITE
};
const DELETE: Command = Command {
    flags: Flags::WRITE,
    keys: &[KeySpec::at(2, KeyFlags::RW.with(KeyFlags::DELETE))],
    ..WRITE
};

pub(super) const GROUP: Arg = Arg::string("group");
const CONSUMER: Arg = Arg::string("consumer");
const ID: Arg = Arg::one_of("id-selector", &[Arg::string("id"), Arg::word("new-id", "$")]);
const ENTRIES_READ: Arg = Arg::integer("entries-read").token("ENTRIESREAD").optional();

fn create(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let options = Options::parse(args, "CREATE")?;
    let (key, name) = (args.at(2), args.at(3));
    let is_missing = ctx.peek_as::<Stream>(key)?.is_none();
    if is_missing && !options.mkstream {
        return Err(error::XGROUP_WITHOUT_KEY);
    }
    check_words(args, 8)?;
    if is_missing {
        // Nothing is made for an id that is none.
        group_id(args.at(4), None)?;
        ctx.put(key, Stream::new());
    }
    let Some(mut stream) = ctx.edit_unseen_as::<Stream>(key)? else { return Ok(()) };
    let id = group_id(args.at(4), Some(&stream))?;
    let is_new = stream.groups.create(name, id, options.entries_read);
    drop(stream);
    if !is_new {
        return Err(error::BUSY_GROUP);
    }
    ctx.notify(KeyEvent::XGROUP_CREATE, key);
    ctx.changed(1);
    ctx.reply.ok();
    Ok(())
}

fn set_id(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let options = Options::parse(args, "SETID")?;
    let mut stream = stream_with_group(ctx, args)?;
    check_words(args, 7)?;
    let id = group_id(args.at(4), Some(&stream))?;
    stream.groups.edit(args.at(3), |group| {
        group.last_id = id;
        group.entries_read = options.entries_read;
    });
    drop(stream);
    ctx.notify(KeyEvent::XGROUP_SETID, args.at(2));
    ctx.changed(1);
    ctx.reply.ok();
    Ok(())
}

fn destroy(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let mut stream = ctx.edit_unseen_as::<Stream>(args.at(2))?.ok_or(error::XGROUP_WITHOUT_KEY)?;
    let was_there = stream.groups.destroy(args.at(3));
    drop(stream);
    if was_there {
        ctx.notify(KeyEvent::XGROUP_DESTROY, args.at(2));
        ctx.changed(1);
        // Those who wait for the group are told that it is gone.
        ctx.signal(args.at(2));
    }
    ctx.reply.flag(was_there);
    Ok(())
}

fn create_consumer(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let now_ms = ctx.now.wall_ms();
    let created = edit_group(ctx, args, |group| group.create_consumer(args.at(4), now_ms))?;
    if created {
        ctx.notify(KeyEvent::XGROUP_CREATECONSUMER, args.at(2));
    }
    ctx.changed(usize::from(created));
    ctx.reply.flag(created);
    Ok(())
}

fn delete_consumer(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let pending = edit_group(ctx, args, |group| group.delete_consumer(args.at(4)))?;
    if pending.is_some() {
        ctx.notify(KeyEvent::XGROUP_DELCONSUMER, args.at(2));
    }
    ctx.changed(usize::from(pending.is_some()));
    ctx.reply.count(pending.unwrap_or(0));
    Ok(())
}

fn edit_group<R>(
    ctx: &mut Context<'_>,
    args: Args<'_>,
    change: impl FnOnce(&mut Group) -> R,
) -> Result<R, CommandError> {
    let mut stream = stream_with_group(ctx, args)?;
    let changed = stream.groups.edit(args.at(3), change);
    changed.ok_or_else(|| error::no_group(args.at(3), args.at(2)))
}

/// The stream of a subcommand that needs its group to be there.
fn stream_with_group<'c>(
    ctx: &'c mut Context<'_>,
    args: Args<'_>,
) -> Result<Edit<'c, Stream>, CommandError> {
    let stream = ctx.edit_unseen_as::<Stream>(args.at(2))?.ok_or(error::XGROUP_WITHOUT_KEY)?;
    match stream.groups.find(args.at(3)) {
        Some(_) => Ok(stream),
        None => Err(error::no_group(args.at(3), args.at(2))),
    }
}

/// The id a group begins after: `$` is the stream's last.
fn group_id(arg: &[u8], stream: Option<&Stream>) -> Result<StreamId, CommandError> {
    match arg {
        b"$" => Ok(stream.map_or(StreamId::MIN, Stream::last_id)),
        arg => strict_id(arg, 0),
    }
}

#[derive(Default)]
struct Options {
    mkstream: bool,
    entries_read: Option<u64>,
}

impl Options {
    fn parse(args: Args<'_>, subcommand: &str) -> Result<Self, CommandError> {
        let mut options = Self::default();
        let mut at = 5;
        while at < args.len() {
            if subcommand == "CREATE" && args.is(at, "MKSTREAM") {
                options.mkstream = true;
                at += 1;
            } else if args.is(at, "ENTRIESREAD") && args.maybe(at + 1).is_some() {
                options.entries_read = match integer(args.at(at + 1))? {
                    -1 => None,
                    read => Some(u64::try_from(read).map_err(|_| error::ENTRIES_READ_NEGATIVE)?),
                };
                at += 2;
            } else {
                return Err(error::subcommand_syntax(args.at(1), "XGROUP"));
            }
        }
        Ok(options)
    }
}

/// Options may be repeated, but only so many words are taken; that is found out after key and group.
fn check_words(args: Args<'_>, words_max: usize) -> Outcome {
    match args.len() <= words_max {
        true => Ok(()),
        false => Err(error::subcommand_syntax(args.at(1), "XGROUP")),
    }
}

fn xgroup_help(ctx: &mut Context<'_>, _args: Args<'_>) -> Outcome {
    help::reply(ctx, "XGROUP", HELP);
    Ok(())
}

const HELP: help::Lines = &[
    (
        "CREATE <key> <group> <id|$> [option]",
        &[
            "Make a consumer group that is given what comes after <id>. Options are:",
            "* MKSTREAM",
            "  Make an empty stream if there is none.",
            "* ENTRIESREAD <entries-read>",
            "  How many entries it counts as read; for files and replicas.",
        ],
    ),
    ("CREATECONSUMER <key> <group> <consumer>", &["Make a consumer in the group."]),
    ("DELCONSUMER <key> <group> <consumer>", &["Remove a consumer from the group."]),
    ("DESTROY <key> <group>", &["Remove the group."]),
    (
        "SETID <key> <group> <id|$> [ENTRIESREAD <entries-read>]",
        &["Set the last entry that the group counts as delivered."],
    ),
];
