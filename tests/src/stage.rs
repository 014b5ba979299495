//! Runs stages over TCP, or from a recorded conversation.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::io::Read;
use std::io::Write;
use std::net::Shutdown;
use std::net::TcpListener;
use std::net::TcpStream;
use std::path::Path;
use std::thread;
use std::time::Duration;
use std::time::Instant;

use redarium_core::stage::Action;
use redarium_core::stage::Direction;
use redarium_core::stage::Exchange;
use redarium_core::stage::Launch;
use redarium_core::stage::PATIENCE_MS;
use redarium_core::stage::Peer;
use redarium_core::stage::Place;
use redarium_core::stage::Report;
use redarium_core::stage::Run;
use redarium_core::stage::Sight;
use redarium_core::stage::Stage;

use crate::client::is_timeout;
use crate::program::Program;
use crate::server::Server;
use crate::server::Setup;

/// A stage that was run, with what is needed to run it again from the record.
#[derive(Debug)]
pub struct Outcome {
    pub place: Place,
    pub report: Report,
    /// What the target printed, where it was started here.
    pub log: String,
}

/// Runs a stage against a program that it starts itself.
pub fn run(stage: &'static Stage, program: Program, seed: u64) -> Outcome {
    let setup = Setup::bare(program);
    let (port, dir) = (setup.port(), setup.dir().to_string_lossy().into_owned());
    Driver::new(Target::Ready(setup), PATIENCE_MS).run(stage, port, dir, seed)
}

/// Runs a stage against whatever listens at this port.
pub fn run_against(stage: &'static Stage, port: u16, seed: u64, patience_ms: u64) -> Outcome {
    Driver::new(Target::Foreign, patience_ms).run(stage, port, String::new(), seed)
}

/// Runs a stage against the recorded messages of an earlier run with the same seed. Time passes
/// whenever the record has nothing more for the step at hand.
pub fn replay(stage: &'static Stage, place: &Place, seed: u64, record: &[Exchange]) -> Report {
    let mut run = Run::new(stage, place.clone(), seed);
    let received = record.iter().filter(|exchange| exchange.direction == Direction::FromTarget);
    let mut received = received.peekable();
    let mut now_ms = 0;
    loop {
        match run.poll_action(now_ms) {
            Action::Finish => return run.report(),
            Action::Start(_) | Action::Open { .. } | Action::Accept { .. } => run.handle_done(),
            Action::Close(_) | Action::Send(..) => run.handle_done(),
            Action::Sleep { until_ms } => {
                now_ms = until_ms;
                run.handle_timeout();
            }
            Action::Look { .. } => {
                let due = |next: &&Exchange| next.step == run.step() && next.peer == Peer::Disk;
                run.handle_sight(match received.next_if(due) {
                    Some(next) if next.bytes == b"(a folder)" => Sight::Folder,
                    Some(next) => Sight::File(next.bytes.clone()),
                    None => {
                        now_ms += PATIENCE_MS;
                        Sight::Nothing
                    }
                });
            }
            Action::Receive { peer, until_ms } => {
                let due = |next: &&Exchange| next.step == run.step() && next.peer == peer;
                match received.next_if(due) {
                    Some(next) => run.handle_bytes(peer, &next.bytes),
                    None => {
                        now_ms = until_ms;
                        run.handle_timeout();
                    }
                }
            }
        }
    }
}

fn look(path: &Path) -> Sight {
    match fs::read(path) {
        Ok(bytes) => Sight::File(bytes),
        Err(_) if path.is_dir() => Sight::Folder,
        Err(_) => Sight::Nothing,
    }
}

enum Target {
    Ready(Setup),
    Running(Server),
    Foreign,
}

struct Driver {
    target: Target,
    listener: TcpListener,
    streams: BTreeMap<Peer, TcpStream>,
    origin: Instant,
    patience_ms: u64,
}

impl Driver {
    fn new(target: Target, patience_ms: u64) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        let origin = Instant::now();
        Self { target, listener, streams: BTreeMap::new(), origin, patience_ms }
    }

    fn run(mut self, stage: &'static Stage, port: u16, dir: String, seed: u64) -> Outcome {
        let master_port = self.listener.local_addr().expect("the listener's address").port();
        let place = Place { port, dir, master_port };
        let mut run = Run::new(stage, place.clone(), seed).with_patience_ms(self.patience_ms);
        loop {
            let action = run.poll_action(self.now_ms());
            if action == Action::Finish {
                let log = match &self.target {
                    Target::Running(server) => server.log(),
                    _ => String::new(),
                };
                return Outcome { place, report: run.report(), log };
            }
            if let Err(error) = self.perform(&mut run, action) {
                run.handle_failed(&error.to_string());
            }
        }
    }

    fn perform(&mut self, run: &mut Run, action: Action) -> io::Result<()> {
        match action {
            Action::Start(launch) => self.start(launch),
            Action::Open { peer, until_ms } => {
                let stream =
                    self.retry(until_ms, |_| TcpStream::connect(("127.0.0.1", run.place().port)))?;
                self.keep(peer, stream)?;
            }
            Action::Accept { peer, until_ms } => {
                self.listener.set_nonblocking(true)?;
                let (stream, _) = self.retry(until_ms, |driver| driver.listener.accept())?;
                stream.set_nonblocking(false)?;
                self.keep(peer, stream)?;
            }
            Action::Close(peer) => {
                if let Some(stream) = self.streams.remove(&peer) {
                    // The target may have been faster.
                    let _ = stream.shutdown(Shutdown::Both);
                }
            }
            Action::Send(peer, bytes) => self.stream(peer)?.write_all(&bytes)?,
            Action::Receive { peer, until_ms } => return self.receive(run, peer, until_ms),
            Action::Look { name } => {
                run.handle_sight(look(&Path::new(&run.place().dir).join(name)));
                return Ok(());
            }
            Action::Sleep { until_ms } => {
                thread::sleep(self.left(until_ms));
                run.handle_timeout();
                return Ok(());
            }
            Action::Finish => return Ok(()),
        }
        run.handle_done();
        Ok(())
    }

    fn start(&mut self, launch: Launch) {
        let target = std::mem::replace(&mut self.target, Target::Foreign);
        if let Target::Ready(setup) = target {
            let setup = setup.args(launch.args);
            let setup =
                launch.files.iter().fold(setup, |setup, (name, file)| setup.file(name, file));
            self.target = Target::Running(setup.spawn());
        }
    }

    fn receive(&mut self, run: &mut Run, peer: Peer, until_ms: u64) -> io::Result<()> {
        let left = self.left(until_ms);
        if left.is_zero() {
            run.handle_timeout();
            return Ok(());
        }
        let mut chunk = [0; 16 * 1024];
        let mut stream = self.stream(peer)?;
        stream.set_read_timeout(Some(left))?;
        match stream.read(&mut chunk) {
            Ok(0) => run.handle_closed(peer),
            Ok(len) => run.handle_bytes(peer, &chunk[..len]),
            Err(error) if is_timeout(&error) => run.handle_timeout(),
            Err(error) if error.kind() == io::ErrorKind::ConnectionReset => run.handle_closed(peer),
            Err(error) => return Err(error),
        }
        Ok(())
    }

    fn retry<T>(&self, until_ms: u64, attempt: impl Fn(&Self) -> io::Result<T>) -> io::Result<T> {
        loop {
            let result = attempt(self);
            if result.is_ok() || self.left(until_ms).is_zero() {
                return result;
            }
            thread::sleep(Duration::from_millis(5));
        }
    }

    fn keep(&mut self, peer: Peer, stream: TcpStream) -> io::Result<()> {
        stream.set_nodelay(true)?;
        self.streams.insert(peer, stream);
        Ok(())
    }

    fn stream(&self, peer: Peer) -> io::Result<&TcpStream> {
        self.streams.get(&peer).ok_or_else(|| io::ErrorKind::NotConnected.into())
    }

    fn now_ms(&self) -> u64 {
        u64::try_from(self.origin.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn left(&self, until_ms: u64) -> Duration {
        Duration::from_millis(until_ms.saturating_sub(self.now_ms()))
    }
}
