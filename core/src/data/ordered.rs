//! A map in the order of its keys whose tree holds places, and whose values stand in a vector.
//!
//! A B-tree is much code, and the compiler makes all of it again for each type of value: a seventh of
//! the module that a page loads, once. Here it is made once for each type of key.
//! Meant for what there are few of, or what is asked for seldom; a value costs one step more.
//!
//! Invariant: each place in the tree is that of a value, and no two are the same; all others are
//! among the free.

use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::fmt;
use std::ops::Bound;

/// See the file's head.
#[derive(Clone)]
pub struct Ordered<K, T> {
    places: BTreeMap<K, usize>,
    values: Vec<Option<T>>,
    free: Vec<usize>,
}

impl<K: Ord, T> Ordered<K, T> {
    #[must_use]
    pub const fn new() -> Self {
        Self { places: BTreeMap::new(), values: Vec::new(), free: Vec::new() }
    }

    #[must_use]
    pub fn len(&self) -> usize {
        self.places.len()
    }

    #[inline]
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    pub fn contains_key<Q: Ord + ?Sized>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.places.contains_key(key)
    }

    pub fn find<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&T>
    where
        K: Borrow<Q>,
    {
        self.at(*self.places.get(key)?)
    }

    pub fn find_mut<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<&mut T>
    where
        K: Borrow<Q>,
    {
        self.values.get_mut(*self.places.get(key)?)?.as_mut()
    }

    /// The key as it was put in, and its value.
    pub fn find_pair<Q: Ord + ?Sized>(&self, key: &Q) -> Option<(&K, &T)>
    where
        K: Borrow<Q>,
    {
        let (key, place) = self.places.get_key_value(key)?;
        Some((key, self.at(*place)?))
    }

    /// Puts a value under a key; the one that was there before, if any.
    pub fn insert(&mut self, key: K, value: T) -> Option<T> {
        if let Some(old) = self.find_mut(&key) {
            return Some(std::mem::replace(old, value));
        }
        self.add(key, value);
        None
    }

    pub fn remove<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<T>
    where
        K: Borrow<Q>,
    {
        let place = self.places.remove(key)?;
        let value = self.values.get_mut(place).and_then(Option::take);
        self.free.push(place);
        if self.places.is_empty() {
            *self = Self::new();
        }
        value
    }

    #[must_use]
    pub fn first_key(&self) -> Option<&K> {
        self.places.keys().next()
    }

    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&K, &T)> {
        self.places.iter().filter_map(|(key, place)| Some((key, self.at(*place)?)))
    }

    pub fn keys(&self) -> impl DoubleEndedIterator<Item = &K> {
        self.places.keys()
    }

    /// The values, in no order.
    pub fn values(&self) -> impl Iterator<Item = &T> {
        self.values.iter().flatten()
    }

    /// The values, in no order.
    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.values.iter_mut().flatten()
    }

    /// Shows each value in the order of the keys.
    pub fn for_each_mut(&mut self, mut show: impl FnMut(&mut T)) {
        for place in self.places.values() {
            if let Some(Some(value)) = self.values.get_mut(*place) {
                show(value);
            }
        }
    }

    /// Keys above this one, with their values.
    pub fn after<'s, Q: Ord + ?Sized>(&'s self, key: &Q) -> impl Iterator<Item = (&'s K, &'s T)>
    where
        K: Borrow<Q>,
    {
        let above = self.places.range::<Q, _>((Bound::Excluded(key), Bound::Unbounded));
        above.filter_map(|(key, place)| Some((key, self.at(*place)?)))
    }

    /// A key that is not there yet; the place of its value.
    fn add(&mut self, key: K, value: T) -> usize {
        let place = self.free.pop().unwrap_or_else(|| {
            self.values.push(None);
            self.values.len() - 1
        });
        if let Some(free) = self.values.get_mut(place) {
            *free = Some(value);
        }
        self.places.insert(key, place);
        place
    }

    fn at(&self, place: usize) -> Option<&T> {
        self.values.get(place)?.as_ref()
    }
}

impl<K: Ord, T: Default> Ordered<K, T> {
    /// The value under a key, made if there was none: so there is one.
    pub fn made(&mut self, key: K) -> Option<&mut T> {
        let place = match self.places.get(&key) {
            Some(place) => *place,
            None => self.add(key, T::default()),
        };
        self.values.get_mut(place)?.as_mut()
    }
}

impl<K: Ord, T> Default for Ordered<K, T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K: Ord, T: PartialEq> PartialEq for Ordered<K, T> {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.iter().eq(other.iter())
    }
}

impl<K: Ord + fmt::Debug, T: fmt::Debug> fmt::Debug for Ordered<K, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

impl<K: Ord, T> FromIterator<(K, T)> for Ordered<K, T> {
    fn from_iter<I: IntoIterator<Item = (K, T)>>(items: I) -> Self {
        let mut ordered = Self::new();
        for (key, value) in items {
            ordered.insert(key, value);
        }
        ordered
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::Ordered;
    use crate::rng::Rng;

    #[test]
    fn agrees_with_a_tree_that_holds_the_values() {
        let (mut ordered, mut tree) = (Ordered::new(), BTreeMap::new());
        let mut rng = Rng::new(7);
        for step in 0..4_000_u64 {
            let key = rng.below(40);
            match rng.below(3) {
                0 => assert_eq!(ordered.remove(&key), tree.remove(&key)),
                1 => assert_eq!(ordered.insert(key, step), tree.insert(key, step)),
                _ => assert_eq!(ordered.find(&key), tree.get(&key)),
            }
            assert!(ordered.iter().eq(&tree), "step {step}");
            assert!(
                ordered
                    .after(&key)
                    .map(|(key, _)| key)
                    .eq(tree.range(key + 1..).map(|(key, _)| key))
            );
            assert_eq!(ordered.first_key(), tree.keys().next());
        }
        assert_eq!(ordered, tree.iter().map(|(key, value)| (*key, *value)).collect());
        // A place that was left is taken again.
        assert!(ordered.values.len() <= 40);
        tree.keys().for_each(|key| assert!(ordered.remove(key).is_some()));
        assert!(ordered.values.is_empty() && ordered.is_empty());
    }
}
