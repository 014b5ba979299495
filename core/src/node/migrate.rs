//! MIGRATE: keys are handed over to another server, whose client this node becomes for that.
//!
//! Redis stops as a whole meanwhile. Here the caller waits, others go on, and only who would write
//! to a key under way is held until it has arrived or has not.
//!
//! Invariant: a key is removed only once the other server has acknowledged it, and nothing has
//! changed it since it was sent.

use std::collections::VecDeque;

use bytes::Bytes;
use bytes::BytesMut;

use super::ConnId;
use super::DialId;
use super::Effect;
use super::Event;
use super::Node;
use super::conn::ConnRole;
use super::conn::Waiting;
use super::replica::take_line;
use crate::command::Outcome;
use crate::command::key_search;
use crate::command::migrate::Order;
use crate::command::spec::Command;
use crate::command::spec::Flags;
use crate::command::spec::NodeCommand;
use crate::command::spec::Run;
use crate::error;
use crate::error::CommandError;
use crate::limits;
use crate::persist::rdb;
use crate::resp::Args;
use crate::resp::write_request;
use crate::store::Entry;
use crate::store::KeyEvent;
use crate::time::Mono;

/// The handovers under way, oldest first, and who waits for one to end.
#[derive(Debug, Default)]
pub(super) struct Migrations {
    running: Vec<Migration>,
    held: Vec<ConnId>,
}

#[derive(Debug)]
struct Migration {
    client: ConnId,
    /// The database the keys are in.
    db: usize,
    order: Order,
    link: Link,
    /// When the other server has been silent for too long.
    deadline: Mono,
    /// Replies to AUTH and SELECT that have not come.
    greetings: usize,
    /// Keys that were sent and not answered, in order.
    unanswered: VecDeque<Vec<u8>>,
    /// Keys that have arrived.
    arrived: Vec<Vec<u8>>,
    /// The other server's first error.
    refusal: Option<Vec<u8>>,
    /// That was to AUTH or SELECT: what arrived did so in the wrong place.
    misplaced: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Link {
    Dialing(DialId),
    Talking(ConnId),
}

/// What the other server did not let happen.
#[derive(Clone, Copy)]
enum Failure {
    Connecting,
    Writing,
    Reading,
}

impl Migrations {
    pub fn next_deadline(&self) -> Option<Mono> {
        self.running.iter().map(|migration| migration.deadline).min()
    }

    fn dialing(&self, dial: DialId) -> Option<usize> {
        self.running.iter().position(|migration| migration.link == Link::Dialing(dial))
    }

    fn talking(&self, id: ConnId) -> Option<usize> {
        self.running.iter().position(|migration| migration.link == Link::Talking(id))
    }

    /// Whether a key that is about to leave is among the keys of this command, or may be.
    fn concerns(&self, command: &Command, args: Args<'_>) -> bool {
        let leaving = self.running.iter().filter(|migration| !migration.order.copy);
        let mut leaving = leaving.flat_map(|migration| &migration.order.keys);
        match key_search::find_keys(command, args).unwrap_or_default() {
            // FLUSHALL and the like.
            places if places.is_empty() => leaving.next().is_some(),
            places => {
                leaving.any(|key| places.iter().any(|place| args.at(place.word) == key.as_slice()))
            }
        }
    }
}

impl Node {
    pub(super) fn migrate(&mut self, id: ConnId, args: Args<'_>) -> Outcome {
        let mut order = Order::parse(args)?;
        if self.executing == Some(id) {
            return Err(error::NOT_IN_MULTI);
        }
        let Some(mut ctx) = self.context(id) else { return Ok(()) };
        order.keys.retain(|key| ctx.read(key).is_some());
        let db = ctx.db;
        if order.keys.is_empty() {
            ctx.reply.simple("NOKEY");
            return Ok(());
        }
        let Some(port) = order.port else { return Err(Failure::Connecting.error()) };
        self.dials += 1;
        let dial = DialId(self.dials);
        // It speaks as nodes of a cluster do to each other.
        let tls = self.config.tls_cluster;
        self.effects.push_back(Effect::Dial { dial, host: order.host.clone(), port, tls });
        self.migrations.running.push(Migration {
            client: id,
            db,
            link: Link::Dialing(dial),
            deadline: self.now.mono.plus_ms(order.timeout_ms),
            greetings: 0,
            unanswered: VecDeque::new(),
            arrived: Vec::new(),
            refusal: None,
            misplaced: false,
            order,
        });
        if let Some(conn) = self.conns.find_mut(id) {
            conn.waiting = Waiting::Migration;
        }
        self.events.observe(|| Event::Blocked { conn: id, command: "migrate" });
        Ok(())
    }

    /// Whether a request has to wait because it may write to a key that is about to leave.
    pub(super) fn migration_holds(&self, id: ConnId, command: &Command, args: Args<'_>) -> bool {
        if self.migrations.running.is_empty() {
            return false;
        }
        let transaction = self.conns.find(id).and_then(|conn| conn.transaction.as_ref());
        match (transaction, command.run) {
            (Some(queued), Run::Node(NodeCommand::Exec)) => {
                queued.commands().any(|(command, args)| self.may_take_along(command, args))
            }
            (Some(_), _) => false,
            (None, _) => self.may_take_along(command, args),
        }
    }

    fn may_take_along(&self, command: &Command, args: Args<'_>) -> bool {
        let writes = command.flags.has(Flags::WRITE) || command.flags.has(Flags::MAY_REPLICATE);
        writes && self.migrations.concerns(command, args)
    }

    pub(super) fn hold_for_migration(&mut self, id: ConnId) {
        if let Some(conn) = self.conns.find_mut(id) {
            conn.waiting = Waiting::Migration;
            self.migrations.held.push(id);
        }
    }

    /// The connection is there: sends all that is to be sent. Whether it was a migration's.
    pub(super) fn migration_dialed(&mut self, dial: DialId, id: ConnId) -> bool {
        let Some(at) = self.migrations.dialing(dial) else { return false };
        let requests = self.requests_of(at);
        let Some(migration) = self.migrations.running.get_mut(at) else { return false };
        migration.link = Link::Talking(id);
        migration.deadline = self.now.mono.plus_ms(migration.order.timeout_ms);
        if let Some(conn) = self.conns.find_mut(id) {
            conn.role = ConnRole::Target;
            conn.outbox.push(requests);
            self.mark_dirty(id);
        }
        true
    }

    /// AUTH, SELECT and a RESTORE for each key that is still there.
    fn requests_of(&mut self, at: usize) -> Bytes {
        let now_ms = self.now.wall_ms();
        let Self { migrations, store, config, .. } = self;
        let Some(migration) = migrations.running.get_mut(at) else { return Bytes::new() };
        let mut out = BytesMut::new();
        let order = &migration.order;
        if !order.credentials.is_empty() {
            migration.greetings += 1;
            let words = [b"AUTH".as_slice()].into_iter();
            let words: Vec<&[u8]> =
                words.chain(order.credentials.iter().map(Vec::as_slice)).collect();
            write_request(&mut out, words.into_iter());
        }
        migration.greetings += 1;
        let db = order.db.to_string();
        write_request(&mut out, [b"SELECT".as_slice(), db.as_bytes()].into_iter());
        for key in &order.keys {
            let Some(entry) = store.find(migration.db, key) else { continue };
            if entry.expire_at().is_some_and(|at| at < now_ms) {
                continue;
            }
            write_restore(&mut out, entry, now_ms, order.replace, config.rdbcompression);
            migration.unanswered.push_back(key.clone());
        }
        out.freeze()
    }

    /// Replies of the other server.
    pub(super) fn handle_target_bytes(&mut self, id: ConnId, buffer: &mut BytesMut) {
        while let Some(at) = self.migrations.talking(id) {
            let Some(line) = take_line(buffer) else {
                if buffer.len() > limits::INLINE_BYTES_MAX {
                    self.fail_migration(at, Failure::Reading);
                }
                return;
            };
            let Some(migration) = self.migrations.running.get_mut(at) else { return };
            migration.deadline = self.now.mono.plus_ms(migration.order.timeout_ms);
            migration.handle_reply(&line);
            if migration.is_answered() {
                self.end_migration(at, None);
            }
        }
    }

    /// A part of what the other server is sent has left.
    pub(super) fn target_was_sent(&mut self, id: ConnId) {
        if let Some(at) = self.migrations.talking(id)
            && let Some(migration) = self.migrations.running.get_mut(at)
        {
            migration.deadline = self.now.mono.plus_ms(migration.order.timeout_ms);
        }
    }

    /// The other server is gone. What it had sent before counts.
    pub(super) fn target_lost(&mut self, id: ConnId, has_unsent: bool) {
        if let Some(at) = self.migrations.talking(id) {
            self.fail_migration(at, if has_unsent { Failure::Writing } else { Failure::Reading });
        }
    }

    /// Nobody can be connected to there. Whether a migration wanted to.
    pub(super) fn migration_unreachable(&mut self, dial: DialId) -> bool {
        let found = self.migrations.dialing(dial);
        if let Some(at) = found {
            // Redis takes a refusal for a connection, and fails when it writes.
            self.fail_migration(at, Failure::Writing);
        }
        found.is_some()
    }

    pub(super) fn time_out_migrations(&mut self) {
        let now = self.now.mono;
        let is_over = |migration: &Migration| migration.deadline <= now;
        while let Some(at) = self.migrations.running.iter().position(is_over) {
            self.give_up_migration(at);
        }
    }

    /// The node becomes a replica: what it holds is no longer its own to give away.
    pub(super) fn abandon_migrations(&mut self) {
        while !self.migrations.running.is_empty() {
            self.give_up_migration(0);
        }
    }

    fn give_up_migration(&mut self, at: usize) {
        let Some(migration) = self.migrations.running.get(at) else { return };
        let failure = match migration.link {
            Link::Dialing(_) => Failure::Connecting,
            Link::Talking(id) => match self.conns.find(id) {
                Some(conn) if conn.outbox.has_own_bytes() => Failure::Writing,
                _ => Failure::Reading,
            },
        };
        self.fail_migration(at, failure);
    }

    fn fail_migration(&mut self, at: usize, failure: Failure) {
        self.end_migration(at, Some(failure.error()));
    }

    /// Removes what has arrived, answers the caller, and lets those go on who had to wait.
    fn end_migration(&mut self, at: usize, failure: Option<CommandError>) {
        if at >= self.migrations.running.len() {
            return;
        }
        let migration = self.migrations.running.remove(at);
        match migration.link {
            Link::Dialing(dial) => self.effects.push_back(Effect::AbandonDial { dial }),
            Link::Talking(id) => self.close(id),
        }
        if !migration.order.copy {
            self.remove_arrived(&migration);
        }
        let refusal = migration.refusal.map(|line| error::refused_by_target(&line));
        match refusal.or(failure) {
            Some(error) => self.refuse_request(migration.client, &error),
            None => self.answer(migration.client, |reply| reply.ok()),
        }
        self.events.observe(|| Event::Unblocked { conn: migration.client });
        let held = std::mem::take(&mut self.migrations.held);
        for id in [migration.client].into_iter().chain(held) {
            if self.conns.find(id).is_some_and(|conn| conn.waiting == Waiting::Migration) {
                self.resume(id);
            }
        }
    }

    /// The keys leave this server's replicas too, with one DEL.
    fn remove_arrived(&mut self, migration: &Migration) {
        self.propagation.set_enabled(self.is_heard());
        let Self { store, propagation, .. } = self;
        let mut words = vec![b"DEL".as_slice()];
        for key in &migration.arrived {
            if store.remove(migration.db, key) {
                store.notices.add(KeyEvent::DEL, migration.db, key);
                words.push(key);
            }
        }
        if words.len() == 1 {
            return;
        }
        propagation.count(words.len() - 1);
        propagation.push(migration.db, words.into_iter());
        self.propagate(migration.client);
        self.settle_changes(None);
        self.notify();
    }
}

impl Migration {
    fn handle_reply(&mut self, line: &[u8]) {
        let error = line.strip_prefix(b"-");
        let greets = self.greetings > 0;
        if let Some(error) = error {
            self.refusal.get_or_insert_with(|| error.to_vec());
            self.misplaced |= greets;
        }
        if greets {
            self.greetings -= 1;
        } else if let Some(key) = self.unanswered.pop_front()
            && error.is_none()
            && !self.misplaced
        {
            self.arrived.push(key);
        }
    }

    fn is_answered(&self) -> bool {
        self.greetings == 0 && self.unanswered.is_empty()
    }
}

impl Failure {
    fn error(self) -> CommandError {
        match self {
            Self::Connecting => error::MIGRATE_CONNECTING,
            Self::Writing => error::MIGRATE_WRITING,
            Self::Reading => error::MIGRATE_READING,
        }
    }
}

fn write_restore(out: &mut BytesMut, entry: &Entry, now_ms: i64, replace: bool, compression: bool) {
    // 0 would mean that it never expires.
    let ttl = entry.expire_at().map_or(0, |at| at.saturating_sub(now_ms).max(1)).to_string();
    let payload = rdb::dump(entry, compression);
    let words = [b"RESTORE".as_slice(), entry.key(), ttl.as_bytes(), &payload, b"REPLACE"];
    let len = if replace { words.len() } else { words.len() - 1 };
    write_request(out, words.into_iter().take(len));
}
