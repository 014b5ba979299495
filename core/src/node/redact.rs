//! What a command line shows of itself to others, in the slow log and to MONITOR: all but secrets.

use std::borrow::Cow;

use crate::command::spec::AclCommand;
use crate::command::spec::NodeCommand;
use crate::command::spec::Run;
use crate::command::table::Entry;
use crate::config;
use crate::resp::Args;

/// The words of a command line, with secrets left out.
pub(super) fn visible<'a>(entry: &Entry, args: Args<'a>) -> Vec<Cow<'a, [u8]>> {
    let mut words: Vec<Cow<'a, [u8]>> = args.iter().map(Cow::Borrowed).collect();
    let mut hide = |at: usize| {
        if let Some(word) = words.get_mut(at) {
            *word = Cow::Borrowed(REDACTED);
        }
    };
    match entry.command.run {
        Run::Node(NodeCommand::Auth) => (1..args.len()).for_each(hide),
        Run::Node(NodeCommand::Hello) => after(args, 2, "auth", 2).for_each(hide),
        Run::Node(NodeCommand::Migrate) => {
            after(args, 6, "auth", 1).for_each(&mut hide);
            after(args, 6, "auth2", 2).for_each(hide);
        }
        Run::Node(NodeCommand::ConfigSet) => {
            let secret = |at: &usize| is_secret(args.at(*at - 1));
            (3..args.len()).step_by(2).filter(secret).for_each(hide);
        }
        Run::Node(NodeCommand::Acl(AclCommand::SetUser)) => (2..args.len()).for_each(hide),
        _ => {}
    }
    words
}

/// The words after the first `word` from `from` on.
fn after(args: Args<'_>, from: usize, word: &str, count: usize) -> std::ops::Range<usize> {
    match (from..args.len()).find(|at| args.is(*at, word)) {
        Some(at) => at + 1..(at + 1 + count).min(args.len()),
        None => 0..0,
    }
}

fn is_secret(name: &[u8]) -> bool {
    let setting = str::from_utf8(name).ok().and_then(config::find);
    setting.is_some_and(|setting| SECRETS.contains(&setting.name))
}

/// Settings that are shown to nobody but who asks for them.
const SECRETS: &[&str] =
    &["requirepass", "masterauth", "masteruser", "tls-key-file-pass", "tls-client-key-file-pass"];

const REDACTED: &[u8] = b"(redacted)";

#[cfg(test)]
mod tests {
    use super::visible;
    use crate::command::table;
    use crate::resp::OwnedArgs;
    use crate::resp::split_words;

    #[test]
    fn secrets_are_left_out() {
        for (line, shown) in [
            ("SET auth secret", "SET auth secret"),
            ("AUTH secret", "AUTH (redacted)"),
            ("auth user secret", "auth (redacted) (redacted)"),
            ("HELLO 3 SETNAME n AUTH u p", "HELLO 3 SETNAME n AUTH (redacted) (redacted)"),
            ("ACL SETUSER u >p", "ACL SETUSER (redacted) (redacted)"),
            ("HELLO 3 AUTH u", "HELLO 3 AUTH (redacted)"),
            ("MIGRATE h 1 k 0 5 AUTH p", "MIGRATE h 1 k 0 5 AUTH (redacted)"),
            (
                "MIGRATE h 1 '' 0 5 AUTH2 u p KEYS a",
                "MIGRATE h 1  0 5 AUTH2 (redacted) (redacted) KEYS a",
            ),
            ("CONFIG SET hz 10 requirePass x", "CONFIG SET hz 10 requirePass (redacted)"),
            ("CONFIG SET masterauth x hz 10", "CONFIG SET masterauth (redacted) hz 10"),
        ] {
            let words = split_words(line.as_bytes()).unwrap();
            let args = OwnedArgs::from(words.iter().map(Vec::as_slice));
            let entry = table::lookup_line(args.args()).unwrap();
            let words = visible(entry, args.args());
            assert_eq!(String::from_utf8_lossy(&words.join(&b' ')), shown);
        }
    }
}
