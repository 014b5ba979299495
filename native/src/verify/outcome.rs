//! What became of a file's transcripts.

use redarium_core::transcript::Action;
use redarium_core::transcript::Player;
use redarium_core::transcript::Transcript;
use redarium_core::transcript::matches;

use super::block;
use super::block::Block;
use super::files::Format;

pub struct FileOutcome {
    pub path: String,
    pub transcripts: Vec<BlockOutcome>,
}

/// What became of one transcript.
pub struct BlockOutcome {
    pub block: Block,
    pub commands: usize,
    pub differences: Vec<Difference>,
    pub state: State,
}

#[derive(Debug, PartialEq, Eq)]
pub enum State {
    Run,
    /// It is not said to be one that runs: no line begins with a prompt, or the markup says so.
    Skipped,
    /// Why it can't be run.
    Wrong(String),
}

/// A step that printed something else.
pub struct Difference {
    /// Of the command, in the file, counted from 1.
    pub line: usize,
    /// In the transcript, counted from 0.
    pub step_line: usize,
    /// As it is written, with its prompt.
    pub command: String,
    pub expected: Vec<String>,
    pub printed: Vec<String>,
}

impl FileOutcome {
    /// Nothing differs, or what differs has been written anew; and everything could be run.
    pub fn is_good(&self, blessed: bool) -> bool {
        self.transcripts.iter().all(|one| {
            !matches!(one.state, State::Wrong(_)) && (blessed || one.differences.is_empty())
        })
    }
}

/// Runs all transcripts of a file, in order.
pub fn of_file(path: &str, text: &str) -> FileOutcome {
    let blocks = Format::of(path).map(|format| block::find(format, text)).unwrap_or_default();
    let mut sessions = Vec::new();
    let transcripts =
        blocks.into_iter().map(|block| of_block(block, text, &mut sessions)).collect();
    FileOutcome { path: path.to_owned(), transcripts }
}

/// Worlds of a file by their sessions' names.
type Sessions = Vec<(String, Player)>;

fn of_block(block: Block, text: &str, sessions: &mut Sessions) -> BlockOutcome {
    let mut outcome =
        BlockOutcome { block, commands: 0, differences: Vec::new(), state: State::Run };
    let setup = match &outcome.block.setup {
        _ if outcome.block.skipped => {
            outcome.state = State::Skipped;
            return outcome;
        }
        Ok(setup) => setup.clone(),
        Err(word) => {
            outcome.state = State::Wrong(format!("This cannot be understood: {word}"));
            return outcome;
        }
    };
    let Some(transcript) = Transcript::parse(&outcome.block.transcript(text)) else {
        outcome.state = State::Skipped;
        return outcome;
    };
    let mut whole = setup;
    whole.merge(transcript.setup.clone());
    match whole.session.clone() {
        None => play(&mut outcome, &transcript, &mut Player::new(&whole)),
        Some(name) => {
            if !sessions.iter().any(|(known, _)| *known == name) {
                sessions.push((name.clone(), Player::new(&whole)));
            }
            if let Some((_, player)) = sessions.iter_mut().find(|(known, _)| *known == name) {
                play(&mut outcome, &transcript, player);
            }
        }
    }
    outcome
}

fn play(outcome: &mut BlockOutcome, transcript: &Transcript, player: &mut Player) {
    for step in &transcript.steps {
        let printed = player.play(&step.action);
        let command = match &step.action {
            Action::Command { prompt, command } => format!("{prompt}{command}"),
            Action::Client { name } => format!("# client {name}"),
            // Nothing is printed where time passes; what comes meanwhile is read later.
            Action::Advance { .. } => continue,
        };
        outcome.commands += usize::from(matches!(step.action, Action::Command { .. }));
        // A transcript of commands alone says nothing to compare with.
        if !transcript.has_output() || matches(&step.expected, &printed) {
            continue;
        }
        outcome.differences.push(Difference {
            line: outcome.block.line + step.line,
            step_line: step.line,
            command,
            expected: step.expected.clone(),
            printed: printed.trim_end_matches('\n').lines().map(str::to_owned).collect(),
        });
    }
}
