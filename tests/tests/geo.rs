//! Searches for places anywhere on the globe find the same as in Redis, in the same order and as far
//! away to the last digit.

use redarium_core::rng::Rng;
use redarium_tests::pair::Pair;
use redarium_tests::pair::Protocol;
use redarium_tests::transcript::Compare;

#[test]
fn searches_anywhere_find_the_same() {
    let pair = Pair::start(&[]);
    let mut clients = pair.clients(Protocol::Resp2);
    let mut differences = Vec::new();
    let mut random = Rng::new(1);
    let mut ask = |words: &[String], compare| {
        if let Err(difference) = clients.check(words, compare) {
            differences.push(format!("{difference:?}"));
        }
    };
    for member in 0..PLACES {
        let [longitude, latitude] = somewhere(&mut random);
        ask(&words(["GEOADD", "g", &longitude, &latitude, &format!("m{member}")]), Compare::Bytes);
    }
    for _ in 0..SEARCHES {
        let mut request = search(&mut random);
        ask(&request, Compare::Bytes);
        let [from, to] = [(); 2].map(|()| format!("m{}", random.below(PLACES)));
        ask(&words(["GEODIST", "g", &from, &to]), Compare::Bytes);
        request.splice(0..1, words(["GEOSEARCHSTORE", "d"]));
        request.retain(|word| !word.starts_with("WITH"));
        ask(&request, Compare::Bytes);
        ask(&words(["ZRANGE", "d", "0", "-1"]), Compare::Bytes);
    }
    assert!(
        differences.is_empty(),
        "{} differences: {:#?}",
        differences.len(),
        differences.first()
    );
}

/// A GEOSEARCH around anywhere, of any size, with any options.
fn search(random: &mut Rng) -> Vec<String> {
    let [longitude, latitude] = centre(random);
    let size = random.below(1_000) as f64 * 10_f64.powi(random.below(5) as i32) / 10.0;
    let size = size.to_string();
    let mut request = words(["GEOSEARCH", "g", "FROMLONLAT", &longitude, &latitude]);
    request.extend(match random.below(3) {
        0 => words(["BYBOX", &size, &(random.below(2_000) + 1).to_string(), "km"]),
        1 => words(["BYRADIUS", &size, "mi", "WITHDIST"]),
        _ => words(["BYRADIUS", &size, "km", "WITHCOORD"]),
    });
    let count = (random.below(5) + 1).to_string();
    request.extend(match random.below(4) {
        0 => words(["COUNT", &count]),
        1 => words(["COUNT", &count, "ANY"]),
        2 => words(["DESC", "WITHHASH"]),
        _ => Vec::new(),
    });
    request
}

/// Longitude and latitude of a place. No two are equally far from anywhere: Redis leaves the order of
/// such to chance.
fn somewhere(random: &mut Rng) -> [String; 2] {
    DEGREES_MAX.map(|millionths_max| {
        let millionths = random.below(2 * millionths_max) as i64 - millionths_max as i64;
        (millionths as f64 / 1e6).to_string()
    })
}

/// Longitude and latitude to search around, now and then at an edge.
fn centre(random: &mut Rng) -> [String; 2] {
    let anywhere = somewhere(random);
    let mut edges = DEGREES_MAX.map(|millionths| millionths / 1_000_000).into_iter();
    anywhere.map(|anywhere| {
        let edge = edges.next().unwrap_or_default();
        match random.below(20) {
            0 => edge.to_string(),
            1 => format!("-{edge}"),
            2 => "0".to_owned(),
            _ => anywhere,
        }
    })
}

fn words<const N: usize>(words: [&str; N]) -> Vec<String> {
    words.map(str::to_owned).to_vec()
}

/// Longitude and latitude, in millionths of a degree.
const DEGREES_MAX: [u64; 2] = [180_000_000, 85_051_128];

const PLACES: u64 = 2_000;
const SEARCHES: u64 = 1_000;
