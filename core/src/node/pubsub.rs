//! Publish and subscribe: who listens to what, and who gets a message.
//!
//! A message goes to the channel's listeners in the order in which they came, then to those of each
//! pattern that matches, the older pattern first. So who listens twice gets it twice, as in
//! Redis. Shard channels are names of their own, which no pattern matches.
//!
//! Invariant: a connection stands in a name's audience exactly while the name stands in the
//! connection's subscriptions; neither is kept when it is empty.

use super::ConnId;
use super::Node;
use super::push::Message;
use crate::command::Outcome;
use crate::data::Ordered;
use crate::data::glob;
use crate::data::order;
use crate::error;
use crate::resp::Args;
use crate::resp::Reply;

/// What is listened to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Channel,
    Pattern,
    ShardChannel,
}

impl Kind {
    pub const ALL: [Self; 3] = [Self::Channel, Self::Pattern, Self::ShardChannel];

    fn subscribed(self) -> &'static [u8] {
        match self {
            Self::Channel => b"subscribe",
            Self::Pattern => b"psubscribe",
            Self::ShardChannel => b"ssubscribe",
        }
    }

    fn unsubscribed(self) -> &'static [u8] {
        match self {
            Self::Channel => b"unsubscribe",
            Self::Pattern => b"punsubscribe",
            Self::ShardChannel => b"sunsubscribe",
        }
    }
}

/// Everything that somebody listens to.
#[derive(Debug, Default)]
pub(super) struct PubSub {
    names: [Ordered<Box<[u8]>, Audience>; 3],
    /// Connections with any subscription.
    listeners: usize,
    /// Names that ever got an audience: tells the older pattern.
    made: u64,
}

/// Those who listen to one name, in the order in which they came.
#[derive(Debug)]
struct Audience {
    number: u64,
    conns: Vec<ConnId>,
}

/// What one connection listens to. It has none of this while it listens to nothing.
#[derive(Debug, Default)]
pub(super) struct Subscriptions {
    names: [Ordered<Box<[u8]>, ()>; 3],
    /// What the names take.
    bytes: usize,
}

impl PubSub {
    /// Names of this kind that somebody listens to.
    pub fn len(&self, kind: Kind) -> usize {
        self.names(kind).len()
    }

    /// Connections that listen to anything.
    pub fn listeners(&self) -> usize {
        self.listeners
    }

    /// How many listen to this very name.
    fn count(&self, kind: Kind, name: &[u8]) -> usize {
        self.names(kind).find(name).map_or(0, |audience| audience.conns.len())
    }

    fn names(&self, kind: Kind) -> &Ordered<Box<[u8]>, Audience> {
        let [channels, patterns, shard] = &self.names;
        match kind {
            Kind::Channel => channels,
            Kind::Pattern => patterns,
            Kind::ShardChannel => shard,
        }
    }

    fn names_mut(&mut self, kind: Kind) -> &mut Ordered<Box<[u8]>, Audience> {
        let [channels, patterns, shard] = &mut self.names;
        match kind {
            Kind::Channel => channels,
            Kind::Pattern => patterns,
            Kind::ShardChannel => shard,
        }
    }

    fn enter(&mut self, kind: Kind, name: &[u8], id: ConnId) {
        self.made += 1;
        let number = self.made;
        let names = self.names_mut(kind);
        match names.find_mut(name) {
            Some(audience) => audience.conns.push(id),
            None => drop(names.insert(name.into(), Audience { number, conns: vec![id] })),
        }
    }

    fn leave(&mut self, kind: Kind, name: &[u8], id: ConnId) {
        let names = self.names_mut(kind);
        let Some(audience) = names.find_mut(name) else { return };
        if let Some(place) = audience.conns.iter().position(|conn| *conn == id) {
            audience.conns.remove(place);
        }
        if audience.conns.is_empty() {
            names.remove(name);
        }
    }

    /// What is to be delivered of a message to a channel, and to whom.
    fn deliveries(
        &self,
        kind: Kind,
        channel: &[u8],
        message: &[u8],
    ) -> Vec<(Message, Vec<ConnId>)> {
        let mut deliveries = Vec::new();
        if let Some(audience) = self.names(kind).find(channel) {
            let word: &[u8] = if kind == Kind::ShardChannel { b"smessage" } else { b"message" };
            deliveries.push((Message::of(&[word, channel, message]), audience.conns.clone()));
        }
        if kind == Kind::ShardChannel {
            return deliveries;
        }
        let patterns = self.names(Kind::Pattern).iter();
        let mut matching: Vec<_> =
            patterns.filter(|(pattern, _)| glob::matches(pattern, channel)).collect();
        order::sort_by_key(&mut matching, |(_, audience)| audience.number);
        deliveries.extend(matching.into_iter().map(|(pattern, audience)| {
            (Message::of(&[b"pmessage", pattern, channel, message]), audience.conns.clone())
        }));
        deliveries
    }
}

impl Subscriptions {
    /// How many names of this kind.
    pub fn len(&self, kind: Kind) -> usize {
        self.names(kind).len()
    }

    /// What they take.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    pub fn iter(&self) -> impl Iterator<Item = (Kind, &[u8])> {
        let names = |kind| self.names(kind).keys().map(move |name| (kind, &name[..]));
        Kind::ALL.into_iter().flat_map(names)
    }

    fn is_empty(&self) -> bool {
        self.names.iter().all(Ordered::is_empty)
    }

    fn names(&self, kind: Kind) -> &Ordered<Box<[u8]>, ()> {
        let [channels, patterns, shard] = &self.names;
        match kind {
            Kind::Channel => channels,
            Kind::Pattern => patterns,
            Kind::ShardChannel => shard,
        }
    }

    fn names_mut(&mut self, kind: Kind) -> &mut Ordered<Box<[u8]>, ()> {
        let [channels, patterns, shard] = &mut self.names;
        match kind {
            Kind::Channel => channels,
            Kind::Pattern => patterns,
            Kind::ShardChannel => shard,
        }
    }

    /// Whether the name is new.
    fn insert(&mut self, kind: Kind, name: &[u8]) -> bool {
        let is_new = self.names_mut(kind).insert(name.into(), ()).is_none();
        self.bytes += if is_new { name.len() + NAME_BYTES } else { 0 };
        is_new
    }

    /// Whether the name was there.
    fn remove(&mut self, kind: Kind, name: &[u8]) -> bool {
        let was_there = self.names_mut(kind).remove(name).is_some();
        self.bytes -= if was_there { name.len() + NAME_BYTES } else { 0 };
        was_there
    }

    /// What a confirmation counts: channels and patterns together, shard channels alone.
    fn confirmed(&self, kind: Kind) -> usize {
        match kind {
            Kind::Channel | Kind::Pattern => self.len(Kind::Channel) + self.len(Kind::Pattern),
            Kind::ShardChannel => self.len(Kind::ShardChannel),
        }
    }
}

impl Node {
    pub(super) fn subscribe(&mut self, id: ConnId, kind: Kind, args: Args<'_>) -> Outcome {
        if kind == Kind::ShardChannel && self.executing == Some(id) {
            return Err(error::SSUBSCRIBE_IN_TRANSACTION);
        }
        for name in args.from(1).iter() {
            self.add_subscription(id, kind, name);
            self.confirm(id, kind, kind.subscribed(), Some(name));
        }
        Ok(())
    }

    /// Without names, ends all subscriptions of the kind, in the order of their names; if there are
    /// none, says that.
    pub(super) fn unsubscribe(&mut self, id: ConnId, kind: Kind, args: Args<'_>) -> Outcome {
        for name in args.from(1).iter() {
            self.remove_subscription(id, kind, name);
            self.confirm(id, kind, kind.unsubscribed(), Some(name));
        }
        if args.len() > 1 {
            return Ok(());
        }
        if self.subscriptions(id).is_none_or(|all| all.len(kind) == 0) {
            self.confirm(id, kind, kind.unsubscribed(), None);
        }
        while let Some(name) = self.subscriptions(id).and_then(|all| all.names(kind).first_key()) {
            let name = name.clone();
            self.remove_subscription(id, kind, &name);
            self.confirm(id, kind, kind.unsubscribed(), Some(&name));
        }
        Ok(())
    }

    /// PUBLISH and SPUBLISH. Replicas deliver it to their own clients; it is no change of the data.
    pub(super) fn publish_command(&mut self, id: ConnId, kind: Kind, args: Args<'_>) -> Outcome {
        let receivers = self.publish(kind, args.at(1), args.at(2));
        self.reply(id, |reply| reply.count(receivers));
        if self.master.is_none() {
            let db = self.conns.find(id).map_or(0, |conn| conn.db);
            self.propagation.push_for_replicas(db, args.iter());
        }
        Ok(())
    }

    /// Sends a message to everybody who listens to the channel; how many times it was sent.
    pub(super) fn publish(&mut self, kind: Kind, channel: &[u8], message: &[u8]) -> usize {
        let mut receivers = 0;
        for (message, conns) in self.pubsub.deliveries(kind, channel, message) {
            receivers += conns.len();
            conns.into_iter().for_each(|id| self.deliver(id, &message));
        }
        receivers
    }

    /// Ends all subscriptions of a connection without a word.
    pub(super) fn unsubscribe_all(&mut self, id: ConnId) {
        let subscriptions = self.conns.find_mut(id).and_then(|conn| conn.subscriptions.take());
        let Some(subscriptions) = subscriptions else { return };
        self.pubsub.listeners -= 1;
        for kind in Kind::ALL {
            for name in subscriptions.names(kind).keys() {
                self.pubsub.leave(kind, name, id);
            }
        }
    }

    pub(super) fn pubsub_channels(&mut self, id: ConnId, kind: Kind, args: Args<'_>) -> Outcome {
        if args.len() > 3 {
            return Err(error::subcommand_syntax(args.at(1), "PUBSUB"));
        }
        let Self { pubsub, conns, .. } = self;
        let Some(conn) = conns.find_mut(id) else { return Ok(()) };
        let wanted = |name: &[u8]| args.maybe(2).is_none_or(|pattern| glob::matches(pattern, name));
        Reply::new(conn.outbox.replies(), conn.protocol).counted_array(|reply| {
            let names = pubsub.names(kind).keys().filter(|name| wanted(name));
            names.map(|name| reply.bulk(name)).count()
        });
        Ok(())
    }

    pub(super) fn pubsub_numsub(&mut self, id: ConnId, kind: Kind, args: Args<'_>) -> Outcome {
        let counts: Vec<_> =
            args.from(2).iter().map(|name| (name, self.pubsub.count(kind, name))).collect();
        self.reply(id, |reply| {
            reply.array(2 * counts.len());
            for (name, count) in counts {
                reply.bulk(name);
                reply.count(count);
            }
        });
        Ok(())
    }

    pub(super) fn pubsub_numpat(&mut self, id: ConnId) -> Outcome {
        let patterns = self.pubsub.len(Kind::Pattern);
        self.reply(id, |reply| reply.count(patterns));
        Ok(())
    }

    fn subscriptions(&self, id: ConnId) -> Option<&Subscriptions> {
        self.conns.find(id)?.subscriptions.as_deref()
    }

    fn add_subscription(&mut self, id: ConnId, kind: Kind, name: &[u8]) {
        let Some(conn) = self.conns.find_mut(id) else { return };
        self.pubsub.listeners += usize::from(conn.subscriptions.is_none());
        if conn.subscriptions.get_or_insert_default().insert(kind, name) {
            self.pubsub.enter(kind, name, id);
        }
    }

    fn remove_subscription(&mut self, id: ConnId, kind: Kind, name: &[u8]) {
        let Some(conn) = self.conns.find_mut(id) else { return };
        let Some(subscriptions) = &mut conn.subscriptions else { return };
        if subscriptions.remove(kind, name) {
            self.pubsub.leave(kind, name, id);
        }
        if subscriptions.is_empty() {
            conn.subscriptions = None;
            self.pubsub.listeners -= 1;
        }
    }

    /// Says what was just done, and how many subscriptions there are now.
    fn confirm(&mut self, id: ConnId, kind: Kind, done: &[u8], name: Option<&[u8]>) {
        let count = self.subscriptions(id).map_or(0, |all| all.confirmed(kind));
        self.reply(id, |reply| {
            reply.push(3);
            reply.bulk(done);
            match name {
                Some(name) => reply.bulk(name),
                None => reply.null(),
            }
            reply.count(count);
        });
    }
}

/// What a name takes beside its bytes: its places in the connection's set and in the node's map.
const NAME_BYTES: usize = 64;
