//! Accounts to write down: told entry by entry, so that they add up by themselves.

#![allow(dead_code, reason = "each of the test programs tells of a part of it")]

use std::collections::BTreeMap;
use weir_exports::Head;
use weir_wire::{ActivityItem, ActivityKind, Payment, PaymentStatus, Unit};

pub const ME: &str = "uhCAkanna0000000000000000000000000000000000000000000000";
const DAY_MS: i64 = 86_400_000;
/// The first of September 2026, at ten past nine.
const BEGIN_MS: i64 = 1_788_253_800_000;

/// A key or a receipt number as long as a real one.
pub fn hash(kind: &str, name: &str) -> String {
    format!("{kind}{name:0<48}")
}

pub fn member(name: &str) -> String {
    hash("uhCAk", name)
}

/// A payment that is told of.
#[derive(Clone, Debug)]
pub struct Told {
    pub who: String,
    pub amount: i64,
    pub fee: i64,
    pub category: u8,
    pub memo: Option<String>,
}

impl Told {
    pub fn of(who: &str, amount: i64, memo: &str) -> Self {
        Self { who: member(who), amount, fee: 0, category: 0, memo: Some(memo.into()) }
    }

    pub fn with_fee(self, fee: i64) -> Self {
        Self { fee, ..self }
    }

    pub fn of_kind(self, category: u8) -> Self {
        Self { category, ..self }
    }
}

#[derive(Clone, Debug, Default)]
pub struct Story {
    pub items: Vec<ActivityItem>,
    pub balance: i64,
    days: i64,
}

impl Story {
    pub fn opened() -> Self {
        let mut story = Self::default();
        story.write(ActivityKind::Opened, 0);
        story
    }

    pub fn days_later(&mut self, days: i64) -> &mut Self {
        self.days += days;
        self
    }

    /// Gives the payment, so that it can come back.
    pub fn paid(&mut self, told: Told, status: PaymentStatus) -> Payment {
        let reason = matches!(status, PaymentStatus::Declined | PaymentStatus::Returned);
        let change = -(told.amount + told.fee);
        let payment = self.payment(&told, ME, &told.who, status, reason.then_some(3));
        self.write(ActivityKind::Paid { payment: payment.clone() }, change);
        payment
    }

    pub fn received(&mut self, told: &[Told]) -> &mut Self {
        let payment = |told| self.by_others(told, PaymentStatus::Taken, None);
        let payments: Vec<Payment> = told.iter().map(payment).collect();
        let change = told.iter().map(|told| told.amount).sum();
        self.write(ActivityKind::Received { payments }, change)
    }

    pub fn sent_back(&mut self, told: &Told, reason: u8) -> &mut Self {
        let payment = self.by_others(told, PaymentStatus::Declined, Some(reason));
        self.write(ActivityKind::SentBack { payment }, 0)
    }

    pub fn came_back(&mut self, payment: &Payment) -> &mut Self {
        let amount = payment.amount.parse().unwrap();
        let payment = Payment { status: PaymentStatus::Returned, reason: None, ..payment.clone() };
        self.write(ActivityKind::CameBack { payment }, amount)
    }

    pub fn checkpoint(&mut self) -> &mut Self {
        self.write(ActivityKind::Checkpoint, 0)
    }

    pub fn month_closed(&mut self, levy: i64) -> &mut Self {
        self.write(ActivityKind::MonthClosed { levy: levy.to_string() }, -levy)
    }

    fn by_others(&self, told: &Told, status: PaymentStatus, reason: Option<u8>) -> Payment {
        self.payment(told, &told.who, ME, status, reason)
    }

    fn payment(
        &self,
        told: &Told,
        payer: &str,
        payee: &str,
        status: PaymentStatus,
        reason: Option<u8>,
    ) -> Payment {
        let at_ms = self.now() - if payer == ME { 0 } else { 60_000 };
        Payment {
            payment: hash("uhCkk", &format!("pay{}x{}", self.items.len(), told.amount)),
            payer: payer.into(),
            payee: payee.into(),
            amount: told.amount.to_string(),
            fee: told.fee.to_string(),
            category: told.category,
            memo: told.memo.clone(),
            at_ms,
            expires_ms: at_ms + 30 * DAY_MS,
            status,
            reason,
            ask: None,
            seen_by: None,
        }
    }

    /// A minute and a bit for each entry, on the day that the story has come to.
    fn now(&self) -> i64 {
        BEGIN_MS + self.days * DAY_MS + i64::try_from(self.items.len()).unwrap() * 61_001
    }

    fn write(&mut self, what: ActivityKind, change: i64) -> &mut Self {
        self.balance += change;
        let at_ms = self.now();
        let seq = u32::try_from(self.items.len()).unwrap();
        let entry = match &what {
            ActivityKind::Paid { payment } => payment.payment.clone(),
            _ => hash("uhCkk", &format!("entry{seq}x")),
        };
        self.items.push(ActivityItem {
            entry,
            seq,
            at_ms,
            balance: self.balance.to_string(),
            what,
        });
        self
    }
}

pub fn head(unit: Unit, names: &[(&str, &str)]) -> Head {
    let named = |(key, name): &(&str, &str)| (member(key), (*name).to_string());
    let mut names: BTreeMap<String, String> = names.iter().map(named).collect();
    names.insert(ME.into(), "Anna Weber".into());
    Head {
        member: ME.into(),
        community: "Oakvale".into(),
        unit,
        categories: ["Food", "Bike repair", "Care & company", "Fees"].map(String::from).into(),
        names,
        made_ms: BEGIN_MS + 60 * DAY_MS,
    }
}

pub fn oaks() -> Unit {
    Unit { name: "Oaks".into(), symbol: "Ŏ".into(), decimals: 2 }
}
