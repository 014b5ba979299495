//! Every keyspace event: its name, and the class by which `notify-keyspace-events` selects it.

use crate::config::NotifyClasses;

/// Something that happens to a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyEvent {
    pub class: NotifyClasses,
    pub name: &'static str,
}

/// One constant an event, by class.
macro_rules! key_events {
    ($($class:ident { $($event:ident = $name:literal,)* })*) => {
        impl KeyEvent {
            $($(pub const $event: Self = Self { class: NotifyClasses::$class, name: $name };)*)*
        }
    };
}

key_events! {
    GENERIC {
        COPY_TO = "copy_to",
        DEL = "del",
        EXPIRE = "expire",
        MOVE_FROM = "move_from",
        MOVE_TO = "move_to",
        PERSIST = "persist",
        RENAME_FROM = "rename_from",
        RENAME_TO = "rename_to",
        RESTORE = "restore",
    }
    STRING {
        APPEND = "append",
        INCRBY = "incrby",
        INCRBYFLOAT = "incrbyfloat",
        PFADD = "pfadd",
        SET = "set",
        SETBIT = "setbit",
        SETRANGE = "setrange",
    }
    LIST {
        LINSERT = "linsert",
        LPOP = "lpop",
        LPUSH = "lpush",
        LREM = "lrem",
        LSET = "lset",
        LTRIM = "ltrim",
        RPOP = "rpop",
        RPUSH = "rpush",
        SORTSTORE = "sortstore",
    }
    SET {
        SADD = "sadd",
        SDIFFSTORE = "sdiffstore",
        SINTERSTORE = "sinterstore",
        SPOP = "spop",
        SREM = "srem",
        SUNIONSTORE = "sunionstore",
    }
    HASH {
        HDEL = "hdel",
        HEXPIRE = "hexpire",
        HEXPIRED = "hexpired",
        HINCRBY = "hincrby",
        HINCRBYFLOAT = "hincrbyfloat",
        HPERSIST = "hpersist",
        HSET = "hset",
    }
    SORTED_SET {
        GEORADIUSSTORE = "georadiusstore",
        GEOSEARCHSTORE = "geosearchstore",
        ZADD = "zadd",
        ZDIFFSTORE = "zdiffstore",
        ZINCR = "zincr",
        ZINTERSTORE = "zinterstore",
        ZPOPMAX = "zpopmax",
        ZPOPMIN = "zpopmin",
        ZRANGESTORE = "zrangestore",
        ZREM = "zrem",
        ZREMRANGEBYLEX = "zremrangebylex",
        ZREMRANGEBYRANK = "zremrangebyrank",
        ZREMRANGEBYSCORE = "zremrangebyscore",
        ZUNIONSTORE = "zunionstore",
    }
    STREAM {
        XADD = "xadd",
        XDEL = "xdel",
        XGROUP_CREATE = "xgroup-create",
        XGROUP_CREATECONSUMER = "xgroup-createconsumer",
        XGROUP_DELCONSUMER = "xgroup-delconsumer",
        XGROUP_DESTROY = "xgroup-destroy",
        XGROUP_SETID = "xgroup-setid",
        XSETID = "xsetid",
        XTRIM = "xtrim",
    }
    EXPIRED {
        EXPIRED = "expired",
    }
    EVICTED {
        EVICTED = "evicted",
    }
    MISS {
        KEYMISS = "keymiss",
    }
    NEW {
        NEW = "new",
    }
}
