//! Counts replies without building them: headers are read, bulks are skipped.

use std::{error::Error, fmt};

use anyhow::{Result, bail};

/// Waits for a number of replies, fed in pieces of any size.
#[derive(Default)]
pub struct Scanner {
    /// Replies and elements of arrays still to come; an array stands for its elements.
    pending: u64,
    /// What is left of the bulk under way.
    skip: usize,
    /// The beginning of a line whose end has not arrived.
    line: Vec<u8>,
    /// Nils and empty arrays seen so far: requests that found nothing.
    empty: u64,
}

/// What a server says to a request it does not know, or does not like.
#[derive(Debug)]
pub struct Refusal(pub String);

impl Refusal {
    fn is_unsupported(&self) -> bool {
        self.0.starts_with("ERR unknown command") || self.0.starts_with("ERR unknown subcommand")
    }
}

/// Whether what failed is a command the server lacks.
pub fn is_unsupported(error: &anyhow::Error) -> bool {
    error.downcast_ref::<Refusal>().is_some_and(Refusal::is_unsupported)
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the server says: {}", self.0)
    }
}

impl Error for Refusal {}

impl Scanner {
    pub fn expect(&mut self, replies: u64) {
        self.pending += replies;
    }

    pub fn empty(&self) -> u64 {
        self.empty
    }

    pub fn is_done(&self) -> bool {
        self.pending == 0 && self.skip == 0
    }

    /// Takes what has arrived; true when all replies are there. An error reply is a [`Refusal`].
    pub fn feed(&mut self, mut bytes: &[u8]) -> Result<bool> {
        while !bytes.is_empty() {
            if self.skip > 0 {
                let skipped = self.skip.min(bytes.len());
                self.skip -= skipped;
                bytes = &bytes[skipped..];
                continue;
            }
            if self.pending == 0 {
                bail!("a reply nobody waits for: {}", bytes.escape_ascii());
            }
            let Some(end) = bytes.iter().position(|byte| *byte == b'\n') else {
                self.line.extend_from_slice(bytes);
                break;
            };
            self.take_line(&bytes[..end])?;
            bytes = &bytes[end + 1..];
        }
        Ok(self.is_done())
    }

    /// `end` is the line's last piece, with its carriage return.
    fn take_line(&mut self, end: &[u8]) -> Result<()> {
        if self.line.is_empty() {
            return self.header(end);
        }
        let mut line = std::mem::take(&mut self.line);
        line.extend_from_slice(end);
        self.header(&line)
    }

    #[inline]
    fn header(&mut self, line: &[u8]) -> Result<()> {
        self.pending -= 1;
        match line {
            [b'+' | b':' | b',' | b'#' | b'(', ..] => {}
            [b'$' | b'=', rest @ .., b'\r'] => match number(rest) {
                Some(length) => self.skip = length + b"\r\n".len(),
                None => self.empty += 1,
            },
            [b'*' | b'~' | b'>', rest @ .., b'\r'] => self.elements(number(rest)),
            [b'%', rest @ .., b'\r'] => self.elements(number(rest).map(|pairs| pairs * 2)),
            [b'_', ..] => self.empty += 1,
            [b'-', text @ ..] => {
                bail!(Refusal(String::from_utf8_lossy(text).trim_end().to_owned()))
            }
            _ => bail!("not the beginning of a reply: {}", line.escape_ascii()),
        }
        Ok(())
    }

    fn elements(&mut self, count: Option<usize>) {
        match count {
            None | Some(0) => self.empty += 1,
            Some(count) => self.pending += count as u64,
        }
    }
}

/// `None` for -1, the length of what is not there.
#[inline]
fn number(digits: &[u8]) -> Option<usize> {
    digits.iter().try_fold(0usize, |number, digit| match digit {
        b'0'..=b'9' => Some(number * 10 + usize::from(digit - b'0')),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::{Refusal, Scanner, is_unsupported};

    #[test]
    fn replies_are_counted_wherever_they_are_cut() {
        let cases: [(&str, u64, u64); 7] = [
            ("+OK\r\n:1\r\n", 2, 0),
            ("$3\r\na\nb\r\n$-1\r\n", 2, 1),
            ("*2\r\n$1\r\na\r\n*2\r\n:1\r\n:2\r\n+x\r\n", 2, 0),
            ("*0\r\n*-1\r\n_\r\n", 3, 3),
            ("%1\r\n+a\r\n:1\r\n,1.5\r\n", 2, 0),
            ("$0\r\n\r\n", 1, 0),
            ("*1\r\n*1\r\n*1\r\n$2\r\nxx\r\n", 1, 0),
        ];
        for (text, replies, empty) in cases {
            for cut in 1..=text.len() {
                let mut scanner = Scanner::default();
                scanner.expect(replies);
                let mut pieces = text.as_bytes().chunks(cut).peekable();
                while let Some(piece) = pieces.next() {
                    let done = scanner.feed(piece).expect(text);
                    assert_eq!(done, pieces.peek().is_none(), "{text:?} cut at {cut}");
                }
                assert_eq!(scanner.empty(), empty, "{text:?}");
            }
        }
    }

    #[test]
    fn errors_and_surplus_are_refused() {
        for (text, unsupported) in [("-ERR unknown command 'X'\r\n", true), ("-ERR no\r\n", false)]
        {
            let mut scanner = Scanner::default();
            scanner.expect(1);
            let error = scanner.feed(text.as_bytes()).expect_err(text);
            assert!(error.is::<Refusal>(), "{text}");
            assert_eq!(is_unsupported(&error), unsupported, "{text}");
        }
        let mut scanner = Scanner::default();
        scanner.expect(1);
        assert!(scanner.feed(b"+OK\r\n+OK\r\n").is_err());
    }
}
