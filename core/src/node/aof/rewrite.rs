//! Turning the append-only file on and off, and rewriting it: a snapshot becomes the new base.
//!
//! ```text
//! Opening   a new increment is made
//! Naming    the manifest names it
//! Writing   from here on commands go to that increment; the snapshot is of this moment
//! Placing   the base gets its name
//! Ending    a manifest takes the old one's place that names no more than the new base and increment
//! ```
//! What a manifest names is there before its first byte is written: a full disk that takes bytes again may fail
//! one operation and not the next.
//!
//! Invariant: at any moment the manifest on disk names files that replay to all that was written to
//! the log so far. What a rewrite that fails leaves behind is one increment more.

use crate::command::Outcome;
use crate::error;
use crate::node::ConnId;
use crate::node::LogLevel;
use crate::node::Node;
use crate::node::StorageDone;
use crate::node::StorageId;
use crate::node::StorageOp;
use crate::node::aof::AofState;
use crate::node::draft::Draft;
use crate::node::draft::Step;
use crate::node::sync::Target;
use crate::persist::aof::Manifest;
use crate::time::Mono;
use crate::time::Now;

/// A rewrite under way.
#[derive(Debug)]
pub(super) struct Rewrite {
    stage: Stage,
    started: Now,
    /// The base being written, and what goes before and after.
    pub draft: Draft,
    is_rdb: bool,
    /// The manifest that the operations under way put in place.
    next: Manifest,
    /// The first increment that goes on top of the base.
    since: u64,
    /// Where the stream stood at the moment the snapshot is of.
    position: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Opening,
    Naming,
    Writing,
    Placing,
    Ending,
}

/// What INFO tells of rewrites.
#[derive(Debug, Default)]
pub(in crate::node) struct RewriteStats {
    pub rewrites: u64,
    pub last_failed: bool,
    pub last_duration_s: Option<u64>,
    pub failures_in_a_row: u64,
    /// Until when no rewrite begins by itself, after failures.
    not_before: Option<Mono>,
}

impl Node {
    pub(in crate::node) fn bgrewriteaof(&mut self, id: ConnId) -> Outcome {
        if self.aof.is_rewriting() {
            return Err(error::AOF_REWRITE_IN_PROGRESS);
        }
        if self.is_snapshotting() {
            self.aof.scheduled = true;
            self.reply(id, |r| r.simple("Background append only file rewriting scheduled"));
            return Ok(());
        }
        self.begin_rewrite();
        self.reply(id, |r| r.simple("Background append only file rewriting started"));
        Ok(())
    }

    /// How long the rewrite under way has taken.
    pub(in crate::node) fn rewrite_elapsed_s(&self) -> Option<u64> {
        let started = self.aof.rewrite.as_ref()?.started.mono;
        Some(self.now.mono.since_us(started) / 1_000_000)
    }

    /// Follows `appendonly`, which CONFIG SET may have changed.
    pub(in crate::node) fn follow_appendonly(&mut self) {
        match (self.config.appendonly, self.aof.state) {
            (true, AofState::Off) => {
                self.aof.state = AofState::Beginning;
                if self.is_snapshotting() {
                    self.log(
                        LogLevel::Notice,
                        "AOF was enabled but there is already another background operation. An AOF background was scheduled to start when possible.",
                    );
                }
                self.aof.scheduled = true;
            }
            (false, AofState::Beginning | AofState::On) => self.stop_log(),
            _ => {}
        }
    }

    /// The data was replaced as a whole: the log begins anew.
    pub(in crate::node) fn restart_log(&mut self) {
        if self.aof.state != AofState::Off {
            self.stop_log();
            self.follow_appendonly();
        }
    }

    /// A rewrite was asked for while it could not begin: does it now, if it can.
    pub(in crate::node) fn begin_scheduled_rewrite(&mut self) {
        let may_begin = self.aof.scheduled && !self.is_snapshotting() && !self.is_loading();
        if may_begin && !self.rewrite_has_to_wait() {
            self.begin_rewrite();
        }
    }

    /// Whether the last rewrite has failed just now.
    fn rewrite_has_to_wait(&self) -> bool {
        self.aof.stats.not_before.is_some_and(|at| self.now.mono < at)
    }

    /// Whether the file has grown so much that it is to be rewritten.
    pub(in crate::node) fn rewrite_is_due(&self) -> bool {
        let percentage = u64::from(self.config.auto_aof_rewrite_percentage);
        let bytes = self.log_bytes();
        if self.aof.state != AofState::On
            || percentage == 0
            || bytes <= self.config.auto_aof_rewrite_min_size
        {
            return false;
        }
        self.growth_percent() >= percentage
    }

    /// Begins a rewrite that is due, unless others have just failed.
    pub(in crate::node) fn rewrite_if_due(&mut self) {
        if self.rewrite_has_to_wait() || self.is_snapshotting() || !self.rewrite_is_due() {
            return;
        }
        let growth = self.growth_percent();
        self.log(
            LogLevel::Notice,
            format!("Starting automatic rewriting of AOF on {growth}% growth"),
        );
        self.begin_rewrite();
    }

    /// The base is written out: syncs it, names it, and lets the manifest say so.
    pub(in crate::node) fn finish_rewrite_file(&mut self) {
        let Some(rewrite) = &self.aof.rewrite else { return };
        let (temporary, since, is_rdb) =
            (rewrite.draft.name.clone(), rewrite.since, rewrite.is_rdb);
        let mut next = rewrite.next.clone();
        let base = next.replace_base(self.log_names(), is_rdb, since).name.clone();
        let sync = self.storage(StorageOp::Sync { file: temporary.clone() });
        let to = self.log_path(&base);
        let rename = self.storage(StorageOp::Rename { from: temporary, to });
        if let Some(rewrite) = &mut self.aof.rewrite {
            rewrite.next = next;
        }
        self.enter(Stage::Placing, &[sync, rename]);
    }

    /// What the next manifest names is there: puts it in place.
    fn write_next_manifest(&mut self, stage: Stage) {
        let Some(next) = self.aof.rewrite.as_ref().map(|rewrite| rewrite.next.clone()) else {
            return;
        };
        let ids = self.write_manifest(&next);
        self.enter(stage, &ids);
    }

    /// A stage that is over when these operations are.
    fn enter(&mut self, stage: Stage, ids: &[StorageId]) {
        let Some(rewrite) = &mut self.aof.rewrite else { return };
        rewrite.stage = stage;
        for id in ids {
            rewrite.draft.note(*id, 0);
            rewrite.draft.ends_with(*id);
        }
    }

    /// Gives a rewrite up, if there is one.
    pub(in crate::node) fn abandon_rewrite(&mut self, reason: &str) {
        if let Some(rewrite) = &mut self.aof.rewrite {
            rewrite.draft.failure.get_or_insert_with(|| reason.to_owned());
            self.end_rewrite();
        }
    }

    /// A storage operation is done; whether it was a rewrite's.
    pub(in crate::node) fn handle_rewrite_storage(&mut self, done: &StorageDone) -> bool {
        let Some(rewrite) = &mut self.aof.rewrite else { return false };
        let step = rewrite.draft.handle(done);
        if step == Step::Foreign {
            return false;
        }
        if rewrite.draft.failure.is_some() {
            self.end_rewrite();
        } else if step == Step::Finished {
            match rewrite.stage {
                // Until there is a base for it, an increment says nothing.
                Stage::Opening if self.aof.state == AofState::On => {
                    self.write_next_manifest(Stage::Naming);
                }
                Stage::Opening | Stage::Naming => self.begin_base(),
                Stage::Writing => {}
                Stage::Placing => self.write_next_manifest(Stage::Ending),
                Stage::Ending => self.end_rewrite(),
            }
        }
        true
    }

    /// Puts a manifest in place of the one there is: four operations, the last of which does it.
    pub(in crate::node) fn write_manifest(&mut self, manifest: &Manifest) -> [StorageId; 4] {
        let names = self.log_names();
        let (from, to) = (names.temporary_manifest(), names.manifest());
        let (from, to) = (self.log_path(&from), self.log_path(&to));
        let data = manifest.encode().into_bytes().into();
        [
            self.storage(StorageOp::Create { file: from.clone() }),
            self.storage(StorageOp::Append { file: from.clone(), data }),
            self.storage(StorageOp::Sync { file: from.clone() }),
            self.storage(StorageOp::Rename { from, to }),
        ]
    }

    /// Removes what the manifest calls history, and then the mention of it; not before the last piece of
    /// it is written, which a full disk may hold up.
    pub(in crate::node) fn remove_history(&mut self) {
        let is_needed = self.feed.log.is_behind() || self.aof.rewrite.is_some();
        if self.aof.manifest.history.is_empty() || self.config.aof_disable_auto_gc || is_needed {
            return;
        }
        for file in std::mem::take(&mut self.aof.manifest.history) {
            let name = &file.name;
            self.log(
                LogLevel::Notice,
                format!("Removing the history file {name} in the background"),
            );
            let file = self.log_path(name);
            self.storage(StorageOp::Remove { file });
        }
        let manifest = self.aof.manifest.clone();
        self.write_manifest(&manifest);
    }

    fn growth_percent(&self) -> u64 {
        let base = self.aof.rewritten_bytes.max(1);
        (self.log_bytes().saturating_mul(100) / base).saturating_sub(100)
    }

    fn begin_rewrite(&mut self) {
        self.aof.scheduled = false;
        let mut next = self.aof.manifest.clone();
        let is_logging = self.aof.state != AofState::Off;
        let folder = self.config.appenddirname.clone();
        let mut ids = vec![self.storage(StorageOp::MakeFolder { folder })];
        let mut since = u64::MAX;
        if is_logging {
            let incr = next.add_incr(self.log_names());
            since = incr.seq;
            let name = incr.name;
            self.log(
                LogLevel::Notice,
                format!("Creating AOF incr file {name} on background rewrite"),
            );
            let file = self.log_path(&name);
            ids.push(self.storage(StorageOp::Create { file }));
        }
        self.log(LogLevel::Notice, "Background append only file rewriting started");
        let run_id = String::from_utf8_lossy(&self.run_id[..8]).into_owned();
        let draft = Draft::new(format!("temp-rewriteaof-bg-{run_id}.aof"));
        let is_rdb = self.config.aof_use_rdb_preamble;
        let stage = Stage::Opening;
        let started = self.now;
        let position = self.feed.position();
        self.aof.rewrite = Some(Rewrite { stage, started, draft, is_rdb, next, since, position });
        self.enter(stage, &ids);
    }

    /// The increment is there: commands go to it from this moment, which the snapshot is of.
    fn begin_base(&mut self) {
        let position = self.feed.position();
        let Some(rewrite) = &mut self.aof.rewrite else { return };
        rewrite.stage = Stage::Writing;
        rewrite.position = position;
        let incr = rewrite.next.incrs.last().map(|file| file.name.clone());
        let file = rewrite.draft.name.clone();
        match self.aof.state {
            AofState::Off => {}
            state => {
                if state == AofState::On {
                    self.aof.manifest = rewrite.next.clone();
                }
                self.aof.settled_bytes += self.feed.log.file_bytes();
                let path = self.log_path(&incr.unwrap_or_default());
                self.feed.log.open(path, position);
                self.apply_log_settings();
            }
        }
        let create = self.storage(StorageOp::Create { file });
        if let Some(draft) = self.aof.draft() {
            draft.note(create, 0);
        }
        self.begin_job(Target::Log);
        self.timers.job = true;
    }

    fn end_rewrite(&mut self) {
        let Some(rewrite) = self.aof.rewrite.take() else { return };
        let elapsed_us = self.now.mono.since_us(rewrite.started.mono);
        self.aof.stats.last_duration_s = Some(elapsed_us / 1_000_000);
        self.aof.stats.rewrites += 1;
        self.aof.stats.last_failed = rewrite.draft.failure.is_some();
        match &rewrite.draft.failure {
            Some(reason) => self.rewrite_failed(&rewrite, reason),
            None => self.rewrite_succeeded(rewrite),
        }
        self.begin_waiting_save();
    }

    fn rewrite_failed(&mut self, rewrite: &Rewrite, reason: &str) {
        self.log(LogLevel::Warning, format!("Background AOF rewrite failed: {reason}"));
        self.forget_rewrite_job();
        self.aof.manifest.skip_numbers_of(&rewrite.next);
        self.storage(StorageOp::Remove { file: rewrite.draft.name.clone() });
        let stats = &mut self.aof.stats;
        stats.failures_in_a_row += 1;
        let over = stats.failures_in_a_row.saturating_sub(FAILURES_BEFORE_WAITING);
        let minutes = (1u64 << over.min(6)).min(WAIT_MINUTES_MAX);
        let wait_ms = if over > 0 { minutes * MINUTE_MS } else { RETRY_MS };
        stats.not_before = Some(self.now.mono.plus_ms(wait_ms));
        if self.aof.state == AofState::Beginning {
            // What was gathered belongs to no base.
            self.close_log();
            self.aof.scheduled = true;
        }
    }

    fn rewrite_succeeded(&mut self, rewrite: Rewrite) {
        self.log(LogLevel::Notice, "Background AOF rewrite terminated with success");
        self.aof.stats.failures_in_a_row = 0;
        self.aof.stats.not_before = None;
        self.aof.manifest = rewrite.next;
        self.aof.settled_bytes = rewrite.draft.bytes();
        self.aof.rewritten_bytes = self.log_bytes();
        if self.aof.state == AofState::Beginning {
            self.aof.state = AofState::On;
            let synced = self.feed.log.synced_position().max(Some(rewrite.position));
            self.feed.log.note_synced(synced);
        }
        self.remove_history();
        self.log(LogLevel::Notice, "Background AOF rewrite finished successfully");
    }

    /// Turns the append-only file off. Its files stay as they are.
    fn stop_log(&mut self) {
        self.aof.state = AofState::Off;
        self.aof.scheduled = false;
        self.abandon_rewrite("the append-only file was turned off");
        self.close_log();
        if !self.config.appendonly {
            self.end_local_waits();
        }
    }

    fn close_log(&mut self) {
        self.aof.settled_bytes += self.feed.log.file_bytes();
        let position = self.feed.position();
        self.feed.log.close(position);
        self.apply_log_settings();
    }
}

/// After so many failures in a row rewrites begin by themselves less and less often.
const FAILURES_BEFORE_WAITING: u64 = 3;
const WAIT_MINUTES_MAX: u64 = 60;
const MINUTE_MS: u64 = 60_000;
const RETRY_MS: u64 = 1_000;
