//! Data given to a server before something is measured on it.

use anyhow::Result;

use super::{
    client::Client,
    request::{Batch, Command},
};

/// `count` items numbered from `start`, some at a time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fill {
    pub command: Command,
    pub start: u64,
    pub count: u64,
}

impl Fill {
    /// 100,000 hashes of ten fields.
    pub const SMALL_HASHES: Self = Self::single(
        &["HSET"],
        &[
            "user:__next__",
            "field:0",
            "value:__next__",
            "field:1",
            "value:__next__",
            "field:2",
            "value:__next__",
            "field:3",
            "value:__next__",
            "field:4",
            "value:__next__",
            "field:5",
            "value:__next__",
            "field:6",
            "value:__next__",
            "field:7",
            "value:__next__",
            "field:8",
            "value:__next__",
            "field:9",
            "value:__next__",
        ],
        100_000,
    );

    /// A hundred items a command. `count` must be a multiple of a hundred.
    pub const fn variadic(
        words: &'static [&'static str],
        item: &'static [&'static str],
        count: u64,
    ) -> Self {
        assert!(count.is_multiple_of(ITEMS as u64), "the last command would have fewer items");
        Self { command: Command::variadic(words, item, ITEMS), start: 0, count }
    }

    /// A command for each item.
    pub const fn single(
        words: &'static [&'static str],
        item: &'static [&'static str],
        count: u64,
    ) -> Self {
        Self { command: Command::variadic(words, item, 1), start: 0, count }
    }

    pub const fn from(self, start: u64) -> Self {
        Self { start, ..self }
    }

    pub fn run(&self, client: &mut Client, value_bytes: usize) -> Result<()> {
        let items = self.command.items as u64;
        let mut left = self.count / items;
        let mut batch = Batch::new(&[self.command], requests(left), value_bytes);
        batch.count_from(self.start, self.count);
        while left >= REQUESTS {
            client.exchange(batch.next(), REQUESTS)?;
            left -= REQUESTS;
        }
        if left > 0 {
            let mut rest = Batch::new(&[self.command], requests(left), value_bytes);
            rest.count_from(self.start, self.count);
            rest.skip(self.count / items - left);
            client.exchange(rest.next(), left)?;
        }
        Ok(())
    }
}

fn requests(left: u64) -> usize {
    left.min(REQUESTS) as usize
}

const ITEMS: usize = 100;

/// Few enough for any socket's buffers.
const REQUESTS: u64 = 20;
