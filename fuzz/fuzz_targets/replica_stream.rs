//! A replica whose master says anything at all.

#![no_main]

use libfuzzer_sys::fuzz_target;
use redarium_core::fuzz::replica_stream;

fuzz_target!(|data: &[u8]| replica_stream(data));
