//! A user: whether they may come in, and the selectors that say what they may do.

use super::access::Denial;
use super::access::DenialKind;
use super::access::Judged;
use super::password::Digest;
use super::rule::Problem;
use super::selector::Selector;
use crate::command::table::Entry;
use crate::limits;
use crate::resp;
use crate::resp::Args;

#[derive(Clone, Debug)]
pub struct User {
    name: Box<[u8]>,
    enabled: bool,
    /// Any password will do.
    no_password: bool,
    skip_sanitize: bool,
    passwords: Vec<Digest>,
    root: Selector,
    selectors: Vec<Selector>,
    /// Some selector allows everything: kept, since every command asks.
    unrestricted: bool,
}

impl User {
    /// Somebody who may do nothing and cannot come in.
    pub fn new(name: &[u8], all_channels: bool) -> Self {
        Self {
            name: name.into(),
            enabled: false,
            no_password: false,
            skip_sanitize: false,
            passwords: Vec::new(),
            root: Selector::new(all_channels),
            selectors: Vec::new(),
            unrestricted: false,
        }
    }

    /// The user everybody is at first, who may do everything.
    pub fn default_user() -> Self {
        let mut user = Self::new(b"default", true);
        user.root.commands.set_all(true);
        // Neither rule can be refused.
        let _ = user.apply(b"allkeys", true);
        let _ = user.apply(b"on", true);
        user.set_no_password(true);
        user
    }

    pub fn name(&self) -> &[u8] {
        &self.name
    }

    pub fn is_enabled(&self) -> bool {
        self.enabled
    }

    pub fn has_no_password(&self) -> bool {
        self.no_password
    }

    /// Whether whoever connects is this user without a word: that they know no password is no hurdle.
    pub fn is_open(&self) -> bool {
        self.no_password && self.enabled
    }

    pub fn is_unrestricted(&self) -> bool {
        self.unrestricted
    }

    pub fn passwords(&self) -> &[Digest] {
        &self.passwords
    }

    pub fn root(&self) -> &Selector {
        &self.root
    }

    /// The selectors beside the root.
    pub fn selectors(&self) -> &[Selector] {
        &self.selectors
    }

    /// All selectors, the root first.
    pub fn all_selectors(&self) -> impl Iterator<Item = &Selector> {
        std::iter::once(&self.root).chain(&self.selectors)
    }

    /// The words of the user's state: `on`, `nopass`, `sanitize-payload`.
    pub fn flags(&self) -> impl Iterator<Item = &'static str> + Clone {
        let sanitize =
            if self.skip_sanitize { "skip-sanitize-payload" } else { "sanitize-payload" };
        let flags = [if self.enabled { "on" } else { "off" }, "nopass", sanitize];
        let no_password = self.no_password;
        flags.into_iter().filter(move |flag| *flag != "nopass" || no_password)
    }

    /// Whether this password lets the user in.
    pub fn accepts(&self, password: &[u8]) -> bool {
        if !self.enabled {
            return false;
        }
        if self.no_password {
            return true;
        }
        let digest = Digest::of(password);
        // All are compared, so that the time does not tell which it was.
        self.passwords.iter().fold(false, |found, own| found | own.is(&digest))
    }

    /// Takes one rule. `all_channels` is `acl-pubsub-default`.
    ///
    /// # Errors
    /// Why it makes no sense; the user is as before then.
    pub fn apply(&mut self, rule: &[u8], all_channels: bool) -> Result<(), Problem> {
        let rest = rule.get(1..).unwrap_or_default();
        match rule.to_ascii_lowercase().as_slice() {
            b"" => {}
            b"on" => self.enabled = true,
            b"off" => self.enabled = false,
            b"nopass" => self.set_no_password(true),
            b"resetpass" => self.set_no_password(false),
            b"skip-sanitize-payload" => self.skip_sanitize = true,
            b"sanitize-payload" => self.skip_sanitize = false,
            b"clearselectors" => self.selectors.clear(),
            b"reset" => {
                *self = Self::new(&self.name, all_channels);
            }
            [b'>', ..] => self.add_password(Digest::of(rest))?,
            [b'#', ..] => self.add_password(Digest::parse(rest).ok_or(Problem::BadDigest)?)?,
            [b'<', ..] => self.remove_password(Digest::of(rest))?,
            [b'!', ..] => self.remove_password(Digest::parse(rest).ok_or(Problem::BadDigest)?)?,
            [b'(', inner @ .., b')'] => {
                self.add_selector(rest.get(..inner.len()).unwrap_or_default(), all_channels)?;
            }
            _ => self.root.apply(rule)?,
        }
        let unrestricted = self.all_selectors().any(Selector::is_unrestricted);
        self.unrestricted = unrestricted;
        Ok(())
    }

    /// Whether the user may run this command line.
    ///
    /// # Errors
    /// Why not: the furthest that any selector got.
    pub fn check(&self, entry: &Entry, args: Args<'_>) -> Result<(), Denial> {
        let mut judged = Judged::new(entry, args);
        let mut denial = Denial { kind: DenialKind::Command, word: 0 };
        for selector in self.all_selectors() {
            match judged.by(selector) {
                Ok(()) => return Ok(()),
                Err(own) if (own.kind, own.word) > (denial.kind, denial.word) => denial = own,
                Err(_) => {}
            }
        }
        Err(denial)
    }

    /// Whether the user may run this command line with keys it does not name, to read them: what the
    /// patterns of SORT lead to.
    pub fn reads_every_key(&self, entry: &Entry, args: Args<'_>) -> bool {
        let mut judged = Judged::new(entry, args);
        self.all_selectors()
            .any(|selector| judged.by(selector).is_ok() && selector.reads_every_key())
    }

    /// Whether some selector allows a channel, or to subscribe to a pattern.
    pub fn allows_channel(&self, name: &[u8], is_pattern: bool) -> bool {
        self.all_selectors().any(|selector| selector.allows_channel(name, is_pattern))
    }

    /// Whether a user who was as `old` has lost no right to a channel by what was changed.
    pub fn keeps_channels_of(&self, old: &Self) -> bool {
        let keeps = |own: &Selector| {
            let mut patterns = own.channels().iter();
            !own.has_all_channels() && patterns.all(|pattern| self.allows_channel(pattern, true))
        };
        self.all_selectors().any(Selector::has_all_channels) || old.all_selectors().all(keeps)
    }

    /// The user as the words of a declaration, after `user` and the name.
    pub fn print(&self, out: &mut Vec<u8>) {
        for flag in self.flags() {
            out.extend_from_slice(flag.as_bytes());
            out.push(b' ');
        }
        for password in &self.passwords {
            out.push(b'#');
            password.print(out);
            out.push(b' ');
        }
        self.root.print(out);
        for selector in &self.selectors {
            out.extend_from_slice(b" (");
            selector.print(out);
            out.push(b')');
        }
    }

    fn set_no_password(&mut self, no_password: bool) {
        self.no_password = no_password;
        self.passwords.clear();
    }

    fn add_password(&mut self, digest: Digest) -> Result<(), Problem> {
        if !self.passwords.contains(&digest) {
            if self.passwords.len() == limits::ACL_RULES_MAX {
                return Err(Problem::TooMany);
            }
            self.passwords.push(digest);
        }
        self.no_password = false;
        Ok(())
    }

    fn remove_password(&mut self, digest: Digest) -> Result<(), Problem> {
        let found = self.passwords.iter().position(|own| *own == digest);
        self.passwords.remove(found.ok_or(Problem::NoSuchPassword)?);
        Ok(())
    }

    fn add_selector(&mut self, rules: &[u8], all_channels: bool) -> Result<(), Problem> {
        if self.selectors.len() == limits::ACL_SELECTORS_MAX {
            return Err(Problem::TooMany);
        }
        let mut selector = Selector::new(all_channels);
        // As in Redis, quotes that don't close leave nothing to apply.
        let rules = resp::split_words(rules).unwrap_or_default();
        rules.iter().try_for_each(|rule| selector.apply(rule))?;
        self.selectors.push(selector);
        Ok(())
    }
}
