//! Sorting properties, remembering how: a sender's events mostly have the same names in the same order.

use std::borrow::Cow;

use crate::{Properties, Value};

type Pair<'a> = (Cow<'a, str>, Value<'a>);

/// Orders of names seen before, one per number of names.
#[derive(Debug, Default)]
pub struct PropertyOrder {
    known: [Known; 16],
}

#[derive(Debug, Default)]
struct Known {
    names: Vec<String>,
    /// Places in the order of their names.
    order: Vec<u32>,
}

impl PropertyOrder {
    /// Properties from pairs in any order; of equal names the last stands.
    pub fn sort<'a>(&mut self, mut pairs: Vec<Pair<'a>>) -> Properties<'a> {
        if pairs.is_sorted_by(|a, b| a.0 < b.0) {
            return Properties::sorted(pairs);
        }
        let known = &mut self.known[pairs.len() % 16];
        if !known.knows(&pairs) {
            let order = order(&pairs);
            if order.windows(2).any(|pair| pairs[pair[0] as usize].0 == pairs[pair[1] as usize].0) {
                return last_of_each(pairs, &order);
            }
            *known = Known { names: pairs.iter().map(|pair| pair.0.to_string()).collect(), order };
        }
        Properties::sorted(known.order.iter().map(|at| taken(&mut pairs[*at as usize])).collect())
    }
}

impl Known {
    fn knows(&self, pairs: &[Pair<'_>]) -> bool {
        self.names.len() == pairs.len() && self.names.iter().zip(pairs).all(|(name, pair)| *name == *pair.0)
    }
}

/// Pairs are large, and most names differ early: the first eight bytes are sorted, as numbers, with their places.
fn order(pairs: &[Pair<'_>]) -> Vec<u32> {
    let mut order: Vec<(u64, u32)> = pairs.iter().zip(0..).map(|(pair, at)| (front(&pair.0), at)).collect();
    let name = |at: u32| &pairs[at as usize].0;
    order.sort_unstable_by(|a, b| a.0.cmp(&b.0).then_with(|| name(a.1).cmp(name(b.1))).then(a.1.cmp(&b.1)));
    order.into_iter().map(|(_, at)| at).collect()
}

fn last_of_each<'a>(mut pairs: Vec<Pair<'a>>, order: &[u32]) -> Properties<'a> {
    let mut kept: Vec<Pair<'a>> = Vec::with_capacity(pairs.len());
    for at in order {
        let pair = taken(&mut pairs[*at as usize]);
        match kept.last_mut() {
            Some(last) if last.0 == pair.0 => *last = pair,
            _ => kept.push(pair),
        }
    }
    Properties::sorted(kept)
}

fn taken<'a>((name, value): &mut Pair<'a>) -> Pair<'a> {
    (std::mem::take(name), std::mem::replace(value, Value::Null))
}

/// The first eight bytes of a name, as a number of the same order.
fn front(name: &str) -> u64 {
    let (mut bytes, len) = ([0; 8], name.len().min(8));
    bytes[..len].copy_from_slice(&name.as_bytes()[..len]);
    u64::from_be_bytes(bytes)
}
