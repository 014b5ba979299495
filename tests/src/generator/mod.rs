//! Random requests made from the command table by a seed: mostly right, some nearly.

mod chance;
mod dangers;
pub mod dice;
mod mistakes;
mod outline;
mod source;
mod subject;
mod words;

pub use outline::named_places;
pub use subject::Kin;
pub use subject::Subject;

use std::collections::VecDeque;
use std::rc::Rc;

use crate::theme::Theme;
use crate::transcript::Compare;
use dice::Dice;
use outline::Outline;
use outline::Slot;
use source::Source;

/// An endless sequence of requests.
pub struct Generator {
    dice: Dice,
    subjects: Rc<[Subject]>,
    theme: Theme,
    /// How often each subject comes up, in proportion to the others.
    weights: Vec<usize>,
    /// Requests that have to come next.
    next: VecDeque<Request>,
    /// Words that are never asked.
    is_unwanted: fn(&[Vec<u8>]) -> bool,
}

/// A request and how to compare its replies.
#[derive(Clone, Debug)]
pub struct Request {
    pub words: Vec<Vec<u8>>,
    pub compare: Compare,
    /// The number of its command among the subjects.
    pub subject: usize,
    pub is_mistaken: bool,
    /// Whether it deletes what the one before has left to chance.
    pub is_levelling: bool,
    /// The places of its syntax; none in one that may be mistaken.
    pub places: Vec<usize>,
    /// The word in which a scan's cursor stands: the walk has to be gone on with.
    pub cursor: Option<usize>,
    /// The word that is to be what DUMP said earlier.
    pub payload: Option<Payload>,
    /// Of EXEC: the commands whose replies it gives, in order, by number, and how these compare.
    pub inside: Vec<(usize, Compare)>,
    /// The number of the connection it is asked on, where there are several.
    pub client: usize,
}

/// What DUMP said earlier, as one server said it.
#[derive(Clone, Copy, Debug)]
pub struct Payload {
    pub word: usize,
    /// How many payloads ago.
    pub look_back: usize,
    pub is_broken: bool,
}

impl Request {
    fn new(words: Vec<Vec<u8>>, subject: usize) -> Self {
        let (compare, places) = (Compare::Bytes, Vec::new());
        let (cursor, payload, inside) = (None, None, Vec::new());
        let (is_mistaken, is_levelling) = (false, false);
        let client = 0;
        Self {
            words,
            compare,
            subject,
            is_mistaken,
            is_levelling,
            places,
            cursor,
            payload,
            inside,
            client,
        }
    }

    fn is_repeatable(&self) -> bool {
        self.payload.is_none() && self.cursor.is_none() && self.compare == Compare::Bytes
    }
}

impl Generator {
    /// The same seed and subjects give the same sequence.
    pub fn new(seed: u64, subjects: Rc<[Subject]>) -> Self {
        Self::on(Theme::Data, seed, subjects)
    }

    /// The same of requests that belong to a theme.
    pub fn on(theme: Theme, seed: u64, subjects: Rc<[Subject]>) -> Self {
        let weights = subjects.iter().map(|subject| theme.weight(subject)).collect();
        let (dice, next) = (Dice::new(seed), VecDeque::new());
        Self { dice, subjects, theme, weights, next, is_unwanted: |_| false }
    }

    /// The same without requests of such words.
    pub fn without(self, is_unwanted: fn(&[Vec<u8>]) -> bool) -> Self {
        Self { is_unwanted, ..self }
    }

    /// The next request.
    pub fn request(&mut self) -> Request {
        if self.theme == Theme::Sessions {
            return self.request_of_many();
        }
        if self.next.is_empty() && self.dice.chance(1) {
            self.plan_transaction();
        }
        match self.next.pop_front() {
            Some(request) => request,
            None => {
                self.next = self.invent().into();
                self.next.pop_front().expect("a request at least")
            }
        }
    }

    /// A request of one of several connections. Of commands on data, only those that wait for nothing, leave
    /// nothing to chance and are not part of a group.
    fn request_of_many(&mut self) -> Request {
        if let Some(request) = self.next.pop_front() {
            return request;
        }
        loop {
            let mut group = self.invent();
            let Some(request) = group.pop().filter(|_| group.is_empty()) else { continue };
            let subject = &self.subjects[request.subject];
            let is_fit = request.is_repeatable() && !subject.blocks();
            if is_fit || !subject.is_data {
                let client = self.dice.below(CONNECTIONS);
                // What is listened to has no order.
                let is_all = subject.name.ends_with("unsubscribe") && request.words.len() == 1;
                // Later versions have more commands.
                let is_every = subject.name == "command|info" && request.words.len() == 2;
                let compare = match () {
                    () if is_all => Compare::Shape,
                    () if is_every => Compare::Errors,
                    () => request.compare,
                };
                let request = Request { client, compare, ..request };
                let Some(caching) = caching_after(&request).and_then(|word| self.caching(word))
                else {
                    return request;
                };
                // Of the odd ones, which speak RESP3: in RESP2 tracking needs somebody to tell.
                let client = client | 1;
                self.next.push_back(Request { client, ..caching });
                return Request { client, ..request };
            }
        }
    }

    /// CLIENT CACHING with this word. It means something only where tracking of its kind has begun.
    fn caching(&mut self, word: &[u8]) -> Option<Request> {
        let subjects = Rc::clone(&self.subjects);
        let is_it = |subject: &Subject| subject.name == "client|caching";
        let number = subjects.iter().position(is_it)?;
        loop {
            let outline = Outline::of(&subjects[number], &mut self.dice);
            let request = self.fill(&subjects[number], number, &outline);
            if request.words.last().is_some_and(|last| last.eq_ignore_ascii_case(word)) {
                return Some(request);
            }
        }
    }

    /// The next requests, `count` of them and those that must follow.
    pub fn round(&mut self, count: usize) -> Vec<Request> {
        let mut requests: Vec<Request> = (0..count).map(|_| self.request()).collect();
        requests.extend(self.next.drain(..));
        requests
    }

    /// The next request whose reply is the same bytes whenever it is asked in the same state.
    pub fn repeatable_request(&mut self) -> Request {
        loop {
            let request = self.request();
            if request.is_repeatable() {
                return request;
            }
        }
    }

    pub fn below(&mut self, bound: usize) -> usize {
        self.dice.below(bound)
    }

    /// A request, with those that have to be asked before and after it.
    fn invent(&mut self) -> Vec<Request> {
        loop {
            let group = self.invent_any();
            if !group.iter().any(|request| (self.is_unwanted)(&request.words)) {
                return group;
            }
        }
    }

    fn invent_any(&mut self) -> Vec<Request> {
        let subjects = Rc::clone(&self.subjects);
        let number = self.choose();
        let subject = &subjects[number];
        let outline = Outline::of(subject, &mut self.dice);
        let mut request = self.fill(subject, number, &outline);
        let is_mistaken = self.dice.chance(MISTAKEN_PERCENT);
        if is_mistaken {
            self.mistake(subject, &mut request);
        }
        dangers::avoid(subject, &mut request.words, is_mistaken);
        if self.dice.chance(10) {
            request.words[0].make_ascii_lowercase();
        }
        let is_particular = chance::is_particular(subject, &outline);
        let is_even = is_particular && !is_mistaken && self.dice.chance(80);
        let mut group = chance::before(&mut self.dice, subject, &request, is_even);
        if is_particular && !is_even {
            request.compare = chance::compare(subject, &outline);
        }
        if chance::is_named_by_server(subject, &request.words) {
            request.compare = Compare::Shape;
        }
        let key = chance::key_left_to_it(subject, &request.words, is_particular && !is_even);
        let delete = key.map(|key| Request {
            compare: Compare::Errors,
            is_levelling: true,
            ..Request::new(vec![b"DEL".to_vec(), key.to_vec()], number)
        });
        group.push(request);
        group.extend(delete);
        group
    }

    fn mistake(&mut self, subject: &Subject, request: &mut Request) {
        mistakes::make(&mut self.dice, &mut request.words, subject.words().count());
        let words = &request.words;
        request.cursor = request.cursor.filter(|at| words.get(*at).is_some_and(|w| w == b"0"));
        request.payload = None;
        request.is_mistaken = true;
        request.places.clear();
    }

    /// The number of a subject.
    fn choose(&mut self) -> usize {
        let mut at = self.dice.below(self.weights.iter().sum());
        let chosen = self.weights.iter().position(|weight| match at.checked_sub(*weight) {
            Some(rest) => {
                at = rest;
                false
            }
            None => true,
        });
        chosen.expect("the weights sum up")
    }

    fn fill(&mut self, subject: &Subject, number: usize, outline: &Outline) -> Request {
        let dice = &mut self.dice;
        let kin = if subject.kin == Kin::Any { words::any_kin(dice) } else { subject.kin };
        let mut words: Vec<Vec<u8>> =
            subject.words().map(|word| word.to_ascii_uppercase().into_bytes()).collect();
        let (mut cursor, mut payload) = (None, None);
        for (at, slot) in outline.slots.iter().enumerate() {
            let arg = match slot {
                Slot::Token(token) => {
                    words.push(cased(dice, token));
                    continue;
                }
                Slot::Value(arg) => arg,
            };
            let source = Source::of(subject, arg, outline);
            words.push(match source {
                Source::Number => count(dice, outline.counted_after(at)),
                source => words::word(dice, source, kin),
            });
            let word = words.len() - 1;
            if source == Source::Payload {
                let (look_back, is_broken) = (dice.below(8), dice.chance(10));
                payload = Some(Payload { word, look_back, is_broken });
            } else if source == Source::Cursor && words[word] == b"0" {
                cursor = Some(word);
            }
        }
        Request {
            compare: subject.compare,
            places: outline.places.clone(),
            cursor,
            payload,
            ..Request::new(words, number)
        }
    }

    /// Some requests between MULTI and EXEC; now and then one that can't be queued.
    fn plan_transaction(&mut self) {
        let mut inside = Vec::new();
        while inside.len() < 4 {
            let group = self.invent();
            if group.iter().all(|request| request.is_repeatable() && !request.is_mistaken) {
                inside.extend(group);
            }
        }
        if self.dice.chance(10) {
            inside.push(Request::new(vec![b"GET".to_vec()], inside[0].subject));
        }
        // What is only queued has not succeeded.
        inside.iter_mut().for_each(|request| request.places.clear());
        let replies: Vec<_> =
            inside.iter().map(|request| (request.subject, request.compare)).collect();
        let plain = |word: &str| Request::new(vec![word.into()], replies[0].0);
        self.next.push_back(plain("MULTI"));
        self.next.extend(inside);
        self.next.push_back(Request { inside: replies.clone(), ..plain("EXEC") });
    }
}

/// What CLIENT CACHING may say after a request, if it is one that begins such tracking.
fn caching_after(request: &Request) -> Option<&'static [u8]> {
    let has =
        |word: &str| request.words.iter().any(|own| own.eq_ignore_ascii_case(word.as_bytes()));
    match (has("TRACKING") && has("ON"), has("OPTIN"), has("OPTOUT")) {
        (true, true, false) => Some(b"YES"),
        (true, false, true) => Some(b"NO"),
        _ => None,
    }
}

fn cased(dice: &mut Dice, token: &str) -> Vec<u8> {
    let token = if dice.chance(10) { token.to_ascii_lowercase() } else { token.to_owned() };
    token.into_bytes()
}

fn count(dice: &mut Dice, keys: usize) -> Vec<u8> {
    let wrong: &[usize] = &[0, keys + 1, keys.saturating_sub(1), usize::MAX, 1 << 40];
    let count = if dice.chance(5) { *dice.pick(wrong) } else { keys };
    count.to_string().into_bytes()
}

const MISTAKEN_PERCENT: usize = 12;
/// How many connections take turns where several do.
pub const CONNECTIONS: usize = 4;

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::Generator;
    use super::Subject;
    use crate::version::Version;

    #[test]
    fn a_seed_repeats_its_requests() {
        let subjects: Rc<[Subject]> = Subject::all(Version::of("99")).into();
        let words = |seed| {
            let mut generator = Generator::new(seed, Rc::clone(&subjects));
            (0..50).map(|_| generator.request().words).collect::<Vec<_>>()
        };
        assert_eq!(words(1), words(1));
        assert_ne!(words(1), words(2));
    }
}
