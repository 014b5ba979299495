//! Keys whatever their value: removing, renaming, counting, whole databases.

use super::Context;
use super::Outcome;
use super::integer_i32;
use super::spec::Arg;
use super::spec::Categories;
use super::spec::Command;
use super::spec::Flags;
use super::spec::Group;
use super::spec::KeyFlags;
use super::spec::KeySpec;
use super::spec::Rule;
use super::spec::Run;
use crate::error;
use crate::resp::Args;
use crate::store::KeyEvent;
use crate::store::Policy;

pub const COMMANDS: &[Command] = &[
    Command {
        name: "del",
        summary: "Deletes keys.",
        complexity: "O(N) for N keys, plus O(M) for each collection of M elements",
        arity: -2,
        flags: Flags::WRITE,
        keys: &[KeySpec::range(1, -1, 1, KeyFlags::RM.with(KeyFlags::DELETE))],
        args: &[Arg::key("key").multiple()],
        tips: &["request_policy:multi_shard", "response_policy:agg_sum"],
        propagation: Rule::Verbatim,
        run: Run::Data(del),
        ..BASE
    },
    Command {
        name: "unlink",
        since: "4.0.0",
        summary: "Deletes keys and frees large values later, in the background.",
        complexity: "O(1) for each key; the memory is freed afterwards",
        arity: -2,
        flags: WRITE_FAST,
        keys: &[KeySpec::range(1, -1, 1, KeyFlags::RM.with(KeyFlags::DELETE))],
        args: &[Arg::key("key").multiple()],
        tips: &["request_policy:multi_shard", "response_policy:agg_sum"],
        propagation: Rule::Verbatim,
        run: Run::Data(del),
        ..BASE
    },
    Command {
        name: "exists",
        summary: "Counts how many of the keys exist.",
        complexity: "O(N) for N keys",
        arity: -2,
        flags: READ_FAST,
        keys: &[KeySpec::range(1, -1, 1, KeyFlags::RO)],
        args: &[Arg::key("key").multiple()],
        tips: &["request_policy:multi_shard", "response_policy:agg_sum"],
        history: &[("3.0.3", "Takes more than one key.")],
        run: Run::Data(exists),
        ..BASE
    },
    Command {
        name: "type",
        summary: "Names the type of the value under a key.",
        arity: 2,
        flags: READ_FAST,
        keys: &[KeySpec::at(1, KeyFlags::RO)],
        args: &[Arg::key("key")],
        run: Run::Data(type_of),
        ..BASE
    },
    Command {
        name: "touch",
        since: "3.2.1",
        summary: "Marks keys as just used and counts those that exist.",
        complexity: "O(N) for N keys",
        arity: -2,
        flags: READ_FAST,
        keys: &[KeySpec::range(1, -1, 1, KeyFlags::RO)],
        args: &[Arg::key("key").multiple()],
        tips: &["request_policy:multi_shard", "response_policy:agg_sum"],
        run: Run::Data(touch),
        ..BASE
    },
    Command {
        name: "randomkey",
        summary: "Picks a key at random.",
        flags: Flags::READONLY.with(Flags::TOUCHES_ARBITRARY_KEYS),
        tips: &["nondeterministic_output", "request_policy:all_shards", "response_policy:special"],
        run: Run::Data(randomkey),
        ..BASE
    },
    Command {
        name: "rename",
        summary: "Gives a key another name, replacing a key that has it.",
        arity: 3,
        flags: Flags::WRITE,
        keys: &[
            KeySpec::at(1, KeyFlags::RW.with(KeyFlags::ACCESS).with(KeyFlags::DELETE)),
            KeySpec::at(2, KeyFlags::OVERWRITE),
        ],
        args: &[Arg::key("key"), Arg::key("newkey").of_spec(1)],
        propagation: Rule::Verbatim,
        run: Run::Data(rename),
        ..BASE
    },
    Command {
        name: "renamenx",
        summary: "Gives a key another name, unless a key has it already.",
        arity: 3,
        flags: WRITE_FAST,
        keys: &[
            KeySpec::at(1, KeyFlags::RW.with(KeyFlags::ACCESS).with(KeyFlags::DELETE)),
            KeySpec::at(2, KeyFlags::CREATE),
        ],
        args: &[Arg::key("key"), Arg::key("newkey").of_spec(1)],
        history: &[("3.2.0", "Equal names are no error any more.")],
        propagation: Rule::Verbatim,
        run: Run::Data(renamenx),
        ..BASE
    },
    Command {
        name: "dbsize",
        group: Group::Server,
        summary: "Counts the keys of the selected database.",
        flags: READ_FAST,
        tips: &["request_policy:all_shards", "response_policy:agg_sum"],
        run: Run::Data(dbsize),
        ..BASE
    },
    Command {
        name: "flushdb",
        group: Group::Server,
        summary: "Removes every key of the selected database.",
        complexity: "O(N) for N keys in the database",
        arity: -1,
        flags: Flags::WRITE,
        categories: Categories::KEYSPACE.with(Categories::DANGEROUS),
        args: &[Arg::one_of(
            "flush-type",
            &[Arg::word("async", "ASYNC").since("4.0.0"), Arg::word("sync", "SYNC").since("6.2.0")],
        )
        .optional()],
        tips: &["request_policy:all_shards", "response_policy:all_succeeded"],
        history: &[("4.0.0", "`ASYNC`."), ("6.2.0", "`SYNC`.")],
        propagation: Rule::Verbatim,
        run: Run::Data(flushdb),
        ..BASE
    },
    Command {
        name: "flushall",
        group: Group::Server,
        summary: "Removes every key of every database.",
        complexity: "O(N) for N keys in all databases",
        arity: -1,
        flags: Flags::WRITE,
        categories: Categories::KEYSPACE.with(Categories::DANGEROUS),
        args: &[Arg::one_of(
            "flush-type",
            &[Arg::word("async", "ASYNC").since("4.0.0"), Arg::word("sync", "SYNC").since("6.2.0")],
        )
        .optional()],
        tips: &["request_policy:all_shards", "response_policy:all_succeeded"],
        history: &[("4.0.0", "`ASYNC`."), ("6.2.0", "`SYNC`.")],
        propagation: Rule::Verbatim,
        run: Run::Data(flushall),
        ..BASE
    },
    Command {
        name: "swapdb",
        group: Group::Server,
        since: "4.0.0",
        summary: "Exchanges the contents of two databases.",
        complexity: "O(N) for N clients that watch or wait for keys of either database",
        arity: 3,
        flags: WRITE_FAST,
        categories: Categories::KEYSPACE.with(Categories::DANGEROUS),
        args: &[Arg::integer("index1"), Arg::integer("index2")],
        propagation: Rule::Verbatim,
        run: Run::Data(swapdb),
        ..BASE
    },
];

const READ_FAST: Flags = Flags::READONLY.with(Flags::FAST);
const WRITE_FAST: Flags = Flags::WRITE.with(Flags::FAST);

const BASE: Command =
    Command { group: Group::Generic, categories: Categories::KEYSPACE, ..Command::BASE };

fn del(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let removed = args.from(1).iter().filter(|key| ctx.delete(key)).count();
    ctx.changed(removed);
    ctx.reply.count(removed);
    Ok(())
}

fn exists(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let found = args.from(1).iter().filter(|key| ctx.look(key).is_some()).count();
    ctx.reply.count(found);
    Ok(())
}

fn touch(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let found = args.from(1).iter().filter(|key| ctx.touch(key)).count();
    ctx.reply.count(found);
    Ok(())
}

/// TYPE of a key, "none" where there is none.
fn type_of(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let name = ctx.look(args.at(1)).map_or("none", |entry| entry.type_name());
    ctx.reply.simple(name);
    Ok(())
}

fn randomkey(ctx: &mut Context<'_>, _args: Args<'_>) -> Outcome {
    ctx.propagation.scatter();
    let mut tries = 0;
    loop {
        let Some(entry) = ctx.store.random(ctx.db, |bound| ctx.rng.below(bound)) else {
            ctx.reply.null();
            return Ok(());
        };
        let key = entry.key().to_vec();
        tries += 1;
        // A replica may hold nothing but keys its master has yet to expire.
        if ctx.exists(&key) || (ctx.policy != Policy::Delete && tries >= RANDOM_TRIES_MAX) {
            ctx.reply.bulk(&key);
            return Ok(());
        }
    }
}

fn rename(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    rename_key(ctx, args.at(1), args.at(2))?;
    ctx.reply.ok();
    Ok(())
}

fn renamenx(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let (old, new) = (args.at(1), args.at(2));
    let source = ctx.exists(old);
    let free = !ctx.exists(new);
    if free || !source {
        rename_key(ctx, old, new)?;
    }
    ctx.reply.flag(free);
    Ok(())
}

/// Moves value and expiry to the new name. The old and the new name may be the same.
fn rename_key(ctx: &mut Context<'_>, old: &[u8], new: &[u8]) -> Outcome {
    if !ctx.exists(old) {
        return Err(error::NO_SUCH_KEY);
    }
    if old == new {
        return Ok(());
    }
    ctx.remove(new);
    if let Some(entry) = ctx.store.take(ctx.db, old, ctx.now.wall_ms()) {
        ctx.store.insert(ctx.db, entry.into_renamed(new));
        ctx.notify(KeyEvent::RENAME_FROM, old);
        ctx.notify(KeyEvent::RENAME_TO, new);
        ctx.changed(1);
    }
    Ok(())
}

fn dbsize(ctx: &mut Context<'_>, _args: Args<'_>) -> Outcome {
    ctx.reply.count(ctx.store.len(ctx.db));
    Ok(())
}

/// Travels even when there was nothing to remove: a replica may hold what its master does not.
fn flushdb(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    check_flush_option(args)?;
    let removed = ctx.store.flush(ctx.db);
    ctx.changed(removed);
    ctx.propagate_as_sent(args);
    ctx.reply.ok();
    Ok(())
}

fn flushall(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    check_flush_option(args)?;
    let removed: usize = (0..ctx.store.databases()).map(|db| ctx.store.flush(db)).sum();
    ctx.changed(removed);
    ctx.propagate_as_sent(args);
    ctx.reply.ok();
    Ok(())
}

/// ASYNC and SYNC are taken for compatibility: memory is always freed in the background.
fn check_flush_option(args: Args<'_>) -> Outcome {
    match args.len() {
        1 => Ok(()),
        2 if args.is(1, "ASYNC") || args.is(1, "SYNC") => Ok(()),
        _ => Err(error::SYNTAX),
    }
}

fn swapdb(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let first = integer_i32(args.at(1)).map_err(|_| error::INVALID_FIRST_DB)?;
    let second = integer_i32(args.at(2)).map_err(|_| error::INVALID_SECOND_DB)?;
    let (first, second) = (ctx.database(first)?, ctx.database(second)?);
    ctx.store.swap(first, second);
    ctx.changed(1);
    ctx.reply.ok();
    Ok(())
}

/// Keys looked at by RANDOMKEY before it settles for one that has expired.
const RANDOM_TRIES_MAX: usize = 100;

#[cfg(test)]
mod tests {
    use crate::command::testing::Bench;
    use crate::command::testing::check;

    #[test]
    fn removing_and_counting() {
        check(
            r#"
            > MSET a 1 b 2 c 3
            OK
            ~ MSET a 1 b 2 c 3
            > EXISTS a b a nope
            3
            > TOUCH a nope
            1
            > DBSIZE
            3
            > DEL a nope a
            1
            ~ DEL a nope a
            > DEL nope
            0
            > UNLINK b c
            2
            ~ UNLINK b c
            > RANDOMKEY
            nil
            > SET a 1 PX 5
            OK
            ~ SET a 1 PXAT 1000005
            > RANDOMKEY
            "a"
            > TYPE a
            string
            + 5
            > DEL a
            0
            ~ DEL a
            > TYPE a
            none
            "#,
        );
    }

    #[test]
    fn rename_moves_value_and_expiry() {
        check(
            r#"
            > RENAME a b
            (error) ERR no such key
            > RENAME a a
            (error) ERR no such key
            > RENAMENX a b
            (error) ERR no such key
            > SET a 1 PX 100
            OK
            ~ SET a 1 PXAT 1000100
            > SET b 2
            OK
            ~ SET b 2
            > RENAME a a
            OK
            > RENAMENX a a
            0
            > RENAMENX a b
            0
            > RENAME a b
            OK
            ~ RENAME a b
            > PTTL b
            100
            > GET b
            "1"
            > RENAMENX b a
            1
            ~ RENAMENX b a
            > SET b 2 PX 1
            OK
            ~ SET b 2 PXAT 1000001
            + 1
            > RENAME a b
            OK
            ~ MULTI
            ~ DEL b
            ~ RENAME a b
            ~ EXEC
            "#,
        );
    }

    #[test]
    fn whole_databases() {
        let mut bench = Bench::new();
        bench.check(
            r#"
            > FLUSHDB
            OK
            ~ FLUSHDB
            > SET a 1
            OK
            ~ SET a 1
            > SWAPDB 0 3
            OK
            ~ SWAPDB 0 3
            > DBSIZE
            0
            > FLUSHALL async
            OK
            ~ FLUSHALL async
            > FLUSHALL async sync
            (error) ERR syntax error
            > FLUSHDB later
            (error) ERR syntax error
            > SWAPDB x 0
            (error) ERR invalid first DB index
            > SWAPDB 0 99999999999
            (error) ERR invalid second DB index
            > SWAPDB 0 16
            (error) ERR DB index is out of range
            > SWAPDB -1 0
            (error) ERR DB index is out of range
            "#,
        );
        bench.db = 3;
        bench.check("> DBSIZE\n0");
    }
}
