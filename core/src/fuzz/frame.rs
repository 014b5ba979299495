//! Requests: what a client's bytes mean does not depend on how they were cut.

use std::iter;

use bytes::BytesMut;

use super::pieces;
use crate::resp::{FrameError, FrameLimits, Splitter, write_request};

/// The first byte says how the rest is cut, and whether the peer has authenticated.
pub fn frame(data: &[u8]) {
    let Some((&seed, bytes)) = data.split_first() else { return };
    let limits = FrameLimits { authenticated: seed % 4 != 0, ..FrameLimits::default() };
    let whole = split(iter::once(bytes), limits);
    assert_eq!(split(pieces(bytes, seed), limits), whole, "depends on where the bytes were cut");
    assert!(whole.argument_bytes() <= bytes.len(), "arguments are made of the bytes that came");
    if limits.authenticated {
        read_back(&whole);
    }
}

#[derive(Debug, PartialEq, Eq)]
struct Outcome {
    requests: Vec<Vec<Vec<u8>>>,
    error: Option<FrameError>,
    /// Bytes left over: the beginning of a request.
    rest: usize,
}

impl Outcome {
    fn argument_bytes(&self) -> usize {
        self.requests.iter().flatten().map(Vec::len).sum()
    }
}

fn split<'b>(pieces: impl Iterator<Item = &'b [u8]>, limits: FrameLimits) -> Outcome {
    let mut splitter = Splitter::default();
    let mut buffer = BytesMut::new();
    let mut requests = Vec::new();
    for piece in pieces {
        buffer.extend_from_slice(piece);
        loop {
            match splitter.next(&buffer, limits) {
                Ok(None) => break,
                Ok(Some(used)) => {
                    assert!(used > 0, "a request takes bytes, or it would be found forever");
                    requests.push(splitter.args(&buffer).iter().map(<[u8]>::to_vec).collect());
                    let _ = buffer.split_to(used);
                }
                Err(error) => return Outcome { requests, error: Some(error), rest: 0 },
            }
        }
    }
    Outcome { requests, error: None, rest: buffer.len() }
}

/// Requests that were read, inline ones too, are read again when written as arrays.
fn read_back(outcome: &Outcome) {
    let mut written = BytesMut::new();
    for request in &outcome.requests {
        write_request(&mut written, request.iter().map(Vec::as_slice));
    }
    let again = split(iter::once(&written[..]), FrameLimits::default());
    assert_eq!((&again.requests, again.error, again.rest), (&outcome.requests, None, 0));
}

#[cfg(test)]
mod tests {
    use super::frame;
    use crate::fuzz::mutate::mutations;
    use crate::limits::INLINE_BYTES_MAX;

    #[test]
    fn mutations_of_good_requests_keep_every_promise() {
        let seeds: [&[u8]; 6] = [
            b"\x01*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$5\r\nhello\r\n*2\r\n$3\r\nGET\r\n$1\r\nk\r\n",
            b"\x02SET k \"a \\x00\\n b\"\r\nGET 'k'\nPING\r\n\r\n",
            b"\x03*0\r\n*-1\r\n*1\r\n$0\r\n\r\nPING\r\n",
            b"\x04*10\r\n$16384\r\n",
            b"\x05*1000000\r\n$1\r\na\r\n$536870912\r\n",
            b"\x06*1\r\n$4\r\nP\r\nG\r\n*1\r\n:4\r\n",
        ];
        mutations(&seeds, 20_000, 1, frame);
    }

    #[test]
    fn lines_about_as_long_as_allowed_keep_every_promise() {
        for prefix in ["", "*", "*1\r\n$"] {
            for length in
                (INLINE_BYTES_MAX - 4..INLINE_BYTES_MAX + 4).chain([INLINE_BYTES_MAX + 5_000])
            {
                for end in ["\n", "\r\n", "\r", ""] {
                    let line = format!("{prefix}{}{end}", "1".repeat(length));
                    (0..=u8::MAX)
                        .step_by(8)
                        .for_each(|seed| frame(&[&[seed], line.as_bytes()].concat()));
                }
            }
        }
    }
}
