//! ACL LOG: who was refused what, the latest first.
//!
//! The same refusal within a minute of the last one is counted with it instead of being listed again,
//! if it is among the latest few.

use std::collections::VecDeque;

use super::access::DenialKind;

/// Something that was refused.
#[derive(Clone, Debug)]
pub struct Incident {
    pub kind: DenialKind,
    /// In a transaction, or on its own.
    pub in_transaction: bool,
    /// The command, key or channel.
    pub object: Box<[u8]>,
    pub user: Box<[u8]>,
    /// The client, as CLIENT LIST shows it.
    pub client: Vec<u8>,
}

#[derive(Clone, Debug)]
pub struct LogEntry {
    pub incident: Incident,
    pub id: u64,
    pub count: u64,
    /// In milliseconds of unix time.
    pub created_ms: i64,
    pub updated_ms: i64,
}

#[derive(Debug, Default)]
pub struct Log {
    entries: VecDeque<LogEntry>,
    ids: u64,
}

impl Log {
    /// Lists an incident. No more than `entries_max` are kept.
    pub fn add(&mut self, incident: Incident, now_ms: i64, entries_max: usize) {
        if entries_max > 0 {
            let alike = self.entries.iter().take(LOOKED_AT).position(|entry| {
                entry.incident.is_like(&incident)
                    && entry.updated_ms.abs_diff(now_ms) <= TOGETHER_MS
            });
            let entry = match alike.and_then(|at| self.entries.remove(at)) {
                Some(LogEntry { id, count, created_ms, .. }) => {
                    LogEntry { incident, id, count: count + 1, created_ms, updated_ms: now_ms }
                }
                None => {
                    self.ids += 1;
                    let id = self.ids - 1;
                    LogEntry { incident, id, count: 1, created_ms: now_ms, updated_ms: now_ms }
                }
            };
            self.entries.push_front(entry);
        }
        self.entries.truncate(entries_max);
    }

    pub fn clear(&mut self) {
        self.entries.clear();
    }

    /// The latest entries, latest first.
    pub fn latest(&self, count: usize) -> impl ExactSizeIterator<Item = &LogEntry> {
        self.entries.iter().take(count)
    }
}

impl Incident {
    fn is_like(&self, other: &Self) -> bool {
        self.kind == other.kind
            && self.in_transaction == other.in_transaction
            && self.object == other.object
            && self.user == other.user
    }
}

/// How far apart alike incidents may be to be counted together.
const TOGETHER_MS: u64 = 60_000;

/// Among how many entries an alike one is looked for.
const LOOKED_AT: usize = 10;

#[cfg(test)]
mod tests {
    use super::*;

    fn incident(object: &str) -> Incident {
        Incident {
            kind: DenialKind::Key,
            in_transaction: false,
            object: object.as_bytes().into(),
            user: (*b"u").into(),
            client: Vec::new(),
        }
    }

    #[test]
    fn alike_incidents_are_counted_together_for_a_minute() {
        let mut log = Log::default();
        let list = |log: &Log| -> Vec<(u64, String, u64)> {
            let entry = |entry: &LogEntry| {
                let object = String::from_utf8_lossy(&entry.incident.object).into_owned();
                (entry.id, object, entry.count)
            };
            log.latest(10).map(entry).collect()
        };
        let entry = |id, object: &str, count| (id, object.to_owned(), count);
        for (object, now_ms) in [("a", 0), ("b", 1), ("a", 60_000)] {
            log.add(incident(object), now_ms, 10);
        }
        assert_eq!(list(&log), [entry(0, "a", 2), entry(1, "b", 1)]);
        log.add(incident("a"), 120_001, 10);
        assert_eq!(list(&log), [entry(2, "a", 1), entry(0, "a", 2), entry(1, "b", 1)]);
        log.add(incident("c"), 120_001, 2);
        assert_eq!(list(&log), [entry(3, "c", 1), entry(2, "a", 1)]);
        log.add(incident("d"), 120_001, 0);
        assert_eq!(list(&log), []);
    }

    #[test]
    fn only_the_latest_ten_are_looked_at() {
        let mut log = Log::default();
        for number in 0..=LOOKED_AT {
            log.add(incident(&number.to_string()), 0, 100);
        }
        log.add(incident("0"), 0, 100);
        log.add(incident("5"), 0, 100);
        let counts: Vec<u64> = log.latest(100).map(|entry| entry.count).collect();
        assert_eq!((counts.len(), counts[0], counts[1]), (LOOKED_AT + 2, 2, 1));
    }
}
