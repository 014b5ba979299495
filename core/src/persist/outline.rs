//! A file of a node's directory, looked into: its records in order, each with every byte named.
//!
//! The bounds of the records, and the verdict on the file, come from the readers that load it. What follows a
//! fault, or is the torn end of a log, is a record of its own that says so.

use super::aof;
use super::aof::ReadError;
use super::check;
use super::rdb;
use super::span::Span;
use super::span::SpanKind::Fact;
use super::span::SpanKind::Key;
use super::span::SpanKind::Length;
use super::span::SpanKind::Opcode;
use super::span::SpanKind::Value;
use super::span::Walk;
use super::span::shown;

/// Where a file's records are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outline {
    /// Where each record ends; it begins where the one before it does, or at 0.
    ends: Vec<usize>,
    /// Records up to this one are a snapshot's, the others requests.
    snapshot: usize,
    version: u16,
    is_manifest: bool,
    fault: Option<Fault>,
}

/// What is wrong with a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The record that is torn, or where the file goes wrong.
    pub record: usize,
    pub text: String,
}

/// A record, without what is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    pub start: usize,
    pub end: usize,
    pub title: String,
    pub damaged: bool,
}

impl Outline {
    pub fn of(bytes: &[u8]) -> Self {
        let mut outline = Self { is_manifest: check::is_manifest(bytes), ..Self::default() };
        if outline.is_manifest {
            let lines = memchr::memchr_iter(b'\n', bytes).map(|at| at + 1);
            outline.ends = lines.chain([bytes.len()]).collect();
            outline.ends.dedup();
            return outline;
        }
        let fault = outline.read(bytes);
        let read = outline.ends.last().copied().unwrap_or(0);
        if let Some(text) = fault {
            let record = outline.ends.len().saturating_sub(usize::from(read == bytes.len()));
            outline.fault = Some(Fault { record, text });
        }
        if read < bytes.len() {
            outline.ends.push(bytes.len());
        }
        outline
    }

    pub fn len(&self) -> usize {
        self.ends.len()
    }

    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    pub fn fault(&self) -> Option<&Fault> {
        self.fault.as_ref()
    }

    /// The record that a byte belongs to.
    pub fn at(&self, offset: usize) -> usize {
        self.ends.partition_point(|end| *end <= offset)
    }

    /// One record of the file whose outline this is.
    pub fn record(&self, bytes: &[u8], index: usize) -> Option<Record> {
        let (start, end) = self.bounds(index)?;
        let (_, title) = self.annotate(bytes, index, TITLE_SPANS_MAX)?;
        Some(Record { start, end, title, damaged: self.is_torn(index) })
    }

    /// Everything in one record, at its place in the file.
    pub fn spans(&self, bytes: &[u8], index: usize) -> Vec<Span> {
        let Some((start, _)) = self.bounds(index) else { return Vec::new() };
        let mut spans = self.annotate(bytes, index, SPANS_MAX).unwrap_or_default().0;
        for span in &mut spans {
            (span.start, span.end) = (span.start + start, span.end + start);
        }
        spans
    }

    /// Finds the records; says what is wrong, if anything is.
    fn read(&mut self, bytes: &[u8]) -> Option<String> {
        let mut reader = aof::Reader::new(rdb::ReadOptions::default());
        for piece in bytes.chunks(PIECE_BYTES) {
            reader.feed(piece);
            loop {
                match reader.next_item() {
                    Ok(Some(aof::Item::Request(_))) => {}
                    Ok(Some(aof::Item::Preamble(item))) => {
                        if let rdb::Item::Version(version) = item {
                            self.version = version;
                        }
                        self.snapshot = self.ends.len() + 1;
                    }
                    Ok(None) => break,
                    Err(error) => return Some(self.words(error)),
                }
                self.ends.extend(usize::try_from(reader.consumed()).ok());
            }
        }
        match reader.finish() {
            Ok(aof::End::Whole) => None,
            Ok(aof::End::CutShort(_)) => Some("The file ends in the middle of a request".into()),
            Ok(aof::End::OpenTransaction(_)) => {
                Some("The file ends before the EXEC of a MULTI".into())
            }
            Err(error) => Some(self.words(error)),
        }
    }

    fn words(&mut self, error: ReadError) -> String {
        match error {
            ReadError::Preamble(error) => {
                // What is left is read as records of a snapshot.
                self.snapshot = usize::MAX;
                error.to_string()
            }
            ReadError::NoRequest(offset) => format!("There is no request at offset {offset}"),
        }
    }

    fn bounds(&self, index: usize) -> Option<(usize, usize)> {
        let start =
            index.checked_sub(1).map_or(Some(0), |before| self.ends.get(before).copied())?;
        Some((start, *self.ends.get(index)?))
    }

    fn is_torn(&self, index: usize) -> bool {
        self.fault.as_ref().is_some_and(|fault| fault.record == index)
    }

    fn annotate(
        &self,
        bytes: &[u8],
        index: usize,
        spans_max: usize,
    ) -> Option<(Vec<Span>, String)> {
        let (start, end) = self.bounds(index)?;
        let bytes = bytes.get(start..end)?;
        Some(if self.is_manifest {
            line(bytes)
        } else if index < self.snapshot {
            rdb::annotate(bytes, self.version, spans_max)
        } else {
            request(bytes, spans_max)
        })
    }
}

/// A line of a manifest.
fn line(bytes: &[u8]) -> (Vec<Span>, String) {
    let mut walk = Walk::new(bytes, SPANS_MAX);
    let title = String::from_utf8_lossy(bytes.trim_ascii()).into_owned();
    for word in bytes.split_inclusive(u8::is_ascii_whitespace) {
        let kind = match word.trim_ascii() {
            b"file" | b"seq" | b"type" => Key,
            _ => Value,
        };
        walk.take_named(kind, word.len(), String::from_utf8_lossy(word.trim_ascii()).into_owned());
    }
    (walk.spans, title)
}

/// A request of a log, with the notes before it.
fn request(bytes: &[u8], spans_max: usize) -> (Vec<Span>, String) {
    let mut walk = Walk::new(bytes, spans_max);
    let mut title = String::new();
    let _ = request_parts(&mut walk, &mut title);
    walk.leave_rest("torn: the rest was never written");
    (walk.spans, title)
}

fn request_parts(walk: &mut Walk<'_>, title: &mut String) -> Option<()> {
    while walk.rest().first() == Some(&b'#') {
        let note = header(walk)?;
        walk.name(
            Fact,
            walk.at() - note.len() - 2,
            format!("note: {}", String::from_utf8_lossy(note)),
        );
    }
    let start = walk.at();
    let count = header(walk)?;
    let count = String::from_utf8_lossy(count.get(1..)?).into_owned();
    walk.name(Opcode, start, format!("a request of {count} words"));
    while walk.goes_on() {
        let start = walk.at();
        let length = String::from_utf8_lossy(header(walk)?.get(1..)?).into_owned();
        walk.name(Length, start, format!("bytes of the word: {length}"));
        let start = walk.at();
        let word = walk.take(length.parse().ok()?)?;
        if title.len() < TITLE_BYTES {
            *title += if title.is_empty() { "" } else { " " };
            *title += &String::from_utf8_lossy(word.get(..TITLE_BYTES).unwrap_or(word));
        }
        walk.take(2)?;
        walk.name(
            if start < FIRST_WORD_MAX && walk.spans.len() < 3 { Opcode } else { Value },
            start,
            shown(word),
        );
    }
    Some(())
}

/// A line up to its end, without it.
fn header<'b>(walk: &mut Walk<'b>) -> Option<&'b [u8]> {
    let newline = memchr::memchr(b'\n', walk.rest())?;
    let line = walk.take(newline + 1)?;
    Some(line.trim_ascii_end())
}

const PIECE_BYTES: usize = 64 * 1024;
/// Spans of a record, and of one of which only the title is wanted.
const SPANS_MAX: usize = 4000;
const TITLE_SPANS_MAX: usize = 12;
const TITLE_BYTES: usize = 80;
const FIRST_WORD_MAX: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::persist::SpanKind::Damaged;
    use crate::persist::SpanKind::Group;
    use crate::persist::rdb::Encoder;
    use crate::persist::rdb::WriteOptions;
    use crate::store::StrRef;

    fn snapshot() -> Vec<u8> {
        let mut encoder = Encoder::new(WriteOptions::default());
        encoder.select_db(0);
        encoder.string_entry(b"k", StrRef::Int(1), Some(5));
        encoder.finish().to_vec()
    }

    fn titles(outline: &Outline, bytes: &[u8]) -> Vec<String> {
        let records = (0..outline.len()).filter_map(|index| outline.record(bytes, index));
        records.map(|record| record.title).collect()
    }

    /// Every byte has a name, and none two of one level.
    fn check_cover(outline: &Outline, bytes: &[u8]) {
        let mut next = 0;
        for index in 0..outline.len() {
            let record = outline.record(bytes, index).unwrap();
            assert_eq!(record.start, next);
            next = record.end;
            let mut named = record.start;
            for span in outline.spans(bytes, index) {
                if span.kind != Group {
                    assert_eq!(span.start, named, "{span:?}");
                    named = span.end;
                }
            }
            assert_eq!(named, record.end, "{record:?}");
            assert_eq!(outline.at(record.start), index);
        }
        assert_eq!(next, bytes.len());
    }

    #[test]
    fn a_snapshot_falls_into_records_and_bytes_with_names() {
        let bytes = snapshot();
        let outline = Outline::of(&bytes);
        check_cover(&outline, &bytes);
        let titles = titles(&outline, &bytes);
        assert_eq!(outline.fault(), None);
        assert_eq!(titles[0], "signature, version 9");
        assert_eq!(&titles[titles.len() - 3..], ["database 0", "string k", "end and checksum"]);
        let texts: Vec<String> =
            outline.spans(&bytes, titles.len() - 2).into_iter().map(|span| span.text).collect();
        assert_eq!(
            texts,
            [
                "opcode: expires, in milliseconds",
                "milliseconds since 1970: 5",
                "type 0: string, its bytes",
                "length of the key: 1",
                "key \"k\"",
                "value: a number of 8 bits",
                "value 1",
            ]
        );
    }

    #[test]
    fn damage_is_shown_where_it_is_and_hides_nothing() {
        let whole = snapshot();
        for cut in 0..whole.len() {
            let bytes = &whole[..cut];
            let outline = Outline::of(bytes);
            check_cover(&outline, bytes);
            assert_eq!(outline.fault().is_some(), cut > 0, "{cut}");
        }
        for flipped in 0..whole.len() {
            for bit in [1, 0x80] {
                let mut bytes = whole.clone();
                bytes[flipped] ^= bit;
                check_cover(&Outline::of(&bytes), &bytes);
            }
        }
        let mut bytes = whole.clone();
        *bytes.last_mut().unwrap() ^= 1;
        let outline = Outline::of(&bytes);
        let fault = outline.fault().unwrap();
        assert!(fault.text.contains("checksum"), "{fault:?}");
        assert_eq!(fault.record + 1, outline.len());
    }

    #[test]
    fn a_log_falls_into_requests_after_its_snapshot() {
        let set = "#TS:5\r\n*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\n";
        let bytes = [&snapshot()[..], set.as_bytes(), b"*2\r\n$3\r\nDE"].concat();
        let outline = Outline::of(&bytes);
        check_cover(&outline, &bytes);
        let titles = titles(&outline, &bytes);
        assert_eq!(&titles[titles.len() - 3..], ["end and checksum", "SET k v", ""]);
        let fault = outline.fault().unwrap();
        assert_eq!(
            (fault.record + 1, fault.text.as_str()),
            (outline.len(), "The file ends in the middle of a request")
        );
        let torn = outline.spans(&bytes, outline.len() - 1);
        assert_eq!(torn.last().unwrap().kind, Damaged);
    }

    #[test]
    fn a_manifest_falls_into_lines() {
        let bytes = b"file a.1.base.rdb seq 1 type b\nfile a.1.incr.aof seq 1 type i\n";
        let outline = Outline::of(bytes);
        check_cover(&outline, bytes);
        assert_eq!(
            titles(&outline, bytes),
            ["file a.1.base.rdb seq 1 type b", "file a.1.incr.aof seq 1 type i"]
        );
    }
}
