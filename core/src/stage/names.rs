//! What the placeholders of a stage stand for during one run.
//!
//! Invariant: a name means the same text for the whole run, and two names that were not bound on
//! purpose never mean the same word.

use std::collections::BTreeMap;

use crate::rng::Rng;

/// The texts behind the names.
#[derive(Clone, Debug)]
pub struct Names {
    bound: BTreeMap<String, String>,
    rng: Rng,
    drawn: usize,
}

impl Names {
    pub fn new(seed: u64) -> Self {
        Self { bound: BTreeMap::new(), rng: Rng::new(seed), drawn: 0 }
    }

    /// Gives `name` a meaning, in place of the one it may have had.
    pub fn bind(&mut self, name: &str, text: &str) {
        self.bound.insert(name.to_owned(), text.to_owned());
    }

    /// The text with every `{name}` replaced; `offset` is what `{offset}` stands for.
    pub fn resolve(&mut self, text: &str, offset: i64) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, name, after)) = split_placeholder(rest) {
            out.push_str(before);
            match name {
                "offset" => out.push_str(&offset.to_string()),
                _ => out.push_str(self.meaning(name)),
            }
            rest = after;
        }
        out.push_str(rest);
        out
    }

    fn meaning(&mut self, name: &str) -> &str {
        if !self.bound.contains_key(name) {
            let word = self.draw();
            self.bound.insert(name.to_owned(), word);
        }
        self.bound.get(name).map_or("", String::as_str)
    }

    /// A word nobody has had yet: it ends in the number of the draw.
    fn draw(&mut self) -> String {
        let at = self.rng.below(WORDS.len() as u64) as usize;
        self.drawn += 1;
        let tail = 100 + self.rng.below(900);
        format!("{}-{tail}{}", WORDS.get(at).unwrap_or(&"word"), self.drawn)
    }
}

/// Text before the first placeholder, its name, and the text after it.
fn split_placeholder(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once('{')?;
    let (name, after) = rest.split_once('}')?;
    Some((before, name, after))
}

const WORDS: &[&str] = &[
    "apple",
    "banana",
    "cherry",
    "damson",
    "elder",
    "fig",
    "grape",
    "hazel",
    "juniper",
    "kiwi",
    "lemon",
    "mango",
    "nectarine",
    "orange",
    "pear",
    "quince",
    "raspberry",
    "strawberry",
    "tamarind",
    "walnut",
];

#[cfg(test)]
mod tests {
    use super::Names;

    #[test]
    fn a_name_keeps_its_meaning_and_shares_it_with_no_other() {
        let mut names = Names::new(1);
        let first = names.resolve("{key}={value}", 0);
        assert_eq!(first, names.resolve("{key}={value}", 0));
        assert_ne!(names.resolve("{key}", 0), names.resolve("{value}", 0));
        assert_ne!(first, Names::new(2).resolve("{key}={value}", 0));
    }

    #[test]
    fn bound_names_and_offsets_are_put_in() {
        let mut names = Names::new(1);
        names.bind("port", "6379");
        assert_eq!(names.resolve("on {port} at {offset}.", 37), "on 6379 at 37.");
        assert_eq!(names.resolve("open { brace", 0), "open { brace");
    }
}
