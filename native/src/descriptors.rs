//! Descriptors: every client needs one, and so do files and the like.

use std::io;

use redarium_core::config::Config;
use rlimit::Resource;

use crate::log::Log;
use crate::os;

/// Raises the limit of open files to what `maxclients` needs. Where the system does not allow that,
/// `maxclients` is lowered to what it allows, in Redis's words.
///
/// # Errors
/// There are too few for anything.
pub fn reserve(config: &mut Config, log: &mut Log) -> Result<(), String> {
    let wanted = needed(config.maxclients);
    // A system that does not tell its limit is taken at its word.
    let Ok(before) = rlimit::getrlimit(Resource::NOFILE).map(|(soft, _)| soft) else {
        return Ok(());
    };
    if before >= wanted {
        return Ok(());
    }
    let raised = raise(wanted);
    let allowed = *raised.as_ref().unwrap_or(&before);
    if allowed >= wanted {
        log.notice(&format!(
            "Increased maximum number of open files to {wanted} (it was originally set to {before})."
        ));
        return Ok(());
    }
    if allowed <= RESERVED {
        return Err(format!(
            "Your current 'ulimit -n' of {allowed} is not enough for the server to start. Please \
             increase your open file limit to at least {wanted}. Exiting."
        ));
    }
    let asked = config.maxclients;
    config.maxclients = usize::try_from(allowed - RESERVED).unwrap_or(usize::MAX);
    log.warning(&format!(
        "You requested maxclients of {asked} requiring at least {wanted} max file descriptors."
    ));
    let reason = raised.as_ref().map_or_else(os::words, |_| "Operation not permitted".into());
    log.warning(&format!(
        "Server can't set maximum open files to {wanted} because of OS error: {reason}."
    ));
    log.warning(&format!(
        "Current maximum open files is {allowed}. maxclients has been reduced to {} to compensate \
         for low ulimit. If you need higher maxclients increase 'ulimit -n'.",
        config.maxclients
    ));
    Ok(())
}

/// Raises the limit for a `maxclients` that is to be set while running.
///
/// # Errors
/// How many clients there may be, if these are too many.
pub fn extend(maxclients: usize) -> Result<(), usize> {
    let wanted = needed(maxclients);
    // A system that does not tell its limit is taken at its word.
    let Ok(before) = rlimit::getrlimit(Resource::NOFILE).map(|(soft, _)| soft) else {
        return Ok(());
    };
    match raise(wanted).unwrap_or(before) {
        allowed if allowed >= wanted => Ok(()),
        allowed => {
            // Redis lowers what it asks for step by step until the system agrees.
            let steps = (wanted - allowed).div_ceil(STEP);
            let agreed = wanted.saturating_sub(steps * STEP).max(before);
            Err(usize::try_from(agreed.saturating_sub(RESERVED)).unwrap_or(usize::MAX))
        }
    }
}

/// Raises the limit to `wanted`, or else as far as it goes; how far it went. Who may, as root may,
/// raises the hard limit as well.
fn raise(wanted: u64) -> io::Result<u64> {
    let (soft, hard) = rlimit::getrlimit(Resource::NOFILE)?;
    if soft >= wanted || rlimit::setrlimit(Resource::NOFILE, wanted, hard.max(wanted)).is_ok() {
        return Ok(wanted);
    }
    rlimit::increase_nofile_limit(wanted)
}

fn needed(maxclients: usize) -> u64 {
    (maxclients as u64).saturating_add(RESERVED)
}

/// Descriptors by which Redis lowers its demands.
const STEP: u64 = 16;

/// Descriptors for what is no client: files, listeners, the event loop.
const RESERVED: u64 = 32;
