//! What is not GraphQL: the explorer and its files, health, metrics.

use axum::{
    Json,
    extract::{Path, State},
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

use super::Shared;
use crate::explorer;

/// The explorer's page uses its own files, talks to its own server, and is shown in no one's frame.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
     connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// `GET /`
pub(crate) async fn explorer() -> Response {
    file("")
}

/// `GET /explorer/{*path}`
pub(crate) async fn asset(State(transport): State<Shared>, Path(path): Path<String>) -> Response {
    if path == "config.json" {
        // In development mode the page may use a well-known key; else it asks for one.
        let key = transport.app.keys().page_key();
        return Json(serde_json::json!({ "apiKey": key })).into_response();
    }
    file(&path)
}

fn file(path: &str) -> Response {
    let Some((content_type, bytes)) = explorer::asset(path) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let headers: [(HeaderName, HeaderValue); 6] = [
        (header::CONTENT_TYPE, HeaderValue::from_static(content_type)),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
        (
            header::CONTENT_SECURITY_POLICY,
            HeaderValue::from_static(CONTENT_SECURITY_POLICY),
        ),
        (
            header::X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        ),
        (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
        (
            header::REFERRER_POLICY,
            HeaderValue::from_static("no-referrer"),
        ),
    ];
    (headers, bytes).into_response()
}

/// `GET /healthz`: the process runs.
pub(crate) async fn healthz() -> &'static str {
    "ok\n"
}

/// `GET /readyz`: requests can be answered.
pub(crate) async fn readyz(State(transport): State<Shared>) -> Response {
    if transport.app.shutdown().is_cancelled() {
        return (StatusCode::SERVICE_UNAVAILABLE, "shutting down\n").into_response();
    }
    match transport.app.ready().await {
        Ok(()) => "ready\n".into_response(),
        Err(why) => (StatusCode::SERVICE_UNAVAILABLE, format!("{why}\n")).into_response(),
    }
}

/// `GET /metrics`: Prometheus text.
pub(crate) async fn metrics(State(transport): State<Shared>) -> Response {
    let content_type = (
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8"),
    );
    ([content_type], transport.app.metrics()).into_response()
}
