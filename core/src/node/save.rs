//! Data in and out of RDB files: loading at the start, SAVE, BGSAVE, save points.
//!
//! A save is a snapshot written to a temporary file in bounded pieces, synced,
//! and renamed over the old file only when all of it is there.

use std::collections::VecDeque;

use bytes::BytesMut;

use super::ConnId;
use super::Effect;
use super::LogLevel;
use super::Node;
use super::StorageDone;
use super::StorageId;
use super::StorageOp;
use super::config_file::Rewrites;
use super::conn::Waiting;
use super::draft::Draft;
use super::draft::Step;
use super::sync::Job;
use super::sync::Served;
use super::sync::Target;
use crate::command::Outcome;
use crate::data::Hasher;
use crate::data::number;
use crate::error;
use crate::limits;
use crate::persist::rdb;
use crate::replication::ReplicationId;
use crate::resp::Args;
use crate::store::Entry;
use crate::store::PastUse;
use crate::store::Store;
use crate::store::Value;
use crate::time::Mono;
use crate::time::Now;

/// What is known of snapshots, past and present.
#[derive(Debug)]
pub(super) struct Saves {
    /// Changes since the last save; INFO's `rdb_changes_since_last_save`.
    pub changes: u64,
    pub last_save: Now,
    pub last_failed: bool,
    pub last_try: Option<Mono>,
    pub last_duration_s: Option<u64>,
    pub saves: u64,
    pub job: Option<Job>,
    pub served: Served,
    /// A file is being written; its last operation, when that is known.
    pub file: Option<FileSave>,
    /// BGSAVE SCHEDULE while another snapshot ran.
    pub scheduled: bool,
    /// Everything was flushed in this turn.
    pub flushed: bool,
    /// Clients whose SAVE waits for the end of a rewrite of the log.
    waiting: VecDeque<ConnId>,
    /// CONFIG REWRITEs on their way to the disk.
    pub rewrites: Rewrites,
}

/// A save whose file is not in place yet.
#[derive(Debug)]
pub(super) struct FileSave {
    /// SAVE's client, which waits.
    pub client: Option<ConnId>,
    pub started: Now,
    pub changes_at_start: u64,
    pub draft: Draft,
}

impl Saves {
    pub fn new(now: Now) -> Self {
        Self {
            changes: 0,
            last_save: now,
            last_failed: false,
            last_try: None,
            last_duration_s: None,
            saves: 0,
            job: None,
            served: Served::default(),
            file: None,
            scheduled: false,
            flushed: false,
            waiting: VecDeque::new(),
            rewrites: Rewrites::new(),
        }
    }

    pub fn count(&mut self, changes: u64) {
        self.changes += changes;
    }

    pub fn has_failed(&self) -> bool {
        self.last_failed
    }

    pub fn is_busy(&self) -> bool {
        self.job.is_some() || self.file.is_some()
    }
}

impl Node {
    pub(super) fn save(&mut self, id: ConnId) -> Outcome {
        if self.is_saving() {
            return Err(error::SAVE_IN_PROGRESS);
        }
        match self.is_snapshotting() {
            // The log is being rewritten: Redis saves beside that, here one snapshot follows the other.
            true => self.saves.waiting.push_back(id),
            false => self.begin_save(Some(id)),
        }
        if let Some(conn) = self.conns.find_mut(id) {
            conn.waiting = Waiting::Save;
        }
        Ok(())
    }

    /// Begins the SAVE of a client that waits for the end of a rewrite, once it is there.
    pub(super) fn begin_waiting_save(&mut self) {
        while !self.saves.waiting.is_empty() && !self.is_snapshotting() && !self.is_loading() {
            let Some(id) = self.saves.waiting.pop_front() else { return };
            // It may have gone.
            if self.conns.find(id).is_some() {
                self.begin_save(Some(id));
                self.timers.job = true;
            }
        }
    }

    pub(super) fn bgsave(&mut self, id: ConnId, args: Args<'_>) -> Outcome {
        let schedule = args.is(1, "schedule") && args.len() == 2;
        if args.len() > 1 && !schedule {
            return Err(error::SYNTAX);
        }
        if self.is_snapshotting() {
            if self.is_saving() {
                return Err(error::SAVE_IN_PROGRESS);
            }
            if !schedule {
                return Err(error::OTHER_SNAPSHOT);
            }
            self.saves.scheduled = true;
            self.reply(id, |reply| reply.simple("Background saving scheduled"));
            return Ok(());
        }
        self.log(LogLevel::Notice, "Background saving started");
        self.begin_save(None);
        self.reply(id, |reply| reply.simple("Background saving started"));
        Ok(())
    }

    pub(super) fn last_save(&mut self, id: ConnId) -> Outcome {
        let at = self.saves.last_save.wall.as_secs();
        self.reply(id, |reply| reply.integer(at));
        Ok(())
    }

    /// Takes pieces of a dump file, in order, before the node serves anybody.
    ///
    /// # Errors
    /// When the bytes are no dump this engine can read; the node keeps the data it had.
    pub fn load_rdb(&mut self, bytes: &mut BytesMut, now: Now) -> Result<(), LoadError> {
        self.now = now;
        if self.loading.is_none() {
            self.loading = Some(Box::new(self.loader()));
        }
        match &mut self.loading {
            Some(loader) => loader.feed(bytes.split(), now),
            None => Ok(()),
        }
    }

    /// Ends the load: the file is over.
    ///
    /// # Errors
    /// When the file was cut short; the node keeps the data it had.
    pub fn finish_load(&mut self, now: Now) -> Result<LoadSummary, LoadError> {
        self.now = now;
        let Some(mut loader) = self.loading.take() else { return Ok(LoadSummary::default()) };
        loader.end_of_input()?;
        Ok(self.adopt_dump(*loader))
    }

    /// The data of a dump takes the place of what there was.
    pub(super) fn adopt_dump(&mut self, loader: Loader) -> LoadSummary {
        let (store, summary) = loader.finish();
        self.store.replace(store);
        self.settle_changes(None);
        self.last_load = summary;
        if let (Some(history), true) = (summary.history(), self.is_loading()) {
            self.resume_history(history, summary.stream_db.unwrap_or(0));
        }
        let LoadSummary { keys, expired, .. } = summary;
        self.log(
            LogLevel::Notice,
            format!("Done loading RDB, keys loaded: {keys}, keys expired: {expired}."),
        );
        self.report_functions(summary.functions);
        summary
    }

    /// Data of other servers may come with function libraries, in a payload or in a log.
    pub(super) fn report_functions(&mut self, count: usize) {
        if count > 0 {
            let text = format!(
                "Left out {count} function libraries or requests about them: functions are not run here."
            );
            self.log(LogLevel::Warning, text);
        }
    }

    /// A storage operation was carried out. Late ones, of work given up, are ignored.
    pub fn handle_storage(&mut self, done: StorageDone, now: Now) {
        self.now = now;
        self.end_config_rewrite(done.id, done.outcome.as_ref().err());
        if self.handle_log_storage(&done)
            || self.handle_rewrite_storage(&done)
            || self.handle_acl_storage(&done)
            || self.handle_sync_storage(&done)
        {
            return;
        }
        let step = self.saves.file.as_mut().map(|file| file.draft.handle(&done));
        match step {
            Some(Step::Finished) => self.end_save(),
            Some(Step::Taken) => {}
            Some(Step::Foreign) | None => self.handle_load_storage(done),
        }
    }

    pub(super) fn begin_save(&mut self, client: Option<ConnId>) {
        let name = format!("temp-{}.rdb", String::from_utf8_lossy(&self.run_id[..8]));
        self.saves.last_try = Some(self.now.mono);
        let mut draft = Draft::new(name.clone());
        draft.note(self.storage(StorageOp::Create { file: name }), 0);
        self.saves.file = Some(FileSave {
            client,
            started: self.now,
            changes_at_start: self.saves.changes,
            draft,
        });
        self.begin_job(Target::File);
    }

    /// If everything was flushed: where save points are set the file is to say so at once, lest a
    /// restart bring the data back. Not before the turn ends: only then are the data what the file says
    /// of the stream.
    pub(super) fn save_flushed(&mut self) {
        if !std::mem::take(&mut self.saves.flushed) || self.config.save.is_empty() {
            return;
        }
        match self.is_snapshotting() {
            true => self.saves.scheduled = true,
            false => self.begin_save(None),
        }
    }

    /// Starts a save if a save point is reached; called each second.
    pub(super) fn check_save_points(&mut self) {
        let saves = &self.saves;
        if self.is_snapshotting() || self.is_loading() {
            return;
        }
        let now = self.now.mono;
        // After a failure Redis waits a little before it tries again.
        let may_try = !saves.last_failed
            || saves.last_try.is_none_or(|at| now.since_us(at) > RETRY_AFTER_FAILURE_US);
        let elapsed_s = now.since_us(saves.last_save.mono) / 1_000_000;
        let due = self
            .config
            .save
            .iter()
            .find(|point| saves.changes >= point.changes && elapsed_s > point.seconds)
            .map(|point| (point.changes, point.seconds));
        if let Some((changes, seconds)) = due.filter(|_| may_try) {
            self.log(
                LogLevel::Notice,
                format!("{changes} changes in {seconds} seconds. Saving..."),
            );
            self.begin_save(None);
        } else if std::mem::take(&mut self.saves.scheduled) {
            self.begin_save(None);
        }
    }

    /// The snapshot is written out: makes the file durable and puts it in place.
    pub(super) fn finish_file(&mut self) {
        let to = self.config.dbfilename.clone();
        let Some(from) = self.saves.file.as_ref().map(|file| file.draft.name.clone()) else {
            return;
        };
        let sync = self.storage(StorageOp::Sync { file: from.clone() });
        let rename = self.storage(StorageOp::Rename { from, to });
        if let Some(file) = &mut self.saves.file {
            file.draft.note(sync, 0);
            file.draft.note(rename, 0);
            file.draft.ends_with(rename);
        }
    }

    /// Gives a save up: its client is told, its file removed.
    pub(super) fn abandon_save(&mut self, reason: &str) {
        if let Some(file) = &mut self.saves.file {
            file.draft.failure.get_or_insert_with(|| reason.to_owned());
            self.end_save();
        }
    }

    pub(super) fn storage(&mut self, op: StorageOp) -> StorageId {
        self.storage_ids += 1;
        let id = StorageId(self.storage_ids);
        self.effects.push_back(Effect::Storage { id, op });
        id
    }

    pub(super) fn loader(&mut self) -> Loader {
        let drops_expired = self.master.is_none() && self.config.replicaof.is_none();
        Loader::new(self.rdb_read_options(), self.builder(drops_expired))
    }

    pub(super) fn builder(&mut self, drops_expired: bool) -> Builder {
        let mut store = Store::new(Hasher::new(self.rng.next_u64()), self.config.databases);
        store.access_clock = self.store.access_clock;
        Builder {
            store,
            db: 0,
            drops_expired,
            arrived: Vec::with_capacity(ARRIVED_MAX),
            expectable: limits::LOAD_KEYS_EXPECTED_MAX,
            summary: LoadSummary::default(),
        }
    }

    fn end_save(&mut self) {
        let Some(file) = self.saves.file.take() else { return };
        let failure = file.draft.failure;
        let saves = &mut self.saves;
        // A failed SAVE has told its client; only a background one is remembered as failed.
        saves.last_failed = failure.is_some() && (saves.last_failed || file.client.is_none());
        if file.client.is_none() {
            saves.last_duration_s = Some(self.now.mono.since_us(file.started.mono) / 1_000_000);
        }
        if failure.is_none() {
            saves.saves += 1;
            saves.last_save = self.now;
            // What changed while the snapshot was written is not in it.
            saves.changes -= file.changes_at_start.min(saves.changes);
        }
        match &failure {
            None => self.log(LogLevel::Notice, "DB saved on disk"),
            Some(reason) => {
                self.log(LogLevel::Warning, format!("Error saving DB on disk: {reason}"));
                self.storage(StorageOp::Remove { file: file.draft.name });
            }
        }
        if let Some(id) = file.client {
            match failure {
                None => self.reply(id, |reply| reply.ok()),
                Some(_) => self.reply(id, |reply| reply.error(&error::SAVE_FAILED)),
            }
            self.resume(id);
        } else if failure.is_none() {
            self.log(LogLevel::Notice, "Background saving terminated with success");
        } else {
            self.log(LogLevel::Warning, "Background saving error");
        }
        self.shutdown_after_save(failure.is_some());
    }
}

/// How a load went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LoadSummary {
    pub keys: usize,
    /// Keys left out because their time had passed.
    pub expired: usize,
    /// Function libraries left out, which this engine does not run.
    pub functions: usize,
    /// The database the replication stream was in when the payload was made.
    pub stream_db: Option<usize>,
    /// The history that the data belong to, and where in it they are.
    pub history_id: Option<ReplicationId>,
    pub history_offset: Option<u64>,
    /// The memory of whoever wrote the payload, then; 0 if it does not say.
    pub saved_memory_bytes: u64,
}

impl LoadSummary {
    fn history(&self) -> Option<(ReplicationId, u64)> {
        Some((self.history_id?, self.history_offset?))
    }
}

/// Why a payload could not be loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LoadError {
    Rdb(rdb::Error),
    /// It has a database number that does not exist here.
    TooManyDatabases {
        databases: usize,
    },
    /// A streamed payload is not followed by its mark.
    BadMark,
}

impl std::fmt::Display for LoadError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Rdb(error) => error.fmt(f),
            Self::TooManyDatabases { databases } => write!(
                f,
                "FATAL: Data file was created with a Redis server configured to handle more than {databases} databases. Exiting"
            ),
            Self::BadMark => f.write_str("Replica received the wrong EOF mark from the master"),
        }
    }
}

impl std::error::Error for LoadError {}

/// Builds a keyspace of its own from a payload that arrives in pieces.
pub(super) struct Loader {
    decoder: rdb::Decoder,
    buffer: BytesMut,
    builder: Builder,
}

/// Builds a keyspace of its own from what a payload says.
pub(super) struct Builder {
    store: Store,
    db: usize,
    /// A master leaves out keys whose time has passed; a replica waits for the master's DEL, and
    /// the log for what it says of them later.
    drops_expired: bool,
    /// Entries of the database that are not in it yet: they go there some at a time.
    arrived: Vec<Entry>,
    /// Keys that room can still be made for on the payload's word.
    expectable: usize,
    summary: LoadSummary,
}

impl Loader {
    fn new(options: rdb::ReadOptions, builder: Builder) -> Self {
        Self { decoder: rdb::Decoder::new(options), buffer: BytesMut::new(), builder }
    }

    pub fn feed(&mut self, piece: BytesMut, now: Now) -> Result<(), LoadError> {
        self.buffer.unsplit(piece);
        while !self.decoder.is_finished() {
            match self.decoder.next(&mut self.buffer).map_err(LoadError::Rdb)? {
                Some(item) => self.builder.take(item, now)?,
                None => break,
            }
        }
        Ok(())
    }

    pub fn is_finished(&self) -> bool {
        self.decoder.is_finished()
    }

    /// What the payload has said of itself so far.
    pub fn summary(&self) -> &LoadSummary {
        self.builder.summary()
    }

    /// What came after the payload's end.
    pub fn take_rest(&mut self) -> BytesMut {
        std::mem::take(&mut self.buffer)
    }

    /// How far the payload is read, in bytes.
    pub fn consumed(&self) -> u64 {
        self.decoder.consumed()
    }

    pub fn end_of_input(&mut self) -> Result<(), LoadError> {
        self.decoder.handle_end_of_input(self.buffer.len()).map_err(LoadError::Rdb)
    }

    pub fn finish(self) -> (Store, LoadSummary) {
        self.builder.finish()
    }
}

impl Builder {
    pub fn summary(&self) -> &LoadSummary {
        &self.summary
    }

    pub fn finish(mut self) -> (Store, LoadSummary) {
        self.settle();
        self.store.settle();
        (self.store, self.summary)
    }

    /// Puts what has arrived in its place.
    fn settle(&mut self) {
        self.store.insert_all(self.db, &mut self.arrived);
    }

    pub fn take(&mut self, item: rdb::Item, now: Now) -> Result<(), LoadError> {
        match item {
            rdb::Item::Aux { key, value } if &key[..] == b"repl-stream-db" => {
                let db = number::parse_i64(&value).and_then(|db| usize::try_from(db).ok());
                self.summary.stream_db = db.filter(|db| *db < self.store.databases());
            }
            rdb::Item::Aux { key, value } if &key[..] == b"used-mem" => {
                let bytes = number::parse_i64(&value);
                self.summary.saved_memory_bytes =
                    bytes.and_then(|b| b.try_into().ok()).unwrap_or(0);
            }
            rdb::Item::Aux { key, value } if &key[..] == b"repl-id" => {
                self.summary.history_id = ReplicationId::parse(&value);
                // What expired meanwhile goes by DEL, which those who go on with the history hear.
                self.drops_expired &= self.summary.history_id.is_none();
            }
            rdb::Item::Aux { key, value } if &key[..] == b"repl-offset" => {
                let offset = number::parse_i64(&value);
                self.summary.history_offset = offset.and_then(|offset| offset.try_into().ok());
            }
            rdb::Item::SelectDb(db) => {
                self.settle();
                let databases = self.store.databases();
                self.db = usize::try_from(db)
                    .ok()
                    .filter(|db| *db < databases)
                    .ok_or(LoadError::TooManyDatabases { databases })?;
            }
            rdb::Item::Function(_) => self.summary.functions += 1,
            rdb::Item::Entry(entry) => self.insert(entry, now),
            rdb::Item::ResizeDb { keys, .. } => {
                self.settle();
                let keys =
                    usize::try_from(keys).map_or(self.expectable, |k| k.min(self.expectable));
                self.expectable -= keys;
                self.store.expect_keys(self.db, keys);
            }
            rdb::Item::Version(_)
            | rdb::Item::Aux { .. }
            | rdb::Item::Module { .. }
            | rdb::Item::End(_) => {}
        }
        Ok(())
    }

    fn insert(&mut self, entry: rdb::Entry, now: Now) {
        if self.drops_expired && entry.expire_at_ms.is_some_and(|at| at <= now.wall_ms()) {
            self.summary.expired += 1;
            return;
        }
        let bytes;
        let value = match entry.value {
            rdb::Value::String(rdb::StringValue::Int(value)) => Value::Int(value),
            rdb::Value::String(rdb::StringValue::Bytes(text)) => {
                bytes = text;
                Value::Text(&bytes)
            }
            rdb::Value::Data(data) => Value::Data(data),
        };
        let past = PastUse { idle_s: entry.idle_s, frequency: entry.freq };
        let clock = self.store.access_clock.restored(past, now.wall_ms());
        let mut made = Entry::new(&entry.key, value, entry.expire_at_ms);
        made.set_lru(clock);
        self.arrived.push(made);
        if self.arrived.len() >= ARRIVED_MAX {
            self.settle();
        }
        self.summary.keys += 1;
    }
}

impl std::fmt::Debug for Builder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Builder({} keys so far)", self.summary.keys)
    }
}

impl std::fmt::Debug for Loader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Loader({} keys so far)", self.builder.summary.keys)
    }
}

/// Entries that a load puts in their places together: as many as a processor waits for at once.
const ARRIVED_MAX: usize = 16;

const RETRY_AFTER_FAILURE_US: u64 = 5_000_000;
