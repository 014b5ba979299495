//! The replies of HELP subcommands.
//!
//! Their form is Redis's: a headline, then for each subcommand its usage, its
//! description indented below, and HELP itself at the end.

use super::Context;

/// Usage of a subcommand and the lines that describe it.
pub type Lines = &'static [(&'static str, &'static [&'static str])];

/// Replies with the help of `container`, given in upper case.
pub fn reply(ctx: &mut Context<'_>, container: &str, lines: Lines) {
    let described: usize = lines.iter().map(|(_, description)| 1 + description.len()).sum();
    ctx.reply.array(1 + described + 2);
    ctx.reply
        .simple(&format!("{container} <subcommand> [<arg> [value] [opt] ...]. Subcommands are:"));
    for (usage, description) in lines {
        ctx.reply.simple(usage);
        for line in *description {
            ctx.reply.simple(&format!("    {line}"));
        }
    }
    ctx.reply.simple("HELP");
    ctx.reply.simple("    Print this help.");
}
