//! What JavaScript and the world say to each other: the Rust half of `web/src/engine/types.ts`.
//!
//! A field is named the same on both sides. Numbers are doubles where JavaScript
//! might get more than 32 bits: times and offsets stay far below 2^53.

use serde::Deserialize;
use serde::Serialize;
use serde::Serializer;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WorldOptions {
    pub seed: f64,
    pub replicas: u32,
    pub latency_us: f64,
}

#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Input {
    AddReplica { of: u32 },
    OpenClient { node: u32 },
    CloseClient { client: u32 },
    Type { client: u32, line: String },
    CutLink { link: u32 },
    HealLink { link: u32 },
    SetLatency { link: u32, latency_us: f64 },
}

#[derive(Serialize)]
pub struct Frame<'a> {
    pub view: View<'a>,
    pub events: Vec<WorldEvent>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct View<'a> {
    pub now_us: f64,
    pub wall_ms: f64,
    pub next_us: Option<f64>,
    pub nodes: Vec<NodeView<'a>>,
    pub links: Vec<LinkView>,
    pub packets: Vec<PacketView>,
    pub clients: Vec<ClientView<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NodeView<'a> {
    pub id: u32,
    pub address: &'a str,
    pub up: bool,
    pub role: &'static str,
    pub master: Option<&'a str>,
    pub master_link: Option<&'static str>,
    pub replid: &'a str,
    pub replid2: &'a str,
    pub offset: f64,
    pub backlog: Option<Backlog>,
    pub replicas: Vec<ReplicaView<'a>>,
    pub keys: f64,
    pub clients: u32,
    pub blocked: u32,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Backlog {
    pub first_offset: f64,
    pub length: f64,
    pub size: f64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ReplicaView<'a> {
    pub address: &'a str,
    pub state: &'static str,
    pub ack_offset: f64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LinkView {
    pub id: u32,
    pub from: u32,
    pub to: u32,
    pub latency_us: f64,
    pub cut: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PacketView {
    pub id: f64,
    pub link: u32,
    pub from: u32,
    pub to: u32,
    pub sent_us: f64,
    pub arrives_us: f64,
    pub bytes: f64,
    pub kind: &'static str,
    pub label: String,
}

#[derive(Serialize)]
pub struct PacketDetail<'a> {
    #[serde(flatten)]
    pub view: PacketView,
    pub raw: Raw<'a>,
    pub truncated: bool,
    pub parts: Vec<Part<'a>>,
    pub why: &'static str,
    pub offsets: Option<Offsets>,
}

/// Bytes that arrive as a `Uint8Array`.
pub struct Raw<'a>(pub &'a [u8]);

impl Serialize for Raw<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(self.0)
    }
}

#[derive(Serialize)]
pub struct Part<'a> {
    pub start: u32,
    pub end: u32,
    pub meaning: &'a str,
}

#[derive(Serialize)]
pub struct Offsets {
    pub start: f64,
    pub end: f64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ClientView<'a> {
    pub id: u32,
    pub node: u32,
    pub prompt: &'a str,
    pub waiting: bool,
    pub blocked_on: Option<&'static str>,
}

/// Something that happened, and when.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct WorldEvent {
    pub at_us: f64,
    #[serde(flatten)]
    pub what: What,
}

#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum What {
    Reply { client: u32, text: String, is_error: bool, elapsed_us: f64 },
    Push { client: u32, text: String },
    Disconnected { client: u32, reason: &'static str },
    Log { node: u32, level: &'static str, text: String },
    Packet { packet: PacketView, fate: &'static str },
    Command { node: u32, source: &'static str, text: String },
    Link { link: u32, change: &'static str },
    Role { node: u32, role: &'static str },
    Expired { node: u32, key: String },
}
