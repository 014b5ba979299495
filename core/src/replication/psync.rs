//! Whether a replica may continue where it stopped: a pure decision.
//!
//! A replica asks `PSYNC <id> <offset>`: the history it knows and the first
//! byte it lacks. It may continue when the history is ours (or the one before
//! ours, up to where we left it) and the backlog still holds that byte.

use super::Backlog;
use super::History;
use super::ReplicationId;
use crate::data::number;

/// What a replica asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SyncRequest {
    /// `None` for `?`: a replica that knows no history.
    pub id: Option<ReplicationId>,
    /// Position of the first byte it lacks, counted from 0; the protocol's offset less one.
    pub position: Option<u64>,
}

impl SyncRequest {
    pub const FULL: Self = Self { id: None, position: None };

    /// Reads PSYNC's two arguments; `None` when the offset is no integer, which Redis refuses.
    pub fn parse(id: &[u8], offset: &[u8]) -> Option<Self> {
        let offset = number::parse_i64(offset)?;
        Some(Self {
            id: ReplicationId::parse(id),
            position: u64::try_from(offset).ok().and_then(|offset| offset.checked_sub(1)),
        })
    }
}

/// The master's answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// `+CONTINUE <id>` and the stream from this position.
    Continue { position: u64 },
    /// `+FULLRESYNC <id> <offset>`, and why.
    Full(Refusal),
}

/// Why a full synchronisation is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It asked for one: `PSYNC ? -1`.
    Asked,
    /// Its history is not ours.
    OtherHistory,
    /// Its history was ours once, but it went further than we did.
    BeyondBranch,
    /// We keep no backlog.
    NoBacklog,
    /// The byte it lacks is no longer, or not yet, in the backlog.
    OutsideBacklog,
}

/// Decides what a replica gets. The order of the checks is Redis's: history first, then backlog.
pub fn decide(request: SyncRequest, history: &History, backlog: Option<&Backlog>) -> Decision {
    let Some(id) = request.id else { return Decision::Full(Refusal::Asked) };
    let position = request.position;
    if id != history.id {
        match history.previous_until {
            Some(until) if id == history.previous => {
                if position.is_none_or(|position| position + 1 > until) {
                    return Decision::Full(Refusal::BeyondBranch);
                }
            }
            _ => return Decision::Full(Refusal::OtherHistory),
        }
    }
    let Some(backlog) = backlog else { return Decision::Full(Refusal::NoBacklog) };
    match position {
        Some(position) if backlog.holds(position) => Decision::Continue { position },
        _ => Decision::Full(Refusal::OutsideBacklog),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Rng;

    const OURS: &[u8] = b"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    const PREVIOUS: &[u8] = b"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
    const OTHER: &[u8] = b"cccccccccccccccccccccccccccccccccccccccc";

    /// Our history is at 150, branched off the previous one at 120; the backlog holds 100..150.
    fn check(id: &[u8], offset: &str, expect: Decision) {
        let mut history = History::new(ReplicationId::parse(PREVIOUS).unwrap());
        history.branch(ReplicationId::parse(OURS).unwrap(), 120);
        let mut backlog = Backlog::new(100, 1024);
        backlog.append(&[0; 50]);
        let request = SyncRequest::parse(id, offset.as_bytes()).unwrap();
        assert_eq!(decide(request, &history, Some(&backlog)), expect, "{offset}");
    }

    #[test]
    fn decides_as_redis_does() {
        let full = Decision::Full;
        let go_on = |position| Decision::Continue { position };
        for (id, offset, expect) in [
            (b"?".as_slice(), "-1", full(Refusal::Asked)),
            (OTHER, "120", full(Refusal::OtherHistory)),
            // The backlog's edges: its first byte is number 101, the next to come is 151.
            (OURS, "100", full(Refusal::OutsideBacklog)),
            (OURS, "101", go_on(100)),
            (OURS, "151", go_on(150)),
            (OURS, "152", full(Refusal::OutsideBacklog)),
            (OURS, "0", full(Refusal::OutsideBacklog)),
            (OURS, "-1", full(Refusal::OutsideBacklog)),
            // The branch: byte 121 is the first one only we wrote.
            (PREVIOUS, "121", go_on(120)),
            (PREVIOUS, "122", full(Refusal::BeyondBranch)),
        ] {
            check(id, offset, expect);
        }
    }

    #[test]
    fn without_a_backlog_nothing_continues() {
        let history = History::new(ReplicationId::random(&mut Rng::new(1)));
        let request = SyncRequest { id: Some(history.id), position: Some(0) };
        assert_eq!(decide(request, &history, None), Decision::Full(Refusal::NoBacklog));
    }

    #[test]
    fn an_offset_that_is_no_integer_is_refused() {
        assert_eq!(SyncRequest::parse(OURS, b"12x"), None);
        assert_eq!(SyncRequest::parse(OURS, b""), None);
    }
}
