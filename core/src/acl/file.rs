//! Users in files: the lines of an ACL file, and the `user` lines of a configuration.

use super::rule::Problem;
use super::user::User;
use super::users::Users;
use super::words::has_spaces;
use super::words::join_selectors;

impl Users {
    /// The users of an ACL file: `user <name> <rules>` a line. All of it is read, so that every fault
    /// is told at once; `file` is how they name it.
    ///
    /// # Errors
    /// What is wrong with each line, in one line of text.
    pub fn parse_file(text: &[u8], file: &str, all_channels: bool) -> Result<Self, Vec<u8>> {
        let mut reader = Reader {
            file,
            all_channels,
            users: Self::default(),
            has_default: false,
            errors: Vec::new(),
        };
        for (index, line) in text.split(|byte| *byte == b'\n').enumerate() {
            reader.line(line, index + 1);
        }
        let Reader { users, mut errors, .. } = reader;
        if !errors.is_empty() {
            errors.extend_from_slice(b"WARNING: ACL errors detected, no change to the previously active ACL rules was performed");
            return Err(errors);
        }
        Ok(users)
    }

    /// Takes a `user` line of a configuration: its words after `user`. The default user begins anew.
    ///
    /// # Errors
    /// The word that makes no sense, and why.
    pub fn take_line(&mut self, words: &[&[u8]], all_channels: bool) -> Result<(), String> {
        let refusal = |word: &[u8], problem: &str| {
            format!("Error in user declaration '{}': {problem}", String::from_utf8_lossy(word))
        };
        let Some((&name, rules)) = words.split_first() else { return Ok(()) };
        if has_spaces(name) {
            return Err(refusal(name, "Spaces not allowed in ACL usernames"));
        }
        if name != b"default" && self.named(name).is_some() {
            return Err(refusal(name, Problem::Duplicate.text()));
        }
        let joined = join_selectors(rules).map_err(|unmatched| {
            let word = rules.get(unmatched.0).copied().unwrap_or_default();
            refusal(word, "Unmatched parenthesis in acl selector")
        })?;
        let mut user = User::new(name, all_channels);
        for word in &joined {
            user.apply(word, all_channels).map_err(|problem| refusal(word, problem.text()))?;
        }
        self.put(user);
        Ok(())
    }
}

struct Reader<'a> {
    file: &'a str,
    all_channels: bool,
    users: Users,
    /// The default user is there from the start, and is declared once all the same.
    has_default: bool,
    /// Bytes, since they quote the file's.
    errors: Vec<u8>,
}

impl Reader<'_> {
    fn line(&mut self, line: &[u8], number: usize) {
        let line = trimmed(line, b" \t\r\n");
        if line.is_empty() {
            return;
        }
        let words: Vec<&[u8]> = line.split(|byte| *byte == b' ').collect();
        let &[keyword, name, ref rules @ ..] = words.as_slice() else {
            return self
                .fault(number, b" should start with user keyword followed by the username. ");
        };
        if keyword != b"user" {
            return self
                .fault(number, b" should start with user keyword followed by the username. ");
        }
        if has_spaces(name) {
            // Redis opens a quote before the file's name and never closes it.
            self.errors.push(b'\'');
            let text = [b": username '", name, b"' contains invalid characters. "].concat();
            return self.fault(number, &text);
        }
        let is_default = name == b"default";
        let is_known = if is_default { self.has_default } else { self.users.named(name).is_some() };
        if is_known {
            let line = number.to_string();
            let parts =
                [b"WARNING: Duplicate user '", name, b"' found on line ", line.as_bytes(), b". "];
            return self.errors.extend(parts.concat());
        }
        let Ok(rules) = join_selectors(rules) else {
            return self.fault(number, b": Unmatched parenthesis in selector definition.");
        };
        let mut user = User::new(name, self.all_channels);
        let mut told = false;
        let rules = rules.iter().map(|rule| trimmed(rule, b"\t\r\n"));
        for rule in rules {
            let Err(problem) = user.apply(rule, self.all_channels) else { continue };
            let text = problem.text().as_bytes();
            if problem == Problem::UnknownCommand {
                let before: &[u8] = b": Error in applying operation '";
                self.fault(number, &[before, rule, b"': ", text, b". "].concat());
            } else if !std::mem::replace(&mut told, true) {
                // A later one may follow from this one.
                self.fault(number, &[b": ", text, b". "].concat());
            }
        }
        self.has_default |= is_default;
        self.users.put(user);
    }

    fn fault(&mut self, number: usize, text: &[u8]) {
        self.errors.extend_from_slice(format!("{}:{number}", self.file).as_bytes());
        self.errors.extend_from_slice(text);
    }
}

fn trimmed<'a>(mut text: &'a [u8], what: &[u8]) -> &'a [u8] {
    while let Some((_, rest)) = text.split_first().filter(|(first, _)| what.contains(first)) {
        text = rest;
    }
    while let Some((_, rest)) = text.split_last().filter(|(last, _)| what.contains(last)) {
        text = rest;
    }
    text
}
