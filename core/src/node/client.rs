//! CLIENT: a connection's name and habits, and the list of all of them.

use super::Conn;
use super::ConnId;
use super::Node;
use super::conn::ConnRole;
use super::conn::ReplyMode;
use super::conn::Waiting;
use crate::command::Outcome;
use crate::command::integer;
use crate::data::order;
use crate::error;
use crate::error::CommandError;
use crate::resp::Args;

impl Node {
    pub(super) fn client_id(&mut self, id: ConnId) -> Outcome {
        let client_id = self.conns.find(id).map_or(0, |conn| conn.client_id);
        self.reply(id, |reply| reply.integer(i64::try_from(client_id).unwrap_or(i64::MAX)));
        Ok(())
    }

    pub(super) fn client_get_name(&mut self, id: ConnId) -> Outcome {
        let name = self.conns.find(id).map(|conn| conn.name.clone()).unwrap_or_default();
        self.reply(id, |reply| match name.is_empty() {
            true => reply.null(),
            false => reply.bulk(&name),
        });
        Ok(())
    }

    pub(super) fn client_set_name(&mut self, id: ConnId, args: Args<'_>) -> Outcome {
        self.set_name(id, args.at(2))?;
        self.reply(id, |reply| reply.ok());
        Ok(())
    }

    pub(super) fn client_set_info(&mut self, id: ConnId, args: Args<'_>) -> Outcome {
        let Some(conn) = self.conns.find_mut(id) else { return Ok(()) };
        let field = if args.is(2, "lib-name") {
            &mut conn.lib_name
        } else if args.is(2, "lib-ver") {
            &mut conn.lib_version
        } else {
            return Err(error::unrecognized_option(args.at(2)));
        };
        // A C string to Redis: it ends at a NUL.
        let value = args.at(3).split(|byte| *byte == 0).next().unwrap_or_default();
        if !valid_name(value) {
            return Err(error::unprintable_info(args.at(2)));
        }
        *field = value.to_vec();
        self.reply(id, |reply| reply.ok());
        Ok(())
    }

    pub(super) fn client_info(&mut self, id: ConnId, args: Args<'_>) -> Outcome {
        let mut text = Vec::new();
        if let Some(conn) = self.conns.find(id) {
            self.write_client_line(conn, args.bytes(), &mut text);
            text.push(b'\n');
        }
        self.reply(id, |reply| reply.verbatim(b"txt", &text));
        Ok(())
    }

    pub(super) fn client_list(&mut self, id: ConnId, args: Args<'_>) -> Outcome {
        let filter = ListFilter::parse(args.from(2))?;
        let mut conns: Vec<&Conn> = self.conns.iter().filter(|conn| filter.takes(conn)).collect();
        order::sort_by_key(&mut conns, |conn| conn.client_id);
        let mut text = Vec::new();
        for conn in conns {
            let running = if conn.id == id { args.bytes() } else { 0 };
            self.write_client_line(conn, running, &mut text);
            text.push(b'\n');
        }
        self.reply(id, |reply| reply.verbatim(b"txt", &text));
        Ok(())
    }

    pub(super) fn client_reply(&mut self, id: ConnId, args: Args<'_>) -> Outcome {
        let mode = if args.is(2, "on") {
            ReplyMode::On
        } else if args.is(2, "off") {
            ReplyMode::Off
        } else if args.is(2, "skip") {
            ReplyMode::SkipNext
        } else {
            return Err(error::SYNTAX);
        };
        let Some(conn) = self.conns.find_mut(id) else { return Ok(()) };
        if mode == ReplyMode::SkipNext && conn.reply_mode == ReplyMode::Off {
            return Ok(());
        }
        conn.reply_mode = mode;
        match mode {
            ReplyMode::Off => self.mute(id),
            ReplyMode::SkipNext => self.unmute(id),
            ReplyMode::On => {
                self.unmute(id);
                self.reply(id, |reply| reply.ok());
            }
        }
        Ok(())
    }

    pub(super) fn client_no_evict(&mut self, id: ConnId, args: Args<'_>) -> Outcome {
        let on = on_or_off(args)?;
        if let Some(conn) = self.conns.find_mut(id) {
            conn.no_evict = on;
        }
        self.reply(id, |reply| reply.ok());
        Ok(())
    }

    pub(super) fn client_no_touch(&mut self, id: ConnId, args: Args<'_>) -> Outcome {
        let on = on_or_off(args)?;
        if let Some(conn) = self.conns.find_mut(id) {
            conn.no_touch = on;
        }
        self.reply(id, |reply| reply.ok());
        Ok(())
    }

    pub(super) fn client_unblock(&mut self, id: ConnId, args: Args<'_>) -> Outcome {
        if args.len() > 4 {
            return Err(error::subcommand_syntax(args.at(1), "CLIENT"));
        }
        let with_error = match args.maybe(3) {
            None => false,
            Some(_) if args.is(3, "timeout") => false,
            Some(_) if args.is(3, "error") => true,
            Some(_) => return Err(error::UNBLOCK_REASON),
        };
        let target = integer(args.at(2))?;
        let found = self.conns.iter().find(|conn| i64::try_from(conn.client_id) == Ok(target));
        let found = found.map(|conn| (conn.id, conn.waiting));
        let unblocked = match found {
            Some((target, Waiting::Acknowledgements)) => {
                self.unblock_wait(target, with_error);
                true
            }
            Some((_, Waiting::Keys(ticket))) => {
                self.unblock(ticket, with_error.then_some(&error::UNBLOCKED));
                true
            }
            _ => false,
        };
        self.reply(id, |reply| reply.flag(unblocked));
        Ok(())
    }
}

/// What a client's name may be made of: printable ASCII without spaces.
pub(super) fn valid_name(name: &[u8]) -> bool {
    name.iter().all(|byte| byte.is_ascii_graphic())
}

/// The kinds CLIENT LIST and CLIENT KILL know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ClientType {
    Normal,
    Master,
    Replica,
    PubSub,
}

impl ClientType {
    pub fn parse(word: &[u8]) -> Result<Self, CommandError> {
        match word.to_ascii_lowercase().as_slice() {
            b"normal" => Ok(Self::Normal),
            b"master" => Ok(Self::Master),
            b"slave" | b"replica" => Ok(Self::Replica),
            b"pubsub" => Ok(Self::PubSub),
            _ => Err(error::unknown_client_type(word)),
        }
    }

    pub fn of(conn: &Conn) -> Self {
        match conn.role {
            ConnRole::Client if conn.subscriptions.is_some() => Self::PubSub,
            ConnRole::Client | ConnRole::Target | ConnRole::Replay => Self::Normal,
            ConnRole::Replica(_) => Self::Replica,
            ConnRole::Master => Self::Master,
        }
    }
}

/// CLIENT LIST's words.
enum ListFilter {
    All,
    Type(ClientType),
    Ids(Vec<i64>),
}

impl ListFilter {
    fn parse(args: Args<'_>) -> Result<Self, CommandError> {
        if args.is_empty() {
            return Ok(Self::All);
        }
        if args.is(0, "type") && args.len() == 2 {
            return Ok(Self::Type(ClientType::parse(args.at(1))?));
        }
        if args.is(0, "id") && args.len() > 1 {
            let ids: Result<_, _> = args.from(1).iter().map(integer).collect();
            return ids.map(Self::Ids).map_err(|_| error::INVALID_CLIENT_ID);
        }
        Err(error::SYNTAX)
    }

    fn takes(&self, conn: &Conn) -> bool {
        match self {
            Self::All => true,
            Self::Type(kind) => ClientType::of(conn) == *kind,
            Self::Ids(ids) => ids.iter().any(|id| i64::try_from(conn.client_id) == Ok(*id)),
        }
    }
}

fn on_or_off(args: Args<'_>) -> Result<bool, CommandError> {
    match (args.is(2, "on"), args.is(2, "off")) {
        (true, _) => Ok(true),
        (_, true) => Ok(false),
        _ => Err(error::SYNTAX),
    }
}
