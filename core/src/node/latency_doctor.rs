//! LATENCY DOCTOR: what was slow, and what may help, in words.

use std::fmt::Write;

use super::ConnId;
use super::Node;
use super::latency::Series;
use crate::command::Outcome;

impl Node {
    pub(super) fn latency_doctor(&mut self, id: ConnId) -> Outcome {
        let text = match (self.config.latency_monitor_threshold, self.latency.series()) {
            (0, _) => DISABLED.to_owned(),
            (_, []) => NOTHING_SLOW.to_owned(),
            (_, all) => report(all, self.config.slowlog_log_slower_than),
        };
        self.reply(id, |reply| reply.verbatim(b"txt", text.as_bytes()));
        Ok(())
    }
}

fn report(all: &[Series], slowlog_us: i64) -> String {
    let mut text = String::from("Work that took longer than latency-monitor-threshold:\n\n");
    for (at, series) in all.iter().enumerate() {
        let Figures { count, mean, deviation, period_s } = Figures::of(series);
        // Writing to a String can't fail.
        let _ = writeln!(
            text,
            "{}. {}: {count} latency spikes (average {mean}ms, mean deviation {deviation}ms, one in \
             {period_s} sec). Worst all time event {}ms.",
            at + 1,
            series.event,
            series.worst_ms,
        );
    }
    text.push_str("\nWhat may help:\n\n");
    for advice in advice(all, slowlog_us) {
        let _ = writeln!(text, "- {advice}");
    }
    text
}

/// What can be said of samples as a whole.
struct Figures {
    count: u64,
    mean: u64,
    deviation: u64,
    period_s: i64,
}

impl Figures {
    fn of(series: &Series) -> Self {
        let count = series.samples.len().max(1) as u64;
        let mean = series.samples.iter().map(|(_, ms)| ms).sum::<u64>() / count;
        let off = series.samples.iter().map(|(_, ms)| ms.abs_diff(mean)).sum::<u64>();
        let span_s = match (series.samples.front(), series.samples.back()) {
            (Some((first, _)), Some((last, _))) => last.saturating_sub(*first),
            _ => 0,
        };
        let period_s = span_s / i64::try_from(count).unwrap_or(i64::MAX);
        Self { count, mean, deviation: off / count, period_s }
    }
}

fn advice(all: &[Series], slowlog_us: i64) -> Vec<&'static str> {
    let any = |event| all.iter().any(|series| series.event == event);
    let mut advice = Vec::new();
    if any("command") {
        advice.push(match slowlog_us {
            ..0 => {
                "Set slowlog-log-slower-than, for the slow log to name the commands that are slow."
            }
            _ => "SLOWLOG GET names the commands that were slow: look for a cheaper way to ask.",
        });
        advice.push(LARGE_VALUES);
    }
    if any("fast-command") {
        advice.push(MACHINE);
    }
    advice
}

const DISABLED: &str = "Nothing is watched: latency is noted once CONFIG SET latency-monitor-threshold \
<milliseconds> says from when on it is worth noting.\n";
const NOTHING_SLOW: &str = "Nothing has taken as long as latency-monitor-threshold since the start, or \
since LATENCY RESET.\n";
const LARGE_VALUES: &str = "A command that reads or changes all of a large value takes as long as the \
value is large: ask for parts of it, or spread it over several keys.";
const MACHINE: &str = "Commands that are fast by themselves were slow: see whether the machine has \
processors and memory to spare, and whether it swaps.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_sum_up_the_samples() {
        let samples = [(10, 3), (12, 12), (14, 30), (16, 15)].into();
        let figures = Figures::of(&Series { event: "command", samples, worst_ms: 99 });
        let Figures { count, mean, deviation, period_s } = figures;
        assert_eq!((count, mean, deviation, period_s), (4, 15, 7, 1));
        let series = Series { event: "fast-command", samples: [(1, 5)].into(), worst_ms: 7 };
        let text = report(&[series], -1);
        assert!(text.contains("1. fast-command: 1 latency spikes (average 5ms"), "{text}");
        assert!(text.contains("Worst all time event 7ms.") && text.contains(MACHINE), "{text}");
    }
}
