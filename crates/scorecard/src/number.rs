//! Numbers as people write them, read exactly: a thousand times their value, rounded down.

/// Why a text is not taken as a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotANumber {
    Malformed,
    OutOfRange,
}

/// Digits of the largest number kept, a thousand times its value.
const DIGITS_MAX: i64 = 18;

/// ⌊1000·x⌋ of a decimal number: sign, digits with or without a point, and a power of ten.
/// Blanks around it do not count. Nothing is rounded but the end, so no float decides a bin.
pub fn thousandths(text: &str) -> Result<i64, NotANumber> {
    let text = text.trim();
    let (negative, text) = signed(text);
    let (body, power) = match text.split_once(['e', 'E']) {
        Some((body, power)) => (body, exponent(power).ok_or(NotANumber::Malformed)?),
        None => (text, 0),
    };
    let (whole, part) = body.split_once('.').unwrap_or((body, ""));
    let digits = || whole.bytes().chain(part.bytes());
    if digits().next().is_none() || !digits().all(|byte| byte.is_ascii_digit()) {
        return Err(NotANumber::Malformed);
    }
    let part_digits = i64::try_from(part.len()).map_err(|_| NotANumber::OutOfRange)?;
    let all_digits = i64::try_from(digits().count()).map_err(|_| NotANumber::OutOfRange)?;
    // How many of the digits stand before the point once the number is a thousand times larger.
    let kept = all_digits.saturating_sub(part_digits).saturating_add(power).saturating_add(3);
    let mut value: i64 = 0;
    let mut lost = false;
    for (at, digit) in (0_i64..).zip(digits()) {
        if at < kept {
            value = pushed(value, digit.saturating_sub(b'0'))?;
        } else {
            lost |= digit != b'0';
        }
    }
    if value != 0 {
        for _ in 0..kept.saturating_sub(all_digits).min(DIGITS_MAX) {
            value = pushed(value, 0)?;
        }
    }
    Ok(if negative { value.saturating_neg().saturating_sub(i64::from(lost)) } else { value })
}

fn signed(text: &str) -> (bool, &str) {
    match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    }
}

/// A power of ten; beyond what any number here can bear it makes no difference how large it is.
fn exponent(text: &str) -> Option<i64> {
    let (negative, digits) = signed(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let size = digits.parse::<i64>().unwrap_or(i64::MAX).min(1_000_000);
    Some(if negative { size.saturating_neg() } else { size })
}

fn pushed(value: i64, digit: u8) -> Result<i64, NotANumber> {
    const MAX: i64 = 1_000_000_000_000_000_000;
    let longer = value.checked_mul(10).and_then(|tens| tens.checked_add(i64::from(digit)));
    longer.filter(|longer| *longer < MAX).ok_or(NotANumber::OutOfRange)
}

/// A number of thousandths as people write it: `286` is `0.286`, `8000` is `8`.
pub fn written(thousandths: i64) -> String {
    let size = thousandths.unsigned_abs();
    let sign = if thousandths < 0 { "-" } else { "" };
    let whole = size.checked_div(1_000).unwrap_or(0);
    let part = size.checked_rem(1_000).unwrap_or(0);
    let text = format!("{sign}{whole}.{part:03}");
    text.trim_end_matches('0').trim_end_matches('.').to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_exactly_and_rounded_down() {
        for (text, value) in [
            ("0", 0),
            ("-0.0", 0),
            ("5", 5_000),
            ("9120.0", 9_120_000),
            (".5", 500),
            ("5.", 5_000),
            ("+1.2345", 1_234),
            ("-1.2345", -1_235),
            ("1.001", 1_001),
            ("0.766126609", 766),
            ("9.9e-05", 0),
            ("-9.9e-05", -1),
            ("1e3", 1_000_000),
            ("1.5E+2", 150_000),
            (" 7 ", 7_000),
            ("00000000000000000000000012", 12_000),
            ("0.0000000000000000000000000000000000001", 0),
            ("999999999999999.999", 999_999_999_999_999_999),
            ("0e999999999999999999999", 0),
            ("1e-999999999999999999999", 0),
        ] {
            assert_eq!(thousandths(text), Ok(value), "{text}");
        }
    }

    #[test]
    fn what_is_no_number_is_told_from_one_that_is_too_large() {
        for text in
            ["", " ", ".", "-", "+-5", "e5", "5e", "5e+", "1,5", "0x10", "nan", "inf", "1 2"]
        {
            assert_eq!(thousandths(text), Err(NotANumber::Malformed), "{text}");
        }
        for text in ["1000000000000000", "-1e15", "1e999999999999999999999", "9e17"] {
            assert_eq!(thousandths(text), Err(NotANumber::OutOfRange), "{text}");
        }
    }

    #[test]
    fn thousandths_are_written_without_needless_digits() {
        for (value, text) in
            [(0, "0"), (8_000, "8"), (286, "0.286"), (-1_500, "-1.5"), (-1, "-0.001"), (10, "0.01")]
        {
            assert_eq!(written(value), text);
            assert_eq!(thousandths(text), Ok(value));
        }
    }
}
