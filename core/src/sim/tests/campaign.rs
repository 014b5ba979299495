//! Campaigns: whatever befalls a world, what is promised holds.

use crate::sim::campaign::Claim;
use crate::sim::campaign::Plan;
use crate::sim::campaign::play;
use crate::sim::campaign::shrink;
use crate::sim::script::Script;

fn promised() -> Vec<Claim> {
    Claim::ALL.iter().copied().filter(|claim| claim.is_promised()).collect()
}

#[test]
fn what_is_promised_holds() {
    for seed in 0..SEEDS {
        let plan = Plan { seed, nodes: 3 + (seed % 3) as u32, commands: 300 };
        let (script, _) = plan.script();
        let outcome = play(&script, &promised(), true);
        assert_eq!(outcome.failure, None, "seed {seed}");
        assert!(outcome.looks > 100, "seed {seed}: {}", outcome.looks);
    }
}

/// A node that lets a replica go on which was ahead of it must not pass: the seeds find it, and what
/// is left of the script is about nothing else.
#[test]
fn the_canary_is_found_and_made_small() {
    let claims = [Claim::SameOffsetSameData];
    let found = (0..1000).find_map(|seed| {
        let (mut script, quiet_from) = Plan { seed, nodes: 4, commands: 300 }.script();
        let honest = script.clone();
        script.topology.settings.push(("canary".into(), "yes".into()));
        let failure = play(&script, &claims, true).failure?;
        assert_eq!(play(&honest, &claims, true).failure, None, "seed {seed}");
        Some((script, quiet_from, failure))
    });
    let (script, quiet_from, failure) = found.expect("the canary sings within 1,000 seeds");
    let (small, failure) = shrink(&script, quiet_from, &failure, 300);
    assert_eq!(failure.claim, Claim::SameOffsetSameData);
    assert!(small.steps.len() < 30, "{small}");
    // What is printed can be played again.
    let again = Script::parse(&small.to_string()).unwrap();
    assert_eq!(play(&again, &claims, false).failure, Some(failure));
}

/// What only the end of a world tells is made small as well: also what mends it, and who opens a terminal for
/// nothing.
#[test]
fn a_lost_write_is_made_small() {
    let claims = [Claim::AcknowledgedIsKept];
    let found = (0..100).find_map(|seed| {
        let (script, quiet_from) = Plan { seed, nodes: 3, commands: 300 }.script();
        let failure = play(&script, &claims, true).failure?;
        Some((script, quiet_from, failure))
    });
    let (script, quiet_from, failure) = found.expect("replication is asynchronous");
    let (small, failure) = shrink(&script, quiet_from, &failure, 400);
    assert!(small.steps.len() < 20, "{small}");
    // All agree, and the write is gone all the same.
    let all = [Claim::AllAgreeInTheEnd, Claim::AcknowledgedIsKept];
    assert_eq!(play(&small, &all, true).failure, Some(failure));
}

/// A page plays the same world, packets and all.
#[test]
fn a_world_that_is_watched_has_the_same_digest() {
    for seed in 0..4 {
        let (script, _) = Plan { seed, nodes: 3, commands: 200 }.script();
        let mut world = script.play();
        // A campaign looks until no packet is on its way.
        while !world.view().packets.is_empty() {
            world.step();
        }
        assert_eq!(play(&script, &[], true).digest, world.digest(), "{script}");
    }
}

#[test]
fn claims_have_names() {
    for claim in Claim::ALL.iter().copied() {
        assert_eq!(Claim::named(claim.name()), Some(claim));
    }
    assert_eq!(Claim::named("nosuch"), None);
}

const SEEDS: u64 = 10;
