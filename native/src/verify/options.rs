//! The command line of `verify`.

/// What to verify, and how to say what was found.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Options {
    pub paths: Vec<String>,
    /// Write what was printed in place of what was expected.
    pub bless: bool,
    /// Where else to report: a file, or `-`.
    pub json: Option<String>,
    pub junit: Option<String>,
}

impl Options {
    /// Reads the words after `verify`.
    ///
    /// # Errors
    /// What is wrong, and how it is to be written.
    pub fn read(words: &[String]) -> Result<Self, String> {
        let mut options = Self::default();
        let mut words = words.iter();
        while let Some(word) = words.next() {
            let mut file = || words.next().cloned().ok_or(format!("{word} takes a file\n{USAGE}"));
            match word.as_str() {
                "--bless" => options.bless = true,
                "--json" => options.json = Some(file()?),
                "--junit" => options.junit = Some(file()?),
                "--help" => return Err(USAGE.into()),
                unknown if unknown.starts_with("--") => {
                    return Err(format!("There is no option {unknown}\n{USAGE}"));
                }
                path => options.paths.push(path.to_owned()),
            }
        }
        match options.paths.is_empty() {
            true => Err(USAGE.into()),
            false => Ok(options),
        }
    }
}

const USAGE: &str =
    "Usage: redarium verify [--bless] [--json FILE] [--junit FILE] FILE_OR_FOLDER...";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_words() {
        let read = |line: &str| {
            let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
            Options::read(&words)
        };
        let expect = Options {
            paths: vec!["docs".into(), "README.md".into()],
            bless: true,
            json: Some("-".into()),
            junit: Some("out.xml".into()),
        };
        assert_eq!(read("--bless docs --json - --junit out.xml README.md"), Ok(expect));
        for line in ["", "--bless", "docs --json", "docs --fast"] {
            assert!(read(line).is_err(), "{line}");
        }
    }
}
