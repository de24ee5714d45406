//! The members of the demo that nobody plays.

use super::others;
use crate::member::{CallError, Member};
use crate::village::Resident;
use anyhow::Result;
use futures::future::try_join_all;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;
use weir_wire::names::{ZOME_ACCOUNTS, ZOME_PLACE};
use weir_wire::{
    CharterInfo, MemberProfile, MyCard, OpenAccount, Pay, Position, Profile, SetProfile, Written,
};

/// The first members are free for the people at the machine.
const FREE: usize = 2;
/// Of five members three act by themselves.
const ACTING_OF_FIVE: usize = 3;
/// A member buys something about this often.
const BUY_EVERY: std::ops::Range<u64> = 20..60;
const NAMES: [&str; 12] = [
    "Chiara", "Dario", "Elena", "Farid", "Greta", "Hugo", "Ines", "Jonas", "Kadri", "Luca", "Mira",
    "Noor",
];
const WISHES: [&str; 8] = [
    "Eggs and honey",
    "Bicycle repair",
    "Bread for the week",
    "Help in the garden",
    "A lesson in Spanish",
    "Firewood",
    "Two jars of jam",
    "A ride to town",
];

/// The name of a member that nobody plays.
pub fn name(number: usize) -> Option<String> {
    let place = number.checked_sub(FREE)?;
    let name = NAMES[place % NAMES.len()];
    Some(match place / NAMES.len() {
        0 => name.into(),
        again => format!("{name} {}", again + 1),
    })
}

pub fn acts_by_itself(number: usize) -> bool {
    number >= FREE && (number - FREE) % 5 < ACTING_OF_FIVE
}

/// Gives the members that nobody plays their names and accounts.
pub async fn settle(members: &[Resident]) -> Result<()> {
    let settle = members.iter().enumerate().filter_map(|(number, resident)| {
        let name = name(number)?;
        Some(async move { settle_one(&resident.member, name).await })
    });
    try_join_all(settle).await?;
    Ok(())
}

async fn settle_one(member: &Member, name: String) -> Result<(), CallError> {
    let card: MyCard = member.call(ZOME_ACCOUNTS, "my_card", &()).await?;
    if card.card.is_none() {
        let open = OpenAccount { request: new_request() };
        let _: MyCard = member.call(ZOME_ACCOUNTS, "open_account", &open).await?;
    }
    let profile = SetProfile { profile: Profile { name } };
    let _: MemberProfile = member.call(ZOME_PLACE, "set_profile", &profile).await?;
    Ok(())
}

/// Starts those that act by themselves.
pub fn act(members: &[Resident], tasks: &mut JoinSet<()>) {
    for (number, resident) in members.iter().enumerate() {
        if acts_by_itself(number) {
            tasks.spawn(live(resident.member.clone(), others(members, number)));
        }
    }
}

async fn live(member: Arc<Member>, others: Vec<String>) {
    loop {
        tokio::time::sleep(Duration::from_secs(random(BUY_EVERY))).await;
        if let Err(error) = buy(&member, &others).await {
            tracing::debug!(%error, "nothing was bought");
        }
    }
}

/// Buys something small from somebody.
async fn buy(member: &Member, others: &[String]) -> Result<(), CallError> {
    let position: Position = member.call(ZOME_ACCOUNTS, "position", &()).await?;
    let charter: CharterInfo = member.call(ZOME_ACCOUNTS, "charter", &()).await?;
    let most = position.spendable.parse::<u64>().unwrap_or_default() / 10;
    let least = charter.amount_min.parse::<u64>().unwrap_or(u64::MAX).max(100);
    let (Some(payee), true) = (pick(others), least < most) else { return Ok(()) };
    let categories = u64::try_from(charter.categories.len()).unwrap_or_default().max(1);
    let pay = Pay {
        request: new_request(),
        first_try: true,
        payee: payee.clone(),
        amount: random(least..most).to_string(),
        category: u8::try_from(random(0..categories)).unwrap_or_default(),
        memo: pick(&WISHES).map(|wish| (*wish).to_string()),
        ask: None,
    };
    let _: Written = member.call(ZOME_ACCOUNTS, "pay", &pay).await?;
    Ok(())
}

fn pick<T>(of: &[T]) -> Option<&T> {
    let count = u64::try_from(of.len()).ok()?;
    of.get(usize::try_from(random(0..count)).ok()?)
}

/// A number of the range, or its start when there is none in it.
fn random(range: std::ops::Range<u64>) -> u64 {
    let mut bytes = [0; 8];
    // Without randomness the village is only duller.
    let _ = sodoken::random::randombytes_buf(&mut bytes);
    let width = range.end.saturating_sub(range.start).max(1);
    range.start + u64::from_le_bytes(bytes) % width
}

/// A new wish (rule P12).
pub fn new_request() -> String {
    uuid::Uuid::now_v7().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_five_members_two_are_free_and_three_act_by_themselves() {
        let acting: Vec<bool> = (0..5).map(acts_by_itself).collect();
        assert_eq!(acting, [false, false, true, true, true]);
        assert_eq!((name(0), name(1), name(2).as_deref()), (None, None, Some("Chiara")));
        assert_eq!(name(14).as_deref(), Some("Chiara 2"));
    }

    #[test]
    fn random_numbers_stay_in_their_range() {
        assert!((0..1_000).map(|_| random(5..9)).all(|n| (5..9).contains(&n)));
        assert_eq!(random(5..5), 5);
    }
}
