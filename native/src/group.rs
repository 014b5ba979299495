//! `appendfsync always` on one processor: the requests that share a sync of the log.
//!
//! With a second processor the log's thread syncs while the engine goes on, and what comes meanwhile is the next
//! group. With one, to wake that thread and be woken by it costs as much as the sync itself, so the engine's
//! thread syncs, as Redis's does; and since all wait for it anyway, it looks at the sockets again before: who was
//! replied to after the last sync is about to ask again. It waits for as many as shared that one, but for no
//! more than half the time it took; a lone client waits for nobody. A disk that takes long is the thread's: what
//! needs no disk goes on meanwhile.

use std::mem;
use std::time::Duration;
use std::time::Instant;

#[derive(Debug, Default)]
pub struct Group {
    /// Reads of connections since the last sync, and at the last look.
    reads: u64,
    seen: u64,
    /// When it was first found smaller than the last one.
    since: Option<Instant>,
    last_reads: u64,
    last_duration: Duration,
    /// Syncs that are the thread's, before another is tried here.
    avoided: u32,
}

impl Group {
    /// A connection's bytes were read.
    pub fn note_read(&mut self) {
        self.reads += 1;
    }

    /// Whether to look at the sockets again before the group is synced.
    pub fn may_grow(&mut self) -> bool {
        let found = self.reads > mem::replace(&mut self.seen, self.reads);
        if self.avoided > 0 || self.last_reads <= 1 {
            return false;
        }
        if self.reads >= self.last_reads {
            return found;
        }
        let since = *self.since.get_or_insert_with(Instant::now);
        since.elapsed() < self.last_duration / 2
    }

    /// Whether the group at hand is to be synced at once, not by the thread.
    pub fn is_synced_here(&mut self) -> bool {
        match self.avoided.checked_sub(1) {
            Some(left) => {
                *self = Self { avoided: left, ..Self::default() };
                false
            }
            None => true,
        }
    }

    /// The group was synced here, which took so long.
    pub fn end(&mut self, duration: Duration) {
        let avoided = if duration > DURATION_MAX { AVOIDED_AFTER_A_SLOW_ONE } else { 0 };
        let (last_reads, last_duration) = (self.reads, duration);
        *self = Self { last_reads, last_duration, avoided, ..Self::default() };
    }
}

/// A sync that takes longer holds up those who need no disk.
const DURATION_MAX: Duration = Duration::from_millis(2);

/// So a slow disk holds the engine up for a sixty-fourth of its time.
const AVOIDED_AFTER_A_SLOW_ONE: u32 = 63;

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(3600);

    fn after(reads: u64, duration: Duration) -> Group {
        let mut group = Group::default();
        (0..reads).for_each(|_| group.note_read());
        group.avoided = 0;
        group.end(duration);
        group
    }

    #[test]
    fn a_group_waits_for_as_many_as_the_last_and_while_more_come() {
        let mut group = after(3, Duration::from_millis(2));
        group.last_duration = LONG;
        for (reads, grows) in [(1, true), (0, true), (1, true), (1, true), (2, true), (0, false)] {
            (0..reads).for_each(|_| group.note_read());
            assert_eq!(group.may_grow(), grows, "{group:?}");
        }
    }

    #[test]
    fn patience_ends_and_a_lone_client_needs_none() {
        let mut impatient = after(3, Duration::ZERO);
        impatient.note_read();
        assert!(!impatient.may_grow());
        let mut alone = after(1, Duration::from_millis(2));
        alone.note_read();
        assert!(!alone.may_grow());
    }

    #[test]
    fn a_slow_disk_is_the_threads() {
        let mut group = after(3, LONG);
        for _ in 0..AVOIDED_AFTER_A_SLOW_ONE {
            group.note_read();
            assert!(!group.may_grow() && !group.is_synced_here());
        }
        assert!(group.is_synced_here());
        group.end(Duration::from_micros(200));
        assert!(group.is_synced_here());
    }
}
