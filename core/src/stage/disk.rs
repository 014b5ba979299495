//! What is found in the target's directory, held against what a stage wants there.

use bytes::BytesMut;

use super::action::Sight;
use super::names::Names;
use super::spec::OnDisk;
use crate::persist::aof::End;
use crate::persist::aof::Item;
use crate::persist::aof::Manifest;
use crate::persist::aof::Reader;
use crate::persist::rdb::ReadOptions;
use crate::resp::write_request;

pub fn is_as_wanted(sight: &Sight, wanted: OnDisk, names: &mut Names) -> bool {
    match (sight, wanted) {
        (Sight::Folder, OnDisk::Folder) => true,
        (Sight::File(bytes), OnDisk::Empty) => bytes.is_empty(),
        (Sight::File(bytes), OnDisk::Line(line)) => {
            let line = names.resolve(line, 0);
            let mut lines = bytes.split(|byte| *byte == b'\n');
            Manifest::decode(bytes).is_ok() && lines.any(|found| found == line.as_bytes())
        }
        (Sight::File(bytes), OnDisk::Requests(requests)) => {
            let wanted = requests.iter().map(|words| {
                words.iter().map(|word| names.resolve(word, 0).into_bytes()).collect::<Vec<_>>()
            });
            requests_of(bytes).is_some_and(|found| found.into_iter().eq(wanted))
        }
        _ => false,
    }
}

/// The bytes a sight is recorded as.
pub fn bytes_of(sight: &Sight) -> Vec<u8> {
    match sight {
        Sight::Nothing => Vec::new(),
        Sight::Folder => b"(a folder)".to_vec(),
        Sight::File(bytes) => bytes.clone(),
    }
}

/// What is wanted, in words.
pub fn describe(name: &str, wanted: OnDisk, names: &mut Names) -> String {
    match wanted {
        OnDisk::Folder => format!("a folder {name}"),
        OnDisk::Empty => format!("an empty file {name}"),
        OnDisk::Line(line) => format!("a line {:?} in {name}", names.resolve(line, 0)),
        OnDisk::Requests(requests) => {
            let words = requests.iter().map(|words| words.join(" "));
            let text = words.collect::<Vec<_>>().join(", ");
            format!("these requests in {name}: {}", names.resolve(&text, 0))
        }
    }
}

/// A request as it stands in a file.
pub fn request(words: &[&str], names: &mut Names) -> Vec<u8> {
    let words: Vec<String> = words.iter().map(|word| names.resolve(word, 0)).collect();
    let mut out = BytesMut::new();
    write_request(&mut out, words.iter().map(|word| word.as_bytes()));
    out.to_vec()
}

/// The requests of a file but for SELECT; none if it is no such file.
fn requests_of(bytes: &[u8]) -> Option<Vec<Vec<Vec<u8>>>> {
    let mut reader = Reader::new(ReadOptions::default());
    reader.feed(bytes);
    let mut found = Vec::new();
    while let Some(item) = reader.next_item().ok()? {
        let Item::Request(args) = item else { return None };
        if !args.is(0, "select") {
            found.push(args.iter().map(<[u8]>::to_vec).collect());
        }
    }
    (reader.finish() == Ok(End::Whole)).then_some(found)
}
