//! Sorting where it is seldom done: the places are sorted, by code that is there once, and the
//! items follow.
//!
//! The standard library's sort is made again for each type and each order, at some five kilobytes
//! in a page's module.

use std::cmp::Ordering;

/// Sorts; equal items stay in the order they had.
pub fn sort_by<T>(items: &mut Vec<T>, compare: impl Fn(&T, &T) -> Ordering) {
    let mut places: Vec<usize> = (0..items.len()).collect();
    let order = |a: usize, b: usize| match (items.get(a), items.get(b)) {
        (Some(a), Some(b)) => compare(a, b),
        _ => Ordering::Equal,
    };
    sort_places(&mut places, &order);
    let mut unsorted: Vec<Option<T>> = items.drain(..).map(Some).collect();
    items.extend(places.into_iter().filter_map(|place| unsorted.get_mut(place)?.take()));
}

/// Sorts by what each item's key is; equal items stay in the order they had.
pub fn sort_by_key<T, K: Ord>(items: &mut Vec<T>, key: impl Fn(&T) -> K) {
    sort_by(items, |a, b| key(a).cmp(&key(b)));
}

#[inline(never)]
fn sort_places(places: &mut [usize], order: &dyn Fn(usize, usize) -> Ordering) {
    places.sort_by(|a, b| order(*a, *b));
}

#[cfg(test)]
mod tests {
    use super::sort_by_key;

    #[test]
    fn sorts_and_keeps_the_order_of_equals() {
        let mut words = vec!["pear", "fig", "apple", "plum", "kiwi", "date", "lime"];
        sort_by_key(&mut words, |word| word.len());
        assert_eq!(words, ["fig", "pear", "plum", "kiwi", "date", "lime", "apple"]);
        sort_by_key(&mut words, |word| std::cmp::Reverse(*word));
        assert_eq!(words, ["plum", "pear", "lime", "kiwi", "fig", "date", "apple"]);
        let mut none: Vec<u8> = Vec::new();
        sort_by_key(&mut none, |byte| *byte);
        assert!(none.is_empty());
    }
}
