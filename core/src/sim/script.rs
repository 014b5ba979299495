//! A script: everything that is needed to make the same world again.
//!
//! Its text form is one thing a line; `#` begins a comment line.
//! ```text
//! redarium-script 1
//! seed 7
//! replicas 2
//! latency 5000
//! @0 open 1
//! @0 type 1 SET greeting "hello there"
//! @250000 step
//! @1000000 end
//! ```
//! Numbers behind `@` are microseconds of virtual time, and never go back.

use std::fmt;

use super::action::Input;
use super::world::Topology;
use super::world::World;

/// A seed, a topology, and what is done when.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Script {
    pub seed: u64,
    pub topology: Topology,
    /// In the order of their times.
    pub steps: Vec<(u64, Step)>,
    /// How long the world runs, in microseconds.
    pub end_us: u64,
}

/// One thing done to a world.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    Input(Input),
    /// One event was stepped over, whenever it was due.
    Step,
}

/// What is wrong with a script's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScriptError {
    /// The first line does not say that this is a script, of a version that is known.
    NotAScript,
    /// This line, counted from 1, can't be read.
    BadLine(usize),
    /// This line's time lies before the one above it.
    TimeGoesBack(usize),
}

impl Script {
    /// Makes the world and does everything, up to the end.
    pub fn play(&self) -> World {
        let mut world = World::new(self.seed, &self.topology);
        // What is due at the very instant of a step stays due: stepping may have stopped there.
        let run_to = |world: &mut World, at_us| {
            if at_us > world.now_us() {
                world.run_until(at_us, usize::MAX);
            }
        };
        for (at_us, step) in &self.steps {
            run_to(&mut world, *at_us);
            match step {
                Step::Input(input) => world.apply(input.clone()),
                Step::Step => world.step(),
            }
        }
        run_to(&mut world, self.end_us);
        world
    }

    /// Reads the text form.
    ///
    /// # Errors
    /// Names the line that can't be read.
    pub fn parse(text: &str) -> Result<Self, ScriptError> {
        let mut lines = text.lines().enumerate();
        if lines.next().map(|(_, line)| line.trim_end()) != Some(HEAD) {
            return Err(ScriptError::NotAScript);
        }
        let mut script = Self::default();
        for (index, line) in lines {
            let number = index + 1;
            if line.trim().is_empty() || line.starts_with('#') {
                continue;
            }
            script.parse_line(line).ok_or(ScriptError::BadLine(number))?;
            let times = script.steps.iter().rev().take(2).map(|(at, _)| *at);
            if !times.is_sorted_by(|later, earlier| later >= earlier) {
                return Err(ScriptError::TimeGoesBack(number));
            }
        }
        Ok(script)
    }

    fn parse_line(&mut self, line: &str) -> Option<()> {
        let (word, rest) = line.split_once(' ')?;
        let topology = &mut self.topology;
        match (word.strip_prefix('@'), word) {
            (Some(at), _) => return self.parse_step(at.parse().ok()?, rest),
            (None, "seed") => self.seed = rest.parse().ok()?,
            (None, "replicas") => topology.replicas = rest.parse().ok()?,
            (None, "latency") => topology.latency_us = rest.parse().ok()?,
            (None, "chunk") => topology.chunk_bytes = Some(rest.parse().ok()?),
            _ => return None,
        }
        Some(())
    }

    fn parse_step(&mut self, at_us: u64, rest: &str) -> Option<()> {
        match rest {
            "end" => self.end_us = at_us,
            "step" => self.steps.push((at_us, Step::Step)),
            input => self.steps.push((at_us, Step::Input(Input::parse(input)?))),
        }
        Some(())
    }
}

impl fmt::Display for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Topology { replicas, latency_us, chunk_bytes } = self.topology;
        writeln!(f, "{HEAD}\nseed {}\nreplicas {replicas}\nlatency {latency_us}", self.seed)?;
        if let Some(bytes) = chunk_bytes {
            writeln!(f, "chunk {bytes}")?;
        }
        for (at_us, step) in &self.steps {
            match step {
                Step::Input(input) => writeln!(f, "@{at_us} {input}")?,
                Step::Step => writeln!(f, "@{at_us} step")?,
            }
        }
        writeln!(f, "@{} end", self.end_us)
    }
}

const HEAD: &str = "redarium-script 1";

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "redarium-script 1\nseed 7\nreplicas 2\nlatency 5000\nchunk 3\n@0 open 1\n\
        @0 type 1 SET k \"a  b\"\n@10 cut 1\n@10 step\n@20 heal 1\n@30 latency 2 70\n@30 close 1\n\
        @40 add-replica 1\n@50 end\n";

    #[test]
    fn text_and_script_are_the_same() {
        let script = Script::parse(TEXT).unwrap();
        assert_eq!(script.to_string(), TEXT);
        assert_eq!((script.steps.len(), script.end_us), (8, 50));
    }

    #[test]
    fn refuses_what_is_no_script() {
        for (text, expect) in [
            ("", ScriptError::NotAScript),
            ("redarium-script 2\n", ScriptError::NotAScript),
            ("redarium-script 1\nseed x\n", ScriptError::BadLine(2)),
            ("redarium-script 1\n# note\n\n@5 fly 1\n", ScriptError::BadLine(4)),
            ("redarium-script 1\n@5 cut 1 2\n", ScriptError::BadLine(2)),
            ("redarium-script 1\n@5 cut 1\n@4 cut 1\n", ScriptError::TimeGoesBack(3)),
        ] {
            assert_eq!(Script::parse(text), Err(expect), "{text:?}");
        }
    }
}
