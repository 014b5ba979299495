//! The snapshot under way, for a file or for replicas: one at a time, a bounded
//! piece each turn.

use bytes::Bytes;

use super::Conn;
use super::ConnId;
use super::LogLevel;
use super::Node;
use super::REDIS_VERSION;
use super::StorageOp;
use super::evict::saved_clock;
use super::primary::ReplicaState;
use crate::limits;
use crate::persist::rdb;

/// A snapshot being written.
pub(super) struct Job {
    encoder: rdb::Encoder,
    /// The database the payload's entries belong to at this point.
    selected: Option<usize>,
    pub target: Target,
}

/// Where a snapshot goes.
#[derive(Debug)]
pub(super) enum Target {
    File,
    Replicas {
        /// The stream follows the snapshot from here.
        position: u64,
        replicas: Vec<ConnId>,
        /// The payload so far: its length has to be known before the first byte is sent.
        chunks: Vec<Bytes>,
    },
    /// Nobody wants it any more; the walk only takes its marks off the keyspace.
    Nobody,
}

impl Node {
    /// Begins a snapshot of this instant.
    pub(super) fn begin_job(&mut self, target: Target) {
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
        encoder.aux(b"aof-base", b"0");
        self.store.snapshot_begin();
        self.saves.job = Some(Job { encoder, selected: None, target });
    }

    /// Starts a snapshot for the replicas that wait for one, unless another is being made.
    pub(super) fn begin_sync_job(&mut self) {
        if self.saves.is_busy() {
            return;
        }
        let waiting: Vec<ConnId> = self
            .replicas
            .iter()
            .copied()
            .filter(|id| {
                let replica = self.conns.find(*id).and_then(Conn::replica);
                replica.is_some_and(|r| r.state == ReplicaState::WaitingForSnapshot)
            })
            .collect();
        if waiting.is_empty() {
            return;
        }
        let position = self.feed.position();
        let history = self.feed.history.id;
        // The snapshot says nothing of the database the stream is in.
        self.feed.reselect();
        for id in &waiting {
            if !self.legacy_syncs.contains(id) {
                self.send(*id, |out| {
                    out.extend_from_slice(
                        format!("+FULLRESYNC {history} {position}\r\n").as_bytes(),
                    );
                });
            }
        }
        self.log(LogLevel::Notice, "Starting BGSAVE for SYNC with target: replicas sockets");
        self.begin_job(Target::Replicas { position, replicas: waiting, chunks: Vec::new() });
    }

    /// SYNC's replica expects no `+FULLRESYNC`.
    pub(super) fn legacy_sync(&mut self, id: ConnId) {
        self.legacy_syncs.push(id);
    }

    /// A replica that waited is gone.
    pub(super) fn sync_forget(&mut self, id: ConnId) {
        self.legacy_syncs.retain(|other| *other != id);
        let Some(job) = &mut self.saves.job else { return };
        let Target::Replicas { replicas, .. } = &mut job.target else { return };
        replicas.retain(|other| *other != id);
        if replicas.is_empty() {
            job.target = Target::Nobody;
        }
    }

    /// The offset of the stream that the snapshot under way will be followed by.
    pub(super) fn sync_position(&self) -> Option<u64> {
        match &self.saves.job.as_ref()?.target {
            Target::Replicas { position, .. } => Some(*position),
            Target::File | Target::Nobody => None,
        }
    }

    /// Writes a bounded piece of the snapshot; whether there is more to do at once.
    pub(super) fn advance_job(&mut self) -> bool {
        let in_flight = self.saves.file.as_ref().map_or(0, |file| file.in_flight_bytes);
        let Some(job) = &mut self.saves.job else { return false };
        if in_flight > limits::STORAGE_BYTES_IN_FLIGHT_MAX {
            return false;
        }
        let goal = job.encoder.written() + limits::SNAPSHOT_BYTES_PER_TURN as u64;
        let mut steps = 0;
        let mut more = true;
        while more && steps < STEPS_PER_TURN_MAX && job.encoder.written() < goal {
            let Job { encoder, selected, target } = job;
            let discard = matches!(target, Target::Nobody);
            more = self.store.snapshot_step(|db, entry| {
                if discard {
                    return;
                }
                if *selected != Some(db) {
                    *selected = Some(db);
                    encoder.select_db(db as u64);
                }
                encoder.entry(entry);
            });
            steps += 1;
        }
        self.hand_over(!more);
        more
    }

    /// The data is about to be replaced, or another snapshot to begin: the one under way is of no
    /// use.
    pub(super) fn cancel_snapshot(&mut self) {
        match self.saves.job.take().map(|job| job.target) {
            Some(Target::File) => self.abandon_save("the data set was replaced"),
            Some(Target::Replicas { replicas, .. }) => {
                replicas.into_iter().for_each(|id| self.close(id));
            }
            Some(Target::Nobody) | None => {}
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
        match &mut job.target {
            Target::File => self.append_to_file(chunk),
            Target::Replicas { chunks, .. } => chunks.push(chunk),
            Target::Nobody => {}
        }
    }

    fn finish_job(&mut self, encoder: rdb::Encoder, target: Target) {
        let last = encoder.finish();
        match target {
            Target::File => {
                self.append_to_file(last);
                self.finish_file();
            }
            Target::Replicas { position, replicas, mut chunks } => {
                chunks.push(last);
                self.send_snapshot(position, &replicas, &chunks);
            }
            Target::Nobody => {}
        }
    }

    fn append_to_file(&mut self, data: Bytes) {
        let Some(file) = self.saves.file.as_ref().map(|file| file.temporary.clone()) else {
            return;
        };
        let bytes = data.len();
        let id = self.storage(StorageOp::Append { file, data });
        if let Some(file) = &mut self.saves.file {
            file.in_flight_bytes += bytes;
            file.in_flight.push((id, bytes));
        }
    }

    /// Queues the payload for every replica that waited for it; the stream follows. All share the
    /// same bytes.
    fn send_snapshot(&mut self, position: u64, replicas: &[ConnId], chunks: &[Bytes]) {
        let len: usize = chunks.iter().map(Bytes::len).sum();
        for id in replicas {
            self.legacy_syncs.retain(|other| other != id);
            let Some(conn) = self.conns.find_mut(*id) else { continue };
            conn.outbox.replies().extend_from_slice(format!("${len}\r\n").as_bytes());
            for chunk in chunks {
                conn.outbox.push(chunk.clone());
            }
            conn.outbox.follow_stream(position);
            if let Some(replica) = conn.replica_mut() {
                replica.state = ReplicaState::ReceivingSnapshot;
            }
            self.mark_dirty(*id);
        }
        self.log(LogLevel::Notice, format!("Background RDB transfer ready: {len} bytes"));
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
