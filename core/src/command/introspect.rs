//! COMMAND: the server's account of its own commands, read from the table.

use super::Context;
use super::Outcome;
use super::docs;
use super::help;
use super::key_search;
use super::key_search::LegacyRange;
use super::spec::Arg;
use super::spec::BeginSearch;
use super::spec::Categories;
use super::spec::Command;
use super::spec::FindKeys;
use super::spec::Flags;
use super::spec::Group;
use super::spec::KeyPlace;
use super::spec::KeySpec;
use super::spec::Run;
use super::table;
use super::table::Entry;
use crate::data::glob;
use crate::error;
use crate::error::CommandError;
use crate::resp::Args;
use crate::resp::Reply;

pub const COMMANDS: &[Command] = &[Command {
    name: "command",
    since: "2.8.13",
    summary: "Describes every command, in the form clients read.",
    complexity: "O(N) for N commands in the server",
    arity: -1,
    flags: Flags::LOADING.with(Flags::STALE),
    tips: &["nondeterministic_output_order"],
    subcommands: COMMAND_SUBCOMMANDS,
    run: Run::Data(command_all),
    ..BASE
}];

const COMMAND_SUBCOMMANDS: &[Command] = &[
    Command {
        name: "count",
        since: "2.8.13",
        summary: "Counts the commands.",
        arity: 2,
        flags: Flags::LOADING.with(Flags::STALE),
        run: Run::Data(command_count),
        ..BASE
    },
    Command {
        name: "docs",
        since: "7.0.0",
        summary: "Documents commands: syntax, history, cost.",
        complexity: "O(N) for N commands named",
        arity: -2,
        flags: Flags::LOADING.with(Flags::STALE),
        args: &[Arg::string("command-name").optional().multiple()],
        tips: &["nondeterministic_output_order"],
        run: Run::Data(command_docs),
        ..BASE
    },
    Command {
        name: "info",
        since: "2.8.13",
        summary: "Describes the commands named, in the form clients read.",
        complexity: "O(N) for N commands named",
        arity: -2,
        flags: Flags::LOADING.with(Flags::STALE),
        args: &[Arg::string("command-name").optional().multiple()],
        tips: &["nondeterministic_output_order"],
        history: &[("7.0.0", "Without a name it describes every command.")],
        run: Run::Data(command_info),
        ..BASE
    },
    Command {
        name: "list",
        since: "7.0.0",
        summary: "Lists the names of commands, all or filtered.",
        complexity: "O(N) for N commands in the server",
        arity: -2,
        flags: Flags::LOADING.with(Flags::STALE),
        args: &[Arg::one_of(
            "filterby",
            &[
                Arg::string("module-name").token("MODULE"),
                Arg::string("category").token("ACLCAT"),
                Arg::pattern("pattern").token("PATTERN"),
            ],
        )
        .token("FILTERBY")
        .optional()],
        tips: &["nondeterministic_output_order"],
        run: Run::Data(command_list),
        ..BASE
    },
    Command {
        name: "getkeys",
        since: "2.8.13",
        summary: "Finds the keys in a full command line.",
        complexity: "O(N) for N words in the command line",
        arity: -3,
        flags: Flags::LOADING.with(Flags::STALE),
        args: &[Arg::string("command"), Arg::string("arg").optional().multiple()],
        run: Run::Data(command_getkeys),
        ..BASE
    },
    Command {
        name: "getkeysandflags",
        since: "7.0.0",
        summary: "Finds the keys in a full command line and what happens to each.",
        complexity: "O(N) for N words in the command line",
        arity: -3,
        flags: Flags::LOADING.with(Flags::STALE),
        args: &[Arg::string("command"), Arg::string("arg").optional().multiple()],
        run: Run::Data(command_getkeysandflags),
        ..BASE
    },
    Command {
        name: "help",
        since: "5.0.0",
        summary: "Lists the subcommands of COMMAND.",
        arity: 2,
        flags: Flags::LOADING.with(Flags::STALE),
        run: Run::Data(command_help),
        ..BASE
    },
];

const BASE: Command =
    Command { group: Group::Server, categories: Categories::CONNECTION, ..Command::BASE };

fn command_all(ctx: &mut Context<'_>, _args: Args<'_>) -> Outcome {
    ctx.reply.array(table::commands().len());
    for entry in table::commands() {
        write_info(&mut ctx.reply, entry);
    }
    Ok(())
}

fn command_count(ctx: &mut Context<'_>, _args: Args<'_>) -> Outcome {
    ctx.reply.count(table::commands().len());
    Ok(())
}

fn command_info(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let names = args.from(2);
    if names.is_empty() {
        return command_all(ctx, args);
    }
    ctx.reply.array(names.len());
    for name in names.iter() {
        match table::find(name) {
            Some(entry) => write_info(&mut ctx.reply, entry),
            None => ctx.reply.null(),
        }
    }
    Ok(())
}

fn command_docs(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let names = args.from(2);
    let entries: Vec<&Entry> = match names.is_empty() {
        true => table::commands().iter().collect(),
        false => names.iter().filter_map(table::find).collect(),
    };
    ctx.reply.map(entries.len());
    for entry in entries {
        docs::write(&mut ctx.reply, entry);
    }
    Ok(())
}

fn command_list(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let filter = Filter::parse(args.from(2))?;
    let listed = table::entries().iter().map(|entry| (entry.full_name().to_string(), entry));
    let names: Vec<String> =
        listed.filter(|(name, entry)| filter.passes(name, entry)).map(|(name, _)| name).collect();
    ctx.reply.array(names.len());
    for name in names {
        ctx.reply.bulk(name.as_bytes());
    }
    Ok(())
}

/// What COMMAND LIST lists.
enum Filter<'a> {
    All,
    /// Of a module, of which there are none.
    Module,
    Category(&'a [u8]),
    Pattern(&'a [u8]),
}

impl<'a> Filter<'a> {
    fn parse(args: Args<'a>) -> Result<Self, CommandError> {
        match args.len() {
            0 => Ok(Self::All),
            3 if !args.is(0, "FILTERBY") => Err(error::SYNTAX),
            3 if args.is(1, "MODULE") => Ok(Self::Module),
            3 if args.is(1, "ACLCAT") => Ok(Self::Category(args.at(2))),
            3 if args.is(1, "PATTERN") => Ok(Self::Pattern(args.at(2))),
            _ => Err(error::SYNTAX),
        }
    }

    fn passes(&self, name: &str, entry: &Entry) -> bool {
        match self {
            Self::All => true,
            Self::Module => false,
            Self::Category(wanted) => {
                let mut names = entry.command.all_categories().names();
                names.any(|category| wanted.eq_ignore_ascii_case(category.as_bytes()))
            }
            Self::Pattern(pattern) => glob::matches_ignoring_case(pattern, name.as_bytes()),
        }
    }
}

fn command_getkeys(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let line = args.from(2);
    let places = key_places(line)?;
    ctx.reply.array(places.len());
    for place in places {
        ctx.reply.bulk(line.at(place.word));
    }
    Ok(())
}

fn command_getkeysandflags(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let line = args.from(2);
    let places = key_places(line)?;
    ctx.reply.array(places.len());
    for place in places {
        ctx.reply.array(2);
        ctx.reply.bulk(line.at(place.word));
        write_names(&mut ctx.reply, place.flags.names());
    }
    Ok(())
}

/// The keys in a whole command line.
fn key_places(line: Args<'_>) -> Result<Vec<KeyPlace>, CommandError> {
    let command = table::lookup_line(line).ok_or(error::GETKEYS_NO_COMMAND)?.command;
    if !key_search::has_keys(command) {
        return Err(error::GETKEYS_NO_KEYS);
    }
    if !command.accepts(line.len()) {
        return Err(error::GETKEYS_ARITY);
    }
    let places = key_search::find_keys(command, line).unwrap_or_default();
    if places.is_empty() && !command.flags.has(Flags::NO_MANDATORY_KEYS) {
        return Err(error::GETKEYS_ARGUMENTS);
    }
    Ok(places)
}

/// The ten facts of COMMAND INFO.
fn write_info(reply: &mut Reply<'_>, entry: &Entry) {
    let command = entry.command;
    let range = LegacyRange::of(command.keys);
    let movable = if range.movable { Flags::MOVABLEKEYS } else { Flags::NONE };
    reply.array(10);
    reply.bulk(entry.full_name().to_string().as_bytes());
    reply.integer(i64::from(command.arity));
    write_names(reply, command.flags.with(movable).without(Flags::HIDDEN).names());
    for number in [range.first, range.last, range.step] {
        reply.integer(i64::from(number));
    }
    let categories = command.all_categories();
    reply.set(categories.names().count());
    for category in categories.names() {
        reply.simple(&format!("@{category}"));
    }
    reply.set(command.tips.len());
    for tip in command.tips {
        reply.bulk(tip.as_bytes());
    }
    reply.set(command.keys.len());
    for spec in command.keys {
        write_key_spec(reply, spec);
    }
    if entry.subcommands().is_empty() {
        return reply.set(0);
    }
    reply.array(entry.subcommands().len());
    for subcommand in entry.subcommands() {
        write_info(reply, subcommand);
    }
}

fn write_key_spec(reply: &mut Reply<'_>, spec: &KeySpec) {
    reply.map(3 + usize::from(spec.notes.is_some()));
    if let Some(notes) = spec.notes {
        reply.bulk(b"notes");
        reply.bulk(notes.as_bytes());
    }
    reply.bulk(b"flags");
    write_names(reply, spec.flags.names());
    reply.bulk(b"begin_search");
    match spec.begin {
        BeginSearch::Index(index) => write_search(reply, "index", &[("index", index)]),
        BeginSearch::Unknown => write_search(reply, "unknown", &[]),
        BeginSearch::Keyword(keyword, from) => {
            write_search_head(reply, "keyword", 2);
            reply.bulk(b"keyword");
            reply.bulk(keyword.as_bytes());
            reply.bulk(b"startfrom");
            reply.integer(i64::from(from));
        }
    }
    reply.bulk(b"find_keys");
    match spec.find {
        FindKeys::Range { last, step, limit } => {
            write_search(reply, "range", &[("lastkey", last), ("keystep", step), ("limit", limit)]);
        }
        FindKeys::Numbered { number, first, step } => {
            let numbers = [("keynumidx", number), ("firstkey", first), ("keystep", step)];
            write_search(reply, "keynum", &numbers);
        }
        FindKeys::Unknown => write_search(reply, "unknown", &[]),
    }
}

fn write_search(reply: &mut Reply<'_>, kind: &str, numbers: &[(&str, i16)]) {
    write_search_head(reply, kind, numbers.len());
    for (name, number) in numbers {
        reply.bulk(name.as_bytes());
        reply.integer(i64::from(*number));
    }
}

fn write_search_head(reply: &mut Reply<'_>, kind: &str, pairs: usize) {
    reply.map(2);
    reply.bulk(b"type");
    reply.bulk(kind.as_bytes());
    reply.bulk(b"spec");
    reply.map(pairs);
}

fn write_names(reply: &mut Reply<'_>, names: impl Iterator<Item = &'static str> + Clone) {
    reply.set(names.clone().count());
    names.for_each(|name| reply.simple(name));
}

fn command_help(ctx: &mut Context<'_>, _args: Args<'_>) -> Outcome {
    help::reply(ctx, "COMMAND", HELP);
    Ok(())
}

const HELP: help::Lines = &[
    ("(no subcommand)", &["The facts about every command, in the form clients read."]),
    ("COUNT", &["How many commands there are."]),
    ("LIST", &["The names of all commands."]),
    ("INFO [<command-name> ...]", &["The facts about the commands named, or about all."]),
    (
        "DOCS [<command-name> ...]",
        &["What the commands named, or all, do and how they are spelled."],
    ),
    ("GETKEYS <full-command>", &["The keys in a whole command line."]),
    (
        "GETKEYSANDFLAGS <full-command>",
        &["The keys in a whole command line and what is done to each."],
    ),
];

#[cfg(test)]
mod tests {
    use crate::command::testing::Bench;
    use crate::command::testing::check;
    use crate::resp::Protocol;

    #[test]
    fn info_tells_ten_facts() {
        check(
            r#"
            > COMMAND INFO get nope config|help
            [["get", 2, [readonly, fast], 1, 1, 1, [@read, @string, @fast], [], [["flags", [RO, access], "begin_search", ["type", "index", "spec", ["index", 1]], "find_keys", ["type", "range", "spec", ["lastkey", 0, "keystep", 1, "limit", 0]]]], []], nil, ["config|help", 2, [loading, stale], 0, 0, 0, [@slow], [], [], []]]
            > COMMAND INFO nope|help config|nope
            [nil, nil]
            "#,
        );
    }

    #[test]
    fn docs_are_a_tree_of_maps() {
        let mut bench = Bench::new();
        bench.protocol = Protocol::Resp3;
        bench.check(
            r#"
            > COMMAND DOCS nope
            {}
            > COMMAND DOCS getex
            {"getex", {"summary", "Reads a string and changes when its key expires.", "since", "6.2.0", "group", "string", "complexity", "O(1)", "arguments", [{"name", "key", "type", "key", "display_text", "key", "key_spec_index", 0}, {"name", "expiration", "type", "oneof", "flags", ~[optional], "arguments", [{"name", "seconds", "type", "integer", "display_text", "seconds", "token", "EX"}, {"name", "milliseconds", "type", "integer", "display_text", "milliseconds", "token", "PX"}, {"name", "unix-time-seconds", "type", "unix-time", "display_text", "unix-time-seconds", "token", "EXAT"}, {"name", "unix-time-milliseconds", "type", "unix-time", "display_text", "unix-time-milliseconds", "token", "PXAT"}, {"name", "persist", "type", "pure-token", "display_text", "persist", "token", "PERSIST"}]}]}}
            "#,
        );
    }

    #[test]
    fn whole_replies_are_well_formed() {
        for protocol in [Protocol::Resp2, Protocol::Resp3] {
            let mut bench = Bench::new();
            bench.protocol = protocol;
            for line in ["COMMAND", "COMMAND INFO", "COMMAND DOCS", "COMMAND LIST", "COMMAND HELP"]
            {
                assert!(bench.run(line)[0].len() > 100, "{line}");
            }
        }
    }

    #[test]
    fn list_filters() {
        check(
            r#"
            > COMMAND LIST FILTERBY PATTERN Object|?r*
            ["object|freq"]
            > COMMAND LIST FILTERBY ACLCAT TRANSACTION
            ["multi", "exec", "discard", "watch", "unwatch"]
            > COMMAND LIST FILTERBY ACLCAT nope
            []
            > COMMAND LIST FILTERBY MODULE any
            []
            > COMMAND LIST FILTERBY
            (error) ERR syntax error
            > COMMAND LIST FILTERBY NAME x
            (error) ERR syntax error
            "#,
        );
    }

    #[test]
    fn getkeys_reads_a_command_line() {
        check(
            r#"
            > COMMAND GETKEYS mset a 1 b 2
            ["a", "b"]
            > COMMAND GETKEYS object encoding k
            ["k"]
            > COMMAND GETKEYSANDFLAGS copy a b
            [["a", [RO, access]], ["b", [OW, update]]]
            > COMMAND GETKEYSANDFLAGS set k v
            [["k", [OW, update]]]
            > COMMAND GETKEYSANDFLAGS set k v get
            [["k", [RW, access, update]]]
            > COMMAND GETKEYSANDFLAGS georadiusbymember k m 10 km
            [["k", [RO, access]]]
            > COMMAND GETKEYSANDFLAGS georadiusbymember k m 10 km STORE
            [["k", [RO, access]]]
            > COMMAND GETKEYSANDFLAGS georadius k 1 2 10 km STOREDIST a STOREDIST b
            [["k", [RO, access]], ["b", [OW, update]]]
            > COMMAND GETKEYS georadius k 1 2 10 km STORE a STOREDIST b
            ["k", "a", "b"]
            > COMMAND GETKEYS nope a
            (error) ERR Invalid command specified
            > COMMAND GETKEYS object nope
            (error) ERR Invalid command specified
            > COMMAND GETKEYS echo a
            (error) ERR The command has no key arguments
            > COMMAND GETKEYS get a b
            (error) ERR Invalid number of arguments specified for command
            "#,
        );
    }
}
