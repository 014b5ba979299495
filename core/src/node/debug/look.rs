//! DEBUG subcommands that tell how a key, a value or a table is kept.

use std::fmt::Write;

use crate::command::Outcome;
use crate::command::integer;
use crate::data::DataRef;
use crate::data::Encoding;
use crate::data::StrRef;
use crate::data::allocated_bytes;
use crate::error;
use crate::error::CommandError;
use crate::node::ConnId;
use crate::node::LogLevel;
use crate::node::Node;
use crate::persist::rdb;
use crate::resp::Args;
use crate::store::Entry;

impl Node {
    pub(super) fn debug_object(&mut self, id: ConnId, args: Args<'_>) -> Outcome {
        let entry = self.entry_of(id, args.at(2))?;
        let mut text = format!(
            "Value at:0x0 refcount:1 encoding:{} serializedlength:{} lru:{} lru_seconds_idle:{}",
            entry.encoding().name(),
            rdb::dump(entry, self.config.rdbcompression).len().saturating_sub(DUMP_FRAME_BYTES),
            entry.lru(),
            self.store.access_clock.idle_s(entry.lru(), self.now.wall_ms()),
        );
        if let Some(DataRef::List(list)) = entry.data()
            && let Some(shape) = list.shape()
        {
            let mean = list.len() * 100 / shape.nodes.max(1);
            // Writing to a String can't fail.
            let _ = write!(
                text,
                " ql_nodes:{} ql_avg_node:{}.{:02} ql_listpack_max:{} ql_compressed:{} \
                 ql_uncompressed_size:{}",
                shape.nodes,
                mean / 100,
                mean % 100,
                self.config.list_max_listpack_size,
                u8::from(self.config.list_compress_depth > 0),
                shape.bytes,
            );
        }
        self.reply(id, |reply| reply.simple(&text));
        Ok(())
    }

    pub(super) fn debug_sdslen(&mut self, id: ConnId, args: Args<'_>) -> Outcome {
        let entry = self.entry_of(id, args.at(2))?;
        let Some(StrRef::Bytes(value)) = entry.string() else { return Err(error::NOT_AN_SDS) };
        let (key, value) = (entry.key().len(), value.len());
        // What Redis keeps beside the bytes: a shorter header for a short key.
        let key_block = allocated_bytes(key + if key < 32 { 2 } else { 4 });
        let text = format!(
            "key_sds_len:{key}, key_sds_avail:0, key_zmalloc: {key_block}, val_sds_len:{value}, \
             val_sds_avail:0, val_zmalloc: {}",
            allocated_bytes(value + 4),
        );
        self.reply(id, |reply| reply.simple(&text));
        Ok(())
    }

    pub(super) fn debug_listpack(&mut self, id: ConnId, args: Args<'_>) -> Outcome {
        let is_packed = |encoding| matches!(encoding, Encoding::Listpack | Encoding::ListpackEx);
        self.log_form(id, args, is_packed, error::NOT_A_LISTPACK, "Listpack")
    }

    pub(super) fn debug_quicklist(&mut self, id: ConnId, args: Args<'_>) -> Outcome {
        let is_list = |encoding| encoding == Encoding::Quicklist;
        self.log_form(id, args, is_list, error::NOT_A_QUICKLIST, "Quicklist")
    }

    pub(super) fn debug_htstats(&mut self, id: ConnId, args: Args<'_>) -> Outcome {
        let db = usize::try_from(integer(args.at(2))?).ok();
        let db = db.filter(|db| *db < self.store.databases()).ok_or(error::NO_SUCH_DATABASE)?;
        let keys = table_report(self.store.len(db), self.store.keys_table_bytes(db));
        let volatile = self.store.volatile_len(db);
        let text =
            format!("[Dictionary HT]\n{keys}[Expires HT]\n number of elements: {volatile}\n");
        self.reply(id, |reply| reply.verbatim(b"txt", text.as_bytes()));
        Ok(())
    }

    pub(super) fn debug_htstats_key(&mut self, id: ConnId, args: Args<'_>) -> Outcome {
        let entry = self.entry_of(id, args.at(2))?;
        let len = match entry.data() {
            Some(DataRef::Hash(hash)) if entry.encoding() == Encoding::Hashtable => hash.len(),
            Some(DataRef::Set(set)) if entry.encoding() == Encoding::Hashtable => set.len(),
            Some(DataRef::ZSet(zset)) if entry.encoding() == Encoding::Skiplist => zset.len(),
            _ => return Err(error::NOT_A_HASH_TABLE),
        };
        let text = table_report(len, entry.heap_bytes());
        self.reply(id, |reply| reply.verbatim(b"txt", text.as_bytes()));
        Ok(())
    }

    fn entry_of(&self, id: ConnId, key: &[u8]) -> Result<&Entry, CommandError> {
        let db = self.conns.find(id).map_or(0, |conn| conn.db);
        self.store.find(db, key).ok_or(error::NO_SUCH_KEY)
    }

    /// Writes about a value to the log, where Redis prints it on its standard output.
    fn log_form(
        &mut self,
        id: ConnId,
        args: Args<'_>,
        is_right: fn(Encoding) -> bool,
        problem: CommandError,
        form: &str,
    ) -> Outcome {
        let entry = self.entry_of(id, args.at(2))?;
        if !is_right(entry.encoding()) {
            return Err(problem);
        }
        let key = String::from_utf8_lossy(entry.key());
        let text = format!("{form} at {key}: {} bytes", entry.heap_bytes());
        self.log(LogLevel::Warning, text);
        self.reply(id, |reply| reply.simple(&format!("{form} structure printed on stdout")));
        Ok(())
    }
}

fn table_report(len: usize, bytes: usize) -> String {
    if len == 0 {
        return "No stats available for empty dictionaries\n".into();
    }
    format!(
        "Hash table 0 stats (main hash table):\n table size: {}\n number of elements: {len}\n \
         bytes: {bytes}\n",
        len.next_power_of_two(),
    )
}

/// What DUMP puts around a value: its type, a version and a checksum.
const DUMP_FRAME_BYTES: usize = 11;
