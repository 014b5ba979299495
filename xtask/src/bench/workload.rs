//! What is measured: redis-benchmark's list and a few large commands, as one table.
//!
//! Where redis-benchmark takes random keys with `-r`, these do, out of as many.

use std::str::FromStr;

use super::{fill::Fill, request::Command};

pub struct Workload {
    pub name: &'static str,
    /// One request; several commands are sent and counted as one.
    pub commands: &'static [Command],
    /// Sent as a line of words, not as an array.
    pub is_inline: bool,
    /// What is there before the first request.
    pub fills: &'static [Fill],
    pub upkeep: Upkeep,
    /// Every request is answered by the same bytes, which are then compared, not counted.
    pub is_constant: bool,
    /// Fewer connections than asked for: where a request is long work or its reply large, or where
    /// requests have to arrive in order.
    pub clients_max: usize,
    /// Connections besides, which are sent what is published.
    pub subscribers: usize,
    /// Redarium's throughput in Redis's at a pipeline of [`TARGET_PIPELINE`], at least.
    pub target: Option<f64>,
}

/// What requests do to the data, and what is done about it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Upkeep {
    /// They leave them as they are, or come to rest after a while.
    Nothing,
    /// They let them grow: every measurement begins anew.
    Restart,
    /// They use them up: filled again after so many requests.
    Refill(u64),
}

/// The pipeline that targets are set for.
pub const TARGET_PIPELINE: usize = 64;

/// A workload by its name, as redis-benchmark spells it; case does not matter.
#[derive(Clone, Copy)]
pub struct Choice(pub &'static Workload);

impl FromStr for Choice {
    type Err = ();

    fn from_str(name: &str) -> Result<Self, ()> {
        let found = WORKLOADS.iter().find(|workload| workload.name.eq_ignore_ascii_case(name));
        found.map(Choice).ok_or(())
    }
}

impl Workload {
    /// A light command of redis-benchmark's list; the base of all others.
    pub const LIGHT: Self = Self {
        name: "",
        commands: &[],
        is_inline: false,
        fills: &[],
        upkeep: Upkeep::Nothing,
        is_constant: false,
        clients_max: usize::MAX,
        subscribers: 0,
        target: Some(1.3),
    };

    pub fn replies(&self) -> u64 {
        self.commands.len() as u64
    }

    /// How many connections of those asked for are used.
    pub fn clients(&self, asked: usize) -> usize {
        asked.min(self.clients_max)
    }
}

const LIGHT: Workload = Workload::LIGHT;

/// Work of which sixty-four requests of four connections keep any server busy.
const HEAVY: Workload = Workload { clients_max: 4, target: Some(1.0), ..LIGHT };

/// Where PUBLISH goes.
pub const CHANNEL: &str = "mychannel";

const STRINGS: Fill = Fill::variadic(&["MSET"], &["key:__next__", "__value__"], 100_000);
const LIST: Fill = Fill::variadic(&["RPUSH", "mylist"], &["__value__"], 100_000);
const LONG_LIST: Fill = Fill::variadic(&["RPUSH", "mylist"], &["__value__"], 1_000_000);
const SET: Fill = Fill::variadic(&["SADD", "myset"], &["element:__next__"], 100_000);
const SORTED_SET: Fill =
    Fill::variadic(&["ZADD", "myzset"], &["__mixed__", "element:__next__"], 100_000);
const MILLION: Fill =
    Fill::variadic(&["ZADD", "million"], &["__mixed__", "element:__next__"], 1_000_000);
const NUMBERS: Fill = Fill::variadic(&["RPUSH", "numbers"], &["1__mixed__"], 10_000);
const SET_A: Fill = Fill::variadic(&["SADD", "a"], &["element:__next__"], 10_000);
const SET_B: Fill = Fill::variadic(&["SADD", "b"], &["element:__next__"], 10_000).from(5_000);
/// With known ids, so that what a group is given can be acknowledged unread.
const QUEUE: Fill =
    Fill::single(&["XADD", "queue"], &["1-__next__", "field", "__value__"], 1_000_000);
const GROUP: Fill = Fill::single(&["XGROUP", "CREATE", "queue", "group", "0"], &[], 1);
const STREAM: Fill = Fill::single(&["XADD", "mystream", "*"], &["field", "__value__"], 100_000);

pub const WORKLOADS: &[Workload] = &[
    Workload {
        name: "PING_INLINE",
        commands: &[Command::plain(&["PING"])],
        is_inline: true,
        is_constant: true,
        target: None,
        ..LIGHT
    },
    Workload {
        name: "PING_MBULK",
        commands: &[Command::plain(&["PING"])],
        is_constant: true,
        target: None,
        ..LIGHT
    },
    Workload {
        name: "SET",
        commands: &[Command::plain(&["SET", "key:__rand_int__", "__value__"])],
        fills: &[STRINGS],
        is_constant: true,
        ..LIGHT
    },
    Workload {
        name: "GET",
        commands: &[Command::plain(&["GET", "key:__rand_int__"])],
        fills: &[STRINGS],
        is_constant: true,
        ..LIGHT
    },
    Workload {
        name: "INCR",
        commands: &[Command::plain(&["INCR", "counter:__rand_int__"])],
        ..LIGHT
    },
    Workload {
        name: "LPUSH",
        commands: &[Command::plain(&["LPUSH", "mylist", "__value__"])],
        upkeep: Upkeep::Restart,
        ..LIGHT
    },
    Workload {
        name: "RPUSH",
        commands: &[Command::plain(&["RPUSH", "mylist", "__value__"])],
        upkeep: Upkeep::Restart,
        ..LIGHT
    },
    Workload {
        name: "LPOP",
        commands: &[Command::plain(&["LPOP", "mylist"])],
        fills: &[LONG_LIST],
        upkeep: Upkeep::Refill(LONG_LIST.count),
        ..LIGHT
    },
    Workload {
        name: "RPOP",
        commands: &[Command::plain(&["RPOP", "mylist"])],
        fills: &[LONG_LIST],
        upkeep: Upkeep::Refill(LONG_LIST.count),
        ..LIGHT
    },
    Workload {
        name: "SADD",
        commands: &[Command::plain(&["SADD", "myset", "element:__rand_int__"])],
        ..LIGHT
    },
    Workload {
        name: "HSET",
        commands: &[Command::plain(&["HSET", "myhash", "element:__rand_int__", "__value__"])],
        ..LIGHT
    },
    Workload {
        name: "SPOP",
        commands: &[Command::plain(&["SPOP", "myset"])],
        fills: &[SET],
        upkeep: Upkeep::Refill(SET.count),
        ..LIGHT
    },
    Workload {
        name: "ZADD",
        commands: &[Command::plain(&["ZADD", "myzset", "__rand_int__", "element:__rand_int__"])],
        ..LIGHT
    },
    Workload {
        name: "ZPOPMIN",
        commands: &[Command::plain(&["ZPOPMIN", "myzset"])],
        fills: &[SORTED_SET],
        upkeep: Upkeep::Refill(SORTED_SET.count),
        ..LIGHT
    },
    range("LRANGE_100", &[Command::plain(&["LRANGE", "mylist", "0", "99"])]),
    range("LRANGE_300", &[Command::plain(&["LRANGE", "mylist", "0", "299"])]),
    range("LRANGE_500", &[Command::plain(&["LRANGE", "mylist", "0", "499"])]),
    range("LRANGE_600", &[Command::plain(&["LRANGE", "mylist", "0", "599"])]),
    Workload {
        name: "MSET",
        commands: &[Command::variadic(&["MSET"], &["key:__rand_int__", "__value__"], 10)],
        is_constant: true,
        ..LIGHT
    },
    Workload {
        name: "SINTER_10000",
        commands: &[Command::plain(&["SINTER", "a", "b"])],
        fills: &[SET_A, SET_B],
        ..HEAVY
    },
    Workload {
        name: "ZRANGE_1000",
        commands: &[Command::plain(&["ZRANGE", "million", "__rand_page__000", "__rand_page__999"])],
        fills: &[MILLION],
        ..HEAVY
    },
    Workload {
        name: "ZRANGEBYSCORE_100",
        commands: &[Command::plain(&[
            "ZRANGEBYSCORE",
            "million",
            "__rand_page__000",
            "__rand_page__099",
        ])],
        fills: &[MILLION],
        ..HEAVY
    },
    Workload {
        name: "SORT_10000",
        commands: &[Command::plain(&["SORT", "numbers"])],
        fills: &[NUMBERS],
        is_constant: true,
        ..HEAVY
    },
    Workload {
        name: "XADD",
        commands: &[Command::plain(&[
            "XADD",
            "mystream",
            "MAXLEN",
            "~",
            "10000",
            "*",
            "field",
            "__value__",
        ])],
        ..LIGHT
    },
    Workload {
        name: "XRANGE_100",
        commands: &[Command::plain(&["XRANGE", "mystream", "-", "+", "COUNT", "100"])],
        fills: &[STREAM],
        ..LIGHT
    },
    Workload {
        name: "XREADGROUP_XACK",
        commands: &[
            Command::plain(&[
                "XREADGROUP",
                "GROUP",
                "group",
                "consumer",
                "COUNT",
                "100",
                "STREAMS",
                "queue",
                ">",
            ]),
            Command::variadic(&["XACK", "queue", "group"], &["1-__next__"], 100),
        ],
        fills: &[QUEUE, GROUP],
        upkeep: Upkeep::Refill(QUEUE.count / 100),
        clients_max: 1,
        target: Some(1.2),
        ..LIGHT
    },
    Workload {
        name: "PUBLISH_1000",
        commands: &[Command::plain(&["PUBLISH", CHANNEL, "__value__"])],
        subscribers: 1_000,
        target: Some(1.2),
        ..HEAVY
    },
];

const fn range(name: &'static str, commands: &'static [Command]) -> Workload {
    Workload { name, commands, fills: &[LIST], is_constant: true, ..LIGHT }
}

#[cfg(test)]
mod tests {
    use super::{Upkeep, WORKLOADS};

    #[test]
    fn names_are_unique() {
        for (index, workload) in WORKLOADS.iter().enumerate() {
            let others = &WORKLOADS[index + 1..];
            let twin = others.iter().find(|other| other.name.eq_ignore_ascii_case(workload.name));
            assert!(twin.is_none(), "{} stands there twice", workload.name);
        }
    }

    #[test]
    fn constant_replies_need_constant_data() {
        for workload in WORKLOADS {
            let is_stable = workload.upkeep == Upkeep::Nothing;
            assert!(is_stable || !workload.is_constant, "{}", workload.name);
        }
    }

    #[test]
    fn what_is_used_up_was_filled_in() {
        for workload in WORKLOADS {
            if let Upkeep::Refill(requests) = workload.upkeep {
                let items = workload.commands.iter().map(|command| command.items).max();
                let taken = requests * items.unwrap_or(0).max(1) as u64;
                let filled = workload.fills.iter().map(|fill| fill.count).max();
                assert_eq!(filled, Some(taken), "{}", workload.name);
            }
        }
    }
}
