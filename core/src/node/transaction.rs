//! MULTI, EXEC and DISCARD: a connection's queue of commands.

use super::Node;
use super::conns::Conns;
use super::effect::ConnId;
use crate::command::Outcome;
use crate::command::spec::Command;
use crate::command::spec::Flags;
use crate::command::table::Entry;
use crate::error;
use crate::resp::Args;
use crate::resp::OwnedArgs;

/// Commands queued since MULTI.
pub(super) struct Transaction {
    queue: Vec<(&'static Entry, OwnedArgs)>,
    /// A command was refused while queueing: EXEC will refuse them all.
    aborted: bool,
    /// What EXEC's flags are with this queue.
    flags: Flags,
    bytes: usize,
}

impl Transaction {
    pub fn new() -> Self {
        let flags = Flags::STALE.with(Flags::LOADING);
        Self { queue: Vec::new(), aborted: false, flags, bytes: 0 }
    }

    pub fn push(&mut self, entry: &'static Entry, args: Args<'_>) {
        let flags = entry.command.flags;
        for flag in [Flags::WRITE, Flags::MAY_REPLICATE, Flags::DENYOOM] {
            self.flags = if flags.has(flag) { self.flags.with(flag) } else { self.flags };
        }
        for flag in [Flags::STALE, Flags::LOADING] {
            self.flags = if flags.has(flag) { self.flags } else { self.flags.without(flag) };
        }
        self.bytes += args.iter().map(|arg| arg.len() + ARG_BYTES).sum::<usize>();
        self.queue.push((entry, args.iter().into()));
    }

    /// By what EXEC is to be judged: it writes, or needs memory, if any command of the queue does; it
    /// may run on old data if all of them may.
    pub fn flags(&self) -> Flags {
        self.flags
    }

    /// What the queue takes.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    pub fn abort(&mut self) {
        self.aborted = true;
    }

    pub fn len(&self) -> usize {
        self.queue.len()
    }

    pub fn commands(&self) -> impl Iterator<Item = (&'static Command, Args<'_>)> {
        self.queue.iter().map(|(entry, args)| (entry.command, args.args()))
    }
}

impl std::fmt::Debug for Transaction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Transaction({} queued, aborted: {})", self.queue.len(), self.aborted)
    }
}

/// What an argument takes beside its bytes.
const ARG_BYTES: usize = 16;

/// Marks a connection's transaction, if it is in one, as doomed.
pub(super) fn abort(conns: &mut Conns, id: ConnId) {
    if let Some(transaction) = conns.find_mut(id).and_then(|conn| conn.transaction.as_mut()) {
        transaction.abort();
    }
}

impl Node {
    /// Forgets a connection's transaction, if it is in one, and what it watches.
    pub(super) fn drop_queue(&mut self, id: ConnId) {
        if let Some(conn) = self.conns.find_mut(id) {
            conn.transaction = None;
        }
        self.end_watch(id);
    }

    pub(super) fn multi(&mut self, id: ConnId) -> Outcome {
        let Some(conn) = self.conns.find_mut(id) else { return Ok(()) };
        if conn.transaction.is_some() {
            return Err(error::NESTED_MULTI);
        }
        conn.transaction = Some(Transaction::new());
        self.reply(id, |reply| reply.ok());
        Ok(())
    }

    pub(super) fn discard(&mut self, id: ConnId) -> Outcome {
        if self.conns.find(id).is_none_or(|conn| conn.transaction.is_none()) {
            return Err(error::DISCARD_WITHOUT_MULTI);
        }
        self.drop_queue(id);
        self.reply(id, |reply| reply.ok());
        Ok(())
    }

    /// Runs the queue. What it changes travels as one unit: the executor drains the propagation
    /// once, when this command ends.
    pub(super) fn exec(&mut self, id: ConnId) -> Outcome {
        let transaction = self.conns.find_mut(id).and_then(|conn| conn.transaction.take());
        let transaction = transaction.ok_or(error::EXEC_WITHOUT_MULTI)?;
        let is_as_watched = self.end_watch(id);
        if transaction.aborted {
            return Err(error::EXEC_ABORT);
        }
        if !is_as_watched {
            self.reply(id, |reply| reply.null_array());
            return Ok(());
        }
        self.reply(id, |reply| reply.array(transaction.queue.len()));
        self.executing = Some(id);
        for (entry, args) in &transaction.queue {
            match self.permit_queued(id, entry, args.args()) {
                Ok(()) => self.run(id, entry, args.args()),
                Err(error) => self.refuse_request(id, &error),
            }
        }
        self.executing = None;
        Ok(())
    }
}
