//! HTTP for the page, on a thread of its own, so that a browser never slows the engine.
//!
//! Unless `http-bind` says otherwise only this machine can reach it. It is reached under its own names
//! alone: a request whose `Host` is anything else is refused, since a foreign web page could otherwise
//! reach in by pointing its own name here.

mod bridge;
mod connections;
mod encoding;
mod guard;
mod names;
mod page;
mod visitor;

use std::io;
use std::sync::Arc;
use std::thread;

use axum::Router;
use axum::middleware;
use axum::routing::get;
use redarium_core::config::Config;
use tokio::net::TcpListener;
use tokio::runtime;
use tokio::sync::Semaphore;
use tokio::sync::mpsc;

use crate::listener;
use connections::Connections;
use connections::Ends;
use names::Names;

pub use visitor::Visitor;
pub use visitor::take_in;

/// What the endpoints need.
#[derive(Clone)]
struct Site {
    names: Arc<Names>,
    /// Where the engine hears of those who come over a WebSocket.
    door: mpsc::Sender<Visitor>,
    bridges: Arc<Semaphore>,
    /// Of RESP, for the prompt; that CONFIG SET may move it changes nothing for the page.
    port: u16,
}

/// Serves the page on `http-port` of the addresses of `http-bind`. Whoever wants to talk to the engine
/// comes out of the receiver.
///
/// # Errors
/// The port is taken, or the system has no thread to give.
pub fn serve(config: &Config) -> io::Result<mpsc::Receiver<Visitor>> {
    let listeners = listener::sockets(&config.http_bind, config.http_port, config.tcp_backlog)?;
    let (door, visitors) = mpsc::channel(VISITORS_WAITING_MAX);
    let names = Arc::new(Names::new(&config.http_bind));
    let bridges = Arc::new(Semaphore::new(bridge::BRIDGES_MAX));
    let site = Site { names, door, bridges, port: config.port };
    let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
    let work = move || runtime.block_on(run(listeners, site));
    thread::Builder::new().name("http".into()).spawn(work)?;
    Ok(visitors)
}

async fn run(listeners: Vec<std::net::TcpListener>, site: Site) -> io::Result<()> {
    let router = Router::new()
        .route(bridge::PATH, get(bridge::open))
        .route("/", get(page::page))
        .route("/{*path}", get(page::page))
        .layer(middleware::from_fn_with_state(Arc::clone(&site.names), guard::guard))
        .with_state(site);
    let room = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let mut serving = Vec::new();
    for listener in listeners {
        let service = router.clone().into_make_service_with_connect_info::<Ends>();
        let listener = Connections::new(TcpListener::from_std(listener)?, &room);
        serving.push(tokio::spawn(async { axum::serve(listener, service).await }));
    }
    for served in serving {
        served.await.map_err(io::Error::other)??;
    }
    Ok(())
}

/// Who waits to be taken in; the engine does so several times a millisecond.
const VISITORS_WAITING_MAX: usize = 16;

/// Connections of browsers at once, those with WebSockets among them. A browser has six, and one more
/// for each terminal.
const CONNECTIONS_MAX: usize = 1024;
