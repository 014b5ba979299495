//! The link between two nodes, read along.

#![no_main]

use libfuzzer_sys::fuzz_target;
use redarium_core::fuzz::conversation;

fuzz_target!(|data: &[u8]| conversation(data));
