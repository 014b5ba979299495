//! The command line of `cargo xtask`.

use std::{ffi::OsString, path::PathBuf, str::FromStr};

use anyhow::{Context, Result, bail};
use lexopt::{Arg, Parser, ValueExt};

use crate::{bench, crash, differential, test};

pub const HELP: &str = "\
usage: cargo xtask TASK

  run [-- ARGS]    build the page and the server with the page inside, and start it with ARGS
  web              build the page alone; print its sizes and fail when they are over budget
  test             every check there is
      --only A,B       only these steps
  differential     generated commands, put to Redarium and to redis-server alike
      --commands N     how many, in rounds of 5,000 (1,000,000)
      --seed S         the first round's; each has the next (1)
  crash            kills of a server with an append-only file, and what it holds afterwards
      --rounds N       how many under each policy (200)
      --policy P       only under this one: always, everysec or no
  bench            throughput of Redarium and of redis-server, in turns
      --rounds N       how often each is measured; medians are printed (5)
      --seconds S      how long one measurement takes (2)
      --pipeline A,B   requests in flight on a connection (1,16,64)
      --clients N      connections (50)
      --workloads A,B  of redis-benchmark's names and a few more, or `all` (SET,GET)
      --value-bytes N  length of values (32)
      --memory         resident memory of data of several shapes instead
      --stalls         the longest reply others see while data grow and go, instead
      --persistence    SAVE and loading, BGSAVE under load, a log synced always, instead
      --background     BGSAVE under load alone
      --durable        a log synced always alone
      --replication    how long copies and streams to replicas take, and what more replicas cost, instead
      --crowds         what crowds and troublemakers do to others, instead
      --in-process     the engine in a JavaScript program, beside ioredis with a redis-server, instead
      --server FILE    measure this server instead of building one
      --syscalls       also count the servers' system calls per request
      --json FILE      write the figures there too

Settings of the environment: REDIS_SERVER and CHROME_BIN name programs that are not on PATH.
";

#[derive(Debug, PartialEq)]
pub enum Task {
    Help,
    Run { arguments: Vec<OsString> },
    Web,
    Test(test::Options),
    Bench(bench::Options),
    Crash(crash::Options),
    Differential(differential::Options),
}

pub fn parse() -> Result<Task> {
    parse_from(Parser::from_env())
}

fn parse_from(mut parser: Parser) -> Result<Task> {
    let task = match parser.next()? {
        None | Some(Arg::Long("help") | Arg::Short('h')) => return Ok(Task::Help),
        Some(Arg::Value(task)) => task,
        Some(unknown) => return Err(unknown.unexpected().into()),
    };
    match task.to_str() {
        Some("run") => Ok(Task::Run { arguments: rest(parser)? }),
        Some("web") => no_more(parser, Task::Web),
        Some("test") => test_options(parser),
        Some("bench") => bench_options(parser),
        Some("crash") => crash_options(parser),
        Some("differential") => differential_options(parser),
        _ => bail!("there is no task {task:?}\n\n{HELP}"),
    }
}

/// Everything after the task is the server's, with or without a `--` before it.
fn rest(mut parser: Parser) -> Result<Vec<OsString>> {
    let mut arguments: Vec<OsString> = parser.raw_args()?.collect();
    if arguments.first().is_some_and(|first| first == "--") {
        arguments.remove(0);
    }
    Ok(arguments)
}

fn no_more(mut parser: Parser, task: Task) -> Result<Task> {
    match parser.next()? {
        None => Ok(task),
        Some(argument) => Err(argument.unexpected().into()),
    }
}

fn test_options(mut parser: Parser) -> Result<Task> {
    let mut options = test::Options::default();
    while let Some(argument) = parser.next()? {
        match argument {
            Arg::Long("only") => options.only = list(&parser.value()?)?,
            unknown => return Err(unknown.unexpected().into()),
        }
    }
    Ok(Task::Test(options))
}

fn bench_options(mut parser: Parser) -> Result<Task> {
    let mut options = bench::Options::default();
    while let Some(argument) = parser.next()? {
        match argument {
            Arg::Long("rounds") => options.rounds = parser.value()?.parse()?,
            Arg::Long("seconds") => options.seconds = parser.value()?.parse()?,
            Arg::Long("pipeline") => options.pipeline = list(&parser.value()?)?,
            Arg::Long("clients") => options.clients = parser.value()?.parse()?,
            Arg::Long("value-bytes") => options.value_bytes = parser.value()?.parse()?,
            Arg::Long("workloads") => options.workloads = list(&parser.value()?)?,
            Arg::Long("memory") => options.subject = bench::Subject::Memory,
            Arg::Long("crowds") => options.subject = bench::Subject::Crowds,
            Arg::Long("stalls") => options.subject = bench::Subject::Stalls,
            Arg::Long("replication") => options.subject = bench::Subject::Replication,
            Arg::Long("persistence") => options.subject = bench::Subject::Persistence,
            Arg::Long("background") => options.subject = bench::Subject::Background,
            Arg::Long("durable") => options.subject = bench::Subject::Durable,
            Arg::Long("in-process") => options.subject = bench::Subject::InProcess,
            Arg::Long("server") => options.server = Some(PathBuf::from(parser.value()?)),
            Arg::Long("syscalls") => options.syscalls = true,
            Arg::Long("json") => options.json = Some(PathBuf::from(parser.value()?)),
            unknown => return Err(unknown.unexpected().into()),
        }
    }
    options.validate()?;
    Ok(Task::Bench(options))
}

fn crash_options(mut parser: Parser) -> Result<Task> {
    let mut options = crash::Options::default();
    while let Some(argument) = parser.next()? {
        match argument {
            Arg::Long("rounds") => options.rounds = parser.value()?.parse()?,
            Arg::Long("policy") => options.policy = Some(parser.value()?.parse()?),
            unknown => return Err(unknown.unexpected().into()),
        }
    }
    options.validate()?;
    Ok(Task::Crash(options))
}

fn differential_options(mut parser: Parser) -> Result<Task> {
    let mut options = differential::Options::default();
    while let Some(argument) = parser.next()? {
        match argument {
            Arg::Long("commands") => options.commands = parser.value()?.parse()?,
            Arg::Long("seed") => options.seed = parser.value()?.parse()?,
            unknown => return Err(unknown.unexpected().into()),
        }
    }
    options.validate()?;
    Ok(Task::Differential(options))
}

fn list<T: FromStr>(text: &OsString) -> Result<Vec<T>> {
    let parts = text.to_str().context("not text")?.split(',');
    parts.map(|part| part.parse().ok().with_context(|| format!("cannot read `{part}`"))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Task> {
        parse_from(Parser::from_args(line.split_whitespace()))
    }

    #[test]
    fn tasks() {
        let run = |arguments: &[&str]| Task::Run {
            arguments: arguments.iter().map(OsString::from).collect(),
        };
        let only = |names: &[&str]| {
            Task::Test(test::Options { only: names.iter().map(ToString::to_string).collect() })
        };
        let cases = [
            ("", Task::Help),
            ("--help", Task::Help),
            ("web", Task::Web),
            ("run", run(&[])),
            ("run --port 7000", run(&["--port", "7000"])),
            ("run -- redis.conf --port 7000", run(&["redis.conf", "--port", "7000"])),
            ("test", only(&[])),
            ("test --only clippy,unit", only(&["clippy", "unit"])),
            (
                "crash --rounds 9 --policy no",
                Task::Crash(crash::Options { rounds: 9, policy: Some("no".into()) }),
            ),
            ("differential", Task::Differential(differential::Options::default())),
            (
                "differential --commands 5000 --seed 9",
                Task::Differential(differential::Options { commands: 5000, seed: 9 }),
            ),
        ];
        for (line, expect) in cases {
            assert_eq!(parsed(line).ok(), Some(expect), "{line}");
        }
    }

    #[test]
    fn bench_takes_numbers() {
        let Ok(Task::Bench(options)) = parsed(
            "bench --rounds 3 --seconds 0.5 --pipeline 1,16 --syscalls --workloads get,LRANGE_100",
        ) else {
            panic!("not read");
        };
        assert_eq!((options.rounds, options.seconds, options.syscalls), (3, 0.5, true));
        assert_eq!(options.pipeline, [1, 16]);
        assert_eq!(options.workloads, ["get", "LRANGE_100"]);
    }

    #[test]
    fn bench_has_subjects() {
        let cases = [
            ("bench", bench::Subject::Throughput),
            ("bench --memory", bench::Subject::Memory),
            ("bench --stalls --rounds 1", bench::Subject::Stalls),
            ("bench --persistence --rounds 1", bench::Subject::Persistence),
            ("bench --background", bench::Subject::Background),
            ("bench --durable --rounds 3", bench::Subject::Durable),
            ("bench --replication --rounds 1", bench::Subject::Replication),
            ("bench --crowds", bench::Subject::Crowds),
            ("bench --in-process", bench::Subject::InProcess),
        ];
        for (line, expect) in cases {
            let Ok(Task::Bench(options)) = parsed(line) else { panic!("not read: {line}") };
            assert_eq!(options.subject, expect, "{line}");
        }
    }

    #[test]
    fn mistakes_are_refused() {
        for line in [
            "dance",
            "web now",
            "test --fast",
            "bench --rounds x",
            "bench --rounds 0",
            "bench --pipeline 1,",
            "differential --commands 0",
            "crash --rounds 0",
            "crash --policy sometimes",
            "bench --workloads SET,DANCE",
        ] {
            assert!(parsed(line).is_err(), "{line}");
        }
    }
}
