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
    /// Reads the number of members, or the next one. There is room for at most `room` at once.
    pub fn advance(
        &mut self,
        reader: &mut Reader<'_>,
        room: usize,
        limits: &Limits,
    ) -> Result<Progress, Stop> {
        let Some(set) = &mut self.set else {
            self.left = reader.length()?;
            if self.left == 0 {
                return Ok(Progress::Empty);
            }
            let is_small = self.left <= limits.set_max_intset_entries as u64;
            let set = self.set.insert(if is_small { Set::of_ints() } else { Set::of_many(limits) });
            set.reserve(usize::try_from(self.left).map_or(room, |left| left.min(room)));
            return Ok(Progress::More);
        };
        if !set.insert(&reader.text()?, limits) {
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

#[cfg(test)]
mod tests {
    use super::super::testing::{payload, read};
    use crate::data::{Collection, Encoding, Kind, Limits, Set, StrRef};
    use crate::persist::rdb::{Encoder, ErrorKind, WriteOptions};

    #[test]
    fn every_form_of_redis_is_read() {
        let cases: [(&[u8], &[&str], Encoding); 6] = [
            (
                b"\x0b\x14\x04\0\0\0\x03\0\0\0\xfe\xff\xff\xff\x01\0\0\0p\x11\x01\0",
                &["-2", "1", "70000"],
                Encoding::Intset,
            ),
            (b"\x02\x02\x03abc\xc0\x05", &["abc", "5"], Encoding::Listpack),
            (b"\x02\x02\xc0\x06\x011", &["1", "6"], Encoding::Intset),
            (b"\x02\x03\xc0\x06\xc0\x07\x01a", &["6", "7", "a"], Encoding::Listpack),
            (b"\x02\x01\xc3\x06\x40\x46\x01aa\xe0\x3b\0", &[&"a".repeat(70)], Encoding::Hashtable),
            (b"\x14\x0c\x0c\0\0\0\x02\0\x81a\x02\x05\x01\xff", &["a", "5"], Encoding::Listpack),
        ];
        for (value, members, encoding) in cases {
            let data = read(&payload(value), &Limits::default()).unwrap().unwrap();
            let set = Set::of(data.view()).unwrap();
            let got: Vec<_> = set.iter().map(StrRef::to_vec).collect();
            assert_eq!(got, members.iter().map(|m| m.as_bytes()).collect::<Vec<_>>());
            assert_eq!(set.encoding(), encoding);
        }
    }

    #[test]
    fn the_limits_give_the_form() {
        let none =
            Limits { set_max_intset_entries: 0, set_max_listpack_entries: 0, ..Limits::default() };
        for value in [
            &b"\x0b\x0a\x02\0\0\0\x01\0\0\0\x07\0"[..],
            b"\x02\x01\xc0\x07",
            b"\x14\x09\x09\0\0\0\x01\0\x07\x01\xff",
        ] {
            let data = read(&payload(value), &none).unwrap().unwrap();
            assert_eq!(data.collection().encoding(), Encoding::Hashtable);
        }
    }

    #[test]
    fn an_empty_set_is_passed_over_and_a_bad_one_refused() {
        for value in [&b"\x02\x00"[..], b"\x14\x07\x07\0\0\0\0\0\xff"] {
            assert_eq!(read(&payload(value), &Limits::default()), Ok(None));
        }
        for (value, problem) in [
            (&b"\x02\x02\x01a\x01a"[..], "Duplicate set members detected"),
            (b"\x0b\x08\x02\0\0\0\0\0\0\0", "Intset integrity check failed."),
            (b"\x0b\x0c\x02\0\0\0\x02\0\0\0\x07\0\x07\0", "Intset integrity check failed."),
            (b"\x14\x06\x07\0\0\0\0\0", "Set listpack integrity check failed."),
            (
                b"\x14\x0b\x0b\0\0\0\x02\0\x07\x01\x07\x01\xff",
                "Set listpack integrity check failed.",
            ),
        ] {
            let error = read(&payload(value), &Limits::default()).unwrap_err();
            assert_eq!(error.kind, ErrorKind::Malformed(problem));
        }
    }

    #[test]
    fn what_is_written_is_read() {
        let limits = Limits::default();
        for (members, text) in [(1, ""), (512, ""), (513, ""), (1, "a"), (128, "a"), (2000, "a")] {
            let mut set = Set::for_members(format!("{text}0").as_bytes(), 1, &limits);
            for number in 0..members {
                set.insert(format!("{text}{number}").as_bytes(), &limits);
            }
            let data = set.into_data();
            let mut encoder = Encoder::new(WriteOptions::default());
            encoder.data_entry(b"k", data.view(), None);
            assert_eq!(read(&encoder.finish(), &limits), Ok(Some(data)));
        }
    }
}
