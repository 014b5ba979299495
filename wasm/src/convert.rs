//! From the world's own types to the transfer types, and back.

use redarium_core::node::LogLevel;
use redarium_core::node::MasterLinkState;
use redarium_core::sim;
use redarium_core::sim::ClientId;
use redarium_core::sim::LinkId;
use redarium_core::sim::NodeId;

use crate::transfer;

impl From<transfer::Input> for sim::Input {
    fn from(input: transfer::Input) -> Self {
        match input {
            transfer::Input::AddReplica { of } => Self::AddReplica { of: NodeId(of) },
            transfer::Input::OpenClient { node } => Self::OpenClient { node: NodeId(node) },
            transfer::Input::CloseClient { client } => {
                Self::CloseClient { client: ClientId(client) }
            }
            transfer::Input::Type { client, line } => {
                Self::Type { client: ClientId(client), line: one_line(line) }
            }
            transfer::Input::CutLink { link } => Self::CutLink { link: LinkId(link) },
            transfer::Input::HealLink { link } => Self::HealLink { link: LinkId(link) },
            transfer::Input::SetLatency { link, latency_us } => {
                Self::SetLatency { link: LinkId(link), latency_us: latency_us as u64 }
            }
        }
    }
}

/// A script holds one input a line, so a line that is typed holds no line end.
fn one_line(line: String) -> String {
    match line.contains(['\n', '\r']) {
        true => line.replace(['\n', '\r'], " "),
        false => line,
    }
}

pub fn view<'a>(view: &'a sim::View<'a>) -> transfer::View<'a> {
    transfer::View {
        now_us: view.now_us as f64,
        wall_ms: view.wall_ms as f64,
        next_us: view.next_us.map(|at| at as f64),
        nodes: view.nodes.iter().map(node).collect(),
        links: view.links.iter().map(link).collect(),
        packets: view.packets.iter().map(|packet| packet_view(packet)).collect(),
        clients: view.clients.iter().map(client).collect(),
    }
}

/// Takes everything that has happened since the last call.
pub fn events(world: &mut sim::World) -> Vec<transfer::WorldEvent> {
    let mut events = Vec::new();
    while let Some(event) = world.poll_event() {
        let at_us = event.at_us as f64;
        // A packet no longer remembered is one nobody could look at.
        if let Some(what) = what(world, event.what) {
            events.push(transfer::WorldEvent { at_us, what });
        }
    }
    events
}

pub fn packet_detail(packet: &sim::Packet) -> transfer::PacketDetail<'_> {
    let parts = packet.parts.iter().map(|part| transfer::Part {
        start: part.start as u32,
        end: part.end as u32,
        meaning: &part.meaning,
    });
    transfer::PacketDetail {
        view: packet_view(packet),
        raw: transfer::Raw(&packet.raw),
        truncated: packet.bytes > packet.raw.len(),
        parts: parts.collect(),
        why: packet.why,
        offsets: packet
            .offsets
            .as_ref()
            .map(|range| transfer::Offsets { start: range.start as f64, end: range.end as f64 }),
    }
}

fn node(node: &sim::NodeView) -> transfer::NodeView<'_> {
    transfer::NodeView {
        id: node.id.0,
        address: &node.address,
        up: node.up,
        role: role(node.replica),
        master: node.master.as_deref(),
        master_link: node.master_link.map(master_link),
        replid: &node.replid,
        replid2: &node.replid2,
        offset: node.offset as f64,
        backlog: node.backlog.as_ref().map(backlog),
        replicas: node.replicas.iter().map(replica).collect(),
        keys: node.keys as f64,
        clients: node.clients as u32,
        blocked: node.blocked as u32,
    }
}

fn backlog(backlog: &sim::Backlog) -> transfer::Backlog {
    transfer::Backlog {
        first_offset: backlog.first_offset as f64,
        length: backlog.length as f64,
        size: backlog.size as f64,
    }
}

fn replica(replica: &sim::ReplicaView) -> transfer::ReplicaView<'_> {
    transfer::ReplicaView {
        address: &replica.address,
        state: replica.state,
        ack_offset: replica.ack_offset as f64,
    }
}

fn link(link: &sim::LinkView) -> transfer::LinkView {
    transfer::LinkView {
        id: link.id.0,
        from: link.from.0,
        to: link.to.0,
        latency_us: link.latency_us as f64,
        cut: link.cut,
    }
}

fn packet_view(packet: &sim::Packet) -> transfer::PacketView {
    transfer::PacketView {
        id: packet.id.0 as f64,
        link: packet.link.0,
        from: packet.from.0,
        to: packet.to.0,
        sent_us: packet.sent_us as f64,
        arrives_us: packet.arrives_us as f64,
        bytes: packet.bytes as f64,
        kind: packet_kind(packet.kind),
        label: packet.label.clone(),
    }
}

fn client(client: &sim::ClientView) -> transfer::ClientView<'_> {
    transfer::ClientView {
        id: client.id.0,
        node: client.node.0,
        prompt: &client.prompt,
        waiting: client.waiting,
        blocked_on: client.blocked_on,
    }
}

fn what(world: &sim::World, what: sim::What) -> Option<transfer::What> {
    use transfer::What;
    Some(match what {
        sim::What::Reply { client, text, is_error, elapsed_us } => {
            What::Reply { client: client.0, text, is_error, elapsed_us: elapsed_us as f64 }
        }
        sim::What::Push { client, text } => What::Push { client: client.0, text },
        sim::What::Disconnected { client, reason } => {
            What::Disconnected { client: client.0, reason }
        }
        sim::What::Log { node, level, text } => {
            What::Log { node: node.0, level: log_level(level), text }
        }
        sim::What::Packet { packet, fate } => {
            What::Packet { packet: packet_view(world.packet(packet)?), fate: self::fate(fate) }
        }
        sim::What::Command { node, source, text } => {
            What::Command { node: node.0, source: self::source(source), text }
        }
        sim::What::Link { link, change } => {
            What::Link { link: link.0, change: link_change(change) }
        }
        sim::What::Role { node, replica } => What::Role { node: node.0, role: role(replica) },
        sim::What::Expired { node, key } => What::Expired { node: node.0, key },
    })
}

fn role(replica: bool) -> &'static str {
    if replica { "replica" } else { "master" }
}

fn master_link(state: MasterLinkState) -> &'static str {
    match state {
        MasterLinkState::Connect => "connect",
        MasterLinkState::Connecting => "connecting",
        MasterLinkState::Handshake => "handshake",
        MasterLinkState::Sync => "sync",
        MasterLinkState::Connected => "connected",
    }
}

fn packet_kind(kind: sim::PacketKind) -> &'static str {
    match kind {
        sim::PacketKind::Connect => "connect",
        sim::PacketKind::Close => "close",
        sim::PacketKind::Handshake => "handshake",
        sim::PacketKind::Sync => "sync",
        sim::PacketKind::Rdb => "rdb",
        sim::PacketKind::Stream => "stream",
        sim::PacketKind::Ping => "ping",
        sim::PacketKind::Ack => "ack",
    }
}

fn fate(fate: sim::Fate) -> &'static str {
    match fate {
        sim::Fate::Sent => "sent",
        sim::Fate::Delivered => "delivered",
        sim::Fate::Lost => "lost",
    }
}

fn source(source: sim::Source) -> &'static str {
    match source {
        sim::Source::Client => "client",
        sim::Source::Replica => "replica",
        sim::Source::Master => "master",
    }
}

fn link_change(change: sim::LinkChange) -> &'static str {
    match change {
        sim::LinkChange::Cut => "cut",
        sim::LinkChange::Healed => "healed",
        sim::LinkChange::Latency => "latency",
    }
}

fn log_level(level: LogLevel) -> &'static str {
    match level {
        LogLevel::Debug => "debug",
        LogLevel::Verbose => "verbose",
        LogLevel::Notice => "notice",
        LogLevel::Warning => "warning",
    }
}
