//! From text to steps.

use super::directive;
use super::directive::Directive;
use super::directive::Setup;

/// What a text says was done, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Transcript {
    pub setup: Setup,
    pub steps: Vec<Step>,
}

/// One thing done, and what was printed because of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Counted from 0. The lines that are expected follow it.
    pub line: usize,
    pub action: Action,
    /// Without blank lines at the end.
    pub expected: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// A line typed at the prompt.
    Command {
        /// As it is written, with the space at its end.
        prompt: String,
        command: String,
    },
    /// What follows is typed and printed at the terminal of this name.
    Client {
        name: String,
    },
    Advance {
        us: u64,
    },
}

impl Transcript {
    /// Reads a text. One without a command is no transcript: `None`.
    pub fn parse(text: &str) -> Option<Self> {
        let mut transcript = Self::default();
        for (number, line) in text.lines().enumerate() {
            transcript.take(number, line.trim_end());
        }
        for step in &mut transcript.steps {
            while step.expected.last().is_some_and(String::is_empty) {
                step.expected.pop();
            }
        }
        transcript.has_command().then_some(transcript)
    }

    /// Whether it says what anything prints, or only what to type.
    pub fn has_output(&self) -> bool {
        self.steps.iter().any(|step| !step.expected.is_empty())
    }

    fn take(&mut self, line: usize, text: &str) {
        let mut begin = |action| self.steps.push(Step { line, action, expected: Vec::new() });
        if let Some((prompt, command)) = split_prompt(text) {
            if !command.is_empty() {
                begin(Action::Command { prompt: prompt.to_owned(), command: command.to_owned() });
            }
            return;
        }
        match directive::read(text) {
            Some(Directive::Do(action)) => begin(action),
            Some(Directive::Set(setup)) => self.setup.merge(setup),
            // Before the first command it is a remark.
            None => {
                if let Some(step) = self.steps.last_mut() {
                    step.expected.push(text.to_owned());
                }
            }
        }
    }

    fn has_command(&self) -> bool {
        self.steps.iter().any(|step| matches!(step.action, Action::Command { .. }))
    }
}

/// Splits a line into a prompt, if it begins with one, and what was typed there: `redis> `, `> `,
/// `127.0.0.1:6379[2](TX)> `.
fn split_prompt(line: &str) -> Option<(&str, &str)> {
    let text = line.trim_start();
    let end = match text.find("> ") {
        Some(at) => at + 2,
        None if text.ends_with('>') => text.len(),
        None => return None,
    };
    let (prompt, command) = text.split_at(end);
    is_prompt(prompt.trim_end().strip_suffix('>')?).then_some((prompt, command.trim()))
}

/// What may stand before the `>`: a place, then a database, then a mode.
fn is_prompt(text: &str) -> bool {
    let mut rest = text;
    for mode in ["(TX)", "(subscribed mode)"] {
        rest = rest.strip_suffix(mode).unwrap_or(rest);
    }
    if let Some((place, db)) = rest.strip_suffix(']').and_then(|rest| rest.rsplit_once('[')) {
        if db.is_empty() || !is_digits(db) {
            return false;
        }
        rest = place;
    }
    ["", "redis", "redis-cli", "not connected"].contains(&rest) || is_address(rest)
}

fn is_address(text: &str) -> bool {
    let Some((host, port)) = text.rsplit_once(':') else { return false };
    let of_host = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
    !host.is_empty() && host.bytes().all(of_host) && !port.is_empty() && is_digits(port)
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn commands(text: &str) -> Vec<(usize, String, Vec<String>)> {
        let Some(transcript) = Transcript::parse(text) else { return Vec::new() };
        let shown = |step: Step| match step.action {
            Action::Command { command, .. } => (step.line, command, step.expected),
            other => (step.line, format!("{other:?}"), step.expected),
        };
        transcript.steps.into_iter().map(shown).collect()
    }

    #[test]
    fn prompts() {
        for (line, expect) in [
            ("redis> GET k", Some("GET k")),
            ("> GET k", Some("GET k")),
            ("127.0.0.1:6379> GET k", Some("GET k")),
            ("  my-host_1:7000[12](TX)> GET k", Some("GET k")),
            ("redis(subscribed mode)> PING", Some("PING")),
            ("not connected> PING", Some("PING")),
            ("redis>", Some("")),
            ("redis> SET k \"> \"", Some("SET k \"> \"")),
            ("1) \"a> b\"", None),
            ("a > b", None),
            ("redis[x]> GET k", None),
            ("host:> GET k", None),
            ("redis>GET k", None),
            ("", None),
        ] {
            assert_eq!(split_prompt(line).map(|(_, command)| command), expect, "{line:?}");
        }
    }

    #[test]
    fn output_stands_behind_its_command() {
        let text = "# remark\nredis> INFO server\n# Server\n\nx:1\n\nredis> \n# advance 5s\n> GET k\n(nil)\n";
        let got = commands(text);
        assert_eq!(got.len(), 3);
        assert_eq!(
            got[0],
            (1, "INFO server".into(), vec!["# Server".into(), "".into(), "x:1".into()])
        );
        assert_eq!(got[1].0, 7);
        assert_eq!(got[2], (8, "GET k".into(), vec!["(nil)".into()]));
    }

    #[test]
    fn a_setup_stands_anywhere() {
        let transcript = Transcript::parse("# seed 7\n> PING\nPONG\n# replicas 2\n").unwrap();
        let expect = Setup { seed: Some(7), replicas: Some(2), session: None };
        assert_eq!(transcript.setup, expect);
        assert_eq!(transcript.steps.len(), 1);
    }

    #[test]
    fn without_a_command_it_is_none() {
        for text in ["", "SET k v\nOK", "redis> ", "# advance 5s"] {
            assert_eq!(Transcript::parse(text), None, "{text:?}");
        }
    }
}
