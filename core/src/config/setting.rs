//! One setting: its names, when it may change, and how it is read and printed.
//!
//! A [`Setting`] never holds a value. It knows the field of [`Config`] that does, through two
//! functions the table's macro writes from the field and its [`Kind`].

use std::borrow::Cow;

use super::Config;
use crate::resp;

/// One row of the table.
pub struct Setting {
    pub name: &'static str,
    /// The older name, where Redis keeps one: `slave-read-only`, `hash-max-ziplist-entries`.
    pub alias: Option<&'static str>,
    pub change: Change,
    pub(super) parse: fn(&mut Config, Words) -> Result<(), Problem>,
    pub(super) print: fn(&Config) -> String,
    pub(super) lines: fn(&Config) -> Vec<String>,
}

/// When a setting may change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// By CONFIG SET, at any time.
    Anytime,
    /// As `Anytime`, but CONFIG GET shows it only when asked by its whole name.
    Hidden,
    /// By CONFIG SET where `enable-protected-configs` lets it.
    Protected,
    /// From the command line or a file only.
    AtStart,
}

/// What stands after a setting's name: the words of a line, or the one value of a CONFIG SET.
pub type Words<'a> = &'a [&'a str];

/// How values of a type are read and printed. The texts of problems are Redis's.
pub trait Kind<T> {
    /// The value that `words` spell. `old` is the value now, for settings changed in part.
    ///
    /// # Errors
    /// What is wrong with the words.
    fn parse(&self, words: Words, old: &T) -> Result<T, Problem>;

    /// The value as CONFIG GET shows it.
    fn print(&self, value: &T) -> String;

    /// The value as a file has it after the setting's name, on as many lines as it takes.
    fn lines(&self, value: &T) -> Vec<String> {
        let text = self.print(value);
        vec![if text.is_empty() { quoted(&text) } else { text }]
    }
}

/// Why a value was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem(Cow<'static, str>);

impl Problem {
    pub const WRONG_COUNT: Self = Self::text("wrong number of arguments");
    pub const UNKNOWN: Self = Self::text("Bad directive or wrong number of arguments");

    pub const fn text(text: &'static str) -> Self {
        Self(Cow::Borrowed(text))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for Problem {
    fn from(text: String) -> Self {
        Self(Cow::Owned(text))
    }
}

impl Setting {
    /// Which of the setting's names `name` is, if any. Case does not matter.
    pub fn is_named(&self, name: &str) -> bool {
        self.names().any(|own| own.eq_ignore_ascii_case(name))
    }

    /// The value as CONFIG GET shows it.
    pub fn value_in(&self, config: &Config) -> String {
        (self.print)(config)
    }

    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        std::iter::once(self.name).chain(self.alias)
    }
}

/// The single word a setting takes.
///
/// # Errors
/// [`Problem::WRONG_COUNT`].
pub(super) fn one<'a>(words: Words<'a>) -> Result<&'a str, Problem> {
    match words {
        [word] => Ok(word),
        _ => Err(Problem::WRONG_COUNT),
    }
}

/// The words of a setting that takes several: a single one is itself split at each space, so that
/// CONFIG SET and quoting in a file work the same.
pub(super) fn many<'a>(words: Words<'a>) -> Vec<&'a str> {
    match words {
        [] | [""] => Vec::new(),
        [word] => word.split(' ').collect(),
        words => words.to_vec(),
    }
}

/// A text in double quotes, as the file's reader takes it back.
pub(super) fn quoted(text: &str) -> String {
    let mut quoted = Vec::new();
    resp::quote(text.as_bytes(), &mut quoted);
    String::from_utf8_lossy(&quoted).into_owned()
}

/// Writes [`Config`], its default and the table from one list of rows:
/// `field: type = default => "name" / "alias", kind, when it may change;`
macro_rules! settings {
    ($($(#[$doc:meta])* $field:ident: $type:ty = $default:expr
        => $name:literal $(/ $alias:literal)?, $kind:expr, $change:ident;)*) => {
        /// What a node is told at its start and what CONFIG SET changes. The default is Redis
        /// 7.4's without a configuration file, except that only loopback is listened on.
        #[derive(Clone, Debug, PartialEq)]
        pub struct Config {
            /// Record every event, not only log lines. Not a setting: the shell's choice.
            pub observe: bool,
            /// Counts the changes that [`Config::apply`] made, for a shell that follows them.
            pub revision: u64,
            /// The same for settings of TLS, even where a file's name stays what it was: the file may
            /// hold another certificate by now.
            pub tls_revision: u64,
            /// The file the settings were read from, for INFO. Not a setting: the shell's.
            pub config_file: String,
            /// The `user` lines, each without its first word.
            pub users: Vec<Vec<String>>,
            $($(#[$doc])* pub $field: $type,)*
        }

        impl Default for Config {
            fn default() -> Self {
                Self {
                    observe: false,
                    revision: 0,
                    tls_revision: 0,
                    config_file: String::new(),
                    users: Vec::new(),
                    $($field: $default,)*
                }
            }
        }

        /// Every setting.
        pub const SETTINGS: &[Setting] = &[$(Setting {
            name: $name,
            alias: settings!(@alias $($alias)?),
            change: Change::$change,
            parse: |config, words| {
                config.$field = Kind::<$type>::parse(&$kind, words, &config.$field)?;
                Ok(())
            },
            print: |config| Kind::<$type>::print(&$kind, &config.$field),
            lines: |config| Kind::<$type>::lines(&$kind, &config.$field),
        },)*];
    };
    (@alias) => { None };
    (@alias $alias:literal) => { Some($alias) };
}
pub(super) use settings;
