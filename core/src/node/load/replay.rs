//! What a file says becomes data.

use bytes::Bytes;
use bytes::BytesMut;

use super::Source;
use super::SourceKind;
use crate::command::table;
use crate::node::ConnId;
use crate::node::LogLevel;
use crate::node::Node;
use crate::node::conn::Conn;
use crate::node::conn::ConnRole;
use crate::node::save::Builder;
use crate::node::save::LoadError;
use crate::node::save::Loader;
use crate::persist::aof::End;
use crate::persist::aof::FileKind;
use crate::persist::aof::Item;
use crate::persist::aof::ReadError;
use crate::persist::aof::Reader;
use crate::persist::rdb;
use crate::resp::Args;

/// The file being read.
#[derive(Debug)]
pub(super) enum Replay {
    Dump(Box<Loader>),
    Log {
        reader: Box<Reader>,
        /// Takes the payload at the head of the file, if there is one.
        builder: Option<Box<Builder>>,
        /// Runs the requests.
        conn: ConnId,
    },
}

impl Replay {
    /// As the payload at hand has said so far.
    pub fn saved_memory_bytes(&self) -> u64 {
        let summary = match self {
            Self::Dump(loader) => Some(loader.summary()),
            Self::Log { builder, .. } => builder.as_ref().map(|builder| builder.summary()),
        };
        summary.map_or(0, |summary| summary.saved_memory_bytes)
    }
}

impl Node {
    pub(super) fn new_replay(&mut self, kind: SourceKind) -> Replay {
        match kind {
            SourceKind::Dump => Replay::Dump(Box::new(self.loader())),
            SourceKind::Log(_) => {
                let now = self.now.mono;
                let conn = self.conns.insert(|id| {
                    let mut conn = Conn::new(id, 0, String::new(), String::new(), now);
                    conn.role = ConnRole::Replay;
                    conn
                });
                let builder = Some(Box::new(self.builder(false)));
                let mut options = self.rdb_read_options();
                options.checksum = true;
                Replay::Log { reader: Box::new(Reader::new(options)), builder, conn }
            }
        }
    }

    pub(super) fn drop_replay(&mut self, replay: Replay) {
        if let Replay::Log { conn, .. } = replay {
            self.conns.remove(conn);
        }
    }

    /// Loads one piece of a file.
    pub(super) fn replay_piece(
        &mut self,
        source: &Source,
        replay: &mut Replay,
        piece: Bytes,
    ) -> Result<(), String> {
        let now = self.now;
        match replay {
            Replay::Dump(loader) => {
                let piece = piece.try_into_mut().unwrap_or_else(|piece| BytesMut::from(&piece[..]));
                let fed = loader.feed(piece, now);
                fed.map_err(|error| located(&error, loader.consumed(), &source.name))
            }
            Replay::Log { reader, builder, conn } => {
                reader.feed(&piece);
                self.replay_items(source, reader, builder, *conn)
            }
        }
    }

    /// The first file is read: what comes of its end?
    pub(super) fn finish_source(&mut self) {
        let Some(load) = &mut self.load else { return };
        let Some(source) = load.sources.pop_front() else { return };
        let Some(reading) = load.reading.take() else { return };
        // An increment that a rewrite has just made may be empty when a crash cuts the one before.
        let is_last = load.sources.iter().all(|source| source.bytes == 0);
        load.finished_bytes += source.bytes;
        load.last_bytes = source.bytes;
        let seconds = self.now.mono.since_us(reading.started) as f64 / 1e6;
        let ended = match reading.replay {
            Replay::Dump(loader) => self.finish_dump(*loader, &source.name).map(|()| None),
            Replay::Log { mut reader, conn, .. } => {
                self.conns.remove(conn);
                let end = reader.finish().map_err(|error| explain(&error, &source));
                end.and_then(|end| self.finish_log_file(end, &source, is_last))
            }
        };
        match ended {
            Err(reason) => self.fail_load(&reason),
            Ok(cut_at) => {
                let name = &source.name;
                let text = match source.kind {
                    SourceKind::Dump => format!("DB loaded from disk: {seconds:.3} seconds"),
                    SourceKind::Log(FileKind::Base) => {
                        format!("DB loaded from base file {name}: {seconds:.3} seconds")
                    }
                    SourceKind::Log(_) => {
                        format!("DB loaded from incr file {name}: {seconds:.3} seconds")
                    }
                };
                self.log(LogLevel::Notice, text);
                match cut_at {
                    Some(len) => self.cut_source(source, len),
                    None => self.next_source(),
                }
            }
        }
    }

    fn replay_items(
        &mut self,
        source: &Source,
        reader: &mut Reader,
        builder: &mut Option<Box<Builder>>,
        conn: ConnId,
    ) -> Result<(), String> {
        let now = self.now;
        loop {
            let offset = reader.consumed();
            match reader.next_item() {
                Ok(None) => return Ok(()),
                Ok(Some(Item::Request(args))) => {
                    self.replay_request(conn, args).map_err(|problem| {
                        format!("{problem} {}\nIt is at offset {offset} of it.", source.name)
                    })?;
                }
                Ok(Some(Item::Preamble(rdb::Item::End(_)))) => {
                    if let Some(builder) = builder.take() {
                        let (store, summary) = builder.finish();
                        self.store.replace(store);
                        self.last_load = summary;
                    }
                }
                Ok(Some(Item::Preamble(item))) => {
                    if let Some(builder) = builder {
                        let taken = builder.take(item, now);
                        taken.map_err(|error| located(&error, offset, &source.name))?;
                    }
                }
                Err(error) => return Err(explain(&error, source)),
            }
        }
    }

    fn replay_request(&mut self, id: ConnId, args: Args<'_>) -> Result<(), String> {
        let Ok(entry) = table::resolve(args) else {
            if args.is(0, "function") {
                self.last_load.functions += 1;
                return Ok(());
            }
            let name = String::from_utf8_lossy(args.at(0)).into_owned();
            return Err(format!("Unknown command '{name}' reading the append only file"));
        };
        self.perform(id, entry, args);
        if let Some(conn) = self.conns.find_mut(id) {
            conn.outbox.unwrite(0);
        }
        Ok(())
    }

    fn finish_dump(&mut self, mut loader: Loader, name: &str) -> Result<(), String> {
        let ended = loader.end_of_input();
        ended.map_err(|error| located(&error, loader.consumed(), name))?;
        self.adopt_dump(loader);
        Ok(())
    }

    /// Where a file is to be cut off, if a crash left half of something at its end.
    fn finish_log_file(
        &mut self,
        end: End,
        source: &Source,
        is_last: bool,
    ) -> Result<Option<u64>, String> {
        let name = &source.name;
        if source.is_payload() && (source.bytes == 0 || end == End::CutShort(0)) {
            let bytes = source.bytes;
            return Err(format!(
                "Unexpected end of file reading the RDB file {name}, AOF loading aborted\nIt ends at offset {bytes}, in its signature."
            ));
        }
        let at = match end {
            End::Whole => return Ok(None),
            End::CutShort(at) => at,
            End::OpenTransaction(at) => {
                let text = "Revert incomplete MULTI/EXEC transaction from AOF file";
                self.log(LogLevel::Warning, text);
                at
            }
        };
        if !self.config.aof_load_truncated {
            return Err(format!(
                "Unexpected end of file reading the append only file {name}. You can: 1) Make a backup of your AOF file, then use ./redis-check-aof --fix <filename.manifest>. 2) Alternatively you can set the 'aof-load-truncated' configuration option to yes and restart the server.\nIt ends in the middle of what begins at offset {at}."
            ));
        }
        self.log(
            LogLevel::Warning,
            format!("!!! Warning: short read while loading the AOF file {name}!!!"),
        );
        if !is_last {
            return Err(format!(
                "Fatal error: the truncated file is not the last file\nIt ends in the middle of what begins at offset {at}."
            ));
        }
        Ok(Some(at))
    }

    fn cut_source(&mut self, source: Source, len: u64) {
        let name = &source.name;
        self.log(LogLevel::Warning, format!("Truncating the AOF {name} at offset {len}"));
        let text = format!("AOF {name} loaded anyway because aof-load-truncated is enabled");
        self.log(LogLevel::Warning, text);
        if let Some(load) = &mut self.load {
            load.finished_bytes -= source.bytes.saturating_sub(len);
            load.last_bytes = len;
        }
        self.truncate_source(source.path, len);
    }
}

/// Redis's complaint about a payload, and the place.
fn located(error: &LoadError, read: u64, name: &str) -> String {
    let offset = match error {
        LoadError::Rdb(error) => error.offset,
        LoadError::TooManyDatabases { .. } | LoadError::BadMark => read,
    };
    format!("{error}\nIt was found at offset {offset} of {name}.")
}

/// Redis's complaint, a line of the log each, and the place.
fn explain(error: &ReadError, source: &Source) -> String {
    let name = &source.name;
    match error {
        ReadError::Preamble(error) => format!(
            "{error}\nError reading the RDB preamble of the AOF file {name}, AOF loading aborted\nIt was found at offset {} of it.",
            error.offset
        ),
        ReadError::NoRequest(offset) => format!(
            "Bad file format reading the append only file {name}: make a backup of your AOF file, then use ./redis-check-aof --fix <filename.manifest>\nAt offset {offset} of it there is no request."
        ),
    }
}
