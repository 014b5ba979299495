//! The connections of a node, by slot and generation.

use super::conn::Conn;
use super::effect::ConnId;

/// A slab: a closed connection's slot is used again under the next generation, so that late
/// inputs for the old one find nothing.
#[derive(Debug, Default)]
pub(super) struct Conns {
    slots: Vec<Slot>,
    free: Vec<u32>,
    len: usize,
}

#[derive(Debug)]
struct Slot {
    generation: u32,
    conn: Option<Box<Conn>>,
}

impl Conns {
    pub fn len(&self) -> usize {
        self.len
    }

    pub fn insert(&mut self, make: impl FnOnce(ConnId) -> Conn) -> ConnId {
        let slot = match self.free.pop() {
            Some(slot) => slot,
            None => {
                self.slots.push(Slot { generation: 0, conn: None });
                self.slots.len() as u32 - 1
            }
        };
        let Some(place) = self.slots.get_mut(slot as usize) else {
            unreachable!("a free slot is one of the slots");
        };
        let id = ConnId { slot, generation: place.generation };
        place.conn = Some(Box::new(make(id)));
        self.len += 1;
        id
    }

    pub fn remove(&mut self, id: ConnId) -> Option<Box<Conn>> {
        let place =
            self.slots.get_mut(id.slot as usize).filter(|s| s.generation == id.generation)?;
        let conn = place.conn.take()?;
        place.generation = place.generation.wrapping_add(1);
        self.free.push(id.slot);
        self.len -= 1;
        Some(conn)
    }

    pub fn find(&self, id: ConnId) -> Option<&Conn> {
        let place = self.slots.get(id.slot as usize)?;
        place.conn.as_deref().filter(|_| place.generation == id.generation)
    }

    pub fn find_mut(&mut self, id: ConnId) -> Option<&mut Conn> {
        let place = self.slots.get_mut(id.slot as usize)?;
        place.conn.as_deref_mut().filter(|_| place.generation == id.generation)
    }

    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut Conn> {
        self.slots.iter_mut().filter_map(|slot| slot.conn.as_deref_mut())
    }

    /// All but the one that runs what a file says, which has no peer.
    pub fn iter(&self) -> impl Iterator<Item = &Conn> {
        let conns = self.slots.iter().filter_map(|slot| slot.conn.as_deref());
        conns.filter(|conn| !conn.is_replay())
    }
}
