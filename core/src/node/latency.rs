//! LATENCY: when something took as long as `latency-monitor-threshold` says, and how long all
//! commands take.

use std::collections::VecDeque;

use super::ConnId;
use super::Node;
use super::spark;
use crate::command::Outcome;
use crate::command::table;
use crate::command::table::Entry;
use crate::error;
use crate::resp::Args;

/// What took long, by the kind of work it was. Kinds are words of the engine's own, so that there
/// are few.
#[derive(Debug, Default)]
pub(super) struct Latency {
    series: Vec<Series>,
}

#[derive(Debug)]
pub(super) struct Series {
    pub event: &'static str,
    /// Seconds of the wall clock and milliseconds taken, oldest first; one for each second.
    pub samples: VecDeque<(i64, u64)>,
    /// The most that it ever took.
    pub worst_ms: u64,
}

impl Latency {
    pub fn add(&mut self, event: &'static str, at_s: i64, ms: u64) {
        let known = self.series.iter().position(|series| series.event == event);
        let at = known.unwrap_or_else(|| {
            self.series.push(Series { event, samples: VecDeque::new(), worst_ms: 0 });
            self.series.len() - 1
        });
        let Some(series) = self.series.get_mut(at) else { return };
        series.worst_ms = series.worst_ms.max(ms);
        match series.samples.back_mut() {
            Some((last_s, last_ms)) if *last_s == at_s => *last_ms = ms.max(*last_ms),
            _ => {
                series.samples.push_back((at_s, ms));
                if series.samples.len() > SAMPLES_MAX {
                    series.samples.pop_front();
                }
            }
        }
    }

    pub fn series(&self) -> &[Series] {
        &self.series
    }

    fn find(&self, event: &[u8]) -> Option<&Series> {
        self.series.iter().find(|series| series.event.as_bytes() == event)
    }
}

impl Node {
    pub(super) fn latency_latest(&mut self, id: ConnId) -> Outcome {
        let latency = std::mem::take(&mut self.latency);
        self.reply(id, |reply| {
            reply.array(latency.series.len());
            for series in &latency.series {
                let (at_s, ms) = series.samples.back().copied().unwrap_or_default();
                reply.array(4);
                reply.bulk(series.event.as_bytes());
                reply.integer(at_s);
                for ms in [ms, series.worst_ms] {
                    reply.integer(ms.try_into().unwrap_or(i64::MAX));
                }
            }
        });
        self.latency = latency;
        Ok(())
    }

    pub(super) fn latency_history(&mut self, id: ConnId, args: Args<'_>) -> Outcome {
        let found = self.latency.find(args.at(2));
        let samples = found.map(|series| series.samples.clone()).unwrap_or_default();
        self.reply(id, |reply| {
            reply.array(samples.len());
            for (at_s, ms) in samples {
                reply.array(2);
                reply.integer(at_s);
                reply.integer(ms.try_into().unwrap_or(i64::MAX));
            }
        });
        Ok(())
    }

    pub(super) fn latency_graph(&mut self, id: ConnId, args: Args<'_>) -> Outcome {
        let series = self.latency.find(args.at(2));
        let series = series.ok_or_else(|| error::no_latency_samples(args.at(2)))?;
        let text = graph(series, self.now.wall.as_secs());
        self.reply(id, |reply| reply.verbatim(b"txt", text.as_bytes()));
        Ok(())
    }

    pub(super) fn latency_reset(&mut self, id: ConnId, args: Args<'_>) -> Outcome {
        let names = args.from(2);
        let before = self.latency.series.len();
        let goes = |series: &Series| {
            let mut names = names.iter();
            names.len() == 0 || names.any(|name| name == series.event.as_bytes())
        };
        self.latency.series.retain(|series| !goes(series));
        let gone = before - self.latency.series.len();
        self.reply(id, |reply| reply.count(gone));
        Ok(())
    }

    pub(super) fn latency_histogram(&mut self, id: ConnId, args: Args<'_>) -> Outcome {
        let names = args.from(2);
        let entries: Vec<&Entry> = match names.is_empty() {
            true => table::entries().iter().collect(),
            false => names.iter().filter_map(table::find).flat_map(with_subcommands).collect(),
        };
        let shown: Vec<_> = entries
            .into_iter()
            .filter_map(|entry| Some((entry.full_name(), &self.meter.tally(entry)?.histogram)))
            .filter(|(_, histogram)| histogram.total() > 0)
            .map(|(name, histogram)| (name.to_string(), histogram.total(), histogram.doublings()))
            .collect();
        let integer = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        self.reply(id, |reply| {
            reply.map(shown.len());
            for (name, calls, steps) in &shown {
                reply.bulk(name.as_bytes());
                reply.map(2);
                reply.bulk(b"calls");
                reply.integer(integer(*calls));
                reply.bulk(b"histogram_usec");
                reply.map(steps.len());
                for (us, count) in steps {
                    reply.integer(integer(*us));
                    reply.integer(integer(*count));
                }
            }
        });
        Ok(())
    }
}

/// A command, and what belongs to it if it is a container.
fn with_subcommands(entry: &'static Entry) -> impl Iterator<Item = &'static Entry> {
    std::iter::once(entry).chain(entry.subcommands())
}

fn graph(series: &Series, now_s: i64) -> String {
    let values = || series.samples.iter().map(|(_, ms)| *ms);
    let (high, low) = (values().max().unwrap_or(0), values().min().unwrap_or(0));
    let (event, worst) = (series.event, series.worst_ms);
    let bars: Vec<(u64, String)> =
        series.samples.iter().map(|(at_s, ms)| (*ms, ago(now_s.saturating_sub(*at_s)))).collect();
    format!(
        "{event} - high {high} ms, low {low} ms (all time high {worst} ms)\n{}\n{}",
        "-".repeat(spark::COLUMNS),
        spark::draw(&bars),
    )
}

/// How long ago, in the largest unit that makes a whole number of it.
fn ago(seconds: i64) -> String {
    match seconds {
        ..60 => format!("{seconds}s"),
        60..3600 => format!("{}m", seconds / 60),
        3600..86_400 => format!("{}h", seconds / 3600),
        _ => format!("{}d", seconds / 86_400),
    }
}

/// Samples kept of each kind of work.
const SAMPLES_MAX: usize = 160;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_keeps_its_worst() {
        let mut latency = Latency::default();
        for (at_s, ms) in [(1, 5), (1, 9), (1, 7), (2, 3)] {
            latency.add("command", at_s, ms);
        }
        let series = latency.find(b"command").unwrap();
        assert_eq!((&series.samples, series.worst_ms), (&VecDeque::from([(1, 9), (2, 3)]), 9));
        for at_s in 0..500 {
            latency.add("command", at_s, 1);
        }
        assert_eq!(latency.series()[0].samples.len(), SAMPLES_MAX);
        assert!(latency.find(b"Command").is_none());
    }

    #[test]
    fn times_are_told_in_a_large_unit() {
        for (seconds, shown) in [(0, "0s"), (59, "59s"), (60, "1m"), (7_199, "1h"), (200_000, "2d")]
        {
            assert_eq!(ago(seconds), shown);
        }
    }
}
