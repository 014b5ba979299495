//! INFO commandstats and latencystats: each command that was called, in the order of the table.

use super::Lines;
use crate::data::number;
use crate::node::Node;

impl Node {
    pub(super) fn info_commandstats(&self, lines: &mut Lines) {
        let seen = self
            .meter
            .tallies()
            .filter(|(_, tally)| tally.calls > 0 || tally.rejected > 0 || tally.failed > 0);
        for (entry, tally) in seen {
            let (calls, us) = (tally.calls, tally.ns / 1000);
            let mean = (tally.ns / 10).checked_div(calls).unwrap_or(0);
            lines.put(
                &format!("cmdstat_{}", entry.full_name()),
                format_args!(
                    "calls={calls},usec={us},usec_per_call={}.{:02},rejected_calls={},failed_calls={}",
                    mean / 100,
                    mean % 100,
                    tally.rejected,
                    tally.failed,
                ),
            );
        }
    }

    pub(super) fn info_latencystats(&self, lines: &mut Lines) {
        if !self.config.latency_tracking {
            return;
        }
        let wanted = &self.config.latency_tracking_info_percentiles;
        for (entry, tally) in self.meter.tallies().filter(|(_, t)| t.histogram.total() > 0) {
            let shown: Vec<String> = wanted
                .iter()
                .map(|percent| {
                    let ns = tally.histogram.percentile(percent.unsigned_abs());
                    let name = number::format_millionths(*percent);
                    format!("p{name}={}.{:03}", ns / 1000, ns % 1000)
                })
                .collect();
            let name = format!("latency_percentiles_usec_{}", entry.full_name());
            lines.put(&name, shown.join(","));
        }
    }
}
