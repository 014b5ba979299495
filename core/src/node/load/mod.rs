//! Loading what the directory holds: the append-only file if it is on, else the dump file.
//!
//! The files are read a few pieces ahead and worked off a piece a turn, so clients are answered
//! meanwhile: with `-LOADING`, unless their command may run without data. A file that can't be used
//! ends the process, in Redis's words.

mod find;
mod replay;

use std::collections::VecDeque;

use bytes::Bytes;

use super::ConnId;
use super::Effect;
use super::LogLevel;
use super::Node;
use super::StorageDone;
use super::StorageId;
use super::StorageOp;
use super::StorageOutput;
use crate::error;
use crate::persist::aof::FileKind;
use crate::persist::aof::Manifest;
use crate::time::Mono;
use crate::time::Now;

use replay::Replay;

/// A load under way.
#[derive(Debug)]
pub(super) struct Load {
    started: Now,
    /// DEBUG LOADAOF's client, which waits.
    client: Option<ConnId>,
    step: Step,
    /// The operation that the step waits for.
    awaited: Option<StorageId>,
    manifest: Manifest,
    /// Files still to be read; the first is being read.
    sources: VecDeque<Source>,
    total_bytes: u64,
    /// Bytes of files that are read wholly.
    finished_bytes: u64,
    /// Length of the file that was read last.
    last_bytes: u64,
    reading: Option<Reading>,
}

/// What is being done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    MeasureDump,
    MeasureManifest,
    ReadManifest,
    /// Is there a log in the form older than Redis 7?
    MeasureOld,
    /// Has it been moved already?
    MeasureMoved,
    MoveOld,
    /// How long is the file of this index?
    MeasureSource(usize),
    Read,
    Truncate,
    CreateFiles,
}

/// A file to load.
#[derive(Clone, Debug)]
struct Source {
    path: String,
    name: String,
    kind: SourceKind,
    bytes: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum SourceKind {
    Dump,
    Log(FileKind),
}

impl Source {
    /// Whether it must hold a payload: even of no data, that is not empty. Redis takes an empty one.
    fn is_payload(&self) -> bool {
        self.kind == SourceKind::Log(FileKind::Base) && self.name.ends_with(".rdb")
    }
}

/// The file being read.
#[derive(Debug)]
struct Reading {
    started: Mono,
    /// Where the next piece to ask for begins.
    offset: u64,
    asked: VecDeque<StorageId>,
    pieces: VecDeque<Bytes>,
    replay: Replay,
}

impl Node {
    /// Whether clients have to wait for the data.
    pub fn is_loading(&self) -> bool {
        self.is_loading
    }

    /// Whether clients get answers. When a load begins they have to wait: most are over before
    /// anybody would look at a reply. Redis does so for `loading-process-events-interval-bytes`.
    pub fn is_answering(&self) -> bool {
        let interval = self.config.loading_process_events_interval_bytes;
        let load = self.load.as_ref().map(|load| load.progress());
        !self.is_loading || load.is_some_and(|progress| progress.loaded_bytes >= interval)
    }

    /// Begins to load what the directory holds.
    pub(super) fn begin_load(&mut self, client: Option<ConnId>) {
        self.is_loading = true;
        self.last_load.functions = 0;
        self.last_load.saved_memory_bytes = 0;
        let is_log = self.config.appendonly;
        let (step, file) = match is_log {
            true => (Step::MeasureManifest, self.log_path(&self.log_names().manifest())),
            false => (Step::MeasureDump, self.config.dbfilename.clone()),
        };
        let awaited = Some(self.storage(StorageOp::Measure { file }));
        self.load = Some(Box::new(Load {
            started: self.now,
            client,
            step,
            awaited,
            manifest: Manifest::default(),
            sources: VecDeque::new(),
            total_bytes: 0,
            finished_bytes: 0,
            last_bytes: 0,
            reading: None,
        }));
    }

    /// A storage operation is done that may be the load's.
    pub(super) fn handle_load_storage(&mut self, done: StorageDone) {
        let Some(load) = &mut self.load else { return };
        let reading =
            load.reading.as_mut().filter(|reading| reading.asked.front() == Some(&done.id));
        if let Some(reading) = reading {
            reading.asked.pop_front();
            match done.outcome {
                Ok(StorageOutput::Bytes(bytes)) => reading.pieces.push_back(bytes),
                Ok(_) => {}
                Err(reason) => return self.fail_read(&reason),
            }
            self.timers.job = true;
        } else if load.awaited == Some(done.id) {
            load.awaited = None;
            match done.outcome {
                Ok(output) => self.load_step_done(output),
                Err(reason) => self.fail_read(&reason),
            }
        }
    }

    /// Loads the next piece; whether there is more to do at once.
    pub(super) fn advance_load(&mut self) -> bool {
        let Some(mut load) = self.load.take() else { return false };
        let Load { reading, sources, .. } = &mut *load;
        let (Some(reading), Some(source)) = (reading, sources.front()) else {
            self.load = Some(load);
            return false;
        };
        let outcome = match reading.pieces.pop_front() {
            Some(piece) => self.replay_piece(source, &mut reading.replay, piece),
            None => Ok(()),
        };
        let is_read = reading.pieces.is_empty() && reading.asked.is_empty();
        self.load = Some(load);
        match outcome {
            Err(error) => {
                self.fail_load(&error);
                return false;
            }
            Ok(()) => self.ask_for_pieces(),
        }
        if is_read && self.load.as_ref().is_some_and(|load| load.is_at_end()) {
            self.finish_source();
        }
        let reading = self.load.as_ref().and_then(|load| load.reading.as_ref());
        reading.is_some_and(|reading| !reading.pieces.is_empty() || reading.asked.is_empty())
    }

    /// Begins with the next file, or ends.
    fn next_source(&mut self) {
        let Some(load) = &self.load else { return };
        let Some(source) = load.sources.front().cloned() else { return self.sources_read() };
        let replay = self.new_replay(source.kind);
        let reading = Reading {
            started: self.now.mono,
            offset: 0,
            asked: VecDeque::new(),
            pieces: VecDeque::new(),
            replay,
        };
        if let Some(load) = &mut self.load {
            load.step = Step::Read;
            load.reading = Some(reading);
        }
        self.ask_for_pieces();
        self.timers.job = true;
    }

    fn ask_for_pieces(&mut self) {
        while let Some(op) = self.load.as_mut().and_then(|load| load.next_read()) {
            let id = self.storage(op);
            if let Some(reading) = self.load.as_mut().and_then(|load| load.reading.as_mut()) {
                reading.asked.push_back(id);
            }
        }
    }

    /// Whether a connection of nobody's runs requests of a file.
    pub(super) fn is_replaying(&self) -> bool {
        let reading = self.load.as_ref().and_then(|load| load.reading.as_ref());
        reading.is_some_and(|reading| matches!(reading.replay, Replay::Log { .. }))
    }

    /// The data is there: serves it.
    fn end_load(&mut self) {
        let Some(load) = self.load.take() else { return };
        self.is_loading = false;
        self.saves.last_save = self.now;
        if self.config.appendonly {
            self.report_functions(self.last_load.functions);
        }
        if let Some(id) = load.client {
            self.log(LogLevel::Notice, "Append Only File loaded by DEBUG LOADAOF");
            self.reply(id, |reply| reply.ok());
            self.resume(id);
        } else if let Some(master) = self.config.replicaof.clone() {
            self.follow(master.host, master.port);
        }
    }

    fn fail_read(&mut self, reason: &str) {
        let file = self.load.as_ref().and_then(|load| load.sources.front());
        let file = file.map_or(String::new(), |file| format!(" {}", file.name));
        self.fail_load(&format!(
            "Unrecoverable error reading or preparing the file{file}: {reason}"
        ));
    }

    /// The data can't be had: says why, and ends.
    fn fail_load(&mut self, reason: &str) {
        for line in reason.lines() {
            self.log(LogLevel::Warning, line);
        }
        let Some(load) = self.load.take() else { return };
        if let Some(Reading { replay, .. }) = load.reading {
            self.drop_replay(replay);
        }
        if let Some(id) = load.client {
            self.is_loading = false;
            self.reply(id, |reply| reply.error(&error::LOAD_FAILED));
            return self.resume(id);
        }
        if load.step == Step::Read && !self.config.appendonly {
            let text = "Fatal error loading the DB, check server logs. Exiting.";
            self.log(LogLevel::Warning, text);
        }
        self.effects.push_back(Effect::Shutdown { status: 1 });
    }
}

/// What INFO tells of a load.
#[derive(Clone, Copy, Debug)]
pub(super) struct LoadProgress {
    pub started: Now,
    pub total_bytes: u64,
    pub loaded_bytes: u64,
    /// As the payload says: the memory of whoever wrote it.
    pub saved_memory_bytes: u64,
}

impl Load {
    pub fn progress(&self) -> LoadProgress {
        let reading = self.reading.as_ref();
        let loaded = reading.map_or(0, |reading| {
            let waiting: usize = reading.pieces.iter().map(Bytes::len).sum();
            let asked = (reading.asked.len() * PIECE_BYTES) as u64;
            reading.offset.saturating_sub(asked + waiting as u64)
        });
        LoadProgress {
            started: self.started,
            total_bytes: self.total_bytes,
            loaded_bytes: (self.finished_bytes + loaded).min(self.total_bytes),
            saved_memory_bytes: reading.map_or(0, |reading| reading.replay.saved_memory_bytes()),
        }
    }

    fn is_at_end(&self) -> bool {
        match (&self.reading, self.sources.front()) {
            (Some(reading), Some(source)) => {
                reading.offset >= source.bytes
                    && reading.asked.is_empty()
                    && reading.pieces.is_empty()
            }
            _ => false,
        }
    }

    fn next_read(&mut self) -> Option<StorageOp> {
        let (reading, source) = (self.reading.as_mut()?, self.sources.front()?);
        let is_far_ahead = reading.asked.len() + reading.pieces.len() >= PIECES_AHEAD;
        if is_far_ahead || reading.offset >= source.bytes {
            return None;
        }
        let (file, offset) = (source.path.clone(), reading.offset);
        let bytes_max = usize::try_from(source.bytes - offset).unwrap_or(PIECE_BYTES);
        let bytes_max = bytes_max.min(PIECE_BYTES);
        reading.offset += bytes_max as u64;
        Some(StorageOp::Read { file, offset, bytes_max })
    }
}

/// Bytes of a file that are loaded in one turn: some milliseconds' work.
const PIECE_BYTES: usize = 256 * 1024;

/// Pieces asked for before they are needed.
const PIECES_AHEAD: usize = 8;
