//! Databases of keys. Knows nothing of commands, clients or replication: what
//! an expired key means is the caller's policy.
//!
//! Invariant: a database's deadlines are those of its keys and of their fields,
//! and its tally is the memory of its entries. Every change of an entry goes
//! through a method here: these have to follow, and a snapshot under way may have to keep the old
//! value first. What leaves the keyspace goes to the garbage unless it is small.

use super::Awaited;
use super::Changes;
use super::Edit;
use super::Entry;
use super::KeyEvent;
use super::Value;
use super::access::AccessClock;
use super::deadlines::Deadlines;
use super::edit::Books;
use super::field_deadlines::FieldDeadlines;
use super::garbage::Garbage;
use super::garbage::Keys;
use super::garbage::is_large;
use super::notices::Notices;
use super::snapshot::DictId;
use super::snapshot::Snapshot;
use super::tally::Tally;
use crate::data::Data;
use crate::data::Dict;
use crate::data::Hash;
use crate::data::Hasher;
use crate::data::Kind;
use crate::data::dict::Occupancy;
use crate::rng::Rng;
use crate::time::Now;

/// All databases of a node.
#[derive(Debug)]
pub struct Store {
    pub(super) hasher: Hasher,
    pub(super) dbs: Vec<Db>,
    dict_ids: u64,
    pub(super) snapshot: Option<Snapshot>,
    pub(super) garbage: Garbage,
    /// Where a value is changed that sits in its entry.
    desk: Data,
    /// Keys somebody waits for.
    pub awaited: Awaited,
    /// Keys that changed, for those who want to know.
    pub changes: Changes,
    /// What happened to keys, for those who listen to that.
    pub notices: Notices,
    /// What the access clocks of entries measure. It changes with the eviction policy.
    pub access_clock: AccessClock,
    /// For what happens by chance whenever a key is used.
    rng: Rng,
    pub stats: Stats,
}

/// One numbered database.
pub(super) struct Db {
    pub(super) id: DictId,
    pub(super) keys: Dict<Entry>,
    pub(super) deadlines: Deadlines,
    pub(super) fields: FieldDeadlines,
    tally: Tally,
}

/// Counters INFO shows.
#[derive(Clone, Copy, Debug, Default)]
pub struct Stats {
    pub hits: u64,
    pub misses: u64,
    pub expired: u64,
    /// Fields of hashes.
    pub expired_fields: u64,
}

/// One database in numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DbSize {
    pub db: usize,
    pub keys: usize,
    /// Keys that have an expiry.
    pub volatile: usize,
    /// Hashes with fields that have an expiry.
    pub volatile_fields: usize,
    /// The mean of the expiries, in milliseconds since the Unix epoch.
    pub mean_expiry_ms: Option<i64>,
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
            rng: Rng::new(hasher.hash(b"uses")),
            access_clock: AccessClock::default(),
            changes: Changes::new(hasher.clone()),
            hasher,
            dbs: Vec::new(),
            dict_ids: 0,
            snapshot: None,
            garbage: Garbage::default(),
            desk: Data::Hash(Hash::new()),
            awaited: Awaited::default(),
            notices: Notices::default(),
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
        self.dbs.get(db).map_or(0, |db| db.deadlines.len())
    }

    /// Milliseconds since the Unix epoch before which no key or field expires; `None` if none ever
    /// does.
    pub fn soonest_expiry_ms(&self) -> Option<i64> {
        let deadlines = |db: &Db| [db.deadlines.soonest_ms(), db.fields.soonest_ms()];
        self.dbs.iter().flat_map(deadlines).flatten().min()
    }

    /// Whether any hash has fields that expire.
    pub fn has_volatile_fields(&self) -> bool {
        self.dbs.iter().any(|db| db.fields.len() > 0)
    }

    /// Takes on another keyspace in place of this one, whose memory is freed later. Counters stay,
    /// and those who wait for keys; a snapshot under way is given up.
    pub fn replace(&mut self, other: Self) {
        let before = self.before_exchange(0..self.dbs.len());
        if let Some(snapshot) = self.snapshot.take() {
            snapshot.into_garbage(&mut self.garbage);
        }
        let old = std::mem::replace(&mut self.dbs, other.dbs);
        self.hasher = other.hasher;
        self.dict_ids = other.dict_ids;
        old.into_iter().for_each(|db| self.garbage.add_keys(db.into_keys()));
        self.changes.flushed();
        self.after_exchange(before);
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

    /// As [`Store::warm`], for elements of the collection under one key.
    pub fn warm_elements(&self, db: usize, key: &[u8], elements: &[&[u8]]) {
        if let Some(data) = self.find(db, key).and_then(Entry::whole) {
            data.collection().warm(elements);
        }
    }

    /// Looks a key up to read it, in one probe: counts a hit or a miss and marks the access. A key
    /// that is removed because its time has passed is told apart, since a master has to tell its
    /// replicas.
    pub fn lookup(&mut self, db: usize, key: &[u8], expiry: Expiry) -> Found<&Entry> {
        self.meet(db, key, expiry, Access::Read).map(|(entry, ..)| &*entry)
    }

    /// Looks a key up as a reader does whose look is no use of the value: TTL, TYPE, OBJECT. Counts
    /// a hit or a miss, leaves the access clock alone.
    pub fn look(&mut self, db: usize, key: &[u8], expiry: Expiry) -> Found<&Entry> {
        self.meet(db, key, expiry, Access::Look).map(|(entry, ..)| &*entry)
    }

    /// As [`Store::look`], which no event tells of: OBJECT.
    pub fn inspect(&mut self, db: usize, key: &[u8], expiry: Expiry) -> Found<&Entry> {
        self.meet(db, key, expiry, Access::Inspect).map(|(entry, ..)| &*entry)
    }

    /// Looks a key up for a write command's own checks, which count as nothing.
    pub fn peek(&mut self, db: usize, key: &[u8], expiry: Expiry) -> Found<&Entry> {
        self.meet(db, key, expiry, Access::Peek).map(|(entry, ..)| &*entry)
    }

    /// Looks a key up to change its value. The expiry is changed by [`Store::set_expiry`].
    pub fn edit(&mut self, db: usize, key: &[u8], expiry: Expiry) -> Found<Edit<'_, Entry>> {
        self.meet(db, key, expiry, Access::Edit).map(|(entry, books, _)| Edit::new(entry, books))
    }

    /// As [`Store::edit`], of a value of type `K`; `None` if it is of another type.
    pub fn edit_as<K: Kind>(
        &mut self,
        db: usize,
        key: &[u8],
        expiry: Expiry,
    ) -> Found<Option<Edit<'_, K>>> {
        self.edit_by(db, key, expiry, Access::Edit)
    }

    /// As [`Store::edit_as`], for what is no change to those who watch the key or have a copy.
    pub fn edit_unseen_as<K: Kind>(
        &mut self,
        db: usize,
        key: &[u8],
        expiry: Expiry,
    ) -> Found<Option<Edit<'_, K>>> {
        self.edit_by(db, key, expiry, Access::EditUnseen)
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
        let Self {
            hasher,
            dbs,
            snapshot,
            garbage,
            awaited,
            changes,
            notices,
            access_clock,
            rng,
            ..
        } = self;
        let (number, now_ms) = (db, now.wall_ms());
        let Db { id, keys, deadlines, fields, tally } = dbs.get_mut(number)?;
        changes.replaced(number, key);
        let hash = hasher.hash(key);
        match keys.entry(hash, |entry| entry.key() == key, |entry| hash_of(hasher, entry)) {
            Occupancy::Occupied(place) => {
                let entry = place.into_mut();
                let clock = access_clock.touched(entry.lru(), now_ms, rng);
                let old = entry.expire_at();
                let new = ttl.applied_to(old);
                if is_large(entry) {
                    let mut fresh = Entry::new(key, value, new);
                    if let Some(snapshot) = snapshot {
                        snapshot.exclude(*id, hash, &mut fresh);
                    }
                    tally.change(entry.heap_bytes(), fresh.heap_bytes());
                    fields.update(hash, entry.first_field_expiry(), fresh.first_field_expiry());
                    discard(snapshot, garbage, *id, hash, std::mem::replace(entry, fresh));
                } else {
                    if let Some(snapshot) = snapshot {
                        snapshot.preserve(*id, hash, entry);
                    }
                    Edit::new(entry, Books { hash, tally, fields }).assign(value, new);
                }
                entry.set_lru(clock);
                deadlines.update(hash, old, new, keys.len());
                awaited.lost(number, key);
                old
            }
            Occupancy::Vacant(place) => {
                let expire_at = ttl.applied_to(None);
                let mut entry = Entry::new(key, value, expire_at);
                entry.set_lru(access_clock.fresh(now_ms));
                if let Some(snapshot) = snapshot {
                    snapshot.exclude(*id, hash, &mut entry);
                }
                tally.change(0, entry.heap_bytes());
                fields.update(hash, None, entry.first_field_expiry());
                if entry.can_be_awaited() {
                    awaited.made(number, key);
                }
                notices.add(KeyEvent::NEW, number, key);
                place.insert(entry);
                deadlines.update(hash, None, expire_at, keys.len());
                None
            }
        }
    }

    /// Puts an entry under its own key, replacing what was there.
    pub fn insert(&mut self, db: usize, entry: Entry) {
        self.insert_hashed(db, hash_of(&self.hasher, &entry), entry);
    }

    /// As [`Store::insert`], of a key of this hash.
    pub(super) fn insert_hashed(&mut self, db: usize, hash: u64, mut entry: Entry) {
        self.remove_hashed(db, hash, entry.key());
        let Self { hasher, dbs, snapshot, awaited, changes, notices, .. } = self;
        notices.add(KeyEvent::NEW, db, entry.key());
        if entry.can_be_awaited() {
            awaited.made(db, entry.key());
        }
        changes.replaced(db, entry.key());
        let Some(db) = dbs.get_mut(db) else { return };
        match snapshot {
            Some(snapshot) => snapshot.exclude(db.id, hash, &mut entry),
            None => entry.set_snapshot_parity(false),
        }
        let expire_at = entry.expire_at();
        db.tally.change(0, entry.heap_bytes());
        db.fields.update(hash, None, entry.first_field_expiry());
        db.keys.insert_unique(hash, entry, |entry| hash_of(hasher, entry));
        db.deadlines.update(hash, None, expire_at, db.keys.len());
    }

    /// Removes a key; whether it was there. A value of many elements is freed later.
    pub fn remove(&mut self, db: usize, key: &[u8]) -> bool {
        let hash = self.hasher.hash(key);
        self.remove_hashed(db, hash, key)
    }

    /// Takes an entry out, for it to be put elsewhere by [`Store::insert`]. That is a use of it.
    pub fn take(&mut self, db: usize, key: &[u8], now_ms: i64) -> Option<Entry> {
        let hash = self.hasher.hash(key);
        let number = db;
        let db = self.dbs.get_mut(db)?;
        let mut entry = db.take(hash, |entry| entry.key() == key)?;
        self.awaited.lost(number, key);
        self.changes.replaced(number, key);
        if let Some(snapshot) = &mut self.snapshot {
            snapshot.preserve(db.id, hash, &mut entry);
        }
        entry.set_lru(self.access_clock.touched(entry.lru(), now_ms, &mut self.rng));
        Some(entry)
    }

    /// As [`Store::remove`], of a key of this hash.
    pub(super) fn remove_hashed(&mut self, db: usize, hash: u64, key: &[u8]) -> bool {
        let Self { dbs, snapshot, garbage, awaited, changes, .. } = self;
        let number = db;
        let Some(db) = dbs.get_mut(db) else { return false };
        let Some(entry) = db.take(hash, |entry| entry.key() == key) else { return false };
        awaited.lost(number, key);
        changes.replaced(number, key);
        discard(snapshot, garbage, db.id, hash, entry);
        true
    }

    /// The entry of a key of this hash that `is_meant`, to be changed, and its database's books.
    pub(super) fn edit_hashed(
        &mut self,
        db: usize,
        hash: u64,
        is_meant: impl Fn(&Entry) -> bool,
    ) -> Option<(&mut Entry, Books<'_>)> {
        let Self { hasher, dbs, snapshot, .. } = self;
        let Db { id, keys, fields, tally, .. } = dbs.get_mut(db)?;
        let entry =
            keys.find_mut(hash, |entry| is_meant(entry) && hash_of(hasher, entry) == hash)?;
        if let Some(snapshot) = snapshot {
            snapshot.preserve(*id, hash, entry);
        }
        Some((entry, Books { hash, tally, fields }))
    }

    /// Sets or clears the expiry, in milliseconds since the Unix epoch; whether the key is there.
    pub fn set_expiry(&mut self, db: usize, key: &[u8], expire_at: Option<i64>) -> bool {
        let hash = self.hasher.hash(key);
        let number = db;
        let Some(db) = self.dbs.get_mut(number) else { return false };
        let Some(entry) = db.keys.find_mut(hash, |entry| entry.key() == key) else { return false };
        self.changes.replaced(number, key);
        if let Some(snapshot) = &mut self.snapshot {
            snapshot.preserve(db.id, hash, entry);
        }
        let old = entry.expire_at();
        let books = Books { hash, tally: &mut db.tally, fields: &mut db.fields };
        Edit::new(entry, books).set_expire_at(expire_at);
        db.deadlines.update(hash, old, expire_at, db.keys.len());
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
        let before = self.before_exchange(db..db.saturating_add(1));
        let mut fresh = self.new_db();
        let Some(place) = self.dbs.get_mut(db) else { return 0 };
        std::mem::swap(place, &mut fresh);
        let len = fresh.keys.len();
        let (id, keys) = (fresh.id, fresh.into_keys());
        let done = match &mut self.snapshot {
            Some(snapshot) => snapshot.detach(id, keys),
            None => Some(keys),
        };
        done.into_iter().for_each(|keys| self.garbage.add_keys(keys));
        self.changes.flushed();
        self.after_exchange(before);
        len
    }

    /// Exchanges two databases, both of which exist. Those who wait for keys stay where they are.
    pub fn swap(&mut self, a: usize, b: usize) {
        if a == b {
            return;
        }
        let before = self.before_exchange([a, b]);
        self.dbs.swap(a, b);
        self.after_exchange(before);
    }

    /// Frees a part of what has left the keyspace: at least so many elements, and as many bytes as
    /// have come into the keyspace since the last call, so that garbage never grows faster than it
    /// is freed. Whether there is more.
    pub fn free_some(&mut self, elements: usize) -> bool {
        let grown = self.dbs.iter_mut().map(|db| db.tally.take_grown()).sum();
        self.garbage.free_some(elements, grown)
    }

    /// Objects that wait to be freed, and objects that were freed after some waiting.
    pub fn garbage_objects(&self) -> (usize, u64) {
        (self.garbage.pending(), self.garbage.freed())
    }

    /// Bytes of what waits to be freed.
    pub fn garbage_bytes(&self) -> usize {
        self.garbage.heap_bytes()
    }

    /// Starts the counters anew.
    pub fn reset_stats(&mut self) {
        self.stats = Stats::default();
        self.garbage.reset_freed();
    }

    /// Number, keys, keys with an expiry and the mean of these expiries in milliseconds since the
    /// Unix epoch, of each database that has any key.
    pub fn sizes(&self) -> impl Iterator<Item = DbSize> {
        self.dbs.iter().enumerate().filter(|(_, db)| !db.keys.is_empty()).map(|(number, db)| {
            DbSize {
                db: number,
                keys: db.keys.len(),
                volatile: db.deadlines.len(),
                volatile_fields: db.fields.len(),
                mean_expiry_ms: db.deadlines.mean_ms(),
            }
        })
    }

    /// Bytes of all tables and of what their entries own, garbage included.
    pub fn heap_bytes(&self) -> usize {
        let entries: usize = self.dbs.iter().map(|db| db.tally.bytes()).sum();
        let copies = self.snapshot.as_ref().map_or(0, Snapshot::heap_bytes);
        entries + self.table_bytes() + self.garbage.heap_bytes() + copies
    }

    /// Bytes of all tables, without what the entries own.
    pub fn table_bytes(&self) -> usize {
        let bytes =
            |db: &Db| db.keys.table_bytes() + db.deadlines.heap_bytes() + db.fields.heap_bytes();
        self.dbs.iter().map(bytes).sum()
    }

    /// Bytes of the table of a database's keys.
    pub fn keys_table_bytes(&self, db: usize) -> usize {
        self.dbs.get(db).map_or(0, |db| db.keys.table_bytes())
    }

    /// Bytes of what is known of a database's expiries.
    pub fn expiries_bytes(&self, db: usize) -> usize {
        self.dbs.get(db).map_or(0, |db| db.deadlines.heap_bytes() + db.fields.heap_bytes())
    }

    /// Compares what is counted with what is there.
    ///
    /// # Panics
    /// If they differ.
    #[cfg(test)]
    pub fn audit(&self) {
        for db in &self.dbs {
            let bytes: usize = db.keys.iter().map(Entry::heap_bytes).sum();
            assert_eq!(db.tally.bytes(), bytes, "bytes of entries");
            let expiries: Vec<i64> = db.keys.iter().filter_map(Entry::expire_at).collect();
            assert_eq!(db.deadlines.len(), expiries.len(), "keys that expire");
            let mean = expiries.iter().sum::<i64>().checked_div(expiries.len() as i64);
            assert_eq!(db.deadlines.mean_ms(), mean, "their mean");
            let soonest = expiries.iter().min();
            assert!(db.deadlines.soonest_ms() <= soonest.copied(), "the first of them");
        }
    }

    /// The hash function of the keys, for collections to place their elements by.
    pub fn hasher(&self) -> &Hasher {
        &self.hasher
    }

    fn edit_by<K: Kind>(
        &mut self,
        db: usize,
        key: &[u8],
        expiry: Expiry,
        access: Access,
    ) -> Found<Option<Edit<'_, K>>> {
        self.meet(db, key, expiry, access).map(|(entry, books, desk)| {
            if entry.copy_out(desk) {
                return Some(Edit::of_copy(K::of_mut(desk)?, entry, books));
            }
            Some(Edit::new(K::of_mut(entry.whole_mut()?)?, books))
        })
    }

    /// The entry, the books of its database, and where to copy it out.
    fn meet(
        &mut self,
        db: usize,
        key: &[u8],
        expiry: Expiry,
        access: Access,
    ) -> Found<(&mut Entry, Books<'_>, &mut Data)> {
        let Self {
            hasher,
            dbs,
            snapshot,
            garbage,
            awaited,
            changes,
            notices,
            access_clock,
            rng,
            stats,
            desk,
            ..
        } = self;
        let number = db;
        let Some(db) = dbs.get_mut(number) else { return Found::Missing };
        let Db { id, keys, deadlines, fields, tally } = db;
        let hash = hasher.hash(key);
        let found = keys.entry(hash, |entry| entry.key() == key, |entry| hash_of(hasher, entry));
        let Occupancy::Occupied(mut place) = found else {
            stats.misses += u64::from(access.is_counted());
            if access.is_told() {
                notices.add(KeyEvent::KEYMISS, number, key);
            }
            return Found::Missing;
        };
        let expire_at = place.element_mut().expire_at();
        if expire_at.is_none_or(|at| at > expiry.now_ms) || expiry.policy == Policy::Ignore {
            let entry = place.into_mut();
            stats.hits += u64::from(access.is_counted());
            match access {
                Access::Look | Access::Inspect | Access::Peek => {
                    return Found::Entry((entry, Books { hash, tally, fields }, desk));
                }
                Access::Read => {}
                Access::Edit | Access::EditUnseen => {
                    if access == Access::Edit {
                        changes.edited(number, key);
                    }
                    if let Some(snapshot) = snapshot {
                        snapshot.preserve(*id, hash, entry);
                    }
                }
            }
            entry.set_lru(access_clock.touched(entry.lru(), expiry.now_ms, rng));
            return Found::Entry((entry, Books { hash, tally, fields }, desk));
        }
        stats.misses += u64::from(access.is_counted());
        if expiry.policy == Policy::Hide {
            if access.is_told() {
                notices.add(KeyEvent::KEYMISS, number, key);
            }
            return Found::Missing;
        }
        let entry = place.remove();
        tally.change(entry.heap_bytes(), 0);
        fields.update(hash, entry.first_field_expiry(), None);
        deadlines.forget(expire_at);
        discard(snapshot, garbage, *id, hash, entry);
        stats.expired += 1;
        awaited.lost(number, key);
        changes.replaced(number, key);
        notices.add(KeyEvent::EXPIRED, number, key);
        if access.is_told() {
            notices.add(KeyEvent::KEYMISS, number, key);
        }
        Found::Expired
    }

    fn new_db(&mut self) -> Db {
        self.dict_ids += 1;
        Db {
            id: DictId(self.dict_ids),
            keys: Dict::new(),
            deadlines: Deadlines::new(),
            fields: FieldDeadlines::default(),
            tally: Tally::default(),
        }
    }
}

impl Db {
    fn take(&mut self, hash: u64, is_meant: impl FnMut(&Entry) -> bool) -> Option<Entry> {
        let entry = self.keys.remove(hash, is_meant)?;
        self.tally.change(entry.heap_bytes(), 0);
        self.fields.update(hash, entry.first_field_expiry(), None);
        self.deadlines.forget(entry.expire_at());
        Some(entry)
    }

    fn into_keys(self) -> Keys {
        Keys { dict: self.keys, bytes: self.tally.bytes() }
    }
}

/// Hands on an entry that left the keyspace: to the snapshot if that has not written it yet, else
/// to be freed.
fn discard(
    snapshot: &mut Option<Snapshot>,
    garbage: &mut Garbage,
    dict: DictId,
    hash: u64,
    entry: Entry,
) {
    let unneeded = match snapshot {
        Some(snapshot) => snapshot.keep(dict, hash, entry),
        None => Some(entry),
    };
    unneeded.into_iter().for_each(|entry| garbage.add(entry));
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
    Inspect,
    Peek,
    Edit,
    EditUnseen,
}

impl Access {
    /// Whether INFO counts it as a hit or a miss.
    const fn is_counted(self) -> bool {
        matches!(self, Self::Read | Self::Look | Self::Inspect)
    }

    /// Whether those who listen are told when there is no such key.
    const fn is_told(self) -> bool {
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
        write!(f, "Db({} keys, {} volatile)", self.keys.len(), self.deadlines.len())
    }
}

pub(super) fn hash_of(hasher: &Hasher, entry: &Entry) -> u64 {
    hasher.hash(entry.key())
}

/// Keys whose loads overlap at once: processors track ten to sixteen cache misses.
const WARM_KEYS_MAX: usize = 16;

/// Keys of a database that the processor's caches hold anyway.
const WARM_DB_KEYS_MIN: usize = 4096;
