//! Generated requests, put to Redarium and a real Redis alike, round by round.
//!
//! A round has a seed and starts from nothing. Requests travel in batches to both servers at once;
//! replies are compared one by one, and the whole keyspace every now and then. After a difference
//! both start from nothing again. When only the keyspace differs, the round is played again, shorter
//! and shorter, until the request that did it is the last.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::client::Client;
use crate::client::encode;
use crate::compare::agree;
use crate::compare::agree_as;
use crate::compare::agree_in_numbers;
use crate::coverage::Coverage;
use crate::deviations::Deviations;
use crate::generator::CONNECTIONS;
use crate::generator::Generator;
use crate::generator::Kin;
use crate::generator::Request;
use crate::generator::Subject;
use crate::named;
use crate::pair::Both;
use crate::pair::Pair;
use crate::pair::Protocol;
use crate::payloads::Payloads;
use crate::program::Program;
use crate::sessions;
use crate::sessions::Sessions;
use crate::sessions::is_told_later;
use crate::sessions::last;
use crate::snapshot::Snapshot;
use crate::theme::DEFAULTS;
use crate::theme::Theme;
use crate::transcript::Compare;
use crate::value::Value;
use crate::version::Version;
use crate::walk;

/// A pair of servers under generated requests.
pub struct Campaign {
    pair: Pair,
    subjects: Rc<[Subject]>,
    pub coverage: Coverage,
    pub deviations: Deviations,
    /// Deviations that a short run need not meet.
    pub rare: Deviations,
    /// Those that only requests on several connections meet.
    pub sessions: Deviations,
    /// How many keys were compared.
    pub keys: usize,
    /// The first difference of each kind that nothing excuses.
    differences: BTreeMap<String, String>,
}

impl Campaign {
    /// Redarium against Redis, with all commands that Redis knows too.
    pub fn against_redis() -> Self {
        Self::start(Program::Redis, "Generated requests", "Generated requests, rare")
    }

    /// Redarium against Valkey, which knows what the Redis at hand is too old for.
    pub fn against_valkey() -> Self {
        let (section, rare) = ("Generated requests, Valkey", "Generated requests, Valkey, rare");
        Self::start(Program::Valkey, section, rare)
    }

    fn start(other: Program, section: &str, rare: &str) -> Self {
        // Many ticks a second, so that timeouts of a millisecond are.
        let pair = Pair::with_files(other, &["--hz", "500"]);
        Self {
            subjects: subjects(&mut pair.redis.client()),
            pair,
            coverage: Coverage::default(),
            deviations: Deviations::of(section),
            rare: Deviations::of(rare),
            sessions: Deviations::of("Generated requests, sessions"),
            keys: 0,
            differences: BTreeMap::new(),
        }
    }

    pub fn subjects(&self) -> &[Subject] {
        &self.subjects
    }

    fn excuses(&self, name: &str) -> bool {
        [&self.deviations, &self.rare, &self.sessions].iter().any(|list| list.excuse(name))
    }

    /// What differed so far, in a form to be read.
    pub fn differences(&self) -> Vec<&str> {
        self.differences.values().map(String::as_str).collect()
    }

    /// Plays the round of this theme and seed.
    pub fn round(&mut self, theme: Theme, seed: u64, requests: usize) {
        let before = self.differences.len();
        let mut found = self.play(theme, seed, requests);
        if found.is_empty() || self.differences.len() > before {
            return;
        }
        let (mut same, mut different) = (0, requests);
        while different - same > 1 {
            let middle = same.midpoint(different);
            match self.play(theme, seed, middle) {
                differing if differing.is_empty() => same = middle,
                differing => (different, found) = (middle, differing),
            }
        }
        let last = self.requests(theme, seed, different).pop().expect("a request at least");
        let report = format!(
            "{theme}, seed {seed}, after request {different}: {}\n  {}",
            shown(&last.words),
            found.join("\n  ")
        );
        let name = &self.subjects[last.subject].name;
        self.differences.insert(format!("keyspace after {name}"), report);
    }

    fn requests(&self, theme: Theme, seed: u64, count: usize) -> Vec<Request> {
        let mut generator = Generator::on(theme, seed, Rc::clone(&self.subjects));
        match self.pair.redis.program() {
            Program::Valkey => generator.without(is_read_otherwise).round(count),
            _ => generator.round(count),
        }
    }

    /// The first `count` requests of a round; what differs in the keyspaces then, or before.
    fn play(&mut self, theme: Theme, seed: u64, count: usize) -> Vec<String> {
        let protocol = if seed.is_multiple_of(2) { Protocol::Resp2 } else { Protocol::Resp3 };
        let mut round = Round {
            clients: self.pair.clients(protocol),
            keepers: self.pair.clients(Protocol::Resp2),
            sessions: Sessions::open(&self.pair, CONNECTIONS, theme.has_events(seed)),
            payloads: Payloads::default(),
            campaign: self,
            theme,
            seed,
            asked: 0,
        };
        round.prepare();
        let requests = round.campaign.requests(theme, seed, count);
        let together = |left: &Request, right: &Request| left.cursor.or(right.cursor).is_none();
        let mut rest = &requests[..];
        while !rest.is_empty() {
            let later = rest.iter().skip(STRETCH).position(|request| !request.is_levelling);
            let (stretch, after) = rest.split_at(later.map_or(rest.len(), |more| STRETCH + more));
            for batch in stretch.chunk_by(together).flat_map(|batch| batch.chunks(BATCH)) {
                round.batch(batch);
            }
            rest = after;
            let differing = round.differing();
            if !differing.is_empty() {
                return differing;
            }
        }
        Vec::new()
    }
}

/// One round while it is played.
struct Round<'a> {
    campaign: &'a mut Campaign,
    clients: Both,
    /// Connections to look at everything and to flush it: the others may be inside MULTI.
    keepers: Both,
    sessions: Sessions,
    payloads: Payloads,
    theme: Theme,
    seed: u64,
    asked: usize,
}

impl Round<'_> {
    /// Settings and keys that vary with the theme and the seed, and nothing else.
    fn prepare(&mut self) {
        self.flush();
        for (name, value) in DEFAULTS.iter().chain(self.theme.settings(self.seed)) {
            self.expect_success(&["CONFIG", "SET", name, value]);
        }
        for words in self.theme.preparation() {
            self.expect_success(words);
        }
    }

    fn expect_success(&mut self, words: &[&str]) {
        for client in [&mut self.keepers.redarium, &mut self.keepers.redis] {
            let reply = client.call(words);
            assert!(!reply.is_error(), "{words:?}: {reply:?}");
        }
    }

    fn flush(&mut self) {
        self.expect_success(&["FLUSHALL"]);
    }

    /// What differs in the keyspaces.
    fn differing(&mut self) -> Vec<String> {
        let ours = Snapshot::of(&mut self.keepers.redarium);
        let theirs = Snapshot::of(&mut self.keepers.redis);
        self.campaign.keys += ours.len();
        let campaign = &*self.campaign;
        ours.unexcused(&theirs, SLACK_MS, |name| campaign.excuses(name))
    }

    /// Sends all to both and compares what comes back. A walk is the only one of its batch.
    fn batch(&mut self, batch: &[Request]) {
        if self.theme == Theme::Sessions {
            return batch.iter().for_each(|request| self.converse(request));
        }
        if let [request] = batch
            && let Some(cursor) = request.cursor
        {
            return self.walk(request, cursor);
        }
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for request in batch {
            let (left, right) = self.payloads.fill(request);
            ours.extend(encode(&left));
            theirs.extend(encode(&right));
        }
        self.clients.redis.send_raw(&theirs).expect("Redis reads on");
        self.clients.redarium.send_raw(&ours).expect("Redarium reads on");
        let mut is_level = true;
        for request in batch {
            let theirs = self.clients.redis.read_with_bytes();
            let ours = self.clients.redarium.read_with_bytes();
            self.asked += 1;
            is_level = is_level && self.judge(request, ours, theirs);
        }
        if !is_level {
            self.flush();
        }
    }

    /// Asks on one of several connections, and reads what the others were told from time to time.
    fn converse(&mut self, request: &Request) {
        self.asked += 1;
        let mut request = request.clone();
        if self.sessions.is_left_out(&request) {
            return;
        }
        if sessions::is_answered_alone(&request) {
            self.read_messages(&request, request.client);
        }
        let Some((ours, theirs)) = self.sessions.ask(&self.campaign.pair, &mut request) else {
            return;
        };
        let is_level = self.judge(&request, ours, theirs)
            && (!self.asked.is_multiple_of(16)
                || (0..CONNECTIONS).all(|number| self.read_messages(&request, number)));
        if !is_level {
            let has_events = self.theme.has_events(self.seed);
            self.sessions = Sessions::open(&self.campaign.pair, CONNECTIONS, has_events);
            self.flush();
        }
    }

    fn read_messages(&mut self, request: &Request, number: usize) -> bool {
        let Some((ours, theirs)) = self.sessions.messages(number) else { return true };
        let request = Request { places: Vec::new(), compare: Compare::Bytes, ..request.clone() };
        self.judge(&request, ours, theirs)
    }

    fn walk(&mut self, request: &Request, cursor: usize) {
        self.asked += 1;
        let ours = walk::whole(&mut self.clients.redarium, &request.words, cursor);
        let theirs = walk::whole(&mut self.clients.redis, &request.words, cursor);
        let request = Request { compare: Compare::Bytes, ..request.clone() };
        self.judge(&request, ours, theirs);
    }

    /// Compares; whether the two keyspaces may be thought the same after it.
    fn judge(&mut self, request: &Request, ours: Reply, theirs: Reply) -> bool {
        let (Ok((our_value, our_bytes)), Ok((their_value, their_bytes))) = (&ours, &theirs) else {
            panic!("{}", self.report(request, &format!("{ours:?}"), &format!("{theirs:?}")));
        };
        let reply = last(their_value);
        if !reply.is_error() && !reply.is_status("QUEUED") {
            self.campaign.coverage.count(request);
        }
        self.payloads.keep(&request.words, our_value, their_value);
        if agree(our_bytes, their_bytes, request.compare) {
            return true;
        }
        if self.theme == Theme::Sessions
            && is_told_later(our_value, their_value)
            && self.campaign.excuses(TOLD_LATER)
        {
            return true;
        }
        let mut may_differ = false;
        let replies = match (last(our_value), last(their_value)) {
            (ours, theirs) if ours == theirs => replies(request, their_value, our_value),
            (ours, theirs) => replies(request, theirs, ours),
        };
        for (number, compare, theirs, ours) in replies {
            let subject = &self.campaign.subjects[number];
            let is_score = matches!(subject.kin, Kin::SortedSet | Kin::Geo);
            if is_score && agree_in_numbers(ours, theirs) && self.campaign.excuses(IN_OTHER_DIGITS)
            {
                continue;
            }
            // On several connections, every request has an effect on later ones.
            may_differ |= subject.writes() || self.theme == Theme::Sessions;
            for name in names(subject, compare, ours, theirs) {
                if !self.campaign.excuses(&name) {
                    let (ours, theirs) = (format!("{our_value:?}"), format!("{their_value:?}"));
                    let report = self.report(request, &ours, &theirs);
                    let report = format!("{report}\n  not excused as `{name}`");
                    self.campaign.differences.entry(name).or_insert(report);
                }
            }
        }
        !may_differ
    }

    fn report(&self, request: &Request, ours: &str, theirs: &str) -> String {
        let (theme, seed, number) = (self.theme, self.seed, self.asked);
        let asked = shown(&self.payloads.fill(request).0);
        format!(
            "{theme}, seed {seed}, request {number}: {asked}\n  redarium {ours}\n  redis    {theirs}"
        )
    }
}

/// A reply with its bytes.
pub type Reply = std::io::Result<(Value, Vec<u8>)>;

/// The replies that differ, Redis's first, each with the number of its command and how they compare:
/// those inside EXEC's one by one.
fn replies<'a>(
    request: &Request,
    redis: &'a Value,
    redarium: &'a Value,
) -> Vec<(usize, Compare, &'a Value, &'a Value)> {
    if let (Value::Array(theirs), Value::Array(ours)) = (redis, redarium)
        && request.inside.len() == theirs.len()
        && theirs.len() == ours.len()
    {
        let each = request.inside.iter().zip(theirs).zip(ours);
        let each =
            each.map(|(((number, compare), theirs), ours)| (*number, *compare, theirs, ours));
        return each
            .filter(|(_, compare, theirs, ours)| !agree_as(ours, theirs, *compare))
            .collect();
    }
    vec![(request.subject, request.compare, redis, redarium)]
}

/// What the list of deviations calls the differences between two replies: each fact that has a name
/// by that name, all others by the replies themselves.
fn names(subject: &Subject, compare: Compare, ours: &Value, theirs: &Value) -> Vec<String> {
    let name = &subject.name;
    if compare == Compare::Moments && !ours.is_error() && !theirs.is_error() {
        let facts = named::differences(ours, theirs);
        return facts.iter().map(|fact| format!("{name}, {fact}")).collect();
    }
    let (ours, theirs) = (gist(subject, ours), gist(subject, theirs));
    vec![format!("{name}: {ours} instead of {theirs}")]
}

/// What the list of deviations calls a reply: an error by its text, an encoding by its name.
fn gist(subject: &Subject, value: &Value) -> String {
    match value {
        Value::Error(_) => value.text(),
        Value::Bulk(_) if subject.name == "object|encoding" => value.text(),
        _ => "a reply".to_owned(),
    }
}

/// The request as one types it into redis-cli.
fn shown(words: &[Vec<u8>]) -> String {
    let quoted = |word: &Vec<u8>| {
        let plain = word.iter().all(|byte| byte.is_ascii_alphanumeric() || b"_-.:*".contains(byte));
        let text = word.escape_ascii();
        if plain && !word.is_empty() { text.to_string() } else { format!("\"{text}\"") }
    };
    words.iter().map(quoted).collect::<Vec<_>>().join(" ")
}

/// Whether Valkey, and no Redis, refuses numbers that stand there: in hexadecimal or after a space; or
/// takes a negative offset for none.
fn is_read_otherwise(words: &[Vec<u8>]) -> bool {
    let is_odd = |word: &Vec<u8>| word.starts_with(b"0x") || word.starts_with(b" ");
    let is_limit =
        |pair: &[Vec<u8>]| pair[0].eq_ignore_ascii_case(b"LIMIT") && pair[1].starts_with(b"-");
    words.iter().any(is_odd) || words.windows(2).any(is_limit)
}

/// The commands that both servers know, with the options of the version the other one has.
fn subjects(client: &mut Client) -> Rc<[Subject]> {
    let names = client.call(&["COMMAND", "LIST"]);
    let info = client.call(&["INFO", "server"]).text();
    let version = |name| info.lines().find_map(|line| line.strip_prefix(name)).map(Version::of);
    // Valkey tells the version of Redis it began as, and its own.
    let redis = version("redis_version:").expect("a version");
    let valkey = version("valkey_version:");
    let is_known = |subject: &Subject| {
        let name = Value::Bulk(subject.name.clone().into_bytes());
        let is_own = valkey.is_some() && VALKEYS_OWN.contains(&&*subject.name);
        names.items().contains(&name) && !is_own
    };
    let known = Subject::all(valkey.unwrap_or(redis)).into_iter();
    let known = known.filter(is_known).map(|subject| match NOT_VALKEYS.contains(&&*subject.name) {
        true => subject.as_of(redis),
        false => subject,
    });
    known.collect()
}

/// Commands to which a later Redis gave options that Valkey does not know.
const NOT_VALKEYS: &[&str] = &["bitop"];
/// Commands that Valkey made anew.
const VALKEYS_OWN: &[&str] = &["client|kill", "client|list", "client|info"];
/// What the list of deviations calls replies that print the same scores otherwise.
const IN_OTHER_DIGITS: &str = "scores: in other digits";
/// What the list of deviations calls messages that come after the reply to who sent them.
const TOLD_LATER: &str = "messages: after the reply";
/// Requests from one look at the keyspaces to the next.
const STRETCH: usize = 1000;
/// Requests sent at once.
const BATCH: usize = 64;
/// Both servers are told a relative time one after the other.
const SLACK_MS: u64 = 5_000;
