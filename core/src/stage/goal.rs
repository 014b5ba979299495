//! What a run waits for on a connection, and what each message means for that.

use super::frame::Frame;
use super::pattern::Examined;
use super::pattern::Mismatch;
use super::render;
use super::spec::Pattern;
use super::spec::Snapshot;

/// What ends a read.
#[derive(Clone, Copy, Debug)]
pub enum Goal {
    Match(&'static Pattern),
    Past { skip: &'static Pattern, wanted: &'static Pattern },
    Poll { request: &'static [&'static str], wanted: &'static Pattern },
    Rdb(Snapshot),
    Silence { except: &'static Pattern },
    Closed,
}

/// What a message means for the read it arrived in.
pub enum Judged {
    Met,
    Skipped,
    Again,
    Missed(Mismatch),
}

impl Goal {
    /// Holds a message against the goal.
    pub fn judge(self, mut examined: Examined<'_>, frame: &Frame) -> Judged {
        let verdict = match self {
            Self::Match(wanted) | Self::Past { wanted, .. } | Self::Poll { wanted, .. } => {
                examined.check(frame, wanted)
            }
            Self::Rdb(snapshot) => examined.check_rdb(frame, snapshot),
            Self::Silence { except } => {
                return examined
                    .check(frame, except)
                    .map_or_else(Judged::Missed, |()| Judged::Skipped);
            }
            Self::Closed => {
                let expected = "the target closes the connection".to_owned();
                return Judged::Missed(Mismatch { at: 0, expected });
            }
        };
        match (verdict, self) {
            (Ok(()), _) => Judged::Met,
            (Err(_), Self::Poll { .. }) => Judged::Again,
            (Err(_), Self::Past { skip, .. }) if examined.check(frame, skip).is_ok() => {
                Judged::Skipped
            }
            (Err(mismatch), _) => Judged::Missed(mismatch),
        }
    }

    /// What is waited for, in words, with placeholders put in by `resolve`.
    pub fn describe(self, resolve: &mut dyn FnMut(&str) -> String) -> String {
        match self {
            Self::Match(wanted) | Self::Past { wanted, .. } | Self::Poll { wanted, .. } => {
                render::pattern(wanted, resolve)
            }
            Self::Rdb(_) => "an RDB file after a line with its length".to_owned(),
            Self::Silence { except: Pattern::Nothing } => "silence".to_owned(),
            Self::Silence { except } => format!("nothing but {}", render::pattern(except, resolve)),
            Self::Closed => "the target closes the connection".to_owned(),
        }
    }
}
