//! The machine's two clocks, as the engine takes them. Reading them is no system call on Linux.

use std::sync::LazyLock;
use std::time::Duration;
use std::time::Instant;
use std::time::SystemTime;
use std::time::UNIX_EPOCH;

use redarium_core::time::Mono;
use redarium_core::time::Now;
use redarium_core::time::Stopwatch;
use redarium_core::time::Wall;

#[derive(Clone, Copy, Debug)]
pub struct Clock {
    start: Instant,
}

impl Clock {
    pub fn start() -> Self {
        Self { start: Instant::now() }
    }

    pub fn now(&self) -> Now {
        let mono = Mono::from_us(micros(self.start.elapsed()));
        let wall = match SystemTime::now().duration_since(UNIX_EPOCH) {
            Ok(since) => micros(since).cast_signed(),
            Err(before) => -micros(before.duration()).cast_signed(),
        };
        Now::new(mono, Wall::from_us(wall))
    }

    /// The instant that the engine means by `mono`.
    pub fn instant(&self, mono: Mono) -> Instant {
        self.start + Duration::from_micros(mono.as_us())
    }
}

/// A clock for measuring commands, cheap enough to be read after each.
pub fn stopwatch() -> Stopwatch {
    static CLOCK: LazyLock<quanta::Clock> = LazyLock::new(quanta::Clock::new);
    LazyLock::force(&CLOCK);
    Stopwatch(|| CLOCK.delta_as_nanos(0, CLOCK.raw()))
}

/// Half a million years fit.
fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX >> 1)
}
