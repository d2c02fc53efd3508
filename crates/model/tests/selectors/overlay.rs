//! The overlay's matcher, in TypeScript, says what Cairn's says: what it outlines on a page is what is counted.

use cairn_model::chain::Chain;
use cairn_model::selector::Selector;

use crate::browser::ask_overlay;
use crate::case::Case;
use crate::rng::Rng;
use crate::{hard, number, random_case};

/// A digit for each chain, or none where the selector is refused.
fn cairn(case: &Case) -> Vec<Option<String>> {
    let texts: Vec<String> = (0..case.tree.nodes.len()).map(|at| case.tree.chain(at)).collect();
    let chains: Vec<Chain<'_>> = texts.iter().map(|text| Chain::parse(text).unwrap()).collect();
    let digits = |selector: &str| {
        let selector = Selector::parse(selector).ok()?;
        Some(chains.iter().map(|chain| if selector.matches(chain) { '1' } else { '0' }).collect())
    };
    case.selectors.iter().map(|selector| digits(&selector.for_cairn())).collect()
}

#[test]
fn random_selectors_match_as_in_the_overlay() {
    let (cases, seed) = (number("CAIRN_SELECTOR_CASES", 600), number("CAIRN_SEED", 20_261_127));
    let mut rng = Rng::new(seed);
    let mut cases: Vec<Case> = (0..cases).map(|_| random_case(&mut rng)).collect();
    cases.extend(hard::cases());
    let (mut refused, mut matching, mut pairs) = (0, 0, 0);
    for (case, overlay) in cases.iter().zip(ask_overlay(&cases, "overlay")) {
        for (index, (own, overlay)) in cairn(case).into_iter().zip(overlay).enumerate() {
            let selector = case.selectors[index].for_cairn();
            assert_eq!(own, overlay, "seed {seed}: {selector:?} on {}", case.tree.json(0));
            refused += usize::from(own.is_none());
            pairs += own.as_ref().map_or(0, String::len);
            matching += own.map_or(0, |digits| digits.matches('1').count());
        }
    }
    eprintln!("{pairs} answers, {matching} of them true; {refused} selectors refused");
    assert!(matching * 50 > pairs && refused > 100, "{matching} of {pairs}, {refused}: the test says little");
}
