//! What must hold of every command of the table, checked while the crate
//! compiles: an entry that contradicts itself is a compile error.

use super::spec::Arg;
use super::spec::ArgFlags;
use super::spec::ArgKind;
use super::spec::Command;
use super::spec::Flags;
use super::spec::KeyFlags;
use super::spec::KeySpec;
use super::spec::Rule;
use super::spec::Run;

/// Proves a list of commands of one level; `words` is how many words their names have.
pub const fn commands(commands: &[Command], words: usize) {
    let mut at = 0;
    while at < commands.len() {
        command(&commands[at], words);
        let mut other = at + 1;
        while other < commands.len() {
            assert!(!same(commands[at].name, commands[other].name), "two commands of one name");
            other += 1;
        }
        at += 1;
    }
}

/// Proves that no command of one family is in the other.
pub const fn disjoint(family: &[Command], other: &[Command]) {
    let mut at = 0;
    while at < family.len() {
        let mut index = 0;
        while index < other.len() {
            assert!(!same(family[at].name, other[index].name), "two commands of one name");
            index += 1;
        }
        at += 1;
    }
}

const fn command(command: &Command, words: usize) {
    assert!(is_lower_case(command.name), "a name is in lower case");
    assert!(!command.name.is_empty() && !command.summary.is_empty(), "name or summary missing");
    assert!(is_version(command.since), "since is no version");
    assert!(words == 1 || command.subcommands.is_empty(), "subcommands of a subcommand");
    let is_container = matches!(command.run, Run::Container);
    assert!(!is_container || !command.subcommands.is_empty(), "a container without subcommands");
    flags(command);
    arity(command, words);
    keys(command);
    commands(command.subcommands, words + 1);
}

const fn flags(command: &Command) {
    let writes = command.flags.has(Flags::WRITE);
    assert!(!writes || !command.flags.has(Flags::READONLY), "both write and readonly");
    assert!(writes || !command.flags.has(Flags::DENYOOM), "only writes can be refused for memory");
    let travels = !matches!(command.propagation, Rule::Never);
    let may_travel = writes || command.flags.has(Flags::MAY_REPLICATE);
    assert!(travels || !writes, "a write that never travels");
    assert!(may_travel || !travels, "no write, but it travels");
    assert!(!command.flags.has(Flags::MOVABLEKEYS), "movablekeys is derived");
}

/// The arguments say how many words there have to be at least, and whether there may be more.
const fn arity(command: &Command, words: usize) {
    let least = words + least_words(command.args);
    if !command.args.is_empty() {
        assert!(command.arity.unsigned_abs() as usize == least, "arity and arguments disagree");
    }
    let is_fixed = all_fixed(command.args);
    assert!(command.arity < 0 || is_fixed, "arity is fixed, the arguments are not");
    assert!(command.arity.unsigned_abs() as usize >= words, "arity without the name");
}

const fn least_words(args: &[Arg]) -> usize {
    let (mut words, mut at) = (0, 0);
    while at < args.len() {
        if !args[at].flags.has(ArgFlags::OPTIONAL) {
            words += words_of(&args[at]);
        }
        at += 1;
    }
    words
}

const fn words_of(arg: &Arg) -> usize {
    let token = if arg.token.is_some() { 1 } else { 0 };
    match arg.kind {
        ArgKind::PureToken => token,
        ArgKind::Block(parts) => token + least_words(parts),
        ArgKind::OneOf(choices) => {
            let (mut least, mut at) = (usize::MAX, 0);
            while at < choices.len() {
                let words = words_of(&choices[at]);
                least = if words < least { words } else { least };
                at += 1;
            }
            token + least
        }
        _ => token + 1,
    }
}

/// Whether the arguments are of one number of words only.
const fn all_fixed(args: &[Arg]) -> bool {
    let mut at = 0;
    while at < args.len() {
        let arg = &args[at];
        let varies = arg.flags.has(ArgFlags::OPTIONAL) || arg.flags.has(ArgFlags::MULTIPLE);
        let parts_fixed = match arg.kind {
            ArgKind::Block(parts) => all_fixed(parts),
            ArgKind::OneOf(choices) => all_equal(choices),
            _ => true,
        };
        if varies || !parts_fixed {
            return false;
        }
        at += 1;
    }
    true
}

const fn all_equal(choices: &[Arg]) -> bool {
    let mut at = 1;
    while at < choices.len() {
        if words_of(&choices[at]) != words_of(&choices[0]) {
            return false;
        }
        at += 1;
    }
    all_fixed(choices)
}

const fn keys(command: &Command) {
    let (mut at, mut varies) = (0, false);
    while at < command.keys.len() {
        key_spec(&command.keys[at]);
        varies = varies || command.keys[at].flags.has(KeyFlags::VARIABLE_FLAGS);
        at += 1;
    }
    assert!(!varies || command.find_keys.is_some(), "who knows the variable flags?");
    args(command.args, command.keys.len());
}

const fn key_spec(spec: &KeySpec) {
    let kinds = spec.flags.has(KeyFlags::RO) as u8
        + spec.flags.has(KeyFlags::RW) as u8
        + spec.flags.has(KeyFlags::OW) as u8
        + spec.flags.has(KeyFlags::RM) as u8;
    assert!(kinds == 1 || spec.flags.has(KeyFlags::NOT_KEY), "a key is RO, RW, OW or RM");
}

const fn args(list: &[Arg], specs: usize) {
    let mut at = 0;
    while at < list.len() {
        let arg = &list[at];
        assert!(is_lower_case(arg.name), "an argument's name is in lower case");
        if let Some(token) = arg.token {
            assert!(is_upper_case(token), "a token is in upper case");
        }
        match (arg.kind, arg.key_spec) {
            (ArgKind::Key | ArgKind::Pattern, Some(index)) => {
                assert!((index as usize) < specs, "no such key spec")
            }
            (ArgKind::Key, None) => panic!("a key argument without a spec"),
            (ArgKind::PureToken, _) => assert!(arg.token.is_some(), "a word without a token"),
            (ArgKind::Block(parts) | ArgKind::OneOf(parts), _) => {
                assert!(!parts.is_empty(), "a group of nothing");
                args(parts, specs);
            }
            (_, spec) => assert!(spec.is_none(), "a key spec for what is no key"),
        }
        at += 1;
    }
}

const fn same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len() != b.len() {
        return false;
    }
    let mut at = 0;
    while at < a.len() {
        if a[at] != b[at] {
            return false;
        }
        at += 1;
    }
    true
}

const fn is_lower_case(text: &str) -> bool {
    let (text, mut at) = (text.as_bytes(), 0);
    while at < text.len() {
        if text[at].is_ascii_uppercase() {
            return false;
        }
        at += 1;
    }
    true
}

const fn is_upper_case(text: &str) -> bool {
    let (text, mut at) = (text.as_bytes(), 0);
    while at < text.len() {
        if text[at].is_ascii_lowercase() {
            return false;
        }
        at += 1;
    }
    true
}

/// Whether the text is `major.minor.patch`.
const fn is_version(text: &str) -> bool {
    let (text, mut at, mut dots) = (text.as_bytes(), 0, 0);
    while at < text.len() {
        match text[at] {
            b'.' => dots += 1,
            b'0'..=b'9' => {}
            _ => return false,
        }
        at += 1;
    }
    dots == 2
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::spec::NodeCommand;

    const GOOD: Command =
        Command { name: "x", summary: "Does.", run: Run::Node(NodeCommand::Ping), ..Command::BASE };

    /// Whether the proof refuses the commands. It panics, as it does at compile time.
    fn is_refused(bad: &'static [Command]) -> bool {
        std::panic::catch_unwind(|| commands(bad, 1)).is_err()
    }

    const KEY: &[Arg] = &[Arg::key("key")];
    const OPTION: &[Arg] = &[Arg::word("now", "NOW").optional()];
    const READ: &[KeySpec] = &[KeySpec::at(1, KeyFlags::READ)];
    const OF_NO_KIND: &[KeySpec] = &[KeySpec::at(1, KeyFlags::ACCESS)];

    const BAD: &[Command] = &[
        Command { name: "X", ..GOOD },
        Command { summary: "", ..GOOD },
        Command { since: "1.0", ..GOOD },
        Command { run: Run::Container, ..GOOD },
        Command { arity: 0, ..GOOD },
        Command { flags: Flags::WRITE, ..GOOD },
        Command { propagation: Rule::Verbatim, ..GOOD },
        Command { flags: Flags::DENYOOM, ..GOOD },
        Command { flags: Flags::MOVABLEKEYS, ..GOOD },
        Command { args: KEY, arity: 2, ..GOOD },
        Command { args: KEY, keys: READ, arity: 3, ..GOOD },
        Command { args: KEY, keys: OF_NO_KIND, arity: 2, ..GOOD },
        Command { args: OPTION, arity: 1, ..GOOD },
        Command { args: &[Arg::word("now", "now")], arity: 2, ..GOOD },
        Command { args: &[Arg::block("none", &[])], arity: 1, ..GOOD },
        Command { subcommands: &[GOOD], ..GOOD },
    ];

    #[test]
    fn refuses_entries_that_contradict_themselves() {
        for bad in BAD {
            assert!(is_refused(std::slice::from_ref(bad)));
        }
        assert!(is_refused(&[GOOD, GOOD]));
        assert!(!is_refused(&[GOOD]));
        assert!(!is_refused(&[Command { args: KEY, keys: READ, arity: 2, ..GOOD }]));
        assert!(!is_refused(&[Command { args: OPTION, arity: -1, ..GOOD }]));
    }
}
