//! May this user run this command line? The keys are found by the command's key specs, the channels by
//! its name.

use std::ops::Range;

use super::selector::Selector;
use crate::command::key_search;
use crate::command::spec::Flags;
use crate::command::spec::KeyPlace;
use crate::command::table::Entry;
use crate::resp::Args;

/// Why a command line is not allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Denial {
    pub kind: DenialKind,
    /// The word that is the key or channel.
    pub word: usize,
}

/// In the order in which they hide each other: of several selectors that all deny, the one that denies
/// the latest says why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DenialKind {
    Command,
    Key,
    /// No command's: somebody could not authenticate.
    Auth,
    Channel,
}

impl DenialKind {
    pub const ALL: [Self; 4] = [Self::Auth, Self::Command, Self::Key, Self::Channel];

    /// As ACL LOG names the reason.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Command => "command",
            Self::Key => "key",
            Self::Auth => "auth",
            Self::Channel => "channel",
        }
    }
}

/// A command line to be judged; its keys are looked for at most once.
pub struct Judged<'a> {
    entry: &'a Entry,
    args: Args<'a>,
    keys: Option<Vec<KeyPlace>>,
}

impl<'a> Judged<'a> {
    pub fn new(entry: &'a Entry, args: Args<'a>) -> Self {
        Self { entry, args, keys: None }
    }

    /// Asks one selector.
    pub fn by(&mut self, selector: &Selector) -> Result<(), Denial> {
        if !selector.commands.check(self.entry, self.args) {
            return Err(Denial { kind: DenialKind::Command, word: 0 });
        }
        if !selector.has_all_keys() && key_search::has_keys(self.entry.command) {
            self.keys_by(selector)?;
        }
        if !selector.has_all_channels() && self.entry.command.flags.has(Flags::PUBSUB) {
            self.channels_by(selector)?;
        }
        Ok(())
    }

    fn keys_by(&mut self, selector: &Selector) -> Result<(), Denial> {
        let Self { entry, args, keys } = self;
        let find = || key_search::find_keys(entry.command, *args).unwrap_or_default();
        let keys = keys.get_or_insert_with(find);
        let denied = keys.iter().find(|key| !selector.allows_key(args.at(key.word), key.flags));
        match denied {
            Some(key) => Err(Denial { kind: DenialKind::Key, word: key.word }),
            None => Ok(()),
        }
    }

    fn channels_by(&self, selector: &Selector) -> Result<(), Denial> {
        let Some((mut words, is_pattern)) = channels(self.entry, self.args) else { return Ok(()) };
        match words.find(|word| !selector.allows_channel(self.args.at(*word), is_pattern)) {
            Some(word) => Err(Denial { kind: DenialKind::Channel, word }),
            None => Ok(()),
        }
    }
}

/// The words that are channels a command publishes to or subscribes to, and whether they are patterns.
/// To leave a channel nobody needs to be allowed.
fn channels(entry: &Entry, args: Args<'_>) -> Option<(Range<usize>, bool)> {
    match entry.command.name {
        "publish" | "spublish" if entry.container.is_none() => Some((1..2, false)),
        "subscribe" | "ssubscribe" => Some((1..args.len(), false)),
        "psubscribe" => Some((1..args.len(), true)),
        _ => None,
    }
}
