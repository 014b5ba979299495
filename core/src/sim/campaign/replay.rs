//! What a node's append-only file makes: a second node is started from a copy of the disk.

use std::collections::VecDeque;

use super::look::Look;
use crate::config::Config;
use crate::data::Hasher;
use crate::node::Effect;
use crate::node::Node;
use crate::node::StorageDone;
use crate::sim::disk::Disk;
use crate::time::Now;

/// What a node that starts with these files at `now` holds; `None` if it does not start.
pub(super) fn replayed(mut disk: Disk, config: &Config, hasher: &Hasher, now: Now) -> Option<Look> {
    let config = Config { replicaof: None, observe: false, ..config.clone() };
    let mut node = Node::restored(config, 1, now);
    let mut asked = VecDeque::new();
    for _ in 0..TURNS_MAX {
        node.finish_turn(now);
        while let Some(effect) = node.poll_effect() {
            match effect {
                Effect::Storage { id, op } => asked.push_back((id, op)),
                Effect::Shutdown { .. } => return None,
                _ => {}
            }
        }
        if !node.is_loading() {
            return Some(Look::at(node.entries(), hasher, Some(now.wall_ms())));
        }
        match asked.pop_front() {
            Some((id, op)) => {
                let outcome = disk.apply(op);
                node.handle_storage(StorageDone { id, outcome }, now);
            }
            None => node.handle_timeout(now),
        }
    }
    None
}

/// Far more than the files of a simulated node take.
const TURNS_MAX: usize = 100_000;
