//! Generated requests get the same replies from Redarium as from Redis, byte for byte, and leave the same keys.
//!
//! A failure prints its seed; `REDARIUM_SEED=n` plays its rounds alone, one of each theme. `cargo xtask
//! differential` plays more of them: `REDARIUM_COMMANDS` says how many of each theme there are, of
//! `sessions`, on several connections at once, a quarter; and `REDARIUM_THEME` plays one alone: `data`, `streams` or
//! `sessions`.

use std::env;

use redarium_tests::campaign::Campaign;
use redarium_tests::program::has_valkey;
use redarium_tests::theme::Theme;

#[test]
fn generated_requests_get_the_same_replies_and_leave_the_same_keys() {
    run(Campaign::against_redis(), Theme::USUAL);
}

#[test]
fn newer_commands_do_as_valkey_does() {
    if has_valkey() {
        run(Campaign::against_valkey(), Theme::WITH_VALKEY);
    } else {
        println!("not compared with valkey-server, which is not there");
    }
}

fn run(mut campaign: Campaign, usual: &[Theme]) {
    let one = number("REDARIUM_SEED");
    let first = one.or_else(|| number("REDARIUM_FIRST_SEED")).unwrap_or(1);
    let commands =
        if one.is_some() { ROUND } else { number("REDARIUM_COMMANDS").unwrap_or(COMMANDS) };
    let named = env::var("REDARIUM_THEME").ok();
    let themes = match &named {
        Some(name) => vec![Theme::named(name).expect("data, streams or sessions")],
        None => usual.to_vec(),
    };
    for theme in &themes {
        let commands = if named.is_some() { commands } else { theme.share(commands) };
        for seed in first..first + commands.div_ceil(ROUND) {
            campaign.round(*theme, seed, ROUND as usize);
        }
    }
    let differences = campaign.differences();
    assert!(
        differences.is_empty(),
        "{} differences:\n{}",
        differences.len(),
        differences.join("\n")
    );
    if one.is_none() && named.is_none() {
        assert_complete(&campaign, usual);
    }
    if commands >= MANY && named.is_none() {
        println!("rare deviations that this run did not meet: {:?}", campaign.rare.unused());
    }
}

/// Every part of every command's syntax was in a request that succeeded, and every deviation was seen.
fn assert_complete(campaign: &Campaign, themes: &[Theme]) {
    assert!(campaign.keys > 0, "nothing was left to compare");
    let mut missing = campaign.coverage.missing(campaign.subjects(), |subject| {
        themes.iter().any(|theme| theme.weight(subject) > 0)
    });
    missing.retain(|place| !NEVER.contains(&&**place));
    println!(
        "{} commands; {} of them and of the parts of their syntax reached",
        campaign.subjects().len(),
        campaign.coverage.reached()
    );
    assert!(missing.is_empty(), "never reached without an error:\n{}", missing.join("\n"));
    campaign.deviations.assert_all_used();
    if themes.contains(&Theme::Sessions) {
        campaign.sessions.assert_all_used();
    }
}

fn number(name: &str) -> Option<u64> {
    let value = env::var(name).ok()?;
    Some(value.parse().unwrap_or_else(|_| panic!("{name} is a number, not {value}")))
}

/// What no request here succeeds with; its errors are compared. There is no file of users and no sample of a
/// latency, and a filter that nobody passes is added to each CLIENT KILL, so that the old form is none.
const NEVER: &[&str] = &[
    "acl|load",
    "acl|save",
    "client|kill filter old-format",
    "latency|graph",
    "latency|graph event",
];
/// Of each theme, but for its share.
const COMMANDS: u64 = 100_000;
/// So many meet most of the rare deviations.
const MANY: u64 = 1_000_000;
/// Commands in a round.
const ROUND: u64 = 5_000;
