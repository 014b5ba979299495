//! A server under measurement: started on a free port, pinned, killed when dropped.

use std::{
    ffi::OsString,
    fs,
    io::{Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use core_affinity::CoreId;

use crate::workspace;

/// The two programs that are compared, and where they run.
pub struct Servers {
    pub redis: PathBuf,
    pub redarium: PathBuf,
    pub core: CoreId,
}

impl Servers {
    pub fn redis(&self) -> Result<Server> {
        Server::start("redis", &self.redis, &[], self.core)
    }

    pub fn redarium(&self) -> Result<Server> {
        Server::start("redarium", &self.redarium, &["--http-port", "0"], self.core)
    }

    /// One of several, to replicate with: `name` is its folder's.
    pub fn redis_at(&self, name: &'static str, core: CoreId) -> Result<Server> {
        Server::start(name, &self.redis, AT_ONCE, core)
    }

    pub fn redarium_at(&self, name: &'static str, core: CoreId) -> Result<Server> {
        Server::start(name, &self.redarium, &[AT_ONCE, &["--http-port", "0"]].concat(), core)
    }

    /// Redis and Redarium with these settings.
    pub fn both(&self, settings: &[&str]) -> Result<[Server; 2]> {
        let own = [settings, &["--http-port", "0"]].concat();
        let redis = Server::start("redis", &self.redis, settings, self.core)?;
        Ok([redis, Server::start("redarium", &self.redarium, &own, self.core)?])
    }
}

pub struct Server {
    pub address: SocketAddr,
    name: &'static str,
    binary: PathBuf,
    folder: PathBuf,
    arguments: Vec<OsString>,
    core: CoreId,
    child: Child,
}

impl Server {
    /// Starts without persistence and waits until it answers.
    fn start(name: &'static str, binary: &Path, arguments: &[&str], core: CoreId) -> Result<Self> {
        let address = free_address()?;
        let port = address.port().to_string();
        let folder = workspace::target().join("xtask/bench").join(name);
        fs::create_dir_all(&folder)?;
        // What another run saved is none of this one's.
        let _ = fs::remove_file(folder.join(DUMP));
        let _ = fs::remove_dir_all(folder.join(LOG_FOLDER));
        let mut all: Vec<OsString> =
            ["--port", &port, "--save", "", "--appendonly", "no", "--dir"].map(Into::into).into();
        all.push(folder.clone().into());
        all.extend(arguments.iter().map(OsString::from));
        let child = spawn(binary, &all, core)?;
        let binary = binary.into();
        let mut server = Self { address, name, binary, folder, arguments: all, core, child };
        server.wait_until_ready()?;
        Ok(server)
    }

    /// Ends the server and starts it again; how long that took until it answered.
    pub fn restart(&mut self) -> Result<Duration> {
        self.child.kill()?;
        self.child.wait()?;
        let start = Instant::now();
        self.child = spawn(&self.binary, &self.arguments, self.core)?;
        self.wait_until_ready()?;
        Ok(start.elapsed())
    }

    /// Where SAVE writes to.
    pub fn dump(&self) -> PathBuf {
        self.folder.join(DUMP)
    }

    pub fn name(&self) -> &'static str {
        self.name
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    pub fn version(&self) -> Result<String> {
        let output = Command::new(&self.binary).arg("--version").output()?;
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }

    /// Processor time of all threads so far, user and system.
    pub fn cpu_time(&self) -> Result<Duration> {
        let path = format!("/proc/{}/stat", self.pid());
        let stat = fs::read_to_string(&path)
            .with_context(|| format!("cannot read {path} (the bench needs Linux)"))?;
        let ticks = parse_stat(&stat).with_context(|| format!("{path} looks unfamiliar"))?;
        Ok(TICK.saturating_mul(ticks))
    }

    /// Time in which threads of the server could have run but had no core so far.
    pub fn run_delay(&self) -> Result<Duration> {
        let tasks = fs::read_dir(format!("/proc/{}/task", self.pid()))?;
        tasks.map(|task| run_delay(&task?.path().join("schedstat"))).sum()
    }

    /// Memory that is the process's own or shared, and in the machine's.
    pub fn resident_bytes(&self) -> Result<u64> {
        let path = format!("/proc/{}/status", self.pid());
        let status = fs::read_to_string(&path)
            .with_context(|| format!("cannot read {path} (the bench needs Linux)"))?;
        parse_status(&status).with_context(|| format!("{path} looks unfamiliar"))
    }

    /// Memory of the process and of its children; what several share is counted in parts.
    pub fn proportional_bytes(&self) -> Result<u64> {
        let own = proportional_bytes(self.pid())?
            .with_context(|| format!("{} is gone (or this is no Linux)", self.name))?;
        let children = format!("/proc/{0}/task/{0}/children", self.pid());
        let children = fs::read_to_string(children).unwrap_or_default();
        let children = children.split_whitespace().filter_map(|pid| pid.parse().ok());
        // A child that has just ended has nothing left.
        children
            .map(|pid| Ok(proportional_bytes(pid)?.unwrap_or(0)))
            .try_fold(own, |sum, bytes| bytes.map(|bytes: u64| sum + bytes))
    }

    fn wait_until_ready(&mut self) -> Result<()> {
        let deadline = Instant::now() + Duration::from_secs(10);
        while Instant::now() < deadline {
            if let Some(status) = self.child.try_wait()? {
                bail!("{} ended at once ({status})", self.name);
            }
            if answers(self.address).unwrap_or(false) {
                return Ok(());
            }
            thread::sleep(Duration::from_millis(1));
        }
        bail!("{} does not answer PING at {}", self.name, self.address)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Nothing to save and nobody to tell: the measurement is over.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn spawn(binary: &Path, arguments: &[OsString], core: CoreId) -> Result<Child> {
    let mut command = Command::new(binary);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null());
    spawn_on(core, &mut command).with_context(|| format!("cannot start {}", binary.display()))
}

/// As [`Server::run_delay`], of the thread that asks.
pub fn own_run_delay() -> Result<Duration> {
    run_delay(Path::new("/proc/thread-self/schedstat"))
}

fn run_delay(path: &Path) -> Result<Duration> {
    let text = fs::read_to_string(path)
        .with_context(|| format!("cannot read {} (the bench needs Linux)", path.display()))?;
    let nanoseconds = text.split_whitespace().nth(1).and_then(|word| word.parse().ok());
    let looks_known = || format!("{} looks unfamiliar", path.display());
    Ok(Duration::from_nanos(nanoseconds.with_context(looks_known)?))
}

/// A child inherits the core of the thread that starts it.
fn spawn_on(core: CoreId, command: &mut Command) -> Result<Child> {
    thread::scope(|scope| {
        let pinned = scope.spawn(|| {
            core_affinity::set_for_current(core);
            command.spawn()
        });
        Ok(pinned.join().expect("starting a program does not panic")?)
    })
}

/// A port nobody listens on; taken from the system, so that parallel runs do not meet.
fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?)
}

fn answers(address: SocketAddr) -> Result<bool> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(1)))?;
    stream.write_all(b"PING\r\n")?;
    let mut reply = [0; 7];
    stream.read_exact(&mut reply)?;
    Ok(reply == *b"+PONG\r\n")
}

/// Fields 14 and 15 of proc_pid_stat(5), utime and stime. The name before them may hold spaces.
fn parse_stat(stat: &str) -> Option<u32> {
    let (_, after_name) = stat.rsplit_once(')')?;
    let mut times = after_name.split_whitespace().skip(11);
    let user: u32 = times.next()?.parse().ok()?;
    let system: u32 = times.next()?.parse().ok()?;
    Some(user + system)
}

/// None of a process that is no more.
fn proportional_bytes(pid: u32) -> Result<Option<u64>> {
    let path = format!("/proc/{pid}/smaps_rollup");
    let Ok(text) = fs::read_to_string(&path) else { return Ok(None) };
    let line = text.lines().find_map(|line| line.strip_prefix("Pss:"));
    let Some(line) = line else { return Ok(None) };
    let kilobytes: u64 = line.trim().trim_end_matches(" kB").parse()?;
    Ok(Some(kilobytes * 1024))
}

/// `VmRSS:   123456 kB` of proc_pid_status(5).
fn parse_status(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kilobytes: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kilobytes * 1024)
}

/// A copy does not wait for more replicas.
const AT_ONCE: &[&str] = &["--repl-diskless-sync-delay", "0"];

const DUMP: &str = "dump.rdb";
const LOG_FOLDER: &str = "appendonlydir";

/// Linux counts processor time for user space in hundredths of a second on every platform.
const TICK: Duration = Duration::from_millis(10);

#[cfg(test)]
mod tests {
    use super::{parse_stat, parse_status};

    #[test]
    fn processor_time_is_found_behind_any_name() {
        let stat = "77 (a ) b) S 1 77 77 0 -1 4194560 100 0 0 0 250 50 9 9 20 0 5 0 1 2 3";
        assert_eq!(parse_stat(stat), Some(300));
        assert_eq!(parse_stat("77 (short) S 1"), None);
    }

    #[test]
    fn resident_memory_is_found_among_the_rest() {
        let status = "Name:\tredis\nVmHWM:\t   9000 kB\nVmRSS:\t    8192 kB\n";
        assert_eq!(parse_status(status), Some(8 << 20));
        assert_eq!(parse_status("Name:\tzombie\n"), None);
    }
}
