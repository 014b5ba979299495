//! Databases of keys. Knows nothing of commands, clients or replication: what
//! an expired key means is the caller's policy.
//!
//! Invariant: `volatile` of a database holds the hash of each of its keys that
//! has an expiry, and no other. Every change of an entry goes through a method
//! here, since a snapshot under way may have to keep the old value first.

use super::Awaited;
use super::Edit;
use super::Entry;
use super::Value;
use super::snapshot::DictId;
use super::snapshot::Snapshot;
use crate::data::Dict;
use crate::data::Hasher;
use crate::data::Kind;
use crate::data::dict::Occupancy;
use crate::time::Now;

/// All databases of a node.
#[derive(Debug)]
pub struct Store {
    hasher: Hasher,
    dbs: Vec<Db>,
    dict_ids: u64,
    snapshot: Option<Snapshot>,
    /// Flushed dicts, freed a little each turn.
    garbage: Vec<Dict<Entry>>,
    /// Keys somebody waits for.
    pub awaited: Awaited,
    pub stats: Stats,
}

/// One numbered database.
struct Db {
    id: DictId,
    keys: Dict<Entry>,
    volatile: Dict<u64>,
    /// Heap bytes of all entries.
    bytes: usize,
    /// Where active expiry looks next.
    expiry_cursor: u64,
}

/// A key that is waited for, with its database and the type of its value, if it has one.
type AwaitedType = (usize, Box<[u8]>, Option<&'static str>);

/// Counters INFO shows.
#[derive(Clone, Copy, Debug, Default)]
pub struct Stats {
    pub hits: u64,
    pub misses: u64,
    pub expired: u64,
}

/// What happens to a key whose time has passed when it is met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    /// A master deletes it and tells its replicas.
    Delete,
    /// A replica's clients don't see it; only the master's DEL removes it.
    Hide,
    /// The master's own stream is obeyed as if clocks did not exist.
    Ignore,
}

/// The instant to which expiry is compared, and the policy.
#[derive(Clone, Copy, Debug)]
pub struct Expiry {
    pub policy: Policy,
    /// Milliseconds since the Unix epoch.
    pub now_ms: i64,
}

/// What a lookup found.
pub enum Found<T> {
    Entry(T),
    Missing,
    /// Its time has passed and it was removed.
    Expired,
}

/// What setting a value does to the key's time to live.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ttl {
    Clear,
    Keep,
    /// Milliseconds since the Unix epoch.
    At(i64),
}

impl Store {
    pub fn new(hasher: Hasher, databases: usize) -> Self {
        let mut store = Self {
            hasher,
            dbs: Vec::new(),
            dict_ids: 0,
            snapshot: None,
            garbage: Vec::new(),
            awaited: Awaited::default(),
            stats: Stats::default(),
        };
        store.dbs = (0..databases).map(|_| store.new_db()).collect();
        store
    }

    pub fn databases(&self) -> usize {
        self.dbs.len()
    }

    /// Keys in a database, expired ones that nobody met yet included.
    pub fn len(&self, db: usize) -> usize {
        self.dbs.get(db).map_or(0, |db| db.keys.len())
    }

    pub fn is_empty(&self) -> bool {
        self.dbs.iter().all(|db| db.keys.is_empty())
    }

    /// Keys of a database that have an expiry.
    pub fn volatile_len(&self, db: usize) -> usize {
        self.dbs.get(db).map_or(0, |db| db.volatile.len())
    }

    /// Whether any key has an expiry.
    pub fn has_volatile_keys(&self) -> bool {
        self.dbs.iter().any(|db| !db.volatile.is_empty())
    }

    /// Takes on another keyspace in place of this one, whose memory is freed later. Counters stay,
    /// and those who wait for keys; a snapshot under way is given up.
    pub fn replace(&mut self, other: Self) {
        let before = self.awaited_types(0..self.dbs.len());
        self.snapshot_end();
        let old = std::mem::replace(&mut self.dbs, other.dbs);
        self.hasher = other.hasher;
        self.dict_ids = other.dict_ids;
        self.garbage.extend(old.into_iter().map(|db| db.keys).filter(|keys| !keys.is_empty()));
        self.note_changes(before);
    }

    /// The entry as it is, whether or not its time has passed.
    pub fn find(&self, db: usize, key: &[u8]) -> Option<&Entry> {
        self.dbs.get(db)?.keys.find(self.hasher.hash(key), |entry| entry.key() == key)
    }

    /// Starts loading these keys' entries, at most sixteen, without waiting for any: the
    /// lookups of a pipeline then overlap in memory. Changes nothing that can be observed.
    pub fn warm<'k>(&self, db: usize, keys: impl IntoIterator<Item = &'k [u8]>) {
        let Some(db) = self.dbs.get(db).filter(|db| db.keys.len() >= WARM_DB_KEYS_MIN) else {
            return;
        };
        let mut hashes = [0; WARM_KEYS_MAX];
        let mut len = 0;
        for (hash, key) in hashes.iter_mut().zip(keys) {
            *hash = self.hasher.hash(key);
            db.keys.prefetch(*hash);
            len += 1;
        }
        let candidates = hashes.iter().take(len).filter_map(|hash| db.keys.candidate(*hash));
        candidates.for_each(Entry::prefetch);
    }

    /// Looks a key up to read it, in one probe: counts a hit or a miss and marks the access. A key
    /// that is removed because its time has passed is told apart, since a master has to tell its
    /// replicas.
    pub fn lookup(&mut self, db: usize, key: &[u8], expiry: Expiry) -> Found<&Entry> {
        self.meet(db, key, expiry, Access::Read).map(|(entry, _)| &*entry)
    }

    /// Looks a key up as a reader does whose look is no use of the value: TTL, TYPE, OBJECT. Counts
    /// a hit or a miss, leaves the access clock alone.
    pub fn look(&mut self, db: usize, key: &[u8], expiry: Expiry) -> Found<&Entry> {
        self.meet(db, key, expiry, Access::Look).map(|(entry, _)| &*entry)
    }

    /// Looks a key up for a write command's own checks, which count as nothing.
    pub fn peek(&mut self, db: usize, key: &[u8], expiry: Expiry) -> Found<&Entry> {
        self.meet(db, key, expiry, Access::Peek).map(|(entry, _)| &*entry)
    }

    /// Looks a key up to change its value. The expiry is changed by [`Store::set_expiry`].
    pub fn edit(&mut self, db: usize, key: &[u8], expiry: Expiry) -> Found<Edit<'_, Entry>> {
        self.meet(db, key, expiry, Access::Edit).map(|(entry, bytes)| Edit::new(entry, bytes))
    }

    /// As [`Store::edit`], of a value of type `K`; `None` if it is of another type.
    pub fn edit_as<K: Kind>(
        &mut self,
        db: usize,
        key: &[u8],
        expiry: Expiry,
    ) -> Found<Option<Edit<'_, K>>> {
        self.meet(db, key, expiry, Access::Edit)
            .map(|(entry, bytes)| Some(Edit::new(K::of_mut(entry.data_mut()?)?, bytes)))
    }

    /// Sets the key, whatever it was before. Its access clock is set to `now`. Returns the expiry
    /// of the value that it replaced, if there was one that had any.
    pub fn set(
        &mut self,
        db: usize,
        key: &[u8],
        value: Value<'_>,
        ttl: Ttl,
        now: Now,
    ) -> Option<i64> {
        let Self { hasher, dbs, snapshot, awaited, .. } = self;
        let number = db;
        let db = dbs.get_mut(db)?;
        let hash = hasher.hash(key);
        match db.keys.entry(hash, |entry| entry.key() == key, |entry| hash_of(hasher, entry)) {
            Occupancy::Occupied(place) => {
                let entry = place.into_mut();
                if let Some(snapshot) = snapshot {
                    snapshot.preserve(db.id, hash, entry);
                }
                let old = entry.expire_at();
                let new = ttl.applied_to(old);
                Edit::new(entry, &mut db.bytes).assign(value, new);
                entry.set_lru(lru_clock(now.wall_ms()));
                update_volatile(&mut db.volatile, hash, old, new);
                awaited.lost(number, key);
                old
            }
            Occupancy::Vacant(place) => {
                let expire_at = ttl.applied_to(None);
                let mut entry = Entry::new(key, value, expire_at);
                entry.set_lru(lru_clock(now.wall_ms()));
                if let Some(snapshot) = snapshot {
                    snapshot.exclude(db.id, hash, &mut entry);
                }
                db.bytes += entry.heap_bytes();
                if entry.can_be_awaited() {
                    awaited.made(number, key);
                }
                place.insert(entry);
                update_volatile(&mut db.volatile, hash, None, expire_at);
                None
            }
        }
    }

    /// Puts an entry under its own key, replacing what was there.
    pub fn insert(&mut self, db: usize, mut entry: Entry) {
        let hash = hash_of(&self.hasher, &entry);
        self.remove(db, entry.key());
        let Self { hasher, dbs, snapshot, awaited, .. } = self;
        if entry.can_be_awaited() {
            awaited.made(db, entry.key());
        }
        let Some(db) = dbs.get_mut(db) else { return };
        match snapshot {
            Some(snapshot) => snapshot.exclude(db.id, hash, &mut entry),
            None => entry.set_snapshot_parity(false),
        }
        update_volatile(&mut db.volatile, hash, None, entry.expire_at());
        db.bytes += entry.heap_bytes();
        db.keys.insert_unique(hash, entry, |entry| hash_of(hasher, entry));
    }

    pub fn remove(&mut self, db: usize, key: &[u8]) -> Option<Entry> {
        let hash = self.hasher.hash(key);
        let number = db;
        let db = self.dbs.get_mut(db)?;
        let mut entry = db.keys.remove(hash, |entry| entry.key() == key)?;
        self.awaited.lost(number, key);
        if let Some(snapshot) = &mut self.snapshot {
            snapshot.preserve(db.id, hash, &mut entry);
        }
        update_volatile(&mut db.volatile, hash, entry.expire_at(), None);
        db.release(&entry);
        Some(entry)
    }

    /// Sets or clears the expiry, in milliseconds since the Unix epoch; whether the key is there.
    pub fn set_expiry(&mut self, db: usize, key: &[u8], expire_at: Option<i64>) -> bool {
        let hash = self.hasher.hash(key);
        let Some(db) = self.dbs.get_mut(db) else { return false };
        let Some(entry) = db.keys.find_mut(hash, |entry| entry.key() == key) else { return false };
        if let Some(snapshot) = &mut self.snapshot {
            snapshot.preserve(db.id, hash, entry);
        }
        let old = entry.expire_at();
        Edit::new(entry, &mut db.bytes).set_expire_at(expire_at);
        update_volatile(&mut db.volatile, hash, old, expire_at);
        true
    }

    /// One step of SCAN: emits the entries of a bucket and returns the next cursor, 0 at the end.
    pub fn scan(&self, db: usize, cursor: u64, emit: impl FnMut(&Entry)) -> u64 {
        let Some(db) = self.dbs.get(db) else { return 0 };
        db.keys.scan(cursor, |entry| hash_of(&self.hasher, entry), emit)
    }

    /// Every entry of a database, in no particular order.
    pub fn iter(&self, db: usize) -> impl Iterator<Item = &Entry> {
        self.dbs.get(db).into_iter().flat_map(|db| db.keys.iter())
    }

    /// A random entry; `below(n)` is a uniform number below `n`.
    pub fn random(&self, db: usize, below: impl FnMut(u64) -> u64) -> Option<&Entry> {
        self.dbs.get(db)?.keys.random(below)
    }

    /// Empties one database; returns how many keys it held. Their memory is freed later.
    pub fn flush(&mut self, db: usize) -> usize {
        let before = self.awaited_types(db..db.saturating_add(1));
        let mut fresh = self.new_db();
        let Some(place) = self.dbs.get_mut(db) else { return 0 };
        std::mem::swap(place, &mut fresh);
        let Db { id, keys, .. } = fresh;
        let len = keys.len();
        let done = match &mut self.snapshot {
            Some(snapshot) => snapshot.detach(id, keys),
            None => Some(keys),
        };
        self.garbage.extend(done.filter(|keys| !keys.is_empty()));
        self.note_changes(before);
        len
    }

    /// Exchanges two databases, both of which exist. Those who wait for keys stay where they are.
    pub fn swap(&mut self, a: usize, b: usize) {
        let before = self.awaited_types([a, b]);
        self.dbs.swap(a, b);
        self.note_changes(before);
    }

    /// Removes keys of a database whose time has passed, looking at no more than `keys_max` of
    /// those that have an expiry; emits their names. Returns how many it looked at.
    pub fn expire_some(
        &mut self,
        db: usize,
        now_ms: i64,
        keys_max: usize,
        mut emit: impl FnMut(&[u8]),
    ) -> usize {
        let number = db;
        let mut looked_at = 0;
        while looked_at < keys_max {
            let Some(db) = self.dbs.get_mut(number).filter(|db| !db.volatile.is_empty()) else {
                break;
            };
            let mut hashes = Vec::new();
            db.expiry_cursor = db.volatile.scan(db.expiry_cursor, |h| *h, |h| hashes.push(*h));
            let wrapped = db.expiry_cursor == 0;
            looked_at += hashes.len();
            for hash in hashes {
                if let Some(entry) = self.take_expired(number, hash, now_ms) {
                    emit(entry.key());
                }
            }
            if wrapped {
                break;
            }
        }
        looked_at
    }

    /// Frees a part of what was flushed; whether there is more.
    pub fn free_some(&mut self, buckets_max: usize) -> bool {
        if let Some(dict) = self.garbage.last_mut()
            && !dict.drain_buckets(buckets_max, drop)
        {
            self.garbage.pop();
        }
        !self.garbage.is_empty()
    }

    /// Begins a snapshot of the instant. One at a time: a running one is forgotten.
    pub fn snapshot_begin(&mut self) {
        self.snapshot_end();
        let full = self.dbs.iter().enumerate().filter(|(_, db)| !db.keys.is_empty());
        self.snapshot = Some(Snapshot::new(full.map(|(number, db)| (number, db.id))));
    }

    /// Emits a few entries of the snapshot, each with its database's number at the instant. The
    /// work is one bucket and what has changed since the last step; whether there is more.
    pub fn snapshot_step(&mut self, mut emit: impl FnMut(usize, &Entry)) -> bool {
        let Self { snapshot: Some(snapshot), dbs, hasher, garbage, .. } = self else {
            return false;
        };
        snapshot.emit_ahead(&mut emit);
        let Some((number, id)) = snapshot.current() else {
            self.snapshot = None;
            return false;
        };
        let mut position = *snapshot.position_mut();
        let dict = match dbs.iter_mut().find(|db| db.id == id) {
            Some(db) => Some(&mut db.keys),
            None => snapshot.detached_mut(id),
        };
        let over =
            dict.is_none_or(|dict| Snapshot::walk(&mut position, number, dict, hasher, &mut emit));
        *snapshot.position_mut() = position;
        if over {
            garbage.extend(snapshot.next_database());
        }
        true
    }

    /// Gives a snapshot up. The marks it left on entries it had not come to are taken off.
    pub fn snapshot_end(&mut self) {
        while self.snapshot_step(|_, _| {}) {}
    }

    /// Keys and keys with an expiry of each database that has any.
    pub fn sizes(&self) -> impl Iterator<Item = (usize, usize, usize)> {
        let sizes = self.dbs.iter().map(|db| (db.keys.len(), db.volatile.len())).enumerate();
        sizes.map(|(db, (keys, volatile))| (db, keys, volatile)).filter(|(_, keys, _)| *keys > 0)
    }

    /// Bytes of all tables and of what their entries own.
    pub fn heap_bytes(&self) -> usize {
        self.dbs.iter().map(|db| db.keys.table_bytes() + db.volatile.table_bytes() + db.bytes).sum()
    }

    /// Bytes of all tables, without what the entries own.
    pub fn table_bytes(&self) -> usize {
        self.dbs.iter().map(|db| db.keys.table_bytes() + db.volatile.table_bytes()).sum()
    }

    /// The hash function of the keys, for collections to place their elements by.
    pub fn hasher(&self) -> &Hasher {
        &self.hasher
    }

    /// The entry, and the count of its database's bytes.
    fn meet(
        &mut self,
        db: usize,
        key: &[u8],
        expiry: Expiry,
        access: Access,
    ) -> Found<(&mut Entry, &mut usize)> {
        let Self { hasher, dbs, snapshot, awaited, stats, .. } = self;
        let number = db;
        let Some(db) = dbs.get_mut(db) else { return Found::Missing };
        let Db { id, keys, volatile, bytes, .. } = db;
        let hash = hasher.hash(key);
        let found = keys.entry(hash, |entry| entry.key() == key, |entry| hash_of(hasher, entry));
        let Occupancy::Occupied(mut place) = found else {
            stats.misses += u64::from(access.is_counted());
            return Found::Missing;
        };
        let expire_at = place.element_mut().expire_at();
        if expire_at.is_none_or(|at| at > expiry.now_ms) || expiry.policy == Policy::Ignore {
            let entry = place.into_mut();
            stats.hits += u64::from(access.is_counted());
            match access {
                Access::Read => entry.set_lru(lru_clock(expiry.now_ms)),
                Access::Look | Access::Peek => {}
                Access::Edit => {
                    if let Some(snapshot) = snapshot {
                        snapshot.preserve(*id, hash, entry);
                    }
                    entry.set_lru(lru_clock(expiry.now_ms));
                }
            }
            return Found::Entry((entry, bytes));
        }
        stats.misses += u64::from(access.is_counted());
        if expiry.policy == Policy::Hide {
            return Found::Missing;
        }
        let mut entry = place.remove();
        if let Some(snapshot) = snapshot {
            snapshot.preserve(*id, hash, &mut entry);
        }
        update_volatile(volatile, hash, expire_at, None);
        *bytes = bytes.saturating_sub(entry.heap_bytes());
        stats.expired += 1;
        awaited.lost(number, key);
        Found::Expired
    }

    /// Removes the key of this hash if its time has passed.
    fn take_expired(&mut self, db: usize, hash: u64, now_ms: i64) -> Option<Entry> {
        let Self { hasher, dbs, snapshot, awaited, stats, .. } = self;
        let number = db;
        let db = dbs.get_mut(db)?;
        let mut entry = db.keys.remove(hash, |entry| {
            entry.expire_at().is_some_and(|at| at <= now_ms) && hash_of(hasher, entry) == hash
        })?;
        awaited.lost(number, entry.key());
        if let Some(snapshot) = snapshot {
            snapshot.preserve(db.id, hash, &mut entry);
        }
        update_volatile(&mut db.volatile, hash, entry.expire_at(), None);
        db.release(&entry);
        stats.expired += 1;
        Some(entry)
    }

    /// The keys waited for in these databases, with the types of their values.
    fn awaited_types(&self, dbs: impl IntoIterator<Item = usize>) -> Vec<AwaitedType> {
        if self.awaited.is_empty() {
            return Vec::new();
        }
        let keys = dbs.into_iter().flat_map(|db| self.awaited.keys(db).map(move |key| (db, key)));
        let type_of = |db, key| self.find(db, key).map(Entry::type_name);
        keys.map(|(db, key)| (db, key.into(), type_of(db, key))).collect()
    }

    /// After whole databases have changed: what that means for those who wait for keys.
    fn note_changes(&mut self, before: Vec<AwaitedType>) {
        for (db, key, old) in before {
            let entry = self.find(db, &key);
            let new = entry.map(Entry::type_name);
            let is_made = entry.is_some_and(Entry::can_be_awaited);
            if old.is_some() && old != new {
                self.awaited.lost(db, &key);
            }
            if is_made {
                self.awaited.made(db, &key);
            }
        }
    }

    fn new_db(&mut self) -> Db {
        self.dict_ids += 1;
        Db {
            id: DictId(self.dict_ids),
            keys: Dict::new(),
            volatile: Dict::new(),
            bytes: 0,
            expiry_cursor: 0,
        }
    }
}

impl Db {
    /// Counts an entry out that was taken from the table.
    fn release(&mut self, entry: &Entry) {
        self.bytes = self.bytes.saturating_sub(entry.heap_bytes());
    }
}

impl<T> Found<T> {
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Found<U> {
        match self {
            Self::Entry(found) => Found::Entry(change(found)),
            Self::Missing => Found::Missing,
            Self::Expired => Found::Expired,
        }
    }
}

/// Why a key is looked up.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Access {
    Read,
    Look,
    Peek,
    Edit,
}

impl Access {
    /// Whether INFO counts it as a hit or a miss.
    const fn is_counted(self) -> bool {
        matches!(self, Self::Read | Self::Look)
    }
}

impl Ttl {
    fn applied_to(self, old: Option<i64>) -> Option<i64> {
        match self {
            Self::Clear => None,
            Self::Keep => old,
            Self::At(at) => Some(at),
        }
    }
}

impl std::fmt::Debug for Db {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Db({} keys, {} volatile)", self.keys.len(), self.volatile.len())
    }
}

pub(super) fn hash_of(hasher: &Hasher, entry: &Entry) -> u64 {
    hasher.hash(entry.key())
}

fn update_volatile(volatile: &mut Dict<u64>, hash: u64, old: Option<i64>, new: Option<i64>) {
    match (old.is_some(), new.is_some()) {
        (false, true) => {
            volatile.insert_unique(hash, hash, |hash| *hash);
        }
        (true, false) => {
            volatile.remove(hash, |other| *other == hash);
        }
        _ => {}
    }
}

/// Keys whose loads overlap at once: processors track ten to sixteen cache misses.
const WARM_KEYS_MAX: usize = 16;

/// Keys of a database that the processor's caches hold anyway.
const WARM_DB_KEYS_MIN: usize = 4096;

/// Redis's LRU clock: seconds, in 24 bits.
fn lru_clock(now_ms: i64) -> u32 {
    (now_ms.div_euclid(1000) & 0xff_ffff) as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Mono;
    use crate::time::Wall;

    const NOW: Now = Now::new(Mono::ZERO, Wall::from_ms(1_000));

    fn expiry(policy: Policy, now_ms: i64) -> Expiry {
        Expiry { policy, now_ms }
    }

    fn store_of(keys: &[(usize, &str, &str)]) -> Store {
        let mut store = Store::new(Hasher::new(1), 4);
        for (db, key, value) in keys {
            store.set(*db, key.as_bytes(), Value::Text(value.as_bytes()), Ttl::Clear, NOW);
        }
        store
    }

    /// What the rest of the snapshot says, sorted.
    fn rest_of_snapshot(store: &mut Store) -> Vec<String> {
        let mut lines = Vec::new();
        while store.snapshot_step(|db, entry| {
            let value = entry.string().unwrap().to_cow().into_owned();
            lines.push(format!("{db}:{}={}", entry.key().escape_ascii(), value.escape_ascii()));
        }) {}
        lines.sort();
        lines
    }

    #[test]
    fn an_expired_key_is_deleted_hidden_or_ignored() {
        let mut store = store_of(&[]);
        store.set(0, b"k", Value::Text(b"v"), Ttl::At(2_000), NOW);
        let is_found = |store: &mut Store, policy, now_ms| {
            matches!(store.lookup(0, b"k", expiry(policy, now_ms)), Found::Entry(_))
        };
        assert!(is_found(&mut store, Policy::Delete, 1_999));
        assert!(is_found(&mut store, Policy::Ignore, 2_000));
        assert!(!is_found(&mut store, Policy::Hide, 2_000));
        assert_eq!((store.len(0), store.volatile_len(0)), (1, 1));
        assert!(matches!(store.lookup(0, b"k", expiry(Policy::Delete, 2_000)), Found::Expired));
        assert_eq!((store.len(0), store.volatile_len(0), store.stats.expired), (0, 0, 1));
    }

    #[test]
    fn the_volatile_index_follows_every_change() {
        let mut store = store_of(&[(0, "a", "1"), (0, "b", "2")]);
        let mut check = |change: &dyn Fn(&mut Store), expect| {
            change(&mut store);
            assert_eq!(store.volatile_len(0), expect);
        };
        check(&|s| assert!(s.set_expiry(0, b"a", Some(5_000))), 1);
        check(&|s| assert!(s.set_expiry(0, b"a", Some(6_000))), 1);
        check(&|s| assert_eq!(s.set(0, b"a", Value::Int(1), Ttl::Keep, NOW), Some(6_000)), 1);
        check(&|s| assert_eq!(s.set(0, b"a", Value::Int(1), Ttl::Clear, NOW), Some(6_000)), 0);
        check(&|s| assert_eq!(s.set(0, b"b", Value::Int(1), Ttl::At(1), NOW), None), 1);
        check(&|s| s.insert(0, Entry::new(b"b", Value::Int(2), None)), 0);
        check(&|s| s.insert(0, Entry::new(b"b", Value::Int(2), Some(9))), 1);
        check(&|s| assert!(s.remove(0, b"b").is_some()), 0);
        check(&|s| assert!(!s.set_expiry(0, b"b", Some(1))), 0);
    }

    #[test]
    fn active_expiry_removes_all_that_is_due_and_nothing_else() {
        let mut store = store_of(&[(0, "keep", "1")]);
        for i in 0..1000_i64 {
            let key = i.to_string();
            store.set(0, key.as_bytes(), Value::Int(i), Ttl::At(i), NOW);
        }
        let mut expired = 0;
        for _ in 0..200 {
            store.expire_some(0, 499, 20, |_| expired += 1);
        }
        assert_eq!((expired, store.len(0), store.volatile_len(0)), (500, 501, 500));
    }

    #[test]
    fn a_snapshot_is_of_its_instant() {
        let mut store = Store::new(Hasher::new(9), 2);
        let mut expect = Vec::new();
        for i in 0..500_i64 {
            store.set(0, i.to_string().as_bytes(), Value::Int(i), Ttl::Clear, NOW);
            expect.push(format!("0:{i}={i}"));
        }
        expect.sort();
        store.snapshot_begin();
        let mut lines = Vec::new();
        let mut i = 0_i64;
        // Between the steps keys are changed, removed, expired, made and moved about.
        while store.snapshot_step(|db, entry| {
            let value = entry.string().unwrap().to_cow().into_owned();
            lines.push(format!("{db}:{}={}", entry.key().escape_ascii(), value.escape_ascii()));
        }) {
            let key = (i * 7 % 500).to_string();
            match i % 4 {
                0 => drop(store.set(0, key.as_bytes(), Value::Int(-1), Ttl::At(1), NOW)),
                1 => drop(store.remove(0, key.as_bytes())),
                2 => {
                    store.set(0, format!("new{i}").as_bytes(), Value::Int(0), Ttl::Clear, NOW);
                }
                _ => drop(store.lookup(0, key.as_bytes(), expiry(Policy::Delete, 10))),
            }
            i += 1;
        }
        lines.sort();
        assert_eq!(lines, expect);
        // No mark is left behind: the next snapshot sees everything.
        store.snapshot_begin();
        assert_eq!(rest_of_snapshot(&mut store).len(), store.len(0));
    }

    #[test]
    fn a_snapshot_survives_flush_and_swap() {
        let mut store = store_of(&[(0, "a", "1"), (1, "b", "2"), (2, "c", "3")]);
        store.snapshot_begin();
        store.swap(0, 1);
        assert_eq!(store.flush(0), 1);
        store.set(0, b"b", Value::Text(b"new"), Ttl::Clear, NOW);
        store.set(1, b"a", Value::Text(b"changed"), Ttl::Clear, NOW);
        store.flush(2);
        assert_eq!(rest_of_snapshot(&mut store), ["0:a=1", "1:b=2", "2:c=3"]);
        while store.free_some(1) {}
    }

    #[test]
    fn a_snapshot_given_up_leaves_no_mark() {
        let mut store = store_of(&[(0, "a", "1"), (1, "b", "2")]);
        store.snapshot_begin();
        store.set(1, b"b", Value::Text(b"3"), Ttl::Clear, NOW);
        store.snapshot_end();
        store.snapshot_begin();
        assert_eq!(rest_of_snapshot(&mut store), ["0:a=1", "1:b=3"]);
    }
}
