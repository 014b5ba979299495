//! Sets: member by member, as an intset, or, since Redis 7.2, as a listpack.

use super::ErrorKind;
use super::reader::{Reader, Stop};
use super::value::Progress;
use crate::data::{Intset, Limits, Listpack, Set};

/// A set of which members are still missing; none has been read while there is no set.
#[derive(Default)]
pub(super) struct PartialSet {
    set: Option<Set>,
    left: u64,
}

impl PartialSet {
    /// Reads the number of members, or the next one.
    pub fn advance(&mut self, reader: &mut Reader<'_>, limits: &Limits) -> Result<Progress, Stop> {
        let Some(set) = &mut self.set else {
            self.left = reader.length()?;
            if self.left == 0 {
                return Ok(Progress::Empty);
            }
            let is_small = self.left <= limits.set_max_intset_entries as u64;
            self.set = Some(if is_small { Set::of_ints() } else { Set::of_many(limits) });
            return Ok(Progress::More);
        };
        if !set.insert(&reader.bytes()?, limits) {
            return Err(Stop::Wrong(ErrorKind::Malformed("Duplicate set members detected")));
        }
        self.left -= 1;
        Ok(match self.left {
            0 => self.set.take().map_or(Progress::Empty, Progress::data),
            _ => Progress::More,
        })
    }
}

pub(super) fn read_intset(reader: &mut Reader<'_>, limits: &Limits) -> Result<Progress, Stop> {
    let ints = Intset::from_bytes(reader.bytes()?.into())
        .ok_or(Stop::Wrong(ErrorKind::Malformed("Intset integrity check failed.")))?;
    Ok(Progress::data(Set::from_intset(ints, limits)))
}

pub(super) fn read_listpack(reader: &mut Reader<'_>, limits: &Limits) -> Result<Progress, Stop> {
    let invalid = Stop::Wrong(ErrorKind::Malformed("Set listpack integrity check failed."));
    let Some(pack) = Listpack::from_bytes(reader.bytes()?.into()) else { return Err(invalid) };
    if pack.is_empty() {
        return Ok(Progress::Empty);
    }
    Set::from_listpack(pack, limits).map(Progress::data).ok_or(invalid)
}
