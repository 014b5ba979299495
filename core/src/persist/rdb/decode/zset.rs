//! Reads sorted sets: one by one the members of a large one, at once a small one that is a single
//! string.

use itoa::Buffer;

use super::ErrorKind;
use super::reader::{Reader, Stop};
use super::value::Progress;
use super::ziplist;
use crate::data::{Limits, Listpack, StrRef, ZSet, number};

/// A sorted set of which members are still missing.
pub(super) struct ZSetReader {
    zset: ZSet,
    scores: Scores,
    /// Members to come, once their number is known.
    left: Option<u64>,
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
        Self { zset: ZSet::new(), scores, left: None }
    }

    pub(super) fn advance(
        &mut self,
        reader: &mut Reader<'_>,
        limits: &Limits,
    ) -> Result<Progress, Stop> {
        let Some(left) = self.left else {
            let members = reader.length()?;
            self.left = Some(members);
            self.zset = ZSet::sized_for(usize::try_from(members).unwrap_or(usize::MAX), 0, limits);
            return Ok(if members == 0 { Progress::Empty } else { Progress::More });
        };
        let member = reader.bytes()?;
        let score = self.scores.read(reader)?;
        add(&mut self.zset, &member, score, limits)?;
        self.left = Some(left - 1);
        Ok(match left {
            1 => Progress::data(std::mem::take(&mut self.zset)),
            _ => Progress::More,
        })
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
        Ok(_) => Err(malformed("Zset duplicate fields detected")),
        Err(_) => Err(malformed("Zset with NAN score detected")),
    }
}

fn parse(text: &[u8]) -> Result<f64, Stop> {
    number::parse_f64(text).ok_or(malformed("Zset score is no number"))
}

fn malformed(what: &'static str) -> Stop {
    Stop::Wrong(ErrorKind::Malformed(what))
}

const TEXT_NAN: u8 = 253;
const TEXT_INFINITY: u8 = 254;
const TEXT_NEGATIVE_INFINITY: u8 = 255;
