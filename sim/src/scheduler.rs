//! What happens when: one queue, ordered by time and, at one time, by who asked first.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

pub struct Scheduler<T> {
    now: i64,
    made: u64,
    due: BinaryHeap<Reverse<Due<T>>>,
}

struct Due<T> {
    at: i64,
    order: u64,
    what: T,
}

impl<T> Due<T> {
    fn place(&self) -> (i64, u64) {
        (self.at, self.order)
    }
}

impl<T> PartialEq for Due<T> {
    fn eq(&self, other: &Self) -> bool {
        self.place() == other.place()
    }
}

impl<T> Eq for Due<T> {}

impl<T> PartialOrd for Due<T> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> Ord for Due<T> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.place().cmp(&other.place())
    }
}

impl<T> Scheduler<T> {
    pub fn new(now: i64) -> Self {
        Self { now, made: 0, due: BinaryHeap::new() }
    }

    /// The true time, which no member knows.
    pub fn now(&self) -> i64 {
        self.now
    }

    pub fn after(&mut self, wait: i64, what: T) {
        self.made += 1;
        let at = self.now.saturating_add(wait.max(0));
        self.due.push(Reverse(Due { at, order: self.made, what }));
    }

    /// What comes next, not after `end`; time moves on to it, or to the end.
    pub fn next(&mut self, end: i64) -> Option<T> {
        if self.due.peek().is_none_or(|Reverse(due)| due.at > end) {
            self.now = self.now.max(end);
            return None;
        }
        let Reverse(due) = self.due.pop()?;
        self.now = due.at;
        Some(due.what)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_due_comes_in_order_and_at_one_time_first_come_first_served() {
        let mut queue = Scheduler::new(100);
        queue.after(5, "later");
        queue.after(1, "a");
        queue.after(1, "b");
        assert_eq!(queue.next(1_000), Some("a"));
        assert_eq!(queue.now(), 101);
        queue.after(0, "c");
        let rest: Vec<_> = std::iter::from_fn(|| queue.next(104)).collect();
        assert_eq!(rest, ["b", "c"]);
        assert_eq!(queue.now(), 104);
        assert_eq!(queue.next(105), Some("later"));
    }
}
