//! A command's syntax as one line, the way redis-cli prints it: `key value [NX|XX] [EX seconds]`.

use super::spec::Arg;
use super::spec::ArgFlags;
use super::spec::ArgKind;

/// All arguments of a command.
pub fn line(args: &[Arg]) -> String {
    let mut out = String::new();
    join(&mut out, args, " ");
    out
}

/// One argument, with all that belongs to it.
pub fn of(arg: &Arg) -> String {
    let mut out = String::new();
    write(&mut out, arg);
    out
}

fn write(out: &mut String, arg: &Arg) {
    let is_optional = arg.flags.has(ArgFlags::OPTIONAL);
    if is_optional {
        out.push('[');
    }
    if let Some(token) = arg.token {
        out.push_str(if token.is_empty() { "\"\"" } else { token });
        if !matches!(arg.kind, ArgKind::PureToken) {
            out.push(' ');
        }
    }
    write_value(out, arg);
    if arg.flags.has(ArgFlags::MULTIPLE) {
        out.push_str(" [");
        if let Some(token) = arg.token.filter(|_| arg.flags.has(ArgFlags::MULTIPLE_TOKEN)) {
            out.push_str(token);
            out.push(' ');
        }
        write_value(out, arg);
        out.push_str(" ...]");
    }
    if is_optional {
        out.push(']');
    }
}

fn write_value(out: &mut String, arg: &Arg) {
    match arg.kind {
        ArgKind::PureToken => {}
        ArgKind::OneOf(parts) => join(out, parts, "|"),
        ArgKind::Block(parts) => join(out, parts, " "),
        _ => out.push_str(arg.display.unwrap_or(arg.name)),
    }
}

/// Parts nest at most as deep as the table has them.
fn join(out: &mut String, args: &[Arg], separator: &str) {
    for (at, arg) in args.iter().enumerate() {
        if at > 0 {
            out.push_str(separator);
        }
        write(out, arg);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::table;

    #[test]
    fn prints_as_redis_cli_does() {
        for (name, expect) in [
            ("get", "key"),
            (
                "set",
                "key value [NX|XX|IFEQ comparison-value] [GET] [EX seconds|PX milliseconds|EXAT unix-time-seconds|PXAT unix-time-milliseconds|KEEPTTL]",
            ),
            (
                "xadd",
                "key [NOMKSTREAM] [MAXLEN|MINID [=|~] threshold [LIMIT count]] *|id field value [field value ...]",
            ),
            (
                "sort",
                "key [BY pattern] [LIMIT offset count] [GET pattern [GET pattern ...]] [ASC|DESC] [ALPHA] [STORE destination]",
            ),
            ("xread", "[COUNT count] [BLOCK milliseconds] STREAMS key [key ...] id [id ...]"),
            ("xgroup|create", "key group id|$ [MKSTREAM] [ENTRIESREAD entries-read]"),
            ("pfadd", "key [element [element ...]]"),
            ("ping", "[message]"),
            ("multi", ""),
        ] {
            let entry = table::find(name.as_bytes()).unwrap();
            assert_eq!(line(entry.command.args), expect, "{name}");
        }
    }
}
