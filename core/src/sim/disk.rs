//! A node's directory, in memory, with what would survive a crash told apart.

use bytes::Bytes;

use crate::node::StorageOp;
use crate::node::StorageOutput;
use crate::rng::Rng;

/// For worlds, and for programs that have a node and no disk.
#[derive(Clone, Debug, Default)]
pub struct Disk {
    /// A handful.
    files: Vec<File>,
    /// When the operations asked for so far are done: a disk does one after the other.
    busy_until_us: u64,
    /// Nothing can be appended.
    is_full: bool,
}

#[derive(Clone, Debug, Default)]
struct File {
    name: String,
    data: Vec<u8>,
    /// How much of `data` a crash leaves alone.
    synced: usize,
    /// Its folder was synced since it was made: a crash does not undo that.
    linked: bool,
    /// Something could not be written to it: it can't take another one's place.
    torn: bool,
}

/// A file of a node's directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileView<'a> {
    pub name: &'a str,
    pub bytes: &'a [u8],
    /// How many of the bytes would survive a crash.
    pub synced: usize,
}

impl Disk {
    /// When an operation asked for now will be done.
    pub fn reserve(&mut self, now_us: u64, op: &StorageOp) -> u64 {
        let takes_us = match op {
            StorageOp::Sync { .. }
            | StorageOp::Rename { .. }
            | StorageOp::Truncate { .. }
            | StorageOp::Rewrite { .. } => SYNC_US,
            StorageOp::Create { .. }
            | StorageOp::Remove { .. }
            | StorageOp::MakeFolder { .. }
            | StorageOp::Measure { .. } => OPERATION_US,
            StorageOp::Append { data, .. } => transfer_us(data.len()),
            StorageOp::Log { data, sync, .. } => {
                transfer_us(data.len()) + if *sync { SYNC_US } else { 0 }
            }
            StorageOp::Read { bytes_max, .. } => transfer_us(*bytes_max),
        };
        self.busy_until_us = self.busy_until_us.max(now_us) + takes_us;
        self.busy_until_us
    }

    /// Does an operation; the error is the operating system's words.
    pub fn apply(&mut self, op: StorageOp) -> Result<StorageOutput, String> {
        if let (true, Some(file)) = (self.is_full, appended(&op)) {
            if let Ok(file) = self.find(file) {
                file.torn |= matches!(op, StorageOp::Append { .. });
            }
            return Err("No space left on device".into());
        }
        match op {
            // Names with a folder in them are names like others here.
            StorageOp::MakeFolder { .. } => {}
            StorageOp::Create { file } => {
                self.remove(&file);
                self.files.push(File { name: file, ..File::default() });
            }
            StorageOp::Append { file, data } => self.find(&file)?.data.extend_from_slice(&data),
            StorageOp::Sync { file } => {
                let file = self.find(&file)?;
                file.synced = file.data.len();
            }
            StorageOp::Rename { from, .. } if self.find(&from)?.torn => {
                return Err("Input/output error".into());
            }
            StorageOp::Rename { from, to } => {
                let file = self.remove(&from).ok_or(NO_SUCH_FILE)?;
                self.remove(&to);
                let folder = folder_of(&to).to_owned();
                self.files.push(File { name: to, ..file });
                let of_folder = |file: &&mut File| folder_of(&file.name) == folder;
                self.files.iter_mut().filter(of_folder).for_each(|file| file.linked = true);
            }
            // The world does this: a simulated node's settings are in no file.
            StorageOp::Rewrite { .. } => return Err(NO_SUCH_FILE.into()),
            StorageOp::Remove { file } => {
                self.remove(&file);
            }
            StorageOp::Log { file, data, sync } => {
                let file = self.find(&file)?;
                file.data.extend_from_slice(&data);
                if sync {
                    file.synced = file.data.len();
                }
            }
            StorageOp::Truncate { file, len } => {
                let file = self.find(&file)?;
                file.data.truncate(usize::try_from(len).unwrap_or(usize::MAX));
                file.synced = file.data.len();
            }
            StorageOp::Measure { file } => {
                let len = self.find(&file).ok().map(|file| file.data.len() as u64);
                return Ok(StorageOutput::Length(len));
            }
            StorageOp::Read { file, offset, bytes_max } => {
                let start = usize::try_from(offset).unwrap_or(usize::MAX);
                let rest = self.find(&file)?.data.get(start..).unwrap_or_default();
                let read = rest.get(..bytes_max).unwrap_or(rest);
                return Ok(StorageOutput::Bytes(Bytes::copy_from_slice(read)));
            }
        }
        Ok(StorageOutput::Nothing)
    }

    /// Power fails: what was not synced is gone.
    pub fn lose_unsynced(&mut self) {
        self.busy_until_us = 0;
        self.files.retain(|file| file.linked);
        self.files.iter_mut().for_each(|file| file.data.truncate(file.synced));
    }

    /// Power fails: of what was not synced any part may be there or not, as `rng` wants it.
    pub fn crash(&mut self, rng: &mut Rng) {
        self.busy_until_us = 0;
        self.files.retain(|file| file.linked || rng.below(2) == 0);
        for file in &mut self.files {
            let unsynced = file.data.len().saturating_sub(file.synced) as u64;
            let kept = usize::try_from(rng.below(unsynced + 1)).unwrap_or(0);
            file.data.truncate(file.synced + kept);
            file.synced = file.data.len();
            file.linked = true;
        }
    }

    /// Whether nothing can be appended from now on.
    pub fn set_full(&mut self, is_full: bool) {
        self.is_full = is_full;
    }

    pub fn is_full(&self) -> bool {
        self.is_full
    }

    /// The process that had asked for operations is gone.
    pub fn forget_asked(&mut self) {
        self.busy_until_us = 0;
    }

    /// Puts a file there, in place of one of that name; a crash leaves it alone.
    pub fn put(&mut self, name: String, data: Vec<u8>) {
        self.remove(&name);
        self.files.push(File { name, synced: data.len(), data, linked: true, torn: false });
    }

    pub fn files(&self) -> impl Iterator<Item = FileView<'_>> {
        self.files.iter().map(|file| FileView {
            name: &file.name,
            bytes: &file.data,
            synced: file.synced,
        })
    }

    fn find(&mut self, file: &str) -> Result<&mut File, String> {
        let found = self.files.iter_mut().find(|known| known.name == file);
        found.ok_or_else(|| NO_SUCH_FILE.into())
    }

    fn remove(&mut self, name: &str) -> Option<File> {
        let index = self.files.iter().position(|file| file.name == name)?;
        Some(self.files.remove(index))
    }
}

/// The file that an operation makes longer.
fn appended(op: &StorageOp) -> Option<&str> {
    match op {
        StorageOp::Append { file, data } | StorageOp::Log { file, data, .. } => {
            (!data.is_empty()).then_some(file)
        }
        _ => None,
    }
}

fn folder_of(name: &str) -> &str {
    name.rsplit_once('/').map_or("", |(folder, _)| folder)
}

fn transfer_us(bytes: usize) -> u64 {
    OPERATION_US + bytes as u64 / BYTES_PER_US
}

const NO_SUCH_FILE: &str = "No such file or directory";

/// What a system call costs, what waiting for the medium costs, and how fast bytes go: a fair
/// solid-state disk.
const OPERATION_US: u64 = 20;
const SYNC_US: u64 = 500;
const BYTES_PER_US: u64 = 500;
