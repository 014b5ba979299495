//! HTTP for the page, on a thread of its own, so that a browser never slows the engine.
//!
//! Only this machine can reach it, and only under its own name: a request whose `Host` is anything
//! else is refused, since a foreign web page could otherwise reach in by pointing its own name here.

mod encoding;
mod guard;
mod page;

use std::io;
use std::net::Ipv4Addr;
use std::net::TcpListener;
use std::thread;

use axum::Router;
use axum::middleware;
use axum::routing::get;
use tokio::runtime;

/// Serves the page on this port of 127.0.0.1.
///
/// # Errors
/// The port is taken, or the system has no thread to give.
pub fn serve(port: u16) -> io::Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
    listener.set_nonblocking(true)?;
    let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
    let work = move || runtime.block_on(run(listener));
    thread::Builder::new().name("http".into()).spawn(work)?;
    Ok(())
}

async fn run(listener: TcpListener) -> io::Result<()> {
    let listener = tokio::net::TcpListener::from_std(listener)?;
    let router = Router::new()
        .route("/", get(page::page))
        .route("/{*path}", get(page::page))
        .layer(middleware::from_fn(guard::guard));
    axum::serve(listener, router).await
}
