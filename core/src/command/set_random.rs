//! SPOP and SRANDMEMBER: members chosen by chance.
//!
//! What SPOP chose travels as SREM, or as DEL when it took all.

use std::collections::BTreeSet;

use super::Context;
use super::Outcome;
use super::integer;
use super::set::BASE;
use super::spec::Arg;
use super::spec::Command;
use super::spec::Flags;
use super::spec::KeyFlags;
use super::spec::KeySpec;
use super::spec::Rule;
use super::spec::Run;
use super::string::reply_string;
use crate::data::Kind;
use crate::data::Set;
use crate::data::StrRef;
use crate::data::set::Member;
use crate::error;
use crate::error::CommandError;
use crate::resp::Args;
use crate::rng::Rng;
use crate::store::Entry;
use crate::store::KeyEvent;

pub const COMMANDS: &[Command] = &[
    Command {
        name: "spop",
        summary: "Takes members chosen at random out of a set and replies with them.",
        complexity: "O(1), or O(N) for a count of N",
        arity: -2,
        flags: Flags::WRITE.with(Flags::FAST),
        keys: &[KeySpec::at(1, KeyFlags::RW.with(KeyFlags::ACCESS).with(KeyFlags::DELETE))],
        args: &[Arg::key("key"), Arg::integer("count").since("3.2.0").optional()],
        tips: &["nondeterministic_output"],
        history: &[("3.2.0", "Takes a count.")],
        propagation: Rule::Effect,
        run: Run::Data(spop),
        ..BASE
    },
    Command {
        name: "srandmember",
        summary: "Replies with members of a set chosen at random.",
        complexity: "O(1), or O(N) for a count of N",
        arity: -2,
        flags: Flags::READONLY,
        keys: &[KeySpec::at(1, KeyFlags::READ)],
        args: &[Arg::key("key"), Arg::integer("count").since("2.6.0").optional()],
        tips: &["nondeterministic_output"],
        history: &[("2.6.0", "Takes a count.")],
        run: Run::Data(srandmember),
        ..BASE
    },
];

fn spop(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    match args.len() {
        2 => spop_one(ctx, args.at(1)),
        3 => spop_many(ctx, args.at(1), args.at(2)),
        _ => Err(error::SYNTAX),
    }
}

fn spop_one(ctx: &mut Context<'_>, key: &[u8]) -> Outcome {
    let mut rng = Rng::new(ctx.rng.next_u64());
    let mut popped = None;
    let mut emptied = false;
    if let Some(mut set) = ctx.edit_as::<Set>(key)? {
        popped = set.pop_random(|bound| rng.below(bound));
        emptied = set.is_empty();
    }
    let Some(member) = popped else {
        ctx.reply.null();
        return Ok(());
    };
    ctx.notify(KeyEvent::SPOP, key);
    if emptied {
        ctx.remove_emptied(key);
    }
    let mut digits = itoa::Buffer::new();
    let text = member.as_ref().as_bytes(&mut digits);
    ctx.reply.bulk(text);
    ctx.propagate(&[b"SREM", key, text]);
    ctx.changed(1);
    Ok(())
}

fn spop_many(ctx: &mut Context<'_>, key: &[u8], count: &[u8]) -> Outcome {
    let count = integer(count).ok().and_then(|count| usize::try_from(count).ok());
    let count = count.ok_or(error::NOT_POSITIVE)?;
    let len = ctx.peek_as::<Set>(key)?.map_or(0, Set::len);
    if count == 0 || len == 0 {
        ctx.reply.set(0);
    } else if count >= len {
        pop_all(ctx, key);
    } else if (len - count).saturating_mul(MOVE_STRATEGY) > count {
        pop_some(ctx, key, count)?;
    } else {
        pop_most(ctx, key, len - count)?;
    }
    Ok(())
}

fn pop_all(ctx: &mut Context<'_>, key: &[u8]) {
    let entry = ctx.store.find(ctx.db, key);
    let Some(set) = entry.and_then(Entry::data).and_then(Set::of) else { return };
    let len = set.len();
    ctx.reply.set(len);
    set.iter().for_each(|member| reply_string(&mut ctx.reply, member));
    ctx.notify(KeyEvent::SPOP, key);
    ctx.remove_emptied(key);
    ctx.changed(len);
    let lazily = ctx.config.lazyfree_lazy_server_del;
    ctx.propagate(&[if lazily { b"UNLINK" } else { b"DEL" }, key]);
}

/// Takes a few members out, one by one.
fn pop_some(ctx: &mut Context<'_>, key: &[u8], count: usize) -> Outcome {
    let mut rng = Rng::new(ctx.rng.next_u64());
    let mut popped = Vec::new();
    if let Some(mut set) = ctx.edit_as::<Set>(key)? {
        let members = (0..count).filter_map(|_| set.pop_random(|bound| rng.below(bound)));
        popped.extend(members);
    }
    finish_pop(ctx, key, popped.iter().map(Member::as_ref));
    Ok(())
}

/// Takes all members out but for a few, which are cheaper to choose.
fn pop_most(ctx: &mut Context<'_>, key: &[u8], left: usize) -> Outcome {
    let (limits, mut rng) = (ctx.limits, Rng::new(ctx.rng.next_u64()));
    let mut popped = Set::of_ints();
    if let Some(mut set) = ctx.edit_as::<Set>(key)? {
        popped = set.keep_random(left, limits, |bound| rng.below(bound));
    }
    finish_pop(ctx, key, popped.iter());
    Ok(())
}

fn finish_pop<'m>(ctx: &mut Context<'_>, key: &[u8], popped: impl Iterator<Item = StrRef<'m>>) {
    let members: Vec<_> = popped.map(StrRef::to_cow).collect();
    ctx.notify(KeyEvent::SPOP, key);
    ctx.reply.set(members.len());
    members.iter().for_each(|member| ctx.reply.bulk(member));
    for batch in members.chunks(SREM_MEMBERS_MAX) {
        let words = [b"SREM".as_slice(), key].into_iter();
        let words: Vec<&[u8]> = words.chain(batch.iter().map(AsRef::as_ref)).collect();
        ctx.propagate(&words);
    }
    ctx.changed(members.len());
}

fn srandmember(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    match args.len() {
        2 => srandmember_one(ctx, args.at(1)),
        3 => srandmember_many(ctx, args.at(1), args.at(2)),
        _ => Err(error::SYNTAX),
    }
}

fn srandmember_one(ctx: &mut Context<'_>, key: &[u8]) -> Outcome {
    let mut rng = Rng::new(ctx.rng.next_u64());
    let (set, reply) = ctx.read_as_for_reply::<Set>(key)?;
    match set.and_then(|set| set.random(|bound| rng.below(bound))) {
        Some(member) => reply_string(reply, member),
        None => reply.null(),
    }
    Ok(())
}

fn srandmember_many(ctx: &mut Context<'_>, key: &[u8], count: &[u8]) -> Outcome {
    let (count, repeats) = parse_count(count)?;
    let mut rng = Rng::new(ctx.rng.next_u64());
    let (set, reply) = ctx.read_as_for_reply::<Set>(key)?;
    let Some(set) = set else {
        reply.array(0);
        return Ok(());
    };
    if repeats {
        reply.array(count);
        for _ in 0..count {
            if let Some(member) = set.random(|bound| rng.below(bound)) {
                reply_string(reply, member);
            }
        }
    } else {
        let members = distinct(set, count, &mut rng);
        reply.array(members.len());
        members.into_iter().for_each(|member| reply_string(reply, member));
    }
    Ok(())
}

/// How many members SRANDMEMBER is to choose, and whether one may be chosen again.
fn parse_count(count: &[u8]) -> Result<(usize, bool), CommandError> {
    let count = integer(count)?;
    if count == i64::MIN {
        return Err(error::integer_range(-i64::MAX, i64::MAX));
    }
    let picks = usize::try_from(count.unsigned_abs()).ok().filter(|_| count >= -PICKS_MAX);
    Ok((picks.ok_or(error::OUT_OF_RANGE)?, count < 0))
}

/// `count` different members, or all if there are no more than that.
fn distinct<'s>(set: &'s Set, count: usize, rng: &mut Rng) -> Vec<StrRef<'s>> {
    if count.saturating_mul(WORTH_LISTING) < set.len() {
        let mut chosen = Vec::with_capacity(count);
        let mut seen = BTreeSet::new();
        while chosen.len() < count
            && let Some(member) = set.random(|bound| rng.below(bound))
        {
            if seen.insert(member.to_cow()) {
                chosen.push(member);
            }
        }
        return chosen;
    }
    let mut members: Vec<_> = set.iter().collect();
    if count < members.len() {
        for at in 0..count {
            let other = at + rng.below((members.len() - at) as u64) as usize;
            members.swap(at, other);
        }
        members.truncate(count);
    }
    members
}

/// From this many times as many members popped as left on, choosing those left is cheaper.
const MOVE_STRATEGY: usize = 5;

/// Members that one propagated SREM names.
const SREM_MEMBERS_MAX: usize = 1024;

/// Members chosen with repetitions by one call. Redis fills its memory with the reply, however long.
const PICKS_MAX: i64 = 1 << 24;

/// From this part of a set on, listing it all is cheaper than choosing until enough are different.
const WORTH_LISTING: usize = 3;

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use crate::command::testing::Bench;
    use crate::command::testing::check;

    #[test]
    fn spop_travels_as_what_it_chose() {
        check(
            r#"
            > SADD s a
            1
            ~ SADD s a
            > SPOP s
            "a"
            ~ SREM s a
            > EXISTS s
            0
            > SPOP s
            nil
            > SPOP s 2
            []
            > SADD s 1 2 3
            3
            ~ SADD s 1 2 3
            > SPOP s 0
            []
            > SPOP s 5
            ["1", "2", "3"]
            ~ DEL s
            > EXISTS s
            0
            > SPOP s -1
            (error) ERR value is out of range, must be positive
            > SPOP s x
            (error) ERR value is out of range, must be positive
            > SPOP s 1 2
            (error) ERR syntax error
            "#,
        );
    }

    /// The words of a printed array, or of a propagated command.
    fn words(text: &str) -> BTreeSet<String> {
        let words = text.split([' ', ',', '[', ']', '"']);
        words.filter(|word| !word.is_empty()).map(str::to_owned).collect()
    }

    #[test]
    fn spop_of_many_leaves_the_others() {
        for (members, count) in [(100, 3), (100, 97), (600, 20), (600, 595), (3000, 2000)] {
            for prefix in ["", "m"] {
                let mut bench = Bench::new();
                for member in 0..members {
                    bench.run(&format!("SADD s {prefix}{member}"));
                }
                let lines = bench.run(&format!("SPOP s {count}"));
                let popped = words(&lines[0]);
                assert_eq!(popped.len(), count);
                let mut propagated: BTreeSet<_> =
                    lines[1..].iter().flat_map(|line| words(line)).collect();
                for word in ["~", "SREM", "s", "MULTI", "EXEC"] {
                    propagated.remove(word);
                }
                assert_eq!(propagated, popped);
                assert_eq!(lines.len(), if count > 1024 { 5 } else { 2 });
                let left = words(&bench.run("SMEMBERS s")[0]);
                assert_eq!(left.len(), members - count);
                assert!(left.is_disjoint(&popped));
            }
        }
    }

    #[test]
    fn srandmember_chooses_with_and_without_repetition() {
        let mut bench = Bench::new();
        for member in 0..300 {
            bench.run(&format!("SADD s m{member}"));
        }
        let all = words(&bench.run("SMEMBERS s")[0]);
        for count in [0, 1, 5, 99, 101, 299, 300, 1000] {
            let chosen = words(&bench.run(&format!("SRANDMEMBER s {count}"))[0]);
            assert_eq!(chosen.len(), count.min(300));
            assert!(chosen.is_subset(&all));
        }
        let repeated = bench.run("SRANDMEMBER s -1000").swap_remove(0);
        assert_eq!(repeated.split(", ").count(), 1000);
        assert!(words(&repeated).is_subset(&all));
        assert!(all.is_superset(&words(&bench.run("SRANDMEMBER s")[0])));
    }

    #[test]
    fn srandmember_refuses_what_redis_refuses() {
        check(
            r#"
            > SRANDMEMBER s
            nil
            > SRANDMEMBER s 3
            []
            > SRANDMEMBER s -3
            []
            > SRANDMEMBER s x
            (error) ERR value is not an integer or out of range
            > SRANDMEMBER s -9223372036854775808
            (error) ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807
            > SRANDMEMBER s 1 2
            (error) ERR syntax error
            "#,
        );
    }
}
