//! Configuration files.

#![no_main]

use libfuzzer_sys::fuzz_target;
use redarium_core::fuzz::settings;

fuzz_target!(|data: &[u8]| settings(data));
