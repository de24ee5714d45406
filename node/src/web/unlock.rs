//! The node's own page: choose a passphrase at first, unlock later.
//!
//! It is plain html without a script, because nothing of the real page runs before the member has
//! unlocked the node.

use super::Site;
use crate::chores::Chores;
use crate::keys::{check_length, WrongPassphrase, PASSPHRASE_LEN_MIN};
use crate::restore::Backups;
use anyhow::{anyhow, Result};
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{header, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use futures::future::BoxFuture;
use std::sync::Arc;
use tokio::sync::Mutex;

/// What unlocking gives: the member with their chores, the way to a backup, and their words when
/// the key was drawn just now.
pub struct Opened {
    pub chores: Arc<Chores>,
    pub backups: Backups,
    pub words: Option<Vec<&'static str>>,
}

type Open = dyn Fn(String) -> BoxFuture<'static, Result<Opened>> + Send + Sync;

/// The way in.
pub struct Door {
    /// True while there is no key yet and a passphrase is chosen.
    new: Box<dyn Fn() -> bool + Send + Sync>,
    open: Box<Open>,
    /// One try at a time.
    turn: Mutex<()>,
}

impl Door {
    pub fn new(
        new: impl Fn() -> bool + Send + Sync + 'static,
        open: impl Fn(String) -> BoxFuture<'static, Result<Opened>> + Send + Sync + 'static,
    ) -> Self {
        Self { new: Box::new(new), open: Box::new(open), turn: Mutex::default() }
    }

    pub fn page(&self, path: &str) -> Response {
        match path {
            "/" => html(StatusCode::OK, &self.form(None)),
            "/unlock.css" => ([(header::CONTENT_TYPE, "text/css")], STYLE).into_response(),
            _ => (StatusCode::SERVICE_UNAVAILABLE, "This node is locked.").into_response(),
        }
    }

    fn form(&self, trouble: Option<&str>) -> String {
        let trouble = trouble
            .map(|text| format!("<p role=\"alert\" id=\"trouble\">{}</p>", escaped(text)))
            .unwrap_or_default();
        if (self.new)() {
            CHOOSE.replace("{trouble}", &trouble).replace("{min}", &PASSPHRASE_LEN_MIN.to_string())
        } else {
            UNLOCK.replace("{trouble}", &trouble)
        }
    }
}

pub async fn unlock(State(site): State<Arc<Site>>, body: Bytes) -> Response {
    let Some(door) = &site.door else { return Redirect::to("/").into_response() };
    let _turn = door.turn.lock().await;
    if site.desk.get().is_some() {
        return Redirect::to("/").into_response();
    }
    let opened = match chosen(&body, (door.new)()) {
        Ok(passphrase) => (door.open)(passphrase).await,
        Err(error) => Err(error),
    };
    match opened {
        Ok(opened) => {
            site.open_for(opened.chores, Some(opened.backups));
            match opened.words {
                Some(words) => html(StatusCode::OK, &words_page(&words)),
                None => Redirect::to("/").into_response(),
            }
        }
        Err(error) => {
            let wrong = error.is::<WrongPassphrase>();
            let status = if wrong { StatusCode::FORBIDDEN } else { StatusCode::BAD_REQUEST };
            html(status, &door.form(Some(&format!("{error:#}"))))
        }
    }
}

/// The passphrase in a form; a new one must be typed twice.
fn chosen(body: &[u8], new: bool) -> Result<String> {
    let fields = form_fields(body);
    let field =
        |name: &str| fields.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    let passphrase = field("passphrase").unwrap_or_default();
    if new {
        check_length(passphrase)?;
        if field("again") != Some(passphrase) {
            return Err(anyhow!("The two passphrases differ. Type the same one twice."));
        }
    }
    Ok(passphrase.into())
}

/// Reads the fields of a form as browsers send it.
fn form_fields(body: &[u8]) -> Vec<(String, String)> {
    let text = |part: &[u8]| String::from_utf8_lossy(&plain(part)).into_owned();
    body.split(|byte| *byte == b'&')
        .map(|pair| {
            let mut parts = pair.splitn(2, |byte| *byte == b'=');
            let (name, value) = (parts.next(), parts.next());
            (text(name.unwrap_or_default()), text(value.unwrap_or_default()))
        })
        .collect()
}

/// Takes the `+` and `%41` of a form apart.
fn plain(part: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(part.len());
    let mut rest = part;
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        let coded = after
            .get(..2)
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match (first, coded) {
            (b'+', _) => bytes.push(b' '),
            (b'%', Some(byte)) => {
                bytes.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            (byte, _) => bytes.push(*byte),
        }
    }
    bytes
}

fn words_page(words: &[&str]) -> String {
    let list: String = words.iter().map(|word| format!("<li>{word}</li>")).collect();
    WORDS.replace("{words}", &list)
}

fn html(status: StatusCode, text: &str) -> Response {
    (status, [(header::CONTENT_TYPE, "text/html; charset=utf-8")], text.to_string()).into_response()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

const CHOOSE: &str = include_str!("unlock/choose.html");
const UNLOCK: &str = include_str!("unlock/unlock.html");
const WORDS: &str = include_str!("unlock/words.html");
const STYLE: &str = include_str!("unlock/unlock.css");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_read_as_it_was_typed() {
        let fields = form_fields(b"passphrase=p%C3%A4ss+w%26rd%25&again=x");
        assert_eq!(fields[0], ("passphrase".into(), "päss w&rd%".into()));
        assert_eq!(fields[1], ("again".into(), "x".into()));
        assert_eq!(plain(b"50%"), b"50%");
    }

    #[test]
    fn a_new_passphrase_is_long_enough_and_typed_twice() {
        assert!(chosen(b"passphrase=long+enough&again=long+enough", true).is_ok());
        assert!(chosen(b"passphrase=long+enough&again=other", true).is_err());
        assert!(chosen(b"passphrase=short&again=short", true).is_err());
        assert_eq!(chosen(b"passphrase=short", false).unwrap(), "short");
    }

    #[test]
    fn an_error_cannot_bring_html_of_its_own() {
        let door = Door::new(|| false, |_| unreachable!());
        assert!(door.form(Some("<b>&\"")).contains("&lt;b&gt;&amp;&quot;"));
    }
}
