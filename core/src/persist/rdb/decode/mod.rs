//! Reads an RDB payload that arrives in pieces: from a file, or from a master's socket.
//!
//! The payload is consumed atom by atom (an opcode with its operands, a key, a string), each of
//! them whole or not at all. Where an atom lacks bytes, the decoder remembers how many it needs and
//! does not look again before they are there; so the work is linear in the input, however finely
//! that is cut. Nothing is read beyond the payload's end.
//!
//! Lengths are claims. An atom's memory is allocated once its bytes have arrived, or, for a
//! compressed string, once they are numerous enough for what they claim to hold.

mod error;
mod hash;
mod list;
mod module;
mod reader;
mod set;
mod stream;
#[cfg(test)]
mod testing;
mod value;
mod ziplist;
mod zipmap;
mod zset;

use std::mem;
use std::ops::RangeInclusive;

use bytes::{Buf, Bytes, BytesMut};

use self::module::ModuleReader;
use self::reader::{Reader, Stop};
pub(super) use self::value::VALKEY_VERSION;
use self::value::{Partial, Progress};
use super::crc64::Digest;
use super::opcode;
use crate::data::Limits;
use crate::limits;

pub use self::error::{Error, ErrorKind};
pub use self::module::ModuleName;
pub(super) use self::value::Dialect;
pub use self::value::Value;

/// A value of this type that is all there; none if the bytes are no such value.
pub(super) fn value_from(
    value_type: u8,
    version: u16,
    bytes: &[u8],
    options: &ReadOptions,
) -> Option<Value> {
    let mut reader = Reader::new(bytes, options.string_bytes_max);
    let mut partial = Partial::new(value_type, Dialect::of(version), false).ok()?;
    loop {
        match partial.advance(&mut reader, options).ok()? {
            Progress::More => {}
            Progress::Done(value) => return Some(value),
            Progress::Empty | Progress::Module(_) => return None,
        }
    }
}

/// What the decoder accepts.
#[derive(Clone, Debug)]
pub struct ReadOptions {
    /// The longest string, in bytes: `proto-max-bulk-len`.
    pub string_bytes_max: usize,
    /// `rdbchecksum`: whether a checksum that is there must be right.
    pub checksum: bool,
    /// Whether values and data of modules are passed over, which are refused else: for who looks through a
    /// file without keeping what is in it.
    pub skips_modules: bool,
    /// What the settings say about encodings: a value takes the form it would have been given here.
    pub limits: Limits,
    /// Elements of one collection that its table gets room for before they come. A few bytes can
    /// claim any number.
    pub elements_expected_max: usize,
}

impl Default for ReadOptions {
    fn default() -> Self {
        Self {
            string_bytes_max: limits::BULK_BYTES_MAX,
            checksum: true,
            skips_modules: false,
            limits: Limits::default(),
            elements_expected_max: 0,
        }
    }
}

/// One record of the payload.
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    /// The header: the first item, once.
    Version(u16),
    Aux {
        key: Bytes,
        value: Bytes,
    },
    /// The entries that follow belong to this database. Whether it exists is for the caller to say.
    SelectDb(u64),
    /// How large the database's tables will get. A claim of the file: reserve no memory by it
    /// without a bound.
    ResizeDb {
        keys: u64,
        expires: u64,
    },
    /// The source of a function library.
    Function(Bytes),
    Entry(Entry),
    /// A module's value that was passed over, or its own data, which has no key.
    Module {
        id: u64,
        key: Option<Bytes>,
    },
    /// The last item, once. What follows in the buffer is not part of the payload.
    End(Checksum),
}

/// A key, its value, and what is known about them.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    pub key: Bytes,
    pub value: Value,
    /// Milliseconds since 1970; may lie in the past.
    pub expire_at_ms: Option<i64>,
    /// Seconds since the last access, for LRU policies.
    pub idle_s: Option<u64>,
    /// Logarithmic access counter, for LFU policies.
    pub freq: Option<u8>,
}

/// What the end of the payload says about its integrity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Checksum {
    /// The format had none before version 5.
    Absent,
    /// Written with `rdbchecksum no`.
    Disabled,
    Verified(u64),
    /// There, but [`ReadOptions::checksum`] says not to look.
    Ignored(u64),
}

/// Takes bytes, gives items.
pub struct Decoder {
    options: ReadOptions,
    state: State,
    version: u16,
    attributes: Attributes,
    digest: Digest,
    consumed: u64,
    /// No progress is possible while the buffer holds fewer bytes.
    needed: usize,
}

enum State {
    Header,
    Opcode,
    Value {
        key: Bytes,
        partial: Partial,
    },
    /// A module's own data.
    ModuleAux(ModuleReader),
    Checksum,
    Finished,
    Failed(Error),
}

/// What was said about the next entry.
#[derive(Clone, Copy, Default)]
struct Attributes {
    expire_at_ms: Option<i64>,
    idle_s: Option<u64>,
    freq: Option<u8>,
}

impl Decoder {
    /// A decoder at the first byte of a payload.
    pub fn new(options: ReadOptions) -> Self {
        Self {
            options,
            state: State::Header,
            version: 0,
            attributes: Attributes::default(),
            digest: Digest::new(),
            consumed: 0,
            needed: 1,
        }
    }

    /// The next item, its bytes removed from the front of `buf`; or `None` when more bytes are
    /// needed, and after the end. An error is final: it is returned again by every later call. The
    /// work is bounded by the bytes consumed.
    pub fn next(&mut self, buf: &mut BytesMut) -> Result<Option<Item>, Error> {
        let mut done = 0;
        while self.is_reading()? && buf.len() - done >= self.needed {
            if matches!(self.state, State::Checksum) {
                self.advance(buf, mem::take(&mut done));
            }
            let rest = buf.get(done..).unwrap_or_default();
            let mut reader = Reader::new(rest, self.options.string_bytes_max);
            let stepped = self.step(&mut reader);
            let used = reader.used();
            match stepped {
                Ok(item) => {
                    (done, self.needed) = (done + used, 1);
                    // Atoms are taken off many at a time: the checksum of a few bytes costs as much
                    // as that of more.
                    if item.is_some() || done >= TAKEN_AT_ONCE {
                        self.advance(buf, mem::take(&mut done));
                    }
                    if item.is_some() {
                        return Ok(item);
                    }
                }
                Err(Stop::Short { needed }) => self.needed = needed,
                Err(Stop::Wrong(kind)) => {
                    self.advance(buf, done);
                    return Err(self.fail(kind, used));
                }
            }
        }
        self.advance(buf, done);
        Ok(None)
    }

    /// Length of what has been consumed of the payload: a position in the file.
    pub fn consumed(&self) -> u64 {
        self.consumed
    }

    /// How many bytes the buffer must hold before [`next`](Self::next) can do anything: at least
    /// one.
    pub fn needed(&self) -> usize {
        self.needed
    }

    /// Whether [`Item::End`] was returned.
    pub fn is_finished(&self) -> bool {
        matches!(self.state, State::Finished)
    }

    /// Says that no bytes will come beyond the `unread` ones that the last call left in the buffer.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::ShortRead`] when the payload is not complete.
    pub fn handle_end_of_input(&mut self, unread: usize) -> Result<(), Error> {
        match self.is_reading()? {
            true => Err(self.fail(ErrorKind::ShortRead, unread)),
            false => Ok(()),
        }
    }

    /// Whether there was an error, which is final.
    pub fn has_failed(&self) -> bool {
        matches!(self.state, State::Failed(_))
    }

    fn is_reading(&self) -> Result<bool, Error> {
        match self.state {
            State::Failed(error) => Err(error),
            State::Finished => Ok(false),
            _ => Ok(true),
        }
    }

    fn fail(&mut self, kind: ErrorKind, past_consumed: usize) -> Error {
        let error = Error { kind, offset: self.consumed + past_consumed as u64 };
        self.state = State::Failed(error);
        error
    }

    fn advance(&mut self, buf: &mut BytesMut, used: usize) {
        self.digest.update(buf.get(..used).unwrap_or_default());
        buf.advance(used);
        self.consumed += used as u64;
    }

    /// Reads one atom. Changes nothing unless all of it is there.
    fn step(&mut self, reader: &mut Reader<'_>) -> Result<Option<Item>, Stop> {
        match &mut self.state {
            State::Header => self.header(reader).map(Some),
            State::Opcode => self.record(reader),
            State::Value { partial, .. } => {
                let progress = partial.advance(reader, &self.options)?;
                Ok(self.entry(progress))
            }
            State::ModuleAux(module) => {
                let Some(id) = module.advance(reader)? else { return Ok(None) };
                self.state = State::Opcode;
                Ok(Some(Item::Module { id, key: None }))
            }
            State::Checksum => self.checksum(reader).map(Some),
            State::Finished | State::Failed(_) => Ok(None),
        }
    }

    fn header(&mut self, reader: &mut Reader<'_>) -> Result<Item, Stop> {
        let (versions, digits) = match reader.array::<9>()? {
            [b'R', b'E', b'D', b'I', b'S', digits @ ..] => (VERSIONS, digits),
            [b'V', b'A', b'L', b'K', b'E', b'Y', a, b, c] => (VALKEY_VERSIONS, [b'0', a, b, c]),
            _ => return Err(Stop::Wrong(ErrorKind::WrongSignature)),
        };
        self.version = leading_number(digits);
        if !versions.contains(&self.version) {
            return Err(Stop::Wrong(ErrorKind::UnsupportedVersion(self.version)));
        }
        self.state = State::Opcode;
        Ok(Item::Version(self.version))
    }

    fn record(&mut self, reader: &mut Reader<'_>) -> Result<Option<Item>, Stop> {
        let item = match reader.byte()? {
            opcode::EOF => return Ok(self.end_record()),
            opcode::SELECT_DB => Item::SelectDb(reader.length()?),
            opcode::RESIZE_DB => {
                Item::ResizeDb { keys: reader.length()?, expires: reader.length()? }
            }
            opcode::AUX => Item::Aux { key: reader.bytes()?, value: reader.bytes()? },
            opcode::FUNCTION => Item::Function(reader.bytes()?),
            opcode::FUNCTION_PRE_GA => return Err(Stop::Wrong(ErrorKind::FunctionPreGa)),
            opcode::MODULE_AUX => return self.module_aux(reader),
            opcode::SLOT_INFO => {
                let _slot_keys_expires = [reader.length()?, reader.length()?, reader.length()?];
                return Ok(None);
            }
            other => return self.attribute_or_entry(other, reader),
        };
        Ok(Some(item))
    }

    /// It looks like a value of the module's: the moment it was written at is the first part.
    fn module_aux(&mut self, reader: &mut Reader<'_>) -> Result<Option<Item>, Stop> {
        if !self.options.skips_modules {
            return Err(Stop::Wrong(ErrorKind::ModuleAux(reader.length()?)));
        }
        self.state = State::ModuleAux(ModuleReader::new(true));
        Ok(None)
    }

    fn attribute_or_entry(
        &mut self,
        opcode: u8,
        reader: &mut Reader<'_>,
    ) -> Result<Option<Item>, Stop> {
        let attributes = &mut self.attributes;
        match opcode {
            opcode::EXPIRE_SECONDS => {
                attributes.expire_at_ms =
                    Some(i64::from(i32::from_le_bytes(reader.array()?)) * 1000);
            }
            opcode::EXPIRE_MS => {
                attributes.expire_at_ms = Some(i64::from_le_bytes(reader.array()?))
            }
            opcode::IDLE => attributes.idle_s = Some(reader.length()?),
            opcode::FREQ => attributes.freq = Some(reader.byte()?),
            value_type => {
                let dialect = Dialect::of(self.version);
                let partial = Partial::new(value_type, dialect, self.options.skips_modules)
                    .map_err(Stop::Wrong)?;
                self.state = State::Value { key: reader.bytes()?, partial };
            }
        }
        Ok(None)
    }

    /// The entry, if its value is whole.
    fn entry(&mut self, progress: Progress) -> Option<Item> {
        if matches!(progress, Progress::More) {
            return None;
        }
        let State::Value { key, .. } = mem::replace(&mut self.state, State::Opcode) else {
            return None;
        };
        let Attributes { expire_at_ms, idle_s, freq } = mem::take(&mut self.attributes);
        match progress {
            Progress::Done(value) => {
                Some(Item::Entry(Entry { key, value, expire_at_ms, idle_s, freq }))
            }
            Progress::Module(id) => Some(Item::Module { id, key: Some(key) }),
            Progress::More | Progress::Empty => None,
        }
    }

    fn end_record(&mut self) -> Option<Item> {
        if self.version < FIRST_WITH_CHECKSUM {
            self.state = State::Finished;
            return Some(Item::End(Checksum::Absent));
        }
        self.state = State::Checksum;
        None
    }

    fn checksum(&mut self, reader: &mut Reader<'_>) -> Result<Item, Stop> {
        let computed = self.digest.value();
        let checksum = match u64::from_le_bytes(reader.array()?) {
            0 => Checksum::Disabled,
            found if !self.options.checksum => Checksum::Ignored(found),
            found if found == computed => Checksum::Verified(found),
            found => return Err(Stop::Wrong(ErrorKind::WrongChecksum { computed, found })),
        };
        self.state = State::Finished;
        Ok(Item::End(checksum))
    }
}

/// The number at the front of the digits, as C's `atoi` reads it.
fn leading_number(digits: [u8; 4]) -> u16 {
    let digits = digits.into_iter().take_while(u8::is_ascii_digit);
    digits.fold(0, |number, digit| number * 10 + u16::from(digit - b'0'))
}

/// Up to Redis 7.4's.
const VERSIONS: RangeInclusive<u16> = 1..=12;
/// Valkey 9's, whose files begin with its name.
const VALKEY_VERSIONS: RangeInclusive<u16> = VALKEY_VERSION..=VALKEY_VERSION;
const FIRST_WITH_CHECKSUM: u16 = 5;

const TAKEN_AT_ONCE: usize = 4096;
