//! Fields whose time has passed: who sees them, and who removes them.
//!
//! A master removes one when a command meets it, and tells its replicas with HDEL; a replica hides
//! it from its clients until its master's HDEL comes, and obeys its master as if clocks did not
//! exist. A command that only counts or lists fields passes over those that are due and leaves them
//! to active expiry.

use super::Context;
use super::Outcome;
use crate::data::Hash;
use crate::data::HashRef;
use crate::data::Pair;
use crate::store::KeyEvent;
use crate::store::Policy;

/// Which fields a command sees.
#[derive(Clone, Copy)]
pub struct Sight {
    policy: Policy,
    now_ms: i64,
}

impl Sight {
    pub fn of(ctx: &Context<'_>) -> Self {
        Self { policy: ctx.policy, now_ms: ctx.now.wall_ms() }
    }

    pub fn hides(self, pair: &Pair<'_>) -> bool {
        pair.expire_at.is_some_and(|at| at <= self.now_ms) && self.policy != Policy::Ignore
    }

    /// Whether the hash has a field that is hidden.
    pub fn is_partial(self, hash: HashRef<'_>) -> bool {
        hash.first_expiry().is_some_and(|at| at <= self.now_ms) && self.policy != Policy::Ignore
    }

    pub fn get<'a>(self, hash: HashRef<'a>, field: &[u8]) -> Option<Pair<'a>> {
        hash.get(field).filter(|pair| !self.hides(pair))
    }
}

/// Ahead of a command that changes these fields: removes those that are due.
///
/// # Errors
/// The value is no hash.
pub fn expire_met(ctx: &mut Context<'_>, key: &[u8], fields: &[&[u8]]) -> Outcome {
    let sight = Sight::of(ctx);
    let Some(hash) = ctx.peek_as::<Hash>(key)?.filter(|hash| sight.is_partial(*hash)) else {
        return Ok(());
    };
    let is_due = |field: &&[u8]| hash.get(field).is_some_and(|pair| sight.hides(&pair));
    let due: Vec<&[u8]> = fields.iter().copied().filter(is_due).collect();
    remove_due(ctx, key, &due)
}

/// Removes fields found to be due, unless this is a replica, and the hash with its last one.
///
/// # Errors
/// The value is no hash.
pub fn remove_due(ctx: &mut Context<'_>, key: &[u8], fields: &[&[u8]]) -> Outcome {
    if fields.is_empty() || ctx.policy != Policy::Delete {
        return Ok(());
    }
    let (mut removed, mut is_emptied) = (Vec::new(), false);
    if let Some(mut hash) = ctx.edit_as::<Hash>(key)? {
        removed.extend(fields.iter().filter(|field| hash.remove(field)));
        is_emptied = hash.is_empty();
    }
    removed.iter().for_each(|_| ctx.notify(KeyEvent::HEXPIRED, key));
    tell(ctx, key, &removed, is_emptied);
    Ok(())
}

/// Removes all fields of a hash that are due, unless this is a replica.
///
/// # Errors
/// The value is no hash.
pub fn expire_all(ctx: &mut Context<'_>, key: &[u8]) -> Outcome {
    let sight = Sight::of(ctx);
    let is_partial = ctx.peek_as::<Hash>(key)?.is_some_and(|hash| sight.is_partial(hash));
    if !is_partial || ctx.policy != Policy::Delete {
        return Ok(());
    }
    let (mut removed, mut is_emptied) = (Vec::new(), false);
    if let Some(mut hash) = ctx.edit_as::<Hash>(key)? {
        removed.extend(std::iter::from_fn(|| hash.take_due(sight.now_ms)));
        is_emptied = hash.is_empty();
    }
    let removed: Vec<&[u8]> = removed.iter().map(Vec::as_slice).collect();
    ctx.notify(KeyEvent::HEXPIRED, key);
    tell(ctx, key, &removed, is_emptied);
    Ok(())
}

/// Counts removed fields, and has replicas remove them ahead of what the command does.
fn tell(ctx: &mut Context<'_>, key: &[u8], removed: &[&[u8]], is_emptied: bool) {
    if is_emptied {
        ctx.remove_emptied(key);
    }
    if !removed.is_empty() {
        ctx.store.stats.expired_fields += removed.len() as u64;
        let words: Vec<&[u8]> = [b"HDEL", key].into_iter().chain(removed.iter().copied()).collect();
        ctx.propagation.push(ctx.db, words.into_iter());
    }
}
