//! Places on the globe: sorted sets whose scores are geohashes.

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
use super::zset_add;
use super::zset_add::Condition;
use crate::data::ZSet;
use crate::data::geo::Point;
use crate::data::number;
use crate::error;
use crate::error::CommandError;
use crate::resp::Args;
use crate::resp::Protocol;
use crate::resp::Reply;

pub const COMMANDS: &[Command] = &[
    Command {
        name: "geoadd",
        since: "3.2.0",
        summary: "Adds members with their places on the globe, or moves them there.",
        complexity: "O(log(N)) for each member of a set of N",
        arity: -5,
        flags: Flags::WRITE.with(Flags::DENYOOM),
        keys: &[KeySpec::at(1, KeyFlags::RW.with(KeyFlags::UPDATE))],
        args: &[
            Arg::key("key"),
            Arg::one_of("condition", &[Arg::word("nx", "NX"), Arg::word("xx", "XX")])
                .since("6.2.0")
                .optional(),
            Arg::word("change", "CH").since("6.2.0").optional(),
            Arg::block(
                "longitude_latitude_member",
                &[Arg::double("longitude"), Arg::double("latitude"), Arg::string("member")],
            )
            .multiple(),
        ],
        history: &[("6.2.0", "`CH`, `NX` and `XX`.")],
        propagation: Rule::Verbatim,
        run: Run::Data(geoadd),
        ..BASE
    },
    Command {
        name: "geopos",
        since: "3.2.0",
        summary: "Tells where members are.",
        complexity: "O(N) for N members asked about",
        arity: -2,
        flags: Flags::READONLY,
        keys: &[KeySpec::at(1, KeyFlags::READ)],
        args: &[Arg::key("key"), Arg::string("member").optional().multiple()],
        run: Run::Data(geopos),
        ..BASE
    },
    Command {
        name: "geodist",
        since: "3.2.0",
        summary: "Tells how far two members are apart.",
        arity: -4,
        flags: Flags::READONLY,
        keys: &[KeySpec::at(1, KeyFlags::READ)],
        args: &[Arg::key("key"), Arg::string("member1"), Arg::string("member2"), UNIT.optional()],
        run: Run::Data(geodist),
        ..BASE
    },
    Command {
        name: "geohash",
        since: "3.2.0",
        summary: "Tells where members are, as geohash strings.",
        complexity: "O(N) for N members asked about",
        arity: -2,
        flags: Flags::READONLY,
        keys: &[KeySpec::at(1, KeyFlags::READ)],
        args: &[Arg::key("key"), Arg::string("member").optional().multiple()],
        run: Run::Data(geohash),
        ..BASE
    },
];

/// What the entries of all commands on places have in common.
pub(super) const BASE: Command =
    Command { group: Group::Geo, categories: Categories::GEO, ..Command::BASE };

/// A unit of length.
pub(super) const UNIT: Arg = Arg::one_of(
    "unit",
    &[Arg::word("m", "M"), Arg::word("km", "KM"), Arg::word("ft", "FT"), Arg::word("mi", "MI")],
);

/// GEOADD travels as the ZADD that it is.
fn geoadd(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let is_option =
        |word: &&[u8]| ["NX", "XX", "CH"].iter().any(|it| word.eq_ignore_ascii_case(it.as_bytes()));
    let words = args.from(2).iter().take_while(is_option).count();
    let (given, places) = (args.from(2).iter().take(words), args.from(2 + words));
    let has = |name: &str| given.clone().any(|word| word.eq_ignore_ascii_case(name.as_bytes()));
    let condition = match (has("NX"), has("XX")) {
        (true, true) => return Err(error::SYNTAX),
        (true, false) => Condition::IfAbsent,
        (false, true) => Condition::IfPresent,
        (false, false) => Condition::Always,
    };
    if places.is_empty() || places.len() % 3 != 0 {
        return Err(error::SYNTAX);
    }
    let options = zset_add::Options { condition, counts_changes: has("CH"), ..Default::default() };
    let pairs = scores(places)?;
    let added = zset_add::add(ctx, args.at(1), options, &pairs)?;
    ctx.reply.count(added.added + if options.counts_changes { added.moved } else { 0 });
    if added.added + added.moved > 0 {
        propagate(ctx, args, words, &pairs);
    }
    Ok(())
}

/// Each member with the score of its place.
fn scores(places: Args<'_>) -> Result<Vec<(f64, &[u8])>, CommandError> {
    let pairs = (0..places.len()).step_by(3).map(|at| {
        let point = point(places.at(at), places.at(at + 1))?;
        Ok((point.score() as f64, places.at(at + 2)))
    });
    pairs.collect()
}

/// Sends it on as ZADD, with the options as they were typed: the first words of `args`.
fn propagate(ctx: &mut Context<'_>, args: Args<'_>, options: usize, pairs: &[(f64, &[u8])]) {
    let scores: Vec<String> =
        pairs.iter().map(|(score, _)| number::format_double(*score)).collect();
    let mut words: Vec<&[u8]> = vec![b"zadd"];
    words.extend(args.from(1).iter().take(1 + options));
    for (score, (_, member)) in scores.iter().zip(pairs) {
        words.extend([score.as_bytes(), *member]);
    }
    ctx.propagate(&words);
}

fn geopos(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let members = args.from(2);
    let (zset, reply) = ctx.read_as_for_reply::<ZSet>(args.at(1))?;
    reply.array(members.len());
    for member in members.iter() {
        match zset.and_then(|zset| zset.score(member)) {
            Some(score) => reply_point(reply, Point::from_score(score)),
            None => reply.null_array(),
        }
    }
    Ok(())
}

fn geohash(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let members = args.from(2);
    let (zset, reply) = ctx.read_as_for_reply::<ZSet>(args.at(1))?;
    reply.array(members.len());
    for member in members.iter() {
        match zset.and_then(|zset| zset.score(member)) {
            Some(score) => reply.bulk(&Point::from_score(score).geohash()),
            None => reply.null(),
        }
    }
    Ok(())
}

fn geodist(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let unit_m = match args.len() {
        4 => 1.0,
        5 => unit(args.at(4))?,
        _ => return Err(error::SYNTAX),
    };
    let (zset, reply) = ctx.read_as_for_reply::<ZSet>(args.at(1))?;
    let place = |member| Some(Point::from_score(zset?.score(member)?));
    match place(args.at(2)).zip(place(args.at(3))) {
        Some((from, to)) => reply_distance(reply, from.distance(to) / unit_m),
        None => reply.null(),
    }
    Ok(())
}

/// A place given by its longitude and latitude.
///
/// # Errors
/// They are no numbers, or there are no scores there.
pub(super) fn point(longitude: &[u8], latitude: &[u8]) -> Result<Point, CommandError> {
    let degrees = |word| number::parse_f64(word).ok_or(error::NOT_A_FLOAT);
    let (longitude, latitude) = (degrees(longitude)?, degrees(latitude)?);
    Point::new(longitude, latitude).ok_or_else(|| error::invalid_point(longitude, latitude))
}

/// Metres in a unit of length.
///
/// # Errors
/// There is no such unit.
pub(super) fn unit(name: &[u8]) -> Result<f64, CommandError> {
    match name.to_ascii_lowercase().as_slice() {
        b"m" => Ok(1.0),
        b"km" => Ok(1000.0),
        b"ft" => Ok(0.3048),
        b"mi" => Ok(1609.34),
        _ => Err(error::UNSUPPORTED_UNIT),
    }
}

/// A distance, with four digits after the point.
pub(super) fn reply_distance(reply: &mut Reply<'_>, distance: f64) {
    let scaled = (distance * 10_000.0).round_ties_even();
    // What is beyond counting is infinite.
    let (whole, rest) = (scaled as u64 / 10_000, scaled as u64 % 10_000);
    reply.bulk(format!("{whole}.{rest:04}").as_bytes());
}

/// Longitude and latitude, with up to 17 digits after the point.
pub(super) fn reply_point(reply: &mut Reply<'_>, point: Point) {
    reply.array(2);
    for degrees in [point.longitude, point.latitude] {
        let text = format!("{degrees:.17}");
        let text = text.trim_end_matches('0').trim_end_matches('.');
        match reply.protocol() {
            Protocol::Resp2 => reply.bulk(text.as_bytes()),
            Protocol::Resp3 => reply.raw(format!(",{text}\r\n").as_bytes()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::Bench;
    use super::super::testing::check;
    use crate::resp::Protocol;

    const ADD: &str = "GEOADD g 13.361389 38.115556 Palermo 15.087269 37.502669 Catania";

    #[test]
    fn places_are_scores() {
        check(
            r#"
            > GEOADD g 13.361389 38.115556 Palermo 15.087269 37.502669 Catania
            2
            ~ zadd g 3479099956230698 Palermo 3479447370796909 Catania
            > GEOADD g NX CH 1 1 Palermo
            0
            > GEOADD g xx ch 0 0 Palermo 1 1 nobody
            1
            ~ zadd g xx ch 3377699720527872 Palermo 3377822707026402 nobody
            > GEOADD g CH 13.361389 38.115556 Palermo
            1
            ~ zadd g CH 3479099956230698 Palermo
            > GEODIST g Palermo Catania
            "166274.1516"
            > GEODIST g Palermo Catania KM
            "166.2742"
            > GEODIST g Palermo Palermo mi
            "0.0000"
            > GEODIST g Palermo nobody
            nil
            > GEODIST none a b
            nil
            > GEOHASH g Palermo nobody Catania
            ["sqc8b49rny0", nil, "sqdtr74hyu0"]
            > GEOPOS g Palermo nobody
            [["13.36138933897018433", "38.11555639549629859"], nil]
            > GEOPOS none a
            [nil]
            > GEOHASH g
            []
            "#,
        );
    }

    #[test]
    fn resp3_has_doubles() {
        let mut bench = Bench::new();
        bench.run(ADD);
        bench.protocol = Protocol::Resp3;
        bench.check(
            r#"
            > GEOPOS g Palermo nobody
            [[13.36138933897018433, 38.11555639549629859], nil]
            > GEODIST g Palermo Catania
            "166274.1516"
            "#,
        );
    }

    #[test]
    fn refuses_what_redis_refuses() {
        let unit = "ERR unsupported unit provided. please use M, KM, FT, MI";
        for (line, expect) in [
            ("GEOADD g 1 2 a 3", "ERR syntax error"),
            ("GEOADD g NX XX 1 2 a", "ERR syntax error"),
            ("GEOADD g NX CH CH", "ERR syntax error"),
            ("GEOADD g x 2 a", "ERR value is not a valid float"),
            ("GEOADD g 200 10 a", "ERR invalid longitude,latitude pair 200.000000,10.000000"),
            ("GEOADD g inf 1 a", "ERR invalid longitude,latitude pair inf,1.000000"),
            ("GEODIST g a b x", unit),
            ("GEODIST g a b m m", "ERR syntax error"),
        ] {
            check(&format!("> {line}\n(error) {expect}"));
        }
    }
}
