//! DEBUG DIGEST and DIGEST-VALUE: equal data have equal digests, whatever their form and order, here
//! and in Redis, whose way of making them this is.

use sha1::Digest as _;
use sha1::Sha1;

use crate::command::Outcome;
use crate::data::DataRef;
use crate::data::StrRef;
use crate::data::number;
use crate::data::stream::StreamId;
use crate::node::ConnId;
use crate::node::Node;
use crate::resp::Args;
use crate::store::Entry;
use crate::store::Store;

impl Node {
    pub(super) fn debug_digest(&mut self, id: ConnId, _args: Args<'_>) -> Outcome {
        let text = of_all(&self.store).hex();
        self.reply(id, |reply| reply.simple(&text));
        Ok(())
    }

    pub(super) fn debug_digest_value(&mut self, id: ConnId, args: Args<'_>) -> Outcome {
        let db = self.conns.find(id).map_or(0, |conn| conn.db);
        let of_key = |key| match self.store.find(db, key) {
            Some(entry) => of_value(entry, Digest::default()).hex(),
            None => Digest::default().hex(),
        };
        let digests: Vec<String> = args.from(2).iter().map(of_key).collect();
        self.reply(id, |reply| {
            reply.array(digests.len());
            digests.iter().for_each(|digest| reply.simple(digest));
        });
        Ok(())
    }
}

#[derive(Clone, Copy, Default)]
struct Digest([u8; 20]);

impl Digest {
    /// Takes in something whose order among others does not matter.
    fn blend(&mut self, bytes: &[u8]) {
        let hash: [u8; 20] = Sha1::digest(bytes).into();
        self.0.iter_mut().zip(hash).for_each(|(own, byte)| *own ^= byte);
    }

    /// Takes in something whose order matters.
    fn mix(&mut self, bytes: &[u8]) {
        self.blend(bytes);
        self.0 = Sha1::digest(self.0).into();
    }

    fn of_parts<const N: usize>(parts: [&[u8]; N]) -> Self {
        let mut digest = Self::default();
        parts.into_iter().for_each(|part| digest.mix(part));
        digest
    }

    fn hex(self) -> String {
        self.0.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

fn of_all(store: &Store) -> Digest {
    let mut all = Digest::default();
    for db in 0..store.databases() {
        if store.len(db) == 0 {
            continue;
        }
        all.mix(&u32::try_from(db).unwrap_or(u32::MAX).to_be_bytes());
        for entry in store.iter(db) {
            let mut key = Digest::default();
            key.mix(entry.key());
            all.blend(&of_value(entry, key).0);
        }
    }
    all
}

fn of_value(entry: &Entry, mut digest: Digest) -> Digest {
    digest.mix(&type_number(entry).to_be_bytes());
    match entry.data() {
        None => digest.mix(&entry.string().map(StrRef::to_cow).unwrap_or_default()),
        Some(data) => of_data(data, &mut digest),
    }
    if entry.expire_at().is_some() {
        digest.blend(b"!!expire!!");
    }
    digest
}

fn type_number(entry: &Entry) -> u32 {
    match entry.data() {
        None => 0,
        Some(DataRef::List(_)) => 1,
        Some(DataRef::Set(_)) => 2,
        Some(DataRef::ZSet(_)) => 3,
        Some(DataRef::Hash(_)) => 4,
        Some(DataRef::Stream(_)) => 6,
    }
}

fn of_data(data: DataRef<'_>, digest: &mut Digest) {
    match data {
        DataRef::List(list) => list.for_each(0, list.len(), |text| digest.mix(&text.to_cow())),
        DataRef::Set(set) => set.iter().for_each(|member| digest.blend(&member.to_cow())),
        DataRef::ZSet(zset) => {
            for (member, score) in zset.iter() {
                let score = number::format_double_17(score);
                digest.blend(&Digest::of_parts([&member.to_cow(), score.as_bytes()]).0);
            }
        }
        DataRef::Hash(hash) => {
            for pair in hash.iter() {
                let parts = [&*pair.field.to_cow(), &*pair.value.to_cow()];
                digest.blend(&Digest::of_parts(parts).0);
                if pair.expire_at.is_some() {
                    digest.blend(b"!!hexpire!!");
                }
            }
        }
        DataRef::Stream(stream) => {
            for entry in stream.range(StreamId::MIN, StreamId::MAX) {
                digest.mix(format!("{}.{}", entry.id.ms, entry.id.seq).as_bytes());
                for (field, value) in entry.fields() {
                    digest.mix(&field.to_cow());
                    digest.mix(&value.to_cow());
                }
            }
        }
    }
}
