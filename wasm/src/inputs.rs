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
    line: Option<String>,
    latency_us: Option<f64>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Kind {
    AddReplica,
    OpenClient,
    CloseClient,
    Type,
    CutLink,
    HealLink,
    SetLatency,
}

impl Input {
    /// The input as the world takes it; `None` when it lacks a field of its kind.
    pub fn into_sim(self) -> Option<sim::Input> {
        let node = self.node.map(NodeId);
        let client = self.client.map(ClientId);
        let link = self.link.map(LinkId);
        Some(match self.kind {
            Kind::AddReplica => sim::Input::AddReplica { of: self.of.map(NodeId)? },
            Kind::OpenClient => sim::Input::OpenClient { node: node? },
            Kind::CloseClient => sim::Input::CloseClient { client: client? },
            Kind::Type => sim::Input::Type { client: client?, line: one_line(self.line?) },
            Kind::CutLink => sim::Input::CutLink { link: link? },
            Kind::HealLink => sim::Input::HealLink { link: link? },
            Kind::SetLatency => {
                sim::Input::SetLatency { link: link?, latency_us: self.latency_us? as u64 }
            }
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
