//! A node whose client says anything at all.

#![no_main]

use libfuzzer_sys::fuzz_target;
use redarium_core::fuzz::client_stream;

fuzz_target!(|data: &[u8]| client_stream(data));
