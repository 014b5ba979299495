//! One element of a large collection in one allocation behind one pointer: a set's member, a hash's
//! field with its value, a sorted set's member with its score.
//!
//! ```text
//! u8 shape   [u64 tag]   length of a   [length of b]   a   [b]
//! ```
//!
//! Lengths take one byte below 128, else four. A tag is 64 bits for the collection's own use: a
//! score, an expiry.
//!
//! Invariant: the shape and the lengths tell where everything is and how large the allocation is,
//! so no capacity is stored; they and the allocation always change together.

use std::alloc::{Layout, alloc, dealloc, handle_alloc_error};
use std::ptr::{self, NonNull};
use std::slice;

use super::dict::{Dict, WalkPosition};
use super::{Hasher, allocated_bytes};

/// The owner of an element's memory. The size of a pointer, and so is `Option<Packed>`.
#[repr(transparent)]
pub struct Packed(NonNull<u8>);

/// A second handle to an element, for an index beside the collection that owns it.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub struct Alias(NonNull<u8>);

impl Packed {
    /// An element of one text.
    ///
    /// # Panics
    /// If a text has 2 GiB or more, which the limit on arguments rules out.
    #[must_use]
    pub fn new(a: &[u8], tag: Option<u64>) -> Self {
        Self::lay_out(a, None, tag)
    }

    /// An element of two texts.
    ///
    /// # Panics
    /// As [`Self::new`].
    #[must_use]
    pub fn pair(a: &[u8], b: &[u8], tag: Option<u64>) -> Self {
        Self::lay_out(a, Some(b), tag)
    }

    /// The first text: the element's name.
    #[must_use]
    #[inline]
    pub fn a(&self) -> &[u8] {
        let shape = self.shape();
        // SAFETY: the first text was written there when the element was laid out.
        unsafe { slice::from_raw_parts(self.0.as_ptr().add(shape.a_at), shape.a_len) }
    }

    /// The second text, empty if there is none.
    #[must_use]
    #[inline]
    pub fn b(&self) -> &[u8] {
        let shape = self.shape();
        // SAFETY: the second text, of this length or of none, follows the first.
        unsafe { slice::from_raw_parts(self.0.as_ptr().add(shape.b_at()), shape.b_len) }
    }

    #[must_use]
    #[inline]
    pub fn tag(&self) -> Option<u64> {
        // SAFETY: every element begins with its shape, and a tag follows it if that says so.
        unsafe {
            let has_tag = self.0.as_ptr().read() & SHAPE_TAG != 0;
            has_tag.then(|| self.0.as_ptr().add(1).cast::<u64>().read_unaligned())
        }
    }

    /// Sets or clears the tag, in place where there is one already.
    pub fn set_tag(&mut self, tag: Option<u64>) {
        match (self.tag(), tag) {
            // SAFETY: the element has a tag, and this is its place.
            (Some(_), Some(tag)) => unsafe {
                self.0.as_ptr().add(1).cast::<u64>().write_unaligned(tag);
            },
            (None, None) => {}
            _ => *self = Self::lay_out(self.a(), self.shape().has_b.then(|| self.b()), tag),
        }
    }

    /// Replaces the second text, in place where the new one has the length of the old.
    pub fn set_b(&mut self, b: &[u8]) {
        let shape = self.shape();
        if shape.has_b && shape.b_len == b.len() {
            // SAFETY: the second text has this place and length; the new one is borrowed apart from
            // it, for the element is borrowed mutably.
            unsafe {
                let place = self.0.as_ptr().add(shape.b_at());
                ptr::copy_nonoverlapping(b.as_ptr(), place, b.len());
            }
        } else {
            *self = Self::pair(self.a(), b, self.tag());
        }
    }

    /// Bytes of the allocation, as the allocator counts them.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        allocated_bytes(self.shape().layout().size())
    }

    /// Starts loading the element into the cache, without waiting for it.
    pub fn prefetch(&self) {
        super::prefetch::prefetch(self.0.as_ptr());
    }

    /// A handle that stays good until the element is dropped, or changed otherwise than in place.
    #[must_use]
    pub fn alias(&self) -> Alias {
        Alias(self.0)
    }

    fn lay_out(a: &[u8], b: Option<&[u8]>, tag: Option<u64>) -> Self {
        let shape = Shape::of(a.len(), b.map(<[u8]>::len), tag.is_some());
        let layout = shape.layout();
        // SAFETY: the layout is not empty, for the shape alone has a byte.
        let Some(base) = NonNull::new(unsafe { alloc(layout) }) else { handle_alloc_error(layout) };
        let at = base.as_ptr();
        // SAFETY: the allocation has room for all parts of the shape, each at its own place; the
        // texts are borrowed, so they are not in it.
        unsafe {
            at.write(shape.bits());
            if let Some(tag) = tag {
                at.add(1).cast::<u64>().write_unaligned(tag);
            }
            let mut length_at = at.add(shape.lengths_at());
            for (len, is_there) in [(shape.a_len, true), (shape.b_len, shape.has_b)] {
                if is_there {
                    length_at = write_length(length_at, len);
                }
            }
            ptr::copy_nonoverlapping(a.as_ptr(), at.add(shape.a_at), a.len());
            if let Some(b) = b {
                ptr::copy_nonoverlapping(b.as_ptr(), at.add(shape.b_at()), b.len());
            }
        }
        Self(base)
    }

    #[inline]
    fn shape(&self) -> Shape {
        // SAFETY: every element begins with its shape, its tag if it has one, and its lengths.
        unsafe { Shape::read(self.0.as_ptr()) }
    }
}

/// A step of a walk over a table of elements. What the next step needs is loaded meanwhile.
pub fn walk<'a>(
    elements: &'a Dict<Packed>,
    hasher: &Hasher,
    position: &mut WalkPosition,
    emit: impl FnMut(&'a Packed),
) {
    let hash_of = |element: &Packed| hasher.hash(element.a());
    elements.warm_walk(position, Packed::prefetch);
    elements.walk_next(position, hash_of, emit);
}

impl Alias {
    /// The element.
    ///
    /// # Safety
    /// It must be the one that the handle was made for, which lives and does not change while it is
    /// borrowed here.
    #[must_use]
    #[inline]
    pub unsafe fn element(&self) -> &Packed {
        // SAFETY: both types are a pointer to an element and nothing else; that the element is
        // there is passed on to the caller.
        unsafe { &*ptr::from_ref(self).cast() }
    }
}

impl Drop for Packed {
    fn drop(&mut self) {
        // SAFETY: the shape is the one the element was allocated by.
        unsafe { dealloc(self.0.as_ptr(), self.shape().layout()) }
    }
}

impl Clone for Packed {
    fn clone(&self) -> Self {
        Self::lay_out(self.a(), self.shape().has_b.then(|| self.b()), self.tag())
    }
}

impl std::fmt::Debug for Packed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.a().escape_ascii())
    }
}

// SAFETY: an element owns its bytes alone, like a Box.
unsafe impl Send for Packed {}
// SAFETY: nothing changes through a shared reference.
unsafe impl Sync for Packed {}
// SAFETY: a handle does nothing by itself; who reads through it answers for the element.
unsafe impl Send for Alias {}
// SAFETY: as above.
unsafe impl Sync for Alias {}

/// Where the parts are: what the first bytes say, unpacked.
#[derive(Clone, Copy)]
struct Shape {
    has_tag: bool,
    has_b: bool,
    a_len: usize,
    b_len: usize,
    a_at: usize,
}

impl Shape {
    fn of(a_len: usize, b_len: Option<usize>, has_tag: bool) -> Self {
        let mut shape =
            Self { has_tag, has_b: b_len.is_some(), a_len, b_len: b_len.unwrap_or(0), a_at: 0 };
        assert!(a_len <= LENGTH_MAX && shape.b_len <= LENGTH_MAX, "a text is far below 2 GiB");
        let b_length = if shape.has_b { length_bytes(shape.b_len) } else { 0 };
        shape.a_at = shape.lengths_at() + length_bytes(a_len) + b_length;
        shape
    }

    /// # Safety
    /// `at` must be the first byte of an element.
    #[inline]
    unsafe fn read(at: *const u8) -> Self {
        // SAFETY: the parts follow one another as the shape says.
        unsafe {
            let bits = at.read();
            let (has_tag, has_b) = (bits & SHAPE_TAG != 0, bits & SHAPE_PAIR != 0);
            let mut shape = Self { has_tag, has_b, a_len: 0, b_len: 0, a_at: 0 };
            let (a_len, mut a_at) = read_length(at, shape.lengths_at());
            if has_b {
                (shape.b_len, a_at) = read_length(at, a_at);
            }
            Self { a_len, a_at, ..shape }
        }
    }

    const fn bits(self) -> u8 {
        (if self.has_tag { SHAPE_TAG } else { 0 }) | (if self.has_b { SHAPE_PAIR } else { 0 })
    }

    const fn lengths_at(self) -> usize {
        if self.has_tag { 1 + size_of::<u64>() } else { 1 }
    }

    const fn b_at(self) -> usize {
        self.a_at + self.a_len
    }

    fn layout(self) -> Layout {
        let size = (self.b_at() + self.b_len).next_multiple_of(SIZE_STEP);
        match Layout::from_size_align(size, 1) {
            Ok(layout) => layout,
            Err(_) => unreachable!("two texts are far below the address space"),
        }
    }
}

const fn length_bytes(len: usize) -> usize {
    if len < LONG_LENGTH as usize { 1 } else { 4 }
}

/// Returns the place after the length.
///
/// # Safety
/// There must be room for [`length_bytes`] from `at` on.
unsafe fn write_length(at: *mut u8, len: usize) -> *mut u8 {
    // SAFETY: passed on to the caller.
    unsafe {
        if len < LONG_LENGTH as usize {
            at.write(len as u8);
            at.add(1)
        } else {
            // Big-endian, so that the mark is in the first byte.
            let bytes = (len as u32 | LONG_MARK).to_be_bytes();
            ptr::copy_nonoverlapping(bytes.as_ptr(), at, bytes.len());
            at.add(bytes.len())
        }
    }
}

/// The length at `offset`, and the offset after it.
///
/// # Safety
/// A length must have been written there.
#[inline]
unsafe fn read_length(base: *const u8, offset: usize) -> (usize, usize) {
    // SAFETY: passed on to the caller.
    unsafe {
        let first = base.add(offset).read();
        if first < LONG_LENGTH {
            return (first.into(), offset + 1);
        }
        let bytes = base.add(offset).cast::<[u8; 4]>().read();
        ((u32::from_be_bytes(bytes) & !LONG_MARK) as usize, offset + 4)
    }
}

const SHAPE_TAG: u8 = 1;
const SHAPE_PAIR: u8 = 2;

/// The first byte of a length that takes four.
const LONG_LENGTH: u8 = 0x80;
const LONG_MARK: u32 = 0x8000_0000;
const LENGTH_MAX: usize = 0x7fff_ffff;

/// Allocators deal in multiples of this, so that much is what an element takes anyway.
const SIZE_STEP: usize = 8;

#[cfg(test)]
mod tests {
    use super::Packed;

    #[test]
    fn is_as_small_as_a_pointer() {
        assert_eq!(size_of::<Packed>(), size_of::<usize>());
        assert_eq!(size_of::<Option<Packed>>(), size_of::<usize>());
        assert_eq!(Packed::new(b"member", None).heap_bytes(), 8);
        assert_eq!(Packed::new(b"member", Some(1)).heap_bytes(), 16);
    }

    #[test]
    fn every_shape_reads_back_after_every_change() {
        let texts: Vec<Vec<u8>> =
            [0, 1, 6, 7, 127, 128, 300].iter().map(|len| vec![*len as u8; *len]).collect();
        let check = |element: &Packed, a: &[u8], b: &[u8], tag| {
            assert_eq!((element.a(), element.b(), element.tag()), (a, b, tag));
            let copy = element.clone();
            assert_eq!((copy.a(), copy.b(), copy.tag()), (a, b, tag));
            assert_eq!(copy.heap_bytes(), element.heap_bytes());
        };
        for a in &texts {
            for tag in [None, Some(u64::MAX)] {
                let mut single = Packed::new(a, tag);
                check(&single, a, b"", tag);
                for tag in [Some(7), Some(8), None, None] {
                    single.set_tag(tag);
                    check(&single, a, b"", tag);
                }
                for b in &texts {
                    let mut pair = Packed::pair(a, b, tag);
                    check(&pair, a, b, tag);
                    for other in &texts {
                        pair.set_b(other);
                        check(&pair, a, other, tag);
                    }
                    pair.set_tag(Some(1));
                    check(&pair, a, texts.last().unwrap(), Some(1));
                    pair.set_tag(None);
                    check(&pair, a, texts.last().unwrap(), None);
                }
            }
        }
    }
}
