//! Transcripts as documents print them: what was typed at a prompt, and what came of it.
//!
//! ```text
//! redis> SET k v
//! OK
//! 127.0.0.1:6379> TTL k
//! (integer) -1
//! # advance 5s
//! # client other
//! > GET k
//! "v"
//! ```
//!
//! A line that begins with a prompt is a command; the lines behind it are what is expected. `...` stands for
//! what may vary: a part of a line, or, alone on one, any number of lines. A line `# client NAME` goes to another terminal,
//! made when it is first named, and what it was sent meanwhile is expected there; `# advance TIME` lets time
//! pass; `# seed`, `# replicas` and `# session` say what world to begin with. Any other line that begins with `#` is
//! a remark before the first command and output behind one, since INFO prints such lines.
//!
//! [`Player`] types a transcript's commands in a simulated world, so that what it prints depends on nothing else.

mod compare;
mod directive;
mod parse;
mod player;

pub use compare::matches;
pub use directive::Setup;
pub use directive::read_setup;
pub use parse::Action;
pub use parse::Step;
pub use parse::Transcript;
pub use player::Player;
