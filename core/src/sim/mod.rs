//! A world: nodes, links between them, their disks and clients, under one virtual clock.
//!
//! ```text
//!  Input ->  World  -> View, Event, Packet      what a page draws and a test asserts
//!              |
//!    Host (Node, sockets, disk)  --Wire over a Link-->  Host ...
//! ```
//!
//! One seed and one [`Script`] of timed inputs reproduce every byte, natively
//! and in wasm; [`World::digest`] is the proof. The world does for its nodes
//! what a shell does for one: it carries bytes, keeps files, and wakes them.
//!
//! A link models TCP, which neither loses nor reorders within a connection.
//! Cutting one stops what runs over it, both ways or one way: nothing arrives, connecting
//! included, and neither end is told; each finds out by its own timeouts. What was on its way is
//! lost, so when the link heals, every connection that lost something is reset at both
//! ends, as by a firewall that has forgotten it, and connecting goes on. A
//! connection on which nothing was sent during the cut never learns of it. A link that
//! is stalled, and a process that stands still, only keep waiting what is sent.

mod action;
mod answer;
pub mod campaign;
mod client;
mod disk;
mod event;
mod fault;
mod hint;
mod host;
mod id;
mod life;
mod link;
mod network;
mod operator;
mod packet;
mod record;
mod schedule;
mod script;
mod trace;
mod turn;
mod view;
mod world;

pub use action::Cut;
pub use action::Input;
pub use action::Unsynced;
pub use disk::Disk;
pub use disk::FileView;
pub use event::Event;
pub use event::Fate;
pub use event::LinkChange;
pub use event::NodeChange;
pub use event::Source;
pub use event::What;
pub use hint::Hint;
pub use hint::LineHint;
pub use hint::Part;
pub use hint::State;
pub use hint::help;
pub use hint::hint_without_keys;
pub use hint::quoted;
pub use id::ClientId;
pub use id::LinkId;
pub use id::NodeId;
pub use id::PacketId;
pub use packet::Packet;
pub use packet::PacketKind;
pub use script::Script;
pub use script::ScriptError;
pub use script::Step;
pub use view::Backlog;
pub use view::ClientView;
pub use view::LinkView;
pub use view::NodeView;
pub use view::ReplicaView;
pub use view::View;
pub use world::Shape;
pub use world::Topology;
pub use world::World;

#[cfg(test)]
mod tests;
