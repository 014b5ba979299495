//! How often each command ran, how long it took, and what is remembered of the slow ones.
//!
//! The engine has no clock: a shell that has one lends it as a [`Stopwatch`]. It is read once a
//! command, at its end: where a batch of requests goes on, a command begins when the one before it
//! ends. In a simulation it stands still, and only time that is made up counts (DEBUG SLEEP). Beside reports, it
//! says when a connection whose commands take long has had its turn (`input.rs`).
//!
//! Reading a clock takes a tenth of the time of a short command. So of commands that by their nature
//! take a short time, those that follow each other in a pipeline are timed together, each with the
//! same share, unless such short times are asked for (`slowlog-log-slower-than` below a millisecond).

use super::ConnId;
use super::Node;
use super::redact::visible;
use crate::command::spec::Flags;
use crate::command::table;
use crate::command::table::Entry;
use crate::config::Config;
use crate::data::Histogram;
use crate::resp::Args;
use crate::time::Stopwatch;

#[derive(Debug)]
pub(super) struct Meter {
    stopwatch: Stopwatch,
    /// When what ran last ended.
    lap_ns: u64,
    /// What the command under way takes beside the time that passes.
    made_up_ns: u64,
    /// Durations from which a command is looked at more closely.
    notable_ns: u64,
    /// `latency-tracking`.
    tracks: bool,
    /// More requests than one are being run.
    is_batch: bool,
    /// Calls of one command since `lap_ns` that are not in its tally yet.
    run: Option<Run>,
    /// By [`Entry::id`].
    tallies: Box<[Tally]>,
}

#[derive(Clone, Copy, Debug)]
struct Run {
    id: u16,
    calls: u64,
}

/// What a command has come to since the start or CONFIG RESETSTAT.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    /// It takes the same short time whatever it is asked.
    is_short: bool,
    pub calls: u64,
    pub ns: u64,
    /// It was not let run.
    pub rejected: u64,
    /// It ran and answered with an error.
    pub failed: u64,
    pub histogram: Histogram,
}

impl Meter {
    pub fn new(config: &Config) -> Self {
        let mut meter = Self {
            stopwatch: Stopwatch::STOPPED,
            lap_ns: 0,
            made_up_ns: 0,
            notable_ns: u64::MAX,
            tracks: false,
            is_batch: false,
            run: None,
            tallies: fresh_tallies(),
        };
        meter.configure(config);
        meter
    }

    /// Follows the settings.
    pub fn configure(&mut self, config: &Config) {
        let slow_ns = config.slowlog_log_slower_than.try_into().map_or(u64::MAX, us_to_ns);
        let latency_ns = match config.latency_monitor_threshold {
            0 => u64::MAX,
            ms => us_to_ns(ms.saturating_mul(1000)),
        };
        self.notable_ns = slow_ns.min(latency_ns);
        self.tracks = config.latency_tracking;
    }

    /// What runs next begins now.
    #[inline]
    pub fn start(&mut self) {
        let now_ns = self.stopwatch.nanoseconds();
        if let Some(run) = self.run.take() {
            self.end_run(run, now_ns);
        }
        self.lap_ns = now_ns;
    }

    /// A command begins: when what ran before it ended.
    #[inline]
    pub fn begin(&mut self, entry: &Entry) -> u64 {
        if self.run.is_some_and(|run| run.id != entry.id) {
            self.start();
        }
        self.lap_ns
    }

    /// So many requests are run one after the other from now on.
    /// When they begin.
    pub fn begin_batch(&mut self, requests: usize) -> u64 {
        self.start();
        self.is_batch = requests > 1 && self.notable_ns >= TIMED_TOGETHER_NS;
        self.lap_ns
    }

    /// Whether the command that ran last ended after this.
    #[inline]
    pub fn is_past(&self, until_ns: Option<u64>) -> bool {
        until_ns.is_some_and(|until_ns| self.lap_ns >= until_ns)
    }

    pub fn end_batch(&mut self) {
        self.is_batch = false;
        if self.run.is_some() {
            self.start();
        }
    }

    /// The command under way takes this long besides.
    pub fn make_up(&mut self, us: u64) {
        self.made_up_ns = us_to_ns(us);
    }

    /// Counts a command that ran since `began_ns`; how long it took if that is notable.
    #[inline]
    fn count(&mut self, entry: &Entry, began_ns: u64, failed: bool) -> Option<u64> {
        let tally = self.tallies.get_mut(usize::from(entry.id))?;
        tally.failed += u64::from(failed);
        if self.is_batch && tally.is_short {
            let calls = self.run.map_or(0, |run| run.calls);
            self.run = Some(Run { id: entry.id, calls: calls + 1 });
            return None;
        }
        self.start();
        let ns = self.lap_ns.saturating_sub(began_ns) + std::mem::take(&mut self.made_up_ns);
        self.add(entry.id, 1, ns);
        (ns >= self.notable_ns).then_some(ns)
    }

    fn end_run(&mut self, run: Run, now_ns: u64) {
        self.add(run.id, run.calls, now_ns.saturating_sub(self.lap_ns));
    }

    /// Adds calls that took so long together.
    fn add(&mut self, id: u16, calls: u64, ns: u64) {
        let Some(tally) = self.tallies.get_mut(usize::from(id)) else { return };
        tally.calls += calls;
        tally.ns += ns;
        if self.tracks {
            tally.histogram.record(ns / calls.max(1), calls);
        }
    }

    pub fn count_rejected(&mut self, entry: &Entry) {
        if let Some(tally) = self.tallies.get_mut(usize::from(entry.id)) {
            tally.rejected += 1;
        }
    }

    /// Every command with its tally, in the order of the table.
    pub fn tallies(&self) -> impl Iterator<Item = (&'static Entry, &Tally)> {
        table::entries().iter().zip(&self.tallies)
    }

    pub fn tally(&self, entry: &Entry) -> Option<&Tally> {
        self.tallies.get(usize::from(entry.id))
    }

    pub fn reset(&mut self) {
        self.tallies = fresh_tallies();
    }
}

impl Node {
    /// Lends the node a clock to measure its commands by.
    #[must_use]
    pub fn timed_by(mut self, stopwatch: Stopwatch) -> Self {
        self.meter.stopwatch = stopwatch;
        self
    }

    /// A command ran, from `began_ns` on: counts it, and tells those who follow commands.
    #[inline]
    pub(super) fn note_run(
        &mut self,
        id: ConnId,
        entry: &'static Entry,
        args: Args<'_>,
        began_ns: u64,
        failed: bool,
    ) {
        if let Some(ns) = self.meter.count(entry, began_ns, failed) {
            self.note_slow(id, entry, args, ns / 1000);
        }
        if !self.monitors.is_empty() && !self.blocked.is_rerun() {
            self.tell_monitors(id, entry, args);
        }
    }

    /// A command waits: it is counted when it is over. Those who follow commands see it now.
    pub(super) fn note_waiting(&mut self, id: ConnId, entry: &'static Entry, args: Args<'_>) {
        self.meter.start();
        if !self.monitors.is_empty() && !self.blocked.is_rerun() {
            self.tell_monitors(id, entry, args);
        }
    }

    /// A command that waited ended without being run again.
    pub(super) fn note_given_up(&mut self, entry: &Entry, failed: bool) {
        let began_ns = self.meter.stopwatch.nanoseconds();
        self.meter.count(entry, began_ns, failed);
    }

    #[cold]
    fn note_slow(&mut self, id: ConnId, entry: &Entry, args: Args<'_>, us: u64) {
        let is_slow = u64::try_from(self.config.slowlog_log_slower_than).is_ok_and(|at| us >= at);
        if is_slow && !entry.command.flags.has(Flags::SKIP_SLOWLOG) {
            let args = visible(entry, args);
            let conn = self.conns.find(id);
            let (peer, name) =
                conn.map(|conn| (conn.peer.clone(), conn.name.clone())).unwrap_or_default();
            let at_s = self.now.wall.as_secs();
            self.slowlog.push(at_s, us, &args, (peer, name), self.config.slowlog_max_len);
        }
        let fast = entry.command.flags.has(Flags::FAST);
        self.note_latency(if fast { "fast-command" } else { "command" }, us / 1000);
    }

    /// Does some work of the node's own, and notes if it took long.
    pub(super) fn timed<T>(&mut self, event: &'static str, work: impl FnOnce(&mut Self) -> T) -> T {
        if self.config.latency_monitor_threshold == 0 {
            return work(self);
        }
        let began_ns = self.meter.stopwatch.nanoseconds();
        let outcome = work(self);
        let ns = self.meter.stopwatch.nanoseconds().saturating_sub(began_ns);
        self.note_latency(event, ns / 1_000_000);
        outcome
    }

    /// Something took so long.
    pub(super) fn note_latency(&mut self, event: &'static str, ms: u64) {
        let threshold = self.config.latency_monitor_threshold;
        if threshold > 0 && ms >= threshold {
            self.latency.add(event, self.now.wall.as_secs(), ms);
        }
    }
}

fn fresh_tallies() -> Box<[Tally]> {
    let is_short = |entry: &Entry| entry.command.complexity == "O(1)";
    let fresh = |entry| Tally { is_short: is_short(entry), ..Tally::default() };
    table::entries().iter().map(fresh).collect()
}

/// Where nothing below this is notable, short commands are timed together.
const TIMED_TOGETHER_NS: u64 = 1_000_000;

const fn us_to_ns(us: u64) -> u64 {
    us.saturating_mul(1000)
}
