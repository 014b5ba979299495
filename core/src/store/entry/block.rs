//! The memory of one entry: header, expiry, key and value in a single allocation behind a thin
//! pointer.
//!
//! The only unsafe code of the entry; its face is safe. The layout, each part where it is needed:
//!
//! ```text
//! 0   meta    u32: the LRU clock in 24 bits, then kind and flags
//! 4   lengths u32: beside an inline value, key and value in 16 bits each; else the key's
//! 8   expiry  i64: unix milliseconds, if the pointer is marked
//!     fixed   an i64, a Vec<u8> or a Box<Data>, by kind
//!     key     bytes
//!     inline  bytes of an inline value: of a string, or of a small hash
//! ```
//!
//! Whether there is an expiry stands in the pointer's lowest bit, which alignment leaves free: who
//! looks for keys that expire need not touch the memory of those that don't.
//!
//! Invariant: the header and that bit tell where everything is and how large the allocation is, so
//! no capacity is stored; they, the parts and the allocation always change together.

use std::alloc::{Layout, alloc, dealloc, handle_alloc_error};
use std::mem::{ManuallyDrop, forget, replace};
use std::ptr::NonNull;
use std::slice;

use crate::data::{Data, Hash, allocated_bytes, prefetch};

/// The owner of an entry's memory. The pointer is marked, see [`Block::base`].
pub(super) struct Block(NonNull<u8>);

/// A value on its way into a block.
pub(super) enum Payload<'a> {
    Int(i64),
    /// Bytes to copy in, into a buffer of their own if they are many.
    Inline(&'a [u8]),
    Buffer(Vec<u8>),
    /// Bytes of a compact hash to copy in, into a value of its own if they are many.
    Pairs(&'a [u8]),
    Data(Box<Data>),
}

/// A value in a block.
pub(super) enum View<'a> {
    Int(i64),
    Inline(&'a [u8]),
    Buffer(&'a Vec<u8>),
    Pairs(&'a [u8]),
    Data(&'a Data),
}

/// A value in a block that can change without changing the block's shape.
pub(super) enum ViewMut<'a> {
    Fixed,
    Inline(&'a mut [u8]),
    Buffer(&'a mut Vec<u8>),
    Data(&'a mut Data),
}

/// The longest value kept inline. Beyond, the copying that every change of length costs would show.
pub(super) const INLINE_BYTES_MAX: usize = 1024;

/// Bits of the header that have no bearing on the layout, see [`Block::has`].
pub(super) const FLAG_PARITY: u32 = 1 << 27;
pub(super) const FLAG_RAW: u32 = 1 << 28;

impl Block {
    /// Lays out a new entry.
    ///
    /// # Panics
    /// If the key has 4 GiB or more, which the limit on arguments rules out.
    pub(super) fn new(key: &[u8], expiry: Option<i64>, payload: Payload<'_>) -> Self {
        Self::lay_out(0, key, expiry, payload)
    }

    pub(super) fn key(&self) -> &[u8] {
        let shape = self.shape();
        // SAFETY: the key's bytes were written there when the block was laid out.
        unsafe { slice::from_raw_parts(self.part(shape.key_at()), shape.key_len) }
    }

    pub(super) fn view(&self) -> View<'_> {
        let shape = self.shape();
        // SAFETY: a value of the shape's kind was written at this place when the block was laid
        // out.
        unsafe {
            match shape.kind {
                Kind::Int => View::Int(self.part::<i64>(shape.fixed_at()).read()),
                Kind::Inline => {
                    let bytes = self.part::<u8>(shape.inline_at());
                    View::Inline(slice::from_raw_parts(bytes, shape.inline_len))
                }
                Kind::Buffer => View::Buffer(&*self.part::<Vec<u8>>(shape.fixed_at())),
                Kind::Pairs => {
                    let bytes = self.part::<u8>(shape.inline_at());
                    View::Pairs(slice::from_raw_parts(bytes, shape.inline_len))
                }
                Kind::Data => View::Data(&*self.part::<Box<Data>>(shape.fixed_at())),
            }
        }
    }

    pub(super) fn view_mut(&mut self) -> ViewMut<'_> {
        let shape = self.shape();
        // SAFETY: as in `view`, and the block is borrowed mutably.
        unsafe {
            match shape.kind {
                Kind::Int | Kind::Pairs => ViewMut::Fixed,
                Kind::Inline => {
                    let bytes = self.part::<u8>(shape.inline_at());
                    ViewMut::Inline(slice::from_raw_parts_mut(bytes, shape.inline_len))
                }
                Kind::Buffer => ViewMut::Buffer(&mut *self.part::<Vec<u8>>(shape.fixed_at())),
                Kind::Data => ViewMut::Data(&mut *self.part::<Box<Data>>(shape.fixed_at())),
            }
        }
    }

    /// Starts loading the header and the bytes after it: of a short entry, all of it.
    pub(super) fn prefetch(&self) {
        let base = self.base();
        prefetch(base);
        prefetch(base.wrapping_add(PREFETCH_BYTES));
    }

    pub(super) fn expiry(&self) -> Option<i64> {
        // SAFETY: the mark says that an expiry was written there.
        self.has_expiry().then(|| unsafe { self.part::<i64>(EXPIRY_AT).read() })
    }

    /// Whether there is an expiry; known without touching the entry's memory.
    pub(super) fn has_expiry(&self) -> bool {
        self.0.addr().get() & MARK_EXPIRY != 0
    }

    pub(super) fn lru(&self) -> u32 {
        self.meta() & LRU_MASK
    }

    pub(super) fn set_lru(&mut self, clock: u32) {
        self.set_meta(self.meta() & !LRU_MASK | clock & LRU_MASK);
    }

    pub(super) fn has(&self, flag: u32) -> bool {
        self.meta() & flag != 0
    }

    /// Sets or clears one of the public flags.
    pub(super) fn set(&mut self, flag: u32, on: bool) {
        let flag = flag & (FLAG_PARITY | FLAG_RAW);
        self.set_meta(if on { self.meta() | flag } else { self.meta() & !flag });
    }

    /// Bytes of the allocation in a 64-bit build, wherever this runs.
    pub(super) fn bytes(&self) -> usize {
        let shape = self.shape();
        let fixed = match shape.kind {
            Kind::Inline | Kind::Pairs => 0,
            Kind::Int => size_of::<i64>(),
            Kind::Buffer => BUFFER_BYTES,
            Kind::Data => POINTER_BYTES,
        };
        let expiry = if shape.has_expiry { size_of::<i64>() } else { 0 };
        allocated_bytes(EXPIRY_AT + expiry + fixed + shape.key_len + shape.inline_len)
    }

    /// Sets the expiry, in place where there is one already.
    pub(super) fn set_expiry(&mut self, expiry: Option<i64>) {
        match (self.expiry(), expiry) {
            (None, None) => {}
            // SAFETY: the block has an expiry, so this is its place.
            (Some(_), Some(at)) => unsafe { self.part::<i64>(EXPIRY_AT).write(at) },
            _ => {
                let moved = Self(self.0).into_moved(None, expiry);
                // The old block is freed already, and its value moved.
                forget(replace(self, moved));
            }
        }
    }

    /// Gives the entry another value and expiry. Header bits and key stay; the old value is
    /// dropped.
    pub(super) fn replace(&mut self, expiry: Option<i64>, payload: Payload<'_>) {
        let payload = payload.fitted(self.shape().key_len);
        if !self.overwrite(expiry, &payload) {
            *self = Self::lay_out(self.meta(), self.key(), expiry, payload);
        }
    }

    /// Moves the value, expiry and header bits to another key.
    pub(super) fn into_renamed(self, key: &[u8]) -> Self {
        let expiry = self.expiry();
        self.into_moved(Some(key), expiry)
    }

    fn into_moved(self, key: Option<&[u8]>, expiry: Option<i64>) -> Self {
        let old = ManuallyDrop::new(self);
        // SAFETY: the old block's value is read once, for it is freed without being dropped.
        let payload = unsafe { old.read_payload() };
        let moved = Self::lay_out(old.meta(), key.unwrap_or(old.key()), expiry, payload);
        // SAFETY: nothing uses the old block after this.
        unsafe { old.free() };
        moved
    }

    /// Writes an integer or inline value over one that has the same allocation. Says whether it
    /// did.
    fn overwrite(&mut self, expiry: Option<i64>, payload: &Payload<'_>) -> bool {
        let old = self.shape();
        let new = Shape::of(old.key_len, expiry.is_some(), payload);
        let is_alike = old.kind == new.kind && old.has_expiry == new.has_expiry;
        if !is_alike || old.layout().size() != new.layout().size() {
            return false;
        }
        // SAFETY: the block holds a value of the new one's kind that needs no drop, in an
        // allocation of the new one's size. It is borrowed mutably, so the new bytes are not its
        // own.
        unsafe {
            match *payload {
                Payload::Int(value) => self.part::<i64>(new.fixed_at()).write(value),
                Payload::Inline(value) | Payload::Pairs(value) => {
                    self.part::<u32>(LENGTHS_AT).write(new.lengths());
                    self.copy_in(new.inline_at(), value);
                }
                Payload::Buffer(_) | Payload::Data(_) => return false,
            }
        }
        self.set_expiry(expiry);
        true
    }

    fn lay_out(meta: u32, key: &[u8], expiry: Option<i64>, payload: Payload<'_>) -> Self {
        let payload = payload.fitted(key.len());
        let shape = Shape::of(key.len(), expiry.is_some(), &payload);
        let layout = shape.layout();
        // SAFETY: the layout is not empty, for the header alone has 8 bytes.
        let Some(base) = NonNull::new(unsafe { alloc(layout) }) else { handle_alloc_error(layout) };
        let mark = if shape.has_expiry { MARK_EXPIRY } else { 0 };
        let block = Self(base.map_addr(|addr| addr | mark));
        // SAFETY: the allocation has the shape's size, and each part is written at its place in the
        // shape. The parts before the key are aligned, since the base is and each of them is a
        // multiple of 4 or 8 as those after need.
        unsafe {
            block.part::<u32>(META_AT).write(meta & !SHAPE_MASK | shape.meta());
            block.part::<u32>(LENGTHS_AT).write(shape.lengths());
            if let Some(at) = expiry {
                block.part::<i64>(EXPIRY_AT).write(at);
            }
            block.copy_in(shape.key_at(), key);
            match payload {
                Payload::Int(value) => block.part::<i64>(shape.fixed_at()).write(value),
                Payload::Inline(value) | Payload::Pairs(value) => {
                    block.copy_in(shape.inline_at(), value);
                }
                Payload::Buffer(value) => block.part::<Vec<u8>>(shape.fixed_at()).write(value),
                Payload::Data(value) => block.part::<Box<Data>>(shape.fixed_at()).write(value),
            }
        }
        block
    }

    /// # Safety
    /// What this returns and what the block holds are the same value: only one of them may be used
    /// and dropped.
    unsafe fn read_payload(&self) -> Payload<'_> {
        let fixed_at = self.shape().fixed_at();
        match self.view() {
            View::Int(value) => Payload::Int(value),
            View::Inline(value) => Payload::Inline(value),
            View::Pairs(value) => Payload::Pairs(value),
            // SAFETY: a value of this kind is at this place; the caller sees to it that it is used
            // once.
            View::Buffer(_) => Payload::Buffer(unsafe { self.part::<Vec<u8>>(fixed_at).read() }),
            // SAFETY: as above.
            View::Data(_) => Payload::Data(unsafe { self.part::<Box<Data>>(fixed_at).read() }),
        }
    }

    /// Frees the allocation without dropping the value.
    ///
    /// # Safety
    /// The block must not be used or dropped afterwards.
    unsafe fn free(&self) {
        // SAFETY: the shape is the one the block was allocated by, or one of the same size.
        unsafe { dealloc(self.base(), self.shape().layout()) }
    }

    fn meta(&self) -> u32 {
        // SAFETY: every block begins with its header.
        unsafe { self.part::<u32>(META_AT).read() }
    }

    fn set_meta(&mut self, meta: u32) {
        // SAFETY: every block begins with its header.
        unsafe { self.part::<u32>(META_AT).write(meta) }
    }

    fn shape(&self) -> Shape {
        // SAFETY: every block begins with its header.
        let lengths = unsafe { self.part::<u32>(LENGTHS_AT).read() };
        Shape::read(self.meta(), lengths, self.has_expiry())
    }

    /// The allocation: the pointer without its mark.
    #[inline]
    fn base(&self) -> *mut u8 {
        self.0.as_ptr().map_addr(|addr| addr & !MARK_EXPIRY)
    }

    /// # Safety
    /// `at` must lie in the allocation.
    unsafe fn part<P>(&self, at: usize) -> *mut P {
        // SAFETY: passed on to the caller.
        unsafe { self.base().add(at).cast() }
    }

    /// # Safety
    /// The allocation must reach from `at` for as many bytes, and they must not be its own.
    unsafe fn copy_in(&self, at: usize, bytes: &[u8]) {
        // SAFETY: passed on to the caller.
        unsafe { self.part::<u8>(at).copy_from_nonoverlapping(bytes.as_ptr(), bytes.len()) }
    }
}

impl Drop for Block {
    fn drop(&mut self) {
        // SAFETY: the value is read once and dropped here; the block is gone afterwards.
        unsafe {
            drop(self.read_payload());
            self.free();
        }
    }
}

// SAFETY: a block owns its memory and what is in it alone, like a Box.
unsafe impl Send for Block where Data: Send {}
// SAFETY: as above; nothing changes through a shared reference.
unsafe impl Sync for Block where Data: Sync {}

impl Payload<'_> {
    /// Moves bytes that are many, or stand beside a huge key, into a value of their own.
    fn fitted(self, key_len: usize) -> Self {
        match self {
            Self::Inline(bytes) if !fits_inline(bytes, key_len) => Self::Buffer(bytes.to_vec()),
            Self::Pairs(bytes) if !fits_inline(bytes, key_len) => {
                Self::Data(Box::new(Data::Hash(Hash::copied_pairs(bytes))))
            }
            fitting => fitting,
        }
    }
}

pub(super) const fn fits_inline(bytes: &[u8], key_len: usize) -> bool {
    bytes.len() <= INLINE_BYTES_MAX && key_len <= LENGTH_MASK as usize
}

/// Where the parts of a block are: what the header says, unpacked.
#[derive(Clone, Copy)]
struct Shape {
    kind: Kind,
    has_expiry: bool,
    key_len: usize,
    inline_len: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Inline = 0,
    Int = 1,
    Buffer = 2,
    Data = 3,
    Pairs = 4,
}

impl Shape {
    /// The payload must be fitted to the key.
    fn of(key_len: usize, has_expiry: bool, payload: &Payload<'_>) -> Self {
        assert!(key_len <= u32::MAX as usize, "a key is far below 4 GiB");
        let (kind, inline_len) = match payload {
            Payload::Int(_) => (Kind::Int, 0),
            Payload::Inline(bytes) => (Kind::Inline, bytes.len()),
            Payload::Buffer(_) => (Kind::Buffer, 0),
            Payload::Data(_) => (Kind::Data, 0),
            Payload::Pairs(bytes) => (Kind::Pairs, bytes.len()),
        };
        Self { kind, has_expiry, key_len, inline_len }
    }

    #[inline]
    fn read(meta: u32, lengths: u32, has_expiry: bool) -> Self {
        let kind = match meta >> KIND_SHIFT & KIND_MASK {
            0 => Kind::Inline,
            1 => Kind::Int,
            2 => Kind::Buffer,
            3 => Kind::Data,
            _ => Kind::Pairs,
        };
        let (key_len, inline_len) = match kind {
            Kind::Inline | Kind::Pairs => (lengths & LENGTH_MASK, lengths >> LENGTH_BITS),
            _ => (lengths, 0),
        };
        Self { kind, has_expiry, key_len: key_len as usize, inline_len: inline_len as usize }
    }

    fn meta(self) -> u32 {
        (self.kind as u32) << KIND_SHIFT
    }

    fn lengths(self) -> u32 {
        // Both fit: an inline value and a key beside it by `fitted`, any other key by `of`.
        (self.inline_len as u32) << LENGTH_BITS | self.key_len as u32
    }

    fn fixed_at(self) -> usize {
        if self.has_expiry { EXPIRY_AT + size_of::<i64>() } else { EXPIRY_AT }
    }

    fn key_at(self) -> usize {
        self.fixed_at()
            + match self.kind {
                Kind::Inline | Kind::Pairs => 0,
                Kind::Int => size_of::<i64>(),
                Kind::Buffer => size_of::<Vec<u8>>(),
                Kind::Data => size_of::<Box<Data>>(),
            }
    }

    fn inline_at(self) -> usize {
        self.key_at() + self.key_len
    }

    /// Rounded up to 8 bytes, as allocators do, so that a value often fits where another was.
    fn layout(self) -> Layout {
        let size = (self.inline_at() + self.inline_len).next_multiple_of(ALIGN);
        match Layout::from_size_align(size, ALIGN) {
            Ok(layout) => layout,
            Err(_) => unreachable!("a key and a short value are far below the address space"),
        }
    }
}

/// As far as the second cache line that an entry of 56 to 64 bytes may reach into.
const PREFETCH_BYTES: usize = 55;

const META_AT: usize = 0;
const LENGTHS_AT: usize = 4;
const EXPIRY_AT: usize = 8;
const ALIGN: usize = 8;

const LRU_MASK: u32 = (1 << KIND_SHIFT) - 1;
const KIND_SHIFT: u32 = 24;
const KIND_MASK: u32 = 7;
/// Bits of the header that tell the layout.
const SHAPE_MASK: u32 = KIND_MASK << KIND_SHIFT;

/// The pointer's bit that says there is an expiry.
const MARK_EXPIRY: usize = 1;

const LENGTH_BITS: u32 = 16;
const LENGTH_MASK: u32 = (1 << LENGTH_BITS) - 1;

/// What a `Vec<u8>` and a `Box` take in a 64-bit build.
const BUFFER_BYTES: usize = 24;
const POINTER_BYTES: usize = 8;

const _: () = assert!(INLINE_BYTES_MAX <= LENGTH_MASK as usize && align_of::<Vec<u8>>() <= ALIGN);
