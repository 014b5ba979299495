//! A compact hash made of elements that come one after another, as from a file.

use super::{Form, Hash, Pairs};
use crate::data::listpack::Collector;
use crate::data::{Limits, StrRef};

/// A hash of which fields and values come in turn.
pub struct Gathering {
    pack: Collector,
    fields: Fields,
    may_repeat: bool,
    is_value: bool,
}

impl Gathering {
    /// For elements of about so many bytes.
    #[must_use]
    pub fn new(bytes: usize) -> Self {
        let (pack, fields) = (Collector::new(bytes), Fields::new());
        Self { pack, fields, may_repeat: false, is_value: false }
    }

    /// Takes a field, or the value of the field before.
    pub fn push(&mut self, element: StrRef<'_>) {
        if !self.is_value {
            self.may_repeat |= !self.fields.insert(element);
        }
        self.is_value = !self.is_value;
        self.pack.push(element);
    }

    /// The hash, in the form that the limits give to so many fields, if each came once and with a
    /// value.
    #[must_use]
    pub fn finish(self, limits: &Limits) -> Option<Hash> {
        let form = Form::Pairs(Pairs::from(self.pack.finish()));
        let is_unique = !self.may_repeat;
        Hash::checked(form, is_unique, limits).filter(|_| !self.is_value)
    }
}

/// Which fields have been seen, as far as their ends and lengths tell: of few fields, rarely two look
/// the same.
pub(super) struct Fields([u64; PLACES / 64]);

impl Fields {
    pub(super) const fn new() -> Self {
        Self([0; PLACES / 64])
    }

    /// Whether the field is surely new.
    pub(super) fn insert(&mut self, field: StrRef<'_>) -> bool {
        let hash = match field {
            StrRef::Int(value) => value.cast_unsigned().wrapping_mul(SPREAD),
            StrRef::Bytes(text) => {
                let ends = first_eight(text) ^ last_eight(text).rotate_left(23);
                (ends ^ text.len() as u64).wrapping_mul(SPREAD)
            }
        };
        let place = hash >> (u64::BITS - PLACES.ilog2());
        let Some(word) = self.0.get_mut((place / 64) as usize) else { return false };
        let bit = 1 << (place % 64);
        let is_new = *word & bit == 0;
        *word |= bit;
        is_new
    }
}

fn first_eight(text: &[u8]) -> u64 {
    match text.first_chunk() {
        Some(eight) => u64::from_le_bytes(*eight),
        None => text.iter().fold(0, |all, byte| all << 8 | u64::from(*byte)),
    }
}

fn last_eight(text: &[u8]) -> u64 {
    text.last_chunk().map_or(0, |eight| u64::from_le_bytes(*eight))
}

/// Ten fields meet in one in a hundred hashes.
const PLACES: usize = 1 << 12;

/// An odd number without a pattern.
const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;

#[cfg(test)]
mod tests {
    use super::Gathering;
    use crate::data::{Hash, Limits, StrRef};

    fn gathered(texts: &[&str]) -> Option<Hash> {
        let mut gathering = Gathering::new(0);
        texts.iter().for_each(|text| gathering.push(StrRef::Bytes(text.as_bytes())));
        gathering.finish(&Limits::default())
    }

    #[test]
    fn fields_come_once_and_with_a_value() {
        for (texts, is_hash) in [
            (&[][..], true),
            (&["a"], false),
            (&["a", "b"], true),
            (&["a", "b", "a", "c"], false),
            (&["7", "1", "07", "2", "7", "1"], false),
            (&["a", "b", "b", "a", "c", "c"], true),
            (&["a", "b", "b"], false),
        ] {
            assert_eq!(gathered(texts).is_some(), is_hash, "{texts:?}");
        }
    }

    #[test]
    fn fields_that_look_alike_are_told_apart() {
        let limits = Limits::default();
        let names: Vec<String> =
            (0..400).map(|it| format!("beginning{it:04}the same end")).collect();
        let mut expect = Hash::new();
        let mut gathering = Gathering::new(0);
        for (name, value) in names.iter().zip(0..) {
            expect.set(name.as_bytes(), b"1", &limits);
            expect.set(name.as_bytes(), i64::to_string(&value).as_bytes(), &limits);
            gathering.push(StrRef::Bytes(name.as_bytes()));
            gathering.push(StrRef::Int(value));
        }
        assert_eq!(gathering.finish(&limits), Some(expect));
    }
}
