//! HyperLogLog: how many different elements a string of at most 12 KiB has been shown.
//!
//! The value is an ordinary string with Redis's very bytes: a header with the magic `HYLL`, the encoding
//! and the last count, and then 16384 registers of 6 bits, packed (`dense`) or as runs (`sparse`).
//! A value may come from a client, so that nothing is taken for granted: what does not describe exactly
//! 16384 registers is [`Corrupt`].

mod dense;
mod estimate;
mod murmur;
mod self_test;
mod sparse;

use estimate::Histogram;

pub use self_test::self_test;
pub use sparse::Run;
pub use sparse::runs;

/// The value of an empty HyperLogLog: one run of zeros.
pub const EMPTY: [u8; HEADER_BYTES + 2] = {
    let mut value = [0; HEADER_BYTES + 2];
    let (header, run) = value.split_at_mut(HEADER_BYTES);
    header.first_chunk_mut::<4>().unwrap().copy_from_slice(MAGIC);
    header[ENCODING_AT] = SPARSE;
    run.copy_from_slice(&[0x7f, 0xff]);
    value
};

/// How the registers are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    Dense,
    Sparse,
}

/// The runs of a sparse value do not describe as many registers as there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Corrupt;

/// How the value's registers are kept, if its header is that of a HyperLogLog.
#[must_use]
pub fn encoding(value: &[u8]) -> Option<Encoding> {
    let header = value.first_chunk::<HEADER_BYTES>()?;
    match header.get(ENCODING_AT) {
        _ if !header.starts_with(MAGIC) => None,
        Some(&DENSE) => (value.len() == DENSE_BYTES).then_some(Encoding::Dense),
        Some(&SPARSE) => Some(Encoding::Sparse),
        _ => None,
    }
}

/// Shows it an element; whether that changed a register. A sparse value that would need more than
/// `sparse_bytes_max` bytes, or a number that no run can hold, becomes dense.
///
/// # Errors
/// [`Corrupt`], with the value as it was.
pub fn add(value: &mut Vec<u8>, element: &[u8], sparse_bytes_max: usize) -> Result<bool, Corrupt> {
    let hash = murmur::hash(element);
    let index = (hash & (REGISTERS as u64 - 1)) as usize;
    let rest = (hash >> INDEX_BITS) | 1 << RANK_BITS;
    raise(value, index, rest.trailing_zeros() as u8 + 1, sparse_bytes_max)
}

/// Raises one register to `rank`, unless it is there already.
fn raise(value: &mut Vec<u8>, index: usize, rank: u8, bytes_max: usize) -> Result<bool, Corrupt> {
    if is_sparse(value) {
        match sparse::raise(value, index, rank, bytes_max)? {
            sparse::Raised::Kept => return Ok(false),
            sparse::Raised::Changed => return Ok(true),
            sparse::Raised::DoesNotFit => make_dense(value)?,
        };
    }
    Ok(dense::raise(value.get_mut(HEADER_BYTES..).unwrap_or_default(), index, rank))
}

/// Makes a sparse value dense; whether it was sparse.
///
/// # Errors
/// [`Corrupt`], with the value as it was.
pub fn make_dense(value: &mut Vec<u8>) -> Result<bool, Corrupt> {
    if !is_sparse(value) {
        return Ok(false);
    }
    let mut registers = Registers::default();
    registers.merge(value)?;
    value.truncate(HEADER_BYTES);
    value.extend_from_slice(&dense::pack(&registers.0));
    value.iter_mut().skip(ENCODING_AT).take(1).for_each(|byte| *byte = DENSE);
    Ok(true)
}

/// The count that the header remembers, unless a register has changed since.
#[must_use]
pub fn remembered(value: &[u8]) -> Option<u64> {
    let count = u64::from_le_bytes(*value.get(COUNT_AT..)?.first_chunk()?);
    (count & STALE == 0).then_some(count)
}

pub fn remember(value: &mut [u8], count: u64) {
    let place = value.iter_mut().skip(COUNT_AT);
    place.zip(count.to_le_bytes()).for_each(|(byte, new)| *byte = new);
}

/// Marks the remembered count as out of date.
pub fn forget(value: &mut [u8]) {
    let place = value.iter_mut().skip(HEADER_BYTES - 1).take(1);
    place.for_each(|byte| *byte |= (STALE >> 56) as u8);
}

/// How many different elements it has been shown, as far as it can tell.
///
/// # Errors
/// [`Corrupt`].
pub fn count(value: &[u8]) -> Result<u64, Corrupt> {
    let registers = value.get(HEADER_BYTES..).unwrap_or_default();
    let histogram = match is_sparse(value) {
        true => sparse::histogram(registers)?,
        false => dense::histogram(registers),
    };
    Ok(histogram.estimate())
}

/// The registers of one HyperLogLog, or the greatest of several at each place.
pub struct Registers([u8; REGISTERS]);

impl Default for Registers {
    fn default() -> Self {
        Self([0; REGISTERS])
    }
}

impl Registers {
    /// Takes on what `value` has more of.
    ///
    /// # Errors
    /// [`Corrupt`], with a part of it taken on.
    pub fn merge(&mut self, value: &[u8]) -> Result<(), Corrupt> {
        let registers = value.get(HEADER_BYTES..).unwrap_or_default();
        if is_sparse(value) {
            return sparse::merge(&mut self.0, registers);
        }
        dense::merge(&mut self.0, registers);
        Ok(())
    }

    /// Raises the registers of `value` to these.
    ///
    /// # Errors
    /// [`Corrupt`], with a part of them raised.
    pub fn raise(&self, value: &mut Vec<u8>, sparse_bytes_max: usize) -> Result<(), Corrupt> {
        if !is_sparse(value) {
            let mut all = Self(self.0);
            all.merge(value)?;
            let place = value.iter_mut().skip(HEADER_BYTES);
            place.zip(dense::pack(&all.0)).for_each(|(byte, new)| *byte = new);
            return Ok(());
        }
        let ranks = self.iter().enumerate().filter(|(_, rank)| *rank > 0);
        ranks.into_iter().try_for_each(|(index, rank)| {
            raise(value, index, rank, sparse_bytes_max)?;
            Ok(())
        })
    }

    #[must_use]
    pub fn count(&self) -> u64 {
        Histogram::of(&self.0).estimate()
    }

    pub fn iter(&self) -> impl ExactSizeIterator<Item = u8> {
        self.0.iter().copied()
    }
}

fn is_sparse(value: &[u8]) -> bool {
    value.get(ENCODING_AT) == Some(&SPARSE)
}

/// Registers, and the bits of a hash that choose one.
pub const REGISTERS: usize = 1 << INDEX_BITS;
const INDEX_BITS: u32 = 14;

/// The bits of a hash whose trailing zeros a register counts, from 1.
const RANK_BITS: u32 = u64::BITS - INDEX_BITS;

const MAGIC: &[u8] = b"HYLL";
const ENCODING_AT: usize = 4;
const DENSE: u8 = 0;
const SPARSE: u8 = 1;
const COUNT_AT: usize = 8;
const HEADER_BYTES: usize = 16;
const DENSE_BYTES: usize = HEADER_BYTES + dense::BYTES;

/// The highest bit of the remembered count says that it is out of date.
const STALE: u64 = 1 << 63;

#[cfg(test)]
mod tests {
    use super::*;

    fn with(elements: usize, sparse_bytes_max: usize) -> Vec<u8> {
        let mut value = EMPTY.to_vec();
        for element in 0..elements {
            add(&mut value, element.to_string().as_bytes(), sparse_bytes_max).unwrap();
        }
        value
    }

    #[test]
    fn both_encodings_hold_the_same_registers() {
        for elements in [0, 1, 10, 100, 500, 1000] {
            let (sparse, dense) = (with(elements, usize::MAX), with(elements, 0));
            assert_eq!(encoding(&sparse), Some(Encoding::Sparse));
            assert_eq!(count(&sparse), count(&dense), "{elements}");
            let mut converted = sparse.clone();
            assert_eq!(make_dense(&mut converted), Ok(true));
            assert_eq!(make_dense(&mut converted), Ok(false));
            assert_eq!(converted.len(), DENSE_BYTES);
            assert_eq!(converted[HEADER_BYTES..] == dense[HEADER_BYTES..], elements > 0);
            let mut merged = Registers::default();
            merged.merge(&sparse).unwrap();
            let (expect, mut copy) = (merged.count(), EMPTY.to_vec());
            merged.merge(&dense).unwrap();
            assert_eq!((merged.count(), Ok(expect)), (expect, count(&sparse)));
            merged.raise(&mut copy, 3000).unwrap();
            assert_eq!(count(&copy), Ok(expect));
        }
    }

    #[test]
    fn a_count_is_remembered_until_forgotten() {
        let mut value = EMPTY.to_vec();
        assert_eq!(remembered(&value), Some(0));
        remember(&mut value, 0x1234_5678_9abc);
        assert_eq!(remembered(&value), Some(0x1234_5678_9abc));
        forget(&mut value);
        assert_eq!(remembered(&value), None);
        assert_eq!(value.len(), EMPTY.len());
    }

    #[test]
    fn knows_its_values_by_their_header() {
        let dense = with(1, 0);
        for (value, expect) in [
            (&EMPTY[..], Some(Encoding::Sparse)),
            (&EMPTY[..16], Some(Encoding::Sparse)),
            (&EMPTY[..15], None),
            (b"HYLM\x01aaaaaaaaaaaaaaaaaaa", None),
            (b"HYLL\x02aaaaaaaaaaaaaaaaaaa", None),
            (&dense, Some(Encoding::Dense)),
            (&dense[..DENSE_BYTES - 1], None),
            (b"", None),
        ] {
            assert_eq!(encoding(value), expect);
        }
    }

    #[test]
    fn runs_that_miss_the_number_of_registers_are_corrupt() {
        for runs in [&b""[..], b"\x7f", b"\x7f\xfe", b"\x7f\xff\x00", b"\x7f\xff\x80", b"\x40"] {
            let value = [&EMPTY[..HEADER_BYTES], runs].concat();
            assert_eq!(count(&value), Err(Corrupt));
            assert_eq!(make_dense(&mut value.clone()), Err(Corrupt));
            assert_eq!(Registers::default().merge(&value), Err(Corrupt));
            assert_eq!(raise(&mut value.clone(), 0, 40, 3000), Err(Corrupt));
        }
        let empty = &EMPTY[..HEADER_BYTES];
        assert_eq!(add(&mut empty.to_vec(), b"a", 3000), Err(Corrupt));
    }
}
