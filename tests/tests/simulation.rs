//! Simulated fleets by the hundred: whatever befalls them, what is promised holds, and the same
//! seed gives the same bytes each time.
//!
//! `redarium simulate` plays more of them. What one of those found is a script in `tests/scripts/found`,
//! with the claim in its first comment.

use std::fs;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;
use std::thread;

use redarium_core::sim::Script;
use redarium_core::sim::campaign::Claim;
use redarium_core::sim::campaign::Plan;
use redarium_core::sim::campaign::play;

#[test]
fn five_hundred_fleets_keep_every_promise_twice() {
    let next = AtomicU64::new(0);
    let failed = Mutex::new(Vec::new());
    let work = || {
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= SEEDS {
                return;
            }
            if let Some(text) = problem(seed) {
                failed.lock().unwrap().push(text);
            }
        }
    };
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(work);
        }
    });
    let failed = failed.into_inner().unwrap();
    assert!(failed.is_empty(), "redarium simulate --seed N --seeds 1 makes it small: {failed:#?}");
}

/// What is wrong with a seed's world, if anything.
fn problem(seed: u64) -> Option<String> {
    let (script, _) = Plan { seed, nodes: 3 + (seed % 3) as u32, commands: COMMANDS }.script();
    let (first, second) = (play(&script, &promised(), true), play(&script, &promised(), true));
    match first.failure {
        Some(failure) => Some(format!("seed {seed}: {failure:?}")),
        None if first.digest != second.digest => Some(format!("seed {seed}: two digests")),
        None => None,
    }
}

#[test]
fn what_was_found_stays_mended() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/found");
    let mut played = 0;
    for entry in fs::read_dir(&folder).expect("the scripts are there") {
        let path = entry.expect("an entry").path();
        let text = fs::read_to_string(&path).expect("a script");
        let script = Script::parse(&text).unwrap_or_else(|error| panic!("{path:?}: {error:?}"));
        let is_quiet = text.contains("\n# quiet in the end\n");
        assert_eq!(play(&script, &promised(), is_quiet).failure, None, "{path:?}");
        played += 1;
    }
    assert!(played > 0);
}

fn promised() -> Vec<Claim> {
    Claim::ALL.iter().copied().filter(|claim| claim.is_promised()).collect()
}

const SEEDS: u64 = 500;
const COMMANDS: usize = 2000;
