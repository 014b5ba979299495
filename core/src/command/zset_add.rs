//! ZADD and ZINCRBY: members get scores.
//!
//! A member's score is set or added to only where the options allow it; a sum that is no number is
//! refused.

use super::Context;
use super::Outcome;
use super::spec::Arg;
use super::spec::Command;
use super::spec::Flags;
use super::spec::KeyFlags;
use super::spec::KeySpec;
use super::spec::Rule;
use super::spec::Run;
use super::zset::BASE;
use super::zset::reply_score;
use crate::data::Limits;
use crate::data::ZSet;
use crate::data::number;
use crate::error;
use crate::error::CommandError;
use crate::resp::Args;
use crate::store::KeyEvent;

pub const COMMANDS: &[Command] = &[
    Command {
        name: "zadd",
        since: "1.2.0",
        summary: "Adds members with their scores, or gives members they have new scores.",
        complexity: "O(log(N)) for each member of a set of N",
        arity: -4,
        flags: GROW_FAST,
        keys: &[KeySpec::at(1, KeyFlags::RW.with(KeyFlags::UPDATE))],
        args: &[
            Arg::key("key"),
            Arg::one_of("condition", &[Arg::word("nx", "NX"), Arg::word("xx", "XX")])
                .since("3.0.2")
                .optional(),
            Arg::one_of("comparison", &[Arg::word("gt", "GT"), Arg::word("lt", "LT")])
                .since("6.2.0")
                .optional(),
            Arg::word("change", "CH").since("3.0.2").optional(),
            Arg::word("increment", "INCR").since("3.0.2").optional(),
            Arg::block("score_member", &[Arg::double("score"), Arg::string("member")]).multiple(),
        ],
        history: &[
            ("2.4.0", "More than one member."),
            ("3.0.2", "`XX`, `NX`, `CH` and `INCR`."),
            ("6.2.0", "`GT` and `LT`."),
        ],
        propagation: Rule::Verbatim,
        run: Run::Data(zadd),
        ..BASE
    },
    Command {
        name: "zincrby",
        since: "1.2.0",
        summary: "Adds to the score of a member, which is added with that score if it is new.",
        complexity: "O(log(N)) for a set of N",
        arity: 4,
        flags: GROW_FAST,
        keys: &[KeySpec::at(1, KeyFlags::MODIFY)],
        args: &[Arg::key("key"), Arg::integer("increment"), Arg::string("member")],
        propagation: Rule::Verbatim,
        run: Run::Data(zincrby),
        ..BASE
    },
];

const GROW_FAST: Flags = Flags::WRITE.with(Flags::DENYOOM).with(Flags::FAST);

fn zadd(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let (options, pairs) = Options::parse(args)?;
    let pairs = parse_pairs(pairs)?;
    let outcome = add(ctx, args.at(1), options, &pairs)?;
    if options.is_increment {
        reply_score(&mut ctx.reply, outcome.score);
    } else {
        ctx.reply.count(outcome.added + if options.counts_changes { outcome.moved } else { 0 });
    }
    Ok(())
}

fn zincrby(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    // Redis reads it as ZADD: after an option there is no pair left.
    if Seen::default().take(args.at(2)) {
        return Err(error::SYNTAX);
    }
    let score = number::parse_f64(args.at(2)).ok_or(error::NOT_A_FLOAT)?;
    let options = Options { is_increment: true, ..Options::default() };
    let outcome = add(ctx, args.at(1), options, &[(score, args.at(3))])?;
    reply_score(&mut ctx.reply, outcome.score);
    Ok(())
}

/// What adding members came to.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Added {
    pub(super) added: usize,
    /// Members that were there and have another score now.
    pub(super) moved: usize,
    /// The score of the last member that was not passed over.
    score: Option<f64>,
}

/// Gives members their scores, and counts the changes.
///
/// # Errors
/// The key holds another type, or a score would become no number.
pub(super) fn add(
    ctx: &mut Context<'_>,
    key: &[u8],
    options: Options,
    pairs: &[(f64, &[u8])],
) -> Result<Added, CommandError> {
    let limits = ctx.limits;
    let outcome = if let Some(mut zset) = ctx.edit_as::<ZSet>(key)? {
        options.apply(&mut zset, pairs, limits)?
    } else if options.condition == Condition::IfPresent {
        Added::default()
    } else {
        let first = pairs.first().map_or(0, |(_, member)| member.len());
        let mut zset = ZSet::sized_for(pairs.len(), first, limits);
        let outcome = options.apply(&mut zset, pairs, limits)?;
        ctx.put(key, zset);
        outcome
    };
    if outcome.added + outcome.moved > 0 {
        ctx.notify(if options.is_increment { KeyEvent::ZINCR } else { KeyEvent::ZADD }, key);
    }
    ctx.changed(outcome.added + outcome.moved);
    Ok(outcome)
}

/// Which members a score is given to.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Options {
    pub(super) condition: Condition,
    pub(super) comparison: Comparison,
    pub(super) counts_changes: bool,
    pub(super) is_increment: bool,
}

/// Whether the member has to be there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Condition {
    #[default]
    Always,
    IfAbsent,
    IfPresent,
}

/// How the new score has to compare with that of a member that is there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Comparison {
    #[default]
    Any,
    Greater,
    Less,
}

impl Options {
    /// The options of ZADD, and the words after them.
    fn parse(args: Args<'_>) -> Result<(Self, Args<'_>), CommandError> {
        let mut seen = Seen::default();
        let words = args.from(2).iter().take_while(|word| seen.take(word)).count();
        let pairs = args.from(2 + words);
        if pairs.is_empty() || pairs.len() % 2 == 1 {
            return Err(error::SYNTAX);
        }
        let options = seen.options()?;
        if options.is_increment && pairs.len() > 2 {
            return Err(error::INCREMENTS_OF_MANY);
        }
        Ok((options, pairs))
    }

    fn apply(
        self,
        zset: &mut ZSet,
        pairs: &[(f64, &[u8])],
        limits: &Limits,
    ) -> Result<Added, CommandError> {
        let mut outcome = Added::default();
        for (score, member) in pairs {
            let change = zset
                .update(member, limits, |old| self.decide(old, *score))
                .map_err(|_| error::SCORE_NOT_A_NUMBER)?;
            match (change.old, change.new) {
                (None, Some(_)) => outcome.added += 1,
                (Some(old), Some(new)) if old != new => outcome.moved += 1,
                _ => {}
            }
            outcome.score = change.new.or(outcome.score);
        }
        Ok(outcome)
    }

    /// The score that a member gets; none if it is passed over.
    fn decide(self, old: Option<f64>, score: f64) -> Option<f64> {
        let Some(old) = old else {
            return (self.condition != Condition::IfPresent).then_some(score);
        };
        let score = if self.is_increment { old + score } else { score };
        let compares = match self.comparison {
            Comparison::Any => true,
            // A sum that is no number is neither, and refused later.
            Comparison::Greater => score > old || score.is_nan(),
            Comparison::Less => score < old || score.is_nan(),
        };
        (self.condition != Condition::IfAbsent && compares).then_some(score)
    }
}

/// The words of ZADD's options that stand there.
#[derive(Clone, Copy, Default)]
struct Seen {
    nx: bool,
    xx: bool,
    gt: bool,
    lt: bool,
    ch: bool,
    incr: bool,
}

impl Seen {
    /// Notes the word, if it is one.
    fn take(&mut self, word: &[u8]) -> bool {
        let seen = match word.to_ascii_uppercase().as_slice() {
            b"NX" => &mut self.nx,
            b"XX" => &mut self.xx,
            b"GT" => &mut self.gt,
            b"LT" => &mut self.lt,
            b"CH" => &mut self.ch,
            b"INCR" => &mut self.incr,
            _ => return false,
        };
        *seen = true;
        true
    }

    fn options(self) -> Result<Options, CommandError> {
        if self.nx && self.xx {
            return Err(error::XX_WITH_NX);
        }
        if (self.nx && (self.gt || self.lt)) || (self.gt && self.lt) {
            return Err(error::GT_LT_NX);
        }
        let condition = match (self.nx, self.xx) {
            (true, _) => Condition::IfAbsent,
            (_, true) => Condition::IfPresent,
            _ => Condition::Always,
        };
        let comparison = match (self.gt, self.lt) {
            (true, _) => Comparison::Greater,
            (_, true) => Comparison::Less,
            _ => Comparison::Any,
        };
        Ok(Options { condition, comparison, counts_changes: self.ch, is_increment: self.incr })
    }
}

fn parse_pairs(words: Args<'_>) -> Result<Vec<(f64, &[u8])>, CommandError> {
    let pairs = (0..words.len()).step_by(2).map(|at| {
        let score = number::parse_f64(words.at(at)).ok_or(error::NOT_A_FLOAT)?;
        Ok((score, words.at(at + 1)))
    });
    pairs.collect()
}

#[cfg(test)]
mod tests {
    use super::super::testing::check;

    #[test]
    fn adds_as_the_options_say() {
        check(
            r#"
            > ZADD z XX 1 a
            0
            > EXISTS z
            0
            > ZADD z 1 a 2 b 1 a
            2
            ~ ZADD z 1 a 2 b 1 a
            > ZADD z 1 a
            0
            > ZADD z 3 a
            0
            ~ ZADD z 3 a
            > ZADD z NX CH 9 a 4 c
            1
            ~ ZADD z NX CH 9 a 4 c
            > zadd z xx ch 5 a 6 d
            1
            ~ zadd z xx ch 5 a 6 d
            > ZADD z GT CH 4 a 6 b 7 e
            2
            ~ ZADD z GT CH 4 a 6 b 7 e
            > ZADD z LT CH 6 a 5 b
            1
            ~ ZADD z LT CH 6 a 5 b
            > ZADD z GT XX 1 a
            0
            > ZRANGE z 0 -1 WITHSCORES
            ["c", "4", "a", "5", "b", "5", "e", "7"]
            "#,
        );
    }

    #[test]
    fn increments() {
        check(
            r#"
            > ZADD z INCR 1.5 a
            "1.5"
            ~ ZADD z INCR 1.5 a
            > ZADD z INCR 0 a
            "1.5"
            > ZADD z NX INCR 1 a
            nil
            > ZADD z XX INCR 1 b
            nil
            > ZADD z LT INCR 1 a
            nil
            > ZADD z GT INCR 1 a
            "2.5"
            ~ ZADD z GT INCR 1 a
            > ZINCRBY z -1e300 a
            "-1e+300"
            ~ ZINCRBY z -1e300 a
            > ZINCRBY z inf a
            "inf"
            ~ ZINCRBY z inf a
            > ZINCRBY z -inf a
            (error) ERR resulting score is not a number (NaN)
            > ZINCRBY new 0x10 a
            "16"
            ~ ZINCRBY new 0x10 a
            > ZADD none XX INCR 1 a
            nil
            "#,
        );
    }

    #[test]
    fn refuses_what_redis_refuses() {
        let gt_lt = "ERR GT, LT, and/or NX options at the same time are not compatible";
        for (line, expect) in [
            ("ZADD z NX XX 1 a", "ERR XX and NX options at the same time are not compatible"),
            ("ZADD z NX GT 1 a", gt_lt),
            ("ZADD z LT NX 1 a", gt_lt),
            ("ZADD z LT GT 1 a", gt_lt),
            ("ZADD z INCR 1 a 2 b", "ERR INCR option supports a single increment-element pair"),
            ("ZADD z 1 a 2", "ERR syntax error"),
            ("ZADD z NX 1", "ERR syntax error"),
            ("ZADD z NX XX", "ERR syntax error"),
            ("ZADD z x a", "ERR value is not a valid float"),
            ("ZADD z nan a", "ERR value is not a valid float"),
            ("ZADD z 1 a 1e999 b", "ERR value is not a valid float"),
            ("ZINCRBY z nan a", "ERR value is not a valid float"),
        ] {
            check(&format!("> {line}\n(error) {expect}\n> EXISTS z\n0"));
        }
    }

    #[test]
    fn encodings_follow_the_settings() {
        let long = "x".repeat(65);
        let many: Vec<String> = (0..129).map(|member| format!("{member} {member}")).collect();
        let (most, many) = (many[..128].join(" "), many.join(" "));
        for (line, expect) in [
            ("ZADD z 1 a".to_owned(), "listpack"),
            (format!("ZADD z 1 a 1 {long}"), "skiplist"),
            (format!("ZADD z {most}"), "listpack"),
            (format!("ZADD z {many}"), "skiplist"),
        ] {
            let mut bench = super::super::testing::Bench::new();
            bench.run(&line);
            bench.check(&format!("> OBJECT ENCODING z\n\"{expect}\"\n> TYPE z\nzset"));
        }
    }
}
