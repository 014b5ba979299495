//! How each thing that is said between nodes is named and explained.

use super::Said;
use super::Subject;
use crate::persist::rdb;
use crate::resp::quote;

/// Names a request of the replica.
pub(super) fn from_replica(request: &[Vec<u8>]) -> Said {
    let (name, option) = (word(request, 0), word(request, 1));
    let (subject, why) = match (name.as_str(), option.as_str()) {
        ("PING", _) => (Subject::Handshake, "The replica asks whether its master answers at all."),
        ("AUTH", _) => (Subject::Handshake, "The replica authenticates itself."),
        ("REPLCONF", "ACK") => {
            let why = "The replica reports the offset it has applied: each second, and when asked.";
            let label = format!("ACK {}", shown(request.get(2)));
            return Said { subject: Subject::Ack, minor: false, label, why };
        }
        ("REPLCONF", "LISTENING-PORT" | "IP-ADDRESS") => {
            (Subject::Handshake, "The replica says where it listens, for INFO and ROLE to show.")
        }
        ("REPLCONF", "CAPA") => {
            (Subject::Handshake, "The replica says which ways of synchronising it understands.")
        }
        ("REPLCONF", _) => (Subject::Handshake, "The replica tells its master about itself."),
        ("PSYNC", "?") => {
            (Subject::Sync, "The replica has no history yet and asks for everything.")
        }
        ("PSYNC", _) => {
            (Subject::Sync, "The replica asks to go on from this byte of a history it knows.")
        }
        _ => (Subject::Handshake, "The replica asks its master for something."),
    };
    Said { subject, minor: false, label: label(request), why }
}

/// Names a command of the stream.
pub(super) fn from_master(request: &[Vec<u8>]) -> Said {
    let (name, option) = (word(request, 0), word(request, 1));
    let (subject, minor, why) = match (name.as_str(), option.as_str()) {
        ("PING", _) => {
            (Subject::Ping, false, "The master's heartbeat; it is part of the stream and counts.")
        }
        ("REPLCONF", "GETACK") => {
            (Subject::Ack, false, "A client waits for replicas: the master asks for their offsets.")
        }
        ("SELECT", _) => (Subject::Stream, true, "The writes that follow belong to this database."),
        ("MULTI" | "EXEC", _) => {
            (Subject::Stream, true, "The replica is to run what stands between as one.")
        }
        _ => (Subject::Stream, false, "A write the master has run, for its replicas to run too."),
    };
    Said { subject, minor, label: label(request), why }
}

/// Names a reply of the master during the handshake, without its line end.
pub(super) fn reply(line: &[u8]) -> Said {
    let (subject, why) = match line {
        [b'+', b'F', b'U', b'L', b'L', ..] => {
            (Subject::Sync, "The master can't go on from there: a copy of all its data follows.")
        }
        [b'+', b'C', b'O', b'N', b'T', ..] => {
            (Subject::Sync, "The backlog holds all that the replica lacks: only that is sent.")
        }
        [b'-', ..] => (Subject::Handshake, "The master refuses."),
        _ => (Subject::Handshake, "The master answers the handshake."),
    };
    let text = line.get(1..).unwrap_or_default();
    let fields: Vec<_> = text.split(|byte| *byte == b' ').map(<[u8]>::to_vec).collect();
    Said { subject, minor: false, label: label(&fields), why }
}

pub(super) fn keepalive() -> Said {
    let why = "The master prepares the snapshot and shows that it is alive.";
    Said { subject: Subject::Ping, minor: false, label: "newline".into(), why }
}

/// What a line of a master's reply means.
pub(super) fn line_meaning(line: &[u8]) -> String {
    let rest = line.get(1..).unwrap_or_default();
    let text = short(rest, TEXT_CHARS_MAX);
    match line.first() {
        Some(b'+') => format!("a status: {text}"),
        Some(b'-') => format!("an error: {text}"),
        Some(b':') => format!("an integer: {text}"),
        Some(b'$') if rest.starts_with(b"EOF:") => "a snapshot until this mark comes".into(),
        Some(b'$') => format!("a snapshot of {text} bytes"),
        None => "a newline: what was asked for is not ready yet".into(),
        _ => format!("a line: {}", short(line, TEXT_CHARS_MAX)),
    }
}

/// What a record of a snapshot means.
pub(super) fn record(item: &rdb::Item) -> String {
    match item {
        rdb::Item::Version(version) => format!("REDIS: an RDB payload of version {version}"),
        rdb::Item::Aux { key, value } => {
            format!(
                "FA, a field: {} = {}",
                short(key, WORD_CHARS_MAX),
                short(value, TEXT_CHARS_MAX)
            )
        }
        rdb::Item::SelectDb(db) => format!("FE, database {db}: its entries follow"),
        rdb::Item::ResizeDb { keys, expires } => {
            format!("FB, sizes: {keys} keys, {expires} of them with an expiry")
        }
        rdb::Item::Module { .. } => "data of a module".into(),
        rdb::Item::Function(code) => format!("F5, a function library of {} bytes", code.len()),
        rdb::Item::Entry(entry) => self::entry(entry),
        rdb::Item::End(rdb::Checksum::Verified(checksum)) => {
            format!("FF, the end, and its checksum: CRC64 {checksum:016x}")
        }
        rdb::Item::End(_) => "FF, the end".into(),
    }
}

fn entry(entry: &rdb::Entry) -> String {
    let key = quoted(&entry.key, entry.key.len());
    let value = match &entry.value {
        rdb::Value::String(rdb::StringValue::Int(int)) => format!("{int}, stored as an integer"),
        rdb::Value::String(rdb::StringValue::Bytes(bytes)) => quoted(bytes, bytes.len()),
        rdb::Value::Data(data) => data.collection().type_name().to_owned(),
    };
    match entry.expire_at_ms {
        None => format!("an entry: {key} = {value}"),
        Some(at) => format!("an entry: {key} = {value}, expires at {at} ms"),
    }
}

/// A word in quotes, of which only the beginning may be at hand: `len` is its true length.
pub(super) fn quoted(word: &[u8], len: usize) -> String {
    let kept = word.get(..TEXT_CHARS_MAX).unwrap_or(word);
    let mut text = Vec::new();
    quote(kept, &mut text);
    let mut text = String::from_utf8_lossy(&text).into_owned();
    if kept.len() < len {
        text.push('…');
    }
    text
}

/// A request as short as it can be and still say something.
fn label(request: &[Vec<u8>]) -> String {
    let mut label = String::new();
    for word in request {
        if !label.is_empty() {
            label.push(' ');
        }
        let room = LABEL_CHARS_MAX.saturating_sub(label.chars().count());
        if room == 0 {
            label.push('…');
            break;
        }
        label.push_str(&short(word, room.min(WORD_CHARS_MAX)));
    }
    label
}

/// At most `chars_max` characters; what can't be printed becomes a dot.
fn short(bytes: &[u8], chars_max: usize) -> String {
    let text = String::from_utf8_lossy(bytes);
    let mut short: String = text
        .chars()
        .take(chars_max)
        .map(|char| if char.is_control() || char == '\u{fffd}' { '.' } else { char })
        .collect();
    if text.chars().nth(chars_max).is_some() {
        short.pop();
        short.push('…');
    }
    short
}

fn shown(word: Option<&Vec<u8>>) -> String {
    word.map(|word| short(word, WORD_CHARS_MAX)).unwrap_or_default()
}

fn word(request: &[Vec<u8>], index: usize) -> String {
    let word = request.get(index).map(Vec::as_slice).unwrap_or_default();
    String::from_utf8_lossy(word).to_ascii_uppercase()
}

pub(super) const WHY_SNAPSHOT: &str =
    "A copy of the master's data as it was at the offset that +FULLRESYNC named.";
pub(super) const WHY_CONTINUED: &str = "More bytes of something that began in an earlier packet.";

const LABEL_CHARS_MAX: usize = 32;
const WORD_CHARS_MAX: usize = 16;
const TEXT_CHARS_MAX: usize = 64;
