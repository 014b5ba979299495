//! When a node wants to be woken, and why.

use super::ConnId;
use super::Node;
use super::Wakeup;
use super::conn::Waiting;
use super::failover::Failover;
use crate::time::Mono;
use crate::time::Now;

/// The node's own clockwork.
#[derive(Debug, Default)]
pub(super) struct Timers {
    /// Next look at replicas, the master and save points.
    second: Option<Mono>,
    /// Seconds so counted, for periods of several.
    seconds: u64,
    /// Next round of active expiry.
    pub expiry: Option<Mono>,
    /// Background work is left over from the last turn.
    pub job: bool,
    /// Clients in DEBUG SLEEP.
    pub sleepers: Vec<(Mono, ConnId)>,
    /// `DEBUG SET-ACTIVE-EXPIRE 0`.
    pub expiry_off: bool,
    /// `DEBUG PAUSE-CRON 1`: nothing expires or is saved by itself.
    pub paused: bool,
}

impl Node {
    /// When to call [`Node::handle_timeout`] at the latest, and for what. `None`: only an input
    /// can make anything happen.
    pub fn poll_timeout(&self) -> Option<(Mono, Wakeup)> {
        let job = self.timers.job.then_some((self.now.mono, Wakeup::Job));
        let wait = self.waits.next_deadline().map(|at| (at, Wakeup::BlockedClient));
        let block = self.blocked.next_deadline().map(|at| (at, Wakeup::BlockedClient));
        let migration = self.migrations.next_deadline().map(|at| (at, Wakeup::BlockedClient));
        let sleep = self.timers.sleepers.iter().map(|(at, _)| (*at, Wakeup::BlockedClient)).min();
        let expiry = self.timers.expiry.map(|at| (at, Wakeup::ActiveExpiry));
        let idle = self.idle.next_deadline().map(|at| (at, Wakeup::IdleClient));
        let second = self.timers.second.map(|at| (at, Wakeup::Replication));
        let pause = self.pause.until().map(|at| (at, Wakeup::Unpause));
        let failover = self.failover.as_ref().and_then(Failover::deadline);
        let failover = failover.map(|at| (at, Wakeup::Replication));
        let shutdown = self.shutdown_deadline().map(|at| (at, Wakeup::Shutdown));
        [job, wait, block, migration, sleep, expiry, idle, second, pause, failover, shutdown]
            .into_iter()
            .flatten()
            .min()
    }

    /// A moment that [`Node::poll_timeout`] named has come. Early or late calls do no harm.
    pub fn handle_timeout(&mut self, now: Now) {
        self.now = now;
        let mono = now.mono;
        self.note_second();
        if self.timers.second.is_some_and(|at| at <= mono) {
            self.timers.second = Some(mono.plus_ms(SECOND_MS));
            self.timers.seconds += 1;
            self.tend_replicas(self.timers.seconds);
            self.tend_master();
            if !self.timers.paused {
                self.check_save_points();
            }
            self.check_overfull();
            self.tend_log();
        }
        if self.pause.until().is_some_and(|at| at <= mono) {
            self.unpause();
        }
        self.time_out_idle();
        self.wake_sleepers();
        self.time_out_migrations();
    }

    /// Keeps the clockwork running while there is something to watch, and stops it when not, so
    /// that an idle node sleeps.
    pub(super) fn set_timers(&mut self) {
        let now = self.now.mono;
        let watches = self.master.is_some()
            || !self.replicas.is_empty()
            || self.feed.is_open()
            || !self.overfull.is_empty()
            || self.saves.scheduled
            || self.watches_log()
            || (self.saves.changes > 0 && !self.config.save.is_empty());
        match (watches, self.timers.second) {
            (true, None) => self.timers.second = Some(now.plus_ms(SECOND_MS)),
            (false, Some(_)) => self.timers.second = None,
            _ => {}
        }
        self.timers.expiry = self.next_expiry();
    }

    fn wake_sleepers(&mut self) {
        let now = self.now.mono;
        let (awake, asleep) =
            std::mem::take(&mut self.timers.sleepers).into_iter().partition(|(at, _)| *at <= now);
        self.timers.sleepers = asleep;
        let awake: Vec<(Mono, ConnId)> = awake;
        for (_, id) in awake {
            if self.conns.find(id).is_some_and(|conn| conn.waiting == Waiting::Sleep) {
                self.reply(id, |reply| reply.ok());
                self.resume(id);
            }
        }
    }
}

pub(super) const SECOND_MS: u64 = 1000;
