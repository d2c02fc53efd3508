//! A believable history of the demo shop, the same each time: 90 days that end when it is asked to.

mod definitions;
mod random;
mod shop;
mod visit;
mod visitor;
mod wander;
mod world;

use cairn_model::{Message, TimeMs};
use jiff::{Timestamp, ToSpan, civil, tz::TimeZone};

pub(crate) use definitions::DEFINITIONS;
use random::Random;
use visit::Visit;
use visitor::Visitor;

const SEED: u64 = 0x7a12_4e9b_11d5_c0de;
/// So many events make up a visit, on average; measured.
const EVENTS_PER_VISIT: f64 = 6.18;
/// So many events belong to a person, on average.
const EVENTS_PER_PERSON: u64 = 40;
/// How much busier the first people are than the last: weights fall as 1 / (rank + offset)^exponent.
const ZIPF: (f64, f64) = (30.0, 0.85);

/// The share of people who came before the history begins.
const KNOWN: f64 = 0.6;

/// Which history to make.
#[derive(Clone, Copy, Debug)]
pub(crate) struct History {
    /// About how many events it has.
    pub(crate) events: u64,
    /// When it ends.
    pub(crate) ends_at: TimeMs,
}

/// A visit that is going to happen.
struct Plan {
    start_ms: i64,
    visitor: u32,
    day: u16,
    number: u32,
}

/// Hands over all messages of `history`, visit by visit in the order in which they begin.
pub(crate) fn generate(
    history: History,
    each: &mut dyn FnMut(Message<'static>) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let random = Random::new(SEED);
    let mut visitors = visitors(&random, history.events);
    let plans = plans(&random, &visitors, history.ends_at)?;
    for plan in plans {
        let mut random = random.fork(4, u64::from(plan.visitor) << 32 | u64::from(plan.number));
        let source = world::pick_source(&mut random, usize::from(plan.day));
        let visitor = &mut visitors[plan.visitor as usize];
        let mut visit = Visit::new(visitor, random, source, plan.start_ms, history.ends_at.0 - 1_000);
        wander::wander(&mut visit);
        visit.finish().into_iter().try_for_each(&mut *each)?;
    }
    Ok(())
}

fn visitors(random: &Random, events: u64) -> Vec<Visitor> {
    let people = (events / EVENTS_PER_PERSON).max(20) as usize;
    let weight = |rank: usize| (rank as f64 + ZIPF.0).powf(-ZIPF.1);
    let total: f64 = (0..people).map(weight).sum();
    let visits = events as f64 / EVENTS_PER_VISIT;
    let mut rounding = random.fork(3, 0);
    let mut visitors = Vec::with_capacity(people + people / 10);
    for person in 0..people {
        let exact = visits * weight(person) / total;
        let visits = exact as usize + usize::from(rounding.chance(exact.fract()));
        visitors.extend(Visitor::person(random, person, visits.max(1)));
    }
    let crawlers = (people / 250).max(1);
    visitors.extend((0..crawlers).map(|n| Visitor::crawler(random, n, 12)));
    visitors
}

fn plans(random: &Random, visitors: &[Visitor], ends_at: TimeMs) -> anyhow::Result<Vec<Plan>> {
    let today = Timestamp::from_millisecond(ends_at.0)?.to_zoned(TimeZone::UTC).date();
    let first_day = today.checked_sub((world::DAYS as i64 - 1).days())?;
    let weekday = |day: usize| (first_day.weekday().to_monday_zero_offset() as usize + day) % 7;
    let weights: Vec<f64> = (0..world::DAYS).map(|day| world::day_weight(day, weekday(day))).collect();
    let mut plans = Vec::new();
    for (at, visitor) in visitors.iter().enumerate() {
        let mut random = random.fork(5, at as u64);
        let zone = TimeZone::get(visitor.home.zone)?;
        // Many knew the shop before; the others come for the first time on some day, and not before.
        let known = random.chance(KNOWN);
        let joined = if known { 0 } else { random.weighted(weights.iter().copied()) };
        for number in 0..visitor.visits_planned {
            let first = number == 0 && !known;
            let day = if first { joined } else { joined + random.weighted(weights[joined..].iter().copied()) };
            let start_ms = start(&mut random, first_day, day, &zone)?;
            if start_ms < ends_at.0 {
                plans.push(Plan { start_ms, visitor: at as u32, day: day as u16, number: number as u32 });
            }
        }
    }
    plans.sort_by_key(|plan| (plan.start_ms, plan.visitor, plan.number));
    Ok(plans)
}

/// An instant of a day, by the visitor's own clock.
fn start(random: &mut Random, first: civil::Date, day: usize, zone: &TimeZone) -> anyhow::Result<i64> {
    let hour = world::pick_hour(random);
    let within_ms = (random.unit() * 3_600_000.0) as i64;
    let date = first.checked_add((day as i64).days())?;
    let hour = date.at(hour as i8, 0, 0, 0).to_zoned(zone.clone())?;
    Ok(hour.timestamp().as_millisecond() + within_ms)
}

#[cfg(test)]
mod tests;
