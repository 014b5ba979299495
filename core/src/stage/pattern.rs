//! Does a received message look as a stage says, and if not, at which byte does it part?

use bytes::BytesMut;

use super::frame::Frame;
use super::frame::Kind;
use super::names::Names;
use super::render;
use super::spec::Pattern;
use super::spec::Snapshot;
use super::spec::Text;
use crate::persist::rdb::Decoder;
use crate::persist::rdb::Item;
use crate::persist::rdb::ReadOptions;

/// Where a message parts from what was expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// Offset of the first wrong byte from the start of the message.
    pub at: usize,
    /// What was expected there, in words.
    pub expected: String,
}

/// A message under examination.
pub struct Examined<'a> {
    pub bytes: &'a [u8],
    pub names: &'a mut Names,
    /// What `{offset}` stands for.
    pub offset: i64,
}

type Verdict = Result<(), Mismatch>;

impl Examined<'_> {
    /// Holds `frame` against `pattern`; names bound on the way stay bound.
    pub fn check(&mut self, frame: &Frame, pattern: &Pattern) -> Verdict {
        match pattern {
            Pattern::Any => Ok(()),
            Pattern::Nothing => Err(self.mismatch(frame.span.start, pattern)),
            Pattern::Simple(text) => self.line(frame, Kind::Simple, text, pattern),
            Pattern::Error(text) => self.line(frame, Kind::Error, text, pattern),
            Pattern::Bulk(text) => self.line(frame, Kind::Bulk, text, pattern),
            Pattern::Integer(number) => self.integer(frame, *number, *number, pattern),
            Pattern::IntegerIn(low, high) => self.integer(frame, *low, *high, pattern),
            Pattern::NullBulk => self.kind(frame, Kind::NullBulk, pattern),
            Pattern::NullArray => self.kind(frame, Kind::NullArray, pattern),
            Pattern::Array(items) => self.array(frame, items, pattern),
            Pattern::Unordered(items) => self.unordered(frame, items, pattern),
            Pattern::ArrayPrefix(items) => self.array_prefix(frame, items, pattern),
            Pattern::ArrayWith(items, others) => self.array_with(frame, items, others, pattern),
            Pattern::Request(words) => self.request(frame, words, words.len(), pattern),
            Pattern::RequestPrefix(words) => {
                self.request(frame, words, frame.items.len().max(words.len()), pattern)
            }
            Pattern::AnyOf(patterns) => self.any_of(frame, patterns, pattern),
        }
    }

    /// Holds an RDB file against what it must be: well-formed to its last byte, with a right checksum, and, when
    /// it is to be empty, without a key.
    pub fn check_rdb(&self, frame: &Frame, wanted: Snapshot) -> Verdict {
        let mut file = BytesMut::from(self.bytes.get(frame.text.clone()).unwrap_or_default());
        let mut decoder = Decoder::new(ReadOptions::default());
        let start = frame.text.start;
        loop {
            let item_at = start.saturating_add(clamped(decoder.consumed()));
            let (at, expected) = match decoder.next(&mut file) {
                Ok(Some(Item::Entry(_))) if wanted == Snapshot::Empty => {
                    (item_at, "an RDB file without a key")
                }
                Ok(Some(Item::End(_))) if file.is_empty() => return Ok(()),
                Ok(Some(Item::End(_))) => {
                    (frame.text.end.saturating_sub(file.len()), "the end of the RDB file")
                }
                Ok(Some(_)) => continue,
                Ok(None) => (frame.text.end, "more bytes: the RDB file ends before its end marker"),
                Err(error) => {
                    (start.saturating_add(clamped(error.offset)), "a well-formed RDB file")
                }
            };
            return Err(Mismatch { at, expected: expected.to_owned() });
        }
    }

    fn kind(&mut self, frame: &Frame, kind: Kind, pattern: &Pattern) -> Verdict {
        if frame.kind == kind { Ok(()) } else { Err(self.mismatch(frame.span.start, pattern)) }
    }

    fn line(&mut self, frame: &Frame, kind: Kind, text: &Text, pattern: &Pattern) -> Verdict {
        self.kind(frame, kind, pattern)?;
        let received = self.bytes.get(frame.text.clone()).unwrap_or_default().to_vec();
        self.text(&received, text).map_err(|at| self.mismatch(frame.text.start + at, pattern))
    }

    fn integer(&mut self, frame: &Frame, low: i64, high: i64, pattern: &Pattern) -> Verdict {
        self.kind(frame, Kind::Integer, pattern)?;
        let number = number(self.bytes.get(frame.text.clone()).unwrap_or_default());
        match number {
            Some(number) if (low..=high).contains(&number) => Ok(()),
            _ => Err(self.mismatch(frame.text.start, pattern)),
        }
    }

    fn array(&mut self, frame: &Frame, items: &[Pattern], pattern: &Pattern) -> Verdict {
        self.kind(frame, Kind::Array, pattern)?;
        if frame.items.len() != items.len() {
            return Err(self.mismatch(frame.text.start, pattern));
        }
        frame.items.iter().zip(items).try_for_each(|(item, pattern)| self.check(item, pattern))
    }

    fn array_prefix(&mut self, frame: &Frame, items: &[Pattern], pattern: &Pattern) -> Verdict {
        self.kind(frame, Kind::Array, pattern)?;
        if frame.items.len() < items.len() {
            return Err(self.mismatch(frame.text.start, pattern));
        }
        frame.items.iter().zip(items).try_for_each(|(item, pattern)| self.check(item, pattern))
    }

    fn array_with(
        &mut self,
        frame: &Frame,
        items: &[Pattern],
        others: &[Pattern],
        pattern: &Pattern,
    ) -> Verdict {
        self.kind(frame, Kind::Array, pattern)?;
        let mut holds =
            |wanted: &Pattern| frame.items.iter().any(|item| self.check(item, wanted).is_ok());
        if items.iter().all(&mut holds) && !others.iter().any(&mut holds) {
            return Ok(());
        }
        Err(self.mismatch(frame.text.start, pattern))
    }

    fn unordered(&mut self, frame: &Frame, items: &[Pattern], pattern: &Pattern) -> Verdict {
        self.kind(frame, Kind::Array, pattern)?;
        if frame.items.len() != items.len() {
            return Err(self.mismatch(frame.text.start, pattern));
        }
        let mut open: Vec<&Pattern> = items.iter().collect();
        for item in &frame.items {
            let found = open.iter().position(|pattern| self.check(item, pattern).is_ok());
            let Some(found) = found else { return Err(self.mismatch(item.span.start, pattern)) };
            open.swap_remove(found);
        }
        Ok(())
    }

    fn request(&mut self, frame: &Frame, words: &[Text], len: usize, pattern: &Pattern) -> Verdict {
        self.kind(frame, Kind::Array, pattern)?;
        if frame.items.len() != len {
            return Err(self.mismatch(frame.text.start, pattern));
        }
        frame
            .items
            .iter()
            .zip(words)
            .try_for_each(|(item, word)| self.line(item, Kind::Bulk, word, pattern))
    }

    fn any_of(&mut self, frame: &Frame, patterns: &[Pattern], pattern: &Pattern) -> Verdict {
        let matched = patterns.iter().any(|pattern| self.check(frame, pattern).is_ok());
        if matched { Ok(()) } else { Err(self.mismatch(frame.span.start, pattern)) }
    }

    /// Whether `received` looks as `text` says; else the offset of the first wrong byte.
    fn text(&mut self, received: &[u8], text: &Text) -> Result<(), usize> {
        let whole = |holds: bool| if holds { Ok(()) } else { Err(0) };
        match text {
            Text::Any => Ok(()),
            Text::Is(wanted) => same(received, self.resolve(wanted).as_bytes()),
            Text::Word(wanted) => {
                whole(received.eq_ignore_ascii_case(self.resolve(wanted).as_bytes()))
            }
            Text::Prefix(wanted) => {
                let wanted = self.resolve(wanted);
                same(received.get(..wanted.len()).unwrap_or(received), wanted.as_bytes())
            }
            Text::Contains(wanted) => {
                let wanted = self.resolve(wanted);
                whole(received.windows(wanted.len().max(1)).any(|part| part == wanted.as_bytes()))
            }
            Text::Alphanumeric(len) => {
                whole(received.len() == *len && received.iter().all(u8::is_ascii_alphanumeric))
            }
            Text::Number(low, high) => {
                whole(number(received).is_some_and(|n| (*low..=*high).contains(&n)))
            }
            Text::Below(limit) => {
                let limit = number(self.resolve(limit).as_bytes());
                whole(number(received).zip(limit).is_some_and(|(n, limit)| n < limit))
            }
            Text::Parts(parts) => self.parts(received, parts),
            Text::Fields(fields) => fields.iter().try_for_each(|field| self.field(received, field)),
            Text::Bind(name, inner) => {
                self.text(received, inner)?;
                self.names.bind(name, &String::from_utf8_lossy(received));
                Ok(())
            }
        }
    }

    fn parts(&mut self, received: &[u8], parts: &[Text]) -> Result<(), usize> {
        let words: Vec<&[u8]> = received.split(|byte| *byte == b' ').collect();
        let mut at = 0;
        for (word, part) in words.iter().zip(parts) {
            self.text(word, part).map_err(|within| at + within)?;
            at += word.len() + 1;
        }
        if words.len() == parts.len() { Ok(()) } else { Err(at.min(received.len())) }
    }

    fn field(&mut self, received: &[u8], (name, text): &(&str, Text)) -> Result<(), usize> {
        let mut at = 0;
        for line in received.split(|byte| *byte == b'\n') {
            let value = line.strip_prefix(name.as_bytes()).and_then(|rest| rest.strip_prefix(b":"));
            if let Some(value) = value {
                let value = value.strip_suffix(b"\r").unwrap_or(value);
                return self.text(value, text).map_err(|within| at + name.len() + 1 + within);
            }
            at += line.len() + 1;
        }
        Err(received.len())
    }

    fn resolve(&mut self, text: &str) -> String {
        self.names.resolve(text, self.offset)
    }

    fn mismatch(&mut self, at: usize, pattern: &Pattern) -> Mismatch {
        Mismatch { at, expected: render::pattern(pattern, &mut |text| self.resolve(text)) }
    }
}

/// Equality, or the offset at which the texts part.
fn same(received: &[u8], wanted: &[u8]) -> Result<(), usize> {
    if received == wanted {
        return Ok(());
    }
    Err(received.iter().zip(wanted).take_while(|(a, b)| a == b).count())
}

fn clamped(offset: u64) -> usize {
    usize::try_from(offset).unwrap_or(usize::MAX)
}

fn number(text: &[u8]) -> Option<i64> {
    std::str::from_utf8(text).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::super::fixture::Pair;
    use super::super::fixture::rdb_file;
    use super::super::frame::message;
    use super::super::frame::payload;
    use super::super::names::Names;
    use super::super::spec::Expires;
    use super::super::spec::Pattern;
    use super::super::spec::Snapshot;
    use super::super::spec::Text;
    use super::Examined;

    const INFO: Text =
        Text::Fields(&[("role", Text::Is("master")), ("offset", Text::Number(0, 9))]);

    /// `Ok` or the offset of the wrong byte.
    fn check(bytes: &[u8], pattern: &Pattern) -> Result<(), usize> {
        let frame = message(bytes).unwrap().unwrap();
        let mut names = Names::new(1);
        names.bind("word", "pear");
        let mut examined = Examined { bytes, names: &mut names, offset: 37 };
        examined.check(&frame, pattern).map_err(|mismatch| mismatch.at)
    }

    #[test]
    fn patterns_match_or_point_at_the_wrong_byte() {
        let cases: &[(&[u8], Pattern, Result<(), usize>)] = &[
            (b"+OK\r\n", Pattern::Simple(Text::Is("OK")), Ok(())),
            (b"+ok\r\n", Pattern::Simple(Text::Is("OK")), Err(1)),
            (b"$2\r\nOK\r\n", Pattern::Simple(Text::Is("OK")), Err(0)),
            (b"$4\r\npear\r\n", Pattern::Bulk(Text::Is("{word}")), Ok(())),
            (b"$4\r\npeer\r\n", Pattern::Bulk(Text::Is("{word}")), Err(6)),
            (b"$2\r\n37\r\n", Pattern::Bulk(Text::Is("{offset}")), Ok(())),
            (b"$2\r\n36\r\n", Pattern::Bulk(Text::Below("{offset}")), Ok(())),
            (b"$2\r\n37\r\n", Pattern::Bulk(Text::Below("{offset}")), Err(4)),
            (b":3\r\n", Pattern::IntegerIn(1, 3), Ok(())),
            (b":4\r\n", Pattern::IntegerIn(1, 3), Err(1)),
            (b"$-1\r\n", Pattern::NullBulk, Ok(())),
            (b"*-1\r\n", Pattern::NullBulk, Err(0)),
            (b"*1\r\n$4\r\nping\r\n", Pattern::Request(&[Text::Word("PING")]), Ok(())),
            (b"+PING\r\n", Pattern::Request(&[Text::Word("PING")]), Err(0)),
            (b"*2\r\n$1\r\na\r\n$1\r\nb\r\n", Pattern::Request(&[Text::Is("a")]), Err(1)),
            (b"*2\r\n$1\r\na\r\n$1\r\nb\r\n", Pattern::RequestPrefix(&[Text::Is("a")]), Ok(())),
            (b"*0\r\n", Pattern::RequestPrefix(&[Text::Is("a")]), Err(1)),
            (
                b"+X abc 5\r\n",
                Pattern::Simple(Text::Parts(&[Text::Is("X"), Text::Alphanumeric(3), Text::Any])),
                Ok(()),
            ),
            (
                b"+X ab! 5\r\n",
                Pattern::Simple(Text::Parts(&[Text::Is("X"), Text::Alphanumeric(3), Text::Any])),
                Err(3),
            ),
            (b"+X\r\n", Pattern::Simple(Text::Parts(&[Text::Is("X"), Text::Any])), Err(2)),
            (b"$23\r\nrole:master\r\noffset:3\r\n\r\n", Pattern::Bulk(INFO), Ok(())),
            (b"$23\r\nrole:slave!\r\noffset:3\r\n\r\n", Pattern::Bulk(INFO), Err(10)),
        ];
        for (bytes, pattern, verdict) in cases {
            assert_eq!(
                check(bytes, pattern),
                *verdict,
                "{} against {pattern:?}",
                bytes.escape_ascii()
            );
        }
    }

    #[test]
    fn unordered_items_match_one_to_one() {
        const AB: Pattern =
            Pattern::Unordered(&[Pattern::Bulk(Text::Is("a")), Pattern::Bulk(Text::Is("b"))]);
        assert_eq!(check(b"*2\r\n$1\r\nb\r\n$1\r\na\r\n", &AB), Ok(()));
        assert_eq!(check(b"*2\r\n$1\r\nb\r\n$1\r\nb\r\n", &AB), Err(11));
        assert_eq!(check(b"*1\r\n$1\r\nb\r\n", &AB), Err(1));
    }

    #[test]
    fn arrays_are_held_against_their_start_or_some_items() {
        const A: Pattern = Pattern::Bulk(Text::Is("a"));
        const B: Pattern = Pattern::Bulk(Text::Is("b"));
        for (pattern, verdict) in [
            (Pattern::ArrayPrefix(&[B]), Ok(())),
            (Pattern::ArrayPrefix(&[B, A]), Ok(())),
            (Pattern::ArrayPrefix(&[A]), Err(8)),
            (Pattern::ArrayPrefix(&[B, A, A]), Err(1)),
            (Pattern::ArrayWith(&[A], &[]), Ok(())),
            (Pattern::ArrayWith(&[A, B], &[Pattern::NullBulk]), Ok(())),
            (Pattern::ArrayWith(&[], &[A]), Err(1)),
            (Pattern::ArrayWith(&[Pattern::NullBulk], &[]), Err(1)),
        ] {
            assert_eq!(check(b"*2\r\n$1\r\nb\r\n$1\r\na\r\n", &pattern), verdict, "{pattern:?}");
        }
    }

    fn check_file(file: &[u8], wanted: Snapshot) -> Result<(), usize> {
        let bytes = [format!("${}\r\n", file.len()).as_bytes(), file].concat();
        let frame = payload(&bytes).unwrap().unwrap();
        let examined = Examined { bytes: &bytes, names: &mut Names::new(1), offset: 0 };
        examined.check_rdb(&frame, wanted).map_err(|mismatch| mismatch.at - frame.text.start)
    }

    #[test]
    fn rdb_files_are_read_to_the_end() {
        let key = Pair { key: "k".into(), value: "v".into(), expires: Expires::Never };
        let (empty, full) = (rdb_file(&[]), rdb_file(&[key]));
        assert_eq!(check_file(&empty, Snapshot::Empty), Ok(()));
        assert_eq!(check_file(&full, Snapshot::Any), Ok(()));
        assert!(check_file(&full, Snapshot::Empty).is_err());
        assert!(check_file(b"RODIS0009", Snapshot::Any).is_err());
        assert_eq!(check_file(&empty[..empty.len() - 1], Snapshot::Any), Err(empty.len() - 1));
        assert_eq!(check_file(&[&empty[..], b"\r\n"].concat(), Snapshot::Any), Err(empty.len()));
    }
}
