//! Everything a server holds, read key by key, to compare two servers by.

use std::collections::BTreeMap;
use std::fmt;
use std::time::SystemTime;
use std::time::UNIX_EPOCH;

use crate::client::Client;
use crate::value::NullForm;
use crate::value::Value;

/// A key with its database.
pub type Key = (usize, Vec<u8>);

/// The keys of all databases, with value, encoding and moment of expiry.
#[derive(Clone, PartialEq, Eq)]
pub struct Snapshot(BTreeMap<Key, Held>);

/// What is held under a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// As TYPE says it.
    pub kind: String,
    pub value: Value,
    pub encoding: Value,
    /// Milliseconds since 1970, or -1.
    pub expires_at_ms: i64,
}

impl Snapshot {
    /// Reads all databases over a connection that nobody writes on meanwhile.
    pub fn of(client: &mut Client) -> Self {
        let mut held = BTreeMap::new();
        for database in 0..DATABASES {
            client.call(&["SELECT", &database.to_string()]);
            for key in client.call(&["KEYS", "*"]).items() {
                let Value::Bulk(key) = key else { panic!("KEYS lists {key:?}") };
                held.insert((database, key.clone()), read(client, key));
            }
        }
        client.call(&["SELECT", "0"]);
        Self(held)
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The same without the encodings, for data that has been through a file or a stream: a string that
    /// was edited in place is kept in another form than one that was set.
    pub fn without_encodings(mut self) -> Self {
        for held in self.0.values_mut() {
            held.encoding = Value::Null(NullForm::Bulk);
        }
        self
    }

    /// The keys that are not the same in both; moments of expiry may differ by `slack_ms`, for servers that
    /// were told a time to live one after the other.
    pub fn differences(&self, other: &Self, slack_ms: u64) -> Vec<String> {
        self.differing(other, |left, right| {
            left.resembles(right, slack_ms) && left.encoding == right.encoding
        })
    }

    /// The same, from Redis's: but an encoding that is excused is no difference.
    pub fn unexcused(
        &self,
        redis: &Self,
        slack_ms: u64,
        excuses: impl Fn(&str) -> bool,
    ) -> Vec<String> {
        let excused = |ours: &Held, theirs: &Held| {
            let (kind, ours, theirs) = (&ours.kind, &ours.encoding, &theirs.encoding);
            let name = format!("encoding of a {kind}: {ours:?} instead of {theirs:?}");
            ours == theirs || excuses(&name)
        };
        self.differing(redis, |ours, theirs| {
            ours.resembles(theirs, slack_ms) && excused(ours, theirs)
        })
    }

    fn differing(&self, other: &Self, same: impl Fn(&Held, &Held) -> bool) -> Vec<String> {
        let mut keys: Vec<&Key> = self.0.keys().chain(other.0.keys()).collect();
        keys.sort();
        keys.dedup();
        let differing = keys.into_iter().filter_map(|key| {
            let (left, right) = (self.0.get(key), other.0.get(key));
            let same = match (left, right) {
                (Some(left), Some(right)) => same(left, right),
                _ => false,
            };
            (!same)
                .then(|| format!("{} of {}: {left:?} and {right:?}", key.1.escape_ascii(), key.0))
        });
        differing.collect()
    }
}

impl fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} keys", self.0.len())
    }
}

impl Held {
    /// Whether all but the encoding is the same.
    fn resembles(&self, other: &Self, slack_ms: u64) -> bool {
        let (left, right) = (self.expires_at_ms, other.expires_at_ms);
        let same_expiry =
            left == right || (left > 0 && right > 0 && left.abs_diff(right) <= slack_ms);
        self.value == other.value && same_expiry
    }
}

fn read(client: &mut Client, key: &[u8]) -> Held {
    let kind = client.call(&[&b"TYPE"[..], key]).text();
    let value = read_value(client, key, &kind);
    let encoding = client.call(&[&b"OBJECT"[..], b"ENCODING", key]);
    let expires_at_ms = expires_at_ms(client, key);
    Held { kind, value, encoding, expires_at_ms }
}

/// Servers before 7.0 say only how long that will be.
fn expires_at_ms(client: &mut Client, key: &[u8]) -> i64 {
    let told = client.call(&[&b"PEXPIRETIME"[..], key]);
    if !told.is_error() {
        return told.integer();
    }
    let left_ms = client.call(&[&b"PTTL"[..], key]).integer();
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
    let now_ms = i64::try_from(since_1970.as_millis()).expect("before the end of time");
    if left_ms < 0 { left_ms } else { now_ms + left_ms }
}

/// The whole value by the commands of its type; what has no order is sorted.
fn read_value(client: &mut Client, key: &[u8], kind: &str) -> Value {
    let mut call = |words: &[&str]| {
        let (command, rest) = words.split_first().expect("a command");
        let rest = rest.iter().map(|word| word.as_bytes());
        let words: Vec<&[u8]> = [command.as_bytes(), key].into_iter().chain(rest).collect();
        client.call(&words)
    };
    match kind {
        "list" => call(&["LRANGE", "0", "-1"]),
        "set" => call(&["SMEMBERS"]).sorted(),
        "hash" => call(&["HGETALL"]).in_pairs(),
        "zset" => with_numbers(&call(&["ZRANGE", "0", "-1", "WITHSCORES"])),
        "stream" => {
            let entries = call(&["XRANGE", "-", "+"]);
            let groups = client.call(&[&b"XINFO"[..], b"GROUPS", key]);
            // Not what they have read: 7.0 miscounts after some deletions.
            let groups = groups.items().iter().map(|group| group.items()[..8].to_vec());
            Value::Array(vec![entries, Value::Array(groups.map(Value::Array).collect())])
        }
        _ => call(&["GET"]),
    }
}

/// Members with their scores as numbers: versions of Redis differ in how many digits they print.
fn with_numbers(members: &Value) -> Value {
    let pairs = members.items().chunks(2).map(|pair| {
        // From 7.2 on, a listpack does not keep the sign of a zero.
        let score = pair[1].text().parse::<f64>().expect("a score") + 0.0;
        Value::Array(vec![pair[0].clone(), Value::Double(format!("{score:?}").into_bytes())])
    });
    Value::Array(pairs.collect())
}

const DATABASES: usize = 16;
