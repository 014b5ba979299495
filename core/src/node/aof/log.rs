//! The increment that grows: from the commands of a turn to bytes that survive a crash.
//!
//! What a turn gathers travels as one piece. Only one piece is under way, so the next one holds all
//! that came meanwhile: with `appendfsync always` many clients share one sync.
//!
//! Invariant: pieces go in order, and a file's last piece is synced before the next file's first, so
//! that what a crash leaves is what was gathered up to some moment.

use std::collections::VecDeque;

use bytes::Bytes;

use crate::node::StorageId;
use crate::node::StorageOp;
use crate::persist::aof::Writer;
use crate::time::Mono;

#[derive(Debug, Default)]
pub(in crate::node) struct Log {
    writer: Writer,
    /// The file that grows; none while the append-only file is off.
    file: Option<String>,
    /// The second to annotate, where that is wanted.
    second: Option<i64>,
    /// Last pieces of files that another has followed.
    waiting: VecDeque<Piece>,
    under_way: Option<Flight>,
    /// Of all that was ever gathered: what was taken from the writer, what is written, what is synced.
    taken: u64,
    written: u64,
    synced: u64,
    /// The stream's positions that what is written and synced belongs to.
    written_position: u64,
    synced_position: Option<u64>,
    /// Bytes written to the present file.
    file_bytes: u64,
}

#[derive(Debug)]
struct Piece {
    file: String,
    data: Bytes,
    sync: bool,
    end: u64,
    position: u64,
}

#[derive(Debug)]
struct Flight {
    piece: Piece,
    /// None after a failure, until it is tried again.
    id: Option<StorageId>,
    since: Mono,
}

impl Log {
    pub fn is_on(&self) -> bool {
        self.file.is_some()
    }

    /// Whether there is anything to do at the end of a turn.
    pub fn is_busy(&self) -> bool {
        self.file.is_some() || self.under_way.is_some()
    }

    /// The requests that follow belong to this second, if that is to be noted.
    pub fn set_second(&mut self, second: Option<i64>) {
        self.second = second;
    }

    /// Appends an encoded request that ran in `db`.
    pub fn append(&mut self, db: usize, request: &[u8]) {
        if let Some(second) = self.second {
            self.writer.stamp(second);
        }
        self.writer.append(db, request);
    }

    /// What is gathered from now on goes to this file; the present one gets its last piece.
    pub fn open(&mut self, file: String, position: u64) {
        self.close(position);
        self.file = Some(file);
        self.writer.begin_file();
        self.file_bytes = 0;
    }

    /// The file at hand goes on; so many bytes are there already.
    pub fn resume(&mut self, file: String, bytes: u64) {
        self.file = Some(file);
        self.writer.begin_file();
        self.file_bytes = bytes;
    }

    /// Nothing is gathered any more; the present file gets its last piece.
    pub fn close(&mut self, position: u64) {
        if let Some(file) = self.file.take() {
            let piece = self.cut(file, true, position);
            self.waiting.push_back(piece);
        }
    }

    /// The next piece, if none is under way: what has gathered, and a sync if one is due.
    pub fn next_op(&mut self, sync: bool, position: u64, now: Mono) -> Option<StorageOp> {
        if self.under_way.is_some() {
            return None;
        }
        let piece = match (self.waiting.pop_front(), &self.file) {
            (Some(piece), _) => piece,
            (None, Some(file)) if !self.writer.is_empty() || (sync && self.has_unsynced()) => {
                let file = file.clone();
                self.cut(file, sync, position)
            }
            (None, _) => return None,
        };
        let flight = self.under_way.insert(Flight { piece, id: None, since: now });
        Some(flight.op())
    }

    /// The piece that failed, once more.
    pub fn retry_op(&mut self) -> Option<StorageOp> {
        self.under_way.as_ref().filter(|flight| flight.id.is_none()).map(Flight::op)
    }

    /// The operation of the piece under way was asked for.
    pub fn sent(&mut self, id: StorageId) {
        if let Some(flight) = &mut self.under_way {
            flight.id = Some(id);
        }
    }

    pub fn is_waiting_for(&self, id: StorageId) -> bool {
        self.under_way.as_ref().is_some_and(|flight| flight.id == Some(id))
    }

    /// The piece under way is done; returns its bytes.
    pub fn done(&mut self) -> u64 {
        let Some(Flight { piece, .. }) = self.under_way.take() else { return 0 };
        self.written = piece.end;
        self.written_position = piece.position;
        if piece.sync {
            self.synced = piece.end;
            self.synced_position = Some(piece.position);
        }
        let bytes = piece.data.len() as u64;
        if self.file.as_ref() == Some(&piece.file) {
            self.file_bytes += bytes;
        }
        bytes
    }

    /// The piece under way failed; whether it was no more than a sync.
    pub fn failed(&mut self) -> bool {
        let Some(flight) = &mut self.under_way else { return false };
        flight.id = None;
        flight.piece.data.is_empty()
    }

    /// Whether the disk has something to do.
    pub fn has_piece_under_way(&self) -> bool {
        self.under_way.is_some()
    }

    /// All that was gathered, as a count of bytes.
    pub fn gathered(&self) -> u64 {
        self.taken + self.writer.len() as u64
    }

    pub fn taken(&self) -> u64 {
        self.taken
    }

    pub fn written(&self) -> u64 {
        self.written
    }

    /// Whether everything is in the files.
    pub fn is_written(&self) -> bool {
        self.written == self.gathered() && self.waiting.is_empty()
    }

    /// Whether something has still to go to a file before the present one.
    pub fn is_behind(&self) -> bool {
        let under_way = self.under_way.as_ref();
        !self.waiting.is_empty()
            || under_way.is_some_and(|flight| self.file.as_ref() != Some(&flight.piece.file))
    }

    /// Whether something would not survive a crash of the machine.
    pub fn has_unsynced(&self) -> bool {
        self.synced < self.gathered()
    }

    /// Bytes gathered and not known to be written.
    pub fn unwritten_bytes(&self) -> u64 {
        self.gathered() - self.written
    }

    /// Whether what is gathered has waited for a piece under way so long, in microseconds.
    pub fn has_waited(&self, now: Mono, us: u64) -> bool {
        let flight = self.under_way.as_ref().filter(|_| !self.writer.is_empty());
        flight.is_some_and(|flight| now.since_us(flight.since) >= us)
    }

    /// Bytes that wait for the next piece.
    pub fn buffered_bytes(&self) -> usize {
        self.writer.len()
    }

    pub fn file_bytes(&self) -> u64 {
        self.file_bytes
    }

    /// What the stream stood at when all that is written now was gathered.
    pub fn written_position(&self) -> u64 {
        self.written_position
    }

    /// The stream up to here is synced; `None` if nothing ever was.
    pub fn synced_position(&self) -> Option<u64> {
        self.synced_position
    }

    /// All data of the stream's position is on disk in another way: a base.
    pub fn note_synced(&mut self, position: Option<u64>) {
        self.synced_position = position;
    }

    fn cut(&mut self, file: String, sync: bool, position: u64) -> Piece {
        let data = self.writer.take();
        self.taken += data.len() as u64;
        Piece { file, data, sync, end: self.taken, position }
    }
}

impl Flight {
    fn op(&self) -> StorageOp {
        let Piece { file, data, sync, .. } = &self.piece;
        StorageOp::Log { file: file.clone(), data: data.clone(), sync: *sync }
    }
}
