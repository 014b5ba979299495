//! The byte that opens each record of an RDB payload: an opcode counted down from 255, or a value's
//! type counted up from 0.

pub(super) const EOF: u8 = 0xff;
pub(super) const SELECT_DB: u8 = 0xfe;
pub(super) const EXPIRE_SECONDS: u8 = 0xfd;
pub(super) const EXPIRE_MS: u8 = 0xfc;
pub(super) const RESIZE_DB: u8 = 0xfb;
pub(super) const AUX: u8 = 0xfa;
pub(super) const FREQ: u8 = 0xf9;
pub(super) const IDLE: u8 = 0xf8;
pub(super) const MODULE_AUX: u8 = 0xf7;
/// Functions as the release candidates of Redis 7.0 wrote them.
pub(super) const FUNCTION_PRE_GA: u8 = 0xf6;
pub(super) const FUNCTION: u8 = 0xf5;
/// Sizes of a cluster slot's tables (Redis 7.4, Valkey 8).
pub(super) const SLOT_INFO: u8 = 0xf4;

pub(super) const TYPE_STRING: u8 = 0;
pub(super) const TYPE_LIST: u8 = 1;
pub(super) const TYPE_SET: u8 = 2;
pub(super) const TYPE_HASH: u8 = 4;
/// Of Redis 4.0's release candidates: it does not tell where it ends.
pub(super) const TYPE_MODULE_PRE_GA: u8 = 6;
pub(super) const TYPE_MODULE: u8 = 7;
pub(super) const TYPE_HASH_ZIPMAP: u8 = 9;
pub(super) const TYPE_HASH_ZIPLIST: u8 = 13;
pub(super) const TYPE_HASH_LISTPACK: u8 = 16;
/// Of Redis; Valkey has another form under the same number.
pub(super) const TYPE_HASH_METADATA_PRE_GA: u8 = 22;
pub(super) const TYPE_HASH_LISTPACK_EX_PRE_GA: u8 = 23;
pub(super) const TYPE_HASH_METADATA: u8 = 24;
pub(super) const TYPE_HASH_LISTPACK_EX: u8 = 25;
pub(super) const TYPE_SET_INTSET: u8 = 11;
pub(super) const TYPE_SET_LISTPACK: u8 = 20;
pub(super) const TYPE_LIST_ZIPLIST: u8 = 10;
pub(super) const TYPE_LIST_QUICKLIST: u8 = 14;
pub(super) const TYPE_LIST_QUICKLIST_2: u8 = 18;
pub(super) const TYPE_STREAM_LISTPACKS: u8 = 15;
pub(super) const TYPE_STREAM_LISTPACKS_2: u8 = 19;
pub(super) const TYPE_STREAM_LISTPACKS_3: u8 = 21;
pub(super) const TYPE_ZSET: u8 = 3;
pub(super) const TYPE_ZSET_2: u8 = 5;
pub(super) const TYPE_ZSET_ZIPLIST: u8 = 12;
pub(super) const TYPE_ZSET_LISTPACK: u8 = 17;

/// The oldest version of the format that has values of this type, 9 at least: what Redis 5.0 reads.
pub(super) fn version_of(value_type: u8) -> u16 {
    match value_type {
        ..=15 => 9,
        16..=19 => 10,
        20..=21 => 11,
        22.. => 12,
    }
}
