//! Replies that tell facts by name, as XINFO's do: which facts differ, and how.
//!
//! Moments and spans of time are each server's own and have to be near each other; all else has to be the
//! same, so that a count is never taken for a moment.

use std::collections::BTreeSet;

use crate::value::Value;

/// The facts that differ, each once: its path of names, what Redarium says and what Redis says.
pub fn differences(redarium: &Value, redis: &Value) -> Vec<String> {
    let mut walk = Walk { path: Vec::new(), stream: None, found: BTreeSet::new() };
    walk.value(redarium, redis);
    walk.found.into_iter().collect()
}

struct Walk<'a> {
    path: Vec<&'a str>,
    /// The stream whose groups are told of.
    stream: Option<Stream>,
    found: BTreeSet<String>,
}

/// What a group's lag is counted from.
#[derive(Clone, Copy)]
struct Stream {
    length: i64,
    first: Id,
    last_deleted: Id,
}

/// An entry's, its two numbers.
type Id = (u64, u64);

impl<'a> Walk<'a> {
    fn value(&mut self, ours: &'a Value, theirs: &'a Value) {
        match (facts(ours), facts(theirs)) {
            (Some(ours), Some(theirs)) => self.facts(&ours, &theirs),
            _ => match (ours, theirs) {
                (Value::Array(ours), Value::Array(theirs)) if ours.len() == theirs.len() => {
                    let time = place_of_time(ours);
                    for (at, (ours, theirs)) in ours.iter().zip(theirs).enumerate() {
                        match time == Some(at) && is_near(ours, theirs) {
                            true => {}
                            false => self.value(ours, theirs),
                        }
                    }
                }
                _ => self.same(Some(ours), Some(theirs)),
            },
        }
    }

    fn facts(&mut self, ours: &[Fact<'a>], theirs: &[Fact<'a>]) {
        self.stream = Stream::of(ours).or(self.stream);
        let mut names: Vec<&str> = ours.iter().chain(theirs).map(|(name, _)| *name).collect();
        names.sort_unstable();
        names.dedup();
        for name in names {
            self.path.push(name);
            match (fact(ours, name), fact(theirs, name)) {
                (Some(lag), Some(other)) if name == "lag" => self.lag(ours, theirs, lag, other),
                (Some(ours), Some(theirs)) if TIMES.contains(&name) && is_near(ours, theirs) => {}
                (Some(ours), Some(theirs)) => self.value(ours, theirs),
                (ours, theirs) => self.same(ours, theirs),
            }
            self.path.pop();
        }
    }

    /// Two versions of Redis rarely agree on it. XINFO STREAM FULL alone tells what it is counted from, which
    /// has to be the same.
    fn lag(&mut self, group: &[Fact<'a>], other: &[Fact<'a>], ours: &'a Value, theirs: &'a Value) {
        let Some(stream) = self.stream else { return };
        if fact(group, "entries-read") != fact(other, "entries-read") {
            return;
        }
        let last = fact(group, "last-delivered-id").and_then(id);
        let is_behind = last.is_some_and(|last| last.max(stream.last_deleted) < stream.first);
        if stream.length > 0 && !is_behind {
            return self.same(Some(ours), Some(theirs));
        }
        let is_right = *ours == Value::Integer(stream.length);
        let verdict = if is_right { "what there is" } else { "not what there is" };
        if !is_right || ours != theirs {
            self.found.insert(format!("{}: {verdict}", self.path.join(" ")));
        }
    }

    fn same(&mut self, ours: Option<&Value>, theirs: Option<&Value>) {
        if ours != theirs {
            let (ours, theirs) = (gist(ours), gist(theirs));
            self.found.insert(format!("{}: {ours} instead of {theirs}", self.path.join(" ")));
        }
    }
}

impl Stream {
    fn of(facts: &[Fact<'_>]) -> Option<Self> {
        let Value::Integer(length) = fact(facts, "length")? else { return None };
        let first = fact(facts, "recorded-first-entry-id").and_then(id)?;
        let last_deleted = fact(facts, "max-deleted-entry-id").and_then(id)?;
        Some(Self { length: *length, first, last_deleted })
    }
}

fn text(value: &Value) -> Option<&str> {
    match value {
        Value::Bulk(text) => std::str::from_utf8(text).ok(),
        _ => None,
    }
}

fn id(value: &Value) -> Option<Id> {
    let (time, number) = text(value)?.split_once('-')?;
    Some((time.parse().ok()?, number.parse().ok()?))
}

type Fact<'a> = (&'a str, &'a Value);

fn fact<'a>(facts: &[Fact<'a>], name: &str) -> Option<&'a Value> {
    facts.iter().find(|(named, _)| *named == name).map(|(_, value)| *value)
}

/// The names and values of a map, or of a flat array that begins as those of XINFO do.
fn facts(value: &Value) -> Option<Vec<Fact<'_>>> {
    match value {
        Value::Map(pairs) => pairs.iter().map(|(key, value)| Some((text(key)?, value))).collect(),
        Value::Array(items) if FIRST.contains(&text(items.first()?)?) => {
            items.chunks(2).map(|pair| Some((text(&pair[0])?, pair.get(1)?))).collect()
        }
        _ => None,
    }
}

/// Where the time stands in what XPENDING and XINFO say of a pending entry: before the number of
/// deliveries, which is last.
fn place_of_time(items: &[Value]) -> Option<usize> {
    use Value::Bulk;
    use Value::Integer;
    match items {
        [Bulk(_), Integer(_), Integer(_)] => Some(1),
        [Bulk(_), Bulk(_), Integer(_), Integer(_)] => Some(2),
        _ => None,
    }
}

/// Whether two times are the same but for the moment at which each server was asked. A negative one stands
/// for none.
fn is_near(ours: &Value, theirs: &Value) -> bool {
    match (ours, theirs) {
        (Value::Integer(ours), Value::Integer(theirs)) => {
            ours == theirs || (*ours >= 0 && *theirs >= 0 && ours.abs_diff(*theirs) <= SLACK_MS)
        }
        _ => false,
    }
}

fn gist(value: Option<&Value>) -> &'static str {
    match value {
        None => "nothing",
        Some(Value::Null(_)) => "null",
        Some(Value::Integer(_)) => "a number",
        Some(Value::Array(_) | Value::Map(_) | Value::Set(_)) => "a list",
        Some(_) => "a text",
    }
}

const FIRST: &[&str] = &["name", "length"];
const TIMES: &[&str] = &["idle", "inactive", "seen-time", "active-time"];
/// Between one server's answer and the other's.
const SLACK_MS: u64 = 5_000;

#[cfg(test)]
mod tests {
    use super::differences;
    use crate::value::Value;

    fn check(ours: &str, theirs: &str, expect: &[&str]) {
        let read = |text: &str| {
            let bytes = text.replace(' ', "\r\n") + "\r\n";
            Value::parse(bytes.as_bytes()).unwrap().unwrap().0
        };
        assert_eq!(differences(&read(ours), &read(theirs)), expect, "{ours} and {theirs}");
    }

    #[test]
    fn times_may_be_near_and_nothing_else() {
        let consumer = |name, pending, idle| {
            format!("*6 $4 name $1 {name} $7 pending :{pending} $4 idle :{idle}")
        };
        check(&consumer("a", 1, 10), &consumer("a", 1, 900), &[]);
        check(&consumer("a", 1, 10), &consumer("b", 1, 10), &["name: a text instead of a text"]);
        check(
            &consumer("a", 1, 10),
            &consumer("a", 2, -1),
            &["idle: a number instead of a number", "pending: a number instead of a number"],
        );
        check("*4 $3 1-0 $1 c :5 :1", "*4 $3 1-0 $1 c :70 :1", &[]);
        let counts = &[": a number instead of a number"];
        check("*4 $3 1-0 $1 c :5 :1", "*4 $3 1-0 $1 c :5 :2", counts);
        check("*2 :5 :1", "*2 :6 :1", counts);
        check("*1 :5", "*2 :5 :6", &[": a list instead of a list"]);
    }

    #[test]
    fn a_lag_is_compared_where_it_can_be_counted_from_the_same() {
        let stream = |length, deleted, read, lag| {
            format!(
                "*8 $6 length :{length} $20 max-deleted-entry-id $3 {deleted}-0 \
                 $23 recorded-first-entry-id $3 5-0 $6 groups *1 *6 $4 name $1 g \
                 $17 last-delivered-id $3 {read}-0 $3 lag :{lag}"
            )
        };
        check(&stream(3, 0, 7, 1), &stream(3, 0, 7, 1), &[]);
        let differs = &["groups lag: a number instead of a number"];
        check(&stream(3, 0, 7, 1), &stream(3, 0, 7, 2), differs);
        check(&stream(3, 6, 2, 1), &stream(3, 6, 2, 2), differs);
        check(&stream(3, 4, 2, 3), &stream(3, 4, 2, 9), &["groups lag: what there is"]);
        check(&stream(0, 6, 7, 0), &stream(0, 6, 7, 9), &["groups lag: what there is"]);
        check(&stream(3, 4, 2, 9), &stream(3, 4, 2, 9), &["groups lag: not what there is"]);
    }

    #[test]
    fn what_only_one_tells_is_named_wherever_it_is() {
        check(
            "*4 $6 length :0 $6 groups *1 %2 $4 name $1 g $4 read :0",
            "*4 $6 length :0 $6 groups *1 %1 $4 name $1 g",
            &["groups read: a number instead of nothing"],
        );
    }
}
