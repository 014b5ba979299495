//! CONFIG and ROLE.

use super::ConnId;
use super::Node;
use super::primary;
use super::primary::ReplicaState;
use super::tally::Stats;
use crate::command::Outcome;
use crate::error;
use crate::error::CommandError;
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

    pub(super) fn config_reset_stat(&mut self, id: ConnId) -> Outcome {
        self.stats = Stats::default();
        self.store.reset_stats();
        self.meter.reset();
        self.reply(id, |reply| reply.ok());
        Ok(())
    }

    /// MODULE LOAD and UNLOAD fail; who may not even try is told so.
    pub(super) fn module_refusal(&self, id: ConnId, problem: CommandError) -> Outcome {
        let local = self.conns.find(id).is_some_and(|conn| conn.loopback);
        match self.config.enable_module_command.allows(local) {
            true => Err(problem),
            false => Err(error::MODULE_NOT_ALLOWED),
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
}
