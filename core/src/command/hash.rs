//! Hashes by field: HSET and its kin, HGET and its kin, HDEL and what asks for lengths.
//!
//! A value that is set expires no more, even if the field did before. HLEN and HDEL count fields
//! whose time has passed until somebody has met them, as Redis does.

use super::Context;
use super::Outcome;
use super::hash_field::Sight;
use super::hash_field::expire_met;
use super::hash_field::remove_due;
use super::spec::Arg;
use super::spec::Categories;
use super::spec::Command;
use super::spec::Flags;
use super::spec::Group;
use super::spec::KeyFlags;
use super::spec::KeySpec;
use super::spec::Rule;
use super::spec::Run;
use super::string::reply_string;
use crate::data::Hash;
use crate::data::HashRef;
use crate::data::Limits;
use crate::error;
use crate::error::CommandError;
use crate::resp::Args;
use crate::store::KeyEvent;

pub const COMMANDS: &[Command] = &[
    Command {
        name: "hset",
        summary: "Sets fields of a hash to values.",
        complexity: "O(N) for N fields",
        arity: -4,
        flags: GROW_FAST,
        keys: &[KeySpec::at(1, KeyFlags::RW.with(KeyFlags::UPDATE))],
        args: &[Arg::key("key"), FIELDS_AND_VALUES],
        history: &[("4.0.0", "Any number of fields at once.")],
        propagation: Rule::Verbatim,
        run: Run::Data(hset),
        ..BASE
    },
    Command {
        name: "hmset",
        summary: "Sets fields of a hash to values.",
        complexity: "O(N) for N fields",
        arity: -4,
        flags: GROW_FAST,
        keys: &[KeySpec::at(1, KeyFlags::RW.with(KeyFlags::UPDATE))],
        args: &[Arg::key("key"), FIELDS_AND_VALUES],
        deprecated: Some(("4.0.0", "`HSET` with multiple field-value pairs")),
        propagation: Rule::Verbatim,
        run: Run::Data(hmset),
        ..BASE
    },
    Command {
        name: "hsetnx",
        summary: "Sets a field of a hash that has no value yet.",
        arity: 4,
        flags: GROW_FAST,
        keys: &[KeySpec::at(1, KeyFlags::RW.with(KeyFlags::INSERT))],
        args: &[Arg::key("key"), FIELD, Arg::string("value")],
        propagation: Rule::Verbatim,
        run: Run::Data(hsetnx),
        ..BASE
    },
    Command {
        name: "hget",
        summary: "Replies with the value of a field.",
        arity: 3,
        flags: READ_FAST,
        keys: &[KeySpec::at(1, KeyFlags::READ)],
        args: &[Arg::key("key"), FIELD],
        run: Run::Data(hget),
        ..BASE
    },
    Command {
        name: "hmget",
        summary: "Replies with the values of several fields.",
        complexity: "O(N) for N fields",
        arity: -3,
        flags: READ_FAST,
        keys: &[KeySpec::at(1, KeyFlags::READ)],
        args: &[Arg::key("key"), FIELD.multiple()],
        run: Run::Data(hmget),
        ..BASE
    },
    Command {
        name: "hdel",
        summary: "Removes fields, and the hash with the last of them.",
        complexity: "O(N) for N fields",
        arity: -3,
        flags: Flags::WRITE.with(Flags::FAST),
        keys: &[KeySpec::at(1, KeyFlags::RW.with(KeyFlags::DELETE))],
        args: &[Arg::key("key"), FIELD.multiple()],
        history: &[("2.4.0", "Any number of fields at once.")],
        propagation: Rule::Verbatim,
        run: Run::Data(hdel),
        ..BASE
    },
    Command {
        name: "hlen",
        summary: "Counts the fields of a hash.",
        arity: 2,
        flags: READ_FAST,
        keys: &[KeySpec::at(1, KeyFlags::RO)],
        args: &[Arg::key("key")],
        run: Run::Data(hlen),
        ..BASE
    },
    Command {
        name: "hexists",
        summary: "Tells whether a hash has a field.",
        arity: 3,
        flags: READ_FAST,
        keys: &[KeySpec::at(1, KeyFlags::RO)],
        args: &[Arg::key("key"), FIELD],
        run: Run::Data(hexists),
        ..BASE
    },
    Command {
        name: "hstrlen",
        since: "3.2.0",
        summary: "Counts the bytes of a field's value.",
        arity: 3,
        flags: READ_FAST,
        keys: &[KeySpec::at(1, KeyFlags::RO)],
        args: &[Arg::key("key"), FIELD],
        run: Run::Data(hstrlen),
        ..BASE
    },
];

const FIELD: Arg = Arg::string("field");
const FIELDS_AND_VALUES: Arg = Arg::block("field_value", &[FIELD, Arg::string("value")]).multiple();

const READ_FAST: Flags = Flags::READONLY.with(Flags::FAST);
const GROW_FAST: Flags = Flags::WRITE.with(Flags::DENYOOM).with(Flags::FAST);

pub(super) const BASE: Command =
    Command { group: Group::Hash, since: "2.0.0", categories: Categories::HASH, ..Command::BASE };

fn hset(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let created = set_pairs(ctx, args, "hset")?;
    ctx.reply.count(created);
    Ok(())
}

fn hmset(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    set_pairs(ctx, args, "hmset")?;
    ctx.reply.ok();
    Ok(())
}

/// Sets all fields; how many were new.
fn set_pairs(ctx: &mut Context<'_>, args: Args<'_>, name: &str) -> Result<usize, CommandError> {
    let (key, pairs) = (args.at(1), args.from(2));
    if pairs.len() % 2 != 0 {
        return Err(error::wrong_arity(name));
    }
    let created = edit_or_create(ctx, key, pairs, |hash, limits| {
        let set = |at: &usize| hash.set(pairs.at(*at), pairs.at(at + 1), limits);
        (0..pairs.len()).step_by(2).filter(set).count()
    })?;
    ctx.notify(KeyEvent::HSET, key);
    ctx.changed(pairs.len() / 2);
    Ok(created)
}

/// Changes the hash, or a new one, by setting these fields to these values.
///
/// # Errors
/// The value is no hash.
pub(super) fn edit_or_create<R>(
    ctx: &mut Context<'_>,
    key: &[u8],
    pairs: Args<'_>,
    change: impl FnOnce(&mut Hash, &Limits) -> R,
) -> Result<R, CommandError> {
    let limits = ctx.limits;
    if let Some(mut hash) = ctx.edit_as::<Hash>(key)? {
        hash.expect_fields(pairs.len() / 2, limits);
        return Ok(change(&mut hash, limits));
    }
    let mut hash = Hash::expecting(pairs.iter(), limits);
    let result = change(&mut hash, limits);
    ctx.put(key, hash);
    Ok(result)
}

fn hsetnx(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let (key, field, value) = (args.at(1), args.at(2), args.at(3));
    expire_met(ctx, key, &[field])?;
    let sight = Sight::of(ctx);
    let is_there = ctx.peek_as::<Hash>(key)?.is_some_and(|hash| sight.get(hash, field).is_some());
    if !is_there {
        edit_or_create(ctx, key, args.from(2), |hash, limits| hash.set(field, value, limits))?;
        ctx.notify(KeyEvent::HSET, key);
        ctx.changed(1);
    }
    ctx.reply.flag(!is_there);
    Ok(())
}

fn hget(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let sight = Sight::of(ctx);
    let (hash, reply) = ctx.read_as_for_reply::<Hash>(args.at(1))?;
    let pair = hash.and_then(|hash| hash.get(args.at(2)));
    let is_due = pair.is_some_and(|pair| sight.hides(&pair));
    match pair.filter(|_| !is_due) {
        Some(pair) => reply_string(reply, pair.value),
        None => reply.null(),
    }
    if is_due {
        remove_due(ctx, args.at(1), &[args.at(2)])?;
    }
    Ok(())
}

fn hmget(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let sight = Sight::of(ctx);
    let fields = args.from(2);
    let mut due = Vec::new();
    let (hash, reply) = ctx.read_as_for_reply::<Hash>(args.at(1))?;
    reply.array(fields.len());
    for field in fields.iter() {
        match hash.and_then(|hash| hash.get(field)) {
            Some(pair) if sight.hides(&pair) => {
                due.push(field);
                reply.null();
            }
            Some(pair) => reply_string(reply, pair.value),
            None => reply.null(),
        }
    }
    remove_due(ctx, args.at(1), &due)
}

fn hdel(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let key = args.at(1);
    let (mut removed, mut is_emptied) = (0, false);
    if let Some(mut hash) = ctx.edit_as::<Hash>(key)? {
        removed = args.from(2).iter().filter(|field| hash.remove(field)).count();
        is_emptied = hash.is_empty();
    }
    if removed > 0 {
        ctx.notify(KeyEvent::HDEL, key);
    }
    if is_emptied {
        ctx.remove_emptied(key);
    }
    ctx.changed(removed);
    ctx.reply.count(removed);
    Ok(())
}

fn hlen(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let len = ctx.read_as::<Hash>(args.at(1))?.map_or(0, HashRef::len);
    ctx.reply.count(len);
    Ok(())
}

fn hexists(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let len = value_len(ctx, args)?;
    ctx.reply.flag(len.is_some());
    Ok(())
}

fn hstrlen(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let len = value_len(ctx, args)?;
    ctx.reply.count(len.unwrap_or(0));
    Ok(())
}

/// Bytes of the value of the field that `args` name after the key, if there is such a field.
fn value_len(ctx: &mut Context<'_>, args: Args<'_>) -> Result<Option<usize>, CommandError> {
    let (key, field) = (args.at(1), args.at(2));
    let sight = Sight::of(ctx);
    let pair = ctx.read_as::<Hash>(key)?.and_then(|hash| hash.get(field));
    let is_due = pair.is_some_and(|pair| sight.hides(&pair));
    let len = pair.filter(|_| !is_due).map(|pair| pair.value.len());
    if is_due {
        remove_due(ctx, key, &[field])?;
    }
    Ok(len)
}

#[cfg(test)]
mod tests {
    use crate::command::testing::check;

    #[test]
    fn sets_reads_and_removes_fields() {
        check(
            r#"
            > HSET h a 1 b two a 3
            2
            ~ HSET h a 1 b two a 3
            > HSET h a 4 c 5
            1
            ~ HSET h a 4 c 5
            > HMSET h d 6
            OK
            ~ HMSET h d 6
            > HSETNX h a 9
            0
            > HSETNX h e 7
            1
            ~ HSETNX h e 7
            > HSETNX other f v
            1
            ~ HSETNX other f v
            > HGET h a
            "4"
            > HGET h b
            "two"
            > HGET h nope
            nil
            > HGET nope a
            nil
            > HMGET h a nope b a
            ["4", nil, "two", "4"]
            > HMGET nope a b
            [nil, nil]
            > HLEN h
            5
            > HLEN nope
            0
            > HEXISTS h a
            1
            > HEXISTS h nope
            0
            > HSTRLEN h b
            3
            > HSTRLEN h a
            1
            > HSTRLEN nope a
            0
            > TYPE h
            hash
            > OBJECT ENCODING h
            "listpack"
            > HDEL h a nope b a
            2
            ~ HDEL h a nope b a
            > HDEL h nope
            0
            > HDEL h c d e
            3
            ~ HDEL h c d e
            > EXISTS h
            0
            > HDEL h a
            0
            "#,
        );
    }

    #[test]
    fn a_large_hash_is_a_table_for_good() {
        let long = "x".repeat(65);
        check(&format!(
            r#"
            > HSET h a {long}
            1
            ~ HSET h a {long}
            > OBJECT ENCODING h
            "hashtable"
            > HSET h a 1
            0
            ~ HSET h a 1
            > OBJECT ENCODING h
            "hashtable"
            > HSTRLEN h a
            1
            > HSET f {long} 1
            1
            ~ HSET f {long} 1
            > OBJECT ENCODING f
            "hashtable"
            > COPY h g
            1
            ~ COPY h g
            > HGET g a
            "1"
            > OBJECT ENCODING g
            "hashtable"
            "#
        ));
    }

    #[test]
    fn refuses_other_types_and_half_pairs() {
        let commands = [
            "HSET k f v",
            "HMSET k f v",
            "HSETNX k f v",
            "HGET k f",
            "HMGET k f",
            "HDEL k f",
            "HLEN k",
            "HEXISTS k f",
            "HSTRLEN k f",
            "HINCRBY k f 1",
            "HINCRBYFLOAT k f 1",
            "HGETALL k",
            "HKEYS k",
            "HVALS k",
            "HSCAN k 0",
            "HRANDFIELD k",
            "HRANDFIELD k 0",
        ];
        for command in commands {
            check(&format!(
                "> SET k v\nOK\n~ SET k v\n> {command}\n(error) WRONGTYPE Operation against a key holding the wrong kind of value"
            ));
        }
        for (command, name) in [("HSET k f v g", "hset"), ("HMSET k f v g", "hmset")] {
            check(&format!(
                "> {command}\n(error) ERR wrong number of arguments for '{name}' command\n> EXISTS k\n0"
            ));
        }
    }
}
