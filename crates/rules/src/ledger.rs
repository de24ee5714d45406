//! The ledger: what each event does to an account, and when it may.
//!
//! [`apply`] decides. The coordinator uses it to write, the integrity zome to check, tests and
//! simulator to attack. What an event cites is asked for through [`Evidence`], one thing at a
//! time, in a fixed order, and only after everything that needs no asking has passed (P3).

use crate::asks::{check_against, Asked};
use crate::charter::Charter;
use crate::entry::{
    Against, Decline, Event, LedgerEntry, Params, Pay, Proof, Receive, Reclaim, State, Stated,
    Witness, VERSION,
};
use crate::ids::{ActionId, MemberKey};
use crate::limits_v1::{
    AHEAD_MAX, MEMO_SIZES, OPEN_MAX, OPEN_SEQ_MAX, PAGE_READS_MAX, REASON_MAX, RECEIVE_MAX,
    RECENT_MAX, STATED_LAG_MAX, STATED_LIFE, WITNESSES_MAX,
};
use crate::month::{self, MonthPage};
use crate::refusal::{Refusal, Stop};
use crate::returns::{self, check_returns};
use crate::window::{Key, Keys, OpenPay, OpenPays, Window};
use weir_units::{Amount, Span, Time};

/// Who writes, when (by their own clock), and where on their chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    pub author: MemberKey,
    /// The action's own time, by which every rule judges.
    pub at: Time,
    /// The time stated in the entry. A coordinator cannot know the action's time beforehand, so
    /// what an entry itself reckons with time (`area`, `stated`) goes by this one.
    pub stated: Time,
    pub action_seq: u32,
}

/// The author's ledger entry before this one.
#[derive(Clone, Copy, Debug)]
pub struct Before<'a> {
    pub id: ActionId,
    pub entry: &'a LedgerEntry,
}

/// A cited ledger entry: who wrote it, when, and what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cited {
    pub author: MemberKey,
    pub at: Time,
    pub entry: LedgerEntry,
}

/// An action of whatever kind, and its author's last ledger entry at it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acted {
    pub at: Time,
    /// It closes the chain.
    pub closes: bool,
    /// Actions from the ledger entry to it; 0 when it is the ledger entry itself.
    pub gap: u32,
    pub entry: Cited,
}

/// Where cited entries come from.
///
/// Implementations check the declared type (P5) and answer with a refusal when what is named is
/// no public ledger entry; they answer `Missing` when it is not here yet.
pub trait Evidence {
    type Missing;
    fn cited(&self, id: &ActionId) -> Result<Cited, Stop<Self::Missing>>;

    /// The ask entry named (L4).
    fn asked(&self, id: &ActionId) -> Result<Asked, Stop<Self::Missing>>;

    /// The action named, whose author's last ledger entry at it (L2) must be the entry named.
    fn acted(&self, action: &ActionId, entry: &ActionId) -> Result<Acted, Stop<Self::Missing>>;
}

/// The account after `event`, or why not.
///
/// Total and deterministic: no clock, no float, no panic; at most 16 entries are asked for, by a
/// month page 200.
///
/// # Errors
/// [`Stop::Refused`] with one of the codes of [`Refusal`]; [`Stop::Missing`] when a cited entry
/// is not here yet.
pub fn apply<E: Evidence>(
    charter: &Charter,
    step: &Step,
    before: Option<Before<'_>>,
    event: &Event,
    evidence: &E,
) -> Result<State, Stop<E::Missing>> {
    check_alone(charter, step, event)?;
    let Some(before) = before else {
        return Ok(opened(charter, step, event)?);
    };
    let mut state = carried(step, before, event)?;
    match event {
        Event::Open => return Err(Refusal::OpenTwice {}.into()),
        Event::Pay(pay) => paid(charter, step, &mut state, pay, evidence)?,
        Event::Receive(receive) => received(charter, step, &mut state, receive, evidence)?,
        Event::Decline(decline) => declined(step, &mut state, decline, evidence)?,
        Event::Reclaim(reclaim) => came_back(charter, step, &mut state, reclaim, evidence)?,
        Event::Checkpoint => {}
        Event::MonthPage(page) => paged(charter, step, &mut state, before, page, evidence)?,
    }
    check_totals(&state)?;
    Ok(state)
}

/// [P3] Everything about an event that needs nothing fetched.
pub fn check_alone(charter: &Charter, step: &Step, event: &Event) -> Result<(), Refusal> {
    if step.stated < charter.founded() {
        return Err(Refusal::BeforeFounding { founded: charter.founded().micros() });
    }
    let lag = step.at.since(step.stated);
    if !(Span::ZERO..=STATED_LAG_MAX).contains(&lag) {
        let (stated, at) = (step.stated.micros(), step.at.micros());
        return Err(Refusal::TimeStated { stated, at });
    }
    match event {
        Event::Pay(pay) => check_pay_alone(charter, step, pay),
        Event::Receive(receive) => check_receive_alone(step, receive),
        Event::Decline(Decline { pay: _, reason }) if *reason > REASON_MAX => {
            Err(Refusal::ReasonUnknown { reason: *reason, max: REASON_MAX })
        }
        Event::Open
        | Event::Decline(_)
        | Event::Reclaim(_)
        | Event::Checkpoint
        | Event::MonthPage(_) => Ok(()),
    }
}

/// [L7b, F2]
fn check_receive_alone(step: &Step, receive: &Receive) -> Result<(), Refusal> {
    let Receive { pays, witnesses } = receive;
    match pays.len() {
        0 => return Err(Refusal::NoneNamed {}),
        1..=RECEIVE_MAX => {}
        count => return Err(Refusal::TooMany { count, max: RECEIVE_MAX }),
    }
    let wrong = |part| Err(Refusal::Witnesses { part });
    if witnesses.len() > WITNESSES_MAX {
        return wrong("count");
    }
    if !witnesses.is_empty() && pays.len() > 1 {
        return wrong("payments");
    }
    let ascend = |pair: &[Witness]| match pair {
        [first, second] => first.member < second.member,
        _ => true,
    };
    if !witnesses.windows(2).all(ascend) {
        return wrong("order");
    }
    if witnesses.iter().any(|witness| witness.member == step.author) {
        return wrong("payee");
    }
    Ok(())
}

/// [L5]
fn check_pay_alone(charter: &Charter, step: &Step, pay: &Pay) -> Result<(), Refusal> {
    // `card`, `against` and `forget` are judged with what they name.
    let Pay { payee, card: _, amount, fee, category, memo, against: _, forget: _ } = pay;
    check_amount(charter, *amount)?;
    if *payee == step.author {
        return Err(Refusal::SelfPayment {});
    }
    let known = charter.text().categories.len();
    if usize::from(*category) >= known {
        return Err(Refusal::CategoryUnknown { category: *category, known });
    }
    if let Some(memo) = memo {
        let bytes = memo.0.len();
        if !MEMO_SIZES.contains(&bytes) {
            return Err(Refusal::MemoSize { bytes });
        }
    }
    let due = charter.fee().of_rounded_up(*amount).ok_or(Refusal::Overflow {})?;
    if *fee != due {
        return Err(Refusal::Fee { stated: fee.minor(), due: due.minor() });
    }
    Ok(())
}

/// [L3] The stated account must be the computed one; names the first part that is not.
pub fn check_stated(stated: &State, computed: &State) -> Result<(), Refusal> {
    macro_rules! same {
        ($($field:ident),*) => {
            // Naming every field here lets no later one be forgotten.
            let State { $($field: _),* } = computed;
            $(if stated.$field != computed.$field {
                return Err(Refusal::StateMismatch { field: stringify!($field) });
            })*
        };
    }
    same!(
        version, seq, prev, at, params, seed, balance, committed, cum_in, cum_out, reclaimed, fees,
        levies, granted, absorbed, area, wm, recent, open, line, loans, pledges, losses, stated,
        unpaged
    );
    Ok(())
}

/// [L6] How far below zero the balance may go at `at`.
///
/// Until certificates exist it is the seed, for founders with their grant (S1).
pub fn line(charter: &Charter, state: &State, member: &MemberKey, at: Time) -> Amount {
    charter.line_without_certificate(member, state.seed, at)
}

/// [L6] The largest amount that can be paid at `at`, its fee included in the reckoning.
pub fn spendable(charter: &Charter, state: &State, member: &MemberKey, at: Time) -> Amount {
    let room = room(charter, state, member, at).unwrap_or(Amount::ZERO);
    let most = charter.fee().largest_with_share_within(room).min(Amount::PAYMENT_MAX);
    if most < charter.amount_min() {
        Amount::ZERO
    } else {
        most
    }
}

/// [L13] The card: an empty account with the seed.
fn opened(charter: &Charter, step: &Step, event: &Event) -> Result<State, Refusal> {
    if *event != Event::Open {
        return Err(Refusal::OpenFirst {});
    }
    charter.check_admitted(&step.author)?;
    if step.action_seq > OPEN_SEQ_MAX {
        return Err(Refusal::OpenTooLate { max: OPEN_SEQ_MAX });
    }
    let Window { wm, recent } = Window::empty();
    let zero = Amount::ZERO;
    Ok(State {
        version: VERSION,
        seq: 0,
        prev: None,
        at: step.stated,
        params: Params::Founding,
        seed: charter.seed(),
        balance: zero,
        committed: zero,
        cum_in: zero,
        cum_out: zero,
        reclaimed: zero,
        fees: zero,
        levies: zero,
        granted: zero,
        absorbed: zero,
        area: 0,
        wm,
        recent,
        open: OpenPays::default(),
        line: None,
        loans: vec![],
        pledges: vec![],
        losses: vec![],
        stated: Stated { hash: None, at: step.stated },
        unpaged: month::reads(event),
    })
}

/// What every event does: the next number, the name of the entry before, time on the balance, the
/// payment just before among the open ones, the name of a statement just before, and what the next
/// month page will have to read.
fn carried(step: &Step, before: Before<'_>, event: &Event) -> Result<State, Refusal> {
    let old = &before.entry.state;
    let held = u128::try_from(step.stated.since(old.at).micros())
        .map_err(|_| Refusal::TimeBackwards {})?;
    let positive = u128::try_from(old.balance.minor()).unwrap_or(0);
    let area = positive
        .checked_mul(held)
        .and_then(|grown| old.area.checked_add(grown))
        .ok_or(Refusal::Overflow {})?;
    let mut state = State {
        seq: old.seq.checked_add(1).ok_or(Refusal::Overflow {})?,
        prev: Some(before.id),
        at: step.stated,
        area,
        ..old.clone()
    };
    match &before.entry.event {
        Event::Pay(_) => state.open.add(OpenPay::of(&before.id, old.seq))?,
        Event::MonthPage(page) if page.levy.is_some() => state.stated.hash = Some(before.id),
        _ => {}
    }
    state.unpaged = old.unpaged.saturating_add(month::reads(event));
    match event {
        Event::MonthPage(_) => state.unpaged = 0,
        _ if state.unpaged > PAGE_READS_MAX => {
            return Err(Refusal::PageDue { unpaged: old.unpaged, max: PAGE_READS_MAX });
        }
        _ => {}
    }
    Ok(state)
}

/// [L5, L6]
fn paid<E: Evidence>(
    charter: &Charter,
    step: &Step,
    state: &mut State,
    pay: &Pay,
    evidence: &E,
) -> Result<(), Stop<E::Missing>> {
    // The other fields were checked alone.
    let Pay { payee, card, amount, fee, against, forget, .. } = pay;
    if let Some(settled) = forget {
        state.open.remove(settled)?;
    }
    let since = state.stated.at;
    if step.at.since(since) > STATED_LIFE {
        return Err(Refusal::StatementDue { since: since.micros() }.into());
    }
    let open = state.open.as_slice().len();
    if open >= OPEN_MAX {
        return Err(Refusal::OpenFull { open, max: OPEN_MAX }.into());
    }
    check_spend(charter, step, state, *amount, *fee)?;
    let cost = sum(*amount, *fee)?;
    state.balance = state.balance.minus(cost).ok_or(Refusal::Overflow {})?;
    state.cum_out = sum(state.cum_out, *amount)?;
    state.fees = sum(state.fees, *fee)?;

    let cited = evidence.cited(card)?;
    if cited.entry.event != Event::Open {
        return Err(Refusal::WrongEvent { wanted: "Open" }.into());
    }
    if cited.author != *payee {
        return Err(Refusal::CardOfAnother {}.into());
    }
    match against {
        Some(Against::Ask(ask)) => check_against(&step.author, step.at, pay, ask, evidence),
        None => Ok(()),
    }
}

/// [L5] Is this an amount that can be paid at all?
pub fn check_amount(charter: &Charter, amount: Amount) -> Result<(), Refusal> {
    let (asked, max) = (amount.minor(), Amount::PAYMENT_MAX.minor());
    if asked == 0 {
        Err(Refusal::AmountZero {})
    } else if !(0..=max).contains(&asked) {
        Err(Refusal::AmountRange { amount: asked, max })
    } else if amount < charter.amount_min() {
        Err(Refusal::AmountTooSmall { amount: asked, min: charter.amount_min().minor() })
    } else {
        Ok(())
    }
}

/// [L6]
fn check_spend(
    charter: &Charter,
    step: &Step,
    state: &State,
    amount: Amount,
    fee: Amount,
) -> Result<(), Refusal> {
    if sum(amount, fee)? <= room(charter, state, &step.author, step.at)? {
        return Ok(());
    }
    Err(Refusal::SpendOverLine {
        asked: amount.minor(),
        most: spendable(charter, state, &step.author, step.at).minor(),
        balance: state.balance.minor(),
        line: line(charter, state, &step.author, step.at).minor(),
    })
}

/// What the balance may fall by: down to `max(committed − L_last, −L_live)`, after the levy that a
/// statement would take now.
fn room(charter: &Charter, state: &State, member: &MemberKey, at: Time) -> Result<Amount, Refusal> {
    let line = line(charter, state, member, at);
    let overflow = || Refusal::Overflow {};
    let locked = state.committed.minus(line).ok_or_else(overflow)?;
    let floor = line.negated().ok_or_else(overflow)?.max(locked);
    let levy = month::levy(charter, state, member, at)?;
    state.balance.minus(levy).and_then(|left| left.minus(floor)).ok_or_else(overflow)
}

/// [L7, L7b]
fn received<E: Evidence>(
    charter: &Charter,
    step: &Step,
    state: &mut State,
    receive: &Receive,
    evidence: &E,
) -> Result<(), Stop<E::Missing>> {
    let mut window = take_window(state);
    let mut keys = Vec::with_capacity(receive.pays.len());
    for id in &receive.pays {
        let (pay, payer, at) = pay_to_me(step, id, evidence)?;
        if receive.witnesses.iter().any(|witness| witness.member == payer) {
            return Err(Refusal::Witnesses { part: "payer" }.into());
        }
        let expired = at.plus(charter.payment_life());
        if step.at > expired {
            return Err(Refusal::Expired { expired: expired.micros() }.into());
        }
        let key = Key::of(id, at);
        window.check_free(&key)?;
        if keys.last().is_some_and(|last| *last >= key) {
            return Err(Refusal::NotAscending {}.into());
        }
        keys.push(key);
        state.balance = sum(state.balance, pay.amount)?;
        state.cum_in = sum(state.cum_in, pay.amount)?;
    }
    window.remember(&keys, RECENT_MAX);
    put_window(state, window);
    Ok(())
}

/// [L8]
fn declined<E: Evidence>(
    step: &Step,
    state: &mut State,
    decline: &Decline,
    evidence: &E,
) -> Result<(), Stop<E::Missing>> {
    let Decline { pay, reason: _ } = decline;
    let (_, _, at) = pay_to_me(step, pay, evidence)?;
    let key = Key::of(pay, at);
    let mut window = take_window(state);
    window.check_free(&key)?;
    window.remember(&[key], RECENT_MAX);
    put_window(state, window);
    Ok(())
}

/// A cited payment to the author of this step, not from too far ahead, its payer and its time.
fn pay_to_me<E: Evidence>(
    step: &Step,
    id: &ActionId,
    evidence: &E,
) -> Result<(Pay, MemberKey, Time), Stop<E::Missing>> {
    let cited = evidence.cited(id)?;
    let pay = as_pay(cited.entry.event)?;
    // Nobody's Pay names its own author (L5), but this rule does not rest on that.
    if pay.payee != step.author || cited.author == step.author {
        return Err(Refusal::NotYours {}.into());
    }
    let latest = step.at.plus(AHEAD_MAX);
    if cited.at > latest {
        let (at, latest) = (cited.at.micros(), latest.micros());
        return Err(Refusal::FromTheFuture { at, latest }.into());
    }
    Ok((pay, cited.author, cited.at))
}

fn as_pay(event: Event) -> Result<Pay, Refusal> {
    match event {
        Event::Pay(pay) => Ok(pay),
        _ => Err(Refusal::WrongEvent { wanted: "Pay" }),
    }
}

/// [L9, L10] The fee stays charged, and what was paid out stays counted.
fn came_back<E: Evidence>(
    charter: &Charter,
    step: &Step,
    state: &mut State,
    reclaim: &Reclaim,
    evidence: &E,
) -> Result<(), Stop<E::Missing>> {
    let Reclaim { pay: id, by } = reclaim;
    let cited = evidence.cited(id)?;
    let seq = cited.entry.state.seq;
    let pay = as_pay(cited.entry.event)?;
    if cited.author != step.author {
        return Err(Refusal::WrongAuthor {}.into());
    }
    state.open.remove(&OpenPay::of(id, seq))?;
    let expires = cited.at.plus(charter.payment_life());
    let sent = Sent { id, payee: pay.payee, key: Key::of(id, cited.at), expires };
    check_shown(&sent, by, evidence)?;
    state.balance = sum(state.balance, pay.amount)?;
    state.reclaimed = sum(state.reclaimed, pay.amount)?;
    Ok(())
}

/// An own payment, as far as a proof that it comes back needs it.
struct Sent<'a> {
    id: &'a ActionId,
    payee: MemberKey,
    key: Key,
    expires: Time,
}

/// [L9, L10] Does the payee's chain show that the payment comes back?
fn check_shown<E: Evidence>(
    sent: &Sent<'_>,
    by: &Proof,
    evidence: &E,
) -> Result<(), Stop<E::Missing>> {
    let of_payee = |cited: &Cited| {
        let same = cited.author == sent.payee;
        if same {
            Ok(())
        } else {
            Err(Refusal::WrongAuthor {})
        }
    };
    match by {
        Proof::Decline(id) => {
            let answer = evidence.cited(id)?;
            let Event::Decline(decline) = &answer.entry.event else {
                return Err(Refusal::WrongEvent { wanted: "Decline" }.into());
            };
            if answer.author != sent.payee || decline.pay != *sent.id {
                return Err(Refusal::NotDeclined {}.into());
            }
        }
        Proof::Later { action, entry } => {
            let Acted { at, closes, gap, entry } = evidence.acted(action, entry)?;
            of_payee(&entry)?;
            let entry = seen(&entry.entry.state);
            let proof = returns::Proof::Later { at, closes, gap, entry };
            check_returns(&sent.key, sent.expires, &proof)?;
        }
        Proof::PushedOut(id) => {
            let second = evidence.cited(id)?;
            of_payee(&second)?;
            let names_it = second.entry.event.answers(sent.id);
            let state = &second.entry.state;
            let first = state.prev.ok_or(Refusal::NotReturned {})?;
            let first = evidence.cited(&first)?;
            of_payee(&first)?;
            let (first, second_wm) = (seen(&first.entry.state), &state.wm);
            let proof = returns::Proof::PushedOut { first, second_wm: *second_wm, names_it };
            check_returns(&sent.key, sent.expires, &proof)?;
        }
    }
    Ok(())
}

fn seen(state: &State) -> returns::Seen<'_> {
    returns::Seen { wm: state.wm, recent: &state.recent }
}

/// [L12, L14] A page, and what a statement changes besides. Its own name is known to the entry
/// after it; until then the account names the statement before.
fn paged<E: Evidence>(
    charter: &Charter,
    step: &Step,
    state: &mut State,
    before: Before<'_>,
    page: &MonthPage,
    evidence: &E,
) -> Result<(), Stop<E::Missing>> {
    let closes = page.levy.is_some();
    if closes {
        month::check_close(charter, state, step.stated)?;
    }
    let computed = month::page(charter, step, before, closes, evidence)?;
    month::check_page(page, &computed)?;
    if let Some(levy) = computed.levy {
        state.balance = state.balance.minus(levy).ok_or(Refusal::Overflow {})?;
        state.levies = sum(state.levies, levy)?;
        state.area = 0;
        state.stated.at = step.stated;
    }
    Ok(())
}

/// [L3] The balance is the sum of its parts.
fn check_totals(state: &State) -> Result<(), Refusal> {
    let parts = [
        (1, state.cum_in),
        (-1, state.cum_out),
        (1, state.reclaimed),
        (-1, state.fees),
        (-1, state.levies),
        (-1, state.absorbed),
        (1, state.granted),
    ];
    // Seven i64 cannot leave an i128.
    let total: i128 = parts
        .iter()
        .map(|(sign, part)| i128::from(part.minor()).saturating_mul(*sign))
        .fold(0, i128::saturating_add);
    if total == i128::from(state.balance.minor()) {
        Ok(())
    } else {
        Err(Refusal::StateMismatch { field: "balance" })
    }
}

fn sum(a: Amount, b: Amount) -> Result<Amount, Refusal> {
    a.plus(b).ok_or(Refusal::Overflow {})
}

fn take_window(state: &mut State) -> Window {
    let recent: Keys = core::mem::take(&mut state.recent);
    Window { wm: state.wm, recent }
}

fn put_window(state: &mut State, window: Window) {
    Window { wm: state.wm, recent: state.recent } = window;
}
