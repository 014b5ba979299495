//! The full synchronisation as a replica sees it: a payload that is loaded beside the old data.

use bytes::Buf;
use bytes::BytesMut;

use super::LinkState;
use crate::config::DisklessLoad;
use crate::node::LogLevel;
use crate::node::Node;
use crate::node::admit::Loading;
use crate::node::load::LoadProgress;
use crate::node::save::LoadError;
use crate::node::save::Loader;
use crate::replication::ReplicationId;
use crate::replication::TransferKind;
use crate::time::Now;

/// A payload being received.
#[derive(Debug)]
pub(in crate::node) struct Payload {
    kind: TransferKind,
    /// Bytes of a sized payload still to come.
    left: u64,
    /// Bytes that have come so far.
    read: u64,
    started: Now,
    loader: Loader,
    loaded: bool,
    /// What our clients are served until it is loaded.
    shows: Loading,
}

impl Node {
    /// Reads the payload's announcement; whether it is there.
    pub(super) fn handle_announcement(&mut self, buffer: &mut BytesMut) -> bool {
        match TransferKind::read(buffer) {
            Ok(None) => false,
            Ok(Some(kind)) => {
                self.begin_payload(kind);
                true
            }
            Err(error) => {
                self.abandon_sync(&error.to_string());
                false
            }
        }
    }

    fn begin_payload(&mut self, kind: TransferKind) {
        let loader = self.loader();
        let left = match kind {
            TransferKind::Sized(left) => left,
            TransferKind::Marked(_) => 0,
        };
        let Some(&LinkState::Awaiting { conn, id, position }) = self.link_state() else { return };
        let shows = self.shown_meanwhile(id);
        let Some(master) = &mut self.master else { return };
        let started = self.now;
        let payload =
            Box::new(Payload { kind, left, read: 0, started, loader, loaded: false, shows });
        master.state = LinkState::Loading { conn, id, position, payload };
        let text = match kind {
            TransferKind::Sized(bytes) => format!("receiving {bytes} bytes from master to memory"),
            TransferKind::Marked(_) => "receiving streamed RDB from master with EOF".into(),
        };
        self.log(LogLevel::Notice, format!("MASTER <-> REPLICA sync: {text}"));
    }

    /// What clients are served while data of this history is loaded: that is always done beside the
    /// old data, and `repl-diskless-load` says, as in Redis, who may see those.
    fn shown_meanwhile(&self, history: ReplicationId) -> Loading {
        let is_empty = self.store.sizes().all(|size| size.keys == 0);
        match self.config.repl_diskless_load {
            DisklessLoad::OnEmptyDb if is_empty => Loading::Blocking,
            DisklessLoad::Disabled | DisklessLoad::OnEmptyDb => Loading::No,
            DisklessLoad::SwapDb if history == self.feed.history.id => Loading::Beside,
            DisklessLoad::SwapDb => Loading::Blocking,
        }
    }

    /// The payload being received, if one is.
    pub(in crate::node) fn payload(&self) -> Option<&Payload> {
        match self.link_state() {
            Some(LinkState::Loading { payload, .. }) => Some(payload),
            _ => None,
        }
    }

    /// What a load under way means for commands.
    pub(in crate::node) fn loading_state(&self) -> Loading {
        match self.is_loading {
            true => Loading::Blocking,
            false => self.payload().map_or(Loading::No, |payload| payload.shows),
        }
    }

    /// Takes what has come of the payload; true once all of it is loaded.
    pub(super) fn handle_payload(&mut self, buffer: &mut BytesMut) -> bool {
        let now = self.now;
        let Some(master) = &mut self.master else { return false };
        let LinkState::Loading { payload, .. } = &mut master.state else { return false };
        match payload.take(buffer, now) {
            Ok(true) => {
                self.adopt_payload();
                true
            }
            Ok(false) => false,
            Err(error) => {
                self.abandon_sync(&format!(
                    "Failed trying to load the MASTER synchronization DB: {error}"
                ));
                false
            }
        }
    }

    /// The new data takes the place of the old.
    fn adopt_payload(&mut self) {
        let Some(master) = &mut self.master else { return };
        let state = LinkState::Idle { retry_at: self.now.mono };
        let LinkState::Loading { conn, id, position, payload } =
            std::mem::replace(&mut master.state, state)
        else {
            return;
        };
        let (store, summary) = payload.loader.finish();
        self.cancel_snapshot();
        self.store.replace(store);
        self.settle_changes(None);
        self.saves.count(summary.keys as u64);
        let size = usize::try_from(self.config.repl_backlog_size).unwrap_or(usize::MAX);
        self.feed.adopt(id, position, size);
        self.drop_replicas();
        self.restart_log();
        self.connected(conn, Some(summary.stream_db.unwrap_or(0)));
        self.log(LogLevel::Notice, "MASTER <-> REPLICA sync: Finished with success");
        self.send_acknowledgement();
    }
}

impl Payload {
    pub fn progress(&self) -> LoadProgress {
        let total_bytes = match self.kind {
            TransferKind::Sized(bytes) => bytes,
            TransferKind::Marked(_) => 0,
        };
        let saved_memory_bytes = self.loader.summary().saved_memory_bytes;
        LoadProgress {
            started: self.started,
            total_bytes,
            loaded_bytes: self.read,
            saved_memory_bytes,
        }
    }

    /// Feeds the loader; true once the payload, and the mark behind it, are complete.
    fn take(&mut self, buffer: &mut BytesMut, now: Now) -> Result<bool, LoadError> {
        match self.kind {
            TransferKind::Sized(_) => {
                let len = usize::try_from(self.left).unwrap_or(usize::MAX).min(buffer.len());
                self.left -= len as u64;
                self.read += len as u64;
                self.loader.feed(buffer.split_to(len), now)?;
                if self.loader.is_finished() {
                    // A master may announce more than the payload: nobody wants to keep that.
                    self.loader.take_rest();
                }
                match self.left {
                    0 => self.loader.end_of_input().map(|()| true),
                    _ => Ok(false),
                }
            }
            TransferKind::Marked(mark) => {
                if !self.loaded {
                    self.read += buffer.len() as u64;
                    self.loader.feed(buffer.split(), now)?;
                    self.loaded = self.loader.is_finished();
                    if self.loaded {
                        *buffer = self.loader.take_rest();
                    }
                }
                if !self.loaded || buffer.len() < mark.len() {
                    return Ok(false);
                }
                if !buffer.starts_with(&mark) {
                    return Err(LoadError::BadMark);
                }
                buffer.advance(mark.len());
                Ok(true)
            }
        }
    }
}
