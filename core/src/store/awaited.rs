//! Keys that somebody waits for, and those among them that became ready since they were last asked
//! about.
//!
//! Who waits is told apart by tickets, numbers that grow with the order of arrival; whose they are
//! only the node knows. As in Redis a key is ready when a value of a type that can be waited for
//! comes into being under it, however that happens, or, for those who asked for that, when its
//! value is gone. With nobody waiting all this is one comparison.
//!
//! Invariant: a key is here as long as somebody waits for it, and at most once among the ready.

use std::collections::VecDeque;

use crate::data::Ordered;

/// The waiting room of a keyspace.
#[derive(Debug, Default)]
pub struct Awaited {
    dbs: Ordered<u64, Ordered<Box<[u8]>, Queue>>,
    ready: VecDeque<(usize, Box<[u8]>)>,
}

/// Those who wait for one key.
#[derive(Debug, Default)]
struct Queue {
    /// Each ticket, and whether it also waits for the value to be gone.
    tickets: Ordered<u64, bool>,
    /// How many of them do.
    for_loss: usize,
    is_ready: bool,
}

impl Awaited {
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.dbs.is_empty()
    }

    #[inline]
    pub fn has_ready(&self) -> bool {
        !self.ready.is_empty()
    }

    /// Enters a ticket for a key.
    pub fn add(&mut self, db: usize, key: &[u8], ticket: u64, for_loss: bool) {
        let Some(keys) = self.dbs.made(db as u64) else { return };
        let Some(queue) = keys.made(key.into()) else { return };
        if queue.tickets.insert(ticket, for_loss).is_none() {
            queue.for_loss += usize::from(for_loss);
        }
    }

    /// Takes a ticket back.
    pub fn remove(&mut self, db: usize, key: &[u8], ticket: u64) {
        let Some(keys) = self.dbs.find_mut(&(db as u64)) else { return };
        let Some(queue) = keys.find_mut(key) else { return };
        if let Some(for_loss) = queue.tickets.remove(&ticket) {
            queue.for_loss -= usize::from(for_loss);
        }
        if queue.tickets.is_empty() {
            keys.remove(key);
        }
        if keys.is_empty() {
            self.dbs.remove(&(db as u64));
        }
    }

    /// There is something under the key that was not there before.
    #[inline]
    pub fn made(&mut self, db: usize, key: &[u8]) {
        if !self.is_empty() {
            self.note(db, key, |_| true);
        }
    }

    /// The key's value is gone, or another has taken its place.
    #[inline]
    pub fn lost(&mut self, db: usize, key: &[u8]) {
        if !self.is_empty() {
            self.note(db, key, |queue| queue.for_loss > 0);
        }
    }

    /// The key that has been ready longest; it may become ready again.
    pub fn pop_ready(&mut self) -> Option<(usize, Box<[u8]>)> {
        let (db, key) = self.ready.pop_front()?;
        if let Some(queue) = self.dbs.find_mut(&(db as u64)).and_then(|keys| keys.find_mut(&*key)) {
            queue.is_ready = false;
        }
        Some((db, key))
    }

    /// The earliest ticket for the key that is later than `after`, and whether it also waits for
    /// the value to be gone; with `for_loss` only such tickets count.
    pub fn next(&self, db: usize, key: &[u8], after: u64, for_loss: bool) -> Option<u64> {
        let queue = self.dbs.find(&(db as u64))?.find(key)?;
        if for_loss && queue.for_loss == 0 {
            return None;
        }
        let later = queue.tickets.after(&after);
        later.filter(|(_, loss)| !for_loss || **loss).map(|(ticket, _)| *ticket).next()
    }

    /// The keys waited for in one database.
    pub fn keys(&self, db: usize) -> impl Iterator<Item = &[u8]> {
        self.dbs.find(&(db as u64)).into_iter().flat_map(|keys| keys.keys().map(|key| &**key))
    }

    /// How many keys are waited for, and how many of them also for their loss.
    pub fn count(&self) -> (usize, usize) {
        let queues = || self.dbs.values().flat_map(Ordered::values);
        (queues().count(), queues().filter(|queue| queue.for_loss > 0).count())
    }

    fn note(&mut self, db: usize, key: &[u8], concerns: impl FnOnce(&Queue) -> bool) {
        let Some(queue) = self.dbs.find_mut(&(db as u64)).and_then(|keys| keys.find_mut(key))
        else {
            return;
        };
        if !queue.is_ready && concerns(queue) {
            queue.is_ready = true;
            self.ready.push_back((db, key.into()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ready(awaited: &mut Awaited) -> String {
        let mut keys = String::new();
        while let Some((db, key)) = awaited.pop_ready() {
            keys += &format!("{db}{} ", key.escape_ascii());
        }
        keys
    }

    #[test]
    fn keys_are_ready_once_in_the_order_they_became_so() {
        let mut awaited = Awaited::default();
        for (db, key, ticket) in [(0, "a", 1), (0, "b", 1), (0, "a", 2), (1, "a", 3)] {
            awaited.add(db, key.as_bytes(), ticket, false);
        }
        for (db, key) in [(0, "b"), (1, "a"), (0, "x"), (0, "b"), (0, "a"), (1, "b")] {
            awaited.made(db, key.as_bytes());
        }
        awaited.lost(0, b"a");
        assert_eq!(ready(&mut awaited), "0b 1a 0a ");
        awaited.made(0, b"b");
        assert_eq!((ready(&mut awaited), awaited.count()), ("0b ".to_owned(), (3, 0)));
    }

    #[test]
    fn tickets_are_in_order_and_leave_nothing_behind() {
        let mut awaited = Awaited::default();
        for (ticket, for_loss) in [(5, false), (3, true), (9, true)] {
            awaited.add(0, b"a", ticket, for_loss);
        }
        let next = |awaited: &Awaited, after, loss| awaited.next(0, b"a", after, loss);
        assert_eq!(next(&awaited, 0, false), Some(3));
        assert_eq!(next(&awaited, 3, false), Some(5));
        assert_eq!(next(&awaited, 3, true), Some(9));
        awaited.lost(0, b"a");
        awaited.remove(0, b"a", 3);
        awaited.remove(0, b"a", 9);
        assert_eq!(next(&awaited, 0, true), None);
        assert_eq!(awaited.count(), (1, 0));
        awaited.remove(0, b"a", 5);
        awaited.remove(0, b"a", 5);
        assert!(awaited.is_empty());
        // Known to be ready, but of interest to nobody any more.
        assert_eq!(ready(&mut awaited), "0a ");
    }
}
