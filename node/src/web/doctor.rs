//! What is wrong with this node, for the command line and for the page.
//!
//! A POST, for the same reason as the export: to look costs something, and a foreign site could
//! have it done as often as it likes.

use super::Site;
use crate::doctor::{Facts, Node, Report};
use axum::extract::State;
use axum::Json;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The report, and the same as a text to copy.
#[derive(Debug, Serialize, Deserialize)]
pub struct Told {
    pub report: Report,
    pub text: String,
}

pub async fn doctor(State(site): State<Arc<Site>>) -> Json<Told> {
    let facts = match site.desk.get() {
        Some(desk) => {
            let status = desk.monitor.status(&desk.member).await;
            Facts::of_node(&site.data, &desk.member, status).await
        }
        None => Facts::of_folder(&site.data, Node::Locked),
    };
    let report = Report::of(&facts);
    Json(Told { text: report.text(), report })
}
