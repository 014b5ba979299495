//! HyperLogLog: counting different elements by strings of a form of their own.
//!
//! The value is a string like any other, with Redis's bytes. Counting one key writes the count down in
//! the value: PFCOUNT travels, although it is a read. A replica counts for its clients without writing
//! anything down, so that its values stay those of its master.

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
use crate::data;
use crate::data::hyperloglog;
use crate::data::hyperloglog::Corrupt;
use crate::data::hyperloglog::Encoding;
use crate::data::hyperloglog::Registers;
use crate::error;
use crate::error::CommandError;
use crate::resp::Args;
use crate::store::Entry;
use crate::store::KeyEvent;
use crate::store::Policy;
use crate::store::StrRef;
use crate::store::Ttl;

pub const COMMANDS: &[Command] = &[
    Command {
        name: "pfadd",
        summary: "Shows elements to a HyperLogLog, creating it where there is none.",
        complexity: "O(1) for each element",
        arity: -2,
        flags: Flags::WRITE.with(Flags::DENYOOM).with(Flags::FAST),
        keys: &[KeySpec::at(1, KeyFlags::RW.with(KeyFlags::INSERT))],
        args: &[Arg::key("key"), Arg::string("element").optional().multiple()],
        propagation: Rule::Verbatim,
        run: Run::Data(pfadd),
        ..BASE
    },
    Command {
        name: "pfcount",
        summary: "Estimates how many different elements HyperLogLogs have been shown together.",
        complexity: "O(1) for one key whose count is remembered, O(N) for N keys",
        arity: -2,
        flags: Flags::READONLY.with(Flags::MAY_REPLICATE),
        keys: &[KeySpec::range(1, -1, 1, KeyFlags::RW.with(KeyFlags::ACCESS))
            .notes("Writes the count of a single key down in its value")],
        args: &[Arg::key("key").multiple()],
        propagation: Rule::Verbatim,
        run: Run::Data(pfcount),
        ..BASE
    },
    Command {
        name: "pfmerge",
        summary: "Merges HyperLogLogs into one, which then counts the elements of all.",
        complexity: "O(N) for N keys",
        arity: -2,
        flags: Flags::WRITE.with(Flags::DENYOOM),
        keys: &[
            KeySpec::at(1, KeyFlags::RW.with(KeyFlags::ACCESS).with(KeyFlags::INSERT)),
            KeySpec::range(2, -1, 1, KeyFlags::READ),
        ],
        args: &[Arg::key("destkey"), Arg::key("sourcekey").of_spec(1).optional().multiple()],
        propagation: Rule::Verbatim,
        run: Run::Data(pfmerge),
        ..BASE
    },
    Command {
        name: "pfdebug",
        summary: "Looks into a HyperLogLog: its registers, runs and encoding.",
        complexity: "N/A",
        arity: 3,
        flags: Flags::WRITE.with(Flags::DENYOOM).with(Flags::ADMIN),
        keys: &[KeySpec::at(2, KeyFlags::RW.with(KeyFlags::ACCESS))],
        args: &[Arg::string("subcommand"), Arg::key("key")],
        system: true,
        propagation: Rule::Verbatim,
        run: Run::Data(pfdebug),
        ..BASE
    },
    Command {
        name: "pfselftest",
        summary: "Checks that HyperLogLogs count right on this machine.",
        complexity: "N/A",
        flags: Flags::ADMIN,
        system: true,
        run: Run::Data(pfselftest),
        ..BASE
    },
];

const BASE: Command = Command {
    group: Group::HyperLogLog,
    categories: Categories::HYPERLOGLOG,
    since: "2.8.9",
    ..Command::BASE
};

fn pfadd(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let (key, bytes_max) = (args.at(1), ctx.config.hll_sparse_max_bytes);
    let is_new = !ctx.exists(key);
    let added = edit(ctx, key, |value| {
        let mut changes = usize::from(is_new);
        let whole = args.from(2).iter().try_for_each(|element| {
            changes += usize::from(hyperloglog::add(value, element, bytes_max)?);
            Ok(())
        });
        if changes > 0 {
            hyperloglog::forget(value);
        }
        (changes, whole)
    });
    let (changes, whole) = added?;
    // Elements before the one that found the value corrupt have changed it: replicas follow.
    ctx.changed(changes);
    whole.map_err(corrupt)?;
    if changes > 0 {
        ctx.notify(KeyEvent::PFADD, key);
    }
    ctx.reply.flag(changes > 0);
    Ok(())
}

fn pfcount(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    if args.len() > 2 {
        return count_together(ctx, args);
    }
    let key = args.at(1);
    let Some(entry) = ctx.read(key) else {
        ctx.reply.integer(0);
        return Ok(());
    };
    let value = value_of(entry)?;
    let remembered = hyperloglog::remembered(value);
    let count = match remembered {
        Some(count) => count,
        None => hyperloglog::count(value).map_err(corrupt)?,
    };
    let is_settled = remembered.is_some() && entry.encoding() == data::Encoding::Raw;
    if !is_settled && ctx.policy != Policy::Hide {
        edit(ctx, key, |value| hyperloglog::remember(value, count))?;
        ctx.changed(usize::from(remembered.is_none()));
    }
    ctx.reply.integer(count.cast_signed());
    Ok(())
}

fn count_together(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let (union, _) = merged(ctx, args.from(1))?;
    ctx.reply.integer(union.count().cast_signed());
    Ok(())
}

fn pfmerge(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let (union, some_dense) = merged(ctx, args.from(1))?;
    let bytes_max = ctx.config.hll_sparse_max_bytes;
    edit(ctx, args.at(1), |value| {
        if some_dense {
            hyperloglog::make_dense(value)?;
        }
        union.raise(value, bytes_max)?;
        hyperloglog::forget(value);
        Ok(())
    })?
    .map_err(corrupt)?;
    ctx.notify(KeyEvent::PFADD, args.at(1));
    ctx.changed(1);
    ctx.reply.ok();
    Ok(())
}

/// The registers of all keys together, and whether any of the values is dense.
fn merged(ctx: &mut Context<'_>, keys: Args<'_>) -> Result<(Box<Registers>, bool), CommandError> {
    let (mut union, mut some_dense) = (Box::<Registers>::default(), false);
    for key in keys.iter() {
        let Some(entry) = ctx.read(key) else { continue };
        let value = value_of(entry)?;
        some_dense |= hyperloglog::encoding(value) == Some(Encoding::Dense);
        union.merge(value).map_err(corrupt)?;
    }
    Ok((union, some_dense))
}

fn pfdebug(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let key = args.at(2);
    let Some(entry) = ctx.peek(key) else { return Err(error::PFDEBUG_NO_KEY) };
    let encoding = hyperloglog::encoding(value_of(entry)?);
    if args.is(1, "GETREG") {
        make_dense(ctx, key)?;
        reply_registers(ctx, key)
    } else if args.is(1, "DECODE") {
        if encoding == Some(Encoding::Dense) {
            return Err(error::HLL_NOT_SPARSE);
        }
        let text = edit(ctx, key, |value| decode(value))?;
        ctx.reply.bulk(text.as_bytes());
        Ok(())
    } else if args.is(1, "ENCODING") {
        edit(ctx, key, |_| ())?;
        ctx.reply.simple(if encoding == Some(Encoding::Dense) { "dense" } else { "sparse" });
        Ok(())
    } else if args.is(1, "TODENSE") {
        let was_sparse = make_dense(ctx, key)?;
        ctx.reply.flag(was_sparse);
        Ok(())
    } else {
        edit(ctx, key, |_| ())?;
        Err(error::unknown_pfdebug(args.at(1)))
    }
}

/// Whether the value was sparse. A change of the encoding travels.
fn make_dense(ctx: &mut Context<'_>, key: &[u8]) -> Result<bool, CommandError> {
    let was_sparse = edit(ctx, key, hyperloglog::make_dense)?.map_err(corrupt)?;
    ctx.changed(usize::from(was_sparse));
    Ok(was_sparse)
}

fn reply_registers(ctx: &mut Context<'_>, key: &[u8]) -> Outcome {
    let mut registers = Box::<Registers>::default();
    if let Some(entry) = ctx.peek(key) {
        registers.merge(value_of(entry)?).map_err(corrupt)?;
    }
    ctx.reply.array(registers.iter().len());
    registers.iter().for_each(|rank| ctx.reply.integer(i64::from(rank)));
    Ok(())
}

/// The runs of a sparse value: `z` and `Z` for zeros, `v` for a rank and how often it stands.
fn decode(value: &[u8]) -> String {
    let runs = hyperloglog::runs(value).map(|run| match run {
        hyperloglog::Run::Zero { len } => format!("z:{len}"),
        hyperloglog::Run::LongZero { len } => format!("Z:{len}"),
        hyperloglog::Run::Rank { rank, len } => format!("v:{rank},{len}"),
    });
    runs.collect::<Vec<_>>().join(" ")
}

fn pfselftest(ctx: &mut Context<'_>, _args: Args<'_>) -> Outcome {
    hyperloglog::self_test(ctx.rng).map_err(|fault| error::self_test_failed(&fault))?;
    ctx.reply.ok();
    Ok(())
}

/// Lets `change` edit the HyperLogLog at `key`, an empty one where there is none. The string is `raw` from then
/// on, as in Redis, even if it stays the same.
fn edit<R>(
    ctx: &mut Context<'_>,
    key: &[u8],
    change: impl FnOnce(&mut Vec<u8>) -> R,
) -> Result<R, CommandError> {
    if !ctx.exists(key) {
        ctx.set_bytes(key, &hyperloglog::EMPTY, Ttl::Clear);
    }
    let mut entry = ctx.edit(key).ok_or(error::WRONG_TYPE)?;
    value_of(&entry)?;
    entry.modify_bytes(change).ok_or(error::WRONG_TYPE)
}

/// The entry's value, if it is a HyperLogLog.
fn value_of(entry: &Entry) -> Result<&[u8], CommandError> {
    match entry.string().ok_or(error::WRONG_TYPE)? {
        StrRef::Bytes(bytes) if hyperloglog::encoding(bytes).is_some() => Ok(bytes),
        _ => Err(error::NOT_HYPERLOGLOG),
    }
}

fn corrupt(_: Corrupt) -> CommandError {
    error::CORRUPT_HYPERLOGLOG
}

#[cfg(test)]
mod tests {
    use crate::command::testing::Bench;
    use crate::command::testing::check;
    use crate::store::Policy;

    #[test]
    fn additions_and_fresh_counts_travel() {
        check(
            r#"
            > PFADD k
            1
            ~ PFADD k
            > PFADD k
            0
            > PFADD k a b
            1
            ~ PFADD k a b
            > PFADD k a
            0
            > PFCOUNT k
            2
            ~ PFCOUNT k
            > PFCOUNT k
            2
            > PFCOUNT k k
            2
            > PFMERGE k
            OK
            ~ PFMERGE k
            > PFCOUNT none
            0
            > PFDEBUG TODENSE k
            1
            ~ PFDEBUG TODENSE k
            > PFDEBUG TODENSE k
            0
            > PFSELFTEST
            OK
            > SET t text
            OK
            ~ SET t text
            > PFADD t a
            (error) WRONGTYPE Key is not a valid HyperLogLog string value.
            > PFDEBUG ENCODING none
            (error) ERR The specified key does not exist
            "#,
        );
    }

    #[test]
    fn a_part_of_an_addition_travels_too() {
        check(
            r#"
            > SET k "HYLL\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x80\x50\x00"
            OK
            ~ SET k HYLL\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x80P\x00
            > PFCOUNT k
            (error) INVALIDOBJ Corrupted HLL object detected
            > PFADD k 4 5 0 12
            (error) INVALIDOBJ Corrupted HLL object detected
            ~ PFADD k 4 5 0 12
            "#,
        );
    }

    #[test]
    fn a_replica_counts_without_writing() {
        let mut bench = Bench::new();
        bench.check("> PFADD k a\n1\n~ PFADD k a");
        bench.policy = Policy::Hide;
        bench.check("> PFCOUNT k\n1\n> PFCOUNT k\n1");
        bench.policy = Policy::Ignore;
        bench.check("> PFCOUNT k\n1\n~ PFCOUNT k");
    }
}
