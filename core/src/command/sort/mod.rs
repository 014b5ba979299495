//! SORT and SORT_RO: the elements of a list, set or sorted set in order, or what other keys have to
//! say of them.
//!
//! Elements are copied first, for the keys that BY and GET name may turn out to have expired, and
//! go, while they are looked up.

mod elements;
mod options;
mod order;
mod pattern;

use super::Context;
use super::Outcome;
use super::spec::Arg;
use super::spec::BeginSearch;
use super::spec::Categories;
use super::spec::Command;
use super::spec::FindKeys;
use super::spec::Flags;
use super::spec::KeyFlags;
use super::spec::KeyPlace;
use super::spec::KeySpec;
use super::spec::Rule;
use super::spec::Run;
use super::string::reply_string;
use crate::data::List;
use crate::data::list::End;
use crate::resp::Args;
use crate::store::KeyEvent;
use elements::Elements;
use options::Options;
use order::Order;
use pattern::Lookup;

pub const COMMANDS: &[Command] = &[
    Command {
        name: "sort",
        summary: "Sorts a list, set or sorted set; replies with the result or stores it.",
        flags: Flags::WRITE.with(Flags::DENYOOM),
        keys: &[SORTED_KEY, PATTERN_KEYS, STORE_KEY],
        find_keys: Some(find_keys),
        args: &[
            Arg::key("key"),
            BY,
            LIMIT,
            GET,
            ORDER,
            ALPHA,
            Arg::key("destination").of_spec(2).token("STORE").optional(),
        ],
        propagation: Rule::Verbatim,
        run: Run::Data(sort),
        ..BASE
    },
    Command {
        name: "sort_ro",
        since: "7.0.0",
        summary: "Sorts a list, set or sorted set and replies with the result.",
        flags: Flags::READONLY,
        keys: &[SORTED_KEY, PATTERN_KEYS],
        find_keys: Some(find_keys_ro),
        args: &[Arg::key("key"), BY, LIMIT, GET, ORDER, ALPHA],
        run: Run::Data(sort_ro),
        ..BASE
    },
];

const BASE: Command = Command {
    complexity: "O(N+M*log(M)) for N elements of which M are wanted; O(N) if none are sorted",
    arity: -2,
    categories: Categories::SET
        .with(Categories::SORTED_SET)
        .with(Categories::LIST)
        .with(Categories::DANGEROUS),
    ..Command::BASE
};

const BY: Arg = Arg::pattern("by-pattern").display("pattern").of_spec(1).token("BY").optional();
const GET: Arg = Arg::pattern("get-pattern")
    .display("pattern")
    .of_spec(1)
    .token("GET")
    .optional()
    .multiple()
    .multiple_token();
const LIMIT: Arg =
    Arg::block("limit", &[Arg::integer("offset"), Arg::integer("count")]).token("LIMIT").optional();
const ORDER: Arg =
    Arg::one_of("order", &[Arg::word("asc", "ASC"), Arg::word("desc", "DESC")]).optional();
const ALPHA: Arg = Arg::word("sorting", "ALPHA").optional();

const SORTED_KEY: KeySpec = KeySpec::at(1, KeyFlags::READ);
const PATTERN_KEYS: KeySpec =
    unknown(KeyFlags::READ, "The elements make the names of the keys that `BY` and `GET` read");
const STORE_KEY: KeySpec =
    unknown(KeyFlags::OVERWRITE, "`STORE` may stand anywhere among the options");

const fn unknown(flags: KeyFlags, notes: &'static str) -> KeySpec {
    KeySpec { flags, begin: BeginSearch::Unknown, find: FindKeys::Unknown, notes: Some(notes) }
}

/// The key to sort, and the one after the last STORE.
fn find_keys(args: Args<'_>, places: &mut Vec<KeyPlace>) {
    find_keys_ro(args, places);
    let (mut at, mut store) = (2, None);
    while at < args.len() {
        if args.is(at, "STORE") && at + 1 < args.len() {
            store = Some(KeyPlace { word: at + 1, flags: KeyFlags::OVERWRITE });
        }
        at += match () {
            () if args.is(at, "LIMIT") => 3,
            () if args.is(at, "GET") || args.is(at, "BY") => 2,
            () => 1,
        };
    }
    places.extend(store);
}

fn find_keys_ro(_args: Args<'_>, places: &mut Vec<KeyPlace>) {
    places.push(KeyPlace { word: 1, flags: KeyFlags::READ });
}

fn sort(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let options = Options::parse(args.from(2), true, ctx.reads_every_key)?;
    run(ctx, args.at(1), options)
}

fn sort_ro(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let options = Options::parse(args.from(2), false, ctx.reads_every_key)?;
    run(ctx, args.at(1), options)
}

fn run(ctx: &mut Context<'_>, key: &[u8], options: Options<'_>) -> Outcome {
    let (elements, chosen) = match Order::of(&options, elements::is_set(ctx, key)?) {
        Order::AsItIs => elements::in_place(ctx, key, &options)?,
        order => {
            let elements = elements::all(ctx, key)?;
            let chosen = order.sorted(ctx, &elements, &options)?;
            (elements, chosen)
        }
    };
    match options.store {
        Some(destination) => store(ctx, destination, &elements, &chosen, &options),
        None => reply(ctx, &elements, &chosen, &options),
    }
    Ok(())
}

fn reply(ctx: &mut Context<'_>, elements: &Elements, chosen: &[usize], options: &Options<'_>) {
    ctx.reply.array(chosen.len() * options.gets.len().max(1));
    let mut lookup = Lookup::default();
    for element in chosen.iter().map(|index| elements.at(*index)) {
        if options.gets.is_empty() {
            ctx.reply.bulk(element);
        }
        for pattern in &options.gets {
            lookup.find(ctx, *pattern, element, |value, reply| match value {
                Some(value) => reply_string(reply, value),
                None => reply.null(),
            });
        }
    }
}

/// Stores the result as a list, in which the empty text stands for what GET did not find.
fn store(
    ctx: &mut Context<'_>,
    destination: &[u8],
    elements: &Elements,
    chosen: &[usize],
    options: &Options<'_>,
) {
    let limits = ctx.limits;
    let mut list = List::of_nodes(limits);
    let mut lookup = Lookup::default();
    let mut digits = itoa::Buffer::new();
    for element in chosen.iter().map(|index| elements.at(*index)) {
        if options.gets.is_empty() {
            list.push(End::Tail, element);
        }
        for pattern in &options.gets {
            lookup.find(ctx, *pattern, element, |value, _| {
                let text = value.map(|value| value.as_bytes(&mut digits));
                list.push(End::Tail, text.unwrap_or_default());
            });
        }
    }
    let len = list.len();
    if len > 0 {
        list.settle_whole(limits);
        ctx.put(destination, list);
        ctx.notify(KeyEvent::SORTSTORE, destination);
        ctx.changed(len);
    } else if ctx.delete(destination) {
        ctx.changed(1);
    }
    ctx.reply.count(len);
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use crate::command::testing::Bench;
    use crate::command::testing::check;
    use crate::rng::Rng;

    #[test]
    fn sorts_numbers_and_texts() {
        check(
            r#"
            > RPUSH l 10 -1.5 2 1e2 "" 2
            6
            ~ RPUSH l 10 -1.5 2 1e2 "" 2
            > SORT l
            ["-1.5", "", "2", "2", "10", "1e2"]
            > SORT l desc
            ["1e2", "10", "2", "2", "", "-1.5"]
            > SORT l ALPHA
            ["", "-1.5", "10", "1e2", "2", "2"]
            > SORT l DESC ASC LIMIT 1 2
            ["", "2"]
            > SORT_RO l LIMIT -5 2 DESC
            ["1e2", "10"]
            > SORT l LIMIT 5 -1
            ["1e2"]
            > SORT l LIMIT 6 1
            []
            > SORT l LIMIT 0 0
            []
            > SORT nope
            []
            > SADD s 3 1 2
            3
            ~ SADD s 3 1 2
            > SORT s DESC
            ["3", "2", "1"]
            > ZADD z 1 30 2 20 3 10
            3
            ~ ZADD z 1 30 2 20 3 10
            > OBJECT ENCODING z
            "listpack"
            > SORT z
            ["10", "20", "30"]
            > OBJECT ENCODING z
            "skiplist"
            "#,
        );
    }

    #[test]
    fn numbers_are_read_as_c_reads_them() {
        let mut bench = Bench::new();
        for (element, is_number) in [
            ("1", true),
            ("0x10", true),
            ("inf", true),
            ("-0", true),
            ("1.", true),
            ("1e", false),
            ("+", false),
            ("0x", false),
            ("\" \\t1\"", true),
            ("\"1\\x00abc\"", true),
            ("\"\"", true),
            ("\"\\x00abc\"", true),
            ("nan", false),
            ("\"1 \"", false),
            ("\" \"", false),
            ("1e999", false),
            ("4.9e-324", false),
            ("abc", false),
        ] {
            bench.run("DEL l");
            bench.run(&format!("RPUSH l 5 {element}"));
            let expect = "(error) ERR One or more scores can't be converted into double";
            assert_eq!(bench.run("SORT l")[0] != expect, is_number, "{element}");
        }
    }

    #[test]
    fn weights_and_values_come_from_other_keys() {
        check(
            r#"
            > RPUSH l a b c
            3
            ~ RPUSH l a b c
            > MSET w_a 3 w_b 2 w_c 1 v_a A
            OK
            ~ MSET w_a 3 w_b 2 w_c 1 v_a A
            > HSET h_a x 1 y 10
            2
            ~ HSET h_a x 1 y 10
            > HSET h_b x 2 y 9
            2
            ~ HSET h_b x 2 y 9
            > SORT l BY w_*
            ["c", "b", "a"]
            > SORT l BY w_* GET # GET v_* GET nostar
            ["c", nil, nil, "b", nil, nil, "a", "A", nil]
            > SORT l BY h_*->x
            ["c", "a", "b"]
            > SORT l BY h_*->y ALPHA
            ["c", "a", "b"]
            > SORT l BY h_*->y GET h_*->y LIMIT 1 2
            ["9", "10"]
            > SORT l BY w_*->x
            ["a", "b", "c"]
            > SORT l BY h_*
            ["a", "b", "c"]
            > SORT l BY v_*
            (error) ERR One or more scores can't be converted into double
            > SORT l BY v_* ALPHA
            ["b", "c", "a"]
            > SORT l BY v_* ALPHA DESC
            ["a", "b", "c"]
            "#,
        );
    }

    #[test]
    fn what_is_not_sorted_keeps_its_order() {
        check(
            r#"
            > RPUSH l c a b
            3
            ~ RPUSH l c a b
            > SORT l BY nosort
            ["c", "a", "b"]
            > SORT l BY nosort DESC LIMIT 0 2
            ["b", "a"]
            > SORT l BY nosort LIMIT 1 9
            ["a", "b"]
            > SORT l BY nosort BY w_*
            ["c", "a", "b"]
            > SORT l BY #
            ["c", "a", "b"]
            > SORT l BY nosort DESC LIMIT 7 1
            []
            > ZADD z 1 c 2 b 3 a
            3
            ~ ZADD z 1 c 2 b 3 a
            > SORT z BY nosort
            ["c", "b", "a"]
            > SORT z BY nosort DESC LIMIT 1 5
            ["b", "c"]
            > SORT z BY nosort DESC LIMIT 9 5
            []
            > SADD s c a b
            3
            ~ SADD s c a b
            > SORT s BY nosort DESC LIMIT 0 2
            ["c", "a"]
            "#,
        );
    }

    #[test]
    fn stores_a_list_in_place_of_what_was_there() {
        check(
            r#"
            > SADD s c a b
            3
            ~ SADD s c a b
            > SET d text EX 100
            OK
            ~ SET d text PXAT 1100000
            > SORT s BY nosort STORE d
            3
            ~ SORT s BY nosort STORE d
            > LRANGE d 0 -1
            ["a", "b", "c"]
            > OBJECT ENCODING d
            "listpack"
            > TTL d
            -1
            > SORT s ALPHA GET v_* GET # STORE d
            6
            ~ SORT s ALPHA GET v_* GET # STORE d
            > LRANGE d 0 -1
            ["", "a", "", "b", "", "c"]
            > SORT s STORE d
            (error) ERR One or more scores can't be converted into double
            > LLEN d
            6
            > SORT nope STORE d
            0
            ~ SORT nope STORE d
            > EXISTS d
            0
            > SORT nope STORE d
            0
            > RPUSH l 2 1
            2
            ~ RPUSH l 2 1
            > SORT l STORE l
            2
            ~ SORT l STORE l
            > LRANGE l 0 -1
            ["1", "2"]
            > SORT_RO l STORE d
            (error) ERR syntax error
            "#,
        );
    }

    #[test]
    fn keys_that_have_expired_go_ahead_of_the_result() {
        check(
            r#"
            > RPUSH l 2 1
            2
            ~ RPUSH l 2 1
            > SET w_2 0 PX 5
            OK
            ~ SET w_2 0 PXAT 1000005
            > SORT l BY w_* GET w_*
            [nil, "0"]
            + 5
            > SORT l BY w_* STORE d
            2
            ~ MULTI
            ~ DEL w_2
            ~ SORT l BY w_* STORE d
            ~ EXEC
            "#,
        );
    }

    #[test]
    fn refuses_what_redis_refuses() {
        for (line, expect) in [
            ("SORT k x", "ERR syntax error"),
            ("SORT k LIMIT 1", "ERR syntax error"),
            ("SORT k LIMIT x 1", "ERR value is not an integer or out of range"),
            ("SORT k BY", "ERR syntax error"),
            ("SORT k GET", "ERR syntax error"),
            ("SORT k STORE", "ERR syntax error"),
            ("SORT", "ERR wrong number of arguments for 'sort' command"),
        ] {
            check(&format!("> {line}\n(error) {expect}"));
        }
        let mut bench = Bench::new();
        bench.run("SET t x");
        bench.run("HSET h f v");
        for line in ["SORT t", "SORT h", "SORT_RO t", "SORT h BY nosort STORE d"] {
            let expect =
                "(error) WRONGTYPE Operation against a key holding the wrong kind of value";
            assert_eq!(bench.run(line), [expect], "{line}");
        }
        assert_eq!(bench.run("SORT t LIMIT"), ["(error) ERR syntax error"]);
    }

    #[test]
    fn every_window_is_the_part_of_the_whole() {
        let mut rng = Rng::new(4);
        let mut bench = Bench::new();
        let mut weights = BTreeMap::new();
        for element in 0..60 {
            let weight = rng.below(9) as i64 - 4;
            bench.run(&format!("RPUSH l {element}"));
            bench.run(&format!("SET w_{element} {weight}"));
            weights.insert(element, weight);
        }
        for options in ["", "ALPHA", "BY w_*", "BY w_* ALPHA", "BY w_* DESC", "DESC"] {
            let words = |line: String| {
                let reply = Bench::run(&mut bench, &line).swap_remove(0);
                let words = reply.trim_matches(['[', ']']).split(", ").map(str::to_owned);
                words.filter(|word| !word.is_empty()).collect::<Vec<_>>()
            };
            let mut words = words;
            let whole = words(format!("SORT l {options}"));
            assert_eq!(whole.len(), 60);
            for (start, count) in [(0, 1), (0, 59), (0, 60), (7, 10), (30, 100), (59, 1), (60, 1)] {
                let part = words(format!("SORT l {options} LIMIT {start} {count}"));
                let end = (start + count).min(60);
                assert_eq!(part, whole[start.min(end)..end], "{options} {start} {count}");
            }
        }
        let sorted = bench.run("SORT l BY w_* GET w_*").swap_remove(0);
        let got: Vec<i64> =
            sorted.split(['"', ',', ' ', '[', ']']).filter_map(|word| word.parse().ok()).collect();
        let mut expect: Vec<i64> = weights.into_values().collect();
        expect.sort_unstable();
        assert_eq!(got, expect);
    }
}
