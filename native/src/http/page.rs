//! The files of the built page, which are inside the binary.

use std::borrow::Cow;

use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::HeaderValue;
use axum::http::StatusCode;
use axum::http::Uri;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;
use rust_embed::EmbeddedFile;
use rust_embed::RustEmbed;

use super::Site;
use super::bridge;
use super::encoding::CODINGS;
use super::encoding::accepts;

/// What `cargo xtask run` has built; empty after a bare `cargo build`.
#[derive(RustEmbed)]
#[folder = "../web/dist"]
struct Dist;

/// Answers a request for a file of the page.
pub async fn page(State(site): State<Site>, uri: Uri, headers: HeaderMap) -> Response {
    let name = file_name(uri.path());
    let Some(file) = Dist::get(&name) else {
        return match name.as_ref() {
            "index.html" => not_built(),
            _ => (StatusCode::NOT_FOUND, "There is no such file.\n").into_response(),
        };
    };
    let tag = tag(&file);
    let known = headers.get(header::IF_NONE_MATCH).is_some_and(|known| known == tag.as_str());
    let common = [(header::ETAG, tag), (header::CACHE_CONTROL, cache_control(&name).into())];
    if known {
        return (StatusCode::NOT_MODIFIED, common).into_response();
    }
    if name == "index.html" {
        let html = [(header::CONTENT_TYPE, media_type(&name))];
        return (common, html, served_here(&file.data, site.port)).into_response();
    }
    let accepted = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok());
    let copy = compressed(&name, accepted.unwrap_or_default());
    let own = [(header::CONTENT_TYPE, media_type(&name)), (header::VARY, "accept-encoding")];
    match copy {
        Some((coding, copy)) => {
            (common, own, [(header::CONTENT_ENCODING, coding)], body(copy.data)).into_response()
        }
        None => (common, own, body(file.data)).into_response(),
    }
}

/// The page, told that a server is behind it, and where. It is too short to be worth compressing.
fn served_here(html: &[u8], port: u16) -> String {
    let path = bridge::PATH;
    let told = format!(
        "<head>\n    <meta name=\"redarium-server\" content=\"{path}\" data-port=\"{port}\" />"
    );
    String::from_utf8_lossy(html).replacen("<head>", &told, 1)
}

fn file_name(path: &str) -> Cow<'_, str> {
    match path.trim_start_matches('/') {
        name if name.is_empty() || name.ends_with('/') => format!("{name}index.html").into(),
        name => name.into(),
    }
}

/// The best compressed copy that the client takes.
fn compressed(name: &str, accepted: &str) -> Option<(&'static str, EmbeddedFile)> {
    CODINGS
        .iter()
        .filter(|(coding, _)| accepts(accepted, coding))
        .find_map(|(coding, ending)| Some((*coding, Dist::get(&format!("{name}{ending}"))?)))
}

/// A name for the file's contents. It is weak, since it is the same for all codings of the file.
fn tag(file: &EmbeddedFile) -> String {
    let hash = file.metadata.sha256_hash();
    let digits: String = hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    format!("W/\"{digits}\"")
}

/// Files below `assets/` have a hash of their contents in their name and never change.
fn cache_control(name: &str) -> &'static str {
    if name.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" }
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map_or("", |(_, ending)| ending) {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "wasm" => "application/wasm",
        "svg" => "image/svg+xml",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

fn body(data: Cow<'static, [u8]>) -> Body {
    match data {
        Cow::Borrowed(data) => Body::from(data),
        Cow::Owned(data) => Body::from(data),
    }
}

fn not_built() -> Response {
    let html = HeaderValue::from_static("text/html; charset=utf-8");
    (StatusCode::NOT_FOUND, [(header::CONTENT_TYPE, html)], NOT_BUILT).into_response()
}

const NOT_BUILT: &str = "<!doctype html>
<html lang=\"en\">
<meta charset=\"utf-8\">
<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">
<title>Redarium</title>
<style>body { font: 1rem/1.5 system-ui; max-width: 40rem; margin: 4rem auto; padding: 0 1rem }</style>
<h1>The page is not in this binary</h1>
<p>The server runs, and Redis clients can talk to it. To see the page, build it in:</p>
<pre>cargo xtask run</pre>
</html>
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_file() {
        for (path, expect) in [
            ("/", "index.html"),
            ("/assets/page-1a2b.js", "assets/page-1a2b.js"),
            ("/docs/", "docs/index.html"),
            ("//x", "x"),
        ] {
            assert_eq!(file_name(path), expect);
        }
    }

    #[test]
    fn the_page_is_told_of_the_server() {
        let told = served_here(b"<html>\n  <head>\n    <title>R</title>", 6379);
        let meta = "<meta name=\"redarium-server\" content=\"/resp\" data-port=\"6379\" />";
        assert_eq!(told, format!("<html>\n  <head>\n    {meta}\n    <title>R</title>"));
    }

    #[test]
    fn knows_what_files_are() {
        for (name, media, cached) in [
            ("index.html", "text/html; charset=utf-8", "no-cache"),
            (
                "assets/engine_bg-1a2b.wasm",
                "application/wasm",
                "public, max-age=31536000, immutable",
            ),
            ("a.b.js", "text/javascript; charset=utf-8", "no-cache"),
            ("README", "application/octet-stream", "no-cache"),
        ] {
            assert_eq!((media_type(name), cache_control(name)), (media, cached), "{name}");
        }
    }
}
