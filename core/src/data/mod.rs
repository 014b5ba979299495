//! The values behind keys: structures that know nothing of commands.
//!
//! A string lives in its keyspace entry itself (`store::entry`); every other type is a variant of
//! [`Data`].

mod big;
mod binary;
pub mod bits;
pub mod dict;
mod due;
mod float_text;
pub mod geo;
pub mod glob;
mod grisu;
mod hash;
mod hasher;
mod histogram;
pub mod hyperloglog;
pub mod intset;
mod limits;
pub mod list;
pub mod listpack;
pub mod long_double;
pub(crate) mod lzf;
mod memory;
pub mod number;
pub mod order;
mod ordered;
pub mod packed;
mod place;
mod prefetch;
pub mod set;
pub mod stream;
mod text;
pub mod zset;

pub use dict::Dict;
pub use due::Due;
pub use hash::{Gathering, Hash, HashRef, Pair};
pub use hasher::Hasher;
pub use histogram::Histogram;
pub use intset::Intset;
pub use limits::Limits;
pub use list::List;
pub use listpack::Listpack;
pub use memory::allocated_bytes;
pub use ordered::Ordered;
pub use packed::Packed;
pub use place::Place;
pub(crate) use prefetch::prefetch;
pub use set::Set;
pub use stream::Stream;
pub use text::StrRef;
pub use zset::{LexRange, ScoreRange, ZSet};

/// A value of a type other than string. A type is added here with a variant, in the two matches
/// below, and by its own [`Collection`] and [`Kind`].
#[derive(Clone, Debug, PartialEq)]
pub enum Data {
    List(List),
    Set(Set),
    Hash(Hash),
    /// Boxed, for the largest variant's size is everybody's.
    Stream(Box<Stream>),
    ZSet(ZSet),
}

impl Data {
    /// Bytes of a value itself in a 64-bit build.
    pub const BYTES: usize = 32;
}

#[cfg(target_pointer_width = "64")]
const _: () = assert!(size_of::<Data>() == Data::BYTES, "each value has a box of this size");

/// A value of a type other than string, to be read: of its own, or in its key's entry.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum DataRef<'a> {
    List(&'a List),
    Set(&'a Set),
    Hash(HashRef<'a>),
    Stream(&'a Stream),
    ZSet(&'a ZSet),
}

/// What the keyspace asks of a value, whatever its type.
pub trait Collection {
    /// What TYPE prints.
    fn type_name(&self) -> &'static str;

    /// What OBJECT ENCODING prints.
    fn encoding(&self) -> Encoding;

    /// Heap bytes this value owns besides itself, in constant time. They are a 64-bit build's
    /// wherever this runs: which keys are evicted is the same in a page and in a server.
    fn heap_bytes(&self) -> usize;

    /// The bytes by which a short value may sit in its key's entry, if it has a form that can:
    /// [`HashRef::of_pairs`] reads them.
    fn inline_bytes(&self) -> Option<&[u8]> {
        None
    }

    /// Takes the value out and leaves an empty one.
    fn take(&mut self) -> Data;

    /// When the first of its elements expires by itself, in milliseconds since 1970 and in constant
    /// time: the first field of a hash.
    fn first_element_expiry(&self) -> Option<i64> {
        None
    }

    /// Starts loading what a look for each of these elements will meet, without waiting for it. A
    /// collection that is small has no need to.
    fn warm(&self, _elements: &[&[u8]]) {}

    /// How many allocations there are to free, roughly: beyond some, that is done piece by piece.
    fn free_effort(&self) -> usize;

    /// Frees about so many elements of a value that nobody will look at again; whether any are
    /// left.
    fn free_some(&mut self, elements_max: usize) -> bool;
}

/// The type of a value.
pub trait Kind: Collection + Sized + 'static {
    /// The value, to be read.
    type Ref<'a>: Copy;

    fn into_data(self) -> Data;

    /// The value, if it is of this type.
    fn of(data: DataRef<'_>) -> Option<Self::Ref<'_>>;

    /// As [`Self::of`], to change it.
    fn of_mut(data: &mut Data) -> Option<&mut Self>;
}

impl Data {
    #[must_use]
    #[inline]
    pub fn view(&self) -> DataRef<'_> {
        match self {
            Self::List(list) => DataRef::List(list),
            Self::Set(set) => DataRef::Set(set),
            Self::Hash(hash) => DataRef::Hash(hash.view()),
            Self::Stream(stream) => DataRef::Stream(stream),
            Self::ZSet(zset) => DataRef::ZSet(zset),
        }
    }

    #[must_use]
    pub fn collection(&self) -> &dyn Collection {
        match self {
            Self::List(list) => list,
            Self::Set(set) => set,
            Self::Hash(hash) => hash,
            Self::Stream(stream) => &**stream,
            Self::ZSet(zset) => zset,
        }
    }

    #[must_use]
    pub fn collection_mut(&mut self) -> &mut dyn Collection {
        match self {
            Self::List(list) => list,
            Self::Set(set) => set,
            Self::Hash(hash) => hash,
            Self::Stream(stream) => &mut **stream,
            Self::ZSet(zset) => zset,
        }
    }
}

/// How a value is represented, as OBJECT ENCODING tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// A string that is the canonical form of an `i64`.
    Int,
    /// A string of at most 44 bytes, never modified in place.
    Embstr,
    /// Any other string.
    Raw,
    /// A list of several nodes.
    Quicklist,
    /// A hash table.
    Hashtable,
    /// Sorted integers in one buffer.
    Intset,
    /// Few short elements in one buffer.
    Listpack,
    /// A small hash in which fields expire.
    ListpackEx,
    Stream,
    /// A large sorted set.
    Skiplist,
}

impl Encoding {
    /// The name OBJECT ENCODING prints.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Int => "int",
            Self::Embstr => "embstr",
            Self::Raw => "raw",
            Self::Quicklist => "quicklist",
            Self::Hashtable => "hashtable",
            Self::Intset => "intset",
            Self::Listpack => "listpack",
            Self::ListpackEx => "listpackex",
            Self::Stream => "stream",
            Self::Skiplist => "skiplist",
        }
    }
}
