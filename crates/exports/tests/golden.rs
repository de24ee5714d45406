//! Worked stories, in every format, to the byte. `cargo xtask test --only exports` has the real
//! tools read the same files.
//!
//! After a change that is meant: `WEIR_GOLDEN=write cargo test -p weir-exports --test golden`.

mod support;

use std::fs;
use std::path::Path;
use support::{head, oaks, Story, Told};
use weir_exports::{Day, Failure, Format, Head, Statement};
use weir_wire::{PaymentStatus, Unit};

/// Names and notes of people who mean no good.
const NAMES: [(&str, &str); 8] = [
    ("ben", "Ben Okafor"),
    ("carla", "Carla Méndez-Ortiz of the Lower Mill Bakery"),
    ("formula", "=HYPERLINK(\"http://evil.example\",\"Ben Okafor\")"),
    ("turned", "\u{202e}annA\u{202c} \u{2066}Weber"),
    ("script", "<script>alert('x')</script> & Co ]]>"),
    ("quoted", "\"Q\" \\ O'Neil | ; date:2020-99-99, [2020-99-99]\n\r\t(7) ! *"),
    ("minus", "-1+cmd|' /C calc'!A0"),
    ("long", ""),
];

fn names() -> Vec<(&'static str, &'static str)> {
    // Once, and as long as the tests run.
    let long: &'static str = Box::leak("x".repeat(10_000).into_boxed_str());
    NAMES.map(|(key, name)| if key == "long" { (key, long) } else { (key, name) }).into()
}

/// Every kind of row, with everything that a name or a note can do.
fn everything() -> (Head, Story) {
    use PaymentStatus::{Declined, Returned, Taken, Waiting};
    let mut story = Story::opened();
    story.days_later(1).received(&[Told::of("ben", 5_000, "Two jars of honey")]);
    story.paid(Told::of("carla", 1_250, "Bread for the week").with_fee(13), Taken);
    story.days_later(1).received(&[
        Told::of("formula", 900, "=1+1"),
        Told::of("turned", 250, "+49 30 123; =2+2").of_kind(1),
        Told::of("script", 31, "<b>bold</b> &amp; \u{0}\u{1b}[31mred").of_kind(2),
    ]);
    let returned =
        story.paid(Told::of("quoted", 2_300, "\"a\\b\"; date:2020-99-99").of_kind(3), Returned);
    story.sent_back(&Told::of("minus", 700, "@SUM(A1:A9)").of_kind(1), 2);
    story.days_later(30).came_back(&returned);
    story.checkpoint();
    story.month_closed(25);
    story.paid(Told::of("long", 9_000, &"ä".repeat(10_000)).with_fee(90).of_kind(9), Taken);
    story.paid(Told::of("ben", 1_200, "Sharpened tools\nand a saw").of_kind(1), Waiting);
    story.days_later(1).paid(Told { memo: None, ..Told::of("nobody", 55, "") }, Declined);
    (head(oaks(), &names()), story)
}

/// An unusual unit: no decimals, and a symbol that is a commodity already.
fn whole_units() -> (Head, Story) {
    let unit = Unit { name: "Zeit; \"Stunden\"".into(), symbol: "z-1".into(), decimals: 0 };
    let mut story = Story::opened();
    story.paid(Told::of("ben", 7, "Garden"), PaymentStatus::Taken);
    story.days_later(120).received(&[Told::of("ben", 9_007_199_254_740_991, "A great deal")]);
    (head(unit, &NAMES), story)
}

fn stories() -> Vec<(&'static str, Statement)> {
    let whole = |(head, story): (Head, Story)| Statement::new(&head, &story.items, None, None);
    let (head, story) = everything();
    let part = |from, to| Statement::new(&head, &story.items, Day::parse(from), Day::parse(to));
    let never = Statement::new(&head, &[], None, None);
    let named = [
        ("everything", whole(everything())),
        ("part", part("2026-09-03", "2026-10-03")),
        ("quiet", part("2026-09-10", "2026-09-20")),
        ("never-opened", never),
        ("whole-units", whole(whole_units())),
    ];
    named.map(|(name, statement)| (name, statement.unwrap())).into()
}

fn ending(format: Format) -> &'static str {
    match format {
        Format::Csv => "csv",
        Format::CsvFull => "full.csv",
        Format::Hledger => "journal",
        Format::Beancount => "beancount",
        Format::Camt053 => "xml",
    }
}

#[test]
fn the_stories_are_written_as_they_always_were() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let write = std::env::var("WEIR_GOLDEN").is_ok_and(|word| word == "write");
    for (name, statement) in stories() {
        for format in Format::ALL {
            let path = folder.join(format!("{name}.{}", ending(format)));
            let text = String::from_utf8(statement.bytes(format).unwrap()).unwrap();
            if write {
                fs::write(&path, text).unwrap();
            } else {
                let golden = fs::read_to_string(&path).unwrap_or_default();
                assert!(text == golden, "{} is not what is written:\n{text}", path.display());
            }
        }
    }
}

#[test]
fn nothing_that_turns_or_hides_text_is_left_in_any_format() {
    for (name, statement) in stories() {
        for format in Format::ALL {
            let text = String::from_utf8(statement.bytes(format).unwrap()).unwrap();
            // The mark at the start says in which alphabet a spreadsheet should read.
            let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
            let wrong = |c: char| {
                (c.is_control() && c != '\n')
                    || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
            };
            assert_eq!(text.find(wrong), None, "{name} as {}", format.name());
            let longest = text.lines().map(|line| line.chars().count()).max().unwrap();
            assert!(longest < 1_000, "{name} as {}: {longest} characters", format.name());
        }
    }
}

#[test]
fn an_amount_that_a_format_cannot_hold_is_refused_by_that_format_alone() {
    let unit = Unit { decimals: 6, ..oaks() };
    let mut story = Story::opened();
    story.received(&[Told::of("ben", 1_000_001, "A millionth more")]);
    let statement = Statement::new(&head(unit, &NAMES), &story.items, None, None).unwrap();
    for format in Format::ALL {
        match statement.bytes(format) {
            Ok(_) => assert_ne!(format, Format::Camt053),
            Err(Failure::Unfit { amount }) => {
                assert_eq!((format, amount.as_str()), (Format::Camt053, "1.000001"));
            }
            Err(other) => panic!("{other}"),
        }
    }
}
