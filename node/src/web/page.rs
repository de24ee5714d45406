//! The page: the one carried inside, or a folder that the member named.

use axum::body::Body;
use axum::extract::Request;
use axum::http::{header, StatusCode};
use axum::response::{IntoResponse, Response};
use std::path::PathBuf;
use tower_http::services::ServeDir;

/// Where the page comes from.
#[derive(Clone, Debug)]
pub enum Page {
    Inside(&'static [(&'static str, &'static [u8])]),
    Folder(PathBuf),
}

/// Served by a build that was made before the page was.
const NO_PAGE: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">\
    <title>Weir</title><h1>This weir was built without its page</h1>\
    <p>Run <code>cargo xtask build</code>, or name a page with <code>--ui DIR</code>.</p>";

impl Page {
    pub async fn serve(&self, request: Request) -> Response {
        match self {
            Self::Inside(files) => inside(files, request.uri().path()),
            Self::Folder(folder) => match ServeDir::new(folder).try_call(request).await {
                Ok(response) => {
                    let mut response = response.map(Body::new);
                    let never = header::HeaderValue::from_static("no-cache");
                    response.headers_mut().insert(header::CACHE_CONTROL, never);
                    response
                }
                Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
            },
        }
    }
}

fn inside(files: &'static [(&'static str, &'static [u8])], path: &str) -> Response {
    let name = match path.trim_start_matches('/') {
        "" => "index.html",
        name => name,
    };
    match files.iter().find(|(file, _)| *file == name) {
        Some((_, bytes)) => {
            // Vite names assets by their content, so they never change; all else may.
            let cache = if name.starts_with("assets/") {
                "public, max-age=31536000, immutable"
            } else {
                "no-cache"
            };
            let headers =
                [(header::CONTENT_TYPE, content_type(name)), (header::CACHE_CONTROL, cache)];
            (headers, *bytes).into_response()
        }
        None if files.is_empty() && name == "index.html" => {
            ([(header::CONTENT_TYPE, content_type(name))], NO_PAGE).into_response()
        }
        None => (StatusCode::NOT_FOUND, "There is no such page.").into_response(),
    }
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("json" | "map") => "application/json",
        Some("webmanifest") => "application/manifest+json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("ico") => "image/x-icon",
        Some("woff2") => "font/woff2",
        Some("wasm") => "application/wasm",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILES: &[(&str, &[u8])] = &[("index.html", b"<p>"), ("assets/a-1.js", b"1")];

    #[test]
    fn files_are_found_by_their_path_and_nothing_else_is() {
        assert_eq!(inside(FILES, "/").status(), StatusCode::OK);
        let script = inside(FILES, "/assets/a-1.js");
        assert_eq!(script.status(), StatusCode::OK);
        assert_eq!(script.headers()[header::CONTENT_TYPE], "text/javascript; charset=utf-8");
        assert_eq!(inside(FILES, "/../Cargo.toml").status(), StatusCode::NOT_FOUND);
    }

    #[test]
    fn a_build_without_its_page_says_so() {
        assert_eq!(inside(&[], "/").status(), StatusCode::OK);
        assert_eq!(inside(&[], "/other").status(), StatusCode::NOT_FOUND);
    }
}
