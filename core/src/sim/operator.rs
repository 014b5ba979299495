//! An operator at a node's machine, who says REPLICAOF and leaves.

use bytes::BytesMut;

use super::event::What;
use super::host::Peer;
use super::id::NodeId;
use super::id::PORT;
use super::trace::Record;
use super::world::World;
use crate::config::MasterAddress;
use crate::node::LogLevel;
use crate::resp;

impl World {
    /// Makes a node a replica of another one, or a master, now and at its next start.
    pub(super) fn operate(&mut self, node: NodeId, master: Option<NodeId>) {
        let exists = master.is_none_or(|master| self.host(master).is_some());
        let Some(host) = self.host_mut(node).filter(|_| exists) else { return };
        let master = master.map(|master| MasterAddress { host: master.host(), port: PORT });
        let words = match &master {
            Some(master) => [master.host.clone(), master.port.to_string()],
            None => ["NO".into(), "ONE".into()],
        };
        host.config.replicaof = master;
        if !host.up {
            return;
        }
        let mut request = BytesMut::new();
        let [first, second] = &words;
        let words = ["REPLICAOF", first, second];
        resp::write_request(&mut request, words.iter().map(|word| word.as_bytes()));
        resp::write_request(&mut request, [&b"QUIT"[..]].into_iter());
        let now = self.now_at(node);
        let Some(host) = self.running(node) else { return };
        let conn = host.accept_local(Peer::Operator, now);
        host.typed.push((conn, request));
        self.go_on(node);
        self.settle(node);
    }

    /// An operator who is refused writes it down.
    pub(super) fn answer_operator(&mut self, node: NodeId, bytes: &[u8]) {
        self.note(Record::Output, bytes);
        if let Some(error) = bytes.strip_prefix(b"-") {
            let line = error.split(|byte| *byte == b'\r').next().unwrap_or_default();
            let text = format!("The operator was refused: {}", String::from_utf8_lossy(line));
            self.event(What::Log { node, level: LogLevel::Warning, text });
        }
    }
}
