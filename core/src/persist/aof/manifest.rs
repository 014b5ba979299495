//! The manifest: which files make up the log, in which order they are replayed, which are to go.
//!
//! Read and written in Redis's format: a line a file, of pairs of words. Words that hold blanks or
//! quotes are quoted as redis-cli quotes them; pairs of other names are skipped, for newer writers.

use crate::data::number;
use crate::resp::split_words;

/// What a file of the log is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// Replayed first.
    Base,
    /// Replayed after the base, in order.
    Incr,
    /// Replaced by a rewrite, to be removed.
    History,
}

/// One file of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogFile {
    pub name: String,
    pub seq: u64,
}

/// The log's files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Manifest {
    pub base: Option<LogFile>,
    /// Oldest first; the last one grows.
    pub incrs: Vec<LogFile>,
    pub history: Vec<LogFile>,
    /// The numbers used last.
    base_seq: u64,
    incr_seq: u64,
}

/// How files are named: from `appendfilename`.
#[derive(Clone, Copy, Debug)]
pub struct Names<'a> {
    pub stem: &'a str,
}

/// What is wrong with a manifest, and in which line of it, counted from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManifestError {
    /// The line, where Redis shows it.
    pub line: Option<(usize, String)>,
    pub line_number: usize,
    pub reason: &'static str,
}

impl Names<'_> {
    pub fn manifest(self) -> String {
        format!("{}.manifest", self.stem)
    }

    /// Where the next manifest is written before it takes the place of the old one.
    pub fn temporary_manifest(self) -> String {
        format!("temp-{}.manifest", self.stem)
    }

    fn base(self, seq: u64, is_rdb: bool) -> String {
        let suffix = if is_rdb { "rdb" } else { "aof" };
        format!("{}.{seq}.base.{suffix}", self.stem)
    }

    fn incr(self, seq: u64) -> String {
        format!("{}.{seq}.incr.aof", self.stem)
    }
}

impl FileKind {
    fn letter(self) -> char {
        match self {
            Self::Base => 'b',
            Self::Incr => 'i',
            Self::History => 'h',
        }
    }
}

impl Manifest {
    /// A log of the form older than Redis 7: its one file is the base.
    pub fn of_single_file(name: &str) -> Self {
        let base = LogFile { name: name.to_owned(), seq: 1 };
        Self { base: Some(base), base_seq: 1, ..Self::default() }
    }

    /// Whether there is nothing to replay.
    pub fn is_empty(&self) -> bool {
        self.base.is_none() && self.incrs.is_empty()
    }

    /// The files to replay, in order.
    pub fn replayed(&self) -> impl Iterator<Item = (FileKind, &LogFile)> {
        let base = self.base.iter().map(|file| (FileKind::Base, file));
        base.chain(self.incrs.iter().map(|file| (FileKind::Incr, file)))
    }

    /// Names a new increment, behind the others.
    pub fn add_incr(&mut self, names: Names<'_>) -> LogFile {
        self.incr_seq += 1;
        let file = LogFile { name: names.incr(self.incr_seq), seq: self.incr_seq };
        self.incrs.push(file.clone());
        file
    }

    /// Names a new base. The old one, and every increment before `since`, become history.
    pub fn replace_base(&mut self, names: Names<'_>, is_rdb: bool, since: u64) -> &LogFile {
        self.base_seq += 1;
        let seq = self.base_seq;
        self.history.extend(self.base.take());
        let (past, kept) =
            std::mem::take(&mut self.incrs).into_iter().partition(|file| file.seq < since);
        self.incrs = kept;
        self.history.extend::<Vec<LogFile>>(past);
        self.base.insert(LogFile { name: names.base(seq, is_rdb), seq })
    }

    /// Numbers used by `other`, which did not come into force, are not used again.
    pub fn skip_numbers_of(&mut self, other: &Self) {
        self.base_seq = self.base_seq.max(other.base_seq);
        self.incr_seq = self.incr_seq.max(other.incr_seq);
    }

    /// The lines of the file.
    pub fn encode(&self) -> String {
        let mut text = String::new();
        let history = self.history.iter().map(|file| (FileKind::History, file));
        let base = self.base.iter().map(|file| (FileKind::Base, file));
        let incrs = self.incrs.iter().map(|file| (FileKind::Incr, file));
        for (kind, file) in base.chain(history).chain(incrs) {
            let (name, seq, letter) = (quoted(&file.name), file.seq, kind.letter());
            text += &format!("file {name} seq {seq} type {letter}\n");
        }
        text
    }

    /// Reads the file.
    ///
    /// # Errors
    /// The first line that makes no sense, in Redis's words.
    pub fn decode(text: &[u8]) -> Result<Self, ManifestError> {
        let mut manifest = Self::default();
        let text = String::from_utf8_lossy(text);
        if text.is_empty() {
            return Err(ManifestError {
                line: None,
                line_number: 1,
                reason: "Found an empty AOF manifest",
            });
        }
        for (index, line) in text.split_inclusive('\n').enumerate() {
            if line.starts_with('#') {
                continue;
            }
            // Redis looks for the line's end in so many bytes, and takes a missing one for this.
            if line.len() >= LINE_BYTES_MAX || !line.ends_with('\n') {
                let reason = "The AOF manifest file contains too long line";
                return Err(ManifestError { line: None, line_number: index + 1, reason });
            }
            let line = line.trim();
            manifest.take_line(line).map_err(|reason| ManifestError {
                line: Some((index + 1, line.to_owned())),
                line_number: index + 1,
                reason,
            })?;
        }
        Ok(manifest)
    }

    fn take_line(&mut self, line: &str) -> Result<(), &'static str> {
        let (letter, file) = parse_line(line)?;
        match letter {
            b'b' if self.base.is_some() => return Err("Found duplicate base file information"),
            b'b' => {
                self.base_seq = file.seq;
                self.base = Some(file);
            }
            b'h' => self.history.push(file),
            b'i' if file.seq <= self.incr_seq => {
                return Err("Found a non-monotonic sequence number");
            }
            b'i' => {
                self.incr_seq = file.seq;
                self.incrs.push(file);
            }
            _ => return Err("Unknown AOF file type"),
        }
        Ok(())
    }
}

/// The letter of a file's kind, and the file.
fn parse_line(line: &str) -> Result<(u8, LogFile), &'static str> {
    const MALFORMED: &str = "Invalid AOF manifest file format";
    let words = split_words(line.trim().as_bytes()).ok_or(MALFORMED)?;
    if words.len() < 6 || !words.len().is_multiple_of(2) {
        return Err(MALFORMED);
    }
    let (mut name, mut seq, mut letter) = (None, 0, None);
    for pair in words.chunks(2) {
        let [field, value] = pair else { return Err(MALFORMED) };
        match field.to_ascii_lowercase().as_slice() {
            b"file" => name = String::from_utf8(value.clone()).ok(),
            b"seq" => {
                seq = number::parse_i64(value).and_then(|n| u64::try_from(n).ok()).unwrap_or(0)
            }
            b"type" => letter = value.first().copied(),
            _ => {}
        }
    }
    let (Some(name), Some(letter), 1..) = (name, letter, seq) else { return Err(MALFORMED) };
    if name.contains(['/', '\\']) {
        return Err("File can't be a path, just a filename");
    }
    Ok((letter, LogFile { name, seq }))
}

fn quoted(name: &str) -> String {
    let is_plain =
        |c: char| (c.is_ascii_graphic() || !c.is_ascii()) && !matches!(c, '"' | '\'' | '\\');
    if !name.is_empty() && name.chars().all(is_plain) {
        return name.to_owned();
    }
    let mut text = String::from("\"");
    for c in name.chars() {
        match c {
            '"' | '\\' => text.extend(['\\', c]),
            c if c.is_ascii_control() => text += &format!("\\x{:02x}", u32::from(c)),
            c => text.push(c),
        }
    }
    text.push('"');
    text
}

/// Longest line of a manifest, in bytes.
const LINE_BYTES_MAX: usize = 1024;

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: Names<'_> = Names { stem: "a.aof" };

    #[test]
    fn follows_a_log_through_rewrites() {
        let mut manifest = Manifest::default();
        manifest.replace_base(NAMES, true, 1);
        manifest.add_incr(NAMES);
        let first = "file a.aof.1.base.rdb seq 1 type b\nfile a.aof.1.incr.aof seq 1 type i\n";
        assert_eq!(manifest.encode(), first);
        let since = manifest.add_incr(NAMES).seq;
        manifest.replace_base(NAMES, false, since);
        let rewritten = concat!(
            "file a.aof.2.base.aof seq 2 type b\nfile a.aof.1.base.rdb seq 1 type h\n",
            "file a.aof.1.incr.aof seq 1 type h\nfile a.aof.2.incr.aof seq 2 type i\n"
        );
        assert_eq!(manifest.encode(), rewritten);
        assert_eq!(Manifest::decode(rewritten.as_bytes()), Ok(manifest));
    }

    #[test]
    fn quotes_names_that_need_it() {
        let manifest = Manifest::of_single_file("my \"log\".aof");
        let text = "file \"my \\\"log\\\".aof\" seq 1 type b\n";
        assert_eq!(manifest.encode(), text);
        assert_eq!(Manifest::decode(text.as_bytes()), Ok(manifest));
    }

    #[test]
    fn reads_what_others_may_write() {
        for text in [
            "# a comment\nfile x seq 3 type i\n",
            "  FILE x  Seq 3 type incremental\r\n",
            "file x seq 3 type i newer words\n",
        ] {
            let manifest = Manifest::decode(text.as_bytes()).unwrap();
            assert_eq!(manifest.incrs, [LogFile { name: "x".into(), seq: 3 }], "{text}");
        }
    }

    #[test]
    fn refuses_with_the_words_of_redis() {
        const MALFORMED: &str = "Invalid AOF manifest file format";
        let long = format!("file {} seq 1 type i\n", "x".repeat(LINE_BYTES_MAX));
        for (text, line, reason) in [
            ("", None, "Found an empty AOF manifest"),
            ("\n", Some(1), MALFORMED),
            ("file x seq 1\n", Some(1), MALFORMED),
            ("file x seq 1 type\n", Some(1), MALFORMED),
            ("file x seq 0 type i\n", Some(1), MALFORMED),
            ("file x seq y type i\n", Some(1), MALFORMED),
            ("file \"x seq 1 type i\n", Some(1), MALFORMED),
            ("file a/b seq 1 type i\n", Some(1), "File can't be a path, just a filename"),
            ("file x seq 1 type z\n", Some(1), "Unknown AOF file type"),
            (long.as_str(), None, "The AOF manifest file contains too long line"),
            ("file x seq 1 type i", None, "The AOF manifest file contains too long line"),
            (
                "file x seq 1 type b\nfile y seq 2 type b\n",
                Some(2),
                "Found duplicate base file information",
            ),
            (
                "#\nfile x seq 2 type i\nfile y seq 2 type i\n",
                Some(3),
                "Found a non-monotonic sequence number",
            ),
        ] {
            let error = Manifest::decode(text.as_bytes()).unwrap_err();
            assert_eq!((error.line.map(|(line, _)| line), error.reason), (line, reason), "{text}");
        }
    }
}
