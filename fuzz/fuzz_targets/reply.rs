//! A server's replies, read by our client whole and in pieces.

#![no_main]

use libfuzzer_sys::fuzz_target;
use redarium_core::fuzz::reply;

fuzz_target!(|data: &[u8]| reply(data));
