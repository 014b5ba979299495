//! Values by their type. A type is added with an arm in each of the three matches here: its number,
//! its state while it is incomplete, its finished form.

use super::ErrorKind;
use super::reader::{Reader, Stop};
use crate::persist::rdb::{StringValue, opcode};

/// A value as it was read; making the store's own structure of it is the caller's work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    String(StringValue),
}

/// A value of which bytes are still missing. One with many elements keeps those that have arrived,
/// so that none is read twice.
pub(super) enum Partial {
    String,
}

impl Partial {
    pub(super) fn new(value_type: u8) -> Result<Self, ErrorKind> {
        match value_type {
            opcode::TYPE_STRING => Ok(Self::String),
            other => Err(ErrorKind::UnsupportedType(other)),
        }
    }

    /// Reads the next atom; gives the value with the last one.
    pub(super) fn advance(&mut self, reader: &mut Reader<'_>) -> Result<Option<Value>, Stop> {
        match self {
            Self::String => Ok(Some(Value::String(reader.string()?))),
        }
    }
}
