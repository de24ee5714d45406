//! What the browser sees: one origin on 127.0.0.1 for the page, its socket and signing.
//!
//! | | |
//! |---|---|
//! | `GET /` | the page; before the node is unlocked, a page of the node's own |
//! | `POST /token` | a token for one connection, good for 30 seconds |
//! | `GET /app` | a websocket that speaks the conductor's app interface |
//! | `POST /sign` | signs a call of this member |
//! | `GET /status` | how the node is doing |
//! | `GET`, `POST /preferences` | what the member lets the node do by itself |
//! | `POST /export` | the own account as a file, for the page |
//! | `POST /backup` | a backup, for whoever shows the passphrase |
//! | `POST /till` | leaves the page to somebody who may ask and see, and not pay |
//! | `POST /doctor` | what is wrong with this node |
//! | `POST /call`, `GET /books` | for the command line, with the key in the data folder |
#![allow(clippy::result_large_err, reason = "the error is the answer that is sent")]

pub mod backup;
pub mod doctor;
mod export;
pub mod guard;
mod page;
mod socket;
pub mod status;
mod till;
mod unlock;

pub use page::Page;
pub use status::Status;
pub use unlock::{Door, Opened};

use crate::books::Books;
use crate::call::{CallRequest, Called};
use crate::chores::{Chores, Preferences};
use crate::member::Member;
use crate::restore::Backups;
use crate::{call, held};
use anyhow::{Context, Result};
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Request, State, WebSocketUpgrade};
use axum::http::{header, HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::{from_fn_with_state, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use guard::{Asked, From, Guard};
use holochain::prelude::{ExternIO, ZomeCallParams};
use holochain_conductor_api::IssueAppAuthenticationTokenPayload;
use status::Monitor;
use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use till::Till;
use tokio::net::TcpListener;
use tokio::sync::watch;
use weir_wire::Problem;

/// Seconds in which a page must use its token.
const TOKEN_LIFE_SECONDS: u64 = 30;
const BODY_BYTES_MAX: usize = 1 << 20;
const SOCKET_BYTES_MAX: usize = 4 << 20;

/// One member's place on the web of this machine.
pub struct Site {
    guard: Guard,
    policy: HeaderValue,
    page: Page,
    /// What every page must say, as stable codes.
    notices: Vec<String>,
    /// The data folder, for its size.
    data: PathBuf,
    /// The key of the command line.
    key: String,
    door: Option<Door>,
    desk: OnceLock<Desk>,
}

/// What there is once the node is unlocked.
struct Desk {
    member: Arc<Member>,
    chores: Arc<Chores>,
    monitor: Monitor,
    /// None in a village: its keys are not worth keeping.
    backups: Option<Backups>,
    till: Arc<Till>,
}

/// How a site is set up.
pub struct Setup {
    pub page: Page,
    /// Origins of other front ends that the member admits.
    pub admitted: Vec<String>,
    pub notices: Vec<String>,
    /// The data folder.
    pub data: PathBuf,
    /// How to unlock; none for a member who is there from the start.
    pub door: Option<Door>,
}

/// Takes a port on this machine; 0 takes any free one.
pub async fn bind(port: u16) -> Result<TcpListener> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.with_context(|| {
        format!("port {port} is taken: stop what uses it, or choose another with --port")
    })
}

impl Site {
    /// A site on this port, with the key that its command line must show.
    pub fn new(setup: Setup, port: u16, key: String) -> Result<Arc<Self>> {
        Ok(Arc::new(Self {
            guard: Guard::new(port, &setup.admitted),
            policy: HeaderValue::from_str(&policy(port))?,
            page: setup.page,
            notices: setup.notices,
            data: setup.data,
            key,
            door: setup.door,
            desk: OnceLock::new(),
        }))
    }

    pub fn url(&self) -> &str {
        self.guard.own_origin()
    }

    /// The member is here: from now on the page is served.
    pub fn open_for(&self, chores: Arc<Chores>, backups: Option<Backups>) {
        let monitor = Monitor::new(self.notices.clone());
        // A second opening finds the first, which is the same member.
        let (member, till) = (chores.member().clone(), Arc::default());
        let _ = self.desk.set(Desk { member, chores, monitor, backups, till });
    }

    /// Serves until `stop` turns true.
    pub async fn serve(
        self: Arc<Self>,
        listener: TcpListener,
        mut stop: watch::Receiver<bool>,
    ) -> Result<()> {
        let router = Router::new()
            .route("/token", post(token))
            .route("/app", get(app))
            .route("/sign", post(sign))
            .route("/status", get(status))
            .route("/preferences", get(preferences).post(prefer))
            .route("/unlock", post(unlock::unlock))
            .route("/export", post(export::export))
            .route("/backup", post(backup::backup))
            .route("/till", post(till::till))
            .route("/doctor", post(doctor::doctor))
            .route("/call", post(call_for_command_line))
            .route("/books", get(books_for_command_line))
            .fallback(front)
            .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
            .layer(from_fn_with_state(self.clone(), keep))
            .with_state(self);
        let stopped = async move {
            let _ = stop.wait_for(|stop| *stop).await;
        };
        // Open sockets would keep a graceful end waiting; they are cut when the node ends.
        tokio::select! {
            served = axum::serve(listener, router) => served.context("the page server stopped"),
            () = stopped => Ok(()),
        }
    }
}

/// The guard and the headers around every answer.
async fn keep(State(site): State<Arc<Site>>, request: Request, next: Next) -> Response {
    let headers = request.headers().clone();
    let socket = headers.contains_key(header::UPGRADE);
    let asked = Asked {
        host: one(&headers, &header::HOST),
        origin: one(&headers, &header::ORIGIN),
        needs_origin: socket || !matches!(*request.method(), Method::GET | Method::HEAD),
    };
    let mut response = match site.guard.admit(asked) {
        Err(why) => (StatusCode::FORBIDDEN, why).into_response(),
        Ok(From::Here) => next.run(request).await,
        Ok(From::Admitted(origin)) => {
            let preflight = request.method() == Method::OPTIONS;
            let mut response = if preflight {
                StatusCode::NO_CONTENT.into_response()
            } else {
                next.run(request).await
            };
            admit_origin(response.headers_mut(), origin);
            response
        }
    };
    protect(response.headers_mut(), &site.policy);
    response
}

/// A header that is there exactly once.
fn one<'a>(headers: &'a HeaderMap, name: &header::HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().ok(),
        // Said twice is said by nobody.
        (Some(_), Some(_)) => Some(""),
        (None, _) => None,
    }
}

fn admit_origin(headers: &mut HeaderMap, origin: &str) {
    if let Ok(origin) = HeaderValue::from_str(origin) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    }
    headers.insert(header::VARY, HeaderValue::from_static("origin"));
    let allow = |text| HeaderValue::from_static(text);
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, allow("GET, POST"));
    headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, allow("content-type"));
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, allow(export::ROWS));
}

/// Scripts and styles come from this origin alone and nobody may frame the page. Compiling wasm is
/// allowed because the client library brings its checksums that way.
fn policy(port: u16) -> String {
    format!(
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
         style-src-attr 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self'; \
         connect-src 'self' ws://127.0.0.1:{port} ws://localhost:{port}; manifest-src 'self'; \
         base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
}

fn protect(headers: &mut HeaderMap, policy: &HeaderValue) {
    let text = |text| HeaderValue::from_static(text);
    headers.insert(header::CONTENT_SECURITY_POLICY, policy.clone());
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, text("nosniff"));
    headers.insert(header::X_FRAME_OPTIONS, text("DENY"));
    // With no referrer at all a browser hides the origin of a form, which the guard asks for.
    headers.insert(header::REFERRER_POLICY, text("same-origin"));
    headers.entry(header::CACHE_CONTROL).or_insert(text("no-store"));
}

impl Site {
    fn desk(&self) -> Result<&Desk, Response> {
        self.desk.get().ok_or_else(|| {
            (StatusCode::SERVICE_UNAVAILABLE, "This node is locked.").into_response()
        })
    }

    /// What the member alone may do, and not whoever was left at the till.
    fn members_desk(&self) -> Result<&Desk, Response> {
        let desk = self.desk()?;
        match desk.till.mode() {
            till::Mode::Off => Ok(desk),
            till::Mode::Open | till::Mode::Locked => Err(till::refused_at_the_till()),
        }
    }

    /// Lets the command line in, which read the key from the data folder.
    fn command_line(&self, headers: &HeaderMap) -> Result<&Desk, Response> {
        let shown = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        match shown.and_then(|value| value.strip_prefix("Bearer ")) {
            // The key can be read from the browser of whoever was left at the till.
            Some(key) if same(key.as_bytes(), self.key.as_bytes()) => self.members_desk(),
            _ => Err((StatusCode::FORBIDDEN, "The key of this node is missing.").into_response()),
        }
    }
}

/// Compares in the same time wherever the first difference is.
fn same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |diff, (a, b)| diff | (a ^ b)) == 0
}

async fn front(State(site): State<Arc<Site>>, request: Request) -> Response {
    match (&site.door, site.desk.get()) {
        (Some(door), None) => door.page(request.uri().path()),
        _ => site.page.serve(request).await,
    }
}

async fn token(State(site): State<Arc<Site>>) -> Result<Response, Response> {
    let member = &site.desk()?.member;
    let payload = IssueAppAuthenticationTokenPayload::for_installed_app_id(member.app().into())
        .expiry_seconds(TOKEN_LIFE_SECONDS)
        .single_use(true);
    let issued = member.conductor().issue_app_authentication_token(payload).map_err(internal)?;
    Ok(Json(serde_json::json!({
        "installed_app_id": member.app(),
        "token": issued.token,
    }))
    .into_response())
}

async fn app(State(site): State<Arc<Site>>, upgrade: WebSocketUpgrade) -> Response {
    let (member, till) = match site.desk() {
        Ok(desk) => (desk.member.clone(), desk.till.clone()),
        Err(locked) => return locked,
    };
    upgrade
        .max_message_size(SOCKET_BYTES_MAX)
        .on_upgrade(move |socket| socket::talk(socket, member, till))
}

async fn sign(State(site): State<Arc<Site>>, body: Bytes) -> Result<Response, Response> {
    let Desk { member, till, .. } = site.desk()?;
    let params: ZomeCallParams = ExternIO::from(body.to_vec()).decode().map_err(|_| {
        (StatusCode::BAD_REQUEST, "These are not the bytes of a call.").into_response()
    })?;
    if !member.owns(&params) {
        let why = "This call is not one of this member.";
        return Err((StatusCode::FORBIDDEN, why).into_response());
    }
    if !till.passes(&params) {
        return Err(till::refused_at_the_till());
    }
    let signature = member.sign(&body).await.map_err(internal)?;
    let bytes = [(header::CONTENT_TYPE, "application/octet-stream")];
    Ok((bytes, signature.0.to_vec()).into_response())
}

async fn status(State(site): State<Arc<Site>>) -> Response {
    match site.desk.get() {
        Some(desk) => {
            let status = desk.monitor.status(&desk.member).await;
            Json(Status { till: desk.till.mode(), ..status }).into_response()
        }
        None => {
            let locked = Json(Status::locked(&site.notices));
            (StatusCode::SERVICE_UNAVAILABLE, locked).into_response()
        }
    }
}

async fn preferences(State(site): State<Arc<Site>>) -> Result<Json<Preferences>, Response> {
    Ok(Json(site.desk()?.chores.preferences()))
}

async fn prefer(
    State(site): State<Arc<Site>>,
    Json(preferences): Json<Preferences>,
) -> Result<StatusCode, Response> {
    site.members_desk()?.chores.prefer(preferences).map_err(internal)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn call_for_command_line(
    State(site): State<Arc<Site>>,
    headers: HeaderMap,
    Json(request): Json<CallRequest>,
) -> Result<Json<Called>, Response> {
    let desk = site.command_line(&headers)?;
    Ok(Json(call::call(&desk.member, &request).await))
}

async fn books_for_command_line(
    State(site): State<Arc<Site>>,
    headers: HeaderMap,
) -> Result<Json<Books>, Response> {
    let member = &site.command_line(&headers)?.member;
    let held = held::read(member.conductor(), member.ledger()).await.map_err(internal)?;
    Ok(Json(Books::of(&held)))
}

/// A refusal with its code.
fn refusal(status: StatusCode, code: &str, message: &str) -> Response {
    let (code, message) = (code.to_string(), message.to_string());
    (status, Json(Problem { code, message, facts: BTreeMap::new() })).into_response()
}

fn internal(error: impl std::fmt::Display) -> Response {
    tracing::warn!(%error, "a request failed");
    (StatusCode::INTERNAL_SERVER_ERROR, "Something went wrong in this node.").into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_said_twice_counts_as_wrong() {
        let mut headers = HeaderMap::new();
        headers.append(header::HOST, HeaderValue::from_static("127.0.0.1:1"));
        assert_eq!(one(&headers, &header::HOST), Some("127.0.0.1:1"));
        headers.append(header::HOST, HeaderValue::from_static("evil.example"));
        assert_eq!(one(&headers, &header::HOST), Some(""));
        assert_eq!(one(&headers, &header::ORIGIN), None);
    }

    #[test]
    fn keys_are_compared_whole() {
        assert!(same(b"abc", b"abc"));
        assert!(!same(b"abc", b"abd"));
        assert!(!same(b"abc", b"ab"));
    }
}
