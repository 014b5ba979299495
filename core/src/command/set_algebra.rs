//! Sets together: what they have in common, all they have, and what the first has alone; replied, counted
//! or stored.
//!
//! A key that is not there counts as an empty set. The forms that stored results take follow from
//! the ways in which Redis computes them, so these are the same here.

use std::ptr;

use super::Context;
use super::Outcome;
use super::integer;
use super::set::BASE;
use super::spec::Arg;
use super::spec::BeginSearch;
use super::spec::Command;
use super::spec::FindKeys;
use super::spec::Flags;
use super::spec::KeyFlags;
use super::spec::KeySpec;
use super::spec::Rule;
use super::spec::Run;
use super::string::reply_string;
use crate::data::Collection;
use crate::data::Encoding;
use crate::data::Kind;
use crate::data::Limits;
use crate::data::Set;
use crate::data::StrRef;
use crate::data::order;
use crate::error;
use crate::error::CommandError;
use crate::resp::Args;
use crate::resp::Reply;
use crate::store::Entry;
use crate::store::KeyEvent;
use crate::store::Store;

pub const COMMANDS: &[Command] = &[
    Command {
        name: "sinter",
        summary: "Replies with the members that all of the sets have.",
        complexity: "O(N*M) for N members of the smallest of M sets",
        run: Run::Data(sinter),
        ..REPLIED
    },
    Command {
        name: "sinterstore",
        summary: "Stores the members that all of the sets have as a set.",
        complexity: "O(N*M) for N members of the smallest of M sets",
        run: Run::Data(sinterstore),
        ..STORED
    },
    Command {
        name: "sintercard",
        since: "7.0.0",
        summary: "Counts the members that all of the sets have.",
        complexity: "O(N*M) for N members of the smallest of M sets",
        arity: -3,
        keys: &[KeySpec {
            flags: KeyFlags::READ,
            begin: BeginSearch::Index(1),
            find: FindKeys::Numbered { number: 0, first: 1, step: 1 },
            notes: None,
        }],
        args: &[
            Arg::integer("numkeys"),
            Arg::key("key").multiple(),
            Arg::integer("limit").token("LIMIT").optional(),
        ],
        tips: &[],
        run: Run::Data(sintercard),
        ..REPLIED
    },
    Command {
        name: "sunion",
        summary: "Replies with the members that any of the sets has.",
        complexity: "O(N) for N members in all sets together",
        run: Run::Data(sunion),
        ..REPLIED
    },
    Command {
        name: "sunionstore",
        summary: "Stores the members that any of the sets has as a set.",
        complexity: "O(N) for N members in all sets together",
        run: Run::Data(sunionstore),
        ..STORED
    },
    Command {
        name: "sdiff",
        summary: "Replies with the members that only the first of the sets has.",
        complexity: "O(N) for N members in all sets together",
        run: Run::Data(sdiff),
        ..REPLIED
    },
    Command {
        name: "sdiffstore",
        summary: "Stores the members that only the first of the sets has as a set.",
        complexity: "O(N) for N members in all sets together",
        run: Run::Data(sdiffstore),
        ..STORED
    },
];

const REPLIED: Command = Command {
    arity: -2,
    flags: Flags::READONLY,
    keys: &[KeySpec::range(1, -1, 1, KeyFlags::READ)],
    args: &[Arg::key("key").multiple()],
    tips: &["nondeterministic_output_order"],
    ..BASE
};

const STORED: Command = Command {
    arity: -3,
    flags: Flags::WRITE.with(Flags::DENYOOM),
    keys: &[KeySpec::at(1, KeyFlags::OVERWRITE), KeySpec::range(2, -1, 1, KeyFlags::READ)],
    args: &[Arg::key("destination"), Arg::key("key").of_spec(1).multiple()],
    propagation: Rule::Verbatim,
    ..BASE
};

fn sinter(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let keys = args.from(1);
    let present = look_up(ctx, keys)?;
    let mut common = Vec::new();
    if let Some(sets) = Common::of(sets(ctx.store, ctx.db, keys, &present)) {
        sets.each_batch(|members| {
            common.extend_from_slice(members);
            true
        });
    }
    reply_members(&mut ctx.reply, common.len(), common.into_iter());
    Ok(())
}

fn sinterstore(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let keys = args.from(2);
    let (present, limits) = (look_up(ctx, keys)?, ctx.limits);
    let mut result = Set::of_texts();
    if let Some(sets) = Common::of(sets(ctx.store, ctx.db, keys, &present)) {
        result = sets.stored(limits);
    }
    store(ctx, KeyEvent::SINTERSTORE, args.at(1), result);
    Ok(())
}

fn sintercard(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let count = integer(args.at(1)).ok().and_then(|count| usize::try_from(count).ok());
    let count = count.filter(|count| *count > 0).ok_or(error::NUMKEYS_NOT_POSITIVE)?;
    if count > args.len() - 2 {
        return Err(error::TOO_FEW_KEYS);
    }
    let limit = parse_limit(args.from(2 + count))?;
    let keys = args.from(2).first(count);
    let present = look_up(ctx, keys)?;
    let mut found = 0;
    if let Some(sets) = Common::of(sets(ctx.store, ctx.db, keys, &present)) {
        sets.each_batch(|members| {
            found += members.len();
            found < limit
        });
    }
    ctx.reply.count(found.min(limit));
    Ok(())
}

/// The count at which SINTERCARD stops; a given 0 is none.
fn parse_limit(options: Args<'_>) -> Result<usize, CommandError> {
    let mut limit = 0;
    for at in (0..options.len()).step_by(2) {
        let value = options.maybe(at + 1).filter(|_| options.is(at, "LIMIT"));
        let value = integer(value.ok_or(error::SYNTAX)?).ok();
        let value = value.and_then(|limit| usize::try_from(limit).ok());
        limit = value.ok_or(error::COUNT_LIMIT_NEGATIVE)?;
    }
    Ok(if limit == 0 { usize::MAX } else { limit })
}

fn sunion(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let keys = args.from(1);
    let (present, limits) = (look_up(ctx, keys)?, ctx.limits);
    let sets = sets(ctx.store, ctx.db, keys, &present);
    let all = union(&sets, scratch(&sets, limits), limits);
    reply_members(&mut ctx.reply, all.len(), all.iter());
    Ok(())
}

fn sunionstore(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let keys = args.from(2);
    let (present, limits) = (look_up(ctx, keys)?, ctx.limits);
    let result = union(&sets(ctx.store, ctx.db, keys, &present), Set::of_ints(), limits);
    store(ctx, KeyEvent::SUNIONSTORE, args.at(1), result);
    Ok(())
}

fn union(sets: &[Option<&Set>], mut all: Set, limits: &Limits) -> Set {
    for member in sets.iter().flatten().flat_map(|set| set.iter()) {
        all.insert_ref(member, limits);
    }
    all
}

fn sdiff(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let keys = args.from(1);
    let (present, limits) = (look_up(ctx, keys)?, ctx.limits);
    let sets = sets(ctx.store, ctx.db, keys, &present);
    let mut left = Vec::new();
    match Difference::of(&sets) {
        Difference::Empty => {}
        Difference::ByAsking { first, others } => {
            filtered_batches(first, &others, false, |members| {
                left.extend_from_slice(members);
                true
            });
        }
        Difference::ByRemoving { first, others } => {
            let rest = remove_others(scratch(&sets, limits), first, &others, limits);
            reply_members(&mut ctx.reply, rest.len(), rest.iter());
            return Ok(());
        }
    }
    reply_members(&mut ctx.reply, left.len(), left.into_iter());
    Ok(())
}

fn sdiffstore(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let keys = args.from(2);
    let (present, limits) = (look_up(ctx, keys)?, ctx.limits);
    let mut result = Set::of_ints();
    match Difference::of(&sets(ctx.store, ctx.db, keys, &present)) {
        Difference::Empty => {}
        Difference::ByAsking { first, others } => {
            filtered_batches(first, &others, false, |members| {
                members.iter().for_each(|member| _ = result.insert_ref(*member, limits));
                true
            });
        }
        Difference::ByRemoving { first, others } => {
            result = remove_others(result, first, &others, limits);
        }
    }
    store(ctx, KeyEvent::SDIFFSTORE, args.at(1), result);
    Ok(())
}

/// Looks every key up as a reader; whether each is there. A value that is no set ends the search.
fn look_up(ctx: &mut Context<'_>, keys: Args<'_>) -> Result<Vec<bool>, CommandError> {
    keys.iter().map(|key| Ok(ctx.read_as::<Set>(key)?.is_some())).collect()
}

/// The sets of keys that were looked up, all at once.
fn sets<'s>(store: &'s Store, db: usize, keys: Args<'_>, present: &[bool]) -> Vec<Option<&'s Set>> {
    let set = |key| store.find(db, key).and_then(Entry::data).and_then(Set::of);
    keys.iter().zip(present).map(|(key, is_present)| is_present.then(|| set(key))?).collect()
}

fn reply_members<'s>(reply: &mut Reply<'_>, len: usize, members: impl Iterator<Item = StrRef<'s>>) {
    reply.set(len);
    members.for_each(|member| reply_string(reply, member));
}

/// Puts the result in the place of whatever the key holds; an empty one just removes that.
fn store(ctx: &mut Context<'_>, event: KeyEvent, key: &[u8], result: Set) {
    let len = result.len();
    if len > 0 {
        ctx.put(key, result);
        ctx.notify(event, key);
        ctx.changed(1);
    } else if ctx.delete(key) {
        ctx.changed(1);
    }
    ctx.reply.count(len);
}

/// Where a result is put together that is only replied: an intset among intsets, and so in order;
/// else a table, which any number of members is quickly put into.
fn scratch(sets: &[Option<&Set>], limits: &Limits) -> Set {
    let mut forms = sets.iter().flatten().map(|set| set.encoding());
    if forms.all(|form| form == Encoding::Intset) { Set::of_ints() } else { Set::of_many(limits) }
}

/// Sets whose common members are wanted: the smallest, and the others by their size.
struct Common<'s> {
    smallest: &'s Set,
    others: Vec<&'s Set>,
}

impl<'s> Common<'s> {
    /// `None` if one of the sets is empty, and with it the result.
    fn of(sets: Vec<Option<&'s Set>>) -> Option<Self> {
        let mut others = sets.into_iter().collect::<Option<Vec<_>>>()?;
        order::sort_by_key(&mut others, |set| set.len());
        let smallest = *others.first()?;
        others.retain(|set| !ptr::eq(*set, smallest));
        Some(Self { smallest, others })
    }

    /// Hands over the common members, some at a time, until `sink` has enough.
    fn each_batch(&self, sink: impl FnMut(&[StrRef<'s>]) -> bool) {
        filtered_batches(self.smallest, &self.others, true, sink);
    }

    /// The common members as a set, which is an intset if it can be.
    fn stored(&self, limits: &Limits) -> Set {
        let mut result = match self.smallest.encoding() {
            Encoding::Intset => Set::of_ints(),
            _ => Set::of_texts(),
        };
        self.each_batch(|members| {
            members.iter().for_each(|member| _ = result.insert_ref(*member, limits));
            true
        });
        result.make_intset(limits);
        result
    }
}

/// Hands over, some at a time, the members of `first` that each of the others has, or that none of
/// them has, until `sink` has enough.
fn filtered_batches<'s>(
    first: &'s Set,
    others: &[&Set],
    present: bool,
    mut sink: impl FnMut(&[StrRef<'s>]) -> bool,
) {
    let mut members = first.iter();
    let mut batch = Vec::with_capacity(BATCH);
    loop {
        batch.extend(members.by_ref().take(BATCH));
        if batch.is_empty() {
            return;
        }
        others.iter().for_each(|other| other.filter(&mut batch, present));
        if !sink(&batch) {
            return;
        }
        batch.clear();
    }
}

/// How to subtract sets from the first: Redis's two ways, and its choice between them.
enum Difference<'s> {
    Empty,
    /// Ask every other set for every member of the first.
    ByAsking {
        first: &'s Set,
        others: Vec<&'s Set>,
    },
    /// Copy the first, then remove every member of the others.
    ByRemoving {
        first: &'s Set,
        others: Vec<&'s Set>,
    },
}

impl<'s> Difference<'s> {
    fn of(sets: &[Option<&'s Set>]) -> Self {
        let Some((Some(first), others)) = sets.split_first() else { return Self::Empty };
        let mut others: Vec<&Set> = others.iter().copied().flatten().collect();
        if others.iter().any(|other| ptr::eq(*other, *first)) {
            return Self::Empty;
        }
        let asking = first.len().saturating_mul(1 + others.len()) / 2;
        let removing = first.len() + others.iter().map(|other| other.len()).sum::<usize>();
        if asking > removing {
            return Self::ByRemoving { first, others };
        }
        order::sort_by_key(&mut others, |other| std::cmp::Reverse(other.len()));
        Self::ByAsking { first, others }
    }
}

fn remove_others(mut rest: Set, first: &Set, others: &[&Set], limits: &Limits) -> Set {
    for member in first.iter() {
        rest.insert_ref(member, limits);
    }
    for other in others {
        if rest.is_empty() {
            break;
        }
        other.iter().for_each(|member| _ = rest.remove_ref(member));
    }
    rest
}

/// Members asked for together, so that their cache misses overlap.
const BATCH: usize = 64;

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use crate::command::testing::Bench;
    use crate::command::testing::check;
    use crate::resp::Protocol;
    use crate::rng::Rng;

    #[test]
    fn replies_and_counts() {
        check(
            r#"
            > SADD a 1 2 3 x
            4
            ~ SADD a 1 2 3 x
            > SADD b 3 2 y
            3
            ~ SADD b 3 2 y
            > SADD c 2
            1
            ~ SADD c 2
            > SINTER a b
            ["2", "3"]
            > SINTER a b c
            ["2"]
            > SINTER a b nope
            []
            > SINTER a a
            ["1", "2", "3", "x"]
            > SINTERCARD 2 a b
            2
            > SINTERCARD 2 a b LIMIT 1
            1
            > SINTERCARD 2 a b limit 0
            2
            > SINTERCARD 2 a nope
            0
            > SUNION c nope
            ["2"]
            > SUNION nope
            []
            > SDIFF a b
            ["1", "x"]
            > SDIFF a
            ["1", "2", "3", "x"]
            > SDIFF a b a
            []
            > SDIFF nope a
            []
            > SDIFF a nope c
            ["1", "3", "x"]
            "#,
        );
    }

    #[test]
    fn stores_results_in_the_form_that_redis_gives_them() {
        check(
            r#"
            > SADD a 1 2 3 x
            4
            ~ SADD a 1 2 3 x
            > SADD b 3 2 y
            3
            ~ SADD b 3 2 y
            > SET d text EX 100
            OK
            ~ SET d text PXAT 1100000
            > SINTERSTORE d a b
            2
            ~ SINTERSTORE d a b
            > TTL d
            -1
            > OBJECT ENCODING d
            "intset"
            > SUNIONSTORE d a b
            5
            ~ SUNIONSTORE d a b
            > OBJECT ENCODING d
            "listpack"
            > SDIFFSTORE d a b
            2
            ~ SDIFFSTORE d a b
            > SDIFFSTORE a a b
            2
            ~ SDIFFSTORE a a b
            > SINTERSTORE d a b nope
            0
            ~ SINTERSTORE d a b nope
            > EXISTS d
            0
            > SDIFFSTORE d a a
            0
            > SUNIONSTORE d nope
            0
            > SET d text
            OK
            ~ SET d text
            > SUNIONSTORE d a d
            (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > SUNIONSTORE d nope
            0
            ~ SUNIONSTORE d nope
            "#,
        );
    }

    #[test]
    fn refuses_what_redis_refuses() {
        for (line, expect) in [
            ("SINTERCARD 0 a", "ERR numkeys should be greater than 0"),
            ("SINTERCARD x a", "ERR numkeys should be greater than 0"),
            ("SINTERCARD 2 a", "ERR Number of keys can't be greater than number of args"),
            ("SINTERCARD 1 a b", "ERR syntax error"),
            ("SINTERCARD 1 a LIMIT", "ERR syntax error"),
            ("SINTERCARD 1 a LIMIT -1", "ERR LIMIT can't be negative"),
            ("SINTERCARD 1 a LIMIT x", "ERR LIMIT can't be negative"),
            ("SINTERCARD 1 a LIMIT 1 MAX 2", "ERR syntax error"),
        ] {
            check(&format!("> {line}\n(error) {expect}"));
        }
        let mut bench = Bench::new();
        bench.run("SET t x");
        for line in [
            "SINTER nope t",
            "SINTERCARD 2 nope t",
            "SINTERSTORE d t",
            "SUNION nope t",
            "SUNIONSTORE d t",
            "SDIFF nope t",
            "SDIFFSTORE d nope t",
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
            > SADD a 1 2
            2
            ~ SADD a 1 2
            > SINTER a nope
            ~[]
            > SINTER a
            ~["1", "2"]
            > SUNION a
            ~["1", "2"]
            > SDIFF a nope
            ~["1", "2"]
            > SINTERCARD 1 a
            2
            "#,
        );
    }

    type Model = Vec<BTreeSet<String>>;

    /// Sets of every form and size, and what is in them.
    fn fill(bench: &mut Bench, rng: &mut Rng) -> Model {
        let sizes = [3, 40, 300, 1500];
        (0..5)
            .map(|number| {
                let size = sizes[rng.below(4) as usize];
                let prefix = if rng.below(3) == 0 { "m" } else { "" };
                let member = |_| format!("{prefix}{}", rng.below(size * 2));
                let members: BTreeSet<String> = (0..size).map(member).collect();
                bench.run(&format!("DEL s{number}"));
                for member in &members {
                    bench.run(&format!("SADD s{number} {member}"));
                }
                members
            })
            .collect()
    }

    #[test]
    fn results_are_those_of_trees() {
        let mut rng = Rng::new(11);
        let mut bench = Bench::new();
        for _ in 0..30 {
            let model = fill(&mut bench, &mut rng);
            let picks: Vec<usize> = (0..=rng.below(4)).map(|_| rng.below(5) as usize).collect();
            let keys: Vec<String> = picks.iter().map(|pick| format!("s{pick}")).collect();
            let keys = keys.join(" ");
            let (first, others) = picks.split_first().unwrap();
            let common =
                model[*first].iter().filter(|m| others.iter().all(|o| model[*o].contains(*m)));
            let rest =
                model[*first].iter().filter(|m| !others.iter().any(|o| model[*o].contains(*m)));
            let all = picks.iter().flat_map(|pick| &model[*pick]);
            for (command, expect) in [
                ("SINTER", common.clone().collect::<BTreeSet<_>>()),
                ("SDIFF", rest.collect()),
                ("SUNION", all.collect()),
            ] {
                let reply = bench.run(&format!("{command} {keys}")).swap_remove(0);
                let got: Vec<&str> = reply.split(['[', ']', '"', ',', ' ']).collect();
                let got: Vec<&str> = got.into_iter().filter(|word| !word.is_empty()).collect();
                assert_eq!(got.len(), expect.len(), "{command} {keys}");
                assert!(got.iter().all(|member| expect.contains(&(*member).to_owned())));
                let stored = bench.run(&format!("{command}STORE d {keys}")).swap_remove(0);
                assert_eq!(stored, expect.len().to_string());
            }
            let count = bench.run(&format!("SINTERCARD {} {keys}", picks.len())).swap_remove(0);
            assert_eq!(count, common.count().to_string());
        }
    }
}
