//! mimalloc as the global allocator, asked in the way that wastes least.
//!
//! Invariant: every block handed out is aligned as its layout asks. `mi_malloc` aligns to eight bytes
//! or more whatever it was compiled with; anything stricter goes through the `_aligned` calls.
//!
//! The crate's own allocator always makes the aligned calls. They give an entry of 56 bytes a block
//! of 64 unless a free one happens to lie right, where the plain call, compiled with
//! `MI_MAX_ALIGN_SIZE=8` (`.cargo/config.toml`), has blocks of every multiple of eight.
//!
//! And mimalloc leaves a block that shrinks where it is until half of it is unused. Whoever shrinks
//! a buffer here means it (a full node of a stream, a small hash), so that it moves to a block of its
//! size.

use std::alloc::{GlobalAlloc, Layout};

use libmimalloc_sys::{
    mi_free, mi_malloc, mi_malloc_aligned, mi_realloc, mi_realloc_aligned, mi_zalloc,
    mi_zalloc_aligned,
};

pub struct Allocator;

// SAFETY: mimalloc is a complete, thread-safe allocator whose calls return null when memory is out
// and never unwind; which of its calls is made depends on the layout's alignment alone, and blocks of
// either kind may be given to `mi_free` and to both forms of realloc.
unsafe impl GlobalAlloc for Allocator {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: both accept any size; the alignment of a layout is a power of two.
        unsafe {
            if is_plain(layout) {
                mi_malloc(layout.size()).cast()
            } else {
                mi_malloc_aligned(layout.size(), layout.align()).cast()
            }
        }
    }

    #[inline]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as in `alloc`.
        unsafe {
            if is_plain(layout) {
                mi_zalloc(layout.size()).cast()
            } else {
                mi_zalloc_aligned(layout.size(), layout.align()).cast()
            }
        }
    }

    #[inline]
    unsafe fn dealloc(&self, block: *mut u8, _layout: Layout) {
        // SAFETY: the caller hands back a block of this allocator, once.
        unsafe { mi_free(block.cast()) }
    }

    #[inline]
    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: the caller hands back a block of this allocator; it stays valid if null is returned.
        unsafe {
            if size < layout.size() && mi_good_size(size) < mi_good_size(layout.size()) {
                move_to_smaller(block, layout, size)
            } else if is_plain(layout) {
                mi_realloc(block.cast(), size).cast()
            } else {
                mi_realloc_aligned(block.cast(), size, layout.align()).cast()
            }
        }
    }
}

/// # Safety
///
/// As of `GlobalAlloc::realloc`, with `size` below the layout's.
unsafe fn move_to_smaller(block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
    // SAFETY: the alignment is a layout's already, and the size is smaller than one. The new block
    // is none of the old one's bytes, both are at least `size` long, and the old one goes only when
    // there is a new one.
    unsafe {
        let moved = Allocator.alloc(Layout::from_size_align_unchecked(size, layout.align()));
        if !moved.is_null() {
            moved.copy_from_nonoverlapping(block, size);
            mi_free(block.cast());
        }
        moved
    }
}

unsafe extern "C" {
    /// The size of the block that a request for so many bytes gets.
    safe fn mi_good_size(size: usize) -> usize;
}

/// Whether `mi_malloc` aligns the layout well enough.
#[inline]
fn is_plain(layout: Layout) -> bool {
    layout.align() <= PLAIN_ALIGN
}

/// What every block of mimalloc is aligned to on every target: its smallest size class is a word of
/// eight bytes, and `MI_MAX_ALIGN_SIZE` is at least that.
const PLAIN_ALIGN: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_layout_gets_what_it_asks_for() {
        for align in [1, 2, 4, 8, 16, 32, 64, 4096] {
            for size in [1_usize, 3, 8, 24, 40, 56, 72, 100, 1000, 5000, 1 << 20] {
                for other in [size * 3, size * 7 / 8, size.div_ceil(3)] {
                    check(size, other.max(1), align);
                }
            }
        }
    }

    /// Several blocks at once, so that they are neighbours in one page of the allocator.
    #[track_caller]
    fn check(size: usize, other: usize, align: usize) {
        let layout = Layout::from_size_align(size, align).expect("a legal layout");
        let resized = Layout::from_size_align(other, align).expect("a legal layout");
        let is_aligned = |block: *mut u8| !block.is_null() && block.addr().is_multiple_of(align);
        // SAFETY: each block is written within its size, and freed once with its latest layout.
        unsafe {
            let blocks = [0u8; 9].map(|_| Allocator.alloc(layout));
            for (block, mark) in blocks.into_iter().zip(1..) {
                assert!(is_aligned(block), "{layout:?}");
                block.write_bytes(mark, size);
            }
            for (block, mark) in blocks.into_iter().zip(1u8..) {
                let block = Allocator.realloc(block, layout, other);
                assert!(is_aligned(block), "{resized:?}");
                let kept = std::slice::from_raw_parts(block, size.min(other));
                assert!(kept.iter().all(|byte| *byte == mark), "{resized:?}");
                Allocator.dealloc(block, resized);
            }
            let zeroed = Allocator.alloc_zeroed(layout);
            assert!(is_aligned(zeroed), "{layout:?}");
            assert!(std::slice::from_raw_parts(zeroed, size).iter().all(|byte| *byte == 0));
            Allocator.dealloc(zeroed, layout);
        }
    }
}
