//! What can be seen of a world at its present instant, for drawing it.

use super::action::Cut;
use super::client::Client;
use super::disk::FileView;
use super::host::Host;
use super::id::ClientId;
use super::id::LinkId;
use super::id::NodeId;
use super::link::Link;
use super::packet::Packet;
use super::world::World;
use crate::node::MasterLinkState;
use crate::node::Node;
use crate::resp::Protocol;
use crate::store::Entry;

/// A world at one instant. Borrowed where it can be: it is made once a frame.
pub struct View<'a> {
    pub now_us: u64,
    /// The wall clock, in milliseconds since 1970.
    pub wall_ms: i64,
    /// When the next thing happens by itself.
    pub next_us: Option<u64>,
    pub nodes: Vec<NodeView>,
    pub links: Vec<LinkView>,
    /// On their way, oldest first.
    pub packets: Vec<&'a Packet>,
    pub clients: Vec<ClientView>,
}

pub struct NodeView {
    pub id: NodeId,
    pub address: String,
    /// False once it was shut down or has crashed.
    pub up: bool,
    /// It is down by a crash.
    pub crashed: bool,
    /// Its process stands still.
    pub paused: bool,
    /// How far its wall clock is ahead of the world's.
    pub clock_shift_ms: i64,
    pub disk_full: bool,
    pub replica: bool,
    /// Of a replica: its master's address, as configured.
    pub master: Option<String>,
    pub master_link: Option<MasterLinkState>,
    pub replid: String,
    pub replid2: String,
    /// `master_repl_offset`.
    pub offset: u64,
    pub backlog: Option<Backlog>,
    /// Of a master: what it knows of each attached replica.
    pub replicas: Vec<ReplicaView>,
    pub keys: usize,
    pub clients: usize,
    pub blocked: usize,
}

/// The stretch of the stream that a master can send again.
pub struct Backlog {
    pub first_offset: u64,
    pub length: u64,
    pub size: u64,
}

pub struct ReplicaView {
    pub address: String,
    /// As INFO prints it.
    pub state: &'static str,
    pub ack_offset: u64,
}

pub struct LinkView {
    pub id: LinkId,
    pub from: NodeId,
    pub to: NodeId,
    pub latency_us: u64,
    pub jitter_us: u64,
    /// What is lost on the way, if anything.
    pub cut: Option<Cut>,
    /// Nothing arrives, and nothing is lost.
    pub stalled: bool,
}

pub struct ClientView {
    pub id: ClientId,
    pub node: NodeId,
    pub prompt: String,
    /// A request was sent whose reply has not come, or a stream is shown: nothing can be sent.
    pub waiting: bool,
    /// The command whose messages come in by themselves: MONITOR, SYNC, SUBSCRIBE.
    pub streams: Option<&'static str>,
    /// 2 or 3.
    pub protocol: u8,
    /// The command that blocks it.
    pub blocked_on: Option<String>,
}

impl World {
    /// What there is to see now.
    pub fn view(&self) -> View<'_> {
        View {
            now_us: self.now_us(),
            wall_ms: self.schedule.now().wall_ms(),
            next_us: self.next_event_at(),
            nodes: self.hosts.iter().map(Host::view).collect(),
            links: self.network.links().iter().map(Link::view).collect(),
            packets: self.recorder.packets.in_flight().collect(),
            clients: self.clients.iter().map(|(id, client)| self.client_view(id, client)).collect(),
        }
    }

    /// The keys of a node with their databases; none for a node that is not there.
    pub fn entries(&self, node: NodeId) -> impl Iterator<Item = (usize, &Entry)> {
        let host = self.host(node).filter(|host| host.up);
        host.into_iter().flat_map(|host| host.node.entries())
    }

    /// A node that is there and runs, for a closer look at it.
    pub fn look_at(&self, node: NodeId) -> Option<&Node> {
        self.host(node).filter(|host| host.up).map(|host| &host.node)
    }

    /// The files of a node's directory, by name; none for a node that is not there.
    pub fn files(&self, node: NodeId) -> impl Iterator<Item = FileView<'_>> {
        self.host(node).into_iter().flat_map(|host| host.disk.files())
    }

    /// The bytes of a file in a node's directory.
    pub fn file(&self, node: NodeId, name: &str) -> Option<&[u8]> {
        self.files(node).find(|file| file.name == name).map(|file| file.bytes)
    }

    fn client_view(&self, id: ClientId, client: &Client) -> ClientView {
        let host = self.host(client.node).filter(|host| host.up);
        ClientView {
            id,
            node: client.node,
            prompt: client.session.prompt(),
            waiting: client.session.is_waiting() || client.session.streams().is_some(),
            streams: client.session.streams().or(client.session.listens().then_some("SUBSCRIBE")),
            protocol: match client.session.protocol() {
                Protocol::Resp2 => 2,
                Protocol::Resp3 => 3,
            },
            blocked_on: host.and_then(|host| host.node.blocked_on(client.conn?)),
        }
    }
}

impl Link {
    fn view(&self) -> LinkView {
        let Self { id, ends: [from, to], latency_us, jitter_us, cut, stalled, .. } = *self;
        LinkView { id, from, to, latency_us, jitter_us, cut, stalled }
    }
}

impl Host {
    fn view(&self) -> NodeView {
        let view = self.node.view();
        let replicas = view.replicas.into_iter().map(|replica| ReplicaView {
            address: format!("{}:{}", replica.ip, replica.port),
            state: replica.state,
            ack_offset: replica.ack,
        });
        NodeView {
            id: self.id,
            address: self.id.address(),
            up: self.up,
            crashed: self.crashed,
            paused: self.paused,
            clock_shift_ms: self.clock_shift_us / 1000,
            disk_full: self.disk.is_full(),
            replica: view.master.is_some(),
            master: view.master.map(|(host, port)| format!("{host}:{port}")),
            master_link: view.master_link,
            replid: view.id.to_string(),
            replid2: view.previous_id.to_string(),
            offset: view.offset,
            backlog: view.backlog.map(|(first_offset, length, size)| Backlog {
                first_offset,
                length,
                size: size as u64,
            }),
            replicas: replicas.collect(),
            keys: view.keys,
            clients: view.clients,
            blocked: view.blocked,
        }
    }
}
