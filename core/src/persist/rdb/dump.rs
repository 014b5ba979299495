//! One value by itself, as DUMP gives it to a client and RESTORE takes it back.
//!
//! ```text
//! type value                  as in a file, without key and expiry
//! version                     two bytes, least significant first: the oldest format with this type
//! crc64                       eight bytes, least significant first, over all before it
//! ```
//!
//! Clients may send anything: a payload with a right checksum is no less suspect.

use bytes::{BufMut, Bytes, BytesMut};

use super::crc64::Digest;
use super::decode::{VALKEY_VERSION, value_from};
use super::{ReadOptions, Value, lzf, opcode, string, value};
use crate::store::{Entry, StrRef};

/// Why a payload gives no value; the texts are those of RESTORE.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DumpError {
    /// Too short, of a version yet to come, or damaged on the way.
    VersionOrChecksum,
    /// The checksum is right, but what it covers is no value.
    Format,
}

/// The entry's value as a payload of its own.
pub fn dump(entry: &Entry, compression: bool) -> Bytes {
    let mut out = BytesMut::new();
    let mut compressor = || compression.then(lzf::Compressor::new);
    let value_type = match (entry.string(), entry.data()) {
        (Some(StrRef::Int(int)), _) => {
            out.put_u8(opcode::TYPE_STRING);
            string::write_int(&mut out, int);
            opcode::TYPE_STRING
        }
        (Some(StrRef::Bytes(bytes)), _) => {
            out.put_u8(opcode::TYPE_STRING);
            // A compressor is larger than most strings; short ones are not compressed anyway.
            let mut compressor = (bytes.len() >= string::COMPRESS_BYTES_MIN).then(&mut compressor);
            let compressor = compressor.as_mut().and_then(Option::as_mut);
            string::write(&mut out, bytes, compressor);
            opcode::TYPE_STRING
        }
        (None, Some(data)) => {
            out.put_u8(value::type_of(data));
            value::write(&mut out, data, compressor().as_mut());
            value::type_of(data)
        }
        (None, None) => return Bytes::new(),
    };
    seal(&mut out, opcode::version_of(value_type));
    out.freeze()
}

/// Ends a payload: appends the version and the checksum.
pub(crate) fn seal(out: &mut BytesMut, version: u16) {
    out.put_u16_le(version);
    out.put_u64_le(checksum(out));
}

/// The value in a payload. What stands between its end and the version is ignored, as by Redis.
///
/// # Errors
/// [`DumpError`]. The work and the memory are bounded by the payload.
pub fn restore(payload: &[u8], options: &ReadOptions) -> Result<Value, DumpError> {
    let Some((sealed, crc)) = payload.split_last_chunk::<8>() else {
        return Err(DumpError::VersionOrChecksum);
    };
    let Some((body, version)) = sealed.split_last_chunk::<2>() else {
        return Err(DumpError::VersionOrChecksum);
    };
    let version = u16::from_le_bytes(*version);
    let is_known = version <= VERSION_MAX || version == VALKEY_VERSION;
    if !is_known || u64::from_le_bytes(*crc) != checksum(sealed) {
        return Err(DumpError::VersionOrChecksum);
    }
    let (value_type, body) = body.split_first().ok_or(DumpError::Format)?;
    value_from(*value_type, version, body, options).ok_or(DumpError::Format)
}

fn checksum(bytes: &[u8]) -> u64 {
    let mut digest = Digest::new();
    digest.update(bytes);
    digest.value()
}

/// Redis 7.4's.
const VERSION_MAX: u16 = 12;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::persist::rdb::StringValue;

    fn string(value: &[u8]) -> Value {
        Value::String(StringValue::Bytes(Bytes::copy_from_slice(value)))
    }

    fn restored(payload: &[u8]) -> Result<Value, DumpError> {
        restore(payload, &ReadOptions::default())
    }

    /// What redis-server 7.0 says to DUMP, but for the version, which is 10 there, and its compression.
    #[test]
    fn payloads_are_those_of_redis() {
        for (value, body) in [
            (&b"abc"[..], &b"\x00\x03abc"[..]),
            (b"10", b"\x00\xc0\x0a"),
            (b"", b"\x00\x00"),
            (&[b'a'; 20], b"\x00\x14aaaaaaaaaaaaaaaaaaaa"),
        ] {
            let payload = dump(&Entry::new(b"k", value, None), true);
            let (found, footer) = payload.split_at(payload.len() - 10);
            assert_eq!(found, body, "{}", value.escape_ascii());
            assert_eq!(footer[..2], [9, 0]);
            let back = restored(&payload).map(|value| match value {
                Value::String(value) => value.into_bytes(),
                Value::Data(_) => panic!("a string"),
            });
            assert_eq!(back.as_deref(), Ok(value));
        }
    }

    #[test]
    fn every_damage_is_noticed() {
        let payload = dump(&Entry::new(b"k", &b"some text"[..], None), true);
        assert_eq!(restored(&payload), Ok(string(b"some text")));
        for at in 0..payload.len() {
            let mut damaged = payload.to_vec();
            damaged[at] ^= 4;
            assert_eq!(restored(&damaged), Err(DumpError::VersionOrChecksum));
            assert_eq!(restored(&payload[..at]), Err(DumpError::VersionOrChecksum));
        }
    }

    #[test]
    fn a_right_checksum_does_not_make_a_value() {
        for (body, version, expect) in [
            (&b"\x00\x01a"[..], 1, Ok(string(b"a"))),
            (b"\x00\x01a", 12, Ok(string(b"a"))),
            (b"\x00\x01a", 13, Err(DumpError::VersionOrChecksum)),
            (b"\x00\x01abc", 9, Ok(string(b"a"))),
            (b"\x00\x02a", 9, Err(DumpError::Format)),
            (b"\x00\xc3\x01\x40\xff\x00", 9, Err(DumpError::Format)),
            (b"\xfa\x01a", 9, Err(DumpError::Format)),
            (b"", 9, Err(DumpError::Format)),
        ] {
            let mut payload = BytesMut::from(body);
            seal(&mut payload, version);
            assert_eq!(restored(&payload), expect, "{}", body.escape_ascii());
        }
    }
}
