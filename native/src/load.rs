//! Loading the dump file at the start.

use std::fs::File;
use std::io;
use std::io::Read;
use std::path::Path;
use std::time::Instant;

use bytes::BytesMut;
use redarium_core::node::Node;

use crate::clock::Clock;
use crate::log::Log;
use crate::os;
use crate::shell;

/// Loads the node's dump file, if there is one.
///
/// # Errors
/// What Redis logs last about a file that cannot be used, after the reason.
pub fn load(node: &mut Node, clock: Clock, log: &mut Log) -> Result<(), String> {
    let path = Path::new(&node.config().dir).join(&node.config().dbfilename);
    let start = Instant::now();
    let loaded = match File::open(&path) {
        Ok(mut file) => feed(node, &mut file, clock),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => Err(os::words(&error)),
    };
    shell::log_events(node, log);
    match loaded {
        Ok(()) => {
            let seconds = start.elapsed().as_secs_f64();
            log.notice(&format!("DB loaded from disk: {seconds:.3} seconds"));
            Ok(())
        }
        Err(reason) => {
            log.warning(&reason);
            Err("Fatal error loading the DB, check server logs. Exiting.".into())
        }
    }
}

fn feed(node: &mut Node, file: &mut File, clock: Clock) -> Result<(), String> {
    let mut buffer = BytesMut::new();
    let mut more = true;
    // An empty file is handed over too: it is a damaged one.
    while more {
        more = read_piece(file, &mut buffer).map_err(|error| os::words(&error))?;
        node.load_rdb(&mut buffer, clock.now()).map_err(|error| error.to_string())?;
    }
    node.finish_load(clock.now()).map_err(|error| error.to_string())?;
    Ok(())
}

/// Whether there was more to read.
fn read_piece(file: &mut File, buffer: &mut BytesMut) -> io::Result<bool> {
    let kept = buffer.len();
    buffer.resize(kept + PIECE_BYTES, 0);
    let count = file.read(&mut buffer[kept..])?;
    buffer.truncate(kept + count);
    Ok(count > 0)
}

const PIECE_BYTES: usize = 1 << 20;
