//! The node's configuration: typed fields, and the table of settings they are read from.

/// What a node is told at its start and what CONFIG SET changes.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// Record every event, not only log lines. Not a setting: the shell's choice.
    pub observe: bool,
}
