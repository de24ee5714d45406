//! A member of a replay who takes what they are paid, up to 16 payments at once.

use crate::member::{CallError, Member};
use anyhow::{anyhow, bail, Context, Result};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use weir_wire::names::ZOME_ACCOUNTS;
use weir_wire::{Look, PaymentStatus, Waiting, Written};

/// The largest Receive (rule L7b).
const AT_ONCE: usize = 16;
/// Between looks at whether a payment has arrived.
const LOOK_WAIT: Duration = Duration::from_millis(100);
/// A payment that has not arrived by then is lost, and the replay with it.
const PATIENCE: Duration = Duration::from_secs(120);

/// Takes payments in the background, in the order in which they were made.
pub struct Taker {
    member: Arc<Member>,
    expected: mpsc::UnboundedSender<String>,
    count: watch::Sender<usize>,
    taken: watch::Receiver<usize>,
    task: JoinHandle<Result<()>>,
}

impl Drop for Taker {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Taker {
    pub fn start(member: Arc<Member>) -> Self {
        let (expected, coming) = mpsc::unbounded_channel();
        let (taken_count, taken) = watch::channel(0);
        let task = tokio::spawn(take_all(member.clone(), coming, taken_count));
        Self { member, expected, count: watch::channel(0).0, taken, task }
    }

    pub fn member(&self) -> &Member {
        &self.member
    }

    /// A payment to this member was made.
    pub fn expect(&self, payment: String) {
        self.count.send_modify(|count| *count += 1);
        // The task ends early only with an error, which `all_taken` tells.
        let _ = self.expected.send(payment);
    }

    /// Waits until everything made so far is taken.
    pub async fn all_taken(&self) -> Result<()> {
        let count = *self.count.borrow();
        self.taken
            .clone()
            .wait_for(|taken| *taken >= count)
            .await
            .map(|_| ())
            .map_err(|_| anyhow!("a payment could not be taken"))
    }
}

async fn take_all(
    member: Arc<Member>,
    mut coming: mpsc::UnboundedReceiver<String>,
    taken: watch::Sender<usize>,
) -> Result<()> {
    let outcome = async {
        while let Some(first) = coming.recv().await {
            let mut payments = vec![first];
            while let (true, Ok(next)) = (payments.len() < AT_ONCE, coming.try_recv()) {
                payments.push(next);
            }
            let (count, begun) = (payments.len(), Instant::now());
            arrived(&member, &payments).await?;
            let arrived = begun.elapsed();
            take(&member, payments).await?;
            tracing::debug!(count, ?arrived, taken = ?begun.elapsed(), "payments taken");
            taken.send_modify(|taken| *taken += count);
        }
        Ok(())
    };
    let outcome = outcome.await;
    if let Err(error) = &outcome {
        tracing::error!(error = format!("{error:#}"), "a payment could not be taken");
    }
    outcome
}

/// Waits until all of these are checked and held by the payee's conductor.
async fn arrived(member: &Member, payments: &[String]) -> Result<()> {
    let begun = Instant::now();
    loop {
        let waiting: Waiting = member.call(ZOME_ACCOUNTS, "waiting", &Look::default()).await?;
        let here = |payment: &String| {
            waiting.payments.iter().any(|waiting| {
                waiting.payment == *payment && waiting.status == PaymentStatus::Arrived
            })
        };
        if payments.iter().all(here) {
            return Ok(());
        }
        if begun.elapsed() > PATIENCE {
            bail!("a payment did not arrive: {waiting:?}");
        }
        tokio::time::sleep(LOOK_WAIT).await;
    }
}

async fn take(member: &Member, payments: Vec<String>) -> Result<()> {
    let taken: Result<Written, CallError> = member.receive(payments).await;
    taken.map(|_| ()).context("the payments that arrived were not taken")
}
