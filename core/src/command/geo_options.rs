//! What a search for places is about, and what is to be told of those found.
//!
//! Redis reads the options from left to right and looks members up as it goes, so the first thing
//! that is wrong is what it complains of. Where there is no set, a member's place is not asked for.

use super::geo::point;
use super::geo::unit;
use super::integer;
use crate::data::ZSet;
use crate::data::geo::Extent;
use crate::data::geo::Point;
use crate::data::geo::Shape;
use crate::data::number;
use crate::error;
use crate::error::CommandError;
use crate::resp::Args;

/// The commands, by what they leave to their options.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Radius { stores: bool },
    RadiusByMember { stores: bool },
    Search,
    SearchStore,
}

/// A search as it was asked for.
pub(super) struct Search<'a> {
    /// None if there is nothing to search.
    pub(super) shape: Option<Shape>,
    pub(super) options: Options<'a>,
}

#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Options<'a> {
    pub(super) with_distance: bool,
    pub(super) with_hash: bool,
    pub(super) with_point: bool,
    pub(super) count: Option<usize>,
    /// As many as `count` says are enough, whichever these are.
    pub(super) is_any: bool,
    pub(super) order: Order,
    /// The key under which those found are stored.
    pub(super) store: Option<&'a [u8]>,
    pub(super) stores_distance: bool,
}

/// The order of those found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Order {
    #[default]
    Found,
    Ascending,
    Descending,
}

/// What has been read of the options.
struct Parser<'a, 'z> {
    args: Args<'a>,
    kind: Kind,
    zset: Option<&'z ZSet>,
    options: Options<'a>,
    from: Option<From>,
    by: Option<(Extent, f64)>,
}

/// Where the search is.
#[derive(Clone, Copy)]
enum From {
    /// None where there is no set to have it.
    Member(Option<Point>),
    Place(Point),
}

impl Kind {
    /// The word that is the key to search.
    pub(super) const fn source(self) -> usize {
        if matches!(self, Self::SearchStore) { 2 } else { 1 }
    }

    /// The first word that may be an option.
    const fn first_option(self) -> usize {
        match self {
            Self::Radius { .. } => 6,
            Self::RadiusByMember { .. } => 5,
            Self::Search => 2,
            Self::SearchStore => 3,
        }
    }

    const fn is_search(self) -> bool {
        matches!(self, Self::Search | Self::SearchStore)
    }

    const fn may_store(self) -> bool {
        matches!(self, Self::Radius { stores: true } | Self::RadiusByMember { stores: true })
    }
}

impl<'a> Search<'a> {
    /// Reads all words after the key; `zset` is what is under it.
    pub(super) fn parse(
        args: Args<'a>,
        kind: Kind,
        zset: Option<&ZSet>,
    ) -> Result<Self, CommandError> {
        let (options, from, by) = (Options::default(), None, None);
        let mut parser = Parser { args, kind, zset, options, from, by };
        parser.fixed_words()?;
        let mut at = kind.first_option();
        while at < args.len() {
            at += parser.option(at)?;
        }
        parser.finish()
    }
}

impl<'a> Parser<'a, '_> {
    /// The place and the radius of the elder commands.
    fn fixed_words(&mut self) -> Result<(), CommandError> {
        let args = self.args;
        match self.kind {
            Kind::Radius { .. } => {
                self.from = Some(From::Place(point(args.at(2), args.at(3))?));
                self.by = Some(radius(args, 4)?);
            }
            Kind::RadiusByMember { .. } if self.zset.is_some() => {
                self.from = Some(self.member(args.at(2))?);
                self.by = Some(radius(args, 3)?);
            }
            Kind::RadiusByMember { .. } => {}
            Kind::Search => {}
            Kind::SearchStore => self.options.store = Some(args.at(1)),
        }
        Ok(())
    }

    /// Takes the option at word `at`; returns how many words it is.
    fn option(&mut self, at: usize) -> Result<usize, CommandError> {
        let args = self.args;
        let follow = args.len() - at - 1;
        let options = &mut self.options;
        if args.is(at, "WITHDIST") {
            options.with_distance = true;
        } else if args.is(at, "WITHHASH") {
            options.with_hash = true;
        } else if args.is(at, "WITHCOORD") {
            options.with_point = true;
        } else if args.is(at, "ANY") {
            options.is_any = true;
        } else if args.is(at, "ASC") {
            options.order = Order::Ascending;
        } else if args.is(at, "DESC") {
            options.order = Order::Descending;
        } else if args.is(at, "COUNT") && follow >= 1 {
            options.count = Some(count(args.at(at + 1))?);
            return Ok(2);
        } else if self.kind.may_store() && follow >= 1 {
            options.stores_distance = match args {
                _ if args.is(at, "STORE") => false,
                _ if args.is(at, "STOREDIST") => true,
                _ => return Err(error::SYNTAX),
            };
            options.store = Some(args.at(at + 1));
            return Ok(2);
        } else if self.kind.is_search() {
            return self.search_option(at, follow);
        } else {
            return Err(error::SYNTAX);
        }
        Ok(1)
    }

    /// As [`Self::option`], of those that only GEOSEARCH has.
    fn search_option(&mut self, at: usize, follow: usize) -> Result<usize, CommandError> {
        let args = self.args;
        let may_be_member = !matches!(self.from, Some(From::Place(_)));
        let may_be_place = !matches!(self.from, Some(From::Member(_)));
        let may_be_radius = !matches!(self.by, Some((Extent::Box { .. }, _)));
        let may_be_box = !matches!(self.by, Some((Extent::Radius(_), _)));
        if args.is(at, "FROMMEMBER") && follow >= 1 && may_be_member {
            self.from = Some(self.member(args.at(at + 1))?);
            Ok(2)
        } else if args.is(at, "FROMLONLAT") && follow >= 2 && may_be_place {
            self.from = Some(From::Place(point(args.at(at + 1), args.at(at + 2))?));
            Ok(3)
        } else if args.is(at, "BYRADIUS") && follow >= 2 && may_be_radius {
            self.by = Some(radius(args, at + 1)?);
            Ok(3)
        } else if args.is(at, "BYBOX") && follow >= 3 && may_be_box {
            self.by = Some(sides(args, at + 1)?);
            Ok(4)
        } else if args.is(at, "STOREDIST") && self.kind == Kind::SearchStore {
            self.options.stores_distance = true;
            Ok(1)
        } else {
            Err(error::SYNTAX)
        }
    }

    fn member(&self, name: &[u8]) -> Result<From, CommandError> {
        let Some(zset) = self.zset else { return Ok(From::Member(None)) };
        let score = zset.score(name).ok_or(error::NO_PLACE_OF_MEMBER)?;
        Ok(From::Member(Some(Point::from_score(score))))
    }

    /// Judges the options together.
    fn finish(mut self) -> Result<Search<'a>, CommandError> {
        let options = &mut self.options;
        if options.store.is_some()
            && (options.with_distance || options.with_hash || options.with_point)
        {
            return Err(match self.kind {
                Kind::SearchStore => error::GEOSEARCHSTORE_SHOWS,
                _ => error::GEORADIUS_STORE_SHOWS,
            });
        }
        if self.kind.is_search() && self.from.is_none() {
            return Err(error::exactly_one("FROMMEMBER or FROMLONLAT", self.args.at(0)));
        }
        if self.kind.is_search() && self.by.is_none() {
            return Err(error::exactly_one("BYRADIUS and BYBOX", self.args.at(0)));
        }
        if options.is_any && options.count.is_none() {
            return Err(error::ANY_WITHOUT_COUNT);
        }
        // The nearest are meant, if not just any.
        if options.count.is_some() && options.order == Order::Found && !options.is_any {
            options.order = Order::Ascending;
        }
        let centre = self.from.and_then(|from| match from {
            From::Member(place) => place,
            From::Place(place) => Some(place),
        });
        let shape = centre.zip(self.by);
        let shape = shape.map(|(centre, (extent, unit_m))| Shape { centre, extent, unit_m });
        Ok(Search { shape, options: self.options })
    }
}

fn count(word: &[u8]) -> Result<usize, CommandError> {
    let count = integer(word)?;
    let count = usize::try_from(count).ok().filter(|count| *count > 0);
    count.ok_or(error::COUNT_NOT_POSITIVE)
}

/// A radius and its unit, from word `at` on.
fn radius(args: Args<'_>, at: usize) -> Result<(Extent, f64), CommandError> {
    let radius = number::parse_f64(args.at(at)).ok_or(error::NEED_RADIUS)?;
    if radius < 0.0 {
        return Err(error::RADIUS_NEGATIVE);
    }
    Ok((Extent::Radius(radius), unit(args.at(at + 1))?))
}

/// A box's width and height and their unit, from word `at` on.
fn sides(args: Args<'_>, at: usize) -> Result<(Extent, f64), CommandError> {
    let width = number::parse_f64(args.at(at)).ok_or(error::NEED_WIDTH)?;
    let height = number::parse_f64(args.at(at + 1)).ok_or(error::NEED_HEIGHT)?;
    if height < 0.0 || width < 0.0 {
        return Err(error::SIDE_NEGATIVE);
    }
    Ok((Extent::Box { width, height }, unit(args.at(at + 2))?))
}
