//! A server process for a test: started on a port and a directory of its own, killed at the end.
//!
//! What the process printed is shown when the test fails.

use std::fs;
use std::fs::File;
use std::fs::OpenOptions;
use std::io;
use std::path::Path;
use std::path::PathBuf;
use std::process::Child;
use std::process::Command;
use std::process::ExitStatus;
use std::process::Stdio;
use std::thread;
use std::time::Duration;
use std::time::Instant;

use tempfile::TempDir;

use crate::client::Client;
use crate::ports::Port;
use crate::program::Program;

/// How to start a server.
#[derive(Debug)]
pub struct Setup {
    program: Program,
    port: u16,
    /// Keeps the port from other tests.
    _reserved: Port,
    config_file: Option<String>,
    args: Vec<String>,
    environment: Vec<(String, String)>,
    open_files_max: Option<u64>,
    /// The file that is its standard input.
    input: Option<String>,
    dir: TempDir,
}

impl Setup {
    /// On a free port, in an empty directory, without save points.
    pub fn new(program: Program) -> Self {
        Self::bare(program).args(["--save", ""])
    }

    /// The same with nothing on the command line but the port.
    pub fn bare(program: Program) -> Self {
        let dir = TempDir::with_prefix("redarium-test-").expect("a temporary directory");
        let reserved = Port::reserve();
        let port = reserved.number();
        Self {
            program,
            port,
            _reserved: reserved,
            config_file: None,
            args: Vec::new(),
            environment: Vec::new(),
            open_files_max: None,
            input: None,
            dir,
        }
    }

    pub fn on_port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    pub fn args<I>(mut self, args: I) -> Self
    where
        I: IntoIterator<Item: Into<String>>,
    {
        self.args.extend(args.into_iter().map(Into::into));
        self
    }

    pub fn environment(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Gives it a file of its directory as standard input.
    pub fn input(mut self, name: &str) -> Self {
        self.input = Some(name.to_owned());
        self
    }

    /// Lets it have so many files and sockets open, whatever it asks for.
    pub fn open_files_max(mut self, count: u64) -> Self {
        self.open_files_max = Some(count);
        self
    }

    /// Names a file of its directory first on the command line.
    pub fn config_file(mut self, name: &str) -> Self {
        self.config_file = Some(name.to_owned());
        self
    }

    /// Starts it as a replica of the server at this port.
    pub fn replica_of(self, port: u16) -> Self {
        self.args(["--replicaof".to_owned(), format!("127.0.0.1 {port}")])
    }

    /// Lays a file into its directory.
    pub fn file(self, name: &str, contents: &[u8]) -> Self {
        if let Some(folder) = self.dir.path().join(name).parent() {
            fs::create_dir_all(folder).expect("a folder in the server's directory");
        }
        fs::write(self.dir.path().join(name), contents).expect("a file in the server's directory");
        self
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// Its directory, with all symbolic links followed, as the server itself names it.
    pub fn dir(&self) -> PathBuf {
        self.dir.path().canonicalize().expect("the server's directory")
    }

    /// Starts the process and returns at once.
    pub fn spawn(self) -> Server {
        let child = self.launch();
        Server { setup: self, child, status: None }
    }

    /// Starts the process and waits until it answers PING.
    pub fn start(self) -> Server {
        let mut server = self.spawn();
        server.await_ready();
        server
    }

    fn launch(&self) -> Child {
        let log = OpenOptions::new().create(true).append(true).open(self.log_path());
        let log: File = log.expect("a file for the log");
        let errors = log.try_clone().expect("a second handle of the log");
        let mut command = self.command();
        command.args(&self.config_file);
        command.args(["--port", &self.port.to_string()]);
        if self.program == Program::Redarium {
            command.args(["--http-port", "0"]);
        }
        command.args(&self.args);
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command.current_dir(self.dir.path());
        let input = self.input.as_ref().map(|name| File::open(self.dir.path().join(name)));
        command.stdin(input.map_or_else(Stdio::null, |file| file.expect("an input").into()));
        command.stdout(log).stderr(errors);
        command.spawn().unwrap_or_else(|error| {
            panic!("cannot start {}: {error}", self.program.path().display())
        })
    }

    /// The program, by way of a shell that limits it first if it has to be limited.
    fn command(&self) -> Command {
        let Some(count) = self.open_files_max else { return Command::new(self.program.path()) };
        let mut command = Command::new("sh");
        command.args(["-c", r#"ulimit -n "$0" && exec "$@""#, &count.to_string()]);
        command.arg(self.program.path());
        command
    }

    fn log_path(&self) -> PathBuf {
        self.dir.path().join("server.log")
    }
}

/// A running server.
#[derive(Debug)]
pub struct Server {
    setup: Setup,
    child: Child,
    status: Option<ExitStatus>,
}

impl Server {
    pub fn program(&self) -> Program {
        self.setup.program
    }

    pub fn port(&self) -> u16 {
        self.setup.port
    }

    /// The process's id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    pub fn dir(&self) -> PathBuf {
        self.setup.dir()
    }

    /// Path of a file in its directory.
    pub fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.setup.dir().join(name)
    }

    /// Memory in use, from the operating system; 0 where it does not say.
    pub fn resident_bytes(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = line.and_then(|line| line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok());
        kib.unwrap_or(0) * 1024
    }

    /// What it has printed so far.
    pub fn log(&self) -> String {
        let bytes = fs::read(self.setup.log_path()).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// A new connection.
    pub fn client(&self) -> Client {
        Client::connect(self.port()).unwrap_or_else(|error| {
            panic!("{} does not accept a connection: {error}", self.program())
        })
    }

    /// Waits until it answers PING and has loaded its data.
    pub fn await_ready(&mut self) {
        let exit = self.await_ready_or_exit();
        assert!(exit.is_none(), "{} ended at start: {exit:?}", self.program());
    }

    /// The same for a start that may fail; gives the status of a process that has ended.
    pub fn await_ready_or_exit(&mut self) -> Option<ExitStatus> {
        let start = Instant::now();
        while !self.is_ready() {
            if let Some(status) = self.poll_exit() {
                return Some(status);
            }
            assert!(start.elapsed() < PATIENCE, "{} does not answer PING", self.program());
            thread::sleep(TICK);
        }
        None
    }

    /// Sends a signal by name, without `SIG`.
    pub fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        let status = Command::new("kill").args(["-s", name, &pid]).status().expect("kill runs");
        assert!(status.success(), "cannot send {name}");
    }

    /// Waits for the process to end by itself.
    pub fn await_exit(&mut self) -> ExitStatus {
        let start = Instant::now();
        loop {
            if let Some(status) = self.poll_exit() {
                return status;
            }
            assert!(start.elapsed() < PATIENCE, "{} does not end", self.program());
            thread::sleep(TICK);
        }
    }

    /// Ends it at once, as a crash would, if it still runs.
    pub fn kill(&mut self) {
        if self.poll_exit().is_none() {
            self.child.kill().expect("kill");
            self.status = Some(self.child.wait().expect("the status of a child"));
        }
    }

    /// Starts the ended process again: same port, same directory, same arguments.
    pub fn restart(&mut self) {
        self.kill();
        self.child = self.setup.launch();
        self.status = None;
        self.await_ready();
    }

    /// Whether it is still running.
    pub fn is_alive(&mut self) -> bool {
        self.poll_exit().is_none()
    }

    fn is_ready(&self) -> bool {
        let pinged = Client::connect(self.port()).and_then(|mut client| client.try_call(&["PING"]));
        // A server that wants a password first is ready too.
        pinged.is_ok_and(|reply| reply.is_status("PONG") || format!("{reply:?}").contains("NOAUTH"))
    }

    fn poll_exit(&mut self) -> Option<ExitStatus> {
        if self.status.is_none() {
            self.status = self.child.try_wait().expect("the status of a child");
        }
        self.status
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
        if thread::panicking() {
            let log = self.log();
            let tail = log.len().saturating_sub(LOG_SHOWN_BYTES);
            let tail = log.char_indices().map(|(at, _)| at).find(|at| *at >= tail).unwrap_or(0);
            eprintln!(
                "--- log of {} on port {} ---\n{}",
                self.program(),
                self.port(),
                &log[tail..]
            );
        }
    }
}

/// Retries `attempt` until it holds.
///
/// # Panics
///
/// When it has not come to hold after some seconds; `what` says what was waited for.
pub fn eventually(what: &str, mut attempt: impl FnMut() -> bool) {
    let start = Instant::now();
    while !attempt() {
        assert!(start.elapsed() < PATIENCE, "waited in vain: {what}");
        thread::sleep(TICK);
    }
}

/// Says whether an error means that the other end is gone.
pub fn is_gone(error: &io::Error) -> bool {
    use io::ErrorKind::BrokenPipe;
    use io::ErrorKind::ConnectionAborted;
    use io::ErrorKind::ConnectionReset;
    use io::ErrorKind::UnexpectedEof;
    matches!(error.kind(), BrokenPipe | ConnectionAborted | ConnectionReset | UnexpectedEof)
}

const PATIENCE: Duration = Duration::from_secs(15);
const TICK: Duration = Duration::from_millis(5);
const LOG_SHOWN_BYTES: usize = 4000;
