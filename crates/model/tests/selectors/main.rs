//! Selectors over chains, held against a real browser: Chromium builds random pages and says which elements match.
//!
//! `CAIRN_SELECTOR_CASES` sets the number of pages (600), `CAIRN_SEED` the seed. Each page has 8 selectors made for one of its
//! elements, and 4 that were damaged, of which many are no selectors any more: both sides must agree on that, too.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::cast_possible_truncation, reason = "a test")]

mod browser;
mod case;
mod generate;
mod hard;
mod overlay;
mod refusals;
mod rng;
mod shrink;
mod tree;
mod write;

use std::env;

use cairn_model::chain::Chain;
use cairn_model::selector::Selector;

use browser::{Answer, ask};
use case::{Case, Written};
use generate::{Generator, mutated};
use rng::Rng;
use tree::Tree;

const SELECTORS: usize = 8;
const DAMAGED: usize = 4;

#[test]
fn random_selectors_match_as_in_a_browser() {
    let (cases, seed) = (number("CAIRN_SELECTOR_CASES", 600), number("CAIRN_SEED", 20_261_123));
    let mut rng = Rng::new(seed);
    let cases: Vec<Case> = (0..cases).map(|_| random_case(&mut rng)).collect();
    let answers = ask(&cases, "random");
    eprintln!("seed {seed}: {}", summary(&cases, &answers));
    assert_same(&cases, &answers);
}

#[test]
fn a_wrong_answer_is_found() {
    let case = &hard::cases()[1];
    let right = |selector: &str| {
        let selector = Selector::parse(selector).unwrap();
        let digit = |at| if selector.matches(&Chain::parse(&case.tree.chain(at)).unwrap()) { '1' } else { '0' };
        (0..case.tree.nodes.len()).map(digit).collect::<String>()
    };
    let case = Case { selectors: vec![Written(".a > .b".to_owned()), Written("a)".to_owned())], ..case.clone() };
    let answer = |first: &str, second: Option<&str>| Answer {
        elements: case.tree.facts(),
        matches: vec![Some(first.to_owned()), second.map(str::to_owned)],
    };
    let digits = right(".a > .b");
    assert!(case.difference(&answer(&digits, None)).is_none());
    assert!(case.difference(&answer(&digits, Some("0000000000"))).is_some(), "taken by the browser alone");
    let flipped = digits.replacen('1', "0", 1);
    assert!(case.difference(&answer(&flipped, None)).is_some(), "one element matches in Cairn alone");
}

#[test]
fn hard_selectors_match_as_in_a_browser() {
    let cases = hard::cases();
    let answers = ask(&cases, "hard");
    assert_same(&cases, &answers);
    for (case, answer) in cases.iter().zip(&answers) {
        for (selector, browser) in case.selectors.iter().zip(&answer.matches) {
            let taken = Selector::parse(&selector.for_cairn()).is_ok();
            assert_eq!(taken, browser.is_some(), "{:?} is taken by one side only", selector.0);
        }
    }
}

pub(crate) fn random_case(rng: &mut Rng) -> Case {
    let tree = Tree::random(rng);
    let mut selectors = Vec::new();
    for _ in 0..SELECTORS {
        let at = rng.below(tree.nodes.len());
        selectors.push(Written(Generator { tree: &tree, rng }.list(at, 2)));
    }
    for index in 0..DAMAGED {
        let damaged = mutated(rng, &selectors[index].plain());
        selectors.push(Written(damaged));
    }
    Case { tree, selectors }
}

/// Fails with the first difference, made small.
fn assert_same(cases: &[Case], answers: &[Answer]) {
    assert_eq!(cases.len(), answers.len());
    let failing = cases.iter().zip(answers).find_map(|(case, answer)| Some((case, case.difference(answer)?)));
    let Some((case, difference)) = failing else {
        return;
    };
    let selectors = vec![case.selectors[difference.selector].clone()];
    let small = shrink::shrink(Case { selectors, ..case.clone() });
    let answer = ask(std::slice::from_ref(&small), "smallest").remove(0);
    let shrunk = small.difference(&answer).map_or_else(String::new, |difference| difference.text);
    panic!("a difference:\n{}\nmade small:\n{shrunk}\nin {}", difference.text, small.tree.json(0));
}

/// How much the cases say: a selector that matches nothing, or is no selector, proves little.
fn summary(cases: &[Case], answers: &[Answer]) -> String {
    let (mut made, mut matching, mut damaged, mut taken, mut pairs, mut true_pairs) = (0, 0, 0, 0, 0, 0);
    for (case, answer) in cases.iter().zip(answers) {
        for (index, browser) in answer.matches.iter().enumerate() {
            let ones = browser.as_ref().map_or(0, |digits| digits.matches('1').count());
            if index < SELECTORS {
                made += 1;
                matching += usize::from(ones > 0);
            } else {
                damaged += 1;
                taken += usize::from(Selector::parse(&case.selectors[index].for_cairn()).is_ok());
            }
            pairs += browser.as_ref().map_or(0, String::len);
            true_pairs += ones;
        }
    }
    assert!(
        matching * 2 > made,
        "most selectors should match something, or the test says little: {matching} of {made}"
    );
    format!(
        "{} pages; of {made} selectors {matching} match an element; of {damaged} damaged ones {taken} are still selectors; \
         {pairs} answers, {true_pairs} of them true",
        cases.len()
    )
}

fn number(name: &str, default: u64) -> u64 {
    env::var(name).map_or(default, |text| text.parse().unwrap_or_else(|_| panic!("{name} must be a number")))
}
