//! Strings: reading and changing a part of a value.
//!
//! Positions count bytes from 0; those of GETRANGE count from the end when
//! negative. No string grows beyond `proto-max-bulk-len`.

use itoa::Buffer;

use super::Context;
use super::Outcome;
use super::integer;
use super::spec::Arg;
use super::spec::Categories;
use super::spec::Command;
use super::spec::Flags;
use super::spec::Group;
use super::spec::KeyFlags;
use super::spec::KeySpec;
use super::spec::Rule;
use super::spec::Run;
use crate::error;
use crate::error::CommandError;
use crate::resp::Args;
use crate::store::Entry;
use crate::store::KeyEvent;
use crate::store::StrRef;
use crate::store::Ttl;

pub const COMMANDS: &[Command] = &[
    Command {
        name: "append",
        since: "2.0.0",
        summary: "Adds bytes to the end of a string, creating it where there is none.",
        complexity: "O(N) for N bytes appended, amortized",
        arity: 3,
        flags: Flags::WRITE.with(Flags::DENYOOM).with(Flags::FAST),
        keys: &[KeySpec::at(1, KeyFlags::RW.with(KeyFlags::INSERT))],
        args: &[Arg::key("key"), Arg::string("value")],
        propagation: Rule::Verbatim,
        run: Run::Data(append),
        ..BASE
    },
    Command {
        name: "setrange",
        since: "2.2.0",
        summary: "Overwrites part of a string from an offset on, padding it with zero bytes.",
        complexity: "O(N) for N bytes written or padded",
        arity: 4,
        flags: Flags::WRITE.with(Flags::DENYOOM),
        keys: &[KeySpec::at(1, KeyFlags::RW.with(KeyFlags::UPDATE))],
        args: &[Arg::key("key"), Arg::integer("offset"), Arg::string("value")],
        propagation: Rule::Verbatim,
        run: Run::Data(setrange),
        ..BASE
    },
    Command {
        name: "getrange",
        since: "2.4.0",
        summary: "Reads part of a string by its first and last position.",
        complexity: "O(N) for N bytes returned",
        arity: 4,
        flags: Flags::READONLY,
        keys: &[KeySpec::at(1, KeyFlags::READ)],
        args: &[Arg::key("key"), Arg::integer("start"), Arg::integer("end")],
        run: Run::Data(getrange),
        ..BASE
    },
    Command {
        name: "substr",
        summary: "Reads part of a string; the old name of GETRANGE.",
        complexity: "O(N) for N bytes returned",
        arity: 4,
        flags: Flags::READONLY,
        keys: &[KeySpec::at(1, KeyFlags::READ)],
        args: &[Arg::key("key"), Arg::integer("start"), Arg::integer("end")],
        deprecated: Some(("2.0.0", "`GETRANGE`")),
        run: Run::Data(getrange),
        ..BASE
    },
    Command {
        name: "strlen",
        since: "2.2.0",
        summary: "Tells the length of a string in bytes.",
        arity: 2,
        flags: Flags::READONLY.with(Flags::FAST),
        keys: &[KeySpec::at(1, KeyFlags::RO)],
        args: &[Arg::key("key")],
        run: Run::Data(strlen),
        ..BASE
    },
];

const BASE: Command =
    Command { group: Group::String, categories: Categories::STRING, ..Command::BASE };

fn append(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let (key, tail) = (args.at(1), args.at(2));
    let bytes_max = ctx.string_bytes_max();
    let len = if let Some(mut entry) = ctx.edit(key) {
        let old = entry.string().ok_or(error::WRONG_TYPE)?.len();
        check_len(old, tail.len(), bytes_max)?;
        entry.modify_bytes(|bytes| bytes.extend_from_slice(tail));
        old + tail.len()
    } else {
        ctx.set_string(key, tail, Ttl::Clear);
        tail.len()
    };
    ctx.notify(KeyEvent::APPEND, key);
    ctx.changed(1);
    ctx.reply.count(len);
    Ok(())
}

fn setrange(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let (key, value) = (args.at(1), args.at(3));
    let offset = integer(args.at(2))?;
    let offset = usize::try_from(offset).map_err(|_| error::OFFSET_OUT_OF_RANGE)?;
    let old = match ctx.peek(key) {
        Some(entry) => Some(entry.string().ok_or(error::WRONG_TYPE)?.len()),
        None => None,
    };
    if value.is_empty() {
        ctx.reply.count(old.unwrap_or(0));
        return Ok(());
    }
    check_len(offset, value.len(), ctx.string_bytes_max())?;
    if old.is_none() {
        ctx.set_string(key, b"", Ttl::Clear);
    }
    let len = ctx.edit(key).and_then(|mut entry| overwrite(&mut entry, offset, value)).unwrap_or(0);
    ctx.notify(KeyEvent::SETRANGE, key);
    ctx.changed(1);
    ctx.reply.count(len);
    Ok(())
}

/// Puts `value` at `offset`, with zero bytes before it where the string is too short; returns the
/// new length.
fn overwrite(entry: &mut Entry, offset: usize, value: &[u8]) -> Option<usize> {
    let end = offset + value.len();
    if entry.string()?.len() >= end {
        let bytes = entry.bytes_mut()?;
        bytes.get_mut(offset..end)?.copy_from_slice(value);
        return Some(bytes.len());
    }
    entry.modify_bytes(|bytes| {
        bytes.resize(offset, 0);
        bytes.extend_from_slice(value);
        bytes.len()
    })
}

fn getrange(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let (first, last) = (integer(args.at(2))?, integer(args.at(3))?);
    let (entry, reply) = ctx.read_for_reply(args.at(1));
    let value = match entry {
        Some(entry) => entry.string().ok_or(error::WRONG_TYPE)?,
        None => StrRef::Bytes(b""),
    };
    let mut digits = Buffer::new();
    reply.bulk(slice(value.as_bytes(&mut digits), first, last));
    Ok(())
}

/// The bytes from position `first` to `last`, both included.
fn slice(bytes: &[u8], first: i64, last: i64) -> &[u8] {
    if first < 0 && last < 0 && first > last {
        return b"";
    }
    let len = bytes.len() as i64;
    let from_start = |position: i64| if position < 0 { (len + position).max(0) } else { position };
    let last = from_start(last).min(len - 1);
    match (usize::try_from(from_start(first)), usize::try_from(last)) {
        (Ok(first), Ok(last)) => bytes.get(first..=last).unwrap_or_default(),
        _ => b"",
    }
}

fn strlen(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let len = match ctx.read(args.at(1)) {
        Some(entry) => entry.string().ok_or(error::WRONG_TYPE)?.len(),
        None => 0,
    };
    ctx.reply.count(len);
    Ok(())
}

/// Whether a string of `old` bytes may grow by `more`.
fn check_len(old: usize, more: usize, bytes_max: usize) -> Result<(), CommandError> {
    match old.checked_add(more) {
        Some(len) if len <= bytes_max => Ok(()),
        _ => Err(error::STRING_TOO_LONG),
    }
}

#[cfg(test)]
mod tests {
    use crate::command::testing::check;

    #[test]
    fn append_and_strlen() {
        check(
            r#"
            > APPEND k 1
            1
            ~ APPEND k 1
            > OBJECT ENCODING k
            "int"
            > APPEND k 23
            3
            ~ APPEND k 23
            > OBJECT ENCODING k
            "raw"
            > APPEND k ""
            3
            ~ APPEND k ""
            > STRLEN k
            3
            > STRLEN n
            0
            > SET n -123456
            OK
            ~ SET n -123456
            > STRLEN n
            7
            "#,
        );
    }

    #[test]
    fn setrange_pads_overwrites_and_refuses() {
        check(
            r#"
            > SETRANGE k 0 ""
            0
            > EXISTS k
            0
            > SETRANGE k 3 ab
            5
            ~ SETRANGE k 3 ab
            > GET k
            "\x00\x00\x00ab"
            > SETRANGE k 1 xyz
            5
            ~ SETRANGE k 1 xyz
            > SETRANGE k 4 ""
            5
            > GET k
            "\x00xyzb"
            > SETRANGE k -1 a
            (error) ERR offset is out of range
            > SETRANGE k 536870911 ab
            (error) ERR string exceeds maximum allowed size (proto-max-bulk-len)
            > SETRANGE k 9223372036854775807 a
            (error) ERR string exceeds maximum allowed size (proto-max-bulk-len)
            > SET n 12345
            OK
            ~ SET n 12345
            > SETRANGE n 1 99
            5
            ~ SETRANGE n 1 99
            > GET n
            "19945"
            "#,
        );
    }

    #[test]
    fn getrange_takes_positions_from_either_end() {
        for (range, expect) in [
            ("0 -1", "hello"),
            ("1 3", "ell"),
            ("-3 -2", "ll"),
            ("-100 100", "hello"),
            ("3 1", ""),
            ("-1 -3", ""),
            ("-100 -50", "h"),
            ("5 10", ""),
            ("9223372036854775807 -1", ""),
            ("-9223372036854775808 0", "h"),
        ] {
            check(&format!(
                "> SET k hello\nOK\n~ SET k hello\n> GETRANGE k {range}\n\"{expect}\"\n\
                 > SUBSTR k {range}\n\"{expect}\"\n> GETRANGE n {range}\n\"\""
            ));
        }
        check("> GETRANGE k a 1\n(error) ERR value is not an integer or out of range");
    }
}
