//! The log, one line at a time and unbuffered, in the format that tools know from Redis:
//! `4620:M 20 Nov 2026 23:16:11.266 * Ready to accept connections tcp`.
//!
//! The file is opened anew for each line, so that whoever rotates logs may move it away.

use std::fs::File;
use std::fs::OpenOptions;
use std::io;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;
use std::process;

use chrono::DateTime;
use chrono::Local;
use redarium_core::config::LogLevel;

#[derive(Debug)]
pub struct Log {
    /// Standard output without one.
    path: Option<PathBuf>,
    level: LogLevel,
    role: Role,
}

/// Who writes: the letter after the process id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Not yet configured.
    Starting,
    Master,
    Replica,
}

impl Log {
    /// Lines below `level` are left out. `path` is empty for standard output.
    ///
    /// # Errors
    /// The file cannot be opened for appending.
    pub fn open(path: &str, level: LogLevel) -> io::Result<Self> {
        let path = match path {
            "" => None,
            // The folder that the process is in may change.
            path => Some(std::path::absolute(path)?),
        };
        if let Some(path) = &path {
            append(path)?;
        }
        Ok(Self { path, level, role: Role::Starting })
    }

    pub fn set_level(&mut self, level: LogLevel) {
        self.level = level;
    }

    pub fn set_role(&mut self, role: Role) {
        self.role = role;
    }

    pub fn notice(&mut self, text: &str) {
        self.write(LogLevel::Notice, text);
    }

    pub fn warning(&mut self, text: &str) {
        self.write(LogLevel::Warning, text);
    }

    /// A line that cannot be written is lost: there is nowhere left to say so.
    pub fn write(&mut self, level: LogLevel, text: &str) {
        if level < self.level {
            return;
        }
        let line = format_line(process::id(), self.role, Local::now(), level, text);
        let _ = match &self.path {
            Some(path) => append(path).and_then(|mut file| file.write_all(line.as_bytes())),
            // Standard output may be line-buffered; a line is what is written at once.
            None => io::stdout().write_all(line.as_bytes()),
        };
    }
}

fn append(path: &Path) -> io::Result<File> {
    OpenOptions::new().create(true).append(true).open(path)
}

fn format_line<Zone: chrono::TimeZone<Offset: std::fmt::Display>>(
    pid: u32,
    role: Role,
    time: DateTime<Zone>,
    level: LogLevel,
    text: &str,
) -> String {
    let role = match role {
        Role::Starting => 'C',
        Role::Master => 'M',
        Role::Replica => 'S',
    };
    let level = match level {
        LogLevel::Debug => '.',
        LogLevel::Verbose => '-',
        LogLevel::Notice => '*',
        LogLevel::Warning | LogLevel::Nothing => '#',
    };
    format!("{pid}:{role} {} {level} {text}\n", time.format("%d %b %Y %H:%M:%S%.3f"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_as_redis_does() {
        let time = DateTime::from_timestamp_millis(1_795_216_571_266).unwrap();
        for (role, level, expect) in [
            (Role::Master, LogLevel::Notice, "4620:M 20 Nov 2026 23:16:11.266 * text\n"),
            (Role::Replica, LogLevel::Warning, "4620:S 20 Nov 2026 23:16:11.266 # text\n"),
            (Role::Starting, LogLevel::Debug, "4620:C 20 Nov 2026 23:16:11.266 . text\n"),
            (Role::Master, LogLevel::Verbose, "4620:M 20 Nov 2026 23:16:11.266 - text\n"),
        ] {
            assert_eq!(format_line(4620, role, time, level, "text"), expect);
        }
    }
}
