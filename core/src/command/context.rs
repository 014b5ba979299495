//! What a command handler sees: the keyspace, the reply writer, the instant,
//! randomness and propagation. Never a connection, a socket or a clock.

use super::Propagation;
use crate::config::Config;
use crate::data::number;
use crate::error;
use crate::error::CommandError;
use crate::resp::Reply;
use crate::rng::Rng;
use crate::store::Entry;
use crate::store::Store;
use crate::time::Now;

/// Everything one command may use and change.
pub struct Context<'a> {
    pub store: &'a mut Store,
    /// The connection's selected database.
    pub db: usize,
    pub now: Now,
    pub reply: Reply<'a>,
    pub rng: &'a mut Rng,
    pub propagation: &'a mut Propagation,
    pub config: &'a Config,
    pub expiry: ExpiryPolicy,
}

/// What happens to a key whose time has passed when a command meets it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExpiryPolicy {
    /// A master deletes it and tells its replicas.
    Delete,
    /// A replica's clients don't see it; only the master's DEL removes it.
    Hide,
    /// The master's own stream is obeyed as if clocks did not exist.
    Ignore,
}

/// What setting a value does to the key's time to live.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ttl {
    Clear,
    Keep,
    /// Milliseconds since the Unix epoch.
    At(i64),
}

impl Context<'_> {
    /// The key's entry for reading; counts a hit or a miss and marks the access.
    pub fn read(&mut self, key: &[u8]) -> Option<&Entry> {
        let found = self.present(self.db, key);
        self.store.count_lookup(found);
        if !found {
            return None;
        }
        self.store.touch(self.db, key, self.now);
        self.store.find(self.db, key)
    }

    /// The key's entry for a look that is no access: TTL, OBJECT, the write commands' own checks.
    pub fn peek(&mut self, key: &[u8]) -> Option<&Entry> {
        self.peek_in(self.db, key)
    }

    pub fn peek_in(&mut self, db: usize, key: &[u8]) -> Option<&Entry> {
        if !self.present(db, key) {
            return None;
        }
        self.store.find(db, key)
    }

    pub fn exists(&mut self, key: &[u8]) -> bool {
        self.present(self.db, key)
    }

    /// The key's entry for changing it in place. Its expiry is changed by [`Context::set_expiry`].
    pub fn edit(&mut self, key: &[u8]) -> Option<&mut Entry> {
        if !self.present(self.db, key) {
            return None;
        }
        self.store.edit(self.db, key)
    }

    /// Sets the key to a string, whatever it was before.
    pub fn set_string(&mut self, key: &[u8], value: &[u8], ttl: Ttl) {
        self.store.set_string(self.db, key, value, ttl_change(ttl), self.now);
    }

    pub fn set_integer(&mut self, key: &[u8], value: i64, ttl: Ttl) {
        self.store.set_integer(self.db, key, value, ttl_change(ttl), self.now);
    }

    /// Removes the key; whether it was there.
    pub fn remove(&mut self, key: &[u8]) -> bool {
        self.present(self.db, key) && self.store.remove(self.db, key).is_some()
    }

    /// Sets or clears the expiry, in milliseconds since the Unix epoch; whether the key is there.
    pub fn set_expiry(&mut self, key: &[u8], expire_at: Option<i64>) -> bool {
        self.present(self.db, key) && self.store.set_expiry(self.db, key, expire_at)
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

    /// Whether the key is there by this context's policy, removing it if its time has passed.
    fn present(&mut self, db: usize, key: &[u8]) -> bool {
        let Some(expire_at) = self.store.find_expiry(db, key) else { return false };
        let expired = expire_at.is_some_and(|at| at <= self.now.wall_ms());
        if !expired || self.expiry == ExpiryPolicy::Ignore {
            return true;
        }
        if self.expiry == ExpiryPolicy::Delete {
            self.store.expire(db, key);
            self.propagation.push(db, [b"DEL".as_slice(), key].into_iter());
        }
        false
    }
}

fn ttl_change(ttl: Ttl) -> Option<Option<i64>> {
    match ttl {
        Ttl::Keep => None,
        Ttl::Clear => Some(None),
        Ttl::At(at) => Some(Some(at)),
    }
}

/// An integer argument.
///
/// # Errors
/// "value is not an integer or out of range".
pub fn integer(arg: &[u8]) -> Result<i64, CommandError> {
    number::parse_i64(arg).ok_or(error::NOT_AN_INTEGER)
}
