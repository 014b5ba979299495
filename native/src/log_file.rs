//! The file of the append-only log that grows: written where it is asked for, synced elsewhere.
//!
//! What is written is the system's: it survives the process, if not the machine. Redis sees to that before
//! it replies, whatever `appendfsync` says, and so does the shell by writing at once. To wait for the
//! medium is a thread's part, or that of who has no processor for one (`group.rs`). The engine has one
//! operation of the log under way at a time, so nobody ever waits for the lock.

use std::fs::File;
use std::io;
use std::io::Write;
use std::path::Path;

/// The log, by the name the engine knows: it stays open where it is when `dir` changes.
#[derive(Default)]
pub struct LogFile(Option<(String, Growing)>);

/// A file that only grows.
struct Growing {
    file: File,
    /// Its length without what a failed operation may have left behind.
    len: u64,
    torn: bool,
}

impl LogFile {
    /// Appends to the file of this name, which is there. A failure has appended nothing, as far as that can
    /// be arranged.
    pub fn append(&mut self, dir: &Path, name: String, data: &[u8]) -> io::Result<()> {
        let log = self.open(dir, name)?;
        if std::mem::take(&mut log.torn) {
            log.mend()?;
        }
        match log.file.write_all(data) {
            Ok(()) => log.len += data.len() as u64,
            Err(error) => return Err(log.take_back(0, error)),
        }
        Ok(())
    }

    /// Waits until what was appended is on the medium; else takes the last `bytes` of it back.
    pub fn sync(&mut self, bytes: u64) -> io::Result<()> {
        let Some((_, log)) = &mut self.0 else { return Ok(()) };
        log.file.sync_data().map_err(|error| log.take_back(bytes, error))
    }

    fn open(&mut self, dir: &Path, name: String) -> io::Result<&mut Growing> {
        let known = self.0.take_if(|(known, _)| *known == name);
        let (name, log) = match known {
            Some(known) => known,
            None => {
                let file = File::options().append(true).open(dir.join(&name))?;
                let len = file.metadata()?.len();
                (name, Growing { file, len, torn: false })
            }
        };
        Ok(&mut self.0.insert((name, log)).1)
    }
}

impl Growing {
    /// What can't be undone now is tried again before the next attempt.
    fn take_back(&mut self, bytes: u64, error: io::Error) -> io::Error {
        self.len = self.len.saturating_sub(bytes);
        // It says of itself that it is torn.
        drop(self.mend());
        error
    }

    /// Takes back what a failed operation has left.
    fn mend(&mut self) -> io::Result<()> {
        let mended = self.file.set_len(self.len);
        self.torn = mended.is_err();
        mended
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn what_is_appended_can_be_read_before_it_is_synced() {
        let dir = std::env::temp_dir().join(format!("redarium-log-{}", std::process::id()));
        fs::create_dir_all(&dir).unwrap();
        let mut log = LogFile::default();
        let missing = log.append(&dir, "a".into(), b"one").unwrap_err();
        assert_eq!(missing.kind(), io::ErrorKind::NotFound);
        fs::write(dir.join("a"), "zero ").unwrap();
        fs::write(dir.join("b"), "").unwrap();
        for (name, data, expect) in
            [("a", "one ", "zero one "), ("a", "two", "zero one two"), ("b", "three", "three")]
        {
            log.append(&dir, name.into(), data.as_bytes()).unwrap();
            assert_eq!(fs::read_to_string(dir.join(name)).unwrap(), expect);
            log.sync(data.len() as u64).unwrap();
        }
        fs::remove_dir_all(&dir).unwrap();
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_is_an_error() {
        let mut log = LogFile::default();
        let full = log.append(Path::new("/dev"), "full".into(), b"one").unwrap_err();
        assert_eq!(full.kind(), io::ErrorKind::StorageFull);
    }
}
