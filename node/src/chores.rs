//! What the node does by itself for its member.
//!
//! It takes payments that have arrived, oldest first: those that the member has asked for, and
//! others up to an amount that the member may name; larger ones wait for the member. It takes back
//! what was sent back, and what nobody took as soon as the payee's own record shows that (rules L9,
//! L10). It writes the statement of a month that is over (rule L12). It does what the member could
//! do by hand, through the same queue, and nothing else.

use crate::demo::new_request;
use crate::folder::{read_json, write_json};
use crate::inbox::ledger_signal;
use crate::member::{CallError, Member};
use anyhow::Result;
use serde::{Deserialize, Serialize};
use std::num::ParseIntError;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::watch;
use tokio::time::{interval, MissedTickBehavior};
use weir_wire::names::ZOME_ACCOUNTS;
use weir_wire::{
    CloseMonth, LedgerSignal, Look, Payment, PaymentStatus, Position, Reclaim, Waiting, Written,
};

/// The largest payment taken at once (rule L7b).
const TAKEN_AT_ONCE: usize = 16;
/// What could not be done yet is tried again after this.
const TAKE_EVERY: Duration = Duration::from_secs(60);
const TAKE_BACK_EVERY: Duration = Duration::from_secs(600);

/// What the member lets the node do, kept in a file of the data folder.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Preferences {
    /// Payments up to this, and those against an own ask, are taken without asking; 0 asks always.
    /// None, as for a new member, is the member's own line: nobody is asked about what they may owe
    /// themselves.
    pub take_up_to: Option<Minor>,
}

/// Minor units, written as all money is: in decimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Minor(pub u64);

impl TryFrom<String> for Minor {
    type Error = ParseIntError;

    fn try_from(text: String) -> Result<Self, ParseIntError> {
        text.parse().map(Self)
    }
}

impl From<Minor> for String {
    fn from(minor: Minor) -> Self {
        minor.0.to_string()
    }
}

/// One member's chores.
pub struct Chores {
    member: Arc<Member>,
    file: Option<PathBuf>,
    preferences: watch::Sender<Preferences>,
}

impl Chores {
    /// With the preferences in the member's data folder.
    pub fn of(member: Arc<Member>, root: &Path) -> Result<Arc<Self>> {
        let file = root.join("preferences.json");
        let preferences = read_json(&file)?.unwrap_or_default();
        Ok(Arc::new(Self {
            member,
            file: Some(file),
            preferences: watch::Sender::new(preferences),
        }))
    }

    /// With preferences that nobody changes.
    pub fn fixed(member: Arc<Member>, preferences: Preferences) -> Arc<Self> {
        Arc::new(Self { member, file: None, preferences: watch::Sender::new(preferences) })
    }

    pub fn member(&self) -> &Arc<Member> {
        &self.member
    }

    pub fn preferences(&self) -> Preferences {
        self.preferences.borrow().clone()
    }

    /// Keeps new preferences and acts by them.
    pub fn prefer(&self, preferences: Preferences) -> Result<()> {
        if let Some(file) = &self.file {
            write_json(file, &preferences)?;
        }
        self.preferences.send_replace(preferences);
        Ok(())
    }

    /// Does the chores until the node stops.
    pub async fn run(self: Arc<Self>) {
        let mut signals = self.member.signals();
        let mut preferences = self.preferences.subscribe();
        let mut take = interval(TAKE_EVERY);
        let mut take_back = interval(TAKE_BACK_EVERY);
        take.set_missed_tick_behavior(MissedTickBehavior::Delay);
        take_back.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = take.tick() => self.take().await,
                _ = take_back.tick() => {
                    self.take_back().await;
                    self.close_month().await;
                }
                changed = preferences.changed() => match changed {
                    Ok(()) => self.take().await,
                    Err(_) => return,
                },
                signal = signals.recv() => match signal.map(|signal| ledger_signal(&signal)) {
                    Ok(Some(LedgerSignal::Arrived { .. })) => self.take().await,
                    Ok(Some(LedgerSignal::Answered { .. })) => self.take_back().await,
                    Ok(_) => {}
                    Err(RecvError::Lagged(_)) => self.take().await,
                    Err(RecvError::Closed) => return,
                },
            }
        }
    }

    async fn take(&self) {
        if let Err(error) = self.try_take().await {
            tracing::debug!(%error, "nothing was taken");
        }
    }

    async fn try_take(&self) -> Result<(), CallError> {
        let waiting: Waiting = self.ask("waiting", &Look::default()).await?;
        let most = match self.preferences().take_up_to {
            // Who wants to be asked is asked about everything.
            Some(Minor(0)) => return Ok(()),
            Some(Minor(most)) => Most::Chosen(most),
            None => {
                let position: Position = self.ask("position", &()).await?;
                Most::Line(position.line.parse().unwrap_or(0))
            }
        };
        for payments in to_take(&waiting.payments, most) {
            let Err(error) = self.member.receive(payments.clone()).await else { continue };
            tracing::debug!(%error, "payments could not be taken at once");
            // One that is refused keeps no other waiting.
            for payment in payments {
                if let Err(error) = self.member.receive(vec![payment.clone()]).await {
                    tracing::debug!(%error, %payment, "a payment could not be taken");
                }
            }
        }
        Ok(())
    }

    async fn take_back(&self) {
        let sent: Waiting = match self.ask("sent", &()).await {
            Ok(sent) => sent,
            Err(error) => {
                tracing::debug!(%error, "own payments could not be looked at");
                return;
            }
        };
        for payment in to_take_back(&sent.payments) {
            let reclaim =
                Reclaim { request: new_request(), first_try: true, payment, vouched: false };
            // The payee's record may not show it yet; it is tried again.
            if let Err(error) = self.ask::<_, Written>("reclaim", &reclaim).await {
                tracing::debug!(%error, "a payment could not be taken back yet");
            }
        }
    }

    async fn close_month(&self) {
        let closed = async {
            let position: Position = self.ask("position", &()).await?;
            if position.month_over {
                let close = CloseMonth { request: new_request() };
                let _: Written = self.ask("close_month", &close).await?;
            }
            Ok::<_, CallError>(())
        };
        if let Err(error) = closed.await {
            tracing::debug!(%error, "the month could not be closed");
        }
    }

    async fn ask<I, O>(&self, function: &str, input: &I) -> Result<O, CallError>
    where
        I: Serialize + std::fmt::Debug,
        O: serde::de::DeserializeOwned + std::fmt::Debug,
    {
        self.member.call(ZOME_ACCOUNTS, function, input).await
    }
}

/// Up to which amount payments are taken without asking.
#[derive(Clone, Copy)]
enum Most {
    /// The member said so.
    Chosen(u64),
    /// Nobody said anything: as much as the member may owe themselves.
    Line(u64),
}

/// Payments that are taken without asking, in the order in which they wait: as many at once as may
/// be, and one for which others were asked alone, since their words are of that one (rule F2). What
/// the member has asked for is taken whatever its amount. Of large ones those alone that somebody
/// else has seen, unless the member chose the amount.
fn to_take(waiting: &[Payment], most: Most) -> Vec<Vec<String>> {
    let mut groups: Vec<Vec<String>> = vec![];
    let mut room = 0;
    for payment in waiting {
        let up_to = |most: u64| payment.amount.parse::<u64>().is_ok_and(|amount| amount <= most);
        let seen = payment.seen_by != Some(0);
        let small = match most {
            Most::Chosen(most) => up_to(most),
            Most::Line(most) => up_to(most) && seen,
        };
        let expected = payment.ask.is_some() && seen;
        if payment.status != PaymentStatus::Arrived || !(small || expected) {
            continue;
        }
        let alone = payment.seen_by.is_some();
        match groups.last_mut() {
            Some(group) if room > 0 && !alone => group.push(payment.payment.clone()),
            _ => {
                groups.push(vec![payment.payment.clone()]);
                room = TAKEN_AT_ONCE;
            }
        }
        room = if alone { 0 } else { room - 1 };
    }
    groups
}

/// Own payments that were sent back, or whose time is over.
fn to_take_back(sent: &[Payment]) -> Vec<String> {
    let over = |payment: &&Payment| {
        matches!(payment.status, PaymentStatus::Declined | PaymentStatus::TooLate)
    };
    sent.iter().filter(over).map(|payment| payment.payment.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inbox::tests::payment;
    use PaymentStatus::{Announced, Arrived, Declined, Forked, TooLate, Waiting};

    fn of_amounts(amounts: [&str; 4]) -> Vec<Payment> {
        let named = ["a", "b", "c", "d"].into_iter().zip(amounts);
        named
            .map(|(name, amount)| Payment { amount: amount.into(), ..payment(name, Arrived) })
            .collect()
    }

    #[test]
    fn what_has_arrived_is_taken_up_to_the_amount_named() {
        let waiting = of_amounts(["100", "101", "99", "1"]);
        assert_eq!(to_take(&waiting, Most::Chosen(100)), [["a", "c", "d"]]);
        let unseen = [Payment { seen_by: Some(0), ..payment("h", Arrived) }];
        assert_eq!(to_take(&unseen, Most::Chosen(100)), [["h"]], "the member chose the amount");
        assert!(to_take(&unseen, Most::Line(100)).is_empty());
        assert!(to_take(&waiting, Most::Chosen(0)).is_empty());
        let others = [payment("e", Announced), payment("f", TooLate), payment("g", Forked)];
        assert!(to_take(&others, Most::Chosen(u64::MAX)).is_empty());
    }

    #[test]
    fn what_was_asked_for_is_taken_whatever_its_amount() {
        let mut waiting = of_amounts(["100", "101", "102", "1"]);
        waiting[1].ask = Some("ask".into());
        assert_eq!(to_take(&waiting, Most::Chosen(0)), [["b"]]);
        waiting[1].seen_by = Some(1);
        assert_eq!(to_take(&waiting, Most::Chosen(0)), [["b"]]);
        waiting[1].seen_by = Some(0);
        assert!(to_take(&waiting, Most::Chosen(0)).is_empty(), "nobody else has seen it");
        waiting[1].seen_by = None;
        waiting[1].status = Announced;
        assert!(to_take(&waiting, Most::Chosen(0)).is_empty());
    }

    #[test]
    fn sixteen_are_taken_at_once_and_one_that_is_witnessed_alone() {
        let mut many: Vec<Payment> = (0..19).map(|n| payment(&n.to_string(), Arrived)).collect();
        let lens = |waiting: &[Payment]| -> Vec<usize> {
            to_take(waiting, Most::Chosen(u64::MAX)).iter().map(Vec::len).collect()
        };
        assert_eq!(lens(&many), [16, 3]);
        many[2].seen_by = Some(0);
        assert_eq!(lens(&many), [2, 1, 16]);
        many[3].seen_by = Some(5);
        assert_eq!(lens(&many), [2, 1, 1, 15]);
    }

    #[test]
    fn preferences_are_written_as_money_is() {
        let of = |text: &str| serde_json::from_str::<Preferences>(text).map(|it| it.take_up_to);
        assert_eq!(of(r#"{"take_up_to":"2500"}"#).unwrap(), Some(Minor(2_500)));
        assert_eq!(of(r#"{"take_up_to":null}"#).unwrap(), None);
        for wrong in [r#""-1""#, r#""1.5""#, r#""""#, "25", r#""99999999999999999999""#] {
            assert!(of(&format!("{{\"take_up_to\":{wrong}}}")).is_err(), "{wrong}");
        }
        let preferences = Preferences { take_up_to: Some(Minor(0)) };
        assert_eq!(serde_json::to_string(&preferences).unwrap(), r#"{"take_up_to":"0"}"#);
    }

    #[test]
    fn what_was_sent_back_or_is_over_is_taken_back() {
        let sent = [payment("a", Waiting), payment("b", Declined), payment("c", TooLate)];
        assert_eq!(to_take_back(&sent), ["b", "c"]);
    }
}
