//! Payloads of RESTORE.

#![no_main]

use libfuzzer_sys::fuzz_target;
use redarium_core::fuzz::dump;

fuzz_target!(|data: &[u8]| dump(data));
