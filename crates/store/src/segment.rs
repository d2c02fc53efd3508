//! The users of a segment, by bits.

use std::sync::Arc;

use cairn_analysis::{
    Budget, Groups, Listed, Question, SegmentKernel, SegmentPlan, SegmentTree, StoreError, TimeRange, Touched, Wanted,
};
use cairn_model::Position;

use crate::{
    predicate::Meaning,
    project::{Project, read_symbols},
    scan::{Scans, Snapshot},
    universe::USERS_PER_LOOK,
    users::{UserBits, Users},
};

/// What a segment needs of a project, of one instant.
pub(crate) struct Segment<'q> {
    plan: &'q SegmentPlan,
    /// Nothing where no event is asked about.
    snapshot: Option<Snapshot<'q>>,
    tree: Tree,
    /// Whose persons are of several user ids.
    users: Users,
}

/// The tree with what is known of users beforehand.
enum Tree {
    All(Vec<Tree>),
    Any(Vec<Tree>),
    Not(Box<Tree>),
    Known(Vec<u64>),
    Did(usize),
}

impl<'q> Segment<'q> {
    /// The groups are those of no keys.
    pub(crate) fn take(
        project: &Project,
        positions: &[Position],
        plan: &'q SegmentPlan,
        (groups, budget): (&'q Groups, &'q Budget),
    ) -> Result<Self, StoreError> {
        let snapshot = (!plan.events.is_empty()).then(|| {
            let (from, to) = plan.range();
            let range = TimeRange { from: from.0, to: to.0 };
            let question =
                Question { predicates: plan.events.iter().collect(), range, wanted: Wanted::keys(&[], groups) };
            Snapshot::take(project, positions.to_vec(), &question, budget)
        });
        Ok(Self {
            plan,
            snapshot: snapshot.transpose()?,
            tree: Tree::of(&plan.tree, project, budget)?,
            users: project.users.clone(),
        })
    }

    /// Of the events that it asks about.
    pub(crate) fn snapshot(&self) -> Option<&Snapshot<'q>> {
        self.snapshot.as_ref()
    }

    /// The users in it, and what was looked at to find them. A person is in it with all user ids.
    pub(crate) fn find(&self, faulty: bool) -> Result<(Arc<UserBits>, Touched), StoreError> {
        let mut touched = Touched::default();
        let kernel = SegmentKernel::new(self.plan).faulty(faulty);
        let changed = match &self.snapshot {
            Some(snapshot) => {
                let scans = Scans::new(snapshot, &kernel)?;
                let changed = scans.answer(&kernel)?;
                touched += scans.touched();
                changed
            }
            None => Vec::new(),
        };
        let mut leaves: Vec<Vec<u64>> = Vec::with_capacity(changed.len());
        for (leaf, changed) in self.plan.leaves.iter().zip(&changed) {
            self.snapshot.iter().try_for_each(|snapshot| snapshot.budget.check())?;
            leaves.push(self.leaf(leaf.of_nothing(), changed)?);
        }
        let words = self.words(&self.tree, &leaves);
        Ok((Arc::new(UserBits::of_words(words, self.users.len() as usize)), touched))
    }

    /// Of whom a leaf is true, which is `of_nothing` of all but the changed ones.
    fn leaf(&self, of_nothing: bool, changed: &[u32]) -> Result<Vec<u64>, StoreError> {
        let mut words = self.everybody(of_nothing);
        changed.iter().for_each(|user| set(&mut words, *user, !of_nothing));
        for members in self.users.shared_persons()? {
            // The one of them that a kernel was told stands for all.
            let truth = members.iter().any(|user| has(&words, *user) != of_nothing) != of_nothing;
            members.iter().for_each(|user| set(&mut words, *user, truth));
        }
        Ok(words)
    }

    fn everybody(&self, truth: bool) -> Vec<u64> {
        vec![if truth { u64::MAX } else { 0 }; self.users.len().div_ceil(64) as usize]
    }

    fn words(&self, tree: &Tree, leaves: &[Vec<u64>]) -> Vec<u64> {
        let join = |parts: &[Tree], start: bool, join: fn(&mut u64, u64)| {
            parts.iter().fold(self.everybody(start), |mut all, part| {
                let words = self.words(part, leaves);
                all.iter_mut().zip(words).for_each(|(all, word)| join(all, word));
                all
            })
        };
        match tree {
            Tree::All(parts) => join(parts, true, |all, word| *all &= word),
            Tree::Any(parts) => join(parts, false, |all, word| *all |= word),
            Tree::Not(part) => self.words(part, leaves).into_iter().map(|word| !word).collect(),
            Tree::Known(words) => words.clone(),
            Tree::Did(leaf) => leaves.get(*leaf).cloned().unwrap_or_else(|| self.everybody(false)),
        }
    }
}

impl Tree {
    fn of(tree: &SegmentTree, project: &Project, budget: &Budget) -> Result<Self, StoreError> {
        let users = &project.users;
        let list = |parts: &[SegmentTree]| {
            parts.iter().map(|part| Self::of(part, project, budget)).collect::<Result<Vec<Self>, StoreError>>()
        };
        Ok(match tree {
            SegmentTree::All(parts) => Tree::All(list(parts)?),
            SegmentTree::Any(parts) => Tree::Any(list(parts)?),
            SegmentTree::Not(part) => Tree::Not(Box::new(Self::of(part, project, budget)?)),
            SegmentTree::Did(leaf) => Tree::Did(*leaf),
            SegmentTree::User(predicate) => {
                let truths = (&*project.truths, budget);
                let meaning = Meaning::of(predicate, &read_symbols(&project.symbols), truths, users)?;
                Tree::known(users.len(), (0..users.len()).filter(|user| meaning.holds_for_user(*user)))
            }
            SegmentTree::List(listed) => {
                let mut numbers = Vec::new();
                for (at, one) in listed.iter().enumerate() {
                    if at.is_multiple_of(USERS_PER_LOOK) {
                        budget.check()?;
                    }
                    match one {
                        Listed::Handle(handle) => numbers.extend(users.members(handle)?),
                        Listed::User(id) => {
                            let number = users.find(id.get())?;
                            numbers
                                .extend(number.map(|number| users.person_of(number)).transpose()?.unwrap_or_default());
                        }
                    }
                }
                Tree::known(users.len(), numbers.into_iter())
            }
        })
    }

    fn known(users: u32, those: impl Iterator<Item = u32>) -> Self {
        let mut words = vec![0; (users as usize).div_ceil(64)];
        those.for_each(|user| set(&mut words, user, true));
        Tree::Known(words)
    }
}

fn set(words: &mut [u64], user: u32, truth: bool) {
    if let Some(word) = words.get_mut(user as usize / 64) {
        *word = *word & !(1 << (user % 64)) | u64::from(truth) << (user % 64);
    }
}

fn has(words: &[u64], user: u32) -> bool {
    words.get(user as usize / 64).is_some_and(|word| word >> (user % 64) & 1 == 1)
}
