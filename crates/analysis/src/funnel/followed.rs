//! The attempts of one user in funnels that [`super::attempts`] is not for: in other orders, with events that end attempts or properties
//! that are held, or of sessions.
//!
//! Each event is shown to the attempts that are under way. An attempt is at level `k` once it has taken `k` steps. What is said there of sequential
//! attempts is true in every order: of those at one level only the one that started last is needed, so that there are never more attempts under way than
//! steps, and a user's events take time in proportion to their number, and to that of steps (in any order, to its square).
//! - Sequential: see there.
//! - Strict: each event that matches a step takes an attempt to the next level or ends it, so no two that start at different events are ever at one level.
//! - Any: an attempt's level is how many steps the events after its start can fill. An attempt that started earlier has seen all that one that
//!   started later has, and more; if both are at one level, what the one has seen more filled nothing, and will not help it later
//!   (see [`super::assignment`]). So they move on together, and the one that started last lasts longest.
//! - An excluded event ends all attempts that are under way, at whatever level. It fills no step itself, the first neither.
//! - Held properties part a user's events by their values: only those of one combination meet the same attempts. They are not looked for in excluded events.
//! - Sessions are apart in every respect, and each counts like a user.
//!
//! A user, or session, is still open if any attempt that is under way at "as of" still has time.

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use super::course::{Attempt, Course, Rules};
use crate::{FunnelPer, FunnelPlan, GroupId, Rows};

/// The attempts of the current user.
#[derive(Debug)]
pub(super) struct Followed {
    rules: Rules,
    /// The bits of steps among those of an event.
    known: u32,
    holds: bool,
    /// What counts once: the user, or each session.
    units: Units,
}

#[derive(Debug)]
enum Units {
    User(Unit),
    Sessions(HashMap<u64, Unit, FixedState>),
}

/// A user or a session.
#[derive(Debug, Default)]
struct Unit {
    /// The attempt that counts, as it was when it came to its level.
    counted: Option<Attempt>,
    /// Where nothing is held.
    course: Course,
    /// Where something is: by what is held, and how many excluded events there had been when it was last used.
    held: HashMap<u32, (u32, Course), FixedState>,
    /// How many excluded events there were.
    excluded: u32,
}

impl Followed {
    /// Whose attempts go on for so long.
    pub(super) fn new(plan: &FunnelPlan, window_ms: i64) -> Self {
        Self {
            rules: Rules::new(plan, window_ms),
            known: u32::MAX >> (u32::BITS as usize - plan.steps.len()),
            holds: !plan.hold.is_empty(),
            units: match plan.per {
                FunnelPer::User => Units::User(Unit::default()),
                FunnelPer::Session => Units::Sessions(HashMap::default()),
            },
        }
    }

    /// The next events.
    pub(super) fn push(&mut self, rows: &Rows<'_>) {
        for i in rows.relevant() {
            let unit = match &mut self.units {
                Units::User(unit) => unit,
                Units::Sessions(_) if rows.session(i) == 0 => continue,
                Units::Sessions(units) => units.entry(rows.session(i)).or_default(),
            };
            let matches = rows.matches[i];
            if matches & !self.known != 0 {
                unit.end();
            } else if self.holds {
                unit.meet_held(&self.rules, (rows.times[i], matches), rows.hold(i), rows.group(i));
            } else {
                unit.meet(&self.rules, (rows.times[i], matches), rows.group(i));
            }
        }
    }

    /// Whether more events of the user change nothing: the user has converted.
    pub(super) fn is_settled(&self) -> bool {
        matches!(&self.units, Units::User(unit) if unit.has_converted(&self.rules))
    }

    /// The user has no more events: gives what counts, and whether it is still open. The next user begins.
    pub(super) fn close(&mut self, as_of: i64, mut count: impl FnMut(&Attempt, bool)) {
        let mut count = |unit: &Unit| {
            if let Some(counted) = &unit.counted {
                count(counted, !unit.has_converted(&self.rules) && unit.is_alive(as_of));
            }
        };
        match &mut self.units {
            Units::User(unit) => {
                count(unit);
                unit.clear();
            }
            Units::Sessions(units) => std::mem::take(units).values().for_each(count),
        }
    }
}

impl Unit {
    fn has_converted(&self, rules: &Rules) -> bool {
        self.counted.as_ref().is_some_and(|counted| counted.times.len() == rules.steps)
    }

    /// An event that matches these steps.
    fn meet(&mut self, rules: &Rules, (time, steps): (i64, u32), group: GroupId) {
        if self.has_converted(rules) {
            return;
        }
        self.course.meet(rules, (time, steps), &mut self.counted);
        if rules.starts(time, steps) {
            self.course.start(rules, time, group, &mut self.counted);
        }
    }

    /// The same where properties are held, of which it has these values.
    fn meet_held(&mut self, rules: &Rules, (time, steps): (i64, u32), hold: u32, group: GroupId) {
        if hold == 0 || self.has_converted(rules) {
            return;
        }
        let Self { counted, held, excluded, .. } = self;
        let starts = rules.starts(time, steps);
        let course = match starts {
            true => Some(held.entry(hold).or_default()),
            false => held.get_mut(&hold),
        };
        let Some((seen, course)) = course else { return };
        if *seen < *excluded {
            course.end();
            *seen = *excluded;
        }
        course.meet(rules, (time, steps), counted);
        if starts {
            course.start(rules, time, group, counted);
        }
    }

    /// All attempts end.
    fn end(&mut self) {
        self.excluded += 1;
        self.course.end();
    }

    /// Whether an attempt is alive at "as of".
    fn is_alive(&self, as_of: i64) -> bool {
        let is_alive = |(seen, course): &(u32, Course)| *seen == self.excluded && course.is_alive(as_of);
        self.course.is_alive(as_of) || self.held.values().any(is_alive)
    }

    fn clear(&mut self) {
        self.counted = None;
        self.course.end();
        // What one user needed much room for, the next ones need not walk over.
        self.held = HashMap::default();
        self.excluded = 0;
    }
}
