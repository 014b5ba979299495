//! CLIENT KILL: by address, the old way, or by filters that all have to match.

use super::Conn;
use super::ConnId;
use super::Node;
use super::client::ClientType;
use crate::acl::UserId;
use crate::acl::Users;
use crate::command::Outcome;
use crate::command::integer;
use crate::error;
use crate::error::CommandError;
use crate::resp::Args;

impl Node {
    pub(super) fn client_kill(&mut self, id: ConnId, args: Args<'_>) -> Outcome {
        let old_form = args.len() == 3;
        let filter = match old_form {
            true => Filter { addr: Some(args.at(2)), skip_me: false, ..Filter::default() },
            false => Filter::parse(args.from(2), &self.acl.users)?,
        };
        let now = self.now.mono;
        let victims: Vec<ConnId> = self
            .conns
            .iter()
            .filter(|conn| !conn.closing && (conn.id != id || !filter.skip_me))
            .filter(|conn| filter.takes(conn, now.since_us(conn.opened) / 1_000_000))
            .map(|conn| conn.id)
            .collect();
        match (old_form, victims.is_empty()) {
            (true, true) => return Err(error::NO_SUCH_CLIENT),
            (true, false) => self.reply(id, |reply| reply.ok()),
            (false, _) => self.reply(id, |reply| reply.count(victims.len())),
        }
        // Of a transaction that closes its own connection nothing more is heard.
        if victims.contains(&id) {
            self.mute(id);
        }
        victims.into_iter().for_each(|victim| self.close(victim));
        Ok(())
    }
}

struct Filter<'a> {
    id: Option<i64>,
    kind: Option<ClientType>,
    addr: Option<&'a [u8]>,
    local_addr: Option<&'a [u8]>,
    user: Option<UserId>,
    age_s_min: Option<i64>,
    skip_me: bool,
}

impl Default for Filter<'_> {
    fn default() -> Self {
        Self {
            id: None,
            kind: None,
            addr: None,
            local_addr: None,
            user: None,
            age_s_min: None,
            skip_me: true,
        }
    }
}

impl<'a> Filter<'a> {
    fn parse(args: Args<'a>, users: &Users) -> Result<Self, CommandError> {
        let mut filter = Self::default();
        let mut at = 0;
        while let Some(word) = args.maybe(at) {
            let value = args.maybe(at + 1).ok_or(error::SYNTAX)?;
            match word.to_ascii_lowercase().as_slice() {
                b"id" => {
                    let id = integer(value).ok().filter(|id| *id > 0);
                    filter.id = Some(id.ok_or(error::CLIENT_ID_NOT_POSITIVE)?);
                }
                b"type" => filter.kind = Some(ClientType::parse(value)?),
                b"addr" => filter.addr = Some(value),
                b"laddr" => filter.local_addr = Some(value),
                b"user" => {
                    let user = users.named(value);
                    filter.user = Some(user.ok_or_else(|| error::no_such_user(value))?);
                }
                b"maxage" => {
                    let age = integer(value).map_err(|_| error::MAXAGE_NOT_AN_INTEGER)?;
                    filter.age_s_min = Some(age);
                    if age <= 0 {
                        return Err(error::MAXAGE_NOT_POSITIVE);
                    }
                }
                b"skipme" => {
                    filter.skip_me = match value.to_ascii_lowercase().as_slice() {
                        b"yes" => true,
                        b"no" => false,
                        _ => return Err(error::SYNTAX),
                    };
                }
                _ => return Err(error::SYNTAX),
            }
            at += 2;
        }
        Ok(filter)
    }

    fn takes(&self, conn: &Conn, age_s: u64) -> bool {
        let id = i64::try_from(conn.client_id).unwrap_or(i64::MAX);
        let age = i64::try_from(age_s).unwrap_or(i64::MAX);
        self.id.is_none_or(|wanted| wanted == id)
            && self.kind.is_none_or(|wanted| wanted == ClientType::of(conn))
            && self.addr.is_none_or(|wanted| wanted == conn.peer.as_bytes())
            && self.local_addr.is_none_or(|wanted| wanted == conn.local.as_bytes())
            && self.user.is_none_or(|wanted| wanted == conn.user)
            && self.age_s_min.is_none_or(|least| age >= least)
    }
}
