//! Users and what they may do: passwords, selectors, and the rules that ACL SETUSER, an ACL file and
//! `user` lines are made of.
//!
//! Pure data. A rule is one word ([`User::apply`]); the words of a declaration are taken all or not
//! at all ([`Users::declare`]). What a user is prints as words that make the same user again. Whether
//! a command line is allowed is a question to a user ([`User::check`]), who asks their selectors: one
//! that allows the command, all its keys and all its channels is enough.
//!
//! Invariant: a rule is kept in the order it was given, and only while it still says something: a
//! later word about the same command or category takes an earlier one's place, as in Redis since 7.2.

mod access;
mod commands;
mod file;
mod log;
mod password;
mod rule;
mod selector;
mod user;
mod users;
mod words;

pub use access::Denial;
pub use access::DenialKind;
pub use log::Incident;
pub use log::Log;
pub use log::LogEntry;
pub use password::Digest;
pub use password::Secret;
pub use rule::Problem;
pub use selector::Selector;
pub use user::User;
pub use users::UserId;
pub use users::Users;
pub use words::Unmatched;
