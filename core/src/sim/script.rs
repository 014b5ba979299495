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
//!
//! The head says how the world begins: `replicas N` of the first node, or `chain N`, each a replica
//! of the one before, or `apart N`, each a master; `latency US` of every link; `chunk BYTES`, if nodes
//! are to get their bytes in pieces; `config NAME VALUE`, a setting of every node.
//!
//! What can be done, by numbers counted from 1 in the order in which things came to be:
//!
//! | line | what it does |
//! | --- | --- |
//! | `open NODE`, `close CLIENT` | a terminal |
//! | `type CLIENT LINE` | a line at its prompt |
//! | `add-node`, `add-replica NODE` | one more node |
//! | `promote NODE`, `attach NODE MASTER` | REPLICAOF, by an operator |
//! | `crash NODE kept`, `lost` or `torn` | a crash, and what is left of what was not synced |
//! | `restart NODE` | from what its disk holds |
//! | `pause NODE`, `resume NODE` | its process stands still |
//! | `clock NODE MS` | its wall clock jumps; MS may be negative |
//! | `disk NODE full` or `free` | nothing can be appended |
//! | `file NODE NAME HEX` | a file on its disk |
//! | `latency LINK US [JITTER_US]` | how long packets take |
//! | `cut LINK`, `cut LINK to` or `from` | what is sent, or sent to that end, is lost |
//! | `stall LINK` | nothing arrives, nothing is lost |
//! | `heal LINK` | ends cuts and stalls |
//! | `reset LINK` | all connections over it are reset |
//! | `step` | the next event happens, whenever it is |
//! | `end` | how long the world runs |

use std::fmt;

use super::action::Input;
use super::world::Shape;
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
            (None, "config") => {
                let (name, value) = rest.split_once(' ')?;
                topology.settings.push((name.into(), value.into()));
            }
            (None, shape) if let Some(shape) = Shape::named(shape) => {
                topology.shape = shape;
                topology.replicas = rest.parse().ok()?;
            }
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
        let Topology { replicas, shape, latency_us, chunk_bytes, settings } = &self.topology;
        writeln!(f, "{HEAD}\nseed {}", self.seed)?;
        writeln!(f, "{} {replicas}\nlatency {latency_us}", shape.name())?;
        if let Some(bytes) = chunk_bytes {
            writeln!(f, "chunk {bytes}")?;
        }
        for (name, value) in settings {
            writeln!(f, "config {name} {value}")?;
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

impl Shape {
    fn name(self) -> &'static str {
        match self {
            Self::Star => "replicas",
            Self::Chain => "chain",
            Self::Apart => "apart",
        }
    }

    /// The shape of this name, as scripts say it.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Star, Self::Chain, Self::Apart].into_iter().find(|shape| shape.name() == name)
    }
}

const HEAD: &str = "redarium-script 1";

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "redarium-script 1\nseed 7\nreplicas 2\nlatency 5000\nchunk 3\n\
        config appendonly yes\nconfig save 60 1\n@0 open 1\n\
        @0 type 1 SET k \"a  b\"\n@10 cut 1\n@10 step\n@20 heal 1\n@30 latency 2 70\n@30 close 1\n\
        @40 add-replica 1\n@40 add-node\n@41 cut 1 to\n@41 cut 2 from\n@42 stall 1\n@42 reset 1\n\
        @43 latency 1 70 30\n@44 crash 1 torn\n@44 crash 2 kept\n@44 crash 3 lost\n@45 restart 1\n\
        @46 pause 1\n@46 resume 1\n@47 promote 1\n@47 attach 1 2\n@48 clock 1 -3600000\n\
        @48 disk 1 full\n@48 disk 1 free\n@49 file 1 a b.rdb 00ff7a\n@49 file 1 empty \n@50 end\n";

    #[test]
    fn text_and_script_are_the_same() {
        let script = Script::parse(TEXT).unwrap();
        assert_eq!(script.to_string(), TEXT);
        assert_eq!((script.steps.len(), script.end_us), (27, 50));
    }

    #[test]
    fn refuses_what_is_no_script() {
        for (text, expect) in [
            ("", ScriptError::NotAScript),
            ("redarium-script 2\n", ScriptError::NotAScript),
            ("redarium-script 1\nseed x\n", ScriptError::BadLine(2)),
            ("redarium-script 1\n# note\n\n@5 fly 1\n", ScriptError::BadLine(4)),
            ("redarium-script 1\n@5 cut 1 2\n", ScriptError::BadLine(2)),
            ("redarium-script 1\n@5 crash 1\n", ScriptError::BadLine(2)),
            ("redarium-script 1\n@5 disk 1 half\n", ScriptError::BadLine(2)),
            ("redarium-script 1\n@5 file 1 name 0\n", ScriptError::BadLine(2)),
            ("redarium-script 1\n@5 file 1 00\n", ScriptError::BadLine(2)),
            ("redarium-script 1\nring 3\n", ScriptError::BadLine(2)),
            ("redarium-script 1\n@5 cut 1\n@4 cut 1\n", ScriptError::TimeGoesBack(3)),
        ] {
            assert_eq!(Script::parse(text), Err(expect), "{text:?}");
        }
    }
}
