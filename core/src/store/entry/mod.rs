//! One key of the keyspace: its name, expiry, access clock and value, in one allocation.
//!
//! A string sits in the entry itself while it is an integer or at most about 1 KiB, else in a
//! buffer of its own; so does a hash while it is as short and no field expires. Any other value is
//! one [`Data`] behind a pointer. The encodings
//! reported are Redis's: `int` for the canonical form of an `i64`, `embstr` up to 44 bytes, `raw`
//! beyond and after any change in place.

mod block;
#[cfg(test)]
mod tests;

use std::fmt;

use crate::data::number::parse_i64;
use crate::data::{Collection, Data, DataRef, Encoding, Hash, HashRef, StrRef, allocated_bytes};

use block::{Block, FLAG_PARITY, FLAG_RAW, INLINE_BYTES_MAX, Payload, View, ViewMut, fits_inline};

/// A key with its value. The size of a pointer, and so is `Option<Entry>`.
pub struct Entry(Block);

/// A value to store.
#[derive(Debug)]
pub enum Value<'a> {
    /// A string, encoded as SET would.
    Text(&'a [u8]),
    Int(i64),
    /// A string kept as bytes even where SET would keep an integer.
    Bytes(&'a [u8]),
    /// A string that stays `raw` however short it is.
    Raw(&'a [u8]),
    Data(Box<Data>),
}

impl Entry {
    /// A new entry, with an access clock of 0 and snapshot parity false. `expire_at` is in unix
    /// milliseconds.
    #[must_use]
    pub fn new<'a>(key: &[u8], value: impl Into<Value<'a>>, expire_at: Option<i64>) -> Self {
        encode(value.into(), key.len(), |payload, is_raw| {
            let mut block = Block::new(key, expire_at, payload);
            block.set(FLAG_RAW, is_raw);
            Self(block)
        })
    }

    #[must_use]
    pub fn key(&self) -> &[u8] {
        self.0.key()
    }

    /// When the key expires, in unix milliseconds.
    #[must_use]
    pub fn expire_at(&self) -> Option<i64> {
        self.0.expiry()
    }

    /// Whether the key expires; known without touching the entry's memory.
    #[must_use]
    pub fn is_volatile(&self) -> bool {
        self.0.has_expiry()
    }

    /// When the first field of a hash expires, if any does.
    #[must_use]
    pub fn first_field_expiry(&self) -> Option<i64> {
        self.whole()?.collection().first_element_expiry()
    }

    pub fn set_expire_at(&mut self, expire_at: Option<i64>) {
        self.0.set_expiry(expire_at);
    }

    /// Starts loading the entry into the cache, without waiting for it.
    pub fn prefetch(&self) {
        self.0.prefetch();
    }

    /// The value, if it is a string.
    #[must_use]
    pub fn string(&self) -> Option<StrRef<'_>> {
        match self.0.view() {
            View::Int(value) => Some(StrRef::Int(value)),
            View::Inline(bytes) => Some(StrRef::Bytes(bytes)),
            View::Buffer(bytes) => Some(StrRef::Bytes(bytes)),
            View::Pairs(_) | View::Data(_) => None,
        }
    }

    /// The value, if it is not a string.
    #[must_use]
    #[inline]
    pub fn data(&self) -> Option<DataRef<'_>> {
        match self.0.view() {
            View::Data(data) => Some(data.view()),
            View::Pairs(bytes) => Some(DataRef::Hash(HashRef::of_pairs(bytes))),
            View::Int(_) | View::Inline(_) | View::Buffer(_) => None,
        }
    }

    /// The value, if it is not a string and has memory of its own.
    #[must_use]
    pub fn whole(&self) -> Option<&Data> {
        match self.0.view() {
            View::Data(data) => Some(data),
            View::Int(_) | View::Inline(_) | View::Buffer(_) | View::Pairs(_) => None,
        }
    }

    /// As [`Self::whole`], to change it.
    #[must_use]
    pub fn whole_mut(&mut self) -> Option<&mut Data> {
        match self.0.view_mut() {
            ViewMut::Data(data) => Some(data),
            ViewMut::Fixed | ViewMut::Inline(_) | ViewMut::Buffer(_) => None,
        }
    }

    /// Copies the value, if that sits in the entry and is no string, to where it can be changed
    /// before [`Self::put_back`]. Whether it did.
    pub fn copy_out(&self, to: &mut Data) -> bool {
        match (self.0.view(), to) {
            (View::Pairs(bytes), Data::Hash(hash)) => hash.copy_pairs(bytes),
            (View::Pairs(bytes), to) => *to = Data::Hash(Hash::copied_pairs(bytes)),
            _ => return false,
        }
        true
    }

    /// Takes on the value in place of the old one, which it is a changed copy of. It is then empty,
    /// or as it was.
    pub fn put_back(&mut self, value: &mut dyn Collection) {
        let expire_at = self.expire_at();
        match inline_bytes(value, self.key().len()) {
            Some(bytes) => self.0.replace(expire_at, Payload::Pairs(bytes)),
            None => self.0.replace(expire_at, Payload::Data(Box::new(value.take()))),
        }
    }

    /// Replaces value and expiry together, in place where the new ones fit the memory of the old.
    pub fn assign(&mut self, value: Value<'_>, expire_at: Option<i64>) {
        let key_len = self.key().len();
        encode(value, key_len, |payload, is_raw| {
            self.0.set(FLAG_RAW, is_raw);
            self.0.replace(expire_at, payload);
        });
    }

    /// Replaces the value by a string, encoded as SET would; the expiry stays.
    pub fn set_string(&mut self, bytes: &[u8]) {
        self.assign(Value::Text(bytes), self.expire_at());
    }

    /// Replaces the value by an integer; the expiry stays.
    pub fn set_int(&mut self, value: i64) {
        self.assign(Value::Int(value), self.expire_at());
    }

    /// Lets `change` edit the string as it likes, and stores the result as `raw`; `None` if the
    /// value is no string.
    ///
    /// A long string is edited in its own buffer, so that appending costs amortised constant time.
    pub fn modify_bytes<R>(&mut self, change: impl FnOnce(&mut Vec<u8>) -> R) -> Option<R> {
        if let ViewMut::Buffer(buffer) = self.0.view_mut() {
            let result = change(buffer);
            self.0.set(FLAG_RAW, true);
            return Some(result);
        }
        let mut buffer = self.string()?.to_vec();
        let result = change(&mut buffer);
        let expire_at = self.expire_at();
        self.0.set(FLAG_RAW, true);
        if buffer.len() <= INLINE_BYTES_MAX {
            self.0.replace(expire_at, Payload::Inline(&buffer));
        } else {
            self.0.replace(expire_at, Payload::Buffer(buffer));
        }
        Some(result)
    }

    /// The string's bytes, to change without changing their number; the string becomes `raw`.
    /// `None` if the value is no string.
    pub fn bytes_mut(&mut self) -> Option<&mut [u8]> {
        if matches!(self.0.view(), View::Int(_)) {
            self.modify_bytes(|_| ())?;
        }
        self.0.set(FLAG_RAW, true);
        match self.0.view_mut() {
            ViewMut::Inline(bytes) => Some(bytes),
            ViewMut::Buffer(bytes) => Some(bytes),
            ViewMut::Fixed | ViewMut::Data(_) => None,
        }
    }

    /// What OBJECT ENCODING prints.
    #[must_use]
    pub fn encoding(&self) -> Encoding {
        match self.0.view() {
            View::Int(_) => Encoding::Int,
            View::Data(data) => data.collection().encoding(),
            View::Pairs(bytes) => HashRef::of_pairs(bytes).encoding(),
            View::Inline(bytes) if bytes.len() <= EMBSTR_BYTES_MAX && !self.0.has(FLAG_RAW) => {
                Encoding::Embstr
            }
            View::Buffer(bytes) if bytes.len() <= EMBSTR_BYTES_MAX && !self.0.has(FLAG_RAW) => {
                Encoding::Embstr
            }
            View::Inline(_) | View::Buffer(_) => Encoding::Raw,
        }
    }

    /// What TYPE prints.
    #[must_use]
    pub fn type_name(&self) -> &'static str {
        match self.0.view() {
            View::Data(data) => data.collection().type_name(),
            View::Pairs(_) => Hash::TYPE_NAME,
            View::Int(_) | View::Inline(_) | View::Buffer(_) => "string",
        }
    }

    /// Whether the value is of a type that clients can wait for.
    #[must_use]
    pub fn can_be_awaited(&self) -> bool {
        matches!(self.type_name(), "list" | "zset" | "stream")
    }

    /// The access clock of 24 bits: LRU time or LFU counter, by the eviction policy.
    #[must_use]
    pub fn lru(&self) -> u32 {
        self.0.lru()
    }

    /// Sets the access clock to the low 24 bits of `clock`.
    pub fn set_lru(&mut self, clock: u32) {
        self.0.set_lru(clock);
    }

    /// A bit for the snapshot under way: whether this entry has been written to it.
    #[must_use]
    pub fn snapshot_parity(&self) -> bool {
        self.0.has(FLAG_PARITY)
    }

    pub fn set_snapshot_parity(&mut self, parity: bool) {
        self.0.set(FLAG_PARITY, parity);
    }

    /// All heap bytes this entry owns, as its allocator counts them in a 64-bit build.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        let value = match self.0.view() {
            View::Int(_) | View::Inline(_) | View::Pairs(_) => 0,
            View::Buffer(buffer) => allocated_bytes(buffer.capacity()),
            View::Data(data) => DATA_BYTES + data.collection().heap_bytes(),
        };
        self.0.bytes() + value
    }

    /// How much work it is to free this entry: about one for each allocation.
    #[must_use]
    pub fn free_effort(&self) -> usize {
        self.whole().map_or(1, |data| data.collection().free_effort())
    }

    /// Frees about so many elements of a value that nobody will look at again; whether any are
    /// left.
    pub fn free_some(&mut self, elements_max: usize) -> bool {
        self.whole_mut().is_some_and(|data| data.collection_mut().free_some(elements_max))
    }

    /// A copy under another name, with the same value, encoding, expiry and clock.
    #[must_use]
    pub fn duplicate(&self, key: &[u8]) -> Self {
        let payload = match self.0.view() {
            View::Int(value) => Payload::Int(value),
            View::Inline(bytes) => Payload::Inline(bytes),
            View::Buffer(bytes) => Payload::Buffer(bytes.clone()),
            View::Pairs(bytes) => Payload::Pairs(bytes),
            View::Data(data) => Payload::Data(Box::new(data.clone())),
        };
        let mut copy = Self(Block::new(key, self.expire_at(), payload));
        copy.set_lru(self.lru());
        copy.0.set(FLAG_RAW, self.0.has(FLAG_RAW));
        copy.set_snapshot_parity(self.snapshot_parity());
        copy
    }

    /// The same entry under another name; the value is moved, not copied, unless it is short.
    #[must_use]
    pub fn into_renamed(self, key: &[u8]) -> Self {
        Self(self.0.into_renamed(key))
    }
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry")
            .field("key", &self.key().escape_ascii().to_string())
            .field("encoding", &self.encoding())
            .field("expire_at", &self.expire_at())
            .finish_non_exhaustive()
    }
}

impl<'a> From<&'a [u8]> for Value<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Self::Text(bytes)
    }
}

/// Gives `keep` the form a value is kept in, beside a key of this length, and whether it counts as
/// `raw` however short it is.
fn encode<R>(value: Value<'_>, key_len: usize, keep: impl FnOnce(Payload<'_>, bool) -> R) -> R {
    match value {
        Value::Text(bytes) => match parse_i64(bytes) {
            Some(value) => keep(Payload::Int(value), false),
            None => keep(Payload::Inline(bytes), false),
        },
        Value::Int(value) => keep(Payload::Int(value), false),
        Value::Bytes(bytes) => keep(Payload::Inline(bytes), false),
        Value::Raw(bytes) => keep(Payload::Inline(bytes), true),
        Value::Data(data) => match inline_bytes(data.collection(), key_len) {
            Some(bytes) => keep(Payload::Pairs(bytes), false),
            None => keep(Payload::Data(data), false),
        },
    }
}

/// The bytes of a value that is to sit in its key's entry.
fn inline_bytes(value: &dyn Collection, key_len: usize) -> Option<&[u8]> {
    value.inline_bytes().filter(|bytes| fits_inline(bytes, key_len))
}

const DATA_BYTES: usize = allocated_bytes(Data::BYTES);

/// The longest string Redis embeds in its object, and calls `embstr`.
const EMBSTR_BYTES_MAX: usize = 44;
