//! A backup of the running node, for the command line and for the page.
//!
//! Whoever has the file and the passphrase is the member. So it is sealed with the member's own
//! passphrase, which must be shown here: another program of this machine, which could have calls
//! signed, cannot carry the key away. A front end of another origin gets none at all.

use super::{one, refusal, Site};
use crate::keys::WrongPassphrase;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{header, HeaderMap, StatusCode};
use axum::response::Response;
use axum::Json;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What a backup needs. The passphrase stands in the body alone, which nobody writes down.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    pub passphrase: String,
}

/// The text of the file.
#[derive(Serialize, Deserialize)]
pub struct Made {
    pub backup: String,
}

pub async fn backup(
    State(site): State<Arc<Site>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Made>, Response> {
    let own = one(&headers, &header::ORIGIN).is_some_and(|origin| site.guard.is_own(origin));
    if !own {
        let why = "Only this node's own page and command line make a backup.";
        return Err(refusal(StatusCode::FORBIDDEN, "BACKUP_ELSEWHERE", why));
    }
    let Ok(Asked { passphrase }) = serde_json::from_slice(&body) else {
        let why = "This does not ask for a backup: it names no passphrase.";
        return Err(refusal(StatusCode::BAD_REQUEST, "BACKUP_ASKED", why));
    };
    let Some(backups) = &site.members_desk()?.backups else {
        let why = "A village on one machine has no backups: its keys play no part elsewhere.";
        return Err(refusal(StatusCode::NOT_FOUND, "BACKUP_OF_A_VILLAGE", why));
    };
    match backups.make(&passphrase).await {
        Ok(backup) => Ok(Json(Made { backup })),
        Err(error) if error.is::<WrongPassphrase>() => {
            Err(refusal(StatusCode::FORBIDDEN, "PASSPHRASE_WRONG", &error.to_string()))
        }
        Err(error) => Err(super::internal(error)),
    }
}
