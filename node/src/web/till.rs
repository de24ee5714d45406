//! The till: a member leaves their computer to somebody who may ask for payment and see what
//! arrives, and cannot pay.
//!
//! | state | what passes |
//! |---|---|
//! | `off` | everything: it is the member's own page |
//! | `open` | reading; asking, reminding, letting asks go |
//! | `locked` | no call |
//!
//! A PIN chosen by the member opens a locked till, the member's passphrase ends it. Both are asked
//! for by this program, so that a page that was changed gets no further. What the node does by
//! itself, such as taking payments, goes on, and how it is doing can always be asked. The state is
//! kept in memory alone: a program that was started again waits for the passphrase anyhow.

use super::{one, refusal, Site};
use crate::member::is_write;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{header, HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::Json;
use holochain::prelude::ZomeCallParams;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};
use weir_wire::names::ZOME_ACCOUNTS;
use weir_wire::{FollowUp, FollowUpKind, Problem};

/// Digits of a PIN.
const PIN_LEN: std::ops::RangeInclusive<usize> = 4..=12;
/// Wrong PINs in a row before the next must wait.
const TRIES: u32 = 5;
const WAIT: Duration = Duration::from_secs(60);

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    #[default]
    Off,
    Open,
    Locked,
}

/// What the page asks of it.
#[derive(Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum Wish {
    /// The member leaves the computer at the till.
    Begin {
        pin: String,
    },
    Lock {},
    Open {
        pin: String,
    },
    /// The member is back.
    End {
        passphrase: String,
    },
}

#[derive(Default)]
pub struct Till(Mutex<Inside>);

#[derive(Default)]
struct Inside {
    mode: Mode,
    pin: String,
    wrong: u32,
    not_before: Option<Instant>,
}

/// Why a wish came to nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    PinMalformed,
    PinWrong,
    PinWait,
    /// Nothing to lock or open, or already a till.
    Otherwise,
}

impl Till {
    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    pub fn mode(&self) -> Mode {
        self.inside().mode
    }

    /// Does this call of the page pass?
    pub fn passes(&self, params: &ZomeCallParams) -> bool {
        match self.mode() {
            Mode::Off => true,
            Mode::Locked => false,
            Mode::Open => !is_write(params) || is_of_the_till(params),
        }
    }

    fn begin(&self, pin: String) -> Result<(), Trouble> {
        if !PIN_LEN.contains(&pin.len()) || !pin.bytes().all(|digit| digit.is_ascii_digit()) {
            return Err(Trouble::PinMalformed);
        }
        let mut inside = self.inside();
        if inside.mode != Mode::Off {
            return Err(Trouble::Otherwise);
        }
        *inside = Inside { mode: Mode::Open, pin, ..Inside::default() };
        Ok(())
    }

    fn lock(&self) -> Result<(), Trouble> {
        let mut inside = self.inside();
        match inside.mode {
            Mode::Off => Err(Trouble::Otherwise),
            Mode::Open | Mode::Locked => {
                inside.mode = Mode::Locked;
                Ok(())
            }
        }
    }

    fn open(&self, pin: &str, now: Instant) -> Result<(), Trouble> {
        let mut inside = self.inside();
        if inside.mode == Mode::Off {
            return Err(Trouble::Otherwise);
        }
        if inside.not_before.is_some_and(|until| now < until) {
            return Err(Trouble::PinWait);
        }
        if !super::same(pin.as_bytes(), inside.pin.as_bytes()) {
            inside.wrong += 1;
            if inside.wrong >= TRIES {
                inside.wrong = 0;
                inside.not_before = Some(now + WAIT);
            }
            return Err(Trouble::PinWrong);
        }
        (inside.mode, inside.wrong, inside.not_before) = (Mode::Open, 0, None);
        Ok(())
    }

    fn end(&self) {
        *self.inside() = Inside::default();
    }
}

/// Asking, and what an asker does about an ask.
fn is_of_the_till(params: &ZomeCallParams) -> bool {
    let called = (params.zome_name.0.as_ref(), params.fn_name.0.as_str());
    if called == (ZOME_ACCOUNTS, "ask") {
        return true;
    }
    let follow_up = params.payload.decode::<FollowUp>();
    called == (ZOME_ACCOUNTS, "follow_up")
        && follow_up
            .is_ok_and(|it| matches!(it.what, FollowUpKind::Remind | FollowUpKind::Withdraw))
}

/// `POST /till`
pub async fn till(
    State(site): State<Arc<Site>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, Response> {
    let own = one(&headers, &header::ORIGIN).is_some_and(|origin| site.guard.is_own(origin));
    if !own {
        let why = "Only this node's own page minds the till.";
        return Err(refusal(StatusCode::FORBIDDEN, "TILL_ELSEWHERE", why));
    }
    let Ok(wish) = serde_json::from_slice::<Wish>(&body) else {
        let why = "This asks nothing of the till.";
        return Err(refusal(StatusCode::BAD_REQUEST, "TILL_ASKED", why));
    };
    let desk = site.desk()?;
    let Some(backups) = &desk.backups else {
        let why = "A village on one machine has no passphrase that could end the till.";
        return Err(refusal(StatusCode::NOT_FOUND, "TILL_OF_A_VILLAGE", why));
    };
    let till = &desk.till;
    let done = match wish {
        Wish::Begin { pin } => till.begin(pin),
        Wish::Lock {} => till.lock(),
        Wish::Open { pin } => till.open(&pin, Instant::now()),
        Wish::End { passphrase } => {
            if let Err(error) = backups.check(&passphrase).await {
                let error = error.to_string();
                return Err(refusal(StatusCode::FORBIDDEN, "PASSPHRASE_WRONG", &error));
            }
            till.end();
            Ok(())
        }
    };
    done.map(|()| StatusCode::NO_CONTENT).map_err(|trouble| {
        let (status, code, why) = match trouble {
            Trouble::PinMalformed => {
                (StatusCode::BAD_REQUEST, "PIN_MALFORMED", "A PIN has 4 to 12 digits.")
            }
            Trouble::PinWrong => (StatusCode::FORBIDDEN, "PIN_WRONG", "The PIN is wrong."),
            Trouble::PinWait => {
                let why = "The PIN was wrong five times: it can be tried again after a minute.";
                (StatusCode::TOO_MANY_REQUESTS, "PIN_WAIT", why)
            }
            Trouble::Otherwise => {
                (StatusCode::CONFLICT, "TILL_OTHERWISE", "The till is not in that state.")
            }
        };
        refusal(status, code, why)
    })
}

/// Said to whoever asks for more than the till gives.
pub fn at_the_till() -> Problem {
    let message = "This computer is left at the till: that takes the member.".to_string();
    Problem { code: "AT_THE_TILL".into(), message, facts: BTreeMap::new() }
}

/// The same as the answer to a request.
pub fn refused_at_the_till() -> Response {
    (StatusCode::FORBIDDEN, Json(at_the_till())).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use holochain::prelude::{AgentPubKey, CellId, DnaHash, ExternIO, Timestamp};

    fn call(function: &str, payload: ExternIO) -> ZomeCallParams {
        let agent = AgentPubKey::from_raw_32(vec![1; 32]);
        ZomeCallParams {
            provenance: agent.clone(),
            cell_id: CellId::new(DnaHash::from_raw_32(vec![2; 32]), agent),
            zome_name: ZOME_ACCOUNTS.into(),
            fn_name: function.into(),
            cap_secret: None,
            payload,
            nonce: [0; 32].into(),
            expires_at: Timestamp::now(),
        }
    }

    fn nothing() -> ExternIO {
        ExternIO::encode(()).unwrap()
    }

    fn follow_up(what: FollowUpKind) -> ZomeCallParams {
        let follow_up = FollowUp { request: "r".into(), first_try: true, ask: "a".into(), what };
        call("follow_up", ExternIO::encode(follow_up).unwrap())
    }

    fn begun() -> Till {
        let till = Till::default();
        till.begin("2580".into()).unwrap();
        till
    }

    #[test]
    fn who_is_at_the_till_asks_and_sees_and_cannot_pay() {
        let till = Till::default();
        assert!(till.passes(&call("pay", nothing())));
        let till = begun();
        for function in ["waiting", "activity", "asks", "payment_code", "ask"] {
            assert!(till.passes(&call(function, nothing())), "{function}");
        }
        for function in ["pay", "receive", "decline", "reclaim", "open_account", "close_month"] {
            assert!(!till.passes(&call(function, nothing())), "{function}");
        }
        for what in [FollowUpKind::Remind, FollowUpKind::Withdraw] {
            assert!(till.passes(&follow_up(what)));
        }
        for what in [FollowUpKind::Acknowledge, FollowUpKind::Refuse { reason: 0 }] {
            assert!(!till.passes(&follow_up(what)), "the payer's word is the member's");
        }
        assert!(!till.passes(&call("follow_up", nothing())));
        till.lock().unwrap();
        assert!(!till.passes(&call("waiting", nothing())));
    }

    #[test]
    fn a_locked_till_opens_by_its_pin_alone_and_five_wrong_ones_wait() {
        let (till, start) = (begun(), Instant::now());
        till.lock().unwrap();
        for _ in 0..TRIES {
            assert_eq!(till.open("0000", start), Err(Trouble::PinWrong));
        }
        assert_eq!(till.open("2580", start), Err(Trouble::PinWait));
        let just_before = start + WAIT - Duration::from_millis(1);
        assert_eq!(till.open("2580", just_before), Err(Trouble::PinWait));
        assert_eq!(till.open("2580", start + WAIT), Ok(()));
        assert_eq!(till.mode(), Mode::Open);
    }

    #[test]
    fn a_pin_is_four_to_twelve_digits_and_is_not_changed_at_the_till() {
        for wrong in ["", "123", "1234567890123", "12a4", "١٢٣٤"] {
            assert_eq!(Till::default().begin(wrong.into()), Err(Trouble::PinMalformed), "{wrong}");
        }
        assert_eq!(Till::default().begin("123456789012".into()), Ok(()));
        let till = begun();
        assert_eq!(till.begin("0000".into()), Err(Trouble::Otherwise));
        till.end();
        assert_eq!(till.mode(), Mode::Off);
        assert_eq!(till.lock(), Err(Trouble::Otherwise));
        assert_eq!(till.open("2580", Instant::now()), Err(Trouble::Otherwise));
    }
}
