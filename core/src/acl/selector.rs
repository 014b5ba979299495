//! A selector: commands, and the keys and channels they may be used with.

use super::commands::Commands;
use super::rule::Problem;
use super::words::has_spaces;
use crate::command::spec::KeyFlags;
use crate::data::glob;
use crate::limits;

#[derive(Clone, Debug)]
pub struct Selector {
    pub commands: Commands,
    all_keys: bool,
    keys: Vec<KeyPattern>,
    all_channels: bool,
    channels: Vec<Box<[u8]>>,
}

/// What may be done with a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Access {
    read: bool,
    write: bool,
}

#[derive(Clone, Debug)]
struct KeyPattern {
    access: Access,
    pattern: Box<[u8]>,
}

impl Selector {
    /// Nothing is allowed, except all channels where `acl-pubsub-default` says so.
    pub fn new(all_channels: bool) -> Self {
        Self {
            commands: Commands::none(),
            all_keys: false,
            keys: Vec::new(),
            all_channels,
            channels: Vec::new(),
        }
    }

    /// Takes one rule.
    pub fn apply(&mut self, rule: &[u8]) -> Result<(), Problem> {
        match rule.to_ascii_lowercase().as_slice() {
            b"allkeys" | b"~*" => self.set_all_keys(true),
            b"resetkeys" => self.set_all_keys(false),
            b"allchannels" | b"&*" => self.set_all_channels(true),
            b"resetchannels" => self.set_all_channels(false),
            b"allcommands" | b"+@all" => self.commands.set_all(true),
            b"nocommands" | b"-@all" => self.commands.set_all(false),
            _ => return self.apply_named(rule),
        }
        Ok(())
    }

    pub fn has_all_keys(&self) -> bool {
        self.all_keys
    }

    pub fn has_all_channels(&self) -> bool {
        self.all_channels
    }

    /// Whether everything is allowed.
    pub fn is_unrestricted(&self) -> bool {
        self.commands.is_all() && self.all_keys && self.all_channels
    }

    /// Whether any key whatever may be read.
    pub fn reads_every_key(&self) -> bool {
        self.all_keys || self.keys.iter().any(|key| key.access.read && &key.pattern[..] == b"*")
    }

    /// Whether a command may do with this key what its key spec says.
    pub fn allows_key(&self, key: &[u8], flags: KeyFlags) -> bool {
        let needs = Access::of(flags);
        self.all_keys
            || self
                .keys
                .iter()
                .any(|own| own.access.covers(needs) && glob::matches(&own.pattern, key))
    }

    /// Whether a channel may be used. A pattern to subscribe to has to be one of ours, letter by letter.
    pub fn allows_channel(&self, channel: &[u8], is_pattern: bool) -> bool {
        self.all_channels
            || self.channels.iter().any(|own| match is_pattern {
                true => &own[..] == channel,
                false => glob::matches(own, channel),
            })
    }

    /// The patterns of the channels that are allowed, unless all are.
    pub fn channels(&self) -> &[Box<[u8]>] {
        &self.channels
    }

    /// `~a %R~b`, as GETUSER shows them.
    pub fn print_keys(&self, out: &mut Vec<u8>) {
        if self.all_keys {
            return out.extend_from_slice(b"~*");
        }
        for (index, KeyPattern { access, pattern }) in self.keys.iter().enumerate() {
            if index > 0 {
                out.push(b' ');
            }
            out.extend_from_slice(access.sign());
            out.extend_from_slice(pattern);
        }
    }

    /// `&a &b`, as GETUSER shows them.
    pub fn print_channels(&self, out: &mut Vec<u8>) {
        if self.all_channels {
            return out.extend_from_slice(b"&*");
        }
        for (index, pattern) in self.channels.iter().enumerate() {
            if index > 0 {
                out.push(b' ');
            }
            out.push(b'&');
            out.extend_from_slice(pattern);
        }
    }

    /// The words that make this selector, whatever the settings are then.
    pub fn print(&self, out: &mut Vec<u8>) {
        let start = out.len();
        self.print_keys(out);
        if out.len() > start {
            out.push(b' ');
        }
        if !self.all_channels {
            out.extend_from_slice(b"resetchannels ");
        }
        let start = out.len();
        self.print_channels(out);
        if out.len() > start {
            out.push(b' ');
        }
        self.commands.print(out);
    }

    fn apply_named(&mut self, rule: &[u8]) -> Result<(), Problem> {
        let rest = rule.get(1..).unwrap_or_default();
        match rule.first() {
            Some(b'~') => self.add_key(Access::ALL, rest),
            Some(b'%') => {
                let (access, pattern) = parse_access(rest).ok_or(Problem::Syntax)?;
                self.add_key(access, pattern)
            }
            Some(b'&') => self.add_channel(rest),
            Some(sign @ (b'+' | b'-')) if rest.starts_with(b"@") => {
                self.commands.set_category(rest, *sign == b'+')
            }
            Some(b'+') => self.commands.allow(rest),
            Some(b'-') => self.commands.deny(rest),
            _ => Err(Problem::Syntax),
        }
    }

    fn set_all_keys(&mut self, all: bool) {
        self.all_keys = all;
        self.keys.clear();
    }

    fn set_all_channels(&mut self, all: bool) {
        self.all_channels = all;
        self.channels.clear();
    }

    fn add_key(&mut self, access: Access, pattern: &[u8]) -> Result<(), Problem> {
        if self.all_keys {
            return Err(Problem::KeysAreAll);
        }
        if has_spaces(pattern) {
            return Err(Problem::Syntax);
        }
        if let Some(known) = self.keys.iter_mut().find(|known| *known.pattern == *pattern) {
            known.access.read |= access.read;
            known.access.write |= access.write;
            return Ok(());
        }
        if self.keys.len() == limits::ACL_RULES_MAX {
            return Err(Problem::TooMany);
        }
        self.keys.push(KeyPattern { access, pattern: pattern.into() });
        Ok(())
    }

    fn add_channel(&mut self, pattern: &[u8]) -> Result<(), Problem> {
        if self.all_channels {
            return Err(Problem::ChannelsAreAll);
        }
        if has_spaces(pattern) {
            return Err(Problem::Syntax);
        }
        if self.channels.iter().any(|known| **known == *pattern) {
            return Ok(());
        }
        if self.channels.len() == limits::ACL_RULES_MAX {
            return Err(Problem::TooMany);
        }
        self.channels.push(pattern.into());
        Ok(())
    }
}

impl Access {
    const ALL: Self = Self { read: true, write: true };

    /// What a key spec asks for.
    fn of(flags: KeyFlags) -> Self {
        const WRITES: [KeyFlags; 3] = [KeyFlags::INSERT, KeyFlags::DELETE, KeyFlags::UPDATE];
        Self {
            read: flags.has(KeyFlags::ACCESS),
            write: WRITES.into_iter().any(|write| flags.has(write)),
        }
    }

    fn covers(self, needs: Self) -> bool {
        (self.read || !needs.read) && (self.write || !needs.write)
    }

    fn sign(self) -> &'static [u8] {
        match self {
            Self { read: true, write: true } => b"~",
            Self { read: true, write: false } => b"%R~",
            // One without any access is never made.
            Self { read: false, .. } => b"%W~",
        }
    }
}

/// What stands between `%` and the pattern, and the pattern. Redis takes it without a `~` too: then the
/// pattern is empty.
fn parse_access(text: &[u8]) -> Option<(Access, &[u8])> {
    let mut access = Access { read: false, write: false };
    let mut rest = text;
    while let Some((letter, after)) = rest.split_first() {
        rest = after;
        match letter {
            b'r' | b'R' if !access.read => access.read = true,
            b'w' | b'W' if !access.write => access.write = true,
            b'~' => break,
            _ => return None,
        }
    }
    (access.read || access.write).then_some((access, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(rules: &str) -> Result<Selector, Problem> {
        let mut selector = Selector::new(false);
        rules.split_terminator(' ').try_for_each(|rule| selector.apply(rule.as_bytes()))?;
        Ok(selector)
    }

    #[test]
    fn prints_what_it_was_made_of() {
        for (rules, printed) in [
            ("", "resetchannels -@all"),
            ("~a %R~b %w~c &x &y &x", "~a %R~b %W~c resetchannels &x &y -@all"),
            ("%R~a %W~a %wR~b", "~a ~b resetchannels -@all"),
            ("~a allkeys &x allchannels +@all", "~* &* +@all"),
            ("~* resetkeys ~a &* RESETCHANNELS", "~a resetchannels -@all"),
            ("%RW", "~ resetchannels -@all"),
            ("+@all nocommands +get", "resetchannels -@all +get"),
        ] {
            let mut text = Vec::new();
            made(rules).unwrap().print(&mut text);
            assert_eq!(String::from_utf8_lossy(&text), printed, "{rules}");
        }
    }

    #[test]
    fn refuses_what_makes_no_sense() {
        for (rules, problem) in [
            ("~* ~a", Problem::KeysAreAll),
            ("allkeys %R~a", Problem::KeysAreAll),
            ("&* &a", Problem::ChannelsAreAll),
            ("%X~a", Problem::Syntax),
            ("%RR~a", Problem::Syntax),
            ("%~a", Problem::Syntax),
            ("%", Problem::Syntax),
            ("~a\tb", Problem::Syntax),
            ("&a\0b", Problem::Syntax),
            ("what", Problem::Syntax),
        ] {
            assert_eq!(made(rules).err(), Some(problem), "{rules}");
        }
    }

    #[test]
    fn keys_are_allowed_by_what_is_done_with_them() {
        let selector = made("~rw:* %R~r:* %W~w:* &news:*").unwrap();
        for (key, flags, expect) in [
            ("rw:1", KeyFlags::MODIFY, true),
            ("r:1", KeyFlags::READ, true),
            ("r:1", KeyFlags::MODIFY, false),
            ("w:1", KeyFlags::OVERWRITE, true),
            ("w:1", KeyFlags::CREATE, true),
            ("w:1", KeyFlags::RM.with(KeyFlags::DELETE), true),
            ("w:1", KeyFlags::READ, false),
            // Neither read nor changed: the key has to match a pattern all the same.
            ("r:1", KeyFlags::RO, true),
            ("other", KeyFlags::RO, false),
        ] {
            assert_eq!(selector.allows_key(key.as_bytes(), flags), expect, "{key} {flags:?}");
        }
        for (channel, is_pattern, expect) in [
            ("news:a", false, true),
            ("news:*", true, true),
            ("news:a*", true, false),
            ("x", false, false),
        ] {
            assert_eq!(
                selector.allows_channel(channel.as_bytes(), is_pattern),
                expect,
                "{channel}"
            );
        }
    }

    #[test]
    fn reading_every_key_takes_a_star() {
        for (rules, expect) in
            [("~*", true), ("%R~*", true), ("%W~*", false), ("~a*", false), ("%W~* %R~*", true)]
        {
            assert_eq!(made(rules).unwrap().reads_every_key(), expect, "{rules}");
        }
    }

    #[test]
    fn patterns_are_bounded() {
        let mut selector = Selector::new(false);
        for number in 0..limits::ACL_RULES_MAX {
            assert_eq!(selector.apply(format!("~{number}").as_bytes()), Ok(()));
            assert_eq!(selector.apply(format!("&{number}").as_bytes()), Ok(()));
        }
        assert_eq!(selector.apply(b"~x"), Err(Problem::TooMany));
        assert_eq!(selector.apply(b"&x"), Err(Problem::TooMany));
    }
}
