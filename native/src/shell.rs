//! The engine and everything it is connected to.
//!
//! Inputs arrive from tasks: a connection's bytes, a finished disk operation, a signal. The first
//! one opens a turn, which fixes the instant for all of them and wakes the driver; the runtime
//! polls the driver after the tasks that were ready before it, so one turn serves them all. Then
//! the driver calls [`Shell::finish_turn`], which writes each dirty outbox once.
//!
//! Reading and writing cost one system call each: what is read goes into one buffer that all
//! connections share, and only the bytes the engine leaves over are kept with the connection.

use std::collections::VecDeque;
use std::io::ErrorKind;
use std::io::IoSlice;
use std::mem;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::sync::Weak;
use std::task::Context;
use std::task::Poll;
use std::task::ready;
use std::time::Instant;

use bytes::BytesMut;
use redarium_core::config::Config;
use redarium_core::node::CloseReason;
use redarium_core::node::ConnId;
use redarium_core::node::DialId;
use redarium_core::node::Effect;
use redarium_core::node::Event;
use redarium_core::node::Node;
use redarium_core::node::Obstacle;
use redarium_core::node::Origin;
use redarium_core::node::Progress;
use redarium_core::node::Signal;
use redarium_core::node::StorageDone;
use redarium_core::time::Now;
use tokio::sync::oneshot;

use crate::connection;
use crate::connection::Connection;
use crate::descriptors;
use crate::dial::Target;
use crate::dial::dial;
use crate::host::HostWatch;
use crate::listener;
use crate::listener::Listening;
use crate::listener::UnixSocket;
use crate::log::Log;
use crate::log::Role;
use crate::socket::Reader;
use crate::socket::Socket;
use crate::storage::Storage;
use crate::supervisor::Supervisor;
use crate::tls::Tls;
use crate::turn::Turn;

/// The shell, shared by the tasks of one thread: the lock is never contended.
#[derive(Clone)]
pub struct Handle(Arc<Mutex<Shell>>);

impl Handle {
    /// `exit` is told the process's status when the engine shuts down.
    pub fn new(
        node: Node,
        turn: Turn,
        storage: Storage,
        log: Log,
        tls: Option<Tls>,
        exit: oneshot::Sender<i32>,
    ) -> Self {
        let is_supervised = Supervisor::find(node.config().supervised).is_some();
        Self(Arc::new_cyclic(|own| {
            Mutex::new(Shell {
                node,
                turn,
                connections: Vec::new(),
                scratch: BytesMut::with_capacity(READ_BYTES),
                unfinished: VecDeque::new(),
                ended: Vec::new(),
                storage,
                log,
                host: HostWatch::new(is_supervised),
                listening: None,
                announcement: Vec::new(),
                unix_socket: None,
                tls,
                tls_revision: 0,
                revision: 0,
                exit: Some(exit),
                own: own.clone(),
            })
        }))
    }

    pub fn lock(&self) -> MutexGuard<'_, Shell> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub struct Shell {
    node: Node,
    turn: Turn,
    /// By [`ConnId::slot`].
    connections: Vec<Option<Connection>>,
    /// Where bytes are read to.
    scratch: BytesMut,
    /// Connections that the engine wants called again in the next turn.
    unfinished: VecDeque<ConnId>,
    /// Connections that ended, to be told after the replies to their last requests are written.
    ended: Vec<(ConnId, CloseReason)>,
    storage: Storage,
    log: Log,
    host: HostWatch,
    /// Missing while the sockets move to another address or port.
    listening: Option<Listening>,
    /// Lines for the log, until the data is loaded.
    announcement: Vec<String>,
    unix_socket: Option<UnixSocket>,
    tls: Option<Tls>,
    /// The settings that `tls` was read by.
    tls_revision: u64,
    /// The settings that were followed last.
    revision: u64,
    exit: Option<oneshot::Sender<i32>>,
    own: Weak<Mutex<Shell>>,
}

/// What came of reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Received {
    /// A full buffer: there may be more at once.
    More,
    /// The connection is over.
    End,
}

/// When the driver is to finish a turn, if none is opened before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    Soon,
    At(Instant),
    Never,
}

impl Shell {
    pub fn log(&mut self) -> &mut Log {
        &mut self.log
    }

    pub fn config(&self) -> &Config {
        self.node.config()
    }

    /// What handshakes are made with; none while the settings do not ask for TLS.
    pub fn tls(&self) -> Option<Tls> {
        self.tls.clone()
    }

    /// This socket's file is removed at the end.
    pub fn remove_at_end(&mut self, socket: UnixSocket) {
        self.unix_socket = Some(socket);
    }

    /// These are the sockets that are listened on from now.
    pub fn listen_with(&mut self, listening: Listening) {
        self.listening = Some(listening);
        self.follow_settings();
    }

    fn announce(&mut self) {
        if !self.announcement.is_empty() && !self.node.is_loading() {
            mem::take(&mut self.announcement).iter().for_each(|line| self.log.notice(line));
        }
    }

    /// Whether whoever connects needs no password.
    pub fn is_open_to_all(&self) -> bool {
        self.node.is_open_to_all()
    }

    /// Whether the engine wants to hear of clients.
    pub fn is_answering(&self) -> bool {
        self.node.is_answering()
    }

    /// Lets the log say this as soon as the engine has loaded its data.
    pub fn announce_when_loaded(&mut self, lines: Vec<String>) {
        self.announcement = lines;
    }

    /// Takes in a connection and starts to read it.
    pub fn open(&mut self, socket: Socket, origin: Origin) {
        socket.tune(self.node.config().tcp_keepalive);
        let now = self.turn.open();
        self.tell_host(now);
        let id = self.node.handle_open(origin, now);
        let (reader, writer) = socket.split();
        let task = tokio::spawn(connection::read(self.handle(), id, reader));
        if self.connections.len() <= id.slot() {
            self.connections.resize_with(id.slot() + 1, || None);
        }
        self.connections[id.slot()] = Some(Connection::new(id, writer, task.abort_handle()));
    }

    pub fn dial_failed(&mut self, dial: DialId) {
        self.node.handle_dial_failed(dial, self.turn.open());
    }

    pub fn storage_done(&mut self, done: StorageDone) {
        self.node.handle_storage(done, self.turn.open());
    }

    /// Begins the shutdown that a signal asks for.
    pub fn shut_down(&mut self, signal: Signal) {
        self.node.handle_signal(signal, self.turn.open());
    }

    /// Reads what has arrived and runs it: at most one full buffer, so that one peer's pipeline does
    /// not hold up the others.
    pub fn poll_receive(
        &mut self,
        id: ConnId,
        stream: &mut Reader,
        cx: &mut Context<'_>,
    ) -> Poll<Received> {
        loop {
            let Some(connection) = find(&mut self.connections, id) else {
                return Poll::Ready(Received::End);
            };
            if connection.unfinished {
                connection.waiting_reader = Some(cx.waker().clone());
                return Poll::Pending;
            }
            let buffer = connection.buffer(&mut self.scratch);
            buffer.reserve(READ_BYTES);
            let room = buffer.capacity() - buffer.len();
            let read = stream.poll_read(cx, buffer);
            let Poll::Ready(Ok(count @ 1..)) = read else {
                connection.keep(&mut self.scratch);
                let failed = ready!(read).is_err();
                self.end(id, if failed { CloseReason::Reset } else { CloseReason::Peer });
                return Poll::Ready(Received::End);
            };
            let progress = self.node.handle_bytes(id, buffer, self.turn.open());
            connection.keep(&mut self.scratch);
            self.storage.note_read();
            self.note(id, progress);
            if self.node.is_turn_full() {
                self.finish_turn();
                // Another is begun for the driver, which waits for none but the one it was woken for.
                self.turn.open();
            }
            if count == room {
                return Poll::Ready(Received::More);
            }
        }
    }

    /// What INFO shows of the machine.
    fn tell_host(&mut self, now: Now) {
        if let Some(host) = self.host.poll(now.mono) {
            self.node.handle_host(host);
        }
    }

    /// The driver waits here until a turn is open.
    pub fn poll_turn(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.turn.poll(cx)
    }

    /// Whether this turn's requests are to be synced together with others that may be there by now.
    pub fn may_gather(&mut self) -> bool {
        self.node.awaits_sync() && self.storage.may_gather()
    }

    /// Ends the turn: lets the engine work off what has gathered, writes the replies, and does what
    /// it asks for.
    pub fn finish_turn(&mut self) -> Next {
        let now = self.turn.open();
        for _ in 0..self.unfinished.len() {
            let Some(id) = self.unfinished.pop_front() else { break };
            self.run_kept(id);
            if self.node.is_turn_full() {
                break;
            }
        }
        if self.node.poll_timeout().is_some_and(|(at, _)| at <= now.mono) {
            self.node.handle_timeout(now);
        }
        self.tell_host(now);
        self.node.finish_turn(now);
        self.turn.close();
        // Before the replies leave: among the effects is the log's piece of this turn.
        let mut did_storage = false;
        while let Some(effect) = self.node.poll_effect() {
            did_storage |= self.perform(effect, now);
        }
        while let Some(id) = self.node.poll_dirty() {
            self.write(id, now);
        }
        while let Some(id) = self.node.poll_resumed() {
            self.postpone(id);
        }
        log_events(&mut self.node, &mut self.log);
        self.announce();
        if self.node.config().revision != self.revision {
            self.follow_settings();
        }
        self.tell_ended();
        // What came of it, such as a rewrite that is due, is seen at the end of a turn.
        if did_storage { Next::Soon } else { self.next(now) }
    }

    /// The socket of this connection takes bytes again, or has not done so for too long.
    pub fn write_on(&mut self, id: ConnId, given_up: bool) {
        let Some(connection) = find(&mut self.connections, id) else { return };
        connection.full = false;
        let now = self.turn.open();
        self.write(id, now);
        let connection = find(&mut self.connections, id);
        if connection.is_some_and(|own| own.closing && (given_up || !own.full)) {
            self.close(id);
        }
    }

    fn handle(&self) -> Handle {
        // Whoever calls a method has locked a handle.
        Handle(self.own.upgrade().expect("the shell is alive"))
    }

    /// Runs the bytes kept with a connection.
    fn run_kept(&mut self, id: ConnId) {
        let Some(connection) = find(&mut self.connections, id) else { return };
        connection.unfinished = false;
        if let Some(reader) = connection.waiting_reader.take() {
            reader.wake();
        }
        let progress = self.node.handle_bytes(id, &mut connection.unread, self.turn.open());
        connection.keep(&mut self.scratch);
        self.note(id, progress);
    }

    fn note(&mut self, id: ConnId, progress: Progress) {
        match progress {
            Progress::Yielded => self.postpone(id),
            // A blocked client is named by the engine when it goes on, a closing one by its effect.
            Progress::NeedsBytes | Progress::Blocked | Progress::Closing => {}
        }
    }

    /// Has the bytes kept with a connection run in the next turn.
    fn postpone(&mut self, id: ConnId) {
        let Some(connection) = find(&mut self.connections, id) else { return };
        if !connection.unfinished && !connection.unread.is_empty() {
            connection.unfinished = true;
            self.unfinished.push_back(id);
        }
    }

    /// Writes the outbox, as far as the socket takes it.
    fn write(&mut self, id: ConnId, now: Now) {
        let Some(connection) = find(&mut self.connections, id) else { return };
        while !connection.full {
            let mut slices = [IoSlice::new(&[]); SLICES_MAX];
            let count = self.node.outbox(id, &mut slices);
            let written = match &slices[..count] {
                [] => connection.writer.try_flush().map(|()| 0),
                pieces => connection.writer.try_write(pieces),
            };
            match written {
                Ok(_) if count == 0 => return,
                Ok(sent) => self.node.handle_sent(id, sent, now),
                Err(error) if error.kind() == ErrorKind::WouldBlock => connection.full = true,
                Err(_) => {
                    self.end(id, CloseReason::Reset);
                    return;
                }
            }
        }
        self.await_room(id);
    }

    /// Has a task write on when the socket takes bytes again.
    fn await_room(&self, id: ConnId) {
        let Some(Some(connection)) = self.connections.get(id.slot()) else { return };
        let writer = connection.writer.clone();
        tokio::spawn(connection::write_on(self.handle(), id, writer, connection.closing));
    }

    /// Does what the engine asks for; whether the engine has been told already what came of it.
    fn perform(&mut self, effect: Effect, now: Now) -> bool {
        match effect {
            Effect::Dial { dial: id, host, port, tls } => {
                let source = self.node.config().bind_source_addr.clone();
                let tls = tls.then(|| self.tls_to_dial());
                tokio::spawn(dial(self.handle(), id, Target { host, port, source, tls }));
            }
            // The connection, if it comes, is closed by the engine.
            Effect::AbandonDial { .. } => {}
            Effect::Close { conn } => self.close_when_written(conn, now),
            Effect::Storage { id, op } => {
                let done = self.storage.order(id, op, self.node.config());
                let is_done = done.is_some();
                done.into_iter().for_each(|done| self.node.handle_storage(done, now));
                return is_done;
            }
            Effect::Adopt { config } => self.adopt(*config),
            Effect::Shutdown { status } => {
                self.remove_socket();
                if let Some(exit) = self.exit.take() {
                    // Nobody waits any more only if the process is ending already.
                    let _ = exit.send(status);
                }
            }
        }
        false
    }

    fn close_when_written(&mut self, id: ConnId, now: Now) {
        self.write(id, now);
        // Who is closed for not reading has nothing more to get, and is not waited for.
        let has_more = self.node.outbox(id, &mut [IoSlice::new(&[])]) > 0;
        match find(&mut self.connections, id) {
            Some(connection) if connection.full && has_more => {
                connection.closing = true;
                self.await_room(id);
            }
            _ => self.close(id),
        }
    }

    fn close(&mut self, id: ConnId) {
        self.end(id, CloseReason::Requested);
        self.tell_ended();
    }

    /// Notes that a connection is over. The engine is told at the end of the turn.
    fn end(&mut self, id: ConnId, reason: CloseReason) {
        self.turn.open();
        self.ended.push((id, reason));
    }

    fn tell_ended(&mut self) {
        for (id, reason) in mem::take(&mut self.ended) {
            if find(&mut self.connections, id).is_some() {
                self.connections[id.slot()] = None;
                self.node.handle_close(id, reason, self.turn.open());
            }
        }
    }

    fn remove_socket(&mut self) {
        if let Some(socket) = self.unix_socket.take() {
            self.log.notice("Removing the unix socket file.");
            if let Err(text) = socket.remove() {
                self.log.warning(&text);
            }
        }
    }

    /// For a connection of our own; read from the files here when they were not needed before.
    fn tls_to_dial(&mut self) -> Result<Tls, String> {
        if self.tls.is_none() {
            self.tls = Some(Tls::load(self.node.config())?);
        }
        self.tls.clone().ok_or_else(String::new)
    }

    /// Follows settings that the engine has not taken yet, or says what is in the way.
    fn adopt(&mut self, config: Config) {
        let tls = match self.tls_for(&config) {
            Ok(tls) => tls,
            Err(text) => {
                self.log.warning(&text);
                return self.not_adopted(Obstacle::Tls);
            }
        };
        if let Err(fitting) = descriptors::extend(config.maxclients) {
            return self.not_adopted(Obstacle::Clients { fitting });
        }
        match self.listening.take_if(|listening| !listening.follows(&config)) {
            None => self.adopted(&config, tls),
            Some(old) => {
                tokio::spawn(listener::move_to(self.handle(), old, config, tls));
            }
        }
    }

    /// The machine follows these settings, with which handshakes are made by `tls`.
    pub fn adopted(&mut self, config: &Config, tls: Option<Tls>) {
        (self.tls, self.tls_revision) = (tls, config.tls_revision);
        self.node.handle_adopted(Ok(()), self.turn.open());
    }

    /// All is as it was.
    pub fn not_adopted(&mut self, obstacle: Obstacle) {
        self.node.handle_adopted(Err(obstacle), self.turn.open());
    }

    /// What handshakes are made with under these settings: read from the files anew if that was asked for.
    fn tls_for(&self, config: &Config) -> Result<Option<Tls>, String> {
        if !Tls::is_wanted(config) {
            return Ok(None);
        }
        match &self.tls {
            Some(tls) if config.tls_revision == self.tls_revision => Ok(Some(tls.clone())),
            _ => Tls::load(config).map(Some),
        }
    }

    /// Follows the settings that concern the shell, after a CONFIG SET.
    fn follow_settings(&mut self) {
        let config = self.node.config();
        self.revision = config.revision;
        self.log.set_level(config.loglevel);
    }

    fn next(&self, now: Now) -> Next {
        match self.node.poll_timeout() {
            _ if !self.unfinished.is_empty() => Next::Soon,
            Some((at, _)) if at <= now.mono => Next::Soon,
            Some((at, _)) => Next::At(self.turn.clock().instant(at)),
            None => Next::Never,
        }
    }
}

/// Writes the engine's own lines to the log, which follows the engine's role.
pub fn log_events(node: &mut Node, log: &mut Log) {
    while let Some(event) = node.poll_event() {
        if let Event::Log { level, text } = event {
            log.set_role(role(node));
            log.write(level, &text);
        }
    }
}

/// The letter that the log's lines carry.
pub fn role(node: &Node) -> Role {
    if node.view().master.is_some() { Role::Replica } else { Role::Master }
}

fn find(connections: &mut [Option<Connection>], id: ConnId) -> Option<&mut Connection> {
    connections.get_mut(id.slot())?.as_mut().filter(|connection| connection.id == id)
}

/// Bytes read at once: a deep pipeline's worth, since only one such buffer exists.
const READ_BYTES: usize = 64 * 1024;

/// Pieces of an outbox written at once.
const SLICES_MAX: usize = 16;
