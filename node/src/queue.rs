//! The write queue (rule P12): one write at a time on each record, repeated when that is safe.
//!
//! Two writes that begin on the same head of a record cannot both be kept: the conductor refuses
//! the second after its zome has returned, so only the caller can repeat it. The queue lets one
//! write run at a time and repeats a refused one, at most five times, always with the same request
//! id and always signed anew. A write runs to its end even when the page that asked has gone: the
//! page asks again with the same id and is told that it was written.

use std::future::Future;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tokio::sync::Mutex;

/// Tries after the first one.
pub const RETRIES_MAX: u32 = 5;
/// What the conductor says when the head has moved since the write began.
pub const HEAD_MOVED: &str = "source chain head has moved";
/// What the conductor says when something that the write rests on is not here yet.
pub const INCOMPLETE: &str = "The commit could not be completed but may be retried";
/// Wait before an incomplete write is tried again; doubled each time.
const BACK_OFF: Duration = Duration::from_millis(250);

/// The queue of one record.
#[derive(Default)]
pub struct Queue {
    turn: Mutex<()>,
    waiting: AtomicU32,
}

/// Counts a write for as long as it waits or runs.
struct Waiting<'a>(&'a AtomicU32);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Queue {
    /// Writes that wait or run.
    pub fn waiting(&self) -> u32 {
        self.waiting.load(Ordering::Relaxed)
    }

    /// Runs `attempt` when its turn comes, and again while `trouble` finds an error in its outcome
    /// that another try can mend. `attempt` is told how often it was tried before; `pause` waits
    /// between tries.
    pub async fn run<T, Try, Pause>(
        &self,
        mut attempt: impl FnMut(u32) -> Try,
        trouble: impl Fn(&T) -> Option<String>,
        pause: impl Fn(Duration) -> Pause,
    ) -> T
    where
        Try: Future<Output = T>,
        Pause: Future<Output = ()>,
    {
        self.waiting.fetch_add(1, Ordering::Relaxed);
        let _waiting = Waiting(&self.waiting);
        let _turn = self.turn.lock().await;
        let mut retries = 0;
        loop {
            let outcome = attempt(retries).await;
            match trouble(&outcome).and_then(|text| wait_before_retry(&text, retries)) {
                Some(wait) => pause(wait).await,
                None => return outcome,
            }
            retries += 1;
        }
    }
}

/// How long to wait before trying again, after `retries` tries beyond the first; none when another
/// try would not help.
pub fn wait_before_retry(error: &str, retries: u32) -> Option<Duration> {
    if retries >= RETRIES_MAX {
        None
    } else if error.contains(HEAD_MOVED) {
        Some(Duration::ZERO)
    } else if error.contains(INCOMPLETE) {
        Some(BACK_OFF * 2u32.pow(retries))
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;
    use std::collections::VecDeque;

    /// Runs a write whose tries end as `outcomes` says; gives its outcome and the waits.
    async fn run(outcomes: &[Result<(), &str>]) -> (Result<(), String>, Vec<Duration>) {
        let left: RefCell<VecDeque<_>> = RefCell::new(outcomes.iter().copied().collect());
        let waits = RefCell::new(Vec::new());
        let outcome = Queue::default()
            .run(
                |_| {
                    let outcome = left.borrow_mut().pop_front().expect("one try too many");
                    async move { outcome.map_err(String::from) }
                },
                |outcome| outcome.clone().err(),
                |wait| {
                    waits.borrow_mut().push(wait);
                    async {}
                },
            )
            .await;
        assert!(left.borrow().is_empty(), "a try too few");
        (outcome, waits.into_inner())
    }

    const MOVED: &str = "Attempted to commit, but the source chain head has moved since";
    const MISSING: &str = "The commit could not be completed but may be retried: DepMissing";

    #[tokio::test]
    async fn a_write_that_passes_is_not_repeated() {
        assert_eq!(run(&[Ok(())]).await, (Ok(()), vec![]));
    }

    #[tokio::test]
    async fn a_refusal_is_not_repeated() {
        let (outcome, waits) = run(&[Err("weir:{\"code\":\"OVER_LIMIT\"}")]).await;
        assert!(outcome.is_err());
        assert!(waits.is_empty());
    }

    #[tokio::test]
    async fn a_moved_head_is_tried_again_at_once() {
        let (outcome, waits) = run(&[Err(MOVED), Err(MOVED), Ok(())]).await;
        assert_eq!(outcome, Ok(()));
        assert_eq!(waits, [Duration::ZERO; 2]);
    }

    #[tokio::test]
    async fn a_missing_dependency_is_tried_again_with_longer_and_longer_waits() {
        let (outcome, waits) = run(&[Err(MISSING), Err(MISSING), Err(MISSING), Ok(())]).await;
        assert_eq!(outcome, Ok(()));
        assert_eq!(waits, [250, 500, 1000].map(Duration::from_millis));
    }

    #[tokio::test]
    async fn after_five_repeats_the_error_is_told() {
        let (outcome, waits) = run(&[Err(MOVED); 6]).await;
        assert!(outcome.unwrap_err().contains(HEAD_MOVED));
        assert_eq!(waits.len(), 5);
    }

    #[tokio::test]
    async fn writes_wait_for_each_other_and_are_counted() {
        let queue = Queue::default();
        let inside = AtomicU32::new(0);
        let write = || {
            queue.run(
                |_| async {
                    assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0);
                    tokio::task::yield_now().await;
                    inside.fetch_sub(1, Ordering::SeqCst);
                    queue.waiting()
                },
                |_| None,
                |_| async {},
            )
        };
        let counts = tokio::join!(write(), write(), write());
        assert_eq!(counts, (3, 2, 1));
        assert_eq!(queue.waiting(), 0);
    }

    /// The texts are the platform's: this fails when an update changes them.
    #[test]
    fn the_platform_still_says_what_the_queue_listens_for() {
        use holochain_state::source_chain::{IncompleteCommitReason, SourceChainError};
        let moved = SourceChainError::HeadMoved(Box::default(), Box::default(), None, None);
        assert!(moved.to_string().contains(HEAD_MOVED));
        let incomplete = IncompleteCommitReason::DepMissingFromDht(vec![]);
        let incomplete = SourceChainError::IncompleteCommit(incomplete);
        assert!(incomplete.to_string().contains(INCOMPLETE));
    }
}
