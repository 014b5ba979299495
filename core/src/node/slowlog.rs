//! SLOWLOG: the latest commands that took long, newest first.

use std::borrow::Cow;
use std::collections::VecDeque;

use super::ConnId;
use super::Node;
use crate::command::Outcome;
use crate::command::integer;
use crate::error;
use crate::resp::Args;

#[derive(Debug, Default)]
pub(super) struct SlowLog {
    /// Newest first.
    entries: VecDeque<SlowEntry>,
    next_id: i64,
}

#[derive(Debug)]
struct SlowEntry {
    id: i64,
    at_s: i64,
    us: u64,
    args: Vec<Vec<u8>>,
    peer: String,
    name: Vec<u8>,
}

impl SlowLog {
    pub fn push(
        &mut self,
        at_s: i64,
        us: u64,
        args: &[Cow<'_, [u8]>],
        (peer, name): (String, Vec<u8>),
        len_max: usize,
    ) {
        if len_max > 0 {
            let id = self.next_id;
            self.next_id += 1;
            self.entries.push_front(SlowEntry { id, at_s, us, args: shortened(args), peer, name });
        }
        self.entries.truncate(len_max);
    }
}

impl Node {
    pub(super) fn slowlog_get(&mut self, id: ConnId, args: Args<'_>) -> Outcome {
        if args.len() > 3 {
            return Err(error::subcommand_syntax(args.at(1), "SLOWLOG"));
        }
        let count = match args.maybe(2) {
            None => SHOWN,
            Some(word) => integer(word).ok().filter(|n| *n >= -1).ok_or(error::SLOWLOG_COUNT)?,
        };
        let entries = std::mem::take(&mut self.slowlog.entries);
        let shown = usize::try_from(count).unwrap_or(usize::MAX).min(entries.len());
        self.reply(id, |reply| {
            reply.array(shown);
            for entry in entries.iter().take(shown) {
                reply.array(6);
                reply.integer(entry.id);
                reply.integer(entry.at_s);
                reply.integer(entry.us.try_into().unwrap_or(i64::MAX));
                reply.array(entry.args.len());
                entry.args.iter().for_each(|word| reply.bulk(word));
                reply.bulk(entry.peer.as_bytes());
                reply.bulk(&entry.name);
            }
        });
        self.slowlog.entries = entries;
        Ok(())
    }

    pub(super) fn slowlog_len(&mut self, id: ConnId) -> Outcome {
        let len = self.slowlog.entries.len();
        self.reply(id, |reply| reply.count(len));
        Ok(())
    }

    pub(super) fn slowlog_reset(&mut self, id: ConnId) -> Outcome {
        self.slowlog.entries.clear();
        self.reply(id, |reply| reply.ok());
        Ok(())
    }
}

/// A command line as the log keeps it: a bounded number of words of a bounded length.
fn shortened(args: &[Cow<'_, [u8]>]) -> Vec<Vec<u8>> {
    let kept = if args.len() > WORDS_MAX { WORDS_MAX - 1 } else { args.len() };
    let mut words: Vec<Vec<u8>> = args.iter().take(kept).map(|word| shortened_word(word)).collect();
    if kept < args.len() {
        words.push(format!("... ({} more arguments)", args.len() - kept).into_bytes());
    }
    words
}

fn shortened_word(word: &[u8]) -> Vec<u8> {
    match word.split_at_checked(WORD_BYTES_MAX) {
        Some((head, rest)) if !rest.is_empty() => {
            [head, format!("... ({} more bytes)", rest.len()).as_bytes()].concat()
        }
        _ => word.to_vec(),
    }
}

/// How many entries SLOWLOG GET shows when it is not told.
const SHOWN: i64 = 10;

const WORDS_MAX: usize = 32;
const WORD_BYTES_MAX: usize = 128;

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(args: &[&[u8]]) -> Vec<String> {
        let args: Vec<Cow<'_, [u8]>> = args.iter().map(|word| Cow::Borrowed(*word)).collect();
        let words = shortened(&args).into_iter();
        words.map(|word| String::from_utf8_lossy(&word).into_owned()).collect()
    }

    #[test]
    fn long_lines_are_shortened() {
        assert_eq!(kept(&[b"a".as_slice(); 32]), ["a"; 32]);
        let words = kept(&[b"a".as_slice(); 81]);
        assert_eq!((words.len(), words[31].as_str()), (32, "... (50 more arguments)"));
        let words = kept(&[&[b'x'; 128], &[b'x'; 129]]);
        assert_eq!(words, ["x".repeat(128), "x".repeat(128) + "... (1 more bytes)"]);
    }

    #[test]
    fn only_the_newest_are_kept() {
        let mut log = SlowLog::default();
        for us in 0..5 {
            log.push(0, us, &[], Default::default(), 3);
        }
        let kept: Vec<_> = log.entries.iter().map(|entry| (entry.id, entry.us)).collect();
        assert_eq!(kept, [(4, 4), (3, 3), (2, 2)]);
        log.push(0, 5, &[], Default::default(), 0);
        assert_eq!((log.entries.len(), log.next_id), (0, 5));
    }
}
