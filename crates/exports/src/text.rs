//! What others wrote, made harmless for the programs that will read it.

use weir_units::Amount;

/// The longest text of a cell: a note has at most 200 bytes and a name 60 characters, so that only
/// what no rule let through is cut.
pub const CHARS_MAX: usize = 200;

/// The longest receipt number or key: 53 signs today.
const ID_CHARS_MAX: usize = 64;

/// The text on one line, without what cannot be seen, and not too long.
///
/// Whatever stands between words becomes one blank, as on the page. Controls and marks of direction
/// go. What joins letters (U+200C, U+200D) stays: Persian and many emoji need it.
pub fn clean(text: &str) -> String {
    let text: String =
        text.chars().filter_map(|c| if breaks(c) { Some(' ') } else { shown(c) }).collect();
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    cut(&line, CHARS_MAX)
}

/// At most so many characters; an ellipsis says that there were more.
pub fn cut(text: &str, chars_max: usize) -> String {
    if text.chars().nth(chars_max).is_none() {
        return text.to_string();
    }
    text.chars().take(chars_max.saturating_sub(1)).chain(['…']).collect()
}

/// What separates words or lines.
fn breaks(c: char) -> bool {
    matches!(c, '\t'..='\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

fn shown(c: char) -> Option<char> {
    let code = u32::from(c);
    // No text holds the last two of each 65,536 characters, and XML forbids the first of them.
    let none = code & 0xfffe == 0xfffe || matches!(c, '\u{fdd0}'..='\u{fdef}');
    (!none && !c.is_control() && !hidden(c)).then_some(c)
}

/// Turns the direction of what follows, or shows nothing.
fn hidden(c: char) -> bool {
    matches!(
        c,
        '\u{ad}'
            | '\u{61c}'
            | '\u{180e}'
            | '\u{200b}'
            | '\u{200e}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}'
    )
}

/// A receipt number or a key: letters, digits, `-` and `_`.
pub fn id(text: &str) -> String {
    let plain = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    text.chars().filter(plain).take(ID_CHARS_MAX).collect()
}

/// A clean text as a cell that no spreadsheet runs: an apostrophe stands before what begins like a
/// formula. The same after each semicolon, which begins a new cell where the comma is the decimal
/// mark.
pub fn cell(clean: &str) -> String {
    let mut cell = String::with_capacity(clean.len());
    let mut at_start = true;
    for c in clean.chars() {
        if at_start && matches!(c, '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠') {
            cell.push('\'');
        }
        at_start = c == ';' || (at_start && (c == '"' || c.is_whitespace()));
        cell.push(c);
    }
    cell
}

/// An amount with all decimals of its unit: `-12.50`.
pub fn decimal(amount: Amount, decimals: u8) -> String {
    let sign = if amount < Amount::ZERO { "-" } else { "" };
    let decimals = usize::from(decimals);
    // One digit stands before the point.
    let width = decimals.saturating_add(1);
    let digits = format!("{:0>width$}", amount.minor().unsigned_abs());
    let point = digits.len().saturating_sub(decimals);
    match digits.split_at_checked(point) {
        Some((whole, rest)) if !rest.is_empty() => format!("{sign}{whole}.{rest}"),
        _ => format!("{sign}{digits}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_keeps_its_words_and_loses_what_cannot_be_seen() {
        for (text, expected) in [
            ("Two jars of honey", "Two jars of honey"),
            ("  one\r\n\ttwo\u{2028}three ", "one two three"),
            ("\u{202e}annA\u{2066}\u{200f}", "annA"),
            ("a\u{0}b\u{7}c\u{1b}[31m\u{7f}\u{9b}", "abc[31m"),
            ("\u{feff}\u{fffe}\u{ffff}\u{10ffff}x", "x"),
            ("کتاب\u{200c}ها 👩\u{200d}🌾", "کتاب\u{200c}ها 👩\u{200d}🌾"),
            ("\u{202e}", ""),
        ] {
            assert_eq!(clean(text), expected, "{text:?}");
        }
    }

    #[test]
    fn a_text_of_200_characters_is_whole_and_a_longer_one_ends_in_an_ellipsis() {
        assert_eq!(clean(&"ä".repeat(200)), "ä".repeat(200));
        let cut = clean(&"ä".repeat(10_000));
        assert_eq!(cut.chars().count(), 200);
        assert!(cut.ends_with("ä…"));
    }

    #[test]
    fn a_cell_never_begins_like_a_formula() {
        for (text, expected) in [
            ("=HYPERLINK(\"http://x\")", "'=HYPERLINK(\"http://x\")"),
            ("+1", "'+1"),
            ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("＝1", "'＝1"),
            ("\" =1", "\" '=1"),
            ("honey; =1;-2", "honey; '=1;'-2"),
            ("1-2=3 a@b", "1-2=3 a@b"),
            ("", ""),
        ] {
            assert_eq!(cell(text), expected);
        }
    }

    #[test]
    fn an_amount_has_all_decimals_of_its_unit() {
        for (minor, decimals, text) in [
            (0, 2, "0.00"),
            (5, 2, "0.05"),
            (-5, 2, "-0.05"),
            (-1_250, 2, "-12.50"),
            (1_250, 0, "1250"),
            (0, 0, "0"),
            (7, 6, "0.000007"),
            (i64::MIN, 2, "-92233720368547758.08"),
        ] {
            assert_eq!(decimal(Amount::new(minor), decimals), text);
        }
    }

    #[test]
    fn an_id_holds_nothing_that_a_format_reads() {
        assert_eq!(id("uhCkk-_9\",;\n:x"), "uhCkk-_9x");
        assert_eq!(id(&"k".repeat(100)).len(), 64);
    }
}
