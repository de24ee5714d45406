//! The look into the inbox (rule K3): has something arrived for this member?
//!
//! An announcement says that a payment is on its way; links and entries follow when they follow.
//! So the node asks the zome what is waiting: often while something is expected, seldom otherwise.
//! Each payment that becomes *arrived* is told to the open pages once.

use crate::member::Member;
use holochain::prelude::Signal;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::broadcast::error::RecvError;
use weir_wire::names::ZOME_ACCOUNTS;
use weir_wire::{LedgerSignal, Look, PaymentStatus, Waiting};

const OFTEN: Duration = Duration::from_secs(2);
const SELDOM: Duration = Duration::from_secs(30);
/// An announcement without a payment behind it is forgotten after this.
const PATIENCE: Duration = Duration::from_secs(600);

/// What is known of the payments that wait for an answer.
#[derive(Default)]
struct Inbox {
    arrived: BTreeSet<String>,
    announced: Vec<(String, Instant)>,
    coming: bool,
    looked: bool,
}

impl Inbox {
    fn announce(&mut self, payment: String, now: Instant) {
        if !self.arrived.contains(&payment) {
            self.announced.push((payment, now));
        }
    }

    /// Takes in an answer; gives the payments that have arrived since the one before. What had
    /// arrived before the node started is no news: the page sees it when it opens.
    fn take(&mut self, waiting: &Waiting, now: Instant) -> Vec<String> {
        let has = |status: PaymentStatus| {
            waiting.payments.iter().filter(move |payment| payment.status == status)
        };
        let arrived: BTreeSet<String> =
            has(PaymentStatus::Arrived).map(|payment| payment.payment.clone()).collect();
        let news = if self.looked {
            arrived.difference(&self.arrived).cloned().collect()
        } else {
            Vec::new()
        };
        self.looked = true;
        self.coming = !waiting.complete
            || has(PaymentStatus::Announced).next().is_some()
            || has(PaymentStatus::Unclear).next().is_some();
        self.announced.retain(|(payment, at)| !arrived.contains(payment) && now - *at < PATIENCE);
        self.arrived = arrived;
        news
    }

    fn wait(&self) -> Duration {
        if self.coming || !self.announced.is_empty() {
            OFTEN
        } else {
            SELDOM
        }
    }
}

/// Looks into a member's inbox until the node stops.
pub async fn watch(member: Arc<Member>) {
    let mut signals = member.signals();
    let mut inbox = Inbox::default();
    loop {
        match member.call::<_, Waiting>(ZOME_ACCOUNTS, "waiting", &Look::default()).await {
            Ok(waiting) => {
                member.witnesses().look(&member, &waiting.payments).await;
                for payment in inbox.take(&waiting, Instant::now()) {
                    member.tell(&LedgerSignal::Arrived { payment });
                }
            }
            Err(error) => tracing::debug!(%error, "the inbox could not be read"),
        }
        let next_look = tokio::time::sleep(inbox.wait());
        tokio::pin!(next_look);
        loop {
            tokio::select! {
                () = &mut next_look => break,
                signal = signals.recv() => match signal.map(|signal| announced(&signal)) {
                    Ok(Some(payment)) => {
                        inbox.announce(payment, Instant::now());
                        break;
                    }
                    // Missed signals may have announced something.
                    Err(RecvError::Lagged(_)) => break,
                    Ok(None) => {}
                    Err(RecvError::Closed) => return,
                },
            }
        }
    }
}

/// The payment that a signal announces.
fn announced(signal: &Signal) -> Option<String> {
    match ledger_signal(signal)? {
        LedgerSignal::Announced { payment } => Some(payment),
        _ => None,
    }
}

/// What the ledger says with a signal.
pub fn ledger_signal(signal: &Signal) -> Option<LedgerSignal> {
    match signal {
        Signal::App { zome_name, signal, .. } if zome_name.0 == ZOME_ACCOUNTS => {
            signal.clone().into_inner().decode().ok()
        }
        _ => None,
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use weir_wire::Payment;

    pub(crate) fn payment(name: &str, status: PaymentStatus) -> Payment {
        Payment {
            payment: name.into(),
            payer: "a".into(),
            payee: "b".into(),
            amount: "1".into(),
            fee: "0".into(),
            category: 0,
            memo: None,
            at_ms: 0,
            expires_ms: 0,
            status,
            reason: None,
            ask: None,
            seen_by: None,
        }
    }

    fn waiting(payments: &[(&str, PaymentStatus)]) -> Waiting {
        let payments = payments.iter().map(|(name, status)| payment(name, *status)).collect();
        Waiting { payments, complete: true }
    }

    use PaymentStatus::{Announced, Arrived};

    #[test]
    fn what_was_there_at_the_start_is_no_news_and_the_rest_is_told_once() {
        let (mut inbox, now) = (Inbox::default(), Instant::now());
        assert!(inbox.take(&waiting(&[("p", Arrived)]), now).is_empty());
        assert_eq!(inbox.take(&waiting(&[("p", Arrived), ("q", Arrived)]), now), ["q"]);
        assert!(inbox.take(&waiting(&[("p", Arrived), ("q", Arrived)]), now).is_empty());
    }

    #[test]
    fn the_node_looks_often_only_while_something_is_expected() {
        let (mut inbox, now) = (Inbox::default(), Instant::now());
        inbox.take(&waiting(&[]), now);
        assert_eq!(inbox.wait(), SELDOM);
        inbox.announce("p".into(), now);
        assert_eq!(inbox.wait(), OFTEN);
        inbox.take(&waiting(&[]), now);
        assert_eq!(inbox.wait(), OFTEN);
        inbox.take(&waiting(&[("p", Announced)]), now);
        assert_eq!(inbox.wait(), OFTEN);
        inbox.take(&waiting(&[("p", Arrived)]), now);
        assert_eq!(inbox.wait(), SELDOM);
    }

    #[test]
    fn an_announcement_without_a_payment_is_forgotten() {
        let (mut inbox, now) = (Inbox::default(), Instant::now());
        inbox.announce("p".into(), now);
        inbox.take(&waiting(&[]), now + PATIENCE);
        assert_eq!(inbox.wait(), SELDOM);
    }
}
