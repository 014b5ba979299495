//! The values behind keys: structures that know nothing of commands.

pub mod number;
