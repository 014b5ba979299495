//! The inputs of a turn that concern connections.

use bytes::Buf;
use bytes::BytesMut;

use super::CloseReason;
use super::Conn;
use super::ConnId;
use super::DialId;
use super::LogLevel;
use super::Node;
use super::Origin;
use super::Progress;
use super::Via;
use super::conn::ConnRole;
use super::conn::Waiting;
use crate::acl::User;
use crate::error;
use crate::error::CommandError;
use crate::limits;
use crate::resp::Batch;
use crate::resp::FrameLimits;
use crate::resp::Splitter;
use crate::time::Now;

impl Node {
    /// A connection was accepted, or one that was asked for is there.
    pub fn handle_open(&mut self, origin: Origin, now: Now) -> ConnId {
        self.now = now;
        self.client_ids += 1;
        let client_id = self.client_ids;
        let (peer, local) = match &origin {
            Origin::Accepted { peer, local, .. } | Origin::Dialed { peer, local, .. } => {
                (peer.clone(), local.clone())
            }
        };
        let id = self.conns.insert(|id| Conn::new(id, client_id, peer, local, now.mono));
        match origin {
            Origin::Accepted { via, .. } => self.accept(id, via),
            Origin::Dialed { dial, .. } => self.handle_dialed(dial, id),
        }
        self.note_client(id);
        id
    }

    /// Bytes arrived, or a connection named by `poll_resumed` goes on. Runs the whole requests at
    /// the head of `buffer` and consumes them; the tail stays. Bounded by the requests of a turn.
    pub fn handle_bytes(&mut self, id: ConnId, buffer: &mut BytesMut, now: Now) -> Progress {
        self.now = now;
        let Some(conn) = self.conns.find_mut(id) else { return Progress::Closing };
        conn.last_input = now.mono;
        if conn.closing {
            return Progress::Closing;
        }
        if matches!(conn.role, ConnRole::Target) {
            self.handle_target_bytes(id, buffer);
            return Progress::NeedsBytes;
        }
        let (before, from_master) = (buffer.len(), self.is_master_link(id));
        if from_master && !self.handle_master_bytes(id, buffer) {
            self.stats.count_read(before - buffer.len(), from_master);
            return Progress::NeedsBytes;
        }
        let Some(conn) = self.conns.find_mut(id) else { return Progress::Closing };
        conn.hold_query(buffer);
        // Both leave the node for as long as arguments borrow from them.
        let mut splitter = std::mem::take(&mut conn.splitter);
        let mut batch = std::mem::take(&mut self.batch);
        conn.outbox.borrow(&mut self.spare_replies);
        let progress = self.run_requests(id, &mut splitter, &mut batch, buffer);
        self.batch = batch;
        self.stats.count_read(before - buffer.len(), from_master);
        let Some(conn) = self.conns.find_mut(id) else { return Progress::Closing };
        conn.splitter = splitter;
        conn.bytes_in += (before - buffer.len()) as u64;
        conn.hold_query(buffer);
        if conn.outbox.has_own_bytes() {
            self.mark_dirty(id);
            self.check_output(id);
        }
        self.note_client(id);
        progress
    }

    /// So many bytes of the outbox were written.
    pub fn handle_sent(&mut self, id: ConnId, len: usize, now: Now) {
        self.now = now;
        self.stats.net_out += len as u64;
        self.stats.writes += 1;
        let Some(conn) = self.conns.find_mut(id) else { return };
        conn.last_input = now.mono;
        conn.forget_peak(now.mono);
        conn.outbox.advance(len, &mut self.spare_replies);
        if conn.replica().is_some() {
            self.stats.repl_out += len as u64;
            self.replica_was_sent(id);
        } else if matches!(conn.role, ConnRole::Target) {
            self.target_was_sent(id);
        }
        self.note_client(id);
    }

    /// The connection is gone.
    pub fn handle_close(&mut self, id: ConnId, _reason: CloseReason, now: Now) {
        self.now = now;
        self.forget_blocked(id);
        self.unsubscribe_all(id);
        self.stop_monitoring(id);
        self.end_watch(id);
        self.forget_tracking(id);
        let Some(conn) = self.conns.remove(id) else { return };
        self.forget_client(&conn);
        self.idle.forget(&conn);
        self.waits.forget(id);
        match conn.role {
            ConnRole::Client | ConnRole::Replay => {}
            ConnRole::Replica(_) => self.replica_lost(id, &conn),
            ConnRole::Master => self.master_lost(id, conn.db),
            ConnRole::Target => self.target_lost(id, conn.outbox.has_own_bytes()),
        }
    }

    /// The connection that was asked for can't be had.
    pub fn handle_dial_failed(&mut self, dial: DialId, now: Now) {
        self.now = now;
        if !self.migration_unreachable(dial) {
            self.master_unreachable(dial);
        }
    }

    fn accept(&mut self, id: ConnId, via: Via) {
        self.reset_user(id);
        let open = self.is_open_to_all();
        if let Some(conn) = self.conns.find_mut(id) {
            conn.loopback = via.is_local();
            conn.unix_socket = via == Via::UnixSocket;
        }
        if self.conns.len() > self.config.maxclients {
            self.refuse(id, &error::OUT_OF_MAX_CLIENTS);
        } else if self.config.protected_mode && open && !via.is_local() {
            self.refuse(id, &error::PROTECTED_MODE);
        } else {
            self.stats.connections += 1;
            self.watch_idle(id);
        }
    }

    /// Whether the default user has no password. A shell that lets in those for whom protected mode is not
    /// enough asks.
    pub fn is_open_to_all(&self) -> bool {
        self.acl.users.default_user().is_some_and(User::has_no_password)
    }

    /// Says why and closes. The log says so once a second, so that a flood does not fill it.
    fn refuse(&mut self, id: ConnId, error: &CommandError) {
        self.stats.rejected += 1;
        let now = self.now.mono;
        if self.refusal_logged.is_none_or(|at| now.since_us(at) >= 1_000_000) {
            self.refusal_logged = Some(now);
            let peer = self.conns.find(id).map(|conn| conn.peer.clone()).unwrap_or_default();
            let text = String::from_utf8_lossy(error.text());
            // Of a long text the first words.
            let reason: String = text.chars().take(REFUSAL_CHARS_LOGGED).collect();
            let all = self.stats.rejected;
            let line = format!("Connection from {peer} refused: {reason} ({all} so far)");
            self.log(LogLevel::Warning, line);
        }
        self.reply(id, |reply| reply.error(error));
        self.close(id);
    }

    fn run_requests(
        &mut self,
        id: ConnId,
        splitter: &mut Splitter,
        batch: &mut Batch,
        buffer: &mut BytesMut,
    ) -> Progress {
        let mut consumed = 0;
        let start = self.reply_bytes(id);
        let mut share = Share::of(start + self.reply_room.max(1));
        let progress = loop {
            if let Some(stopped) = self.stopped(id) {
                break stopped;
            }
            let rest = buffer.get(consumed..).unwrap_or_default();
            let is_over = share.requests == 0 || self.is_used_up(&share, id);
            if is_over && !rest.is_empty() {
                self.resumed.push_back(id);
                break Progress::Yielded;
            }
            let ahead = share.requests.min(limits::REQUESTS_AHEAD_MAX);
            match batch.read(splitter, rest, ahead, self.frame_limits(id)) {
                Ok(0) => break Progress::NeedsBytes,
                Ok(found) => {
                    let taken = self.run_batch(id, batch, found, rest, &mut share);
                    if taken < found {
                        splitter.rewind();
                    }
                    consumed += taken.checked_sub(1).map_or(0, |last| batch.end(last));
                    share.requests -= taken;
                }
                Err(error) => {
                    self.protocol_error(id, error.text());
                    break Progress::Closing;
                }
            }
        };
        buffer.advance(consumed);
        let gathered = self.reply_bytes(id).saturating_sub(start);
        let is_late = self.meter.is_past(share.until_ns);
        self.reply_room = if is_late { 0 } else { self.reply_room.saturating_sub(gathered) };
        // A blocked client may send on, but not without end. What yields is not read meanwhile.
        let waits = matches!(progress, Progress::NeedsBytes | Progress::Blocked);
        if waits && self.is_query_too_long(id, buffer.len()) {
            self.close_long_query(id, buffer);
            return Progress::Closing;
        }
        progress
    }

    /// `client-query-buffer-limit`: of what has arrived and not been run, queued commands included.
    fn is_query_too_long(&self, id: ConnId, unread: usize) -> bool {
        let Some(conn) = self.conns.find(id).filter(|conn| !conn.is_master()) else { return false };
        let queued = conn.transaction.as_ref().map_or(0, |transaction| transaction.bytes());
        unread.saturating_add(queued) > self.config.client_query_buffer_limit
    }

    fn close_long_query(&mut self, id: ConnId, unread: &[u8]) {
        let Some(conn) = self.conns.find(id) else { return };
        let client = self.client_line(conn);
        let begin = unread.get(..QUERY_BYTES_LOGGED).unwrap_or(unread).escape_ascii();
        self.stats.query_limit_closed += 1;
        self.log(
            LogLevel::Warning,
            format!(
                "Closing client that reached max query buffer length: {client} (qbuf initial bytes: \"{begin}\")"
            ),
        );
        self.close(id);
    }

    /// Runs the requests read ahead until one of them stops the connection or its share is used up; how
    /// many it took.
    fn run_batch(
        &mut self,
        id: ConnId,
        batch: &Batch,
        found: usize,
        buffer: &[u8],
        share: &mut Share,
    ) -> usize {
        if found > 1 {
            self.warm(id, batch, found, buffer);
        }
        let began_ns = self.meter.begin_batch(found);
        share.until_ns.get_or_insert(began_ns.saturating_add(limits::REQUESTS_NS_PER_TURN));
        let mut taken = 0;
        while taken < found {
            let (bytes, args) = batch.request(taken, buffer);
            if !self.handle_request(id, args, bytes) {
                break;
            }
            taken += 1;
            if self.stopped(id).is_some() || self.is_used_up(share, id) {
                break;
            }
        }
        self.meter.end_batch();
        taken
    }

    /// Whether others have to get their turn, however few requests it were.
    fn is_used_up(&self, share: &Share, id: ConnId) -> bool {
        self.reply_bytes(id) >= share.full_at || self.meter.is_past(share.until_ns)
    }

    /// Starts loading what the requests read ahead are about. Most commands name their key first,
    /// and then an element if there is one; a wrong guess costs a hash.
    fn warm(&self, id: ConnId, batch: &Batch, found: usize, buffer: &[u8]) {
        let db = self.conns.find(id).map_or(0, |conn| conn.db);
        let request = |number| batch.request(number, buffer).1;
        self.store.warm(db, (0..found).map(|number| request(number).at(1)));
        let key = request(0).at(1);
        if request(0).len() > 2 && (1..found).all(|number| request(number).at(1) == key) {
            let mut elements = [b"".as_slice(); limits::REQUESTS_AHEAD_MAX];
            for (place, number) in elements.iter_mut().zip(0..found) {
                *place = request(number).at(2);
            }
            self.store.warm_elements(db, key, elements.get(..found).unwrap_or_default());
        }
    }

    /// Why no further request of this connection may run now.
    fn stopped(&self, id: ConnId) -> Option<Progress> {
        match self.conns.find(id) {
            Some(conn) if conn.closing => Some(Progress::Closing),
            Some(conn) if conn.waiting != Waiting::No => Some(Progress::Blocked),
            Some(_) => None,
            None => Some(Progress::Closing),
        }
    }

    /// Bytes of replies that stand in a connection's outbox.
    fn reply_bytes(&self, id: ConnId) -> usize {
        self.conns.find(id).map_or(0, |conn| conn.outbox.reply_bytes())
    }

    fn frame_limits(&self, id: ConnId) -> FrameLimits {
        FrameLimits {
            bulk_bytes_max: i64::try_from(self.config.proto_max_bulk_len).unwrap_or(i64::MAX),
            authenticated: self.conns.find(id).is_some_and(|conn| self.is_authenticated(conn)),
        }
    }

    fn protocol_error(&mut self, id: ConnId, text: Vec<u8>) {
        if self.is_master_link(id) {
            let text = String::from_utf8_lossy(&text).into_owned();
            self.log(LogLevel::Warning, format!("Protocol error from master: {text}"));
        } else {
            let client = self.conns.find(id).map(|conn| self.client_line(conn));
            let reason = String::from_utf8_lossy(&text).into_owned();
            self.log(
                LogLevel::Verbose,
                format!("Protocol error ({reason}) from client: {}", client.unwrap_or_default()),
            );
            self.answer(id, |reply| reply.error(&CommandError::Owned(text.into())));
        }
        self.close(id);
    }
}

/// What one connection may do before others get their turn.
struct Share {
    /// So many more requests.
    requests: usize,
    /// Until so many bytes of replies stand in its outbox.
    full_at: usize,
    /// Until then, by the stopwatch, once it has begun; where there is none, time stands still.
    until_ns: Option<u64>,
}

impl Share {
    fn of(full_at: usize) -> Self {
        Self { requests: limits::REQUESTS_PER_TURN_MAX, full_at, until_ns: None }
    }
}

const REFUSAL_CHARS_LOGGED: usize = 80;

const QUERY_BYTES_LOGGED: usize = 64;
