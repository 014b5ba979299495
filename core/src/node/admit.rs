//! Whether a command may run now: a pure decision from the command's flags and
//! the node's state. The order of the checks is Redis's, since it decides which
//! of several errors a client sees.

use crate::command::spec::Flags;
use crate::command::spec::NodeCommand;
use crate::command::spec::Run;
use crate::command::table::Entry;
use crate::error;
use crate::error::CommandError;

/// What admission looks at.
#[derive(Clone, Copy, Debug)]
pub(super) struct Situation<'a> {
    /// The flags to judge the command by.
    pub flags: Flags,
    pub authenticated: bool,
    /// The user may not do everything.
    pub restricted: bool,
    /// The command comes down the link from our master.
    pub from_master: bool,
    /// The connection is in RESP2's subscribed mode.
    pub only_listens: bool,
    pub in_transaction: bool,
    /// The command needs memory, and there is none to be had.
    pub lacks_memory: bool,
    /// We are a replica whose clients may not write.
    pub read_only: bool,
    /// We are a replica that lost its master and may not answer from old data.
    pub stale: bool,
    /// Too few good replicas for `min-replicas-to-write`.
    pub lacks_replicas: bool,
    /// The last snapshot failed and `stop-writes-on-bgsave-error` is on.
    pub snapshot_failed: bool,
    /// Why the append-only file can't be written, if it can't.
    pub log_failure: Option<&'a str>,
    pub loading: Loading,
}

/// What a load means for commands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Loading {
    No,
    /// The data is not there yet.
    Blocking,
    /// Other data, of the same history, is served until it is.
    Beside,
}

/// `permit` is asked what a user may do who may not do everything.
pub(super) fn admit(
    entry: &Entry,
    situation: Situation<'_>,
    permit: impl FnOnce() -> Result<(), CommandError>,
) -> Result<(), CommandError> {
    let flags = situation.flags;
    if !situation.authenticated && !flags.has(Flags::NO_AUTH) {
        return Err(error::NO_AUTH);
    }
    if situation.in_transaction && flags.has(Flags::NO_MULTI) {
        return Err(error::NOT_IN_MULTI);
    }
    if situation.restricted {
        permit()?;
    }
    if situation.from_master {
        return Ok(());
    }
    if situation.lacks_memory {
        return Err(error::OUT_OF_MEMORY);
    }
    let writes = flags.has(Flags::WRITE);
    if writes && situation.snapshot_failed && !situation.read_only {
        return Err(error::SNAPSHOT_FAILED);
    }
    let speaks_of_disk = writes || is_ping(entry);
    if let (true, Some(reason), false) =
        (speaks_of_disk, situation.log_failure, situation.read_only)
    {
        return Err(error::log_failed(reason));
    }
    if writes {
        if situation.lacks_replicas && !situation.read_only {
            return Err(error::NO_REPLICAS);
        }
        if situation.read_only {
            return Err(error::READ_ONLY_REPLICA);
        }
    }
    if situation.only_listens && !serves_listeners(entry) {
        return Err(error::only_listens(entry.full_name()));
    }
    if situation.stale && !flags.has(Flags::STALE) {
        return Err(error::MASTER_DOWN);
    }
    match situation.loading {
        Loading::Blocking if !flags.has(Flags::LOADING) => Err(error::LOADING),
        Loading::Beside if flags.has(Flags::NO_ASYNC_LOADING) => Err(error::LOADING),
        _ => Ok(()),
    }
}

/// Whether a connection may run this in RESP2's subscribed mode.
fn serves_listeners(entry: &Entry) -> bool {
    matches!(
        entry.command.run,
        Run::Node(
            NodeCommand::Ping
                | NodeCommand::PSubscribe
                | NodeCommand::PUnsubscribe
                | NodeCommand::Quit
                | NodeCommand::Reset
                | NodeCommand::SSubscribe
                | NodeCommand::Subscribe
                | NodeCommand::SUnsubscribe
                | NodeCommand::Unsubscribe
        )
    )
}

/// A master whose disk fails says so to whoever asks whether it is well.
fn is_ping(entry: &Entry) -> bool {
    matches!(entry.command.run, Run::Node(NodeCommand::Ping))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::spec::Command;

    const CALM: Situation<'_> = Situation {
        flags: Flags::NONE,
        authenticated: true,
        restricted: false,
        from_master: false,
        only_listens: false,
        in_transaction: false,
        lacks_memory: false,
        read_only: false,
        stale: false,
        lacks_replicas: false,
        snapshot_failed: false,
        log_failure: None,
        loading: Loading::No,
    };

    fn check(flags: Flags, situation: Situation<'_>, expect: Result<(), CommandError>) {
        let command = Box::leak(Box::new(Command { flags, ..Command::BASE }));
        let situation = Situation { flags, ..situation };
        let deny = || Err(error::acl::KEY_DENIED);
        assert_eq!(admit(&Entry::of(command), situation, deny), expect, "{flags:?} {situation:?}");
    }

    #[test]
    fn admits_and_refuses_in_redis_order() {
        let replica = Situation { read_only: true, ..CALM };
        check(Flags::WRITE, CALM, Ok(()));
        check(Flags::WRITE, replica, Err(error::READ_ONLY_REPLICA));
        check(Flags::READONLY, replica, Ok(()));
        check(Flags::WRITE, Situation { from_master: true, ..replica }, Ok(()));
        let stranger = Situation { authenticated: false, ..replica };
        check(Flags::WRITE, stranger, Err(error::NO_AUTH));
        check(Flags::NO_AUTH, stranger, Ok(()));
        let restricted = Situation { restricted: true, ..replica };
        check(Flags::WRITE, restricted, Err(error::acl::KEY_DENIED));
        check(Flags::WRITE, Situation { restricted: true, ..stranger }, Err(error::NO_AUTH));
        let stale = Situation { stale: true, ..replica };
        check(Flags::READONLY, stale, Err(error::MASTER_DOWN));
        check(Flags::STALE, stale, Ok(()));
        let transaction = Situation { in_transaction: true, ..CALM };
        check(Flags::NO_MULTI, transaction, Err(error::NOT_IN_MULTI));
        let short = Situation { lacks_memory: true, lacks_replicas: true, ..CALM };
        check(Flags::WRITE, short, Err(error::OUT_OF_MEMORY));
        check(Flags::WRITE, Situation { from_master: true, ..short }, Ok(()));
        let lonely = Situation { lacks_replicas: true, ..CALM };
        check(Flags::WRITE, lonely, Err(error::NO_REPLICAS));
        check(Flags::READONLY, lonely, Ok(()));
        let listener = Situation { only_listens: true, stale: true, ..CALM };
        check(Flags::READONLY, listener, Err(error::only_listens("")));
    }
}
