//! The names this server is reached by: what a request's `Host` may be, and its `Origin`.
//!
//! Invariant: a name that somebody else can point to this machine is never ours. Addresses cannot be
//! pointed anywhere, loopback's names are the system's, and the rest is what `http-bind` lists.

use std::net::IpAddr;

#[derive(Debug)]
pub struct Names {
    /// As `http-bind` has them.
    listed: Vec<String>,
    /// The page is served beyond this machine, so it may be asked for by any address of it; which these
    /// are from outside, behind a router, it cannot know.
    any_address: bool,
}

impl Names {
    pub fn new(bind: &[String]) -> Self {
        let listed: Vec<String> =
            bind.iter().map(|word| word.strip_prefix('-').unwrap_or(word).to_owned()).collect();
        let any_address = listed.iter().any(|name| !is_loopback(name));
        Self { listed, any_address }
    }

    /// Whether a `Host` header names this server; with any port, which may have been forwarded.
    pub fn is_host(&self, host: &str) -> bool {
        let Some(name) = name_of(host) else { return false };
        is_loopback(name)
            || (self.any_address && address(name).is_some())
            || self.listed.iter().any(|own| own.eq_ignore_ascii_case(name))
    }
}

/// Whether a page with this `Origin` was served under this `Host`: the same name and port.
pub fn is_origin_of(origin: &str, host: &str) -> bool {
    let place = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
    place.is_some_and(|place| place.eq_ignore_ascii_case(host))
}

fn is_loopback(name: &str) -> bool {
    ["127.0.0.1", "localhost", "[::1]", "::1"].iter().any(|own| own.eq_ignore_ascii_case(name))
}

/// The address that this is: one of IPv6 stands in brackets.
fn address(name: &str) -> Option<IpAddr> {
    match name.strip_prefix('[').and_then(|name| name.strip_suffix(']')) {
        Some(inner) => inner.parse().ok().map(IpAddr::V6),
        None => name.parse().ok().map(IpAddr::V4),
    }
}

/// Without the port; none when what follows the colon is no port.
fn name_of(host: &str) -> Option<&str> {
    match host.rsplit_once(':') {
        Some((name, _)) if host.ends_with(']') || name.is_empty() => {
            (!name.is_empty()).then_some(host)
        }
        Some((name, port)) => port.bytes().all(|byte| byte.is_ascii_digit()).then_some(name),
        None => Some(host),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(bind: &str) -> Names {
        let words: Vec<String> = bind.split(' ').map(str::to_owned).collect();
        Names::new(&words)
    }

    #[test]
    fn knows_its_own_names() {
        let (near, far) = (names("127.0.0.1 -::1"), names("0.0.0.0 box.example"));
        for (host, on_machine, beyond) in [
            ("127.0.0.1", true, true),
            ("127.0.0.1:8080", true, true),
            ("localhost:9", true, true),
            ("LOCALHOST", true, true),
            ("[::1]:8080", true, true),
            ("[::1]", true, true),
            ("10.1.2.3:8080", false, true),
            ("[fd00::2]", false, true),
            ("[fd00::2]:8080", false, true),
            ("box.example:8080", false, true),
            ("Box.Example", false, true),
            ("evil.example", false, false),
            ("evil.example:8080", false, false),
            ("10.1.2.3.evil.example", false, false),
            ("127.0.0.1.evil.example", false, false),
            ("evil.box.example", false, false),
            ("localhost:evil", false, false),
            ("localhost:80@evil.example", false, false),
            ("[localhost]", false, false),
            ("[::1", false, false),
            ("fd00::2", false, false),
            (":8080", false, false),
            ("*", false, false),
            ("", false, false),
        ] {
            assert_eq!((near.is_host(host), far.is_host(host)), (on_machine, beyond), "{host}");
        }
    }

    #[test]
    fn an_origin_is_the_host_that_served_the_page() {
        for (origin, host, expect) in [
            ("http://127.0.0.1:8080", "127.0.0.1:8080", true),
            ("http://localhost:8080", "LOCALHOST:8080", true),
            ("https://box.example", "box.example", true),
            ("http://[::1]:8080", "[::1]:8080", true),
            ("http://localhost:8080", "127.0.0.1:8080", false),
            ("http://localhost:8081", "localhost:8080", false),
            ("http://localhost", "localhost:8080", false),
            ("http://evil.example", "localhost:8080", false),
            ("http://localhost:8080.evil.example", "localhost:8080", false),
            ("http://evil.example/localhost:8080", "localhost:8080", false),
            ("http://localhost:8080/", "localhost:8080", false),
            ("file://", "", false),
            ("null", "localhost:8080", false),
            ("*", "localhost:8080", false),
            ("", "localhost:8080", false),
            ("localhost:8080", "localhost:8080", false),
        ] {
            assert_eq!(is_origin_of(origin, host), expect, "{origin} {host}");
        }
    }
}
