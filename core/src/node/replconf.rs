//! REPLCONF: what a replica says about itself before it asks for the stream, and how far it has come.
//!
//! Whoever sends one is taken for a replica that introduces itself. Acknowledgements travel with the
//! stream and are not answered.

use super::Conn;
use super::ConnId;
use super::Node;
use super::conn::ConnRole;
use super::primary::Replica;
use super::primary::ReplicaState;
use crate::command::Outcome;
use crate::command::integer;
use crate::data::number;
use crate::error;
use crate::error::CommandError;
use crate::resp::Args;
use crate::resp::split_words;

impl Node {
    pub(super) fn replconf(&mut self, id: ConnId, args: Args<'_>) -> Outcome {
        if args.len().is_multiple_of(2) {
            return Err(error::SYNTAX);
        }
        for at in (1..args.len()).step_by(2) {
            let value = args.at(at + 1);
            match args.at(at).to_ascii_lowercase().as_slice() {
                // Neither is answered: they go along with the stream.
                b"ack" => {
                    let on_disk = args.maybe(at + 3).filter(|_| args.is(at + 2, "fack"));
                    self.acknowledge(id, value, on_disk);
                    return Ok(());
                }
                b"getack" => {
                    self.send_acknowledgement();
                    return Ok(());
                }
                option => {
                    let setting = Setting::parse(option, value)?;
                    self.introduce(id, |replica| setting.apply(replica));
                }
            }
        }
        self.reply(id, |reply| reply.ok());
        Ok(())
    }

    /// An empty line: a replica that is busy loading says that it lives.
    pub(super) fn sign_of_life(&mut self, id: ConnId) {
        let now = self.now.mono;
        if let Some(replica) = self.conns.find_mut(id).and_then(Conn::replica_mut) {
            replica.ack_at = now;
        }
    }

    /// Changes what is known of a connection as a replica; it becomes one by introducing itself.
    pub(super) fn introduce(&mut self, id: ConnId, change: impl FnOnce(&mut Replica)) {
        let now = self.now.mono;
        let Some(conn) = self.conns.find_mut(id) else { return };
        if matches!(conn.role, ConnRole::Client) {
            conn.role = ConnRole::Replica(Replica::new(now));
        }
        if let Some(replica) = conn.replica_mut() {
            change(replica);
        }
    }

    /// What a replica has applied; no reply.
    fn acknowledge(&mut self, id: ConnId, offset: &[u8], on_disk: Option<&[u8]>) {
        let now = self.now.mono;
        let end = self.feed.position();
        let parse = |text| number::parse_i64(text).and_then(|n| u64::try_from(n).ok());
        let Some(offset) = parse(offset) else { return };
        let on_disk = on_disk.and_then(parse).unwrap_or(0);
        let is_sending = self.is_snapshot_for(id);
        let Some(replica) = self.conns.find_mut(id).and_then(Conn::replica_mut) else { return };
        // Nobody holds more of the stream than there is.
        replica.ack = replica.ack.max(offset.min(end));
        replica.disk_ack = replica.disk_ack.max(on_disk.min(end));
        replica.ack_at = now;
        // Who has not been sent all of it can't have loaded it.
        if replica.state == ReplicaState::ReceivingSnapshot && !is_sending {
            self.put_online(id);
            self.follow_stream(id);
        }
    }
}

/// One thing a replica says about itself.
enum Setting {
    ListeningPort(u16),
    Address(Option<String>),
    Capability {
        psync2: bool,
        eof: bool,
    },
    /// Its version: nothing here depends on it.
    Version,
    RdbOnly(bool),
    /// Parts of the snapshot it wants: none, or the functions, which there are none of.
    WithoutData,
}

impl Setting {
    fn parse(option: &[u8], value: &[u8]) -> Result<Self, CommandError> {
        let text = || String::from_utf8_lossy(value).into_owned();
        Ok(match option {
            b"listening-port" => Self::ListeningPort(u16::try_from(integer(value)?).unwrap_or(0)),
            b"ip-address" if value.len() > ADDRESS_BYTES_MAX => {
                return Err(error::replica_address_too_long(value.len()));
            }
            b"ip-address" => Self::Address(Some(text()).filter(|ip| !ip.is_empty())),
            b"capa" => Self::Capability {
                psync2: value.eq_ignore_ascii_case(b"psync2"),
                eof: value.eq_ignore_ascii_case(b"eof"),
            },
            b"version" if is_version(value) => Self::Version,
            b"version" => return Err(error::replica_version(&text())),
            b"rdb-only" => match integer(value)? {
                flag @ (0 | 1) => Self::RdbOnly(flag == 1),
                _ => return Err(error::integer_range(0, 1)),
            },
            b"rdb-filter-only" => {
                let parts = split_words(value).ok_or(error::RDB_FILTER_MISSING)?;
                let unknown = parts.iter().find(|part| !part.eq_ignore_ascii_case(b"functions"));
                match unknown {
                    None => Self::WithoutData,
                    Some(part) => return Err(error::rdb_filter(&String::from_utf8_lossy(part))),
                }
            }
            _ => return Err(error::unrecognized_replconf(option)),
        })
    }

    fn apply(self, replica: &mut Replica) {
        match self {
            Self::ListeningPort(port) => replica.listening_port = port,
            Self::Address(ip) => replica.announce_ip = ip,
            Self::Capability { psync2, eof } => {
                replica.psync2 |= psync2;
                replica.eof |= eof;
            }
            Self::Version => {}
            Self::RdbOnly(only) => replica.rdb_only = only,
            Self::WithoutData => replica.without_data = true,
        }
    }
}

/// Three numbers, as `7.4.0`.
fn is_version(text: &[u8]) -> bool {
    let numbers = text.split(|byte| *byte == b'.');
    let fits = |number: &[u8]| number::parse_i64(number).is_some_and(|n| (0..256).contains(&n));
    numbers.clone().count() == 3 && numbers.into_iter().all(fits)
}

/// The longest `ip-address` taken, as in Redis: a host name.
const ADDRESS_BYTES_MAX: usize = 255;
