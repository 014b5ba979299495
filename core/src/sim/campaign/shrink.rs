//! The smallest script that still fails: steps are left out as long as the same claim does not hold.

use super::claim::Claim;
use super::claim::Failure;
use super::play::play;
use crate::sim::action::Input;
use crate::sim::id::ClientId;
use crate::sim::script::Script;
use crate::sim::script::Step;

/// Leaves out steps, in ever smaller pieces, within so many plays. From `quiet_from` on the script mends all
/// that is broken: of that only goes what nobody needs to agree in the end. Returns the script and its failure.
pub fn shrink(
    script: &Script,
    quiet_from: usize,
    failure: &Failure,
    plays_max: usize,
) -> (Script, Failure) {
    let mut best = Candidate { script: script.clone(), quiet_from, failure: failure.clone() };
    let mut left = plays_max;
    best.drop_the_end(&mut left);
    best.leave_out(Part::Faults, &mut left);
    if failure.claim.is_seen_in_the_end() && failure.claim != Claim::AllAgreeInTheEnd {
        best.leave_out(Part::Quiet, &mut left);
    }
    if left > 0
        && let Some(better) = best.without_silent_clients()
    {
        best = better;
    }
    (best.script, best.failure)
}

/// A part of a script.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Faults,
    Quiet,
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
        if let Some(shorter) = judge(script, quiet_from, &[self.failure.claim]) {
            *self = shorter;
        }
    }

    /// Leaves out whatever of a part can be.
    fn leave_out(&mut self, part: Part, left: &mut usize) {
        let range = |best: &Self| match part {
            Part::Faults => (0, best.quiet_from),
            Part::Quiet => (best.quiet_from, best.script.steps.len()),
        };
        let (begin, end) = range(self);
        let mut piece = (end - begin).div_ceil(2);
        while piece > 0 && *left > 0 {
            let mut from = begin;
            while from < range(self).1 && *left > 0 {
                *left -= 1;
                match self.without(part, from, (from + piece).min(range(self).1)) {
                    Some(better) => *self = better,
                    None => from += piece,
                }
            }
            piece /= 2;
        }
    }

    fn without(&self, part: Part, from: usize, to: usize) -> Option<Self> {
        let mut script = self.script.clone();
        script.steps.drain(from..to);
        let claim = self.failure.claim;
        match part {
            Part::Faults => judge(script, self.quiet_from - (to - from), &[claim]),
            // Without quiet nobody has to agree, and any claim about the end fails.
            Part::Quiet => judge(script, self.quiet_from, &[claim, Claim::AllAgreeInTheEnd]),
        }
    }

    /// Terminals where nothing is typed are not opened; the others, and their ledgers, get new numbers.
    fn without_silent_clients(&self) -> Option<Self> {
        let mut script = self.script.clone();
        let spoken: Vec<ClientId> = script.steps.iter().filter_map(speaker).collect();
        // The new number of each client, by its old one.
        let mut numbers = Vec::new();
        let mut kept = 0;
        script.steps.retain(|(_, step)| {
            if !matches!(step, Step::Input(Input::OpenClient { .. })) {
                return true;
            }
            let speaks = spoken.contains(&ClientId(numbers.len() as u32 + 1));
            kept += u32::from(speaks);
            numbers.push(kept);
            speaks
        });
        let renumbered = |client: u32| numbers.get((client as usize).checked_sub(1)?).copied();
        for (_, step) in &mut script.steps {
            let Step::Input(Input::Type { client, line }) = step else { continue };
            client.0 = renumbered(client.0)?;
            if let Some((ledger, entry)) = ledger_line(line) {
                *line = format!("{LEDGER_LINE}{} {entry}", renumbered(ledger)?);
            }
        }
        let removed = self.script.steps.len() - script.steps.len();
        judge(script, self.quiet_from.saturating_sub(removed), &[self.failure.claim])
    }
}

/// Who types in a step. (Plans neither close terminals nor interrupt them.)
fn speaker((_, step): &(u64, Step)) -> Option<ClientId> {
    match step {
        Step::Input(Input::Type { client, .. }) => Some(*client),
        _ => None,
    }
}

/// Of a line that writes a ledger: its number, and the entry.
fn ledger_line(line: &str) -> Option<(u32, &str)> {
    let (ledger, entry) = line.strip_prefix(LEDGER_LINE)?.split_once(' ')?;
    Some((ledger.parse().ok()?, entry))
}

const LEDGER_LINE: &str = "SET ledger:";

/// The script, if the first of the claims is the one that does not hold.
fn judge(script: Script, quiet_from: usize, claims: &[Claim]) -> Option<Candidate> {
    let claim = *claims.first()?;
    let failure = play(&script, claims, claim.is_seen_in_the_end()).failure?;
    (failure.claim == claim).then_some(Candidate { script, quiet_from, failure })
}
