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
    /// A new element of the queue.
    Push(u64),
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
            Some(("RPUSH", rest)) if rest.starts_with("queue ") => {
                number_in(rest).map_or(Self::Other, Self::Push)
            }
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
    /// Since when it waits for the reply that comes next.
    pub turn: u64,
    /// What its node has last acknowledged on this connection.
    pub acknowledged: Option<u64>,
    /// The last entry of its ledger that was ever acknowledged.
    pub ever: u64,
}

/// The clients, and the order in which they wait.
#[derive(Debug, Default)]
pub(super) struct Askers {
    pub all: Vec<Asker>,
    pushed: Vec<Pushed>,
    /// Which event of the world this is: who began to wait in the same one came at the same time.
    turn: u64,
}

impl Askers {
    /// The world has gone on.
    pub fn advance(&mut self) {
        self.turn += 1;
    }

    /// A process goes on that stood still: it finds all that it was asked meanwhile at once.
    pub fn level(&mut self, node: NodeId) {
        let (turn, node) = (self.turn, (node.0 as usize).saturating_sub(1));
        let of_node = self.all.iter_mut().filter(|asker| asker.node == node);
        of_node.for_each(|asker| asker.turn = turn);
    }

    /// A client more, of this node.
    pub fn open(&mut self, node: NodeId) {
        let node = (node.0 as usize).saturating_sub(1);
        self.all.push(Asker { node, ..Asker::default() });
    }

    pub fn find_mut(&mut self, client: ClientId) -> Option<&mut Asker> {
        self.all.get_mut((client.0 as usize).checked_sub(1)?)
    }

    pub fn ask(&mut self, client: ClientId, asked: Asked) {
        let turn = self.turn;
        if let Asked::Push(element) = asked {
            self.pushed.push(Pushed { element, typed: turn, answered: u64::MAX });
        }
        if let Some(asker) = self.find_mut(client) {
            if asker.asked.is_empty() {
                asker.turn = turn;
            }
            asker.asked.push_back(asked);
        }
    }

    /// A reply has come, to this.
    pub fn answer(&mut self, client: ClientId) -> Option<Asked> {
        let turn = self.turn;
        let asker = self.find_mut(client)?;
        asker.turn = turn;
        let asked = asker.asked.pop_front();
        if let Some(Asked::Push(element)) = asked
            && let Some(pushed) = self.pushed.iter_mut().rfind(|pushed| pushed.element == element)
        {
            pushed.answered = turn;
        }
        asked
    }

    pub fn forget(&mut self, client: ClientId) {
        if let Some(asker) = self.find_mut(client) {
            asker.asked.clear();
            asker.acknowledged = None;
        }
    }

    /// What a node handed out in one event of the world, with the turns of who got it: `before` is what it had
    /// handed out already.
    pub fn judge(
        &self,
        node: usize,
        before: &mut Vec<u64>,
        served: &[Served],
    ) -> Result<(), (Claim, String)> {
        for (at, Served { element, turn, .. }) in served.iter().copied().enumerate() {
            let is_early =
                |later: &u64| *later == element || self.is_surely_behind(*later, element);
            if let Some(other) = before.iter().find(|other| is_early(other)) {
                let text = format!("node {} handed out {element} after {other}", node + 1);
                return Err((Claim::QueueIsFair, text));
            }
            if served.iter().skip(at + 1).any(|other| other.element == element) {
                let text = format!("node {} handed out {element} twice", node + 1);
                return Err((Claim::QueueIsFair, text));
            }
            let waits_longer = |asker: &Asker| {
                let waits = asker.asked.front() == Some(&Asked::Pop);
                waits && asker.node == node && asker.turn < turn
            };
            let got_later_one = |other: &&Served| {
                other.turn < turn && self.is_surely_behind(other.element, element)
            };
            let waiting = self.all.iter().position(waits_longer).map(|at| at + 1);
            let overtaken = waiting.or(served.iter().find(got_later_one).map(|it| it.client));
            if let Some(first) = overtaken {
                let text = format!("client {first} had to wait for one that came later");
                return Err((Claim::QueueIsFair, text));
            }
        }
        before.extend(served.iter().map(|served| served.element));
        Ok(())
    }

    /// Whether one element came into the queue behind another: it was asked for when that one's push had its
    /// answer. A push that a pause holds up may be done long after it was typed, by a node that has become the
    /// master once more.
    fn is_surely_behind(&self, behind: u64, ahead: u64) -> bool {
        let find = |element| self.pushed.iter().find(|pushed| pushed.element == element);
        let (behind, ahead) = (find(behind), find(ahead));
        behind.zip(ahead).is_some_and(|(behind, ahead)| ahead.answered <= behind.typed)
    }
}

/// An element of the queue, and between which turns it was pushed.
#[derive(Clone, Copy, Debug)]
struct Pushed {
    element: u64,
    typed: u64,
    answered: u64,
}

/// An element of the queue that was handed out.
#[derive(Clone, Copy, Debug)]
pub(super) struct Served {
    pub element: u64,
    /// The client's number, and when it began to wait.
    pub client: usize,
    pub turn: u64,
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
