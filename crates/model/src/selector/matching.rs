//! Matching, by sets of elements.
//!
//! A chain has at most 64 elements, so a set of them is one `u64` (bit i: element i from the root). Each part of a selector maps a
//! set of candidates to those that match; a combinator shifts a set towards the target. Every part is evaluated once per
//! element at most, however the selector nests: there is nothing to backtrack into.

use super::ast::{Combinator, Complex, Simple};
use crate::chain::{Chain, Element, Position};

/// Whether the last element matches any of the list.
pub(super) fn matches(list: &[Complex], chain: &Chain<'_>) -> bool {
    any_of(list, chain, 1 << (chain.len() - 1)) != 0
}

/// The candidates that match any of the list.
fn any_of(list: &[Complex], chain: &Chain<'_>, candidates: u64) -> u64 {
    let mut found = 0;
    for complex in list {
        if found == candidates {
            break;
        }
        found |= matching(complex, chain, candidates & !found);
    }
    found
}

/// The candidates that match `complex`. Its right end goes first: most selectors fail there.
fn matching(complex: &Complex, chain: &Chain<'_>, candidates: u64) -> u64 {
    let subjects = all_of(&complex.subject, chain, candidates);
    if subjects == 0 || complex.ancestors.is_empty() {
        return subjects;
    }
    let above = below_bit(highest_bit(subjects));
    let mut reached = above;
    for (compound, combinator) in &complex.ancestors {
        let here = all_of(compound, chain, reached & above);
        if here == 0 {
            return 0;
        }
        reached = match combinator {
            Combinator::Child => here << 1,
            Combinator::Descendant => !(lowest_bit(here) | below_bit(lowest_bit(here))),
        };
    }
    subjects & reached
}

/// The candidates that match every part of a compound.
fn all_of(compound: &[Simple], chain: &Chain<'_>, candidates: u64) -> u64 {
    compound.iter().fold(candidates, |left, simple| match simple {
        _ if left == 0 => 0,
        Simple::Universal => left,
        Simple::Any(list) => any_of(list, chain, left),
        Simple::Not(list) => left & !any_of(list, chain, left),
        _ => filter(left, |index| is(simple, chain.element(index))),
    })
}

/// Whether one element matches a part that looks at nothing else.
fn is(simple: &Simple, element: Element<'_>) -> bool {
    match simple {
        Simple::Type(name) => element.tag() == name,
        Simple::Id(id) => element.id() == Some(id),
        Simple::Class(class) => element.classes().any(|other| other == class),
        Simple::Attribute(test) => test.matches(element),
        Simple::Nth(nth) => nth.matches(element.position().unwrap_or(Position::ALONE)),
        // Only the root has no positions; a chain that was cut begins with an element that has.
        Simple::Root => element.position().is_none(),
        Simple::Universal | Simple::Any(_) | Simple::Not(_) => false,
    }
}

fn filter(mut set: u64, keep: impl Fn(usize) -> bool) -> u64 {
    let mut kept = 0;
    while set != 0 {
        let bit = lowest_bit(set);
        if keep(bit.trailing_zeros() as usize) {
            kept |= bit;
        }
        set ^= bit;
    }
    kept
}

fn lowest_bit(set: u64) -> u64 {
    set & set.wrapping_neg()
}

fn highest_bit(set: u64) -> u64 {
    1 << (63 - set.leading_zeros())
}

/// All elements above the one of `bit`, towards the root.
fn below_bit(bit: u64) -> u64 {
    bit - 1
}
