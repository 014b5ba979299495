//! One connection: what the shell keeps of it, and the tasks that wait for its socket.

use std::future::poll_fn;
use std::mem;
use std::sync::Arc;
use std::task::Waker;
use std::time::Duration;

use bytes::BytesMut;
use redarium_core::node::ConnId;
use tokio::task;
use tokio::task::AbortHandle;
use tokio::time;

use crate::shell::Handle;
use crate::shell::Received;
use crate::socket::Reader;
use crate::socket::Writer;

#[derive(Debug)]
pub struct Connection {
    pub id: ConnId,
    pub writer: Arc<Writer>,
    /// Bytes that make no whole request yet, or that the engine is not ready for. Empty, and without
    /// memory of its own, for almost every connection almost always.
    pub unread: BytesMut,
    /// Whole requests are waiting in `unread` for the next turn. Nothing is read meanwhile; the
    /// reader waits here.
    pub unfinished: bool,
    pub waiting_reader: Option<Waker>,
    /// The socket takes no more bytes; a task waits until it does.
    pub full: bool,
    /// To be closed once the outbox is empty.
    pub closing: bool,
    reader: AbortHandle,
}

impl Connection {
    /// `reader` is the task that runs [`read`]; it ends with the connection.
    pub fn new(id: ConnId, writer: Writer, reader: AbortHandle) -> Self {
        Self {
            id,
            writer: Arc::new(writer),
            unread: BytesMut::new(),
            unfinished: false,
            waiting_reader: None,
            full: false,
            closing: false,
            reader,
        }
    }

    /// The buffer to read more bytes into, which begins with those left over. It is `scratch`,
    /// except for a large request, which is not copied again with each of its pieces.
    pub fn buffer<'a>(&'a mut self, scratch: &'a mut BytesMut) -> &'a mut BytesMut {
        if self.unread.len() >= COPIED_BYTES_MAX {
            return &mut self.unread;
        }
        scratch.extend_from_slice(&self.unread);
        self.unread.clear();
        scratch
    }

    /// Takes what was left over out of `scratch`, and gives memory back that is no longer needed.
    pub fn keep(&mut self, scratch: &mut BytesMut) {
        if !scratch.is_empty() {
            self.unread.extend_from_slice(scratch);
            scratch.clear();
        } else if self.unread.is_empty() && self.unread.capacity() > 0 {
            mem::take(&mut self.unread);
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.reader.abort();
    }
}

/// Reads until the connection ends.
pub async fn read(shell: Handle, id: ConnId, mut stream: Reader) {
    while poll_fn(|cx| shell.lock().poll_receive(id, &mut stream, cx)).await == Received::More {
        // Comes back after the other sockets have been looked at.
        task::yield_now().await;
    }
}

/// Waits until the socket takes bytes again, then writes on. A connection that is being closed is
/// given up when its peer does not read.
pub async fn write_on(shell: Handle, id: ConnId, writer: Arc<Writer>, closing: bool) {
    let patience = if closing { LINGER } else { Duration::MAX };
    let given_up = time::timeout(patience, writer.writable()).await.is_err();
    shell.lock().write_on(id, given_up);
}

/// Left-over bytes up to this many move to the shared buffer before more are read; above, a request
/// has its own buffer.
const COPIED_BYTES_MAX: usize = 16 * 1024;

/// How long the last reply to a peer that does not read is kept.
const LINGER: Duration = Duration::from_secs(5);
