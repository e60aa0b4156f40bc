//! Request ids and the one log line that every request gets.

use std::time::Instant;

use axum::{
    extract::Request,
    http::{HeaderName, HeaderValue, Method, StatusCode},
    middleware::Next,
    response::Response,
};

/// The header that carries a request's id, in and out.
pub(crate) const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Longer ids from clients are replaced.
const LONGEST: usize = 128;

/// Identifies a request in logs and in errors.
#[derive(Clone, Debug)]
pub(crate) struct RequestId(HeaderValue);

impl RequestId {
    /// The client's, if it is fit for a log, or a new one.
    fn of(request: &Request) -> Self {
        let given = request.headers().get(X_REQUEST_ID);
        Self(
            given
                .filter(|id| is_plain(id.as_bytes()))
                .cloned()
                .unwrap_or_else(|| {
                    let mut buffer = [0; uuid::fmt::Simple::LENGTH];
                    let id = uuid::Uuid::now_v7().simple().encode_lower(&mut buffer);
                    HeaderValue::from_str(id).unwrap_or(HeaderValue::from_static("unknown"))
                }),
        )
    }

    /// As text.
    pub(crate) fn as_str(&self) -> &str {
        self.0.to_str().unwrap_or_default()
    }
}

fn is_plain(id: &[u8]) -> bool {
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    (1..=LONGEST).contains(&id.len()) && id.iter().all(is_plain)
}

/// Left in a response by the GraphQL handler for the log line.
#[derive(Clone, Debug)]
pub(crate) struct OperationName(pub(crate) String);

/// Counts a request as under way until it is dropped.
struct UnderWay;

impl UnderWay {
    fn new() -> Self {
        metrics::gauge!("openintent_http_requests_under_way").increment(1.0);
        Self
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        metrics::gauge!("openintent_http_requests_under_way").decrement(1.0);
    }
}

fn count(method: &Method, status: StatusCode, started: Instant) {
    // Clients can make up methods, and each would be a series of its own.
    let method = match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    };
    let status = status.as_u16().to_string();
    metrics::counter!("openintent_http_requests_total", "method" => method, "status" => status)
        .increment(1);
    metrics::histogram!("openintent_http_request_duration_seconds", "method" => method)
        .record(started.elapsed().as_secs_f64());
}

/// Gives each request its id, and logs it when it is answered. Never bodies, never secrets: no
/// query string either.
pub(crate) async fn trace(mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let id = RequestId::of(&request);
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    request.extensions_mut().insert(id.clone());

    let under_way = UnderWay::new();
    let mut response = next.run(request).await;
    drop(under_way);
    count(&method, response.status(), started);

    let operation = response.extensions_mut().remove::<OperationName>();
    tracing::info!(
        http.method = %method,
        http.path = path,
        http.status = response.status().as_u16(),
        ms = started.elapsed().as_secs_f64() * 1000.0,
        graphql.operation = operation.map(|name| name.0),
        request.id = id.as_str(),
        "request answered",
    );
    response.headers_mut().insert(X_REQUEST_ID, id.0);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_ids_are_taken_from_clients() {
        assert!(is_plain(b"abc-DEF_1.2"));
        assert!(!is_plain(b""));
        assert!(!is_plain(b"a b"));
        assert!(!is_plain("é".as_bytes()));
        assert!(!is_plain(&[b'a'; 129]));
    }
}
