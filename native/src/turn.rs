//! The turn under way: opened by its first input, finished by the driver.

use std::task::Context;
use std::task::Poll;
use std::task::Waker;

use redarium_core::time::Now;

use crate::clock::Clock;

#[derive(Debug)]
pub struct Turn {
    clock: Clock,
    /// The instant of all inputs of the turn, while one is open.
    now: Option<Now>,
    driver: Option<Waker>,
}

impl Turn {
    pub fn new(clock: Clock) -> Self {
        Self { clock, now: None, driver: None }
    }

    pub fn clock(&self) -> Clock {
        self.clock
    }

    /// The turn's instant. The first to ask opens the turn and wakes the driver, which comes after
    /// every task that is ready already.
    pub fn open(&mut self) -> Now {
        if let Some(now) = self.now {
            return now;
        }
        if let Some(driver) = self.driver.take() {
            driver.wake();
        }
        *self.now.insert(self.clock.now())
    }

    pub fn close(&mut self) {
        self.now = None;
    }

    /// The driver waits here until a turn is open.
    pub fn poll(&mut self, cx: &Context<'_>) -> Poll<()> {
        if self.now.is_some() {
            return Poll::Ready(());
        }
        self.driver = Some(cx.waker().clone());
        Poll::Pending
    }
}
