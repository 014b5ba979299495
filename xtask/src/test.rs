//! `cargo xtask test`: every check there is, one step after the other.
//!
//! A failed step does not stop the others, except those that need what it makes:
//! these count as failed too. Nothing is ever skipped silently. The last line is
//! `N passed, N failed`, counting steps.

use std::{
    process::ExitCode,
    time::{Duration, Instant},
};

use anyhow::{Result, anyhow, bail};

mod steps;

use steps::{STEPS, Step};

#[derive(Debug, Default, PartialEq)]
pub struct Options {
    /// Names of the steps to run; empty means all. What they need is taken as it lies there.
    pub only: Vec<String>,
}

struct Outcome {
    name: &'static str,
    took: Duration,
    error: Option<String>,
}

pub fn run(options: &Options) -> Result<ExitCode> {
    let mut outcomes = Vec::new();
    for step in chosen(&options.only)? {
        let outcome = attempt(step, &outcomes);
        println!("{}\n", line(&outcome));
        outcomes.push(outcome);
    }
    println!("── summary");
    for outcome in &outcomes {
        println!("{}", line(outcome));
    }
    let failed = outcomes.iter().filter(|outcome| outcome.error.is_some()).count();
    println!("{} passed, {failed} failed", outcomes.len() - failed);
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn attempt(step: &Step, before: &[Outcome]) -> Outcome {
    println!("── {}: {}", step.name, step.what);
    let started = Instant::now();
    let failed =
        |need: &&&str| before.iter().any(|other| other.name == **need && other.error.is_some());
    let result = match step.needs.iter().find(failed) {
        Some(need) => Err(anyhow!("not run, because {need} failed")),
        None => (step.run)(),
    };
    Outcome {
        name: step.name,
        took: started.elapsed(),
        error: result.err().map(|error| format!("{error:#}")),
    }
}

fn line(outcome: &Outcome) -> String {
    let seconds = outcome.took.as_secs_f64();
    match &outcome.error {
        None => format!("ok      {:<12} {seconds:>6.1} s", outcome.name),
        Some(error) => format!("FAILED  {:<12} {seconds:>6.1} s  {error}", outcome.name),
    }
}

fn chosen(only: &[String]) -> Result<Vec<&'static Step>> {
    let names: Vec<_> = STEPS.iter().map(|step| step.name).collect();
    if let Some(unknown) = only.iter().find(|name| !names.contains(&name.as_str())) {
        bail!("there is no step `{unknown}`; the steps are {}", names.join(", "));
    }
    let wanted = |step: &&Step| only.is_empty() || only.iter().any(|name| name == step.name);
    Ok(STEPS.iter().filter(wanted).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_needs_only_steps_before_it() {
        for (index, step) in STEPS.iter().enumerate() {
            for need in step.needs {
                assert!(
                    STEPS[..index].iter().any(|other| other.name == *need),
                    "{} needs {need}",
                    step.name
                );
            }
        }
    }

    #[test]
    fn a_step_whose_input_failed_is_not_run_and_counts_as_failed() {
        let step = Step { name: "b", what: "", needs: &["a"], run: || panic!("was run") };
        let before = [Outcome { name: "a", took: Duration::ZERO, error: Some("broken".into()) }];
        assert_eq!(attempt(&step, &before).error.as_deref(), Some("not run, because a failed"));
    }

    #[test]
    fn only_names_known_steps() {
        let names =
            |only: &[&str]| chosen(&only.iter().map(ToString::to_string).collect::<Vec<_>>());
        assert_eq!(names(&[]).map(|steps| steps.len()).ok(), Some(STEPS.len()));
        assert_eq!(names(&["unit", "format"]).map(|steps| steps.len()).ok(), Some(2));
        assert!(names(&["nothing"]).is_err());
    }
}
