//! The options of SORT, in any order and any case; of most, the last one counts.

use super::pattern::Pattern;
use crate::command::integer;
use crate::error;
use crate::error::CommandError;
use crate::resp::Args;

pub struct Options<'a> {
    pub by: By<'a>,
    pub gets: Vec<Pattern<'a>>,
    pub descending: bool,
    /// Compare as texts instead of as numbers.
    pub alpha: bool,
    limit: (i64, i64),
    pub store: Option<&'a [u8]>,
}

/// What elements are sorted by.
#[derive(Clone, Copy)]
pub enum By<'a> {
    Themselves,
    /// A pattern without a star, which has nothing to say of an element.
    Nothing,
    Weights(Pattern<'a>),
}

impl<'a> Options<'a> {
    /// # Errors
    /// An option that is unknown or lacks a value, a LIMIT that is no number, or a pattern of a user
    /// who may not read every key (`reads_every_key`).
    pub fn parse(
        args: Args<'a>,
        may_store: bool,
        reads_every_key: bool,
    ) -> Result<Self, CommandError> {
        let mut options = Self {
            by: By::Themselves,
            gets: Vec::new(),
            descending: false,
            alpha: false,
            limit: (0, -1),
            store: None,
        };
        let mut at = 0;
        while at < args.len() {
            at += options.take(args, at, may_store, reads_every_key)?;
        }
        Ok(options)
    }

    /// Takes the option at word `at`; returns how many words it has.
    fn take(
        &mut self,
        args: Args<'a>,
        at: usize,
        may_store: bool,
        reads_every_key: bool,
    ) -> Result<usize, CommandError> {
        let (first, second) = (args.maybe(at + 1), args.maybe(at + 2));
        match (first, second) {
            _ if args.is(at, "ASC") => self.descending = false,
            _ if args.is(at, "DESC") => self.descending = true,
            _ if args.is(at, "ALPHA") => self.alpha = true,
            (Some(offset), Some(count)) if args.is(at, "LIMIT") => {
                self.limit = (integer(offset)?, integer(count)?);
                return Ok(3);
            }
            (Some(key), _) if args.is(at, "STORE") && may_store => {
                self.store = Some(key);
                return Ok(2);
            }
            (Some(pattern), _) if args.is(at, "BY") => {
                // Once BY has named nothing, no later BY makes the elements sorted again.
                self.by = match (self.by, Pattern::parse(pattern)) {
                    (_, Pattern::Key { .. }) if !reads_every_key => {
                        return Err(error::SORT_BY_DENIED);
                    }
                    (By::Nothing, _) | (_, Pattern::Element | Pattern::Constant) => By::Nothing,
                    (_, pattern) => By::Weights(pattern),
                };
                return Ok(2);
            }
            (Some(_), _) if args.is(at, "GET") && !reads_every_key => {
                return Err(error::SORT_GET_DENIED);
            }
            (Some(pattern), _) if args.is(at, "GET") => {
                self.gets.push(Pattern::parse(pattern));
                return Ok(2);
            }
            _ => return Err(error::SYNTAX),
        }
        Ok(1)
    }

    /// The places, of `len` in all, that LIMIT asks for: the first and how many.
    pub fn window(&self, len: usize) -> (usize, usize) {
        let (offset, count) = self.limit;
        let start = usize::try_from(offset.max(0)).map_or(len, |start| start.min(len));
        let left = len - start;
        let count = usize::try_from(count).map_or_else(
            // Negative, for all that follow; or beyond what a small machine counts to.
            |_| left,
            |count| count.min(left),
        );
        (start, count)
    }
}
