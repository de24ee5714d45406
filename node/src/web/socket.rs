//! The page's socket: the conductor's app interface, spoken by the node.
//!
//! It reads what `@holochain/client` sends and hands it to the conductor in this process; no port
//! of the conductor exists that a page could reach. Reads pass as they are, once the conductor has
//! checked their signature. Writes pass through the member's queue, which signs them anew.

use super::till::{self, Till};
use crate::member::{is_vouched_read, is_write, refused, said, Member};
use anyhow::{bail, Context, Result};
use axum::extract::ws::{Message, WebSocket};
use futures::stream::{SplitSink, SplitStream};
use futures::{SinkExt, StreamExt};
use holochain::conductor::api::{AppAuthentication, AppRequest, AppResponse};
use holochain::prelude::{Signal, ZomeCallParams};
use holochain_conductor_api::{AppAuthenticationRequest, ZomeCallParamsSigned};
use holochain_serialized_bytes::{decode, encode};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{broadcast, mpsc, Semaphore};

/// A connection that has not shown its token by then is closed.
const TOKEN_WAIT: Duration = Duration::from_secs(10);
/// Requests of one page that run at once.
const AT_ONCE: usize = 64;
/// Answers that may wait to be sent.
const ANSWERS_MAX: usize = 256;

/// The frames of the app interface.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "type")]
enum Frame {
    Signal {
        #[serde(with = "serde_bytes")]
        data: Vec<u8>,
    },
    Authenticate {
        #[serde(with = "serde_bytes")]
        data: Vec<u8>,
    },
    Request {
        id: u64,
        #[serde(with = "serde_bytes")]
        data: Vec<u8>,
    },
    Response {
        id: u64,
        #[serde(with = "serde_bytes")]
        data: Option<Vec<u8>>,
    },
}

/// Talks to one page until it leaves.
pub async fn talk(socket: WebSocket, member: Arc<Member>, till: Arc<Till>) {
    let (sink, mut stream) = socket.split();
    match tokio::time::timeout(TOKEN_WAIT, authenticate(&mut stream, &member)).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => return tracing::debug!(%error, "a page was not let in"),
        Err(_) => return tracing::debug!("a page showed no token"),
    }
    let (answers, to_send) = mpsc::channel(ANSWERS_MAX);
    let sending = tokio::spawn(send(sink, to_send));
    let signals = tokio::spawn(pass_signals(member.signals(), answers.clone()));
    listen(stream, member, till, answers).await;
    signals.abort();
    sending.abort();
}

async fn authenticate(stream: &mut SplitStream<WebSocket>, member: &Member) -> Result<()> {
    let Some(frame) = next_frame(stream).await else { bail!("it left at once") };
    let Frame::Authenticate { data } = frame? else { bail!("it spoke before showing a token") };
    let request: AppAuthenticationRequest = decode(&data)?;
    let app = Some(member.app().to_string());
    member.api().auth(AppAuthentication { token: request.token, installed_app_id: app }).await?;
    Ok(())
}

/// The next frame; `None` when the page has left.
async fn next_frame(stream: &mut SplitStream<WebSocket>) -> Option<Result<Frame>> {
    loop {
        match stream.next().await?.ok()? {
            Message::Binary(bytes) => return Some(decode(&bytes[..]).context("no such frame")),
            Message::Ping(_) | Message::Pong(_) => {}
            Message::Text(_) | Message::Close(_) => return None,
        }
    }
}

async fn send(mut sink: SplitSink<WebSocket, Message>, mut frames: mpsc::Receiver<Frame>) {
    while let Some(frame) = frames.recv().await {
        let Ok(bytes) = encode(&frame) else { continue };
        if sink.send(Message::Binary(bytes.into())).await.is_err() {
            return;
        }
    }
}

async fn pass_signals(mut signals: broadcast::Receiver<Signal>, answers: mpsc::Sender<Frame>) {
    loop {
        match signals.recv().await {
            Ok(signal) => {
                let Ok(data) = encode(&signal) else { continue };
                if answers.send(Frame::Signal { data }).await.is_err() {
                    return;
                }
            }
            // The page reads again when it next looks; signals only make it look sooner.
            Err(RecvError::Lagged(missed)) => tracing::debug!(missed, "signals were missed"),
            Err(RecvError::Closed) => return,
        }
    }
}

async fn listen(
    mut stream: SplitStream<WebSocket>,
    member: Arc<Member>,
    till: Arc<Till>,
    answers: mpsc::Sender<Frame>,
) {
    let at_once = Arc::new(Semaphore::new(AT_ONCE));
    while let Some(frame) = next_frame(&mut stream).await {
        let Ok(Frame::Request { id, data }) = frame else { continue };
        let Ok(place) = at_once.clone().acquire_owned().await else { return };
        let (member, till, answers) = (member.clone(), till.clone(), answers.clone());
        // The task is nobody's: a write runs to its end though the page that asked has gone.
        tokio::spawn(async move {
            let response = match decode(&data) {
                Ok(request) => answer(&member, &till, request).await,
                Err(_) => refused("This request cannot be read."),
            };
            let data = encode(&response).ok();
            let _ = answers.send(Frame::Response { id, data }).await;
            drop(place);
        });
    }
}

async fn answer(member: &Member, till: &Till, request: AppRequest) -> AppResponse {
    match request {
        AppRequest::CallZome(call) => match checked(member, &call).await {
            Ok(params) if !till.passes(&params) => refused(said(&till::at_the_till())),
            Ok(params) if is_write(&params) => member.write(params).await,
            Ok(params) if is_vouched_read(&params) => member.vouched_read(params).await,
            Ok(_) => member.request(AppRequest::CallZome(call)).await,
            Err(error) => refused(format!("{error:#}")),
        },
        AppRequest::AppInfo
        | AppRequest::AgentInfo { .. }
        | AppRequest::DumpNetworkMetrics { .. }
        | AppRequest::DumpNetworkStats
        | AppRequest::ListWasmHostFunctions => member.request(request).await,
        // The rest writes past the queue or changes what is installed.
        _ => refused("This node does not offer that."),
    }
}

/// The call, when it is this member's own and signed by them.
async fn checked(member: &Member, call: &ZomeCallParamsSigned) -> Result<ZomeCallParams> {
    let params: ZomeCallParams = call.bytes.decode()?;
    if !member.owns(&params) {
        bail!("This call is not one of this member.");
    }
    if !member.signed(call.bytes.as_bytes(), &call.signature).await {
        bail!("This call is not signed by this member.");
    }
    Ok(params)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The frames are the platform's: bytes of one side must be read by the other.
    #[test]
    fn frames_are_those_of_the_app_interface() {
        #[derive(Debug, Serialize)]
        struct Sent<'a> {
            r#type: &'a str,
            id: u64,
            #[serde(with = "serde_bytes")]
            data: &'a [u8],
        }
        let sent = encode(&Sent { r#type: "request", id: 7, data: b"abc" }).unwrap();
        let Frame::Request { id, data } = decode(&sent).unwrap() else { panic!("no request") };
        assert_eq!((id, data.as_slice()), (7, b"abc".as_slice()));
        let answer = encode(&Frame::Response { id: 7, data: Some(b"abc".to_vec()) }).unwrap();
        assert!(answer.windows(8).any(|part| part == b"response"));
    }
}
