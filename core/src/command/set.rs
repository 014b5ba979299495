//! Sets, one at a time: members added, taken out, moved and asked for.
//!
//! Which form a set has is the value's own matter (`data::set`). A set that loses its last member
//! goes, and its key with it.

use super::Context;
use super::Outcome;
use super::scan_options::Names;
use super::scan_options::ScanOptions;
use super::scan_options::parse_cursor;
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
use crate::data::Limits;
use crate::data::Set;
use crate::data::StrRef;
use crate::error::CommandError;
use crate::resp::Args;
use crate::store::KeyEvent;

pub const COMMANDS: &[Command] = &[
    Command {
        name: "sadd",
        summary: "Adds members to a set, which is made if it is not there.",
        complexity: "O(1) for each member",
        arity: -3,
        flags: Flags::WRITE.with(Flags::DENYOOM).with(Flags::FAST),
        keys: &[KeySpec::at(1, KeyFlags::RW.with(KeyFlags::INSERT))],
        args: KEY_AND_MEMBERS,
        history: MEMBERS_SINCE,
        propagation: Rule::Verbatim,
        run: Run::Data(sadd),
        ..BASE
    },
    Command {
        name: "srem",
        summary: "Takes members out of a set.",
        complexity: "O(N) for N members",
        arity: -3,
        flags: Flags::WRITE.with(Flags::FAST),
        keys: &[KeySpec::at(1, KeyFlags::RW.with(KeyFlags::DELETE))],
        args: KEY_AND_MEMBERS,
        history: MEMBERS_SINCE,
        propagation: Rule::Verbatim,
        run: Run::Data(srem),
        ..BASE
    },
    Command {
        name: "smove",
        summary: "Moves a member from one set to another.",
        arity: 4,
        flags: Flags::WRITE.with(Flags::FAST),
        keys: &[
            KeySpec::at(1, KeyFlags::RW.with(KeyFlags::ACCESS).with(KeyFlags::DELETE)),
            KeySpec::at(2, KeyFlags::RW.with(KeyFlags::INSERT)),
        ],
        args: &[Arg::key("source"), Arg::key("destination").of_spec(1), Arg::string("member")],
        propagation: Rule::Verbatim,
        run: Run::Data(smove),
        ..BASE
    },
    Command {
        name: "sismember",
        summary: "Tells whether a set has a member.",
        arity: 3,
        flags: READ_FAST,
        keys: &[KeySpec::at(1, KeyFlags::RO)],
        args: &[Arg::key("key"), Arg::string("member")],
        run: Run::Data(sismember),
        ..BASE
    },
    Command {
        name: "smismember",
        since: "6.2.0",
        summary: "Tells of several members whether a set has them.",
        complexity: "O(N) for N members asked for",
        arity: -3,
        flags: READ_FAST,
        keys: &[KeySpec::at(1, KeyFlags::READ)],
        args: KEY_AND_MEMBERS,
        run: Run::Data(smismember),
        ..BASE
    },
    Command {
        name: "scard",
        summary: "Counts the members of a set.",
        arity: 2,
        flags: READ_FAST,
        keys: &[KeySpec::at(1, KeyFlags::RO)],
        args: &[Arg::key("key")],
        run: Run::Data(scard),
        ..BASE
    },
    Command {
        name: "smembers",
        summary: "Replies with all members of a set.",
        complexity: "O(N) for N members",
        arity: 2,
        flags: Flags::READONLY,
        keys: &[KeySpec::at(1, KeyFlags::READ)],
        args: &[Arg::key("key")],
        tips: &["nondeterministic_output_order"],
        run: Run::Data(smembers),
        ..BASE
    },
    Command {
        name: "sscan",
        since: "2.8.0",
        summary: "Walks through the members of a set, some at each call.",
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
        run: Run::Data(sscan),
        ..BASE
    },
];

/// What the commands of this group have in common.
pub(super) const BASE: Command =
    Command { group: Group::Set, categories: Categories::SET, ..Command::BASE };

const KEY_AND_MEMBERS: &[Arg] = &[Arg::key("key"), Arg::string("member").multiple()];
const MEMBERS_SINCE: &[(&str, &str)] = &[("2.4.0", "Takes more than one member.")];
const READ_FAST: Flags = Flags::READONLY.with(Flags::FAST);

fn sadd(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let (key, members, limits) = (args.at(1), args.from(2), ctx.limits);
    let added = if let Some(mut set) = ctx.edit_as::<Set>(key)? {
        set.expect(members.len(), limits);
        insert_all(&mut set, members, limits)
    } else {
        let mut set = Set::for_members(args.at(2), members.len(), limits);
        let added = insert_all(&mut set, members, limits);
        ctx.put(key, set);
        added
    };
    if added > 0 {
        ctx.notify(KeyEvent::SADD, key);
    }
    ctx.changed(added);
    ctx.reply.count(added);
    Ok(())
}

/// Returns how many of the members are new.
fn insert_all(set: &mut Set, members: Args<'_>, limits: &Limits) -> usize {
    members.iter().filter(|member| set.insert(member, limits)).count()
}

fn srem(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let mut removed = 0;
    let mut emptied = false;
    if let Some(mut set) = ctx.edit_as::<Set>(args.at(1))? {
        removed = args.from(2).iter().filter(|member| set.remove(member)).count();
        emptied = set.is_empty();
    }
    if removed > 0 {
        ctx.notify(KeyEvent::SREM, args.at(1));
    }
    if emptied {
        ctx.remove_emptied(args.at(1));
    }
    ctx.changed(removed);
    ctx.reply.count(removed);
    Ok(())
}

fn smove(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let (source, destination, member) = (args.at(1), args.at(2), args.at(3));
    let found = ctx.peek_as::<Set>(source).map(|set| set.map(|set| set.contains(member)));
    // Where there is no source, nobody asks for the destination's type.
    let others = ctx.peek_as::<Set>(destination).map(|set| set.map(|set| set.contains(member)));
    let Some(is_member) = found? else {
        ctx.reply.flag(false);
        return Ok(());
    };
    let is_there = others? == Some(true);
    if is_member && source != destination {
        take_out(ctx, source, member)?;
        let added = !is_there && put_in(ctx, destination, member)?;
        ctx.changed(1 + usize::from(added));
    }
    ctx.reply.flag(is_member);
    Ok(())
}

fn take_out(ctx: &mut Context<'_>, key: &[u8], member: &[u8]) -> Outcome {
    let mut emptied = false;
    if let Some(mut set) = ctx.edit_as::<Set>(key)? {
        set.remove(member);
        emptied = set.is_empty();
    }
    ctx.notify(KeyEvent::SREM, key);
    if emptied {
        ctx.remove_emptied(key);
    }
    Ok(())
}

/// Adds one member; whether it is new.
fn put_in(ctx: &mut Context<'_>, key: &[u8], member: &[u8]) -> Result<bool, CommandError> {
    let limits = ctx.limits;
    let is_new = if let Some(mut set) = ctx.edit_as::<Set>(key)? {
        set.insert(member, limits)
    } else {
        let mut set = Set::for_members(member, 1, limits);
        set.insert(member, limits);
        ctx.put(key, set);
        true
    };
    if is_new {
        ctx.notify(KeyEvent::SADD, key);
    }
    Ok(is_new)
}

fn sismember(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let set = ctx.read_as::<Set>(args.at(1))?;
    let is_member = set.is_some_and(|set| set.contains(args.at(2)));
    ctx.reply.flag(is_member);
    Ok(())
}

fn smismember(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let (set, reply) = ctx.read_as_for_reply::<Set>(args.at(1))?;
    let members = args.from(2).iter();
    reply.array(members.len());
    for member in members {
        reply.flag(set.is_some_and(|set| set.contains(member)));
    }
    Ok(())
}

fn scard(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let len = ctx.read_as::<Set>(args.at(1))?.map_or(0, Set::len);
    ctx.reply.count(len);
    Ok(())
}

fn smembers(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let (set, reply) = ctx.read_as_for_reply::<Set>(args.at(1))?;
    reply.set(set.map_or(0, Set::len));
    for member in set.into_iter().flat_map(Set::iter) {
        reply_string(reply, member);
    }
    Ok(())
}

fn sscan(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let mut cursor = parse_cursor(args.at(2))?;
    let (set, reply) = ctx.read_as_for_reply::<Set>(args.at(1))?;
    let mut found = Vec::new();
    match set {
        Some(set) => {
            let options = ScanOptions::parse(args.from(3), Names::Members)?;
            cursor = collect(set, cursor, &options, &mut found);
        }
        None => cursor = 0,
    }
    reply.array(2);
    reply.bulk(cursor.to_string().as_bytes());
    reply.array(found.len());
    found.into_iter().for_each(|member| reply_string(reply, member));
    Ok(())
}

/// The members of one call, and the cursor of the next.
fn collect<'a>(
    set: &'a Set,
    cursor: u64,
    options: &ScanOptions<'_>,
    found: &mut Vec<StrRef<'a>>,
) -> u64 {
    let mut digits = itoa::Buffer::new();
    options.walk(cursor, |cursor, seen| {
        set.scan(cursor, |member| {
            *seen += 1;
            if options.pattern.matches(member.as_bytes(&mut digits)) {
                found.push(member);
            }
        })
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use crate::command::testing::Bench;
    use crate::command::testing::check;
    use crate::resp::Protocol;

    #[test]
    fn members_are_added_and_taken_out() {
        check(
            r#"
            > SADD s b a b
            2
            ~ SADD s b a b
            > SADD s a
            0
            > SCARD s
            2
            > SMEMBERS s
            ["b", "a"]
            > SISMEMBER s a
            1
            > SISMEMBER s c
            0
            > SMISMEMBER s a c b
            [1, 0, 1]
            > SREM s c
            0
            > SREM s c b
            1
            ~ SREM s c b
            > TYPE s
            set
            > SREM s a b a
            1
            ~ SREM s a b a
            > EXISTS s
            0
            > SREM s a
            0
            > SCARD s
            0
            > SMEMBERS s
            []
            > SISMEMBER s a
            0
            > SMISMEMBER s a b
            [0, 0]
            "#,
        );
    }

    #[test]
    fn forms_follow_what_is_added() {
        let mut bench = Bench::new();
        let encoding = |bench: &mut Bench, key: &str| {
            bench.run(&format!("OBJECT ENCODING {key}")).swap_remove(0)
        };
        let numbers = |range: std::ops::Range<i32>| {
            range.map(|n| n.to_string()).collect::<Vec<_>>().join(" ")
        };
        for (key, members, expect) in [
            ("i", numbers(0..512), "\"intset\""),
            ("i", numbers(0..513), "\"hashtable\""),
            ("j", numbers(0..513), "\"hashtable\""),
            ("p", "a 1 2".to_owned(), "\"listpack\""),
            ("p", numbers(0..128), "\"hashtable\""),
            ("q", format!("a {}", numbers(0..128)), "\"hashtable\""),
            ("r", "1 2 3".to_owned(), "\"intset\""),
            ("r", "01".to_owned(), "\"listpack\""),
            ("r", "1 ".repeat(129), "\"hashtable\""),
        ] {
            bench.run(&format!("SADD {key} {members}"));
            assert_eq!(encoding(&mut bench, key), expect, "{key}");
        }
    }

    #[test]
    fn a_member_moves() {
        check(
            r#"
            > SADD a 1 2
            2
            ~ SADD a 1 2
            > SMOVE a b 1
            1
            ~ SMOVE a b 1
            > OBJECT ENCODING b
            "intset"
            > SMOVE a b 3
            0
            > SMOVE a a 2
            1
            > SMOVE a a 1
            0
            > SADD b 2
            1
            ~ SADD b 2
            > SMOVE a b 2
            1
            ~ SMOVE a b 2
            > EXISTS a
            0
            > SMOVE a b 2
            0
            > SET t x
            OK
            ~ SET t x
            > SMOVE a t 2
            0
            > SMOVE b t 2
            (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > SMOVE t b 2
            (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > SMOVE b t 77
            (error) WRONGTYPE Operation against a key holding the wrong kind of value
            "#,
        );
    }

    #[test]
    fn an_expired_set_goes_before_a_new_one_comes() {
        check(
            r#"
            > SADD s a
            1
            ~ SADD s a
            > PEXPIRE s 5
            1
            ~ PEXPIREAT s 1000005
            > SADD s b
            1
            ~ SADD s b
            > PTTL s
            5
            + 5
            > SADD s c
            1
            ~ MULTI
            ~ DEL s
            ~ SADD s c
            ~ EXEC
            > PTTL s
            -1
            > SMEMBERS s
            ["c"]
            "#,
        );
    }

    #[test]
    fn other_types_are_refused() {
        let mut bench = Bench::new();
        bench.run("SET t x");
        for line in [
            "SADD t a",
            "SREM t a",
            "SMEMBERS t",
            "SISMEMBER t a",
            "SMISMEMBER t a",
            "SCARD t",
            "SPOP t",
            "SPOP t 0",
            "SRANDMEMBER t",
            "SRANDMEMBER t 0",
        ] {
            let expect =
                "(error) WRONGTYPE Operation against a key holding the wrong kind of value";
            assert_eq!(bench.run(line), [expect], "{line}");
        }
    }

    #[test]
    fn resp3_has_a_type_for_sets() {
        let mut bench = Bench::new();
        bench.protocol = Protocol::Resp3;
        bench.check(
            r#"
            > SADD s 2 1
            2
            ~ SADD s 2 1
            > SMEMBERS s
            ~["1", "2"]
            > SMEMBERS nope
            ~[]
            > SMISMEMBER s 1
            [1]
            > SPOP nope 3
            ~[]
            > SPOP nope
            nil
            > SRANDMEMBER s 2
            ["1", "2"]
            "#,
        );
    }

    #[test]
    fn a_walk_names_every_member_while_the_set_changes() {
        let mut bench = Bench::new();
        for i in 0..1000 {
            bench.run(&format!("SADD s stays:{i}"));
        }
        for options in ["", "COUNT 1", "COUNT 70 MATCH stays:*", "COUNT 100000"] {
            let mut names = BTreeSet::new();
            let mut cursor = "0".to_owned();
            for step in 0.. {
                let reply = bench.run(&format!("SSCAN s {cursor} {options}")).swap_remove(0);
                let (head, tail) = reply.split_once(", [").unwrap();
                let found = tail.trim_end_matches(']').split(", ").map(str::to_owned);
                names.extend(found.filter(|name| name.contains("stays")));
                cursor = head.trim_matches(['[', '"']).to_owned();
                if cursor == "0" {
                    break;
                }
                bench.run(&format!("SADD s comes:{step}"));
                bench.run(&format!("SREM s comes:{}", step / 2));
            }
            assert_eq!(names.len(), 1000, "{options}");
        }
    }

    #[test]
    fn a_small_set_is_named_at_once() {
        check(
            r#"
            > SADD s 2 1 33
            3
            ~ SADD s 2 1 33
            > SSCAN s 0 COUNT 1
            ["0", ["1", "2", "33"]]
            > SSCAN s 5 MATCH ?
            ["0", ["1", "2"]]
            > SSCAN nope 5 NONSENSE
            ["0", []]
            > SSCAN s x
            (error) ERR invalid cursor
            > SSCAN s 0 TYPE set
            (error) ERR syntax error
            > SSCAN s 0 COUNT 0
            (error) ERR syntax error
            "#,
        );
    }
}
