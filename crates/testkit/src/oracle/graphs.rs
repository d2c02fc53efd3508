//! Graphs of several events by their definition.

use std::collections::BTreeSet;

use cairn_analysis::{
    Formula, GraphLine, GraphPlan, GraphsAnswer, GraphsPlan, Measure, Number, PreviousAnswer, Series, Totals,
};
use cairn_model::{UserId, Value};

use super::{Group, Oracle, Person, descending, group, numbers};

/// An event that counts.
struct Fact {
    person: Person,
    group: Group,
    bucket: usize,
    session: Option<(UserId, Value<'static>)>,
    /// Of a property's measure.
    number: Option<f64>,
}

impl Oracle {
    /// The answer to graphs of several events.
    pub(super) fn graphs(&self, plan: &GraphsPlan) -> GraphsAnswer {
        let here: Vec<Vec<Fact>> = plan.events.iter().map(|event| self.facts_of(event)).collect();
        let before = plan.previous.iter().flat_map(|previous| &previous.events);
        let before: Vec<Vec<Fact>> = before.map(|event| self.facts_of(event)).collect();
        let own = own_groups(plan, &here);
        let rest = |fact: &Fact| counts(fact) && !own.contains(&fact.group);
        // Where one of them has a rest, all have.
        let other = here.iter().chain(&before).flatten().any(rest);
        let lines = |events: &[GraphPlan], facts: &[Vec<Fact>], buckets: &[Option<usize>]| {
            let lines = events.iter().zip(facts).zip('A'..).map(|((event, facts), letter)| {
                let of = |wanted: &dyn Fn(&Fact) -> bool| totals(event, facts, buckets, wanted);
                let mut series: Vec<Series> = own
                    .iter()
                    .map(|own| Series {
                        group: Some(own.clone()),
                        other: false,
                        totals: of(&|fact| fact.group == *own),
                    })
                    .collect();
                if other {
                    series.push(Series { group: None, other: true, totals: of(&rest) });
                }
                let skipped = facts.iter().filter(|fact| !counts(fact)).count() as u64;
                GraphLine {
                    event: Some(letter.to_string()),
                    formula: None,
                    series,
                    total: of(&|_| true),
                    skipped: event.measure.property().map(|_| skipped),
                }
            });
            let mut lines: Vec<GraphLine> = lines.collect();
            let formulas: Vec<GraphLine> = plan.formulas.iter().map(|formula| line_of(formula, &lines)).collect();
            lines.extend(formulas);
            for line in &mut lines {
                line.total.trailing = averages(&line.total.values, plan.trailing);
                line.series.iter_mut().for_each(|of| of.totals.trailing = averages(&of.totals.values, plan.trailing));
            }
            lines
        };
        let all: Vec<Option<usize>> = (0..plan.names.len()).map(Some).collect();
        let previous = plan.previous.as_ref().map(|previous| {
            // The last buckets are side by side.
            let ahead = previous.names.len() as i64 - plan.names.len() as i64;
            let beside = (0..plan.names.len() as i64).map(|at| usize::try_from(at + ahead).ok());
            let beside: Vec<Option<usize>> = beside.collect();
            PreviousAnswer {
                from: previous.names[0].clone(),
                buckets: beside.iter().map(|at| at.map(|at| previous.names[at].clone())).collect(),
                lines: lines(&previous.events, &before, &beside),
            }
        });
        GraphsAnswer { buckets: plan.names.clone(), lines: lines(&plan.events, &here, &all), previous }
    }

    fn facts_of(&self, plan: &GraphPlan) -> Vec<Fact> {
        let Some(event) = &plan.event else { return Vec::new() };
        let (mut facts, keys) = (Vec::new(), self.keys(&plan.group_by));
        for (person, events) in self.histories(plan.as_of) {
            let properties = self.properties(&person);
            for of in events.into_iter().filter(|of| event.matches(of, &|name| properties.get(name))) {
                let bucket = plan.buckets.starts.iter().rposition(|start| *start <= of.time);
                let Some(bucket) = bucket.filter(|_| of.time < plan.buckets.end) else { continue };
                let number = match plan.measure.property() {
                    // Whatever is of no session is not of any group either.
                    None if plan.measure == Measure::Sessions && of.properties.get("session_id").is_none() => continue,
                    None => Some(0.0),
                    Some(property) => match of.properties.get(property) {
                        Some(Value::Number(number)) => Some(*number),
                        _ => None,
                    },
                };
                facts.push(Fact {
                    person: person.clone(),
                    group: group(&keys, of, (&person, &properties)),
                    bucket,
                    session: of.properties.get("session_id").map(|session| (of.user_id, session.clone())),
                    number,
                });
            }
        }
        facts
    }
}

/// Whether an event is not left out because its value is no number.
fn counts(fact: &Fact) -> bool {
    fact.number.is_some()
}

/// The first groups of all events by the first one's total, then the second one's, and so on; of equals by their values.
fn own_groups(plan: &GraphsPlan, facts: &[Vec<Fact>]) -> Vec<Group> {
    if plan.events.iter().all(|event| event.group_by.is_empty()) {
        return vec![Vec::new()];
    }
    let groups: BTreeSet<&Group> = facts.iter().flatten().filter(|fact| counts(fact)).map(|fact| &fact.group).collect();
    let of_events = |group: &Group| -> Vec<Number> {
        let lines = plan.events.iter().zip(facts);
        lines.map(|(event, facts)| totals(event, facts, &[], &|fact| fact.group == *group).total).collect()
    };
    let mut ranked: Vec<(Vec<Number>, &Group)> = groups.into_iter().map(|group| (of_events(group), group)).collect();
    ranked.sort_by(|(a, _), (b, _)| {
        let orders = a.iter().zip(b).map(|(a, b)| descending(a, b));
        orders.fold(std::cmp::Ordering::Equal, std::cmp::Ordering::then)
    });
    ranked.into_iter().take(plan.top).map(|(_, group)| group.clone()).collect()
}

/// The totals of the wanted facts, in these buckets.
fn totals(plan: &GraphPlan, facts: &[Fact], buckets: &[Option<usize>], wanted: &dyn Fn(&Fact) -> bool) -> Totals {
    let of = |bucket: Option<usize>| {
        let facts = facts.iter().filter(|fact| counts(fact) && wanted(fact));
        let facts: Vec<&Fact> = facts.filter(|fact| bucket.is_none_or(|bucket| bucket == fact.bucket)).collect();
        let users = facts.iter().map(|fact| &fact.person).collect::<BTreeSet<_>>().len();
        match &plan.measure {
            Measure::Count => Number::Count(facts.len() as u64),
            Measure::Users => Number::Count(users as u64),
            Measure::Sessions => {
                Number::Count(facts.iter().map(|fact| &fact.session).collect::<BTreeSet<_>>().len() as u64)
            }
            Measure::CountPerUser if users == 0 => Number::Nothing,
            Measure::CountPerUser => Number::Real(facts.len() as f64 / users as f64),
            measure => numbers::number(measure, facts.iter().filter_map(|fact| fact.number).collect()),
        }
    };
    let values = buckets.iter().map(|bucket| bucket.map_or(Number::Nothing, |bucket| of(Some(bucket))));
    Totals { values: values.collect(), total: of(None), trailing: Vec::new() }
}

fn line_of(formula: &Formula, events: &[GraphLine]) -> GraphLine {
    let totals = |of: &dyn Fn(&GraphLine) -> Totals| {
        let of_events: Vec<Totals> = events.iter().map(of).collect();
        let number = |numbers: Vec<Number>| {
            evaluate(formula.text.trim(), &numbers)
                .filter(|value| value.is_finite())
                .map_or(Number::Nothing, Number::Real)
        };
        let of_bucket = |at: usize| number(of_events.iter().map(|totals| totals.values[at].clone()).collect());
        Totals {
            values: (0..of_events[0].values.len()).map(of_bucket).collect(),
            total: number(of_events.iter().map(|totals| totals.total.clone()).collect()),
            trailing: Vec::new(),
        }
    };
    let series = events[0].series.iter().enumerate().map(|(place, of)| Series {
        group: of.group.clone(),
        other: of.other,
        totals: totals(&|line| line.series[place].totals.clone()),
    });
    GraphLine {
        event: None,
        formula: Some(formula.text.clone()),
        series: series.collect(),
        total: totals(&|line| line.total.clone()),
        skipped: None,
    }
}

/// What a formula comes to, from its text: split at the last operator outside of parentheses, those that bind less first.
fn evaluate(text: &str, numbers: &[Number]) -> Option<f64> {
    for operators in [['+', '-'], ['*', '/']] {
        let mut depth = 0;
        for (at, c) in text.char_indices().rev() {
            depth += match c {
                ')' => 1,
                '(' => -1,
                _ => 0,
            };
            let before = text[..at].trim_end();
            // What follows an operator, or nothing, is a sign.
            let is_sign = before.is_empty() || before.ends_with(['+', '-', '*', '/', '(']);
            if depth == 0 && operators.contains(&c) && !is_sign {
                let (left, right) = (evaluate(before, numbers)?, evaluate(text[at + 1..].trim(), numbers)?);
                return match c {
                    '+' => Some(left + right),
                    '-' => Some(left - right),
                    '*' => Some(left * right),
                    _ if right == 0.0 => None,
                    _ => Some(left / right),
                };
            }
        }
    }
    if let Some(rest) = text.strip_prefix('-') {
        return evaluate(rest.trim(), numbers).map(|value| -value);
    }
    if let Some(inner) = text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
        return evaluate(inner.trim(), numbers);
    }
    match text.chars().next() {
        Some(letter @ 'A'..='Z') => numbers[letter as usize - 'A' as usize].value(),
        _ => text.parse().ok(),
    }
}

/// The mean of so many values, of each bucket and those before it; if it is asked for.
fn averages(values: &[Number], buckets: Option<usize>) -> Vec<Number> {
    let Some(buckets) = buckets else { return Vec::new() };
    let average = |at: usize| {
        if at + 1 < buckets {
            return None;
        }
        let mut sum = 0.0;
        for value in &values[at + 1 - buckets..=at] {
            sum += value.value()?;
        }
        Some(sum / buckets as f64).filter(|average| average.is_finite())
    };
    (0..values.len()).map(|at| average(at).map_or(Number::Nothing, Number::Real)).collect()
}
