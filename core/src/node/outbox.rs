//! What a connection still has to be sent.
//!
//! Replies are written into one growing buffer. Large shared payloads (a
//! snapshot that several replicas get) are queued as they are. A replica that
//! follows the stream has a position in the backlog instead of bytes of its
//! own; what it was sent before that, its handshake and its snapshot, goes out
//! first.

use std::collections::VecDeque;
use std::io::IoSlice;

use bytes::Buf;
use bytes::Bytes;
use bytes::BytesMut;

use crate::replication::Backlog;

#[derive(Debug, Default)]
pub(super) struct Outbox {
    /// Whole payloads, oldest first, ahead of `replies`.
    payloads: VecDeque<Bytes>,
    replies: BytesMut,
    /// Bytes of `replies` that are sent already: cheaper to remember than to move.
    replies_sent: usize,
    /// Where the replica stands in the stream.
    stream: Option<u64>,
}

impl Outbox {
    /// Where replies are written.
    pub fn replies(&mut self) -> &mut BytesMut {
        &mut self.replies
    }

    /// Drops what was written after `position`, a former length of [`Outbox::replies`].
    pub fn unwrite(&mut self, position: usize) {
        self.replies.truncate(position);
    }

    /// Queues a shared payload behind everything written so far.
    pub fn push(&mut self, payload: Bytes) {
        self.seal();
        self.payloads.push_back(payload);
    }

    /// From now on the stream follows, from `position`.
    pub fn follow_stream(&mut self, position: u64) {
        self.stream = Some(position);
    }

    pub fn stream_position(&self) -> Option<u64> {
        self.stream
    }

    /// Bytes of its own that wait, the stream's not counted.
    pub fn own_bytes(&self) -> usize {
        let payloads: usize = self.payloads.iter().map(Bytes::len).sum();
        payloads + self.replies.len() - self.replies_sent
    }

    pub fn has_own_bytes(&self) -> bool {
        !self.payloads.is_empty() || self.replies.len() > self.replies_sent
    }

    pub fn capacity(&self) -> usize {
        self.replies.capacity()
    }

    /// Fills `slices` with what is to be sent next, in order; returns how many it filled.
    pub fn slices<'a>(&'a self, backlog: Option<&'a Backlog>, slices: &mut [IoSlice<'a>]) -> usize {
        let replies = self.replies.get(self.replies_sent..).unwrap_or_default();
        let own = self.payloads.iter().map(|payload| &payload[..]).chain([replies]);
        let mut filled = 0;
        for (slot, bytes) in slices.iter_mut().zip(own.filter(|bytes| !bytes.is_empty())) {
            *slot = IoSlice::new(bytes);
            filled += 1;
        }
        match (self.stream, backlog, slices.get_mut(filled..)) {
            (Some(position), Some(backlog), Some(rest)) => filled + backlog.slices(position, rest),
            _ => filled,
        }
    }

    /// So many of the bytes that [`Outbox::slices`] showed were sent.
    pub fn advance(&mut self, mut len: usize) {
        while let Some(payload) = self.payloads.front_mut() {
            let now = len.min(payload.len());
            payload.advance(now);
            len -= now;
            if !payload.is_empty() {
                return;
            }
            self.payloads.pop_front();
        }
        let now = len.min(self.replies.len() - self.replies_sent);
        self.replies_sent += now;
        if self.replies_sent == self.replies.len() {
            self.recycle();
        }
        if let Some(position) = &mut self.stream {
            *position += (len - now) as u64;
        }
    }

    /// Turns the replies written so far into a payload, so that another can follow it.
    fn seal(&mut self) {
        if self.replies.len() > self.replies_sent {
            let mut sealed = self.replies.split();
            sealed.advance(self.replies_sent);
            self.payloads.push_back(sealed.freeze());
        }
        self.replies_sent = 0;
    }

    /// Makes the emptied buffer ready for the next reply, giving back what one large reply took.
    fn recycle(&mut self) {
        self.replies_sent = 0;
        match self.replies.capacity() > CAPACITY_KEPT_BYTES {
            true => self.replies = BytesMut::new(),
            false => self.replies.clear(),
        }
    }
}

/// Capacity an idle connection keeps for its next replies, in bytes.
const CAPACITY_KEPT_BYTES: usize = 16 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    /// Sends everything in writes of `write_bytes`; returns what arrived.
    fn drain(outbox: &mut Outbox, backlog: &Backlog, write_bytes: usize) -> Vec<u8> {
        let mut arrived = Vec::new();
        loop {
            let mut slices = [IoSlice::new(&[]); 2];
            let filled = outbox.slices(Some(backlog), &mut slices);
            let written: Vec<u8> =
                slices[..filled].iter().flat_map(|s| s.to_vec()).take(write_bytes).collect();
            if written.is_empty() {
                return arrived;
            }
            outbox.advance(written.len());
            arrived.extend(written);
        }
    }

    #[test]
    fn sends_replies_payloads_and_stream_in_order_whatever_the_write_size() {
        for write_bytes in [1, 3, 7, 1000] {
            let mut backlog = Backlog::new(5, 1024);
            backlog.append(b"stream");
            let mut outbox = Outbox::default();
            outbox.replies().extend_from_slice(b"+FULL ");
            outbox.push(Bytes::from_static(b"snapshot "));
            outbox.replies().extend_from_slice(b"reply ");
            outbox.follow_stream(5);
            assert_eq!(outbox.own_bytes(), 21);
            assert_eq!(drain(&mut outbox, &backlog, write_bytes), b"+FULL snapshot reply stream");
            backlog.append(b" more");
            assert_eq!(drain(&mut outbox, &backlog, write_bytes), b" more");
        }
    }

    #[test]
    fn replies_written_while_half_sent_follow() {
        let backlog = Backlog::new(0, 16);
        let mut outbox = Outbox::default();
        outbox.replies().extend_from_slice(b"abc");
        outbox.advance(2);
        outbox.replies().extend_from_slice(b"def");
        outbox.push(Bytes::from_static(b"g"));
        assert_eq!(drain(&mut outbox, &backlog, 2), b"cdefg");
    }

    #[test]
    fn what_is_unwritten_is_not_sent() {
        let mut outbox = Outbox::default();
        outbox.replies().extend_from_slice(b"+OK");
        let position = outbox.replies().len();
        outbox.replies().extend_from_slice(b"-ERR");
        outbox.unwrite(position);
        assert_eq!(drain(&mut outbox, &Backlog::new(0, 16), 10), b"+OK");
    }
}
