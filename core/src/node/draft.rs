//! A file that is being written under a temporary name: what is under way, and whether it failed.

use super::StorageDone;
use super::StorageId;

#[derive(Debug)]
pub(super) struct Draft {
    pub name: String,
    /// Why the file will be no good, once that is known.
    pub failure: Option<String>,
    /// Operations not known to be done, with the bytes that each appends.
    under_way: Vec<(StorageId, usize)>,
    bytes_under_way: usize,
    bytes: u64,
    /// The operation that puts the file in its place, once it has been asked for.
    last: Option<StorageId>,
}

/// What an operation that is done means for a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// It is another's.
    Foreign,
    /// There is more to come.
    Taken,
    /// It was the last.
    Finished,
}

impl Draft {
    pub fn new(name: String) -> Self {
        Self {
            name,
            failure: None,
            under_way: Vec::new(),
            bytes_under_way: 0,
            bytes: 0,
            last: None,
        }
    }

    /// An operation on the file was asked for; it appends so many bytes.
    pub fn note(&mut self, id: StorageId, bytes: usize) {
        self.under_way.push((id, bytes));
        self.bytes_under_way += bytes;
        self.bytes += bytes as u64;
    }

    /// This operation, which was asked for last, puts the file in its place.
    pub fn ends_with(&mut self, id: StorageId) {
        self.last = Some(id);
    }

    /// What has been appended so far.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// What has been appended and is not known to be written.
    pub fn bytes_under_way(&self) -> usize {
        self.bytes_under_way
    }

    pub fn handle(&mut self, done: &StorageDone) -> Step {
        let Some(at) = self.under_way.iter().position(|(id, _)| *id == done.id) else {
            return Step::Foreign;
        };
        self.bytes_under_way -= self.under_way.swap_remove(at).1;
        if let Err(reason) = &done.outcome {
            self.failure.get_or_insert_with(|| reason.clone());
        }
        if self.last == Some(done.id) { Step::Finished } else { Step::Taken }
    }
}
