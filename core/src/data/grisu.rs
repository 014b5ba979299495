//! The decimal digits of a double by Loitsch's Grisu2, as Redis has printed
//! doubles since 7.2.
//!
//! The digits always read back as the same double and nearly always are the
//! fewest that do. Where they are not (one double in some 600), Redis prints
//! them all the same, and so must we: the choice of cached powers and the order
//! of the arithmetic follow its printer.

/// A positive number: `fraction` times two to `exponent`.
#[derive(Clone, Copy, Debug)]
struct Scaled {
    fraction: u64,
    exponent: i32,
}

/// The digits of a finite `value` above 0, and the power of ten of the last one.
pub fn digits(value: f64) -> (Vec<u8>, i32) {
    let exact = Scaled::exact(value);
    let (lower, upper) = exact.boundaries();
    let (power, power_of_ten) = cached_power(upper.exponent);
    let scaled = exact.normalized().times(power);
    let (mut lower, mut upper) = (lower.times(power), upper.times(power));
    // The products may be off by one: stay inside the interval for sure.
    lower.fraction += 1;
    upper.fraction -= 1;
    let mut run = Run {
        digits: Vec::with_capacity(DIGITS_MAX),
        // The bits below the point.
        shift: upper.exponent.unsigned_abs(),
        distance: upper.fraction - scaled.fraction,
        delta: upper.fraction - lower.fraction,
    };
    let kappa = run.generate(upper.fraction);
    (run.digits, kappa - power_of_ten)
}

impl Scaled {
    fn exact(value: f64) -> Self {
        let bits = value.to_bits();
        let fraction = bits & (HIDDEN_BIT - 1);
        let field = (bits >> FRACTION_BITS & 0x7ff) as i32;
        match field {
            0 => Self { fraction, exponent: EXPONENT_MIN },
            _ => Self { fraction: fraction | HIDDEN_BIT, exponent: EXPONENT_MIN + field - 1 },
        }
    }

    /// The same number with its top bit set.
    const fn normalized(self) -> Self {
        let shift = self.fraction.leading_zeros();
        Self { fraction: self.fraction << shift, exponent: self.exponent - shift as i32 }
    }

    /// Half way to the doubles below and above, with the exponent of the upper one normalized.
    const fn boundaries(self) -> (Self, Self) {
        let upper =
            Self { fraction: (self.fraction << 1) + 1, exponent: self.exponent - 1 }.normalized();
        // Below a power of two doubles lie twice as dense.
        let shift = if self.fraction == HIDDEN_BIT { 2 } else { 1 };
        let lower = (self.fraction << shift) - 1;
        let align = self.exponent - shift - upper.exponent;
        (Self { fraction: lower << align, exponent: upper.exponent }, upper)
    }

    /// The product, rounded to 64 bits.
    const fn times(self, other: Self) -> Self {
        let product = self.fraction as u128 * other.fraction as u128 + (1 << 63);
        Self { fraction: (product >> 64) as u64, exponent: self.exponent + other.exponent + 64 }
    }
}

/// Digits under way: all quantities are in units of two to minus `shift`.
struct Run {
    digits: Vec<u8>,
    shift: u32,
    /// From the number up to the upper bound.
    distance: u64,
    /// From the lower bound up to the upper bound.
    delta: u64,
}

impl Run {
    /// Takes digits of the upper bound until what is left lies within the bounds; returns the power
    /// of ten of the last digit.
    fn generate(&mut self, upper: u64) -> i32 {
        let one = 1_u64 << self.shift;
        let mut whole = upper >> self.shift;
        let mut part = upper & (one - 1);
        for kappa in (0..10).rev() {
            let unit = 10_u64.pow(kappa);
            self.push(whole / unit);
            whole %= unit;
            let rest = (whole << self.shift) + part;
            if rest <= self.delta {
                self.round(rest, unit << self.shift, self.distance);
                return kappa as i32;
            }
        }
        let (mut kappa, mut scale) = (0, 1_u64);
        loop {
            part *= 10;
            self.delta *= 10;
            scale = scale.wrapping_mul(10);
            kappa -= 1;
            self.push(part >> self.shift);
            part &= one - 1;
            if part < self.delta {
                self.round(part, one, self.distance.wrapping_mul(scale));
                return kappa;
            }
        }
    }

    /// Appends a digit; none of the leading zeros.
    fn push(&mut self, digit: u64) {
        if digit > 0 || !self.digits.is_empty() {
            self.digits.push(b'0' + digit as u8);
        }
    }

    /// Lowers the last digit as long as that comes closer to the number.
    fn round(&mut self, mut rest: u64, unit: u64, distance: u64) {
        let Some(last) = self.digits.last_mut() else { return };
        while rest < distance
            && self.delta - rest >= unit
            && (rest + unit < distance || distance - rest > rest + unit - distance)
        {
            *last -= 1;
            rest += unit;
        }
    }
}

/// A power of ten that brings a number of this exponent to one of -60 to -32, and its exponent of
/// ten.
fn cached_power(exponent: i32) -> (Scaled, i32) {
    let guess = (f64::from(-(exponent + POWERS.len() as i32)) * LOG10_OF_2) as i32;
    let mut at = (guess - POWER_FIRST) / POWER_STEP;
    loop {
        let power_of_ten = POWER_FIRST + at * POWER_STEP;
        let power = Scaled {
            fraction: POWERS.get(at.unsigned_abs() as usize).copied().unwrap_or(0),
            exponent: binary_exponent(power_of_ten),
        };
        match exponent + power.exponent + 64 {
            ..-60 => at += 1,
            -31.. => at -= 1,
            _ => return (power, power_of_ten),
        }
    }
}

/// The exponent of the lowest of 64 bits of a power of ten.
const fn binary_exponent(power_of_ten: i32) -> i32 {
    // Log 10 to base 2, exact enough for all powers in the table.
    ((power_of_ten as i64 * 0x35269e12f) >> 32) as i32 - 63
}

const FRACTION_BITS: u32 = f64::MANTISSA_DIGITS - 1;
const HIDDEN_BIT: u64 = 1 << FRACTION_BITS;

/// The exponent of the lowest bit of the smallest doubles.
const EXPONENT_MIN: i32 = -1074;
const LOG10_OF_2: f64 = 0.301_029_995_663_981_14;
const DIGITS_MAX: usize = 18;

const POWER_FIRST: i32 = -348;
const POWER_STEP: i32 = 8;

/// The top 64 bits of every eighth power of ten, rounded to the nearest.
const POWERS: [u64; 87] = [
    0xfa8f_d5a0_081c_0288,
    0xbaae_e17f_a23e_bf76,
    0x8b16_fb20_3055_ac76,
    0xcf42_894a_5dce_35ea,
    0x9a6b_b0aa_5565_3b2d,
    0xe61a_cf03_3d1a_45df,
    0xab70_fe17_c79a_c6ca,
    0xff77_b1fc_bebc_dc4f,
    0xbe56_91ef_416b_d60c,
    0x8dd0_1fad_907f_fc3c,
    0xd351_5c28_3155_9a83,
    0x9d71_ac8f_ada6_c9b5,
    0xea9c_2277_23ee_8bcb,
    0xaecc_4991_4078_536d,
    0x823c_1279_5db6_ce57,
    0xc210_9436_4dfb_5637,
    0x9096_ea6f_3848_984f,
    0xd774_85cb_2582_3ac7,
    0xa086_cfcd_97bf_97f4,
    0xef34_0a98_172a_ace5,
    0xb238_67fb_2a35_b28e,
    0x84c8_d4df_d2c6_3f3b,
    0xc5dd_4427_1ad3_cdba,
    0x936b_9fce_bb25_c996,
    0xdbac_6c24_7d62_a584,
    0xa3ab_6658_0d5f_daf6,
    0xf3e2_f893_dec3_f126,
    0xb5b5_ada8_aaff_80b8,
    0x8762_5f05_6c7c_4a8b,
    0xc9bc_ff60_34c1_3053,
    0x964e_858c_91ba_2655,
    0xdff9_7724_7029_7ebd,
    0xa6df_bd9f_b8e5_b88f,
    0xf8a9_5fcf_8874_7d94,
    0xb944_7093_8fa8_9bcf,
    0x8a08_f0f8_bf0f_156b,
    0xcdb0_2555_6531_31b6,
    0x993f_e2c6_d07b_7fac,
    0xe45c_10c4_2a2b_3b06,
    0xaa24_2499_6973_92d3,
    0xfd87_b5f2_8300_ca0e,
    0xbce5_0864_9211_1aeb,
    0x8cbc_cc09_6f50_88cc,
    0xd1b7_1758_e219_652c,
    0x9c40_0000_0000_0000,
    0xe8d4_a510_0000_0000,
    0xad78_ebc5_ac62_0000,
    0x813f_3978_f894_0984,
    0xc097_ce7b_c907_15b3,
    0x8f7e_32ce_7bea_5c70,
    0xd5d2_38a4_abe9_8068,
    0x9f4f_2726_179a_2245,
    0xed63_a231_d4c4_fb27,
    0xb0de_6538_8cc8_ada8,
    0x83c7_088e_1aab_65db,
    0xc45d_1df9_4271_1d9a,
    0x924d_692c_a61b_e758,
    0xda01_ee64_1a70_8dea,
    0xa26d_a399_9aef_774a,
    0xf209_787b_b47d_6b85,
    0xb454_e4a1_79dd_1877,
    0x865b_8692_5b9b_c5c2,
    0xc835_53c5_c896_5d3d,
    0x952a_b45c_fa97_a0b3,
    0xde46_9fbd_99a0_5fe3,
    0xa59b_c234_db39_8c25,
    0xf6c6_9a72_a398_9f5c,
    0xb7dc_bf53_54e9_bece,
    0x88fc_f317_f222_41e2,
    0xcc20_ce9b_d35c_78a5,
    0x9816_5af3_7b21_53df,
    0xe2a0_b5dc_971f_303a,
    0xa8d9_d153_5ce3_b396,
    0xfb9b_7cd9_a4a7_443c,
    0xbb76_4c4c_a7a4_4410,
    0x8bab_8eef_b640_9c1a,
    0xd01f_ef10_a657_842c,
    0x9b10_a4e5_e991_3129,
    0xe710_9bfb_a19c_0c9d,
    0xac28_20d9_623b_f429,
    0x8044_4b5e_7aa7_cf85,
    0xbf21_e440_03ac_dd2d,
    0x8e67_9c2f_5e44_ff8f,
    0xd433_179d_9c8c_b841,
    0x9e19_db92_b4e3_1ba9,
    0xeb96_bf6e_badf_77d9,
    0xaf87_023b_9bf0_ee6b,
];

#[cfg(test)]
mod tests {
    use super::super::binary;
    use super::super::binary::Format;
    use super::super::float_text::FloatText;
    use super::*;

    const WIDE: Format = Format { precision: 64, exponent_min: -9_999, exponent_max: 9_999 };

    #[test]
    fn powers_are_what_they_say() {
        for (at, fraction) in POWERS.iter().enumerate() {
            let power_of_ten = POWER_FIRST + POWER_STEP * at as i32;
            let text = format!("1e{power_of_ten}");
            let magnitude = FloatText::parse(text.as_bytes()).unwrap().magnitude;
            let expect = binary::nearest(magnitude, WIDE).unwrap();
            assert_eq!((*fraction, binary_exponent(power_of_ten)), expect, "{text}");
        }
    }

    #[test]
    fn digits_read_back() {
        let mut bits = 1_u64;
        for _ in 0..20_000 {
            bits = bits.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(17);
            let value = f64::from_bits(bits & !(1 << 63));
            if !value.is_finite() || value == 0.0 {
                continue;
            }
            let (digits, exponent) = digits(value);
            let text = format!("{}e{exponent}", String::from_utf8(digits).unwrap());
            assert_eq!(text.parse::<f64>().unwrap().to_bits(), value.to_bits(), "{text}");
        }
    }

    /// Where Grisu2 is not shortest or not closest, Redis is not either.
    #[test]
    fn prints_the_digits_that_redis_prints() {
        for (value, expect, power) in [
            (1.5, "15", -1),
            (f64::MIN_POSITIVE, "22250738585072014", -324),
            (f64::from_bits(1), "5", -324),
            (f64::MAX, "17976931348623157", 292),
            (731.15231, "7311523100000001", -13),
            (837.12894, "8371289399999999", -13),
            (8.408497164983163e-06, "8408497164983162", -21),
            (4.719096578663278e-68, "47190965786632776", -84),
            (92115814704586.88, "9211581470458687", -2),
        ] {
            let (digits, exponent) = digits(value);
            assert_eq!((digits.as_slice(), exponent), (expect.as_bytes(), power), "{value}");
        }
    }
}
