//! What must hold for any bytes at all: one function for each surface that a stranger writes to.
//!
//! Each takes raw bytes, panics when a promise is broken, and is driven twice: by libFuzzer, from
//! the crate in `fuzz/`, for as long as one likes; and by a few thousand seeded mutations of good
//! input in every `cargo test`. Compiled for these two only.

// What these bodies promise fails by panicking.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod append_only;
mod client_stream;
mod conversation;
mod dump;
mod frame;
#[cfg(test)]
mod mutate;
mod rdb;
mod replica_stream;
mod reply;
mod settings;
mod shell;
mod users;

pub use append_only::append_only;
pub use client_stream::client_stream;
pub use conversation::conversation;
pub use dump::dump;
pub use frame::frame;
pub use rdb::rdb;
pub use replica_stream::replica_stream;
pub use reply::reply;
pub use settings::settings;
pub use users::users;

use crate::rng::Rng;

/// Cuts bytes into pieces as a network might; the seed says where.
fn pieces(mut bytes: &[u8], seed: u8) -> impl Iterator<Item = &[u8]> {
    let mut rng = Rng::new(u64::from(seed));
    std::iter::from_fn(move || {
        let scale = rng.below(12);
        let length = 1 + rng.below(1 << scale) as usize;
        let (piece, rest) = bytes.split_at(length.min(bytes.len()));
        bytes = rest;
        (!piece.is_empty()).then_some(piece)
    })
}
