//! Users at work: the ACL commands, and who a connection is.
//!
//! What users are and may do is the room `acl`'s; here is what it means for connections. A removed
//! user's connections are closed, as Redis does. What may be run is asked in `permit`, the ACL file is
//! read and written in `file`.

mod file;
mod permit;

use super::Conn;
use super::ConnId;
use super::Events;
use super::LogLevel;
use super::Node;
use super::pubsub::Kind;
use crate::acl::DenialKind;
use crate::acl::Log;
use crate::acl::LogEntry;
use crate::acl::Secret;
use crate::acl::Selector;
use crate::acl::User;
use crate::acl::UserId;
use crate::acl::Users;
use crate::command::Outcome;
use crate::command::integer;
use crate::command::spec::AclCommand;
use crate::command::table;
use crate::config::AclPubsub;
use crate::config::Config;
use crate::error;
use crate::resp::Args;
use crate::resp::Reply;
use crate::rng::Rng;

/// The users of a node, and what became of those who tried too much.
#[derive(Debug)]
pub(super) struct Acl {
    pub users: Users,
    log: Log,
    secret: Secret,
    denials: Denials,
    file: Option<file::FileJob>,
}

/// How often something was denied since the start, as INFO shows it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Denials {
    pub auth: u64,
    pub command: u64,
    pub key: u64,
    pub channel: u64,
}

impl Denials {
    fn count(&mut self, kind: DenialKind) {
        *match kind {
            DenialKind::Auth => &mut self.auth,
            DenialKind::Command => &mut self.command,
            DenialKind::Key => &mut self.key,
            DenialKind::Channel => &mut self.channel,
        } += 1;
    }
}

impl Acl {
    /// With the users that the settings speak of.
    pub fn new(config: &Config, rng: &mut Rng, events: &mut Events) -> Self {
        let users = config.declared_users().unwrap_or_else(|problem| {
            events.log(LogLevel::Warning, problem);
            Users::default()
        });
        let mut secret = Secret::default();
        secret.stir(&rng.next_u64().to_le_bytes());
        Self { users, log: Log::default(), secret, denials: Denials::default(), file: None }
    }

    pub fn denials(&self) -> Denials {
        self.denials
    }

    /// The name of a connection's user.
    pub fn name(&self, id: UserId) -> &[u8] {
        self.users.find(id).map_or(b"default", User::name)
    }
}

impl Config {
    /// The users that the settings speak of: the default user's password, and the `user` lines.
    ///
    /// # Errors
    /// What is wrong with a line. [`Config::load`] takes none that is.
    pub fn declared_users(&self) -> Result<Users, String> {
        let mut users = Users::default();
        users.set_default_password(&self.requirepass);
        for line in &self.users {
            let words: Vec<&[u8]> = line.iter().map(String::as_bytes).collect();
            users.take_line(&words, self.channels_by_default())?;
        }
        Ok(users)
    }

    /// Whether a new user or selector may use every channel.
    pub(super) fn channels_by_default(&self) -> bool {
        self.acl_pubsub_default == AclPubsub::AllChannels
    }
}

impl Node {
    /// The lines of a configuration that make the present users: `user <name> <rules>`. There are none
    /// when an ACL file has them.
    pub fn user_lines(&self) -> Vec<Vec<u8>> {
        match self.config.aclfile.is_empty() {
            true => self.acl.users.lines().collect(),
            false => Vec::new(),
        }
    }

    /// Real randomness, for passwords that ACL GENPASS makes up. Without it they follow from the seed.
    pub fn handle_entropy(&mut self, entropy: &[u8]) {
        self.acl.secret.stir(entropy);
    }

    pub(super) fn acl(&mut self, command: AclCommand, id: ConnId, args: Args<'_>) -> Outcome {
        match command {
            AclCommand::DelUser => self.acl_del_user(id, args),
            AclCommand::DryRun => self.acl_dry_run(id, args),
            AclCommand::GenPass => self.acl_gen_pass(id, args),
            AclCommand::GetUser => self.acl_get_user(id, args),
            AclCommand::List => self.acl_list(id),
            AclCommand::Load => self.acl_load(id),
            AclCommand::Log => self.acl_log(id, args),
            AclCommand::Save => self.acl_save(id),
            AclCommand::SetUser => self.acl_set_user(id, args),
            AclCommand::Users => self.acl_users(id),
            AclCommand::WhoAmI => self.acl_who_am_i(id),
        }
    }

    fn acl_who_am_i(&mut self, id: ConnId) -> Outcome {
        let Some(conn) = self.conns.find(id) else { return Ok(()) };
        let name = self.acl.name(conn.user).to_vec();
        self.reply(id, |reply| reply.bulk(&name));
        Ok(())
    }

    fn acl_users(&mut self, id: ConnId) -> Outcome {
        let names: Vec<Vec<u8>> = self.acl.users.iter().map(|user| user.name().to_vec()).collect();
        self.reply_bulks(id, &names);
        Ok(())
    }

    fn acl_list(&mut self, id: ConnId) -> Outcome {
        let lines: Vec<Vec<u8>> = self.acl.users.lines().collect();
        self.reply_bulks(id, &lines);
        Ok(())
    }

    fn acl_get_user(&mut self, id: ConnId, args: Args<'_>) -> Outcome {
        let Self { acl, conns, .. } = self;
        let Some(conn) = conns.find_mut(id) else { return Ok(()) };
        let mut reply = Reply::new(conn.outbox.replies(), conn.protocol);
        match acl.users.named(args.at(2)).and_then(|user| acl.users.find(user)) {
            None => reply.null(),
            Some(user) => describe(user, &mut reply),
        }
        self.mark_dirty(id);
        Ok(())
    }

    fn acl_set_user(&mut self, id: ConnId, args: Args<'_>) -> Outcome {
        let words: Vec<&[u8]> = args.iter().skip(3).collect();
        let all_channels = self.config.channels_by_default();
        let (user, old) = self.acl.users.declare(args.at(2), &words, all_channels)?;
        if let Some(old) = old {
            self.close_listeners(user, &old);
        }
        self.reply(id, |reply| reply.ok());
        Ok(())
    }

    fn acl_del_user(&mut self, id: ConnId, args: Args<'_>) -> Outcome {
        let names = || args.iter().skip(2);
        if names().any(|name| name == b"default") {
            return Err(error::acl::DEFAULT_USER_STAYS);
        }
        let removed: Vec<UserId> = names().filter_map(|name| self.acl.users.remove(name)).collect();
        if !removed.is_empty() {
            self.send_away(|user| removed.contains(&user));
        }
        self.reply(id, |reply| reply.count(removed.len()));
        Ok(())
    }

    fn acl_dry_run(&mut self, id: ConnId, args: Args<'_>) -> Outcome {
        let (name, line) = (args.at(2), args.from(3));
        let users = &self.acl.users;
        let user = users.named(name).and_then(|user| users.find(user));
        let user = user.ok_or_else(|| error::acl::no_such_user(name))?;
        let entry = table::lookup_line(line);
        let entry = entry.ok_or_else(|| error::acl::no_such_command(line.at(0)))?;
        let full_name = entry.full_name().to_string();
        if !entry.command.accepts(line.len()) {
            return Err(error::wrong_arity(&full_name));
        }
        let refusal = user.check(entry, line).err().map(|denial| {
            let object = line.at(denial.word);
            match denial.kind {
                DenialKind::Key => error::acl::may_not_access(name, object, "key"),
                DenialKind::Channel => error::acl::may_not_access(name, object, "channel"),
                _ => error::acl::may_not_run(name, &full_name),
            }
        });
        self.reply(id, |reply| match &refusal {
            None => reply.ok(),
            Some(text) => reply.bulk(text),
        });
        Ok(())
    }

    fn acl_gen_pass(&mut self, id: ConnId, args: Args<'_>) -> Outcome {
        if args.len() > 3 {
            return Err(error::subcommand_syntax(args.at(1), "ACL"));
        }
        let bits = args.maybe(2).map_or(Ok(PASSWORD_BITS), integer)?;
        let bits = usize::try_from(bits).ok().filter(|bits| (1..=PASSWORD_BITS_MAX).contains(bits));
        let digits = bits.ok_or(error::acl::PASSWORD_BITS)?.div_ceil(4);
        let drawn = self.rng.next_u64();
        self.acl.secret.stir(&drawn.to_le_bytes());
        let password = self.acl.secret.digits(digits);
        self.reply(id, |reply| reply.bulk(&password));
        Ok(())
    }

    fn acl_log(&mut self, id: ConnId, args: Args<'_>) -> Outcome {
        if args.len() > 3 {
            return Err(error::subcommand_syntax(args.at(1), "ACL"));
        }
        if args.is(2, "reset") {
            self.acl.log.clear();
            self.reply(id, |reply| reply.ok());
            return Ok(());
        }
        let count = args.maybe(2).map_or(Ok(LOG_ENTRIES), integer)?;
        let count = usize::try_from(count).unwrap_or(0);
        let now_ms = self.now.wall_ms();
        let Self { acl, conns, .. } = self;
        let Some(conn) = conns.find_mut(id) else { return Ok(()) };
        let mut reply = Reply::new(conn.outbox.replies(), conn.protocol);
        let entries = acl.log.latest(count);
        reply.array(entries.len());
        entries.for_each(|entry| describe_entry(entry, now_ms, &mut reply));
        self.mark_dirty(id);
        Ok(())
    }

    /// Closes the connections of users who are no more.
    fn send_away(&mut self, is_gone: impl Fn(UserId) -> bool) {
        let gone: Vec<ConnId> = self
            .conns
            .iter()
            .filter(|conn| is_gone(conn.user) && !conn.is_master())
            .map(|conn| conn.id)
            .collect();
        gone.into_iter().for_each(|id| self.send_one_away(id));
    }

    /// Closes the connections of a changed user that listen to what the user has no right to any more.
    fn close_listeners(&mut self, id: UserId, old: &User) {
        if self.pubsub.listeners() == 0 {
            return;
        }
        let Some(user) = self.acl.users.find(id).filter(|user| !user.keeps_channels_of(old)) else {
            return;
        };
        let may_listen = |conn: &&Conn| {
            let mut names = conn.subscriptions.iter().flat_map(|names| names.iter());
            names.all(|(kind, name)| user.allows_channel(name, kind == Kind::Pattern))
        };
        let of_user = self.conns.iter().filter(|conn| conn.user == id && !conn.is_master());
        let gone: Vec<ConnId> =
            of_user.filter(|conn| !may_listen(conn)).map(|conn| conn.id).collect();
        gone.into_iter().for_each(|id| self.send_one_away(id));
    }

    fn send_one_away(&mut self, id: ConnId) {
        if let Some(conn) = self.conns.find_mut(id) {
            // Whatever it still asks for before it is closed, it is nobody.
            conn.user = UserId::DEFAULT;
            conn.authenticated = false;
        }
        self.close(id);
    }

    fn reply_bulks(&mut self, id: ConnId, texts: &[Vec<u8>]) {
        self.reply(id, |reply| {
            reply.array(texts.len());
            texts.iter().for_each(|text| reply.bulk(text));
        });
    }
}

/// The reply of ACL GETUSER.
fn describe(user: &User, reply: &mut Reply<'_>) {
    reply.map(6);
    reply.bulk(b"flags");
    reply.set(user.flags().count());
    user.flags().for_each(|flag| reply.bulk(flag.as_bytes()));
    reply.bulk(b"passwords");
    reply.array(user.passwords().len());
    for password in user.passwords() {
        let mut digits = Vec::new();
        password.print(&mut digits);
        reply.bulk(&digits);
    }
    describe_selector(user.root(), reply);
    reply.bulk(b"selectors");
    reply.array(user.selectors().len());
    for selector in user.selectors() {
        reply.map(3);
        describe_selector(selector, reply);
    }
}

fn describe_selector(selector: &Selector, reply: &mut Reply<'_>) {
    type Print = fn(&Selector, &mut Vec<u8>);
    let parts: [(&[u8], Print); 3] = [
        (b"commands", |selector, out| selector.commands.print(out)),
        (b"keys", Selector::print_keys),
        (b"channels", Selector::print_channels),
    ];
    for (name, print) in parts {
        let mut text = Vec::new();
        print(selector, &mut text);
        reply.bulk(name);
        reply.bulk(&text);
    }
}

fn describe_entry(entry: &LogEntry, now_ms: i64, reply: &mut Reply<'_>) {
    let incident = &entry.incident;
    let context: &[u8] = if incident.in_transaction { b"multi" } else { b"toplevel" };
    let integer = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    reply.map(10);
    reply.bulk(b"count");
    reply.integer(integer(entry.count));
    for (name, text) in [
        (&b"reason"[..], incident.kind.name().as_bytes()),
        (b"context", context),
        (b"object", &incident.object),
        (b"username", &incident.user),
    ] {
        reply.bulk(name);
        reply.bulk(text);
    }
    reply.bulk(b"age-seconds");
    // Exact for ages of up to 285,000 years.
    reply.double(now_ms.saturating_sub(entry.updated_ms) as f64 / 1000.0);
    reply.bulk(b"client-info");
    reply.bulk(&incident.client);
    for (name, number) in [
        (&b"entry-id"[..], integer(entry.id)),
        (b"timestamp-created", entry.created_ms),
        (b"timestamp-last-updated", entry.updated_ms),
    ] {
        reply.bulk(name);
        reply.integer(number);
    }
}

/// What ACL GENPASS makes when it is not told, and at most.
const PASSWORD_BITS: i64 = 256;
const PASSWORD_BITS_MAX: usize = 4096;

/// How many entries ACL LOG shows when it is not told.
const LOG_ENTRIES: i64 = 10;
