//! The disk: threads that do what the engine asks for, in order, and say how it went.
//!
//! The engine never waits for a disk, and neither does a client whose reply does not depend on one.
//! The append-only file is written at once, before replies leave, which is to copy the bytes to the system;
//! waiting for the medium has a thread of its own: while a snapshot is being written, or a large file
//! removed, replies may depend on the log. Where there is but one processor, that thread waits only for a disk
//! that takes long (`group.rs`).

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fs;
use std::fs::File;
use std::io;
use std::io::Write;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::sync::mpsc;
use std::thread;
use std::time::Instant;

use bytes::Bytes;
use redarium_core::config::AppendFsync;
use redarium_core::config::Config;
use redarium_core::node::StorageDone;
use redarium_core::node::StorageId;
use redarium_core::node::StorageOp;
use redarium_core::node::StorageOutput;

use crate::group::Group;
use crate::log_file::LogFile;
use crate::os;

/// The way to the threads. They end when this is dropped and all is done.
pub struct Storage {
    orders: mpsc::Sender<Order>,
    log_syncs: mpsc::Sender<LogSync>,
    log: Arc<Mutex<LogFile>>,
    /// On one processor: who shares the next sync.
    group: Option<Group>,
}

struct Order {
    id: StorageId,
    op: StorageOp,
    /// The folder that the operation's file names are in.
    dir: PathBuf,
}

struct LogSync {
    id: StorageId,
    /// What was written last, and is taken back if it can't be synced.
    bytes: u64,
}

impl Storage {
    /// Starts the threads, which call `done` after each operation.
    pub fn start(done: impl Fn(StorageDone) + Clone + Send + 'static) -> Self {
        let log = Arc::<Mutex<LogFile>>::default();
        let log_syncs = start_log_thread(log.clone(), done.clone());
        let is_alone =
            thread::available_parallelism().is_ok_and(|processors| processors.get() == 1);
        let group = is_alone.then(Group::default);
        Self { orders: start_thread(done), log_syncs, log, group }
    }

    /// A connection's bytes were read.
    pub fn note_read(&mut self) {
        if let Some(group) = &mut self.group {
            group.note_read();
        }
    }

    /// Whether more requests are worth waiting for before the log is synced.
    pub fn may_gather(&mut self) -> bool {
        self.group.as_mut().is_some_and(Group::may_grow)
    }

    /// Has an operation done. Says so if it is done already.
    pub fn order(&mut self, id: StorageId, op: StorageOp, config: &Config) -> Option<StorageDone> {
        let written = match op {
            StorageOp::Log { file, data, sync } => {
                let (dir, bytes) = (Path::new(&config.dir), data.len() as u64);
                let written = lock(&self.log).append(dir, file, &data);
                match sync && written.is_ok() {
                    true => self.sync_log(id, bytes, config.appendfsync)?,
                    false => written,
                }
            }
            // The threads live as long as these senders, so there is nobody to miss the order.
            op => {
                drop(self.orders.send(Order { id, op, dir: (&config.dir).into() }));
                return None;
            }
        };
        Some(StorageDone { id, outcome: outcome(written.map(|()| StorageOutput::Nothing)) })
    }

    /// Syncs the log, unless that is the thread's part: nobody waits for a sync under other policies.
    fn sync_log(
        &mut self,
        id: StorageId,
        bytes: u64,
        policy: AppendFsync,
    ) -> Option<io::Result<()>> {
        let group = self.group.as_mut().filter(|_| policy == AppendFsync::Always);
        match group.and_then(|group| group.is_synced_here().then_some(group)) {
            Some(group) => {
                let start = Instant::now();
                let synced = lock(&self.log).sync(bytes);
                group.end(start.elapsed());
                Some(synced)
            }
            None => {
                drop(self.log_syncs.send(LogSync { id, bytes }));
                None
            }
        }
    }
}

fn start_thread(done: impl Fn(StorageDone) + Send + 'static) -> mpsc::Sender<Order> {
    let (orders, arriving) = mpsc::channel::<Order>();
    thread::spawn(move || {
        let mut disk = Disk::default();
        for Order { id, op, dir } in arriving {
            done(StorageDone { id, outcome: outcome(disk.apply(&dir, op)) });
        }
    });
    orders
}

fn start_log_thread(
    log: Arc<Mutex<LogFile>>,
    done: impl Fn(StorageDone) + Send + 'static,
) -> mpsc::Sender<LogSync> {
    let (syncs, arriving) = mpsc::channel::<LogSync>();
    thread::spawn(move || {
        for LogSync { id, bytes } in arriving {
            let synced = lock(&log).sync(bytes);
            done(StorageDone { id, outcome: outcome(synced.map(|()| StorageOutput::Nothing)) });
        }
    });
    syncs
}

fn lock(log: &Mutex<LogFile>) -> MutexGuard<'_, LogFile> {
    log.lock().unwrap_or_else(PoisonError::into_inner)
}

fn outcome(result: io::Result<StorageOutput>) -> Result<StorageOutput, String> {
    result.map_err(|error| os::words(&error))
}

#[derive(Default)]
struct Disk {
    /// Files that are being written, open from `Create` until they get another name.
    open: BTreeMap<PathBuf, File>,
    /// Files that something could not be written to: none of them takes another one's place.
    torn: BTreeSet<PathBuf>,
    reading: Option<(PathBuf, File)>,
}

impl Disk {
    fn apply(&mut self, dir: &Path, op: StorageOp) -> io::Result<StorageOutput> {
        match op {
            StorageOp::MakeFolder { folder } => make_folder(dir, &folder)?,
            StorageOp::Create { file } => {
                let path = dir.join(file);
                self.torn.insert(path.clone());
                let file = File::create(&path)?;
                self.torn.remove(&path);
                self.open.insert(path, file);
            }
            StorageOp::Append { file, data } => {
                self.write(dir.join(file), |file| file.write_all(&data))?;
            }
            StorageOp::Sync { file } => self.write(dir.join(file), |file| file.sync_all())?,
            StorageOp::Rename { from, to } => {
                let (from, to) = (dir.join(from), dir.join(to));
                self.open.remove(&from);
                self.open.remove(&to);
                if self.torn.contains(&from) {
                    return Err(io::Error::from_raw_os_error(EIO));
                }
                fs::rename(from, &to)?;
                // The new name survives a crash once the folder is on the disk.
                sync_folder_of(&to)?;
            }
            StorageOp::Rewrite { path, config, users, every } => {
                rewrite(Path::new(&path), |old| config.rewritten(old, &users, every))?;
            }
            StorageOp::Remove { file } => {
                let path = dir.join(file);
                self.torn.remove(&path);
                self.open.remove(&path);
                // Its room on the disk is free once nobody has it open.
                drop(self.reading.take_if(|(known, _)| *known == path));
                match fs::remove_file(path) {
                    Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                    _ => {}
                }
            }
            // It never comes here: see `Storage::order`.
            StorageOp::Log { .. } => return Err(io::ErrorKind::Unsupported.into()),
            StorageOp::Truncate { file, len } => {
                let file = File::options().write(true).open(dir.join(file))?;
                file.set_len(len)?;
                file.sync_all()?;
            }
            StorageOp::Measure { file } => return measure(&dir.join(file)),
            StorageOp::Read { file, offset, bytes_max } => {
                return self.read(dir.join(file), offset, bytes_max).map(StorageOutput::Bytes);
            }
        }
        Ok(StorageOutput::Nothing)
    }

    /// Writes to a file, and remembers it if that fails.
    fn write(
        &mut self,
        path: PathBuf,
        write: impl FnOnce(&mut File) -> io::Result<()>,
    ) -> io::Result<()> {
        let written = self.file(path.clone()).and_then(write);
        if written.is_err() {
            self.torn.insert(path);
        }
        written
    }

    fn file(&mut self, path: PathBuf) -> io::Result<&mut File> {
        use std::collections::btree_map::Entry;
        match self.open.entry(path) {
            Entry::Occupied(entry) => Ok(entry.into_mut()),
            Entry::Vacant(entry) => {
                let file = File::options().append(true).create(true).open(entry.key())?;
                Ok(entry.insert(file))
            }
        }
    }

    fn read(&mut self, path: PathBuf, offset: u64, bytes_max: usize) -> io::Result<Bytes> {
        let (path, file) = match self.reading.take_if(|(known, _)| *known == path) {
            Some(open) => open,
            None => {
                let file = File::open(&path)?;
                (path, file)
            }
        };
        let mut bytes = vec![0; bytes_max];
        let mut filled = 0;
        while filled < bytes_max {
            match file.read_at(&mut bytes[filled..], offset + filled as u64) {
                Ok(0) => break,
                Ok(count) => filled += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        bytes.truncate(filled);
        // Whoever reads the last bytes needs the file no more.
        if filled == bytes_max {
            self.reading = Some((path, file));
        }
        Ok(bytes.into())
    }
}

fn make_folder(dir: &Path, folder: &str) -> io::Result<()> {
    match fs::create_dir(dir.join(folder)) {
        Ok(()) => File::open(dir)?.sync_all(),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && dir.join(folder).is_dir() => {
            Ok(())
        }
        failed => failed,
    }
}

fn sync_folder_of(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => File::open(folder)?.sync_all(),
        _ => File::open(".")?.sync_all(),
    }
}

fn measure(path: &Path) -> io::Result<StorageOutput> {
    match fs::metadata(path) {
        Ok(found) => Ok(StorageOutput::Length(Some(found.len()))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(StorageOutput::Length(None)),
        Err(error) => Err(error),
    }
}

/// Replaces a file by what `change` makes of it, in one step.
fn rewrite(path: &Path, change: impl FnOnce(&[u8]) -> Vec<u8>) -> io::Result<()> {
    let old = match fs::read(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        read => read?,
    };
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.tmp", std::process::id()));
    let temporary = path.with_file_name(name);
    let written = File::create(&temporary).and_then(|mut file| {
        file.write_all(&change(&old))?;
        file.sync_all()?;
        if let Ok(known) = fs::metadata(path) {
            file.set_permissions(known.permissions())?;
        }
        fs::rename(&temporary, path)?;
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
    });
    if written.is_err() {
        // It may not even have been made.
        let _ = fs::remove_file(&temporary);
    }
    written
}

/// What a file that is not whole gives who would rename it.
const EIO: i32 = 5;

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;

    #[test]
    fn does_what_is_asked_in_order() {
        let dir = std::env::temp_dir().join(format!("redarium-storage-{}", std::process::id()));
        fs::create_dir_all(&dir).unwrap();
        let mut disk = Disk::default();
        let name = |name: &str| name.to_owned();
        let append = |data: &'static str| StorageOp::Append {
            file: name("a"),
            data: Bytes::from_static(data.as_bytes()),
        };
        for op in [
            StorageOp::Create { file: name("a") },
            append("one "),
            append("two"),
            StorageOp::Sync { file: name("a") },
            StorageOp::Rename { from: name("a"), to: name("b") },
            StorageOp::Remove { file: name("never there") },
        ] {
            disk.apply(&dir, op).unwrap();
        }
        assert_eq!(fs::read_to_string(dir.join("b")).unwrap(), "one two");
        disk.apply(&dir, StorageOp::Remove { file: name("b") }).unwrap();
        assert_eq!(fs::read_dir(&dir).unwrap().count(), 0);
        fs::remove_dir(&dir).unwrap();
        let missing = disk.apply(&dir, StorageOp::Create { file: name("a") }).unwrap_err();
        assert_eq!(os::words(&missing), "No such file or directory");
    }
    /// A disk that is full while a snapshot is written leaves the one there is.
    #[cfg(target_os = "linux")]
    #[test]
    fn what_is_not_whole_replaces_nothing() {
        let dir = std::env::temp_dir().join(format!("redarium-torn-{}", std::process::id()));
        fs::create_dir_all(&dir).unwrap();
        fs::write(dir.join("dump.rdb"), "whole").unwrap();
        // Everything that is written there finds the device full.
        std::os::unix::fs::symlink("/dev/full", dir.join("temp.rdb")).unwrap();
        let mut disk = Disk::default();
        let temp = || "temp.rdb".to_owned();
        let rename = || StorageOp::Rename { from: temp(), to: "dump.rdb".into() };
        disk.apply(&dir, StorageOp::Create { file: temp() }).unwrap();
        let data = Bytes::from_static(b"half");
        let full = disk.apply(&dir, StorageOp::Append { file: temp(), data }).unwrap_err();
        assert_eq!(os::words(&full), "No space left on device");
        assert!(disk.apply(&dir, rename()).is_err());
        assert_eq!(fs::read_to_string(dir.join("dump.rdb")).unwrap(), "whole");
        fs::remove_file(dir.join("temp.rdb")).unwrap();
        disk.apply(&dir, StorageOp::Create { file: temp() }).unwrap();
        disk.apply(&dir, rename()).unwrap();
        assert_eq!(fs::read_to_string(dir.join("dump.rdb")).unwrap(), "");
        fs::remove_dir_all(&dir).unwrap();
    }
}
