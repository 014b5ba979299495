//! What a connection says about itself: AUTH, HELLO, SELECT, RESET, QUIT, PING.

use super::Conn;
use super::ConnId;
use super::Node;
use super::REDIS_VERSION;
use super::client::valid_name;
use super::conn::ReplyMode;
use crate::acl::User;
use crate::command::Outcome;
use crate::command::integer_i32;
use crate::data::number;
use crate::error;
use crate::error::CommandError;
use crate::resp::Args;
use crate::resp::Protocol;

impl Node {
    /// In RESP2's subscribed mode the answer looks like a message.
    pub(super) fn ping(&mut self, id: ConnId, args: Args<'_>) -> Outcome {
        let only_listens = self.conns.find(id).is_some_and(Conn::only_listens);
        match args.len() {
            1 | 2 if only_listens => self.reply(id, |reply| {
                reply.array(2);
                reply.bulk(b"pong");
                reply.bulk(args.at(1));
            }),
            1 => self.reply(id, |reply| reply.simple("PONG")),
            2 => self.reply(id, |reply| reply.bulk(args.at(1))),
            _ => return Err(error::wrong_arity("ping")),
        }
        Ok(())
    }

    pub(super) fn auth(&mut self, id: ConnId, args: Args<'_>) -> Outcome {
        let (user, password) = match args.len() {
            2 if self.default_user_has_no_password() => return Err(error::NO_PASSWORD_SET),
            2 => (b"default".as_slice(), args.at(1)),
            3 => (args.at(1), args.at(2)),
            _ => return Err(error::SYNTAX),
        };
        self.authenticate(id, args.at(0), user, password)?;
        self.reply(id, |reply| reply.ok());
        Ok(())
    }

    pub(super) fn hello(&mut self, id: ConnId, args: Args<'_>) -> Outcome {
        let protocol = match args.maybe(1).map(number::parse_i64) {
            None => None,
            Some(Some(2)) => Some(Protocol::Resp2),
            Some(Some(3)) => Some(Protocol::Resp3),
            Some(Some(_)) => return Err(error::NO_PROTO),
            Some(None) => return Err(error::PROTO_NOT_AN_INTEGER),
        };
        let options = HelloOptions::parse(args)?;
        if let Some((user, password)) = options.auth {
            self.authenticate(id, args.at(0), user, password)?;
        }
        if !self.conns.find(id).is_some_and(|conn| conn.authenticated) {
            return Err(error::HELLO_NO_AUTH);
        }
        if let Some(name) = options.name {
            self.set_name(id, name)?;
        }
        let role = if self.master.is_some() { "replica" } else { "master" };
        let Some(conn) = self.conns.find_mut(id) else { return Ok(()) };
        conn.protocol = protocol.unwrap_or(conn.protocol);
        let version = match conn.protocol {
            Protocol::Resp2 => 2,
            Protocol::Resp3 => 3,
        };
        let client_id = i64::try_from(conn.client_id).unwrap_or(i64::MAX);
        self.reply(id, |reply| {
            reply.map(7);
            for (name, value) in [("server", "redis"), ("version", REDIS_VERSION)] {
                reply.bulk(name.as_bytes());
                reply.bulk(value.as_bytes());
            }
            for (name, value) in [("proto", version), ("id", client_id)] {
                reply.bulk(name.as_bytes());
                reply.integer(value);
            }
            for (name, value) in [("mode", "standalone"), ("role", role)] {
                reply.bulk(name.as_bytes());
                reply.bulk(value.as_bytes());
            }
            reply.bulk(b"modules");
            reply.array(0);
        });
        Ok(())
    }

    pub(super) fn select(&mut self, id: ConnId, args: Args<'_>) -> Outcome {
        let db = usize::try_from(integer_i32(args.at(1))?).map_err(|_| error::DB_OUT_OF_RANGE)?;
        if db >= self.store.databases() {
            return Err(error::DB_OUT_OF_RANGE);
        }
        if let Some(conn) = self.conns.find_mut(id) {
            conn.db = db;
        }
        self.reply(id, |reply| reply.ok());
        Ok(())
    }

    pub(super) fn reset(&mut self, id: ConnId) -> Outcome {
        self.reset_user(id);
        self.unsubscribe_all(id);
        self.stop_monitoring(id);
        self.drop_queue(id);
        self.forget_tracking(id);
        if let Some(conn) = self.conns.find_mut(id) {
            conn.db = 0;
            conn.protocol = Protocol::Resp2;
            conn.name.clear();
            conn.reply_mode = ReplyMode::On;
            conn.no_evict = false;
            conn.no_touch = false;
        }
        self.unmute(id);
        self.reply(id, |reply| reply.simple("RESET"));
        Ok(())
    }

    pub(super) fn quit(&mut self, id: ConnId) -> Outcome {
        self.reply(id, |reply| reply.ok());
        self.close(id);
        Ok(())
    }

    pub(super) fn set_name(&mut self, id: ConnId, name: &[u8]) -> Outcome {
        if !valid_name(name) {
            return Err(error::BAD_CLIENT_NAME);
        }
        if let Some(conn) = self.conns.find_mut(id) {
            conn.name = name.to_vec();
        }
        Ok(())
    }

    fn default_user_has_no_password(&self) -> bool {
        self.acl.users.default_user().is_some_and(User::has_no_password)
    }
}

/// What HELLO's words ask for besides the version.
#[derive(Default)]
struct HelloOptions<'a> {
    auth: Option<(&'a [u8], &'a [u8])>,
    name: Option<&'a [u8]>,
}

impl<'a> HelloOptions<'a> {
    fn parse(args: Args<'a>) -> Result<Self, CommandError> {
        let mut options = Self::default();
        let mut at = 2;
        while let Some(word) = args.maybe(at) {
            match (args.maybe(at + 1), args.maybe(at + 2)) {
                (Some(user), Some(password)) if args.is(at, "auth") => {
                    options.auth = Some((user, password));
                    at += 3;
                }
                (Some(name), _) if args.is(at, "setname") => {
                    if !valid_name(name) {
                        return Err(error::BAD_CLIENT_NAME);
                    }
                    options.name = Some(name);
                    at += 2;
                }
                _ => return Err(error::hello_option(word)),
            }
        }
        Ok(options)
    }
}
