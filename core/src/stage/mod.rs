//! Stages: small, ordered claims about how a Redis behaves, each with the steps that prove it.
//!
//! One table serves three readers. The tests run every entry against the built server and against a
//! real Redis; the page turns each entry into a lesson; the checker runs them against a server that
//! somebody is building. So an entry is data ([`Stage`]), and running it is a state machine without
//! I/O ([`Run`]): a driver moves its bytes over TCP or through the simulated world.
//!
//! An entry never asks for more than Redis itself does: a real Redis passes every stage.

mod action;
mod authentication;
mod base;
mod disk;
mod fixture;
mod frame;
mod geospatial;
mod goal;
mod link;
mod lists;
mod names;
mod optimistic_locking;
mod pattern;
mod persistence_aof;
mod persistence_rdb;
mod pub_sub;
mod render;
mod replication;
mod report;
mod run;
mod sorted_sets;
mod spec;
mod streams;
mod transactions;

pub use action::Action;
pub use action::Launch;
pub use action::Place;
pub use action::Sight;
pub use report::Direction;
pub use report::Exchange;
pub use report::Failure;
pub use report::Report;
pub use run::PATIENCE_MS;
pub use run::Run;
pub use spec::Contents;
pub use spec::Entry;
pub use spec::Expires;
pub use spec::File;
pub use spec::Group;
pub use spec::OnDisk;
pub use spec::Pattern;
pub use spec::Peer;
pub use spec::Setup;
pub use spec::Snapshot;
pub use spec::Stage;
pub use spec::Step;
pub use spec::Text;
pub use spec::Topology;

/// Every stage, group by group and in the order in which they build on each other.
pub const TABLE: &[&[Stage]] = &[
    base::STAGES,
    replication::STAGES,
    persistence_rdb::STAGES,
    persistence_aof::STAGES,
    lists::STAGES,
    streams::STAGES,
    transactions::STAGES,
    optimistic_locking::STAGES,
    pub_sub::STAGES,
    sorted_sets::STAGES,
    geospatial::STAGES,
    authentication::STAGES,
];

/// All stages in order.
pub fn stages() -> impl Iterator<Item = &'static Stage> {
    TABLE.iter().copied().flatten()
}

/// The stage with this slug.
pub fn find(slug: &str) -> Option<&'static Stage> {
    stages().find(|stage| stage.slug == slug)
}

const _: () = assert_table(TABLE);

/// Proves at compile time that a group's stages stand together, are numbered from 1 without a gap,
/// that slugs have three characters and that none occurs twice.
const fn assert_table(table: &[&[Stage]]) {
    let mut group = 0;
    while group < table.len() {
        let stages = table[group];
        let mut at = 0;
        while at < stages.len() {
            let stage = &stages[at];
            assert!(stage.number as usize == at + 1, "stages are numbered from 1 without a gap");
            assert!(stage.group as usize == stages[0].group as usize, "one group, one slice");
            assert!(stage.slug.len() == 3, "a slug has three characters");
            assert!(!stage.steps.is_empty(), "a stage without a step proves nothing");
            assert!(count_slug(table, stage.slug) == 1, "a slug names one stage");
            at += 1;
        }
        group += 1;
    }
}

const fn count_slug(table: &[&[Stage]], slug: &str) -> usize {
    let (slug, mut found, mut group) = (slug.as_bytes(), 0, 0);
    while group < table.len() {
        let mut at = 0;
        while at < table[group].len() {
            let other = table[group][at].slug.as_bytes();
            if other[0] == slug[0] && other[1] == slug[1] && other[2] == slug[2] {
                found += 1;
            }
            at += 1;
        }
        group += 1;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::Group;
    use super::TABLE;
    use super::find;
    use super::stages;

    #[test]
    fn every_group_has_all_of_its_stages() {
        let count = |group: Group| stages().filter(|stage| stage.group == group).count();
        assert_eq!(count(Group::Base), 7);
        assert_eq!(count(Group::Replication), 18);
        assert_eq!(count(Group::PersistenceRdb), 6);
        assert_eq!(count(Group::PersistenceAof), 10);
        assert_eq!(count(Group::Lists), 11);
        assert_eq!(count(Group::Streams), 13);
        assert_eq!(count(Group::Transactions), 11);
        assert_eq!(count(Group::OptimisticLocking), 8);
        assert_eq!(count(Group::PubSub), 7);
        assert_eq!(count(Group::SortedSets), 8);
        assert_eq!(count(Group::Geospatial), 8);
        assert_eq!(count(Group::Authentication), 8);
        assert_eq!(TABLE.len(), Group::ALL.len());
    }

    #[test]
    fn a_slug_finds_its_stage() {
        assert_eq!(find("rg2").map(|stage| stage.title), Some("Respond to PING"));
        assert!(find("???").is_none());
    }

    #[test]
    fn every_stage_teaches_and_claims_something() {
        for stage in stages() {
            assert!(stage.learn.len() >= 40, "{}: what is there to learn?", stage.slug);
            assert!(stage.claims().count() >= 1, "{}: nothing is claimed", stage.slug);
        }
    }
}
