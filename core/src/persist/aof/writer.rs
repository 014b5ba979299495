//! Writes an increment: the requests that make each change, as they happen.
//!
//! A request that belongs to another database than the one before is preceded by SELECT, and with
//! `aof-timestamp-enabled` the first one of each second by an annotation, a line that readers skip.

use bytes::BufMut;
use bytes::Bytes;
use bytes::BytesMut;

use crate::resp::write_request;

/// Gathers requests until they are taken to be appended to the file.
#[derive(Debug, Default)]
pub struct Writer {
    out: BytesMut,
    /// The database the file stands at; none at its beginning.
    selected_db: Option<usize>,
    /// The second annotated last.
    stamped: Option<i64>,
}

impl Writer {
    /// The requests that follow go to a new file, which knows of no database.
    pub fn begin_file(&mut self) {
        self.selected_db = None;
        self.stamped = None;
    }

    /// Bytes that wait to be taken.
    pub fn len(&self) -> usize {
        self.out.len()
    }

    pub fn is_empty(&self) -> bool {
        self.out.is_empty()
    }

    /// Notes the time, in seconds since 1970, unless it is noted already.
    pub fn stamp(&mut self, second: i64) {
        if self.stamped != Some(second) {
            self.stamped = Some(second);
            self.out.put_slice(annotation(second).as_bytes());
        }
    }

    /// Appends an encoded request that ran in `db`.
    pub fn append(&mut self, db: usize, request: &[u8]) {
        if self.selected_db != Some(db) {
            self.selected_db = Some(db);
            write_select(&mut self.out, db);
        }
        self.out.put_slice(request);
    }

    /// Takes what has gathered.
    pub fn take(&mut self) -> Bytes {
        self.out.split().freeze()
    }
}

/// `#TS:` and the second.
pub(super) fn annotation(second: i64) -> String {
    format!("#TS:{second}\r\n")
}

/// Appends the SELECT that goes before a request of another database.
pub fn write_select(out: &mut BytesMut, db: usize) {
    let mut digits = itoa::Buffer::new();
    let words: [&[u8]; 2] = [b"SELECT", digits.format(db).as_bytes()];
    write_request(out, words.into_iter());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn selects_and_stamps_when_they_change() {
        let mut writer = Writer::default();
        let mut check = |second, db, expect: &str| {
            writer.stamp(second);
            writer.append(db, b"*1\r\n$1\r\nA\r\n");
            assert_eq!(writer.take().escape_ascii().to_string(), expect);
        };
        let request = r"*1\r\n$1\r\nA\r\n";
        let select = |db| format!(r"*2\r\n$6\r\nSELECT\r\n$1\r\n{db}\r\n");
        check(7, 0, &format!(r"#TS:7\r\n{}{request}", select(0)));
        check(7, 0, request);
        check(8, 0, &format!(r"#TS:8\r\n{request}"));
        check(8, 2, &format!("{}{request}", select(2)));
        writer.begin_file();
        writer.append(2, b"*1\r\n$1\r\nA\r\n");
        assert_eq!(writer.take().escape_ascii().to_string(), format!("{}{request}", select(2)));
    }
}
