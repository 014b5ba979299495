//! CLIENT PAUSE, and the pause of a failover: requests stay in their buffers until it ends.

use super::ConnId;
use super::Node;
use crate::command::Outcome;
use crate::command::spec::Flags;
use crate::data::number;
use crate::error;
use crate::resp::Args;
use crate::time::Mono;

#[derive(Debug, Default)]
pub(super) struct Pause {
    until: Option<Mono>,
    /// Only commands that may write wait.
    writes_only: bool,
    /// A failover is under way: what may write waits until it ends.
    failover: bool,
    held: Vec<ConnId>,
}

impl Pause {
    /// Whether a command, to be judged by these flags, has to wait. CLIENT UNPAUSE waits as every other: of a
    /// pause of all commands it ends nothing. A pause whose time is over lasts until those it held are let go: who
    /// asks only now is not to overtake them.
    pub fn holds(&self, flags: Flags) -> bool {
        if !self.is_active() {
            return false;
        }
        let may_write = flags.has(Flags::WRITE) || flags.has(Flags::MAY_REPLICATE);
        let is_paused = self.until.is_some();
        (is_paused && !self.writes_only) || (may_write && (is_paused || self.failover))
    }

    /// While clients are paused the node changes nothing by itself either: no key expires, none is
    /// evicted.
    pub fn is_active(&self) -> bool {
        self.until.is_some() || self.failover
    }

    pub fn begin_failover(&mut self) {
        self.failover = true;
    }

    pub fn end_failover(&mut self) {
        self.failover = false;
    }

    pub fn hold(&mut self, id: ConnId) {
        self.held.push(id);
    }

    pub fn until(&self) -> Option<Mono> {
        self.until
    }
}

impl Node {
    pub(super) fn client_pause(&mut self, id: ConnId, args: Args<'_>) -> Outcome {
        if args.len() > 4 {
            return Err(error::subcommand_syntax(args.at(1), "CLIENT"));
        }
        let writes_only = match args.maybe(3) {
            None => false,
            Some(_) if args.is(3, "write") => true,
            Some(_) if args.is(3, "all") => false,
            Some(_) => return Err(error::PAUSE_MODE),
        };
        let timeout = number::parse_i64(args.at(2)).ok_or(error::TIMEOUT_NOT_INTEGER)?;
        let timeout = u64::try_from(timeout).map_err(|_| error::TIMEOUT_NEGATIVE)?;
        let until = self.now.mono.plus_ms(timeout);
        let pause = &mut self.pause;
        // As in Redis, a second pause can only make the first longer and stricter.
        pause.writes_only = writes_only && (pause.until.is_none() || pause.writes_only);
        pause.until = pause.until.max(Some(until));
        self.reply(id, |reply| reply.ok());
        Ok(())
    }

    pub(super) fn client_unpause(&mut self, id: ConnId) -> Outcome {
        self.unpause();
        self.reply(id, |reply| reply.ok());
        Ok(())
    }

    /// Ends CLIENT PAUSE.
    pub(super) fn unpause(&mut self) {
        self.pause.until = None;
        self.let_go();
    }

    /// Lets those go on who were held; another pause may hold them again.
    pub(super) fn let_go(&mut self) {
        for id in std::mem::take(&mut self.pause.held) {
            self.resume(id);
        }
        self.serve_held();
    }
}
