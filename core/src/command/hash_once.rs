//! Fields read or set together with their expiry or removal, from Redis 8.0: HGETEX, HSETEX, HGETDEL.

use super::Context;
use super::Outcome;
use super::hash::BASE;
use super::hash::edit_or_create;
use super::hash_expire::tell_expiries;
use super::hash_field::Sight;
use super::hash_field::expire_met;
use super::hash_field_args::FIELDS;
use super::hash_field_args::fields;
use super::hash_field_args::instant;
use super::integer;
use super::spec::Arg;
use super::spec::Command;
use super::spec::Flags;
use super::spec::KeyFlags;
use super::spec::KeySpec;
use super::spec::Rule;
use super::spec::Run;
use super::time_form::TimeForm;
use crate::data::Hash;
use crate::error;
use crate::error::CommandError;
use crate::resp::Args;
use crate::store::KeyEvent;
use crate::time::Now;

pub const COMMANDS: &[Command] = &[
    Command {
        name: "hgetex",
        summary: "Replies with the values of fields and sets when they expire.",
        arity: -5,
        flags: Flags::WRITE.with(Flags::FAST),
        keys: &[KeySpec::at(1, KeyFlags::MODIFY)
            .notes("The value is read, and changed where a field's expiry is.")],
        args: &[
            Arg::key("key"),
            Arg::one_of("expiration", &[EX, PX, EXAT, PXAT, Arg::word("persist", "PERSIST")])
                .optional(),
            FIELDS,
        ],
        propagation: Rule::Effect,
        run: Run::Data(hgetex),
        ..ONCE
    },
    Command {
        name: "hsetex",
        summary: "Sets fields to values, and when they expire.",
        arity: -6,
        flags: Flags::WRITE.with(Flags::DENYOOM).with(Flags::FAST),
        keys: &[KeySpec::at(1, KeyFlags::RW.with(KeyFlags::UPDATE))],
        args: &[
            Arg::key("key"),
            Arg::one_of("condition", &[Arg::word("fnx", "FNX"), Arg::word("fxx", "FXX")])
                .optional(),
            Arg::one_of("expiration", &[EX, PX, EXAT, PXAT, Arg::word("keepttl", "KEEPTTL")])
                .optional(),
            FIELDS_AND_VALUES,
        ],
        propagation: Rule::Verbatim,
        run: Run::Data(hsetex),
        ..ONCE
    },
    Command {
        name: "hgetdel",
        summary: "Replies with the values of fields and removes them.",
        arity: -5,
        flags: Flags::WRITE.with(Flags::FAST),
        keys: &[KeySpec::at(1, KeyFlags::RW.with(KeyFlags::ACCESS).with(KeyFlags::DELETE))],
        args: &[Arg::key("key"), FIELDS],
        propagation: Rule::Effect,
        run: Run::Data(hgetdel),
        ..ONCE
    },
];

const ONCE: Command = Command { since: "8.0.0", complexity: "O(N) for N fields", ..BASE };

const EX: Arg = Arg::integer("seconds").token("EX");
const PX: Arg = Arg::integer("milliseconds").token("PX");
const EXAT: Arg = Arg::unix_time("unix-time-seconds").token("EXAT");
const PXAT: Arg = Arg::unix_time("unix-time-milliseconds").token("PXAT");
const FIELDS_AND_VALUES: Arg = Arg::block(
    "fields",
    &[
        Arg::integer("numfields"),
        Arg::block("data", &[Arg::string("field"), Arg::string("value")]).multiple(),
    ],
)
.token("FIELDS");

fn hgetdel(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let key = args.at(1);
    ctx.peek_as::<Hash>(key)?;
    let names: Vec<&[u8]> = fields(args, 2, error::FIELDS_NOT_POSITIVE)?.iter().collect();
    expire_met(ctx, key, &names)?;
    let removed = take_values(ctx, key, &names, KeyEvent::HDEL, |hash, name| hash.remove(name))?;
    ctx.changed(removed);
    ctx.propagation.spell();
    if removed > 0 {
        let words: Vec<&[u8]> = [b"HDEL", key].into_iter().chain(names).collect();
        ctx.propagate(&words);
    }
    Ok(())
}

fn hgetex(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let key = args.at(1);
    ctx.peek_as::<Hash>(key)?;
    let change = Change::parse(args, ctx.now)?;
    let fields_at = match change {
        Change::None => 2,
        Change::Persist => 3,
        Change::ExpireAt(_) => 4,
    };
    let names: Vec<&[u8]> = fields(args, fields_at, error::FIELDS_NOT_POSITIVE)?.iter().collect();
    expire_met(ctx, key, &names)?;
    ctx.propagation.spell();
    let mut changed = Vec::new();
    let is_past = matches!(change, Change::ExpireAt(at) if ctx.is_past(at));
    let event = match change {
        Change::ExpireAt(_) if is_past => KeyEvent::HDEL,
        Change::ExpireAt(_) => KeyEvent::HEXPIRE,
        Change::None | Change::Persist => KeyEvent::HPERSIST,
    };
    take_values(ctx, key, &names, event, |hash, name| {
        let present = hash.get(name).and_then(|pair| pair.expire_at);
        match change {
            Change::ExpireAt(_) if is_past => drop(hash.remove(name)),
            Change::ExpireAt(at) => drop(hash.set_expiry(name, Some(at))),
            Change::Persist if present.is_some() => drop(hash.set_expiry(name, None)),
            Change::None | Change::Persist => return false,
        }
        changed.push(name.to_vec());
        true
    })?;
    let changed: Vec<&[u8]> = changed.iter().map(Vec::as_slice).collect();
    match change {
        _ if changed.is_empty() => {}
        Change::ExpireAt(at) => tell_expiries(ctx, key, at, None, &changed),
        Change::None | Change::Persist => {
            ctx.changed(changed.len());
            let number = changed.len().to_string();
            let head: [&[u8]; 4] = [b"HPERSIST", key, b"FIELDS", number.as_bytes()];
            ctx.propagate(&head.into_iter().chain(changed).collect::<Vec<_>>());
        }
    }
    Ok(())
}

/// Replies with the fields' values, and does something to each field once it is read; the hash goes
/// with its last field. How many fields there were.
fn take_values(
    ctx: &mut Context<'_>,
    key: &[u8],
    names: &[&[u8]],
    event: KeyEvent,
    mut after: impl FnMut(&mut Hash, &[u8]) -> bool,
) -> Result<usize, CommandError> {
    let sight = Sight::of(ctx);
    let mut values = vec![None; names.len()];
    let (mut is_changed, mut is_emptied) = (false, false);
    if let Some(mut hash) = ctx.edit_as::<Hash>(key)? {
        for (name, value) in names.iter().zip(&mut values) {
            *value = sight.get(hash.view(), name).map(|pair| pair.value.to_vec());
            if value.is_some() {
                is_changed |= after(&mut hash, name);
            }
        }
        is_emptied = hash.is_empty();
    }
    if is_changed {
        ctx.notify(event, key);
    }
    if is_emptied {
        ctx.remove_emptied(key);
    }
    ctx.reply.array(values.len());
    for value in &values {
        match value {
            Some(value) => ctx.reply.bulk(value),
            None => ctx.reply.null(),
        }
    }
    Ok(values.iter().flatten().count())
}

/// What becomes of the expiry of fields that are read.
#[derive(Clone, Copy)]
enum Change {
    None,
    Persist,
    ExpireAt(i64),
}

impl Change {
    fn parse(args: Args<'_>, now: Now) -> Result<Self, CommandError> {
        if args.is(2, "PERSIST") {
            return Ok(Self::Persist);
        }
        match TimeForm::named(args.at(2)) {
            Some(form) => Ok(Self::ExpireAt(instant(args.at(3), form, now, "hgetex")?)),
            None => Ok(Self::None),
        }
    }
}

fn hsetex(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let options = SetOptions::parse(args, ctx.now)?;
    let (key, pairs) = (args.at(1), options.pairs);
    let names: Vec<&[u8]> = pairs.iter().step_by(2).collect();
    expire_met(ctx, key, &names)?;
    let sight = Sight::of(ctx);
    let hash = ctx.peek_as::<Hash>(key)?;
    let is_there = |name: &&[u8]| hash.is_some_and(|hash| sight.get(hash, name).is_some());
    let applies = match options.fields_exist {
        None => true,
        Some(wanted) => names.iter().all(|name| is_there(name) == wanted),
    };
    ctx.reply.flag(applies);
    if !applies {
        return Ok(());
    }
    let is_past = options.expire_at.is_some_and(|at| ctx.is_past(at));
    let is_emptied = edit_or_create(ctx, key, pairs, |hash, limits| {
        for (at, name) in names.iter().enumerate() {
            let value = pairs.at(2 * at + 1);
            match options.keeps_expiry {
                true => hash.update(name, value, limits),
                false => hash.set(name, value, limits),
            };
            if is_past {
                hash.remove(name);
            } else if options.expire_at.is_some() {
                hash.set_expiry(name, options.expire_at);
            }
        }
        hash.is_empty()
    })?;
    ctx.notify(KeyEvent::HSET, key);
    if options.expire_at.is_some() {
        ctx.notify(if is_past { KeyEvent::HDEL } else { KeyEvent::HEXPIRE }, key);
    }
    if is_emptied {
        ctx.remove_emptied(key);
    }
    match options.expire_at {
        Some(at) if is_past => tell_expiries(ctx, key, at, None, &names),
        _ => ctx.changed(names.len()),
    }
    if let Some((at, place)) = options.expire_at.zip(options.relative_at).filter(|_| !is_past) {
        // The same command with an absolute time.
        let at = super::digits(at);
        let mut words: Vec<&[u8]> = args.iter().collect();
        if let Some([form, time]) = words.get_mut(place..).and_then(<[_]>::first_chunk_mut) {
            (*form, *time) = (b"PXAT", at.as_bytes());
        }
        ctx.propagate(&words);
    }
    Ok(())
}

/// The options of HSETEX, and what follows FIELDS and its number.
struct SetOptions<'a> {
    /// Whether all fields have to be there, or none.
    fields_exist: Option<bool>,
    keeps_expiry: bool,
    expire_at: Option<i64>,
    /// Where an expiry stands that is not in the form that travels.
    relative_at: Option<usize>,
    pairs: Args<'a>,
}

impl<'a> SetOptions<'a> {
    fn parse(args: Args<'a>, now: Now) -> Result<Self, CommandError> {
        let mut options = Self {
            fields_exist: None,
            keeps_expiry: false,
            expire_at: None,
            relative_at: None,
            pairs: args.from(args.len()),
        };
        let mut at = 2;
        while let Some(word) = args.maybe(at) {
            let form = TimeForm::named(word);
            if args.is(at, "FIELDS") {
                options.pairs = Self::pairs(args, at)?;
                return Ok(options);
            } else if args.is(at, "FNX") || args.is(at, "FXX") {
                if options.fields_exist.is_some() {
                    return Err(error::FNX_AND_FXX);
                }
                options.fields_exist = Some(args.is(at, "FXX"));
            } else if args.is(at, "KEEPTTL") || form.is_some() {
                if options.keeps_expiry || options.expire_at.is_some() {
                    return Err(error::TWO_FIELD_EXPIRIES);
                }
                options.keeps_expiry = form.is_none();
                if let Some(form) = form {
                    options.set_expiry(args, at, form, now)?;
                    at += 1;
                }
            } else {
                return Err(error::unknown_argument(word));
            }
            at += 1;
        }
        // Redis has no word for arguments without FIELDS.
        Err(error::FIELDS_MISSING)
    }

    fn set_expiry(
        &mut self,
        args: Args<'_>,
        at: usize,
        form: TimeForm,
        now: Now,
    ) -> Result<(), CommandError> {
        let time = args.maybe(at + 1).ok_or(error::MISSING_EXPIRE)?;
        self.expire_at = Some(instant(time, form, now, "hsetex")?);
        self.relative_at = Some(at).filter(|_| form != TimeForm::PXAT);
        Ok(())
    }

    fn pairs(args: Args<'a>, at: usize) -> Result<Args<'a>, CommandError> {
        let pairs = args.from(at + 2);
        if pairs.len() < 2 {
            return Err(error::wrong_arity("hsetex"));
        }
        let number =
            integer(args.at(at + 1)).ok().filter(|n| (1..=i64::from(i32::MAX)).contains(n));
        let number = number.ok_or(error::BAD_NUMBER_OF_FIELDS)?;
        let is_whole =
            pairs.len().is_multiple_of(2) && usize::try_from(number) == Ok(pairs.len() / 2);
        if is_whole { Ok(pairs) } else { Err(error::wrong_arity("hsetex")) }
    }
}

#[cfg(test)]
mod tests {
    use crate::command::testing::check;

    #[test]
    fn hgetdel_takes_what_it_reads() {
        check(
            r#"
            > HGETDEL h FIELDS 2 a b
            [nil, nil]
            > HSET h a 1 b 2 c 3
            3
            ~ HSET h a 1 b 2 c 3
            > HGETDEL h FIELDS 3 a nope a
            ["1", nil, nil]
            ~ HDEL h a nope a
            > HGETDEL h FIELDS 1 a
            [nil]
            > HGETDEL h FIELDS 2 b c
            ["2", "3"]
            ~ HDEL h b c
            > EXISTS h
            0
            > HGETDEL h FIELDS 0 f
            (error) ERR Number of fields must be a positive integer
            "#,
        );
    }

    #[test]
    fn hgetex_reads_and_sets_the_expiry() {
        check(
            r#"
            > HGETEX h EX 10 FIELDS 1 a
            [nil]
            > HSET h a 1 b 2 c 3
            3
            ~ HSET h a 1 b 2 c 3
            > HGETEX h FIELDS 2 a nope
            ["1", nil]
            > HGETEX h EX 10 FIELDS 3 a nope b
            ["1", nil, "2"]
            ~ HPEXPIREAT h 1010000 FIELDS 2 a b
            > HGETEX h pxat 1010001 FIELDS 1 a
            ["1"]
            ~ HPEXPIREAT h 1010001 FIELDS 1 a
            > HGETEX h PERSIST FIELDS 2 a c
            ["1", "3"]
            ~ HPERSIST h FIELDS 1 a
            > HGETEX h PERSIST FIELDS 1 a
            ["1"]
            > HPTTL h FIELDS 3 a b c
            [-1, 10000, -1]
            > HGETEX h PX 0 FIELDS 2 a a
            ["1", nil]
            ~ HDEL h a
            + 10000
            > HGETEX h FIELDS 1 b
            [nil]
            ~ HDEL h b
            > HGETEX h EXAT 0 FIELDS 1 c
            ["3"]
            ~ HDEL h c
            > EXISTS h
            0
            > HGETEX h EX x FIELDS 1 c
            (error) ERR value is not an integer or out of range
            > HGETEX h EX -1 FIELDS 1 c
            (error) ERR invalid expire time, must be >= 0
            > HGETEX h KEEPTTL FIELDS 1 c
            (error) ERR Mandatory argument FIELDS is missing or not at the right position
            "#,
        );
    }

    #[test]
    fn hsetex_sets_all_or_nothing() {
        check(
            r#"
            > HSETEX h FXX FIELDS 1 a 1
            0
            > HSETEX h FNX EX 10 FIELDS 2 a 1 b 2
            1
            ~ HSETEX h FNX PXAT 1010000 FIELDS 2 a 1 b 2
            > HSETEX h FNX FIELDS 2 b 3 c 3
            0
            > HSETEX h FXX FIELDS 2 b 3 c 3
            0
            > HSETEX h KEEPTTL FXX FIELDS 2 a 4 b 5
            1
            ~ HSETEX h KEEPTTL FXX FIELDS 2 a 4 b 5
            > HPTTL h FIELDS 2 a b
            [10000, 10000]
            > HSETEX h FIELDS 1 a 6
            1
            ~ HSETEX h FIELDS 1 a 6
            > HPTTL h FIELDS 2 a b
            [-1, 10000]
            > HSETEX h pxat 1020000 FIELDS 1 a 7
            1
            ~ HSETEX h pxat 1020000 FIELDS 1 a 7
            > HMGET h a b
            ["7", "5"]
            + 10000
            > HSETEX h FNX FIELDS 1 b 8
            1
            ~ MULTI
            ~ HDEL h b
            ~ HSETEX h FNX FIELDS 1 b 8
            ~ EXEC
            > HSETEX h EX 0 FIELDS 3 a 1 b 1 c 1
            1
            ~ HDEL h a b c
            > EXISTS h
            0
            "#,
        );
    }

    #[test]
    fn hsetex_refuses_what_redis_refuses() {
        let arity = "ERR wrong number of arguments for 'hsetex' command";
        for (line, expect) in [
            (
                "HSETEX h FNX FXX FIELDS 1 f v",
                "ERR Only one of FXX or FNX arguments can be specified",
            ),
            (
                "HSETEX h EX 1 PX 1 FIELDS 1 f v",
                "ERR Only one of EX, PX, EXAT, PXAT or KEEPTTL arguments can be specified",
            ),
            (
                "HSETEX h KEEPTTL EX 1 FIELDS 1 f v",
                "ERR Only one of EX, PX, EXAT, PXAT or KEEPTTL arguments can be specified",
            ),
            ("HSETEX h EX x FIELDS 1 f v", "ERR value is not an integer or out of range"),
            ("HSETEX h FNX KEEPTTL a b", "ERR unknown argument: a"),
            (
                "HSETEX h FNX KEEPTTL PX 1 EX",
                "ERR Only one of EX, PX, EXAT, PXAT or KEEPTTL arguments can be specified",
            ),
            ("HSETEX h FNX FNX FNX EX", "ERR Only one of FXX or FNX arguments can be specified"),
            ("HSETEX h PX 1 FNX FIELDS", arity),
            ("HSETEX h FIELDS 0 f v", "ERR invalid number of fields"),
            ("HSETEX h FIELDS 2 f v", arity),
            ("HSETEX h FIELDS 1 f v g", arity),
        ] {
            check(&format!("> {line}\n(error) {expect}"));
        }
    }
}
