//! The snapshot under way, for a file or for replicas: one at a time, a bounded
//! piece each turn.

use bytes::Bytes;

use super::Conn;
use super::ConnId;
use super::LogLevel;
use super::Node;
use super::REDIS_VERSION;
use super::StorageId;
use super::StorageOp;
use super::draft::Draft;
use super::evict::saved_clock;
use super::primary::Replica;
use super::primary::ReplicaState;
use super::sync_file::awaits_snapshot;
use crate::data::Place;
use crate::limits;
use crate::persist::aof;
use crate::persist::rdb;
use crate::store::DbSize;
use crate::store::Entry;

/// A snapshot being written.
pub(super) struct Job {
    encoder: Encoder,
    /// The database the payload's entries belong to at this point.
    selected: Option<usize>,
    /// How large each database was when it began.
    sizes: Vec<DbSize>,
    pub target: Target,
}

/// What had been served when a snapshot's last piece was written, and how large that was to be.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Served {
    reads: u64,
    commands: u64,
    room: usize,
}

/// How a snapshot is spelled.
enum Encoder {
    Rdb(rdb::Encoder),
    Requests(aof::Rewriter),
}

/// Where a snapshot goes.
#[derive(Debug)]
pub(super) enum Target {
    File,
    /// The base of the append-only file.
    Log,
    /// The file of this number, which replicas are then sent.
    SyncFile(u64),
    /// Replicas, as it is made: `$EOF:` and the mark go before it and the mark behind it.
    Replicas {
        replicas: Vec<ConnId>,
        mark: [u8; 40],
    },
    /// Nobody wants it any more; the walk only takes its marks off the keyspace.
    Nobody,
}

impl Node {
    /// Whether a snapshot is being written, or placed, or is about to begin.
    pub(super) fn is_snapshotting(&self) -> bool {
        self.saves.is_busy() || self.aof.is_rewriting()
    }

    /// Whether a snapshot is being written to the dump file or for replicas.
    pub(super) fn is_saving(&self) -> bool {
        let target = self.saves.job.as_ref().map(|job| &job.target);
        self.saves.file.is_some()
            || matches!(target, Some(Target::SyncFile(_) | Target::Replicas { .. }))
    }

    /// Begins a snapshot of this instant.
    pub(super) fn begin_job(&mut self, target: Target) {
        let mut encoder = match target {
            Target::Log if !self.config.aof_use_rdb_preamble => {
                let second = self.now.wall.as_secs();
                let second = Some(second).filter(|_| self.config.aof_timestamp_enabled);
                Encoder::Requests(aof::Rewriter::new(second))
            }
            _ => Encoder::Rdb(self.rdb_encoder(matches!(target, Target::Log))),
        };
        if let (Encoder::Rdb(encoder), false) = (&mut encoder, matches!(target, Target::Log)) {
            self.write_history(encoder);
        }
        self.store.snapshot_begin();
        let sizes = self.store.sizes().collect();
        self.saves.job = Some(Job { encoder, selected: None, sizes, target });
    }

    /// All data as they are now, at once.
    pub(super) fn whole_snapshot(&self) -> Bytes {
        let mut encoder = self.rdb_encoder(false);
        for db in (0..self.store.databases()).filter(|db| self.store.len(*db) > 0) {
            encoder.select_db(db as u64);
            encoder.resize_db(self.store.len(db) as u64, self.store.volatile_len(db) as u64);
            self.store.iter(db).for_each(|entry| encoder.entry(entry));
        }
        encoder.finish()
    }

    pub(super) fn rdb_encoder(&self, is_aof_base: bool) -> rdb::Encoder {
        let mut encoder = rdb::Encoder::new(rdb::WriteOptions {
            compression: self.config.rdbcompression,
            checksum: self.config.rdbchecksum,
            uses: saved_clock(&self.config).map(|clock| (clock, self.now.wall_ms())),
            version: match self.store.has_volatile_fields() {
                true => rdb::Version::FIELD_EXPIRY,
                false => rdb::Version::STRINGS,
            },
        });
        let created = self.now.wall.as_secs().to_string();
        encoder.aux(b"redis-ver", REDIS_VERSION.as_bytes());
        encoder.aux(b"redis-bits", b"64");
        encoder.aux(b"ctime", created.as_bytes());
        encoder.aux(b"aof-base", if is_aof_base { b"1" } else { b"0" });
        encoder
    }

    /// Which state of which history the data are, and in which database the stream goes on: a node that
    /// loads them may go on from there. A replica in a chain passes its master's stream on as it is, so
    /// it can't name the database there.
    fn write_history(&self, encoder: &mut rdb::Encoder) {
        if !self.feed.is_open() {
            return;
        }
        let db = match &self.master {
            None => self.feed.selected_db(),
            Some(master) => self.stream_db_of(master),
        };
        encoder.aux(b"repl-stream-db", db.to_string().as_bytes());
        encoder.aux(b"repl-id", self.feed.history.id.as_bytes());
        encoder.aux(b"repl-offset", self.feed.position().to_string().as_bytes());
    }

    /// Starts a snapshot for the replicas that wait for one, unless another is being made or more
    /// replicas may come.
    pub(super) fn begin_sync_job(&mut self) {
        if self.is_snapshotting() {
            return;
        }
        let waiting = self.waiting_replicas();
        let has_all = |has: fn(&Replica) -> bool| waiting.iter().all(|(_, replica)| has(replica));
        let streams = self.config.repl_diskless_sync && has_all(|replica| replica.eof);
        let longest_s = waiting.iter().map(|(_, replica)| replica.lag_s(self.now.mono)).max();
        if longest_s.is_none_or(|longest_s| streams && self.awaits_more(waiting.len(), longest_s)) {
            return;
        }
        let ids: Vec<ConnId> = waiting.iter().map(|(id, _)| *id).collect();
        let target = if streams { "replicas sockets" } else { "disk" };
        self.log(LogLevel::Notice, format!("Starting BGSAVE for SYNC with target: {target}"));
        // The snapshot says nothing of the database the stream is in.
        self.feed.reselect();
        self.announce_sync(&ids, self.feed.position());
        let target = match streams {
            true => Target::Replicas { mark: self.begin_stream(&ids), replicas: ids },
            false => self.begin_sync_file(&ids),
        };
        self.begin_job(target);
    }

    /// Sends a replica that wants no data a payload that says so.
    pub(super) fn send_without_data(&mut self, id: ConnId) {
        self.announce_sync(&[id], self.feed.position());
        let mark = self.begin_stream(&[id]);
        let payload = self.rdb_encoder(false).finish();
        self.send_piece(&[id], &payload);
        self.send_piece(&[id], &Bytes::copy_from_slice(&mark));
    }

    fn waiting_replicas(&self) -> Vec<(ConnId, &Replica)> {
        let replicas = self.replicas.iter().filter_map(|id| {
            let replica = self.conns.find(*id).and_then(Conn::replica)?;
            awaits_snapshot(replica).then_some((*id, replica))
        });
        replicas.collect()
    }

    /// Whether a snapshot that is streamed is put off, since it can't be joined later.
    fn awaits_more(&self, waiting: usize, longest_s: u64) -> bool {
        let enough = self.config.repl_diskless_sync_max_replicas as usize;
        longest_s < self.config.repl_diskless_sync_delay.into() && (enough == 0 || waiting < enough)
    }

    /// Tells the replicas which state of the data they are about to get.
    pub(super) fn announce_sync(&mut self, replicas: &[ConnId], position: u64) {
        let history = self.feed.history.id;
        let line = format!("+FULLRESYNC {history} {position}\r\n");
        for id in replicas {
            let Some(replica) = self.conns.find_mut(*id).and_then(Conn::replica_mut) else {
                continue;
            };
            replica.stream_from = (!replica.rdb_only).then_some(position);
            if !replica.legacy {
                self.send(*id, |out| out.extend_from_slice(line.as_bytes()));
            }
        }
    }

    fn begin_stream(&mut self, replicas: &[ConnId]) -> [u8; 40] {
        let mark: [u8; 40] = self.rng.hex();
        let head = [b"$EOF:", &mark[..], b"\r\n"].concat();
        self.send_piece(replicas, &Bytes::from(head));
        for id in replicas {
            if let Some(replica) = self.conns.find_mut(*id).and_then(Conn::replica_mut) {
                replica.is_marked = true;
            }
        }
        mark
    }

    /// A replica that waited is gone.
    pub(super) fn sync_forget(&mut self, id: ConnId) {
        self.drop_unread_files();
        let Some(job) = &mut self.saves.job else { return };
        let Target::Replicas { replicas, .. } = &mut job.target else { return };
        replicas.retain(|other| *other != id);
        if replicas.is_empty() {
            job.target = Target::Nobody;
        }
    }

    /// Whether more of the snapshot is to come for this replica.
    pub(super) fn is_snapshot_for(&self, id: ConnId) -> bool {
        match self.saves.job.as_ref().map(|job| &job.target) {
            Some(Target::Replicas { replicas, .. }) => replicas.contains(&id),
            _ => false,
        }
    }

    /// Writes a bounded piece of the snapshot; whether there is more to do at once.
    pub(super) fn advance_job(&mut self) -> bool {
        if self.snapshot_bytes_in_flight() > limits::SNAPSHOT_BYTES_IN_FLIGHT_MAX {
            return false;
        }
        let room = self.snapshot_room();
        let Some(job) = &mut self.saves.job else { return false };
        let goal = job.encoder.written() + room as u64;
        let mut steps = 0;
        let mut more = true;
        while more && steps < STEPS_PER_TURN_MAX && job.encoder.written() < goal {
            let Job { encoder, selected, sizes, target } = job;
            let discard = matches!(target, Target::Nobody);
            more = self.store.snapshot_step(|db, entry, place| {
                if discard {
                    return None;
                }
                if *selected != Some(db) {
                    *selected = Some(db);
                    encoder.select_db(db, sizes);
                }
                let room = goal.saturating_sub(encoder.written());
                let room = place.and_then(|_| usize::try_from(room).ok()).unwrap_or(usize::MAX);
                encoder.entry_from(entry, place.unwrap_or_default(), room)
            });
            steps += 1;
        }
        self.hand_over(!more);
        more
    }

    /// How many bytes of snapshot come to this turn: the more was served, the longer may those wait
    /// who come next, and the less does it matter to each.
    fn snapshot_room(&mut self) -> usize {
        let Served { reads, commands, room } = self.saves.served;
        let (reads_now, commands_now) = (self.stats.reads, self.stats.commands);
        let reads = usize::try_from(reads_now.saturating_sub(reads)).unwrap_or(0);
        let commands = usize::try_from(commands_now.saturating_sub(commands)).unwrap_or(0);
        let room = match reads {
            // Those who were served just now may be about to ask again.
            0 => room.saturating_mul(2),
            _ => reads
                .saturating_mul(limits::SNAPSHOT_BYTES_PER_READ)
                .saturating_add(commands.saturating_mul(limits::SNAPSHOT_BYTES_PER_COMMAND)),
        };
        let room = room.clamp(limits::SNAPSHOT_BYTES_PER_TURN_MIN, limits::SNAPSHOT_BYTES_PER_TURN);
        self.saves.served = Served { reads: reads_now, commands: commands_now, room };
        room
    }

    /// What was made and has not yet arrived: at the disk, or at the slowest of the replicas.
    fn snapshot_bytes_in_flight(&self) -> usize {
        match self.saves.job.as_ref().map(|job| &job.target) {
            Some(Target::File) => {
                self.saves.file.as_ref().map_or(0, |file| file.draft.bytes_under_way())
            }
            Some(Target::Log) => self.aof.bytes_under_way(),
            Some(Target::SyncFile(number)) => self.sync_files.bytes_under_way(*number),
            Some(Target::Replicas { replicas, .. }) => {
                let conns = replicas.iter().filter_map(|id| self.conns.find(*id));
                conns.map(|conn| conn.outbox.own_bytes()).max().unwrap_or(0)
            }
            Some(Target::Nobody) | None => 0,
        }
    }

    /// The data is about to be replaced, or another snapshot to begin: the one under way is of no
    /// use.
    pub(super) fn cancel_snapshot(&mut self) {
        match self.saves.job.take().map(|job| job.target) {
            Some(Target::File) => self.abandon_save("the data set was replaced"),
            Some(Target::Log) => self.abandon_rewrite("the data set was replaced"),
            Some(Target::SyncFile(number)) => {
                self.give_up_file(number, "the data set was replaced");
            }
            Some(Target::Replicas { replicas, .. }) => {
                replicas.into_iter().for_each(|id| self.close(id));
            }
            Some(Target::Nobody) | None => {}
        }
    }

    /// The rewrite that the snapshot under way is for has failed.
    pub(super) fn forget_rewrite_job(&mut self) {
        self.forget_job(|target| matches!(target, Target::Log));
    }

    /// Nobody wants the snapshot under way any more, if it is for this: only its marks have to go.
    pub(super) fn forget_job(&mut self, is_meant: impl FnOnce(&Target) -> bool) {
        if let Some(job) = &mut self.saves.job
            && is_meant(&job.target)
        {
            job.target = Target::Nobody;
            self.timers.job = true;
        }
    }

    /// Hands what has been written to the snapshot's target.
    fn hand_over(&mut self, finished: bool) {
        let Some(job) = &mut self.saves.job else { return };
        let chunk = match finished {
            false if job.encoder.pending() < CHUNK_BYTES_MIN => return,
            false => job.encoder.take(),
            true => match self.saves.job.take() {
                Some(Job { encoder, target, .. }) => return self.finish_job(encoder, target),
                None => return,
            },
        };
        let file = match &job.target {
            Target::File => Drafted::Dump,
            Target::Log => Drafted::Log,
            Target::SyncFile(number) => Drafted::Sync(*number),
            Target::Replicas { replicas, .. } => {
                let replicas = replicas.clone();
                return self.send_piece(&replicas, &chunk);
            }
            Target::Nobody => return,
        };
        self.append_to_draft(file, chunk);
    }

    fn finish_job(&mut self, encoder: Encoder, target: Target) {
        let last = encoder.finish();
        match target {
            Target::File => {
                self.append_to_draft(Drafted::Dump, last);
                self.finish_file();
            }
            Target::Log => {
                self.append_to_draft(Drafted::Log, last);
                self.finish_rewrite_file();
            }
            Target::SyncFile(number) => {
                let last = self.append_to_draft(Drafted::Sync(number), last);
                if let (Some(draft), Some(last)) = (self.sync_files.draft(number), last) {
                    draft.ends_with(last);
                }
            }
            Target::Replicas { replicas, mark } => {
                self.send_piece(&replicas, &last);
                self.send_piece(&replicas, &Bytes::copy_from_slice(&mark));
                self.log(LogLevel::Notice, "Background RDB transfer terminated with success");
            }
            Target::Nobody => {}
        }
    }

    fn draft(&mut self, which: Drafted) -> Option<&mut Draft> {
        match which {
            Drafted::Dump => self.saves.file.as_mut().map(|file| &mut file.draft),
            Drafted::Log => self.aof.draft(),
            Drafted::Sync(number) => self.sync_files.draft(number),
        }
    }

    fn append_to_draft(&mut self, which: Drafted, data: Bytes) -> Option<StorageId> {
        let bytes = data.len();
        let file = self.draft(which)?.name.clone();
        let id = self.storage(StorageOp::Append { file, data });
        self.draft(which)?.note(id, bytes);
        Some(id)
    }

    /// Queues a piece of the payload for every replica; they share its bytes. The stream follows a
    /// marked payload only when the replica has said that it has loaded it: Redis looks for the
    /// mark at the end of what it has read.
    pub(super) fn send_piece(&mut self, replicas: &[ConnId], piece: &Bytes) {
        for id in replicas {
            let Some(conn) = self.conns.find_mut(*id) else { continue };
            conn.outbox.push(piece.clone());
            if let Some(replica) = conn.replica_mut() {
                replica.state = ReplicaState::ReceivingSnapshot;
            }
            self.mark_dirty(*id);
        }
    }
}

/// A file that a snapshot is written to.
#[derive(Clone, Copy, Debug)]
enum Drafted {
    Dump,
    /// The base of the append-only file.
    Log,
    /// For replicas: the file of this number.
    Sync(u64),
}

impl Encoder {
    fn select_db(&mut self, db: usize, sizes: &[DbSize]) {
        match self {
            Self::Rdb(encoder) => {
                encoder.select_db(db as u64);
                if let Some(size) = sizes.iter().find(|size| size.db == db) {
                    encoder.resize_db(size.keys as u64, size.volatile as u64);
                }
            }
            Self::Requests(rewriter) => rewriter.select_db(db),
        }
    }

    /// Writes an entry from a place on, until some more bytes than these are written; where to go
    /// on, if that was not all.
    fn entry_from(&mut self, entry: &Entry, place: Place, bytes: usize) -> Option<Place> {
        match self {
            Self::Rdb(encoder) => encoder.entry_from(entry, place, bytes),
            Self::Requests(rewriter) => rewriter.entry_from(entry, place, bytes),
        }
    }

    fn pending(&self) -> usize {
        match self {
            Self::Rdb(encoder) => encoder.pending(),
            Self::Requests(rewriter) => rewriter.pending(),
        }
    }

    fn written(&self) -> u64 {
        match self {
            Self::Rdb(encoder) => encoder.written(),
            Self::Requests(rewriter) => rewriter.written(),
        }
    }

    fn take(&mut self) -> Bytes {
        match self {
            Self::Rdb(encoder) => encoder.take(),
            Self::Requests(rewriter) => rewriter.take(),
        }
    }

    fn finish(self) -> Bytes {
        match self {
            Self::Rdb(encoder) => encoder.finish(),
            Self::Requests(mut rewriter) => rewriter.take(),
        }
    }
}

impl std::fmt::Debug for Job {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Job({} bytes written)", self.encoder.written())
    }
}

/// Pieces smaller than this wait for more, in bytes.
const CHUNK_BYTES_MIN: usize = 64 * 1024;

/// Buckets walked in a turn that yield nothing, or little, are bounded too.
const STEPS_PER_TURN_MAX: usize = 16 * 1024;
