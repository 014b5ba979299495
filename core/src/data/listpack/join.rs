//! Listpacks cut in two, joined, and thinned out: what a list does with its nodes.

use super::At;
use super::COUNT_UNKNOWN;
use super::EMPTY_BYTES;
use super::HEADER_BYTES;
use super::Listpack;
use super::StrRef;
use super::TOTAL_BYTES;
use super::view::COUNT_BYTES;

impl Listpack {
    /// Takes the elements from a place on into a listpack of their own.
    #[must_use]
    pub fn split_off(&mut self, at: At) -> Self {
        let offset = at.offset().clamp(COUNT_BYTES, self.view().end_offset());
        let tail = self.view().as_bytes().get(offset..).unwrap_or_default();
        let mut other = Self(Vec::with_capacity(HEADER_BYTES + tail.len()));
        other.0.extend_from_slice(&[0; HEADER_BYTES]);
        other.0.extend_from_slice(tail);
        other.write_total();
        let moved = other.iter().count();
        other.write_count(moved);
        let left = match self.view().stored_count() {
            COUNT_UNKNOWN => self.iter().count(),
            count => count.into(),
        };
        self.truncate(offset);
        self.write_count(left.saturating_sub(moved));
        other
    }

    /// Puts all elements of another listpack behind these.
    pub fn append(&mut self, other: &Self) {
        let count = self.len() + other.len();
        self.grow(other.total_bytes().saturating_sub(EMPTY_BYTES));
        self.0.pop();
        self.0.extend_from_slice(other.0.get(HEADER_BYTES..).unwrap_or_default());
        self.write_total();
        self.write_count(count);
    }

    /// Keeps the elements that `keep` says so of, in one pass; returns how many went.
    pub fn retain(&mut self, mut keep: impl FnMut(StrRef<'_>) -> bool) -> usize {
        let before = self.len();
        let (mut from, mut to, mut kept) = (COUNT_BYTES, COUNT_BYTES, 0);
        while let Some(at) = self.view().at(from) {
            let next = (from + self.view().size(from)).min(self.view().end_offset());
            if keep(self.get(at)) {
                self.0.copy_within(TOTAL_BYTES + from..TOTAL_BYTES + next, TOTAL_BYTES + to);
                to += next - from;
                kept += 1;
            }
            from = next;
        }
        if kept < before {
            self.truncate(to);
            self.write_count(kept);
        }
        before - kept
    }

    /// Ends the elements at this offset.
    fn truncate(&mut self, offset: usize) {
        self.0.truncate(TOTAL_BYTES + offset);
        self.0.push(super::END);
        self.shrink();
        self.write_total();
    }
}

#[cfg(test)]
mod tests {
    use super::Listpack;

    fn pack_of(texts: &[String]) -> Listpack {
        let mut pack = Listpack::new();
        texts.iter().for_each(|text| pack.push_back(text.as_bytes()));
        pack
    }

    #[test]
    fn halves_and_joins_are_as_if_built_at_once() {
        let texts: Vec<String> = (0..40).map(|i| "1".repeat(i * i % 90)).collect();
        let whole = pack_of(&texts);
        for index in 0..texts.len() {
            let mut head = whole.clone();
            let tail = head.split_off(head.seek(index as i64).unwrap());
            assert_eq!(head.as_bytes(), pack_of(&texts[..index]).as_bytes(), "{index}");
            assert_eq!(tail.as_bytes(), pack_of(&texts[index..]).as_bytes(), "{index}");
            head.append(&tail);
            assert_eq!(head.as_bytes(), whole.as_bytes(), "{index}");
        }
    }

    #[test]
    fn retain_leaves_what_it_is_told_to() {
        let texts: Vec<String> = (0..100).map(|i: usize| i.pow(4).to_string()).collect();
        for divisor in 1..7 {
            let (mut pack, mut number) = (pack_of(&texts), 0);
            let removed = pack.retain(|_| {
                number += 1;
                number % divisor != 0
            });
            let left = (1..).zip(&texts).filter(|(number, _)| number % divisor != 0);
            let left: Vec<String> = left.map(|(_, text)| text.clone()).collect();
            assert_eq!(removed, texts.len() - left.len());
            assert_eq!(pack.as_bytes(), pack_of(&left).as_bytes());
            assert_eq!(Listpack::from_bytes(pack.as_bytes().to_vec()), Some(pack));
        }
    }

    #[test]
    fn large_counts_survive() {
        let mut pack = pack_of(&vec!["1".to_owned(); 70_000]);
        let tail = pack.split_off(pack.seek(69_000).unwrap());
        assert_eq!((pack.len(), tail.len()), (69_000, 1000));
        pack.append(&tail);
        assert_eq!(pack.retain(|_| false), 70_000);
        assert_eq!(pack, Listpack::new());
    }
}
