//! CONFIG SET: many settings at once, all of them or none.
//!
//! Some concern the machine: certificates in files, addresses and ports, how many clients there is room for.
//! Whether these can be had only the shell knows. So it is asked to adopt them before anything changes, and the
//! client waits for its word; what it can't adopt is refused, as Redis refuses it, and all stays as it was.

use super::ConnId;
use super::Effect;
use super::Node;
use super::conn::Waiting;
use crate::command::Outcome;
use crate::config::Config;
use crate::error;
use crate::error::CommandError;
use crate::resp::Args;
use crate::resp::OwnedArgs;
use crate::time::Now;

/// A CONFIG SET that the shell has been asked about.
#[derive(Debug)]
pub(super) struct Trial {
    client: ConnId,
    /// The whole request. It is carried out on the settings of then.
    args: OwnedArgs,
    protected: bool,
}

/// What of some settings the machine does not go along with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// A certificate, a key or a name of TLS can't be used.
    Tls,
    /// Another program has the port, or it is not ours to take.
    Port,
    TlsPort,
    /// An address is not this machine's.
    Bind,
    /// There are not so many descriptors, but for so many clients.
    Clients {
        fitting: usize,
    },
}

impl Node {
    pub(super) fn config_set(&mut self, id: ConnId, args: Args<'_>) -> Outcome {
        if !args.len().is_multiple_of(2) {
            return Err(error::SYNTAX);
        }
        let local = self.conns.find(id).is_some_and(|conn| conn.loopback);
        let protected = self.config.enable_protected_configs.allows(local);
        let mut changed = self.config.clone();
        changed.apply(&pairs(args), protected)?;
        if concerned(args, is_of_machine).is_some() {
            return self
                .try_settings(Trial { client: id, args: args.iter().into(), protected }, changed);
        }
        self.adopt(args, changed);
        self.reply(id, |reply| reply.ok());
        Ok(())
    }

    /// The machine goes along with the settings of the last [`Effect::Adopt`], or with none of them.
    pub fn handle_adopted(&mut self, outcome: Result<(), Obstacle>, now: Now) {
        self.now = now;
        let Some(trial) = self.trial.take() else { return };
        let outcome = match outcome {
            Ok(()) => self.adopt_tried(&trial),
            Err(obstacle) => Err(refusal(trial.args.args(), obstacle)),
        };
        match outcome {
            Ok(()) => self.answer(trial.client, |reply| reply.ok()),
            Err(error) => self.refuse_request(trial.client, &error),
        }
        self.resume(trial.client);
    }

    fn try_settings(&mut self, trial: Trial, changed: Config) -> Outcome {
        // What waits can't be one of several commands that run as one.
        if self.executing == Some(trial.client) {
            return Err(error::NOT_IN_MULTI);
        }
        if self.trial.is_some() {
            return Err(error::SETTINGS_BUSY);
        }
        if let Some(conn) = self.conns.find_mut(trial.client) {
            conn.waiting = Waiting::Settings;
        }
        self.trial = Some(Box::new(trial));
        self.effects.push_back(Effect::Adopt { config: Box::new(changed) });
        Ok(())
    }

    fn adopt_tried(&mut self, trial: &Trial) -> Outcome {
        let args = trial.args.args();
        // Others may have been set meanwhile.
        let mut changed = self.config.clone();
        changed.apply(&pairs(args), trial.protected)?;
        self.adopt(args, changed);
        Ok(())
    }

    /// Takes over what is kept of the settings elsewhere, now and at the start.
    pub(super) fn follow_settings(&mut self) {
        self.apply_memory_settings();
        self.follow_timeout();
        self.apply_notify_settings();
    }

    /// Goes by these settings, of which `args` changed some.
    fn adopt(&mut self, args: Args<'_>, changed: Config) {
        self.config = changed;
        if concerned(args, |name| name == "requirepass").is_some() {
            self.acl.users.set_default_password(&self.config.requirepass);
        }
        self.limits = self.config.data_limits(self.store.hasher());
        self.meter.configure(&self.config);
        self.follow_settings();
        self.follow_appendonly();
        self.apply_log_settings();
        if concerned(args, |name| name == "maxmemory").is_some() {
            self.warn_of_short_memory();
        }
        let backlog = usize::try_from(self.config.repl_backlog_size).unwrap_or(usize::MAX);
        self.feed.set_size_bytes(backlog);
    }
}

/// Names and values of CONFIG SET's words.
fn pairs(args: Args<'_>) -> Vec<(&[u8], &[u8])> {
    (2..args.len()).step_by(2).map(|at| (args.at(at), args.at(at + 1))).collect()
}

/// The first setting of CONFIG SET that is one of these, as the client spelt it.
fn concerned(args: Args<'_>, is_meant: impl Fn(&str) -> bool) -> Option<&[u8]> {
    pairs(args).into_iter().map(|(name, _)| name).find(|name| {
        let name = str::from_utf8(name).map(str::to_ascii_lowercase);
        name.is_ok_and(|name| is_meant(&name))
    })
}

fn is_of_machine(name: &str) -> bool {
    name.starts_with("tls-") || matches!(name, "port" | "bind" | "maxclients")
}

fn refusal(args: Args<'_>, obstacle: Obstacle) -> CommandError {
    let (is_meant, problem): (fn(&str) -> bool, _) = match obstacle {
        Obstacle::Tls => (|name| name.starts_with("tls-"), error::TLS_NOT_UPDATED.into()),
        Obstacle::Port => (|name| name == "port", error::PORT_NOT_TAKEN.into()),
        Obstacle::TlsPort => (|name| name == "tls-port", error::PORT_NOT_TAKEN.into()),
        Obstacle::Bind => (|name| name == "bind", error::ADDRESSES_NOT_BOUND.into()),
        Obstacle::Clients { fitting } => {
            (|name| name == "maxclients", error::too_many_clients(fitting))
        }
    };
    // An address and a port are tried together: either may be what was changed.
    let name = concerned(args, is_meant).or_else(|| concerned(args, is_of_machine));
    error::setting_refused(name.unwrap_or_default(), &problem)
}
