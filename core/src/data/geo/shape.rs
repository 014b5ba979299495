//! What is searched for: a circle or a box around a place, and the ranges of scores that cover it.
//!
//! As in Redis those are the cell of the place and its eight neighbours, at a step where these are as
//! large as the shape, without those that lie outside its bounding box. The order of the ranges is
//! the order of the results.

use super::cell::{Area, Cell, Frame, STEPS_MAX};
use super::{EARTH_RADIUS_M, Point, degrees, distance_of_latitudes, radians, trig};
use crate::data::ScoreRange;

/// An area around a place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shape {
    pub centre: Point,
    pub extent: Extent,
    /// Metres in the unit of the extent.
    pub unit_m: f64,
}

/// How large it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Extent {
    Radius(f64),
    Box { width: f64, height: f64 },
}

impl Shape {
    /// The distance of a place in metres, if it is inside.
    #[must_use]
    pub fn distance_inside(&self, point: Point) -> Option<f64> {
        match self.extent {
            Extent::Radius(radius) => {
                let distance = self.centre.distance(point);
                (distance <= radius * self.unit_m).then_some(distance)
            }
            Extent::Box { width, height } => {
                let north = distance_of_latitudes(point.latitude, self.centre.latitude);
                if north > height * self.unit_m / 2.0 {
                    return None;
                }
                let beside = Point { longitude: self.centre.longitude, ..point };
                let is_inside = point.distance(beside) <= width * self.unit_m / 2.0;
                is_inside.then(|| self.centre.distance(point))
            }
        }
    }

    /// The ranges of scores in which the places of the area are, in the order of the search.
    pub fn ranges(&self) -> impl Iterator<Item = ScoreRange> {
        self.cells().into_iter().map(|cell| {
            let (min, max) = cell.scores();
            ScoreRange::from_to(min, max)
        })
    }

    fn cells(&self) -> Vec<Cell> {
        let mut steps = self.steps();
        let bounds = if steps > 1 { self.bounds() } else { Area::EVERYTHING };
        if steps > 1 && self.neighbours_fall_short(steps, bounds) {
            steps -= 1;
        }
        let home = Cell::at(self.centre, steps, Frame::MERCATOR);
        let area = home.area(Frame::MERCATOR);
        let is_useless = |(east, north): (i8, i8)| {
            steps >= 2
                && ((north < 0 && area.south < bounds.south)
                    || (north > 0 && area.north > bounds.north)
                    || (east < 0 && area.west < bounds.west)
                    || (east > 0 && area.east > bounds.east))
        };
        let mut cells = vec![home];
        for direction in DIRECTIONS.into_iter().filter(|direction| !is_useless(*direction)) {
            let cell = home.neighbour(direction.0, direction.1);
            // Few large cells are each other's neighbours on both sides. Redis compares with the last
            // one it took, but never with the first.
            if cells.len() == 1 || cells.last() != Some(&cell) {
                cells.push(cell);
            }
        }
        cells
    }

    /// Whether a cell next to the centre's ends before the bounding box does, as one can when the
    /// centre is near its cell's edge.
    fn neighbours_fall_short(&self, steps: u8, bounds: Area) -> bool {
        let home = Cell::at(self.centre, steps, Frame::MERCATOR);
        let area = |east, north| home.neighbour(east, north).area(Frame::MERCATOR);
        area(0, 1).north < bounds.north
            || area(0, -1).south > bounds.south
            || area(1, 0).east < bounds.east
            || area(-1, 0).west > bounds.west
    }

    fn bounds(&self) -> Area {
        let (width, height) = match self.extent {
            Extent::Radius(radius) => (radius, radius),
            Extent::Box { width, height } => (width / 2.0, height / 2.0),
        };
        let (width, height) = (self.unit_m * width, self.unit_m * height);
        let Point { longitude, latitude } = self.centre;
        let north = degrees(height / EARTH_RADIUS_M);
        // The box is widest towards the pole.
        let widest = if latitude < 0.0 { latitude - north } else { latitude + north };
        let east = degrees(width / EARTH_RADIUS_M / trig::cos(radians(widest)));
        Area {
            west: longitude - east,
            east: longitude + east,
            south: latitude - north,
            north: latitude + north,
        }
    }

    /// The step at which a cell is about as large as the area.
    fn steps(&self) -> u8 {
        let mut radius = self.unit_m
            * match self.extent {
                Extent::Radius(radius) => radius,
                Extent::Box { width, height } => {
                    ((width / 2.0) * (width / 2.0) + (height / 2.0) * (height / 2.0)).sqrt()
                }
            };
        if radius == 0.0 {
            return STEPS_MAX;
        }
        let mut steps: i16 = 1;
        while radius < MERCATOR_MAX_M {
            radius *= 2.0;
            steps += 1;
        }
        // Two less so that the area is covered in most cases; still less where cells are narrow.
        steps -= 2;
        let latitude = self.centre.latitude.abs();
        steps -= i16::from(latitude > 66.0) + i16::from(latitude > 80.0);
        steps.clamp(1, STEPS_MAX.into()) as u8
    }
}

/// The neighbours in the order of the search, by how far east and north they are.
const DIRECTIONS: [(i8, i8); 8] =
    [(0, 1), (0, -1), (1, 0), (-1, 0), (1, 1), (-1, 1), (1, -1), (-1, -1)];

/// Half the side of the projected globe.
const MERCATOR_MAX_M: f64 = 20_037_726.37;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Rng;

    fn anywhere(random: &mut Rng) -> Point {
        let mut degrees =
            |bound: f64| (random.next_u64() as f64 / u64::MAX as f64 * 2.0 - 1.0) * bound;
        Point::new(degrees(180.0), degrees(85.0)).unwrap()
    }

    #[test]
    fn what_is_inside_is_in_the_ranges() {
        let mut random = Rng::new(1);
        let mut inside = 0;
        for round in 0..20_000 {
            let (centre, point) = (anywhere(&mut random), anywhere(&mut random));
            let size = 10_f64.powi(round % 8) * 3.0;
            let extent = match round % 3 {
                0 => Extent::Box { width: size, height: size / 2.0 },
                _ => Extent::Radius(size),
            };
            let shape = Shape { centre, extent, unit_m: 1.0 };
            let close = Point::new(
                (centre.longitude + point.longitude * size / 3e7).clamp(-180.0, 180.0),
                (centre.latitude + point.latitude * size / 3e7).clamp(-85.0, 85.0),
            );
            for point in [Some(point), close].into_iter().flatten() {
                let score = point.score() as f64;
                let point = Point::from_score(score);
                // Across the date line and close to the poles Redis itself overlooks places.
                let is_easy = point.latitude.abs() < 60.0
                    && centre.latitude.abs() < 60.0
                    && point.longitude.abs() < 160.0
                    && centre.longitude.abs() < 160.0
                    && size < 1e6;
                if is_easy && shape.distance_inside(point).is_some() {
                    inside += 1;
                    let is_found = shape
                        .ranges()
                        .any(|range| !range.is_above(score) && !range.is_below(score));
                    assert!(is_found, "{shape:?} {point:?}");
                }
            }
        }
        assert!(inside > 1_000, "{inside}");
    }

    #[test]
    fn cells_are_few_and_differ_from_the_one_before() {
        let mut random = Rng::new(2);
        for round in 0..1_000 {
            let extent = Extent::Radius(10_f64.powi(round % 10));
            let shape = Shape { centre: anywhere(&mut random), extent, unit_m: 1.0 };
            let cells = shape.cells();
            assert!((1..=9).contains(&cells.len()));
            assert!(cells.windows(2).skip(1).all(|pair| pair[0] != pair[1]));
        }
        let centre = Point::new(1.0, 1.0).unwrap();
        let nothing = Shape { centre, extent: Extent::Radius(0.0), unit_m: 1000.0 };
        assert_eq!(nothing.steps(), STEPS_MAX);
        let all = Shape { centre, extent: Extent::Radius(f64::INFINITY), unit_m: 1.0 };
        assert_eq!(all.steps(), 1);
    }
}
