//! Looks through a file without loading it: is it whole, and if not, where does it go wrong?
//!
//! A check takes the file's bytes in pieces, collects what there is to tell, and judges at the end. The
//! lines are those of redis-check-rdb and redis-check-aof where a script may look for them.

use std::fmt;
use std::fmt::Write;
use std::mem;

use bytes::BytesMut;

use super::aof;
use super::aof::ReadError;
use super::rdb;
use super::rdb::Checksum;

/// Whether a file names other files: the manifest of a log.
pub fn is_manifest(head: &[u8]) -> bool {
    let line = head.split(|byte| *byte == b'\n').find(|line| !line.starts_with(b"#"));
    line.is_some_and(|line| line.trim_ascii_start().starts_with(b"file "))
}

/// What the items of a payload tell.
#[derive(Debug)]
pub struct Tally {
    now_ms: i64,
    report: String,
    keys: u64,
    expires: u64,
    expired: u64,
}

impl Tally {
    fn new(now_ms: i64) -> Self {
        Self { now_ms, report: String::new(), keys: 0, expires: 0, expired: 0 }
    }

    /// The lines since the last time.
    pub fn take_report(&mut self) -> String {
        mem::take(&mut self.report)
    }

    fn line(&mut self, offset: u64, text: impl fmt::Display) {
        // Writing to a string does not fail.
        let _ = writeln!(self.report, "[offset {offset}] {text}");
    }

    fn take(&mut self, item: &rdb::Item, offset: u64) {
        match item {
            rdb::Item::Aux { key, value } => {
                let text = format!("AUX FIELD {} = '{}'", key.escape_ascii(), value.escape_ascii());
                self.line(offset, text);
            }
            rdb::Item::SelectDb(index) => self.line(offset, format!("Selecting DB ID {index}")),
            rdb::Item::Entry(entry) => {
                self.keys += 1;
                self.expires += u64::from(entry.expire_at_ms.is_some());
                self.expired += u64::from(entry.expire_at_ms.is_some_and(|ms| ms < self.now_ms));
            }
            rdb::Item::Module { id, key } => {
                self.keys += u64::from(key.is_some());
                let text = format!("MODULE DATA of {}", rdb::ModuleName(*id));
                self.line(offset, text);
            }
            rdb::Item::End(checksum) => {
                self.line(offset, words(*checksum));
                self.line(offset, r"\o/ RDB looks OK! \o/");
                self.sum_up();
            }
            rdb::Item::Version(_) | rdb::Item::ResizeDb { .. } | rdb::Item::Function(_) => {}
        }
    }

    fn fail(&mut self, error: rdb::Error) {
        self.report += "--- RDB ERROR DETECTED ---\n";
        self.line(error.offset, error);
        self.sum_up();
    }

    fn sum_up(&mut self) {
        let Self { keys, expires, expired, .. } = self;
        let _ = writeln!(
            self.report,
            "[info] {keys} keys read\n[info] {expires} expires\n[info] {expired} already expired"
        );
    }
}

fn words(checksum: Checksum) -> &'static str {
    match checksum {
        Checksum::Verified(_) => "Checksum OK",
        Checksum::Absent => "RDB versions before 5 have no checksum",
        Checksum::Disabled | Checksum::Ignored(_) => {
            "RDB file was saved with checksum disabled: no check performed."
        }
    }
}

fn options() -> rdb::ReadOptions {
    rdb::ReadOptions { skips_modules: true, ..rdb::ReadOptions::default() }
}

/// Checks a snapshot.
pub struct RdbCheck {
    decoder: rdb::Decoder,
    buffer: BytesMut,
    pub tally: Tally,
}

impl RdbCheck {
    /// Entries that expire before `now_ms`, milliseconds since 1970, count as expired.
    pub fn new(now_ms: i64) -> Self {
        let decoder = rdb::Decoder::new(options());
        Self { decoder, buffer: BytesMut::new(), tally: Tally::new(now_ms) }
    }

    /// Takes the next bytes; whether there is any use in more.
    pub fn feed(&mut self, piece: &[u8]) -> bool {
        self.buffer.extend_from_slice(piece);
        loop {
            match self.decoder.next(&mut self.buffer) {
                Ok(Some(item)) => self.tally.take(&item, self.decoder.consumed()),
                Ok(None) => return !self.decoder.is_finished(),
                Err(_) => return false,
            }
        }
    }

    /// There are no more bytes: whether the snapshot is whole. The last lines say why not.
    pub fn finish(&mut self) -> bool {
        let ended = self.decoder.handle_end_of_input(self.buffer.len());
        ended.map_err(|error| self.tally.fail(error)).is_ok()
    }
}

/// Checks one file of a log.
pub struct AofCheck {
    reader: aof::Reader,
    fault: Option<Fault>,
    bytes: u64,
    pub tally: Tally,
}

/// What is to be said of a file of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AofVerdict {
    pub bytes: u64,
    /// Where the last whole request ends, or the transaction it belongs to.
    pub valid: u64,
    pub fault: Option<Fault>,
}

/// What is wrong with a file of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The payload at its head is damaged at this offset; cutting the file would lose all that follows.
    Preamble(u64),
    /// There is no request at this offset.
    NoRequest(u64),
    /// The file ends here, in the middle of a request.
    CutShort(u64),
    /// The file ends here, and a transaction has no EXEC.
    OpenTransaction(u64),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (offset, text) = match self {
            Self::Preamble(_) => {
                return f.write_str("RDB preamble of AOF file is not sane, aborting.");
            }
            Self::NoRequest(offset) => (offset, "AOF format error: there is no request"),
            Self::CutShort(offset) => (offset, "Reached EOF in the middle of a request"),
            Self::OpenTransaction(offset) => (offset, "Reached EOF before reading EXEC for MULTI"),
        };
        write!(f, "0x{offset:16x}: {text}")
    }
}

impl AofCheck {
    /// Entries of a payload that expire before `now_ms`, milliseconds since 1970, count as expired.
    pub fn new(now_ms: i64) -> Self {
        let reader = aof::Reader::new(options());
        Self { reader, fault: None, bytes: 0, tally: Tally::new(now_ms) }
    }

    /// Takes the next bytes.
    pub fn feed(&mut self, piece: &[u8]) {
        self.bytes += piece.len() as u64;
        if self.fault.is_some() {
            return;
        }
        self.reader.feed(piece);
        loop {
            let item = match self.reader.next_item() {
                Ok(Some(aof::Item::Request(_))) => continue,
                Ok(Some(aof::Item::Preamble(item))) => item,
                Ok(None) => return,
                Err(error) => {
                    self.fault = Some(self.fault_of(error));
                    return;
                }
            };
            self.tally.take(&item, self.reader.consumed());
            if matches!(item, rdb::Item::End(_)) {
                self.tally.report += "RDB preamble is OK, proceeding with AOF tail...\n";
            }
        }
    }

    /// There are no more bytes.
    pub fn finish(&mut self) -> AofVerdict {
        if self.fault.is_none() {
            self.fault = match self.reader.finish() {
                Ok(aof::End::Whole) => None,
                Ok(aof::End::CutShort(_)) => Some(Fault::CutShort(self.bytes)),
                Ok(aof::End::OpenTransaction(_)) => Some(Fault::OpenTransaction(self.bytes)),
                Err(error) => Some(self.fault_of(error)),
            };
        }
        AofVerdict { bytes: self.bytes, valid: self.reader.valid(), fault: self.fault.clone() }
    }

    fn fault_of(&mut self, error: ReadError) -> Fault {
        match error {
            ReadError::Preamble(error) => {
                self.tally.fail(error);
                Fault::Preamble(error.offset)
            }
            ReadError::NoRequest(offset) => Fault::NoRequest(offset),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::persist::rdb::Encoder;
    use crate::persist::rdb::WriteOptions;
    use crate::store::StrRef;

    const SET: &str = "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\n";

    fn payload() -> Vec<u8> {
        let mut encoder = Encoder::new(WriteOptions::default());
        encoder.select_db(0);
        encoder.string_entry(b"k", StrRef::Int(1), Some(5));
        encoder.finish().to_vec()
    }

    fn judged(file: &[u8], piece: usize) -> (AofVerdict, String) {
        let mut check = AofCheck::new(10);
        file.chunks(piece).for_each(|piece| check.feed(piece));
        (check.finish(), check.tally.take_report())
    }

    #[test]
    fn a_log_is_judged_however_it_is_cut_up() {
        for (tail, fault) in [
            ("", None),
            ("#TS:1\r\n", None),
            ("*3\r\n$3\r\nSE", Some(Fault::CutShort(37))),
            ("SET k w\r\n", Some(Fault::NoRequest(27))),
            ("*1\r\n$5\r\nMULTI\r\n", Some(Fault::OpenTransaction(42))),
        ] {
            let file = format!("{SET}{tail}");
            let bytes = file.len() as u64;
            let valid = if fault.is_none() { bytes } else { 27 };
            for piece in [1, 7, 100] {
                let (verdict, report) = judged(file.as_bytes(), piece);
                assert_eq!(verdict, AofVerdict { bytes, valid, fault: fault.clone() }, "{tail}");
                assert_eq!(report, "");
            }
        }
    }

    #[test]
    fn a_payload_at_the_head_of_a_log_is_checked() {
        let payload = payload();
        let (verdict, report) = judged(&[&payload[..], SET.as_bytes()].concat(), 5);
        assert_eq!((verdict.fault, verdict.valid), (None, payload.len() as u64 + 27));
        let said =
            "[info] 1 keys read\n[info] 1 expires\n[info] 1 already expired\nRDB preamble is OK";
        assert!(report.contains(said), "{report}");
        let (verdict, report) = judged(&payload[..payload.len() - 9], 5);
        assert_eq!(verdict.fault, Some(Fault::Preamble(payload.len() as u64 - 9)));
        assert!(report.starts_with("[offset "), "{report}");
        assert!(report.contains("--- RDB ERROR DETECTED ---\n[offset "), "{report}");
    }

    #[test]
    fn a_snapshot_is_whole_or_it_is_said_where_not() {
        let payload = payload();
        for cut in 0..=payload.len() {
            let mut check = RdbCheck::new(0);
            payload[..cut].chunks(3).for_each(|piece| {
                check.feed(piece);
            });
            assert_eq!(check.finish(), cut == payload.len(), "{cut}");
            let report = check.tally.take_report();
            assert_eq!(report.contains("RDB looks OK"), cut == payload.len(), "{report}");
            assert_eq!(report.contains(&format!("[offset {cut}] Short read")), cut < payload.len());
        }
    }

    #[test]
    fn a_manifest_is_told_from_a_log() {
        for (head, is) in [
            ("file a seq 1 type b\n", true),
            ("# a\n  file a", true),
            (SET, false),
            ("#TS:1\r\n*1", false),
            ("", false),
        ] {
            assert_eq!(is_manifest(head.as_bytes()), is, "{head}");
        }
    }
}
