//! What JavaScript passes in, as `web/src/engine/types.ts` describes it.
//!
//! Read strictly: an object of another shape is an error that names what is
//! wrong, and the world stays as it is.

use js_sys::Uint8Array;
use redarium_core::sim;
use redarium_core::sim::ClientId;
use redarium_core::sim::LinkId;
use redarium_core::sim::NodeId;
use serde::Deserialize;
use wasm_bindgen::JsCast;
use wasm_bindgen::JsValue;

/// Numbers are doubles where JavaScript might pass more than 32 bits.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WorldOptions {
    seed: f64,
    replicas: u32,
    latency_us: f64,
    chunk_bytes: Option<u32>,
    shape: Option<String>,
    settings: Option<String>,
}

impl WorldOptions {
    pub fn seed(&self) -> u64 {
        self.seed as u64
    }

    /// The world as it begins; `None` when there is no such shape, or a line is no setting.
    pub fn topology(&self) -> Option<sim::Topology> {
        let setting = |line: &str| {
            let (name, value) = line.split_once(' ')?;
            Some((name.to_owned(), value.to_owned()))
        };
        let settings = self.settings.as_deref().unwrap_or_default().lines();
        Some(sim::Topology {
            replicas: self.replicas,
            shape: sim::Shape::named(self.shape.as_deref().unwrap_or("replicas"))?,
            latency_us: self.latency_us as u64,
            chunk_bytes: self.chunk_bytes.map(|bytes| bytes as usize),
            settings: settings.map(setting).collect::<Option<_>>()?,
        })
    }
}

/// `Input`: its kind, and the fields that kind has. (One flat shape, since a tagged enum would have
/// serde hold every value before it knows the kind: a tenth of the module.)
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Input {
    kind: Kind,
    of: Option<u32>,
    node: Option<u32>,
    client: Option<u32>,
    link: Option<u32>,
    to: Option<u32>,
    line: Option<String>,
    latency_us: Option<f64>,
    jitter_us: Option<f64>,
    way: Option<String>,
    disk: Option<String>,
    by_ms: Option<f64>,
    full: Option<bool>,
    name: Option<String>,
    #[serde(default, with = "serde_wasm_bindgen::preserve")]
    bytes: JsValue,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Kind {
    AddNode,
    AddReplica,
    OpenClient,
    CloseClient,
    Interrupt,
    Type,
    CutLink,
    HealLink,
    StallLink,
    ResetLink,
    SetLatency,
    Crash,
    Restart,
    Pause,
    Resume,
    Promote,
    Attach,
    ShiftClock,
    SetDisk,
    DropFile,
}

impl Input {
    /// The input as the world takes it; `None` when it lacks a field of its kind.
    pub fn into_sim(self) -> Option<sim::Input> {
        use sim::Input as In;
        let node = self.node.map(NodeId);
        let client = self.client.map(ClientId);
        let link = self.link.map(LinkId);
        Some(match self.kind {
            Kind::AddNode => In::AddNode,
            Kind::AddReplica => In::AddReplica { of: self.of.map(NodeId)? },
            Kind::OpenClient => In::OpenClient { node: node? },
            Kind::CloseClient => In::CloseClient { client: client? },
            Kind::Interrupt => In::Interrupt { client: client? },
            Kind::Type => In::Type { client: client?, line: one_line(self.line?) },
            Kind::CutLink => {
                let way = sim::Cut::named(self.way.as_deref().unwrap_or_default())?;
                In::CutLink { link: link?, way }
            }
            Kind::HealLink => In::HealLink { link: link? },
            Kind::StallLink => In::StallLink { link: link? },
            Kind::ResetLink => In::ResetLink { link: link? },
            Kind::SetLatency => In::SetLatency {
                link: link?,
                latency_us: self.latency_us? as u64,
                jitter_us: self.jitter_us.unwrap_or(0.0) as u64,
            },
            Kind::Crash => In::Crash { node: node?, disk: sim::Unsynced::named(&self.disk?)? },
            Kind::Restart => In::Restart { node: node? },
            Kind::Pause => In::Pause { node: node? },
            Kind::Resume => In::Resume { node: node? },
            Kind::Promote => In::Promote { node: node? },
            Kind::Attach => In::Attach { node: node?, to: self.to.map(NodeId)? },
            Kind::ShiftClock => In::ShiftClock { node: node?, by_ms: self.by_ms? as i64 },
            Kind::SetDisk => In::SetDisk { node: node?, full: self.full? },
            Kind::DropFile => In::DropFile {
                node: node?,
                name: one_line(self.name?),
                bytes: self.bytes.dyn_into::<Uint8Array>().ok()?.to_vec(),
            },
        })
    }
}

/// A script holds one input a line, so a line that is typed holds no line end.
fn one_line(line: String) -> String {
    match line.contains(['\n', '\r']) {
        true => line.replace(['\n', '\r'], " "),
        false => line,
    }
}
