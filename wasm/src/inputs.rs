//! What JavaScript passes in, as `web/src/engine/types.ts` describes it.
//!
//! Read strictly: an object of another shape is an error that names what is
//! wrong, and the world stays as it is.

use redarium_core::sim;
use redarium_core::sim::ClientId;
use redarium_core::sim::LinkId;
use redarium_core::sim::NodeId;
use serde::Deserialize;

/// Numbers are doubles where JavaScript might pass more than 32 bits.
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

impl From<Input> for sim::Input {
    fn from(input: Input) -> Self {
        match input {
            Input::AddReplica { of } => Self::AddReplica { of: NodeId(of) },
            Input::OpenClient { node } => Self::OpenClient { node: NodeId(node) },
            Input::CloseClient { client } => Self::CloseClient { client: ClientId(client) },
            Input::Type { client, line } => {
                Self::Type { client: ClientId(client), line: one_line(line) }
            }
            Input::CutLink { link } => Self::CutLink { link: LinkId(link) },
            Input::HealLink { link } => Self::HealLink { link: LinkId(link) },
            Input::SetLatency { link, latency_us } => {
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
