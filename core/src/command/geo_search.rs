//! Searches for places: GEOSEARCH, and GEORADIUS, which it replaced.
//!
//! The order of what is found is that of the search, cell by cell, unless it is sorted; with a limit
//! that is not just any it is sorted by distance.

use super::Context;
use super::Outcome;
use super::geo::BASE;
use super::geo::UNIT;
use super::geo::reply_distance;
use super::geo::reply_point;
use super::geo_options::Kind;
use super::geo_options::Options;
use super::geo_options::Order;
use super::geo_options::Search;
use super::spec::Arg;
use super::spec::BeginSearch;
use super::spec::Command;
use super::spec::FindKeys;
use super::spec::Flags;
use super::spec::KeyFlags;
use super::spec::KeyPlace;
use super::spec::KeySpec;
use super::spec::Rule;
use super::spec::Run;
use super::zset_range::store;
use crate::data::ZSet;
use crate::data::geo::Point;
use crate::data::geo::Shape;
use crate::data::order;
use crate::resp::Args;
use crate::resp::Reply;
use crate::store::KeyEvent;

pub const COMMANDS: &[Command] = &[
    Command {
        name: "georadius",
        since: "3.2.0",
        summary: "Finds or stores the members around a point.",
        complexity: "O(N+M*log(M)) for N members in the boxes searched and M found",
        arity: -6,
        flags: Flags::WRITE.with(Flags::DENYOOM),
        keys: &[KeySpec::at(1, KeyFlags::READ), store_key("STORE", 6), store_key("STOREDIST", 6)],
        find_keys: Some(find_keys),
        args: &[
            Arg::key("key"),
            Arg::double("longitude"),
            Arg::double("latitude"),
            Arg::double("radius"),
            UNIT,
            WITH_COORD,
            WITH_DIST,
            WITH_HASH,
            COUNT_SINCE,
            ORDER,
            Arg::key("key").of_spec(1).token("STORE").optional(),
            Arg::key("key").of_spec(2).token("STOREDIST").optional(),
        ],
        history: &[("6.2.0", "`ANY` after `COUNT`."), ("7.0.0", "Units in upper case.")],
        deprecated: Some((
            "6.2.0",
            "`GEOSEARCH` and `GEOSEARCHSTORE` with the `BYRADIUS` argument",
        )),
        propagation: Rule::Verbatim,
        run: Run::Data(georadius),
        ..BASE
    },
    Command {
        name: "georadius_ro",
        since: "3.2.10",
        summary: "Finds the members around a point.",
        complexity: "O(N+M*log(M)) for N members in the boxes searched and M found",
        arity: -6,
        flags: Flags::READONLY,
        keys: &[KeySpec::at(1, KeyFlags::READ)],
        args: &[
            Arg::key("key"),
            Arg::double("longitude"),
            Arg::double("latitude"),
            Arg::double("radius"),
            UNIT,
            WITH_COORD,
            WITH_DIST,
            WITH_HASH,
            COUNT_SINCE,
            ORDER,
        ],
        history: &[("6.2.0", "`ANY` after `COUNT`.")],
        deprecated: Some(("6.2.0", "`GEOSEARCH` with the `BYRADIUS` argument")),
        run: Run::Data(georadius_ro),
        ..BASE
    },
    Command {
        name: "georadiusbymember",
        since: "3.2.0",
        summary: "Finds or stores the members around a member.",
        complexity: "O(N+M*log(M)) for N members in the boxes searched and M found",
        arity: -5,
        flags: Flags::WRITE.with(Flags::DENYOOM),
        keys: &[KeySpec::at(1, KeyFlags::READ), store_key("STORE", 5), store_key("STOREDIST", 5)],
        find_keys: Some(find_keys),
        args: &[
            Arg::key("key"),
            Arg::string("member"),
            Arg::double("radius"),
            UNIT,
            WITH_COORD,
            WITH_DIST,
            WITH_HASH,
            COUNT,
            ORDER,
            Arg::key("key").of_spec(1).token("STORE").optional(),
            Arg::key("key").of_spec(2).token("STOREDIST").optional(),
        ],
        history: &[("7.0.0", "Units in upper case.")],
        deprecated: Some((
            "6.2.0",
            "`GEOSEARCH` and `GEOSEARCHSTORE` with the `BYRADIUS` and `FROMMEMBER` arguments",
        )),
        propagation: Rule::Verbatim,
        run: Run::Data(georadiusbymember),
        ..BASE
    },
    Command {
        name: "georadiusbymember_ro",
        since: "3.2.10",
        summary: "Finds the members around a member.",
        complexity: "O(N+M*log(M)) for N members in the boxes searched and M found",
        arity: -5,
        flags: Flags::READONLY,
        keys: &[KeySpec::at(1, KeyFlags::READ)],
        args: &[
            Arg::key("key"),
            Arg::string("member"),
            Arg::double("radius"),
            UNIT,
            WITH_COORD,
            WITH_DIST,
            WITH_HASH,
            COUNT,
            ORDER,
        ],
        deprecated: Some(("6.2.0", "`GEOSEARCH` with the `BYRADIUS` and `FROMMEMBER` arguments")),
        run: Run::Data(georadiusbymember_ro),
        ..BASE
    },
    Command {
        name: "geosearch",
        since: "6.2.0",
        summary: "Finds the members in a circle or a box.",
        complexity: "O(N+M*log(M)) for N members in the boxes searched and M found",
        arity: -7,
        flags: Flags::READONLY,
        keys: &[KeySpec::at(1, KeyFlags::READ)],
        args: &[Arg::key("key"), FROM, BY, ORDER, COUNT, WITH_COORD, WITH_DIST, WITH_HASH],
        history: &[("7.0.0", "Units in upper case.")],
        run: Run::Data(geosearch),
        ..BASE
    },
    Command {
        name: "geosearchstore",
        since: "6.2.0",
        summary: "Stores the members in a circle or a box under another key.",
        complexity: "O(N+M*log(M)) for N members in the boxes searched and M found",
        arity: -8,
        flags: Flags::WRITE.with(Flags::DENYOOM),
        keys: &[KeySpec::at(1, KeyFlags::OVERWRITE), KeySpec::at(2, KeyFlags::READ)],
        args: &[
            Arg::key("destination"),
            Arg::key("source").of_spec(1),
            FROM,
            BY,
            ORDER,
            COUNT,
            Arg::word("storedist", "STOREDIST").optional(),
        ],
        history: &[("7.0.0", "Units in upper case.")],
        propagation: Rule::Verbatim,
        run: Run::Data(geosearchstore),
        ..BASE
    },
];

const WITH_COORD: Arg = Arg::word("withcoord", "WITHCOORD").optional();
const WITH_DIST: Arg = Arg::word("withdist", "WITHDIST").optional();
const WITH_HASH: Arg = Arg::word("withhash", "WITHHASH").optional();
const COUNT: Arg = Arg::block(
    "count",
    &[Arg::integer("count").token("COUNT"), Arg::word("any", "ANY").optional()],
)
.optional();
const COUNT_SINCE: Arg = Arg::block(
    "count",
    &[Arg::integer("count").token("COUNT"), Arg::word("any", "ANY").since("6.2.0").optional()],
)
.optional();
const ORDER: Arg =
    Arg::one_of("order", &[Arg::word("asc", "ASC"), Arg::word("desc", "DESC")]).optional();
const LONGITUDE_LATITUDE: &[Arg] = &[Arg::double("longitude"), Arg::double("latitude")];
const FROM: Arg = Arg::one_of(
    "from",
    &[
        Arg::string("member").token("FROMMEMBER"),
        Arg::block("longitude_latitude", LONGITUDE_LATITUDE).token("FROMLONLAT"),
    ],
);
const BY: Arg = Arg::one_of(
    "by",
    &[
        Arg::block("circle", &[Arg::double("radius").token("BYRADIUS"), UNIT]),
        Arg::block("box", &[Arg::double("width").token("BYBOX"), Arg::double("height"), UNIT]),
    ],
);

/// The key after a word.
const fn store_key(word: &'static str, from: i16) -> KeySpec {
    let find = FindKeys::Range { last: 0, step: 1, limit: 0 };
    let begin = BeginSearch::Keyword(word, from);
    KeySpec { flags: KeyFlags::OVERWRITE, begin, find, notes: None }
}

/// The specs say where the keys are only when both words are there, which is rare. Of several the last counts.
fn find_keys(args: Args<'_>, places: &mut Vec<KeyPlace>) {
    places.push(KeyPlace { word: 1, flags: KeyFlags::READ });
    let (mut at, mut stored) = (5, None);
    while at + 1 < args.len() {
        if args.is(at, "store") || args.is(at, "storedist") {
            at += 1;
            stored = Some(at);
        }
        at += 1;
    }
    places.extend(stored.map(|word| KeyPlace { word, flags: KeyFlags::OVERWRITE }));
}

fn georadius(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    search(ctx, args, Kind::Radius { stores: true })
}

fn georadius_ro(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    search(ctx, args, Kind::Radius { stores: false })
}

fn georadiusbymember(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    search(ctx, args, Kind::RadiusByMember { stores: true })
}

fn georadiusbymember_ro(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    search(ctx, args, Kind::RadiusByMember { stores: false })
}

fn geosearch(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    search(ctx, args, Kind::Search)
}

fn geosearchstore(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    search(ctx, args, Kind::SearchStore)
}

fn search(ctx: &mut Context<'_>, args: Args<'_>, kind: Kind) -> Outcome {
    let source = args.at(kind.source());
    let zset = ctx.read_as::<ZSet>(source)?;
    let Search { shape, options } = Search::parse(args, kind, zset)?;
    let found = match (zset, shape) {
        (Some(zset), Some(shape)) => find(zset, &shape, &options),
        _ => Vec::new(),
    };
    if let Some(target) = options.store {
        let event = match kind {
            Kind::Search | Kind::SearchStore => KeyEvent::GEOSEARCHSTORE,
            Kind::Radius { .. } | Kind::RadiusByMember { .. } => KeyEvent::GEORADIUSSTORE,
        };
        store_found(ctx, event, target, &found, &options);
    } else {
        reply_found(&mut ctx.reply, &found, &options);
    }
    Ok(())
}

/// A member found.
struct Found {
    member: Vec<u8>,
    score: f64,
    /// In the unit of the search.
    distance: f64,
}

fn find(zset: &ZSet, shape: &Shape, options: &Options<'_>) -> Vec<Found> {
    let most = options.count.unwrap_or(usize::MAX);
    let enough = if options.is_any { most } else { usize::MAX };
    let members = shape.ranges().flat_map(|range| zset.range(zset.score_ranks(&range)));
    let found = members.filter_map(|(member, score)| {
        let distance = shape.distance_inside(Point::from_score(score))?;
        Some((member, score, distance))
    });
    let mut found: Vec<_> = found.take(enough).collect();
    match options.order {
        Order::Found => {}
        Order::Ascending => order::sort_by(&mut found, |a, b| a.2.total_cmp(&b.2)),
        Order::Descending => order::sort_by(&mut found, |a, b| b.2.total_cmp(&a.2)),
    }
    let found = found.into_iter().take(most).map(|(member, score, distance)| Found {
        member: member.to_vec(),
        score,
        distance: distance / shape.unit_m,
    });
    found.collect()
}

fn reply_found(reply: &mut Reply<'_>, found: &[Found], options: &Options<'_>) {
    let more = [options.with_distance, options.with_hash, options.with_point];
    let more = more.into_iter().filter(|is_shown| *is_shown).count();
    reply.array(found.len());
    for Found { member, score, distance } in found {
        if more > 0 {
            reply.array(1 + more);
        }
        reply.bulk(member);
        if options.with_distance {
            reply_distance(reply, *distance);
        }
        if options.with_hash {
            reply.integer(*score as i64);
        }
        if options.with_point {
            reply_point(reply, Point::from_score(*score));
        }
    }
}

fn store_found(
    ctx: &mut Context<'_>,
    event: KeyEvent,
    target: &[u8],
    found: &[Found],
    options: &Options<'_>,
) {
    let mut zset = ZSet::new();
    for Found { member, score, distance } in found {
        let score = if options.stores_distance { *distance } else { *score };
        zset.insert(member, score, ctx.limits);
    }
    // Redis counts every member stored as a change.
    ctx.changed(zset.len().saturating_sub(1));
    store(ctx, event, target, zset);
}

#[cfg(test)]
mod tests {
    use super::super::testing::Bench;
    use super::super::testing::check;

    const ADD: &str = "GEOADD g 13.361389 38.115556 Palermo 15.087269 37.502669 Catania \
                       13.583333 37.316667 Agrigento";

    #[test]
    fn finds_what_is_inside() {
        let mut bench = Bench::new();
        bench.run(ADD);
        for (line, expect) in [
            (
                "GEOSEARCH g FROMLONLAT 15 37 BYRADIUS 200 km ASC",
                r#"["Catania", "Agrigento", "Palermo"]"#,
            ),
            ("GEOSEARCH g FROMLONLAT 15 37 BYRADIUS 200 km DESC COUNT 1", r#"["Palermo"]"#),
            (
                "GEOSEARCH g FROMLONLAT 15 37 BYBOX 400 400 km ASC WITHDIST COUNT 2",
                r#"[["Catania", "56.4413"], ["Agrigento", "130.4235"]]"#,
            ),
            ("GEOSEARCH g FROMMEMBER Palermo BYRADIUS 0 m", r#"["Palermo"]"#),
            (
                "GEORADIUS g 15 37 100 km WITHDIST WITHHASH WITHCOORD",
                r#"[["Catania", "56.4413", 3479447370796909, ["15.08726745843887329", "37.50266842333162032"]]]"#,
            ),
            ("GEORADIUS_RO g 15 37 100 km", r#"["Catania"]"#),
            ("GEORADIUSBYMEMBER g Agrigento 100 km ASC", r#"["Agrigento", "Palermo"]"#),
            ("GEORADIUSBYMEMBER_RO g Agrigento 1 mi", r#"["Agrigento"]"#),
            ("GEOSEARCH none FROMMEMBER x BYRADIUS 1 km", "[]"),
            ("GEORADIUSBYMEMBER none x nonsense nonsense", "[]"),
        ] {
            bench.check(&format!("> {line}\n{expect}"));
        }
    }

    #[test]
    fn what_is_found_can_be_stored() {
        let mut bench = Bench::new();
        bench.run(ADD);
        bench.check(
            r#"
            > GEOSEARCHSTORE d g FROMLONLAT 15 37 BYRADIUS 150 km
            2
            ~ GEOSEARCHSTORE d g FROMLONLAT 15 37 BYRADIUS 150 km
            > GEODIST d Catania Agrigento km
            "134.4697"
            > GEORADIUS g 15 37 100 km STOREDIST d
            1
            ~ GEORADIUS g 15 37 100 km STOREDIST d
            > ZRANGE d 0 -1
            ["Catania"]
            > GEORADIUS g 0 0 1 km STORE d
            0
            ~ GEORADIUS g 0 0 1 km STORE d
            > EXISTS d
            0
            > GEOSEARCHSTORE d none FROMLONLAT 15 37 BYRADIUS 150 km STOREDIST
            0
            "#,
        );
    }

    #[test]
    fn refuses_what_redis_refuses() {
        let unit = "ERR unsupported unit provided. please use M, KM, FT, MI";
        let store = "ERR STORE option in GEORADIUS is not compatible with WITHDIST, WITHHASH and \
                     WITHCOORD options";
        let search_store = "ERR GEOSEARCHSTORE is not compatible with WITHDIST, WITHHASH and \
                            WITHCOORD options";
        for (line, expect) in [
            ("GEORADIUS g x 1 1 km", "ERR value is not a valid float"),
            ("GEORADIUS g 1 100 1 km", "ERR invalid longitude,latitude pair 1.000000,100.000000"),
            ("GEORADIUS g 1 1 x km", "ERR need numeric radius"),
            ("GEORADIUS g 1 1 -1 km", "ERR radius cannot be negative"),
            ("GEORADIUS g 1 1 1 x", unit),
            ("GEORADIUS g 1 1 1 km COUNT 0", "ERR COUNT must be > 0"),
            ("GEORADIUS g 1 1 1 km COUNT x", "ERR value is not an integer or out of range"),
            ("GEORADIUS g 1 1 1 km ANY", "ERR the ANY argument requires COUNT argument"),
            ("GEORADIUS g 1 1 1 km STORE", "ERR syntax error"),
            ("GEORADIUS g 1 1 1 km STORE d WITHDIST", store),
            ("GEORADIUS_RO g 1 1 1 km STORE d", "ERR syntax error"),
            ("GEORADIUS none 1 1 1 km FOO", "ERR syntax error"),
            ("GEORADIUSBYMEMBER g nobody 1 km", "ERR could not decode requested zset member"),
            (
                "GEOSEARCH g FROMMEMBER nobody BYRADIUS 1 km",
                "ERR could not decode requested zset member",
            ),
            ("GEOSEARCH g FROMMEMBER Palermo FROMLONLAT 1 2 BYRADIUS 1 km", "ERR syntax error"),
            ("GEOSEARCH g FROMMEMBER Palermo BYRADIUS 1 km BYBOX 1 1 km", "ERR syntax error"),
            (
                "geosearch g FROMMEMBER Palermo ASC WITHDIST WITHCOORD",
                "ERR exactly one of BYRADIUS and BYBOX can be specified for geosearch",
            ),
            (
                "GEOSEARCH g BYRADIUS 1 km ASC WITHDIST",
                "ERR exactly one of FROMMEMBER or FROMLONLAT can be specified for GEOSEARCH",
            ),
            ("GEOSEARCH g FROMMEMBER Palermo BYBOX x 1 km", "ERR need numeric width"),
            ("GEOSEARCH g FROMMEMBER Palermo BYBOX 1 x km", "ERR need numeric height"),
            (
                "GEOSEARCH g FROMMEMBER Palermo BYBOX 1 -1 km",
                "ERR height or width cannot be negative",
            ),
            ("GEOSEARCH g FROMLONLAT 1 1 BYRADIUS 1 km STOREDIST", "ERR syntax error"),
            ("GEOSEARCHSTORE d g FROMLONLAT 1 1 BYRADIUS 1 km WITHDIST", search_store),
        ] {
            let mut bench = Bench::new();
            bench.run(ADD);
            bench.check(&format!("> {line}\n(error) {expect}"));
        }
        check(
            "> SET s 1\nOK\n~ SET s 1\n> GEORADIUS s x 1 1 km\n(error) WRONGTYPE Operation against a key holding the wrong kind of value",
        );
    }
}
