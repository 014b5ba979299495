//! Sine, cosine and arc sine, rounded to the nearest double.
//!
//! GEODIST and STOREDIST show results to the last digit, and these have to be the same in a page and
//! in a server: so not the platform's functions, which differ between C libraries and processors.
//! Redis's are nearly always rounded to the nearest, and so are these: an angle is looked up in a
//! table of steps of 1/64 with twice a double's precision, what is left of it is small enough for a
//! short series, and the parts are added up with the rounding errors of the larger ones.
//!
//! One double in a few ten thousand may be rounded the other way, and a sine close to half a turn has
//! fewer digits; they are the same ones everywhere.

mod wide;

use wide::Wide;

/// The sine of an angle of up to half a turn either way; there is none beyond.
pub(super) fn sin(angle: f64) -> f64 {
    let Some((step, left)) = Step::nearest(angle.abs()) else { return f64::NAN };
    let square = left * left;
    let sine_more = left * square * series(&SINE, square);
    let cosine_less = square * series(&COSINE, square);
    let more = step.sine.low
        + step.cosine.low * left
        + step.cosine.high * sine_more
        + step.sine.high * cosine_less;
    let turned = Wide::product(step.cosine.high, left);
    let sine = Wide::sum(step.sine.high, turned.high).rounded_with(turned.low + more);
    if angle < 0.0 { -sine } else { sine }
}

/// The cosine, as [`sin`].
pub(super) fn cos(angle: f64) -> f64 {
    let Some((step, left)) = Step::nearest(angle.abs()) else { return f64::NAN };
    let square = left * left;
    let sine_more = left * square * series(&SINE, square);
    let cosine_less = square * series(&COSINE, square);
    let more = step.cosine.low - step.sine.low * left - step.sine.high * sine_more
        + step.cosine.high * cosine_less;
    let turned = Wide::product(-step.sine.high, left);
    Wide::sum(step.cosine.high, turned.high).rounded_with(turned.low + more)
}

/// The angle up to a quarter turn of which this is the sine. It is not negative, and beyond 1 only
/// by an error of rounding.
pub(super) fn asin(sine: f64) -> f64 {
    let sine = sine.min(1.0);
    let rising = STEPS.get(..STEPS_OF_A_QUARTER).unwrap_or(&STEPS);
    let after = rising.partition_point(|step| step.sine.high <= sine);
    let Some(step) = rising.get(after.saturating_sub(1)) else { return f64::NAN };
    let cosine = Wide::new(1.0).minus(Wide::product(sine, sine)).root();
    // The sine of what the angle is beyond the step.
    let left = step.cosine.times(Wide::new(sine)).minus(step.sine.times(cosine));
    let square = left.high * left.high;
    let more = left.high * square * series(&ARC_SINE, square);
    Wide::sum(step.angle, left.high).rounded_with(left.low + more)
}

/// An angle with its sine and cosine.
#[derive(Clone, Copy)]
struct Step {
    angle: f64,
    sine: Wide,
    cosine: Wide,
}

impl Step {
    /// The step next to an angle, and what it is away from it, which is exact.
    fn nearest(angle: f64) -> Option<(&'static Self, f64)> {
        // What is no number becomes 0 here and stays none below.
        let step = STEPS.get((angle * STEPS_PER_UNIT).round() as usize)?;
        Some((step, angle - step.angle))
    }
}

/// `c[0] + c[1] x + c[2] x^2 ...`
fn series(coefficients: &[f64], x: f64) -> f64 {
    coefficients.iter().rev().fold(0.0, |sum, coefficient| sum * x + coefficient)
}

/// The steps from 0 on: each turned by the first one from the one before.
const fn steps() -> [Step; STEPS_OF_A_HALF] {
    let start = Step { angle: 0.0, sine: Wide::new(0.0), cosine: Wide::new(1.0) };
    let (sine, cosine) = first_step();
    let mut steps = [start; STEPS_OF_A_HALF];
    let mut at = 1;
    while at < STEPS_OF_A_HALF {
        let before = steps[at - 1];
        steps[at] = Step {
            angle: at as f64 / STEPS_PER_UNIT,
            sine: before.sine.times(cosine).plus(before.cosine.times(sine)),
            cosine: before.cosine.times(cosine).minus(before.sine.times(sine)),
        };
        at += 1;
    }
    steps
}

/// Sine and cosine of the first step, by their series.
const fn first_step() -> (Wide, Wide) {
    let angle = Wide::new(1.0 / STEPS_PER_UNIT);
    let (mut sine, mut cosine) = (Wide::new(0.0), Wide::new(1.0));
    let mut term = Wide::new(1.0);
    let mut power = 1;
    while power < 20 {
        term = term.times(angle).over(power as f64);
        match power % 4 {
            1 => sine = sine.plus(term),
            2 => cosine = cosine.minus(term),
            3 => sine = sine.minus(term),
            _ => cosine = cosine.plus(term),
        }
        power += 1;
    }
    (sine, cosine)
}

static STEPS: [Step; STEPS_OF_A_HALF] = steps();

/// Steps in an angle of 1: a power of two, so that every step is a double.
const STEPS_PER_UNIT: f64 = 64.0;

/// Steps in half a turn and a bit, and in a quarter turn.
const STEPS_OF_A_HALF: usize = 203;
const STEPS_OF_A_QUARTER: usize = 101;

/// Of what the sine has beyond the angle, and the cosine beyond 1, after a factor of their first
/// power.
const SINE: [f64; 4] = [-1.0 / 6.0, 1.0 / 120.0, -1.0 / 5_040.0, 1.0 / 362_880.0];
const COSINE: [f64; 4] = [-1.0 / 2.0, 1.0 / 24.0, -1.0 / 720.0, 1.0 / 40_320.0];
const ARC_SINE: [f64; 6] =
    [1.0 / 6.0, 3.0 / 40.0, 15.0 / 336.0, 105.0 / 3_456.0, 945.0 / 42_240.0, 10_395.0 / 599_040.0];

#[cfg(test)]
mod tests {
    use super::{asin, cos, sin};

    #[test]
    #[expect(clippy::approx_constant, reason = "angles near a constant, which have to be just so")]
    fn results_are_the_nearest_doubles() {
        for (angle, sine, cosine) in [
            (0.0078125, 0.0078124205273828315, 0.9999694825770951),
            (1e-09, 1e-09, 1.0),
            (0.5, 0.479425538604203, 0.8775825618903728),
            (1.0, 0.8414709848078965, 0.5403023058681398),
            (-1.25, -0.9489846193555862, 0.3153223623952687),
            (1.4844, 0.9962701582869666, 0.08628888518727393),
            (2.0, 0.9092974268256817, -0.4161468365471424),
            (3.0, 0.1411200080598672, -0.9899924966004454),
            (-3.14159, -2.65358979335273e-06, -0.9999999999964793),
            (0.7718226439073281, 0.6974425771198158, 0.7166406712017326),
            (1.5184222925573807, 0.9986287937512416, 0.052350093514150264),
            (1.8538155917525754, 0.9602166681843525, -0.2792560655401079),
            (2.778587782119876, 0.35508488832194957, -0.9348340612565359),
            (1.5065630493667652, 0.9979377522364503, 0.064189116377008),
            (2.652200979058819, 0.47008905557433556, -0.882618989048632),
            (-2.9578471663788997, -0.18271328300647016, -0.9831662403749416),
            (-0.21588973050549853, -0.2142165894420949, 0.976786185819495),
        ] {
            assert_eq!((sin(angle), cos(angle)), (sine, cosine), "{angle}");
            assert_eq!((sin(-angle), cos(-angle)), (-sine, cosine), "{angle}");
        }
        for (sine, angle) in [
            (1e-09, 1e-09),
            (0.01, 0.010000166674167114),
            (0.25, 0.25268025514207865),
            (0.5, 0.5235987755982989),
            (0.75, 0.848062078981481),
            (0.9999, 1.5566540733173846),
            (0.9999999999999999, 1.5707963118937354),
            (0.9433567169983137, 1.2326062799012967),
            (0.6489745531369242, 0.7062358251367804),
            (0.9009004917506227, 1.12183981110542),
            (0.11320596465314436, 0.11344917006279794),
            (0.46906904778216374, 0.4882363693418795),
            (0.24657283261983032, 0.24914230046308267),
        ] {
            assert_eq!(asin(sine), angle, "{sine}");
        }
    }

    #[test]
    fn the_ends_are_exact_and_there_is_nothing_beyond() {
        assert_eq!((sin(0.0), cos(0.0), asin(0.0)), (0.0, 1.0, 0.0));
        let quarter = std::f64::consts::FRAC_PI_2;
        assert_eq!((sin(quarter), asin(1.0), asin(1.0 + f64::EPSILON)), (1.0, quarter, quarter));
        assert!((sin(std::f64::consts::PI) - 1.2246467991473532e-16).abs() < 1e-24);
        for angle in [4.0, f64::INFINITY, f64::NAN] {
            assert!(sin(angle).is_nan() && cos(angle).is_nan(), "{angle}");
        }
    }

    #[test]
    fn an_angle_comes_back_from_its_sine() {
        for at in 0..=1_000 {
            let angle = f64::from(at) / 1_000.0 * 1.5;
            let (sine, cosine) = (sin(angle), cos(angle));
            assert!((sine * sine + cosine * cosine - 1.0).abs() < 3e-16, "{angle}");
            // Towards a quarter turn the sine says less and less about the angle.
            assert!((asin(sine) - angle).abs() <= 3e-16 / cosine, "{angle}");
        }
    }
}
