//! What was found, in the form that CI systems read: a suite a file, a case a transcript.

use super::html;
use super::outcome::BlockOutcome;
use super::outcome::FileOutcome;
use super::outcome::State;
use super::report;

pub fn junit(outcomes: &[FileOutcome]) -> String {
    let suites: String = outcomes.iter().map(suite).collect();
    format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n{suites}</testsuites>\n")
}

fn suite(file: &FileOutcome) -> String {
    let cases: String = file.transcripts.iter().map(|one| case(&file.path, one)).collect();
    let failures = file.transcripts.iter().filter(|one| failure(one).is_some()).count();
    format!(
        "<testsuite name=\"{}\" tests=\"{}\" failures=\"{failures}\">\n{cases}</testsuite>\n",
        escaped(&file.path),
        file.transcripts.len()
    )
}

fn case(path: &str, one: &BlockOutcome) -> String {
    let inner = match (&one.state, failure(one)) {
        (State::Skipped, _) => "<skipped/>".to_owned(),
        (_, Some(text)) => {
            format!("<failure message=\"{}\">{}</failure>", title(one), escaped(&text))
        }
        _ => String::new(),
    };
    let (path, line) = (escaped(path), one.block.line);
    format!("<testcase classname=\"{path}\" name=\"line {line}\">{inner}</testcase>\n")
}

fn title(one: &BlockOutcome) -> String {
    match one.differences.len() {
        0 => "cannot be run".into(),
        1 => "1 command differs".into(),
        count => format!("{count} commands differ"),
    }
}

fn failure(one: &BlockOutcome) -> Option<String> {
    if let State::Wrong(why) = &one.state {
        return Some(why.clone());
    }
    let each = one.differences.iter().map(|difference| {
        format!("line {}: {}\n{}", difference.line, difference.command, report::diff(difference))
    });
    let text: String = each.collect();
    (!text.is_empty()).then_some(text)
}

fn escaped(text: &str) -> String {
    // XML holds no control characters, not even as entities.
    let visible = text.replace(|c: char| c.is_control() && c != '\n' && c != '\t', "\u{fffd}");
    html::encode(&visible).replace('"', "&quot;")
}
