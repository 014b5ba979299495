//! Which parts of the commands' syntax were in a request that succeeded.

use std::collections::BTreeSet;

use crate::generator::Request;
use crate::generator::Subject;
use crate::generator::named_places;

/// The places reached so far, by the command's number.
#[derive(Debug, Default)]
pub struct Coverage {
    commands: BTreeSet<usize>,
    places: BTreeSet<(usize, usize)>,
}

impl Coverage {
    /// Counts a request that Redis answered without an error.
    pub fn count(&mut self, request: &Request) {
        self.commands.insert(request.subject);
        self.places.extend(request.places.iter().map(|place| (request.subject, *place)));
    }

    /// How many commands and parts of their syntax were reached.
    pub fn reached(&self) -> usize {
        self.commands.len() + self.places.len()
    }

    /// The commands that were wanted, and the parts of their syntax, that were not.
    pub fn missing(
        &self,
        subjects: &[Subject],
        is_wanted: impl Fn(&Subject) -> bool,
    ) -> Vec<String> {
        let mut missing = Vec::new();
        let wanted = subjects.iter().enumerate().filter(|(_, subject)| is_wanted(subject));
        for (number, subject) in wanted {
            if !self.commands.contains(&number) {
                missing.push(subject.name.clone());
                continue;
            }
            let places = named_places(subject);
            let unseen = places.into_iter().filter(|(at, _)| !self.places.contains(&(number, *at)));
            missing.extend(unseen.map(|(_, name)| name));
        }
        missing
    }
}
