//! DEBUG: what test suites look at and do to a server, where `enable-debug-command` lets them.
//!
//! One table has a row a subcommand; from it come the arguments' count, HELP and what is done. What
//! would crash Redis ends the node at once, without saving.

mod digest;
mod look;
mod protocol;
mod reload;

use bytes::BytesMut;

use super::ConnId;
use super::Effect;
use super::LogLevel;
use super::Node;
use super::conn::Waiting;
use crate::command::Outcome;
use crate::command::Propagated;
use crate::command::integer;
use crate::data::number;
use crate::error;
use crate::limits;
use crate::replication::ReplicationId;
use crate::resp::Args;
use crate::resp::write_request;
use crate::store::Ttl;
use crate::store::Value;

/// One subcommand.
struct Row {
    name: &'static str,
    /// Its arguments in HELP.
    usage: &'static str,
    help: &'static str,
    /// Words from DEBUG on: the least and the most.
    words: (usize, usize),
    run: fn(&mut Node, ConnId, Args<'_>) -> Outcome,
}

const ANY: usize = usize::MAX;

const ROWS: &[Row] = &[
    row("aof-flush-sleep", "<microsec>", "Taken, and nothing done.", (3, 3), accept),
    row("assert", "", "End at once, as if crashed.", (2, 2), Node::debug_crash),
    row("change-repl-id", "", "Begin a new history of data.", (2, 2), Node::debug_change_id),
    row("client-enforce-reply-list", "<0|1>", "Taken, and nothing done.", (3, 3), accept),
    row("client-eviction", "", "What clients take together.", (2, 2), Node::debug_client_eviction),
    row(
        "config-rewrite-force-all",
        "",
        "CONFIG REWRITE of every setting.",
        (2, 2),
        |node, id, _| node.rewrite(id, true),
    ),
    row("crash-and-recover", "[<ms>]", "Refused: nobody starts it again.", (2, 3), refuse_restart),
    row("dict-resizing", "<0|1>", "Taken, and nothing done.", (3, 3), accept),
    row("digest", "", "A digest of all data, as Redis makes it.", (2, 2), Node::debug_digest),
    row(
        "digest-value",
        "<key> [<key> ...]",
        "Digests of the values of keys.",
        (2, ANY),
        Node::debug_digest_value,
    ),
    row("drop-cluster-packet-filter", "<type>", "Taken, and nothing done.", (3, 3), accept),
    row("error", "<string>", "Answer with this error.", (3, 3), error_reply),
    row("htstats", "<dbid>", "About a database's table.", (3, 4), Node::debug_htstats),
    row("htstats-key", "<key>", "About a value's table.", (3, 4), Node::debug_htstats_key),
    row("jmap", "", "Taken, and nothing done.", (2, 2), accept),
    row("leak", "<string>", "Taken, and nothing done.", (3, 3), accept),
    row("listpack", "<key>", "Write about a listpack to the log.", (3, 3), Node::debug_listpack),
    row("loadaof", "", "Read the append-only file anew.", (2, 2), Node::debug_load_aof),
    row("log", "<message>", "Write to the log.", (3, 3), Node::debug_log),
    row("object", "<key>", "About a key and its value.", (3, 4), Node::debug_object),
    row("oom", "", "End at once, as if crashed.", (2, 2), Node::debug_crash),
    row("panic", "", "End at once, as if crashed.", (2, 2), Node::debug_crash),
    row("pause-cron", "<0|1>", "Let nothing expire or be saved by itself.", (3, 3), pause_cron),
    row(
        "populate",
        "<count> [<prefix>] [<size>]",
        "Make keys <prefix>:<number>, which are not sent on.",
        (3, 5),
        Node::debug_populate,
    ),
    row("protocol", "<type>", "Answer with a value of this type.", (3, 3), Node::debug_protocol),
    row(
        "quicklist",
        "<key> [<0|1>]",
        "Write about a list to the log.",
        (3, 4),
        Node::debug_quicklist,
    ),
    row(
        "quicklist-packed-threshold",
        "<size>",
        "Checked, and nothing done.",
        (3, 3),
        packed_threshold,
    ),
    row(
        "reload",
        "[NOSAVE] [NOFLUSH] [MERGE]",
        "Write the data out as RDB and read them back.",
        (2, ANY),
        Node::debug_reload,
    ),
    row(
        "replicate",
        "<word> [<word> ...]",
        "Send a command to replicas only.",
        (3, ANY),
        replicate,
    ),
    row("replybuffer", "<option> <value>", "Taken, and nothing done.", (4, 4), reply_buffer),
    row("restart", "[<ms>]", "Refused: nobody starts it again.", (2, 3), refuse_restart),
    row("sdslen", "<key>", "Lengths of a key and its string.", (3, 3), Node::debug_sdslen),
    row("segfault", "", "End at once, as if crashed.", (2, 2), Node::debug_crash),
    row("set-active-expire", "<0|1>", "Whether keys expire by themselves.", (3, 3), active_expire),
    row("set-disable-deny-scripts", "<0|1>", "Taken, and nothing done.", (3, 3), accept),
    row("sleep", "<seconds>", "Let this client wait.", (3, 3), Node::debug_sleep),
    row("stringmatch-len", "<length> <pattern>", "Match so many letters.", (4, 4), string_match),
    row("stringmatch-test", "", "Taken, and nothing done.", (2, 2), string_match_test),
    row("structsize", "", "Sizes of structures.", (2, 2), struct_size),
    row("help", "", "Print this help.", (2, 2), Node::debug_help),
];

const fn row(
    name: &'static str,
    usage: &'static str,
    help: &'static str,
    words: (usize, usize),
    run: fn(&mut Node, ConnId, Args<'_>) -> Outcome,
) -> Row {
    Row { name, usage, help, words, run }
}

impl Node {
    pub(super) fn debug(&mut self, id: ConnId, args: Args<'_>) -> Outcome {
        let local = self.conns.find(id).is_some_and(|conn| conn.loopback);
        if !self.config.enable_debug_command.allows(local) {
            return Err(error::DEBUG_NOT_ALLOWED);
        }
        let fits = |row: &&Row| (row.words.0..=row.words.1).contains(&args.len());
        let found = ROWS.iter().find(|row| args.is(1, row.name)).filter(fits);
        let row = found.ok_or_else(|| error::subcommand_syntax(args.at(1), "DEBUG"))?;
        (row.run)(self, id, args)
    }

    fn debug_help(&mut self, id: ConnId, _args: Args<'_>) -> Outcome {
        self.reply(id, |reply| {
            reply.array(1 + 2 * ROWS.len());
            reply.simple("DEBUG <subcommand> [<arg> [value] [opt] ...]. Subcommands are:");
            for row in ROWS {
                reply.simple(format!("{} {}", row.name.to_ascii_uppercase(), row.usage).trim_end());
                reply.simple(&format!("    {}", row.help));
            }
        });
        Ok(())
    }

    /// Redis stops as a whole; here the client alone waits, so that time can be watched passing.
    fn debug_sleep(&mut self, id: ConnId, args: Args<'_>) -> Outcome {
        let sleep_us = number::parse_millionths(args.at(2)).unwrap_or(0).clamp(0, SLEEP_US_MAX);
        let until = self.now.mono + sleep_us.unsigned_abs();
        self.meter.make_up(sleep_us.unsigned_abs());
        if let Some(conn) = self.conns.find_mut(id) {
            conn.waiting = Waiting::Sleep;
            self.timers.sleepers.push((until, id));
        }
        Ok(())
    }

    fn debug_log(&mut self, id: ConnId, args: Args<'_>) -> Outcome {
        let text = format!("DEBUG LOG: {}", String::from_utf8_lossy(args.at(2)));
        self.log(LogLevel::Warning, text);
        accept(self, id, args)
    }

    fn debug_crash(&mut self, _id: ConnId, args: Args<'_>) -> Outcome {
        let name = String::from_utf8_lossy(args.at(1)).to_uppercase();
        self.log(LogLevel::Warning, format!("Ending at once, as DEBUG {name} asks"));
        self.effects.push_back(Effect::Shutdown { status: 1 });
        Ok(())
    }

    fn debug_change_id(&mut self, id: ConnId, args: Args<'_>) -> Outcome {
        let own = ReplicationId::random(&mut self.rng);
        self.feed.history.restart(own);
        self.log(LogLevel::Notice, "Changing replication IDs after receiving change-repl-id");
        accept(self, id, args)
    }

    fn debug_client_eviction(&mut self, id: ConnId, _args: Args<'_>) -> Outcome {
        if self.config.maxmemory_clients == 0 {
            return Err(error::NO_CLIENT_EVICTION);
        }
        let text = format!("clients: {}, bytes: {}\n", self.conns.len(), self.client_bytes);
        self.reply(id, |reply| reply.verbatim(b"txt", text.as_bytes()));
        Ok(())
    }

    /// Makes keys that are not there yet, and tells nobody.
    fn debug_populate(&mut self, id: ConnId, args: Args<'_>) -> Outcome {
        let positive = |word: &[u8]| {
            let number = number::parse_i64(word).and_then(|number| usize::try_from(number).ok());
            number.ok_or(error::NOT_POSITIVE)
        };
        let count = positive(args.at(2))?;
        let bytes = args.maybe(4).map(positive).transpose()?;
        if count > limits::POPULATED_KEYS_MAX || bytes > Some(self.config.proto_max_bulk_len) {
            return Err(error::OUT_OF_RANGE);
        }
        let prefix = args.maybe(3).unwrap_or(b"key");
        let db = self.conns.find(id).map_or(0, |conn| conn.db);
        for number in 0..count {
            let digits = number.to_string();
            let key = [prefix, b":", digits.as_bytes()].concat();
            if self.store.find(db, &key).is_none() {
                let mut value = [b"value:", digits.as_bytes()].concat();
                value.resize(bytes.unwrap_or(value.len()), 0);
                self.store.set(db, &key, Value::Text(&value), Ttl::Clear, self.now);
            }
        }
        accept(self, id, args)
    }
}

/// Redis would do something that there is nothing for here.
fn accept(node: &mut Node, id: ConnId, _args: Args<'_>) -> Outcome {
    node.reply(id, |reply| reply.ok());
    Ok(())
}

fn refuse_restart(_node: &mut Node, _id: ConnId, _args: Args<'_>) -> Outcome {
    Err(error::NO_RESTART)
}

fn error_reply(_node: &mut Node, _id: ConnId, args: Args<'_>) -> Outcome {
    Err(error::as_asked(args.at(2)))
}

fn active_expire(node: &mut Node, id: ConnId, args: Args<'_>) -> Outcome {
    node.timers.expiry_off = number_or_zero(args.at(2)) == 0;
    accept(node, id, args)
}

fn pause_cron(node: &mut Node, id: ConnId, args: Args<'_>) -> Outcome {
    node.timers.paused = number_or_zero(args.at(2)) != 0;
    accept(node, id, args)
}

/// Elements of at most a list's node are packed, whatever this says.
fn packed_threshold(node: &mut Node, id: ConnId, args: Args<'_>) -> Outcome {
    let word = str::from_utf8(args.at(2)).ok();
    let bytes = word.and_then(crate::config::memory_bytes).filter(|bytes| *bytes <= 1 << 32);
    bytes.ok_or(error::PACKED_THRESHOLD)?;
    accept(node, id, args)
}

fn reply_buffer(node: &mut Node, id: ConnId, args: Args<'_>) -> Outcome {
    if args.is(2, "peak-reset-time") || args.is(2, "resizing") {
        return accept(node, id, args);
    }
    Err(error::subcommand_syntax(args.at(1), "DEBUG"))
}

fn replicate(node: &mut Node, id: ConnId, args: Args<'_>) -> Outcome {
    let db = node.conns.find(id).map_or(0, |conn| conn.db);
    let mut command = BytesMut::new();
    write_request(&mut command, args.from(2).iter());
    node.feed.append_command(Propagated { db, request: &command, logged: true });
    accept(node, id, args)
}

fn string_match(node: &mut Node, id: ConnId, args: Args<'_>) -> Outcome {
    let len = usize::try_from(integer(args.at(2))?).map_err(|_| error::NOT_POSITIVE)?;
    if len > limits::INLINE_BYTES_MAX {
        return Err(error::OUT_OF_RANGE);
    }
    let matches = crate::data::glob::matches(args.at(3), &vec![b'a'; len]);
    node.reply(id, |reply| reply.flag(matches));
    Ok(())
}

fn string_match_test(node: &mut Node, id: ConnId, _args: Args<'_>) -> Outcome {
    node.reply(id, |reply| reply.simple("Patterns have tests of their own"));
    Ok(())
}

fn struct_size(node: &mut Node, id: ConnId, _args: Args<'_>) -> Outcome {
    node.reply(id, |reply| reply.bulk(b"bits:64 entry:8 bucket:64"));
    Ok(())
}

/// As C's `atoi`, for the switches it reads.
fn number_or_zero(word: &[u8]) -> i64 {
    number::parse_i64(word).unwrap_or(0)
}

/// A year: longer sleeps are a typing error.
const SLEEP_US_MAX: i64 = 31_536_000_000_000;

#[cfg(test)]
mod tests {
    use super::ROWS;

    #[test]
    fn rows_are_in_order_and_name_each_once() {
        let names: Vec<&str> = ROWS.iter().map(|row| row.name).collect();
        assert!(names[..names.len() - 1].is_sorted_by(|left, right| left < right));
        assert!(ROWS.iter().all(|row| row.words.0 >= 2 && row.words.0 <= row.words.1));
    }
}
