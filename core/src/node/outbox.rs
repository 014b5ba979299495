//! What a connection still has to be sent.
//!
//! Replies are written into one growing buffer. Large shared payloads (a
//! snapshot that several replicas get) are queued as they are. A replica that
//! follows the stream has a position in the backlog instead of bytes of its
//! own; what it was sent before that, its handshake and its snapshot, goes out
//! first.

use std::collections::VecDeque;
use std::io::IoSlice;
use std::mem;

use bytes::Buf;
use bytes::BufMut;
use bytes::Bytes;
use bytes::BytesMut;

use crate::limits;
use crate::replication::Backlog;

#[derive(Debug, Default)]
pub(super) struct Outbox {
    /// Whole payloads, oldest first, ahead of `replies`.
    payloads: VecDeque<Bytes>,
    payload_bytes: usize,
    replies: BytesMut,
    /// Bytes of `replies` that are sent already: cheaper to remember than to move.
    replies_sent: usize,
    /// The most bytes `replies` ever held since this was last forgotten, up to what was last sent.
    peak_bytes: usize,
    /// Where the replica stands in the stream.
    stream: Option<u64>,
    /// While replies wait for the append-only file: bytes at the front that may be sent, and bytes
    /// behind them that something will let go.
    gate: Option<Gate>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Gate {
    open: usize,
    held: usize,
}

impl Outbox {
    /// Where replies are written.
    pub fn replies(&mut self) -> &mut BytesMut {
        &mut self.replies
    }

    pub fn reply_bytes(&self) -> usize {
        self.replies.len()
    }

    /// Gets a buffer ready: its own, or the spare one if that is larger while both are empty.
    pub fn borrow(&mut self, spare: &mut BytesMut) {
        if self.replies.is_empty() && self.replies.capacity() < spare.capacity() {
            mem::swap(&mut self.replies, spare);
        }
        if self.replies.capacity() == 0 {
            self.replies = shifted_buffer();
        }
    }

    /// Drops what was written after `position`, a former length of [`Outbox::replies`].
    pub fn unwrite(&mut self, position: usize) {
        self.replies.truncate(position);
    }

    /// Drops all that was not sent, and gives its memory back.
    pub fn drop_unsent(&mut self) {
        *self = Self { stream: self.stream, ..Self::default() };
    }

    /// Queues a shared payload behind everything written so far.
    pub fn push(&mut self, payload: Bytes) {
        self.seal();
        self.payload_bytes += payload.len();
        self.payloads.push_back(payload);
    }

    /// From now on the stream follows, from `position`.
    pub fn follow_stream(&mut self, position: u64) {
        self.stream = Some(position);
    }

    /// The stream follows no more: what comes next in it is not for this replica.
    pub fn leave_stream(&mut self) {
        self.stream = None;
    }

    pub fn stream_position(&self) -> Option<u64> {
        self.stream
    }

    /// Bytes of its own that wait, the stream's not counted.
    pub fn own_bytes(&self) -> usize {
        self.payload_bytes + self.replies.len() - self.replies_sent
    }

    /// How many shared payloads wait, and their bytes.
    pub fn payloads(&self) -> (usize, usize) {
        (self.payloads.len(), self.payload_bytes)
    }

    pub fn has_own_bytes(&self) -> bool {
        !self.payloads.is_empty() || self.replies.len() > self.replies_sent
    }

    /// The most bytes the replies' buffer held since [`Outbox::forget_peak`].
    pub fn peak_bytes(&self) -> usize {
        self.peak_bytes.max(self.replies.len())
    }

    pub fn forget_peak(&mut self) {
        self.peak_bytes = 0;
    }

    pub fn capacity(&self) -> usize {
        self.replies.capacity()
    }

    /// Begins to hold bytes back if none are, and counts those written since this was last called:
    /// they wait for a [`Outbox::release`].
    pub fn hold(&mut self) -> usize {
        let bytes = self.own_bytes();
        let gate = self.gate.get_or_insert_default();
        let fresh = bytes.saturating_sub(gate.open + gate.held);
        gate.held += fresh;
        fresh
    }

    /// So many more bytes may be sent.
    pub fn release(&mut self, bytes: usize) {
        if let Some(gate) = &mut self.gate {
            gate.open += bytes;
            gate.held = gate.held.saturating_sub(bytes);
        }
    }

    /// All may be sent, now and from now on.
    pub fn release_all(&mut self) {
        self.gate = None;
    }

    /// Whether bytes wait to be let go.
    pub fn is_held(&self) -> bool {
        self.gate.is_some_and(|gate| gate.held > 0)
    }

    /// Whether there is something to send, as far as this can tell.
    pub fn can_send(&self) -> bool {
        self.stream.is_some() || self.gate.is_none_or(|gate| gate.open > 0)
    }

    /// Fills `slices` with what is to be sent next, in order; returns how many it filled. Of the
    /// stream no more is sent than up to `stream_end`.
    pub fn slices<'a>(
        &'a self,
        backlog: Option<&'a Backlog>,
        stream_end: u64,
        slices: &mut [IoSlice<'a>],
    ) -> usize {
        let mut room = self.gate.map_or(usize::MAX, |gate| gate.open);
        let replies = self.replies.get(self.replies_sent..).unwrap_or_default();
        let own = self.payloads.iter().map(|payload| &payload[..]).chain([replies]);
        let mut filled = 0;
        for (slot, bytes) in slices.iter_mut().zip(own.filter(|bytes| !bytes.is_empty())) {
            let bytes = bytes.get(..room).unwrap_or(bytes);
            if bytes.is_empty() {
                return filled;
            }
            room -= bytes.len();
            *slot = IoSlice::new(bytes);
            filled += 1;
        }
        match (self.stream, backlog, slices.get_mut(filled..)) {
            (Some(position), Some(backlog), Some(rest)) => {
                filled + backlog.slices(position, stream_end, rest)
            }
            _ => filled,
        }
    }

    /// So many of the bytes that [`Outbox::slices`] showed were sent. A large buffer then becomes
    /// the spare one.
    pub fn advance(&mut self, mut len: usize, spare: &mut BytesMut) {
        if let Some(gate) = &mut self.gate {
            gate.open = gate.open.saturating_sub(len);
        }
        while let Some(payload) = self.payloads.front_mut() {
            let now = len.min(payload.len());
            payload.advance(now);
            self.payload_bytes -= now;
            len -= now;
            if !payload.is_empty() {
                return;
            }
            self.payloads.pop_front();
        }
        self.peak_bytes = self.peak_bytes();
        let now = len.min(self.replies.len() - self.replies_sent);
        self.replies_sent += now;
        if self.replies_sent == self.replies.len() {
            self.recycle(spare);
        }
        if let Some(position) = &mut self.stream {
            *position += (len - now) as u64;
        }
    }

    /// Turns the replies written so far into a payload, so that another can follow it.
    fn seal(&mut self) {
        if self.replies.len() > self.replies_sent {
            let mut sealed = self.replies.split();
            self.peak_bytes = self.peak_bytes.max(sealed.len());
            sealed.advance(self.replies_sent);
            self.payload_bytes += sealed.len();
            self.payloads.push_back(sealed.freeze());
        }
        self.replies_sent = 0;
    }

    /// Makes the emptied buffer ready for the next reply, giving back what one large reply took.
    fn recycle(&mut self, spare: &mut BytesMut) {
        self.replies_sent = 0;
        self.replies.clear();
        let capacity = self.replies.capacity();
        if capacity <= CAPACITY_KEPT_BYTES {
            return;
        }
        let large = mem::take(&mut self.replies);
        if (spare.capacity() + 1..=SPARE_BYTES_MAX).contains(&capacity) {
            self.replies = mem::replace(spare, large);
        }
    }
}

/// A buffer that begins a little behind what the allocator gave out, and goes on to when it grows.
///
/// Large values lie at the beginning of memory pages, and so would the buffer. Copying from one to a
/// few bytes behind the other, where the length stands, takes some processors sixteen times as long
/// (AMD's Zen 3 and 4, `rep movsb`): three times as long as all else about a GET of 20 KB.
fn shifted_buffer() -> BytesMut {
    let mut buffer = BytesMut::with_capacity(SHIFT_BYTES + CAPACITY_MIN_BYTES);
    buffer.put_bytes(0, SHIFT_BYTES);
    buffer.advance(SHIFT_BYTES);
    buffer
}

/// A cache line.
const SHIFT_BYTES: usize = 64;

/// Capacity of an outbox that has been written to, in bytes. More than is shifted, since a buffer
/// too short for a reply would rather take the shift back than grow.
const CAPACITY_MIN_BYTES: usize = 448;

/// Capacity an idle connection keeps for its next replies, in bytes.
const CAPACITY_KEPT_BYTES: usize = 16 * 1024;

/// Capacity the node keeps for large replies, in bytes: two turns' worth.
const SPARE_BYTES_MAX: usize = 2 * limits::REPLY_BYTES_PER_TURN;

#[cfg(test)]
mod tests {
    use super::*;

    /// Sends everything in writes of `write_bytes`; returns what arrived.
    fn drain(outbox: &mut Outbox, backlog: &Backlog, write_bytes: usize) -> Vec<u8> {
        let mut arrived = Vec::new();
        loop {
            let mut slices = [IoSlice::new(&[]); 2];
            let filled = outbox.slices(Some(backlog), u64::MAX, &mut slices);
            let written: Vec<u8> =
                slices[..filled].iter().flat_map(|s| s.to_vec()).take(write_bytes).collect();
            if written.is_empty() {
                return arrived;
            }
            outbox.advance(written.len(), &mut BytesMut::new());
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
        outbox.advance(2, &mut BytesMut::new());
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

    #[test]
    fn what_is_held_goes_out_when_it_is_released() {
        let backlog = Backlog::new(0, 16);
        let mut outbox = Outbox::default();
        outbox.push(Bytes::from_static(b"pay"));
        outbox.replies().extend_from_slice(b"load");
        assert_eq!(outbox.hold(), 7);
        outbox.replies().extend_from_slice(b"more");
        assert_eq!(drain(&mut outbox, &backlog, 2), b"");
        assert_eq!(outbox.hold(), 4);
        outbox.release(7);
        assert!(outbox.is_held());
        assert_eq!(drain(&mut outbox, &backlog, 2), b"payload");
        outbox.release(4);
        assert!(!outbox.is_held());
        outbox.replies().extend_from_slice(b"last");
        assert_eq!(drain(&mut outbox, &backlog, 3), b"more");
        outbox.release_all();
        assert_eq!(drain(&mut outbox, &backlog, 3), b"last");
    }

    #[test]
    fn a_large_buffer_goes_from_one_reply_to_the_next() {
        let (mut spare, backlog) = (BytesMut::new(), Backlog::new(0, 16));
        let (mut first, mut second) = (Outbox::default(), Outbox::default());
        let large = vec![b'x'; CAPACITY_KEPT_BYTES + 1];
        first.replies().extend_from_slice(&large);
        first.advance(large.len(), &mut spare);
        assert!(first.capacity() <= CAPACITY_KEPT_BYTES && spare.capacity() >= large.len());
        let lent = spare.as_ptr();
        second.borrow(&mut spare);
        second.replies().extend_from_slice(&large);
        assert_eq!(second.replies().as_ptr(), lent);
        assert_eq!(drain(&mut second, &backlog, 1000), large);
    }

    #[test]
    fn nothing_unsent_is_exchanged() {
        let mut outbox = Outbox::default();
        outbox.replies().extend_from_slice(b"+OK");
        outbox.borrow(&mut BytesMut::with_capacity(SPARE_BYTES_MAX));
        assert_eq!(drain(&mut outbox, &Backlog::new(0, 16), 10), b"+OK");
    }
}
