//! The figures of a bench: medians, the printed table, the JSON file.

use std::{
    fmt::{self, Write},
    time::Duration,
};

use super::load::{Measured, Workload};

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Case {
    pub workload: Workload,
    pub pipeline: usize,
}

pub struct Row {
    pub case: Case,
    pub redis: Figures,
    pub redarium: Figures,
}

#[derive(Clone, Debug)]
pub struct Figures {
    pub requests_per_second: f64,
    /// Of a whole batch.
    pub p50_us: f64,
    pub p99_us: f64,
    /// The server's processor time, user and system.
    pub cpu_ns_per_request: f64,
    /// Share of its core the server used; far below one, the load was the bottleneck.
    pub busy: f64,
    pub syscalls_per_request: Option<f64>,
}

impl Figures {
    pub fn new(measured: &Measured, cpu: Duration) -> Self {
        let requests = measured.requests.max(1) as f64;
        let seconds = measured.elapsed.as_secs_f64();
        let latency_us = |quantile| measured.latency.value_at_quantile(quantile) as f64 / 1e3;
        Self {
            requests_per_second: requests / seconds,
            p50_us: latency_us(0.5),
            p99_us: latency_us(0.99),
            cpu_ns_per_request: cpu.as_nanos() as f64 / requests,
            busy: cpu.as_secs_f64() / seconds,
            syscalls_per_request: None,
        }
    }

    /// Each figure's own median.
    pub fn median(rounds: &[Self]) -> Self {
        let of = |figure: fn(&Self) -> f64| median(rounds.iter().map(figure).collect());
        Self {
            requests_per_second: of(|figures| figures.requests_per_second),
            p50_us: of(|figures| figures.p50_us),
            p99_us: of(|figures| figures.p99_us),
            cpu_ns_per_request: of(|figures| figures.cpu_ns_per_request),
            busy: of(|figures| figures.busy),
            syscalls_per_request: None,
        }
    }
}

impl Row {
    /// Redarium's throughput in Redis's.
    fn ratio(&self) -> f64 {
        self.redarium.requests_per_second / self.redis.requests_per_second
    }

    /// Redis's processor time for a request in Redarium's.
    fn cpu_ratio(&self) -> f64 {
        self.redis.cpu_ns_per_request / self.redarium.cpu_ns_per_request
    }
}

/// Two lines and their ratio for every case.
pub fn table(rows: &[Row]) -> String {
    let mut text = format!(
        "{:<4} {:>8} {:<9} {:>11} {:>9} {:>9} {:>14} {:>6} {:>16}\n",
        "load",
        "pipeline",
        "server",
        "requests/s",
        "p50 us",
        "p99 us",
        "cpu ns/request",
        "busy",
        "syscalls/request"
    );
    for row in rows {
        for (server, figures) in [("redis", &row.redis), ("redarium", &row.redarium)] {
            let _ = writeln!(text, "{} {server:<9} {}", row.case, line(figures));
        }
        let (ratio, cpu_ratio) = (row.ratio(), row.cpu_ratio());
        let _ = writeln!(
            text,
            "{} {:<9} {ratio:>10.2}x {:>19} {cpu_ratio:>13.2}x",
            row.case, "ratio", ""
        );
    }
    text
}

fn line(figures: &Figures) -> String {
    let syscalls = figures.syscalls_per_request.map_or("-".into(), |calls| format!("{calls:.3}"));
    format!(
        "{:>11.0} {:>9.0} {:>9.0} {:>14.0} {:>5.0}% {syscalls:>16}",
        figures.requests_per_second,
        figures.p50_us,
        figures.p99_us,
        figures.cpu_ns_per_request,
        figures.busy * 100.0,
    )
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:<4} {:>8}", self.workload.name(), self.pipeline)
    }
}

/// One object a case. No text needs quoting, so no library is needed either.
pub fn json(rows: &[Row]) -> String {
    let objects: Vec<_> = rows.iter().map(row_json).collect();
    format!("[\n{}\n]\n", objects.join(",\n"))
}

fn row_json(row: &Row) -> String {
    format!(
        "  {{\"workload\":\"{}\",\"pipeline\":{},\"ratio\":{:.3},\"cpu_ratio\":{:.3},\n\
         \x20  \"redis\":{},\n   \"redarium\":{}}}",
        row.case.workload.name(),
        row.case.pipeline,
        row.ratio(),
        row.cpu_ratio(),
        figures_json(&row.redis),
        figures_json(&row.redarium),
    )
}

fn figures_json(figures: &Figures) -> String {
    let syscalls =
        figures.syscalls_per_request.map_or("null".into(), |calls| format!("{calls:.4}"));
    format!(
        "{{\"requests_per_second\":{:.0},\"p50_us\":{:.1},\"p99_us\":{:.1},\
         \"cpu_ns_per_request\":{:.1},\"busy\":{:.3},\"syscalls_per_request\":{syscalls}}}",
        figures.requests_per_second,
        figures.p50_us,
        figures.p99_us,
        figures.cpu_ns_per_request,
        figures.busy,
    )
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.as_slice() {
        [] => f64::NAN,
        all if all.len() % 2 == 1 => all[middle],
        all => (all[middle - 1] + all[middle]) / 2.0,
    }
}

#[cfg(test)]
mod tests {
    use super::median;

    #[test]
    fn medians() {
        let cases: [(&[f64], f64); 3] =
            [(&[3.0], 3.0), (&[9.0, 1.0, 2.0], 2.0), (&[4.0, 1.0, 2.0, 9.0], 3.0)];
        for (values, expect) in cases {
            assert_eq!(median(values.to_vec()), expect);
        }
    }
}
