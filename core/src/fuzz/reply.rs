//! Replies: what a server's bytes mean to our client does not depend on how they were cut.

use std::iter;

use bytes::BytesMut;

use super::pieces;
use crate::client::{DecodeError, Decoder, Value, print, print_raw};

/// The first byte says how the rest is cut.
pub fn reply(data: &[u8]) {
    let Some((&seed, bytes)) = data.split_first() else { return };
    let (values, error) = decode(iter::once(bytes));
    assert_eq!(decode(pieces(bytes, seed)), (values.clone(), error), "depends on the cuts");
    for value in &values {
        assert!(print(value).ends_with(b"\n"), "{value:?} is not printed as lines");
        print_raw(value);
    }
}

fn decode<'b>(pieces: impl Iterator<Item = &'b [u8]>) -> (Vec<Value>, Option<DecodeError>) {
    let mut decoder = Decoder::default();
    let mut buffer = BytesMut::new();
    let mut values = Vec::new();
    for piece in pieces {
        buffer.extend_from_slice(piece);
        loop {
            match decoder.next(&mut buffer) {
                Ok(Some(value)) => values.push(value),
                Ok(None) => break,
                Err(error) => return (values, Some(error)),
            }
        }
    }
    (values, None)
}

#[cfg(test)]
mod tests {
    use super::reply;
    use crate::fuzz::mutate::mutations;
    use crate::limits::REPLY_LINE_BYTES_MAX;

    #[test]
    fn mutations_of_good_replies_keep_every_promise() {
        let seeds: [&[u8]; 4] = [
            b"\x01+OK\r\n-ERR no\r\n:-5\r\n$5\r\nhello\r\n$-1\r\n*-1\r\n",
            b"\x02*2\r\n*2\r\n:1\r\n*0\r\n%1\r\n+k\r\n~1\r\n$1\r\nv\r\n",
            b"\x03>2\r\n+a\r\n+b\r\n|1\r\n+k\r\n:1\r\n_\r\n#t\r\n,1.5\r\n(123\r\n",
            b"\x04=6\r\ntxt:hi\r\n!3\r\nE x\r\n*2\r\n|1\r\n+k\r\n*1\r\n:9\r\n:2\r\n:3\r\n",
        ];
        mutations(&seeds, 20_000, 3, reply);
    }

    #[test]
    fn lines_about_as_long_as_allowed_keep_every_promise() {
        for length in (REPLY_LINE_BYTES_MAX - 4..REPLY_LINE_BYTES_MAX + 4)
            .chain([REPLY_LINE_BYTES_MAX + 5_000])
        {
            for end in ["\n", "\r\n", "\r", ""] {
                let line = format!("+{}{end}", "1".repeat(length));
                for seed in (0..=u8::MAX).step_by(8) {
                    reply(&[&[seed], line.as_bytes()].concat());
                }
            }
        }
    }
}
