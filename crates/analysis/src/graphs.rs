//! Graphs of several events: which groups they share, and what is made of their numbers.

use crate::{
    Budget, Formula, GraphAnswer, GraphLine, GraphsAnswer, GraphsPlan, GroupId, Groups, Measure, Number,
    PreviousAnswer, PreviousPlan, Series, Stopped, Totals, letter, rank,
};

/// The groups that stand on their own, in the order of the answer. `totals` has, of each event, the groups that it has with the order of
/// their totals, and that of a group that it has not.
pub fn shared_groups(
    groups: &Groups,
    totals: &[(Vec<(GroupId, u64)>, u64)],
    top: usize,
    budget: &Budget,
) -> Result<Vec<GroupId>, Stopped> {
    let numbers = totals.iter().flat_map(|(of, _)| of).map(|(group, _)| group.0 as usize + 1).max().unwrap_or(0);
    let mut orders: Vec<Option<Vec<u64>>> = vec![None; numbers];
    for (event, (of, _)) in totals.iter().enumerate() {
        for (at, (group, order)) in of.iter().enumerate() {
            budget.check_at(at)?;
            let nothing = || totals.iter().map(|(_, nothing)| *nothing).collect();
            orders[group.0 as usize].get_or_insert_with(nothing)[event] = *order;
        }
    }
    let known = orders.into_iter().zip(0..).filter_map(|(orders, group)| Some((GroupId(group), orders?)));
    rank::first_of(groups, known.collect(), top, budget)
}

impl GraphsPlan {
    /// The answer, made of each event's: of the range and, if it is asked for, of the period before. All have the same groups, but
    /// the rest may be missing. `faulty` is test-only: wrong, to prove that the tests would notice.
    pub fn assemble(
        &self,
        current: Vec<GraphAnswer>,
        previous: Option<Vec<GraphAnswer>>,
        (faulty, budget): (bool, &Budget),
    ) -> Result<GraphsAnswer, Stopped> {
        let of_other = |answer: &GraphAnswer| answer.series.last().is_some_and(|series| series.other);
        let other = current.iter().chain(previous.iter().flatten()).any(of_other);
        let previous = self.previous.as_ref().zip(previous).map(|(plan, answers)| {
            Ok(PreviousAnswer {
                from: plan.names.first().cloned().unwrap_or_default(),
                buckets: plan.beside.iter().map(|at| at.and_then(|at| plan.names.get(at).cloned())).collect(),
                lines: self.lines(answers, other, Some(plan), (faulty, budget))?,
            })
        });
        let (previous, lines) = (previous.transpose()?, self.lines(current, other, None, (faulty, budget))?);
        Ok(GraphsAnswer { buckets: self.names.clone(), lines, previous })
    }

    fn lines(
        &self,
        answers: Vec<GraphAnswer>,
        other: bool,
        previous: Option<&PreviousPlan>,
        (faulty, budget): (bool, &Budget),
    ) -> Result<Vec<GraphLine>, Stopped> {
        let events = answers.into_iter().zip(&self.events).enumerate().map(|(at, (mut answer, plan))| {
            let buckets = answer.total.values.len();
            if other && !answer.series.last().is_some_and(|series| series.other) {
                let nothing = nothing(&plan.measure);
                let totals = Totals { values: vec![nothing.clone(); buckets], total: nothing, trailing: Vec::new() };
                answer.series.push(Series { group: None, other: true, totals });
            }
            let mut line = GraphLine {
                event: Some(letter(at).to_string()),
                formula: None,
                series: answer.series,
                total: answer.total,
                skipped: answer.skipped,
            };
            if let Some(plan) = previous {
                totals_of(&mut line).for_each(|totals| totals.values = beside(plan, &totals.values));
            }
            line
        });
        let mut lines: Vec<GraphLine> = events.collect();
        let events = lines.len();
        for formula in &self.formulas {
            lines.push(line_of(formula, &lines[..events], (faulty, budget))?);
        }
        if let Some(buckets) = self.trailing {
            for totals in lines.iter_mut().flat_map(totals_of) {
                totals.trailing = trailing(&totals.values, buckets, budget)?;
            }
        }
        Ok(lines)
    }
}

/// The number of a group that an event has not.
pub(crate) fn nothing(measure: &Measure) -> Number {
    match measure {
        Measure::Count | Measure::Users | Measure::Sessions | Measure::Histogram(_) => Number::Count(0),
        Measure::Sum(_) => Number::Real(0.0),
        Measure::CountPerUser
        | Measure::Avg(_)
        | Measure::Min(_)
        | Measure::Max(_)
        | Measure::Percentile { .. }
        | Measure::Summary(_) => Number::Nothing,
    }
}

fn totals_of(line: &mut GraphLine) -> impl Iterator<Item = &mut Totals> {
    line.series.iter_mut().map(|series| &mut series.totals).chain([&mut line.total])
}

/// The period's values beside those of the range.
fn beside(plan: &PreviousPlan, values: &[Number]) -> Vec<Number> {
    plan.beside.iter().map(|at| at.and_then(|at| values.get(at).cloned()).unwrap_or(Number::Nothing)).collect()
}

/// A formula's numbers: of each group and bucket from the events' numbers there, of totals from their totals. There is an event, and all
/// have the same groups and buckets.
fn line_of(formula: &Formula, events: &[GraphLine], (faulty, budget): (bool, &Budget)) -> Result<GraphLine, Stopped> {
    let number =
        |of: &dyn Fn(&Totals) -> Option<f64>, totals: &[&Totals]| match formula.value(&|event| of(totals[event])) {
            Some(value) => Number::Real(value),
            None if faulty => Number::Real(0.0),
            None => Number::Nothing,
        };
    let totals = |of_events: Vec<&Totals>| {
        let value = |at: usize| {
            budget.check_at(at)?;
            Ok(number(&|totals| totals.values[at].value(), &of_events))
        };
        let values = (0..of_events[0].values.len()).map(value).collect::<Result<_, Stopped>>()?;
        Ok(Totals { values, total: number(&|totals| totals.total.value(), &of_events), trailing: Vec::new() })
    };
    let series = events[0].series.iter().enumerate().map(|(place, first)| {
        let totals = totals(events.iter().map(|line| &line.series[place].totals).collect())?;
        Ok(Series { group: first.group.clone(), other: first.other, totals })
    });
    Ok(GraphLine {
        event: None,
        formula: Some(formula.text.clone()),
        series: series.collect::<Result<_, Stopped>>()?,
        total: totals(events.iter().map(|line| &line.total).collect())?,
        skipped: None,
    })
}

/// Of each bucket the mean of it and those before it, `buckets` in all; nothing where one of them has no number, or there are fewer.
fn trailing(values: &[Number], buckets: usize, budget: &Budget) -> Result<Vec<Number>, Stopped> {
    let mean = |end: usize| {
        let window = &values[end.checked_sub(buckets)?..end];
        let sum = window.iter().map(Number::value).sum::<Option<f64>>()?;
        Some(sum / buckets as f64 + 0.0).filter(|mean| mean.is_finite())
    };
    let number = |end| {
        budget.check_at(end - 1)?;
        Ok(mean(end).map_or(Number::Nothing, Number::Real))
    };
    (1..=values.len()).map(number).collect()
}
