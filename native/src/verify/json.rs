//! What was found, for programs.

use super::outcome::FileOutcome;
use super::outcome::State;

/// One object: totals, then differences and problems with their places.
pub fn json(outcomes: &[FileOutcome]) -> String {
    let mut differences = Vec::new();
    let mut problems = Vec::new();
    let (mut transcripts, mut commands) = (0, 0);
    for file in outcomes {
        let path = quoted(&file.path);
        for one in &file.transcripts {
            transcripts += usize::from(one.state == State::Run);
            commands += one.commands;
            if let State::Wrong(why) = &one.state {
                let (line, why) = (one.block.line, quoted(why));
                problems.push(format!("{{\"file\":{path},\"line\":{line},\"message\":{why}}}"));
            }
            differences.extend(one.differences.iter().map(|difference| {
                format!(
                    "{{\"file\":{path},\"line\":{},\"command\":{},\"expected\":{},\"printed\":{}}}",
                    difference.line,
                    quoted(&difference.command),
                    list(&difference.expected),
                    list(&difference.printed),
                )
            }));
        }
    }
    format!(
        "{{\"files\":{},\"transcripts\":{transcripts},\"commands\":{commands},\"differences\":[{}],\"problems\":[{}]}}\n",
        outcomes.len(),
        differences.join(","),
        problems.join(",")
    )
}

fn list(lines: &[String]) -> String {
    let lines: Vec<String> = lines.iter().map(|line| quoted(line)).collect();
    format!("[{}]", lines.join(","))
}

fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            c if c.is_control() => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
