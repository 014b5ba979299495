//! Which room of the core may know which.

use crate::source;

/// A room and what it may name. Everybody may name `BASE`, and nobody a room that
/// is not listed; the order is from the ground up, so there is no circle.
const ROOMS: &[(&str, &[&str])] = &[
    ("limits", &[]),
    ("time", &[]),
    ("rng", &[]),
    ("error", &[]),
    ("data", &[]),
    ("resp", &["data"]),
    ("config", &["data", "resp"]),
    ("store", &["data", "config"]),
    ("persist", &["data", "resp", "store"]),
    ("replication", &["data", "resp", "store"]),
    ("stage", &["data", "resp", "persist"]),
    ("command", &["data", "resp", "config", "store", "persist"]),
    ("acl", &["data", "resp", "command"]),
    ("client", &["data", "resp", "persist", "command"]),
    ("node", &["data", "resp", "config", "store", "persist", "replication", "command", "acl"]),
    (
        "sim",
        &["data", "resp", "config", "store", "persist", "replication", "command", "client", "node"],
    ),
    ("transcript", &["data", "sim"]),
    // Only in tests and under a fuzzer.
    ("fuzz", &["resp", "config", "store", "persist", "command", "acl", "client", "node", "sim"]),
];

const BASE: &[&str] = &["limits", "time", "rng", "error"];

/// What a file of the core, named from `core/src/` on, knows but may not.
pub fn violations(path: &str, text: &str) -> Vec<String> {
    let room = path.split('/').next().unwrap_or(path).trim_end_matches(".rs");
    if room == "lib" {
        return Vec::new();
    }
    let Some((_, allowed)) = ROOMS.iter().find(|(name, _)| *name == room) else {
        return vec![format!("the room `{room}` has no place yet; give it one in ROOMS")];
    };
    let allowed = |other: &str| other == room || BASE.contains(&other) || allowed.contains(&other);
    let paths = source::paths(source::before_tests(text));
    let others = paths.iter().filter_map(|path| path.strip_prefix("crate::")?.split("::").next());
    let mut others: Vec<_> = others.filter(|other| !other.is_empty() && !allowed(other)).collect();
    others.sort_unstable();
    others.dedup();
    others.into_iter().map(|other| format!("`{room}` may not know `{other}`")).collect()
}

#[cfg(test)]
mod tests {
    use super::{BASE, ROOMS, violations};

    #[test]
    fn there_is_no_circle() {
        for (index, (room, allowed)) in ROOMS.iter().enumerate() {
            let below = |name: &str| ROOMS[..index].iter().any(|(other, _)| *other == name);
            assert!(allowed.iter().all(|name| below(name)), "{room} knows a room above it");
            assert!(BASE.iter().all(|name| ROOMS.iter().any(|(other, _)| other == name)));
        }
    }

    #[test]
    fn a_look_upwards_is_found() {
        let cases: [(&str, &str, usize); 6] = [
            ("store/dict.rs", "use crate::{limits, data::x, store::y};", 0),
            ("store/dict.rs", "use crate::{node::Node, data::x};", 1),
            ("store/dict.rs", "fn f() { crate::node::g() }", 1),
            ("store/dict.rs", "\n#[cfg(test)]\nmod tests { use crate::node::Node; }", 0),
            ("time.rs", "use crate::store::Dict;", 1),
            ("attic/x.rs", "", 1),
        ];
        for (path, text, expect) in cases {
            assert_eq!(violations(path, text).len(), expect, "{path}: {text}");
        }
    }
}
