//! The written forms, byte for byte, and everything that is almost one of them.
//!
//! Other bytes are another network: whoever changes a file in `golden/` writes a decision record.

mod support;

use support::msgpack::{array_head, long_ints, Node};
use support::samples::{busy_state, entry, full_state, payment, samples};
use support::*;
use weir_rules::entry::{Event, LedgerEntry, Memo};
use weir_rules::links::{anchor, tag_time, time_tag};
use weir_rules::refusal::Refusal;

#[test]
fn every_event_and_state_is_written_as_it_always_was() {
    for (name, entry) in samples() {
        let bytes = entry.encode().unwrap();
        same_as_the_file(name, &bytes);
        assert_eq!(LedgerEntry::decode(&bytes), Ok(entry), "{name}");
    }
    same_as_the_file("state", &rmp_serde::to_vec(&busy_state(2)).unwrap());
}

#[test]
fn tags_and_anchors_are_written_as_they_always_were() {
    same_as_the_file("time_tag", &time_tag(time(FOUNDED)));
    same_as_the_file("anchor_0", &anchor(0));
    same_as_the_file("anchor_66051", &anchor(0x0001_0203));
}

#[test]
fn a_tag_gives_back_its_time_and_nothing_else_does() {
    for micros in [i64::MIN, -1, 0, 1, FOUNDED, i64::MAX] {
        assert_eq!(tag_time(&time_tag(time(micros))), Some(time(micros)));
    }
    for wrong in [&[][..], &[0; 7], &[0; 9]] {
        assert_eq!(tag_time(wrong), None);
    }
}

#[test]
fn an_account_stays_small() {
    let bytes = |count, event| entry(event, busy_state(count)).encode().unwrap().len();
    assert!(bytes(20, payment(None)) <= 1_100, "{}", bytes(20, payment(None)));
    assert!(bytes(64, payment(None)) <= 3_072, "{}", bytes(64, payment(None)));
    let full = entry(payment(Some(Memo(vec![0; 240]))), full_state()).encode().unwrap().len();
    assert!(full <= 6 * 1_024, "{full}");
}

fn malformed(what: &str, bytes: &[u8]) {
    assert_eq!(LedgerEntry::decode(bytes), Err(Refusal::Malformed {}), "{what}: {bytes:02x?}");
}

/// Where a list stands that may be shorter or longer: the payments and witnesses of a receipt, the
/// partners and kinds of a month, and the loans, pledges and losses of the account.
fn is_list(path: &[usize]) -> bool {
    // Written out: of `[1, 0, 0, 0 | 2]` beside shorter patterns rustc 1.95 makes, at opt-level 2,
    // code that reads past the end of an empty path.
    match path {
        [1, 0, 0] | [1, 0, 1] => true,
        [1, 0, 0, part] => *part == 0 || *part == 2,
        [2, part] => (20..=22).contains(part),
        _ => false,
    }
}

/// The memo of a payment is of any length to the decoder; its size is a rule of payments.
fn is_memo(path: &[usize]) -> bool {
    path == [1, 0, 5]
}

/// Every way to write a node differently that still looks like it.
fn disguises(node: &Node, path: &[usize]) -> Vec<(&'static str, Vec<u8>)> {
    match node {
        Node::Raw(_) => vec![],
        Node::Nil => {
            let others = [("false", vec![0xc2]), ("a list", vec![0x90]), ("a map", vec![0x80])];
            let bytes = (!is_memo(path)).then_some(("bytes", vec![0xc4, 0]));
            others.into_iter().chain(bytes).collect()
        }
        Node::Int(value) => int_disguises(*value),
        Node::Bin(bytes) => bin_disguises(bytes, is_memo(path)),
        Node::Str(bytes) => str_disguises(bytes),
        Node::Array(items) => array_disguises(items, is_list(path)),
        Node::Map(pairs) => map_disguises(pairs),
    }
}

fn int_disguises(value: i128) -> Vec<(&'static str, Vec<u8>)> {
    let long = long_ints(value).into_iter().map(|form| ("a long form", form));
    let float = [&[0xcb][..], &(value as f64).to_be_bytes()].concat();
    let text = Node::Str(value.to_string().into_bytes()).write();
    let listed = Node::Array(vec![Node::Int(value)]).write();
    let others = [("a float", float), ("digits", text), ("a list", listed), ("nil", vec![0xc0])];
    long.chain(others).collect()
}

fn bin_disguises(bytes: &[u8], any_length: bool) -> Vec<(&'static str, Vec<u8>)> {
    let len = bytes.len();
    let with = |head: &[u8]| [head, bytes].concat();
    let wide = [0, 0, (len >> 8) as u8, len as u8];
    let numbers = bytes.iter().map(|byte| Node::Int(i128::from(*byte))).collect();
    let mut forms = vec![
        ("text for bytes", Node::Str(bytes.to_vec()).write()),
        ("numbers for bytes", Node::Array(numbers).write()),
        ("a longer length", with(&[&[0xc6][..], &wide].concat())),
        ("an extension", with(&[&[0xc9][..], &wide, &[0]].concat())),
        ("a wrong end", with(&[0xc6, 0xff, 0xff, 0xff, 0xff])),
    ];
    if len < 256 {
        forms.push(("a longer length", with(&[0xc5, 0, len as u8])));
    }
    if !any_length {
        forms.push(("a byte more", Node::Bin([bytes, &[0]].concat()).write()));
        let less = bytes.split_last().map_or(&[9][..], |(_, rest)| rest);
        forms.push(("a byte less", Node::Bin(less.to_vec()).write()));
    }
    forms
}

/// The name of an event or a rule set without fields.
fn str_disguises(name: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let text = Node::Str(name.to_vec());
    vec![
        ("bytes for a name", Node::Bin(name.to_vec()).write()),
        ("a longer length", [&[0xd9, name.len() as u8], name].concat()),
        ("a name that is not known", Node::Str([name, b"x"].concat()).write()),
        ("a number for a name", vec![0]),
        ("a map for a name", Node::Map(vec![(text.clone(), Node::Nil)]).write()),
        ("a list for a name", Node::Array(vec![text]).write()),
    ]
}

fn array_disguises(items: &[Node], any_length: bool) -> Vec<(&'static str, Vec<u8>)> {
    let body: Vec<u8> = items.iter().flat_map(Node::write).collect();
    let len = items.len();
    let numbered = |(i, item): (usize, &Node)| (Node::Int(i as i128), item.clone());
    let map = [&[0xde, 0, len as u8], &pairs_body(items.iter().enumerate().map(numbered))[..]];
    let more = [items, &[Node::Nil]].concat();
    let wide = [0xdd, 0, 0, (len >> 8) as u8, len as u8];
    let mut forms = vec![
        ("a map for a list", map.concat()),
        ("an unknown part", Node::Array(more).write()),
        ("a longer length", [&wide[..], &body].concat()),
        ("a length without end", [&[0xdd, 0xff, 0xff, 0xff, 0xff][..], &body].concat()),
        ("one part too few for its length", [&array_head(len + 1)[..], &body].concat()),
    ];
    if len < 16 {
        forms.push(("a longer length", [&[0xdc, 0, len as u8][..], &body].concat()));
    }
    if let (Some((_, fewer)), false) = (items.split_last(), any_length) {
        forms.push(("a missing part", Node::Array(fewer.to_vec()).write()));
    }
    forms
}

fn pairs_body(pairs: impl Iterator<Item = (Node, Node)>) -> Vec<u8> {
    pairs.flat_map(|(key, value)| [key.write(), value.write()].concat()).collect()
}

/// An event with fields is a map with one pair.
fn map_disguises(pairs: &[(Node, Node)]) -> Vec<(&'static str, Vec<u8>)> {
    let [(name, fields)] = pairs else { panic!("events have one name") };
    let Node::Str(text) = name else { panic!("events are named by text") };
    let body = pairs_body(pairs.iter().cloned());
    let named = |key: Node| Node::Map(vec![(key, fields.clone())]).write();
    vec![
        ("two events", Node::Map([pairs, pairs].concat()).write()),
        ("no event", Node::Map(vec![]).write()),
        ("a longer length", [&[0xde, 0, 1], &body[..]].concat()),
        ("the longest length", [&[0xdf, 0, 0, 0, 1], &body[..]].concat()),
        ("a length without end", [&[0xdf, 0xff, 0xff, 0xff, 0xff], &body[..]].concat()),
        ("a list for an event", Node::Array(vec![name.clone(), fields.clone()]).write()),
        ("fields without a name", fields.write()),
        ("a name without fields", name.write()),
        ("a number for a name", named(Node::Int(1))),
        ("bytes for a name", named(Node::Bin(text.clone()))),
        ("a name that is not known", named(Node::Str(b"Mint".to_vec()))),
        ("a long form of the name", {
            named(Node::Raw([&[0xd9, text.len() as u8], &text[..]].concat()))
        }),
    ]
}

#[test]
fn no_part_of_an_entry_can_be_written_in_another_way() {
    let mut tried = 0;
    for (name, entry) in samples() {
        let bytes = entry.encode().unwrap();
        let tree = Node::read(&bytes);
        assert_eq!(tree.write(), bytes, "{name}: the tests read and write what the rules do");
        for path in tree.paths() {
            for (what, form) in disguises(tree.at(&path), &path) {
                // Without its levy a statement is another page.
                if (name, path.as_slice(), what) == ("statement", &[1, 0, 1], "nil") {
                    continue;
                }
                let disguised = tree.with(&path, Node::Raw(form)).write();
                malformed(&format!("{name} {path:?} {what}"), &disguised);
                tried += 1;
            }
        }
    }
    assert!(tried > 3_000, "only {tried} forms were tried");
}

#[test]
fn lengths_without_end_and_deep_nesting_are_refused_everywhere() {
    let endless: [&[u8]; 5] = [
        &[0xc6, 0xff, 0xff, 0xff, 0xff],
        &[0xdb, 0xff, 0xff, 0xff, 0xff],
        &[0xdd, 0xff, 0xff, 0xff, 0xff],
        &[0xdf, 0xff, 0xff, 0xff, 0xff],
        &[0xc9, 0xff, 0xff, 0xff, 0xff, 0],
    ];
    let deep = [vec![0x91; 9_000], vec![0x81; 9_000], [0x81, 0xa0].repeat(4_500)];
    let bombs = || endless.iter().map(|bytes| bytes.to_vec()).chain(deep.clone());
    for (name, entry) in samples() {
        let tree = Node::read(&entry.encode().unwrap());
        for path in tree.paths() {
            for bomb in bombs() {
                let bytes = tree.with(&path, Node::Raw(bomb)).write();
                malformed(&format!("{name} {path:?}"), &bytes);
            }
        }
    }
    malformed("nothing but nesting", &[0x91; 16_384]);
}

#[test]
fn bytes_before_behind_and_missing_are_refused() {
    for (name, entry) in samples() {
        let bytes = entry.encode().unwrap();
        malformed(name, &[&bytes[..], &[0xc0]].concat());
        malformed(name, &[&[0xc0], &bytes[..]].concat());
        malformed(name, &[&bytes[..], &bytes[..]].concat());
        for end in 0..bytes.len() {
            malformed(name, &bytes[..end]);
        }
    }
}

#[test]
fn an_entry_in_the_shape_of_a_map_is_refused() {
    for (name, entry) in samples() {
        malformed(name, &rmp_serde::to_vec_named(&entry).unwrap());
    }
    // Keys by name, and one more that no rule reads.
    let LedgerEntry { request, event, state } = entry(Event::Checkpoint, busy_state(0));
    let value = |bytes: Vec<u8>| Node::Raw(bytes);
    let named = |name: &str, bytes| (Node::Str(name.as_bytes().to_vec()), value(bytes));
    let parts = vec![
        named("request", rmp_serde::to_vec(&request).unwrap()),
        named("event", rmp_serde::to_vec(&event).unwrap()),
        named("state", rmp_serde::to_vec(&state).unwrap()),
        named("note", Node::Nil.write()),
    ];
    malformed("named", &Node::Map(parts[..3].to_vec()).write());
    malformed("named and one more", &Node::Map(parts.clone()).write());
    malformed("a part twice", &Node::Map([&parts[..3], &parts[2..3]].concat()).write());
}

/// The sample with this many keys, another list of bytes at a place of its account.
fn with_flat_list(place: usize, flat: Vec<u8>) -> Vec<u8> {
    let tree = Node::read(&entry(Event::Checkpoint, busy_state(2)).encode().unwrap());
    tree.with(&[2, place], Node::Bin(flat)).write()
}

#[test]
fn lists_of_keys_ascend_and_have_64_places() {
    const RECENT: usize = 17;
    const OPEN: usize = 18;
    for (place, width) in [(RECENT, 16), (OPEN, 20)] {
        let item = |i: u8| [vec![i], vec![0; width - 1]].concat();
        let list = |items: &[u8]| items.iter().flat_map(|i| item(*i)).collect::<Vec<_>>();
        let ascending = |count: u8| list(&(0..count).collect::<Vec<_>>());
        for good in [list(&[]), list(&[1]), list(&[1, 2, 9]), ascending(64)] {
            let bytes = with_flat_list(place, good);
            assert_eq!(LedgerEntry::decode(&bytes).unwrap().encode().unwrap(), bytes);
        }
        malformed("not ascending", &with_flat_list(place, list(&[1, 9, 2])));
        malformed("twice", &with_flat_list(place, list(&[1, 2, 2])));
        malformed("65", &with_flat_list(place, ascending(65)));
        malformed("a part of an item", &with_flat_list(place, ascending(3)[1..].to_vec()));
    }
}

#[test]
fn lists_that_later_rules_use_have_their_places_too() {
    let full = full_state();
    let grown = [
        ("loans", {
            let mut state = full.clone();
            state.loans.push(full.loans[0].clone());
            state
        }),
        ("pledges", {
            let mut state = full.clone();
            state.pledges.push(full.pledges[0].clone());
            state
        }),
        ("losses", {
            let mut state = full.clone();
            state.losses.push(full.losses[0].clone());
            state
        }),
    ];
    for (name, state) in grown {
        malformed(name, &entry(Event::Checkpoint, state).encode().unwrap());
    }
}

#[test]
fn numbers_past_the_range_of_their_part_are_refused() {
    let tree = Node::read(&entry(payment(None), busy_state(1)).encode().unwrap());
    let cases: [(&str, &[usize], i128); 9] = [
        ("version", &[2, 0], 256),
        ("version", &[2, 0], -1),
        ("seq", &[2, 1], 1 << 32),
        ("seq", &[2, 1], -1),
        ("at", &[2, 3], 1 << 63),
        ("balance", &[2, 6], 1 << 63),
        ("amount", &[1, 0, 2], 1 << 63),
        ("category", &[1, 0, 4], 256),
        ("forgotten seq", &[1, 0, 7, 0], 1 << 32),
    ];
    for (name, path, value) in cases {
        assert!(matches!(tree.at(path), Node::Int(_)), "{name} is a number");
        malformed(name, &tree.with(path, Node::Int(value)).write());
    }
}

#[test]
fn an_entry_has_at_most_16384_bytes() {
    let sized = |bytes: usize| {
        let bare = entry(payment(Some(Memo(vec![0; 300]))), busy_state(3));
        let rest = bare.encode().unwrap().len() - 300;
        let event = payment(Some(Memo(vec![0; bytes - rest])));
        entry(event, busy_state(3))
    };
    let most = sized(16_384).encode().unwrap();
    assert_eq!(most.len(), 16_384);
    assert!(LedgerEntry::decode(&most).is_ok());
    let refusal = Refusal::EntryTooLarge { bytes: 16_385, max: 16_384 };
    assert_eq!(sized(16_385).encode(), Err(refusal.clone()));
    // Size is looked at before anything is read.
    assert_eq!(LedgerEntry::decode(&[0xc1; 16_385]), Err(refusal));
    malformed("at the size", &[0xc1; 16_384]);
}
