//! What came of a run: which claims hold, and where the first one that does not went wrong.

use std::fmt;

use super::spec::Peer;

/// The outcome of a run.
#[derive(Clone, Debug)]
pub struct Report {
    /// Each claim of the stage and whether all of its steps went well.
    pub claims: Vec<(&'static str, bool)>,
    /// The first thing that went wrong; `None` when the stage has passed.
    pub failure: Option<Failure>,
    /// Every message that went over the wire, in order.
    pub exchanges: Vec<Exchange>,
}

impl Report {
    pub fn passed(&self) -> bool {
        self.failure.is_none()
    }
}

/// One piece of bytes that went over a connection.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// The step it belongs to, counted from 1 as [`Run::step`](super::Run::step) counts.
    pub step: usize,
    pub peer: Peer,
    pub direction: Direction,
    pub bytes: Vec<u8>,
}

/// Seen from the target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    ToTarget,
    FromTarget,
}

/// Expected and received, side by side.
#[derive(Clone, Debug)]
pub struct Failure {
    /// The claim the step belongs to.
    pub claim: &'static str,
    /// The connection it happened on, if it happened on one.
    pub peer: Option<Peer>,
    /// What should have happened, in words.
    pub expected: String,
    /// What was wrong, in words.
    pub problem: String,
    /// What had been received.
    pub received: Vec<u8>,
    /// Offset of the first wrong byte of `received`.
    pub at: usize,
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Client(number) => write!(f, "client {number}"),
            Self::Replica(number) => write!(f, "replica {number}"),
            Self::Master => f.write_str("master"),
            Self::Disk => f.write_str("disk"),
        }
    }
}

impl fmt::Display for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let arrow = match self.direction {
            Direction::ToTarget => "->",
            Direction::FromTarget => "<-",
        };
        write!(f, "{:>9} {arrow} {}", self.peer.to_string(), self.bytes.escape_ascii())
    }
}

impl fmt::Display for Failure {
    /// Several lines; the last one is a caret under the first wrong byte.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "claim:    {}", self.claim)?;
        if let Some(peer) = self.peer {
            writeln!(f, "at:       the connection of {peer}")?;
        }
        writeln!(f, "problem:  {}", self.problem)?;
        writeln!(f, "expected: {}", self.expected)?;
        let start = self.at.saturating_sub(SHOWN_BYTES_MAX);
        let end = self.at.saturating_add(SHOWN_BYTES_MAX).min(self.received.len());
        let before =
            self.received.get(start..self.at).unwrap_or_default().escape_ascii().to_string();
        let after = self.received.get(self.at..end).unwrap_or_default().escape_ascii();
        writeln!(f, "received: {before}{after}")?;
        write!(f, "          {:>1$}", '^', before.len() + 1)
    }
}

/// How much of a message is shown on either side of the wrong byte.
const SHOWN_BYTES_MAX: usize = 200;

#[cfg(test)]
mod tests {
    use super::Failure;
    use super::Peer;

    #[test]
    fn a_failure_points_at_the_wrong_byte() {
        let failure = Failure {
            claim: "PING is answered",
            peer: Some(Peer::Client(1)),
            expected: "the simple string `PONG`".into(),
            problem: "the reply differs".into(),
            received: b"+P\r\n".into(),
            at: 2,
        };
        let text = failure.to_string();
        assert!(text.ends_with("received: +P\\r\\n\n            ^"), "{text}");
        assert!(text.contains("client 1"));
    }
}
