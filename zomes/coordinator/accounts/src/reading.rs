//! Input text to the rules' types and back.

use crate::problem::{wish, Told, Trouble};
use hdk::prelude::*;
use weir_rules::entry::RequestId;
use weir_rules::ids::{ActionId, MemberKey};
use weir_substrate::ids;
use weir_units::{Amount, Span, Time};

pub fn action(text: &str) -> Told<ActionId> {
    match ActionHash::try_from(text) {
        Ok(hash) => Ok(ids::action_id(&hash)),
        Err(_) => wish("RECEIPT_MALFORMED", "This is no receipt number."),
    }
}

pub fn member(text: &str) -> Told<MemberKey> {
    match AgentPubKey::try_from(text) {
        Ok(key) => Ok(ids::member_key(&key)),
        Err(_) => wish("MEMBER_MALFORMED", "This is no member's key."),
    }
}

pub fn amount(text: &str) -> Told<Amount> {
    match text.parse() {
        Ok(minor) => Ok(Amount::new(minor)),
        Err(_) => wish("AMOUNT_MALFORMED", "The amount is not a whole number of minor units."),
    }
}

pub fn action_text(id: &ActionId) -> String {
    ids::action_hash(id).to_string()
}

pub fn member_text(key: &MemberKey) -> String {
    ids::agent_key(key).to_string()
}

pub fn millis(at: Time) -> i64 {
    at.micros().div_euclid(1_000)
}

/// The first whole millisecond that is not before a time.
pub fn millis_up(at: Time) -> i64 {
    millis(at).saturating_add(i64::from(at.micros().rem_euclid(1_000) != 0))
}

pub fn time(millis: i64) -> Time {
    Time::from_micros(millis.saturating_mul(1_000))
}

/// How long a wish may be repeated (P12).
const REQUEST_LIFE: Span = Span::days(30);
/// How far ahead of this clock the one that made an id may be.
const REQUEST_AHEAD: Span = Span::HOUR;

/// A UUID of version 7 and the time in it.
pub fn request(text: &str, now: Time) -> Told<(RequestId, Time)> {
    let hex: String = text.chars().filter(|c| *c != '-').collect();
    let parsed = u128::from_str_radix(&hex, 16).ok().filter(|_| hex.len() == 32);
    let Some(bytes) = parsed.map(u128::to_be_bytes).filter(|bytes| bytes[6] >> 4 == 7) else {
        return wish("REQUEST_MALFORMED", "The request id is no UUID of version 7.");
    };
    let [a, b, c, d, e, f, ..] = bytes;
    let millis = i64::from_be_bytes([0, 0, a, b, c, d, e, f]);
    let made = time(millis);
    let facts = || vec![("made_ms", millis.to_string())];
    if made.since(now) > REQUEST_AHEAD {
        let text = "The request is dated too far ahead of this clock.";
        return Err(Trouble::Wish("REQUEST_AHEAD", text, facts()));
    }
    if now.since(made) > REQUEST_LIFE {
        let text = "The request is too old to be repeated.";
        return Err(Trouble::Wish("REQUEST_TOO_OLD", text, facts()));
    }
    Ok((RequestId(bytes), made))
}
