//! The words of the command line, as lines of a configuration file.
//!
//! As redis-server does: a first word that is no flag names the file; each `--name` starts a line,
//! the words after it are its values, and what follows the file overrides it. A name and its value
//! may share a word (`"--port 7000"`). A lone `-` at the end asks for standard input.

/// What the command line says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CommandLine {
    /// The configuration file.
    pub file: Option<String>,
    /// More configuration is on standard input, to be read after the file.
    pub stdin: bool,
    /// The flags, as lines to be read last.
    pub lines: String,
}

impl CommandLine {
    /// Reads the words after the program's name.
    pub fn parse(words: &[String]) -> Self {
        let mut line = Self::default();
        let mut words = words;
        if let [first, rest @ ..] = words
            && !first.starts_with('-')
        {
            line.file = Some(first.clone());
            words = rest;
        }
        if let [rest @ .., last] = words
            && last == "-"
        {
            line.stdin = true;
            words = rest;
        }
        line.flags(words);
        line
    }

    fn flags(&mut self, words: &[String]) {
        // Right after a bare flag stands its value, even if it starts with `--`.
        let mut value_next = false;
        for (index, word) in words.iter().enumerate() {
            let name = word.strip_prefix("--").filter(|_| !value_next);
            let Some(name) = name else {
                self.push_value(word);
                value_next = false;
                continue;
            };
            self.start_line(name);
            value_next = !name.trim_ascii().contains(char::is_whitespace);
            let at_end = words.get(index + 1).is_none_or(|next| next.starts_with("--"));
            if at_end && name.eq_ignore_ascii_case("save") {
                self.push_value("");
                value_next = false;
            }
        }
    }

    fn start_line(&mut self, name: &str) {
        if !self.lines.is_empty() {
            self.lines.push('\n');
        }
        self.lines.push_str(name);
    }

    fn push_value(&mut self, value: &str) {
        if !self.lines.is_empty() {
            self.lines.push(' ');
        }
        self.lines.push_str(&quoted(value));
    }
}

/// The word in double quotes, as the file's reader takes it back.
fn quoted(word: &str) -> String {
    let mut text = String::from("\"");
    for letter in word.chars() {
        match letter {
            '"' | '\\' => text.extend(['\\', letter]),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            letter => text.push(letter),
        }
    }
    text.push('"');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(words: &[&str], file: Option<&str>, lines: &str) {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        let expect =
            CommandLine { file: file.map(str::to_owned), stdin: false, lines: lines.into() };
        assert_eq!(CommandLine::parse(&words), expect, "{words:?}");
    }

    #[test]
    fn flags_become_lines() {
        check(&[], None, "");
        check(&["a.conf"], Some("a.conf"), "");
        check(&["--port", "7000"], None, r#"port "7000""#);
        check(&["--port", "7000", "--hz", "5"], None, "port \"7000\"\nhz \"5\"");
        check(&["a.conf", "--port", "7000"], Some("a.conf"), r#"port "7000""#);
        check(&["a.conf", "loglevel", "verbose"], Some("a.conf"), r#""loglevel" "verbose""#);
        check(&["--maxmemory 700mb", "--hz", "5"], None, "maxmemory 700mb\nhz \"5\"");
        check(&["--replicaof", "localhost 1"], None, r#"replicaof "localhost 1""#);
        check(&["--replicaof", "localhost", "1"], None, r#"replicaof "localhost" "1""#);
        check(
            &["--save", "100", "100", "--save", "5 5"],
            None,
            "save \"100\" \"100\"\nsave \"5 5\"",
        );
        check(&["--port"], None, "port");
        check(&["--requirepass", "--x", "--hz", "5"], None, "requirepass \"--x\"\nhz \"5\"");
        check(&["--requirepass", "a\"\\\n"], None, r#"requirepass "a\"\\\n""#);
    }

    #[test]
    fn a_bare_save_turns_saving_off() {
        check(&["--save"], None, r#"save """#);
        check(&["--save", "--port", "1"], None, "save \"\"\nport \"1\"");
        check(&["--save", ""], None, r#"save """#);
    }

    #[test]
    fn a_lone_dash_asks_for_standard_input() {
        let words = ["a.conf", "--port", "1", "-"].map(str::to_owned);
        let line = CommandLine::parse(&words);
        assert!(line.stdin);
        assert_eq!(line.lines, r#"port "1""#);
        assert!(CommandLine::parse(&["-".to_owned()]).stdin);
    }
}
