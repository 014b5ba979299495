//! DUMP and RESTORE: a value as bytes that any server of its age or later takes back.
//!
//! The payload is a piece of an RDB file (`persist::rdb`). A time to live travels as an absolute one.

use super::Context;
use super::Outcome;
use super::digits;
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
use crate::config::EvictionPolicy;
use crate::error;
use crate::error::CommandError;
use crate::persist::rdb;
use crate::persist::rdb::DumpError;
use crate::resp::Args;
use crate::store::Entry;
use crate::store::KeyEvent;
use crate::store::Value;

pub const COMMANDS: &[Command] = &[
    Command {
        name: "dump",
        summary: "Gives a value in a form that RESTORE takes back.",
        complexity: "O(N) for a value of N elements or bytes",
        arity: 2,
        flags: Flags::READONLY,
        categories: Categories::KEYSPACE,
        keys: &[KeySpec::at(1, KeyFlags::READ)],
        args: &[Arg::key("key")],
        tips: &["nondeterministic_output"],
        run: Run::Data(dump),
        ..BASE
    },
    Command {
        name: "restore",
        flags: Flags::WRITE.with(Flags::DENYOOM),
        summary: "Stores a value that DUMP gave under a key.",
        ..RESTORE
    },
    Command {
        name: "restore-asking",
        group: Group::Server,
        since: "3.0.0",
        flags: Flags::WRITE.with(Flags::DENYOOM).with(Flags::ASKING),
        summary: "Stores a value on its way from one node of a cluster to another.",
        system: true,
        ..RESTORE
    },
];

const BASE: Command = Command { group: Group::Generic, since: "2.6.0", ..Command::BASE };

const RESTORE: Command = Command {
    complexity: "O(N) for a value of N elements or bytes",
    arity: -4,
    categories: Categories::KEYSPACE.with(Categories::DANGEROUS),
    keys: &[KeySpec::at(1, KeyFlags::OVERWRITE)],
    args: &[
        Arg::key("key"),
        Arg::integer("ttl"),
        Arg::string("serialized-value"),
        Arg::word("replace", "REPLACE").since("3.0.0").optional(),
        Arg::word("absttl", "ABSTTL").since("5.0.0").optional(),
        Arg::integer("seconds").token("IDLETIME").since("5.0.0").optional(),
        Arg::integer("frequency").token("FREQ").since("5.0.0").optional(),
    ],
    history: &[
        ("3.0.0", "`REPLACE`."),
        ("5.0.0", "`ABSTTL`."),
        ("5.0.0", "`IDLETIME` and `FREQ`."),
    ],
    propagation: Rule::Verbatim,
    run: Run::Data(restore),
    ..BASE
};

fn dump(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let compression = ctx.config.rdbcompression;
    let (entry, reply) = ctx.read_for_reply(args.at(1));
    match entry {
        Some(entry) => reply.bulk(&rdb::dump(entry, compression)),
        None => reply.null(),
    }
    Ok(())
}

fn restore(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let key = args.at(1);
    let options = Options::parse(args)?;
    if !options.replace && ctx.exists(key) {
        return Err(error::BUSY_KEY);
    }
    let ttl = integer(args.at(2))?;
    if ttl < 0 {
        return Err(error::INVALID_TTL);
    }
    let value = parse_payload(ctx, args.at(3))?;
    let expire_at = options.expire_at(ttl, ctx.now.wall_ms());
    let replaces = options.replace && ctx.remove(key);
    ctx.reply.ok();
    if expire_at.is_some_and(|at| ctx.is_past(at)) {
        if replaces {
            ctx.notify(KeyEvent::DEL, key);
            ctx.changed(1);
            ctx.propagate(&[b"DEL", key]);
        }
        return Ok(());
    }
    insert(ctx, key, value, expire_at, options.use_of_it);
    ctx.notify(KeyEvent::RESTORE, key);
    ctx.changed(1);
    if let Some(at) = expire_at.filter(|_| !options.absolute) {
        propagate_at(ctx, args, at);
    }
    Ok(())
}

/// The options of RESTORE.
struct Options {
    replace: bool,
    /// The time to live is an instant.
    absolute: bool,
    use_of_it: Use,
}

/// What is said of the value's use so far.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Use {
    Unsaid,
    IdleSecs(i64),
    Frequency(u8),
}

impl Options {
    fn parse(args: Args<'_>) -> Result<Self, CommandError> {
        let mut options = Self { replace: false, absolute: false, use_of_it: Use::Unsaid };
        let mut at = 4;
        while at < args.len() {
            let is_frequency = matches!(options.use_of_it, Use::Frequency(_));
            let is_idle_time = matches!(options.use_of_it, Use::IdleSecs(_));
            match args.maybe(at + 1) {
                _ if args.is(at, "REPLACE") => options.replace = true,
                _ if args.is(at, "ABSTTL") => options.absolute = true,
                Some(seconds) if args.is(at, "IDLETIME") && !is_frequency => {
                    options.use_of_it = Use::parse_idle_time(seconds)?;
                    at += 1;
                }
                Some(frequency) if args.is(at, "FREQ") && !is_idle_time => {
                    options.use_of_it = Use::parse_frequency(frequency)?;
                    at += 1;
                }
                _ => return Err(error::SYNTAX),
            }
            at += 1;
        }
        Ok(options)
    }

    /// The instant that `ttl` means; 0 is none. It wraps around at the end of time, as in Redis,
    /// and has then passed.
    fn expire_at(&self, ttl: i64, now_ms: i64) -> Option<i64> {
        match (ttl, self.absolute) {
            (0, _) => None,
            (at, true) => Some(at),
            (ttl, false) => Some(ttl.wrapping_add(now_ms)),
        }
    }
}

impl Use {
    fn parse_idle_time(seconds: &[u8]) -> Result<Self, CommandError> {
        match integer(seconds)? {
            seconds @ 0.. => Ok(Self::IdleSecs(seconds)),
            _ => Err(error::INVALID_IDLETIME),
        }
    }

    fn parse_frequency(frequency: &[u8]) -> Result<Self, CommandError> {
        let frequency = u8::try_from(integer(frequency)?);
        frequency.map(Self::Frequency).map_err(|_| error::INVALID_FREQ)
    }

    /// The access clock that says so under this policy; the present where nothing was said.
    fn clock(self, policy: EvictionPolicy, now_s: i64) -> u32 {
        let counts_frequency =
            matches!(policy, EvictionPolicy::AllKeysLfu | EvictionPolicy::VolatileLfu);
        let clock = match (self, counts_frequency) {
            (Self::IdleSecs(seconds), false) => now_s.wrapping_sub(seconds),
            (Self::Frequency(counter), true) => now_s.div_euclid(60) << 8 | i64::from(counter),
            (_, true) => now_s.div_euclid(60) << 8 | NEW_FREQUENCY,
            (_, false) => now_s,
        };
        (clock & CLOCK_MASK) as u32
    }
}

/// An access clock has 24 bits.
const CLOCK_MASK: i64 = 0xff_ffff;

/// The counter of a value that is new, lest it be evicted at once.
const NEW_FREQUENCY: i64 = 5;

fn parse_payload(ctx: &Context<'_>, payload: &[u8]) -> Result<rdb::Value, CommandError> {
    let options = rdb::ReadOptions {
        string_bytes_max: ctx.string_bytes_max(),
        limits: ctx.limits.clone(),
        ..rdb::ReadOptions::default()
    };
    rdb::restore(payload, &options).map_err(|problem| match problem {
        DumpError::VersionOrChecksum => error::PAYLOAD_VERSION_OR_CHECKSUM,
        DumpError::Format => error::PAYLOAD_FORMAT,
    })
}

fn insert(ctx: &mut Context<'_>, key: &[u8], value: rdb::Value, at: Option<i64>, use_of_it: Use) {
    let mut entry = match value {
        rdb::Value::String(rdb::StringValue::Int(value)) => Entry::new(key, Value::Int(value), at),
        rdb::Value::String(rdb::StringValue::Bytes(bytes)) => {
            Entry::new(key, Value::Text(&bytes), at)
        }
        rdb::Value::Data(data) => Entry::new(key, Value::Data(data), at),
    };
    entry.set_lru(use_of_it.clock(ctx.config.maxmemory_policy, ctx.now.wall.as_secs()));
    ctx.store.insert(ctx.db, entry);
}

/// The command as it was, with the instant instead of the time to live.
fn propagate_at(ctx: &mut Context<'_>, args: Args<'_>, at: i64) {
    let at = digits(at);
    let head = args.iter().take(2).chain([at.as_bytes()]);
    let words: Vec<&[u8]> = head.chain(args.from(3).iter()).chain([b"ABSTTL".as_slice()]).collect();
    ctx.propagate(&words);
}

#[cfg(test)]
mod tests {
    use crate::command::testing::Bench;
    use crate::command::testing::check;
    use crate::store::Policy;

    fn bench_with_payload() -> (Bench, String) {
        let mut bench = Bench::new();
        bench.run("SET source abc");
        let payload = bench.run("DUMP source").swap_remove(0);
        bench.run("DEL source");
        (bench, payload)
    }

    #[test]
    fn restored_values_travel_with_the_instant_at_which_they_expire() {
        let (mut bench, payload) = bench_with_payload();
        let shown = payload.trim_matches('"').to_owned();
        for (command, reply, travels) in [
            ("RESTORE k 0 {}", "OK", Some("RESTORE k 0 {}")),
            ("RESTORE k 0 {}", "(error) BUSYKEY Target key name already exists.", None),
            ("RESTORE k 5 {} replace", "OK", Some("RESTORE k 1000005 {} replace ABSTTL")),
            ("RESTORE l 5 {}", "OK", Some("RESTORE l 1000005 {} ABSTTL")),
            (
                "RESTORE k 1000007 {} REPLACE ABSTTL",
                "OK",
                Some("RESTORE k 1000007 {} REPLACE ABSTTL"),
            ),
            ("PTTL k", "7", None),
            ("RESTORE k 1000000 {} REPLACE ABSTTL", "OK", Some("DEL k")),
            ("RESTORE k 1000000 {} REPLACE ABSTTL", "OK", None),
            ("RESTORE k 9223372036854775807 {}", "OK", None),
            ("EXISTS k", "0", None),
            ("RESTORE k -1 {}", "(error) ERR Invalid TTL value, must be >= 0", None),
            ("RESTORE k x {}", "(error) ERR value is not an integer or out of range", None),
            ("RESTORE k 0 {} IDLETIME 100", "OK", Some("RESTORE k 0 {} IDLETIME 100")),
            ("OBJECT IDLETIME k", "100", None),
            (
                "RESTORE n 0 {} IDLETIME -1",
                "(error) ERR Invalid IDLETIME value, must be >= 0",
                None,
            ),
            (
                "RESTORE n 0 {} FREQ 256",
                "(error) ERR Invalid FREQ value, must be >= 0 and <= 255",
                None,
            ),
            ("RESTORE n 0 {} FREQ 1 IDLETIME 1", "(error) ERR syntax error", None),
            ("RESTORE n 0 {} IDLETIME", "(error) ERR syntax error", None),
            ("RESTORE n 0 {} KEEP", "(error) ERR syntax error", None),
            ("RESTORE n 0 abc", "(error) ERR DUMP payload version or checksum are wrong", None),
        ] {
            let lines = bench.run(&command.replace("{}", &payload));
            let travels = travels.map(|words| format!("~ {}", words.replace("{}", &shown)));
            let expect: Vec<String> = [reply.to_owned()].into_iter().chain(travels).collect();
            assert_eq!(lines, expect, "{command}");
        }
    }

    #[test]
    fn a_replica_keeps_what_has_expired() {
        let (mut bench, payload) = bench_with_payload();
        bench.policy = Policy::Ignore;
        assert_eq!(bench.run(&format!("RESTORE k 5 {payload} ABSTTL"))[0], "OK");
        assert_eq!(bench.run("EXISTS k")[0], "1");
    }

    #[test]
    fn dump_of_nothing_is_null() {
        check("> DUMP none\nnil");
    }
}
