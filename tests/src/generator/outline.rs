//! The outline of a request: which parts of a command's syntax it has, before any value is chosen.
//!
//! The argument tree is walked once. Each argument has a place: its number in the tree, read from
//! the front, twice; the odd place after it stands for "more than once". Places are what coverage
//! counts.

use redarium_core::command::spec::Arg;
use redarium_core::command::spec::ArgFlags;
use redarium_core::command::spec::ArgKind;

use super::dice::Dice;
use super::subject::Subject;

/// A word to be.
#[derive(Clone, Copy)]
pub enum Slot {
    Token(&'static str),
    Value(&'static Arg),
}

/// The words to be and the places of the syntax they stand for.
#[derive(Default)]
pub struct Outline {
    pub slots: Vec<Slot>,
    pub places: Vec<usize>,
}

impl Outline {
    /// An outline that the syntax allows, as far as it can tell.
    pub fn of(subject: &Subject, dice: &mut Dice) -> Self {
        let optional_percent = *dice.pick(&[0, 25, 50, 50, 80]);
        let mut walk =
            Walk { subject, dice, optional_percent, keys: None, outline: Self::default() };
        walk.siblings(subject.command.args, 0);
        walk.outline
    }

    pub fn has_token(&self, token: &str) -> bool {
        self.slots.iter().any(|slot| matches!(slot, Slot::Token(has) if *has == token))
    }

    /// How many values named as the next one follow the slot at `at` before another token.
    pub fn counted_after(&self, at: usize) -> usize {
        let values = self.slots[at + 1..].iter().map_while(|slot| match slot {
            Slot::Token(_) => None,
            Slot::Value(arg) => Some(arg.name),
        });
        let names: Vec<&str> = values.collect();
        names.iter().filter(|name| Some(*name) == names.first()).count()
    }
}

/// The number of places of a syntax.
pub fn places(args: &[Arg]) -> usize {
    args.iter().map(|arg| 2 + places(arg.kind.parts())).sum()
}

/// Every place of a command's syntax that a server can reach, with a name for it.
pub fn named_places(subject: &Subject) -> Vec<(usize, String)> {
    let mut named = Vec::new();
    name_places(subject, subject.command.args, 0, &subject.name, &mut named);
    named
}

fn name_places(
    subject: &Subject,
    args: &[Arg],
    mut place: usize,
    path: &str,
    named: &mut Vec<(usize, String)>,
) {
    for arg in args {
        let path = format!("{path} {}", arg.token.unwrap_or(arg.name));
        if subject.knows(arg) {
            named.push((place, path.clone()));
            if repeats(arg) {
                named.push((place + 1, format!("{path}...")));
            }
            name_places(subject, arg.kind.parts(), place + 2, &path, named);
        }
        place += 2 + places(arg.kind.parts());
    }
}

fn repeats(arg: &Arg) -> bool {
    arg.flags.has(ArgFlags::MULTIPLE) || arg.flags.has(ArgFlags::MULTIPLE_TOKEN)
}

struct Walk<'a> {
    subject: &'a Subject,
    dice: &'a mut Dice,
    optional_percent: usize,
    /// How many keys there are, once that is known: weights come one for each.
    keys: Option<usize>,
    outline: Outline,
}

impl Walk<'_> {
    fn siblings(&mut self, args: &'static [Arg], mut place: usize) {
        for arg in args {
            let absent =
                arg.flags.has(ArgFlags::OPTIONAL) && !self.dice.chance(self.optional_percent);
            if self.subject.knows(arg) && !absent {
                self.arg(arg, place);
            }
            place += 2 + places(arg.kind.parts());
        }
    }

    fn arg(&mut self, arg: &'static Arg, place: usize) {
        let times = if repeats(arg) { self.times(arg) } else { 1 };
        self.outline.places.push(place);
        if times > 1 {
            self.outline.places.push(place + 1);
        }
        for turn in 0..times {
            if let Some(token) = arg.token
                && (turn == 0 || arg.flags.has(ArgFlags::MULTIPLE_TOKEN))
            {
                self.outline.slots.push(Slot::Token(token));
            }
            self.body(arg, place + 2);
        }
    }

    fn body(&mut self, arg: &'static Arg, place: usize) {
        match arg.kind {
            ArgKind::PureToken => {}
            ArgKind::Block(parts) => self.siblings(parts, place),
            ArgKind::OneOf(parts) => {
                let known: Vec<usize> =
                    (0..parts.len()).filter(|at| self.subject.knows(&parts[*at])).collect();
                let chosen = *self.dice.pick(&known);
                self.arg(&parts[chosen], place + places(&parts[..chosen]));
            }
            _ => self.outline.slots.push(Slot::Value(arg)),
        }
    }

    fn times(&mut self, arg: &Arg) -> usize {
        let is_per_key =
            arg.name == "weight" || (arg.name == "id" && self.subject.name.starts_with("xread"));
        if let (Some(keys), true) = (self.keys, is_per_key) {
            return keys;
        }
        let most = *self.dice.pick(&[1, 2, 3, 3, 5, 12]);
        let times = 1 + self.dice.below(most);
        match arg.kind {
            ArgKind::Key => *self.keys.insert(times.min(4)),
            _ => times,
        }
    }
}
