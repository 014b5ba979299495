//! Which reply answers what, and what follows from it.

use std::collections::VecDeque;

use super::claim::Claim;
use crate::data::number;
use crate::sim::id::ClientId;
use crate::sim::id::NodeId;

/// A line that was typed, by what its reply means for claims.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// The next entry of the client's ledger.
    Ledger(u64),
    Wait,
    /// An element of the queue, asked for as the so-many-th.
    Pop,
    Other,
}

impl Asked {
    pub fn of(line: &str) -> Self {
        let number_in = |rest: &str| {
            let last = rest.rsplit(' ').next()?;
            number::parse_i64(last.as_bytes()).map(i64::cast_unsigned)
        };
        match line.split_once(' ') {
            Some(("SET", rest)) if rest.starts_with("ledger:") => {
                number_in(rest).map_or(Self::Other, Self::Ledger)
            }
            Some(("WAIT", _)) => Self::Wait,
            Some(("BLPOP", _)) => Self::Pop,
            _ => Self::Other,
        }
    }
}

/// A client as its replies show it.
#[derive(Debug, Default)]
pub(super) struct Asker {
    /// Index of its node.
    pub node: usize,
    pub asked: VecDeque<Asked>,
    /// Its turn in the queue, while it waits there.
    turn: u64,
    /// What its node has last acknowledged on this connection.
    pub acknowledged: Option<u64>,
    /// The last entry of its ledger that was ever acknowledged.
    pub ever: u64,
}

/// The clients, and the order in which they wait.
#[derive(Debug, Default)]
pub(super) struct Askers {
    pub all: Vec<Asker>,
    /// Which event of the world this is: who began to wait in the same one came at the same time.
    turn: u64,
}

impl Askers {
    /// The world has gone on.
    pub fn advance(&mut self) {
        self.turn += 1;
    }

    /// A client more, of this node.
    pub fn open(&mut self, node: NodeId) {
        let node = (node.0 as usize).saturating_sub(1);
        self.all.push(Asker { node, ..Asker::default() });
    }

    pub fn get_mut(&mut self, client: ClientId) -> Option<&mut Asker> {
        self.all.get_mut((client.0 as usize).checked_sub(1)?)
    }

    pub fn ask(&mut self, client: ClientId, asked: Asked) {
        let turn = self.turn;
        if let Some(asker) = self.get_mut(client) {
            if asker.asked.is_empty() {
                asker.turn = turn;
            }
            asker.asked.push_back(asked);
        }
    }

    /// A reply has come, to this.
    pub fn answer(&mut self, client: ClientId) -> Option<Asked> {
        let turn = self.turn;
        let asker = self.get_mut(client)?;
        asker.turn = turn;
        asker.asked.pop_front()
    }

    pub fn forget(&mut self, client: ClientId) {
        if let Some(asker) = self.get_mut(client) {
            asker.asked.clear();
            asker.acknowledged = None;
        }
    }

    /// Elements handed out at one instant by one node, with who got them: `last` is the one before.
    pub fn judge(
        &mut self,
        node: usize,
        last: &mut u64,
        served: &mut [(u64, ClientId)],
    ) -> Result<(), (Claim, String)> {
        served.sort_unstable_by_key(|(element, _)| *element);
        for (element, client) in served.iter().copied() {
            if element <= *last {
                let text = format!("node {} handed out {element} after {last}", node + 1);
                return Err((Claim::QueueIsFair, text));
            }
            *last = element;
            let turn = self.get_mut(client).map_or(0, |asker| asker.turn);
            self.answer(client);
            let waits_longer = |asker: &&Asker| {
                let waits = asker.asked.front() == Some(&Asked::Pop);
                waits && asker.node == node && asker.turn < turn
            };
            if let Some(at) = self.all.iter().position(|asker| waits_longer(&asker)) {
                let text = format!("client {} waits, and client {} came later", at + 1, client.0);
                return Err((Claim::QueueIsFair, text));
            }
        }
        Ok(())
    }
}

/// The element in BLPOP's reply.
pub(super) fn element(text: &str) -> Option<u64> {
    let line = text.lines().nth(1)?;
    let number = line.strip_prefix("2) \"")?.strip_suffix('"')?;
    number::parse_i64(number.as_bytes()).map(i64::cast_unsigned)
}

/// The number in WAIT's reply.
pub(super) fn count(text: &str) -> Option<usize> {
    let number = text.strip_prefix("(integer) ")?.trim_end();
    usize::try_from(number::parse_i64(number.as_bytes())?).ok()
}
