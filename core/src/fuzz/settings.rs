//! Configuration files, which anybody may have edited.

use crate::acl::Users;
use crate::config::Config;
use crate::config::Files;

/// A file is read up to its first fault, which has a place and a reason. What a good one comes to is the same
/// after CONFIG REWRITE has put it into that file, and into an empty one.
pub fn settings(data: &[u8]) {
    let mut config = Config::default();
    let mut files = Folder { users: Users::default(), lines: Vec::new(), depth: 0 };
    if let Err(error) = config.load(data, &mut files) {
        assert!(!error.to_string().is_empty());
        return;
    }
    for (old, every) in [(data, false), (b"", true)] {
        let written = config.rewritten(old, &files.lines, every);
        let mut again = Config::default();
        let mut users = Folder { users: Users::default(), lines: Vec::new(), depth: 0 };
        if let Err(error) = again.load(&written, &mut users) {
            panic!("{}: {error}", written.escape_ascii());
        }
        assert_eq!(shown(&again), shown(&config), "{}", written.escape_ascii());
    }
}

fn shown(config: &Config) -> Vec<(String, String)> {
    config.settings_matching(&[b"*"])
}

/// A disk on which every included file is short.
struct Folder {
    users: Users,
    /// Of users, as CONFIG REWRITE writes them.
    lines: Vec<String>,
    depth: usize,
}

impl Files for Folder {
    fn read(&mut self, path: &str) -> Result<Vec<u8>, String> {
        self.depth += 1;
        match self.depth {
            ..=3 => Ok(format!("# {path}\ninclude {path}").into_bytes()),
            _ => Ok(Vec::new()),
        }
    }

    fn enter(&mut self, dir: &str) -> Result<String, String> {
        Ok(dir.to_owned())
    }

    fn check_user(&mut self, words: &[&str]) -> Result<(), String> {
        let words: Vec<&[u8]> = words.iter().map(|word| word.as_bytes()).collect();
        self.users.take_line(&words, true)
    }
}

#[cfg(test)]
mod tests {
    use super::settings;
    use crate::fuzz::mutate::mutations;

    #[test]
    fn mutations_of_good_files_keep_every_promise() {
        let seeds: [&[u8]; 6] = [
            b"port 7000\nbind 127.0.0.1 -::1\n# a comment\nmaxmemory 100mb\r\nhz 50\n",
            b"save 900 1\nsave 300 10 60 10000\nappendonly yes\nappendfsync \"always\"\ndir /tmp\n",
            b"client-output-buffer-limit replica 256mb 64mb 60 pubsub 32mb 8mb 60\nrequirepass \"a \\x01 b\"\n",
            b"include other.conf\nuser alice on ~* +@all\nuser bob off\nloglevel verbose\nlogfile ''\n",
            b"notify-keyspace-events KEA\nlatency-tracking-info-percentiles 50 99 99.9\noom-score-adj-values 0 200 800\n",
            b"replicaof 127.0.0.1 6379\ntls-port 0\nunixsocket \"/tmp/a b\"\nunixsocketperm 700\nmaxmemory-clients 5%\n",
        ];
        mutations(&seeds, 4_000, 12, settings);
    }
}
