//! Reads one file of the log from pieces of its bytes: an RDB payload if it begins with one, then
//! requests.
//!
//! Requests of a transaction count together: what a crash cut off in the middle of one begins at
//! its MULTI. Lines that begin with `#` are skipped. A length is a claim: memory is taken as the
//! bytes come.

use bytes::Buf;
use bytes::BytesMut;

use crate::persist::rdb;
use crate::resp::Args;
use crate::resp::FrameLimits;
use crate::resp::Splitter;

/// Takes pieces of a file, gives what they say.
pub struct Reader {
    stage: Stage,
    buffer: BytesMut,
    /// Bytes at the head of the buffer that were handed out last.
    handed_out: usize,
    splitter: Splitter,
    /// Where the buffer begins in the file.
    offset: u64,
    /// Where the last whole unit ends.
    valid: u64,
    in_transaction: bool,
}

enum Stage {
    /// Is it a payload or a request?
    Undecided(rdb::ReadOptions),
    Preamble(Box<rdb::Decoder>),
    Requests,
}

/// What a piece of a file says.
#[derive(Debug)]
pub enum Item<'a> {
    Preamble(rdb::Item),
    Request(Args<'a>),
}

/// How a file ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    Whole,
    /// In the middle of a request that begins at this offset.
    CutShort(u64),
    /// A transaction that begins at this offset lacks its EXEC.
    OpenTransaction(u64),
}

/// Why a file can't be read on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReadError {
    Preamble(rdb::Error),
    /// There is no request at this offset.
    NoRequest(u64),
}

impl Reader {
    pub fn new(options: rdb::ReadOptions) -> Self {
        Self {
            stage: Stage::Undecided(options),
            buffer: BytesMut::new(),
            handed_out: 0,
            splitter: Splitter::default(),
            offset: 0,
            valid: 0,
            in_transaction: false,
        }
    }

    /// Adds the file's next bytes. Take all items before the next piece, to keep memory bounded.
    pub fn feed(&mut self, piece: &[u8]) {
        self.buffer.extend_from_slice(piece);
    }

    /// How far the file is read, in bytes.
    pub fn consumed(&self) -> u64 {
        self.offset + self.handed_out as u64
    }

    /// Where the last whole request ends, or the transaction it belongs to, or the payload.
    pub fn valid(&self) -> u64 {
        self.valid
    }

    /// The next item; `None` when it lacks bytes.
    ///
    /// # Errors
    /// When the bytes are neither payload nor requests. It stays that way.
    pub fn next_item(&mut self) -> Result<Option<Item<'_>>, ReadError> {
        self.drop_handed_out();
        if let Stage::Undecided(options) = &self.stage {
            let known = self.buffer.len().min(MAGIC.len());
            match self.buffer.get(..known) {
                Some(head) if MAGIC.starts_with(head) && known < MAGIC.len() => return Ok(None),
                Some(MAGIC) => {
                    let decoder = rdb::Decoder::new(options.clone());
                    self.stage = Stage::Preamble(Box::new(decoder));
                }
                _ => self.stage = Stage::Requests,
            }
        }
        if let Stage::Preamble(decoder) = &mut self.stage {
            if !decoder.is_finished() {
                let item = decoder.next(&mut self.buffer);
                self.offset = decoder.consumed();
                // Of a payload nothing counts before its checksum does.
                self.valid = if decoder.is_finished() { self.offset } else { 0 };
                return item.map(|item| item.map(Item::Preamble)).map_err(ReadError::Preamble);
            }
            self.stage = Stage::Requests;
        }
        self.next_request()
    }

    /// Says how the file ended, after its last piece and last item.
    ///
    /// # Errors
    /// A payload was cut short.
    pub fn finish(&mut self) -> Result<End, ReadError> {
        self.drop_handed_out();
        match &mut self.stage {
            Stage::Preamble(decoder) => {
                decoder.handle_end_of_input(self.buffer.len()).map_err(ReadError::Preamble)?;
                Ok(End::Whole)
            }
            _ if !self.buffer.is_empty() => Ok(End::CutShort(self.valid)),
            _ if self.in_transaction => Ok(End::OpenTransaction(self.valid)),
            _ => Ok(End::Whole),
        }
    }

    fn next_request(&mut self) -> Result<Option<Item<'_>>, ReadError> {
        if !self.skip_annotations()? {
            return Ok(None);
        }
        let no_request = ReadError::NoRequest(self.offset);
        if self.buffer.first() != Some(&b'*') || u32::try_from(self.buffer.len()).is_err() {
            return Err(no_request);
        }
        let frame_limits = FrameLimits { bulk_bytes_max: BULK_BYTES_MAX, authenticated: true };
        match self.splitter.next(&self.buffer, frame_limits) {
            Ok(None) => return Ok(None),
            Ok(Some(len)) => self.handed_out = len,
            Err(_) => return Err(ReadError::NoRequest(self.offset)),
        }
        let args = self.splitter.args(&self.buffer);
        if args.is_empty() {
            self.handed_out = 0;
            return Err(ReadError::NoRequest(self.offset));
        }
        self.in_transaction = match self.in_transaction {
            true => !args.is(0, "exec"),
            false => args.is(0, "multi"),
        };
        if !self.in_transaction {
            self.valid = self.offset + self.handed_out as u64;
        }
        Ok(Some(Item::Request(args)))
    }

    /// Whether something else is at the head of the buffer now.
    fn skip_annotations(&mut self) -> Result<bool, ReadError> {
        while self.buffer.first() == Some(&b'#') {
            let head = self.buffer.get(..ANNOTATION_BYTES_MAX).unwrap_or(&self.buffer);
            let Some(newline) = memchr::memchr(b'\n', head) else {
                let is_whole = head.len() == ANNOTATION_BYTES_MAX;
                return if is_whole { Err(ReadError::NoRequest(self.offset)) } else { Ok(false) };
            };
            self.handed_out = newline + 1;
            self.drop_handed_out();
            if !self.in_transaction {
                self.valid = self.offset;
            }
        }
        Ok(!self.buffer.is_empty())
    }

    fn drop_handed_out(&mut self) {
        let len = std::mem::take(&mut self.handed_out);
        self.buffer.advance(len);
        self.offset += len as u64;
    }
}

impl std::fmt::Debug for Reader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Reader(at {})", self.offset)
    }
}

const MAGIC: &[u8] = b"REDIS";

/// Longest argument of a request in a file, in bytes: what a setting allowed once may be more than
/// what it allows now.
const BULK_BYTES_MAX: i64 = 2 << 30;

/// Longest annotation, in bytes.
const ANNOTATION_BYTES_MAX: usize = 1024;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::persist::rdb::Encoder;
    use crate::persist::rdb::WriteOptions;
    use crate::store::StrRef;

    /// What a file says, given in pieces of `piece` bytes.
    fn read(bytes: &[u8], piece: usize) -> String {
        let mut reader = Reader::new(rdb::ReadOptions::default());
        let mut said = String::new();
        for piece in bytes.chunks(piece) {
            reader.feed(piece);
            loop {
                match reader.next_item() {
                    Ok(None) => break,
                    Ok(Some(Item::Request(args))) => said += &format!("{args:?} "),
                    Ok(Some(Item::Preamble(rdb::Item::Entry(_)))) => said += "entry ",
                    Ok(Some(Item::Preamble(_))) => {}
                    Err(error) => return said + &format!("{error:?}"),
                }
            }
        }
        match reader.finish() {
            Ok(end) => said + &format!("{end:?} {}", reader.consumed()),
            Err(_) => said + "bad preamble",
        }
    }

    fn check(bytes: &[u8], expect: &str) {
        for piece in [1, 2, 3, 7, 1000] {
            assert_eq!(read(bytes, piece), expect, "{} by {piece}", bytes.escape_ascii());
        }
    }

    const SET: &str = "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\n";
    const MULTI: &str = "*1\r\n$5\r\nMULTI\r\n";
    const EXEC: &str = "*1\r\n$4\r\nexec\r\n";
    const READ: &str = r#"["SET", "k", "v"] "#;

    #[test]
    fn reads_requests_annotations_and_transactions() {
        check(b"", "Whole 0");
        check(SET.as_bytes(), &format!("{READ}Whole 27"));
        check(format!("#TS:1\r\n{SET}#x\n").as_bytes(), &format!("{READ}Whole 37"));
        let unit = format!("{MULTI}{SET}{EXEC}");
        let said = format!(r#"["MULTI"] {READ}["exec"] Whole 56"#);
        check(unit.as_bytes(), &said);
    }

    #[test]
    fn says_where_the_last_whole_unit_ends() {
        for (text, said) in [
            (format!("{SET}*3\r\n$3\r\nSE"), format!("{READ}CutShort(27) 27")),
            (format!("{SET}#TS:"), format!("{READ}CutShort(27) 27")),
            (format!("#a\n{SET}*"), format!("{READ}CutShort(30) 30")),
            (
                format!("{SET}{MULTI}{SET}"),
                format!(r#"{READ}["MULTI"] {READ}OpenTransaction(27) 69"#),
            ),
            (format!("{MULTI}{SET}*1\r\n"), format!(r#"["MULTI"] {READ}CutShort(0) 42"#)),
            (format!("{MULTI}#a\n"), r#"["MULTI"] OpenTransaction(0) 18"#.into()),
        ] {
            check(text.as_bytes(), &said);
        }
    }

    #[test]
    fn refuses_what_is_no_request() {
        for (text, offset) in [
            ("SET k v\r\n".to_owned(), 0),
            ("\r\n".into(), 0),
            ("*0\r\n".into(), 0),
            ("*-1\r\n".into(), 0),
            (format!("{SET}\0\0\0"), 27),
            (format!("{SET}*1\r\n:1\r\n"), 27),
            (format!("{SET}*1\r\n$-1\r\n"), 27),
            (format!("{SET}*1\r\n$99999999999\r\n"), 27),
            (format!("#{}\n", "x".repeat(ANNOTATION_BYTES_MAX)), 0),
            (format!("{SET}#TS\nx"), 31),
        ] {
            let said = read(text.as_bytes(), 1);
            assert!(said.ends_with(&format!("NoRequest({offset})")), "{text}: {said}");
        }
    }

    #[test]
    fn a_payload_may_come_first() {
        let mut encoder = Encoder::new(WriteOptions::default());
        encoder.select_db(0);
        encoder.string_entry(b"k", StrRef::Int(1), None);
        let payload = encoder.finish();
        let file = [&payload[..], SET.as_bytes()].concat();
        check(&file, &format!("entry {READ}Whole {}", file.len()));
        check(&file[..payload.len()], &format!("entry Whole {}", payload.len()));
        let cut = [&file[..], b"*1"].concat();
        check(&cut, &format!("entry {READ}CutShort({0}) {0}", file.len()));
        check(&payload[..payload.len() - 1], "entry bad preamble");
        check(b"REDIX", "NoRequest(0)");
        check(b"RED", "CutShort(0) 0");
    }
}
