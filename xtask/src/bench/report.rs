//! The figures of a bench: medians, the printed tables, the JSON file.

use std::{
    fmt::{self, Write},
    time::Duration,
};

use super::{
    load::Measured,
    workload::{TARGET_PIPELINE, Workload},
};

#[derive(Clone, Copy)]
pub struct Case {
    pub workload: &'static Workload,
    pub pipeline: usize,
}

pub struct Row {
    pub case: Case,
    pub outcome: Outcome,
}

pub enum Outcome {
    Measured(Samples),
    /// By the server of that name.
    Unsupported(&'static str),
}

/// A figure for each round, Redis's and Redarium's.
pub type Samples = [Vec<Figures>; 2];

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
    fn median(rounds: &[Self]) -> Self {
        let of = |figure: fn(&Self) -> f64| median(rounds.iter().map(figure).collect());
        Self {
            requests_per_second: of(|figures| figures.requests_per_second),
            p50_us: of(|figures| figures.p50_us),
            p99_us: of(|figures| figures.p99_us),
            cpu_ns_per_request: of(|figures| figures.cpu_ns_per_request),
            busy: of(|figures| figures.busy),
            syscalls_per_request: rounds.first().and_then(|figures| figures.syscalls_per_request),
        }
    }
}

impl Case {
    /// The ratio to reach, where one is set for this depth.
    fn target(&self) -> Option<f64> {
        self.workload.target.filter(|_| self.pipeline == TARGET_PIPELINE)
    }

    /// What is printed beside the ratio.
    fn verdict(&self, ratio: f64) -> String {
        match self.target() {
            None => String::new(),
            Some(target) if ratio >= target => format!("target {target:.2}x"),
            Some(target) => format!("target {target:.2}x MISSED"),
        }
    }
}

impl Row {
    pub fn unsupported(workload: &'static Workload, server: &'static str) -> Self {
        let case = Case { workload, pipeline: TARGET_PIPELINE };
        Self { case, outcome: Outcome::Unsupported(server) }
    }
}

/// Redarium's throughput in Redis's: the median of the rounds.
fn ratio(samples: &Samples) -> f64 {
    rounds_median(samples, |redis, redarium| {
        redarium.requests_per_second / redis.requests_per_second
    })
}

/// Redis's processor time for a request in Redarium's.
fn cpu_ratio(samples: &Samples) -> f64 {
    rounds_median(samples, |redis, redarium| redis.cpu_ns_per_request / redarium.cpu_ns_per_request)
}

fn rounds_median([redis, redarium]: &Samples, of: fn(&Figures, &Figures) -> f64) -> f64 {
    median(redis.iter().zip(redarium).map(|(redis, redarium)| of(redis, redarium)).collect())
}

/// Two lines and their ratio for every case.
pub fn table(rows: &[Row]) -> String {
    let mut text = format!(
        "{:<17} {:>8} {:<9} {:>11} {:>9} {:>9} {:>14} {:>6} {:>16}\n",
        "workload",
        "pipeline",
        "server",
        "requests/s",
        "p50 us",
        "p99 us",
        "cpu ns/request",
        "busy",
        "syscalls/request"
    );
    for Row { case, outcome } in rows {
        let samples = match outcome {
            Outcome::Measured(samples) => samples,
            Outcome::Unsupported(server) => {
                let _ = writeln!(text, "{:<17} unsupported by {server}", case.workload.name);
                continue;
            }
        };
        for (server, rounds) in ["redis", "redarium"].into_iter().zip(samples) {
            let _ = writeln!(text, "{case} {server:<9} {}", line(&Figures::median(rounds)));
        }
        let (ratio, cpu_ratio) = (ratio(samples), cpu_ratio(samples));
        let _ = writeln!(
            text,
            "{case} {:<9} {ratio:>10.2}x {:>19} {cpu_ratio:>13.2}x  {}",
            "ratio",
            "",
            case.verdict(ratio)
        );
    }
    text
}

/// The ratios alone, with what was asked of them.
pub fn summary(rows: &[Row]) -> String {
    let mut text = format!("{:<17} {:>8} {:>7} {:>7}\n", "workload", "pipeline", "ratio", "cpu");
    for Row { case, outcome } in rows {
        let _ = match outcome {
            Outcome::Unsupported(server) => {
                writeln!(text, "{:<17} unsupported by {server}", case.workload.name)
            }
            Outcome::Measured(samples) => {
                let (ratio, cpu) = (ratio(samples), cpu_ratio(samples));
                writeln!(text, "{case} {ratio:>6.2}x {cpu:>6.2}x  {}", case.verdict(ratio))
            }
        };
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
        write!(f, "{:<17} {:>8}", self.workload.name, self.pipeline)
    }
}

/// One object a case. No text needs quoting, so no library is needed either.
pub fn json(rows: &[Row]) -> String {
    let objects: Vec<_> = rows.iter().map(row_json).collect();
    format!("[\n{}\n]\n", objects.join(",\n"))
}

fn row_json(Row { case, outcome }: &Row) -> String {
    let name = case.workload.name;
    let samples = match outcome {
        Outcome::Measured(samples) => samples,
        Outcome::Unsupported(server) => {
            return format!("  {{\"workload\":\"{name}\",\"unsupported_by\":\"{server}\"}}");
        }
    };
    let target = case.target().map_or("null".into(), |target| format!("{target:.2}"));
    let [redis, redarium] = samples.each_ref().map(|rounds| Figures::median(rounds));
    format!(
        "  {{\"workload\":\"{name}\",\"pipeline\":{},\"ratio\":{:.3},\"cpu_ratio\":{:.3},\
         \"target\":{target},\n   \"redis\":{},\n   \"redarium\":{}}}",
        case.pipeline,
        ratio(samples),
        cpu_ratio(samples),
        figures_json(&redis),
        figures_json(&redarium),
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
