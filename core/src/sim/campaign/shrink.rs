//! The smallest script that still fails: steps are left out as long as the same claim does not hold.

use super::claim::Claim;
use super::claim::Failure;
use super::play::play;
use crate::sim::script::Script;

/// Leaves out steps before `quiet_from`, in ever smaller pieces, within so many plays. Returns the
/// script and its failure.
pub fn shrink(
    script: &Script,
    quiet_from: usize,
    failure: &Failure,
    plays_max: usize,
) -> (Script, Failure) {
    let mut best = Candidate { script: script.clone(), quiet_from, failure: failure.clone() };
    let mut left = plays_max;
    best.drop_the_end(&mut left);
    let mut piece = best.quiet_from / 2;
    while piece > 0 && left > 0 {
        let mut from = 0;
        while from < best.quiet_from && left > 0 {
            left -= 1;
            match best.without(from, piece) {
                Some(better) => best = better,
                None => from += piece,
            }
        }
        piece /= 2;
    }
    (best.script, best.failure)
}

struct Candidate {
    script: Script,
    quiet_from: usize,
    failure: Failure,
}

impl Candidate {
    /// What comes after a failure has no part in it.
    fn drop_the_end(&mut self, left: &mut usize) {
        if self.failure.claim.is_seen_in_the_end() || *left == 0 {
            return;
        }
        *left -= 1;
        let mut script = self.script.clone();
        script.steps.retain(|(at_us, _)| *at_us <= self.failure.at_us);
        script.end_us = self.failure.at_us;
        let quiet_from = self.quiet_from.min(script.steps.len());
        if let Some(shorter) = judge(script, quiet_from, self.failure.claim) {
            *self = shorter;
        }
    }

    fn without(&self, from: usize, len: usize) -> Option<Self> {
        let mut script = self.script.clone();
        let to = (from + len).min(self.quiet_from);
        script.steps.drain(from..to);
        let quiet_from = self.quiet_from - (to - from);
        judge(script, quiet_from, self.failure.claim)
    }
}

fn judge(script: Script, quiet_from: usize, claim: Claim) -> Option<Candidate> {
    let failure = play(&script, &[claim], claim.is_seen_in_the_end()).failure?;
    (failure.claim == claim).then_some(Candidate { script, quiet_from, failure })
}
