//! Messages that answer no request: of channels, of keyspace events, of client tracking, of MONITOR.
//!
//! [`Node::push`] writes one to any connection, at any time. It never tears a reply apart: what goes
//! to the connection whose command is being run is held back until its reply is complete, after the
//! whole of a transaction; what goes to others stands behind all that was written to them before. CLIENT
//! REPLY does not leave it out. It counts as output of the connection, which is closed if that makes
//! it pass its limit (`node/output.rs`). [`Node::deliver`] does the same with a message encoded
//! once for many.
//!
//! The confirmations of SUBSCRIBE and its kind are replies, though they look like messages: they
//! keep their place among the others.

use bytes::Bytes;
use bytes::BytesMut;

use super::Conn;
use super::ConnId;
use super::Node;
use crate::limits;
use crate::resp::Protocol;
use crate::resp::Reply;

/// A message, encoded once.
#[derive(Debug)]
pub(super) struct Message {
    words: usize,
    /// All but the first line, in which the protocols differ.
    body: Bytes,
}

impl Message {
    /// A message of these bulk strings.
    pub fn of(words: &[&[u8]]) -> Self {
        let mut body = BytesMut::with_capacity(words.iter().map(|word| word.len() + 24).sum());
        let mut reply = Reply::new(&mut body, Protocol::Resp2);
        words.iter().for_each(|word| reply.bulk(word));
        Self { words: words.len(), body: body.freeze() }
    }

    fn write(&self, reply: &mut Reply<'_>) {
        reply.push(self.words);
        reply.raw(&self.body);
    }
}

impl Node {
    /// Writes a message to a connection, in the protocol it speaks.
    pub(super) fn push(&mut self, id: ConnId, write: impl FnOnce(&mut Reply<'_>)) {
        let Self { conns, held, running, .. } = self;
        let Some(conn) = conns.find_mut(id).filter(|conn| conn.takes_messages()) else { return };
        let protocol = conn.protocol;
        if *running == Some(id) {
            write(&mut Reply::new(held, protocol));
        } else {
            write(&mut Reply::new(conn.outbox.replies(), protocol));
            self.was_pushed(id);
        }
    }

    /// As [`Node::push`], of a message that many get. They share a long one.
    pub(super) fn deliver(&mut self, id: ConnId, message: &Message) {
        let is_long = message.body.len() > limits::MESSAGE_BYTES_COPIED_MAX;
        if !is_long || self.running == Some(id) {
            return self.push(id, |reply| message.write(reply));
        }
        self.push(id, |reply| reply.push(message.words));
        if let Some(conn) = self.conns.find_mut(id).filter(|conn| conn.takes_messages()) {
            conn.outbox.push(message.body.clone());
            self.was_pushed(id);
        }
    }

    /// A command's reply is complete: what was held back meanwhile follows it.
    pub(super) fn release_held(&mut self, id: ConnId) {
        let Some(conn) = self.conns.find_mut(id) else { return self.held.clear() };
        conn.outbox.replies().extend_from_slice(&self.held);
        self.held.clear();
        if self.held.capacity() > limits::MESSAGE_BYTES_COPIED_MAX {
            self.held = BytesMut::new();
        }
        self.was_pushed(id);
    }

    fn was_pushed(&mut self, id: ConnId) {
        self.note_client(id);
        self.mark_dirty(id);
        self.check_output(id);
    }
}

impl Conn {
    /// A replication stream would be torn apart, and who is leaving reads no more.
    fn takes_messages(&self) -> bool {
        !self.closing && !self.carries_stream()
    }
}
