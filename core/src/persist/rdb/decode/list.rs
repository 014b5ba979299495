//! Lists: element by element, or node by node as Redis has kept them.

use super::ErrorKind;
use super::reader::{Reader, Stop};
use super::value::Progress;
use super::ziplist;
use crate::data::list::End;
use crate::data::{Limits, List, Listpack, StrRef};

/// What a list consists of in the payload.
#[derive(Clone, Copy)]
pub(super) enum Form {
    /// Strings, each an element: every version reads this.
    Elements,
    /// Listpacks, and elements too large for one: Redis 7.0 and later.
    Nodes,
    /// Ziplists: Redis 3.2 to 6.2.
    Ziplists,
}

/// A list of which parts are still missing; none has been read while there is no list.
pub(super) struct ListReader {
    form: Form,
    list: Option<List>,
    left: u64,
}

impl ListReader {
    pub(super) fn new(form: Form) -> Self {
        Self { form, list: None, left: 0 }
    }

    /// Reads the number of parts, or the next one.
    pub(super) fn advance(
        &mut self,
        reader: &mut Reader<'_>,
        limits: &Limits,
    ) -> Result<Progress, Stop> {
        let Some(list) = &mut self.list else {
            self.left = reader.length()?;
            self.list = Some(List::of_nodes(limits));
            return Ok(if self.left == 0 { Progress::Empty } else { Progress::More });
        };
        match self.form {
            Form::Elements => list.push(End::Tail, &reader.bytes()?),
            Form::Nodes => read_node(list, reader)?,
            Form::Ziplists => list.push_pack(of_ziplist(&reader.bytes()?)?),
        }
        self.left = self.left.saturating_sub(1);
        if self.left > 0 {
            return Ok(Progress::More);
        }
        let mut list = std::mem::take(list);
        list.settle_whole(limits);
        Ok(if list.is_empty() { Progress::Empty } else { Progress::data(list) })
    }
}

/// An empty node is passed over, as in Redis.
fn read_node(list: &mut List, reader: &mut Reader<'_>) -> Result<(), Stop> {
    let (container, bytes) = (reader.length()?, reader.bytes()?);
    match container {
        CONTAINER_PLAIN => list.push_plain(&bytes),
        CONTAINER_PACKED => list.push_pack(listpack(bytes.into())?),
        _ => return Err(wrong("Quicklist integrity check failed.")),
    }
    Ok(())
}

/// A small list of Redis before 3.2, in one ziplist.
pub(super) fn read_ziplist(reader: &mut Reader<'_>, limits: &Limits) -> Result<Progress, Stop> {
    let mut list = List::of_pack(of_ziplist(&reader.bytes()?)?);
    list.settle_whole(limits);
    Ok(if list.is_empty() { Progress::Empty } else { Progress::data(list) })
}

fn of_ziplist(bytes: &[u8]) -> Result<Listpack, Stop> {
    let elements = ziplist::parse(bytes).ok_or(wrong("Ziplist integrity check failed."))?;
    let mut pack = Listpack::new();
    for element in elements {
        match element {
            StrRef::Int(value) => pack.push_back_int(value),
            StrRef::Bytes(text) => pack.push_back(text),
        }
    }
    Ok(pack)
}

fn listpack(bytes: Vec<u8>) -> Result<Listpack, Stop> {
    Listpack::from_bytes(bytes).ok_or(wrong("Listpack integrity check failed."))
}

fn wrong(what: &'static str) -> Stop {
    Stop::Wrong(ErrorKind::Malformed(what))
}

const CONTAINER_PLAIN: u64 = 1;
const CONTAINER_PACKED: u64 = 2;

#[cfg(test)]
mod tests {
    use bytes::{BufMut, BytesMut};

    use crate::data::list::End;
    use crate::data::{Collection, Data, Encoding, Limits, List, Listpack};
    use crate::persist::rdb::{Decoder, Encoder, Item, ReadOptions, Value, WriteOptions};

    fn decode(payload: &[u8], piece: usize) -> Option<List> {
        let mut decoder = Decoder::new(ReadOptions { checksum: false, ..Default::default() });
        let mut buffer = BytesMut::new();
        let mut found = None;
        for piece in payload.chunks(piece) {
            buffer.extend_from_slice(piece);
            while let Some(item) = decoder.next(&mut buffer).ok()? {
                if let Item::Entry(entry) = item
                    && let Value::Data(data) = entry.value
                    && let Data::List(list) = *data
                {
                    found = Some(list);
                }
            }
        }
        found
    }

    /// A payload of one key whose value has these bytes.
    fn payload(value_type: u8, value: &[u8]) -> Vec<u8> {
        [b"REDIS0009", &[value_type, 1, b'k'][..], value, b"\xff\0\0\0\0\0\0\0\0"].concat()
    }

    fn list_of(texts: &[&[u8]]) -> List {
        let mut list = List::new();
        texts.iter().for_each(|text| list.push(End::Tail, text));
        list
    }

    fn string(bytes: &[u8]) -> Vec<u8> {
        let mut out = BytesMut::new();
        crate::persist::rdb::string::write(&mut out, bytes, None);
        out.to_vec()
    }

    /// `1`, `two`, `-300`.
    const ZIPLIST: &[u8] = b"\x16\0\0\0\x11\0\0\0\x03\0\0\xf2\x02\x03two\x05\xc0\xd4\xfe\xff";

    #[test]
    fn every_form_is_read_however_it_is_cut() {
        let texts: [&[u8]; 3] = [b"1", b"two", b"-300"];
        let mut pack = Listpack::new();
        texts.iter().for_each(|text| pack.push_back(text));
        let pack = string(pack.as_bytes());
        let forms = [
            (1, [&b"\x03"[..], &string(b"1"), b"\x03two", &string(b"-300")].concat()),
            (10, string(ZIPLIST)),
            (14, [&b"\x01"[..], &string(ZIPLIST)].concat()),
            (18, [&b"\x01\x02"[..], &pack].concat()),
        ];
        for (value_type, value) in forms {
            let payload = payload(value_type, &value);
            for piece in [1, 5, payload.len()] {
                let list = decode(&payload, piece).unwrap_or_else(|| panic!("form {value_type}"));
                assert_eq!(list, list_of(&texts), "form {value_type}");
                assert_eq!(list.encoding(), Encoding::Listpack);
            }
            for at in 12..payload.len() - 9 {
                for value in [0, 1, 0x7f, 0xff] {
                    let mut bad = payload.clone();
                    bad[at] = value;
                    if let Some(list) = decode(&bad, bad.len()) {
                        let mut count = 0;
                        list.for_each(0, list.len(), |_| count += 1);
                        assert_eq!(count, list.len());
                    }
                }
            }
        }
    }

    #[test]
    fn large_elements_have_nodes_of_their_own() {
        let large = vec![b'x'; 9000];
        let mut value = BytesMut::from(&b"\x02\x01"[..]);
        value.put_slice(&string(&large));
        value.put_slice(b"\x01\x01y");
        let list = decode(&payload(18, &value), 100).unwrap();
        assert_eq!((list.len(), list.encoding()), (2, Encoding::Quicklist));
        assert_eq!(list, list_of(&[&large, b"y"]));
    }

    #[test]
    fn long_lists_come_back() {
        let limits = Limits::default();
        let mut list = List::of_nodes(&limits);
        for i in 0..5000_i64 {
            list.push(End::Tail, i.to_string().as_bytes());
            list.push(End::Head, &vec![b'r'; (i % 100) as usize]);
        }
        let mut encoder = Encoder::new(WriteOptions::default());
        encoder.data_entry(b"k", Data::List(list.clone()).view(), None);
        let payload = encoder.finish();
        assert_eq!(decode(&payload, 1000), Some(list));
    }

    #[test]
    fn a_list_without_elements_is_no_value() {
        for (value_type, value) in [(1, &b"\0"[..]), (14, b"\0"), (18, b"\0")] {
            assert_eq!(decode(&payload(value_type, value), 7), None);
        }
    }
}
