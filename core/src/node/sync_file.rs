//! Full synchronisations by way of a file: with `repl-diskless-sync no`, and for replicas that take no
//! payload of unknown length.
//!
//! The snapshot is written to a file of its own, and replicas that come while it is being written
//! share it, as in Redis. Once it is whole, each is sent its length and then piece by piece, as fast as that replica
//! takes them: however large the data, memory holds a few pieces a replica. The last one to need the
//! file removes it.

use bytes::Bytes;

use super::Conn;
use super::ConnId;
use super::LogLevel;
use super::Node;
use super::StorageDone;
use super::StorageId;
use super::StorageOp;
use super::StorageOutput;
use super::draft::Draft;
use super::draft::Step;
use super::primary::ReplicaState;
use super::sync::Target;
use crate::limits;
use crate::replication::ReplicationId;

/// The files that some replica needs: no more than there are replicas.
#[derive(Debug, Default)]
pub(super) struct SyncFiles {
    /// Files begun so far; the number of the latest.
    begun: u64,
    files: Vec<SyncFile>,
}

#[derive(Debug)]
struct SyncFile {
    number: u64,
    draft: Draft,
    /// Which state of which history it holds.
    history: ReplicationId,
    position: u64,
    is_whole: bool,
}

/// Where in a file a replica's snapshot is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Source {
    file: u64,
    /// Bytes read for the replica so far.
    read: u64,
    asked: Option<StorageId>,
}

impl SyncFiles {
    fn find(&mut self, number: u64) -> Option<&mut SyncFile> {
        self.files.iter_mut().find(|file| file.number == number)
    }

    /// What has been appended to a file and is not known to be written.
    pub fn bytes_under_way(&self, number: u64) -> usize {
        let file = self.files.iter().find(|file| file.number == number);
        file.map_or(0, |file| file.draft.bytes_under_way())
    }

    pub fn draft(&mut self, number: u64) -> Option<&mut Draft> {
        self.find(number).map(|file| &mut file.draft)
    }
}

impl Node {
    /// Begins a file for these replicas, which have been told of this instant's state.
    pub(super) fn begin_sync_file(&mut self, replicas: &[ConnId]) -> Target {
        self.sync_files.begun += 1;
        let number = self.sync_files.begun;
        // A name of its own for each: several may be read while another is written.
        let run = String::from_utf8_lossy(self.run_id.get(..8).unwrap_or_default());
        let mut draft = Draft::new(format!("temp-{run}.sync-{number}.rdb"));
        draft.note(self.storage(StorageOp::Create { file: draft.name.clone() }), 0);
        self.sync_files.files.push(SyncFile {
            number,
            draft,
            history: self.feed.history.id,
            position: self.feed.position(),
            is_whole: false,
        });
        for id in replicas {
            self.wait_for_file(*id, number);
        }
        Target::SyncFile(number)
    }

    /// Lets a replica that has just come have the snapshot that others wait for, if one is being
    /// written.
    pub(super) fn share_snapshot(&mut self, id: ConnId) {
        let history = self.feed.history.id;
        let files = self.sync_files.files.iter();
        // While others wait, the stream is kept from there on.
        let shared = files.rev().find(|file| {
            let mut waiting = self.readers(file.number);
            let is_open = !file.is_whole && file.draft.failure.is_none();
            is_open && file.history == history && waiting.any(|conn| !conn.closing)
        });
        let Some((number, position)) = shared.map(|file| (file.number, file.position)) else {
            return;
        };
        self.announce_sync(&[id], position);
        self.wait_for_file(id, number);
        self.log(LogLevel::Notice, "Waiting for end of BGSAVE for SYNC");
    }

    /// An operation on one of the files is done.
    pub(super) fn handle_sync_storage(&mut self, done: &StorageDone) -> bool {
        let mut files = self.sync_files.files.iter_mut();
        let step = files.find_map(|file| match file.draft.handle(done) {
            Step::Foreign => None,
            step => Some((file.number, step, file.draft.failure.clone())),
        });
        match step {
            None => return self.handle_piece(done),
            Some((number, _, Some(reason))) => self.give_up_file(number, &reason),
            Some((number, Step::Finished, None)) => self.send_file(number),
            Some(_) => {}
        }
        true
    }

    /// The snapshot can't be had: its replicas have to ask again.
    pub(super) fn give_up_file(&mut self, number: u64, reason: &str) {
        let line = format!("SYNC failed. BGSAVE for replicas failed: {reason}");
        self.log(LogLevel::Warning, line);
        for id in self.reader_ids(number) {
            self.close(id);
        }
        self.remove_sync_file(number);
    }

    /// A replica is gone, or has everything: removes the files that nobody needs any more.
    pub(super) fn drop_unread_files(&mut self) {
        let files = self.sync_files.files.iter().map(|file| file.number);
        let unread: Vec<u64> = files.filter(|file| self.readers(*file).next().is_none()).collect();
        for number in unread {
            self.remove_sync_file(number);
        }
    }

    /// Has the next piece read for a replica that has taken most of what it was sent.
    pub(super) fn read_on(&mut self, id: ConnId) {
        let Some(conn) = self.conns.find(id).filter(|conn| !conn.closing) else { return };
        let Some(source) = conn.replica().and_then(|replica| replica.source) else { return };
        if source.asked.is_some() || conn.outbox.own_bytes() > AHEAD_BYTES_MAX {
            return;
        }
        let Some(file) = self.sync_files.find(source.file).filter(|file| file.is_whole) else {
            return;
        };
        let left = file.draft.bytes().saturating_sub(source.read);
        let op = StorageOp::Read {
            file: file.draft.name.clone(),
            offset: source.read,
            bytes_max: usize::try_from(left).unwrap_or(usize::MAX).min(PIECE_BYTES),
        };
        let asked = Some(self.storage(op));
        self.set_source(id, Some(Source { asked, ..source }));
    }

    fn wait_for_file(&mut self, id: ConnId, file: u64) {
        self.set_source(id, Some(Source { file, read: 0, asked: None }));
    }

    fn set_source(&mut self, id: ConnId, source: Option<Source>) {
        if let Some(replica) = self.conns.find_mut(id).and_then(Conn::replica_mut) {
            replica.source = source;
        }
    }

    /// The file is whole: begins to send it to each replica that waits for it.
    fn send_file(&mut self, number: u64) {
        let Some(file) = self.sync_files.find(number) else { return };
        file.is_whole = true;
        let head = Bytes::from(format!("${}\r\n", file.draft.bytes()));
        self.log(LogLevel::Notice, "Background saving terminated with success");
        let now = self.now.mono;
        let replicas = self.reader_ids(number);
        self.send_piece(&replicas, &head);
        for id in replicas {
            if let Some(replica) = self.conns.find_mut(id).and_then(Conn::replica_mut) {
                // It has waited for us so far.
                replica.ack_at = now;
            }
            self.read_on(id);
        }
    }

    /// A piece may have been read for a replica.
    fn handle_piece(&mut self, done: &StorageDone) -> bool {
        let source = |id: &ConnId| self.conns.find(*id)?.replica()?.source;
        let mut replicas = self.replicas.iter().copied();
        let reader = replicas.find_map(|id| {
            let source = source(&id).filter(|source| source.asked == Some(done.id))?;
            Some((id, source))
        });
        let Some((id, source)) = reader else { return false };
        match &done.outcome {
            Ok(StorageOutput::Bytes(piece)) if !piece.is_empty() => {
                self.take_piece(id, source, piece);
            }
            Ok(_) => self.give_up_file(source.file, "the file was cut short"),
            Err(reason) => self.give_up_file(source.file, reason),
        }
        true
    }

    fn take_piece(&mut self, id: ConnId, source: Source, piece: &Bytes) {
        let read = source.read + piece.len() as u64;
        self.set_source(id, Some(Source { read, asked: None, ..source }));
        self.send_piece(&[id], piece);
        if self.sync_files.draft(source.file).is_some_and(|draft| draft.bytes() > read) {
            return self.read_on(id);
        }
        // Its length has told where it ends, so the stream follows at once.
        self.set_source(id, None);
        self.follow_stream(id);
        self.drop_unread_files();
    }

    fn remove_sync_file(&mut self, number: u64) {
        let files = &mut self.sync_files.files;
        let Some(at) = files.iter().position(|file| file.number == number) else { return };
        let file = files.remove(at).draft.name;
        self.storage(StorageOp::Remove { file });
        self.forget_job(|target| matches!(target, Target::SyncFile(own) if *own == number));
    }

    fn readers(&self, number: u64) -> impl Iterator<Item = &Conn> {
        let conns = self.replicas.iter().filter_map(|id| self.conns.find(*id));
        conns.filter(move |conn| {
            let source = conn.replica().and_then(|replica| replica.source);
            source.is_some_and(|source| source.file == number)
        })
    }

    fn reader_ids(&self, number: u64) -> Vec<ConnId> {
        self.readers(number).map(|conn| conn.id).collect()
    }
}

/// Whether a replica has not been promised any snapshot yet.
pub(super) fn awaits_snapshot(replica: &super::primary::Replica) -> bool {
    replica.state == ReplicaState::WaitingForSnapshot && replica.source.is_none()
}

/// Bytes read at once.
const PIECE_BYTES: usize = limits::SNAPSHOT_BYTES_PER_TURN;

/// A replica that has more than this to take yet is read no further piece for.
const AHEAD_BYTES_MAX: usize = 4 * PIECE_BYTES;
