//! Counters that INFO shows and CONFIG RESETSTAT clears.

use crate::data::Ordered;
use crate::error::CommandError;
use crate::time::Mono;

/// What has happened since the start or the last reset.
#[derive(Clone, Debug, Default)]
pub(super) struct Stats {
    pub connections: u64,
    pub rejected: u64,
    pub commands: u64,
    pub net_in: u64,
    pub net_out: u64,
    /// Of the above, what went over replication links.
    pub repl_in: u64,
    pub repl_out: u64,
    pub reads: u64,
    pub writes: u64,
    pub errors: u64,
    pub error_kinds: Ordered<Box<[u8]>, u64>,
    /// Keys evicted because memory was short.
    pub evicted: u64,
    /// Clients closed because all of them, their requests or their replies took too much memory.
    pub evicted_clients: u64,
    pub query_limit_closed: u64,
    pub output_limit_closed: u64,
    pub sync_full: u64,
    pub sync_partial_ok: u64,
    pub sync_partial_err: u64,
    /// When and at which counts the rates below were taken.
    taken: Sample,
    rates: Rates,
}

/// Counts at one moment.
#[derive(Clone, Copy, Debug, Default)]
struct Sample {
    at: Mono,
    commands: u64,
    net_in: u64,
    net_out: u64,
    repl_in: u64,
    repl_out: u64,
}

/// Counts a second.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Rates {
    pub commands: u64,
    pub net_in: u64,
    pub net_out: u64,
    pub repl_in: u64,
    pub repl_out: u64,
}

impl Stats {
    /// Bytes of a connection were taken in.
    pub fn count_read(&mut self, len: usize, from_master: bool) {
        self.reads += 1;
        self.net_in += len as u64;
        if from_master {
            self.repl_in += len as u64;
        }
    }

    /// An error was replied. Kinds are the first words of error texts; a bounded number of them is
    /// told apart.
    pub fn count_error(&mut self, error: &CommandError) {
        self.errors += 1;
        let kind = error.text().split(|byte| *byte == b' ').next().unwrap_or_default();
        if let Some(count) = self.error_kinds.find_mut(kind) {
            *count += 1;
        } else if self.error_kinds.len() < ERROR_KINDS_MAX {
            self.error_kinds.insert(kind.into(), 1);
        }
    }

    /// How much happened a second, over the time before [`Stats::take_rates`].
    pub fn latest_rates(&self) -> Rates {
        self.rates
    }

    /// Takes the rates of the time since they were last taken. Within one second they stay as they
    /// are, so that several observers don't rob each other of their interval.
    pub fn take_rates(&mut self, now: Mono) {
        let elapsed_us = now.since_us(self.taken.at);
        if elapsed_us < 1_000_000 {
            return;
        }
        let before = self.taken;
        let per_second = |now: u64, before: u64| {
            let rate = u128::from(now.saturating_sub(before)) * 1_000_000 / u128::from(elapsed_us);
            u64::try_from(rate).unwrap_or(u64::MAX)
        };
        self.rates = Rates {
            commands: per_second(self.commands, before.commands),
            net_in: per_second(self.net_in, before.net_in),
            net_out: per_second(self.net_out, before.net_out),
            repl_in: per_second(self.repl_in, before.repl_in),
            repl_out: per_second(self.repl_out, before.repl_out),
        };
        self.taken = Sample {
            at: now,
            commands: self.commands,
            net_in: self.net_in,
            net_out: self.net_out,
            repl_in: self.repl_in,
            repl_out: self.repl_out,
        };
    }
}

/// Kinds of errors that are counted apart: a client can't make the table grow without end.
const ERROR_KINDS_MAX: usize = 128;

#[cfg(test)]
mod tests {
    use super::Mono;
    use super::Stats;
    use crate::error;

    #[test]
    fn errors_are_counted_by_their_first_word() {
        let mut stats = Stats::default();
        stats.count_error(&error::SYNTAX);
        stats.count_error(&error::NO_SUCH_KEY);
        stats.count_error(&error::WRONG_TYPE);
        let kinds: Vec<_> = stats.error_kinds.iter().map(|(kind, n)| (&kind[..], *n)).collect();
        assert_eq!((stats.errors, kinds), (3, vec![(&b"ERR"[..], 2), (b"WRONGTYPE", 1)]));
    }

    #[test]
    fn rates_are_of_the_time_since_they_were_last_taken() {
        let mut stats = Stats { commands: 10, ..Stats::default() };
        for (at_us, commands, rate) in
            [(2_000_000, 10, 5), (2_500_000, 1_000, 5), (4_000_000, 1_000, 495)]
        {
            stats.commands = commands;
            stats.take_rates(Mono::from_us(at_us));
            assert_eq!(stats.latest_rates().commands, rate);
        }
    }
}
