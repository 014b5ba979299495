//! Conversations read along on a link: what each piece of bytes is said to be.

use super::*;

const REPLID: &str = "8d2c5ce1b9f5a2c1d3e4f5061728394a5b6c7d8e";

/// The smallest snapshot with something in it: one key, checksum switched off.
const SNAPSHOT: &[u8] =
    b"REDIS0009\xfa\x09redis-ver\x057.4.0\xfe\x00\xfb\x01\x00\x00\x01k\x01v\xff\0\0\0\0\0\0\0\0";

fn request(words: &str) -> Vec<u8> {
    let words: Vec<_> = words.split(' ').collect();
    let bulks = words.iter().map(|word| format!("${}\r\n{word}\r\n", word.len()));
    format!("*{}\r\n{}", words.len(), bulks.collect::<String>()).into_bytes()
}

fn full_sync(header: &str, end: &str) -> Vec<u8> {
    let head = format!("+FULLRESYNC {REPLID} 100\r\n\n{header}\r\n").into_bytes();
    [head.as_slice(), SNAPSHOT, end.as_bytes()].concat()
}

fn assert_no_gaps(parts: &[Part], len: usize) {
    let mut at = 0;
    for part in parts {
        assert!(part.start == at && part.end > at, "{parts:?}");
        at = part.end;
    }
    assert_eq!(at, len);
}

fn meanings(reading: &Reading) -> Vec<&str> {
    reading.parts.iter().map(|part| part.meaning.as_str()).collect()
}

#[test]
fn names_what_a_replica_sends() {
    for (words, subject, label) in [
        ("PING", Subject::Handshake, "PING"),
        ("REPLCONF listening-port 6379", Subject::Handshake, "REPLCONF listening-port 6379"),
        ("REPLCONF capa eof capa psync2", Subject::Handshake, "REPLCONF capa eof capa psync2"),
        ("PSYNC ? -1", Subject::Sync, "PSYNC ? -1"),
        (&format!("PSYNC {REPLID} 17"), Subject::Sync, "PSYNC 8d2c5ce1b9f5a2c… 17"),
        ("REPLCONF ACK 1234", Subject::Ack, "ACK 1234"),
    ] {
        let bytes = request(words);
        let reading = Conversation::new().read_to_master(&bytes);
        assert_eq!((reading.subject, reading.label.as_str()), (subject, label));
        assert_eq!(reading.offsets, None);
        assert_no_gaps(&reading.parts, bytes.len());
    }
}

#[test]
fn reads_a_full_synchronisation_and_the_stream_behind_it() {
    for (header, end) in [(format!("${}", SNAPSHOT.len()), ""), (format!("$EOF:{REPLID}"), REPLID)]
    {
        let mut conversation = Conversation::new();
        assert_eq!(conversation.read_to_replica(b"+PONG\r\n").label, "PONG");
        conversation.read_to_master(&request("PSYNC ? -1"));
        let sync = full_sync(&header, end);
        let reading = conversation.read_to_replica(&sync);
        assert_eq!(reading.subject, Subject::Rdb);
        assert_eq!(reading.offsets, None);
        assert_no_gaps(&reading.parts, sync.len());
        let meanings = meanings(&reading);
        for expect in
            ["REDIS: an RDB payload of version 9", "an entry: \"k\" = \"v\"", "FF, the end"]
        {
            assert!(meanings.contains(&expect), "{meanings:?}");
        }
        let stream = [request("SELECT 0"), request("SET k v")].concat();
        let reading = conversation.read_to_replica(&stream);
        assert_eq!((reading.subject, reading.label.as_str()), (Subject::Stream, "SET k v +1"));
        assert_eq!(reading.offsets, Some(101..101 + stream.len() as u64));
        assert_no_gaps(&reading.parts, stream.len());
    }
}

#[test]
fn goes_on_where_the_replica_asked() {
    let mut conversation = Conversation::new();
    conversation.read_to_master(&request(&format!("PSYNC {REPLID} 501")));
    let ping = request("PING");
    let wire = [format!("+CONTINUE {REPLID}\r\n").into_bytes(), ping.clone()].concat();
    let reading = conversation.read_to_replica(&wire);
    assert_eq!(reading.subject, Subject::Sync);
    assert_eq!(reading.offsets, Some(501..501 + ping.len() as u64));
    let reading = conversation.read_to_replica(&ping);
    assert_eq!((reading.subject, reading.label.as_str()), (Subject::Ping, "PING"));
    let getack = conversation.read_to_replica(&request("REPLCONF GETACK *"));
    assert_eq!((getack.subject, getack.label.as_str()), (Subject::Ack, "REPLCONF GETACK *"));
}

#[test]
fn says_what_the_parts_of_a_request_are() {
    let reading = Conversation::new().read_to_master(&request("REPLCONF ACK 0"));
    assert_eq!(
        meanings(&reading),
        [
            "an array of 3",
            "a bulk of 8: \"REPLCONF\"",
            "a bulk of 3: \"ACK\"",
            "a bulk of 1: \"0\""
        ]
    );
}

/// However the bytes are cut, the stream's offsets add up and every piece is covered.
#[test]
fn cuts_change_nothing() {
    let stream = [request("SET k v"), request(&format!("SET long {}", "x".repeat(9000)))].concat();
    let wire = [full_sync(&format!("$EOF:{REPLID}"), REPLID), stream.clone()].concat();
    for step in [1, 2, 7, 64, 5000] {
        let mut conversation = Conversation::new();
        let mut next = 101;
        for piece in wire.chunks(step) {
            let reading = conversation.read_to_replica(piece);
            assert_no_gaps(&reading.parts, piece.len());
            if let Some(offsets) = reading.offsets {
                assert_eq!(offsets.start, next);
                next = offsets.end;
            }
        }
        assert_eq!(next, 101 + stream.len() as u64, "in steps of {step}");
    }
}

#[test]
fn survives_bytes_that_mean_nothing() {
    let broken = full_sync("$12", "").into_iter().map(|byte| byte ^ 0x21).collect::<Vec<_>>();
    for wire in [
        b"*3\r\n*3\r\n$1\r\n".as_slice(),
        b"*-1\r\n$5\r\n*99999999999\r\n",
        b"$EOF:\r\n+FULLRESYNC\r\n$EOF:\r\nxyz",
        b"+FULLRESYNC x 18446744073709551615\r\n$-5\r\nREDISgarbage",
        b"+FULLRESYNC x y\r\n$30\r\nREDIS0009\xf7\xff\xff\xffgarbage garbage garbage\r\n*1\r\n",
        b"+CONTINUE\r\n*1\r\n:5\r\n\r\n\r\n",
        &broken,
        &[0xff; 100],
        &[b'*'; 70_000],
    ] {
        for step in [1, 3, wire.len()] {
            let mut conversation = Conversation::new();
            for piece in wire.chunks(step) {
                assert_no_gaps(&conversation.read_to_master(piece).parts, piece.len());
                assert_no_gaps(&conversation.read_to_replica(piece).parts, piece.len());
            }
        }
    }
}
