//! All users of a node, by number and by name.

use super::user::User;
use super::words::Unmatched;
use super::words::has_spaces;
use super::words::join_selectors;
use crate::error;
use crate::error::CommandError;

/// A user's number, which a connection keeps. It is given away again only when no connection has it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UserId(u32);

impl UserId {
    pub const DEFAULT: Self = Self(0);
}

/// The users. There always is one named `default`, number 0.
#[derive(Clone, Debug)]
pub struct Users {
    /// By number.
    slots: Vec<Option<Box<User>>>,
    /// The numbers in the order of the names.
    order: Vec<UserId>,
}

impl Default for Users {
    fn default() -> Self {
        Self { slots: vec![Some(Box::new(User::default_user()))], order: vec![UserId::DEFAULT] }
    }
}

impl Users {
    /// The user of this number; the default user's place is never empty.
    pub fn find(&self, id: UserId) -> Option<&User> {
        self.slots.get(id.0 as usize)?.as_deref()
    }

    /// The number of the user of this name.
    pub fn named(&self, name: &[u8]) -> Option<UserId> {
        self.place(name).ok().and_then(|place| self.order.get(place).copied())
    }

    pub fn default_user(&self) -> Option<&User> {
        self.find(UserId::DEFAULT)
    }

    /// Whether who connects is authenticated as they come.
    pub fn is_open(&self) -> bool {
        self.default_user().is_some_and(User::is_open)
    }

    /// The users in the order of their names.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &User> {
        // Whatever stands in the order has its slot.
        self.order.iter().map(|id| {
            let Some(user) = self.find(*id) else { unreachable!("a user of the order is there") };
            user
        })
    }

    /// ACL SETUSER: applies all these words or none, to a user who may be new. Returns who it is, and
    /// what they were before if they were there.
    ///
    /// # Errors
    /// The client's error: the first word that makes no sense.
    pub fn declare(
        &mut self,
        name: &[u8],
        words: &[&[u8]],
        all_channels: bool,
    ) -> Result<(UserId, Option<User>), CommandError> {
        if has_spaces(name) {
            return Err(error::acl::BAD_USER_NAME);
        }
        let known = self.named(name);
        let mut user = match known.and_then(|id| self.find(id)) {
            Some(user) => user.clone(),
            None => User::new(name, all_channels),
        };
        let words = join_selectors(words).map_err(|Unmatched(at)| {
            error::acl::unmatched_parenthesis(words.get(at).copied().unwrap_or_default())
        })?;
        for word in &words {
            user.apply(word, all_channels)
                .map_err(|problem| error::acl::bad_rule(word, problem.text()))?;
        }
        Ok(self.put(user))
    }

    /// `requirepass`: the default user's only password, or none.
    pub fn set_default_password(&mut self, password: &str) {
        let Some(Some(user)) = self.slots.first_mut() else { return };
        let rules = match password.is_empty() {
            true => [b"resetpass".to_vec(), b"nopass".to_vec()],
            false => [b"resetpass".to_vec(), [b">", password.as_bytes()].concat()],
        };
        for rule in rules {
            // None of these can be refused.
            let _ = user.apply(&rule, false);
        }
    }

    /// Takes a user away; whoever was connected as them has to be told before their number is used
    /// again. The default user stays.
    pub fn remove(&mut self, name: &[u8]) -> Option<UserId> {
        let place = self.place(name).ok()?;
        let id = self.order.get(place).copied().filter(|id| *id != UserId::DEFAULT)?;
        self.order.remove(place);
        *self.slots.get_mut(id.0 as usize)? = None;
        Some(id)
    }

    /// The lines `user <name> <rules>` that make these users, without line ends.
    pub fn lines(&self) -> impl Iterator<Item = Vec<u8>> {
        self.iter().map(|user| {
            let mut line = [b"user ", user.name(), b" "].concat();
            user.print(&mut line);
            line
        })
    }

    /// Puts a user in the place of the one of that name, if there is one, who is returned.
    pub(super) fn put(&mut self, user: User) -> (UserId, Option<User>) {
        let place = match self.place(user.name()) {
            Ok(at) => {
                let id = self.order.get(at).copied().unwrap_or_default();
                let slot = self.slots.get_mut(id.0 as usize).and_then(Option::as_mut);
                return (id, slot.map(|slot| std::mem::replace(&mut **slot, user)));
            }
            Err(place) => place,
        };
        let free = self.slots.iter().position(Option::is_none).unwrap_or(self.slots.len());
        if free == self.slots.len() {
            self.slots.push(None);
        }
        // There is memory for far fewer.
        let id = UserId(u32::try_from(free).unwrap_or(u32::MAX));
        if let Some(slot) = self.slots.get_mut(free) {
            *slot = Some(Box::new(user));
        }
        self.order.insert(place, id);
        (id, None)
    }

    /// Where a name stands, or would stand, in the order.
    fn place(&self, name: &[u8]) -> Result<usize, usize> {
        self.order.binary_search_by(|id| self.find(*id).map_or(&b""[..], User::name).cmp(name))
    }
}
