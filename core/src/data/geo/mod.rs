//! Places on the globe as the scores of sorted sets: Redis's geohashes of 52 bits, its distances and
//! its search areas.
//!
//! Arithmetic follows Redis operation by operation, for its results are shown to the last digit:
//! nothing here may be rearranged, however equal it looks on paper.

mod cell;
mod shape;
mod trig;

use cell::{Cell, Frame, STEPS_MAX};

pub use shape::{Extent, Shape};

/// A place in degrees.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    pub longitude: f64,
    pub latitude: f64,
}

impl Point {
    /// A place that has a score: the poles, from 85.05 degrees on, have none.
    #[must_use]
    pub fn new(longitude: f64, latitude: f64) -> Option<Self> {
        let point = Self { longitude, latitude };
        Frame::MERCATOR.contains(point).then_some(point)
    }

    /// The middle of the cell that a score stands for. Any score stands for one.
    #[must_use]
    pub fn from_score(score: f64) -> Self {
        let area = Cell::new(bits_of(score), STEPS_MAX).area(Frame::MERCATOR);
        let middle = |min: f64, max: f64, bound: f64| ((min + max) / 2.0).clamp(-bound, bound);
        Self {
            longitude: middle(area.west, area.east, LONGITUDE_MAX),
            latitude: middle(area.south, area.north, LATITUDE_MAX),
        }
    }

    /// The number of the place's cell, a bit of latitude and one of longitude in turn.
    #[must_use]
    pub fn score(self) -> u64 {
        Cell::at(self, STEPS_MAX, Frame::MERCATOR).bits()
    }

    /// The place as other geohash libraries spell it; its last character says nothing, for a score
    /// has no bits left for it.
    #[must_use]
    pub fn geohash(self) -> [u8; 11] {
        let bits = Cell::at(self, STEPS_MAX, Frame::GLOBE).bits();
        let mut text = [b'0'; 11];
        for (place, byte) in text.iter_mut().take(10).enumerate() {
            let digit = bits >> (2 * u64::from(STEPS_MAX) - 5 * (place as u64 + 1)) & 0x1f;
            *byte = ALPHABET.get(digit as usize).copied().unwrap_or(b'0');
        }
        text
    }

    /// Metres along the globe, taken for a ball: the haversine formula.
    #[must_use]
    pub fn distance(self, other: Self) -> f64 {
        let (longitude, other_longitude) = (radians(self.longitude), radians(other.longitude));
        let v = trig::sin((other_longitude - longitude) / 2.0);
        if v == 0.0 {
            return distance_of_latitudes(self.latitude, other.latitude);
        }
        let (latitude, other_latitude) = (radians(self.latitude), radians(other.latitude));
        let u = trig::sin((other_latitude - latitude) / 2.0);
        let a = u * u + trig::cos(latitude) * trig::cos(other_latitude) * v * v;
        2.0 * EARTH_RADIUS_M * trig::asin(a.sqrt())
    }
}

/// Metres between two places on one meridian.
fn distance_of_latitudes(latitude: f64, other: f64) -> f64 {
    EARTH_RADIUS_M * (radians(other) - radians(latitude)).abs()
}

fn radians(degrees: f64) -> f64 {
    degrees * RADIANS_A_DEGREE
}

fn degrees(radians: f64) -> f64 {
    radians / RADIANS_A_DEGREE
}

/// A score as the 64 bits that Redis makes of it on x86-64, where the conversion wraps.
fn bits_of(score: f64) -> u64 {
    if score < TWO_TO_63 {
        return (score as i64).cast_unsigned();
    }
    let above = score - TWO_TO_63;
    let low = if above < TWO_TO_63 { (above as i64).cast_unsigned() } else { 1 << 63 };
    low ^ 1 << 63
}

const EARTH_RADIUS_M: f64 = 6_372_797.560856;
const RADIANS_A_DEGREE: f64 = std::f64::consts::PI / 180.0;
const LONGITUDE_MAX: f64 = 180.0;

/// Where the Mercator projection is as high as it is wide.
const LATITUDE_MAX: f64 = 85.05112878;

const TWO_TO_63: f64 = 9_223_372_036_854_775_808.0;

/// The digits of geohashes.
const ALPHABET: &[u8; 32] = b"0123456789bcdefghjkmnpqrstuvwxyz";

#[cfg(test)]
mod tests {
    use super::{Point, bits_of};

    fn point(longitude: f64, latitude: f64) -> Point {
        Point::new(longitude, latitude).unwrap()
    }

    #[test]
    fn known_places_have_the_scores_of_redis() {
        let (palermo, catania) = (point(13.361389, 38.115556), point(15.087269, 37.502669));
        assert_eq!(palermo.score(), 3_479_099_956_230_698);
        assert_eq!(catania.score(), 3_479_447_370_796_909);
        let decoded = Point::from_score(palermo.score() as f64);
        assert_eq!(decoded, point(13.361389338970184, 38.1155563954963));
        assert_eq!(&decoded.geohash(), b"sqc8b49rny0");
        let other = Point::from_score(catania.score() as f64);
        assert_eq!(&other.geohash(), b"sqdtr74hyu0");
        assert_eq!(format!("{:.4}", decoded.distance(other)), "166274.1516");
        assert_eq!(decoded.distance(decoded), 0.0);
    }

    #[test]
    fn places_without_a_score_are_none() {
        for (longitude, latitude, expect) in [
            (180.0, 85.05112878, true),
            (-180.0, -85.05112878, true),
            (180.1, 0.0, false),
            (0.0, 85.06, false),
            (f64::NAN, 0.0, false),
            (0.0, f64::NEG_INFINITY, false),
        ] {
            assert_eq!(Point::new(longitude, latitude).is_some(), expect);
        }
    }

    #[test]
    fn any_score_is_a_place() {
        for (score, bits) in [
            (0.0, 0),
            (1.9, 1),
            (-1.0, u64::MAX),
            (-1e300, 1 << 63),
            (9.3e18, 9_300_000_000_000_000_000),
            (1e300, 0),
            (f64::INFINITY, 0),
            (f64::NEG_INFINITY, 1 << 63),
        ] {
            assert_eq!(bits_of(score), bits, "{score}");
            let place = Point::from_score(score);
            assert!(place.longitude.abs() <= 180.0 && place.latitude.abs() < 86.0, "{score}");
        }
    }
}
