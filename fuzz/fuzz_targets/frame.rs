//! A client's requests, read whole and in pieces.

#![no_main]

use libfuzzer_sys::fuzz_target;
use redarium_core::fuzz::frame;

fuzz_target!(|data: &[u8]| frame(data));
