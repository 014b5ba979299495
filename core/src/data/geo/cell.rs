//! The cells of a geohash: at each step a cell is halved both ways, so that 26 steps make 52 bits,
//! those of the latitude at even places and those of the longitude at odd ones.

use super::{LATITUDE_MAX, LONGITUDE_MAX, Point};

/// Steps in a score.
pub(super) const STEPS_MAX: u8 = 26;

/// A cell after some number of halvings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cell {
    bits: u64,
    steps: u8,
}

/// What the first step halves.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame {
    longitude_max: f64,
    latitude_max: f64,
}

/// The sides of a cell, in degrees.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Area {
    pub(super) west: f64,
    pub(super) east: f64,
    pub(super) south: f64,
    pub(super) north: f64,
}

impl Frame {
    /// Of scores.
    pub(super) const MERCATOR: Self =
        Self { longitude_max: LONGITUDE_MAX, latitude_max: LATITUDE_MAX };
    /// Of geohashes as text.
    pub(super) const GLOBE: Self = Self { longitude_max: LONGITUDE_MAX, latitude_max: 90.0 };

    pub(super) fn contains(self, point: Point) -> bool {
        point.longitude.abs() <= self.longitude_max && point.latitude.abs() <= self.latitude_max
    }
}

impl Area {
    pub(super) const EVERYTHING: Self = Self {
        west: f64::NEG_INFINITY,
        east: f64::INFINITY,
        south: f64::NEG_INFINITY,
        north: f64::INFINITY,
    };
}

impl Cell {
    pub(super) const fn new(bits: u64, steps: u8) -> Self {
        Self { bits, steps }
    }

    /// The cell that holds a place of the frame.
    pub(super) fn at(point: Point, steps: u8, frame: Frame) -> Self {
        let place = |degrees: f64, bound: f64| {
            let offset = (degrees - -bound) / (bound - -bound);
            (offset * (1_u64 << steps) as f64) as u32
        };
        let latitude = place(point.latitude, frame.latitude_max);
        let longitude = place(point.longitude, frame.longitude_max);
        Self { bits: spread(latitude) | spread(longitude) << 1, steps }
    }

    pub(super) const fn bits(self) -> u64 {
        self.bits
    }

    /// The cell this many cells to the east and to the north: -1, 0 or 1 of each. The globe is
    /// round, both ways.
    pub(super) fn neighbour(self, east: i8, north: i8) -> Self {
        let all = u64::MAX >> (64 - u32::from(self.steps) * 2);
        let longitude = moved(self.bits, LONGITUDE_BITS, east, all);
        let latitude = moved(self.bits, LATITUDE_BITS, north, all);
        Self { bits: longitude | latitude, ..self }
    }

    pub(super) fn area(self, frame: Frame) -> Area {
        let sides = |place: u32, bound: f64| {
            let (scale, cells) = (bound - -bound, (1_u64 << self.steps) as f64);
            // Beyond the last place there is none: as in C, the sum wraps.
            let (place, next) = (f64::from(place), f64::from(place.wrapping_add(1)));
            (-bound + place / cells * scale, -bound + next / cells * scale)
        };
        let (south, north) = sides(gather(self.bits), frame.latitude_max);
        let (west, east) = sides(gather(self.bits >> 1), frame.longitude_max);
        Area { west, east, south, north }
    }

    /// The scores of this cell's places: from the first up to the second, which is not among them.
    pub(super) fn scores(self) -> (f64, f64) {
        let shift = u32::from(STEPS_MAX - self.steps) * 2;
        ((self.bits << shift) as f64, ((self.bits + 1) << shift) as f64)
    }
}

/// The bits under the mask, counted up or down by one, others left out. Those of a place on the last
/// edge of the globe lie beyond all others, and stay there unless they are counted.
fn moved(bits: u64, mask: u64, by: i8, all: u64) -> u64 {
    // The bits between carry from one bit of the mask to the next.
    let between = !mask & all;
    let bits = bits & mask;
    let moved = match by {
        0 => return bits,
        1.. => bits.wrapping_add(between + 1),
        _ => (bits | between).wrapping_sub(between + 1),
    };
    moved & mask & all
}

/// Puts the bits of a number at even places.
fn spread(value: u32) -> u64 {
    SPREADING.iter().fold(u64::from(value), |bits, (shift, mask)| (bits | bits << shift) & mask)
}

/// The number whose bits are at even places.
fn gather(bits: u64) -> u32 {
    let folded = SPREADING.iter().rev().fold(bits, |bits, (shift, mask)| {
        let bits = bits & mask;
        bits | bits >> shift
    });
    folded as u32
}

const LATITUDE_BITS: u64 = 0x5555_5555_5555_5555;
const LONGITUDE_BITS: u64 = 0xaaaa_aaaa_aaaa_aaaa;

/// By how much to move the upper half of each group of bits, and what is kept then.
const SPREADING: [(u32, u64); 5] = [
    (16, 0x0000_ffff_0000_ffff),
    (8, 0x00ff_00ff_00ff_00ff),
    (4, 0x0f0f_0f0f_0f0f_0f0f),
    (2, 0x3333_3333_3333_3333),
    (1, 0x5555_5555_5555_5555),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_are_spread_and_gathered() {
        for (value, bits) in [(0, 0), (1, 1), (2, 4), (3, 5), (u32::MAX, LATITUDE_BITS)] {
            assert_eq!(spread(value), bits);
            assert_eq!(gather(bits | LONGITUDE_BITS), value);
        }
    }

    #[test]
    fn neighbours_touch_and_wrap_around() {
        let cell = Cell::new(0b1100, 2);
        for (east, north, expect) in
            [(0, 0, 0b1100), (1, 0, 0b1110), (-1, 0, 0b0110), (0, 1, 0b1101), (0, -1, 0b1001)]
        {
            assert_eq!(cell.neighbour(east, north).bits, expect, "{east} {north}");
        }
        let (here, there) =
            (cell.area(Frame::MERCATOR), cell.neighbour(-1, -1).area(Frame::MERCATOR));
        assert_eq!((here.west, here.south), (there.east, there.north));
        let corner = Cell::new(0b1111, 2);
        assert_eq!(corner.neighbour(1, 1).bits, 0);
        assert_eq!(Cell::new(0, 2).neighbour(-1, -1), corner);
    }

    #[test]
    fn a_cell_holds_the_scores_of_its_places() {
        let point = Point::new(13.361389, 38.115556).unwrap();
        for steps in 1..=STEPS_MAX {
            let cell = Cell::at(point, steps, Frame::MERCATOR);
            let (min, max) = cell.scores();
            let score = point.score() as f64;
            assert!(min <= score && score < max, "{steps}");
            let area = cell.area(Frame::MERCATOR);
            assert!(area.west <= point.longitude && point.longitude < area.east, "{steps}");
            assert!(area.south <= point.latitude && point.latitude < area.north, "{steps}");
        }
    }
}
