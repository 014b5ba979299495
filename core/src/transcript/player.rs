//! A world in which a transcript's commands are typed.

use super::directive::Setup;
use super::parse::Action;
use crate::sim::ClientId;
use crate::sim::Event;
use crate::sim::Input;
use crate::sim::NodeId;
use crate::sim::Topology;
use crate::sim::What;
use crate::sim::World;

/// A world, and its terminals by name. Time passes only while a command waits, and where a transcript says so.
pub struct Player {
    world: World,
    terminals: Vec<Terminal>,
    current: usize,
}

struct Terminal {
    name: String,
    client: ClientId,
    /// What it printed that nobody has asked for yet.
    printed: String,
}

impl Player {
    /// A world as `setup` wants it, or with one node and seed 0, whose replicas are in step with their master.
    pub fn new(setup: &Setup) -> Self {
        let replicas = setup.replicas.unwrap_or(0);
        let topology = Topology { replicas, ..Topology::default() };
        let mut world = World::new(setup.seed.unwrap_or(0), &topology);
        world.run_until_in_sync(SYNC_US_MAX);
        let mut player = Self { world, terminals: Vec::new(), current: 0 };
        player.select(FIRST);
        player
    }

    /// Does one thing, and returns what the terminal has printed since it was last asked. A command that waits
    /// has a virtual hour to be answered in, after which the terminal gives up its connection.
    pub fn play(&mut self, action: &Action) -> String {
        match action {
            Action::Client { name } => self.select(name),
            Action::Advance { us } => self.advance(*us),
            Action::Command { command, .. } => self.run(command),
        }
        self.collect();
        let terminal = self.terminals.get_mut(self.current);
        terminal.map(|terminal| std::mem::take(&mut terminal.printed)).unwrap_or_default()
    }

    fn run(&mut self, command: &str) {
        let Some(client) = self.terminals.get(self.current).map(|terminal| terminal.client) else {
            return;
        };
        self.world.apply(Input::Type { client, line: command.to_owned() });
        let until_us = self.world.now_us().saturating_add(ANSWER_US_MAX);
        if !self.world.run_until_answered(client, until_us, usize::MAX) {
            self.collect();
            self.reopen();
        }
    }

    fn advance(&mut self, us: u64) {
        let until_us = self.world.now_us().saturating_add(us);
        self.world.run_until(until_us, usize::MAX);
    }

    fn select(&mut self, name: &str) {
        self.current = match self.terminals.iter().position(|known| known.name == name) {
            Some(index) => index,
            None => {
                let client = self.open();
                let printed = String::new();
                self.terminals.push(Terminal { name: name.to_owned(), client, printed });
                self.terminals.len() - 1
            }
        };
    }

    /// A command that never ends is given up, as by Ctrl-C.
    fn reopen(&mut self) {
        let Some(client) = self.terminals.get(self.current).map(|terminal| terminal.client) else {
            return;
        };
        self.world.apply(Input::CloseClient { client });
        let client = self.open();
        if let Some(terminal) = self.terminals.get_mut(self.current) {
            terminal.client = client;
            terminal.printed.push_str("(no answer within an hour)\n");
        }
    }

    fn open(&mut self) -> ClientId {
        self.world.apply(Input::OpenClient { node: NodeId(1) });
        let newest = self.world.view().clients.last().map(|client| client.id);
        newest.unwrap_or(ClientId(0))
    }

    /// Hands what happened to the terminals.
    fn collect(&mut self) {
        while let Some(Event { what, .. }) = self.world.poll_event() {
            match what {
                What::Reply { client, text, elapsed_us, .. } => {
                    self.print(client, &text);
                    if elapsed_us >= ELAPSED_SHOWN_US {
                        self.print(client, &format!("({:.2}s)\n", elapsed_us as f64 / 1e6));
                    }
                }
                What::Push { client, text } => self.print(client, &text),
                What::Disconnected { client, reason } if reason != "quit" => {
                    self.print(client, &format!("Error: {reason}\n"));
                }
                _ => {}
            }
        }
    }

    fn print(&mut self, client: ClientId, text: &str) {
        if let Some(terminal) = self.terminals.iter_mut().find(|known| known.client == client) {
            terminal.printed.push_str(text);
        }
    }
}

/// The terminal that a transcript begins at.
const FIRST: &str = "1";

/// How long replicas may take to get in step with their master.
const SYNC_US_MAX: u64 = 60_000_000;
const ANSWER_US_MAX: u64 = 3_600_000_000;
/// From half a second on, redis-cli says how long a reply took.
const ELAPSED_SHOWN_US: u64 = 500_000;

#[cfg(test)]
mod tests {
    use super::super::Transcript;
    use super::super::matches;
    use super::*;

    /// Plays a transcript and returns what differs.
    fn check(text: &str) -> Vec<String> {
        let transcript = Transcript::parse(text).unwrap();
        let mut player = Player::new(&transcript.setup);
        let mut wrong = Vec::new();
        for step in &transcript.steps {
            let printed = player.play(&step.action);
            if !matches(&step.expected, &printed) {
                wrong.push(format!("{:?}: {printed:?}", step.action));
            }
        }
        wrong
    }

    #[test]
    fn plays_as_it_is_written() {
        for text in [
            "redis> SET k v EX 10\nOK\n# advance 4s\nredis> TTL k\n(integer) 6\n# advance 6s\n> GET k\n(nil)\n",
            "# replicas 2\n> SET k v\nOK\n> WAIT 2 100\n(integer) 2\n> WAIT 3 1000\n(integer) 2\n(1.00s)\n",
            "> BLPOP q 2\n(nil)\n(2.00s)\n",
            "> XADD s * f v\n\"1...-0\"\n",
            "> SADD s a b c d\n(integer) 4\n> SPOP s\n\"...\"\n> SCARD s\n(integer) 3\n",
            "> SUBSCRIBE news\n1) \"subscribe\"\n2) \"news\"\n3) (integer) 1\n# client b\n> PUBLISH news hi\n\
             (integer) 1\n# client 1\n1) \"message\"\n2) \"news\"\n3) \"hi\"\n",
            "> MULTI\nOK\n127.0.0.1:6379(TX)> INCR n\nQUEUED\n> EXEC\n1) (integer) 1\n",
            "> FOO\n(error) ERR unknown command 'FOO', with args beginning with: \n",
        ] {
            assert_eq!(check(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn says_what_differs() {
        let wrong = check("> SET k v\nOK\n> GET k\n\"w\"\n> BLPOP q 0\n(nil)\n> PING\nPONG\n");
        assert_eq!(wrong.len(), 2, "{wrong:?}");
        assert!(wrong[0].contains("\"v\\\"\\n\""), "{wrong:?}");
        assert!(wrong[1].contains("no answer"), "{wrong:?}");
    }

    #[test]
    fn one_seed_gives_one_transcript() {
        let play = |seed| {
            let mut player = Player::new(&Setup { seed: Some(seed), ..Setup::default() });
            let mut run = |command: &str| {
                let prompt = String::new();
                player.play(&Action::Command { prompt, command: command.into() })
            };
            run("SADD s a b c d e f g h i j");
            (0..5).map(|_| run("SPOP s")).collect::<String>()
        };
        assert_eq!(play(7), play(7));
        assert_ne!(play(7), play(8));
    }
}
