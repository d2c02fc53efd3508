//! What plans ask of a scan.

use cairn_analysis::{FunnelPer, FunnelPlan, GraphPlan, Groups, KeyPlan, Measure};
use cairn_model::{Predicate, TimeMs};

use crate::scan::{Hold, Question, Range, Wanted};

/// The question of a graph of events.
pub(crate) fn graph_question<'q>(plan: &'q GraphPlan, groups: &'q Groups) -> Question<'q> {
    let from = plan.buckets.starts.first().map_or(i64::MIN, |from| from.0);
    Question {
        predicates: plan.event.iter().collect(),
        range: Range { from, to: plan.buckets.end.0.min(plan.as_of.0.saturating_add(1)) },
        wanted: Wanted {
            number: plan.measure.property(),
            sessions: plan.measure == Measure::Sessions,
            ..Wanted::keys(&plan.group_by, groups)
        },
    }
}

/// The question of a funnel; `holds` numbers what is held.
pub(crate) fn funnel_question<'q>(plan: &'q FunnelPlan, groups: &'q Groups, holds: &'q Groups) -> Question<'q> {
    let mut question = question(plan.events(), plan.range(), (&plan.group_by, groups));
    question.wanted.sessions = plan.per == FunnelPer::Session;
    question.wanted.hold = (!plan.hold.is_empty()).then_some(Hold { keys: &plan.hold, groups: holds });
    question
}

/// The question for events in a range, by keys.
pub(crate) fn question<'q>(
    predicates: impl IntoIterator<Item = &'q Predicate>,
    (from, to): (TimeMs, TimeMs),
    (keys, groups): (&'q [KeyPlan], &'q Groups),
) -> Question<'q> {
    let range = Range { from: from.0, to: to.0 };
    Question { predicates: predicates.into_iter().collect(), range, wanted: Wanted::keys(keys, groups) }
}

/// The same with the events' sessions.
pub(crate) fn of_sessions(mut question: Question<'_>) -> Question<'_> {
    question.wanted.sessions = true;
    question
}
