//! COPY and MOVE: values from key to key and from database to database.

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
use crate::error::CommandError;
use crate::resp::Args;
use crate::store::KeyEvent;

pub const COMMANDS: &[Command] = &[
    Command {
        name: "copy",
        since: "6.2.0",
        summary: "Copies a value to another key.",
        complexity: "O(N) for a collection of N elements, O(1) for a string",
        arity: -3,
        flags: Flags::WRITE.with(Flags::DENYOOM),
        keys: &[KeySpec::at(1, KeyFlags::READ), KeySpec::at(2, KeyFlags::OVERWRITE)],
        args: &[
            Arg::key("source"),
            Arg::key("destination").of_spec(1),
            Arg::integer("destination-db").token("DB").optional(),
            Arg::word("replace", "REPLACE").optional(),
        ],
        propagation: Rule::Verbatim,
        run: Run::Data(copy),
        ..BASE
    },
    Command {
        name: "move",
        summary: "Moves a key to another database.",
        arity: 3,
        flags: Flags::WRITE.with(Flags::FAST),
        keys: &[KeySpec::at(1, KeyFlags::MODIFY)],
        args: &[Arg::key("key"), Arg::integer("db")],
        propagation: Rule::Verbatim,
        run: Run::Data(move_key),
        ..BASE
    },
];

const BASE: Command =
    Command { group: Group::Generic, categories: Categories::KEYSPACE, ..Command::BASE };

fn copy(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let (from, to) = (args.at(1), args.at(2));
    let options = CopyOptions::parse(ctx, args)?;
    if from == to && options.db == ctx.db {
        return Err(error::SAME_OBJECT);
    }
    let Some(copy) = ctx.read(from).map(|entry| entry.duplicate(to)) else {
        ctx.reply.flag(false);
        return Ok(());
    };
    if ctx.peek_in(options.db, to).is_some() && !options.replace {
        ctx.reply.flag(false);
        return Ok(());
    }
    ctx.store.insert(options.db, copy);
    ctx.store.notices.add(KeyEvent::COPY_TO, options.db, to);
    ctx.changed(1);
    ctx.reply.flag(true);
    Ok(())
}

struct CopyOptions {
    db: usize,
    replace: bool,
}

impl CopyOptions {
    fn parse(ctx: &Context<'_>, args: Args<'_>) -> Result<Self, CommandError> {
        let mut options = Self { db: ctx.db, replace: false };
        let mut at = 3;
        while at < args.len() {
            if args.is(at, "REPLACE") {
                options.replace = true;
                at += 1;
            } else if args.is(at, "DB") && at + 1 < args.len() {
                options.db = ctx.database(integer_i32(args.at(at + 1))?)?;
                at += 2;
            } else {
                return Err(error::SYNTAX);
            }
        }
        Ok(options)
    }
}

/// MOVE, whose name is Rust's.
fn move_key(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let key = args.at(1);
    let db = ctx.database(integer_i32(args.at(2))?)?;
    if db == ctx.db {
        return Err(error::SAME_OBJECT);
    }
    let moves = ctx.exists(key) && ctx.peek_in(db, key).is_none();
    if moves && let Some(entry) = ctx.store.take(ctx.db, key, ctx.now.wall_ms()) {
        ctx.store.insert(db, entry);
        ctx.notify(KeyEvent::MOVE_FROM, key);
        ctx.store.notices.add(KeyEvent::MOVE_TO, db, key);
        ctx.changed(1);
    }
    ctx.reply.flag(moves);
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::command::testing::Bench;
    use crate::command::testing::check;

    #[test]
    fn copy_takes_value_and_expiry_along() {
        let mut bench = Bench::new();
        bench.check(
            r#"
            > COPY a b
            0
            > SET a 1 PX 100
            OK
            ~ SET a 1 PXAT 1000100
            > COPY a b
            1
            ~ COPY a b
            > PTTL b
            100
            > COPY a b
            0
            > SET a 2
            OK
            ~ SET a 2
            > COPY a b replace
            1
            ~ COPY a b replace
            > PTTL b
            -1
            > COPY a a
            (error) ERR source and destination objects are the same
            > COPY a a DB 0
            (error) ERR source and destination objects are the same
            > COPY a a DB 2
            1
            ~ COPY a a DB 2
            > COPY a b DB 16
            (error) ERR DB index is out of range
            > COPY a b DB x
            (error) ERR value is not an integer or out of range
            > COPY a b DB
            (error) ERR syntax error
            > COPY a b KEEP
            (error) ERR syntax error
            "#,
        );
        bench.db = 2;
        bench.check("> GET a\n\"2\"");
    }

    #[test]
    fn move_goes_where_there_is_room() {
        check(
            r#"
            > MOVE a 1
            0
            > SET a 1
            OK
            ~ SET a 1
            > MOVE a 1
            1
            ~ MOVE a 1
            > SET a 2
            OK
            ~ SET a 2
            > MOVE a 1
            0
            > MOVE a 0
            (error) ERR source and destination objects are the same
            > MOVE a 16
            (error) ERR DB index is out of range
            > MOVE a -1
            (error) ERR DB index is out of range
            > MOVE a x
            (error) ERR value is not an integer or out of range
            > MOVE a 2147483648
            (error) ERR value is out of range, value must between -2147483648 and 2147483647
            "#,
        );
    }
}
