//! Writes an RDB payload, piece by piece.
//!
//! A snapshot is made over many turns, so what has been written can be taken away at any moment;
//! the checksum goes on. The caller keeps the order of the format: auxiliary fields, then for each
//! database `select_db`, `resize_db` and its entries, then `finish`.

use bytes::{BufMut, Bytes, BytesMut};

use super::crc64::Digest;
use super::{length, opcode, string, value};
use crate::data::lzf;
use crate::data::{DataRef, Place};
use crate::store::{AccessClock, Entry, StrRef};

/// How to write; the defaults are Redis's.
#[derive(Clone, Copy, Debug)]
pub struct WriteOptions {
    pub version: Version,
    /// `rdbcompression`: LZF for strings of more than 20 bytes when that saves at least 4.
    pub compression: bool,
    /// `rdbchecksum`: without it the checksum is zero, which readers take for "none".
    pub checksum: bool,
    /// What the entries' access clocks measure, and the instant in unix milliseconds: under a policy
    /// that goes by them, each entry's idle time or frequency is written.
    pub uses: Option<(AccessClock, i64)>,
}

impl Default for WriteOptions {
    fn default() -> Self {
        Self { version: Version::STRINGS, compression: true, checksum: true, uses: None }
    }
}

/// The number in the header: which servers can read the payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(u8);

impl Version {
    /// For strings, expiries and auxiliary fields: read by Redis 5.0 and later. Version 7 (Redis
    /// 3.2) could hold the same records, but only since 9 do its readers agree on the byte order of
    /// an expiry.
    pub const STRINGS: Self = Self(9);

    /// For hashes in which fields expire: read by Redis 7.4 and later.
    pub const FIELD_EXPIRY: Self = Self(12);
}

/// Appends records to a buffer of its own, from which [`take`](Self::take) removes what is there.
pub struct Encoder {
    out: BytesMut,
    /// Bytes taken so far.
    taken: u64,
    /// Over the bytes taken so far; none with `rdbchecksum no`.
    digest: Option<Digest>,
    compressor: Option<lzf::Compressor>,
    uses: Option<(AccessClock, i64)>,
    /// The access clock of the entry being written, if it has one.
    lru: Option<u32>,
}

impl Encoder {
    /// Begins a payload: its header is written.
    pub fn new(options: WriteOptions) -> Self {
        let mut out = BytesMut::new();
        out.put_slice(format!("REDIS{:04}", options.version.0).as_bytes());
        Self {
            out,
            taken: 0,
            digest: options.checksum.then(Digest::new),
            compressor: options.compression.then(lzf::Compressor::new),
            uses: options.uses,
            lru: None,
        }
    }

    /// Bytes waiting to be taken.
    pub fn pending(&self) -> usize {
        self.out.len()
    }

    /// Length of the payload so far, what was taken included.
    pub fn written(&self) -> u64 {
        self.taken + self.out.len() as u64
    }

    /// A fact about the file or its writer. Readers skip the keys they do not know.
    pub fn aux(&mut self, key: &[u8], value: &[u8]) {
        self.out.put_u8(opcode::AUX);
        self.string(key);
        self.string(value);
    }

    /// The entries that follow belong to this database.
    pub fn select_db(&mut self, index: u64) {
        self.out.put_u8(opcode::SELECT_DB);
        length::write(&mut self.out, index);
    }

    /// How many entries the database has, and how many of them expire: the reader makes room at
    /// once.
    pub fn resize_db(&mut self, keys: u64, expires: u64) {
        self.out.put_u8(opcode::RESIZE_DB);
        length::write(&mut self.out, keys);
        length::write(&mut self.out, expires);
    }

    /// A key with its value and expiry.
    pub fn entry(&mut self, entry: &Entry) {
        self.entry_from(entry, Place::Start, usize::MAX);
    }

    /// As [`Self::entry`], from a place on, and only about so many bytes; where to go on, if that was
    /// not all. What was begun is ended before anything else is written.
    pub fn entry_from(&mut self, entry: &Entry, place: Place, bytes: usize) -> Option<Place> {
        self.lru = Some(entry.lru());
        match (entry.string(), entry.data()) {
            (Some(value), _) => {
                self.string_entry(entry.key(), value, entry.expire_at());
                None
            }
            (None, Some(data)) => {
                if place == Place::Start {
                    self.entry_head(value::type_of(data), entry.key(), entry.expire_at());
                }
                let until = self.out.len().saturating_add(bytes.max(1));
                value::write_from(&mut self.out, data, place, until, self.compressor.as_mut())
            }
            (None, None) => None,
        }
    }

    /// A value that is no string and, in milliseconds since 1970, when it expires.
    pub fn data_entry(&mut self, key: &[u8], data: DataRef<'_>, expire_at_ms: Option<i64>) {
        self.entry_head(value::type_of(data), key, expire_at_ms);
        value::write(&mut self.out, data, self.compressor.as_mut());
    }

    /// A string and, in milliseconds since 1970, when it expires.
    pub fn string_entry(&mut self, key: &[u8], value: StrRef<'_>, expire_at_ms: Option<i64>) {
        self.entry_head(opcode::TYPE_STRING, key, expire_at_ms);
        match value {
            StrRef::Int(int) => string::write_int(&mut self.out, int),
            StrRef::Bytes(bytes) => self.string(bytes),
        }
    }

    /// Removes what has been written, in order. Call it as often as the sink can take more.
    pub fn take(&mut self) -> Bytes {
        self.hash_pending();
        self.taken += self.out.len() as u64;
        self.out.split().freeze()
    }

    /// Ends the payload; returns what had not been taken yet and the end record.
    pub fn finish(mut self) -> Bytes {
        self.out.put_u8(opcode::EOF);
        self.hash_pending();
        let checksum = self.digest.map_or(0, |digest| digest.value());
        self.out.put_u64_le(checksum);
        self.out.freeze()
    }

    fn hash_pending(&mut self) {
        if let Some(digest) = &mut self.digest {
            digest.update(&self.out);
        }
    }

    fn entry_head(&mut self, value_type: u8, key: &[u8], expire_at_ms: Option<i64>) {
        if let Some(expire_at_ms) = expire_at_ms {
            self.out.put_u8(opcode::EXPIRE_MS);
            self.out.put_i64_le(expire_at_ms);
        }
        if let (Some((clock, now_ms)), Some(lru)) = (self.uses, self.lru.take()) {
            self.use_of_key(clock, lru, now_ms);
        }
        self.out.put_u8(value_type);
        self.string(key);
    }

    fn use_of_key(&mut self, clock: AccessClock, lru: u32, now_ms: i64) {
        match clock {
            AccessClock::Seconds => {
                self.out.put_u8(opcode::IDLE);
                length::write(&mut self.out, clock.idle_s(lru, now_ms).into());
            }
            AccessClock::Frequency { .. } => {
                self.out.put_u8(opcode::FREQ);
                self.out.put_u8(clock.frequency(lru, now_ms));
            }
        }
    }

    fn string(&mut self, string: &[u8]) {
        string::write(&mut self.out, string, self.compressor.as_mut());
    }
}
