//! LOLWUT: the version, with a drawing for those who ask for one.

use super::Context;
use super::Outcome;
use super::REDIS_VERSION;
use super::integer;
use super::spec::Arg;
use super::spec::Command;
use super::spec::Flags;
use super::spec::Group;
use super::spec::Run;
use crate::resp::Args;

pub const COMMANDS: &[Command] = &[Command {
    name: "lolwut",
    group: Group::Server,
    since: "5.0.0",
    summary: "Shows the version, and a drawing if one is asked for.",
    complexity: "O(1)",
    arity: -1,
    flags: Flags::READONLY.with(Flags::FAST),
    args: &[Arg::integer("version").token("VERSION").optional()],
    run: Run::Data(lolwut),
    ..Command::BASE
}];

fn lolwut(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let mut text = String::new();
    if args.is(1, "VERSION")
        && let Some(version) = args.maybe(2)
        && DRAWN.contains(&integer(version)?)
    {
        draw(ctx, &mut text);
    }
    text += &format!("Redis ver. {REDIS_VERSION}\n");
    ctx.reply.verbatim(b"txt", text.as_bytes());
    Ok(())
}

/// A maze of slashes, as home computers drew it in one line of BASIC.
fn draw(ctx: &mut Context<'_>, text: &mut String) {
    for _ in 0..ROWS {
        let bits = ctx.rng.next_u64();
        text.extend((0..COLUMNS).map(|at| if bits >> at & 1 == 0 { '╱' } else { '╲' }));
        text.push('\n');
    }
    text.push('\n');
}

/// Versions whose drawing may be asked for.
const DRAWN: [i64; 2] = [5, 6];
const ROWS: usize = 16;
const COLUMNS: usize = 60;
