//! A bar while files are worked through, where somebody watches.

use std::io::IsTerminal;
use std::io::Write;

pub struct Progress {
    total: usize,
    done: usize,
    is_shown: bool,
}

impl Progress {
    pub fn new(total: usize) -> Self {
        Self { total, done: 0, is_shown: total > 1 && std::io::stderr().is_terminal() }
    }

    /// This file is next.
    pub fn show(&mut self, path: &str) {
        if self.is_shown {
            let full = WIDTH * self.done / self.total.max(1);
            let bar = format!("{}{}", "#".repeat(full), ".".repeat(WIDTH - full));
            let end: String = path.chars().rev().take(NAME_MAX).collect();
            let name: String = end.chars().rev().collect();
            eprint!("\r\x1b[K[{bar}] {}/{} {name}", self.done + 1, self.total);
            // A bar that can't be shown is no reason to stop.
            let _ = std::io::stderr().flush();
        }
        self.done += 1;
    }

    pub fn clear(&self) {
        if self.is_shown {
            eprint!("\r\x1b[K");
        }
    }
}

const WIDTH: usize = 24;
const NAME_MAX: usize = 40;
