//! RDB payloads, read whole and in pieces.

#![no_main]

use libfuzzer_sys::fuzz_target;
use redarium_core::fuzz::rdb;

fuzz_target!(|data: &[u8]| rdb(data));
