//! A member's account over a time, checked: nothing missing, every balance as its entries make it.

use crate::day::Day;
use crate::text::{clean, id};
use std::collections::BTreeMap;
use weir_units::Amount;
use weir_wire::{ActivityItem, ActivityKind, Payment, PaymentStatus, Unit};

/// Whose account it is, and what the community calls things.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// The member's key.
    pub member: String,
    pub community: String,
    pub unit: Unit,
    /// The charter's kinds of trade.
    pub categories: Vec<String>,
    /// Names of members by their keys, as far as they are known.
    pub names: BTreeMap<String, String>,
    /// When the statement is made, in milliseconds since 1970.
    pub made_ms: i64,
}

/// An account over a time, with every text in it made harmless.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    pub member: Person,
    pub community: String,
    pub unit: Unit,
    pub categories: Vec<String>,
    pub made_ms: i64,
    /// The first and the last day; none where the account itself begins or ends.
    pub from: Option<Day>,
    pub to: Option<Day>,
    /// Before the first row.
    pub opening: Standing,
    /// Oldest first: one for each payment, and one for each entry without any.
    pub rows: Vec<Row>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    pub key: String,
    /// Their name, or `Member` with the beginning of their key.
    pub name: String,
}

/// Where an account stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    pub balance: Amount,
    /// Paid, and as far as is known today neither taken nor taken back.
    pub on_the_way: Amount,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The number of the ledger entry. Payments that were taken together have the same.
    pub seq: u32,
    /// The receipt number of the ledger entry.
    pub entry: String,
    /// By the member's own clock.
    pub at_ms: i64,
    pub day: Day,
    pub what: What,
    /// What the row did to the balance, fees included.
    pub change: Amount,
    /// After this row.
    pub standing: Standing,
    pub trade: Option<Trade>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    Opened,
    Paid,
    Received,
    SentBack,
    CameBack,
    /// A month was closed; what a levy took went to the community's fund.
    MonthClosed,
    Checkpoint,
}

/// One payment, seen from this account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trade {
    /// The payment's own receipt number.
    pub receipt: String,
    pub other: Person,
    pub amount: Amount,
    /// What this member paid on top; nothing in payments of others.
    pub fee: Amount,
    /// Index in the charter's kinds of trade.
    pub category: usize,
    pub kind: String,
    pub note: String,
    /// By the payer's clock.
    pub at_ms: i64,
    pub expires_ms: i64,
    pub status: PaymentStatus,
    pub reason: Option<u8>,
}

/// What is wrong with an account. It is then not exported at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    #[error("entry {seq} is not the one after the entry before it")]
    Order { seq: u32 },
    #[error("entry {seq} is dated before the entry before it, or outside the years 1970 to 9998")]
    Time { seq: u32 },
    #[error("entry {seq} holds something that is no amount, or too large a one")]
    Amount { seq: u32 },
    #[error("the balance after entry {seq} is not what the entries add up to")]
    Sum { seq: u32 },
}

impl Statement {
    /// From the whole account, oldest entry first, the rows of a time.
    pub fn new(
        head: &Head,
        items: &[ActivityItem],
        from: Option<Day>,
        to: Option<Day>,
    ) -> Result<Self, Broken> {
        let mut book = Book { head, rows: Vec::new(), standing: Standing::default() };
        let mut before: Option<&ActivityItem> = None;
        for item in items {
            check_order(item, before)?;
            book.enter(item)?;
            before = Some(item);
        }
        let mut opening = Standing::default();
        let mut rows = book.rows;
        rows.retain(|row| {
            if from.is_some_and(|from| row.day < from) {
                opening = row.standing;
                return false;
            }
            to.is_none_or(|to| row.day <= to)
        });
        let unit = &head.unit;
        Ok(Self {
            member: head.person(&head.member),
            community: clean(&head.community),
            unit: Unit {
                name: clean(&unit.name),
                symbol: clean(&unit.symbol),
                decimals: unit.decimals,
            },
            categories: head.categories.iter().map(|name| clean(name)).collect(),
            made_ms: head.made_ms,
            from,
            to,
            opening,
            rows,
        })
    }

    /// After the last row.
    pub fn closing(&self) -> Standing {
        self.rows.last().map_or(self.opening, |row| row.standing)
    }

    /// The first day that the statement speaks of; none when it is empty.
    pub fn first_day(&self) -> Option<Day> {
        self.from.or(self.rows.first().map(|row| row.day))
    }

    pub fn last_day(&self) -> Option<Day> {
        self.to.or(self.rows.last().map(|row| row.day)).or(self.from)
    }

    /// The rows of each ledger entry.
    pub fn entries(&self) -> impl Iterator<Item = &[Row]> {
        self.rows.chunk_by(|row, next| row.seq == next.seq)
    }
}

/// Each entry follows the one before it, in number and in time; the first one is the opening.
fn check_order(item: &ActivityItem, before: Option<&ActivityItem>) -> Result<(), Broken> {
    let seq = item.seq;
    if Some(seq) != before.map_or(Some(0), |before| before.seq.checked_add(1)) {
        return Err(Broken::Order { seq });
    }
    if before.is_some_and(|before| before.at_ms > item.at_ms) {
        return Err(Broken::Time { seq });
    }
    Ok(())
}

/// An account while it is added up.
struct Book<'a> {
    head: &'a Head,
    rows: Vec<Row>,
    standing: Standing,
}

impl Book<'_> {
    fn enter(&mut self, item: &ActivityItem) -> Result<(), Broken> {
        match &item.what {
            ActivityKind::Opened => self.add(item, What::Opened, None)?,
            ActivityKind::Checkpoint => self.add(item, What::Checkpoint, None)?,
            ActivityKind::MonthClosed { levy } => {
                let levy = amount(levy).filter(|levy| *levy >= Amount::ZERO);
                let taken =
                    levy.and_then(Amount::negated).ok_or(Broken::Amount { seq: item.seq })?;
                self.enter_row(item, What::MonthClosed, None, (taken, Amount::ZERO))?;
            }
            ActivityKind::Paid { payment } => self.add(item, What::Paid, Some(payment))?,
            ActivityKind::SentBack { payment } => self.add(item, What::SentBack, Some(payment))?,
            ActivityKind::CameBack { payment } => self.add(item, What::CameBack, Some(payment))?,
            ActivityKind::Received { payments } => {
                for payment in payments {
                    self.add(item, What::Received, Some(payment))?;
                }
            }
        }
        if amount(&item.balance) == Some(self.standing.balance) {
            Ok(())
        } else {
            Err(Broken::Sum { seq: item.seq })
        }
    }

    fn add(
        &mut self,
        item: &ActivityItem,
        what: What,
        payment: Option<&Payment>,
    ) -> Result<(), Broken> {
        let seq = item.seq;
        let trade = match payment {
            None => None,
            Some(payment) => {
                let trade = self.head.trade(what, payment).ok_or(Broken::Amount { seq })?;
                Some(trade)
            }
        };
        let moved = moved(what, trade.as_ref()).ok_or(Broken::Amount { seq })?;
        self.enter_row(item, what, trade, moved)
    }

    fn enter_row(
        &mut self,
        item: &ActivityItem,
        what: What,
        trade: Option<Trade>,
        (change, away): (Amount, Amount),
    ) -> Result<(), Broken> {
        let seq = item.seq;
        let day = Day::of_ms(item.at_ms).ok_or(Broken::Time { seq })?;
        let Standing { balance, on_the_way } = self.standing;
        let after = balance.plus(change).zip(on_the_way.plus(away));
        let (balance, on_the_way) = after.ok_or(Broken::Amount { seq })?;
        self.standing = Standing { balance, on_the_way };
        self.rows.push(Row {
            seq,
            entry: id(&item.entry),
            at_ms: item.at_ms,
            day,
            what,
            change,
            standing: self.standing,
            trade,
        });
        Ok(())
    }
}

/// What a row does to the balance, and to what is on the way. When a payment was taken is not
/// known to its payer: one that is taken today was never on the way.
fn moved(what: What, trade: Option<&Trade>) -> Option<(Amount, Amount)> {
    let Some(trade) = trade else { return Some((Amount::ZERO, Amount::ZERO)) };
    Some(match what {
        What::Paid => {
            let away =
                if trade.status == PaymentStatus::Taken { Amount::ZERO } else { trade.amount };
            (trade.amount.plus(trade.fee)?.negated()?, away)
        }
        What::Received => (trade.amount, Amount::ZERO),
        What::CameBack => (trade.amount, trade.amount.negated()?),
        What::Opened | What::SentBack | What::MonthClosed | What::Checkpoint => {
            (Amount::ZERO, Amount::ZERO)
        }
    })
}

/// An amount as it is on the wire: a whole number of minor units.
fn amount(text: &str) -> Option<Amount> {
    text.parse().ok().map(Amount::new)
}

impl Head {
    fn person(&self, key: &str) -> Person {
        let name = self.names.get(key).map(|name| clean(name)).filter(|name| !name.is_empty());
        let key = id(key);
        // The page's short code, which stands behind the sign that all keys begin with.
        let code: String = key.chars().skip(5).take(6).collect();
        Person { name: name.unwrap_or_else(|| format!("Member {code}")), key }
    }

    fn trade(&self, what: What, payment: &Payment) -> Option<Trade> {
        let mine = matches!(what, What::Paid | What::CameBack);
        let category = usize::from(payment.category);
        let positive = |text| amount(text).filter(|amount| *amount >= Amount::ZERO);
        let fee = positive(&payment.fee)?;
        let kind = self.categories.get(category).map(|name| clean(name));
        Some(Trade {
            receipt: id(&payment.payment),
            other: self.person(if mine { &payment.payee } else { &payment.payer }),
            amount: positive(&payment.amount)?,
            fee: if what == What::Paid { fee } else { Amount::ZERO },
            category,
            kind: kind.unwrap_or_else(|| "Other".into()),
            note: clean(payment.memo.as_deref().unwrap_or_default()),
            at_ms: payment.at_ms,
            expires_ms: payment.expires_ms,
            status: payment.status,
            reason: payment.reason,
        })
    }
}

impl Row {
    /// What happened, as the page says it.
    pub fn title(&self) -> &'static str {
        match self.what {
            What::Opened => "Account opened",
            What::Paid => "Paid",
            What::Received => "Taken",
            What::SentBack => "Sent back",
            What::CameBack => "Came back",
            What::MonthClosed => "Month closed",
            What::Checkpoint => "Record kept in order",
        }
    }

    /// Where the payment stands, in one word.
    pub fn status(&self) -> &'static str {
        match self.trade.as_ref().map(|trade| trade.status) {
            None => "",
            Some(PaymentStatus::Announced) => "announced",
            Some(PaymentStatus::Arrived) => "arrived",
            Some(PaymentStatus::Unclear) => "unclear",
            Some(PaymentStatus::Forked) => "two versions",
            Some(PaymentStatus::Waiting) => "waiting",
            Some(PaymentStatus::Taken) => "taken",
            Some(PaymentStatus::Declined) => "sent back",
            Some(PaymentStatus::Returned) => "returned",
            Some(PaymentStatus::TooLate) => "too late",
        }
    }

    /// Is this a payment of one's own that has neither been taken nor come back?
    pub fn is_on_the_way(&self) -> bool {
        let settled =
            |trade: &Trade| matches!(trade.status, PaymentStatus::Taken | PaymentStatus::Returned);
        self.what == What::Paid && self.trade.as_ref().is_some_and(|trade| !settled(trade))
    }

    /// Whom it was with; empty when with nobody.
    pub fn who(&self) -> &str {
        self.trade.as_ref().map_or("", |trade| &trade.other.name)
    }

    pub fn note(&self) -> &str {
        self.trade.as_ref().map_or("", |trade| &trade.note)
    }

    /// Why it was sent back.
    pub fn reason(&self) -> &'static str {
        match self.trade.as_ref().and_then(|trade| trade.reason) {
            None => "",
            Some(1) => "not mine",
            Some(2) => "wrong amount",
            Some(3) => "not delivered",
            Some(4) => "too late",
            Some(_) => "none given",
        }
    }
}
