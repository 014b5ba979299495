//! What was found, for a person at a terminal.

use std::fmt::Write;

use super::outcome::Difference;
use super::outcome::FileOutcome;
use super::outcome::State;

/// Each difference with its place, and a line that sums up.
pub fn text(outcomes: &[FileOutcome], blessed: bool) -> String {
    let mut out = String::new();
    for file in outcomes {
        for one in &file.transcripts {
            if let State::Wrong(why) = &one.state {
                let _ = writeln!(out, "{}:{}: {why}", file.path, one.block.line);
            }
            for difference in &one.differences {
                let _ = writeln!(out, "{}:{}: {}", file.path, difference.line, difference.command);
                out.push_str(&diff(difference));
            }
        }
    }
    out.push_str(&summary(outcomes, blessed));
    out
}

/// What was expected behind `-`, what was printed behind `+`; lines that agree at either end once.
pub fn diff(difference: &Difference) -> String {
    let Difference { expected, printed, .. } = difference;
    let head = common(expected.iter(), printed.iter());
    let (expected_rest, printed_rest) = (&expected[head..], &printed[head..]);
    let tail = common(expected_rest.iter().rev(), printed_rest.iter().rev());
    let parts = [
        ("  ", &expected[..head]),
        ("- ", &expected_rest[..expected_rest.len() - tail]),
        ("+ ", &printed_rest[..printed_rest.len() - tail]),
        ("  ", &printed_rest[printed_rest.len() - tail..]),
    ];
    let lines = parts.iter().flat_map(|(mark, lines)| lines.iter().map(move |line| (mark, line)));
    lines.fold(String::new(), |mut out, (mark, line)| {
        let _ = writeln!(out, "{mark}{line}");
        out
    })
}

fn common<'a>(
    some: impl Iterator<Item = &'a String>,
    others: impl Iterator<Item = &'a String>,
) -> usize {
    some.zip(others).take_while(|(one, other)| one == other).count()
}

fn summary(outcomes: &[FileOutcome], blessed: bool) -> String {
    let all = || outcomes.iter().flat_map(|file| &file.transcripts);
    let run = all().filter(|one| one.state == State::Run).count();
    let skipped = all().filter(|one| one.state == State::Skipped).count();
    let commands: usize = all().map(|one| one.commands).sum();
    let different: usize = all().map(|one| one.differences.len()).sum();
    let verdict = match (different, blessed) {
        (0, _) => "all as written".to_owned(),
        (count, false) => format!("{count} differ"),
        (count, true) => format!("{count} written anew"),
    };
    let left =
        if skipped > 0 { format!(", {skipped} blocks without a prompt") } else { String::new() };
    format!("{run} transcripts, {commands} commands, {} files: {verdict}{left}\n", outcomes.len())
}
