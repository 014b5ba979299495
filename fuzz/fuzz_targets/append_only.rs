//! Folders of the append-only file: manifest, payload and requests, read and replayed.

#![no_main]

use libfuzzer_sys::fuzz_target;
use redarium_core::fuzz::append_only;

fuzz_target!(|data: &[u8]| append_only(data));
