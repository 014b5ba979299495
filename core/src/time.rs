//! Time as an argument: the engine never reads a clock.
//!
//! A [`Now`] carries two clocks because Redis needs two: a monotonic one for
//! timeouts, periodic work and lag, and the wall clock for everything a client
//! can see (EXPIRE, stream ids, TIME, LASTSAVE). The wall clock may jump in
//! either direction; the monotonic one never goes back.

use std::ops::Add;
use std::ops::Sub;

/// One instant on both clocks. Every input of a turn carries the same one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Now {
    pub mono: Mono,
    pub wall: Wall,
}

impl Now {
    pub const fn new(mono: Mono, wall: Wall) -> Self {
        Self { mono, wall }
    }

    /// Milliseconds since the Unix epoch: the unit of every expiry.
    pub const fn wall_ms(self) -> i64 {
        self.wall.as_ms()
    }
}

/// Microseconds since an arbitrary start, never going back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mono(u64);

impl Mono {
    pub const ZERO: Self = Self(0);

    pub const fn from_us(us: u64) -> Self {
        Self(us)
    }

    pub const fn as_us(self) -> u64 {
        self.0
    }

    /// Microseconds from `earlier` until this instant; 0 if it lies after it.
    pub const fn since_us(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }

    /// As a signed number, for what orders instants of either clock; those of the far future are one.
    pub fn as_signed_us(self) -> i64 {
        i64::try_from(self.0).unwrap_or(i64::MAX)
    }

    /// What [`Mono::as_signed_us`] gave.
    pub fn from_signed_us(us: i64) -> Self {
        Self(us.unsigned_abs())
    }

    pub const fn plus_ms(self, ms: u64) -> Self {
        Self(self.0.saturating_add(ms.saturating_mul(1000)))
    }
}

/// Reads how long something took, in nanoseconds since an arbitrary start. A shell that has a clock
/// lends it to a node for its reports on the duration of commands; nothing else may depend on what it
/// says. In a simulation it stands still.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch(pub fn() -> u64);

impl Stopwatch {
    pub const STOPPED: Self = Self(|| 0);

    #[inline]
    pub fn nanoseconds(self) -> u64 {
        (self.0)()
    }
}

impl Add<u64> for Mono {
    type Output = Self;

    /// This instant and `us` microseconds, saturating.
    fn add(self, us: u64) -> Self {
        Self(self.0.saturating_add(us))
    }
}

impl Sub for Mono {
    type Output = u64;

    /// Microseconds between, saturating at 0.
    fn sub(self, earlier: Self) -> u64 {
        self.since_us(earlier)
    }
}

/// Microseconds since the Unix epoch; before it when negative.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Wall(i64);

impl Wall {
    pub const fn from_us(us: i64) -> Self {
        Self(us)
    }

    pub const fn from_ms(ms: i64) -> Self {
        Self(ms.saturating_mul(1000))
    }

    pub const fn as_us(self) -> i64 {
        self.0
    }

    pub const fn as_ms(self) -> i64 {
        self.0.div_euclid(1000)
    }

    pub const fn as_secs(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }
}
