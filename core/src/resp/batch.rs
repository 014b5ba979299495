//! Reading a few requests ahead of the one that runs.
//!
//! A pipeline's requests are independent more often than not: knowing the next
//! few lets the keyspace load their keys' memory together, instead of waiting
//! for each in turn. Reading ahead changes nothing else: a request that is wrong
//! or half there is met again when its turn comes.

use super::Args;
use super::FrameError;
use super::FrameLimits;
use super::Splitter;

/// Whole requests at the head of a buffer, in order.
#[derive(Debug, Default)]
pub struct Batch {
    /// One for each request found, with its arguments; longer than `found`, to be used again.
    splitters: Vec<Splitter>,
    /// Where each request ends in the buffer.
    ends: Vec<usize>,
}

impl Batch {
    /// Splits up to `requests_max` requests off the head of `buffer`; `splitter` is the
    /// connection's own and keeps its place in a request that is not whole. Returns how many were
    /// found.
    ///
    /// # Errors
    /// When the first request is none; one behind others is met again later.
    pub fn read(
        &mut self,
        splitter: &mut Splitter,
        buffer: &[u8],
        requests_max: usize,
        limits: FrameLimits,
    ) -> Result<usize, FrameError> {
        self.ends.clear();
        let mut start = 0;
        while self.ends.len() < requests_max {
            match splitter.next(buffer.get(start..).unwrap_or_default(), limits) {
                Ok(None) => break,
                Ok(Some(len)) => {
                    start += len;
                    self.keep(splitter, start);
                }
                Err(error) if self.ends.is_empty() => return Err(error),
                Err(_) => {
                    splitter.rewind();
                    break;
                }
            }
        }
        Ok(self.ends.len())
    }

    /// The request of this number, counted from 0: its bytes in `buffer` and its arguments.
    pub fn request<'a>(&'a self, number: usize, buffer: &'a [u8]) -> (&'a [u8], Args<'a>) {
        let start = match number.checked_sub(1) {
            Some(before) => self.end(before),
            None => 0,
        };
        let bytes = buffer.get(start..self.end(number)).unwrap_or_default();
        match self.splitters.get(number) {
            Some(splitter) => (bytes, splitter.args(bytes)),
            None => (bytes, Args::new(bytes, &[])),
        }
    }

    /// Where the request of this number ends in the buffer.
    pub fn end(&self, number: usize) -> usize {
        self.ends.get(number).copied().unwrap_or_default()
    }

    fn keep(&mut self, splitter: &mut Splitter, end: usize) {
        if self.splitters.len() == self.ends.len() {
            self.splitters.push(Splitter::default());
        }
        if let Some(place) = self.splitters.get_mut(self.ends.len()) {
            std::mem::swap(place, splitter);
        }
        self.ends.push(end);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All requests of `bytes`, read ahead `ahead` at a time, and how it ended.
    fn read_all(bytes: &[u8], ahead: usize) -> (Vec<Vec<u8>>, Option<FrameError>) {
        let (mut batch, mut splitter) = (Batch::default(), Splitter::default());
        let (mut rest, mut words) = (bytes, Vec::new());
        loop {
            match batch.read(&mut splitter, rest, ahead, FrameLimits::default()) {
                Err(error) => return (words, Some(error)),
                Ok(0) => return (words, None),
                Ok(found) => {
                    for number in 0..found {
                        words.push(
                            batch.request(number, rest).1.iter().collect::<Vec<_>>().concat(),
                        );
                    }
                    rest = &rest[batch.end(found - 1)..];
                }
            }
        }
    }

    #[test]
    fn how_far_it_reads_ahead_changes_nothing() {
        let bytes = b"PING\r\n*2\r\n$1\r\na\r\n$1\r\nb\r\n\r\nGET 'x y'\r\n*1\r\n$4\r\nQUIT\r\n*1\r\n$2\r\nh";
        let expect: Vec<Vec<u8>> =
            ["PING", "ab", "", "GETx y", "QUIT"].map(|w| w.as_bytes().to_vec()).into();
        for ahead in [1, 2, 3, 16] {
            assert_eq!(read_all(bytes, ahead), (expect.clone(), None), "{ahead}");
        }
    }

    #[test]
    fn a_wrong_request_is_met_when_its_turn_comes() {
        let bytes = b"PING\r\nPING\r\n*1\r\n+x\r\n";
        for ahead in [1, 2, 3, 16] {
            let (words, error) = read_all(bytes, ahead);
            assert_eq!((words.len(), error), (2, Some(FrameError::ExpectedDollar(b'+'))));
        }
    }
}
