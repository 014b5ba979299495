//! A figure of each server, and what was asked of Redarium's.

use std::fmt::Write;

pub struct Finding {
    pub name: &'static str,
    /// What is counted.
    pub unit: &'static str,
    /// Redis's and Redarium's.
    pub figures: [f64; 2],
    pub target: Target,
}

/// What is to be reached.
#[derive(Clone, Copy)]
pub enum Target {
    AtLeast(f64),
    AtMost(f64),
    /// So many times Redis's figure, at least.
    Times(f64),
}

impl Finding {
    fn is_met(&self) -> bool {
        let [redis, redarium] = self.figures;
        match self.target {
            Target::AtLeast(least) => redarium >= least,
            Target::AtMost(most) => redarium <= most,
            Target::Times(times) => redarium >= times * redis,
        }
    }

    fn ratio(&self) -> f64 {
        let [redis, redarium] = self.figures;
        redarium / redis
    }
}

pub fn table(findings: &[Finding]) -> String {
    let mut text = format!("{:<44} {:>12} {:>12} {:>8}\n", "", "redis", "redarium", "ratio");
    for finding in findings {
        let [redis, redarium] = finding.figures;
        let target = match finding.target {
            Target::AtLeast(least) => format!("target >= {least}"),
            Target::AtMost(most) => format!("target <= {most}"),
            Target::Times(times) => format!("target {times}x"),
        };
        let verdict = if finding.is_met() { "" } else { " MISSED" };
        let name = format!("{}, {}", finding.name, finding.unit);
        let _ = writeln!(
            text,
            "{name:<44} {redis:>12.2} {redarium:>12.2} {:>7.2}x  {target}{verdict}",
            finding.ratio()
        );
    }
    text
}

pub fn json(findings: &[Finding]) -> Vec<String> {
    let object = |finding: &Finding| {
        let [redis, redarium] = finding.figures;
        format!(
            "  {{\"case\":\"{}\",\"unit\":\"{}\",\"redis\":{redis:.3},\"redarium\":{redarium:.3},\
             \"met\":{}}}",
            finding.name,
            finding.unit,
            finding.is_met()
        )
    };
    findings.iter().map(object).collect()
}

/// Of several rounds.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::{Finding, Target, json, median, table};

    #[test]
    fn what_misses_its_target_is_marked() {
        for (figures, target, is_met) in [
            ([1.0, 2.0], Target::AtLeast(2.0), true),
            ([1.0, 1.9], Target::AtLeast(2.0), false),
            ([9.0, 3.0], Target::AtMost(3.0), true),
            ([1.0, 3.1], Target::AtMost(3.0), false),
            ([2.0, 3.0], Target::Times(1.5), true),
            ([2.0, 2.9], Target::Times(1.5), false),
        ] {
            let finding = Finding { name: "a", unit: "b", figures, target };
            assert_eq!(finding.is_met(), is_met, "{figures:?}");
            assert_eq!(table(&[finding]).contains("MISSED"), !is_met, "{figures:?}");
        }
        let finding =
            Finding { name: "a", unit: "b", figures: [1.0, 2.0], target: Target::Times(1.5) };
        let [object] = &json(&[finding])[..] else { panic!("one object") };
        assert!(object.contains("\"redarium\":2.000,\"met\":true"), "{object}");
    }

    #[test]
    fn the_middle_round_counts() {
        assert_eq!(median(vec![9.0, 1.0, 2.0]), 2.0);
    }
}
