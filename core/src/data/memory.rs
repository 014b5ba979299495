//! What a block of memory takes.

/// Bytes an allocator takes for a block of `bytes`, in a 64-bit build and wherever this runs:
/// mimalloc's size classes, eight bytes apart at first, then four to each doubling, and beyond some
/// size what is never touched takes nothing but the rest of its page.
#[must_use]
pub const fn allocated_bytes(bytes: usize) -> usize {
    let step = if bytes <= 8 * STEP_BYTES_MIN {
        STEP_BYTES_MIN
    } else {
        let quarter = 1 << ((bytes - 1).ilog2() - 2);
        if quarter < PAGE_BYTES { quarter } else { PAGE_BYTES }
    };
    // Steps are powers of two, which spares a division.
    bytes.saturating_add(step - 1) & !(step - 1)
}

const STEP_BYTES_MIN: usize = 8;
const PAGE_BYTES: usize = 4096;

#[cfg(test)]
mod tests {
    use super::allocated_bytes;

    #[test]
    fn blocks_take_the_size_of_their_class() {
        for (bytes, taken) in [
            (0, 0),
            (1, 8),
            (8, 8),
            (57, 64),
            (64, 64),
            (65, 80),
            (80, 80),
            (81, 96),
            (128, 128),
            (129, 160),
            (1025, 1280),
            (16_384, 16_384),
            (16_385, 20_480),
            (100_000, 102_400),
            (1_000_000, 1_003_520),
        ] {
            assert_eq!(allocated_bytes(bytes), taken, "{bytes}");
        }
    }
}
