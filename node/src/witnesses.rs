//! Witness receipts (rule F2): do other members hold a large payment too?
//!
//! Somebody who writes two versions of their record can show one to the payee and hide it from
//! everybody else. So before the page says that a large payment has arrived, up to five members
//! who can be reached are asked for their signed word. It is advice: what nobody witnessed can be
//! taken all the same, and the page says who has seen it.

use crate::member::Member;
use futures::future::join_all;
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};
use weir_rules::limits_v1::WITNESSES_MAX;
use weir_wire::names::ZOME_ACCOUNTS;
use weir_wire::{AskWitness, Payment, PaymentStatus, Witness};

/// Whoever is there answers within this.
const ANSWER: Duration = Duration::from_secs(5);
/// Whoever gave no word is asked again after this.
const ASK_AGAIN: Duration = Duration::from_secs(60);
/// Payments for which members are asked in one look: nobody keeps this node busy with many.
const AT_ONCE: usize = 4;

/// What was found out about payments that wait for an answer.
#[derive(Default)]
pub struct Witnesses(Mutex<BTreeMap<String, About>>);

#[derive(Default)]
struct About {
    words: Vec<Witness>,
    /// When each member was asked last.
    asked: BTreeMap<String, Instant>,
}

impl About {
    /// Whom to ask now, `start` members into the list; remembers that they were asked.
    fn next(&mut self, members: &[String], start: usize, now: Instant) -> Vec<String> {
        let room = WITNESSES_MAX.saturating_sub(self.words.len());
        let has_spoken = |member: &String| self.words.iter().any(|word| word.member == *member);
        let lately = |at: &Instant| now.duration_since(*at) < ASK_AGAIN;
        let asked_lately = |member: &String| self.asked.get(member).is_some_and(lately);
        let all = members.iter().cycle().skip(start).take(members.len());
        let chosen: Vec<String> = all
            .filter(|member| !has_spoken(member) && !asked_lately(member))
            .take(room)
            .cloned()
            .collect();
        self.asked.extend(chosen.iter().map(|member| (member.clone(), now)));
        chosen
    }

    fn keep(&mut self, words: impl IntoIterator<Item = Witness>) {
        self.words.extend(words);
        self.words.sort_by(|a, b| a.member.cmp(&b.member));
        self.words.dedup_by(|a, b| a.member == b.member);
        self.words.truncate(WITNESSES_MAX);
    }
}

impl Witnesses {
    fn about(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, About>> {
        self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    /// How many have given their word, by payment.
    pub fn seen_by(&self) -> BTreeMap<String, u32> {
        let count = |about: &About| u32::try_from(about.words.len()).unwrap_or(u32::MAX);
        self.about().iter().map(|(payment, about)| (payment.clone(), count(about))).collect()
    }

    /// The words for a payment that is taken alone.
    pub fn of(&self, payments: &[String]) -> Vec<Witness> {
        match payments {
            [payment] => self.about().get(payment).map(|it| it.words.clone()).unwrap_or_default(),
            _ => Vec::new(),
        }
    }

    /// Asks for those that have arrived and are large, and forgets those that wait no longer.
    pub async fn look(&self, member: &Member, waiting: &[Payment]) {
        self.about().retain(|known, _| waiting.iter().any(|payment| payment.payment == *known));
        let large = |payment: &&Payment| {
            payment.status == PaymentStatus::Arrived && payment.seen_by.is_some()
        };
        let mut large: Vec<&Payment> = waiting.iter().filter(large).collect();
        if large.is_empty() {
            return;
        }
        // Nobody's payments keep those of others from being asked about.
        large.sort_by_cached_key(|payment| {
            self.about().get(&payment.payment).and_then(|about| about.asked.values().max().copied())
        });
        let mut others: Vec<String> =
            member.announcements().await.into_iter().map(|(key, _)| key).collect();
        others.sort();
        let mut questions = Vec::new();
        for payment in large {
            let members: Vec<_> =
                others.iter().filter(|key| **key != payment.payer).cloned().collect();
            let mut about = self.about();
            let about = about.entry(payment.payment.clone()).or_default();
            let chosen = about.next(&members, anywhere(members.len()), Instant::now());
            if !chosen.is_empty() {
                questions.push((payment.payment.clone(), chosen));
            }
            if questions.len() == AT_ONCE {
                break;
            }
        }
        let answers = questions.into_iter().map(|(payment, chosen)| async {
            let words = join_all(chosen.into_iter().map(|one| word(member, &payment, one))).await;
            (payment, words)
        });
        for (payment, words) in join_all(answers).await {
            tracing::debug!(%payment, ?words, "witnesses were asked");
            self.about().entry(payment).or_default().keep(words.into_iter().flatten());
        }
    }
}

/// One member's word, if they give it in time.
async fn word(member: &Member, payment: &str, one: String) -> Option<Witness> {
    let ask = AskWitness { payment: payment.into(), member: one };
    let asked = member.call::<_, Option<Witness>>(ZOME_ACCOUNTS, "ask_witness", &ask);
    tokio::time::timeout(ANSWER, asked).await.ok()?.ok()?
}

/// A place in a list of this length: a payer must not know beforehand who will be asked.
fn anywhere(len: usize) -> usize {
    let mut bytes = [0; 8];
    // Without chance the first are asked, which is better than nobody.
    let _ = sodoken::random::randombytes_buf(&mut bytes);
    usize::try_from(u64::from_le_bytes(bytes)).unwrap_or(0).checked_rem(len).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(count: usize) -> Vec<String> {
        (0..count).map(|n| format!("m{n}")).collect()
    }

    fn word_of(member: &str) -> Witness {
        Witness { member: member.into(), signature: String::new() }
    }

    #[test]
    fn up_to_five_are_asked_from_anywhere_in_the_list() {
        let now = Instant::now();
        assert_eq!(About::default().next(&keys(7), 5, now), ["m5", "m6", "m0", "m1", "m2"]);
        assert_eq!(About::default().next(&keys(2), 1, now), ["m1", "m0"]);
        assert_eq!(About::default().next(&[], 0, now), Vec::<String>::new());
    }

    #[test]
    fn who_gave_no_word_is_asked_again_later_and_who_did_is_not() {
        let now = Instant::now();
        let mut about = About::default();
        about.next(&keys(2), 0, now);
        about.keep([word_of("m0"), word_of("m0")]);
        assert_eq!(about.words.len(), 1);
        let just_before = now + ASK_AGAIN - Duration::from_millis(1);
        assert_eq!(about.next(&keys(2), 0, just_before), Vec::<String>::new());
        assert_eq!(about.next(&keys(2), 0, now + ASK_AGAIN), ["m1"]);
    }

    #[test]
    fn with_five_words_nobody_is_asked_any_more() {
        let mut about = About::default();
        about.keep(keys(6).iter().map(|key| word_of(key)));
        assert_eq!(about.words.len(), WITNESSES_MAX);
        assert_eq!(about.next(&keys(9), 6, Instant::now()), Vec::<String>::new());
    }

    #[test]
    fn words_go_with_a_payment_that_is_taken_alone() {
        let witnesses = Witnesses::default();
        witnesses.about().entry("a".into()).or_default().keep([word_of("m1")]);
        assert_eq!(witnesses.of(&["a".into()]), [word_of("m1")]);
        assert_eq!(witnesses.of(&["a".into(), "b".into()]), []);
        assert_eq!(witnesses.of(&["b".into()]), []);
        assert_eq!(witnesses.seen_by(), BTreeMap::from([("a".into(), 1)]));
    }
}
