//! The list of differences that are meant, `deviations.md`.
//!
//! A difference is excused only when the list names it, and the list may name none that is not there.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::collections::BTreeSet;

/// The entries of one section and which of them were needed.
#[derive(Debug)]
pub struct Deviations {
    section: String,
    reasons: BTreeMap<String, String>,
    used: RefCell<BTreeSet<String>>,
}

impl Deviations {
    /// The entries under this heading.
    ///
    /// # Panics
    ///
    /// When there is no such heading.
    pub fn of(section: &str) -> Self {
        Self::parse(section, include_str!("../deviations.md"))
    }

    fn parse(section: &str, text: &str) -> Self {
        let heading = format!("\n## {section}\n");
        let (_, rest) = text.split_once(&heading).unwrap_or_else(|| panic!("no section {section}"));
        let body = rest.split("\n## ").next().unwrap_or(rest);
        let entries = body.split("\n- `").skip(1).filter_map(|entry| entry.split_once("`: "));
        let reasons =
            entries.map(|(name, reason)| (name.to_owned(), reason.trim().to_owned())).collect();
        Self { section: section.to_owned(), reasons, used: RefCell::default() }
    }

    /// Whether the list names this difference; from now on it counts as needed.
    pub fn excuse(&self, name: &str) -> bool {
        let Some(entry) = self.reasons.keys().find(|entry| covers(entry, name)) else {
            return false;
        };
        self.used.borrow_mut().insert(entry.clone());
        true
    }

    /// Entries that no difference has needed.
    pub fn unused(&self) -> Vec<String> {
        let used = self.used.borrow();
        self.reasons.keys().filter(|name| !used.contains(*name)).cloned().collect()
    }

    /// Fails when the list names a difference that is not there.
    ///
    /// # Panics
    ///
    /// Then.
    pub fn assert_all_used(&self) {
        let unused = self.unused();
        assert!(
            unused.is_empty(),
            "deviations.md, {}: not needed any more: {unused:?}",
            self.section
        );
    }
}

/// A `*` stands for any text.
fn covers(pattern: &str, name: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else { return pattern == name };
    let Some(name) = name.strip_prefix(start) else { return false };
    rest.is_empty() || name.char_indices().any(|(at, _)| covers(rest, &name[at..]))
}

#[cfg(test)]
mod tests {
    use super::Deviations;

    const SECTIONS: &[&str] = &[
        "Replies",
        "Generated requests",
        "Generated requests, rare",
        "Generated requests, Valkey",
        "Generated requests, Valkey, rare",
        "Generated requests, sessions",
        "Command facts",
        "Settings",
        "Report fields",
        "Not compared",
    ];
    const TEXT: &str = "# T\n\n## One\n\ntext\n- `a b`: why\n  it is so\n- `c`: because\n- `e-*`: so\n- `f * h*: i`: so\n\n## Two\n\n- `d`: x\n";

    #[test]
    fn entries_belong_to_their_section() {
        let one = Deviations::parse("One", TEXT);
        assert!(one.excuse("a b") && !one.excuse("d") && !one.excuse("a"));
        assert!(one.excuse("e-1") && !one.excuse("e"));
        assert!(one.excuse("f g hh: i") && !one.excuse("f g hh: ii") && !one.excuse("f h: i"));
        assert_eq!(one.unused(), ["c"]);
        assert!(Deviations::parse("Two", TEXT).excuse("d"));
    }

    #[test]
    fn every_entry_has_a_reason() {
        for section in SECTIONS {
            for (name, reason) in Deviations::of(section).reasons {
                assert!(reason.len() > 10, "{section}: {name} is listed without a reason");
            }
        }
    }
}
