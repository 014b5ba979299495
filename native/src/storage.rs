//! The disk: a thread that does what the engine asks for, in order, and says how it went.
//!
//! The engine never waits for a disk, and neither does a client whose reply does not depend on one.

use std::collections::BTreeMap;
use std::fs;
use std::fs::File;
use std::io;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;
use std::sync::mpsc;
use std::thread;

use redarium_core::node::StorageDone;
use redarium_core::node::StorageId;
use redarium_core::node::StorageOp;

use crate::os;

/// The way to the thread. It ends when this is dropped and all is done.
#[derive(Debug)]
pub struct Storage {
    orders: mpsc::Sender<Order>,
}

#[derive(Debug)]
struct Order {
    id: StorageId,
    op: StorageOp,
    /// The folder that the operation's file names are in.
    dir: PathBuf,
}

impl Storage {
    /// Starts the thread, which calls `done` after each operation.
    pub fn start(done: impl Fn(StorageDone) + Send + 'static) -> Self {
        let (orders, arriving) = mpsc::channel::<Order>();
        let work = move || {
            let mut disk = Disk::default();
            for Order { id, op, dir } in arriving {
                let outcome = disk.apply(&dir, op).map_err(|error| os::words(&error));
                done(StorageDone { id, outcome });
            }
        };
        thread::spawn(work);
        Self { orders }
    }

    pub fn order(&self, id: StorageId, op: StorageOp, dir: &str) {
        // The thread lives as long as this sender, so there is nobody to miss the order.
        let _ = self.orders.send(Order { id, op, dir: dir.into() });
    }
}

/// Files that are being written, open from `Create` until they get another name.
#[derive(Default)]
struct Disk {
    open: BTreeMap<PathBuf, File>,
}

impl Disk {
    fn apply(&mut self, dir: &Path, op: StorageOp) -> io::Result<()> {
        match op {
            StorageOp::Create { file } => {
                let path = dir.join(file);
                let file = File::create(&path)?;
                self.open.insert(path, file);
                Ok(())
            }
            StorageOp::Append { file, data } => self.file(dir.join(file))?.write_all(&data),
            StorageOp::Sync { file } => self.file(dir.join(file))?.sync_all(),
            StorageOp::Rename { from, to } => {
                let (from, to) = (dir.join(from), dir.join(to));
                self.open.remove(&from);
                self.open.remove(&to);
                fs::rename(from, to)?;
                // The new name survives a crash once the folder is on the disk.
                File::open(dir)?.sync_all()
            }
            StorageOp::Remove { file } => {
                let path = dir.join(file);
                self.open.remove(&path);
                match fs::remove_file(path) {
                    Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
                    done => done,
                }
            }
        }
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
}

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
}
