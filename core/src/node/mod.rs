//! One node: connections, commands, replication and persistence, run in turns.

mod effect;
mod event;

pub use crate::config::LogLevel;
pub use effect::CloseReason;
pub use effect::ConnId;
pub use effect::DialId;
pub use effect::Effect;
pub use effect::Origin;
pub use effect::Progress;
pub use effect::StorageDone;
pub use effect::StorageId;
pub use effect::StorageOp;
pub use effect::Wakeup;
pub use event::Event;
pub use event::Events;
