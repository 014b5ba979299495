//! Seeded damage, for tests: each round takes a good input and does to it some of what bad disks,
//! bad networks and bad people do.

use std::panic;

use crate::rng::Rng;

/// Calls `check` with each seed as it is, then with `rounds` damaged ones. A failure names its
/// input, to become a case of its own.
pub(super) fn mutations(seeds: &[&[u8]], rounds: u32, seed: u64, check: fn(&[u8])) {
    let mut rng = Rng::new(seed);
    seeds.iter().for_each(|good| check(good));
    for _ in 0..rounds {
        let mut bytes = pick(&mut rng, seeds).to_vec();
        for _ in 0..=rng.below(4) {
            damage(&mut rng, &mut bytes, seeds);
        }
        if panic::catch_unwind(|| check(&bytes)).is_err() {
            panic!("the input was b\"{}\"", bytes.escape_ascii());
        }
    }
}

fn damage(rng: &mut Rng, bytes: &mut Vec<u8>, seeds: &[&[u8]]) {
    let at = rng.below(bytes.len() as u64) as usize;
    let end = at + rng.below((bytes.len() - at).min(32) as u64) as usize;
    match rng.below(7) {
        0 => bytes.truncate(at),
        1 => drop(bytes.drain(at..end)),
        2 => bytes.extend_from_within(at..end),
        3 => insert(bytes, at, TELLING[rng.below(TELLING.len() as u64) as usize]),
        4 => {
            let other = pick(rng, seeds);
            let from = rng.below(other.len() as u64) as usize;
            bytes.truncate(at);
            bytes.extend_from_slice(&other[from..]);
        }
        5 => insert(bytes, at, &[rng.next_u64() as u8]),
        _ => {
            if let Some(byte) = bytes.get_mut(at) {
                *byte ^= 1 << rng.below(8);
            }
        }
    }
}

fn insert(bytes: &mut Vec<u8>, at: usize, what: &[u8]) {
    bytes.splice(at..at, what.iter().copied());
}

fn pick<'s>(rng: &mut Rng, seeds: &[&'s [u8]]) -> &'s [u8] {
    seeds[rng.below(seeds.len() as u64) as usize]
}

/// Bytes that mean something to some parser.
const TELLING: [&[u8]; 14] = [
    b"\r\n",
    b"\r",
    b"\n",
    b"$",
    b"*",
    b"-1",
    b"\"",
    b"9223372036854775807",
    b"\xff",
    b"\0\0\0\0\0\0\0\0",
    b"\x80\x7f\xff\xff\xff",
    b"\x81\xff\xff\xff\xff\xff\xff\xff\xff",
    b"\xc3\x03\x40\xff",
    b"\xe0\xff\x00",
];
