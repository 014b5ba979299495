//! The append-only file of a running node: what is gathered in a turn is written at its end, synced
//! as `appendfsync` says, and rewritten when it has grown.
//!
//! With `always` replies wait for their piece of the log ([`gate`]), and a failure ends the process,
//! as in Redis: what was promised can't be kept. With `everysec` and `no` a failure stops writes
//! until the disk takes them again.

mod gate;
mod log;
mod rewrite;

use super::ConnId;
use super::Effect;
use super::LogLevel;
use super::Node;
use super::StorageDone;
use super::conn::Waiting;
use super::draft::Draft;
use crate::command::Outcome;
use crate::config::AppendFsync;
use crate::error;
use crate::limits;
use crate::persist::aof::Manifest;
use crate::persist::aof::Names;
use crate::resp::Args;

pub(super) use log::Log;

use gate::Gates;
use rewrite::Rewrite;
use rewrite::RewriteStats;

/// What a node knows of its append-only file.
#[derive(Debug, Default)]
pub(super) struct Aof {
    pub state: AofState,
    pub manifest: Manifest,
    rewrite: Option<Rewrite>,
    /// A rewrite is to begin as soon as no other snapshot is under way.
    pub scheduled: bool,
    pub stats: RewriteStats,
    /// Bytes of the base, and of the increments that no longer grow.
    pub settled_bytes: u64,
    /// Bytes of all files after the last rewrite, or at the start.
    pub rewritten_bytes: u64,
    /// `appendfsync always`: replies go through gates.
    holds_replies: bool,
    gates: Gates,
    /// A second is over in which something was not synced.
    sync_due: bool,
    /// Why the last write or sync failed, until one succeeds.
    failure: Option<String>,
    /// Connections whose next command may write, while the disk does not keep up.
    stalled: Vec<ConnId>,
    /// DEBUG LOADAOF's client, until everything is written.
    reloader: Option<ConnId>,
}

/// Whether the append-only file is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum AofState {
    #[default]
    Off,
    /// It was turned on; its first base is not in place yet.
    Beginning,
    On,
}

impl Aof {
    pub fn is_rewriting(&self) -> bool {
        self.rewrite.is_some()
    }

    pub fn draft(&mut self) -> Option<&mut Draft> {
        self.rewrite.as_mut().map(|rewrite| &mut rewrite.draft)
    }

    /// What of the base being written is not known to be on disk.
    pub fn bytes_under_way(&self) -> usize {
        self.rewrite.as_ref().map_or(0, |rewrite| rewrite.draft.bytes_under_way())
    }

    /// Why writes are refused, if they are.
    pub fn failure(&self) -> Option<&str> {
        self.failure.as_deref()
    }
}

impl Node {
    /// A file of the log by its path in the node's directory.
    pub(super) fn log_path(&self, name: &str) -> String {
        format!("{}/{name}", self.config.appenddirname)
    }

    pub(super) fn log_names(&self) -> Names<'_> {
        Names { stem: &self.config.appendfilename }
    }

    /// `aof_current_size`.
    pub(super) fn log_bytes(&self) -> u64 {
        self.aof.settled_bytes + self.feed.log.file_bytes()
    }

    /// The stream up to here is on disk; `None` if the append-only file does not say.
    pub(super) fn synced_position(&self) -> Option<u64> {
        match self.aof.state {
            AofState::On => self.feed.log.synced_position(),
            AofState::Off | AofState::Beginning => None,
        }
    }

    /// DEBUG LOADAOF: all data goes, and what the append-only file says comes, once all is written.
    pub(super) fn debug_load_aof(&mut self, id: ConnId, _args: Args<'_>) -> Outcome {
        if self.aof.state != AofState::On || self.is_snapshotting() {
            return Err(error::LOAD_FAILED);
        }
        if let Some(conn) = self.conns.find_mut(id) {
            conn.waiting = Waiting::Load;
        }
        self.is_loading = true;
        self.aof.reloader = Some(id);
        self.reload_if_written();
        Ok(())
    }

    fn reload_if_written(&mut self) {
        if !self.feed.log.is_written() {
            return;
        }
        let Some(id) = self.aof.reloader.take() else { return };
        for db in 0..self.store.databases() {
            self.store.flush(db);
        }
        self.begin_load(Some(id));
    }

    /// The settings have changed, or the file was turned on.
    pub(super) fn apply_log_settings(&mut self) {
        let holds = self.config.appendfsync == AppendFsync::Always && self.feed.log.is_on();
        if self.aof.holds_replies && !holds {
            self.open_gates();
        }
        self.aof.holds_replies = holds;
        self.note_second();
    }

    /// A turn begins, or the settings have changed: requests are annotated with this second.
    pub(super) fn note_second(&mut self) {
        let second = self.config.aof_timestamp_enabled.then(|| self.now.wall.as_secs());
        self.feed.log.set_second(second);
    }

    /// Sends what the turn has gathered to the disk, unless that is busy with what came before.
    pub(super) fn flush_log(&mut self) {
        if self.feed.log.is_busy() {
            self.send_log();
        }
        if self.aof.holds_replies {
            self.hold_replies();
        }
        self.resume_stalled();
    }

    /// The disk may have caught up: lets those go on who waited for that.
    fn resume_stalled(&mut self) {
        if !self.aof.stalled.is_empty() && !self.log_is_behind() {
            for id in std::mem::take(&mut self.aof.stalled) {
                self.resume(id);
            }
        }
    }

    /// Whether so much waits for the disk, or so long, that commands that write have to wait as well. A
    /// disk that fails is no slow one: writes are refused then.
    pub(super) fn log_is_behind(&self) -> bool {
        let log = &self.feed.log;
        log.unwritten_bytes() > limits::LOG_BYTES_WAITING_MAX
            || (self.aof.failure.is_none()
                && log.has_waited(self.now.mono, limits::LOG_WAITS_US_MAX))
    }

    /// Leaves a request in its buffer until the disk has caught up.
    pub(super) fn hold_for_log(&mut self, id: ConnId) {
        if let Some(conn) = self.conns.find_mut(id) {
            conn.waiting = Waiting::Disk;
            self.aof.stalled.push(id);
        }
    }

    /// Whether replies wait for what this turn has gathered to be synced: the more requests a shell has
    /// run before it ends the turn, the more share the sync.
    pub fn awaits_sync(&self) -> bool {
        let log = &self.feed.log;
        self.aof.holds_replies && !log.is_written() && !log.has_piece_under_way()
    }

    /// Whether the log needs to be looked at each second.
    pub(super) fn watches_log(&self) -> bool {
        let policy = self.config.appendfsync;
        let syncs = policy != AppendFsync::No && self.feed.log.has_unsynced();
        let has_history = !self.aof.manifest.history.is_empty() && !self.config.aof_disable_auto_gc;
        let has_work = self.aof.failure.is_some() || self.aof.scheduled || has_history;
        has_work || syncs || self.rewrite_is_due()
    }

    /// Each second: syncs what `everysec` is to sync, and tries again what has failed.
    pub(super) fn tend_log(&mut self) {
        if let Some(op) = self.feed.log.retry_op() {
            let id = self.storage(op);
            self.feed.log.sent(id);
        }
        self.aof.sync_due |=
            self.config.appendfsync == AppendFsync::EverySecond && self.feed.log.has_unsynced();
        self.remove_history();
        self.rewrite_if_due();
    }

    /// A storage operation is done; whether it was the log's.
    pub(super) fn handle_log_storage(&mut self, done: &StorageDone) -> bool {
        if !self.feed.log.is_waiting_for(done.id) {
            return false;
        }
        match &done.outcome {
            Ok(_) => self.note_written(),
            Err(reason) => self.note_failure(reason),
        }
        true
    }

    /// Whatever the policy, the next piece is synced.
    pub(super) fn sync_log(&mut self) {
        self.aof.sync_due = true;
        self.send_log();
    }

    fn send_log(&mut self) {
        let spared = self.config.no_appendfsync_on_rewrite && self.is_snapshotting();
        let due = self.aof.holds_replies || std::mem::take(&mut self.aof.sync_due);
        let position = self.feed.position();
        if let Some(op) = self.feed.log.next_op(due && !spared, position, self.now.mono) {
            let id = self.storage(op);
            self.feed.log.sent(id);
        }
    }

    fn note_written(&mut self) {
        self.feed.log.done();
        if self.aof.failure.take().is_some() {
            let text = "AOF write error looks solved. The server can write again.";
            self.log(LogLevel::Warning, text);
        }
        if self.aof.holds_replies {
            self.release_replies();
        }
        self.reload_if_written();
        self.shutdown_after_log();
    }

    fn note_failure(&mut self, reason: &str) {
        let is_sync = self.feed.log.failed();
        let what =
            if is_sync { "Fail to fsync the AOF file" } else { "Error writing to the AOF file" };
        if self.aof.failure.is_none() {
            self.log(LogLevel::Warning, format!("{what}: {reason}"));
        }
        self.aof.failure = Some(reason.to_owned());
        if self.aof.holds_replies {
            self.log(
                LogLevel::Warning,
                "Can't recover from AOF write error when the AOF fsync policy is 'always'. Exiting...",
            );
            self.effects.push_back(Effect::Shutdown { status: 1 });
        }
        self.shutdown_after_log();
    }
}
