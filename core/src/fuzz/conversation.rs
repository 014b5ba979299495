//! What the page reads along on a link between nodes, one of which may be anybody's.

use super::pieces;
use crate::client::{Conversation, Reading};

/// The first byte says how the rest is cut. The master's side is read as the answer to a PSYNC.
pub fn conversation(data: &[u8]) {
    let Some((&seed, bytes)) = data.split_first() else { return };
    let mut conversation = Conversation::new();
    conversation.read_to_master(b"*3\r\n$5\r\nPSYNC\r\n$1\r\n?\r\n$2\r\n-1\r\n");
    let mut stream_end = None;
    for piece in pieces(bytes, seed) {
        let reading = conversation.read_to_replica(piece);
        check_cover(piece, &reading);
        if let Some(offsets) = reading.offsets {
            let end = stream_end.replace(offsets.end);
            assert_eq!(offsets.start, end.unwrap_or(offsets.start), "the stream has no gaps");
        }
    }
    let mut to_master = Conversation::new();
    for piece in pieces(bytes, seed) {
        check_cover(piece, &to_master.read_to_master(piece));
    }
}

/// The parts of a piece cover it, in order and without gaps.
fn check_cover(piece: &[u8], reading: &Reading) {
    let end = reading.parts.iter().fold(0, |end, part| {
        assert!(part.start == end && part.end > end, "a gap or an overlap: {:?}", reading.parts);
        part.end
    });
    assert_eq!(end, piece.len(), "parts are missing: {:?}", reading.parts);
}

#[cfg(test)]
mod tests {
    use super::conversation;
    use crate::fuzz::mutate::mutations;

    #[test]
    fn mutations_of_good_conversations_keep_every_promise() {
        let id = "0123456789012345678901234567890123456789";
        let stream = "*2\r\n$6\r\nSELECT\r\n$1\r\n0\r\n*1\r\n$4\r\nPING\r\n";
        let greeting = format!("\u{1}+PONG\r\n+OK\r\n+OK\r\n+FULLRESYNC {id} 14\r\n");
        let rdb = b"REDIS0009\xfe\x00\x00\x01k\x01v\xff\0\0\0\0\0\0\0\0";
        let sized = [greeting.as_bytes(), b"$25\r\n", rdb, stream.as_bytes()].concat();
        let announced = format!("\n\n$EOF:{id}\r\n");
        let marked =
            [greeting.as_bytes(), announced.as_bytes(), rdb, id.as_bytes(), stream.as_bytes()];
        let partial = format!("\u{2}+PONG\r\n-ERR\r\n+OK\r\n+CONTINUE {id}\r\n{stream}");
        let seeds: [&[u8]; 3] = [&sized, &marked.concat(), partial.as_bytes()];
        mutations(&seeds, 20_000, 4, conversation);
    }
}
