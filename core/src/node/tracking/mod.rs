//! Client-side caching: CLIENT TRACKING tells clients when keys that they have copies of change.
//!
//! By default the server remembers which keys a connection has read, in the table of the store's
//! [`Changes`](crate::store::Changes), and says once of each that it is not valid any more. Keys go by their
//! names alone there, whatever their database. With BCAST nothing is remembered: a client hears
//! of every key that begins as it asked for (`broadcast.rs`). The table is bounded by
//! `tracking-table-max-keys`; when there are more, any key is said to have changed and forgotten.
//!
//! Invariant: a connection that is remembered with a key has, or had, a [`Tracking`]; once nobody has one the
//! table is empty.

mod broadcast;
mod command;

use super::ConnId;
use super::Node;
use super::conn::Conn;
use crate::command::key_search;
use crate::command::spec::Flags;
use crate::command::table::Entry;
use crate::data::Ordered;
use crate::data::order;
use crate::resp::Args;
use crate::resp::Protocol;
use crate::resp::Reply;

use broadcast::Prefixes;

/// All that the node knows of clients that track keys, but for the keys they have read.
#[derive(Debug, Default)]
pub(super) struct Trackers {
    /// Connections that track keys.
    clients: usize,
    /// Connections that track keys or once did.
    known: usize,
    prefixes: Prefixes,
    /// Commands in a row that found the table too large and left it so.
    overruns: usize,
}

/// What a connection has asked for.
#[derive(Debug, Default)]
pub(super) struct Tracking {
    is_on: bool,
    mode: Mode,
    /// It does not want to hear of what it changes itself.
    no_loop: bool,
    redirect: Option<Redirect>,
    /// How keys begin that it wants to hear of.
    prefixes: Ordered<Box<[u8]>, ()>,
    /// CLIENT CACHING: the next command is an exception.
    caching: bool,
}

/// Which keys a connection is told of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Mode {
    /// All that it reads.
    #[default]
    Read,
    /// Those it reads right after CLIENT CACHING YES.
    OptIn,
    /// Those it reads, but not right after CLIENT CACHING NO.
    OptOut,
    /// All that begin in certain ways.
    Broadcast,
}

/// Another connection that is told in place of the one that tracks.
#[derive(Clone, Copy, Debug)]
struct Redirect {
    client_id: u64,
    conn: ConnId,
    /// It was found to be gone.
    is_broken: bool,
}

impl Trackers {
    pub fn clients(&self) -> usize {
        self.clients
    }

    /// Ways for a key to begin that somebody wants to hear of.
    pub fn prefixes(&self) -> usize {
        self.prefixes.len()
    }
}

impl Tracking {
    /// What CLIENT LIST shows: the connection told in its place, 0 if there is none, -1 when off.
    pub fn redirect(&self) -> i64 {
        match (self.is_on, self.redirect) {
            (false, _) => -1,
            (true, None) => 0,
            (true, Some(redirect)) => i64::try_from(redirect.client_id).unwrap_or(i64::MAX),
        }
    }

    /// What it takes.
    pub fn bytes(&self) -> usize {
        let names: usize = self.prefixes.keys().map(|name| name.len() + NAME_BYTES).sum();
        size_of::<Self>() + names
    }

    /// Its letters in CLIENT LIST.
    pub fn letters(&self) -> impl Iterator<Item = char> {
        let is_broken = self.redirect.is_some_and(|redirect| redirect.is_broken);
        let letters = [
            (self.is_on, 't'),
            (self.is_on && is_broken, 'R'),
            (self.is_on && self.mode == Mode::Broadcast, 'B'),
        ];
        letters.into_iter().filter(|(applies, _)| *applies).map(|(_, letter)| letter)
    }

    /// Whether the keys of the command that it has just run are remembered.
    fn remembers(&self) -> bool {
        self.is_on
            && match self.mode {
                Mode::Read => true,
                Mode::OptIn => self.caching,
                Mode::OptOut => !self.caching,
                Mode::Broadcast => false,
            }
    }
}

impl Node {
    /// Remembers the keys that a connection has just read, if it tracks keys.
    #[inline]
    pub(super) fn track_reads(&mut self, id: ConnId, entry: &Entry, args: Args<'_>) {
        if self.trackers.clients > 0 && entry.command.flags.has(Flags::READONLY) {
            self.remember_keys(id, entry, args);
        }
    }

    /// Ends what CLIENT CACHING began: with the next command, or transaction, that is no CLIENT.
    #[inline]
    pub(super) fn end_caching(&mut self, id: ConnId, args: Args<'_>) {
        if self.trackers.clients == 0 || args.is(0, "client") {
            return;
        }
        let Some(conn) = self.conns.find_mut(id) else { return };
        if let (None, Some(tracking)) = (&conn.transaction, &mut conn.tracking) {
            tracking.caching = false;
        }
    }

    /// Forgets keys if too many are remembered: some with each command, more of them from one to the next.
    #[inline]
    pub(super) fn limit_tracking(&mut self) {
        if self.trackers.clients > 0 {
            self.forget_excess();
        }
    }

    /// A key has changed, by a connection's command or by itself.
    pub(super) fn invalidate(&mut self, key: &[u8], by: Option<ConnId>) {
        self.trackers.prefixes.note(key, by);
        for member in self.store.changes.untrack(key) {
            let id = ConnId::from_bits(member);
            let tracking = self.conns.find(id).and_then(|conn| conn.tracking.as_deref());
            let wants = tracking.is_some_and(|tracking| {
                let is_own = tracking.no_loop && by == Some(id);
                tracking.is_on && tracking.mode != Mode::Broadcast && !is_own
            });
            if wants {
                self.send_invalid(id, Some(&[key]));
            }
        }
    }

    /// All keys may have changed.
    pub(super) fn invalidate_all(&mut self) {
        if self.trackers.known == 0 {
            return;
        }
        self.store.changes.untrack_all();
        let is_on = |conn: &&Conn| conn.tracking.as_ref().is_some_and(|tracking| tracking.is_on);
        let mut trackers: Vec<ConnId> =
            self.conns.iter().filter(is_on).map(|conn| conn.id).collect();
        order::sort_by_key(&mut trackers, |id| self.conns.find(*id).map(|conn| conn.client_id));
        trackers.into_iter().for_each(|id| self.send_invalid(id, None));
    }

    /// The connection ends, or begins anew.
    pub(super) fn forget_tracking(&mut self, id: ConnId) {
        self.stop_tracking(id);
        let tracking = self.conns.find_mut(id).and_then(|conn| conn.tracking.take());
        if tracking.is_none() {
            return;
        }
        self.trackers.known -= 1;
        if self.trackers.known == 0 {
            self.store.changes.untrack_all();
        }
    }

    fn stop_tracking(&mut self, id: ConnId) {
        let Some(conn) = self.conns.find_mut(id) else { return };
        let Some(tracking) = conn.tracking.as_deref_mut().filter(|tracking| tracking.is_on) else {
            return;
        };
        let prefixes = std::mem::take(tracking).prefixes;
        self.trackers.clients -= 1;
        prefixes.keys().for_each(|prefix| self.trackers.prefixes.remove(prefix, id));
        self.store.changes.set_by_prefix(self.trackers.prefixes.len() > 0);
    }

    fn remember_keys(&mut self, id: ConnId, entry: &Entry, args: Args<'_>) {
        let tracking = self.conns.find(id).and_then(|conn| conn.tracking.as_ref());
        if !tracking.is_some_and(|tracking| tracking.remembers()) {
            return;
        }
        let Some(places) = key_search::find_keys(entry.command, args) else { return };
        let Self { conns, store, .. } = self;
        let crowd = conns.len().saturating_mul(2);
        let is_there = |member| conns.find(ConnId::from_bits(member)).is_some();
        for key in places.iter().filter_map(|place| args.maybe(place.word)) {
            store.changes.track(key, id.to_bits(), crowd, is_there);
        }
    }

    fn forget_excess(&mut self) {
        let keys_max = usize::try_from(self.config.tracking_table_max_keys).unwrap_or(usize::MAX);
        let excess = self.store.changes.tracked().len().saturating_sub(keys_max);
        if keys_max == 0 || excess == 0 {
            self.trackers.overruns = 0;
            return;
        }
        let effort = FORGOTTEN_KEYS.saturating_mul(self.trackers.overruns + 1);
        self.trackers.overruns = if excess > effort { self.trackers.overruns + 1 } else { 0 };
        for _ in 0..excess.min(effort) {
            let Self { store, rng, .. } = self;
            let key = store.changes.tracked().random(|bound| rng.below(bound));
            let Some(key) = key.map(<[u8]>::to_vec) else { return };
            for member in self.store.changes.untrack(&key) {
                self.send_unless_broadcast(ConnId::from_bits(member), &key);
            }
        }
    }

    fn send_unless_broadcast(&mut self, id: ConnId, key: &[u8]) {
        let tracking = self.conns.find(id).and_then(|conn| conn.tracking.as_deref());
        if tracking.is_some_and(|tracking| tracking.is_on && tracking.mode != Mode::Broadcast) {
            self.send_invalid(id, Some(&[key]));
        }
    }

    /// Tells a connection that tracks keys, or the one in its place, that these are not valid any more,
    /// or that none is.
    fn send_invalid(&mut self, id: ConnId, keys: Option<&[&[u8]]>) {
        let Some(conn) = self.conns.find(id) else { return };
        let redirect = conn.tracking.as_ref().and_then(|tracking| tracking.redirect);
        // As in Redis, "none" is spelled in the protocol of the one that tracks.
        let protocol = conn.protocol;
        let Some(redirect) = redirect else {
            if protocol == Protocol::Resp3 {
                self.push(id, |reply| write_invalid(reply, protocol, keys));
            }
            return;
        };
        let Some(target) = self.conns.find(redirect.conn).filter(|conn| !conn.closing) else {
            return self.redirect_broke(id);
        };
        match target.protocol {
            Protocol::Resp3 => {
                self.push(redirect.conn, |reply| write_invalid(reply, protocol, keys));
            }
            Protocol::Resp2 if target.subscriptions.is_some() => {
                self.push(redirect.conn, |reply| write_message(reply, protocol, keys));
            }
            Protocol::Resp2 => {}
        }
    }

    /// The connection that was to be told is gone: the one that tracks is, if it can be.
    fn redirect_broke(&mut self, id: ConnId) {
        let Some(conn) = self.conns.find_mut(id) else { return };
        let Some(redirect) = conn.tracking.as_mut().and_then(|t| t.redirect.as_mut()) else {
            return;
        };
        redirect.is_broken = true;
        let client_id = i64::try_from(redirect.client_id).unwrap_or(i64::MAX);
        if conn.protocol == Protocol::Resp3 {
            self.push(id, |reply| {
                reply.push(2);
                reply.bulk(b"tracking-redir-broken");
                reply.integer(client_id);
            });
        }
    }
}

fn write_invalid(reply: &mut Reply<'_>, protocol: Protocol, keys: Option<&[&[u8]]>) {
    reply.push(2);
    reply.bulk(b"invalidate");
    write_keys(reply, protocol, keys);
}

/// As a message of a channel, for those who speak RESP2.
fn write_message(reply: &mut Reply<'_>, protocol: Protocol, keys: Option<&[&[u8]]>) {
    reply.push(3);
    reply.bulk(b"message");
    reply.bulk(b"__redis__:invalidate");
    write_keys(reply, protocol, keys);
}

fn write_keys(reply: &mut Reply<'_>, protocol: Protocol, keys: Option<&[&[u8]]>) {
    match (keys, protocol) {
        (Some(keys), _) => {
            reply.array(keys.len());
            keys.iter().for_each(|key| reply.bulk(key));
        }
        (None, Protocol::Resp2) => reply.raw(b"$-1\r\n"),
        (None, Protocol::Resp3) => reply.raw(b"_\r\n"),
    }
}

/// What a prefix takes beside its bytes: its places in the connection's set and in the node's map.
const NAME_BYTES: usize = 96;

/// Keys forgotten with a command that finds too many, as in Redis.
const FORGOTTEN_KEYS: usize = 100;
