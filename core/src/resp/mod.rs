//! RESP, the Redis serialization protocol, in both directions.
//!
//! Requests are split in place ([`Splitter`]) and read through [`Args`], which
//! borrows the read buffer; replies are written straight into a connection's
//! output ([`Reply`]). Nothing here allocates per request.

mod args;
mod batch;
mod frame;
mod inline;
mod quote;
mod reply;
mod request;

pub use args::Args;
pub use args::OwnedArgs;
pub use batch::Batch;
pub use frame::FrameError;
pub use frame::FrameLimits;
pub use frame::Splitter;
pub use inline::split_words;
pub use quote::quote;
pub use reply::Protocol;
pub use reply::Reply;
pub use request::begin_request;
pub use request::write_arg;
pub use request::write_request;
