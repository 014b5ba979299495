//! A scan from its first cursor to its last.
//!
//! Cursors are a server's own, and an element may come twice: what counts is which elements come at
//! all.

use crate::campaign::Reply;
use crate::client::Client;
use crate::client::encode;
use crate::value::Value;

/// All the elements in order and once each, as the reply of one scan; an error as it is.
pub fn whole(client: &mut Client, words: &[Vec<u8>], cursor: usize) -> Reply {
    let mut words = words.to_vec();
    let pairs = has_pairs(&words);
    let mut found: Vec<Vec<Value>> = Vec::new();
    loop {
        client.send_raw(&encode(&words))?;
        let (value, bytes) = client.read_with_bytes()?;
        let Value::Array(parts) = &value else { return Ok((value, bytes)) };
        let [Value::Bulk(next), Value::Array(elements)] = &parts[..] else {
            return Ok((value, bytes));
        };
        found.extend(elements.chunks(if pairs { 2 } else { 1 }).map(<[Value]>::to_vec));
        if next == b"0" {
            found.sort();
            found.dedup();
            let value = Value::Array(found.concat());
            let bytes = format!("{value:?}").into_bytes();
            return Ok((value, bytes));
        }
        words[cursor].clone_from(next);
    }
}

fn has_pairs(words: &[Vec<u8>]) -> bool {
    let is = |name: &str| words[0].eq_ignore_ascii_case(name.as_bytes());
    let no_values = words.iter().any(|word| word.eq_ignore_ascii_case(b"NOVALUES"));
    is("ZSCAN") || (is("HSCAN") && !no_values)
}
