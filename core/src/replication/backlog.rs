//! The replication stream and how much of it is kept.
//!
//! One list of blocks serves as the backlog and as every replica's output
//! buffer, as in Redis 7: a replica holds no bytes of the stream, only the
//! offset up to which it was sent. Blocks are trimmed from the front once they
//! lie outside the backlog's size and behind every replica.
//!
//! Offsets count bytes of the stream since its history began; a position is
//! the number of bytes before it. (The protocol's own offsets, in PSYNC and in
//! INFO's `repl_backlog_first_byte_offset`, are one higher: they name the byte.)

use std::collections::VecDeque;
use std::io::IoSlice;

use crate::limits;

#[derive(Debug)]
pub struct Backlog {
    /// Oldest first; none is empty, and each begins where the one before it ends.
    blocks: VecDeque<Box<[u8]>>,
    /// The block being filled: the newest bytes.
    last: Vec<u8>,
    /// Position of the first byte kept.
    start: u64,
    /// Position after the last byte.
    end: u64,
    /// Bytes to keep at least: `repl-backlog-size`.
    size_bytes: usize,
}

impl Backlog {
    /// An empty backlog of a stream that stands at `position`.
    pub fn new(position: u64, size_bytes: usize) -> Self {
        Self {
            blocks: VecDeque::new(),
            last: Vec::new(),
            start: position,
            end: position,
            size_bytes,
        }
    }

    pub fn start(&self) -> u64 {
        self.start
    }

    pub fn end(&self) -> u64 {
        self.end
    }

    /// Bytes kept; INFO's `repl_backlog_histlen`.
    pub fn len(&self) -> u64 {
        self.end - self.start
    }

    pub fn is_empty(&self) -> bool {
        self.end == self.start
    }

    pub fn size_bytes(&self) -> usize {
        self.size_bytes
    }

    pub fn set_size_bytes(&mut self, size_bytes: usize) {
        self.size_bytes = size_bytes;
    }

    /// Whether the byte at `position` is kept, or is the next one to come.
    pub fn holds(&self, position: u64) -> bool {
        (self.start..=self.end).contains(&position)
    }

    pub fn append(&mut self, mut bytes: &[u8]) {
        self.end += bytes.len() as u64;
        while !bytes.is_empty() {
            let room = limits::STREAM_BLOCK_BYTES - self.last.len();
            let (now, later) = bytes.split_at(room.min(bytes.len()));
            self.last.extend_from_slice(now);
            bytes = later;
            if self.last.len() == limits::STREAM_BLOCK_BYTES {
                let full = Vec::with_capacity(limits::STREAM_BLOCK_BYTES);
                self.blocks.push_back(std::mem::replace(&mut self.last, full).into());
            }
        }
    }

    /// Fills `slices` with the stream from `position` on, as far as `end` at most; returns how many
    /// it filled.
    pub fn slices<'a>(&'a self, position: u64, end: u64, slices: &mut [IoSlice<'a>]) -> usize {
        let end = end.min(self.end);
        if position < self.start || position >= end {
            return 0;
        }
        let mut left = usize::try_from(end - position).unwrap_or(usize::MAX);
        // Every block but the last is of one size, so the block of a position is a division away.
        let skip = (position - self.start) as usize;
        let (block, mut offset) =
            (skip / limits::STREAM_BLOCK_BYTES, skip % limits::STREAM_BLOCK_BYTES);
        let blocks = self.blocks.iter().map(|block| &**block).chain([self.last.as_slice()]);
        let mut filled = 0;
        for (slot, bytes) in slices.iter_mut().zip(blocks.skip(block)) {
            let rest = bytes.get(std::mem::take(&mut offset)..).unwrap_or_default();
            let rest = rest.get(..left).unwrap_or(rest);
            if rest.is_empty() {
                break;
            }
            left -= rest.len();
            *slot = IoSlice::new(rest);
            filled += 1;
        }
        filled
    }

    /// Drops whole blocks that lie outside the backlog's size and before `needed`, the position of
    /// the replica furthest behind.
    pub fn trim(&mut self, needed: u64) {
        let keep_from = needed.min(self.end.saturating_sub(self.size_bytes as u64));
        while self.start + limits::STREAM_BLOCK_BYTES as u64 <= keep_from
            && self.blocks.pop_front().is_some()
        {
            self.start += limits::STREAM_BLOCK_BYTES as u64;
        }
    }

    /// Memory of the blocks, in bytes.
    pub fn heap_bytes(&self) -> usize {
        self.blocks.len() * limits::STREAM_BLOCK_BYTES + self.last.capacity()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes_from(backlog: &Backlog, position: u64) -> Vec<u8> {
        let mut slices = [IoSlice::new(&[]); 64];
        let filled = backlog.slices(position, u64::MAX, &mut slices);
        slices[..filled].iter().flat_map(|slice| slice.to_vec()).collect()
    }

    #[test]
    fn gives_back_the_stream_from_every_position() {
        let stream: Vec<u8> = (0..50_000_u32).map(|i| (i % 251) as u8).collect();
        let mut backlog = Backlog::new(7, 1 << 20);
        stream.chunks(333).for_each(|chunk| backlog.append(chunk));
        assert_eq!((backlog.start(), backlog.end()), (7, 50_007));
        for skip in [0, 1, 16_383, 16_384, 16_385, 32_768, 49_999] {
            assert_eq!(bytes_from(&backlog, 7 + skip as u64), &stream[skip..], "{skip}");
        }
        assert!(bytes_from(&backlog, 50_007).is_empty());
        assert!(bytes_from(&backlog, 6).is_empty());
    }

    #[test]
    fn trims_by_whole_blocks_outside_its_size() {
        let mut backlog = Backlog::new(0, 20_000);
        backlog.append(&[1; 60_000]);
        backlog.trim(u64::MAX);
        assert_eq!(backlog.start(), 32_768);
        assert!(backlog.len() >= 20_000);
        assert!(!backlog.holds(32_767) && backlog.holds(32_768) && backlog.holds(60_000));
        assert_eq!(bytes_from(&backlog, 32_768).len(), 60_000 - 32_768);
    }

    #[test]
    fn keeps_what_a_replica_still_needs() {
        let mut backlog = Backlog::new(0, 16);
        backlog.append(&[1; 100_000]);
        backlog.trim(16_384);
        assert_eq!(backlog.start(), 16_384);
    }
}
