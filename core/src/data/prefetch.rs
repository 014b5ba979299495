//! A hint to the processor to load memory that is needed soon.
//!
//! Waiting for memory is most of what a lookup in a large keyspace costs; loads that are started
//! for several keys at once overlap. Where there is no such hint, nothing happens.

/// Starts loading the cache line at this address, which need not be valid.
#[inline]
pub(crate) fn prefetch<T>(at: *const T) {
    #[cfg(all(target_arch = "x86_64", not(miri)))]
    // SAFETY: a prefetch reads nothing into the program and never faults, whatever the address; its
    // instruction set is part of x86-64.
    unsafe {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        _mm_prefetch::<_MM_HINT_T0>(at.cast());
    }
    #[cfg(not(all(target_arch = "x86_64", not(miri))))]
    let _ = at;
}
