//! SIGTERM and SIGINT: the first asks for an orderly shutdown, the second ends the process at once.
//! A closed terminal (SIGHUP) is no reason to stop, as in Redis.

use std::future::poll_fn;
use std::io;
use std::process;
use std::task::Poll;

use redarium_core::node::Signal;
use tokio::signal::unix;
use tokio::signal::unix::SignalKind;
use tokio::signal::unix::signal;

use crate::shell::Handle;

/// The signals the process listens to, from this call on.
pub struct Signals {
    terminate: unix::Signal,
    interrupt: unix::Signal,
    /// Held so that the signal does not end the process.
    _hang_up: unix::Signal,
}

impl Signals {
    /// # Errors
    /// The system refuses a handler.
    pub fn install() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            _hang_up: signal(SignalKind::hangup())?,
        })
    }

    /// Passes signals on for as long as the process lives.
    pub async fn watch(mut self, shell: Handle) {
        let signal = self.next().await;
        shell.lock().shut_down(signal);
        self.next().await;
        shell.lock().log().warning("You insist... exiting now.");
        process::exit(1);
    }

    async fn next(&mut self) -> Signal {
        poll_fn(|cx| match self.terminate.poll_recv(cx) {
            Poll::Pending => self.interrupt.poll_recv(cx).map(|_| Signal::Interrupt),
            Poll::Ready(_) => Poll::Ready(Signal::Terminate),
        })
        .await
    }
}
