//! The append-only file: a folder that anybody may have written, or a disk has damaged.

use std::iter;

use super::pieces;
use super::shell::Shell;
use crate::config::Config;
use crate::node::StorageOp;
use crate::persist::aof::{Item, Manifest, Names, Reader};
use crate::persist::check::{AofCheck, Fault};
use crate::persist::rdb::ReadOptions;
use crate::sim::Disk;

/// The first byte says how files are cut into pieces, and whether one that ends too soon is loaded. The rest
/// is a manifest up to an empty line, if it begins like one, and then the files it names, with a line `--`
/// between them; else it is the one increment there is.
pub fn append_only(data: &[u8]) {
    let Some((&seed, bytes)) = data.split_first() else { return };
    let (manifest, bytes) = split_manifest(bytes);
    the_manifest_is_written_as_it_is_read(manifest);
    let files: Vec<&[u8]> = split(bytes, b"\n--\n").collect();
    for file in &files {
        a_file_is_read_however_it_is_cut(file, seed);
    }
    what_loads_loads_again(manifest, &files, seed);
}

fn split_manifest(bytes: &[u8]) -> (&[u8], &[u8]) {
    if !bytes.starts_with(b"file") && !bytes.starts_with(b"#") {
        return (ONE_INCREMENT, bytes);
    }
    match memchr::memmem::find(bytes, b"\n\n") {
        Some(at) => (&bytes[..=at], &bytes[at + 2..]),
        None => (bytes, b""),
    }
}

fn split<'b>(bytes: &'b [u8], mark: &'static [u8]) -> impl Iterator<Item = &'b [u8]> {
    let mut rest = Some(bytes);
    iter::from_fn(move || {
        let bytes = rest.take()?;
        let Some(at) = memchr::memmem::find(bytes, mark) else { return Some(bytes) };
        rest = Some(&bytes[at + mark.len()..]);
        Some(&bytes[..at])
    })
}

fn the_manifest_is_written_as_it_is_read(text: &[u8]) {
    let Ok(manifest) = Manifest::decode(text) else { return };
    let written = manifest.encode();
    // A name may be longer than what is read of a line, once it is quoted.
    if written.lines().all(|line| line.len() < LINE_BYTES) && !manifest.is_empty() {
        assert_eq!(Manifest::decode(written.as_bytes()).as_ref(), Ok(&manifest), "{written}");
    }
}

/// What reading a file gives.
#[derive(Debug, PartialEq)]
struct Outcome {
    said: Vec<String>,
    /// How it ends, or why it can't be read on.
    end: String,
    consumed: u64,
    valid: u64,
    is_fine: bool,
}

fn a_file_is_read_however_it_is_cut(file: &[u8], seed: u8) {
    let whole = read(iter::once(file));
    assert_eq!(read(pieces(file, seed)), whole, "depends on where the bytes were cut");
    assert!(whole.valid <= whole.consumed && whole.consumed <= file.len() as u64);
    let mut check = AofCheck::new(0);
    pieces(file, seed).for_each(|piece| check.feed(piece));
    let verdict = check.finish();
    assert_eq!(verdict.fault.is_none(), whole.is_fine, "{verdict:?}");
    assert_eq!((verdict.bytes, verdict.valid), (file.len() as u64, whole.valid));
    // What --fix leaves is whole.
    if !matches!(verdict.fault, None | Some(Fault::Preamble(_))) {
        let mended = read(iter::once(&file[..whole.valid as usize]));
        assert!(mended.is_fine && whole.said.starts_with(&mended.said), "{mended:?}");
    }
}

fn read<'b>(pieces: impl Iterator<Item = &'b [u8]>) -> Outcome {
    let options = ReadOptions { string_bytes_max: STRING_BYTES_MAX, ..Default::default() };
    let mut reader = Reader::new(options);
    let mut said = Vec::new();
    for piece in pieces {
        reader.feed(piece);
        let error = loop {
            let before = reader.valid();
            match reader.next_item() {
                Ok(Some(Item::Request(args))) => said.push(format!("{args:?}")),
                Ok(Some(Item::Preamble(item))) => said.push(format!("{item:?}")),
                Ok(None) => break None,
                Err(error) => break Some(error),
            }
            assert!(reader.valid() >= before, "what was whole stays so");
        };
        if let Some(error) = error {
            assert_eq!(reader.next_item().err().as_ref(), Some(&error), "an error is final");
            let (consumed, valid) = (reader.consumed(), reader.valid());
            return Outcome { said, end: format!("{error:?}"), consumed, valid, is_fine: false };
        }
    }
    let end = reader.finish();
    let is_fine = end == Ok(crate::persist::aof::End::Whole);
    let (consumed, valid) = (reader.consumed(), reader.valid());
    Outcome { said, end: format!("{end:?}"), consumed, valid, is_fine }
}

/// A start ends with data or with an explanation; and what it leaves behind starts.
fn what_loads_loads_again(manifest: &[u8], files: &[&[u8]], seed: u8) {
    let mut config = Config::default();
    let truncated: &[u8] = if seed.is_multiple_of(2) { b"yes" } else { b"no" };
    let settings: [(&[u8], &[u8]); 3] =
        [(b"appendonly", b"yes"), (b"appendfsync", b"always"), (b"aof-load-truncated", truncated)];
    config.apply(&settings, true).expect("settings");
    config.proto_max_bulk_len = STRING_BYTES_MAX;
    let mut first = Shell::restored(config.clone(), lay_out(&config, manifest, files));
    if !first.is_serving() {
        assert!(!first.logged().is_empty(), "ends without a word");
        return;
    }
    let before = first.ask(&["PING", "DBSIZE", "GET k", "TTL k", "SCAN 0 COUNT 100"]);
    assert!(!before.is_empty(), "nobody is answered");
    let second = Shell::restored(config, first.into_disk());
    assert!(second.is_serving(), "does not start again: {}", second.logged());
}

fn lay_out(config: &Config, manifest: &[u8], files: &[&[u8]]) -> Disk {
    let mut disk = Disk::default();
    let folder = &config.appenddirname;
    let mut put = |name: &str, bytes: &[u8]| {
        let file = format!("{folder}/{name}");
        for op in [
            StorageOp::Create { file: file.clone() },
            StorageOp::Append { file, data: bytes.to_vec().into() },
        ] {
            disk.apply(op).expect("room for a file");
        }
    };
    put(&Names { stem: &config.appendfilename }.manifest(), manifest);
    if let Ok(manifest) = Manifest::decode(manifest) {
        for ((_, file), bytes) in manifest.replayed().zip(files) {
            put(&file.name, bytes);
        }
    }
    disk
}

const ONE_INCREMENT: &[u8] = b"file a seq 1 type i\n";

/// What a line of a manifest may be long.
const LINE_BYTES: usize = 1000;

/// Small, so that forged lengths fall on both sides of it, and a command makes no large value.
const STRING_BYTES_MAX: usize = 1 << 16;

#[cfg(test)]
mod tests {
    use super::append_only;
    use crate::fuzz::mutate::mutations;
    use crate::persist::rdb::{Encoder, WriteOptions};
    use crate::store::StrRef;

    const LOG: &[u8] = b"*2\r\n$6\r\nSELECT\r\n$1\r\n0\r\n#TS:1700000000\r\n\
        *3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\n1\r\n*1\r\n$5\r\nMULTI\r\n*2\r\n$4\r\nINCR\r\n$1\r\nk\r\n\
        *1\r\n$4\r\nEXEC\r\n*4\r\n$5\r\nRPUSH\r\n$1\r\nl\r\n$1\r\na\r\n$1\r\nb\r\n";
    const MANIFEST: &[u8] = b"file b.rdb seq 1 type b\nfile old seq 1 type h\n\
        file \"i 1\" seq 1 type i\nfile i2 seq 2 type i\n\n";

    #[test]
    fn mutations_of_good_logs_keep_every_promise() {
        let mut encoder = Encoder::new(WriteOptions::default());
        encoder.aux(b"redis-ver", b"7.4.0");
        encoder.select_db(0);
        encoder.string_entry(b"k", StrRef::Bytes(b"a value"), Some(1_800_000_000_000));
        let payload = encoder.finish();
        let ping = b"*1\r\n$4\r\nPING\r\n";
        let unknown_type = b"REDIS0008\x03\0\0\x07\x01\xff\x01vk\0\0\0\0\0\0\0";
        let seeds = [
            [b"\x05", &unknown_type[..]].concat(),
            [b"\x02", LOG].concat(),
            [b"\x03", LOG, &LOG[..LOG.len() / 2]].concat(),
            [b"\x04", MANIFEST, &payload, b"\n--\n", LOG, b"\n--\n", LOG].concat(),
            [b"\x05", MANIFEST, &payload, LOG, b"\n--\n", LOG, b"\n--\n", ping].concat(),
        ];
        let seeds: Vec<&[u8]> = seeds.iter().map(Vec::as_slice).collect();
        mutations(&seeds, 3_000, 6, append_only);
    }
}
