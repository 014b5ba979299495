//! One node: connections, commands, replication and persistence, run in turns.
//!
//! A turn is any number of inputs, in any order, then one
//! [`Node::finish_turn`], then the outputs. Inputs never fail and never call
//! back. What belongs together at the end of Redis's event loop (serving
//! blocked clients, expiry, acknowledgements, background work, closing) belongs
//! to `finish_turn`, in Redis's order.
//!
//! Idle costs nothing: no method walks all connections or keys unless something
//! happened that concerns them.

mod acl;
mod admit;
mod aof;
mod block;
mod changes;
mod client;
mod client_line;
mod config_file;
mod conn;
mod conns;
mod crowd;
mod debug;
mod dispatch;
mod draft;
mod effect;
mod embed;
mod event;
mod evict;
mod exec;
mod expire;
mod failover;
mod feed;
mod host;
mod idle;
mod info;
mod input;
mod kill;
mod latency;
mod latency_doctor;
mod load;
mod memory;
mod memory_report;
mod meter;
mod migrate;
mod monitor;
mod notify;
mod outbox;
mod output;
mod pause;
mod primary;
mod pubsub;
mod push;
mod redact;
mod replconf;
mod replica;
mod save;
mod server;
mod session;
mod settings;
mod shutdown;
mod slowlog;
mod spark;
mod sync;
mod sync_file;
mod tally;
#[cfg(test)]
mod tests;
mod timer;
mod tracking;
mod transaction;
mod turn;
mod view;
mod wait;
mod watch;

use std::collections::VecDeque;
use std::io::IoSlice;

use bytes::BytesMut;

use crate::command::Propagation;
use crate::config::Config;
use crate::data::Hasher;
use crate::data::Limits;
use crate::limits;
use crate::persist::rdb;
use crate::resp::Batch;
use crate::resp::Reply;
use crate::rng::Rng;
use crate::store::Store;
use crate::time::Mono;
use crate::time::Now;

pub use crate::command::REDIS_VERSION;
pub use crate::config::LogLevel;
pub use effect::CloseReason;
pub use effect::ConnId;
pub use effect::DialId;
pub use effect::Effect;
pub use effect::Origin;
pub use effect::Progress;
pub use effect::Signal;
pub use effect::StorageDone;
pub use effect::StorageId;
pub use effect::StorageOp;
pub use effect::StorageOutput;
pub use effect::Via;
pub use effect::Wakeup;
pub use event::Event;
pub use event::Events;
pub use host::Host;
pub use save::LoadError;
pub use save::LoadSummary;
pub use settings::Obstacle;
pub use view::MasterLinkState;
pub use view::ReplicaView;
pub use view::View;

use conn::Conn;
use conns::Conns;
use feed::Feed;
use replica::MasterLink;
use save::Saves;
use tally::Stats;
use wait::Waits;

/// A Redis server without a machine under it.
#[derive(Debug)]
pub struct Node {
    config: Config,
    /// What the configuration says about encodings.
    limits: Limits,
    /// The instant of the latest input.
    now: Now,
    started: Now,
    rng: Rng,
    run_id: [u8; 40],
    acl: acl::Acl,
    store: Store,
    propagation: Propagation,
    conns: Conns,
    /// Room for the requests being run, lent to one connection at a time.
    batch: Batch,
    /// A large buffer for replies, lent to whoever has none.
    spare_replies: BytesMut,
    /// Bytes of replies that the turn may still gather.
    reply_room: usize,
    client_ids: u64,
    feed: Feed,
    /// Replicas that follow the feed or are about to, oldest first.
    replicas: Vec<ConnId>,
    master: Option<MasterLink>,
    waits: Waits,
    trackers: tracking::Trackers,
    blocked: block::Blocked,
    migrations: migrate::Migrations,
    /// The connection whose EXEC is running its queue: nothing in it may block.
    executing: Option<ConnId>,
    /// The connection whose command is being run.
    running: Option<ConnId>,
    /// Where in its replies that begins which CLIENT REPLY leaves out.
    muted_from: Option<usize>,
    /// The CONFIG SET that the shell has been asked about.
    trial: Option<Box<settings::Trial>>,
    /// Messages to it, which have to wait for the reply to be complete.
    held: BytesMut,
    pubsub: pubsub::PubSub,
    idle: idle::IdleClients,
    /// When a refused connection was last logged.
    refusal_logged: Option<Mono>,
    /// Connections above the soft limit of their output.
    overfull: Vec<ConnId>,
    pause: pause::Pause,
    failover: Option<failover::Failover>,
    saves: Saves,
    /// A dump being read piece by piece, see [`Node::load_rdb`].
    loading: Option<Box<save::Loader>>,
    /// The files being loaded, while clients wait for them.
    load: Option<Box<load::Load>>,
    is_loading: bool,
    aof: aof::Aof,
    last_load: LoadSummary,
    sync_files: sync_file::SyncFiles,
    shutdown: Option<shutdown::Shutdown>,
    timers: timer::Timers,
    expiry_round: expire::ExpiryRound,
    eviction: evict::Eviction,
    stats: Stats,
    meter: meter::Meter,
    slowlog: slowlog::SlowLog,
    latency: latency::Latency,
    /// Connections that follow all commands.
    monitors: Vec<ConnId>,
    host: Host,
    /// What connections take, see [`Conn::bytes`].
    client_bytes: u64,
    /// The most memory that was seen in use.
    peak_bytes: u64,
    events: Events,
    effects: VecDeque<Effect>,
    dials: u64,
    storage_ids: u64,
    dirty: VecDeque<ConnId>,
    resumed: VecDeque<ConnId>,
    closing: Vec<ConnId>,
}

impl Node {
    /// A node that begins without data, in an empty directory. The same configuration, seed and
    /// inputs give the same outputs.
    pub fn new(config: Config, seed: u64, now: Now) -> Self {
        let mut node = Self::build(config, seed, now);
        if node.config.appendonly {
            node.begin_load(None);
        } else if let Some(master) = node.config.replicaof.clone() {
            node.follow(master.host, master.port);
        }
        node
    }

    /// A node that loads what its directory holds before it serves anybody.
    pub fn restored(config: Config, seed: u64, now: Now) -> Self {
        let mut node = Self::build(config, seed, now);
        node.begin_load(None);
        node
    }

    fn build(config: Config, seed: u64, now: Now) -> Self {
        let mut rng = Rng::new(seed);
        let hasher = Hasher::new(rng.next_u64());
        let limits = config.data_limits(&hasher);
        let run_id = rng.hex();
        let feed = Feed::new(&mut rng);
        let mut events = Events::new(config.observe);
        let acl = acl::Acl::new(&config, &mut rng, &mut events);
        let mut node = Self {
            now,
            started: now,
            run_id,
            acl,
            store: Store::new(hasher, config.databases),
            propagation: Propagation::default(),
            conns: Conns::default(),
            batch: Batch::default(),
            spare_replies: BytesMut::new(),
            reply_room: limits::REPLY_BYTES_PER_TURN,
            client_ids: 0,
            feed,
            replicas: Vec::new(),
            master: None,
            waits: Waits::default(),
            trackers: tracking::Trackers::default(),
            blocked: block::Blocked::default(),
            migrations: migrate::Migrations::default(),
            executing: None,
            running: None,
            muted_from: None,
            trial: None,
            held: BytesMut::new(),
            pubsub: pubsub::PubSub::default(),
            idle: idle::IdleClients::default(),
            refusal_logged: None,
            overfull: Vec::new(),
            pause: pause::Pause::default(),
            failover: None,
            saves: Saves::new(now),
            loading: None,
            load: None,
            is_loading: false,
            aof: aof::Aof::default(),
            last_load: LoadSummary::default(),
            sync_files: sync_file::SyncFiles::default(),
            shutdown: None,
            timers: timer::Timers::default(),
            expiry_round: expire::ExpiryRound::default(),
            eviction: evict::Eviction::default(),
            stats: Stats::default(),
            meter: meter::Meter::new(&config),
            slowlog: slowlog::SlowLog::default(),
            latency: latency::Latency::default(),
            monitors: Vec::new(),
            host: Host::default(),
            client_bytes: 0,
            peak_bytes: 0,
            events,
            effects: VecDeque::new(),
            dials: 0,
            storage_ids: 0,
            dirty: VecDeque::new(),
            resumed: VecDeque::new(),
            closing: Vec::new(),
            rng,
            limits,
            config,
        };
        node.follow_settings();
        node
    }

    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Whether enough replies have gathered: better end the turn and send them than give it more
    /// input. More input is served all the same, a request at a time.
    pub fn is_turn_full(&self) -> bool {
        self.reply_room == 0
    }

    /// The next connection whose outbox got something to send since it was last named; the latest
    /// first, as in Redis. Who publishes to thousands then has the reply before they have the message, and
    /// what it asks next is ready for the next turn.
    pub fn poll_dirty(&mut self) -> Option<ConnId> {
        let id = self.dirty.pop_back()?;
        if let Some(conn) = self.conns.find_mut(id) {
            conn.dirty = false;
        }
        Some(id)
    }

    /// What is to be written to a connection next: fills `slices` in order and returns how many
    /// it filled, 0 when there is nothing. Report what was written by [`Node::handle_sent`].
    pub fn outbox<'a>(&'a self, id: ConnId, slices: &mut [IoSlice<'a>]) -> usize {
        let Some(conn) = self.conns.find(id) else { return 0 };
        conn.outbox.slices(self.feed.backlog(), self.sendable_position(), slices)
    }

    /// The next connection whose requests may go on: it was blocked or had yielded. Call
    /// [`Node::handle_bytes`] with its buffer again, even if nothing new has arrived.
    pub fn poll_resumed(&mut self) -> Option<ConnId> {
        self.resumed.pop_front()
    }

    pub fn poll_effect(&mut self) -> Option<Effect> {
        self.effects.pop_front()
    }

    pub fn poll_event(&mut self) -> Option<Event> {
        self.events.poll()
    }

    fn log(&mut self, level: LogLevel, text: impl Into<String>) {
        self.events.log(level, text);
    }

    /// Writes to a connection's outbox, if it is still there.
    fn reply(&mut self, id: ConnId, write: impl FnOnce(&mut Reply<'_>)) {
        let Some(conn) = self.conns.find_mut(id) else { return };
        let protocol = conn.protocol;
        write(&mut Reply::new(conn.outbox.replies(), protocol));
        self.mark_dirty(id);
    }

    /// As [`Node::reply`], of a command that waited: left out for a client that wants no replies.
    fn answer(&mut self, id: ConnId, write: impl FnOnce(&mut Reply<'_>)) {
        let Some(conn) = self.conns.find_mut(id) else { return };
        let is_silent = conn.is_silent();
        conn.end_skip();
        if !is_silent {
            self.reply(id, write);
        }
    }

    /// Writes bytes that are no reply: a handshake, a payload's announcement.
    fn send(&mut self, id: ConnId, write: impl FnOnce(&mut BytesMut)) {
        let Some(conn) = self.conns.find_mut(id) else { return };
        write(conn.outbox.replies());
        self.mark_dirty(id);
    }

    fn mark_dirty(&mut self, id: ConnId) {
        if let Some(conn) = self.conns.find_mut(id)
            && !conn.dirty
        {
            conn.dirty = true;
            self.dirty.push_back(id);
        }
    }

    /// Closes a connection at the end of the turn, once what it was sent is written.
    fn close(&mut self, id: ConnId) {
        if let Some(conn) = self.conns.find_mut(id)
            && !conn.closing
        {
            conn.closing = true;
            self.closing.push(id);
            self.forget_blocked(id);
            self.unsubscribe_all(id);
        }
    }

    /// Lets a blocked connection's requests go on.
    fn resume(&mut self, id: ConnId) {
        if let Some(conn) = self.conns.find_mut(id) {
            conn.waiting = conn::Waiting::No;
            self.resumed.push_back(id);
        }
    }

    fn rdb_read_options(&self) -> rdb::ReadOptions {
        rdb::ReadOptions {
            skips_modules: false,
            string_bytes_max: self.config.proto_max_bulk_len,
            checksum: self.config.rdbchecksum,
            limits: self.limits.clone(),
            elements_expected_max: limits::LOAD_ELEMENTS_EXPECTED_MAX,
        }
    }
}

/// Our own version; [`REDIS_VERSION`] is that whose behaviour this is.
pub const REDARIUM_VERSION: &str = env!("CARGO_PKG_VERSION");
