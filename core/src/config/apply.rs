//! CONFIG GET and CONFIG SET, as functions of the configuration.

use std::borrow::Cow;

use super::Change;
use super::Config;
use super::Problem;
use super::SETTINGS;
use super::Setting;
use super::find;
use crate::data::glob;
use crate::error;
use crate::error::CommandError;

impl Config {
    /// The settings CONFIG GET shows for `patterns`, each once. A pattern without wildcards is a
    /// name: it is answered as the client spelt it, and finds hidden settings too.
    pub fn settings_matching(&self, patterns: &[&[u8]]) -> Vec<(String, String)> {
        let mut found: Vec<(String, String)> = Vec::new();
        for pattern in patterns {
            for (name, setting) in matching(pattern) {
                if found.iter().all(|(known, _)| *known != name) {
                    found.push((name, (setting.print)(self)));
                }
            }
        }
        found
    }

    /// CONFIG SET: changes all these settings or none. `protected` says whether this client may
    /// change protected ones (`enable-protected-configs`).
    ///
    /// # Errors
    /// What the client is told: an unknown name, or the first setting that cannot have its value.
    pub fn apply(&mut self, pairs: &[(&[u8], &[u8])], protected: bool) -> Result<(), CommandError> {
        let mut settings: Vec<&'static Setting> = Vec::with_capacity(pairs.len());
        let mut names: Vec<&'static str> = Vec::with_capacity(pairs.len());
        for (name, _) in pairs {
            let (setting, own_name) = named(name).ok_or_else(|| error::unknown_setting(name))?;
            may_change(setting, protected).map_err(|problem| refused(name, &problem))?;
            // An alias beside its setting is no duplicate to Redis: the later one wins.
            if names.contains(&own_name) {
                return Err(refused(name, &Problem::text("duplicate parameter")));
            }
            names.push(own_name);
            settings.push(setting);
        }
        let mut changed = self.clone();
        for (setting, (name, value)) in settings.into_iter().zip(pairs) {
            changed.set_value(setting, value).map_err(|problem| refused(name, &problem))?;
        }
        changed.revision = changed.revision.wrapping_add(1);
        if names.iter().any(|name| name.starts_with("tls-")) {
            changed.tls_revision = changed.tls_revision.wrapping_add(1);
        }
        *self = changed;
        Ok(())
    }

    /// Of bytes that are no text is said what the setting says of any value that does not fit. Redis takes
    /// them where it takes all; here settings are texts.
    fn set_value(&mut self, setting: &Setting, value: &[u8]) -> Result<(), Problem> {
        let text = String::from_utf8_lossy(value);
        (setting.parse)(self, &[&text])?;
        match text {
            Cow::Borrowed(_) => Ok(()),
            Cow::Owned(_) => Err(Problem::text("argument must be UTF-8")),
        }
    }
}

fn matching(pattern: &[u8]) -> Vec<(String, &'static Setting)> {
    if pattern.iter().any(|byte| b"*?[".contains(byte)) {
        let every = SETTINGS.iter().filter(|setting| setting.change != Change::Hidden);
        let named = every.flat_map(|setting| setting.names().map(move |name| (name, setting)));
        return named
            .filter(|(name, _)| glob::matches_ignoring_case(pattern, name.as_bytes()))
            .map(|(name, setting)| (name.to_owned(), setting))
            .collect();
    }
    let name = str::from_utf8(pattern).ok();
    name.and_then(|name| Some((name.to_owned(), find(name)?))).into_iter().collect()
}

/// The setting of this name, and the name as the table spells it.
fn named(name: &[u8]) -> Option<(&'static Setting, &'static str)> {
    let name = str::from_utf8(name).ok()?;
    let setting = find(name)?;
    Some((setting, setting.names().find(|own| own.eq_ignore_ascii_case(name))?))
}

fn may_change(setting: &Setting, protected: bool) -> Result<(), Problem> {
    match setting.change {
        Change::AtStart => Err(Problem::text("can't set immutable config")),
        Change::Protected if !protected => Err(Problem::text("can't set protected config")),
        Change::Anytime | Change::Hidden | Change::Protected => Ok(()),
    }
}

fn refused(name: &[u8], problem: &Problem) -> CommandError {
    error::setting_refused(name, problem.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(config: &mut Config, pairs: &[(&str, &str)]) -> String {
        let pairs: Vec<_> = pairs.iter().map(|(n, v)| (n.as_bytes(), v.as_bytes())).collect();
        match config.apply(&pairs, false) {
            Ok(()) => "OK".into(),
            Err(error) => String::from_utf8_lossy(error.text()).into_owned(),
        }
    }

    fn shown(config: &Config, patterns: &[&str]) -> Vec<(String, String)> {
        config.settings_matching(&patterns.iter().map(|p| p.as_bytes()).collect::<Vec<_>>())
    }

    fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect()
    }

    /// Values taken, and how CONFIG GET shows them then; as redis-server 7.0 answers.
    #[test]
    fn takes_and_prints() {
        for (name, value, expect) in [
            ("hz", "100000", "500"),
            ("hz", "0", "1"),
            ("HZ", "20", "20"),
            ("maxmemory", "100mb", "104857600"),
            ("maxmemory", "1k", "1000"),
            ("maxmemory", "1KB", "1024"),
            ("maxmemory", "1M", "1000000"),
            ("maxmemory", "100b", "100"),
            ("maxmemory", "", "0"),
            ("maxmemory-clients", "5%", "5%"),
            ("save", "10 0", "10 0"),
            ("save", "10 1 20 2", "10 1 20 2"),
            ("save", "", ""),
            ("repl-backlog-size", "1", "16384"),
            (
                "client-output-buffer-limit",
                "replica 1mb 2kb 3",
                "normal 0 0 0 slave 1048576 2048 3 pubsub 33554432 8388608 60",
            ),
            (
                "client-output-buffer-limit",
                "NORMAL 1 2 3 pubsub 4 5 6",
                "normal 1 2 3 slave 268435456 67108864 60 pubsub 4 5 6",
            ),
            ("notify-keyspace-events", "KEA", "AKE"),
            ("notify-keyspace-events", "KExg", "gxKE"),
            ("notify-keyspace-events", "KEAn", "AKE"),
            ("notify-keyspace-events", "KEn", "nKE"),
            ("notify-keyspace-events", "mEK", "KEm"),
            ("notify-keyspace-events", "", ""),
            ("shutdown-on-sigterm", "save now", "save now"),
            ("shutdown-on-sigterm", "force default", "force"),
            ("shutdown-on-sigterm", "default", "default"),
            ("latency-tracking-info-percentiles", "50 99.99 10.5", "50 99.99 10.5"),
            ("latency-tracking-info-percentiles", "", ""),
            ("list-max-listpack-size", "-5", "-5"),
            ("list-max-ziplist-size", "7", "7"),
            ("appendonly", "no", "no"),
            ("appendonly", "YES", "yes"),
            ("rdb-key-save-delay", "-5", "-5"),
            ("bind", "127.0.0.1 -::1", "127.0.0.1 -::1"),
            ("requirepass", "a b", "a b"),
        ] {
            let mut config = Config::default();
            assert_eq!(set(&mut config, &[(name, value)]), "OK", "{name} {value}");
            assert_eq!(shown(&config, &[name]), pairs(&[(name, expect)]), "{name} {value}");
            assert_eq!(config.revision, 1);
        }
    }

    #[test]
    fn refuses() {
        for (name, value, expect) in REFUSALS {
            let mut config = Config::default();
            let text =
                format!("ERR CONFIG SET failed (possibly related to argument '{name}') - {expect}");
            assert_eq!(set(&mut config, &[(name, value)]), text, "{name} {value}");
            assert_eq!(config, Config::default());
        }
    }

    #[test]
    fn bytes_that_are_no_text_change_nothing() {
        for (name, expect) in [
            ("hz", NOT_INTEGER),
            ("maxmemory", "argument must be a memory value"),
            ("appendonly", "argument must be 'yes' or 'no'"),
            ("requirepass", "argument must be UTF-8"),
        ] {
            let mut config = Config::default();
            let refused = config.apply(&[(name.as_bytes(), b"1\xff")], false).unwrap_err();
            let text = String::from_utf8_lossy(refused.text()).into_owned();
            assert!(text.ends_with(expect), "{text}");
            assert_eq!(config, Config::default());
        }
    }

    #[test]
    fn changes_all_or_nothing() {
        let before = "ERR CONFIG SET failed (possibly related to argument";
        let unknown = "ERR Unknown option or number of arguments for CONFIG SET -";
        for (pairs, expect) in [
            (
                &[("timeout", "5"), ("hz", "1x")][..],
                format!("{before} 'hz') - argument couldn't be parsed into an integer"),
            ),
            (&[("hz", "1x"), ("foo", "bar")], format!("{unknown} 'foo'")),
            (&[("foo\r\n", "bar")], format!("{unknown} 'foo  '")),
            (
                &[("hz", "5"), ("databases", "10")],
                format!("{before} 'databases') - can't set immutable config"),
            ),
            (&[("hz", "5"), ("HZ", "7")], format!("{before} 'HZ') - duplicate parameter")),
        ] {
            let mut config = Config::default();
            assert_eq!(set(&mut config, pairs), expect);
            assert_eq!(config, Config::default());
        }
        let mut config = Config::default();
        assert_eq!(set(&mut config, &[("slave-priority", "1"), ("replica-priority", "2")]), "OK");
        assert_eq!(config.replica_priority, 2);
    }

    #[test]
    fn protected_settings_change_where_that_is_allowed() {
        let mut config = Config::default();
        assert!(config.apply(&[(b"dbfilename", b"x.rdb")], true).is_ok());
        assert_eq!(config.dbfilename, "x.rdb");
        let refused = config.apply(&[(b"dbfilename", b"a/b")], true).unwrap_err();
        assert_eq!(
            refused.text(),
            b"ERR CONFIG SET failed (possibly related to argument 'dbfilename') - dbfilename can't be a path, just a filename"
        );
    }

    #[test]
    fn shows_each_name_once_as_it_was_asked_for() {
        let config = Config::default();
        assert_eq!(shown(&config, &["HZ"]), pairs(&[("HZ", "10")]));
        assert_eq!(shown(&config, &["hz", "h*z", "[h]z"]), pairs(&[("hz", "10")]));
        assert_eq!(
            shown(&config, &["*-priority", "none"]),
            pairs(&[("replica-priority", "100"), ("slave-priority", "100")])
        );
        assert_eq!(shown(&config, &["key-load-*"]), []);
        assert_eq!(shown(&config, &["key-load-delay"]), pairs(&[("key-load-delay", "0")]));
    }

    /// Every default is what its own setting would read.
    #[test]
    fn every_setting_reads_what_it_prints() {
        for setting in SETTINGS {
            let mut config = Config::default();
            let printed = (setting.print)(&config);
            let words: Vec<_> = match setting.name {
                // None of these is spelt "": no master, no process manager's template.
                "replicaof" => vec!["no", "one"],
                _ => vec![printed.as_str()],
            };
            assert_eq!((setting.parse)(&mut config, &words), Ok(()), "{}", setting.name);
            assert_eq!(config, Config::default(), "{}", setting.name);
        }
    }

    #[test]
    fn no_name_is_used_twice() {
        let mut names: Vec<_> = SETTINGS.iter().flat_map(Setting::names).collect();
        names.sort_unstable();
        let count = names.len();
        names.dedup();
        assert_eq!(names.len(), count);
    }

    const NOT_INTEGER: &str = "argument couldn't be parsed into an integer";

    /// A setting, a value, and why it is refused; as redis-server 7.0 answers.
    const REFUSALS: &[(&str, &str, &str)] = &[
        ("port", "abc", NOT_INTEGER),
        ("hz", "1x", NOT_INTEGER),
        ("hz", "010", NOT_INTEGER),
        ("hz", "+5", NOT_INTEGER),
        ("hz", " 5", NOT_INTEGER),
        ("port", "70000", "argument must be between 0 and 65535 inclusive"),
        ("timeout", "-1", "argument must be between 0 and 2147483647 inclusive"),
        ("maxclients", "0", "argument must be between 1 and 4294967295 inclusive"),
        (
            "slowlog-log-slower-than",
            "-2",
            "argument must be between -1 and 9223372036854775807 inclusive",
        ),
        (
            "proto-max-bulk-len",
            "10",
            "argument must be between 1048576 and 9223372036854775807 inclusive",
        ),
        ("repl-backlog-size", "0", "argument must be between 1 and 9223372036854775807 inclusive"),
        ("maxmemory", "abc", "argument must be a memory value"),
        ("maxmemory", "1gbx", "argument must be a memory value"),
        ("maxmemory", "-1", "argument must be a memory value"),
        ("maxmemory", "1.5gb", "argument must be a memory value"),
        ("maxmemory", "1 gb", "argument must be a memory value"),
        ("maxmemory-clients", "5x", "argument must be a memory or percent value"),
        ("maxmemory-clients", "-5", "argument must be a memory or percent value"),
        ("maxmemory-clients", "500%", "percentage argument must be less or equal to 100"),
        ("appendonly", "maybe", "argument must be 'yes' or 'no'"),
        ("appendfsync", "x", "argument(s) must be one of the following: everysec, always, no"),
        (
            "loglevel",
            "x",
            "argument(s) must be one of the following: debug, verbose, notice, warning, nothing",
        ),
        (
            "shutdown-on-sigterm",
            "",
            "argument(s) must be one of the following: default, save, nosave, now, force",
        ),
        (
            "shutdown-on-sigint",
            "save nosave",
            "shutdown options SAVE and NOSAVE can't be used simultaneously",
        ),
        ("save", "a b", "Invalid save parameters"),
        ("save", "10", "Invalid save parameters"),
        ("save", "0 10", "Invalid save parameters"),
        ("save", "10 1 20 x", "Invalid save parameters"),
        ("save", "  10   1 ", "Invalid save parameters"),
        (
            "client-output-buffer-limit",
            "normal 0 0",
            "Wrong number of arguments in buffer limit configuration.",
        ),
        (
            "client-output-buffer-limit",
            "master 0 0 0",
            "Invalid client class specified in buffer limit configuration.",
        ),
        (
            "client-output-buffer-limit",
            "normal 1 1 -1",
            "Error in hard, soft or soft_seconds setting in buffer limit configuration.",
        ),
        ("notify-keyspace-events", "Kq", "Invalid event class character. Use 'Ag$lshzxeKEtmdn'."),
        (
            "latency-tracking-info-percentiles",
            "50 abc",
            "Invalid latency-tracking-info-percentiles parameters",
        ),
        (
            "latency-tracking-info-percentiles",
            "101",
            "latency-tracking-info-percentiles parameters should sit between [0.0,100.0]",
        ),
        ("oom-score-adj-values", "1 2", "wrong number of arguments"),
        ("databases", "10", "can't set immutable config"),
        ("replicaof", "localhost 12", "can't set immutable config"),
        ("dbfilename", "a/b", "can't set protected config"),
        ("dir", "x", "can't set protected config"),
    ];
}
