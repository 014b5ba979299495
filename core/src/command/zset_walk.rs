//! Sorted sets: members by chance, and all of them step by step.

use std::collections::BTreeSet;

use itoa::Buffer;

use super::Context;
use super::Outcome;
use super::hash_random::PICKS_MAX;
use super::integer;
use super::scan_options::Names;
use super::scan_options::ScanOptions;
use super::scan_options::parse_cursor;
use super::spec::Arg;
use super::spec::Command;
use super::spec::Flags;
use super::spec::KeyFlags;
use super::spec::KeySpec;
use super::spec::Run;
use super::string::reply_string;
use super::zset::BASE;
use super::zset::reply_members;
use crate::data::Collection;
use crate::data::Encoding;
use crate::data::StrRef;
use crate::data::ZSet;
use crate::data::number;
use crate::error;
use crate::resp::Args;
use crate::rng::Rng;

pub const COMMANDS: &[Command] = &[
    Command {
        name: "zrandmember",
        since: "6.2.0",
        summary: "Picks members at random.",
        complexity: "O(M) for M members picked",
        arity: -2,
        flags: Flags::READONLY,
        keys: &[KeySpec::at(1, KeyFlags::READ)],
        args: &[
            Arg::key("key"),
            Arg::block("options", &[Arg::integer("count"), WITH_SCORES]).optional(),
        ],
        tips: &["nondeterministic_output"],
        run: Run::Data(zrandmember),
        ..BASE
    },
    Command {
        name: "zscan",
        since: "2.8.0",
        summary: "Walks through the members and scores of a sorted set, some at each call.",
        complexity: "O(1) for a call, O(N) for the whole walk over N members",
        arity: -3,
        flags: Flags::READONLY,
        keys: &[KeySpec::at(1, KeyFlags::READ)],
        args: &[
            Arg::key("key"),
            Arg::integer("cursor"),
            Arg::pattern("pattern").token("MATCH").optional(),
            Arg::integer("count").token("COUNT").optional(),
        ],
        tips: &["nondeterministic_output"],
        run: Run::Data(zscan),
        ..BASE
    },
];

const WITH_SCORES: Arg = Arg::word("withscores", "WITHSCORES").optional();

fn zrandmember(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let mut rng = Rng::new(ctx.rng.next_u64());
    let Some(count) = args.maybe(2) else { return random_member(ctx, args.at(1), &mut rng) };
    let count = integer(count)?;
    if count == i64::MIN {
        return Err(error::integer_range(-i64::MAX, i64::MAX));
    }
    let with_scores = args.len() == 4 && args.is(3, "WITHSCORES");
    if args.len() > 3 && !with_scores {
        return Err(error::SYNTAX);
    }
    let is_too_many = with_scores && count.unsigned_abs() > i64::MAX.unsigned_abs() / 2;
    if is_too_many || count < -PICKS_MAX {
        return Err(error::OUT_OF_RANGE);
    }
    let picks = usize::try_from(count.unsigned_abs()).unwrap_or(usize::MAX);
    let (zset, reply) = ctx.read_as_for_reply::<ZSet>(args.at(1))?;
    let Some(zset) = zset else {
        reply.array(0);
        return Ok(());
    };
    let ranks = match count {
        ..0 => (0..picks).map(|_| rng.below(zset.len() as u64) as usize).collect(),
        _ => distinct(picks.min(zset.len()), zset.len(), &mut rng),
    };
    let members: Vec<_> = ranks.into_iter().filter_map(|rank| zset.at_rank(rank)).collect();
    reply_members(reply, members.into_iter(), with_scores);
    Ok(())
}

fn random_member(ctx: &mut Context<'_>, key: &[u8], rng: &mut Rng) -> Outcome {
    let (zset, reply) = ctx.read_as_for_reply::<ZSet>(key)?;
    let picked = zset.and_then(|zset| zset.at_rank(rng.below(zset.len() as u64) as usize));
    match picked {
        Some((member, _)) => reply_string(reply, member),
        None => reply.null(),
    }
    Ok(())
}

/// `count` different numbers below `bound`, every choice of them equally likely: Floyd's method,
/// which tries each number once.
fn distinct(count: usize, bound: usize, rng: &mut Rng) -> Vec<usize> {
    let mut chosen = BTreeSet::new();
    let mut numbers = Vec::with_capacity(count);
    for top in bound - count..bound {
        let number = rng.below(top as u64 + 1) as usize;
        let number = if chosen.insert(number) { number } else { top };
        chosen.insert(number);
        numbers.push(number);
    }
    numbers
}

fn zscan(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let mut cursor = parse_cursor(args.at(2))?;
    let (zset, reply) = ctx.read_as_for_reply::<ZSet>(args.at(1))?;
    let mut found = Vec::new();
    let mut is_large = false;
    if let Some(zset) = zset {
        let options = ScanOptions::parse(args.from(3), Names::Members)?;
        is_large = zset.encoding() == Encoding::Skiplist;
        cursor = collect(zset, cursor, &options, &mut found);
    } else {
        cursor = 0;
    }
    reply.array(2);
    reply.bulk(cursor.to_string().as_bytes());
    reply.array(found.len() * 2);
    for (member, score) in found {
        reply_string(reply, member);
        // A listpack's score is shown as it stands there, any other with 17 digits.
        let text = match is_large {
            true => number::format_double_17(score),
            false => number::format_double(score),
        };
        reply.bulk(text.as_bytes());
    }
    Ok(())
}

/// The members of one call, and the cursor of the next.
fn collect<'a>(
    zset: &'a ZSet,
    cursor: u64,
    options: &ScanOptions<'_>,
    found: &mut Vec<(StrRef<'a>, f64)>,
) -> u64 {
    let mut buffer = Buffer::new();
    options.walk(cursor, |cursor, seen| {
        zset.scan(cursor, |member, score| {
            *seen += 1;
            if options.pattern.matches(member.as_bytes(&mut buffer)) {
                found.push((member, score));
            }
        })
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::testing::Bench;
    use super::super::testing::check;
    use super::distinct;
    use crate::resp::Protocol;
    use crate::rng::Rng;

    #[test]
    fn distinct_numbers_are_distinct_and_any() {
        let mut rng = Rng::new(1);
        for (count, bound) in [(0, 0), (0, 5), (5, 5), (3, 5), (1, 1000)] {
            let numbers = distinct(count, bound, &mut rng);
            assert_eq!(numbers.len(), count);
            let set: BTreeSet<usize> = numbers.iter().copied().collect();
            assert_eq!(set.len(), count);
            assert!(set.iter().all(|number| *number < bound));
        }
        let seen: BTreeSet<Vec<usize>> = (0..500).map(|_| distinct(2, 4, &mut rng)).collect();
        assert!(seen.len() >= 6, "{seen:?}");
    }

    #[test]
    fn picks_members() {
        check(
            r#"
            > ZRANDMEMBER none
            nil
            > ZRANDMEMBER none 3
            []
            > ZADD z 1 a
            1
            ~ ZADD z 1 a
            > ZRANDMEMBER z
            "a"
            > ZRANDMEMBER z 5
            ["a"]
            > ZRANDMEMBER z -2 WITHSCORES
            ["a", "1", "a", "1"]
            > ZRANDMEMBER z 0
            []
            > ZRANDMEMBER z x
            (error) ERR value is not an integer or out of range
            > ZRANDMEMBER z 1 SCORES
            (error) ERR syntax error
            > ZRANDMEMBER z 9223372036854775807 WITHSCORES
            (error) ERR value is out of range
            > ZRANDMEMBER z -9223372036854775808
            (error) ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807
            "#,
        );
        let mut bench = Bench::new();
        bench.protocol = Protocol::Resp3;
        bench.run("ZADD z 1.5 a");
        bench.check("> ZRANDMEMBER z 1 WITHSCORES\n[[\"a\", 1.5]]");
    }

    #[test]
    fn a_walk_names_every_member() {
        let mut bench = Bench::new();
        for i in 0..300 {
            bench.run(&format!("ZADD z {i} member:{i}"));
        }
        for options in ["", "COUNT 1", "MATCH member:* COUNT 1000"] {
            let (mut seen, mut cursor) = (BTreeSet::new(), "0".to_owned());
            loop {
                let reply = bench.run(&format!("ZSCAN z {cursor} {options}")).swap_remove(0);
                let (head, tail) = reply.split_once(", [").unwrap();
                let words: Vec<&str> = tail.trim_end_matches(']').split(", ").collect();
                seen.extend(
                    words.chunks_exact(2).map(|pair| (pair[0].to_owned(), pair[1].to_owned())),
                );
                cursor = head.trim_matches(['[', '"']).to_owned();
                if cursor == "0" {
                    break;
                }
            }
            assert_eq!(seen.len(), 300, "{options}");
        }
    }

    #[test]
    fn a_small_set_is_walked_at_once() {
        check(
            r#"
            > ZADD z 0.1 a 2 ab 3 c
            3
            ~ ZADD z 0.1 a 2 ab 3 c
            > ZSCAN z 0 MATCH a*
            ["0", ["a", "0.1", "ab", "2"]]
            > ZSCAN none 7 COUNT 0
            ["0", []]
            > ZSCAN z x
            (error) ERR invalid cursor
            > ZSCAN z 0 COUNT 0
            (error) ERR syntax error
            > ZSCAN z 0 TYPE zset
            (error) ERR syntax error
            "#,
        );
    }
}
