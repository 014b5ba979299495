//! The configuration file: one directive a line, `#` for comments, redis-cli's quoting.
//!
//! Pure: what a file makes of the outside world, `include` and `dir`, goes through [`Files`].
//! Flags of the command line arrive as further lines ([`super::CommandLine`]), so that here is all
//! there is to reading settings at the start, and errors look the same for both.

use std::fmt;

use super::Config;
use super::Problem;
use super::find;
use crate::resp;

/// What the file system does for a configuration file.
pub trait Files {
    /// The text of another file, for `include`.
    ///
    /// # Errors
    /// The operating system's words, e.g. "No such file or directory".
    fn read(&mut self, path: &str) -> Result<Vec<u8>, String>;

    /// Goes to the folder that `dir` names: relative names below it count from there. Returns its
    /// full name.
    ///
    /// # Errors
    /// The operating system's words.
    fn enter(&mut self, dir: &str) -> Result<String, String>;

    /// Looks at the words of a `user` line, after those of the lines before. Users are beyond what a
    /// configuration knows.
    ///
    /// # Errors
    /// What is wrong with the line.
    fn check_user(&mut self, words: &[&str]) -> Result<(), String>;
}

/// Why a configuration cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileError {
    /// A line is wrong: its number from 1, its text, and what is wrong with it.
    Line { number: usize, text: String, problem: Problem },
    /// An included file cannot be read.
    Include { path: String, reason: String },
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line { number, text, problem } => {
                writeln!(f, "Reading the configuration file, at line {number}")?;
                write!(f, ">>> '{text}'\n{}", problem.as_str())
            }
            Self::Include { path, reason } => {
                write!(f, "Fatal error, can't open config file '{path}': {reason}")
            }
        }
    }
}

impl Config {
    /// Sets what the lines of `text` say, in order. Returns the names of the settings it sets.
    ///
    /// # Errors
    /// The first line that is wrong.
    pub fn load(
        &mut self,
        text: &[u8],
        files: &mut dyn Files,
    ) -> Result<Vec<&'static str>, FileError> {
        let mut loader = Loader { config: self, files, named: Vec::new(), depth: 0 };
        loader.lines(text)?;
        Ok(loader.named)
    }
}

struct Loader<'a> {
    config: &'a mut Config,
    files: &'a mut dyn Files,
    named: Vec<&'static str>,
    depth: usize,
}

/// A line fails by itself, or because of what it includes.
enum LineError {
    Here(Problem),
    Elsewhere(FileError),
}

impl From<Problem> for LineError {
    fn from(problem: Problem) -> Self {
        Self::Here(problem)
    }
}

impl Loader<'_> {
    fn lines(&mut self, text: &[u8]) -> Result<(), FileError> {
        for (index, line) in text.split(|byte| *byte == b'\n').enumerate() {
            let line = line.trim_ascii();
            if line.is_empty() || line.starts_with(b"#") {
                continue;
            }
            self.line(line).map_err(|error| match error {
                LineError::Elsewhere(error) => error,
                LineError::Here(problem) => FileError::Line {
                    number: index + 1,
                    text: String::from_utf8_lossy(line).into_owned(),
                    problem,
                },
            })?;
        }
        Ok(())
    }

    fn line(&mut self, line: &[u8]) -> Result<(), LineError> {
        let words = resp::split_words(line)
            .ok_or(Problem::text("Unbalanced quotes in configuration line"))?
            .into_iter()
            .map(String::from_utf8)
            .collect::<Result<Vec<_>, _>>()
            .map_err(|_| Problem::text("argument must be UTF-8"))?;
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let Some((name, values)) = words.split_first() else { return Ok(()) };
        match (name.to_ascii_lowercase().as_str(), values) {
            ("include", [path]) => self.include(path),
            ("dir", [dir]) => {
                let dir = self.files.enter(dir).map_err(Problem::from)?;
                Ok(self.set("dir", &[&dir])?)
            }
            ("save", values) => Ok(self.save(values)?),
            ("user", values @ [_, ..]) => Ok(self.user(values)?),
            (name, values) => match refusal(name, values.len()) {
                Some(problem) => Err(problem.into()),
                None => Ok(self.set(name, values)?),
            },
        }
    }

    fn set(&mut self, name: &str, values: &[&str]) -> Result<(), Problem> {
        let setting = find(name).ok_or(Problem::UNKNOWN)?;
        if values.is_empty() {
            return Err(Problem::WRONG_COUNT);
        }
        (setting.parse)(self.config, values)?;
        if !self.named.contains(&setting.name) {
            self.named.push(setting.name);
        }
        Ok(())
    }

    /// The first `save` replaces the default save points; more of them add to it.
    fn save(&mut self, values: &[&str]) -> Result<(), Problem> {
        let before = match self.named.contains(&"save") {
            true => self.config.save.clone(),
            false => Vec::new(),
        };
        self.set("save", values)?;
        if !self.config.save.is_empty() {
            self.config.save.splice(0..0, before);
        }
        Ok(())
    }

    fn user(&mut self, words: &[&str]) -> Result<(), Problem> {
        self.files.check_user(words)?;
        self.config.users.push(words.iter().map(|word| (*word).to_owned()).collect());
        Ok(())
    }

    fn include(&mut self, path: &str) -> Result<(), LineError> {
        if self.depth == INCLUDE_DEPTH_MAX {
            return Err(Problem::text("include goes too deep").into());
        }
        let text = self.files.read(path).map_err(|reason| {
            LineError::Elsewhere(FileError::Include { path: path.to_owned(), reason })
        })?;
        self.depth += 1;
        self.lines(&text).map_err(LineError::Elsewhere)?;
        self.depth -= 1;
        Ok(())
    }
}

/// Directives of Redis that are no settings. Taking them and doing nothing would do harm: a command
/// somebody wanted disabled would work.
fn refusal(name: &str, values: usize) -> Option<Problem> {
    Some(Problem::text(match (name, values) {
        ("rename-command", 2) => "Redarium does not rename commands yet",
        ("loadmodule", 1..) => "Redarium loads no modules",
        _ => return None,
    }))
}

/// A file that includes itself ends somewhere.
const INCLUDE_DEPTH_MAX: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::MasterAddress;
    use crate::config::SavePoint;

    struct Fake;

    impl Files for Fake {
        fn read(&mut self, path: &str) -> Result<Vec<u8>, String> {
            match path {
                "good.conf" => Ok(b"hz 7\n".to_vec()),
                "bad.conf" => Ok(b"\n# two\nhz x\n".to_vec()),
                "loop.conf" => Ok(b"include loop.conf\n".to_vec()),
                _ => Err("No such file or directory".into()),
            }
        }

        fn enter(&mut self, dir: &str) -> Result<String, String> {
            match dir {
                "data" => Ok("/srv/data".into()),
                _ => Err("No such file or directory".into()),
            }
        }

        fn check_user(&mut self, words: &[&str]) -> Result<(), String> {
            if words[0] == "bad" { Err("nobody".into()) } else { Ok(()) }
        }
    }

    fn load(text: &str) -> Result<Config, String> {
        let mut config = Config::default();
        match config.load(text.as_bytes(), &mut Fake) {
            Ok(_) => Ok(config),
            Err(error) => Err(error.to_string()),
        }
    }

    fn check(text: &str, expect: impl Fn(&mut Config)) {
        let mut expected = Config::default();
        expect(&mut expected);
        assert_eq!(load(text), Ok(expected), "{text}");
    }

    #[test]
    fn reads_directives() {
        check("", |_| {});
        check("# port 1\n\n  \t\r\n", |_| {});
        check("port 7000\r\n  HZ\t20  ", |c| (c.port, c.hz) = (7000, 20));
        check("bind 127.0.0.1 -::1\nbind 10.0.0.1", |c| c.bind = vec!["10.0.0.1".into()]);
        check("requirepass \"a b\\x41\"", |c| c.requirepass = "a bA".into());
        check("requirepass ''", |_| {});
        check("USER a on >p\nuser b (+get ~k)", |c| {
            let line = |text: &str| text.split(' ').map(str::to_owned).collect();
            c.users = vec![line("a on >p"), line("b (+get ~k)")];
        });
        check("dir data", |c| c.dir = "/srv/data".into());
        check("include good.conf\ntimeout 3", |c| (c.hz, c.timeout) = (7, 3));
        let master = || Some(MasterAddress { host: "localhost".into(), port: 6379 });
        check("replicaof localhost 6379", |c| c.replicaof = master());
        check("slaveof \"localhost 6379\"", |c| c.replicaof = master());
        check("slaveof localhost 6379\nreplicaof NO ONE", |_| {});
        check("client-output-buffer-limit replica 1 2 3", |c| {
            let limit = &mut c.client_output_buffer_limit.replica;
            (limit.hard_bytes, limit.soft_bytes, limit.soft_seconds) = (1, 2, 3);
        });
    }

    #[test]
    fn tells_what_it_set() {
        let mut config = Config::default();
        let named = config.load(b"slaveof no one\nHZ 5\ndir data", &mut Fake).unwrap();
        assert_eq!(named, ["replicaof", "hz", "dir"]);
    }

    #[test]
    fn save_lines_add_up() {
        let points = |pairs: &[(u64, u64)]| -> Vec<SavePoint> {
            pairs.iter().map(|&(seconds, changes)| SavePoint { seconds, changes }).collect()
        };
        check("save 10 1", |c| c.save = points(&[(10, 1)]));
        check("save 10 1\nsave 20 2 30 3", |c| c.save = points(&[(10, 1), (20, 2), (30, 3)]));
        check("save \"10 1\"", |c| c.save = points(&[(10, 1)]));
        check("save ''", |c| c.save = vec![]);
        check("save 10 1\nsave \"\"", |c| c.save = vec![]);
        check("save \"\"\nsave 10 1", |c| c.save = points(&[(10, 1)]));
    }

    #[test]
    fn tells_the_line_that_is_wrong() {
        for (text, number, line, problem) in [
            ("hz 5\n\nfoo bar", 3, "foo bar", "Bad directive or wrong number of arguments"),
            (" port 1 2 ", 1, "port 1 2", "wrong number of arguments"),
            ("port", 1, "port", "wrong number of arguments"),
            ("port abc", 1, "port abc", "argument couldn't be parsed into an integer"),
            ("port \"1", 1, "port \"1", "Unbalanced quotes in configuration line"),
            ("save 10", 1, "save 10", "Invalid save parameters"),
            ("save", 1, "save", "wrong number of arguments"),
            ("replicaof localhost", 1, "replicaof localhost", "wrong number of arguments"),
            ("replicaof h 99999", 1, "replicaof h 99999", "Invalid master port"),
            ("user bad on", 1, "user bad on", "nobody"),
            ("user", 1, "user", "Bad directive or wrong number of arguments"),
            ("dir /nowhere", 1, "dir /nowhere", "No such file or directory"),
            ("dbfilename a/b", 1, "dbfilename a/b", "dbfilename can't be a path, just a filename"),
            ("include bad.conf", 3, "hz x", "argument couldn't be parsed into an integer"),
            ("include loop.conf", 1, "include loop.conf", "include goes too deep"),
            (
                "rename-command KEYS ''",
                1,
                "rename-command KEYS ''",
                "Redarium does not rename commands yet",
            ),
            ("cluster-enabled yes", 1, "cluster-enabled yes", "Redarium has no cluster mode"),
        ] {
            let expect = format!(
                "Reading the configuration file, at line {number}\n>>> '{line}'\n{problem}"
            );
            assert_eq!(load(text), Err(expect), "{text}");
        }
        assert_eq!(
            load("include c.conf"),
            Err("Fatal error, can't open config file 'c.conf': No such file or directory".into())
        );
    }
}
