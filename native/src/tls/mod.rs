//! TLS: what the settings say about it, and connections that speak it.
//!
//! `settings` turns files and names into what a handshake needs, `session` carries bytes. Both
//! directions of replication are served: clients that come, and masters that are dialed.

mod certificates;
mod ciphers;
mod session;
mod settings;

pub use session::Reader;
pub use session::Stream;
pub use session::Writer;
pub use settings::Tls;
