//! What a prompt may say while a command is being typed: its syntax with the argument whose turn it
//! is, and the words that can stand there.
//!
//! The typed words are matched with the syntax greedily, options in any order. A line that is not
//! what the command takes gives a hint that is of less use, never an error.

use super::spec::Arg;
use super::spec::ArgFlags;
use super::spec::ArgKind;
use super::syntax;
use super::table;
use super::table::Entry;

/// What is known of a line that is not sent yet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hint {
    /// The command's name, as documentation writes it; empty while there is none.
    pub name: String,
    pub summary: &'static str,
    /// The arguments, in the order of the syntax.
    pub parts: Vec<Part>,
}

/// One argument of a [`Hint`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Its syntax: `key`, `[NX|XX]`.
    pub text: String,
    pub state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It has been typed.
    Done,
    /// It is being typed, or is what may be typed next.
    Current,
    Ahead,
}

/// What can take the place of the word that is being typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Completions {
    /// Names and options of the command's own that begin with it.
    pub words: Vec<String>,
    /// Whether a key can stand there.
    pub keys: bool,
}

/// The hint for a line: its words up to the cursor, the last of which is still being typed and may
/// be empty.
pub fn hint(words: &[&[u8]]) -> Hint {
    let Some(line) = Line::read(words) else { return Hint::default() };
    let args = line.entry.command.args;
    let taken = take_all(args, line.typed);
    let current = line.current(&taken);
    let parts = args.iter().zip(&taken).enumerate().map(|(at, (arg, taken))| Part {
        text: syntax::of(arg),
        state: match Some(at) == current {
            true => State::Current,
            false if taken.words > 0 => State::Done,
            false => State::Ahead,
        },
    });
    Hint { name: title(line.entry), summary: line.entry.command.summary, parts: parts.collect() }
}

/// The words that could stand where the last word is being typed.
pub fn completions(words: &[&[u8]]) -> Completions {
    let Some((partial, before)) = words.split_last() else { return Completions::default() };
    let mut found = match before {
        [] => named(table::commands(), partial),
        [container] => table::lookup(container)
            .map_or_else(Completions::default, |entry| named(entry.subcommands(), partial)),
        _ => Completions::default(),
    };
    // A name that is typed in full has no argument yet.
    let line = Line::read(words).filter(|_| !before.is_empty());
    if let Some(line) = line {
        let plain = total(line.entry.command.args, line.typed, b"");
        found.keys = plain.words > line.typed.len() && plain.last_is_key;
        let mut tokens = Vec::new();
        collect_tokens(line.entry.command.args, &mut tokens);
        let fits = |token: &&str| {
            begins_with(token, partial)
                && total(line.entry.command.args, line.typed, token.as_bytes()).tokens
                    > plain.tokens
        };
        found.words.extend(tokens.into_iter().filter(fits).map(ToOwned::to_owned));
    }
    found
}

/// What HELP prints about a command, all its subcommands, or with `@group` a group's commands.
pub fn help(words: &[&[u8]]) -> String {
    let topic = words.join(&b'|').to_ascii_lowercase();
    let is_meant = |entry: &&Entry| match topic.strip_prefix(b"@") {
        Some(group) => {
            entry.command.group.name().replace('_', "-").as_bytes() == group
                || entry.command.group.name().as_bytes() == group
        }
        None => {
            let name = entry.full_name().to_string();
            let rest = name.as_bytes().strip_prefix(&topic[..]);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(b"|"))
        }
    };
    let mut text = String::new();
    for entry in table::entries().iter().filter(is_meant) {
        let command = entry.command;
        let head = format!("\n  {} {}\n", title(entry), syntax::line(command.args));
        text.push_str(head.trim_end());
        text.push_str(&format!("\n  summary: {}\n  since: {}\n", command.summary, command.since));
        if !topic.starts_with(b"@") {
            text.push_str(&format!("  group: {}\n", command.group.name()));
        }
    }
    text
}

/// A command's name as documentation writes it.
fn title(entry: &Entry) -> String {
    entry.full_name().to_string().replace('|', " ").to_ascii_uppercase()
}

fn named(entries: &[Entry], partial: &[u8]) -> Completions {
    let names = entries.iter().map(|entry| entry.command.name);
    let words = names.filter(|name| begins_with(name, partial)).map(str::to_ascii_uppercase);
    Completions { words: words.collect(), keys: false }
}

fn begins_with(word: &str, partial: &[u8]) -> bool {
    let head = word.as_bytes().get(..partial.len());
    head.is_some_and(|head| head.eq_ignore_ascii_case(partial))
}

/// A line whose command is known.
struct Line<'a> {
    entry: &'static Entry,
    /// The command's arguments that are complete.
    typed: &'a [&'a [u8]],
    /// The word that is being typed.
    partial: &'a [u8],
}

impl<'a> Line<'a> {
    fn read(words: &'a [&'a [u8]]) -> Option<Self> {
        let (partial, before) = words.split_last()?;
        let Some((name, typed)) = before.split_first() else {
            let entry = table::lookup(partial).filter(|entry| entry.subcommands().is_empty())?;
            return Some(Self { entry, typed: &[], partial: b"" });
        };
        let entry = table::lookup(name)?;
        if entry.subcommands().is_empty() {
            return Some(Self { entry, typed, partial });
        }
        match typed.split_first() {
            Some((name, typed)) => Some(Self { entry: entry.subcommand(name)?, typed, partial }),
            None => Some(Self { entry: entry.subcommand(partial)?, typed: &[], partial: b"" }),
        }
    }

    /// The argument whose turn it is: that which the next word would belong to, else the first
    /// option left that begins with what is typed of it, else the first option left.
    fn current(&self, taken: &[Taken]) -> Option<usize> {
        let args = self.entry.command.args;
        let next = take_all(args, &[self.typed, &[self.partial]].concat());
        let grown = taken.iter().zip(&next).position(|(now, then)| then.words > now.words);
        let left = |at: &usize| taken.get(*at).is_none_or(|taken| taken.words == 0);
        let begins = |at: &usize| {
            let mut tokens = Vec::new();
            collect_tokens(args.get(*at..=*at).unwrap_or_default(), &mut tokens);
            tokens.iter().any(|token| begins_with(token, self.partial))
        };
        let mut options = (0..args.len()).filter(left);
        grown.or_else(|| options.clone().find(begins)).or_else(|| options.next())
    }
}

/// How much of a line an argument takes.
#[derive(Clone, Copy, Debug, Default)]
struct Taken {
    words: usize,
    /// How many of the words are literal ones.
    tokens: usize,
    last_is_key: bool,
}

impl Taken {
    fn and(self, more: Self) -> Self {
        Self {
            words: self.words + more.words,
            tokens: self.tokens + more.tokens,
            last_is_key: if more.words > 0 { more.last_is_key } else { self.last_is_key },
        }
    }
}

/// What all arguments take of the typed words and one more.
fn total(args: &[Arg], typed: &[&[u8]], next: &[u8]) -> Taken {
    let taken = take_all(args, &[typed, &[next]].concat());
    taken.into_iter().fold(Taken::default(), Taken::and)
}

/// What each argument takes of the words: required ones in their order, options between them in
/// any.
fn take_all(args: &[Arg], mut words: &[&[u8]]) -> Vec<Taken> {
    let mut taken = vec![Taken::default(); args.len()];
    let mut begin = 0;
    while begin < args.len() && !words.is_empty() {
        let options = args.iter().skip(begin).take_while(|arg| is_optional(arg)).count();
        let required = begin + options;
        let reserve = fewest_words(args.get(required..).unwrap_or_default());
        while let Some((at, part)) = (begin..required)
            .filter(|at| taken.get(*at).is_some_and(|taken| taken.words == 0))
            .find_map(|at| Some((at, take(args.get(at)?, words, reserve)?)))
        {
            words = words.get(part.words..).unwrap_or_default();
            if let Some(slot) = taken.get_mut(at) {
                *slot = part;
            }
            if args.get(at).is_some_and(|arg| part.words < fewest_words_of(arg)) {
                return taken;
            }
        }
        let after = fewest_words(args.get(required + 1..).unwrap_or_default());
        // Without what is required here, nothing is known of what follows.
        let Some(part) = args.get(required).and_then(|arg| take(arg, words, after)) else { break };
        words = words.get(part.words..).unwrap_or_default();
        if let Some(slot) = taken.get_mut(required) {
            *slot = part;
        }
        if args.get(required).is_some_and(|arg| part.words < fewest_words_of(arg)) {
            break;
        }
        begin = required + 1;
    }
    taken
}

/// What one argument takes, leaving `reserve` words to those after it; `None` for nothing.
fn take(arg: &Arg, words: &[&[u8]], reserve: usize) -> Option<Taken> {
    let mut taken = Taken::default();
    if let Some(token) = arg.token {
        if !words.first()?.eq_ignore_ascii_case(token.as_bytes()) {
            return None;
        }
        taken = Taken { words: 1, tokens: 1, last_is_key: false };
    } else if is_optional(arg) && !begins_with_token(arg) && words.len() <= reserve {
        return None;
    }
    taken = taken.and(take_value(arg.kind, words.get(taken.words..)?));
    while arg.flags.has(ArgFlags::MULTIPLE) && words.len() > taken.words + reserve {
        let rest = words.get(taken.words..)?;
        let token = arg.token.filter(|_| arg.flags.has(ArgFlags::MULTIPLE_TOKEN));
        let more = match token {
            Some(token) if !rest.first()?.eq_ignore_ascii_case(token.as_bytes()) => break,
            Some(_) => Taken { words: 1, tokens: 1, last_is_key: false }
                .and(take_value(arg.kind, rest.get(1..)?)),
            None => take_value(arg.kind, rest),
        };
        if more.words == 0 {
            break;
        }
        taken = taken.and(more);
    }
    (taken.words > 0).then_some(taken)
}

fn take_value(kind: ArgKind, words: &[&[u8]]) -> Taken {
    match kind {
        ArgKind::PureToken => Taken::default(),
        ArgKind::Block(parts) => {
            take_all(parts, words).into_iter().fold(Taken::default(), Taken::and)
        }
        ArgKind::OneOf(parts) => {
            parts.iter().find_map(|part| take(part, words, 0)).unwrap_or_default()
        }
        _ => Taken {
            words: words.len().min(1),
            tokens: 0,
            last_is_key: matches!(kind, ArgKind::Key),
        },
    }
}

/// The fewest words that these arguments need.
fn fewest_words(args: &[Arg]) -> usize {
    args.iter().filter(|arg| !is_optional(arg)).map(fewest_words_of).sum()
}

fn fewest_words_of(arg: &Arg) -> usize {
    usize::from(arg.token.is_some())
        + match arg.kind {
            ArgKind::PureToken => 0,
            ArgKind::Block(parts) => fewest_words(parts),
            ArgKind::OneOf(parts) => parts.iter().map(fewest_words_of).min().unwrap_or(0),
            _ => 1,
        }
}

fn is_optional(arg: &Arg) -> bool {
    arg.flags.has(ArgFlags::OPTIONAL)
}

/// Whether it can't be taken for a value of another argument.
fn begins_with_token(arg: &Arg) -> bool {
    arg.token.is_some()
        || match arg.kind {
            ArgKind::Block(parts) => parts.first().is_some_and(begins_with_token),
            ArgKind::OneOf(parts) => parts.iter().all(begins_with_token),
            _ => false,
        }
}

/// Every literal word of the syntax, once.
fn collect_tokens(args: &[Arg], tokens: &mut Vec<&'static str>) {
    for arg in args {
        let token = arg.token.filter(|token| !token.is_empty() && !tokens.contains(token));
        tokens.extend(token);
        collect_tokens(arg.kind.parts(), tokens);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<&[u8]> {
        line.split(' ').map(str::as_bytes).collect()
    }

    /// The parts of a hint: what is done in lower case stands before `>`, the current argument
    /// between `>` and `<`.
    fn shown(line: &str) -> String {
        let hint = hint(&words(line));
        let parts = hint.parts.iter().map(|part| match part.state {
            State::Done => format!("({})", part.text),
            State::Current => format!(">{}<", part.text),
            State::Ahead => part.text.clone(),
        });
        let words: Vec<String> = std::iter::once(hint.name).chain(parts).collect();
        words.join(" ")
    }

    #[test]
    fn the_argument_whose_turn_it_is_is_marked() {
        for (line, expect) in [
            ("get", "GET >key<"),
            ("get ", "GET >key<"),
            ("get k", "GET >key<"),
            ("get k ", "GET (key)"),
            ("nosuch ", ""),
            ("", ""),
            ("lpush l a b", "LPUSH (key) >element [element ...]<"),
            ("spop s ", "SPOP (key) >[count]<"),
            ("client", ""),
            ("client kill", "CLIENT KILL >"),
            ("zadd z ", "ZADD (key) [NX|XX] [GT|LT] [CH] [INCR] >score member [score member ...]<"),
            (
                "zadd z xx ",
                "ZADD (key) ([NX|XX]) [GT|LT] [CH] [INCR] >score member [score member ...]<",
            ),
            (
                "xread STREAMS ",
                "XREAD [COUNT count] [BLOCK milliseconds] >STREAMS key [key ...] id [id ...]<",
            ),
            ("xread count 2 bl", "XREAD ([COUNT count]) >[BLOCK milliseconds]<"),
        ] {
            let shown = shown(line);
            assert!(
                shown.starts_with(expect) && (expect.is_empty() == shown.is_empty()),
                "{line:?}: {shown}"
            );
        }
        let set = shown("set k v EX ");
        assert!(
            set.contains("(key) (value) [NX|XX|IFEQ comparison-value] [GET] >[EX seconds|"),
            "{set}"
        );
        let set = shown("set k v EX 5 ");
        assert!(
            set.contains("(value) >[NX|XX|IFEQ comparison-value]< [GET] ([EX seconds|"),
            "{set}"
        );
    }

    #[test]
    fn words_that_fit_are_offered() {
        for (line, keys, expect) in [
            ("sinterc", false, "SINTERCARD"),
            ("client unb", false, "UNBLOCK"),
            ("set ", true, ""),
            ("set k ", false, ""),
            ("set k v n", false, "NX"),
            ("set k v XX ", false, "GET EX PX EXAT PXAT KEEPTTL"),
            ("set k v EX ", false, ""),
            ("set k v EX 5 k", false, ""),
            ("geosearch g ", false, "FROMMEMBER FROMLONLAT"),
            ("geosearch g frommember m byradius 5 ", false, "M KM FT MI"),
            ("xread ", false, "COUNT BLOCK STREAMS"),
            ("xread streams ", true, ""),
            ("mget a b ", true, ""),
            ("sort k by ", false, ""),
            ("zadd z 1 m ", false, ""),
            ("nosuch ", false, ""),
        ] {
            let found = completions(&words(line));
            assert_eq!((found.keys, found.words.join(" ").as_str()), (keys, expect), "{line:?}");
        }
    }

    /// Whatever is typed, a hint is given in time and without a panic.
    #[test]
    fn any_line_has_a_hint() {
        let mut rng = crate::rng::Rng::new(3);
        for entry in table::entries() {
            let name = entry.full_name().to_string();
            let mut tokens = Vec::new();
            collect_tokens(entry.command.args, &mut tokens);
            tokens.extend(["", "a", "1", "*"]);
            for _ in 0..20 {
                let mut line: Vec<&[u8]> = name.split('|').map(str::as_bytes).collect();
                for _ in 0..rng.below(12) {
                    line.push(tokens[rng.below(tokens.len() as u64) as usize].as_bytes());
                }
                hint(&line);
                completions(&line);
            }
        }
    }

    #[test]
    fn help_prints_what_redis_cli_does() {
        assert_eq!(
            help(&[b"Get"]),
            "\n  GET key\n  summary: Returns a string.\n  since: 1.0.0\n  group: string\n"
                .replace("Returns a string.", table::lookup(b"get").unwrap().command.summary)
        );
        assert!(help(&[b"client"]).contains("\n  CLIENT UNBLOCK client-id"));
        assert!(help(&[b"@hyperloglog"]).contains("\n  PFADD key [element [element ...]]\n"));
        assert!(help(&[b"@sorted-set"]).contains("\n  ZADD "));
        assert_eq!(help(&[b"nosuch"]), "");
    }
}
