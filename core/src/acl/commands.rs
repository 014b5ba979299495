//! Which commands a selector allows: a bit a command, and the words that set them.
//!
//! The bits decide; the words are kept to be printed. A word about a command or category takes the
//! place of earlier ones about it or its subcommands, so the words stay few and their order true.

use crate::acl::rule::Problem;
use crate::command::spec::Categories;
use crate::command::spec::Flags;
use crate::command::table;
use crate::command::table::Entry;
use crate::limits;
use crate::resp::Args;

#[derive(Clone, Debug)]
pub struct Commands {
    /// By [`Entry::id`].
    bits: Vec<u64>,
    /// Every command, also those that are still to come: `+@all` and nothing taken away since.
    all: bool,
    /// The words begin with `+@all`, not with `-@all`.
    from_all: bool,
    words: Vec<Word>,
    /// A command that is not allowed, and a first argument with which it is nevertheless.
    first_args: Vec<(u16, Box<[u8]>)>,
}

/// `+get`, `-@write`, `+config|get`, without its sign and in lower case.
#[derive(Clone, Debug)]
struct Word {
    allow: bool,
    name: Box<[u8]>,
}

impl Commands {
    pub fn none() -> Self {
        Self {
            bits: vec![0; table::entries().len().div_ceil(64)],
            all: false,
            from_all: false,
            words: Vec::new(),
            first_args: Vec::new(),
        }
    }

    pub fn is_all(&self) -> bool {
        self.all
    }

    /// `+@all` or `-@all`.
    pub fn set_all(&mut self, allow: bool) {
        self.bits.fill(if allow { u64::MAX } else { 0 });
        self.all = allow;
        self.from_all = allow;
        self.words.clear();
        self.first_args.clear();
    }

    /// `+@name` or `-@name`; `name` has the `@`.
    pub fn set_category(&mut self, name: &[u8], allow: bool) -> Result<(), Problem> {
        let category =
            Categories::named(name.get(1..).unwrap_or_default()).ok_or(Problem::UnknownCommand)?;
        self.note(name, allow);
        for entry in table::entries().iter().filter(|e| e.command.all_categories().has(category)) {
            self.set(entry, allow);
        }
        Ok(())
    }

    /// `-name`, where `name` may be a subcommand's.
    pub fn deny(&mut self, name: &[u8]) -> Result<(), Problem> {
        self.set_named(name, false)
    }

    /// `+name`, where `name` may be a subcommand's, or a command and a first argument.
    pub fn allow(&mut self, name: &[u8]) -> Result<(), Problem> {
        let Some(bar) = name.iter().rposition(|byte| *byte == b'|') else {
            return self.set_named(name, true);
        };
        let (command, rest) = name.split_at_checked(bar).unwrap_or_default();
        let argument = rest.get(1..).unwrap_or_default();
        let entry = table::find(command).ok_or(Problem::UnknownCommand)?;
        if entry.container.is_some() {
            return Err(Problem::FirstArgOfSubcommand);
        }
        if argument.is_empty() {
            return Err(Problem::Syntax);
        }
        if !entry.command.subcommands.is_empty() {
            return self.set_named(name, true);
        }
        self.allow_first_arg(entry.id, argument)?;
        self.note(name, true);
        Ok(())
    }

    /// Whether the command may be run, its keys and channels aside.
    pub fn check(&self, entry: &Entry, args: Args<'_>) -> bool {
        self.all
            || self.has(entry.id)
            || entry.command.flags.has(Flags::NO_AUTH)
            || self.allows_first_arg(entry.id, args)
    }

    /// The words that make these commands out of none.
    pub fn print(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(if self.from_all { b"+@all" } else { b"-@all" });
        for Word { allow, name } in &self.words {
            out.extend_from_slice(if *allow { b" +" } else { b" -" });
            out.extend_from_slice(name);
        }
    }

    fn set_named(&mut self, name: &[u8], allow: bool) -> Result<(), Problem> {
        let entry = table::find(name).ok_or(Problem::UnknownCommand)?;
        self.set(entry, allow);
        self.note(entry.full_name().to_string().as_bytes(), allow);
        Ok(())
    }

    /// Sets the bits of a command and its subcommands.
    fn set(&mut self, entry: &Entry, allow: bool) {
        for entry in std::iter::once(entry).chain(entry.subcommands()) {
            let (word, bit) = place(entry.id);
            if let Some(word) = self.bits.get_mut(word) {
                *word = if allow { *word | bit } else { *word & !bit };
            }
            self.first_args.retain(|(id, _)| *id != entry.id);
        }
        self.all &= allow;
    }

    fn has(&self, id: u16) -> bool {
        let (word, bit) = place(id);
        self.bits.get(word).is_some_and(|word| word & bit != 0)
    }

    fn allow_first_arg(&mut self, id: u16, argument: &[u8]) -> Result<(), Problem> {
        let known =
            |(of, known): &(u16, Box<[u8]>)| *of == id && known.eq_ignore_ascii_case(argument);
        if self.first_args.iter().any(known) {
            return Ok(());
        }
        if self.first_args.len() == limits::ACL_RULES_MAX {
            return Err(Problem::TooMany);
        }
        self.first_args.push((id, argument.into()));
        Ok(())
    }

    #[cold]
    fn allows_first_arg(&self, id: u16, args: Args<'_>) -> bool {
        let Some(argument) = args.maybe(1) else { return false };
        self.first_args
            .iter()
            .any(|(of, allowed)| *of == id && allowed.eq_ignore_ascii_case(argument))
    }

    /// Keeps a word, which outdates those about the same name and the names below it.
    fn note(&mut self, name: &[u8], allow: bool) {
        let name = name.to_ascii_lowercase();
        self.words.retain(|word| {
            let rest = word.name.strip_prefix(name.as_slice());
            !rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(b"|"))
        });
        self.words.push(Word { allow, name: name.into() });
    }
}

fn place(id: u16) -> (usize, u64) {
    (usize::from(id / 64), 1 << (id % 64))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resp::OwnedArgs;

    fn made(rules: &str) -> Result<Commands, Problem> {
        let mut commands = Commands::none();
        for rule in rules.split(' ') {
            let (sign, name) = rule.split_at(1);
            match (sign, name) {
                (_, "@all") => commands.set_all(sign == "+"),
                (_, name) if name.starts_with('@') => {
                    commands.set_category(name.as_bytes(), sign == "+")?;
                }
                ("+", name) => commands.allow(name.as_bytes())?,
                (_, name) => commands.deny(name.as_bytes())?,
            }
        }
        Ok(commands)
    }

    fn allows(commands: &Commands, line: &str) -> bool {
        let args = OwnedArgs::from(line.split(' ').map(str::as_bytes));
        commands.check(table::lookup_line(args.args()).expect("a command"), args.args())
    }

    /// Rules, how they print, lines that are allowed, and lines that are not.
    #[test]
    fn later_words_take_the_place_of_earlier_ones() {
        for (rules, printed, allowed, denied) in [
            ("+get +SET", "-@all +get +set", "get set auth hello", "del"),
            ("+get +set -get", "-@all +set -get", "set", "get"),
            ("+@read -get +@READ", "-@all -get +@read", "get mget", "set"),
            ("+@all -get +get", "+@all +get", "get set", ""),
            ("-get +@all", "+@all", "get", ""),
            ("+config|get +config", "-@all +config", "config_set_a_b", "get"),
            ("+config -config|get", "-@all +config -config|get", "config_set_a_b", "config_get_a"),
            ("+config|get +config|set -config", "-@all -config", "", "config_get_a"),
            ("+SELECT|0 +select|1", "-@all +select|0 +select|1", "select_0 select_1", "select_2"),
            ("+select|0 +select", "-@all +select", "select_2", ""),
            ("+select|0 -select", "-@all -select", "", "select_0"),
            ("+select|0 -@connection", "-@all +select|0 -@connection", "", "select_0"),
            ("+@slow", "-@all +@slow", "config_get_a", "get"),
        ] {
            let commands = made(rules).unwrap();
            let mut text = Vec::new();
            commands.print(&mut text);
            assert_eq!(String::from_utf8_lossy(&text), printed, "{rules}");
            for line in allowed.split_terminator(' ') {
                assert!(allows(&commands, &line.replace('_', " ")), "{rules}: {line}");
            }
            for line in denied.split_terminator(' ') {
                assert!(!allows(&commands, &line.replace('_', " ")), "{rules}: {line}");
            }
        }
    }

    #[test]
    fn refuses_what_names_nothing() {
        for (rule, problem) in [
            ("+nope", Problem::UnknownCommand),
            ("-nope", Problem::UnknownCommand),
            ("+@nope", Problem::UnknownCommand),
            ("-get|x", Problem::UnknownCommand),
            ("+config|nope", Problem::UnknownCommand),
            ("+get|a|b", Problem::UnknownCommand),
            ("+config|get|x", Problem::FirstArgOfSubcommand),
            ("+get|", Problem::Syntax),
            ("+", Problem::UnknownCommand),
            ("+|", Problem::UnknownCommand),
        ] {
            assert_eq!(made(rule).err(), Some(problem), "{rule}");
        }
    }

    #[test]
    fn first_arguments_are_bounded() {
        let mut commands = Commands::none();
        for number in 0..limits::ACL_RULES_MAX {
            assert_eq!(commands.allow(format!("select|{number}").as_bytes()), Ok(()));
        }
        assert_eq!(commands.allow(b"select|0"), Ok(()));
        assert_eq!(commands.allow(b"select|x"), Err(Problem::TooMany));
    }
}
