//! The own account as a file, for the page.
//!
//! A POST, although it changes nothing: the guard lets none in that does not name the page's own
//! origin. A foreign site could not read the answer to a GET either, but it could have the account
//! gathered, and saved on this machine, as often as it likes.

use super::{internal, refusal, Site};
use crate::export::{problem, read, Export, Source};
use axum::extract::State;
use axum::http::{header, HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::Json;
use indicatif::ProgressBar;
use serde::Deserialize;
use std::sync::Arc;
use weir_exports::{Day, Format, Statement};

/// Says how many rows there are.
pub const ROWS: &str = "weir-rows";

/// What the page asks for, in its own words.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    format: String,
    from: Option<String>,
    to: Option<String>,
}

impl Asked {
    /// None when a format or a day is none, or the first day is after the last.
    fn read(&self) -> Option<Export> {
        let day = |text: &Option<String>| match text {
            None => Some(None),
            Some(text) => Day::parse(text).map(Some),
        };
        let format: Format = self.format.parse().ok()?;
        Export { format, from: day(&self.from)?, to: day(&self.to)? }.check().ok()
    }
}

pub async fn export(
    State(site): State<Arc<Site>>,
    Json(asked): Json<Asked>,
) -> Result<Response, Response> {
    let member = &site.members_desk()?.member;
    let asked = asked.read().ok_or_else(|| {
        let message = "There is no such format, or no such day, or the first is after the last.";
        refusal(StatusCode::BAD_REQUEST, "EXPORT_ASKED", message)
    })?;
    let gathered = async {
        let statement = read(&Source::Here(member), asked, &ProgressBar::hidden()).await?;
        let bytes = statement.bytes(asked.format)?;
        anyhow::Ok((statement, bytes))
    };
    let (statement, bytes) = gathered.await.map_err(|error| match problem(&error) {
        Some(problem) => (StatusCode::UNPROCESSABLE_ENTITY, Json(problem)).into_response(),
        None => internal(error),
    })?;
    Ok(file(&statement, asked.format, bytes))
}

fn file(statement: &Statement, format: Format, bytes: Vec<u8>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, format.media_type().to_string()),
        (header::CONTENT_DISPOSITION, "attachment".to_string()),
        (HeaderName::from_static(ROWS), statement.rows.len().to_string()),
    ];
    (headers, bytes).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(format: &str, from: Option<&str>, to: Option<&str>) -> Option<Export> {
        let text = |text: Option<&str>| text.map(String::from);
        Asked { format: format.into(), from: text(from), to: text(to) }.read()
    }

    #[test]
    fn a_format_and_days_that_there_are_can_be_asked_for() {
        let days = asked("camt053", Some("2026-01-01"), Some("2026-01-31")).unwrap();
        assert_eq!(days.format, Format::Camt053);
        assert_eq!((days.from, days.to), (Day::parse("2026-01-01"), Day::parse("2026-01-31")));
        assert!(asked("csv", None, None).is_some());
        assert_eq!(asked("pdf", None, None), None);
        assert_eq!(asked("csv", Some("yesterday"), None), None);
        assert_eq!(asked("csv", Some("2026-02-01"), Some("2026-01-31")), None);
    }
}
