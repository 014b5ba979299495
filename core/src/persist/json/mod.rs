//! An RDB payload as JSON, one object a line, written while it is read: memory is that of its largest value.
//!
//! ```text
//! {"version":9}
//! {"aux":"redis-ver","value":"7.4.0"}
//! {"db":0,"key":"k","type":"string","value":"v","expire_at_ms":1800000000000}
//! {"db":0,"key":"h","type":"hash","value":[{"field":"f","value":"v"}]}
//! {"checksum":"ok"}
//! ```
//!
//! Strings, numbers among them, are JSON strings; bytes that are no UTF-8 are `{"base64":"..."}` instead, so that
//! nothing is lost. Lines, and no single array: what was written before an error is whole.

mod text;
mod value;

use bytes::BytesMut;

use super::rdb;
use super::rdb::Checksum;
use super::rdb::Decoder;
use super::rdb::Entry;
use super::rdb::Item;
use super::rdb::ReadOptions;
use text::Writer;

/// Takes the bytes of a payload, gives lines of JSON.
pub struct RdbToJson {
    decoder: Decoder,
    buffer: BytesMut,
    out: Writer,
    db: u64,
    keys: u64,
}

impl Default for RdbToJson {
    fn default() -> Self {
        let options = ReadOptions { skips_modules: true, ..ReadOptions::default() };
        Self {
            decoder: Decoder::new(options),
            buffer: BytesMut::new(),
            out: Writer::default(),
            db: 0,
            keys: 0,
        }
    }
}

impl RdbToJson {
    /// Takes the next bytes and gives what they say to `take`, in lines; whether there is any use in more bytes.
    pub fn feed(&mut self, piece: &[u8], mut take: impl FnMut(&[u8])) -> bool {
        self.buffer.extend_from_slice(piece);
        while let Ok(Some(item)) = self.decoder.next(&mut self.buffer) {
            self.write(&item);
            if self.out.len() >= LINES_BYTES {
                take(&self.out.take());
            }
        }
        take(&self.out.take());
        // Of what is wrong `finish` tells.
        !self.decoder.is_finished() && !self.decoder.has_failed()
    }

    /// There are no more bytes.
    ///
    /// # Errors
    /// Why the payload could not be read to its end.
    pub fn finish(&mut self) -> Result<(), rdb::Error> {
        self.decoder.handle_end_of_input(self.buffer.len())
    }

    /// Keys written so far.
    pub fn keys(&self) -> u64 {
        self.keys
    }

    fn write(&mut self, item: &Item) {
        let out = &mut self.out;
        match item {
            Item::SelectDb(db) => return self.db = *db,
            Item::Version(version) => out.object(|o| o.key("version").number(*version)),
            Item::Aux { key, value } => out.object(|o| {
                o.key("aux").string(key);
                o.key("value").string(value);
            }),
            Item::ResizeDb { keys, expires } => out.object(|o| {
                o.key("db").number(self.db);
                o.key("keys").number(*keys);
                o.key("expires").number(*expires);
            }),
            Item::Function(source) => out.object(|o| o.key("function").string(source)),
            Item::Module { id, key } => out.object(|o| {
                if let Some(key) = key {
                    o.key("db").number(self.db);
                    o.key("key").string(key);
                }
                o.key("type").string(b"module");
                o.key("module").string(rdb::ModuleName(*id).to_string().as_bytes());
            }),
            Item::Entry(entry) => {
                self.keys += 1;
                write_entry(out, self.db, entry);
            }
            Item::End(checksum) => out.object(|o| o.key("checksum").string(words(*checksum))),
        }
        self.out.end_line();
    }
}

fn write_entry(out: &mut Writer, db: u64, entry: &Entry) {
    out.object(|o| {
        o.key("db").number(db);
        o.key("key").string(&entry.key);
        o.key("type").string(value::type_name(&entry.value));
        o.key("value");
        value::write(o, &entry.value);
        if let Some(at) = entry.expire_at_ms {
            o.key("expire_at_ms").number(at);
        }
        if let Some(idle) = entry.idle_s {
            o.key("idle_s").number(idle);
        }
        if let Some(freq) = entry.freq {
            o.key("freq").number(freq);
        }
    });
}

fn words(checksum: Checksum) -> &'static [u8] {
    match checksum {
        Checksum::Verified(_) => b"ok",
        Checksum::Absent => b"absent",
        Checksum::Disabled | Checksum::Ignored(_) => b"disabled",
    }
}

/// So many bytes of lines are handed out together.
const LINES_BYTES: usize = 1 << 16;

#[cfg(test)]
mod tests {
    use super::RdbToJson;

    /// The lines of a payload that comes in pieces, and how it ends.
    fn converted(payload: &[u8], piece: usize) -> (String, Option<u64>) {
        let mut json = RdbToJson::default();
        let mut lines = Vec::new();
        for piece in payload.chunks(piece) {
            if !json.feed(piece, |more| lines.extend_from_slice(more)) {
                break;
            }
        }
        let failed = json.finish().err().map(|error| error.offset);
        (String::from_utf8(lines).unwrap(), failed)
    }

    fn check(records: &[u8], expect: &[&str]) {
        let payload = [b"REDIS0012", records, b"\xff\0\0\0\0\0\0\0\0"].concat();
        let expect = format!(
            "{{\"version\":12}}\n{}{{\"checksum\":\"disabled\"}}\n",
            expect.iter().map(|line| format!("{line}\n")).collect::<String>()
        );
        for piece in [1, 3, 1000] {
            assert_eq!(converted(&payload, piece), (expect.clone(), None));
        }
    }

    #[test]
    fn every_record_is_a_line() {
        check(b"\xfa\x03ver\xc0\x07", &[r#"{"aux":"ver","value":"7"}"#]);
        check(b"\xfe\x03\xfb\x02\x01", &[r#"{"db":3,"keys":2,"expires":1}"#]);
        check(b"\xf5\x05#!lua", &[r##"{"function":"#!lua"}"##]);
        check(
            b"\xfc\x01\0\0\0\0\0\0\0\xf8\x05\xf9\x07\x00\x01k\x01v",
            &[
                r#"{"db":0,"key":"k","type":"string","value":"v","expire_at_ms":1,"idle_s":5,"freq":7}"#,
            ],
        );
        check(
            b"\x07\x01k\x00\x00",
            &[r#"{"db":0,"key":"k","type":"module","module":"AAAAAAAAA"}"#],
        );
        check(b"\xf7\x00\x02\x01\x00", &[r#"{"type":"module","module":"AAAAAAAAA"}"#]);
    }

    #[test]
    fn bytes_that_are_no_text_are_not_lost() {
        for (text, expect) in [
            (&b"\x02\"\\"[..], r#""\"\\""#),
            (b"\x04a\n\x01\x7f", "\"a\\n\\u0001\x7f\""),
            ("\x05é✓".as_bytes(), "\"é✓\""),
            (b"\x00", r#""""#),
            (b"\x01\xff", r#"{"base64":"/w=="}"#),
            (b"\x02\xff\xfe", r#"{"base64":"//4="}"#),
            (b"\x03\xff\xfea", r#"{"base64":"//5h"}"#),
            (b"\x04\xff\xfea\x00", r#"{"base64":"//5hAA=="}"#),
        ] {
            let line = format!(r#"{{"db":0,"key":"k","type":"string","value":{expect}}}"#);
            check(&[b"\x00\x01k", text].concat(), &[&line]);
        }
    }

    #[test]
    fn every_type_has_its_shape() {
        check(
            b"\x01\x01k\x02\x01a\xc0\x05",
            &[r#"{"db":0,"key":"k","type":"list","value":["a","5"]}"#],
        );
        check(b"\x02\x01k\x01\x01a", &[r#"{"db":0,"key":"k","type":"set","value":["a"]}"#]);
        check(
            b"\x03\x01k\x03\x01b\x032.5\x01c\xfe\x01a\xff",
            &[concat!(
                r#"{"db":0,"key":"k","type":"zset","value":[{"member":"a","score":"-inf"},"#,
                r#"{"member":"b","score":2.5},{"member":"c","score":"inf"}]}"#
            )],
        );
        check(
            b"\x18\x01k\x05\0\0\0\0\0\0\0\x02\x01\x01a\x01b\x00\x01c\x01d",
            &[concat!(
                r#"{"db":0,"key":"k","type":"hash","value":[{"field":"a","value":"b","expire_at_ms":5},"#,
                r#"{"field":"c","value":"d"}]}"#
            )],
        );
    }

    #[test]
    fn what_is_whole_is_written_before_an_error_is_told() {
        let payload = b"REDIS0012\x00\x01k\x01v\x00\x01l\x05v";
        let line =
            "{\"version\":12}\n{\"db\":0,\"key\":\"k\",\"type\":\"string\",\"value\":\"v\"}\n";
        for piece in [1, 7, 100] {
            assert_eq!(converted(payload, piece), (line.to_owned(), Some(19)));
        }
        let payload = b"REDIS0012\x00\x01k\x01v\x63\x01k";
        assert_eq!(converted(payload, 100), (line.to_owned(), Some(15)));
    }
}
