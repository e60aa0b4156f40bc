//! Which web pages may call this server. By default only its own: no other origin gets a CORS
//! header or a websocket.

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse as _, Response},
};

use super::Shared;

/// Whether a browser's page may open a websocket here. Browsers do not ask before they do.
pub(crate) fn may_open_socket(allowed: &[String], headers: &HeaderMap) -> bool {
    let Some(origin) = headers.get(header::ORIGIN) else {
        return true; // not a browser
    };
    is_allowed(allowed, origin) || is_own(origin, headers.get(header::HOST))
}

fn is_allowed(allowed: &[String], origin: &HeaderValue) -> bool {
    allowed
        .iter()
        .any(|allowed| allowed == "*" || origin == allowed.trim_end_matches('/'))
}

fn is_own(origin: &HeaderValue, host: Option<&HeaderValue>) -> bool {
    let authority = |origin: &HeaderValue| {
        Some(
            origin
                .to_str()
                .ok()?
                .split_once("://")?
                .1
                .to_ascii_lowercase(),
        )
    };
    let host = host
        .and_then(|host| host.to_str().ok())
        .map(str::to_ascii_lowercase);
    host.is_some() && authority(origin) == host
}

/// Answers preflight requests of allowed origins, and lets their pages read the answers.
pub(crate) async fn cors(
    State(transport): State<Shared>,
    request: Request,
    next: Next,
) -> Response {
    let allowed = &transport.app.config().http.allowed_origins;
    let origin = request
        .headers()
        .get(header::ORIGIN)
        .filter(|origin| is_allowed(allowed, origin))
        .cloned();
    let is_preflight = request.method() == Method::OPTIONS
        && request
            .headers()
            .contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);

    let mut response = match &origin {
        Some(_) if is_preflight => {
            let headers = [
                (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST"),
                (
                    header::ACCESS_CONTROL_ALLOW_HEADERS,
                    "authorization, content-type, traceparent, x-agent-id, x-api-key, x-request-id",
                ),
                (header::ACCESS_CONTROL_MAX_AGE, "7200"),
            ];
            (StatusCode::NO_CONTENT, headers).into_response()
        }
        _ => next.run(request).await,
    };
    let headers = response.headers_mut();
    if let Some(origin) = origin {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(
            header::ACCESS_CONTROL_EXPOSE_HEADERS,
            HeaderValue::from_static("retry-after, x-request-id"),
        );
    }
    if !allowed.is_empty() {
        headers.append(header::VARY, HeaderValue::from_static("origin"));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_socket_is_for_own_pages_listed_origins_and_programs() {
        let may = |headers: &[(header::HeaderName, &'static str)]| {
            let headers = headers
                .iter()
                .map(|(name, value)| (name.clone(), HeaderValue::from_static(value)));
            may_open_socket(&["https://board.example".to_owned()], &headers.collect())
        };
        let host = (header::HOST, "localhost:8000");
        assert!(may(std::slice::from_ref(&host)));
        assert!(may(&[
            host.clone(),
            (header::ORIGIN, "http://LOCALHOST:8000")
        ]));
        assert!(may(&[
            host.clone(),
            (header::ORIGIN, "https://board.example")
        ]));
        assert!(!may(&[
            host.clone(),
            (header::ORIGIN, "http://localhost:9000")
        ]));
        assert!(!may(&[host, (header::ORIGIN, "null")]));
        assert!(!may(&[(header::ORIGIN, "https://evil.example")]));
    }
}
