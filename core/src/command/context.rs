//! What a command handler sees: the keyspace, the reply writer, the instant,
//! randomness and propagation. Never a connection, a socket or a clock.

use super::Block;
use super::Blocking;
use super::Propagation;
use crate::config::Config;
use crate::data::Kind;
use crate::data::Limits;
use crate::data::number;
use crate::error;
use crate::error::CommandError;
use crate::resp::Args;
use crate::resp::Reply;
use crate::rng::Rng;
use crate::store::Edit;
use crate::store::Entry;
use crate::store::Expiry;
use crate::store::Found;
use crate::store::KeyEvent;
use crate::store::Policy;
use crate::store::Store;
use crate::store::Ttl;
use crate::store::Value;
use crate::time::Now;

/// Everything one command may use and change.
pub struct Context<'a> {
    pub store: &'a mut Store,
    /// The connection's selected database.
    pub db: usize,
    pub now: Now,
    /// What becomes of keys whose time has passed.
    pub policy: Policy,
    /// Reading a key counts as using it; CLIENT NO-TOUCH turns that off.
    pub touches: bool,
    /// The user may read keys that the command line does not name, as SORT does for BY and GET.
    pub reads_every_key: bool,
    pub reply: Reply<'a>,
    pub rng: &'a mut Rng,
    pub propagation: &'a mut Propagation,
    pub config: &'a Config,
    /// What the settings say about encodings.
    pub limits: &'a Limits,
    /// Whether the command may wait, and whether it asked to.
    pub blocking: Blocking,
}

impl<'a> Context<'a> {
    /// The key's entry for reading; counts a hit or a miss and marks the access.
    pub fn read(&mut self, key: &[u8]) -> Option<&Entry> {
        self.read_for_reply(key).0
    }

    /// Marks the key as used even where reading does not: TOUCH. Whether it is there.
    pub fn touch(&mut self, key: &[u8]) -> bool {
        let found = self.store.lookup(self.db, key, expiry(self.policy, self.now));
        present(found, self.propagation, self.db, key).is_some()
    }

    /// As [`Context::read`], with the writer that the value is to be replied to.
    pub fn read_for_reply(&mut self, key: &[u8]) -> (Option<&Entry>, &mut Reply<'a>) {
        let expiry = expiry(self.policy, self.now);
        let found = match self.touches {
            true => self.store.lookup(self.db, key, expiry),
            false => self.store.look(self.db, key, expiry),
        };
        let entry = present(found, self.propagation, self.db, key);
        (entry, &mut self.reply)
    }

    /// As [`Context::read`], of a value of type `K`.
    ///
    /// # Errors
    /// The value is of another type.
    pub fn read_as<K: Kind>(&mut self, key: &[u8]) -> Result<Option<K::Ref<'_>>, CommandError> {
        self.read(key).map(of_kind::<K>).transpose()
    }

    /// As [`Context::read_for_reply`], of a value of type `K`.
    ///
    /// # Errors
    /// The value is of another type.
    pub fn read_as_for_reply<K: Kind>(
        &mut self,
        key: &[u8],
    ) -> Result<(Option<K::Ref<'_>>, &mut Reply<'a>), CommandError> {
        let (entry, reply) = self.read_for_reply(key);
        Ok((entry.map(of_kind::<K>).transpose()?, reply))
    }

    /// As [`Context::peek`], of a value of type `K`.
    ///
    /// # Errors
    /// The value is of another type.
    pub fn peek_as<K: Kind>(&mut self, key: &[u8]) -> Result<Option<K::Ref<'_>>, CommandError> {
        self.peek(key).map(of_kind::<K>).transpose()
    }

    /// As [`Context::peek_as`], with the writer that the value is to be replied to.
    ///
    /// # Errors
    /// The value is of another type.
    pub fn peek_as_for_reply<K: Kind>(
        &mut self,
        key: &[u8],
    ) -> Result<(Option<K::Ref<'_>>, &mut Reply<'a>), CommandError> {
        let found = self.store.peek(self.db, key, expiry(self.policy, self.now));
        let entry = present(found, self.propagation, self.db, key);
        Ok((entry.map(of_kind::<K>).transpose()?, &mut self.reply))
    }

    /// As [`Context::edit`], of a value of type `K`. A value that loses its last element is to be
    /// removed: [`Context::remove_emptied`].
    ///
    /// # Errors
    /// The value is of another type.
    pub fn edit_as<K: Kind>(&mut self, key: &[u8]) -> Result<Option<Edit<'_, K>>, CommandError> {
        let expiry = expiry(self.policy, self.now);
        let found = self.store.edit_as(self.db, key, expiry);
        match present(found, self.propagation, self.db, key) {
            Some(Some(edit)) => Ok(Some(edit)),
            Some(None) => Err(error::WRONG_TYPE),
            None => Ok(None),
        }
    }

    /// As [`Context::edit_as`], for what is no change to those who watch the key or have a copy:
    /// a stream's groups.
    ///
    /// # Errors
    /// The value is of another type.
    pub fn edit_unseen_as<K: Kind>(
        &mut self,
        key: &[u8],
    ) -> Result<Option<Edit<'_, K>>, CommandError> {
        let expiry = expiry(self.policy, self.now);
        let found = self.store.edit_unseen_as(self.db, key, expiry);
        match present(found, self.propagation, self.db, key) {
            Some(Some(edit)) => Ok(Some(edit)),
            Some(None) => Err(error::WRONG_TYPE),
            None => Ok(None),
        }
    }

    /// As [`Context::edit_as`], with the writer that what is taken out is to be replied to.
    ///
    /// # Errors
    /// The value is of another type.
    pub fn edit_as_for_reply<K: Kind>(
        &mut self,
        key: &[u8],
    ) -> Result<(Option<Edit<'_, K>>, &mut Reply<'a>), CommandError> {
        let expiry = expiry(self.policy, self.now);
        let found = self.store.edit_as(self.db, key, expiry);
        match present(found, self.propagation, self.db, key) {
            Some(Some(edit)) => Ok((Some(edit), &mut self.reply)),
            Some(None) => Err(error::WRONG_TYPE),
            None => Ok((None, &mut self.reply)),
        }
    }

    /// Puts a value under a key, in place of any there was; it has no expiry.
    pub fn put(&mut self, key: &[u8], value: impl Kind) {
        self.set(key, Value::Data(Box::new(value.into_data())), Ttl::Clear);
    }

    /// Removes a key whose value has just lost its last element: a collection is never empty.
    pub fn remove_emptied(&mut self, key: &[u8]) {
        self.store.remove(self.db, key);
        self.notify(KeyEvent::DEL, key);
    }

    /// The key's entry for a reader whose look is no use of the value: TTL, TYPE, OBJECT.
    pub fn look(&mut self, key: &[u8]) -> Option<&Entry> {
        let found = self.store.look(self.db, key, expiry(self.policy, self.now));
        present(found, self.propagation, self.db, key)
    }

    /// As [`Context::look`], for a look at how the value is kept: no event tells that it was missed.
    pub fn inspect(&mut self, key: &[u8]) -> Option<&Entry> {
        let found = self.store.inspect(self.db, key, expiry(self.policy, self.now));
        present(found, self.propagation, self.db, key)
    }

    /// The key's entry for a write command's own checks, which count as nothing.
    pub fn peek(&mut self, key: &[u8]) -> Option<&Entry> {
        self.peek_in(self.db, key)
    }

    pub fn peek_in(&mut self, db: usize, key: &[u8]) -> Option<&Entry> {
        let found = self.store.peek(db, key, expiry(self.policy, self.now));
        present(found, self.propagation, db, key)
    }

    pub fn exists(&mut self, key: &[u8]) -> bool {
        self.peek(key).is_some()
    }

    /// The key's entry for changing its value in place. Its expiry is changed by
    /// [`Store::set_expiry`].
    pub fn edit(&mut self, key: &[u8]) -> Option<Edit<'_, Entry>> {
        let found = self.store.edit(self.db, key, expiry(self.policy, self.now));
        present(found, self.propagation, self.db, key)
    }

    /// Sets the key to a string, whatever it was before.
    pub fn set_string(&mut self, key: &[u8], value: &[u8], ttl: Ttl) {
        self.set(key, Value::Text(value), ttl);
    }

    pub fn set_integer(&mut self, key: &[u8], value: i64, ttl: Ttl) {
        self.set(key, Value::Int(value), ttl);
    }

    /// Sets the key to a string that is kept as bytes even where it could be an integer.
    pub fn set_bytes(&mut self, key: &[u8], bytes: &[u8], ttl: Ttl) {
        self.set(key, Value::Bytes(bytes), ttl);
    }

    fn set(&mut self, key: &[u8], value: Value<'_>, ttl: Ttl) {
        if ttl == Ttl::Keep {
            // Nothing is kept of a value whose time has passed.
            self.exists(key);
        }
        let replaced_expiry = self.store.set(self.db, key, value, ttl, self.now);
        if ttl != Ttl::Keep && replaced_expiry.is_some_and(|expire_at| self.is_past(expire_at)) {
            self.store.stats.expired += 1;
            self.notify(KeyEvent::EXPIRED, key);
            self.notify(KeyEvent::NEW, key);
            present(Found::<()>::Expired, self.propagation, self.db, key);
        }
    }

    /// Removes the key; whether it was there.
    pub fn remove(&mut self, key: &[u8]) -> bool {
        self.exists(key) && self.store.remove(self.db, key)
    }

    /// As [`Context::remove`], which those who listen are told as what it is.
    pub fn delete(&mut self, key: &[u8]) -> bool {
        let was_there = self.remove(key);
        if was_there {
            self.notify(KeyEvent::DEL, key);
        }
        was_there
    }

    /// Whether a command that finds nothing may wait for it. Inside a transaction it has to answer.
    pub fn may_block(&self) -> bool {
        matches!(self.blocking, Blocking::Possible)
    }

    /// The client waits for keys: the handler replies nothing and returns. It is run again, from
    /// the start, when one of them may have become ready, with the reply going to the same client;
    /// see [`Block`].
    pub fn block(&mut self, block: Block) {
        if self.may_block() {
            self.blocking = Blocking::Asked(Box::new(block));
        }
    }

    /// There is something new in the value under the key for those who wait for it, though the
    /// key was there before: an entry of a stream, a group that is gone.
    pub fn signal(&mut self, key: &[u8]) {
        self.store.awaited.made(self.db, key);
    }

    /// Whether a key that expires at this instant is to go at once. A replica leaves that to its
    /// master.
    pub fn is_past(&self, expire_at: i64) -> bool {
        self.policy == Policy::Delete && expire_at <= self.now.wall_ms()
    }

    /// The database of this number.
    ///
    /// # Errors
    /// "DB index is out of range".
    pub fn database(&self, number: i32) -> Result<usize, CommandError> {
        let db = usize::try_from(number).ok().filter(|db| *db < self.store.databases());
        db.ok_or(error::DB_OUT_OF_RANGE)
    }

    /// The longest string a command may make. A master's stream is obeyed without limits.
    pub fn string_bytes_max(&self) -> usize {
        match self.policy {
            Policy::Ignore => usize::MAX,
            Policy::Delete | Policy::Hide => self.config.proto_max_bulk_len,
        }
    }

    /// The key counts as changed for those who watch it or have a copy, though nothing in it has.
    pub fn changed_nothing_in(&mut self, key: &[u8]) {
        self.store.changes.replaced(self.db, key);
    }

    /// Tells those who listen to keyspace events what happened to a key.
    #[inline]
    pub fn notify(&mut self, event: KeyEvent, key: &[u8]) {
        self.store.notices.add(event, self.db, key);
    }

    /// Counts `changes` changes; with none counted the command is not propagated.
    pub fn changed(&mut self, changes: usize) {
        self.propagation.count(changes);
    }

    /// The command travels as `args` instead of as it was sent. May be called more than once; the
    /// commands then travel as a transaction.
    pub fn propagate(&mut self, args: &[&[u8]]) {
        self.propagation.spell();
        self.propagation.push(self.db, args.iter().copied());
    }

    /// The command travels as it was sent, even if it changed nothing.
    pub fn propagate_as_sent(&mut self, args: Args<'_>) {
        self.propagation.spell();
        self.propagation.push(self.db, args.iter());
    }
}

fn expiry(policy: Policy, now: Now) -> Expiry {
    Expiry { policy, now_ms: now.wall_ms() }
}

/// The entry found; a key removed because its time had passed travels as DEL, ahead of what the
/// command does.
fn present<T>(found: Found<T>, propagation: &mut Propagation, db: usize, key: &[u8]) -> Option<T> {
    match found {
        Found::Entry(entry) => Some(entry),
        Found::Missing => None,
        Found::Expired => {
            propagation.push(db, [b"DEL".as_slice(), key].into_iter());
            None
        }
    }
}

fn of_kind<K: Kind>(entry: &Entry) -> Result<K::Ref<'_>, CommandError> {
    entry.data().and_then(K::of).ok_or(error::WRONG_TYPE)
}

/// An integer argument.
///
/// # Errors
/// "value is not an integer or out of range".
pub fn integer(arg: &[u8]) -> Result<i64, CommandError> {
    number::parse_i64(arg).ok_or(error::NOT_AN_INTEGER)
}

/// An integer argument of 32 bits, such as the number of a database.
///
/// # Errors
/// "value is not an integer or out of range", or the range that it has to be in.
pub fn integer_i32(arg: &[u8]) -> Result<i32, CommandError> {
    i32::try_from(integer(arg)?).map_err(|_| error::integer_range(i32::MIN.into(), i32::MAX.into()))
}

/// A number on its way into a command that is propagated.
pub fn digits(value: i64) -> String {
    value.to_string()
}
