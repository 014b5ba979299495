//! Help at a terminal's prompt, before a line is sent: hints, completions, HELP.

use super::ClientId;
use super::World;
use crate::command::hints;
use crate::data::number;
use crate::data::order;
use crate::limits;
use crate::resp::split_words;

pub use crate::command::hints::Hint;
pub use crate::command::hints::Part;
pub use crate::command::hints::State;

/// What the prompt may say of a line that is being typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LineHint {
    pub hint: Hint,
    /// What can take the place of the last word: the command's own words, then keys. The number
    /// is limited.
    pub completions: Vec<String>,
}

impl World {
    /// What a terminal may say while `line` is typed at its prompt. Changes nothing.
    pub fn hint(&self, client: ClientId, line: &str) -> LineHint {
        let (mut hint, partial) = hint_without_keys(line);
        if let Some(partial) = partial {
            hint.completions.extend(self.keys_that_begin(client, &partial));
        }
        hint
    }

    /// Keys of the database that the terminal has selected, quoted where they have to be.
    fn keys_that_begin(&self, client: ClientId, partial: &[u8]) -> Vec<String> {
        let Some((client, host)) =
            self.clients.find(client).and_then(|client| Some((client, self.host(client.node)?)))
        else {
            return Vec::new();
        };
        let selected = client.conn.and_then(|conn| host.node.selected_db(conn)).unwrap_or(0);
        let entries = host.node.entries().filter(|(db, _)| *db == selected);
        let keys = entries.map(|(_, entry)| entry.key()).filter(|key| key.starts_with(partial));
        let mut keys: Vec<String> = keys.take(limits::COMPLETIONS_MAX).map(quoted).collect();
        order::sort_by(&mut keys, Ord::cmp);
        keys
    }
}

/// What is known of a line without asking a server; and what is typed of a key, where one can stand.
pub fn hint_without_keys(line: &str) -> (LineHint, Option<Vec<u8>>) {
    let Some(mut words) = typed_words(line) else { return Default::default() };
    let found = {
        let words: Vec<&[u8]> = words.iter().map(Vec::as_slice).collect();
        (hints::hint(&words), hints::completions(&words))
    };
    let (hint, hints::Completions { words: completions, keys }) = found;
    (LineHint { hint, completions }, words.pop().filter(|_| keys))
}

/// HELP's text, if the line asks for it: redis-cli answers that by itself.
pub fn help(line: &str) -> Option<String> {
    let words = split_words(line.as_bytes())?;
    let (first, topic) = words.split_first()?;
    if !first.eq_ignore_ascii_case(b"help") && first != b"?" {
        return None;
    }
    let topic: Vec<&[u8]> = topic.iter().map(Vec::as_slice).collect();
    Some(if topic.is_empty() { HELP.to_owned() } else { hints::help(&topic) })
}

/// The words up to the cursor, the last of which may be empty; without the number of times that a
/// command is to be repeated. `None` while a quote is open.
fn typed_words(line: &str) -> Option<Vec<Vec<u8>>> {
    let mut words = split_words(line.as_bytes())?;
    if words.is_empty() || line.ends_with(' ') {
        words.push(Vec::new());
    }
    if words.len() > 1 && words.first().is_some_and(|word| number::parse_i64(word).is_some()) {
        words.remove(0);
    }
    Some(words)
}

/// A key as it can be typed.
pub fn quoted(key: &[u8]) -> String {
    let is_plain = |byte: &u8| byte.is_ascii_graphic() && !b"\"'\\".contains(byte);
    match !key.is_empty() && key.iter().all(is_plain) {
        true => String::from_utf8_lossy(key).into_owned(),
        false => {
            let escaped: String = key.escape_ascii().to_string().replace("\\'", "'");
            format!("\"{escaped}\"")
        }
    }
}

const HELP: &str = "\
HELP <command>   its syntax, what it does and since when it exists
HELP @<group>    the commands of a group: @string, @list, @stream ...
While you type, the line below shows the syntax, and Tab completes names, options and keys.
";
