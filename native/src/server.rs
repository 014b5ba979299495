//! Starting up, in Redis's order and with the lines that tools wait for.

use std::collections::hash_map::RandomState;
use std::fs;
use std::hash::BuildHasher;
use std::process;
use std::process::ExitCode;
use std::time::Duration;

use redarium_core::config::Config;
use redarium_core::node::Node;
use redarium_core::node::REDARIUM_VERSION;
use redarium_core::node::REDIS_VERSION;
use redarium_core::node::StorageDone;
use tokio::runtime;
use tokio::sync::mpsc;
use tokio::sync::oneshot;

use crate::args;
use crate::args::Start;
use crate::clock;
use crate::clock::Clock;
use crate::descriptors;
use crate::driver;
use crate::http;
use crate::http::Visitor;
use crate::listener;
use crate::listener::Bound;
use crate::listener::Listening;
use crate::listener::UnixSocket;
use crate::log::Log;
use crate::os;
use crate::shell;
use crate::shell::Handle;
use crate::signals::Signals;
use crate::storage::Storage;
use crate::supervisor::Supervisor;
use crate::tls::Tls;
use crate::turn::Turn;
use crate::users;

/// Runs the server until it is told to stop.
pub fn run(start: &Start) -> ExitCode {
    let log = match Log::open(&start.config.logfile, start.config.loglevel) {
        Ok(log) => log,
        Err(error) => {
            let problem = format!("Can't open the log file: {}", os::words(&error));
            eprintln!("{}", args::fatal(problem));
            return ExitCode::FAILURE;
        }
    };
    let runtime = runtime::Builder::new_current_thread()
        .enable_all()
        // A turn serves all connections that are ready: their tasks run before the sockets are
        // looked at again.
        .event_interval(READY_TASKS_MAX)
        .build();
    let status = match runtime {
        Ok(runtime) => runtime.block_on(serve(start, log)),
        Err(error) => {
            eprintln!("Can't start the event loop: {}", os::words(&error));
            1
        }
    };
    if !start.config.pidfile.is_empty() {
        // It may never have been written.
        let _ = fs::remove_file(&start.config.pidfile);
    }
    ExitCode::from(u8::try_from(status).unwrap_or(1))
}

/// Serves until the engine shuts down; the status it ends with.
async fn serve(start: &Start, mut log: Log) -> i32 {
    greet(&mut log, start);
    let Ready { node, clock, tls, bound, unix_socket, visitors, signals } =
        match prepare(start, &mut log) {
            Ok(ready) => ready,
            Err(text) => {
                log.warning(&text);
                return 1;
            }
        };
    let (done, storage_done) = mpsc::unbounded_channel();
    // The receiver lives as long as the shell.
    let storage = Storage::start(move |outcome| drop(done.send(outcome)));
    let announcement = announcement(&bound, unix_socket.as_ref());
    let supervisor = Supervisor::find(start.config.supervised);
    match &supervisor {
        Some(supervisor) => supervisor.ready(&mut log),
        None => Supervisor::miss(start.config.supervised, &mut log),
    }
    let (exit, mut exited) = oneshot::channel();
    let shell = Handle::new(node, Turn::new(clock), storage, log, tls, exit);
    shell.lock().announce_when_loaded(announcement);
    tokio::spawn(pass_on(storage_done, shell.clone()));
    tokio::spawn(signals.watch(shell.clone()));
    tokio::spawn(driver::drive(shell.clone()));
    if let Some(status) = await_answers(&shell, &mut exited).await {
        return status;
    }
    let listening = Listening::start(bound, &start.config, &shell);
    shell.lock().listen_with(listening);
    if let Some(mut socket) = unix_socket {
        listener::accept_from(&mut socket, &shell);
        shell.lock().remove_at_end(socket);
    }
    if let Some(visitors) = visitors {
        tokio::spawn(http::take_in(visitors, shell.clone()));
    }
    // Without the shell there is nobody left to serve.
    let status = exited.await.unwrap_or(1);
    if let Some(supervisor) = supervisor {
        supervisor.stopping(shell.lock().log());
    }
    status
}

/// Leaves clients in the sockets' queues until the engine wants to hear of them; the status if it
/// ends before.
async fn await_answers(shell: &Handle, exited: &mut oneshot::Receiver<i32>) -> Option<i32> {
    loop {
        if let Ok(status) = exited.try_recv() {
            return Some(status);
        }
        if shell.lock().is_answering() {
            return None;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// What has to be there before the first connection is taken in.
struct Ready {
    node: Node,
    clock: Clock,
    tls: Option<Tls>,
    bound: Vec<Bound>,
    unix_socket: Option<UnixSocket>,
    /// Who comes by way of the page, if that is served.
    visitors: Option<mpsc::Receiver<Visitor>>,
    signals: Signals,
}

fn prepare(start: &Start, log: &mut Log) -> Result<Ready, String> {
    let mut config = start.config.clone();
    let signals = Signals::install().map_err(|error| os::words(&error))?;
    descriptors::reserve(&mut config, log)?;
    let config = &config;
    let clock = Clock::start();
    let mut node = Node::restored(config.clone(), seed(), clock.now()).timed_by(clock::stopwatch());
    node.handle_entropy(&users::entropy());
    log.set_role(shell::role(&node));
    let tls = configure_tls(config, log)?;
    let bound = listen(config, log)?;
    let unix_socket = UnixSocket::listen(config)?;
    users::load(&mut node)?;
    write_pidfile(config, log);
    log.notice(&format!("Running mode=standalone, port={}.", config.port));
    log.notice(&format!("Redarium {REDARIUM_VERSION}, PID: {}", process::id()));
    log.notice("Server initialized");
    let visitors = serve_page(config, start.page_required, log)?;
    Ok(Ready { node, clock, tls, bound, unix_socket, visitors, signals })
}

fn greet(log: &mut Log, start: &Start) {
    log.notice("oO0OoO0OoO0Oo Redis is starting oO0OoO0OoO0Oo");
    let pid = process::id();
    log.notice(&format!(
        "Redis version={REDIS_VERSION}, redarium={REDARIUM_VERSION}, bits=64, pid={pid}, just started"
    ));
    if start.configured {
        log.notice("Configuration loaded");
    } else {
        log.warning(
            "Warning: no config file specified, using the default config. In order to specify a \
             config file use redarium /path/to/redis.conf",
        );
    }
}

fn configure_tls(config: &Config, log: &mut Log) -> Result<Option<Tls>, String> {
    if !Tls::is_wanted(config) {
        return Ok(None);
    }
    Tls::load(config).map(Some).map_err(|text| {
        log.warning(&text);
        "Failed to configure TLS. Check logs for more info.".into()
    })
}

fn listen(config: &Config, log: &mut Log) -> Result<Vec<Bound>, String> {
    let bound = listener::listen(config).map_err(|refusal| {
        log.warning(&refusal.line);
        let (port, kind) = (refusal.port, if refusal.tls { "tls" } else { "tcp" });
        if refusal.taken {
            let setting = if refusal.tls { "--tls-port" } else { "--port" };
            log.warning(&format!("Another program has port {port}: choose one with {setting}."));
        }
        format!("Failed listening on port {port} ({kind}), aborting.")
    })?;
    if bound.is_empty() && config.unixsocket.is_empty() {
        return Err("Configured to not listen anywhere, exiting.".into());
    }
    Ok(bound)
}

fn write_pidfile(config: &Config, log: &mut Log) {
    if config.pidfile.is_empty() {
        return;
    }
    if let Err(error) = fs::write(&config.pidfile, format!("{}\n", process::id())) {
        log.warning(&format!("Failed to write PID file: {}", os::words(&error)));
    }
}

/// Serves the page. Without one the server is still a Redis, so only who asked for it is refused.
fn serve_page(
    config: &Config,
    required: bool,
    log: &mut Log,
) -> Result<Option<mpsc::Receiver<Visitor>>, String> {
    if config.http_port == 0 {
        return Ok(None);
    }
    let (port, bind) = (config.http_port, config.http_bind.join(" "));
    let reason = match http::serve(config) {
        Ok(visitors) => {
            log.notice(&format!("The page is at http://127.0.0.1:{port}"));
            return Ok(Some(visitors));
        }
        Err(error) => os::words(&error),
    };
    let text = format!(
        "Could not serve the page on {bind}:{port}: {reason}. Choose another port with \
         --http-port, or 0 for no page."
    );
    if required {
        return Err(text);
    }
    log.warning(&text);
    Ok(None)
}

/// What the log says once the data is loaded.
fn announcement(bound: &[Bound], unix_socket: Option<&UnixSocket>) -> Vec<String> {
    let addresses = bound.iter().filter_map(|bound| bound.listener.local_addr().ok());
    let mut lines: Vec<String> = addresses.map(|address| format!("RESP is at {address}")).collect();
    let kinds = [
        ("tcp", bound.iter().any(|bound| !bound.tls)),
        ("unix", unix_socket.is_some()),
        ("tls", bound.iter().any(|bound| bound.tls)),
    ];
    let kinds = kinds.into_iter().filter(|(_, is_there)| *is_there);
    lines.extend(kinds.map(|(kind, _)| format!("Ready to accept connections {kind}")));
    lines
}

/// Passes on what the storage thread has done.
async fn pass_on(mut done: mpsc::UnboundedReceiver<StorageDone>, shell: Handle) {
    while let Some(done) = done.recv().await {
        shell.lock().storage_done(done);
    }
}

/// The standard library seeds its hash maps from the operating system.
fn seed() -> u64 {
    RandomState::new().hash_one(process::id())
}

/// As many as the runtime takes from the system at once.
const READY_TASKS_MAX: u32 = 1024;
