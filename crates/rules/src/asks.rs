//! Asks for payment: what members write beside the ledger to ask one another (L4).
//!
//! An ask with a day on which it is due is an invoice: once its payer acknowledges it, what
//! remains of it is an obligation. One without is a standing ask: up to so much at a time, as often
//! as the payer likes. Neither changes an account. It has one written form, like the ledger entry.

use crate::charter::Charter;
use crate::entry::{read, Event, Memo, Pay, RequestId};
use crate::ids::{ActionId, MemberKey};
use crate::ledger::{check_amount, Evidence};
use crate::limits_v1::{ASK_BYTES_MAX, ASK_LIFE_MAX, MEMO_SIZES, REASON_MAX, REMIND_AFTER};
use crate::refusal::{Refusal, Stop};
use serde::{Deserialize, Serialize};
use weir_units::{Amount, Time};

/// One entry beside the ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskEntry {
    pub request: RequestId,
    pub event: AskEvent,
}

/// What was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AskEvent {
    Ask(Ask),
    /// By the asker: a polite reminder.
    Remind(ActionId),
    /// By the asker: lets it go.
    Withdraw(ActionId),
    /// By the payer of an invoice: it is owed.
    Acknowledge(ActionId),
    /// By the payer: it will not be paid, with the reasons of a Decline.
    Refuse {
        ask: ActionId,
        reason: u8,
    },
}

impl AskEvent {
    /// The ask that this follows up.
    pub fn follows(&self) -> Option<ActionId> {
        match self {
            Self::Ask(_) => None,
            Self::Remind(ask)
            | Self::Withdraw(ask)
            | Self::Acknowledge(ask)
            | Self::Refuse { ask, reason: _ } => Some(*ask),
        }
    }
}

/// Who is asked for what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ask {
    /// Nobody named: whoever is shown it.
    pub payer: Option<Payer>,
    /// The most that can be paid: of an invoice in all, of a standing ask at a time. None: as much
    /// as the payer likes.
    pub amount: Option<Amount>,
    /// Index in the charter's categories.
    pub category: u8,
    /// An ask with this day is an invoice.
    pub due: Option<Time>,
    /// The last moment at which it can be paid.
    pub until: Time,
    /// What it is for, sealed by the asker to the payer named.
    pub memo: Option<Memo>,
}

/// The member asked, and their card, by which they find what they are asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payer {
    pub member: MemberKey,
    pub card: ActionId,
}

/// An ask entry that is cited: who wrote it, when, and what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    pub author: MemberKey,
    pub at: Time,
    pub event: AskEvent,
}

impl AskEntry {
    /// The one written form.
    pub fn encode(&self) -> Result<Vec<u8>, Refusal> {
        rmp_serde::to_vec(self).map_err(|_| Refusal::Malformed {})
    }

    /// Reads the one written form and nothing else.
    pub fn decode(bytes: &[u8]) -> Result<Self, Refusal> {
        if bytes.len() > ASK_BYTES_MAX {
            return Err(Refusal::EntryTooLarge { bytes: bytes.len(), max: ASK_BYTES_MAX });
        }
        let entry: Self = read(bytes)?;
        if entry.encode()? == bytes {
            Ok(entry)
        } else {
            Err(Refusal::Malformed {})
        }
    }
}

/// [L4] May `author` write this at `at`?
pub fn check_ask<E: Evidence>(
    charter: &Charter,
    author: &MemberKey,
    at: Time,
    event: &AskEvent,
    evidence: &E,
) -> Result<(), Stop<E::Missing>> {
    match event {
        AskEvent::Ask(ask) => check_asked(charter, author, at, ask, evidence),
        AskEvent::Remind(id) => {
            let (asked, _) = asked_by(author, id, evidence)?;
            let from = asked.at.plus(REMIND_AFTER);
            if at < from {
                return Err(Refusal::RemindEarly { from: from.micros() }.into());
            }
            Ok(())
        }
        AskEvent::Withdraw(id) => asked_by(author, id, evidence).map(drop),
        AskEvent::Acknowledge(id) => {
            let (asked, ask) = as_ask(evidence.asked(id)?)?;
            check_for(author, at, &asked, &ask)?;
            match ask.due {
                Some(_) => Ok(()),
                None => Err(Refusal::NoInvoice {}.into()),
            }
        }
        AskEvent::Refuse { reason, .. } if *reason > REASON_MAX => {
            Err(Refusal::ReasonUnknown { reason: *reason, max: REASON_MAX }.into())
        }
        AskEvent::Refuse { ask: id, reason: _ } => {
            let (_, ask) = as_ask(evidence.asked(id)?)?;
            match ask.payer {
                Some(payer) if payer.member == *author => Ok(()),
                _ => Err(Refusal::NotAsked {}.into()),
            }
        }
    }
}

/// [L4, L5] May `pay`, written by `payer` at `at`, be against this ask?
pub fn check_against<E: Evidence>(
    payer: &MemberKey,
    at: Time,
    pay: &Pay,
    id: &ActionId,
    evidence: &E,
) -> Result<(), Stop<E::Missing>> {
    let (asked, ask) = as_ask(evidence.asked(id)?)?;
    if asked.author != pay.payee {
        return Err(Refusal::AskOfAnother {}.into());
    }
    check_for(payer, at, &asked, &ask)?;
    match ask.amount {
        Some(most) if pay.amount > most => {
            let (asked, most) = (pay.amount.minor(), most.minor());
            Err(Refusal::MoreThanAsked { asked, most }.into())
        }
        _ => Ok(()),
    }
}

fn check_asked<E: Evidence>(
    charter: &Charter,
    author: &MemberKey,
    at: Time,
    ask: &Ask,
    evidence: &E,
) -> Result<(), Stop<E::Missing>> {
    let Ask { payer, amount, category, due, until, memo } = ask;
    if let Some(amount) = amount {
        check_amount(charter, *amount)?;
    }
    let known = charter.text().categories.len();
    if usize::from(*category) >= known {
        return Err(Refusal::CategoryUnknown { category: *category, known }.into());
    }
    check_day("until", *until, at, at.plus(ASK_LIFE_MAX))?;
    if let Some(due) = due {
        check_day("due", *due, at, *until)?;
    }
    if let Some(memo) = memo {
        let bytes = memo.0.len();
        // A note can be sealed to a member only.
        if payer.is_none() || !MEMO_SIZES.contains(&bytes) {
            return Err(Refusal::MemoSize { bytes }.into());
        }
    }
    let Some(Payer { member, card }) = payer else { return Ok(()) };
    if member == author {
        return Err(Refusal::SelfPayment {}.into());
    }
    let cited = evidence.cited(card)?;
    if cited.entry.event != Event::Open {
        return Err(Refusal::WrongEvent { wanted: "Open" }.into());
    }
    if cited.author != *member {
        return Err(Refusal::CardOfAnother {}.into());
    }
    Ok(())
}

fn check_day(day: &'static str, given: Time, from: Time, to: Time) -> Result<(), Refusal> {
    if (from..=to).contains(&given) {
        return Ok(());
    }
    let (given, from, to) = (given.micros(), from.micros(), to.micros());
    Err(Refusal::AskDay { day, given, from, to })
}

/// An ask that `author` wrote.
fn asked_by<E: Evidence>(
    author: &MemberKey,
    id: &ActionId,
    evidence: &E,
) -> Result<(Asked, Ask), Stop<E::Missing>> {
    let (asked, ask) = as_ask(evidence.asked(id)?)?;
    if asked.author != *author {
        return Err(Refusal::WrongAuthor {}.into());
    }
    Ok((asked, ask))
}

/// An ask, and not what follows one up.
fn as_ask(asked: Asked) -> Result<(Asked, Ask), Refusal> {
    match &asked.event {
        AskEvent::Ask(ask) => {
            let ask = ask.clone();
            Ok((asked, ask))
        }
        _ => Err(Refusal::WrongEvent { wanted: "Ask" }),
    }
}

/// Is the ask to this member, and can it still be paid?
fn check_for(payer: &MemberKey, at: Time, asked: &Asked, ask: &Ask) -> Result<(), Refusal> {
    let named = ask.payer.is_none_or(|named| named.member == *payer);
    if !named || asked.author == *payer {
        return Err(Refusal::NotAsked {});
    }
    if at > ask.until {
        return Err(Refusal::AskOver { until: ask.until.micros() });
    }
    Ok(())
}
