//! Places: longitudes and latitudes kept as the scores of a sorted set.

use super::spec::Group;
use super::spec::Pattern;
use super::spec::Peer;
use super::spec::Stage;
use super::spec::Step;
use super::spec::Text;

pub const STAGES: &[Stage] = &[
    Stage {
        slug: "zt4",
        number: 1,
        title: "Respond to GEOADD",
        learn: "GEOADD gives a name a place: first the longitude, then the latitude, both in degrees. It \
                answers with how many names are new.",
        steps: &[
            Step::Open(A),
            Step::Claim("A new place is counted."),
            Step::Ask(A, &["GEOADD", "{key}", "11.5030378", "48.164271", "{place}"], ONE),
            Step::Claim("A place that moves is not."),
            Step::Ask(A, &["GEOADD", "{key}", "11.6", "48.2", "{place}"], Pattern::Integer(0)),
        ],
        ..GEOSPATIAL
    },
    Stage {
        slug: "ck3",
        number: 2,
        title: "Validate coordinates",
        learn: "Longitudes go from -180 to 180 degrees. Latitudes go to 85.05112878 only: there the web's \
                square map of the world ends, and with it the grid in which places are kept.",
        steps: &[
            Step::Open(A),
            Step::Claim("The edges themselves are places."),
            Step::Ask(A, &["GEOADD", "{key}", "180", "85.05112878", "{ne}"], ONE),
            Step::Ask(A, &["GEOADD", "{key}", "-180", "-85.05112878", "{sw}"], ONE),
            Step::Claim("Beyond them there is none, and the error repeats the pair."),
            Step::Ask(A, &["GEOADD", "{key}", "181", "0", "{x}"], invalid("181.000000,0.000000")),
            Step::Ask(A, &["GEOADD", "{key}", "0", "86", "{x}"], invalid("0.000000,86.000000")),
            Step::Ask(A, &["GEOADD", "{key}", "0", "-86", "{x}"], invalid("0.000000,-86.000000")),
        ],
        ..GEOSPATIAL
    },
    Stage {
        slug: "tn5",
        number: 3,
        title: "Store a location",
        learn: "A set of places is a sorted set: every command on sorted sets works on it.",
        steps: &[
            Step::Do(THREE),
            Step::Claim("The key is of type zset, and its members are the names."),
            Step::Ask(A, &["TYPE", "{key}"], Pattern::Simple(Text::Is("zset"))),
            Step::Ask(A, &["ZCARD", "{key}"], Pattern::Integer(3)),
            Step::Ask(A, &["ZRANGE", "{key}", "0", "-1"], texts(&[LONDON, PARIS, MUNICH])),
        ],
        ..GEOSPATIAL
    },
    Stage {
        slug: "cr3",
        number: 4,
        title: "Calculate location score",
        learn: "Each coordinate becomes a number of 26 bits, its part of the whole range. The bits of the \
                two are interleaved to one number of 52, so that places near each other mostly have \
                scores near each other.",
        steps: &[
            Step::Do(THREE),
            Step::Claim("The score is the interleaved number."),
            Step::Ask(A, &["ZSCORE", "{key}", "Paris"], bulk("3663832614298053")),
            Step::Ask(A, &["ZSCORE", "{key}", "London"], bulk("2163557714754256")),
            Step::Ask(A, &["ZSCORE", "{key}", "Munich"], bulk("3672376881541190")),
        ],
        ..GEOSPATIAL
    },
    Stage {
        slug: "xg4",
        number: 5,
        title: "Respond to GEOPOS",
        learn: "GEOPOS answers with a longitude and a latitude for each name, and with null for a name it \
                does not know.",
        steps: &[
            Step::Do(THREE),
            Step::Claim("Each known name has a pair, an unknown one a null array."),
            Step::Ask(
                A,
                &["GEOPOS", "{key}", "Paris", "nowhere"],
                Pattern::Array(&[
                    Pattern::Array(&[Pattern::Bulk(Text::Any), Pattern::Bulk(Text::Any)]),
                    Pattern::NullArray,
                ]),
            ),
            Step::Claim("Of a key that does not exist no name is known."),
            Step::Ask(A, &["GEOPOS", "{missing}", "Paris"], Pattern::Array(&[Pattern::NullArray])),
        ],
        ..GEOSPATIAL
    },
    Stage {
        slug: "hb5",
        number: 6,
        title: "Decode coordinates",
        learn: "A score is a cell of the grid, well below a metre wide, and the place that comes back is the \
                middle of its cell: close to what was given, not equal to it.",
        steps: &[
            Step::Do(THREE),
            Step::Claim("The middle of the cell comes back."),
            Step::Ask(
                A,
                &["GEOPOS", "{key}", "Paris"],
                Pattern::Array(&[Pattern::Array(&[
                    Pattern::Bulk(Text::Prefix("2.294471561908")),
                    Pattern::Bulk(Text::Prefix("48.858462550401")),
                ])]),
            ),
            Step::Ask(
                A,
                &["GEOPOS", "{key}", "London"],
                Pattern::Array(&[Pattern::Array(&[
                    Pattern::Bulk(Text::Prefix("-0.127756297588")),
                    Pattern::Bulk(Text::Prefix("51.507350085478")),
                ])]),
            ),
        ],
        ..GEOSPATIAL
    },
    Stage {
        slug: "ek6",
        number: 7,
        title: "Calculate distance",
        learn: "GEODIST takes the Earth for a ball of radius 6372797.560856 m and measures along a great \
                circle, with the haversine formula. The answer has four decimals.",
        steps: &[
            Step::Do(THREE),
            Step::Claim("The distance is in metres unless a unit is given."),
            Step::Ask(A, &["GEODIST", "{key}", "Paris", "London"], bulk("341373.4509")),
            Step::Ask(A, &["GEODIST", "{key}", "Munich", "Paris", "km"], bulk("682.4778")),
            Step::Claim("To an unknown place there is none."),
            Step::Ask(A, &["GEODIST", "{key}", "Munich", "nowhere"], Pattern::NullBulk),
        ],
        ..GEOSPATIAL
    },
    Stage {
        slug: "rm9",
        number: 8,
        title: "Search within radius",
        learn: "GEOSEARCH finds the places within a distance of a point. It looks at the few cells of the \
                grid that the circle touches, not at all places.",
        steps: &[
            Step::Do(THREE),
            Step::Claim("Only what is near enough is found."),
            Step::Ask(
                A,
                &["GEOSEARCH", "{key}", "FROMLONLAT", "2", "48", "BYRADIUS", "100000", "m"],
                texts(&[PARIS]),
            ),
            Step::Ask(
                A,
                &["GEOSEARCH", "{key}", "FROMLONLAT", "2", "48", "BYRADIUS", "10", "m"],
                texts(&[]),
            ),
            Step::Claim("The unit counts."),
            Step::Ask(
                A,
                &["GEOSEARCH", "{key}", "FROMLONLAT", "2", "48", "BYRADIUS", "500", "km", "ASC"],
                texts(&[PARIS, LONDON]),
            ),
        ],
        ..GEOSPATIAL
    },
];

const GEOSPATIAL: Stage = Stage::of(Group::Geospatial);

const A: Peer = Peer::Client(1);
const ONE: Pattern = Pattern::Integer(1);

/// A client, and three cities.
const THREE: &[Step] = &[
    Step::Open(A),
    Step::Ask(A, &["GEOADD", "{key}", "2.2944692", "48.8584625", "Paris"], ONE),
    Step::Ask(A, &["GEOADD", "{key}", "-0.127758", "51.507351", "London"], ONE),
    Step::Ask(A, &["GEOADD", "{key}", "11.5030378", "48.164271", "Munich"], ONE),
];

const PARIS: Text = Text::Is("Paris");
const LONDON: Text = Text::Is("London");
const MUNICH: Text = Text::Is("Munich");

const fn bulk(text: &'static str) -> Pattern {
    Pattern::Bulk(Text::Is(text))
}

/// An array of bulk strings.
const fn texts(parts: &'static [Text]) -> Pattern {
    Pattern::Request(parts)
}

/// The error that repeats a pair of coordinates.
const fn invalid(pair: &'static str) -> Pattern {
    Pattern::Error(Text::Contains(pair))
}
