//! The handshake of a replica: who we are, what we ask for, and what the master answers.

use bytes::BytesMut;

use super::LinkState;
use crate::node::ConnId;
use crate::node::LogLevel;
use crate::node::Node;
use crate::replication::HandshakeError;
use crate::replication::HandshakeStep;
use crate::replication::Introduction;
use crate::replication::ReplicationId;
use crate::replication::SyncRequest;

impl Node {
    pub(super) fn introduction(&self) -> Introduction {
        let some = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
        Introduction {
            listening_port: match self.config.replica_announce_port {
                0 if self.config.tls_replication && self.config.tls_port > 0 => {
                    self.config.tls_port
                }
                0 => self.config.port,
                port => port,
            },
            announce_ip: some(&self.config.replica_announce_ip),
            user: some(&self.config.masteruser),
            password: some(&self.config.masterauth),
            hands_over: self.failover.as_ref().is_some_and(|failover| failover.hands_over),
        }
    }

    pub(super) fn sync_request(&self) -> SyncRequest {
        match &self.master {
            Some(master) if master.resumable => {
                SyncRequest { id: Some(self.feed.history.id), position: Some(self.feed.position()) }
            }
            _ => SyncRequest::FULL,
        }
    }

    pub(super) fn handle_handshake_line(&mut self, id: ConnId, line: &[u8]) {
        let Some(master) = &mut self.master else { return };
        let LinkState::Talking { handshake, .. } = &mut master.state else { return };
        let Some(conn) = self.conns.find_mut(id) else { return };
        let step = handshake.handle_line(line, conn.outbox.replies());
        self.mark_dirty(id);
        match step {
            Ok(HandshakeStep::Continues) => {}
            Ok(HandshakeStep::SettingRefused { setting, reply }) => self.log(
                LogLevel::Notice,
                format!("(Non critical) Master does not understand {setting}: {reply}"),
            ),
            Ok(HandshakeStep::Full { id: history, position }) => {
                self.log(
                    LogLevel::Notice,
                    format!("Full resync from master: {history}:{position}"),
                );
                self.await_payload(id, history, position);
                self.end_failover(true);
            }
            Ok(HandshakeStep::Legacy) => {
                self.log(LogLevel::Notice, "Retrying with SYNC...");
                let history = ReplicationId::random(&mut self.rng);
                self.await_payload(id, history, 0);
            }
            Ok(HandshakeStep::Partial { id: history }) => {
                self.continue_with(id, history);
                self.end_failover(true);
            }
            Err(error) => {
                let reason = explain(&error);
                self.abandon_sync(&reason);
                if error.is_about_psync() {
                    self.end_failover(false);
                }
            }
        }
    }

    fn await_payload(&mut self, conn: ConnId, id: ReplicationId, position: u64) {
        if let Some(master) = &mut self.master {
            master.state = LinkState::Awaiting { conn, id, position };
        }
    }

    /// `+CONTINUE`: the stream goes on from where we are, maybe under a new id.
    fn continue_with(&mut self, conn: ConnId, history: Option<ReplicationId>) {
        let position = self.feed.position();
        self.log(LogLevel::Notice, "Successful partial resynchronization with master.");
        if let Some(id) = history.filter(|id| *id != self.feed.history.id) {
            self.feed.history.branch(id, position);
            self.log(LogLevel::Notice, format!("Master replication ID changed to {id}"));
            self.drop_replicas();
        }
        self.feed.open(usize::try_from(self.config.repl_backlog_size).unwrap_or(usize::MAX));
        self.connected(conn, None);
        self.log(
            LogLevel::Notice,
            "MASTER <-> REPLICA sync: Master accepted a Partial Resynchronization.",
        );
    }
}

/// The next line of the handshake, without its line end.
pub(in crate::node) fn take_line(buffer: &mut BytesMut) -> Option<BytesMut> {
    let newline = memchr::memchr(b'\n', buffer)?;
    let mut line = buffer.split_to(newline + 1);
    let len = line.trim_ascii_end().len();
    line.truncate(len);
    Some(line)
}

fn explain(error: &HandshakeError) -> String {
    match error {
        HandshakeError::Ping(line) => format!("Error reply to PING from master: '{line}'"),
        HandshakeError::Auth(line) => format!("Unable to AUTH to MASTER: {line}"),
        HandshakeError::TryLater(line) => {
            format!("Master is currently unable to PSYNC but should be in the future: {line}")
        }
        HandshakeError::Refused(line) => format!("The replica refused to take over: {line}"),
        HandshakeError::BadFullResync(line) => {
            format!("Master replied with wrong +FULLRESYNC syntax: {line}")
        }
        HandshakeError::BadContinue(line) => {
            format!("Master replied with wrong +CONTINUE syntax: {line}")
        }
        HandshakeError::Unexpected(line) => {
            format!("Unexpected reply to PSYNC from master: {line}")
        }
    }
}
