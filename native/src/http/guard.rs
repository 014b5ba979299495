//! What holds for every request and every answer.

use std::sync::Arc;

use axum::extract::Request;
use axum::extract::State;
use axum::http::HeaderName;
use axum::http::HeaderValue;
use axum::http::StatusCode;
use axum::http::header;
use axum::middleware::Next;
use axum::response::IntoResponse;
use axum::response::Response;

use super::names::Names;

/// Refuses requests meant for another host, and locks the answers down.
pub async fn guard(State(names): State<Arc<Names>>, request: Request, next: Next) -> Response {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    let mut response = match host {
        Some(host) if names.is_host(host) => next.run(request).await,
        _ => (StatusCode::MISDIRECTED_REQUEST, OTHER_NAME).into_response(),
    };
    for (name, value) in HEADERS {
        response.headers_mut().insert(name.clone(), HeaderValue::from_static(value));
    }
    response
}

/// The page loads nothing from elsewhere and cannot be framed. `wasm-unsafe-eval` is what allows
/// WebAssembly, and nothing else; styles of shadow roots and SVG count as inline.
const HEADERS: [(HeaderName, &str); 5] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; \
         worker-src 'self'; img-src 'self' data:; connect-src 'self'; object-src 'none'; \
         base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

const OTHER_NAME: &str =
    "Ask for 127.0.0.1 or localhost; from other machines, for an address or a name of http-bind.\n";
