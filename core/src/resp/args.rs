//! The arguments of one request, borrowed from the buffer they arrived in.

use std::fmt;

/// Where one argument lies in its buffer. 32 bits reach past the query buffer limit of 1 GiB.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    pub start: u32,
    pub end: u32,
}

/// The arguments of one request, the command's name first. Copied only by who stores them.
#[derive(Clone, Copy)]
pub struct Args<'a> {
    buffer: &'a [u8],
    spans: &'a [Span],
}

impl<'a> Args<'a> {
    pub(crate) fn new(buffer: &'a [u8], spans: &'a [Span]) -> Self {
        Self { buffer, spans }
    }

    pub fn len(self) -> usize {
        self.spans.len()
    }

    pub fn is_empty(self) -> bool {
        self.spans.is_empty()
    }

    /// The argument at `index`; empty past the end. Arity is checked before a handler runs, so a
    /// handler may ask for every argument its table entry makes mandatory.
    pub fn at(self, index: usize) -> &'a [u8] {
        self.maybe(index).unwrap_or_default()
    }

    /// The argument at `index`, if there is one.
    pub fn maybe(self, index: usize) -> Option<&'a [u8]> {
        let span = self.spans.get(index)?;
        self.buffer.get(span.start as usize..span.end as usize)
    }

    /// The arguments from `index` on; none past the end.
    pub fn from(self, index: usize) -> Self {
        Self { spans: self.spans.get(index..).unwrap_or_default(), ..self }
    }

    /// The first `count` arguments, or as many as there are.
    pub fn first(self, count: usize) -> Self {
        Self { spans: self.spans.get(..count).unwrap_or(self.spans), ..self }
    }

    /// The arguments of a range of indexes; none if it reaches past the end.
    pub fn range(self, range: std::ops::Range<usize>) -> Self {
        Self { spans: self.spans.get(range).unwrap_or_default(), ..self }
    }

    pub fn iter(self) -> impl ExactSizeIterator<Item = &'a [u8]> + Clone {
        let buffer = self.buffer;
        self.spans
            .iter()
            .map(move |span| buffer.get(span.start as usize..span.end as usize).unwrap_or_default())
    }

    /// How long they are together.
    pub fn bytes(self) -> usize {
        self.iter().map(<[u8]>::len).sum()
    }

    /// Whether the argument at `index` is this word, in any case.
    pub fn is(self, index: usize, word: &str) -> bool {
        self.maybe(index).is_some_and(|arg| arg.eq_ignore_ascii_case(word.as_bytes()))
    }
}

impl fmt::Debug for Args<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter().map(String::from_utf8_lossy)).finish()
    }
}

/// Arguments that outlive their buffer: a transaction's queue, a blocked command.
#[derive(Clone, Default)]
pub struct OwnedArgs {
    buffer: Box<[u8]>,
    spans: Box<[Span]>,
}

impl OwnedArgs {
    pub fn args(&self) -> Args<'_> {
        Args::new(&self.buffer, &self.spans)
    }

    pub fn bytes(&self) -> usize {
        self.buffer.len()
    }
}

impl fmt::Debug for OwnedArgs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.args().fmt(f)
    }
}

impl<'a, T: IntoIterator<Item = &'a [u8]>> From<T> for OwnedArgs {
    fn from(args: T) -> Self {
        let mut buffer = Vec::new();
        let mut spans = Vec::new();
        for arg in args {
            let start = buffer.len() as u32;
            buffer.extend_from_slice(arg);
            spans.push(Span { start, end: buffer.len() as u32 });
        }
        Self { buffer: buffer.into(), spans: spans.into() }
    }
}
