//! Making a failing case small enough to read.

use crate::browser::ask;
use crate::case::Case;
use crate::generate::{BY_CASE, BY_CASE_END};

/// The smallest case found that still fails, by leaving out elements, attributes and characters.
pub(crate) fn shrink(mut case: Case) -> Case {
    for _ in 0..40 {
        let smaller = reductions(&case);
        let answers = ask(&smaller, "shrink");
        match smaller.into_iter().zip(answers).find(|(case, answer)| case.difference(answer).is_some()) {
            Some((found, _)) => case = found,
            None => break,
        }
    }
    case
}

fn reductions(case: &Case) -> Vec<Case> {
    let mut all = Vec::new();
    for at in 1..case.tree.nodes.len() {
        all.push(Case { tree: case.tree.without(at), ..case.clone() });
    }
    for at in 0..case.tree.nodes.len() {
        for attribute in 0..case.tree.nodes[at].attributes.len() {
            let mut smaller = case.clone();
            smaller.tree.nodes[at].attributes.remove(attribute);
            all.push(smaller);
        }
    }
    let selector: Vec<char> = case.selectors[0].0.chars().collect();
    for length in [16, 4, 2, 1] {
        for start in 0..selector.len().saturating_sub(length) {
            let mut smaller = case.clone();
            smaller.selectors[0].0 = selector[..start].iter().chain(&selector[start + length..]).collect();
            let text = &smaller.selectors[0].0;
            if text.matches(BY_CASE).count() == text.matches(BY_CASE_END).count() {
                all.push(smaller);
            }
        }
    }
    all
}
