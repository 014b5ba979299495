//! From the world's own types to JavaScript's objects.

use js_sys::Array;
use redarium_core::node::LogLevel;
use redarium_core::node::MasterLinkState;
use redarium_core::sim;
use redarium_core::sim::What;
use wasm_bindgen::JsValue;

use crate::objects;
use crate::objects::list_of;

pub fn view(view: &sim::View<'_>) -> JsValue {
    objects::view(
        view.now_us as f64,
        view.wall_ms as f64,
        view.next_us.map(|at| at as f64),
        list_of(&view.nodes, node),
        list_of(&view.links, link),
        list_of(&view.packets, |packet| self::packet(packet)),
        list_of(&view.clients, client),
    )
}

/// Takes everything that has happened since the last call.
pub fn events(world: &mut sim::World) -> JsValue {
    let events = Array::new();
    while let Some(event) = world.poll_event() {
        // A packet no longer remembered is one nobody could look at.
        if let Some(event) = self::event(world, event.at_us as f64, event.what) {
            events.push(&event);
        }
    }
    events.into()
}

pub fn files<'a>(files: impl Iterator<Item = sim::FileView<'a>>) -> JsValue {
    let list = Array::new();
    for file in files {
        let sim::FileView { name, bytes, synced } = file;
        list.push(&objects::file(name, bytes.len() as f64, synced as f64));
    }
    list.into()
}

pub fn line_hint(line: &sim::LineHint) -> JsValue {
    let parts = list_of(&line.hint.parts, |part| {
        let state = match part.state {
            sim::State::Done => "done",
            sim::State::Current => "current",
            sim::State::Ahead => "ahead",
        };
        objects::hint_part(&part.text, state)
    });
    let completions = list_of(&line.completions, |word| JsValue::from_str(word));
    objects::line_hint(&line.hint.name, line.hint.summary, parts, completions)
}

pub fn packet_detail(packet: &sim::Packet) -> JsValue {
    let parts = list_of(&packet.parts, |part| {
        objects::part(part.start as f64, part.end as f64, &part.meaning)
    });
    let offsets = match &packet.offsets {
        Some(range) => objects::offsets(range.start as f64, range.end as f64),
        None => JsValue::NULL,
    };
    let truncated = packet.bytes > packet.raw.len();
    let raw = packet.raw.to_vec();
    objects::detail(self::packet(packet), raw, truncated, parts, packet.why, offsets)
}

fn node(node: &sim::NodeView) -> JsValue {
    let backlog = match &node.backlog {
        Some(sim::Backlog { first_offset, length, size }) => {
            objects::backlog(*first_offset as f64, *length as f64, *size as f64)
        }
        None => JsValue::NULL,
    };
    let replicas = list_of(&node.replicas, |replica| {
        objects::replica(&replica.address, replica.state, replica.ack_offset as f64)
    });
    objects::node(
        node.id.0,
        &node.address,
        node.up,
        node.crashed,
        node.paused,
        node.clock_shift_ms as f64,
        node.disk_full,
        role(node.replica),
        node.master.as_deref(),
        node.master_link.map(master_link),
        &node.replid,
        &node.replid2,
        node.offset as f64,
        backlog,
        replicas,
        node.keys as f64,
        node.clients as f64,
        node.blocked as f64,
    )
}

fn link(link: &sim::LinkView) -> JsValue {
    objects::link(
        link.id.0,
        link.from.0,
        link.to.0,
        link.latency_us as f64,
        link.jitter_us as f64,
        link.cut.map(sim::Cut::name),
        link.stalled,
    )
}

fn packet(packet: &sim::Packet) -> JsValue {
    objects::packet(
        packet.id.0 as f64,
        packet.link.0,
        packet.from.0,
        packet.to.0,
        packet.sent_us as f64,
        packet.arrives_us as f64,
        packet.bytes as f64,
        packet_kind(packet.kind),
        &packet.label,
    )
}

fn client(client: &sim::ClientView) -> JsValue {
    objects::client(
        client.id.0,
        client.node.0,
        &client.prompt,
        client.waiting,
        client.blocked_on.as_deref(),
        client.streams,
        client.protocol,
    )
}

fn event(world: &sim::World, at: f64, what: What) -> Option<JsValue> {
    Some(match what {
        What::Reply { client, text, is_error, elapsed_us } => {
            objects::reply(at, client.0, &text, is_error, elapsed_us as f64)
        }
        What::Push { client, text } => objects::pushed(at, client.0, &text),
        What::Disconnected { client, reason } => objects::disconnected(at, client.0, reason),
        What::Wire { client, sent, head, bytes } => {
            objects::wire(at, client.0, sent, head, bytes as f64)
        }
        What::Log { node, level, text } => objects::log(at, node.0, log_level(level), &text),
        What::Packet { packet, fate } => {
            objects::sent(at, self::packet(world.packet(packet)?), self::fate(fate))
        }
        What::Command { node, source, text } => {
            objects::command(at, node.0, self::source(source), &text)
        }
        What::Link { link, change } => objects::link_change(at, link.0, link_change(change)),
        What::Node { node, change } => objects::node_change(at, node.0, node_change(change)),
        What::Role { node, replica } => objects::role_change(at, node.0, role(replica)),
        What::Expired { node, key } => objects::expired(at, node.0, &key),
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
        sim::LinkChange::Stalled => "stalled",
        sim::LinkChange::Reset => "reset",
    }
}

fn node_change(change: sim::NodeChange) -> &'static str {
    match change {
        sim::NodeChange::Crashed => "crashed",
        sim::NodeChange::Restarted => "restarted",
        sim::NodeChange::Paused => "paused",
        sim::NodeChange::Resumed => "resumed",
        sim::NodeChange::ClockShifted => "clockShifted",
        sim::NodeChange::DiskFull => "diskFull",
        sim::NodeChange::DiskFree => "diskFree",
    }
}

fn log_level(level: LogLevel) -> &'static str {
    match level {
        LogLevel::Debug => "debug",
        LogLevel::Verbose => "verbose",
        LogLevel::Notice => "notice",
        LogLevel::Warning | LogLevel::Nothing => "warning",
    }
}
