//! What a run asks of its driver.

use super::spec::Peer;

/// Where the target runs.
#[derive(Clone, Debug)]
pub struct Place {
    pub port: u16,
    /// The directory the target works in.
    pub dir: String,
    /// Where the checker listens when it plays the master.
    pub master_port: u16,
}

/// One thing for the driver to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Start the target, then `handle_done`. It need not be ready for connections yet.
    Start(Launch),
    /// Connect to the target, trying again until `until_ms`; then `handle_done`.
    Open { peer: Peer, until_ms: u64 },
    /// Wait until `until_ms` for the target to connect to its master; then `handle_done`.
    Accept { peer: Peer, until_ms: u64 },
    /// Close the connection; then `handle_done`.
    Close(Peer),
    /// Send these bytes; then `handle_done`.
    Send(Peer, Vec<u8>),
    /// Wait for bytes or for the end of this connection; `handle_timeout` at `until_ms`.
    Receive { peer: Peer, until_ms: u64 },
    /// See what there is under this name in the target's directory; then `handle_sight`.
    Look { name: String },
    /// `handle_timeout` at `until_ms`.
    Sleep { until_ms: u64 },
    /// The run is over: see [`Run::report`].
    Finish,
}

/// What there is under a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sight {
    Nothing,
    Folder,
    File(Vec<u8>),
}

/// How to start the target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Launch {
    /// Arguments beyond the port.
    pub args: Vec<String>,
    /// Names within the target's directory, and contents.
    pub files: Vec<(String, Vec<u8>)>,
    /// Whether the target will connect to the checker, which must listen before the start.
    pub listen: bool,
}
