//! What a question sees, all of one instant.

use std::{ops::RangeInclusive, sync::Arc};

use cairn_analysis::{Budget, Held, Question, StoreError, TimeRange, Touched};
use cairn_model::{Position, Predicate};

use super::{
    bound::{CODE_BYTES, TIME_BYTES},
    columns::Columns,
    cuts::Cuts,
    filled::{self, Filled},
    list::List,
};
use crate::{
    index::{self, Indexed},
    kept::Kept,
    part::Part,
    predicate::Meaning,
    project::{Project, read_symbols},
    segments::Chosen,
    users::{UserBits, UserSet, Users},
};

/// One user id of a person.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Member {
    pub(crate) number: u32,
    pub(crate) id: u64,
    /// Its messages are erased up to when, by `received_at`.
    pub(crate) erased_at: Option<i64>,
}

/// One instant of a project, for a question.
pub(crate) struct Snapshot<'q> {
    /// By time.
    pub(crate) parts: Vec<Arc<Part>>,
    pub(crate) meanings: Vec<Meaning>,
    /// Where each event can be had from definition indexes: of which, and what else must hold.
    pub(super) indexed: Option<Vec<(Indexed, Meaning)>>,
    pub(super) columns: Columns<'q>,
    /// The relevant events of the tails.
    pub(super) tails: List,
    /// How many users have numbers.
    pub(super) users: u32,
    /// Users who are not scanned with the others: persons of several user ids, or with an erasure.
    pub(super) special: Arc<UserSet>,
    /// Who belongs to whom.
    all_users: Users,
    pub(super) range: TimeRange,
    pub(crate) positions: Vec<Position>,
    /// Rows of the tails.
    pub(super) tail_rows: usize,
    pub(crate) budget: &'q Budget,
    /// What the list of the tails takes.
    _held: Held<'q>,
    pub(super) cuts: Arc<Kept<Arc<Cuts>>>,
    pub(super) filled: Arc<Kept<Arc<Filled>>>,
    /// What the columns that are kept of its parts may take together, in bytes.
    pub(super) filled_max: usize,
}

impl<'q> Snapshot<'q> {
    /// The snapshot of `project` for a question.
    pub(crate) fn take(
        project: &Project,
        positions: Vec<Position>,
        question: &Question<'q>,
        budget: &'q Budget,
    ) -> Result<Self, StoreError> {
        budget.check()?;
        let range = TimeRange { from: question.range.from.max(project.expiry()), to: question.range.to };
        let meaning = |predicate: &Predicate| {
            Meaning::of(predicate, &read_symbols(&project.symbols), (&*project.truths, budget), &project.users)
        };
        let meanings = question.predicates.iter().map(|predicate| meaning(predicate)).collect::<Result<Vec<_>, _>>()?;
        let indexed = question.predicates.iter().map(|predicate| project.definitions.within(predicate));
        let indexed = indexed.collect::<Option<Vec<_>>>().map(|indexed| {
            let with_rest = indexed.into_iter().map(|(indexed, rest)| Ok((indexed, meaning(&rest)?)));
            with_rest.collect::<Result<Vec<_>, StoreError>>()
        });
        let columns = Columns::new(&question.wanted, project)?;
        let mut parts = project.parts.clone();
        parts.sort_by_key(|part| part.times_span());
        let source = (parts.len() as u32, budget);
        let tails = List::of_tails(project, &meanings, &columns, (range.from, range.to), source)?;
        let mut held = budget.hold();
        held.set(tails.bytes());
        Ok(Self {
            tails,
            parts,
            meanings,
            indexed: indexed.transpose()?,
            columns,
            users: project.users.len(),
            special: project.users.special()?,
            all_users: project.users.clone(),
            range,
            positions,
            tail_rows: project.tails().map(|tail| tail.rows()).sum(),
            budget,
            _held: held,
            cuts: project.cuts.clone(),
            filled: project.filled.clone(),
            filled_max: filled::BYTES_MAX,
        })
    }

    /// Takes in the users of the question's segments.
    pub(crate) fn choose(&mut self, chosen: &Chosen) {
        self.columns.keys.set_segments(&chosen.keys);
        chosen.only.iter().for_each(|users| self.restrict(users));
    }

    /// Only events of these users are left.
    fn restrict(&mut self, users: &Arc<UserBits>) {
        let of_them = |meaning: &mut Meaning| {
            let both = vec![std::mem::replace(meaning, Meaning::All(Vec::new())), Meaning::User(users.clone())];
            *meaning = Meaning::All(both);
        };
        self.meanings.iter_mut().for_each(of_them);
        self.indexed.iter_mut().flatten().for_each(|(_, rest)| of_them(rest));
        self.tails.retain(|user| users.of(user));
    }

    /// Notes which definitions the question uses. True if one of them has no index for want of use: this question scans, and the
    /// index is to be built again.
    pub(crate) fn use_definitions(&self) -> bool {
        let usages = self.indexed.iter().flatten().map(|(indexed, _)| &indexed.usage);
        usages.fold(false, |retired, usage| {
            usage.ask();
            retired || usage.retired()
        })
    }

    /// What of tails is looked at: of each row the user, the time and a code.
    pub(super) fn tails_touched(&self) -> Touched {
        let row_bytes = CODE_BYTES + TIME_BYTES + CODE_BYTES;
        let bytes = (self.tail_rows * row_bytes) as u64;
        Touched { rows: self.tail_rows as u64, bytes, ..Touched::default() }
    }

    /// How many hits definition indexes have for the question; `usize::MAX` where not all are there.
    pub(super) fn indexed_hits(&self) -> usize {
        let Some(indexed) = &self.indexed else { return usize::MAX };
        let mut sum = 0_usize;
        for part in &self.parts {
            match index::hits(part, indexed) {
                Some(indexes) => sum += indexes.iter().map(|index| index.len()).sum::<usize>(),
                None => return usize::MAX,
            }
        }
        sum
    }

    /// Whoever is not scanned with the others, by person, of those whose least number is in a range.
    pub(super) fn persons(
        &self,
        range: RangeInclusive<u32>,
    ) -> Result<impl Iterator<Item = Result<Vec<Member>, StoreError>>, StoreError> {
        let persons = self.all_users.special_persons(range)?;
        Ok(persons.map(|members| members.into_iter().map(|number| self.member(number)).collect()))
    }

    /// How many users have an erasure.
    pub(super) fn erased_count(&self) -> usize {
        self.all_users.erased().len()
    }

    /// The users with an erasure, rising.
    pub(super) fn erased(&self) -> Result<Vec<Member>, StoreError> {
        let erased = self.all_users.erased().map(|(number, _)| self.member(number));
        let mut erased = erased.collect::<Result<Vec<_>, _>>()?;
        erased.sort_unstable_by_key(|member| member.number);
        Ok(erased)
    }

    fn member(&self, number: u32) -> Result<Member, StoreError> {
        let users = &self.all_users;
        Ok(Member { number, id: users.id(number)?, erased_at: users.erased_at(number) })
    }

    /// An event's user number and event id, by its place.
    pub(crate) fn event_at(&self, (source, row): (u32, u32)) -> Result<(u32, u64), StoreError> {
        let row = row as usize;
        match self.parts.get(source as usize) {
            Some(part) => {
                let starts = part.starts()?;
                let at = crate::part::lower_bound(&starts, row as u32 + 1).saturating_sub(1);
                Ok((part.users()?.get(at), part.event_ids()?.get(row)))
            }
            None => Ok((self.tails.user_of(row), self.tails.event_ids[row])),
        }
    }
}
