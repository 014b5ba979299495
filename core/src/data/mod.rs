//! The values behind keys: structures that know nothing of commands.
//!
//! A string lives in its keyspace entry itself (`store::entry`); every other type is a variant of
//! [`Data`].

mod big;
mod binary;
mod float_text;
pub mod glob;
mod grisu;
pub mod long_double;
pub mod number;

/// A value of a type other than string.
///
/// It has no variant yet: each collection type adds its own, and the matches below then ask for the
/// facts about it.
#[derive(Debug)]
pub enum Data {}

impl Data {
    /// What TYPE prints.
    #[must_use]
    pub fn type_name(&self) -> &'static str {
        match *self {}
    }

    /// What OBJECT ENCODING prints.
    #[must_use]
    pub fn encoding(&self) -> Encoding {
        match *self {}
    }

    /// A copy of the whole value, for COPY.
    #[must_use]
    pub fn duplicate(&self) -> Box<Self> {
        match *self {}
    }

    /// Heap bytes this value owns besides itself, for MEMORY USAGE.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        match *self {}
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
}

impl Encoding {
    /// The name OBJECT ENCODING prints.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Int => "int",
            Self::Embstr => "embstr",
            Self::Raw => "raw",
        }
    }
}
