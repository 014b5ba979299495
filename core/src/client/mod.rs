//! The client's side of the protocol, without I/O: what redis-cli knows.
//!
//! [`Session`] is a prompt: typed lines become requests, replies become the
//! text redis-cli prints. [`Conversation`] reads along on a link between
//! nodes and says what the bytes mean. Nothing here depends on the node.

mod conversation;
mod decode;
mod follow;
mod print;
mod session;
mod value;

pub use crate::resp::quote;
pub use conversation::Conversation;
pub use conversation::Part;
pub use conversation::Reading;
pub use conversation::Subject;
pub use decode::DecodeError;
pub use decode::Decoder;
pub use print::print;
pub use print::print_push;
pub use print::print_raw;
pub use session::Output;
pub use session::Session;
pub use session::Typed;
pub use value::Value;
