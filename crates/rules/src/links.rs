//! Links: hints where to look, each kind with one meaning (K1, K2, K4).
//!
//! | kind | base | target | tag |
//! |---|---|---|---|
//! | Inbox (K1) | the payee's card | a Pay by the link's author that names that payee | its time |
//! | Member (K2) | the month's anchor | the author's own card | none |
//! | Card (K2) | the author's key | the author's own card | none |
//! | Answer (K4) | a Pay to the author | the author's Receive or Decline that names it | none |
//! | Asked (K5) | the payer's card | an Ask by the link's author that names that payer | its end |
//! | Follow (K5) | an Ask | the author's own entry that follows it up | none |
//! | PaidFor (K5) | an Ask | the author's own Pay against it | none |

use crate::asks::AskEvent;
use crate::charter::Charter;
use crate::entry::{Against, Event};
use crate::ids::{ActionId, MemberKey};
use crate::ledger::{Evidence, Step};
use crate::limits_v1::MONTH_DAYS;
use crate::refusal::{Refusal, Stop};
use weir_units::{Span, Time};

/// The kinds, in the order of their link type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Inbox,
    Member,
    Card,
    Answer,
    Asked,
    Follow,
    PaidFor,
}

impl Kind {
    pub const ALL: [Self; 7] = [
        Self::Inbox,
        Self::Member,
        Self::Card,
        Self::Answer,
        Self::Asked,
        Self::Follow,
        Self::PaidFor,
    ];
}

/// Where a link starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Base {
    Action(ActionId),
    Member(MemberKey),
    /// The core of an external hash: see [`anchor`].
    Anchor([u8; 32]),
}

/// A link as written; `tag` is checked by the kind.
#[derive(Clone, Copy, Debug)]
pub struct Link<'a> {
    pub kind: Kind,
    pub base: Base,
    pub target: ActionId,
    pub tag: &'a [u8],
}

/// Months since the founding, by which links are sorted.
pub fn month(charter: &Charter, at: Time) -> u32 {
    let since = at.since(charter.founded()).micros().max(0);
    let length = Span::days(MONTH_DAYS).micros();
    since.checked_div(length).and_then(|months| u32::try_from(months).ok()).unwrap_or(0)
}

/// The place where the members of a month are found.
pub fn anchor(month: u32) -> [u8; 32] {
    let mut core = *b"weir-members-1..............mmmm";
    if let Some(end) = core.last_chunk_mut::<4>() {
        *end = month.to_be_bytes();
    }
    core
}

/// The tag of a link that carries a time, highest byte first. In the inbox it is that of the
/// payment: with the hash it gives the payment's key, so answered payments are passed over without
/// fetching anything, and its first bytes cut the inbox into stretches of time.
pub fn time_tag(at: Time) -> [u8; 8] {
    at.micros().to_be_bytes()
}

/// The time in such a tag.
pub fn tag_time(tag: &[u8]) -> Option<Time> {
    tag.try_into().ok().map(|bytes| Time::from_micros(i64::from_be_bytes(bytes)))
}

/// [K1, K2, K4, K5] Does the link say what its kind says?
///
/// `month_of` gives the [`month`] of a time under the charter; only a Member link asks for it.
pub fn check_link<E: Evidence>(
    step: &Step,
    link: &Link<'_>,
    evidence: &E,
    month_of: impl FnOnce(Time) -> Result<u32, Stop<E::Missing>>,
) -> Result<(), Stop<E::Missing>> {
    let Link { kind, base, target, tag } = link;
    let wrong = |part| Err(Refusal::Link { part }.into());
    let tag_fits = match kind {
        Kind::Inbox | Kind::Asked => tag.len() == 8,
        Kind::Member | Kind::Card | Kind::Answer | Kind::Follow | Kind::PaidFor => tag.is_empty(),
    };
    if !tag_fits {
        return wrong("tag");
    }
    if *kind == Kind::Card && *base != Base::Member(step.author) {
        return wrong("base");
    }
    if matches!(kind, Kind::Asked | Kind::Follow) {
        return check_ask_link(step, link, evidence);
    }
    let cited = evidence.cited(target)?;
    if cited.author != step.author {
        return wrong("author");
    }
    let fits = match (kind, &cited.entry.event) {
        (Kind::Inbox, Event::Pay(pay)) => {
            if **tag != time_tag(cited.at) {
                return wrong("tag");
            }
            *base == Base::Action(pay.card)
        }
        (Kind::Member, Event::Open) => *base == Base::Anchor(anchor(month_of(cited.at)?)),
        (Kind::Card, Event::Open) => true,
        (Kind::Answer, event @ (Event::Receive(_) | Event::Decline(_))) => match base {
            Base::Action(pay) => event.answers(pay),
            Base::Member(_) | Base::Anchor(_) => false,
        },
        (Kind::PaidFor, Event::Pay(pay)) => match pay.against {
            Some(Against::Ask(ask)) => *base == Base::Action(ask),
            None => false,
        },
        _ => return wrong("target"),
    };
    base_fits(fits)
}

/// [K5] The links whose target is an ask entry.
fn check_ask_link<E: Evidence>(
    step: &Step,
    link: &Link<'_>,
    evidence: &E,
) -> Result<(), Stop<E::Missing>> {
    let Link { kind, base, target, tag } = link;
    let wrong = |part| Err(Refusal::Link { part }.into());
    let asked = evidence.asked(target)?;
    if asked.author != step.author {
        return wrong("author");
    }
    let place = match (kind, &asked.event) {
        (Kind::Asked, AskEvent::Ask(ask)) => {
            if **tag != time_tag(ask.until) {
                return wrong("tag");
            }
            ask.payer.map(|payer| payer.card)
        }
        (Kind::Follow, event) => event.follows(),
        _ => return wrong("target"),
    };
    base_fits(place.is_some_and(|place| *base == Base::Action(place)))
}

fn base_fits<Missing>(fits: bool) -> Result<(), Stop<Missing>> {
    if fits {
        Ok(())
    } else {
        Err(Refusal::Link { part: "base" }.into())
    }
}
