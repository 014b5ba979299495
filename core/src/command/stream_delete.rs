//! XDELEX and XACKDEL: deleting entries with a thought for the groups that still refer to them, as
//! Redis 8.2 has it.

use super::Context;
use super::Outcome;
use super::spec::Arg;
use super::spec::Command;
use super::spec::KeyFlags;
use super::spec::KeySpec;
use super::spec::Run;
use super::stream::KEY;
use super::stream::WRITE;
use super::stream::WRITE_FAST;
use super::stream::strict_ids;
use super::stream_group::GROUP;
use crate::data::Stream;
use crate::data::number;
use crate::data::stream::StreamId;
use crate::error;
use crate::error::CommandError;
use crate::resp::Args;
use crate::store::KeyEvent;

pub const COMMANDS: &[Command] = &[
    Command {
        name: "xdelex",
        summary: "Deletes entries, and says what becomes of references to them.",
        complexity: "O(1) for each entry, and O(G) for G groups",
        arity: -5,
        keys: &[KeySpec::at(1, KeyFlags::RW.with(KeyFlags::DELETE))],
        args: &[KEY, REFERENCES, IDS],
        run: Run::Data(xdelex),
        ..DELETE
    },
    Command {
        name: "xackdel",
        summary: "Acknowledges entries for a group and deletes them in one step.",
        complexity: "O(1) for each entry, and O(G) for G groups",
        arity: -6,
        keys: &[KeySpec::at(1, KeyFlags::RW.with(KeyFlags::DELETE))],
        args: &[KEY, GROUP, REFERENCES, IDS],
        run: Run::Data(xackdel),
        ..DELETE
    },
];

const DELETE: Command = Command { since: "8.2.0", flags: WRITE_FAST, ..WRITE };

const REFERENCES: Arg = Arg::one_of(
    "condition",
    &[Arg::word("keepref", "KEEPREF"), Arg::word("delref", "DELREF"), Arg::word("acked", "ACKED")],
)
.optional();

const IDS: Arg =
    Arg::block("ids", &[Arg::integer("numids"), Arg::string("id").multiple()]).token("IDS");

fn xdelex(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let (references, ids) = parse(args.from(2))?;
    let mut changes = 0;
    let answers = if let Some(mut stream) = ctx.edit_as::<Stream>(args.at(1))? {
        ids.iter().map(|id| references.delete(&mut stream, *id, &mut changes)).collect()
    } else {
        vec![MISSING; ids.len()]
    };
    if answers.contains(&DELETED) {
        ctx.notify(KeyEvent::XDEL, args.at(1));
    }
    answer(ctx, &answers, changes);
    Ok(())
}

fn xackdel(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let (references, ids) = parse(args.from(3))?;
    let mut changes = 0;
    let answers = if let Some(mut stream) = ctx.edit_as::<Stream>(args.at(1))? {
        let mut delete = |id| {
            let acknowledged = stream.groups.edit(args.at(2), |group| group.acknowledge(id));
            if acknowledged != Some(true) {
                return MISSING;
            }
            changes += 1;
            match references.delete(&mut stream, id, &mut changes) {
                // It was pending, though its entry had been deleted before.
                MISSING => DELETED,
                answer => answer,
            }
        };
        ids.iter().map(|id| delete(*id)).collect()
    } else {
        vec![MISSING; ids.len()]
    };
    if answers.contains(&DELETED) {
        ctx.notify(KeyEvent::XDEL, args.at(1));
    }
    answer(ctx, &answers, changes);
    Ok(())
}

/// What becomes of groups' references to an entry that is to be deleted.
#[derive(Clone, Copy, PartialEq, Eq)]
enum References {
    /// They stay, and dangle.
    Keep,
    /// They go too.
    Delete,
    /// The entry stays while there are any, or a group has still to read it.
    Respect,
}

impl References {
    fn delete(self, stream: &mut Stream, id: StreamId, changes: &mut usize) -> i64 {
        if self == Self::Respect && stream.contains(id) && stream.groups.refer_to(id) {
            return DANGLING;
        }
        if self == Self::Delete {
            *changes += stream.groups.forget(id);
        }
        let was_there = stream.delete(id);
        *changes += usize::from(was_there);
        if was_there { DELETED } else { MISSING }
    }
}

fn answer(ctx: &mut Context<'_>, answers: &[i64], changes: usize) {
    ctx.changed(changes);
    ctx.reply.array(answers.len());
    for answer in answers {
        ctx.reply.integer(*answer);
    }
}

/// Reads `[KEEPREF | DELREF | ACKED] IDS n id...`, in any order.
fn parse(args: Args<'_>) -> Result<(References, Vec<StreamId>), CommandError> {
    let (mut references, mut ids) = (None, None);
    let mut at = 0;
    while at < args.len() {
        let named = [
            ("KEEPREF", References::Keep),
            ("DELREF", References::Delete),
            ("ACKED", References::Respect),
        ];
        let named = named.into_iter().find(|(word, _)| args.is(at, word));
        if let (Some((_, choice)), None) = (named, references) {
            references = Some(choice);
            at += 1;
        } else if let Some(count) = args.maybe(at + 1).filter(|_| args.is(at, "IDS")) {
            let count = number::parse_i64(count).and_then(|count| usize::try_from(count).ok());
            let count = count.filter(|count| *count > 0).ok_or(error::ID_COUNT_NOT_POSITIVE)?;
            let listed = args.from(at + 2);
            if count > listed.len() {
                return Err(error::ID_COUNT_TOO_LARGE);
            }
            ids = Some(listed.first(count));
            at += 2 + count;
        } else {
            return Err(error::SYNTAX);
        }
    }
    let ids = strict_ids(ids.ok_or(error::SYNTAX)?)?;
    Ok((references.unwrap_or(References::Keep), ids))
}

/// What the commands answer for an id.
const MISSING: i64 = -1;
const DELETED: i64 = 1;
const DANGLING: i64 = 2;

#[cfg(test)]
mod tests {
    use crate::command::testing::Bench;

    /// Entries 1 to 3, of which group g has read two and acknowledged one, and h all.
    fn bench() -> Bench {
        let mut bench = Bench::new();
        for line in [
            "XADD s 1 f a",
            "XADD s 2 f b",
            "XADD s 3 f c",
            "XGROUP CREATE s g 0",
            "XGROUP CREATE s h 0",
            "XREADGROUP GROUP g me COUNT 2 STREAMS s >",
            "XREADGROUP GROUP h me STREAMS s >",
            "XACK s g 1",
            "XACK s h 1 2 3",
        ] {
            bench.run(line);
        }
        bench
    }

    #[test]
    fn references_are_kept_deleted_or_respected() {
        bench().check(
            "
            > XDELEX s IDS 2 2 9
            [1, -1]
            ~ XDELEX s IDS 2 2 9
            > XPENDING s g - + 9 me
            [[\"2-0\", \"me\", 0, 1]]
            ",
        );
        bench().check(
            "
            > XDELEX s DELREF IDS 1 2
            [1]
            ~ XDELEX s DELREF IDS 1 2
            > XPENDING s g - + 9
            []
            ",
        );
        bench().check(
            "
            > XDELEX s ACKED IDS 3 1 2 3
            [1, 2, 2]
            ~ XDELEX s ACKED IDS 3 1 2 3
            > XLEN s
            2
            ",
        );
    }

    #[test]
    fn acknowledges_and_deletes_at_once() {
        bench().check(
            "
            > XACKDEL s g ACKED IDS 2 2 3
            [1, -1]
            ~ XACKDEL s g ACKED IDS 2 2 3
            > XACKDEL s nope IDS 1 2
            [-1]
            > XACKDEL nope g IDS 2 1 2
            [-1, -1]
            > XLEN s
            2
            ",
        );
    }

    #[test]
    fn refuses_what_redis_refuses() {
        for (words, expect) in [
            ("IDS 0 1", "ERR Number of IDs must be a positive integer"),
            ("IDS x 1", "ERR Number of IDs must be a positive integer"),
            ("IDS 2 1", "ERR The `numids` parameter must match the number of arguments"),
            ("IDS 1 1 2", "ERR syntax error"),
            ("KEEPREF ACKED IDS 1 1", "ERR syntax error"),
            ("FOO IDS 1 1", "ERR syntax error"),
            ("IDS 1 x", "ERR Invalid stream ID specified as stream command argument"),
        ] {
            bench().check(&format!("> XDELEX s {words}\n(error) {expect}"));
            bench().check(&format!("> XACKDEL s g {words}\n(error) {expect}"));
        }
    }
}
