//! What DUMP said on each server, for RESTORE on the same.
//!
//! The two servers' payloads need not be the same bytes: each is given its own.

use std::collections::VecDeque;

use crate::generator::Request;
use crate::value::Value;

/// The latest payloads, of Redarium and of Redis.
#[derive(Debug, Default)]
pub struct Payloads(VecDeque<(Vec<u8>, Vec<u8>)>);

impl Payloads {
    /// Remembers the replies to a DUMP.
    pub fn keep(&mut self, words: &[Vec<u8>], redarium: &Value, redis: &Value) {
        if !words[0].eq_ignore_ascii_case(b"DUMP") {
            return;
        }
        if let (Value::Bulk(ours), Value::Bulk(theirs)) = (redarium, redis) {
            self.0.push_front((ours.clone(), theirs.clone()));
            self.0.truncate(KEPT);
        }
    }

    /// The request's words for Redarium and for Redis.
    pub fn fill(&self, request: &Request) -> (Vec<Vec<u8>>, Vec<Vec<u8>>) {
        let (mut ours, mut theirs) = (request.words.clone(), request.words.clone());
        if let Some(payload) = request.payload
            && !self.0.is_empty()
        {
            let (left, right) = &self.0[payload.look_back % self.0.len()];
            ours[payload.word].clone_from(left);
            theirs[payload.word].clone_from(right);
            for words in [&mut ours, &mut theirs] {
                if let (true, Some(last)) = (payload.is_broken, words[payload.word].last_mut()) {
                    *last ^= 1;
                }
            }
        }
        (ours, theirs)
    }
}

const KEPT: usize = 32;
