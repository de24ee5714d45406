//! A card as a picture: the points of every bin, for people who decide by it.

use crate::card::{Card, Feature};
use std::fmt::Write;

const WIDTH: i64 = 760;
/// Where points of zero stand.
const ZERO_X: i64 = 480;
/// Room for the largest points on either side.
const REACH: i64 = 170;
const ROW: i64 = 22;
const HEAD: i64 = 84;
const TITLE: i64 = 34;
const FOOT: i64 = 16;
const NAME_CHARS: usize = 40;

impl Card {
    /// An SVG picture: bars to the right are points for a row, bars to the left against it.
    pub fn picture(&self) -> String {
        let most = self.features().iter().flat_map(|feature| &feature.worth.points);
        let most = most.map(|points| points.unsigned_abs()).max().unwrap_or(1).max(1);
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        let mut body = String::new();
        let mut y = HEAD;
        for feature in self.features() {
            y = panel(&mut body, feature, y, most);
        }
        let height = y.saturating_add(FOOT);
        let rows = self.rows();
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" \
             width=\"{WIDTH}\" height=\"{height}\" role=\"img\" aria-labelledby=\"t d\" \
             font-family=\"system-ui, sans-serif\" font-size=\"13\">\n\
             <title id=\"t\">Scorecard for {}</title>\n\
             <desc id=\"d\">Points by bin of {} features. More points mean a lower chance of \
             going bad.</desc>\n\
             <rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n\
             <text x=\"16\" y=\"28\" font-size=\"18\" font-weight=\"600\">Scorecard for {}</text>\n\
             <text x=\"16\" y=\"48\" fill=\"#444\">From {} rows, {} of them bad. 20 points double \
             the odds that all goes well.</text>\n\
             <text x=\"16\" y=\"66\" fill=\"#444\">Points to the right speak for a request, to the \
             left against it; (n) is how many rows a bin was learnt from.</text>\n\
             {body}</svg>\n",
            escaped(self.target()),
            self.features().len(),
            escaped(self.target()),
            rows.rows(),
            rows.bad,
        )
    }
}

/// Draws one feature and says where the next one begins. Writing to a string cannot fail.
fn panel(body: &mut String, feature: &Feature, top: i64, most: i64) -> i64 {
    let title = top.saturating_add(22);
    let name = escaped(&feature.name);
    let _ = writeln!(body, "<text x=\"16\" y=\"{title}\" font-weight=\"600\">{name}</text>");
    let mut y = top.saturating_add(TITLE);
    let begin = y;
    for (place, tally) in feature.tallies.iter().enumerate() {
        // A bin that nobody was in says nothing.
        if tally.rows() == 0 {
            continue;
        }
        let points = feature.points(place);
        let length = points.saturating_abs().saturating_mul(REACH).checked_div(most).unwrap_or(0);
        let left = points < 0;
        let bar_x = if left { ZERO_X.saturating_sub(length) } else { ZERO_X };
        let fill = if left { "#c2410c" } else { "#0f766e" };
        let (label_x, anchor) = if left {
            (bar_x.saturating_sub(6), "end")
        } else {
            (bar_x.saturating_add(length).saturating_add(6), "start")
        };
        let base = y.saturating_add(15);
        let words = escaped(&shortened(&feature.bins.words(place)));
        let bar_y = y.saturating_add(3);
        let sign = if points > 0 { "+" } else { "" };
        let _ = writeln!(
            body,
            "<text x=\"32\" y=\"{base}\">{words} <tspan fill=\"#666\">({})</tspan></text>\
             <rect x=\"{bar_x}\" y=\"{bar_y}\" width=\"{length}\" height=\"16\" fill=\"{fill}\"/>\
             <text x=\"{label_x}\" y=\"{base}\" text-anchor=\"{anchor}\">{sign}{points}</text>",
            tally.rows(),
        );
        y = y.saturating_add(ROW);
    }
    let _ = writeln!(
        body,
        "<line x1=\"{ZERO_X}\" x2=\"{ZERO_X}\" y1=\"{begin}\" y2=\"{y}\" stroke=\"#999\"/>"
    );
    y
}

fn shortened(text: &str) -> String {
    if text.chars().count() <= NAME_CHARS {
        return text.to_string();
    }
    text.chars().take(NAME_CHARS).chain(['…']).collect()
}

/// Text that stands for itself in XML; what XML cannot hold is left out.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&apos;"),
            character if character.is_control() || "\u{fffe}\u{ffff}".contains(character) => {}
            character => escaped.push(character),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_break_the_picture() {
        assert_eq!(escaped("a<b & \"c\"\u{0}\u{ffff}'"), "a&lt;b &amp; &quot;c&quot;&apos;");
        assert_eq!(shortened(&"ä".repeat(50)).chars().count(), 41);
    }
}
