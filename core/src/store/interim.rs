//! One key, its value and its expiry, in the plainest form; the compact entry replaces it.

use std::borrow::Cow;

use crate::data::number;

#[derive(Clone, Debug)]
pub struct Entry {
    key: Vec<u8>,
    value: Value,
    expire_at: Option<i64>,
}

#[derive(Clone, Debug)]
enum Value {
    Int(i64),
    Embstr(Vec<u8>),
    Raw(Vec<u8>),
}

/// A string value: an integer kept as one, or bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StrRef<'a> {
    Int(i64),
    Bytes(&'a [u8]),
}

impl<'a> StrRef<'a> {
    pub fn to_cow(self) -> Cow<'a, [u8]> {
        match self {
            Self::Int(value) => Cow::Owned(value.to_string().into_bytes()),
            Self::Bytes(bytes) => Cow::Borrowed(bytes),
        }
    }

    pub fn len(self) -> usize {
        self.to_cow().len()
    }

    pub fn is_empty(self) -> bool {
        self.len() == 0
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    Int,
    Embstr,
    Raw,
}

impl Encoding {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Int => "int",
            Self::Embstr => "embstr",
            Self::Raw => "raw",
        }
    }
}

impl Entry {
    pub fn new(key: &[u8], value: &[u8], expire_at: Option<i64>) -> Self {
        Self { key: key.to_vec(), value: encode(value), expire_at }
    }

    pub fn key(&self) -> &[u8] {
        &self.key
    }

    pub fn expire_at(&self) -> Option<i64> {
        self.expire_at
    }

    pub fn set_expire_at(&mut self, expire_at: Option<i64>) {
        self.expire_at = expire_at;
    }

    /// The value, when it is a string.
    pub fn string(&self) -> Option<StrRef<'_>> {
        Some(match &self.value {
            Value::Int(value) => StrRef::Int(*value),
            Value::Embstr(bytes) | Value::Raw(bytes) => StrRef::Bytes(bytes),
        })
    }

    pub fn set_string(&mut self, value: &[u8]) {
        self.value = encode(value);
    }

    pub fn set_int(&mut self, value: i64) {
        self.value = Value::Int(value);
    }

    /// Changes the string's bytes in place; it is raw from then on.
    pub fn modify_bytes<R>(&mut self, change: impl FnOnce(&mut Vec<u8>) -> R) -> R {
        let mut bytes = self.string().map(|s| s.to_cow().into_owned()).unwrap_or_default();
        let result = change(&mut bytes);
        self.value = Value::Raw(bytes);
        result
    }

    pub fn encoding(&self) -> Encoding {
        match self.value {
            Value::Int(_) => Encoding::Int,
            Value::Embstr(_) => Encoding::Embstr,
            Value::Raw(_) => Encoding::Raw,
        }
    }

    pub fn type_name(&self) -> &'static str {
        "string"
    }

    /// The same value and expiry under another name.
    pub fn duplicate(&self, key: &[u8]) -> Self {
        Self { key: key.to_vec(), ..self.clone() }
    }
}

fn encode(value: &[u8]) -> Value {
    match number::parse_i64(value) {
        Some(value) => Value::Int(value),
        None if value.len() <= 44 => Value::Embstr(value.to_vec()),
        None => Value::Raw(value.to_vec()),
    }
}
