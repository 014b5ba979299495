//! Every error text a client can see, byte for byte as Redis 7.4 prints it.
//!
//! Texts carry their error code ("ERR", "WRONGTYPE") as their first word and no
//! `-`: the reply writer adds it. Commands return a [`CommandError`]; the turn
//! writes it as the reply.

pub mod acl;

/// Why a command was refused. Small: most variants are a fixed text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CommandError {
    /// One of the fixed texts below.
    Text(&'static str),
    /// A text made from what the client sent.
    Owned(Box<[u8]>),
}

impl CommandError {
    /// The line a client sees, without the leading `-`. Bytes, since it may quote the client's own.
    pub fn text(&self) -> &[u8] {
        match self {
            Self::Text(text) => text.as_bytes(),
            Self::Owned(text) => text,
        }
    }
}

impl CommandError {
    /// The text behind its code `ERR`.
    pub fn without_code(&self) -> Self {
        let text = self.text();
        Self::Owned(text.strip_prefix(b"ERR ").unwrap_or(text).into())
    }
}

impl From<String> for CommandError {
    fn from(text: String) -> Self {
        Self::Owned(text.into_bytes().into_boxed_slice())
    }
}

pub const WRONG_TYPE: CommandError =
    CommandError::Text("WRONGTYPE Operation against a key holding the wrong kind of value");
pub const SYNTAX: CommandError = CommandError::Text("ERR syntax error");
pub const NOT_AN_INTEGER: CommandError =
    CommandError::Text("ERR value is not an integer or out of range");
pub const NOT_A_FLOAT: CommandError = CommandError::Text("ERR value is not a valid float");
pub const NO_SUCH_KEY: CommandError = CommandError::Text("ERR no such key");
pub const OVERFLOW: CommandError = CommandError::Text("ERR increment or decrement would overflow");
pub const DECREMENT_OVERFLOW: CommandError = CommandError::Text("ERR decrement would overflow");
pub const NAN_OR_INFINITY: CommandError =
    CommandError::Text("ERR increment would produce NaN or Infinity");
pub const HASH_NOT_AN_INTEGER: CommandError =
    CommandError::Text("ERR hash value is not an integer");
pub const HASH_NOT_A_FLOAT: CommandError = CommandError::Text("ERR hash value is not a float");
pub const INFINITE_INCREMENT: CommandError = CommandError::Text("ERR value is NaN or Infinity");
pub const TOO_FEW_KEYS: CommandError =
    CommandError::Text("ERR Number of keys can't be greater than number of args");
pub const COUNT_LIMIT_NEGATIVE: CommandError = CommandError::Text("ERR LIMIT can't be negative");
pub const NEGATIVE_EXPIRE: CommandError =
    CommandError::Text("ERR invalid expire time, must be >= 0");
pub const MISSING_EXPIRE: CommandError = CommandError::Text("ERR missing expire time");
pub const FIELDS_MISSING: CommandError =
    CommandError::Text("ERR Mandatory argument FIELDS is missing or not at the right position");
pub const FIELDS_NOT_POSITIVE: CommandError =
    CommandError::Text("ERR Number of fields must be a positive integer");
pub const NUMFIELDS_NOT_POSITIVE: CommandError =
    CommandError::Text("ERR Parameter `numFields` should be greater than 0");
pub const NUMFIELDS_MISMATCH: CommandError =
    CommandError::Text("ERR The `numfields` parameter must match the number of arguments");
pub const BAD_NUMBER_OF_FIELDS: CommandError = CommandError::Text("ERR invalid number of fields");
pub const FNX_AND_FXX: CommandError =
    CommandError::Text("ERR Only one of FXX or FNX arguments can be specified");
pub const TWO_FIELD_EXPIRIES: CommandError =
    CommandError::Text("ERR Only one of EX, PX, EXAT, PXAT or KEEPTTL arguments can be specified");
pub const SCORES_NOT_NUMBERS: CommandError =
    CommandError::Text("ERR One or more scores can't be converted into double");
pub const OUT_OF_RANGE: CommandError = CommandError::Text("ERR value is out of range");
pub const NOVALUES_OUTSIDE_HSCAN: CommandError =
    CommandError::Text("ERR NOVALUES option can only be used in HSCAN");
pub const NOT_POSITIVE: CommandError =
    CommandError::Text("ERR value is out of range, must be positive");
pub const INDEX_OUT_OF_RANGE: CommandError = CommandError::Text("ERR index out of range");
pub const RANK_ZERO: CommandError = CommandError::Text(
    "ERR RANK can't be zero: use 1 to start from the first match, 2 from the second ... or use negative to start from the end of the list",
);
pub const COUNT_NEGATIVE: CommandError = CommandError::Text("ERR COUNT can't be negative");
pub const LPOS_MAXLEN_NEGATIVE: CommandError = CommandError::Text("ERR MAXLEN can't be negative");
pub const NUMKEYS_NOT_POSITIVE: CommandError =
    CommandError::Text("ERR numkeys should be greater than 0");
pub const POPPED_NOT_POSITIVE: CommandError =
    CommandError::Text("ERR count should be greater than 0");
pub const OFFSET_OUT_OF_RANGE: CommandError = CommandError::Text("ERR offset is out of range");
pub const STRING_TOO_LONG: CommandError =
    CommandError::Text("ERR string exceeds maximum allowed size (proto-max-bulk-len)");
pub const NOT_A_BIT: CommandError = CommandError::Text("ERR bit is not an integer or out of range");
pub const BIT_OFFSET: CommandError =
    CommandError::Text("ERR bit offset is not an integer or out of range");
pub const BIT_ARGUMENT: CommandError = CommandError::Text("ERR The bit argument must be 1 or 0.");
pub const BITOP_NOT: CommandError =
    CommandError::Text("ERR BITOP NOT must be called with a single source key.");
pub const BITFIELD_TYPE: CommandError = CommandError::Text(
    "ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is.",
);
pub const BITFIELD_OVERFLOW: CommandError =
    CommandError::Text("ERR Invalid OVERFLOW type specified");
pub const BITFIELD_READ_ONLY: CommandError =
    CommandError::Text("ERR BITFIELD_RO only supports the GET subcommand");
pub const NOT_HYPERLOGLOG: CommandError =
    CommandError::Text("WRONGTYPE Key is not a valid HyperLogLog string value.");
pub const CORRUPT_HYPERLOGLOG: CommandError =
    CommandError::Text("INVALIDOBJ Corrupted HLL object detected");
pub const HLL_NOT_SPARSE: CommandError = CommandError::Text("ERR HLL encoding is not sparse");
pub const PFDEBUG_NO_KEY: CommandError = CommandError::Text("ERR The specified key does not exist");
pub const BUSY_KEY: CommandError = CommandError::Text("BUSYKEY Target key name already exists.");
pub const INVALID_TTL: CommandError = CommandError::Text("ERR Invalid TTL value, must be >= 0");
pub const INVALID_IDLETIME: CommandError =
    CommandError::Text("ERR Invalid IDLETIME value, must be >= 0");
pub const INVALID_FREQ: CommandError =
    CommandError::Text("ERR Invalid FREQ value, must be >= 0 and <= 255");
pub const PAYLOAD_VERSION_OR_CHECKSUM: CommandError =
    CommandError::Text("ERR DUMP payload version or checksum are wrong");
pub const PAYLOAD_FORMAT: CommandError = CommandError::Text("ERR Bad data format");
pub const MIGRATE_KEY_AND_KEYS: CommandError = CommandError::Text(
    "ERR When using MIGRATE KEYS option, the key argument must be set to the empty string",
);
pub const MIGRATE_CONNECTING: CommandError =
    CommandError::Text("IOERR error or timeout connecting to the client");
pub const MIGRATE_WRITING: CommandError =
    CommandError::Text("IOERR error or timeout writing to target instance");
pub const MIGRATE_READING: CommandError =
    CommandError::Text("IOERR error or timeout reading to target instance");
pub const DB_OUT_OF_RANGE: CommandError = CommandError::Text("ERR DB index is out of range");
pub const INVALID_DB: CommandError = CommandError::Text("ERR invalid DB index");
pub const INVALID_CURSOR: CommandError = CommandError::Text("ERR invalid cursor");
pub const SAME_OBJECT: CommandError =
    CommandError::Text("ERR source and destination objects are the same");
pub const INVALID_FIRST_DB: CommandError = CommandError::Text("ERR invalid first DB index");
pub const INVALID_SECOND_DB: CommandError = CommandError::Text("ERR invalid second DB index");
pub const NX_WITH_XX_GT_LT: CommandError =
    CommandError::Text("ERR NX and XX, GT or LT options at the same time are not compatible");
pub const GT_WITH_LT: CommandError =
    CommandError::Text("ERR GT and LT options at the same time are not compatible");
pub const XX_WITH_NX: CommandError =
    CommandError::Text("ERR XX and NX options at the same time are not compatible");
pub const GT_LT_NX: CommandError =
    CommandError::Text("ERR GT, LT, and/or NX options at the same time are not compatible");
pub const INCREMENTS_OF_MANY: CommandError =
    CommandError::Text("ERR INCR option supports a single increment-element pair");
pub const SCORE_NOT_A_NUMBER: CommandError =
    CommandError::Text("ERR resulting score is not a number (NaN)");
pub const WEIGHT_NOT_A_FLOAT: CommandError = CommandError::Text("ERR weight value is not a float");
pub const UNSUPPORTED_UNIT: CommandError =
    CommandError::Text("ERR unsupported unit provided. please use M, KM, FT, MI");
pub const NEED_RADIUS: CommandError = CommandError::Text("ERR need numeric radius");
pub const NEED_WIDTH: CommandError = CommandError::Text("ERR need numeric width");
pub const NEED_HEIGHT: CommandError = CommandError::Text("ERR need numeric height");
pub const RADIUS_NEGATIVE: CommandError = CommandError::Text("ERR radius cannot be negative");
pub const SIDE_NEGATIVE: CommandError =
    CommandError::Text("ERR height or width cannot be negative");
pub const NO_PLACE_OF_MEMBER: CommandError =
    CommandError::Text("ERR could not decode requested zset member");
pub const ANY_WITHOUT_COUNT: CommandError =
    CommandError::Text("ERR the ANY argument requires COUNT argument");
pub const GEORADIUS_STORE_SHOWS: CommandError = CommandError::Text(
    "ERR STORE option in GEORADIUS is not compatible with WITHDIST, WITHHASH and WITHCOORD options",
);
pub const GEOSEARCHSTORE_SHOWS: CommandError = CommandError::Text(
    "ERR GEOSEARCHSTORE is not compatible with WITHDIST, WITHHASH and WITHCOORD options",
);
pub const NOT_A_SCORE_RANGE: CommandError = CommandError::Text("ERR min or max is not a float");
pub const NOT_A_LEX_RANGE: CommandError =
    CommandError::Text("ERR min or max not valid string range item");
pub const LIMIT_OF_RANKS: CommandError = CommandError::Text(
    "ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX",
);
pub const SCORES_BY_LEX: CommandError =
    CommandError::Text("ERR syntax error, WITHSCORES not supported in combination with BYLEX");
pub const LCS_NOT_STRINGS: CommandError =
    CommandError::Text("ERR The specified keys must contain string values");
pub const LCS_LEN_AND_IDX: CommandError =
    CommandError::Text("ERR If you want both the length and indexes, please just use IDX.");
pub const LCS_TOO_LONG: CommandError = CommandError::Text(
    "ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len",
);
pub const LCS_NO_MEMORY: CommandError =
    CommandError::Text("ERR Insufficient memory, failed allocating transient memory for LCS");
pub const GETKEYS_NO_COMMAND: CommandError = CommandError::Text("ERR Invalid command specified");
pub const GETKEYS_NO_KEYS: CommandError =
    CommandError::Text("ERR The command has no key arguments");
pub const GETKEYS_ARITY: CommandError =
    CommandError::Text("ERR Invalid number of arguments specified for command");
pub const GETKEYS_ARGUMENTS: CommandError =
    CommandError::Text("ERR Invalid arguments specified for command");
pub const IDLE_TIME_UNDER_LFU: CommandError = CommandError::Text(
    "ERR An LFU maxmemory policy is selected, idle time not tracked. Please note that when switching between policies at runtime LRU and LFU data will take some time to adjust.",
);
pub const FREQUENCY_WITHOUT_LFU: CommandError = CommandError::Text(
    "ERR An LFU maxmemory policy is not selected, access frequency not tracked. Please note that when switching between policies at runtime LRU and LFU data will take some time to adjust.",
);
pub const LOADING: CommandError =
    CommandError::Text("LOADING Redis is loading the dataset in memory");
pub const READ_ONLY_REPLICA: CommandError =
    CommandError::Text("READONLY You can't write against a read only replica.");
pub const MASTER_DOWN: CommandError = CommandError::Text(
    "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
);
pub const LOAD_FAILED: CommandError =
    CommandError::Text("ERR Error trying to load the AOF files, check server logs.");
pub const AOF_REWRITE_IN_PROGRESS: CommandError =
    CommandError::Text("ERR Background append only file rewriting already in progress");
pub const LOG_IS_OFF: CommandError = CommandError::Text(
    "ERR WAITAOF cannot be used when numlocal is set but appendonly is disabled.",
);
pub const NO_REPLICA_OF_WAITAOF: CommandError = CommandError::Text(
    "ERR WAITAOF cannot be used with replica instances. Please also note that writes to replicas are just local and are not propagated.",
);
pub const LOCAL_OUT_OF_RANGE: CommandError =
    CommandError::Text("ERR value is out of range, value must between 0 and 1");

/// The append-only file can't be written.
pub fn log_failed(reason: &str) -> CommandError {
    format!("MISCONF Errors writing to the AOF file: {reason}").into()
}

pub const SNAPSHOT_FAILED: CommandError = CommandError::Text(
    "MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk. Commands that may modify the data set are disabled, because this instance is configured to report errors during writes if RDB snapshotting fails (stop-writes-on-bgsave-error option). Please check the Redis logs for details about the RDB error.",
);
pub const NO_REPLICAS: CommandError =
    CommandError::Text("NOREPLICAS Not enough good replicas to write.");
pub const NO_AUTH: CommandError = CommandError::Text("NOAUTH Authentication required.");
pub const NO_PROTO: CommandError = CommandError::Text("NOPROTO unsupported protocol version");
pub const EXEC_ABORT: CommandError =
    CommandError::Text("EXECABORT Transaction discarded because of previous errors.");
pub const OUT_OF_MEMORY: CommandError =
    CommandError::Text("OOM command not allowed when used memory > 'maxmemory'.");
pub const EXEC_WITHOUT_MULTI: CommandError = CommandError::Text("ERR EXEC without MULTI");
pub const DISCARD_WITHOUT_MULTI: CommandError = CommandError::Text("ERR DISCARD without MULTI");
pub const CACHING_WITHOUT_TRACKING: CommandError = CommandError::Text(
    "ERR CLIENT CACHING can be called only when the client is in tracking mode with OPTIN or OPTOUT mode enabled",
);
pub const CACHING_YES_NOT_OPTIN: CommandError = CommandError::Text(
    "ERR CLIENT CACHING YES is only valid when tracking is enabled in OPTIN mode.",
);
pub const CACHING_NO_NOT_OPTOUT: CommandError = CommandError::Text(
    "ERR CLIENT CACHING NO is only valid when tracking is enabled in OPTOUT mode.",
);
pub const TWO_REDIRECTS: CommandError =
    CommandError::Text("ERR A client can only redirect to a single other client");
pub const NO_REDIRECT_TARGET: CommandError =
    CommandError::Text("ERR The client ID you want redirect to does not exist");
pub const PREFIX_WITHOUT_BCAST: CommandError =
    CommandError::Text("ERR PREFIX option requires BCAST mode to be enabled");
pub const OPTIN_WITH_BCAST: CommandError =
    CommandError::Text("ERR OPTIN and OPTOUT are not compatible with BCAST");
pub const OPTIN_AND_OPTOUT: CommandError =
    CommandError::Text("ERR You can't specify both OPTIN mode and OPTOUT mode");
pub const BCAST_SWITCHED: CommandError = CommandError::Text(
    "ERR You can't switch BCAST mode on/off before disabling tracking for this client, and then re-enabling it with a different mode.",
);
pub const OPTIN_SWITCHED: CommandError = CommandError::Text(
    "ERR You can't switch OPTIN/OPTOUT mode before disabling tracking for this client, and then re-enabling it with a different mode.",
);
pub const WATCH_IN_MULTI: CommandError =
    CommandError::Text("ERR WATCH inside MULTI is not allowed");
pub const NESTED_MULTI: CommandError = CommandError::Text("ERR MULTI calls can not be nested");
pub const NOT_IN_MULTI: CommandError =
    CommandError::Text("ERR Command not allowed inside a transaction");
pub const OUT_OF_MAX_CLIENTS: CommandError =
    CommandError::Text("ERR max number of clients reached");
pub const SAVE_IN_PROGRESS: CommandError =
    CommandError::Text("ERR Background save already in progress");
pub const NO_REPLICA_OF_WAIT: CommandError = CommandError::Text(
    "ERR WAIT cannot be used with replica instances. Please also note that since Redis 4.0 if a replica is configured to be writable (which is not the default) writes to replicas are just local and are not propagated.",
);
pub const TIMEOUT_NEGATIVE: CommandError = CommandError::Text("ERR timeout is negative");
pub const TIMEOUT_NOT_INTEGER: CommandError =
    CommandError::Text("ERR timeout is not an integer or out of range");

pub const TIMEOUT_NOT_FLOAT: CommandError =
    CommandError::Text("ERR timeout is not a float or out of range");
pub const TIMEOUT_OUT_OF_RANGE: CommandError = CommandError::Text("ERR timeout is out of range");
pub const UNBLOCKED_BY_ROLE: CommandError = CommandError::Text(
    "UNBLOCKED force unblock from blocking operation, instance state changed (master -> replica?)",
);

/// As CLIENT KILL says it.
pub fn no_such_user(name: &[u8]) -> CommandError {
    one_line([b"ERR No such user '", whole(name), b"'"].concat())
}

/// An integer that its command can't take.
pub fn integer_range(min: i64, max: i64) -> CommandError {
    format!("ERR value is out of range, value must between {min} and {max}").into()
}

pub fn unknown_argument(word: &[u8]) -> CommandError {
    one_line([b"ERR unknown argument: ", head(word, word.len())].concat())
}

/// As [`integer_range`], of 64 bits.
pub fn rdb_filter(part: &str) -> CommandError {
    format!("ERR Unsupported rdb-filter-only option: {part}").into()
}

pub fn replica_version(text: &str) -> CommandError {
    format!("ERR Unrecognized version format: {text}").into()
}

pub fn replica_address_too_long(len: usize) -> CommandError {
    format!("ERR REPLCONF ip-address provided by replica instance is too long: {len} bytes").into()
}

pub fn long_range(min: i64, max: i64) -> CommandError {
    format!("ERR value is out of range, value must between {min} and {max}").into()
}

pub const NO_CONFIG_FILE: CommandError =
    CommandError::Text("ERR The server is running without a config file");
pub const MODULE_NOT_ALLOWED: CommandError = CommandError::Text(
    "ERR MODULE command not allowed. If the enable-module-command option is set to \"local\", you can run it from a local connection, otherwise you need to set this option in the configuration file, and then restart the server.",
);
pub const MODULE_NOT_LOADED: CommandError =
    CommandError::Text("ERR Error loading the extension. Please check the server logs.");
pub const NO_SUCH_MODULE: CommandError =
    CommandError::Text("ERR Error unloading module: no such module with that name");
pub const NO_CLIENT_EVICTION: CommandError =
    CommandError::Text("ERR maxmemory-clients is disabled.");
pub const NO_RESTART: CommandError =
    CommandError::Text("ERR Redarium does not start itself again; start it anew");
pub const PACKED_THRESHOLD: CommandError =
    CommandError::Text("ERR argument must be a memory value bigger than 1 and smaller than 4gb");
pub const RELOAD_OPTIONS: CommandError =
    CommandError::Text("ERR DEBUG RELOAD only supports the MERGE, NOFLUSH and NOSAVE options.");
pub const RELOAD_NOSAVE: CommandError =
    CommandError::Text("ERR Redarium reads its file at the start only; NOSAVE is not supported");
pub const RELOAD_FAILED: CommandError =
    CommandError::Text("ERR Error trying to load the RDB dump, check server logs.");
pub const PROTOCOL_TYPE: CommandError = CommandError::Text(
    "ERR Wrong protocol type name. Please use one of the following: string|integer|double|bignum|null|array|set|map|attrib|push|verbatim|true|false",
);
pub const NOT_IN_RESP2: CommandError =
    CommandError::Text("ERR RESP2 is not supported by this command");
pub const NOT_AN_SDS: CommandError = CommandError::Text("ERR Not an sds encoded string.");
pub const NOT_A_LISTPACK: CommandError = CommandError::Text("ERR Not a listpack encoded object.");
pub const NOT_A_QUICKLIST: CommandError = CommandError::Text("ERR Not a quicklist encoded object.");
pub const NOT_A_HASH_TABLE: CommandError = CommandError::Text(
    "ERR The value stored at the specified key is not represented using an hash table",
);
pub const NO_SUCH_DATABASE: CommandError = CommandError::Text("ERR Out of range database");
pub const SLOWLOG_COUNT: CommandError =
    CommandError::Text("ERR count should be greater than or equal to -1");

/// CONFIG REWRITE failed, for this reason of the operating system's.
pub fn rewrite_failed(reason: &str) -> CommandError {
    one_line([b"ERR Rewriting config file: ", reason.as_bytes()].concat())
}

/// An error that a client asked to get.
pub fn as_asked(text: &[u8]) -> CommandError {
    let spaced = |byte: &u8| if matches!(byte, b'\r' | b'\n') { b' ' } else { *byte };
    CommandError::Owned(whole(text).iter().map(spaced).collect())
}

/// LATENCY GRAPH of what never took long.
pub fn no_latency_samples(event: &[u8]) -> CommandError {
    one_line([b"ERR No samples available for event '", whole(event), b"'"].concat())
}

/// An option of HELLO that is none.
pub fn hello_option(word: &[u8]) -> CommandError {
    one_line([b"ERR Syntax error in HELLO option '", whole(word), b"'"].concat())
}

pub fn unrecognized_option(option: &[u8]) -> CommandError {
    one_line([b"ERR Unrecognized option '", whole(option), b"'"].concat())
}

pub fn unrecognized_replconf(option: &[u8]) -> CommandError {
    one_line([b"ERR Unrecognized REPLCONF option: ", whole(option)].concat())
}

/// CLIENT SETINFO of what can't stand in a line of CLIENT LIST.
pub fn unprintable_info(option: &[u8]) -> CommandError {
    let problem = b" cannot contain spaces, newlines or special characters.";
    one_line([b"ERR ".as_slice(), whole(option), problem].concat())
}

pub fn unknown_client_type(word: &[u8]) -> CommandError {
    one_line([b"ERR Unknown client type '", whole(word), b"'"].concat())
}

pub fn unsupported_option(option: &[u8]) -> CommandError {
    one_line([b"ERR Unsupported option ", whole(option)].concat())
}

pub const PROTECTED_MODE: CommandError = CommandError::Text(
    "DENIED Redis is running in protected mode because protected mode is enabled and no password is set for the default user. In this mode connections are only accepted from the loopback interface. If you want to connect from external computers to Redis you may adopt one of the following solutions: 1) Just disable protected mode sending the command 'CONFIG SET protected-mode no' from the loopback interface by connecting to Redis from the same host the server is running, however MAKE SURE Redis is not publicly accessible from internet if you do so. Use CONFIG REWRITE to make this change permanent. 2) Alternatively you can just disable the protected mode by editing the Redis configuration file, and setting the protected mode option to 'no', and then restarting the server. 3) If you started the server manually just for testing, restart it with the '--protected-mode no' option. 4) Set up an authentication password for the default user. NOTE: You only need to do one of the above things in order for the server to start accepting connections from the outside.",
);
pub const WRONG_PASS: CommandError =
    CommandError::Text("WRONGPASS invalid username-password pair or user is disabled.");
pub const SETTINGS_BUSY: CommandError =
    CommandError::Text("ERR Another CONFIG SET is being tried already");
pub const SORT_BY_DENIED: CommandError =
    CommandError::Text("ERR BY option of SORT denied due to insufficient ACL permissions.");
pub const SORT_GET_DENIED: CommandError =
    CommandError::Text("ERR GET option of SORT denied due to insufficient ACL permissions.");
pub const NO_PASSWORD_SET: CommandError = CommandError::Text(
    "ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?",
);
pub const HELLO_NO_AUTH: CommandError = CommandError::Text(
    "NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO <proto> AUTH <user> <pass> option can be used to authenticate the client and select the RESP protocol version at the same time",
);
pub const PROTO_NOT_AN_INTEGER: CommandError =
    CommandError::Text("ERR Protocol version is not an integer or out of range");
pub const BAD_CLIENT_NAME: CommandError =
    CommandError::Text("ERR Client names cannot contain spaces, newlines or special characters.");
pub const INVALID_CLIENT_ID: CommandError = CommandError::Text("ERR Invalid client ID");
pub const NO_SUCH_CLIENT: CommandError = CommandError::Text("ERR No such client");
pub const CLIENT_ID_NOT_POSITIVE: CommandError =
    CommandError::Text("ERR client-id should be greater than 0");
pub const MAXAGE_NOT_AN_INTEGER: CommandError =
    CommandError::Text("ERR maxage is not an integer or out of range");
pub const MAXAGE_NOT_POSITIVE: CommandError =
    CommandError::Text("ERR maxage should be greater than 0");
pub const UNBLOCK_REASON: CommandError =
    CommandError::Text("ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR");
pub const UNBLOCKED: CommandError =
    CommandError::Text("UNBLOCKED client unblocked via CLIENT UNBLOCK");
pub const PAUSE_MODE: CommandError =
    CommandError::Text("ERR CLIENT PAUSE mode must be WRITE or ALL");
pub const NO_MASTER_LINK: CommandError =
    CommandError::Text("NOMASTERLINK Can't SYNC while not connected with my master");
pub const FILTER_NEEDS_EOF: CommandError =
    CommandError::Text("ERR Filtered replica requires EOF capability");
pub const RDB_FILTER_MISSING: CommandError =
    CommandError::Text("ERR Missing rdb-filter-only values");
pub const NO_FAILOVER: CommandError = CommandError::Text("ERR No failover in progress.");
pub const FAILOVER_UNDER_WAY: CommandError =
    CommandError::Text("ERR FAILOVER already in progress.");
pub const FAILOVER_OF_REPLICA: CommandError =
    CommandError::Text("ERR FAILOVER is not valid when server is a replica.");
pub const FAILOVER_WITHOUT_REPLICAS: CommandError =
    CommandError::Text("ERR FAILOVER requires connected replicas.");
pub const FAILOVER_FORCE_INCOMPLETE: CommandError = CommandError::Text(
    "ERR FAILOVER with force option requires both a timeout and target HOST and IP.",
);
pub const FAILOVER_TARGET_UNKNOWN: CommandError =
    CommandError::Text("ERR FAILOVER target HOST and PORT is not a replica.");
pub const FAILOVER_TARGET_OFFLINE: CommandError =
    CommandError::Text("ERR FAILOVER target replica is not online.");
pub const FAILOVER_TIMEOUT: CommandError =
    CommandError::Text("ERR FAILOVER timeout must be greater than 0");
pub const FAILOVER_TO_MASTER: CommandError =
    CommandError::Text("ERR PSYNC FAILOVER can't be sent to a master.");
pub const FAILOVER_OTHER_HISTORY: CommandError =
    CommandError::Text("ERR PSYNC FAILOVER replid must match my replid.");
pub const REPLICAOF_DURING_FAILOVER: CommandError =
    CommandError::Text("ERR REPLICAOF not allowed while failing over.");
pub const INVALID_MASTER_PORT: CommandError = CommandError::Text("ERR Invalid master port");
pub const OTHER_SNAPSHOT: CommandError = CommandError::Text(
    "ERR Another child process is active (AOF?): can't BGSAVE right now. Use BGSAVE SCHEDULE in order to schedule a BGSAVE whenever possible.",
);
/// Redis's SAVE says no more; the reason is in the log.
pub const SAVE_FAILED: CommandError = CommandError::Text("ERR");
pub const SHUTDOWN_FAILED: CommandError =
    CommandError::Text("ERR Errors trying to SHUTDOWN. Check logs.");
pub const NO_SHUTDOWN: CommandError = CommandError::Text("ERR No shutdown in progress.");
pub const DEBUG_NOT_ALLOWED: CommandError = CommandError::Text(
    "ERR DEBUG command not allowed. If the enable-debug-command option is set to \"local\", you can run it from a local connection, otherwise you need to set this option in the configuration file, and then restart the server.",
);

pub const INVALID_STREAM_ID: CommandError =
    CommandError::Text("ERR Invalid stream ID specified as stream command argument");
pub const STREAM_ID_ZERO: CommandError =
    CommandError::Text("ERR The ID specified in XADD must be greater than 0-0");
pub const STREAM_ID_TOO_SMALL: CommandError = CommandError::Text(
    "ERR The ID specified in XADD is equal or smaller than the target stream top item",
);
pub const STREAM_EXHAUSTED: CommandError = CommandError::Text(
    "ERR The stream has exhausted the last possible ID, unable to add more items",
);
pub const STREAM_ENTRY_TOO_LARGE: CommandError =
    CommandError::Text("ERR Elements are too large to be stored");
pub const MAXLEN_WITH_MINID: CommandError = CommandError::Text(
    "ERR syntax error, MAXLEN and MINID options at the same time are not compatible",
);
pub const MAXLEN_NEGATIVE: CommandError =
    CommandError::Text("ERR The MAXLEN argument must be >= 0.");
pub const LIMIT_NEGATIVE: CommandError = CommandError::Text("ERR The LIMIT argument must be >= 0.");
pub const LIMIT_WITHOUT_STRATEGY: CommandError = CommandError::Text(
    "ERR syntax error, LIMIT cannot be used without specifying a trimming strategy",
);
pub const LIMIT_WITHOUT_TILDE: CommandError =
    CommandError::Text("ERR syntax error, LIMIT cannot be used without the special ~ option");
pub const XTRIM_WITHOUT_STRATEGY: CommandError =
    CommandError::Text("ERR syntax error, XTRIM must be called with a trimming strategy");
pub const ENTRIES_ADDED_NEGATIVE: CommandError =
    CommandError::Text("ERR entries_added must be positive");
pub const ENTRIES_READ_NEGATIVE: CommandError =
    CommandError::Text("ERR value for ENTRIESREAD must be positive or -1");
pub const XSETID_BELOW_GIVEN_DELETED: CommandError = CommandError::Text(
    "ERR The ID specified in XSETID is smaller than the provided max_deleted_entry_id",
);
pub const XSETID_BELOW_DELETED: CommandError = CommandError::Text(
    "ERR The ID specified in XSETID is smaller than current max_deleted_entry_id",
);
pub const XSETID_BELOW_TOP: CommandError =
    CommandError::Text("ERR The ID specified in XSETID is smaller than the target stream top item");
pub const XSETID_ADDED_BELOW_LENGTH: CommandError = CommandError::Text(
    "ERR The entries_added specified in XSETID is smaller than the target stream length",
);
pub const INVALID_START_ID: CommandError =
    CommandError::Text("ERR invalid start ID for the interval");
pub const INVALID_END_ID: CommandError = CommandError::Text("ERR invalid end ID for the interval");
pub const XGROUP_WITHOUT_KEY: CommandError = CommandError::Text(
    "ERR The XGROUP subcommand requires the key to exist. Note that for CREATE you may want to use the MKSTREAM option to create an empty stream automatically.",
);
pub const ID_COUNT_NOT_POSITIVE: CommandError =
    CommandError::Text("ERR Number of IDs must be a positive integer");
pub const ID_COUNT_TOO_LARGE: CommandError =
    CommandError::Text("ERR The `numids` parameter must match the number of arguments");
pub const BUSY_GROUP: CommandError =
    CommandError::Text("BUSYGROUP Consumer Group name already exists");
pub const XCLAIM_MIN_IDLE: CommandError =
    CommandError::Text("ERR Invalid min-idle-time argument for XCLAIM");
pub const XAUTOCLAIM_MIN_IDLE: CommandError =
    CommandError::Text("ERR Invalid min-idle-time argument for XAUTOCLAIM");
pub const XCLAIM_IDLE: CommandError =
    CommandError::Text("ERR Invalid IDLE option argument for XCLAIM");
pub const XCLAIM_TIME: CommandError =
    CommandError::Text("ERR Invalid TIME option argument for XCLAIM");
pub const XCLAIM_RETRY_COUNT: CommandError =
    CommandError::Text("ERR Invalid RETRYCOUNT option argument for XCLAIM");
pub const XREAD_NEW_ID: CommandError = CommandError::Text(
    "ERR The > ID can be specified only when calling XREADGROUP using the GROUP <group> <consumer> option.",
);
pub const XREAD_WITH_GROUP: CommandError = CommandError::Text(
    "ERR The GROUP option is only supported by XREADGROUP. You called XREAD instead.",
);
pub const XREAD_WITH_NOACK: CommandError = CommandError::Text(
    "ERR The NOACK option is only supported by XREADGROUP. You called XREAD instead.",
);
pub const XREAD_UNBALANCED: CommandError = CommandError::Text(
    "ERR Unbalanced 'xread' list of streams: for each stream key an ID, '+', or '$' must be specified.",
);
pub const XREADGROUP_UNBALANCED: CommandError = CommandError::Text(
    "ERR Unbalanced 'xreadgroup' list of streams: for each stream key an ID or '>' must be specified.",
);
pub const XREADGROUP_WITHOUT_GROUP: CommandError =
    CommandError::Text("ERR Missing GROUP option for XREADGROUP");
pub const XREADGROUP_LAST_ID: CommandError = CommandError::Text(
    "ERR The $ ID is meaningless in the context of XREADGROUP: you want to read the history of this consumer by specifying a proper ID, or use the > ID to get new messages. The $ ID would just return an empty result set.",
);
pub const XREADGROUP_TOP_ID: CommandError = CommandError::Text(
    "ERR The + ID is meaningless in the context of XREADGROUP: you want to read the history of this consumer by specifying a proper ID, or use the > ID to get new messages. The + ID would just return an empty result set.",
);
pub const COUNT_NOT_POSITIVE: CommandError = CommandError::Text("ERR COUNT must be > 0");

pub const SSUBSCRIBE_IN_TRANSACTION: CommandError =
    CommandError::Text("ERR SSUBSCRIBE isn't allowed for a DENY BLOCKING client");

/// A command that a RESP2 connection can't run while it is subscribed to anything.
pub fn only_listens(name: impl std::fmt::Display) -> CommandError {
    format!("ERR Can't execute '{name}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context").into()
}

/// A subcommand whose words don't fit it.
pub fn subcommand_syntax(subcommand: &[u8], container: &str) -> CommandError {
    let before = b"ERR unknown subcommand or wrong number of arguments for '".as_slice();
    let after = format!("'. Try {container} HELP.");
    one_line([before, head(subcommand, QUOTE_BYTES_MAX), after.as_bytes()].concat())
}

/// A consumer group that its stream does not have.
pub fn no_group(group: &[u8], key: &[u8]) -> CommandError {
    let before = b"NOGROUP No such consumer group '".as_slice();
    one_line([before, whole(group), b"' for key name '", whole(key), b"'"].concat())
}

pub fn no_key_or_group(key: &[u8], group: &[u8]) -> CommandError {
    let before = b"NOGROUP No such key '".as_slice();
    one_line([before, whole(key), b"' or consumer group '", whole(group), b"'"].concat())
}

pub fn no_key_or_group_to_read(key: &[u8], group: &[u8]) -> CommandError {
    let error = no_key_or_group(key, group);
    one_line([error.text(), b" in XREADGROUP with GROUP option"].concat())
}

pub fn unrecognized_xclaim_option(option: &[u8]) -> CommandError {
    one_line([b"ERR Unrecognized XCLAIM option '", whole(option), b"'"].concat())
}

/// `wrong number of arguments`; a subcommand is named `container|subcommand`.
pub fn wrong_arity(name: &str) -> CommandError {
    format!("ERR wrong number of arguments for '{name}' command").into()
}

/// CLIENT TRACKING: a prefix begins as another of the connection's does, which is of this kind.
pub fn prefix_overlaps(prefix: &[u8], kind: &str, other: &[u8]) -> CommandError {
    let parts: [&[u8]; 7] = [
        b"ERR Prefix '",
        prefix,
        b"' overlaps with ",
        kind.as_bytes(),
        b" '",
        other,
        b"'. Prefixes for a single client must not overlap.",
    ];
    CommandError::Owned(parts.concat().into())
}

/// EXEC was refused with this error, whose code is told if it is a particular one.
pub fn exec_aborted_by(error: &CommandError) -> CommandError {
    let text = error.text();
    let text = text.strip_prefix(b"ERR ").unwrap_or(text);
    let text = [b"EXECABORT Transaction discarded because of: ", text].concat();
    CommandError::Owned(text.into())
}

/// One of BITOP's operations that compare the first source with the others.
pub fn bitop_needs_two(operation: &str) -> CommandError {
    format!("ERR BITOP {operation} must be called with at least two source keys.").into()
}

pub fn unknown_pfdebug(subcommand: &[u8]) -> CommandError {
    let name = whole(subcommand);
    one_line([b"ERR Unknown PFDEBUG subcommand '".as_slice(), name, b"'"].concat())
}

/// What the server said that MIGRATE handed keys over to, without its `-`.
pub fn refused_by_target(error: &[u8]) -> CommandError {
    one_line([b"ERR Target instance replied with error: ".as_slice(), error].concat())
}

/// PFSELFTEST found something wrong.
pub fn self_test_failed(fault: &str) -> CommandError {
    format!("TESTFAILED {fault}").into()
}

/// An expiry that is zero, negative where that is refused, or beyond the clock's range.
pub fn invalid_expire(command: &str) -> CommandError {
    format!("ERR invalid expire time in '{command}' command").into()
}

/// A combination of no sets at all.
pub fn no_input_keys(command: &str) -> CommandError {
    format!("ERR at least 1 input key is needed for '{command}' command").into()
}

/// A place where there are no scores.
pub fn invalid_point(longitude: f64, latitude: f64) -> CommandError {
    format!("ERR invalid longitude,latitude pair {longitude:.6},{latitude:.6}").into()
}

/// A search that lacks one of two options; the command is named as the client typed it.
pub fn exactly_one(options: &str, command: &[u8]) -> CommandError {
    let before = format!("ERR exactly one of {options} can be specified for ");
    one_line([before.as_bytes(), head(command, command.len())].concat())
}

/// The reply to a name the table does not know, quoting at most 128 bytes of name and arguments.
pub fn unknown_command<'a>(name: &[u8], args: impl Iterator<Item = &'a [u8]>) -> CommandError {
    let mut quoted = Vec::new();
    for arg in args {
        let Some(room @ 1..) = QUOTE_BYTES_MAX.checked_sub(quoted.len()) else { break };
        quoted.extend_from_slice(b"'");
        quoted.extend_from_slice(head(arg, room));
        quoted.extend_from_slice(b"' ");
    }
    let mut text = b"ERR unknown command '".to_vec();
    text.extend_from_slice(head(name, QUOTE_BYTES_MAX));
    text.extend_from_slice(b"', with args beginning with: ");
    text.extend_from_slice(&quoted);
    one_line(text)
}

pub fn unknown_subcommand(container: &str, name: &[u8]) -> CommandError {
    let mut text = b"ERR unknown subcommand '".to_vec();
    text.extend_from_slice(head(name, QUOTE_BYTES_MAX));
    text.extend_from_slice(b"'. Try ");
    text.extend_from_slice(container.to_ascii_uppercase().as_bytes());
    text.extend_from_slice(b" HELP.");
    one_line(text)
}

/// CONFIG SET of a name that is no setting's.
pub fn unknown_setting(name: &[u8]) -> CommandError {
    let before = b"ERR Unknown option or number of arguments for CONFIG SET - '".as_slice();
    one_line([before, whole(name), b"'"].concat())
}

/// CONFIG SET of a setting that cannot change, or not to this value.
pub fn setting_refused(name: &[u8], problem: &str) -> CommandError {
    let before = b"ERR CONFIG SET failed (possibly related to argument '".as_slice();
    one_line([before, whole(name), b"') - ", problem.as_bytes()].concat())
}

pub const TLS_NOT_UPDATED: &str = "Unable to update TLS configuration. Check server logs.";
pub const PORT_NOT_TAKEN: &str = "Unable to listen on this port. Check server logs.";
pub const ADDRESSES_NOT_BOUND: &str = "Failed to bind to specified addresses.";

/// Why `maxclients` can't be had.
pub fn too_many_clients(fitting: usize) -> String {
    format!(
        "The operating system is not able to handle the specified number of clients, try with {fitting}"
    )
}

/// A client's bytes inside an error text: Redis drops line ends at the end and turns others into
/// spaces, so that the reply stays one line.
fn one_line(mut text: Vec<u8>) -> CommandError {
    let is_text = |byte: &u8| !matches!(byte, b'\r' | b'\n');
    text.truncate(text.iter().rposition(is_text).map_or(0, |last| last + 1));
    for byte in &mut text {
        if matches!(byte, b'\r' | b'\n') {
            *byte = b' ';
        }
    }
    CommandError::Owned(text.into_boxed_slice())
}

/// What an error text repeats of a client's word: at most so many bytes, and nothing from a NUL on,
/// where the text ends for Redis.
fn head(bytes: &[u8], bytes_max: usize) -> &[u8] {
    let text = bytes.split(|byte| *byte == 0).next().unwrap_or_default();
    text.get(..bytes_max).unwrap_or(text)
}

/// The same without a limit.
fn whole(bytes: &[u8]) -> &[u8] {
    head(bytes, bytes.len())
}

/// How much of a client's own words an error text repeats.
const QUOTE_BYTES_MAX: usize = 128;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_command_quotes_its_arguments() {
        let args: [&[u8]; 2] = [b"a", b"b\r\nc"];
        assert_eq!(
            unknown_command(b"foo", args.into_iter()).text(),
            b"ERR unknown command 'foo', with args beginning with: 'a' 'b  c' "
        );
    }

    #[test]
    fn unknown_command_quotes_up_to_a_nul() {
        let args: [&[u8]; 2] = [b"a\0b", b"c"];
        assert_eq!(
            unknown_command(b"foo\0bar", args.into_iter()).text(),
            b"ERR unknown command 'foo', with args beginning with: 'a' 'c' "
        );
    }

    #[test]
    fn unknown_command_quotes_at_most_128_bytes() {
        let long = vec![b'x'; 500];
        let text = unknown_command(&long, [long.as_slice(), b"y"].into_iter());
        let x = "x".repeat(128);
        assert_eq!(
            text.text(),
            format!("ERR unknown command '{x}', with args beginning with: '{x}' ").as_bytes()
        );
    }
}
