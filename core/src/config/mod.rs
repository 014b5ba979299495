//! The node's configuration: typed fields, and the table of settings they are read from.
//!
//! One table ([`SETTINGS`]) has a row a setting. From it follow the struct [`Config`] and its
//! default, CONFIG GET ([`Config::settings_matching`]), CONFIG SET ([`Config::apply`]), the
//! configuration file ([`Config::load`]) and the command line ([`CommandLine`]), which is turned
//! into lines of the file. Values are printed and refused exactly as Redis does.

mod apply;
mod choice;
mod command_line;
mod file;
mod kind;
mod rewrite;
mod setting;
mod table;
mod value;

use crate::data::Hasher;
use crate::data::Limits;

pub use choice::AclPubsub;
pub use choice::AllowedFor;
pub use choice::AppendFsync;
pub use choice::DisklessLoad;
pub use choice::EvictionPolicy;
pub use choice::LogLevel;
pub use choice::OomScoreAdj;
pub use choice::PropagationError;
pub use choice::SanitizeDump;
pub use choice::Supervised;
pub use choice::TlsAuthClients;
pub use command_line::CommandLine;
pub use file::FileError;
pub use file::Files;
pub use setting::Change;
pub use setting::Problem;
pub use setting::Setting;
pub use table::Config;
pub use table::SETTINGS;
pub use value::BufferLimit;
pub use value::BufferLimits;
pub use value::MasterAddress;
pub use value::NotifyClasses;
pub use value::SavePoint;
pub use value::ShutdownOptions;

/// An amount of memory as settings spell it: `100`, `64kb`, `1g`.
pub fn memory_bytes(word: &str) -> Option<u64> {
    kind::bytes(word)
}

impl Config {
    /// What the settings say about encodings.
    pub fn data_limits(&self, hasher: &Hasher) -> Limits {
        Limits {
            hasher: hasher.clone(),
            hash_max_listpack_entries: self.hash_max_listpack_entries,
            hash_max_listpack_value: self.hash_max_listpack_value,
            list_max_listpack_size: self.list_max_listpack_size,
            list_compress_depth: self.list_compress_depth,
            set_max_intset_entries: self.set_max_intset_entries,
            set_max_listpack_entries: self.set_max_listpack_entries,
            set_max_listpack_value: self.set_max_listpack_value,
            zset_max_listpack_entries: self.zset_max_listpack_entries,
            zset_max_listpack_value: self.zset_max_listpack_value,
            stream_node_max_bytes: self.stream_node_max_bytes,
            stream_node_max_entries: self.stream_node_max_entries,
        }
    }
}

/// The setting of this name or alias, whatever its case.
pub fn find(name: &str) -> Option<&'static Setting> {
    SETTINGS.iter().find(|setting| setting.is_named(name))
}

#[cfg(test)]
mod tests {
    use super::Config;
    use crate::data::Hasher;
    use crate::data::Limits;

    #[test]
    fn the_default_limits_are_those_of_the_default_settings() {
        let of_settings = Config::default().data_limits(&Hasher::new(0));
        assert_eq!(format!("{of_settings:?}"), format!("{:?}", Limits::default()));
    }
}
