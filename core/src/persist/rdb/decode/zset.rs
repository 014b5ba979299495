//! Reads sorted sets: one by one the members of a large one, at once a small one that is a single
//! string.

use itoa::Buffer;

use super::ErrorKind;
use super::reader::{Reader, Stop};
use super::value::Progress;
use super::ziplist;
use crate::data::zset::Filling;
use crate::data::{Limits, Listpack, StrRef, ZSet, number};

/// A sorted set of which members are still missing.
pub(super) struct ZSetReader {
    /// Members to come, and those that came, once it is known how many there are.
    filling: Option<(u64, Filling)>,
    scores: Scores,
}

/// How a score is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scores {
    /// A length and that many digits, up to Redis 3.2.
    Text,
    /// Eight bytes.
    Binary,
}

impl ZSetReader {
    pub(super) fn new(scores: Scores) -> Self {
        Self { filling: None, scores }
    }

    /// Reads the number of members, or the next one. There is room for at most `room` at once.
    pub(super) fn advance(
        &mut self,
        reader: &mut Reader<'_>,
        room: usize,
        limits: &Limits,
    ) -> Result<Progress, Stop> {
        let Some((left, filling)) = &mut self.filling else {
            let members = reader.length()?;
            let expected = usize::try_from(members).unwrap_or(usize::MAX);
            self.filling = Some((members, Filling::new(expected, room, limits)));
            return Ok(if members == 0 { Progress::Empty } else { Progress::More });
        };
        let member = reader.text()?;
        let score = self.scores.read(reader)?;
        filling.add(&member, score, limits).map_err(|_| malformed(NAN))?;
        if filling.has_duplicates() {
            return Err(malformed(DUPLICATE));
        }
        *left -= 1;
        if *left > 0 {
            return Ok(Progress::More);
        }
        let zset = self.filling.take().and_then(|(_, filling)| filling.finish());
        zset.map(Progress::data).ok_or(malformed(DUPLICATE))
    }
}

impl Scores {
    fn read(self, reader: &mut Reader<'_>) -> Result<f64, Stop> {
        if self == Self::Binary {
            return reader.array().map(f64::from_le_bytes);
        }
        match reader.byte()? {
            TEXT_NAN => Ok(f64::NAN),
            TEXT_INFINITY => Ok(f64::INFINITY),
            TEXT_NEGATIVE_INFINITY => Ok(f64::NEG_INFINITY),
            length => parse(reader.slice(length.into())?),
        }
    }
}

/// Reads a sorted set that is one ziplist, as Redis wrote small ones before 7.0.
pub(super) fn read_ziplist(reader: &mut Reader<'_>, limits: &Limits) -> Result<Progress, Stop> {
    let bytes = reader.bytes()?;
    let elements =
        ziplist::parse(&bytes).ok_or(malformed("Zset ziplist integrity check failed."))?;
    read_elements(elements.iter().copied(), limits)
}

/// Reads a sorted set that is one listpack.
pub(super) fn read_listpack(reader: &mut Reader<'_>, limits: &Limits) -> Result<Progress, Stop> {
    let pack = Listpack::from_bytes(reader.bytes()?.into())
        .ok_or(malformed("Zset listpack integrity check failed."))?;
    read_elements(pack.iter(), limits)
}

/// Members and scores take their places anew, so that nothing rests on the order they came in.
fn read_elements<'a>(
    mut elements: impl Iterator<Item = StrRef<'a>>,
    limits: &Limits,
) -> Result<Progress, Stop> {
    let mut zset = ZSet::new();
    let mut buffer = Buffer::new();
    while let Some(member) = elements.next() {
        let score = match elements.next() {
            Some(StrRef::Int(value)) => value as f64,
            Some(StrRef::Bytes(text)) => parse(text)?,
            None => return Err(malformed("Zset member without a score")),
        };
        add(&mut zset, member.as_bytes(&mut buffer), score, limits)?;
    }
    Ok(if zset.is_empty() { Progress::Empty } else { Progress::data(zset) })
}

fn add(zset: &mut ZSet, member: &[u8], score: f64, limits: &Limits) -> Result<(), Stop> {
    match zset.update(member, limits, |_| Some(score)) {
        Ok(change) if change.old.is_none() => Ok(()),
        Ok(_) => Err(malformed(DUPLICATE)),
        Err(_) => Err(malformed(NAN)),
    }
}

fn parse(text: &[u8]) -> Result<f64, Stop> {
    number::parse_f64(text).ok_or(malformed("Zset score is no number"))
}

fn malformed(what: &'static str) -> Stop {
    Stop::Wrong(ErrorKind::Malformed(what))
}

const DUPLICATE: &str = "Zset duplicate fields detected";
const NAN: &str = "Zset with NAN score detected";

const TEXT_NAN: u8 = 253;
const TEXT_INFINITY: u8 = 254;
const TEXT_NEGATIVE_INFINITY: u8 = 255;

#[cfg(test)]
mod tests {
    use super::super::testing::{payload, read};
    use crate::data::{Collection, Encoding, Kind, Limits, ZSet};
    use crate::persist::rdb::{Encoder, ErrorKind, WriteOptions};

    const BINARY: &[u8] =
        b"\x05\x03\x01b\0\0\0\0\0\0\x04@\x01a\0\0\0\0\0\0\xf0?\xc0\x0c\0\0\0\0\0\0\xf0\xff";
    const TEXT: &[u8] = b"\x03\x03\x01b\x032.5\x01a\x011\xc0\x0c\xff";
    const ZIPLIST: &[u8] =
        b"\x0c\x20\x20\0\0\0\x1a\0\0\0\x06\0\0\xfd\x02\x04-inf\x06\x01a\x03\xf2\x02\x01b\x03\x032.5\xff";
    const LISTPACK: &[u8] =
        b"\x11\x1c\x1c\0\0\0\x06\0\x0c\x01\x84-inf\x05\x81a\x02\x01\x01\x81b\x02\x832.5\x04\xff";

    #[test]
    fn every_form_of_redis_is_read() {
        let large = Limits { zset_max_listpack_entries: 2, ..Limits::default() };
        for value in [BINARY, TEXT, ZIPLIST, LISTPACK] {
            for (limits, encoding) in
                [(Limits::default(), Encoding::Listpack), (large.clone(), Encoding::Skiplist)]
            {
                let data = read(&payload(value), &limits).unwrap().unwrap();
                let zset = ZSet::of(data.view()).unwrap();
                let got: Vec<_> =
                    zset.iter().map(|(member, score)| (member.to_vec(), score)).collect();
                let expect = [(&b"12"[..], f64::NEG_INFINITY), (b"a", 1.0), (b"b", 2.5)];
                assert_eq!(got, expect.map(|(member, score)| (member.to_vec(), score)));
                assert_eq!(zset.encoding(), encoding);
            }
        }
    }

    #[test]
    fn an_empty_set_is_passed_over_and_a_bad_one_refused() {
        let empty_ziplist = b"\x0c\x0b\x0b\0\0\0\x0a\0\0\0\0\0\xff";
        for value in [&b"\x03\0"[..], b"\x05\0", b"\x11\x07\x07\0\0\0\0\0\xff", empty_ziplist] {
            assert_eq!(read(&payload(value), &Limits::default()), Ok(None));
        }
        for (value, problem) in [
            (&b"\x03\x02\x01a\x011\x01a\x012"[..], "Zset duplicate fields detected"),
            (b"\x03\x01\x01a\xfd", "Zset with NAN score detected"),
            (b"\x05\x01\x01a\0\0\0\0\0\0\xf8\x7f", "Zset with NAN score detected"),
            (b"\x03\x01\x01a\x01x", "Zset score is no number"),
            (b"\x11\x06\x07\0\0\0\0\0", "Zset listpack integrity check failed."),
            (b"\x11\x09\x09\0\0\0\x01\0\x07\x01\xff", "Zset member without a score"),
            (b"\x0c\x0a\x0b\0\0\0\x0a\0\0\0\0\0", "Zset ziplist integrity check failed."),
        ] {
            let error = read(&payload(value), &Limits::default()).unwrap_err();
            assert_eq!(error.kind, ErrorKind::Malformed(problem));
        }
    }

    #[test]
    fn what_is_written_is_read() {
        let limits = Limits::default();
        for members in [1_u32, 2, 128, 129, 3000] {
            let mut zset = ZSet::new();
            for number in 0..members {
                let score = f64::from(number % 7) / 3.0 - 1.0;
                zset.insert(format!("member:{number}").as_bytes(), score, &limits);
            }
            zset.insert(b"infinite", f64::INFINITY, &limits);
            let data = zset.into_data();
            let mut encoder = Encoder::new(WriteOptions::default());
            encoder.data_entry(b"k", data.view(), None);
            assert_eq!(read(&encoder.finish(), &limits), Ok(Some(data)));
        }
    }
}
