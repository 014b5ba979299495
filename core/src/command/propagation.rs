//! What one command, or one transaction, sends on to replicas and the
//! append-only file.
//!
//! Redis's rule: a unit of more than one command travels inside MULTI and
//! EXEC, so that a replica applies all of it or none. Keys that expire while a
//! command looks them up are part of its unit, as DEL before it.

use bytes::BytesMut;

use crate::resp::write_request;

/// Collects the unit of the command being run.
#[derive(Debug, Default)]
pub struct Propagation {
    /// Whether anybody listens: with neither backlog nor append-only file nothing is encoded.
    enabled: bool,
    /// Changes made since the unit began, in Redis's count (`rdb_changes_since_last_save`).
    dirty: u64,
    /// The handler has spelled the effect itself, possibly as nothing.
    spelled: bool,
    /// What is pushed comes of a command whose effects have nothing to do with each other.
    scattered: bool,
    /// Commands of clients in the unit: more than one in a transaction.
    ended: u32,
    encoded: BytesMut,
    commands: Vec<Placed>,
}

/// One command of a unit: its database and where its bytes end in the encoded unit.
#[derive(Clone, Copy, Debug)]
struct Placed {
    db: usize,
    end: usize,
    logged: bool,
}

/// One request of a unit that is sent on.
#[derive(Clone, Copy, Debug)]
pub struct Propagated<'a> {
    pub db: usize,
    pub request: &'a [u8],
    /// Whether it belongs in the append-only file too: a message that was published does not.
    pub logged: bool,
}

impl Propagation {
    pub fn set_enabled(&mut self, enabled: bool) {
        self.enabled = enabled;
    }

    /// Whether anybody will be sent what is pushed.
    pub fn is_enabled(&self) -> bool {
        self.enabled
    }

    /// Counts changes to the data. A command that changed nothing is not propagated.
    pub fn count(&mut self, changes: usize) {
        self.dirty += changes as u64;
    }

    pub fn dirty(&self) -> u64 {
        self.dirty
    }

    /// Whether there is anything to count or to send.
    pub fn has_effects(&self) -> bool {
        self.dirty > 0 || !self.commands.is_empty()
    }

    /// Whether the handler of the running command has spelled its effect.
    pub fn is_spelled(&self) -> bool {
        self.spelled
    }

    /// The running command travels as what is pushed from now on, instead of as it was sent.
    pub fn spell(&mut self) {
        self.spelled = true;
    }

    /// Unless it is part of a transaction, what the running command pushes travels one by one, without MULTI and EXEC: keys that SCAN, RANDOMKEY
    /// or active expiry happened to find expired.
    pub fn scatter(&mut self) {
        self.scattered = true;
    }

    pub fn push<'a>(&mut self, db: usize, args: impl ExactSizeIterator<Item = &'a [u8]>) {
        self.push_for(db, args, true);
    }

    /// As [`Propagation::push`], for replicas alone: it changes no data.
    pub fn push_for_replicas<'a>(
        &mut self,
        db: usize,
        args: impl ExactSizeIterator<Item = &'a [u8]>,
    ) {
        self.push_for(db, args, false);
    }

    fn push_for<'a>(
        &mut self,
        db: usize,
        args: impl ExactSizeIterator<Item = &'a [u8]>,
        logged: bool,
    ) {
        if self.enabled {
            write_request(&mut self.encoded, args);
            self.commands.push(Placed { db, end: self.encoded.len(), logged });
        }
    }

    /// Ends one command of the unit: the next one spells its own effect.
    pub fn end_command(&mut self) {
        self.spelled = false;
        self.ended = self.ended.saturating_add(1);
    }

    /// Hands the unit to `sink`, request by request, and begins a new one.
    /// Returns the changes it counted.
    pub fn drain(&mut self, mut sink: impl FnMut(Propagated<'_>)) -> u64 {
        let is_scattered = std::mem::take(&mut self.scattered);
        let is_scattered = std::mem::take(&mut self.ended) <= 1 && is_scattered;
        if self.commands.is_empty() {
            return std::mem::take(&mut self.dirty);
        }
        let db = self.commands.first().map_or(0, |command| command.db);
        let logged = self.commands.iter().any(|command| command.logged);
        let transaction = self.commands.len() > 1 && !is_scattered;
        if transaction {
            sink(Propagated { db, request: MULTI, logged });
        }
        let mut start = 0;
        for command in &self.commands {
            let request = self.encoded.get(start..command.end).unwrap_or_default();
            sink(Propagated { db: command.db, request, logged: command.logged });
            start = command.end;
        }
        if transaction {
            let db = self.commands.last().map_or(0, |command| command.db);
            sink(Propagated { db, request: EXEC, logged });
        }
        self.commands.clear();
        self.encoded.clear();
        std::mem::take(&mut self.dirty)
    }
}

const MULTI: &[u8] = b"*1\r\n$5\r\nMULTI\r\n";
const EXEC: &[u8] = b"*1\r\n$4\r\nEXEC\r\n";

#[cfg(test)]
mod tests {
    use super::*;

    fn drained(propagation: &mut Propagation) -> String {
        let mut out = String::new();
        propagation.drain(|effect| {
            let mark = if effect.logged { "" } else { "~" };
            out += &format!("{mark}{} {}|", effect.db, effect.request.escape_ascii());
        });
        out
    }

    #[test]
    fn a_lone_command_travels_alone_and_two_as_a_transaction() {
        let mut propagation = Propagation::default();
        propagation.set_enabled(true);
        propagation.push(3, [b"DEL".as_slice(), b"k"].into_iter());
        assert_eq!(drained(&mut propagation), r"3 *2\r\n$3\r\nDEL\r\n$1\r\nk\r\n|");
        propagation.push(0, [b"A".as_slice()].into_iter());
        propagation.push(1, [b"B".as_slice()].into_iter());
        assert_eq!(
            drained(&mut propagation),
            concat!(
                r"0 *1\r\n$5\r\nMULTI\r\n|0 *1\r\n$1\r\nA\r\n|",
                r"1 *1\r\n$1\r\nB\r\n|1 *1\r\n$4\r\nEXEC\r\n|"
            )
        );
    }

    #[test]
    fn messages_are_for_replicas_alone() {
        let mut propagation = Propagation::default();
        propagation.set_enabled(true);
        propagation.push_for_replicas(0, [b"P".as_slice()].into_iter());
        assert_eq!(drained(&mut propagation), r"~0 *1\r\n$1\r\nP\r\n|");
        propagation.push_for_replicas(0, [b"P".as_slice()].into_iter());
        propagation.push(0, [b"A".as_slice()].into_iter());
        let unit = drained(&mut propagation);
        assert!(unit.starts_with("0 *1") && unit.contains("|~0 *1"), "{unit}");
    }

    #[test]
    fn scattered_commands_travel_one_by_one() {
        let mut propagation = Propagation::default();
        propagation.set_enabled(true);
        for commands in [1, 2, 1] {
            for _ in 0..commands {
                propagation.push(0, [b"A".as_slice()].into_iter());
                propagation.push(0, [b"B".as_slice()].into_iter());
                propagation.scatter();
                propagation.end_command();
            }
            let scattered = r"0 *1\r\n$1\r\nA\r\n|0 *1\r\n$1\r\nB\r\n|";
            assert_eq!(drained(&mut propagation) == scattered, commands == 1);
        }
    }

    #[test]
    fn nothing_is_encoded_for_nobody() {
        let mut propagation = Propagation::default();
        propagation.count(2);
        propagation.push(0, [b"DEL".as_slice()].into_iter());
        let mut calls = 0;
        assert_eq!(propagation.drain(|_| calls += 1), 2);
        assert_eq!(calls, 0);
    }
}
