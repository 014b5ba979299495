//! SHUTDOWN and the signals: let replicas catch up, save, end.

use super::ConnId;
use super::Effect;
use super::LogLevel;
use super::Node;
use super::Signal;
use super::conn::Conn;
use super::primary::ReplicaState;
use crate::command::Outcome;
use crate::error;
use crate::resp::Args;
use crate::time::Mono;
use crate::time::Now;

/// A shutdown that has begun.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shutdown {
    /// The client that asked and gets the error if it fails.
    client: Option<ConnId>,
    save: bool,
    /// Errors do not stop it.
    force: bool,
    /// Until when replicas may catch up.
    deadline: Mono,
    saving: bool,
    /// Everything else is done; the append-only file is still to be synced.
    syncing: bool,
}

impl Node {
    pub(super) fn shutdown(&mut self, id: ConnId, args: Args<'_>) -> Outcome {
        let mut save = !self.config.save.is_empty();
        let (mut now, mut force, mut abort) = (false, false, false);
        let (mut asked_save, mut asked_nosave) = (false, false);
        for word in args.iter().skip(1) {
            match word.to_ascii_lowercase().as_slice() {
                b"save" => asked_save = true,
                b"nosave" => asked_nosave = true,
                b"now" => now = true,
                b"force" => force = true,
                b"abort" => abort = true,
                _ => return Err(error::SYNTAX),
            }
        }
        if (asked_save && asked_nosave) || (abort && args.len() > 2) {
            return Err(error::SYNTAX);
        }
        if abort {
            return self.abort_shutdown(id);
        }
        save = asked_save || (save && !asked_nosave);
        self.log(LogLevel::Warning, "User requested shutdown...");
        self.begin_shutdown(Some(id), save, now, force);
        Ok(())
    }

    /// The process was asked to end by a signal: as SHUTDOWN, saving where save points are set.
    pub fn handle_signal(&mut self, signal: Signal, now: Now) {
        self.now = now;
        let (name, options) = match signal {
            Signal::Terminate => ("SIGTERM", self.config.shutdown_on_sigterm),
            Signal::Interrupt => ("SIGINT", self.config.shutdown_on_sigint),
        };
        let save = options.save || (!self.config.save.is_empty() && !options.no_save);
        self.log(LogLevel::Warning, format!("Received {name} scheduling shutdown..."));
        self.log(LogLevel::Warning, "User requested shutdown...");
        self.begin_shutdown(None, save, options.now, options.force);
    }

    pub(super) fn shutdown_deadline(&self) -> Option<Mono> {
        self.shutdown
            .filter(|shutdown| !shutdown.saving && !shutdown.syncing)
            .map(|shutdown| shutdown.deadline)
    }

    /// Goes on with a shutdown that has begun.
    pub(super) fn advance_shutdown(&mut self) {
        let Some(shutdown) = self.shutdown else { return };
        let waits = self.now.mono < shutdown.deadline && self.has_lagging_replicas();
        // A snapshot for replicas is given up; one for a file is what is wanted anyway.
        let is_busy = shutdown.saving || shutdown.syncing;
        if is_busy || waits || (shutdown.save && self.saves.file.is_some()) {
            return;
        }
        if self.is_loading() || !shutdown.save {
            return self.end_process();
        }
        self.cancel_snapshot();
        self.shutdown = Some(Shutdown { saving: true, ..shutdown });
        self.log(LogLevel::Notice, "Saving the final RDB snapshot before exiting.");
        self.begin_save(None);
        self.timers.job = true;
    }

    /// A save ended: if it was the last one, so does the process, unless it failed.
    pub(super) fn shutdown_after_save(&mut self, failed: bool) {
        let Some(shutdown) = self.shutdown.filter(|shutdown| shutdown.saving) else { return };
        if !failed || shutdown.force {
            return self.end_process();
        }
        self.log(LogLevel::Warning, "Error trying to save the DB, can't exit.");
        self.shutdown = None;
        if let Some(id) = shutdown.client {
            self.reply(id, |reply| reply.error(&error::SHUTDOWN_FAILED));
        }
    }

    fn begin_shutdown(&mut self, client: Option<ConnId>, save: bool, now: bool, force: bool) {
        let wait_ms = match now {
            true => 0,
            false => u64::from(self.config.shutdown_timeout) * 1000,
        };
        let deadline = self.now.mono.plus_ms(wait_ms);
        self.shutdown =
            Some(Shutdown { client, save, force, deadline, saving: false, syncing: false });
    }

    fn abort_shutdown(&mut self, id: ConnId) -> Outcome {
        if self.shutdown.is_none_or(|shutdown| shutdown.saving || shutdown.syncing) {
            return Err(error::NO_SHUTDOWN);
        }
        self.shutdown = None;
        self.log(LogLevel::Notice, "Shutdown manually aborted.");
        self.reply(id, |reply| reply.ok());
        Ok(())
    }

    fn has_lagging_replicas(&self) -> bool {
        let position = self.feed.position();
        let replicas = self.replicas.iter().filter_map(|id| self.conns.find(*id));
        replicas
            .filter_map(Conn::replica)
            .any(|r| r.state == ReplicaState::Online && r.ack < position)
    }

    /// A piece of the log is written, or could not be.
    pub(super) fn shutdown_after_log(&mut self) {
        if self.shutdown.is_some_and(|shutdown| shutdown.syncing) {
            self.end_process();
        }
    }

    /// Ends once the append-only file is synced.
    fn end_process(&mut self) {
        let log = &self.feed.log;
        if let Some(shutdown) = &mut self.shutdown
            && log.is_on()
            && self.aof.failure().is_none()
            && (!log.is_written() || log.has_unsynced())
        {
            if !std::mem::replace(&mut shutdown.syncing, true) {
                self.log(LogLevel::Notice, "Calling fsync() on the AOF file.");
            }
            self.sync_log();
            return;
        }
        self.log(LogLevel::Warning, "Redis is now ready to exit, bye bye...");
        self.effects.push_back(Effect::Shutdown { status: 0 });
    }
}
