//! Running one request: from its words to its reply and its propagation.

use std::borrow::Cow;

use super::ConnId;
use super::Event;
use super::LogLevel;
use super::Node;
use super::admit::Situation;
use super::conn::Conn;
use super::conn::Waiting;
use super::redact::visible;
use super::transaction;
use super::transaction::Transaction;
use crate::command::Blocking;
use crate::command::Context;
use crate::command::spec::Flags;
use crate::command::spec::NodeCommand;
use crate::command::spec::Rule;
use crate::command::spec::Run;
use crate::command::table;
use crate::command::table::Entry;
use crate::error;
use crate::error::CommandError;
use crate::resp::Args;
use crate::resp::Reply;
use crate::store::Policy;

impl Node {
    /// Runs one whole request, or leaves it where it is because clients are paused; says whether
    /// it was taken. `bytes` are the request's own, for a master's stream that is passed on.
    pub(super) fn handle_request(&mut self, id: ConnId, args: Args<'_>, bytes: &[u8]) -> bool {
        if args.is_empty() {
            self.sign_of_life(id);
            self.applied(id, bytes);
            return true;
        }
        let entry = match table::resolve(args) {
            Ok(entry) => entry,
            Err(_) if speaks_http(args) => {
                self.drop_http(id);
                return true;
            }
            Err(error) => {
                self.turn_away_unknown(id, args, &error);
                self.end_caching(id, args);
                self.applied(id, bytes);
                return true;
            }
        };
        if self.pause_holds(id, entry) && !self.is_master_link(id) {
            self.hold(id);
            return false;
        }
        if self.migration_holds(id, entry.command, args) && !self.is_master_link(id) {
            self.hold_for_migration(id);
            return false;
        }
        if self.feed.log.is_on() && self.log_is_behind() && may_write(entry) {
            self.hold_for_log(id);
            return false;
        }
        self.stats.commands += 1;
        self.execute(id, entry, args);
        self.end_caching(id, args);
        self.applied(id, bytes);
        if self.store.awaited.has_ready() {
            self.serve_blocked();
        }
        true
    }

    /// Closes the connection of a web browser without a word, as Redis does: a page may make a
    /// browser send a request to this port, with commands of its choice in the body.
    fn drop_http(&mut self, id: ConnId) {
        let Some(conn) = self.conns.find_mut(id) else { return };
        conn.outbox.unwrite(0);
        let text = format!("A client at {} speaks HTTP (POST or Host:); closing it.", conn.peer);
        self.log(LogLevel::Warning, text);
        self.close(id);
    }

    /// Runs a command whose handler is known, outside admission: from EXEC's queue, or from
    /// [`Node::execute`].
    pub(super) fn run(&mut self, id: ConnId, entry: &'static Entry, args: Args<'_>) {
        let began_ns = self.meter.begin(entry);
        let mut waits = false;
        let dirty = self.propagation.dirty();
        let outcome = match entry.command.run {
            Run::Data(handler) => {
                let reads_every_key = self.reads_every_key(id, entry, args);
                let Some(mut context) = self.context(id) else { return };
                context.reads_every_key = reads_every_key;
                let outcome = handler(&mut context, args);
                if let Err(error) = &outcome {
                    context.reply.error(error);
                }
                if let Blocking::Asked(block) = context.blocking {
                    self.block(id, entry, args, *block);
                    waits = true;
                }
                outcome
            }
            // `table::resolve` gives a subcommand or an error for these.
            Run::Container => return,
            Run::Node(command) => {
                let outcome = self.dispatch(command, id, args);
                if let Err(error) = &outcome {
                    self.reply(id, |reply| reply.error(error));
                }
                outcome
            }
        };
        if let Err(error) = &outcome {
            self.stats.count_error(error);
        }
        let changed = self.propagation.dirty() != dirty;
        self.saves.flushed |= changed && entry.command.name == "flushall";
        if changed && entry.command.propagation == Rule::Verbatim && !self.propagation.is_spelled()
        {
            let db = self.conns.find(id).map_or(0, |conn| conn.db);
            self.propagation.push(db, args.iter());
        }
        self.propagation.end_command();
        self.notify();
        match waits {
            true => self.note_waiting(id, entry, args),
            false => self.note_run(id, entry, args, began_ns, outcome.is_err()),
        }
        self.settle_command(id, changed);
        self.track_reads(id, entry, args);
    }

    fn execute(&mut self, id: ConnId, entry: &'static Entry, args: Args<'_>) {
        let lacks_memory = self.lacks_memory() && self.needs_memory(id, entry);
        let from_master = match self.admit(id, entry, args, lacks_memory) {
            Ok(from_master) => from_master,
            Err(error) => return self.turn_away(id, entry, &error),
        };
        self.events.observe(|| Event::Command {
            conn: id,
            from_master,
            args: visible(entry, args).into_iter().map(Cow::into_owned).collect(),
        });
        let Some(conn) = self.conns.find_mut(id) else { return };
        conn.last_command = Some(entry);
        conn.commands += 1;
        self.limit_tracking();
        self.perform(id, entry, args);
    }

    /// Refuses a command that was not admitted; a transaction that it is part of, or ends, is off. As in
    /// Redis an EXEC says so even where there was none.
    fn turn_away(&mut self, id: ConnId, entry: &'static Entry, error: &CommandError) {
        self.meter.count_rejected(entry);
        if matches!(entry.command.run, Run::Node(NodeCommand::Exec)) {
            self.drop_queue(id);
            return self.refuse_request(id, &error::exec_aborted_by(error));
        }
        transaction::abort(&mut self.conns, id);
        self.refuse_request(id, error);
    }

    /// Refuses what is no command, or has a wrong number of words.
    fn turn_away_unknown(&mut self, id: ConnId, args: Args<'_>, error: &CommandError) {
        if let Some(entry) = table::lookup_line(args) {
            self.meter.count_rejected(entry);
        }
        if args.is(0, "exec") {
            self.drop_queue(id);
            return self.refuse_request(id, &error::exec_aborted_by(&error.without_code()));
        }
        transaction::abort(&mut self.conns, id);
        self.refuse_request(id, error);
    }

    fn pause_holds(&self, id: ConnId, entry: &'static Entry) -> bool {
        let pause = &self.pause;
        pause.is_active() && pause.holds(self.flags_of(id, entry))
    }

    /// The flags to judge a command by. EXEC is what its queue is.
    fn flags_of(&self, id: ConnId, entry: &Entry) -> Flags {
        let is_exec = matches!(entry.command.run, Run::Node(NodeCommand::Exec));
        let transaction = || self.conns.find(id)?.transaction.as_ref();
        let queued = is_exec.then(transaction).flatten();
        queued.map_or(entry.command.flags, Transaction::flags)
    }

    /// Whether a command is not to run when memory is short: it may take more itself, or join or
    /// run a queue that does.
    fn needs_memory(&self, id: ConnId, entry: &'static Entry) -> bool {
        let transaction = self.conns.find(id).and_then(|conn| conn.transaction.as_ref());
        let of_queue = transaction.is_some_and(|transaction| match entry.command.run {
            Run::Node(NodeCommand::Exec) => transaction.flags().has(Flags::DENYOOM),
            Run::Node(NodeCommand::Discard | NodeCommand::Quit | NodeCommand::Reset) => false,
            _ => true,
        });
        of_queue || entry.command.flags.has(Flags::DENYOOM)
    }

    /// Runs or queues an admitted command and sends on what it changed.
    pub(super) fn perform(&mut self, id: ConnId, entry: &'static Entry, args: Args<'_>) {
        let Some(conn) = self.conns.find_mut(id) else { return };
        let position = conn.outbox.replies().len();
        self.muted_from = conn.is_silent().then_some(position);
        self.running = Some(id);
        match &mut conn.transaction {
            Some(transaction) if !runs_at_once(entry) => {
                transaction.push(entry, args);
                self.reply(id, |reply| reply.simple("QUEUED"));
            }
            _ => {
                self.propagation.set_enabled(self.is_heard());
                self.run(id, entry, args);
                self.propagate(id);
            }
        }
        self.running = None;
        if let Some(position) = self.muted_from.take() {
            self.silence(id, entry, position);
        }
        if !self.held.is_empty() {
            self.release_held(id);
        }
    }

    /// Sends the unit that the last command or transaction made, and remembers where it ends.
    pub(super) fn propagate(&mut self, id: ConnId) {
        if !self.propagation.has_effects() {
            return;
        }
        self.drain_propagation();
        let position = self.feed.position();
        if let Some(conn) = self.conns.find_mut(id) {
            conn.written = position;
        }
    }

    /// Whether anybody is to be told what commands change. A replica passes on its master's bytes as
    /// they are.
    pub(super) fn is_heard(&self) -> bool {
        match self.master {
            None => self.feed.is_heard() && !self.is_loading(),
            Some(_) => self.feed.log.is_on() && !self.is_loading(),
        }
    }

    /// Sends on what has been gathered, and counts it.
    pub(super) fn drain_propagation(&mut self) {
        let Self { propagation, feed, saves, .. } = self;
        saves.count(match self.master {
            None => propagation.drain(|effect| feed.append_command(effect)),
            Some(_) => propagation.drain(|effect| feed.append_to_log(effect)),
        });
    }

    /// Takes back what a command wrote to a peer that gets no replies.
    fn silence(&mut self, id: ConnId, entry: &'static Entry, position: usize) {
        let Some(conn) = self.conns.find_mut(id) else { return };
        // A master is sent acknowledgements it asked for.
        if matches!(entry.command.run, Run::Node(NodeCommand::ReplConf)) {
            return;
        }
        if !confirms(entry) {
            conn.outbox.unwrite(position);
        }
        // A command that waits has its reply yet to come.
        if !matches!(conn.waiting, Waiting::Keys(_) | Waiting::Migration) {
            conn.end_skip();
        }
    }

    /// What the running command, or the transaction it is in, writes from here on is left out.
    pub(super) fn mute(&mut self, id: ConnId) {
        let Some(conn) = self.conns.find(id) else { return };
        self.muted_from.get_or_insert(conn.outbox.reply_bytes());
    }

    /// What it writes from here on is sent; what was to be left out goes now.
    pub(super) fn unmute(&mut self, id: ConnId) {
        let Some(position) = self.muted_from.take() else { return };
        if let Some(conn) = self.conns.find_mut(id) {
            conn.outbox.unwrite(position);
        }
    }

    pub(super) fn refuse_request(&mut self, id: ConnId, error: &CommandError) {
        self.stats.count_error(error);
        self.answer(id, |reply| reply.error(error));
    }

    fn hold(&mut self, id: ConnId) {
        if let Some(conn) = self.conns.find_mut(id) {
            conn.waiting = Waiting::Paused;
            self.pause.hold(id);
        }
    }

    pub(super) fn situation(&self, id: ConnId, entry: &Entry) -> Situation<'_> {
        let conn = self.conns.find(id);
        let is_replica = self.master.is_some();
        Situation {
            flags: self.flags_of(id, entry),
            authenticated: conn.is_some_and(|conn| self.is_authenticated(conn)),
            restricted: conn.is_some_and(|conn| self.is_restricted(conn)),
            from_master: conn.is_some_and(Conn::is_master),
            only_listens: conn.is_some_and(Conn::only_listens),
            in_transaction: conn.is_some_and(|conn| conn.transaction.is_some()),
            lacks_memory: false,
            read_only: is_replica && self.config.replica_read_only,
            stale: is_replica
                && !self.config.replica_serve_stale_data
                && !self.master_is_connected(),
            lacks_replicas: self.lacks_replicas(),
            snapshot_failed: self.saves.has_failed()
                && self.config.stop_writes_on_bgsave_error
                && !self.config.save.is_empty(),
            log_failure: self.aof.failure(),
            loading: self.loading_state(),
        }
    }

    /// What a data command sees of the node.
    pub(super) fn context(&mut self, id: ConnId) -> Option<Context<'_>> {
        let only_hides = self.master.is_some() || self.pause.is_active();
        let is_queued = self.executing == Some(id);
        let conn = self.conns.find_mut(id)?;
        let blocking = match is_queued || conn.is_master() || conn.is_replay() {
            true => Blocking::Refused,
            false => Blocking::Possible,
        };
        let policy = match (conn.is_master() || conn.is_replay(), only_hides) {
            (true, _) => Policy::Ignore,
            (false, true) => Policy::Hide,
            (false, false) => Policy::Delete,
        };
        Some(Context {
            store: &mut self.store,
            db: conn.db,
            now: self.now,
            policy,
            touches: !conn.no_touch,
            reads_every_key: true,
            reply: Reply::new(conn.outbox.replies(), conn.protocol),
            rng: &mut self.rng,
            propagation: &mut self.propagation,
            config: &self.config,
            limits: &self.limits,
            blocking,
        })
    }
}

/// Whether a command answers by messages, which CLIENT REPLY does not leave out.
fn confirms(entry: &Entry) -> bool {
    matches!(
        entry.command.run,
        Run::Node(
            NodeCommand::PSubscribe
                | NodeCommand::PUnsubscribe
                | NodeCommand::SSubscribe
                | NodeCommand::Subscribe
                | NodeCommand::SUnsubscribe
                | NodeCommand::Unsubscribe
        )
    )
}

/// Whether this is the first line or the `Host` header of an HTTP request.
fn speaks_http(args: Args<'_>) -> bool {
    let word = args.at(0);
    word.eq_ignore_ascii_case(b"post") || word.eq_ignore_ascii_case(b"host:")
}

/// Whether a command may change data, or run others that do.
fn may_write(entry: &Entry) -> bool {
    entry.command.flags.has(Flags::WRITE)
        || matches!(entry.command.run, Run::Node(NodeCommand::Exec))
}

/// Whether a command runs inside MULTI instead of being queued.
fn runs_at_once(entry: &Entry) -> bool {
    matches!(
        entry.command.run,
        Run::Node(
            NodeCommand::Exec
                | NodeCommand::Discard
                | NodeCommand::Multi
                | NodeCommand::Quit
                | NodeCommand::Reset
                | NodeCommand::Watch
        )
    )
}
