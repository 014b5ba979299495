//! Reads hashes: one by one the fields of a large one, at once a small one that is a single string.

use super::ErrorKind;
use super::reader::{Reader, Stop};
use super::value::Progress;
use crate::data::{Hash, Limits};

/// A hash of which fields are still missing.
pub(super) struct HashReader {
    hash: Hash,
    /// Fields to come, once their number is known.
    left: Option<u64>,
}

impl HashReader {
    pub(super) fn new() -> Self {
        Self { hash: Hash::new(), left: None }
    }

    pub(super) fn advance(
        &mut self,
        reader: &mut Reader<'_>,
        limits: &Limits,
    ) -> Result<Progress, Stop> {
        let Some(left) = self.left else {
            let fields = reader.length()?;
            self.left = Some(fields);
            self.hash.expect_fields(usize::try_from(fields).unwrap_or(usize::MAX), limits);
            return Ok(if fields == 0 { Progress::Empty } else { Progress::More });
        };
        let (field, value) = (reader.bytes()?, reader.bytes()?);
        if !self.hash.set(&field, &value, limits) {
            return Err(Stop::Wrong(ErrorKind::Malformed("Duplicate hash fields detected")));
        }
        self.left = Some(left - 1);
        Ok(match left {
            1 => Progress::data(std::mem::take(&mut self.hash)),
            _ => Progress::More,
        })
    }
}
