//! What is listened on: the ports of TCP and TLS, which settings move about, and the socket in the
//! file system.

mod accept;
mod bind;
mod unix;

use redarium_core::config::Config;
use redarium_core::node::Obstacle;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::shell::Handle;
use crate::tls::Tls;

pub use bind::Refusal;
pub use bind::listen;
pub use bind::sockets;
pub use unix::UnixSocket;

/// A port that is listened on.
#[derive(Debug)]
pub struct Bound {
    pub listener: TcpListener,
    pub tls: bool,
}

/// The ports that are listened on, each with a task that accepts from it.
#[derive(Debug)]
pub struct Listening {
    places: Places,
    tasks: Vec<JoinHandle<()>>,
}

/// What of the settings says where to listen.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Places {
    bind: Vec<String>,
    port: u16,
    tls_port: u16,
}

impl Places {
    fn of(config: &Config) -> Self {
        Self { bind: config.bind.clone(), port: config.port, tls_port: config.tls_port }
    }
}

impl Listening {
    /// Begins to accept from `bound`, which `config` asked for.
    pub fn start(bound: Vec<Bound>, config: &Config, shell: &Handle) -> Self {
        let accepting = |Bound { listener, tls }| match tls {
            true => tokio::spawn(accept::tls(listener, shell.clone())),
            false => tokio::spawn(accept::tcp(listener, shell.clone())),
        };
        Self { places: Places::of(config), tasks: bound.into_iter().map(accepting).collect() }
    }

    /// Whether these are the addresses and the ports that `config` asks for.
    pub fn follows(&self, config: &Config) -> bool {
        self.places == Places::of(config)
    }

    /// Closes the sockets. Connections live on.
    async fn stop(self) {
        self.tasks.iter().for_each(JoinHandle::abort);
        for task in self.tasks {
            // It says that it was cancelled; what counts is that its socket is gone.
            let _ = task.await;
        }
    }
}

/// Moves to where `config` says; where that cannot be listened on, back to where it was. `tls` is what
/// handshakes are to be made with from then on.
pub async fn move_to(shell: Handle, old: Listening, config: Config, tls: Option<Tls>) {
    let places = old.places.clone();
    let Places { bind, port, tls_port } = places.clone();
    let before = Config { bind, port, tls_port, ..config.clone() };
    old.stop().await;
    let refusal = match listen(&config) {
        Ok(bound) => {
            let listening = Listening::start(bound, &config, &shell);
            let mut shell = shell.lock();
            shell.listen_with(listening);
            return shell.adopted(&config, tls);
        }
        Err(refusal) => refusal,
    };
    // The old place may be taken by now as well: then the clients there are keep what they have.
    let listening = Listening::start(listen(&before).unwrap_or_default(), &before, &shell);
    let mut shell = shell.lock();
    shell.log().warning(&refusal.line);
    shell.listen_with(listening);
    shell.not_adopted(obstacle(&refusal, &places));
}

/// Redis says it of the port if that is what would have changed, else of the addresses.
fn obstacle(refusal: &Refusal, before: &Places) -> Obstacle {
    match refusal.tls {
        true if refusal.port != before.tls_port => Obstacle::TlsPort,
        false if refusal.port != before.port => Obstacle::Port,
        _ => Obstacle::Bind,
    }
}

/// Accepts from the socket in the file system for as long as the process lives.
pub fn accept_from(socket: &mut UnixSocket, shell: &Handle) {
    if let Some(listener) = socket.take_listener() {
        tokio::spawn(accept::unix(listener, socket.path().to_owned(), shell.clone()));
    }
}
