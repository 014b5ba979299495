//! Finishes the turns.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use tokio::task;
use tokio::time;

use crate::shell::Handle;
use crate::shell::Next;

/// Finishes a turn when one is open and the tasks that were ready have run, or when the engine wants
/// to be woken. Runs for as long as the process.
pub async fn drive(shell: Handle) {
    let mut sleep = pin!(time::sleep(Duration::ZERO));
    let mut next = Next::Soon;
    loop {
        match next {
            // Comes back after a look at the sockets.
            Next::Soon => task::yield_now().await,
            Next::At(_) | Next::Never => {
                poll_fn(|cx| match shell.lock().poll_turn(cx) {
                    Poll::Pending if next != Next::Never => sleep.as_mut().poll(cx),
                    turn => turn,
                })
                .await;
            }
        }
        while shell.lock().may_gather() {
            task::yield_now().await;
        }
        next = shell.lock().finish_turn();
        if let Next::At(instant) = next
            && sleep.deadline() != instant.into()
        {
            sleep.as_mut().reset(instant.into());
        }
    }
}
