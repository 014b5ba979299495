//! What is claimed of a world.

/// A claim about every world, or one that people like to believe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// Nodes at the same offset of the same history hold the same data.
    SameOffsetSameData,
    /// The append-only file makes the data that are in memory.
    LogMakesData,
    /// With `appendfsync always` what was acknowledged is there after a crash.
    AlwaysSurvives,
    /// WAIT counts replicas that have the write.
    WaitIsHeld,
    /// Nobody ever sees half of a transaction.
    TransactionsAreWhole,
    /// Who waits first is served first, and each element is handed out once.
    QueueIsFair,
    /// A key's time to live ends at the same instant everywhere.
    DeadlinesStay,
    /// Queues stay within their limits.
    QueuesAreBounded,
    /// A node ends only when it is told to, and starts with whatever a crash left.
    NodesStayUp,
    /// When faults stop, all nodes come to agree and all clients are answered.
    AllAgreeInTheEnd,
    /// An acknowledged write is still there in the end. Nobody promises that: replication is
    /// asynchronous.
    AcknowledgedIsKept,
}

impl Claim {
    pub const ALL: &'static [Self] = &[
        Self::SameOffsetSameData,
        Self::LogMakesData,
        Self::AlwaysSurvives,
        Self::WaitIsHeld,
        Self::TransactionsAreWhole,
        Self::QueueIsFair,
        Self::DeadlinesStay,
        Self::QueuesAreBounded,
        Self::NodesStayUp,
        Self::AllAgreeInTheEnd,
        Self::AcknowledgedIsKept,
    ];

    /// Its name on a command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::SameOffsetSameData => "same-offset-same-data",
            Self::LogMakesData => "log-makes-data",
            Self::AlwaysSurvives => "always-survives",
            Self::WaitIsHeld => "wait-is-held",
            Self::TransactionsAreWhole => "transactions-are-whole",
            Self::QueueIsFair => "queue-is-fair",
            Self::DeadlinesStay => "deadlines-stay",
            Self::QueuesAreBounded => "queues-are-bounded",
            Self::NodesStayUp => "nodes-stay-up",
            Self::AllAgreeInTheEnd => "all-agree-in-the-end",
            Self::AcknowledgedIsKept => "acknowledged-is-kept",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|claim| claim.name() == name)
    }

    /// Whether only the end of a world tells.
    pub(super) fn is_seen_in_the_end(self) -> bool {
        matches!(self, Self::LogMakesData | Self::AllAgreeInTheEnd | Self::AcknowledgedIsKept)
    }

    /// Whether the engine promises it.
    pub fn is_promised(self) -> bool {
        self != Self::AcknowledgedIsKept
    }
}

/// A claim that did not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    pub claim: Claim,
    /// When it was seen.
    pub at_us: u64,
    /// What was seen, in a sentence.
    pub text: String,
}
