//! The keys of a node by name, a range of them at a time: a list of a hundred thousand is scrolled without all
//! of it being handed over.
//!
//! The order is kept from one question to the next and made anew when asked to: a key that is gone since
//! leaves a gap, and a new one comes with the next order.

use redarium_core::data::glob;
use redarium_core::data::order;
use redarium_core::node::Node;
use redarium_core::store::Entry;
use wasm_bindgen::JsValue;

use crate::objects;
use crate::objects::list_of;
use crate::values;

/// Which keys are in which place.
#[derive(Default)]
pub struct Order {
    node: u32,
    pattern: String,
    keys: Vec<(usize, Box<[u8]>)>,
}

impl Order {
    /// The rows from one place on, a `KeyPage`.
    pub fn page(
        &mut self,
        node: Option<&Node>,
        about: (u32, &str),
        from: usize,
        count: usize,
        fresh: bool,
    ) -> JsValue {
        if fresh || (self.node, self.pattern.as_str()) != about {
            (self.node, self.pattern) = (about.0, about.1.into());
            self.keys = node.map(|node| in_order(node, about.1.as_bytes())).unwrap_or_default();
        }
        let rows = self.keys.iter().skip(from).take(count.min(ROWS_MAX));
        let rows = list_of(rows, |(db, key)| {
            node.and_then(|node| node.entry(*db, key))
                .map_or(JsValue::NULL, |entry| row(*db, entry))
        });
        objects::key_page(self.keys.len() as f64, from as f64, rows)
    }
}

/// The keys whose names match, by database and name.
fn in_order(node: &Node, pattern: &[u8]) -> Vec<(usize, Box<[u8]>)> {
    let is_glob = pattern.iter().any(|byte| b"*?[\\".contains(byte));
    let pattern = if is_glob { pattern.to_vec() } else { [b"*", pattern, b"*"].concat() };
    let mut keys: Vec<(usize, Box<[u8]>)> = node
        .entries()
        .filter(|(_, entry)| glob::matches_ignoring_case(&pattern, entry.key()))
        .map(|(db, entry)| (db, entry.key().into()))
        .collect();
    order::sort_by(&mut keys, |a, b| a.cmp(b));
    keys
}

/// What a list says of a key, a `KeyRow`.
pub fn row(db: usize, entry: &Entry) -> JsValue {
    let key = entry.key();
    objects::key_row(
        db as f64,
        &values::text(key),
        key.get(..KEY_BYTES_MAX).unwrap_or(key).to_vec(),
        entry.type_name(),
        entry.encoding().name(),
        entry.expire_at().map(|at| at as f64),
        entry.heap_bytes() as f64,
        values::length(entry) as f64,
    )
}

/// Rows handed over at once.
const ROWS_MAX: usize = 500;
/// Longer names can be listed and not opened.
const KEY_BYTES_MAX: usize = 4096;
