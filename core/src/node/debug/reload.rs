//! DEBUG RELOAD: the data go through their own RDB file and back, which shows that nothing is lost.
//!
//! The bytes are written to the disk as well, but read back from memory: the engine reads no files.

use bytes::BytesMut;

use crate::command::Outcome;
use crate::error;
use crate::node::ConnId;
use crate::node::LogLevel;
use crate::node::Node;
use crate::node::StorageOp;
use crate::resp::Args;

impl Node {
    pub(super) fn debug_reload(&mut self, id: ConnId, args: Args<'_>) -> Outcome {
        let mut keeps = false;
        for word in args.from(2).iter() {
            match word.to_ascii_lowercase().as_slice() {
                b"merge" => {}
                // What is there and what was written are the same, so nothing is left to merge.
                b"noflush" => keeps = true,
                b"nosave" => return Err(error::RELOAD_NOSAVE),
                _ => return Err(error::RELOAD_OPTIONS),
            }
        }
        let bytes = self.whole_snapshot();
        let mut loader = self.loader();
        let loaded = loader.feed(BytesMut::from(&bytes[..]), self.now);
        if let Err(problem) = loaded.and_then(|()| loader.end_of_input()) {
            self.log(LogLevel::Warning, format!("DEBUG RELOAD: {problem}"));
            return Err(error::RELOAD_FAILED);
        }
        if !keeps {
            let (store, _) = loader.finish();
            self.cancel_snapshot();
            self.store.replace(store);
        }
        let (from, to) = ("temp-reload.rdb".to_owned(), self.config.dbfilename.clone());
        self.storage(StorageOp::Create { file: from.clone() });
        self.storage(StorageOp::Append { file: from.clone(), data: bytes });
        self.storage(StorageOp::Sync { file: from.clone() });
        self.storage(StorageOp::Rename { from, to });
        self.saves.changes = 0;
        self.log(LogLevel::Warning, "DB reloaded by DEBUG RELOAD");
        self.reply(id, |reply| reply.ok());
        Ok(())
    }
}
