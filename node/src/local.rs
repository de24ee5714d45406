//! One member's node in this process, and the way to one that runs in another.

use crate::community::Community;
use crate::conductor::{self, Pace};
use crate::folder::{self, Address, Folder};
use crate::keys::{self, Guard, Keystore};
use crate::meeting::MeetingPoint;
use crate::member::{CallError, Member};
use crate::sound::Sound;
use crate::{clock, copies, gate};
use anyhow::{bail, Context, Result};
use holochain::conductor::ConductorHandle;
use serde::de::DeserializeOwned;
use serde::Serialize;
use std::path::Path;
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;

/// The installed app, and the member's key, of a node with one member.
pub const APP: &str = "weir";

/// A node of one member.
pub struct Node {
    pub member: Arc<Member>,
    /// The member's words, when the key was drawn just now.
    pub words: Option<Vec<&'static str>>,
    pub keystore: Keystore,
    asking: [JoinHandle<()>; 3],
    conductor: ConductorHandle,
    // A node without a community's meeting point brings its own, and is alone.
    _alone: Option<MeetingPoint>,
}

impl Node {
    /// Unlocks the folder and starts its node; installs `community` when nothing is installed.
    pub async fn start(
        folder: &Folder,
        passphrase: &str,
        meet: Option<&str>,
        community: Option<&Community>,
    ) -> Result<Self> {
        let keystore = keys::open(&folder.keystore(), passphrase, Guard::Strong).await?;
        let (agent, drawn) = keystore.member_key(APP).await?;
        let words = if drawn { Some(keystore.words(APP).await?) } else { None };
        let alone = match meet {
            Some(_) => None,
            None => Some(MeetingPoint::local(0).await?),
        };
        let url = meet.map(str::to_string).or(alone.as_ref().map(MeetingPoint::url));
        let url = url.unwrap_or_default();
        let conductor =
            conductor::start(&folder.conductor(), &keystore, &url, Pace::Community).await?;
        let started = async {
            if let Some(community) = community {
                community.install(&conductor, APP, &agent).await?;
            }
            let sound = Arc::new(Sound::new(conductor.clone()));
            Member::of(conductor.clone(), APP, sound).await
        };
        match started.await {
            Ok(member) => {
                let member = Arc::new(member);
                member.ask_about_record();
                let asking = [
                    tokio::spawn(gate::keep_asking(member.clone())),
                    tokio::spawn(copies::keep_asking(member.clone())),
                    tokio::spawn(clock::keep_looking(member.clone())),
                ];
                Ok(Self { member, words, keystore, asking, conductor, _alone: alone })
            }
            Err(error) => {
                conductor::stop(conductor).await;
                Err(error)
            }
        }
    }

    pub async fn stop(self) {
        self.asking.iter().for_each(JoinHandle::abort);
        conductor::stop(self.conductor).await;
    }
}

/// Opens only the keystore of a folder, making the member's key when there is none.
pub async fn open_keys(folder: &Folder, passphrase: &str) -> Result<Keystore> {
    keys::open(&folder.keystore(), passphrase, Guard::Strong).await
}

/// Speaks to the node that runs on a folder.
pub struct Remote {
    address: Address,
}

impl Remote {
    /// The node that runs on this folder; none when none answers.
    pub async fn of(root: &Path) -> Result<Option<Self>> {
        let Some(address) = folder::address(root)? else { return Ok(None) };
        let remote = Self { address };
        Ok(TcpStream::connect(remote.host()).await.is_ok().then_some(remote))
    }

    fn host(&self) -> &str {
        self.address.url.trim_start_matches("http://")
    }

    pub async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T> {
        self.ask("GET", path, b"").await
    }

    pub async fn post<I: Serialize, T: DeserializeOwned>(&self, path: &str, body: &I) -> Result<T> {
        self.ask("POST", path, &serde_json::to_vec(body)?).await
    }

    /// One request on a connection of its own. HTTP/1.0, so that the answer ends with it.
    async fn ask<T: DeserializeOwned>(&self, method: &str, path: &str, body: &[u8]) -> Result<T> {
        let Address { url, key } = &self.address;
        let host = self.host();
        let head = format!(
            "{method} {path} HTTP/1.0\r\nhost: {host}\r\norigin: {url}\r\n\
             authorization: Bearer {key}\r\ncontent-type: application/json\r\n\
             content-length: {}\r\n\r\n",
            body.len()
        );
        let mut stream = TcpStream::connect(host).await.context("the node does not answer")?;
        stream.write_all(head.as_bytes()).await?;
        stream.write_all(body).await?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await?;
        let (status, body) = parse_answer(&answer).context("the node answers in riddles")?;
        if status != 200 {
            if let Ok(problem) = serde_json::from_slice(body) {
                return Err(CallError::Refused(problem).into());
            }
            bail!("the node says: {}", String::from_utf8_lossy(body));
        }
        Ok(serde_json::from_slice(body)?)
    }
}

/// The status and body of an answer.
fn parse_answer(answer: &[u8]) -> Option<(u16, &[u8])> {
    let end = answer.windows(4).position(|part| part == b"\r\n\r\n")?;
    let (head, body) = (answer.get(..end)?, answer.get(end + 4..)?);
    let status = std::str::from_utf8(head).ok()?.split(' ').nth(1)?.parse().ok()?;
    Some((status, body))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_taken_apart() {
        let answer = b"HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\n{}";
        assert_eq!(parse_answer(answer), Some((200, b"{}".as_slice())));
        assert_eq!(parse_answer(b"HTTP/1.0 200 OK\r\n"), None);
        assert_eq!(parse_answer(b""), None);
    }
}
