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
mod setting;
mod table;
mod value;

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

/// The setting of this name or alias, whatever its case.
pub fn find(name: &str) -> Option<&'static Setting> {
    SETTINGS.iter().find(|setting| setting.is_named(name))
}
