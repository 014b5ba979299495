//! One connection of a run: what has arrived on it, and how far its replication stream has come.

use super::frame::Frame;
use super::frame::Malformed;

/// The checker's view of a connection.
#[derive(Clone, Debug, Default)]
pub struct Link {
    inbox: Vec<u8>,
    closed: bool,
    stream: Option<Stream>,
}

/// Offsets of a replication stream in bytes.
#[derive(Clone, Copy, Debug)]
struct Stream {
    /// After the latest message.
    end: i64,
    /// Before the latest message.
    before: i64,
}

impl Link {
    pub fn handle_bytes(&mut self, bytes: &[u8]) {
        self.inbox.extend_from_slice(bytes);
    }

    pub fn handle_closed(&mut self) {
        self.closed = true;
    }

    pub fn is_closed(&self) -> bool {
        self.closed
    }

    /// What has arrived and has not been taken.
    pub fn inbox(&self) -> &[u8] {
        &self.inbox
    }

    /// The first message that `split` finds, with its bytes; it stays in the inbox.
    pub fn peek(
        &self,
        split: fn(&[u8]) -> Result<Option<Frame>, Malformed>,
    ) -> Result<Option<Frame>, Malformed> {
        split(&self.inbox)
    }

    /// Takes the bytes of a message that `peek` found.
    pub fn take(&mut self, frame: &Frame) -> Vec<u8> {
        let rest = self.inbox.split_off(frame.span.end.min(self.inbox.len()));
        std::mem::replace(&mut self.inbox, rest)
    }

    /// Counts from here on, starting at `offset`.
    pub fn begin_stream(&mut self, offset: i64) {
        self.stream = Some(Stream { end: offset, before: offset });
    }

    /// A message of the stream has passed, `len` bytes long.
    pub fn count(&mut self, len: usize) {
        if let Some(stream) = &mut self.stream {
            stream.before = stream.end;
            stream.end = stream.end.saturating_add(i64::try_from(len).unwrap_or(i64::MAX));
        }
    }

    /// The stream's offset before its latest message; 0 where there is no stream.
    pub fn offset(&self) -> i64 {
        self.stream.map_or(0, |stream| stream.before)
    }
}

#[cfg(test)]
mod tests {
    use super::super::frame::message;
    use super::Link;

    #[test]
    fn messages_are_taken_one_by_one() {
        let mut link = Link::default();
        link.handle_bytes(b"+A\r\n+B\r");
        let first = link.peek(message).unwrap().unwrap();
        assert_eq!(link.take(&first), b"+A\r\n");
        assert_eq!(link.peek(message), Ok(None));
        link.handle_bytes(b"\n");
        let second = link.peek(message).unwrap().unwrap();
        assert_eq!(link.take(&second), b"+B\r\n");
        assert!(link.inbox().is_empty());
    }

    #[test]
    fn the_offset_leaves_out_the_latest_message() {
        let mut link = Link::default();
        link.count(10);
        assert_eq!(link.offset(), 0);
        link.begin_stream(5);
        assert_eq!(link.offset(), 5);
        link.count(37);
        assert_eq!(link.offset(), 5);
        link.count(14);
        assert_eq!(link.offset(), 42);
    }
}
