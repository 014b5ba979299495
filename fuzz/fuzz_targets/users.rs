//! Files of users.

#![no_main]

use libfuzzer_sys::fuzz_target;
use redarium_core::fuzz::users;

fuzz_target!(|data: &[u8]| users(data));
