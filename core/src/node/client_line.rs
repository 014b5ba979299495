//! A connection as CLIENT LIST and CLIENT INFO show it, ACL LOG and the log.
//!
//! Redis's fields in Redis's order. Of the buffers it tells what there is here: requests are read where they
//! lie, so arguments take memory only while a command waits or runs; and the room behind unread bytes is that of
//! the buffer which the shell read them into.

use std::fmt::Write;

use super::Conn;
use super::Node;
use super::conn::ConnRole;
use super::conn::Waiting;
use super::pubsub::Kind;
use crate::resp::Protocol;

impl Node {
    /// The line, without its end, as text for the log.
    pub(super) fn client_line(&self, conn: &Conn) -> String {
        let mut line = Vec::new();
        self.write_client_line(conn, 0, &mut line);
        String::from_utf8_lossy(&line).into_owned()
    }

    /// Writes the line, without its end: bytes, since a user's name may be any. `running` is how much memory the
    /// arguments of the command take that the connection is in the midst of.
    pub(super) fn write_client_line(&self, conn: &Conn, running: usize, line: &mut Vec<u8>) {
        line.extend_from_slice(self.identity(conn).as_bytes());
        line.extend_from_slice(self.buffers(conn, running).as_bytes());
        line.extend_from_slice(b" user=");
        line.extend_from_slice(self.acl.name(conn.user));
        let redirect = conn.tracking.as_ref().map_or(-1, |tracking| tracking.redirect());
        let resp = if conn.protocol == Protocol::Resp2 { 2 } else { 3 };
        line.extend_from_slice(format!(" redir={redirect} resp={resp} lib-name=").as_bytes());
        line.extend_from_slice(&conn.lib_name);
        line.extend_from_slice(b" lib-ver=");
        line.extend_from_slice(&conn.lib_version);
    }

    /// Up to how much it watches.
    fn identity(&self, conn: &Conn) -> String {
        let mut text = String::new();
        let listens = |kind| conn.subscriptions.as_ref().map_or(0, |all| all.len(kind));
        let role = if self.monitors.contains(&conn.id) { "O" } else { "" };
        // Writing to a String can't fail.
        let _ = write!(
            text,
            "id={} addr={} laddr={} fd={} name={} age={} idle={} flags={} db={} sub={} psub={} ssub={} \
             multi={} watch={}",
            conn.client_id,
            conn.peer,
            conn.local,
            conn.id.slot(),
            // Printable ASCII, as every name is.
            String::from_utf8_lossy(&conn.name),
            self.now.mono.since_us(conn.opened) / 1_000_000,
            self.now.mono.since_us(conn.last_input) / 1_000_000,
            flags(conn, role),
            conn.db,
            listens(Kind::Channel),
            listens(Kind::Pattern),
            listens(Kind::ShardChannel),
            conn.transaction.as_ref().map_or(-1, |transaction| transaction.len() as i64),
            conn.watching.len(),
        );
        text
    }

    /// What its buffers hold, and its last command.
    fn buffers(&self, conn: &Conn, running: usize) -> String {
        let (payloads, payload_bytes) = conn.outbox.payloads();
        let reply_bytes = conn.outbox.own_bytes() - payload_bytes;
        let reply_capacity = conn.outbox.capacity();
        let arguments = running + self.waiting_bytes(conn);
        let output = payload_bytes as u64 + self.stream_bytes(conn);
        let slack = reply_capacity.saturating_sub(reply_bytes) + arguments + conn.query_free;
        let command =
            conn.last_command.map_or("NULL".into(), |entry| entry.full_name().to_string());
        format!(
            " qbuf={} qbuf-free={} argv-mem={arguments} multi-mem={} rbs={reply_capacity} rbp={} \
             obl={reply_bytes} oll={payloads} omem={output} tot-mem={} events={} cmd={command}",
            conn.query_bytes,
            conn.query_free,
            conn.transaction.as_ref().map_or(0, |transaction| transaction.bytes()),
            conn.peak_bytes(self.now.mono),
            conn.bytes() + slack as u64,
            if conn.outbox.has_own_bytes() { "rw" } else { "r" },
        )
    }

    /// What the arguments of a command that waits take.
    fn waiting_bytes(&self, conn: &Conn) -> usize {
        match conn.waiting {
            Waiting::Keys(ticket) => self.blocked.argument_bytes(ticket),
            _ => 0,
        }
    }

    /// How much of the stream a replica has not been sent. It takes no memory of the replica's own.
    fn stream_bytes(&self, conn: &Conn) -> u64 {
        let end = self.feed.backlog().map_or(0, |backlog| backlog.end());
        conn.outbox.stream_position().map_or(0, |position| end.saturating_sub(position))
    }
}

fn flags(conn: &Conn, role: &str) -> String {
    let mut flags = String::from(role);
    match &conn.role {
        ConnRole::Client | ConnRole::Target | ConnRole::Replay => {}
        ConnRole::Replica(_) => flags.push('S'),
        ConnRole::Master => flags.push('M'),
    }
    if conn.subscriptions.is_some() {
        flags.push('P');
    }
    if conn.transaction.is_some() {
        flags.push('x');
    }
    use Waiting::{Acknowledgements, Disk, Keys, Migration, Paused};
    if matches!(conn.waiting, Acknowledgements | Disk | Keys(_) | Migration | Paused) {
        flags.push('b');
    }
    flags.extend(conn.tracking.iter().flat_map(|tracking| tracking.letters()));
    if conn.watching.is_broken() {
        flags.push('d');
    }
    if conn.closing {
        flags.push('c');
    }
    if conn.unix_socket {
        flags.push('U');
    }
    if conn.no_evict {
        flags.push('e');
    }
    if conn.no_touch {
        flags.push('T');
    }
    if flags.is_empty() {
        flags.push('N');
    }
    flags
}
