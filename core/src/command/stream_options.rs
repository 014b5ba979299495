//! The options of XADD and XTRIM.

use super::Context;
use super::integer;
use super::stream::strict_id;
use crate::data::Stream;
use crate::data::stream::StreamId;
use crate::data::stream::Threshold;
use crate::data::stream::Trim;
use crate::error;
use crate::error::CommandError;
use crate::resp::Args;
use crate::store::Policy;

/// What stands before the fields of XADD.
pub(super) struct XaddOptions {
    pub no_mkstream: bool,
    pub trim: Option<TrimOption>,
    pub id: IdChoice,
    /// The word that is the id.
    pub id_at: usize,
}

/// The id of an entry to add.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum IdChoice {
    /// `*`
    Auto,
    /// `<ms>-*`
    At {
        ms: u64,
    },
    Exactly(StreamId),
}

/// MAXLEN or MINID.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TrimOption {
    pub trim: Trim,
    /// The word that is the threshold.
    threshold_at: usize,
}

impl XaddOptions {
    pub fn parse(ctx: &Context<'_>, args: Args<'_>) -> Result<Self, CommandError> {
        let mut words = Words::default();
        let mut no_mkstream = false;
        let mut at = 2;
        while at < args.len() && !is_star(args.at(at)) {
            match words.take(args, at)? {
                Some(taken) => at += taken,
                None if args.is(at, "NOMKSTREAM") => {
                    no_mkstream = true;
                    at += 1;
                }
                None => break,
            }
        }
        let id = match args.at(at) {
            id if is_star(id) => IdChoice::Auto,
            id if args.maybe(at).is_some() => match StreamId::parse_open(id) {
                Some(ms) => IdChoice::At { ms },
                None => IdChoice::Exactly(strict_id(id, 0)?),
            },
            _ => IdChoice::Auto,
        };
        Ok(Self { no_mkstream, trim: words.finish(ctx)?, id, id_at: at })
    }
}

impl TrimOption {
    /// The options of XTRIM.
    pub fn parse_xtrim(ctx: &Context<'_>, args: Args<'_>) -> Result<Self, CommandError> {
        let mut words = Words::default();
        let mut at = 2;
        while at < args.len() {
            at += words.take(args, at)?.ok_or(error::SYNTAX)?;
        }
        words.finish(ctx)?.ok_or(error::XTRIM_WITHOUT_STRATEGY)
    }

    /// The threshold that would have left exactly what this trim left.
    pub fn left(&self, stream: &Stream) -> Vec<u8> {
        match self.trim.threshold {
            Threshold::MaxLen(_) => stream.len().to_string().into_bytes(),
            // What may be all that was there, the new entry too.
            Threshold::MinId(_) if stream.is_empty() => StreamId::MAX.to_string().into_bytes(),
            Threshold::MinId(_) => stream.first_id().to_string().into_bytes(),
        }
    }

    /// Turns an approximate trim among the words of a command into an exact one.
    pub fn spell<'a>(&self, words: &mut [&'a [u8]], left: &'a [u8]) {
        if let Some([operator, threshold]) =
            words.get_mut(self.threshold_at.saturating_sub(1)..=self.threshold_at)
        {
            (*operator, *threshold) = (b"=", left);
        }
    }
}

/// The words on trimming, as far as they were read.
#[derive(Default)]
struct Words {
    threshold: Option<Threshold>,
    threshold_at: usize,
    is_approximate: bool,
    limit: Option<u64>,
}

impl Words {
    /// Reads the option at word `at`; returns how many words it has, `None` if it is another's.
    fn take(&mut self, args: Args<'_>, at: usize) -> Result<Option<usize>, CommandError> {
        if args.maybe(at + 1).is_none() {
            return Ok(None);
        }
        if args.is(at, "LIMIT") {
            let limit = u64::try_from(integer(args.at(at + 1))?);
            self.limit = Some(limit.map_err(|_| error::LIMIT_NEGATIVE)?);
            return Ok(Some(2));
        }
        let is_len = args.is(at, "MAXLEN");
        if !is_len && !args.is(at, "MINID") {
            return Ok(None);
        }
        if self.threshold.is_some() {
            return Err(error::MAXLEN_WITH_MINID);
        }
        let has_operator = matches!(args.at(at + 1), b"~" | b"=") && args.maybe(at + 2).is_some();
        self.is_approximate = has_operator && args.at(at + 1) == b"~";
        self.threshold_at = if has_operator { at + 2 } else { at + 1 };
        let threshold = args.at(self.threshold_at);
        self.threshold = Some(match is_len {
            true => {
                let len = u64::try_from(integer(threshold)?);
                Threshold::MaxLen(len.map_err(|_| error::MAXLEN_NEGATIVE)?)
            }
            false => Threshold::MinId(strict_id(threshold, 0)?),
        });
        Ok(Some(self.threshold_at + 1 - at))
    }

    fn finish(self, ctx: &Context<'_>) -> Result<Option<TrimOption>, CommandError> {
        let Some(threshold) = self.threshold else {
            let is_limited = self.limit.is_some_and(|limit| limit > 0);
            return if is_limited { Err(error::LIMIT_WITHOUT_STRATEGY) } else { Ok(None) };
        };
        let limit = match self.limit {
            // What a master sends is exact, whatever the words.
            _ if ctx.policy == Policy::Ignore => 0,
            Some(_) if !self.is_approximate => return Err(error::LIMIT_WITHOUT_TILDE),
            Some(limit) => limit,
            None if self.is_approximate => limit_default(ctx),
            None => 0,
        };
        let trim = Trim { threshold, is_approximate: self.is_approximate, limit };
        Ok(Some(TrimOption { trim, threshold_at: self.threshold_at }))
    }
}

/// Whether an id is left to the stream. Redis reads the word as a C string.
fn is_star(word: &[u8]) -> bool {
    matches!(word, b"*" | [b'*', 0, ..])
}

/// The entries of a hundred nodes, so that one command does not hold up the others.
fn limit_default(ctx: &Context<'_>) -> u64 {
    match ctx.limits.stream_node_max_entries as u64 {
        0 => LIMIT_WITHOUT_NODES,
        entries => entries.saturating_mul(100).min(LIMIT_MAX),
    }
}

const LIMIT_WITHOUT_NODES: u64 = 10_000;
const LIMIT_MAX: u64 = 1_000_000;
