//! Values of modules, which this engine does not have: refused by the module's name, or passed over by who only
//! looks through a file. Since Redis 4.0.10 they tell where they end:
//!
//! ```text
//! module id   then, until an end:   0 end   1 signed or 2 unsigned, a length   3 float   4 double   5 string
//! ```

use std::fmt;

use super::ErrorKind;
use super::reader::{Reader, Stop};

/// A value of which parts are still missing.
#[derive(Default)]
pub(super) struct ModuleReader {
    /// None has been read while there is no id.
    id: Option<u64>,
    skips: bool,
}

impl ModuleReader {
    pub(super) fn new(skips: bool) -> Self {
        Self { id: None, skips }
    }

    /// Reads the next part; the module's id with the last one.
    pub(super) fn advance(&mut self, reader: &mut Reader<'_>) -> Result<Option<u64>, Stop> {
        let Some(id) = self.id else {
            let id = reader.length()?;
            if !self.skips {
                return Err(Stop::Wrong(ErrorKind::ModuleValue(id)));
            }
            self.id = Some(id);
            return Ok(None);
        };
        Ok(skip_part(reader)?.then_some(id))
    }
}

/// Whether that was the end.
fn skip_part(reader: &mut Reader<'_>) -> Result<bool, Stop> {
    match reader.length()? {
        END => return Ok(true),
        SIGNED | UNSIGNED => drop(reader.length()?),
        FLOAT => drop(reader.array::<4>()?),
        DOUBLE => drop(reader.array::<8>()?),
        STRING => drop(reader.string()?),
        _ => return Err(Stop::Wrong(ErrorKind::Malformed("Unknown part of a module's value"))),
    }
    Ok(false)
}

/// Prints the name in a module's id: nine characters of six bits, then a version of ten.
#[derive(Clone, Copy, Debug)]
pub struct ModuleName(pub u64);

impl fmt::Display for ModuleName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (1..=9).try_for_each(|character| {
            let index = (self.0 >> (64 - 6 * character)) & 0x3f;
            f.write_str(CHARACTERS.get(index as usize..=index as usize).unwrap_or_default())
        })
    }
}

const CHARACTERS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

const END: u64 = 0;
const SIGNED: u64 = 1;
const UNSIGNED: u64 = 2;
const FLOAT: u64 = 3;
const DOUBLE: u64 = 4;
const STRING: u64 = 5;

#[cfg(test)]
mod tests {
    use bytes::BytesMut;

    use super::super::{Decoder, ErrorKind, Item, ReadOptions};

    /// `ReJSON-RL`, version 3.
    const ID: u64 = 0x45e2_5238_df91_2c03;
    const PARTS: &[u8] = b"\x01\x05\x02\x81\xff\xff\xff\xff\xff\xff\xff\xff\x03abcd\x04abcdefgh\x05\xc3\x06\x18\x01ab\xe0\x0d\x01\x00";

    fn decode(records: &[u8], skips_modules: bool) -> Result<Vec<Item>, ErrorKind> {
        let mut decoder = Decoder::new(ReadOptions { skips_modules, ..ReadOptions::default() });
        let (mut buf, mut items) = (BytesMut::new(), Vec::new());
        for byte in [b"REDIS0009", records, b"\xff", &[0; 8]].concat() {
            buf.extend_from_slice(&[byte]);
            while let Some(item) = decoder.next(&mut buf).map_err(|error| error.kind)? {
                items.push(item);
            }
        }
        decoder.handle_end_of_input(buf.len()).map_err(|error| error.kind)?;
        Ok(items)
    }

    #[test]
    fn a_value_is_refused_by_name_or_passed_over() {
        let id = [&b"\x81"[..], &ID.to_be_bytes()].concat();
        let value = [b"\x07\x01k", &id[..], PARTS].concat();
        let old = [b"\x06\x01k", &id[..], PARTS].concat();
        let aux = [b"\xf7", &id[..], b"\x02\x01", PARTS].concat();
        assert_eq!(decode(&value, false), Err(ErrorKind::ModuleValue(ID)));
        assert_eq!(decode(&aux, false), Err(ErrorKind::ModuleAux(ID)));
        for skips in [false, true] {
            assert_eq!(decode(&old, skips), Err(ErrorKind::ModuleValue(ID)), "has no end");
        }
        for (records, key) in [(&value, Some("k")), (&aux, None)] {
            let records = [records, &b"\x00\x01s\x01v"[..]].concat();
            let items = decode(&records, true).unwrap();
            let key = key.map(Into::into);
            assert_eq!(items[1], Item::Module { id: ID, key });
            assert!(matches!(&items[2..], [Item::Entry(_), Item::End(_)]), "{items:?}");
        }
        let unknown = [b"\x07\x01k", &id[..], b"\x06"].concat();
        assert!(matches!(decode(&unknown, true), Err(ErrorKind::Malformed(_))));
    }
}
