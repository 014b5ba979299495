//! Several connections to each of the two servers, on which the same is asked in the same order.
//!
//! A connection that listens to channels is told of messages between replies, and some requests have several
//! replies. So a PING with a mark is sent after each, and all that arrives before its answer belongs to the
//! request. Inside MULTI it would be queued; but there, every request has one reply.

use crate::campaign::Reply;
use crate::client::Client;
use crate::client::encode;
use crate::generator::Request;
use crate::pair::Both;
use crate::pair::Pair;
use crate::pair::Protocol;
use crate::server::is_gone;
use crate::transcript::Compare;
use crate::value::Value;

/// The connections, by number.
pub struct Sessions {
    all: Vec<Session>,
    /// They all speak RESP2, in which a listener does nothing else: 7.0 puts what it tells a connection of its own
    /// doings into the midst of the reply.
    has_events: bool,
}

struct Session {
    clients: Both,
    /// As CLIENT ID says it, of Redarium's connection and of Redis's.
    ids: [Vec<u8>; 2],
    /// What EXEC will carry out: each command's number and how its replies compare. `None` outside of MULTI.
    queued: Option<Vec<(usize, Compare)>>,
}

/// A value that was read, with its bytes.
type Frame = (Value, Vec<u8>);

/// What both servers say.
pub type Replies = (Reply, Reply);

impl Sessions {
    /// So many connections; each second one speaks RESP3, unless there are keyspace events.
    pub fn open(pair: &Pair, count: usize, has_events: bool) -> Self {
        let open = |number| Session::open(pair, number, has_events);
        Self { all: (0..count).map(open).collect(), has_events }
    }

    /// Asks on the request's connection; adds to the request what EXEC carries out. Nothing is said when both have
    /// closed the connection: then there is a new one in its place.
    pub fn ask(&mut self, pair: &Pair, request: &mut Request) -> Option<Replies> {
        let [ours, theirs] = [0, 1].map(|side| self.filled(&request.words, side));
        let session = &mut self.all[request.client];
        if is(request, "exec") {
            request.inside = session.queued.clone().unwrap_or_default();
        }
        let is_one = session.queued.is_some() || is_answered_alone(request);
        let mut said = Session::read_both(&mut session.clients, is_one, &ours, &theirs);
        if let (Err(left), Err(right)) = (&said.0, &said.1)
            && is_gone(left)
            && is_gone(right)
        {
            *session = Session::open(pair, request.client, self.has_events);
            return None;
        }
        if let Ok((value, _)) = &mut said.1 {
            session.follow(request, last(value));
        }
        Some(said)
    }

    /// Whether it is not asked inside MULTI: EXEC's reply would not be one, since the answers to it are
    /// messages; and 7.0 lets a message come in the midst of the replies. Nor is HELLO where all speak RESP2.
    pub fn is_left_out(&self, request: &Request) -> bool {
        if self.has_events && is(request, "hello") {
            return true;
        }
        let name = request.words[0].to_ascii_lowercase();
        let is_unfit = name.ends_with(b"subscribe") || name.ends_with(b"publish");
        is_unfit && self.all[request.client].queued.is_some()
    }

    /// What has arrived on a connection since it was last read.
    pub fn messages(&mut self, number: usize) -> Option<Replies> {
        let session = &mut self.all[number];
        session.queued.is_none().then(|| {
            let (ours, theirs) = (marked(Vec::new()), marked(Vec::new()));
            let Both { redarium, redis } = &mut session.clients;
            (exchange(redarium, &ours, false), exchange(redis, &theirs, false))
        })
    }

    /// The words for one of the servers: `@2` stands for the second connection's identifier.
    fn filled(&self, words: &[Vec<u8>], side: usize) -> Vec<u8> {
        let fill = |word: &Vec<u8>| {
            let number: Option<usize> = word
                .strip_prefix(b"@")
                .and_then(|text| std::str::from_utf8(text).ok()?.parse().ok());
            let session = number.and_then(|number| self.all.get(number));
            session.map_or_else(|| word.clone(), |session| session.ids[side].clone())
        };
        encode(&words.iter().map(fill).collect::<Vec<_>>())
    }
}

impl Session {
    fn open(pair: &Pair, number: usize, has_events: bool) -> Self {
        let is_older = has_events || number.is_multiple_of(2);
        let protocol = if is_older { Protocol::Resp2 } else { Protocol::Resp3 };
        let mut clients = pair.clients(protocol);
        let ids = [&mut clients.redarium, &mut clients.redis]
            .map(|client| client.call(&["CLIENT", "ID"]).integer().to_string().into_bytes());
        Self { clients, ids, queued: None }
    }

    fn read_both(clients: &mut Both, is_one: bool, ours: &[u8], theirs: &[u8]) -> Replies {
        let bytes = |bytes: &[u8]| if is_one { bytes.to_vec() } else { marked(bytes.to_vec()) };
        let Both { redarium, redis } = clients;
        (exchange(redarium, &bytes(ours), is_one), exchange(redis, &bytes(theirs), is_one))
    }

    /// Whether the connection is inside MULTI after this reply, and what it has queued.
    fn follow(&mut self, request: &Request, reply: &Value) {
        if reply.is_status("QUEUED") {
            self.queued.get_or_insert_default().push((request.subject, request.compare));
        } else if is(request, "multi") && reply.is_status("OK") {
            self.queued = Some(Vec::new());
        } else if is(request, "exec") && !is_error(reply, "ERR")
            || is(request, "discard") && reply.is_status("OK")
            || is(request, "reset") && reply.is_status("RESET")
        {
            self.queued = None;
        }
    }
}

/// Whether no PING follows it, since that might be queued. Messages have to be read before it.
pub fn is_answered_alone(request: &Request) -> bool {
    BARE.iter().any(|name| is(request, name))
}

fn is(request: &Request, name: &str) -> bool {
    request.words[0].eq_ignore_ascii_case(name.as_bytes())
}

/// What a request was answered, without the messages that came with it.
pub fn last(said: &Value) -> &Value {
    match said {
        Value::Array(frames) if frames.iter().any(is_message) => {
            frames.iter().rfind(|frame| !is_message(frame)).unwrap_or(said)
        }
        _ => said,
    }
}

/// Whether a frame is no reply, but tells of something published or, in RESP3, of anything else.
fn is_message(frame: &Value) -> bool {
    match frame {
        Value::Push(_) => true,
        Value::Array(parts) => {
            matches!(parts.first(), Some(Value::Bulk(kind)) if MESSAGES.contains(&&**kind))
        }
        _ => false,
    }
}

fn is_error(reply: &Value, code: &str) -> bool {
    reply.is_error() && reply.text().starts_with(code)
}

fn marked(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes.extend(encode(&[b"PING", MARK]));
    bytes
}

/// All frames up to the answer to the mark; of a single reply, up to what is no push.
fn exchange(client: &mut Client, bytes: &[u8], is_one: bool) -> Reply {
    client.send_raw(bytes)?;
    let mut frames = Vec::new();
    loop {
        let frame = client.read_with_bytes()?;
        if is_mark(&frame.0) {
            break;
        }
        let is_last = is_one && !matches!(frame.0, Value::Push(_));
        frames.push(frame);
        if is_last {
            break;
        }
    }
    let is_same = |left: &Frame, right: &Frame| is_same_message(&left.0, &right.0);
    frames.chunk_by_mut(is_same).for_each(<[Frame]>::sort);
    let bytes = frames.iter().flat_map(|(_, bytes)| bytes.clone()).collect();
    let value = match <[_; 1]>::try_from(frames) {
        Ok([(value, _)]) => value,
        Err(frames) => Value::Array(frames.into_iter().map(|(value, _)| value).collect()),
    };
    Ok((value, bytes))
}

/// Whether two frames tell of one message by two patterns: which comes first is left to chance.
fn is_same_message(left: &Value, right: &Value) -> bool {
    let message = |frame: &Value| match frame {
        Value::Array(parts) | Value::Push(parts) => match &parts[..] {
            [Value::Bulk(kind), _, message @ ..] if kind == b"pmessage" => Some(message.to_vec()),
            _ => None,
        },
        _ => None,
    };
    message(left).is_some_and(|left| Some(left) == message(right))
}

/// Whether the same was said, but Redarium told of messages after the reply, not before it.
pub fn is_told_later(ours: &Value, theirs: &Value) -> bool {
    let (Value::Array(ours), Value::Array(theirs)) = (ours, theirs) else { return false };
    replies_first(ours) == replies_first(theirs)
}

/// The same frames, replies before messages; each in their order.
fn replies_first(frames: &[Value]) -> Vec<Value> {
    let mut frames = frames.to_vec();
    frames.sort_by_key(|frame| matches!(frame, Value::Push(_)));
    frames.chunk_by_mut(is_same_message).for_each(<[Value]>::sort);
    frames
}

/// PING answers with its argument; to a listener in RESP2 also with its name.
fn is_mark(frame: &Value) -> bool {
    match frame {
        Value::Bulk(text) => text == MARK,
        Value::Array(parts) => parts.len() == 2 && parts.last().is_some_and(is_mark),
        _ => false,
    }
}

/// Requests after which a PING might be queued.
const BARE: &[&str] = &["multi", "exec", "discard", "reset"];
/// What a message begins with where a listener speaks RESP2.
const MESSAGES: &[&[u8]] = &[b"message", b"pmessage", b"smessage"];
const MARK: &[u8] = b"\x01mark\x02";
