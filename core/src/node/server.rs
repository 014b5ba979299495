//! CONFIG, DEBUG and ROLE.

use super::ConnId;
use super::Node;
use super::conn::Waiting;
use super::primary;
use super::primary::ReplicaState;
use super::tally::Stats;
use crate::command::Outcome;
use crate::data::number;
use crate::error;
use crate::resp::Args;

impl Node {
    pub(super) fn config_get(&mut self, id: ConnId, args: Args<'_>) -> Outcome {
        let patterns: Vec<&[u8]> = args.iter().skip(2).collect();
        let settings = self.config.settings_matching(&patterns);
        self.reply(id, |reply| {
            reply.map(settings.len());
            for (name, value) in &settings {
                reply.bulk(name.as_bytes());
                reply.bulk(value.as_bytes());
            }
        });
        Ok(())
    }

    pub(super) fn config_set(&mut self, id: ConnId, args: Args<'_>) -> Outcome {
        if !args.len().is_multiple_of(2) {
            return Err(error::wrong_arity("config|set"));
        }
        let pairs: Vec<(&[u8], &[u8])> =
            (2..args.len()).step_by(2).map(|at| (args.at(at), args.at(at + 1))).collect();
        let local = self.conns.find(id).is_some_and(|conn| conn.loopback);
        let protected = self.config.enable_protected_configs.allows(local);
        self.config.apply(&pairs, protected)?;
        self.limits = self.config.data_limits(self.store.hasher());
        self.apply_memory_settings();
        self.meter.configure(&self.config);
        self.follow_timeout();
        if pairs.iter().any(|(name, _)| name.eq_ignore_ascii_case(b"maxmemory")) {
            self.warn_of_short_memory();
        }
        let backlog = usize::try_from(self.config.repl_backlog_size).unwrap_or(usize::MAX);
        self.feed.set_size_bytes(backlog);
        self.reply(id, |reply| reply.ok());
        Ok(())
    }

    pub(super) fn config_reset_stat(&mut self, id: ConnId) -> Outcome {
        self.stats = Stats::default();
        self.store.reset_stats();
        self.meter.reset();
        self.reply(id, |reply| reply.ok());
        Ok(())
    }

    pub(super) fn debug(&mut self, id: ConnId, args: Args<'_>) -> Outcome {
        let local = self.conns.find(id).is_some_and(|conn| conn.loopback);
        if !self.config.enable_debug_command.allows(local) {
            return Err(error::DEBUG_NOT_ALLOWED);
        }
        match (args.at(1).to_ascii_lowercase().as_slice(), args.len()) {
            (b"sleep", 3) => self.debug_sleep(id, args.at(2)),
            (b"set-active-expire", 3) => {
                self.timers.expiry_off = args.at(2) == b"0";
                self.reply(id, |reply| reply.ok());
                Ok(())
            }
            _ => Err(error::subcommand_syntax(args.at(1), "DEBUG")),
        }
    }

    pub(super) fn role(&mut self, id: ConnId) -> Outcome {
        let position = i64::try_from(self.feed.position()).unwrap_or(i64::MAX);
        if let Some(master) = &self.master {
            let (host, port) = (master.host.clone(), i64::from(master.port));
            let state = master.state.name();
            let position = if state == "connected" { position } else { -1 };
            self.reply(id, |reply| {
                reply.array(5);
                reply.bulk(b"slave");
                reply.bulk(host.as_bytes());
                reply.integer(port);
                reply.bulk(state.as_bytes());
                reply.integer(position);
            });
            return Ok(());
        }
        let online: Vec<(String, u16, u64)> = self
            .replicas
            .iter()
            .filter_map(|id| {
                let conn = self.conns.find(*id)?;
                let replica = conn.replica().filter(|r| r.state == ReplicaState::Online)?;
                let (ip, port) = primary::address(conn, replica);
                Some((ip, port, replica.ack))
            })
            .collect();
        self.reply(id, |reply| {
            reply.array(3);
            reply.bulk(b"master");
            reply.integer(position);
            reply.array(online.len());
            for (ip, port, ack) in &online {
                reply.array(3);
                reply.bulk(ip.as_bytes());
                reply.bulk(port.to_string().as_bytes());
                reply.bulk(ack.to_string().as_bytes());
            }
        });
        Ok(())
    }

    /// Redis stops as a whole; here the client alone waits, so that time can be watched passing.
    fn debug_sleep(&mut self, id: ConnId, seconds: &[u8]) -> Outcome {
        let sleep_us = number::parse_millionths(seconds).unwrap_or(0).clamp(0, SLEEP_US_MAX);
        let until = self.now.mono + sleep_us.unsigned_abs();
        self.meter.make_up(sleep_us.unsigned_abs());
        if let Some(conn) = self.conns.find_mut(id) {
            conn.waiting = Waiting::Sleep;
            self.timers.sleepers.push((until, id));
        }
        Ok(())
    }
}

/// A year: longer sleeps are a typing error.
const SLEEP_US_MAX: i64 = 31_536_000_000_000;
