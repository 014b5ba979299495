//! Users at the start: the ACL file, and the randomness that made-up passwords come from.

use std::collections::hash_map::RandomState;
use std::fs;
use std::hash::BuildHasher;
use std::path::Path;

use redarium_core::node::Node;

use crate::os;

/// Loads the users of the ACL file, if there is to be one.
///
/// # Errors
/// What Redis logs last about users it cannot use.
pub fn load(node: &mut Node) -> Result<(), String> {
    let config = node.config();
    if config.aclfile.is_empty() {
        return Ok(());
    }
    if !config.users.is_empty() {
        return Err(
            "Configuring Redis with users defined in redis.conf and at the same setting an \
                    ACL file path is invalid. This setup is very likely to lead to configuration \
                    errors and security holes, please define either an ACL file or declare users \
                    directly in your redis.conf, but not both."
                .into(),
        );
    }
    let text = fs::read(Path::new(&config.dir).join(&config.aclfile));
    let text = text.map_err(|error| os::words(&error));
    node.load_acl_file(text.as_deref().map_err(String::as_str))
        .map_err(|errors| String::from_utf8_lossy(&errors).into_owned())
        .map_err(|errors| format!("Aborting Redis startup because of ACL errors: {errors}"))
}

/// What the standard library has of the operating system's randomness.
pub fn entropy() -> Vec<u8> {
    (0..4).flat_map(|word: u64| RandomState::new().hash_one(word).to_le_bytes()).collect()
}
