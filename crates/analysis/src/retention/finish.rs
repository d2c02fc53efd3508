//! From counts to a retention's answer, and a sentence for each cell.

use super::{By, Retention};
use crate::{
    Budget, Cohort, GroupId, Interval, RetentionAnswer, RetentionCell, RetentionPlan, Returned, Stopped, plan::Periods,
    rank,
};

pub(super) fn answer(kernel: &Retention<'_>, counts: &[u64], budget: &Budget) -> Result<RetentionAnswer, Stopped> {
    let (plan, width) = (kernel.plan, kernel.width());
    let of_line = |line: usize| counts.get(line * width..(line + 1) * width).map_or(vec![0; width], <[u64]>::to_vec);
    let last = plan.cohorts.len() - 1;
    let lines = counts.len() / width;
    let sum = |lines: &mut dyn Iterator<Item = usize>| {
        let mut sum = vec![0; width];
        for line in lines {
            budget.check_at(line)?;
            sum.iter_mut().zip(of_line(line)).for_each(|(sum, count)| *sum += count);
        }
        Ok::<_, Stopped>(sum)
    };
    let total = cohort(plan, &sum(&mut (0..lines))?, last, Head::All);
    let cohorts = if matches!(kernel.by, By::Date) {
        let names = plan.cohorts.names.iter().enumerate();
        names.map(|(line, name)| cohort(plan, &of_line(line), line, Head::Date(name))).collect()
    } else {
        let users = (0..lines).map(|line| (GroupId(line as u32), counts[line * width]));
        let own = rank::first(kernel.groups, users.filter(|(_, users)| *users > 0).collect(), plan.top, budget)?;
        let mut cohorts: Vec<Cohort> = own
            .iter()
            .map(|group| cohort(plan, &of_line(group.0 as usize), last, Head::Group(kernel.groups.values(*group))))
            .collect();
        let mut is_own = vec![false; lines];
        own.iter().for_each(|group| is_own[group.0 as usize] = true);
        let rest = sum(&mut (0..lines).filter(|line| !is_own[*line]))?;
        if rest[0] > 0 {
            cohorts.push(cohort(plan, &rest, last, Head::Other));
        }
        cohorts
    };
    Ok(RetentionAnswer { cohorts, total })
}

/// What a cohort is called.
enum Head<'a> {
    Date(&'a str),
    Group(Vec<Option<cairn_model::Value<'static>>>),
    Other,
    All,
}

/// `counts` are the users, and those of each period; the last start lies in bucket `bucket`.
fn cohort(plan: &RetentionPlan, counts: &[u64], bucket: usize, head: Head<'_>) -> Cohort {
    let cells = counts[1..].iter().enumerate().map(|(period, users)| {
        // Whoever comes back later counts here, too.
        let last = if plan.returned == Returned::OnOrAfter { plan.count - 1 } else { period };
        let complete = plan.ends(bucket, last) <= plan.as_of.0.saturating_add(1);
        RetentionCell { users: *users, complete, sentence: String::new() }
    });
    let cells = cells.collect();
    let (from, group, other) = match head {
        Head::Date(name) => (Some(name.to_owned()), None, false),
        Head::Group(group) => (None, Some(group), false),
        Head::Other => (None, None, true),
        Head::All => (None, None, false),
    };
    Cohort { from, group, other, users: counts[0], cells }
}

impl RetentionPlan {
    /// Says of each cell what it means.
    pub fn put_into_words(&self, answer: &mut RetentionAnswer) {
        for cohort in answer.cohorts.iter_mut().chain([&mut answer.total]) {
            let whose = whose(self, cohort);
            for (period, cell) in cohort.cells.iter_mut().enumerate() {
                cell.sentence = sentence(self, &whose, cohort.users, cell.users, period, cell.complete);
            }
        }
    }
}

/// Whose first start makes the cohort.
fn whose(plan: &RetentionPlan, cohort: &Cohort) -> String {
    let start = &plan.words.start;
    let of_group = |words: &str| format!("users of {words} who did {start} in the range");
    match (&cohort.from, &cohort.group) {
        (Some(name), _) => {
            let day = name.get(..10).unwrap_or(name);
            match plan.words.interval {
                Interval::Hour => format!("users whose first {start} was in the hour from {name}"),
                Interval::Day => format!("users whose first {start} was on {day}"),
                interval => format!("users whose first {start} was in the {} from {day}", interval.word()),
            }
        }
        (None, Some(values)) => {
            let segment = |at: usize| plan.words.segments.get(at).and_then(Option::as_ref);
            let value = |(at, value): (usize, &Option<cairn_model::Value<'_>>)| match (value, segment(at)) {
                (None, _) => "no value".to_owned(),
                (Some(cairn_model::Value::Bool(true)), Some(segment)) => segment.clone(),
                (Some(_), Some(segment)) => format!("all but {segment}"),
                (Some(cairn_model::Value::String(text)), None) => text.to_string(),
                (Some(other), None) => serde_json::to_string(other).unwrap_or_default(),
            };
            of_group(&values.iter().enumerate().map(value).collect::<Vec<_>>().join(", "))
        }
        (None, None) if cohort.other => of_group("all other groups"),
        (None, None) => format!("users who did {start} in the range"),
    }
}

fn sentence(plan: &RetentionPlan, whose: &str, users: u64, returned: u64, period: usize, complete: bool) -> String {
    let (returns, interval) = (&plan.words.returns, plan.words.interval.word());
    let when = match (&plan.periods, period) {
        (Periods::Calendar(_), 0) => format!("in the same {interval}"),
        (Periods::Calendar(_), 1) => format!("1 {interval} later"),
        (Periods::Calendar(_), _) => format!("{period} {interval}s later"),
        (Periods::Rolling(length), _) => {
            let days = length / 86_400_000;
            format!("{} to {} days later", period as i64 * days, (period as i64 + 1) * days)
        }
    };
    let or_after = match plan.returned {
        Returned::OnOrAfter if period + 1 < plan.count => " or after",
        _ => "",
    };
    let so_far = if complete { "" } else { " so far" };
    format!("Out of {users} {whose}, {returned} did {returns} {when}{or_after}{so_far}.")
}
