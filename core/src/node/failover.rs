//! FAILOVER: a master hands its part over to one of its replicas, and loses nothing.
//!
//! Writes are held until a replica has acknowledged all of the stream. Then this node follows that
//! replica, and says in its PSYNC that it is to take over. Until the replica has agreed writes stay
//! held; then they are let go, to be refused by what is a replica now.

use super::Conn;
use super::ConnId;
use super::LogLevel;
use super::Node;
use super::primary;
use super::primary::ReplicaState;
use crate::command::Outcome;
use crate::command::integer;
use crate::error;
use crate::error::CommandError;
use crate::resp::Args;
use crate::time::Mono;

/// A failover under way.
#[derive(Clone, Debug)]
pub(super) struct Failover {
    /// The replica to take over; the first that has everything when `None`.
    target: Option<Address>,
    /// When the time is over, the target takes over even though it lacks something.
    force: bool,
    deadline: Option<Mono>,
    /// We follow the target, which has not agreed yet.
    pub hands_over: bool,
}

/// Host and port of a replica, as INFO shows them.
type Address = (String, u16);

impl Failover {
    /// When to give up waiting for the replica, unless it is being asked to take over already.
    pub fn deadline(&self) -> Option<Mono> {
        self.deadline.filter(|_| !self.hands_over)
    }

    /// As INFO prints it.
    pub fn name(failover: Option<&Self>) -> &'static str {
        match failover {
            None => "no-failover",
            Some(Self { hands_over: false, .. }) => "waiting-for-sync",
            Some(Self { hands_over: true, .. }) => "failover-in-progress",
        }
    }
}

impl Node {
    pub(super) fn failover(&mut self, id: ConnId, args: Args<'_>) -> Outcome {
        let options = Options::parse(args)?;
        if options.abort {
            self.failover.as_ref().ok_or(error::NO_FAILOVER)?;
            self.abort_failover("Failover manually aborted");
            self.reply(id, |reply| reply.ok());
            return Ok(());
        }
        let target = self.check_failover(&options)?;
        let deadline = options.timeout_ms.map(|ms| self.now.mono.plus_ms(ms));
        self.log(LogLevel::Notice, "FAILOVER requested.");
        let force = options.force;
        self.failover = Some(Failover { target, force, deadline, hands_over: false });
        self.pause.begin_failover();
        self.reply(id, |reply| reply.ok());
        Ok(())
    }

    /// Goes on with a failover that waits for its replica; called each turn.
    pub(super) fn advance_failover(&mut self) {
        let Some(failover) = &self.failover else { return };
        if failover.hands_over {
            return;
        }
        let is_over = failover.deadline.is_some_and(|at| at <= self.now.mono);
        let candidate = self.caught_up(failover.target.as_ref());
        match (candidate, &failover.target) {
            (Some(address), _) => self.hand_over_to(address),
            (None, Some(target)) if is_over && failover.force => {
                let target = target.clone();
                self.log(LogLevel::Notice, "The failover's time is over: it is forced.");
                self.hand_over_to(target);
            }
            _ if is_over => self.abort_failover("Replica never caught up before timeout"),
            _ => {}
        }
    }

    /// The target answered our PSYNC: whether it has taken over.
    pub(super) fn end_failover(&mut self, agreed: bool) {
        if !self.failover.as_ref().is_some_and(|failover| failover.hands_over) {
            return;
        }
        match agreed {
            true => self.let_writes_go(),
            false => self.abort_failover("Failover target rejected psync request"),
        }
    }

    /// PSYNC with the word FAILOVER: our master, whose history is `id`, wants us in its place.
    pub(super) fn take_over(&mut self, id: &[u8]) -> Outcome {
        if self.master.is_none() {
            return Err(error::FAILOVER_TO_MASTER);
        }
        if id != self.feed.history.id.as_bytes() {
            return Err(error::FAILOVER_OTHER_HISTORY);
        }
        self.log(LogLevel::Notice, "Failover request received from the master.");
        self.become_master();
        Ok(())
    }

    /// Whether a failover may begin now; the target's address, if one was named.
    fn check_failover(&self, options: &Options) -> Result<Option<Address>, CommandError> {
        if self.failover.is_some() {
            return Err(error::FAILOVER_UNDER_WAY);
        }
        if self.master.is_some() {
            return Err(error::FAILOVER_OF_REPLICA);
        }
        if self.replicas.is_empty() {
            return Err(error::FAILOVER_WITHOUT_REPLICAS);
        }
        if options.force && (options.timeout_ms.is_none() || options.target.is_none()) {
            return Err(error::FAILOVER_FORCE_INCOMPLETE);
        }
        let Some((host, port)) = &options.target else { return Ok(None) };
        let named = |(_, (ip, own)): &(_, Address)| ip == host && i64::from(*own) == *port;
        match self.replica_addresses().find(named) {
            None => Err(error::FAILOVER_TARGET_UNKNOWN),
            Some((replica, _)) if replica.state != ReplicaState::Online => {
                Err(error::FAILOVER_TARGET_OFFLINE)
            }
            Some((_, address)) => Ok(Some(address)),
        }
    }

    /// A replica, the target if there is one, that has all of the stream.
    fn caught_up(&self, target: Option<&Address>) -> Option<Address> {
        let position = self.feed.position();
        let mut replicas = self.replica_addresses().filter(|(replica, _)| {
            replica.state == ReplicaState::Online && replica.ack == position
        });
        let found = replicas.find(|(_, address)| target.is_none_or(|target| address == target));
        found.map(|(_, address)| address)
    }

    fn replica_addresses(&self) -> impl Iterator<Item = (&primary::Replica, Address)> {
        let conns = self.replicas.iter().filter_map(|id| self.conns.find(*id));
        conns.filter_map(|conn: &Conn| {
            let replica = conn.replica()?;
            Some((replica, primary::address(conn, replica)))
        })
    }

    fn hand_over_to(&mut self, (host, port): Address) {
        self.log(LogLevel::Notice, format!("Failover target is {host}:{port}, failing over."));
        if let Some(failover) = &mut self.failover {
            failover.hands_over = true;
        }
        self.follow(host, port);
    }

    fn abort_failover(&mut self, reason: &str) {
        self.log(LogLevel::Notice, format!("Aborting failover: {reason}"));
        if self.failover.as_ref().is_some_and(|failover| failover.hands_over) {
            self.become_master();
        }
        self.let_writes_go();
    }

    fn let_writes_go(&mut self) {
        self.failover = None;
        self.pause.end_failover();
        self.let_go();
    }
}

/// FAILOVER's words.
#[derive(Default)]
struct Options {
    target: Option<(String, i64)>,
    force: bool,
    abort: bool,
    timeout_ms: Option<u64>,
}

impl Options {
    fn parse(args: Args<'_>) -> Result<Self, CommandError> {
        let mut options = Self::default();
        let mut at = 1;
        while at < args.len() {
            if args.is(at, "timeout") && at + 1 < args.len() && options.timeout_ms.is_none() {
                let timeout = integer(args.at(at + 1))?;
                let timeout = u64::try_from(timeout).ok().filter(|ms| *ms > 0);
                options.timeout_ms = Some(timeout.ok_or(error::FAILOVER_TIMEOUT)?);
                at += 2;
            } else if args.is(at, "to") && at + 2 < args.len() && options.target.is_none() {
                let host = String::from_utf8_lossy(args.at(at + 1)).into_owned();
                options.target = Some((host, integer(args.at(at + 2))?));
                at += 3;
            } else if args.is(at, "force") && !options.force {
                options.force = true;
                at += 1;
            } else if args.is(at, "abort") && args.len() == 2 {
                options.abort = true;
                at += 1;
            } else {
                return Err(error::SYNTAX);
            }
        }
        Ok(options)
    }
}
