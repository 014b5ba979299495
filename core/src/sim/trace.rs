//! The digest of everything that happens, the same on every machine and in wasm.
//!
//! Not cryptographic: it tells two runs of one script apart, nobody forges it.
//! Only numbers of a fixed width go in, little-endian; a `usize` goes in as `u64`.

/// 128 bits over all records so far, in order.
#[derive(Clone, Copy, Debug)]
pub(super) struct Digest {
    low: u64,
    high: u64,
}

impl Digest {
    pub fn new() -> Self {
        Self { low: 0x243f_6a88_85a3_08d3, high: 0x1319_8a2e_0370_7344 }
    }

    /// Adds a record: what kind it is, when it was, and what it says.
    pub fn add(&mut self, kind: Record, at_us: u64, bytes: &[u8]) {
        self.word(kind as u64);
        self.word(at_us);
        self.word(bytes.len() as u64);
        let (words, tail) = bytes.as_chunks::<8>();
        for word in words {
            self.word(u64::from_le_bytes(*word));
        }
        let last = tail.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte));
        self.word(last);
    }

    /// One round: both halves take in the word and stir each other.
    fn word(&mut self, word: u64) {
        self.low = (self.low ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29);
        self.high = (self.high.rotate_left(23) ^ self.low).wrapping_mul(0xd6e8_feb8_6659_fd93);
        self.low = self.low.wrapping_add(self.high >> 17);
    }

    /// 32 hexadecimal digits.
    pub fn hex(&self) -> String {
        format!("{:016x}{:016x}", self.high, self.low)
    }
}

/// What a record is about. Its number goes into the digest.
#[derive(Clone, Copy, Debug)]
pub(super) enum Record {
    Input = 1,
    PacketSent = 2,
    PacketDelivered = 3,
    PacketLost = 4,
    Output = 5,
    Disconnected = 6,
    Log = 7,
    Storage = 8,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(records: &[(u64, &[u8])]) -> String {
        let mut digest = Digest::new();
        for (at, bytes) in records {
            digest.add(Record::Output, *at, bytes);
        }
        digest.hex()
    }

    #[test]
    fn every_record_counts_and_so_does_their_order() {
        let all = [
            digest(&[]),
            digest(&[(0, b"")]),
            digest(&[(1, b"")]),
            digest(&[(0, b"a")]),
            digest(&[(0, b"a\0")]),
            digest(&[(0, b"12345678")]),
            digest(&[(0, b"123456789")]),
            digest(&[(0, b"a"), (0, b"b")]),
            digest(&[(0, b"b"), (0, b"a")]),
        ];
        for (index, one) in all.iter().enumerate() {
            assert!(!all[..index].contains(one), "{index}");
        }
    }

    /// Pinned: a digest in a bug report must mean the same next year.
    #[test]
    fn stays_what_it_is() {
        assert_eq!(digest(&[(7, b"redarium")]), PINNED);
    }

    const PINNED: &str = "1f94ffe51ba82f84f98e940cd9a58110";
}
