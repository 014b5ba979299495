//! Values by their type: which reader each type's number asks for, and the finished value.

use super::hash::{self, HashReader};
use super::list::{self, Form, ListReader};
use super::module::ModuleReader;
use super::reader::{Reader, Stop};
use super::set::{self, PartialSet};
use super::stream::StreamReader;
use super::zset::{self, Scores, ZSetReader};
use super::{ErrorKind, ReadOptions};
use crate::data::{Data, Kind};
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
    List(ListReader),
    ListZiplist,
    Set(PartialSet),
    Intset,
    SetListpack,
    Hash(HashReader),
    CompactHash(hash::Compact),
    Stream(Box<StreamReader>),
    ZSet(ZSetReader),
    ZSetZiplist,
    ZSetListpack,
    Module(ModuleReader),
}

/// Whose numbers the types have: since they went apart, some mean other forms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::persist::rdb) enum Dialect {
    Redis,
    Valkey,
}

impl Dialect {
    /// The dialect of a version of the format.
    pub(in crate::persist::rdb) fn of(version: u16) -> Self {
        if version < VALKEY_VERSION { Self::Redis } else { Self::Valkey }
    }
}

/// Valkey 9's version of the format: it counts on from here since its files differ.
pub(in crate::persist::rdb) const VALKEY_VERSION: u16 = 80;

/// What reading one atom of a value led to.
pub(super) enum Progress {
    More,
    Done(Value),
    /// A collection without elements: no key has such a value, and Redis passes over it.
    Empty,
    /// A value of the module with this id.
    Module(u64),
}

impl Progress {
    pub(super) fn data(value: impl Kind) -> Self {
        Self::Done(Value::Data(Box::new(value.into_data())))
    }
}

impl Partial {
    pub(super) fn new(
        value_type: u8,
        dialect: Dialect,
        skips_modules: bool,
    ) -> Result<Self, ErrorKind> {
        match value_type {
            opcode::TYPE_STRING => Ok(Self::String),
            opcode::TYPE_LIST => Ok(Self::List(ListReader::new(Form::Elements))),
            opcode::TYPE_LIST_QUICKLIST_2 => Ok(Self::List(ListReader::new(Form::Nodes))),
            opcode::TYPE_LIST_QUICKLIST => Ok(Self::List(ListReader::new(Form::Ziplists))),
            opcode::TYPE_LIST_ZIPLIST => Ok(Self::ListZiplist),
            opcode::TYPE_SET => Ok(Self::Set(PartialSet::default())),
            opcode::TYPE_SET_INTSET => Ok(Self::Intset),
            opcode::TYPE_SET_LISTPACK => Ok(Self::SetListpack),
            opcode::TYPE_HASH => Ok(Self::Hash(HashReader::new(hash::Form::Pairs))),
            opcode::TYPE_HASH_ZIPMAP => Ok(Self::CompactHash(hash::Compact::Zipmap)),
            opcode::TYPE_HASH_ZIPLIST => Ok(Self::CompactHash(hash::Compact::Ziplist)),
            opcode::TYPE_HASH_LISTPACK => Ok(Self::CompactHash(hash::Compact::Listpack)),
            opcode::TYPE_HASH_METADATA_PRE_GA => Ok(Self::Hash(HashReader::new(match dialect {
                Dialect::Redis => hash::Form::AbsoluteExpiry,
                Dialect::Valkey => hash::Form::ExpiryLast,
            }))),
            opcode::TYPE_HASH_LISTPACK_EX_PRE_GA => {
                Ok(Self::CompactHash(hash::Compact::ListpackEx { begins_with_first: false }))
            }
            opcode::TYPE_HASH_METADATA => {
                Ok(Self::Hash(HashReader::new(hash::Form::RelativeExpiry)))
            }
            opcode::TYPE_HASH_LISTPACK_EX => {
                Ok(Self::CompactHash(hash::Compact::ListpackEx { begins_with_first: true }))
            }
            opcode::TYPE_STREAM_LISTPACKS
            | opcode::TYPE_STREAM_LISTPACKS_2
            | opcode::TYPE_STREAM_LISTPACKS_3 => {
                Ok(Self::Stream(Box::new(StreamReader::new(value_type))))
            }
            opcode::TYPE_ZSET => Ok(Self::ZSet(ZSetReader::new(Scores::Text))),
            opcode::TYPE_ZSET_2 => Ok(Self::ZSet(ZSetReader::new(Scores::Binary))),
            opcode::TYPE_ZSET_ZIPLIST => Ok(Self::ZSetZiplist),
            opcode::TYPE_ZSET_LISTPACK => Ok(Self::ZSetListpack),
            opcode::TYPE_MODULE_PRE_GA => Ok(Self::Module(ModuleReader::new(false))),
            opcode::TYPE_MODULE => Ok(Self::Module(ModuleReader::new(skips_modules))),
            other => Err(ErrorKind::UnsupportedType(other)),
        }
    }

    /// Reads the next atom; gives the value with the last one.
    pub(super) fn advance(
        &mut self,
        reader: &mut Reader<'_>,
        options: &ReadOptions,
    ) -> Result<Progress, Stop> {
        let (limits, room) = (&options.limits, options.elements_expected_max);
        match self {
            Self::String => Ok(Progress::Done(Value::String(reader.string()?))),
            Self::List(list) => list.advance(reader, limits),
            Self::ListZiplist => list::read_ziplist(reader, limits),
            Self::Set(partial) => partial.advance(reader, room, limits),
            Self::Intset => set::read_intset(reader, limits),
            Self::SetListpack => set::read_listpack(reader, limits),
            Self::Hash(hash) => hash.advance(reader, room, limits),
            Self::CompactHash(form) => form.read(reader, limits),
            Self::ZSet(zset) => zset.advance(reader, room, limits),
            Self::ZSetZiplist => zset::read_ziplist(reader, limits),
            Self::ZSetListpack => zset::read_listpack(reader, limits),
            Self::Module(module) => {
                Ok(module.advance(reader)?.map_or(Progress::More, Progress::Module))
            }
            Self::Stream(stream) => {
                Ok(stream.advance(reader)?.map_or(Progress::More, Progress::data))
            }
        }
    }
}
