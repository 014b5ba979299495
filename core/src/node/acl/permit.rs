//! Who a connection is, and whether it may run what it asks for.
//!
//! The common case, a user who may do everything, is one flag of the user. A denial is told to the
//! client, counted for INFO and listed in ACL LOG.

use crate::acl::Denial;
use crate::acl::DenialKind;
use crate::acl::Incident;
use crate::acl::User;
use crate::acl::UserId;
use crate::command::Outcome;
use crate::command::table::Entry;
use crate::error;
use crate::error::CommandError;
use crate::node::Conn;
use crate::node::ConnId;
use crate::node::Node;
use crate::node::admit::Situation;
use crate::node::admit::admit;
use crate::resp::Args;

impl Node {
    /// AUTH: makes a connection this user's, or lists the attempt. `command` is the word that asked.
    pub(in crate::node) fn authenticate(
        &mut self,
        id: ConnId,
        command: &[u8],
        name: &[u8],
        password: &[u8],
    ) -> Outcome {
        let users = &self.acl.users;
        let user = users
            .named(name)
            .filter(|user| users.find(*user).is_some_and(|user| user.accepts(password)));
        let Some(user) = user else {
            self.list_denial(id, DenialKind::Auth, command, Some(name));
            return Err(error::WRONG_PASS);
        };
        if let Some(conn) = self.conns.find_mut(id) {
            conn.user = user;
            conn.authenticated = true;
        }
        Ok(())
    }

    /// Makes a connection the default user's again, who may have to authenticate.
    pub(in crate::node) fn reset_user(&mut self, id: ConnId) {
        let open = self.acl.users.is_open();
        if let Some(conn) = self.conns.find_mut(id) {
            conn.user = UserId::DEFAULT;
            conn.authenticated = open;
        }
    }

    /// Whether a connection need not authenticate, or has done so.
    pub(in crate::node) fn is_authenticated(&self, conn: &Conn) -> bool {
        conn.authenticated || self.acl.users.is_open()
    }

    /// Whether a connection's user may not do everything: then each command has to be permitted.
    pub(in crate::node) fn is_restricted(&self, conn: &Conn) -> bool {
        let user = self.acl.users.find(conn.user);
        !user.is_some_and(User::is_unrestricted) && !conn.is_master()
    }

    /// Whether a command may run now: as far as the node is concerned, and as far as the user is. Says
    /// whether it comes from the master.
    pub(in crate::node) fn admit(
        &mut self,
        id: ConnId,
        entry: &'static Entry,
        args: Args<'_>,
        lacks_memory: bool,
    ) -> Result<bool, CommandError> {
        let situation = Situation { lacks_memory, ..self.situation(id, entry) };
        let from_master = situation.from_master;
        let mut denial = None;
        let permit = || {
            self.judge(id, entry, args).map_err(|found| {
                denial = Some(found);
                self.refusal(id, entry, found.kind)
            })
        };
        let verdict = admit(entry, situation, permit);
        if let Some(denial) = denial {
            self.list_command(id, entry, args, denial);
        }
        verdict.map(|()| from_master)
    }

    fn refusal(&self, id: ConnId, entry: &Entry, kind: DenialKind) -> CommandError {
        match kind {
            DenialKind::Key => error::acl::KEY_DENIED,
            DenialKind::Channel => error::acl::CHANNEL_DENIED,
            _ => {
                let user = self.conns.find(id).map(|conn| conn.user).unwrap_or_default();
                error::acl::command_denied(self.acl.name(user), &entry.full_name().to_string())
            }
        }
    }

    /// Whether the user may still run a command that EXEC is about to run: it was permitted when it
    /// was queued.
    pub(in crate::node) fn permit_queued(
        &mut self,
        id: ConnId,
        entry: &'static Entry,
        args: Args<'_>,
    ) -> Outcome {
        let Err(denial) = self.judge(id, entry, args) else { return Ok(()) };
        self.list_command(id, entry, args, denial);
        Err(error::acl::changed_since_queued(match denial.kind {
            DenialKind::Key => "no permission to touch the specified keys",
            DenialKind::Channel => {
                "no permission to access one of the channels used as arguments to the command"
            }
            _ => "no permission to execute the command or subcommand",
        }))
    }

    /// Whether a command line may read keys it does not name, as SORT does. Asked before each command,
    /// so most are let through at a glance: their specs tell all their keys.
    pub(in crate::node) fn reads_every_key(
        &self,
        id: ConnId,
        entry: &Entry,
        args: Args<'_>,
    ) -> bool {
        if entry.command.find_keys.is_none() {
            return true;
        }
        let Some(conn) = self.conns.find(id).filter(|conn| self.is_restricted(conn)) else {
            return true;
        };
        let user = self.acl.users.find(conn.user);
        user.is_some_and(|user| user.reads_every_key(entry, args))
    }

    fn judge(&self, id: ConnId, entry: &Entry, args: Args<'_>) -> Result<(), Denial> {
        let Some(conn) = self.conns.find(id).filter(|conn| self.is_restricted(conn)) else {
            return Ok(());
        };
        match self.acl.users.find(conn.user) {
            Some(user) => user.check(entry, args),
            None => Err(Denial { kind: DenialKind::Command, word: 0 }),
        }
    }

    fn list_command(&mut self, id: ConnId, entry: &'static Entry, args: Args<'_>, denial: Denial) {
        if let Some(conn) = self.conns.find_mut(id) {
            conn.last_command = Some(entry);
        }
        match denial.kind {
            DenialKind::Key | DenialKind::Channel => {
                self.list_denial(id, denial.kind, args.at(denial.word), None);
            }
            kind => self.list_denial(id, kind, entry.full_name().to_string().as_bytes(), None),
        }
    }

    /// Counts a denial and puts it into ACL LOG; `user` is who somebody tried to be.
    fn list_denial(&mut self, id: ConnId, kind: DenialKind, object: &[u8], user: Option<&[u8]>) {
        self.acl.denials.count(kind);
        let Some(conn) = self.conns.find(id) else { return };
        let name = self.acl.name(conn.user);
        let mut client = Vec::new();
        self.write_client_line(conn, 0, &mut client);
        let incident = Incident {
            kind,
            in_transaction: conn.transaction.is_some() || self.executing == Some(id),
            object: object.into(),
            user: user.unwrap_or(name).into(),
            client,
        };
        self.acl.log.add(incident, self.now.wall_ms(), self.config.acllog_max_len);
    }
}
