//! COMMAND DOCS: what a command is for, its syntax as a tree, its history.
//!
//! Maps in RESP3, flat lists in RESP2. Keys that would have nothing to say are
//! left out, as Redis does.

use super::spec::Arg;
use super::spec::Command;
use super::table::Entry;
use crate::resp::Reply;

/// Writes a command's name and its documentation: one pair of a map.
pub fn write(reply: &mut Reply<'_>, entry: &Entry) {
    let command = entry.command;
    reply.bulk(entry.full_name().to_string().as_bytes());
    let complexity = text_of(command.complexity);
    let pairs = 3
        + usize::from(complexity.is_some())
        + usize::from(has_flags(command))
        + 2 * usize::from(command.deprecated.is_some())
        + usize::from(!command.history.is_empty())
        + usize::from(!command.args.is_empty())
        + usize::from(!entry.subcommands().is_empty());
    reply.map(pairs);
    write_pair(reply, "summary", command.summary);
    write_pair(reply, "since", command.since);
    write_pair(reply, "group", command.group.name());
    if let Some(complexity) = complexity {
        write_pair(reply, "complexity", complexity);
    }
    write_status(reply, command);
    write_history(reply, command.history);
    if !command.args.is_empty() {
        reply.bulk(b"arguments");
        write_args(reply, command.args);
    }
    if !entry.subcommands().is_empty() {
        reply.bulk(b"subcommands");
        reply.map(entry.subcommands().len());
        for subcommand in entry.subcommands() {
            write(reply, subcommand);
        }
    }
}

fn write_status(reply: &mut Reply<'_>, command: &Command) {
    if has_flags(command) {
        reply.bulk(b"doc_flags");
        reply.set(usize::from(command.deprecated.is_some()) + usize::from(command.system));
        if command.deprecated.is_some() {
            reply.simple("deprecated");
        }
        if command.system {
            reply.simple("syscmd");
        }
    }
    if let Some((since, replacement)) = command.deprecated {
        write_pair(reply, "deprecated_since", since);
        write_pair(reply, "replaced_by", replacement);
    }
}

fn write_history(reply: &mut Reply<'_>, history: &[(&str, &str)]) {
    if history.is_empty() {
        return;
    }
    reply.bulk(b"history");
    reply.set(history.len());
    for (version, change) in history {
        reply.array(2);
        reply.bulk(version.as_bytes());
        reply.bulk(change.as_bytes());
    }
}

fn write_args(reply: &mut Reply<'_>, args: &[Arg]) {
    reply.array(args.len());
    for arg in args {
        write_arg(reply, arg);
    }
}

/// Parts nest at most as deep as the table has them.
fn write_arg(reply: &mut Reply<'_>, arg: &Arg) {
    let parts = arg.kind.parts();
    let texts = [
        ("display_text", parts.is_empty().then(|| arg.display.unwrap_or(arg.name))),
        ("token", arg.token),
        ("since", arg.since),
        ("deprecated_since", arg.deprecated_since),
    ];
    let pairs = 2
        + texts.iter().filter(|(_, text)| text.is_some()).count()
        + usize::from(arg.key_spec.is_some())
        + usize::from(!arg.flags.is_empty())
        + usize::from(!parts.is_empty());
    reply.map(pairs);
    write_pair(reply, "name", arg.name);
    write_pair(reply, "type", arg.kind.name());
    for (key, text) in texts {
        if let Some(text) = text {
            write_pair(reply, key, text);
        }
        if let ("display_text", Some(index)) = (key, arg.key_spec) {
            reply.bulk(b"key_spec_index");
            reply.integer(i64::from(index));
        }
    }
    if !arg.flags.is_empty() {
        reply.bulk(b"flags");
        reply.set(arg.flags.names().count());
        arg.flags.names().for_each(|flag| reply.simple(flag));
    }
    if !parts.is_empty() {
        reply.bulk(b"arguments");
        write_args(reply, parts);
    }
}

fn write_pair(reply: &mut Reply<'_>, key: &str, text: &str) {
    reply.bulk(key.as_bytes());
    reply.bulk(text.as_bytes());
}

const fn has_flags(command: &Command) -> bool {
    command.deprecated.is_some() || command.system
}

fn text_of(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty())
}
