//! Writes what was printed in place of what was expected, and touches nothing else: steps that
//! match keep their `...`.

use super::outcome::BlockOutcome;
use super::outcome::Difference;
use super::outcome::FileOutcome;

/// The file's text as it ought to be; `None` when it is so already.
pub fn blessed(text: &str, outcome: &FileOutcome) -> Option<String> {
    let mut blessed = text.to_owned();
    let mut changed = false;
    // From the end on, so that what is still to be written stays where it was found.
    for one in outcome.transcripts.iter().rev().filter(|one| !one.differences.is_empty()) {
        let content = text.get(one.block.range.clone())?;
        blessed.replace_range(one.block.range.clone(), &rewritten(content, text, one));
        changed = true;
    }
    changed.then_some(blessed)
}

fn rewritten(content: &str, text: &str, outcome: &BlockOutcome) -> String {
    let plain = outcome.block.transcript(text);
    let plain: Vec<&str> = plain.lines().collect();
    let mut lines: Vec<String> = content.split('\n').map(str::to_owned).collect();
    for difference in outcome.differences.iter().rev() {
        let start = (difference.step_line + 1).min(lines.len());
        let end = (start + expected_len(&plain, difference)).min(lines.len());
        let printed = outcome.block.written(&difference.printed);
        let fresh = match difference.printed.is_empty() {
            true => Vec::new(),
            false => printed.split('\n').map(str::to_owned).collect(),
        };
        // The content of a tag may end behind its last command, on the same line.
        lines.splice(start..end, fresh);
    }
    lines.join("\n")
}

/// How many lines behind the command are the ones that were expected.
fn expected_len(plain: &[&str], difference: &Difference) -> usize {
    let behind = plain.iter().skip(difference.step_line + 1);
    let same = |(line, expected): &(&&str, &String)| line.trim_end() == expected.as_str();
    behind.zip(&difference.expected).take_while(same).count()
}
