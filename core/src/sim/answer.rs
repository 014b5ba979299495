//! Running a world up to something that is waited for, for those who type command after command.

use super::id::ClientId;
use super::world::World;
use crate::node::MasterLinkState;

impl World {
    /// Runs until a terminal waits for no reply: to the end of the very instant of the last one. At
    /// most until `until_us`, or until `events_max` events were handled. Whether it was answered.
    pub fn run_until_answered(
        &mut self,
        client: ClientId,
        until_us: u64,
        events_max: usize,
    ) -> bool {
        let mut handled = 0;
        while self.waits(client) && handled < events_max {
            if self.next_event_at().is_none_or(|at_us| at_us > until_us) {
                self.schedule.advance_to(until_us);
                return false;
            }
            self.step();
            handled += 1;
        }
        // A script that is played again does not stop within an instant.
        self.run_until(self.now_us(), events_max);
        !self.waits(client)
    }

    /// Runs until every replica follows its master's stream and the master knows, at most until
    /// `until_us`.
    pub fn run_until_in_sync(&mut self, until_us: u64) {
        while !self.is_in_sync() && self.next_event_at().is_some_and(|at_us| at_us <= until_us) {
            self.step();
        }
        self.run_until(self.now_us(), usize::MAX);
    }

    fn waits(&self, client: ClientId) -> bool {
        self.clients.find(client).is_some_and(|client| client.session.is_waiting())
    }

    fn is_in_sync(&self) -> bool {
        let views: Vec<_> = self.hosts.iter().map(|host| host.node.view()).collect();
        let followers = views.iter().filter(|view| view.master.is_some()).count();
        let connected = |link| link == Some(MasterLinkState::Connected);
        let online = |view: &&crate::node::View| connected(view.master_link);
        let known: usize = views
            .iter()
            .map(|view| view.replicas.iter().filter(|replica| replica.state == "online").count())
            .sum();
        views.iter().filter(online).count() == followers && known >= followers
    }
}
