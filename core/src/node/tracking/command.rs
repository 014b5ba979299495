//! CLIENT TRACKING, CACHING, GETREDIR and TRACKINGINFO.

use super::Mode;
use super::Redirect;
use super::Tracking;
use crate::command::Outcome;
use crate::command::integer;
use crate::data::Ordered;
use crate::data::order;
use crate::error;
use crate::error::CommandError;
use crate::node::ConnId;
use crate::node::Node;
use crate::resp::Args;

impl Node {
    pub(in crate::node) fn client_tracking(&mut self, id: ConnId, args: Args<'_>) -> Outcome {
        let options = Options::parse(args, |client_id| self.find_client(client_id))?;
        if args.is(2, "on") {
            self.start_tracking(id, &options)?;
        } else if args.is(2, "off") {
            self.stop_tracking(id);
        } else {
            return Err(error::SYNTAX);
        }
        self.reply(id, |reply| reply.ok());
        Ok(())
    }

    pub(in crate::node) fn client_caching(&mut self, id: ConnId, args: Args<'_>) -> Outcome {
        let Some(conn) = self.conns.find_mut(id) else { return Ok(()) };
        let tracking = conn.tracking.as_mut().filter(|tracking| tracking.is_on);
        let Some(tracking) = tracking else { return Err(error::CACHING_WITHOUT_TRACKING) };
        match (tracking.mode, args.is(2, "yes"), args.is(2, "no")) {
            (Mode::OptIn, true, _) | (Mode::OptOut, _, true) => tracking.caching = true,
            (_, true, _) => return Err(error::CACHING_YES_NOT_OPTIN),
            (_, _, true) => return Err(error::CACHING_NO_NOT_OPTOUT),
            _ => return Err(error::SYNTAX),
        }
        self.reply(id, |reply| reply.ok());
        Ok(())
    }

    pub(in crate::node) fn client_get_redir(&mut self, id: ConnId) -> Outcome {
        let tracking = self.conns.find(id).and_then(|conn| conn.tracking.as_ref());
        let redirect = tracking.map_or(-1, |tracking| tracking.redirect());
        self.reply(id, |reply| reply.integer(redirect));
        Ok(())
    }

    pub(in crate::node) fn client_tracking_info(&mut self, id: ConnId) -> Outcome {
        let off = Tracking::default();
        let tracking = self.conns.find(id).and_then(|conn| conn.tracking.as_deref());
        let tracking = tracking.unwrap_or(&off);
        let (flags, redirect) = (tracking.flags(), tracking.redirect());
        let prefixes: Vec<Box<[u8]>> = tracking.prefixes.keys().cloned().collect();
        self.reply(id, |reply| {
            reply.map(3);
            reply.bulk(b"flags");
            reply.set(flags.len());
            flags.iter().for_each(|flag| reply.bulk(flag.as_bytes()));
            reply.bulk(b"redirect");
            reply.integer(redirect);
            reply.bulk(b"prefixes");
            reply.array(prefixes.len());
            prefixes.iter().for_each(|prefix| reply.bulk(prefix));
        });
        Ok(())
    }

    fn find_client(&self, client_id: i64) -> Option<Redirect> {
        let mut conns = self.conns.iter();
        let conn = conns.find(|conn| i64::try_from(conn.client_id) == Ok(client_id))?;
        Some(Redirect { client_id: conn.client_id, conn: conn.id, is_broken: false })
    }

    /// Switches tracking on or, where it is on already, to these options.
    fn start_tracking(&mut self, id: ConnId, options: &Options<'_>) -> Outcome {
        let Self { conns, trackers, store, .. } = self;
        let Some(conn) = conns.find_mut(id) else { return Ok(()) };
        let is_known = conn.tracking.is_some();
        let tracking = conn.tracking.get_or_insert_default();
        trackers.known += usize::from(!is_known);
        let mode = options.mode(tracking.is_on.then_some(tracking.mode))?;
        options.check_prefixes(&tracking.prefixes)?;
        trackers.clients += usize::from(!tracking.is_on);
        tracking.is_on = true;
        tracking.mode = mode;
        tracking.no_loop = options.no_loop;
        tracking.redirect = options.redirect;
        if mode == Mode::Broadcast {
            for prefix in options.prefixes_or_all() {
                if tracking.prefixes.insert((*prefix).into(), ()).is_none() {
                    trackers.prefixes.add(prefix, id);
                }
            }
            store.changes.set_by_prefix(true);
        }
        Ok(())
    }
}

impl Tracking {
    /// What CLIENT TRACKINGINFO says.
    fn flags(&self) -> Vec<&'static str> {
        let is_broken = self.redirect.is_some_and(|redirect| redirect.is_broken);
        let flags = [
            (!self.is_on, "off"),
            (self.is_on, "on"),
            (self.mode == Mode::Broadcast, "bcast"),
            (self.mode == Mode::OptIn, "optin"),
            (self.mode == Mode::OptIn && self.caching, "caching-yes"),
            (self.mode == Mode::OptOut, "optout"),
            (self.mode == Mode::OptOut && self.caching, "caching-no"),
            (self.no_loop, "noloop"),
            (is_broken, "broken_redirect"),
        ];
        flags.into_iter().filter(|(applies, _)| *applies).map(|(_, flag)| flag).collect()
    }
}

/// CLIENT TRACKING's words.
#[derive(Default)]
struct Options<'a> {
    redirect: Option<Redirect>,
    prefixes: Vec<&'a [u8]>,
    broadcast: bool,
    opt_in: bool,
    opt_out: bool,
    no_loop: bool,
}

impl<'a> Options<'a> {
    fn parse(
        args: Args<'a>,
        find_client: impl Fn(i64) -> Option<Redirect>,
    ) -> Result<Self, CommandError> {
        let mut options = Self::default();
        let mut at = 3;
        while at < args.len() {
            match args.maybe(at + 1) {
                Some(client) if args.is(at, "redirect") => {
                    if options.redirect.is_some() {
                        return Err(error::TWO_REDIRECTS);
                    }
                    let found = find_client(integer(client)?);
                    options.redirect = Some(found.ok_or(error::NO_REDIRECT_TARGET)?);
                    at += 1;
                }
                Some(prefix) if args.is(at, "prefix") => {
                    options.prefixes.push(prefix);
                    at += 1;
                }
                _ if args.is(at, "bcast") => options.broadcast = true,
                _ if args.is(at, "optin") => options.opt_in = true,
                _ if args.is(at, "optout") => options.opt_out = true,
                _ if args.is(at, "noloop") => options.no_loop = true,
                _ => return Err(error::SYNTAX),
            }
            at += 1;
        }
        Ok(options)
    }

    /// The mode asked for, if the options agree with each other and with the mode there is.
    fn mode(&self, before: Option<Mode>) -> Result<Mode, CommandError> {
        if !self.broadcast && !self.prefixes.is_empty() {
            return Err(error::PREFIX_WITHOUT_BCAST);
        }
        if before.is_some_and(|mode| (mode == Mode::Broadcast) != self.broadcast) {
            return Err(error::BCAST_SWITCHED);
        }
        if self.broadcast && (self.opt_in || self.opt_out) {
            return Err(error::OPTIN_WITH_BCAST);
        }
        if self.opt_in && self.opt_out {
            return Err(error::OPTIN_AND_OPTOUT);
        }
        let opposite = match before {
            Some(Mode::OptIn) => self.opt_out,
            Some(Mode::OptOut) => self.opt_in,
            _ => false,
        };
        if opposite {
            return Err(error::OPTIN_SWITCHED);
        }
        Ok(match (self.broadcast, self.opt_in, self.opt_out) {
            (true, ..) => Mode::Broadcast,
            (_, true, _) => Mode::OptIn,
            (_, _, true) => Mode::OptOut,
            _ => Mode::Read,
        })
    }

    /// A key is to match one prefix of a connection at most.
    fn check_prefixes(&self, own: &Ordered<Box<[u8]>, ()>) -> Outcome {
        for prefix in &self.prefixes {
            if let Some(other) = overlapping(prefix, own) {
                return Err(error::prefix_overlaps(prefix, "an existing prefix", other));
            }
        }
        // In order, one that begins as another does stands right behind it or behind one like it.
        let mut sorted: Vec<(&[u8], usize)> = self.prefixes.iter().copied().zip(0..).collect();
        order::sort_by_key(&mut sorted, |item| *item);
        let pairs = sorted.windows(2).filter_map(|pair| match pair {
            [(a, i), (b, j)] if b.starts_with(a) => Some(((*i).min(*j), (*i).max(*j))),
            _ => None,
        });
        let Some((first, second)) = pairs.min() else { return Ok(()) };
        let named = |at: usize| self.prefixes.get(at).copied().unwrap_or_default();
        Err(error::prefix_overlaps(named(first), "another provided prefix", named(second)))
    }

    /// The prefixes given; without any it is that of all keys.
    fn prefixes_or_all(&self) -> &[&'a [u8]] {
        if self.prefixes.is_empty() { &[b""] } else { &self.prefixes }
    }
}

/// The first in order that the prefix begins with, or that begins with it.
fn overlapping<'s>(prefix: &[u8], own: &'s Ordered<Box<[u8]>, ()>) -> Option<&'s [u8]> {
    if own.is_empty() {
        return None;
    }
    let shorter = (0..=prefix.len()).find_map(|len| own.find_pair(prefix.get(..len)?));
    let longer = || own.after(prefix).next().filter(|(other, ())| other.starts_with(prefix));
    shorter.or_else(longer).map(|(other, ())| &**other)
}
