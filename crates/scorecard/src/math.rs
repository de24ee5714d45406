//! Whole-number arithmetic: logarithms to base 2 and chances out of 10,000.
//!
//! Numbers stop at the end of their range instead of wrapping. The limits of [`crate::table`] keep
//! every sum here below 10³⁰, so none of them ever gets there.

use core::num::Saturating;

/// A whole number with ordinary operators that neither wrap nor panic.
pub type Int = Saturating<i128>;

pub fn int(number: impl Into<i128>) -> Int {
    Saturating(number.into())
}

/// How many.
pub fn count(number: usize) -> Int {
    Saturating(i128::try_from(number).unwrap_or(i128::MAX))
}

/// A number that is known to be small.
pub fn small(number: Int) -> i64 {
    i64::try_from(number.0).unwrap_or(if number.0 < 0 { i64::MIN } else { i64::MAX })
}

/// ⌊a / b⌋, also for negative numbers; zero when `b` is zero.
pub fn floor_div(a: Int, b: Int) -> Int {
    Saturating(a.0.checked_div_euclid(b.0).unwrap_or(0))
}

/// `a / b` to the nearest whole number, a half upwards, for `b` above zero.
pub fn round_div(a: Int, b: Int) -> Int {
    let two = int(2);
    floor_div(a * two + b, b * two)
}

/// Log₂ of a number in 1/65,536, truncated; zero for what is not positive.
///
/// The mantissa is kept in 32 bits behind the point and squared 16 times: each time says one bit.
pub fn log2_q16(number: Int) -> Int {
    let Ok(number) = u128::try_from(number.0) else { return int(0) };
    let Some(whole) = number.checked_ilog2() else { return int(0) };
    let shifted = match whole.checked_sub(32) {
        Some(right) => number.checked_shr(right),
        None => number.checked_shl(32_u32.saturating_sub(whole)),
    };
    let mut mantissa = shifted.unwrap_or(0);
    let mut bits = u64::from(whole);
    for _ in 0..16 {
        mantissa = mantissa.saturating_mul(mantissa) >> 32;
        bits <<= 1;
        if mantissa >> 33 != 0 {
            mantissa >>= 1;
            bits |= 1;
        }
    }
    int(bits)
}

/// 10,000 / (1 + e^(−k/8)) for k = −64 to 64, rounded.
const CHANCES: [u16; 129] = [
    3, 4, 4, 5, 6, 6, 7, 8, 9, 10, 12, 13, 15, 17, 19, 22, 25, 28, 32, 36, 41, 46, 52, 59, 67, 76,
    86, 97, 110, 124, 141, 159, 180, 203, 230, 260, 293, 331, 373, 421, 474, 534, 601, 675, 759,
    851, 953, 1067, 1192, 1330, 1480, 1645, 1824, 2018, 2227, 2451, 2689, 2942, 3208, 3486, 3775,
    4073, 4378, 4688, 5000, 5312, 5622, 5927, 6225, 6514, 6792, 7058, 7311, 7549, 7773, 7982, 8176,
    8355, 8520, 8670, 8808, 8933, 9047, 9149, 9241, 9325, 9399, 9466, 9526, 9579, 9627, 9669, 9707,
    9740, 9770, 9797, 9820, 9841, 9859, 9876, 9890, 9903, 9914, 9924, 9933, 9941, 9948, 9954, 9959,
    9964, 9968, 9972, 9975, 9978, 9981, 9983, 9985, 9987, 9988, 9990, 9991, 9992, 9993, 9994, 9994,
    9995, 9996, 9996, 9997,
];

/// The chance out of 10,000 of a logit in eighths, given in 1/65,536: a table with straight lines
/// between its points, level beyond its ends.
pub fn chance_bp(logit8_q16: Int) -> u16 {
    let place = floor_div(logit8_q16, int(65_536)) + int(64);
    if place < int(0) {
        return CHANCES.first().copied().unwrap_or(0);
    }
    let at = usize::try_from(place.0).unwrap_or(usize::MAX);
    let (Some(from), Some(to)) = (CHANCES.get(at), CHANCES.get(at.saturating_add(1))) else {
        return CHANCES.last().copied().unwrap_or(0);
    };
    let part = logit8_q16 & int(65_535);
    let rise = int(to.saturating_sub(*from)) * part;
    from.saturating_add(u16::try_from(floor_div(rise, int(65_536)).0).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logarithms_of_powers_of_two_are_exact_and_others_close() {
        for n in 0..126_u32 {
            assert_eq!(log2_q16(int(1_i128 << n)).0, i128::from(n) << 16);
        }
        for (number, log2) in [(3, 1.584_962_5), (1_000, 9.965_784_28), (65_537, 16.000_022)] {
            let here = log2_q16(int(number)).0 as f64 / 65_536.0;
            assert!((here - log2).abs() < 2e-5, "{number}: {here}");
        }
        assert_eq!((log2_q16(int(0)), log2_q16(int(-5))), (int(0), int(0)));
    }

    #[test]
    fn the_table_of_chances_is_the_logistic_curve_within_three_of_ten_thousand() {
        for eighths in -70..=70 {
            for part in [0, 1, 20_000, 32_768, 65_535] {
                let logit = f64::from(eighths * 65_536 + part) / 8.0 / 65_536.0;
                let exact = 10_000.0 / (1.0 + (-logit).exp());
                let here = f64::from(chance_bp(int(eighths * 65_536 + part)));
                assert!((here - exact).abs() < 4.0, "{logit}: {here} for {exact}");
            }
        }
        for (eighths, chance) in [(-64, 3), (0, 5_000), (8, 7_311), (64, 9_997)] {
            assert_eq!(chance_bp(int(eighths * 65_536)), chance);
        }
    }

    #[test]
    fn chances_rise_and_stay_level_beyond_the_ends() {
        let all: Vec<u16> = (-6_000..6_000).map(|n| chance_bp(int(n * 1_000))).collect();
        assert!(all.is_sorted());
        assert_eq!((chance_bp(int(i64::MIN)), chance_bp(int(i64::MAX))), (3, 9_997));
        assert_eq!(
            (chance_bp(Saturating(i128::MIN)), chance_bp(Saturating(i128::MAX))),
            (3, 9_997)
        );
    }

    #[test]
    fn division_rounds_as_its_name_says() {
        for (a, b, down, near) in [
            (7, 2, 3, 4),
            (-7, 2, -4, -3),
            (6, 4, 1, 2),
            (5, 4, 1, 1),
            (-1, 3, -1, 0),
            (1, 0, 0, 0),
        ] {
            assert_eq!(floor_div(int(a), int(b)), int(down), "{a}/{b}");
            assert_eq!(round_div(int(a), int(b)), int(near), "{a}/{b}");
        }
    }
}
