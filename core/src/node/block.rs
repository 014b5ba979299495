//! Clients that wait for keys: BLPOP, BZPOPMIN, XREAD BLOCK and the like.
//!
//! As Redis since 7.2 does it: a command whose handler asked to wait is kept, with a ticket for
//! each of its keys. After each command, or each whole transaction, the keys that became ready are
//! taken in the order they became so, and for each the clients who wait for it in the order they
//! came; each one's command is run again, with every check a command meets. It may answer, ask to
//! wait once more (behind those who wait already, until the same moment), or make other keys
//! ready, which are then served in turn. What it changed travels as a unit of its own.
//!
//! Invariant: a client is here exactly while its connection is `Waiting::Keys` with its ticket.

use super::ConnId;
use super::Event;
use super::Node;
use super::conn::Waiting;
use crate::command::Block;
use crate::command::table::Entry;
use crate::data::Due;
use crate::data::Ordered;
use crate::error;
use crate::error::CommandError;
use crate::resp::Args;
use crate::resp::OwnedArgs;
use crate::time::Mono;

/// All clients that wait for keys.
#[derive(Debug, Default)]
pub(super) struct Blocked {
    clients: Ordered<u64, Client>,
    deadlines: Due,
    /// Tickets given out so far.
    tickets: u64,
    /// While a command is run again: when it gives up, whatever it says itself.
    rerun_until: Option<Option<Mono>>,
    /// Ready keys whose clients are kept waiting by CLIENT PAUSE.
    held: Vec<(usize, Box<[u8]>)>,
}

/// One client and the command it waits in.
struct Client {
    conn: ConnId,
    db: usize,
    entry: &'static Entry,
    args: OwnedArgs,
    block: Block,
}

impl Blocked {
    pub fn len(&self) -> usize {
        self.clients.len()
    }

    /// How many of them give up some time.
    pub fn timed_len(&self) -> usize {
        self.deadlines.len()
    }

    pub fn next_deadline(&self) -> Option<Mono> {
        self.deadlines.first().map(|(at, _)| Mono::from_signed_us(at))
    }

    /// Whether a command is under way that waited before.
    pub fn is_rerun(&self) -> bool {
        self.rerun_until.is_some()
    }

    /// The keys that the holder of a ticket waits for.
    pub fn keys(&self, ticket: u64) -> impl Iterator<Item = &[u8]> {
        self.clients
            .find(&ticket)
            .into_iter()
            .flat_map(|client| client.block.keys.iter())
            .map(|key| &**key)
    }

    /// What the arguments take of the command that the holder of a ticket waits in.
    pub fn argument_bytes(&self, ticket: u64) -> usize {
        self.clients.find(&ticket).map_or(0, |client| client.args.bytes())
    }

    /// The name of the command that the holder of a ticket waits in.
    pub fn command(&self, ticket: u64) -> Option<&'static str> {
        self.clients.find(&ticket).map(|client| client.entry.command.name)
    }
}

impl Node {
    /// Keeps a command until one of its keys may be ready.
    pub(super) fn block(
        &mut self,
        id: ConnId,
        entry: &'static Entry,
        args: Args<'_>,
        mut block: Block,
    ) {
        let Self { blocked, store, conns, .. } = self;
        let Some(conn) = conns.find_mut(id) else { return };
        blocked.tickets += 1;
        let ticket = blocked.tickets;
        let is_rerun = blocked.rerun_until.is_some();
        block.until = blocked.rerun_until.unwrap_or(block.until);
        let args = block.args.take().unwrap_or_else(|| args.iter().into());
        for key in &block.keys {
            store.awaited.add(conn.db, key, ticket, block.on_loss);
        }
        if let Some(at) = block.until {
            blocked.deadlines.insert(at.as_signed_us(), ticket);
        }
        conn.waiting = Waiting::Keys(ticket);
        blocked.clients.insert(ticket, Client { conn: id, db: conn.db, entry, args, block });
        if !is_rerun {
            self.events.observe(|| Event::Blocked { conn: id, command: entry.command.name });
        }
    }

    /// Runs the commands of those whose keys became ready. Call it where no command is under way.
    pub(super) fn serve_blocked(&mut self) {
        while let Some((db, key)) = self.store.awaited.pop_ready() {
            // Who asks to wait again gets a later ticket, and is not asked twice.
            let last = self.blocked.tickets;
            let mut served = 0;
            let now_ms = self.now.wall_ms();
            loop {
                let entry = self.store.find(db, &key);
                let entry = entry.filter(|entry| entry.expire_at().is_none_or(|at| at > now_ms));
                let kind = entry.map(|entry| entry.type_name());
                let next = self.store.awaited.next(db, &key, served, kind.is_none());
                let Some(ticket) = next.filter(|ticket| *ticket <= last) else { break };
                self.serve(ticket, kind, (db, &key));
                served = ticket;
            }
        }
    }

    /// Runs a client's command again if a value of this type concerns it.
    fn serve(&mut self, ticket: u64, type_name: Option<&'static str>, key: (usize, &[u8])) {
        let Some(client) = self.blocked.clients.find(&ticket) else { return };
        let concerns = type_name == Some(client.block.kind.type_name()) || client.block.on_loss;
        if !concerns {
            return;
        }
        if self.pause.holds(client.entry.command.flags) {
            self.blocked.held.push((key.0, key.1.into()));
            return;
        }
        if let Some(client) = self.take_blocked(ticket) {
            self.rerun(client);
        }
    }

    /// A pause is over: those it kept waiting are served.
    pub(super) fn serve_held(&mut self) {
        for (db, key) in std::mem::take(&mut self.blocked.held) {
            self.store.awaited.made(db, &key);
        }
    }

    fn rerun(&mut self, client: Client) {
        let Client { conn: id, entry, args, block, .. } = client;
        self.meter.start();
        if let Some(conn) = self.conns.find_mut(id) {
            conn.waiting = Waiting::No;
        }
        match self.admit(id, entry, args.args(), false) {
            Ok(_) => {
                self.blocked.rerun_until = Some(block.until);
                self.perform(id, entry, args.args());
                self.blocked.rerun_until = None;
            }
            Err(error) => self.refuse_request(id, &error),
        }
        self.mark_dirty(id);
        if self.conns.find(id).is_some_and(|conn| conn.waiting == Waiting::No) {
            self.events.observe(|| Event::Unblocked { conn: id });
            self.resume(id);
        }
    }

    /// Lets those go on whose time is over.
    pub(super) fn time_out_blocked(&mut self) {
        while let Some((at, ticket)) = self.blocked.deadlines.first()
            && at <= self.now.mono.as_signed_us()
        {
            self.unblock(ticket, None);
        }
    }

    /// Ends a client's waiting, with an error or as its timeout would.
    pub(super) fn unblock(&mut self, ticket: u64, error: Option<&CommandError>) {
        let Some(client) = self.take_blocked(ticket) else { return };
        let id = client.conn;
        self.note_given_up(client.entry, error.is_some());
        if let Some(conn) = self.conns.find_mut(id) {
            conn.waiting = Waiting::No;
        }
        match error {
            Some(error) => self.refuse_request(id, error),
            None => self.answer(id, |reply| reply.null_array()),
        }
        self.events.observe(|| Event::Unblocked { conn: id });
        self.resume(id);
    }

    /// The node becomes a replica: whoever waits would wait for what a replica's clients can't do.
    pub(super) fn disconnect_blocked(&mut self) {
        let blocked: Vec<(u64, ConnId)> =
            self.blocked.clients.iter().map(|(ticket, client)| (*ticket, client.conn)).collect();
        for (ticket, id) in blocked {
            self.unblock(ticket, Some(&error::UNBLOCKED_BY_ROLE));
            self.close(id);
        }
    }

    /// The connection ends: its command is dropped.
    pub(super) fn forget_blocked(&mut self, id: ConnId) {
        if let Some(Waiting::Keys(ticket)) = self.conns.find(id).map(|conn| conn.waiting) {
            self.take_blocked(ticket);
        }
    }

    fn take_blocked(&mut self, ticket: u64) -> Option<Client> {
        let Self { blocked, store, .. } = self;
        let client = blocked.clients.remove(&ticket)?;
        for key in &client.block.keys {
            store.awaited.remove(client.db, key, ticket);
        }
        if let Some(at) = client.block.until {
            blocked.deadlines.remove(at.as_signed_us(), ticket);
        }
        Some(client)
    }
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Client({:?} in {}, {:?})", self.conn, self.entry.full_name(), self.block)
    }
}
