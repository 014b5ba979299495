//! Values by their type: which reader each type's number asks for, and the finished value.

use super::ErrorKind;
use super::reader::{Reader, Stop};
use super::stream::StreamReader;
use crate::data::{Data, Kind, Limits};
use crate::persist::rdb::{StringValue, opcode};

/// A value as it was read.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    String(StringValue),
    /// In the form that the limits of [`super::ReadOptions`] give it.
    Data(Box<Data>),
}

/// A value of which bytes are still missing. One with many elements keeps those that have arrived,
/// so that none is read twice.
pub(super) enum Partial {
    String,
    Stream(Box<StreamReader>),
}

impl Partial {
    pub(super) fn new(value_type: u8) -> Result<Self, ErrorKind> {
        match value_type {
            opcode::TYPE_STRING => Ok(Self::String),
            opcode::TYPE_STREAM_LISTPACKS
            | opcode::TYPE_STREAM_LISTPACKS_2
            | opcode::TYPE_STREAM_LISTPACKS_3 => {
                Ok(Self::Stream(Box::new(StreamReader::new(value_type))))
            }
            other => Err(ErrorKind::UnsupportedType(other)),
        }
    }

    /// Reads the next atom; gives the value with the last one.
    pub(super) fn advance(
        &mut self,
        reader: &mut Reader<'_>,
        _limits: &Limits,
    ) -> Result<Option<Value>, Stop> {
        match self {
            Self::String => Ok(Some(Value::String(reader.string()?))),
            Self::Stream(stream) => Ok(stream.advance(reader)?.map(data)),
        }
    }
}

fn data(value: impl Kind) -> Value {
    Value::Data(Box::new(value.into_data()))
}
