//! What a replica says to its master before the data flows, and how it reads
//! the answers: PING, AUTH, REPLCONF, PSYNC. A state machine over lines.
//!
//! As in Redis 7, the settings are sent at once after PING is answered, and
//! their answers are read in the same order.

use bytes::BytesMut;

use super::ReplicationId;
use super::SyncRequest;
use crate::data::number;
use crate::resp::write_request;

/// What a replica tells about itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Introduction {
    pub listening_port: u16,
    /// `replica-announce-ip`.
    pub announce_ip: Option<String>,
    /// `masteruser` and `masterauth`.
    pub user: Option<String>,
    pub password: Option<String>,
    /// We are the master ourselves until now, and the peer is to take over.
    pub hands_over: bool,
}

/// What a line from the master led to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HandshakeStep {
    /// More lines are needed.
    Continues,
    /// A setting was refused; Redis logs it and goes on.
    SettingRefused { setting: &'static str, reply: String },
    /// `+FULLRESYNC`: a payload follows, then the stream from `position`.
    Full { id: ReplicationId, position: u64 },
    /// `+CONTINUE`: the stream follows from where we are, possibly under a new id.
    Partial { id: Option<ReplicationId> },
    /// The master knows no PSYNC: SYNC was sent, a payload follows.
    Legacy,
}

/// Why a handshake came to nothing. The replica tries again later.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HandshakeError {
    Ping(String),
    Auth(String),
    /// `-LOADING` or `-NOMASTERLINK`: the master can't serve us now.
    TryLater(String),
    /// An error in reply to the PSYNC of a failover.
    Refused(String),
    /// `+FULLRESYNC` without an id of 40 bytes and an offset.
    BadFullResync(String),
    /// `+CONTINUE` with something that is no id.
    BadContinue(String),
    /// A reply nobody expects here.
    Unexpected(String),
}

impl HandshakeError {
    /// Whether the peer answered PSYNC, and not one of the words before it.
    pub fn is_about_psync(&self) -> bool {
        !matches!(self, Self::Ping(_) | Self::Auth(_))
    }
}

/// The conversation's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Awaiting {
    Pong,
    Auth,
    Port,
    Ip,
    Capabilities,
    Psync,
}

#[derive(Clone, Debug)]
pub struct Handshake {
    introduction: Introduction,
    request: SyncRequest,
    awaiting: Awaiting,
}

impl Handshake {
    /// Begins the conversation: writes PING.
    pub fn begin(introduction: Introduction, request: SyncRequest, out: &mut BytesMut) -> Self {
        request_line(out, &[b"PING"]);
        Self { introduction, request, awaiting: Awaiting::Pong }
    }

    /// Reads one line of the master, without its line end, and writes what comes next. An empty
    /// line is a sign of life.
    ///
    /// # Errors
    /// When the conversation can't go on; the connection is of no more use.
    pub fn handle_line(
        &mut self,
        line: &[u8],
        out: &mut BytesMut,
    ) -> Result<HandshakeStep, HandshakeError> {
        if line.is_empty() {
            return Ok(HandshakeStep::Continues);
        }
        match self.awaiting {
            Awaiting::Pong => self.handle_pong(line, out),
            Awaiting::Auth if line.starts_with(b"-") => Err(HandshakeError::Auth(lossy(line))),
            Awaiting::Psync => self.handle_psync(line, out),
            setting => {
                self.awaiting = self.next(setting);
                if self.awaiting == Awaiting::Psync {
                    self.send_psync(out);
                }
                Ok(match line.first() {
                    Some(b'-') => HandshakeStep::SettingRefused {
                        setting: setting.name(),
                        reply: lossy(line),
                    },
                    _ => HandshakeStep::Continues,
                })
            }
        }
    }

    fn handle_pong(
        &mut self,
        line: &[u8],
        out: &mut BytesMut,
    ) -> Result<HandshakeStep, HandshakeError> {
        // A master that wants a password is alive too; whether ours is right is seen next.
        let alive = [b"+".as_slice(), b"-NOAUTH", b"-NOPERM", b"-ERR operation not permitted"];
        if !alive.iter().any(|prefix| line.starts_with(prefix)) {
            return Err(HandshakeError::Ping(lossy(line)));
        }
        self.send_settings(out);
        self.awaiting = match self.introduction.password {
            Some(_) => Awaiting::Auth,
            None => Awaiting::Port,
        };
        Ok(HandshakeStep::Continues)
    }

    fn send_settings(&self, out: &mut BytesMut) {
        let Introduction { listening_port, announce_ip, user, password, .. } = &self.introduction;
        match (user, password) {
            (Some(user), Some(password)) => {
                request_line(out, &[b"AUTH", user.as_bytes(), password.as_bytes()]);
            }
            (None, Some(password)) => request_line(out, &[b"AUTH", password.as_bytes()]),
            (_, None) => {}
        }
        let mut port = itoa::Buffer::new();
        let port = port.format(*listening_port).as_bytes();
        request_line(out, &[b"REPLCONF", b"listening-port", port]);
        if let Some(ip) = announce_ip {
            request_line(out, &[b"REPLCONF", b"ip-address", ip.as_bytes()]);
        }
        request_line(out, &[b"REPLCONF", b"capa", b"eof", b"capa", b"psync2"]);
    }

    fn send_psync(&self, out: &mut BytesMut) {
        match (self.request.id, self.request.position) {
            (Some(id), Some(position)) => {
                let mut offset = itoa::Buffer::new();
                let offset = offset.format(position.saturating_add(1)).as_bytes();
                match self.introduction.hands_over {
                    true => request_line(out, &[b"PSYNC", id.as_bytes(), offset, b"FAILOVER"]),
                    false => request_line(out, &[b"PSYNC", id.as_bytes(), offset]),
                }
            }
            _ => request_line(out, &[b"PSYNC", b"?", b"-1"]),
        }
    }

    fn next(&self, after: Awaiting) -> Awaiting {
        match after {
            Awaiting::Pong | Awaiting::Auth => Awaiting::Port,
            Awaiting::Port if self.introduction.announce_ip.is_some() => Awaiting::Ip,
            Awaiting::Port | Awaiting::Ip => Awaiting::Capabilities,
            Awaiting::Capabilities | Awaiting::Psync => Awaiting::Psync,
        }
    }

    fn handle_psync(
        &mut self,
        line: &[u8],
        out: &mut BytesMut,
    ) -> Result<HandshakeStep, HandshakeError> {
        let mut words = line.split(|byte| *byte == b' ');
        match words.next() {
            Some(b"+FULLRESYNC") => {
                let id = words.next().and_then(ReplicationId::parse);
                let position = words.next().and_then(number::parse_i64);
                match (id, position.and_then(|position| u64::try_from(position).ok())) {
                    (Some(id), Some(position)) => Ok(HandshakeStep::Full { id, position }),
                    _ => Err(HandshakeError::BadFullResync(lossy(line))),
                }
            }
            Some(b"+CONTINUE") => match words.next().map(ReplicationId::parse) {
                None => Ok(HandshakeStep::Partial { id: None }),
                Some(Some(id)) => Ok(HandshakeStep::Partial { id: Some(id) }),
                Some(None) => Err(HandshakeError::BadContinue(lossy(line))),
            },
            Some(b"-LOADING" | b"-NOMASTERLINK") => Err(HandshakeError::TryLater(lossy(line))),
            Some(b"-ERR") if self.introduction.hands_over => {
                Err(HandshakeError::Refused(lossy(line)))
            }
            Some(b"-ERR") => {
                request_line(out, &[b"SYNC"]);
                Ok(HandshakeStep::Legacy)
            }
            _ => Err(HandshakeError::Unexpected(lossy(line))),
        }
    }
}

impl Awaiting {
    fn name(self) -> &'static str {
        match self {
            Self::Pong => "PING",
            Self::Auth => "AUTH",
            Self::Port => "REPLCONF listening-port",
            Self::Ip => "REPLCONF ip-address",
            Self::Capabilities => "REPLCONF capa",
            Self::Psync => "PSYNC",
        }
    }
}

fn request_line(out: &mut BytesMut, words: &[&[u8]]) {
    write_request(out, words.iter().copied());
}

fn lossy(line: &[u8]) -> String {
    String::from_utf8_lossy(line).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "8371b4fb1155b71f4a04d3e1bc3e18c4a990aeeb";

    /// Plays `lines` as the master; returns all that the replica wrote, word by word, and the last
    /// step.
    fn play(
        introduction: Introduction,
        request: SyncRequest,
        lines: &[&str],
    ) -> (String, Result<HandshakeStep, HandshakeError>) {
        let mut out = BytesMut::new();
        let mut handshake = Handshake::begin(introduction, request, &mut out);
        let mut last = Ok(HandshakeStep::Continues);
        for line in lines {
            last = handshake.handle_line(line.as_bytes(), &mut out);
        }
        let text = String::from_utf8(out.to_vec()).unwrap();
        let words = text.split("\r\n").filter(|part| !part.starts_with(['*', '$']));
        (words.collect::<Vec<_>>().join(" ").trim_end().to_owned(), last)
    }

    fn on_port(listening_port: u16) -> Introduction {
        Introduction { listening_port, ..Introduction::default() }
    }

    #[test]
    fn a_first_sync_asks_for_everything() {
        let full = format!("+FULLRESYNC {ID} 14");
        let (said, last) =
            play(on_port(6380), SyncRequest::FULL, &["+PONG", "+OK", "+OK", "", &full]);
        assert_eq!(
            said,
            "PING REPLCONF listening-port 6380 REPLCONF capa eof capa psync2 PSYNC ? -1"
        );
        let id = ReplicationId::parse(ID.as_bytes()).unwrap();
        assert_eq!(last, Ok(HandshakeStep::Full { id, position: 14 }));
    }

    #[test]
    fn a_returning_replica_asks_for_the_next_byte() {
        let id = ReplicationId::parse(ID.as_bytes());
        let request = SyncRequest { id, position: Some(99) };
        let (said, last) = play(on_port(1), request, &["+PONG", "+OK", "+OK", "+CONTINUE"]);
        assert!(said.ends_with(&format!("PSYNC {ID} 100")), "{said}");
        assert_eq!(last, Ok(HandshakeStep::Partial { id: None }));
    }

    #[test]
    fn it_introduces_itself_with_password_and_address() {
        let introduction = Introduction {
            listening_port: 7,
            announce_ip: Some("1.2.3.4".into()),
            user: Some("u".into()),
            password: Some("p".into()),
            hands_over: false,
        };
        let lines = ["-NOAUTH Authentication required.", "+OK", "+OK", "-ERR no", "+OK"];
        let (said, _) = play(introduction.clone(), SyncRequest::FULL, &lines);
        assert_eq!(
            said,
            "PING AUTH u p REPLCONF listening-port 7 REPLCONF ip-address 1.2.3.4 \
             REPLCONF capa eof capa psync2 PSYNC ? -1"
        );
        let (_, last) = play(introduction, SyncRequest::FULL, &["+PONG", "-WRONGPASS no"]);
        assert_eq!(last, Err(HandshakeError::Auth("-WRONGPASS no".into())));
    }

    #[test]
    fn masters_that_refuse() {
        let psync =
            |line: &str| play(on_port(1), SyncRequest::FULL, &["+PONG", "+OK", "+OK", line]).1;
        assert!(matches!(psync("-LOADING x"), Err(HandshakeError::TryLater(_))));
        assert!(matches!(psync("-NOMASTERLINK x"), Err(HandshakeError::TryLater(_))));
        assert_eq!(psync("-ERR unknown command 'PSYNC'"), Ok(HandshakeStep::Legacy));
        assert!(matches!(psync("+FULLRESYNC x 1"), Err(HandshakeError::BadFullResync(_))));
        assert!(matches!(psync("+CONTINUE x"), Err(HandshakeError::BadContinue(_))));
        assert!(matches!(psync(":1"), Err(HandshakeError::Unexpected(_))));
        let (_, last) = play(on_port(1), SyncRequest::FULL, &["-ERR max clients"]);
        assert!(matches!(last, Err(HandshakeError::Ping(_))));
    }
}
