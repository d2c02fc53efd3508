//! The kernel of segments: of which users what they did is true.

use crate::{Budget, GroupId, Kernel, LeafKind, Rows, SegmentLeaf, SegmentPlan, Stopped};

/// Follows each user through a segment's events. Bit `i` of the rows is event `i` of the plan.
pub struct SegmentKernel<'a> {
    plan: &'a SegmentPlan,
    faulty: bool,
}

/// The users so far, and the current one.
#[derive(Debug)]
pub struct SegmentPartial {
    /// Of each leaf, the users of whom it is not what it is of whoever did nothing.
    changed: Vec<Vec<u32>>,
    current: Vec<State>,
}

/// What is known of the current user, for one leaf.
#[derive(Clone, Copy, Debug, Default)]
struct State {
    times: u64,
    held: bool,
    /// When it was done last, in the range.
    last: Option<i64>,
}

impl SegmentLeaf {
    /// Whether it is true of whoever did nothing.
    pub fn of_nothing(&self) -> bool {
        self.of(&State::default())
    }

    fn of(&self, state: &State) -> bool {
        match self.kind {
            LeafKind::Times(least, most) => state.times >= least && state.times <= most,
            LeafKind::First | LeafKind::Then(..) => state.held,
        }
    }

    #[inline]
    fn see(&self, state: &mut State, matches: u32, time: i64) {
        let (done, inside) = (matches >> self.event & 1 == 1, time >= self.from && time < self.to);
        match self.kind {
            LeafKind::Times(..) => state.times += u64::from(done && inside),
            LeafKind::First if done => {
                state.held |= inside && state.times == 0;
                state.times += 1;
            }
            LeafKind::First => {}
            LeafKind::Then(then, within_ms) => {
                // One event is not both.
                if matches >> then & 1 == 1 && state.last.is_some_and(|last| time - last <= within_ms) {
                    state.held = true;
                }
                if done && inside {
                    state.last = Some(time);
                }
            }
        }
    }
}

impl<'a> SegmentKernel<'a> {
    /// The kernel of `plan`.
    pub fn new(plan: &'a SegmentPlan) -> Self {
        Self { plan, faulty: false }
    }

    /// Test-only: counts wrongly, to prove that the tests would notice.
    #[doc(hidden)]
    #[must_use]
    pub fn faulty(mut self, faulty: bool) -> Self {
        self.faulty = faulty;
        self
    }
}

impl Kernel for SegmentKernel<'_> {
    type Partial = SegmentPartial;
    /// Of each leaf, by number, the users of whom it is not [`SegmentLeaf::of_nothing`]; in no order.
    type Output = Vec<Vec<u32>>;

    fn init(&self) -> SegmentPartial {
        let leaves = self.plan.leaves.len();
        SegmentPartial { changed: vec![Vec::new(); leaves], current: vec![State::default(); leaves] }
    }

    fn push(&self, partial: &mut SegmentPartial, rows: &Rows<'_>) {
        for at in rows.relevant().skip(usize::from(self.faulty)) {
            for (leaf, state) in self.plan.leaves.iter().zip(&mut partial.current) {
                leaf.see(state, rows.matches[at], rows.times[at]);
            }
        }
    }

    fn close(&self, partial: &mut SegmentPartial, user: u32, _: GroupId) {
        let leaves = self.plan.leaves.iter().zip(&mut partial.current).zip(&mut partial.changed);
        for ((leaf, state), changed) in leaves {
            if leaf.of(state) != leaf.of_nothing() {
                changed.push(user);
            }
            *state = State::default();
        }
    }

    fn bytes(&self, partial: &SegmentPartial) -> usize {
        partial.changed.iter().map(|users| 4 * users.capacity()).sum()
    }

    fn merge(&self, into: &mut SegmentPartial, from: SegmentPartial) {
        into.changed.iter_mut().zip(from.changed).for_each(|(into, mut from)| into.append(&mut from));
    }

    fn finish(&self, partial: SegmentPartial, _: &Budget) -> Result<Vec<Vec<u32>>, Stopped> {
        Ok(partial.changed)
    }
}
