//! The commands the node carries out itself, each by the method of its own room.

use super::ConnId;
use super::Node;
use super::pubsub::Kind;
use crate::command::Outcome;
use crate::command::spec::NodeCommand;
use crate::resp::Args;

impl Node {
    pub(super) fn dispatch(&mut self, command: NodeCommand, id: ConnId, args: Args<'_>) -> Outcome {
        match command {
            NodeCommand::Auth => self.auth(id, args),
            NodeCommand::BgSave => self.bgsave(id, args),
            NodeCommand::ClientGetName => self.client_get_name(id),
            NodeCommand::ClientId => self.client_id(id),
            NodeCommand::ClientInfo => self.client_info(id),
            NodeCommand::ClientKill => self.client_kill(id, args),
            NodeCommand::ClientList => self.client_list(id, args),
            NodeCommand::ClientNoEvict => self.client_no_evict(id, args),
            NodeCommand::ClientNoTouch => self.client_no_touch(id, args),
            NodeCommand::ClientPause => self.client_pause(id, args),
            NodeCommand::ClientReply => self.client_reply(id, args),
            NodeCommand::ClientSetInfo => self.client_set_info(id, args),
            NodeCommand::ClientSetName => self.client_set_name(id, args),
            NodeCommand::ClientUnblock => self.client_unblock(id, args),
            NodeCommand::ClientUnpause => self.client_unpause(id),
            NodeCommand::ConfigGet => self.config_get(id, args),
            NodeCommand::ConfigResetStat => self.config_reset_stat(id),
            NodeCommand::ConfigSet => self.config_set(id, args),
            NodeCommand::Debug => self.debug(id, args),
            NodeCommand::Discard => self.discard(id),
            NodeCommand::Exec => self.exec(id),
            NodeCommand::Failover => self.failover(id, args),
            NodeCommand::Hello => self.hello(id, args),
            NodeCommand::Info => self.info(id, args),
            NodeCommand::LastSave => self.last_save(id),
            NodeCommand::LatencyDoctor => self.latency_doctor(id),
            NodeCommand::LatencyGraph => self.latency_graph(id, args),
            NodeCommand::LatencyHistogram => self.latency_histogram(id, args),
            NodeCommand::LatencyHistory => self.latency_history(id, args),
            NodeCommand::LatencyLatest => self.latency_latest(id),
            NodeCommand::LatencyReset => self.latency_reset(id, args),
            NodeCommand::Migrate => self.migrate(id, args),
            NodeCommand::Monitor => self.monitor(id),
            NodeCommand::Multi => self.multi(id),
            NodeCommand::Ping => self.ping(id, args),
            NodeCommand::PSubscribe => self.subscribe(id, Kind::Pattern, args),
            NodeCommand::PUnsubscribe => self.unsubscribe(id, Kind::Pattern, args),
            NodeCommand::Psync => self.psync(id, args),
            NodeCommand::PubSubChannels => self.pubsub_channels(id, Kind::Channel, args),
            NodeCommand::PubSubNumPat => self.pubsub_numpat(id),
            NodeCommand::PubSubNumSub => self.pubsub_numsub(id, Kind::Channel, args),
            NodeCommand::PubSubShardChannels => self.pubsub_channels(id, Kind::ShardChannel, args),
            NodeCommand::PubSubShardNumSub => self.pubsub_numsub(id, Kind::ShardChannel, args),
            NodeCommand::Publish => self.publish_command(id, Kind::Channel, args),
            NodeCommand::Quit => self.quit(id),
            NodeCommand::ReplConf => self.replconf(id, args),
            NodeCommand::ReplicaOf => self.replicaof(id, args),
            NodeCommand::Reset => self.reset(id),
            NodeCommand::Role => self.role(id),
            NodeCommand::SPublish => self.publish_command(id, Kind::ShardChannel, args),
            NodeCommand::SSubscribe => self.subscribe(id, Kind::ShardChannel, args),
            NodeCommand::SUnsubscribe => self.unsubscribe(id, Kind::ShardChannel, args),
            NodeCommand::Save => self.save(id),
            NodeCommand::Select => self.select(id, args),
            NodeCommand::Shutdown => self.shutdown(id, args),
            NodeCommand::Subscribe => self.subscribe(id, Kind::Channel, args),
            NodeCommand::SlowLogGet => self.slowlog_get(id, args),
            NodeCommand::SlowLogLen => self.slowlog_len(id),
            NodeCommand::SlowLogReset => self.slowlog_reset(id),
            NodeCommand::Sync => self.sync(id),
            NodeCommand::Unsubscribe => self.unsubscribe(id, Kind::Channel, args),
            NodeCommand::Unwatch => self.unwatch(id),
            NodeCommand::Wait => self.wait(id, args),
            NodeCommand::Watch => self.watch(id, args),
        }
    }
}
