//! How large a node may get: `list-max-listpack-size`.

use crate::data::Limits;

/// Elements of a node when positive; when negative its bytes, from -1 for 4 KiB to -5 for 64 KiB.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fill(i16);

impl Fill {
    pub fn of(limits: &Limits) -> Self {
        Self(limits.list_max_listpack_size.clamp(SCALE_MIN, i16::MAX.into()) as i16)
    }

    /// Whether a node of so many bytes and elements is too large.
    pub fn is_exceeded_by(self, bytes: usize, elements: usize) -> bool {
        match self.bytes_max() {
            Some(bytes_max) => bytes > bytes_max,
            None => bytes > COUNTED_BYTES_MAX || elements > self.elements_max(),
        }
    }

    /// Whether a list of several nodes that has come down to this one is to be a listpack again:
    /// at half the limits if elements went, so that a list at the edge does not go to and fro.
    pub fn is_met_by(self, bytes: usize, elements: usize, shrinking: bool) -> bool {
        let part = if shrinking { 2 } else { 1 };
        match self.bytes_max() {
            Some(bytes_max) => bytes <= bytes_max / part,
            None => elements <= self.elements_max() / part,
        }
    }

    /// Whether an element of so many bytes gets a node of its own.
    pub fn is_large(self, bytes: usize) -> bool {
        bytes > self.bytes_max().unwrap_or(COUNTED_BYTES_MAX)
    }

    fn bytes_max(self) -> Option<usize> {
        (self.0 < 0).then(|| SCALE_BYTES << (-1 - i32::from(self.0)))
    }

    fn elements_max(self) -> usize {
        // 0 means 1.
        usize::try_from(self.0).unwrap_or(0).max(1)
    }
}

const SCALE_MIN: i32 = -5;
const SCALE_BYTES: usize = 4096;

/// The bytes of a node whose elements are counted.
const COUNTED_BYTES_MAX: usize = 8192;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_those_of_redis() {
        let fill = |size| Fill::of(&Limits { list_max_listpack_size: size, ..Limits::default() });
        for (size, bytes_max) in [(-1, 4096), (-2, 8192), (-5, 65_536), (-9, 65_536)] {
            assert!(!fill(size).is_exceeded_by(bytes_max, 100_000), "{size}");
            assert!(fill(size).is_exceeded_by(bytes_max + 1, 1), "{size}");
            assert!(!fill(size).is_large(bytes_max) && fill(size).is_large(bytes_max + 1));
            assert!(fill(size).is_met_by(bytes_max / 2, 100_000, true));
            assert!(!fill(size).is_met_by(bytes_max / 2 + 1, 1, true));
            assert!(fill(size).is_met_by(bytes_max, 1, false));
        }
        for (size, elements_max) in [(0, 1), (1, 1), (128, 128), (100_000, 32_767)] {
            assert!(!fill(size).is_exceeded_by(8192, elements_max), "{size}");
            assert!(fill(size).is_exceeded_by(8192, elements_max + 1), "{size}");
            assert!(fill(size).is_exceeded_by(8193, 1) && fill(size).is_large(8193));
            assert!(fill(size).is_met_by(8193, elements_max / 2, true));
        }
    }
}
