//! How far a large file is read: a line on standard error that is written over, if somebody looks at a terminal.

use std::fs::File;
use std::io;
use std::io::IsTerminal;
use std::io::Write;

#[derive(Debug)]
pub struct Progress {
    total: u64,
    done: u64,
    /// The hundredth that was shown last; nothing ever is of a small file, or where nobody looks.
    shown: Option<u64>,
}

impl Progress {
    pub fn of(file: &File) -> Self {
        let total = file.metadata().map_or(0, |facts| facts.len());
        Self::new(total, io::stderr().is_terminal())
    }

    fn new(total: u64, is_watched: bool) -> Self {
        Self { total, done: 0, shown: (is_watched && total >= BYTES_MIN).then_some(0) }
    }

    /// So many bytes more are read.
    pub fn advance(&mut self, bytes: usize) {
        if let Some(line) = self.line_after(bytes) {
            say(&line);
        }
    }

    /// The line to show, if it is another than before.
    fn line_after(&mut self, bytes: usize) -> Option<String> {
        self.done += bytes as u64;
        let hundredth = self.done.saturating_mul(100) / self.total.max(1);
        let shown = self.shown.as_mut().filter(|shown| **shown < hundredth)?;
        *shown = hundredth;
        Some(format!("\r{hundredth:>3} % of {} MB", self.total / 1_000_000))
    }
}

impl Drop for Progress {
    /// What is said next begins on an empty line.
    fn drop(&mut self) {
        if self.shown.is_some_and(|shown| shown > 0) {
            say("\r\x1b[K");
        }
    }
}

/// Nobody minds a line that can't be shown.
fn say(text: &str) {
    let _ = io::stderr().write_all(text.as_bytes());
}

/// Smaller files are read before one could look.
const BYTES_MIN: u64 = 64 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_hundredth_of_a_large_file_is_shown_once() {
        let mut progress = Progress::new(200 << 20, true);
        let lines: Vec<String> = (0..800).filter_map(|_| progress.line_after(1 << 18)).collect();
        assert_eq!(lines.len(), 100);
        assert_eq!((&*lines[0], &*lines[99]), ("\r  1 % of 209 MB", "\r100 % of 209 MB"));
        progress.shown = None;
        for (total, is_watched) in [(200 << 20, false), (1 << 20, true), (0, true)] {
            assert_eq!(Progress::new(total, is_watched).line_after(1 << 20), None);
        }
    }
}
