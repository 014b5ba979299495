//! Which files make up the data, and the files that have to be there before the first command.

use bytes::Bytes;

use super::Load;
use super::Source;
use super::SourceKind;
use super::Step;
use crate::node::LogLevel;
use crate::node::Node;
use crate::node::StorageId;
use crate::node::StorageOp;
use crate::node::StorageOutput;
use crate::node::aof::AofState;
use crate::persist::aof::FileKind;
use crate::persist::aof::LogFile;
use crate::persist::aof::Manifest;
use crate::persist::aof::ManifestError;

impl Node {
    /// The operation that a step waited for succeeded.
    pub(super) fn load_step_done(&mut self, output: StorageOutput) {
        let Some(step) = self.load.as_ref().map(|load| load.step) else { return };
        match (step, output) {
            (Step::MeasureDump, StorageOutput::Length(Some(bytes))) => self.load_dump(bytes),
            (Step::MeasureDump, _) => self.end_load(),
            (Step::MeasureManifest, StorageOutput::Length(Some(bytes))) => {
                self.read_manifest(bytes);
            }
            (Step::MeasureManifest, _) => self.look_for_old_log(),
            (Step::ReadManifest, StorageOutput::Bytes(text)) => self.take_manifest(&text),
            (Step::MeasureOld, StorageOutput::Length(Some(_))) => self.old_log_found(),
            (Step::MeasureMoved, StorageOutput::Length(None)) => self.move_old_log(),
            (Step::MeasureOld | Step::MeasureMoved, _) => self.measure_sources(),
            (Step::MoveOld, _) => {
                let (file, folder) = (&self.config.appendfilename, &self.config.appenddirname);
                let text = format!(
                    "Successfully migrated an old-style AOF configuration ({file}) into the AOF directory ({folder})."
                );
                self.log(LogLevel::Notice, text);
                self.measure_sources();
            }
            (Step::MeasureSource(index), StorageOutput::Length(bytes)) => {
                self.source_measured(index, bytes);
            }
            (Step::Truncate, _) => self.next_source(),
            (Step::CreateFiles, _) => self.log_is_ready(),
            (Step::ReadManifest | Step::MeasureSource(_) | Step::Read, _) => {}
        }
    }

    /// All files are loaded: makes those that are missing, and goes on with the last one.
    pub(super) fn sources_read(&mut self) {
        let Some(load) = &mut self.load else { return };
        load.reading = None;
        if !self.config.appendonly {
            return self.end_load();
        }
        if load.total_bytes > 0 {
            let seconds = self.now.mono.since_us(load.started.mono) as f64 / 1e6;
            let text = format!("DB loaded from append only file: {seconds:.3} seconds");
            self.log(LogLevel::Notice, text);
        }
        if self.feed.log.is_on() {
            return self.end_load();
        }
        self.create_log_files();
    }

    fn load_dump(&mut self, bytes: u64) {
        let name = self.config.dbfilename.clone();
        let source = Source { path: name.clone(), name, kind: SourceKind::Dump, bytes };
        if let Some(load) = &mut self.load {
            load.total_bytes = bytes;
            load.sources.push_back(source);
        }
        self.next_source();
    }

    fn step(&mut self, step: Step, op: StorageOp) {
        let awaited = self.storage(op);
        self.await_step(step, awaited);
    }

    fn await_step(&mut self, step: Step, awaited: StorageId) {
        if let Some(load) = &mut self.load {
            load.step = step;
            load.awaited = Some(awaited);
        }
    }

    pub(super) fn truncate_source(&mut self, path: String, len: u64) {
        self.step(Step::Truncate, StorageOp::Truncate { file: path, len });
    }

    fn read_manifest(&mut self, bytes: u64) {
        let file = self.log_path(&self.log_names().manifest());
        let bytes_max = usize::try_from(bytes).unwrap_or(usize::MAX).min(MANIFEST_BYTES_MAX);
        self.step(Step::ReadManifest, StorageOp::Read { file, offset: 0, bytes_max });
    }

    fn take_manifest(&mut self, text: &Bytes) {
        match Manifest::decode(text) {
            Ok(manifest) => {
                if let Some(load) = &mut self.load {
                    load.manifest = manifest;
                }
                self.look_for_old_log();
            }
            Err(error) => self.fail_load(&explain(&error)),
        }
    }

    fn look_for_old_log(&mut self) {
        let file = self.config.appendfilename.clone();
        self.step(Step::MeasureOld, StorageOp::Measure { file });
    }

    /// There is a file where Redis kept its log before version 7. It counts if there is no other, or
    /// if a start was interrupted that was about to move it.
    fn old_log_found(&mut self) {
        let name = self.config.appendfilename.clone();
        let Some(manifest) = self.load.as_ref().map(|load| &load.manifest) else { return };
        let is_base = manifest.base.as_ref().is_some_and(|base| base.name == name);
        if manifest.is_empty() {
            self.move_old_log();
        } else if is_base && manifest.incrs.is_empty() {
            let file = self.log_path(&name);
            self.step(Step::MeasureMoved, StorageOp::Measure { file });
        } else {
            self.measure_sources();
        }
    }

    fn move_old_log(&mut self) {
        let (from, folder) =
            (self.config.appendfilename.clone(), self.config.appenddirname.clone());
        let manifest = Manifest::of_single_file(&from);
        self.storage(StorageOp::MakeFolder { folder });
        self.write_manifest(&manifest);
        let to = self.log_path(&from);
        if let Some(load) = &mut self.load {
            load.manifest = manifest;
        }
        self.step(Step::MoveOld, StorageOp::Rename { from, to });
    }

    fn measure_sources(&mut self) {
        let folder = self.config.appenddirname.clone();
        let Some(load) = &mut self.load else { return };
        let source = |(kind, file): (FileKind, &LogFile)| Source {
            path: format!("{folder}/{}", file.name),
            name: file.name.clone(),
            kind: SourceKind::Log(kind),
            bytes: 0,
        };
        load.sources = load.manifest.replayed().map(source).collect();
        self.measure_source(0);
    }

    fn measure_source(&mut self, index: usize) {
        let path = self.load.as_ref().and_then(|load| Some(load.sources.get(index)?.path.clone()));
        match path {
            Some(file) => self.step(Step::MeasureSource(index), StorageOp::Measure { file }),
            None => self.next_source(),
        }
    }

    fn source_measured(&mut self, index: usize, bytes: Option<u64>) {
        let Some(load) = &mut self.load else { return };
        let Load { sources, total_bytes, .. } = &mut **load;
        let Some(source) = sources.get_mut(index) else { return };
        let Some(bytes) = bytes else {
            let name = source.name.clone();
            return self.fail_load(&format!(
                "Unable to obtain the AOF file {name} length. stat: No such file or directory"
            ));
        };
        source.bytes = bytes;
        *total_bytes += bytes;
        self.measure_source(index + 1);
    }

    /// Makes what a log needs and is not there, and has the manifest say so.
    fn create_log_files(&mut self) {
        let Some(mut manifest) = self.load.as_ref().map(|load| load.manifest.clone()) else {
            return;
        };
        let known = manifest.clone();
        let folder = self.config.appenddirname.clone();
        let mut last = self.storage(StorageOp::MakeFolder { folder });
        if manifest.is_empty() {
            self.create_empty_base(&mut manifest);
        }
        if manifest.incrs.is_empty() {
            let name = manifest.add_incr(self.log_names()).name;
            let text = format!("Creating AOF incr file {name} on server start");
            self.log(LogLevel::Notice, text);
            let file = self.log_path(&name);
            self.storage(StorageOp::Create { file });
        } else if let Some(file) = manifest.incrs.last() {
            let text = format!("Opening AOF incr file {} on server start", file.name);
            self.log(LogLevel::Notice, text);
        }
        if manifest != known {
            [.., last] = self.write_manifest(&manifest);
        }
        if let Some(load) = &mut self.load {
            // A new increment is empty.
            load.last_bytes *= u64::from(manifest.incrs.len() == known.incrs.len());
            load.manifest = manifest;
        }
        self.await_step(Step::CreateFiles, last);
    }

    /// Without a log there is no data: the base says so.
    fn create_empty_base(&mut self, manifest: &mut Manifest) {
        let is_rdb = self.config.aof_use_rdb_preamble;
        let name = manifest.replace_base(self.log_names(), is_rdb, 0).name.clone();
        self.log(LogLevel::Notice, format!("Creating AOF base file {name} on server start"));
        let data = if is_rdb { self.rdb_encoder(true).finish() } else { Bytes::new() };
        let file = self.log_path(&name);
        if let Some(load) = &mut self.load {
            load.finished_bytes = data.len() as u64;
        }
        self.storage(StorageOp::Create { file: file.clone() });
        self.storage(StorageOp::Append { file: file.clone(), data });
        self.storage(StorageOp::Sync { file });
    }

    fn log_is_ready(&mut self) {
        let Some(load) = &self.load else { return };
        let Some(incr) = load.manifest.incrs.last() else { return };
        let (path, last_bytes) = (self.log_path(&incr.name), load.last_bytes);
        self.aof.settled_bytes = load.finished_bytes.saturating_sub(last_bytes);
        self.aof.rewritten_bytes = load.finished_bytes;
        self.aof.manifest = load.manifest.clone();
        self.aof.state = AofState::On;
        self.feed.log.resume(path, last_bytes);
        let position = self.feed.position();
        self.feed.log.note_synced(Some(position));
        self.apply_log_settings();
        self.remove_history();
        self.end_load();
    }
}

/// Redis's complaint, a line of the log each.
fn explain(error: &ManifestError) -> String {
    let title = "*** FATAL AOF MANIFEST FILE ERROR ***";
    match &error.line {
        Some((line, text)) => format!(
            "{title}\nReading the manifest file, at line {line}\n>>> '{text}'\n{}",
            error.reason
        ),
        None => format!("{title}\n{}\nIt was found at line {}.", error.reason, error.line_number),
    }
}

/// Longest manifest, in bytes: thousands of files.
const MANIFEST_BYTES_MAX: usize = 1 << 20;
