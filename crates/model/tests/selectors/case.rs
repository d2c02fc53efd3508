//! A page with selectors, and where Cairn and the browser differ over it.

use cairn_model::chain::Chain;
use cairn_model::selector::{Selector, SelectorError, SelectorErrorKind};

use crate::browser::Answer;
use crate::generate::{BY_CASE, BY_CASE_END};
use crate::tree::Tree;

#[derive(Clone)]
pub(crate) struct Case {
    pub(crate) tree: Tree,
    pub(crate) selectors: Vec<Written>,
}

/// A selector, perhaps with marks around the attribute selectors that have the flag `s`.
///
/// Chromium does not know that flag. It is asked for a copy of the attribute instead, whose name is not on HTML's list of
/// those that compare without case: `[type="A" s]` becomes `[data-s-type="A"]`.
#[derive(Clone)]
pub(crate) struct Written(pub(crate) String);

impl Written {
    pub(crate) fn for_cairn(&self) -> String {
        self.0.replace(BY_CASE, "").replace(BY_CASE_END, " /**/ s")
    }

    /// The selector without the flag `s`.
    pub(crate) fn plain(&self) -> String {
        self.0.replace([BY_CASE, BY_CASE_END], "")
    }

    pub(crate) fn for_browser(&self) -> String {
        self.0.replace(BY_CASE, "data-s-").replace(BY_CASE_END, "")
    }
}

/// One disagreement.
pub(crate) struct Difference {
    pub(crate) selector: usize,
    pub(crate) text: String,
}

impl Case {
    /// The page with the copies that [`Written`] needs.
    pub(crate) fn tree_for_browser(&self) -> Tree {
        let mut tree = self.tree.clone();
        for node in &mut tree.nodes {
            let copies: Vec<_> =
                node.attributes.iter().map(|(name, value)| (format!("data-s-{name}"), value.clone())).collect();
            node.attributes.extend(copies);
        }
        tree
    }

    /// The first thing that the browser sees differently.
    pub(crate) fn difference(&self, answer: &Answer) -> Option<Difference> {
        assert_eq!(answer.elements, self.tree.facts(), "the page is not built as it was meant");
        let texts: Vec<String> = (0..self.tree.nodes.len()).map(|at| self.tree.chain(at)).collect();
        let chains: Vec<Chain<'_>> = texts.iter().map(|text| Chain::parse(text).expect("a chain")).collect();
        for (chain, text) in chains.iter().zip(&texts) {
            assert_eq!(&chain.to_string(), text, "a chain is written as it was read");
        }
        (0..self.selectors.len()).find_map(|index| {
            let text = self.compare(index, &chains, answer.matches[index].as_deref())?;
            Some(Difference { selector: index, text })
        })
    }

    fn compare(&self, index: usize, chains: &[Chain<'_>], browser: Option<&str>) -> Option<String> {
        let written = self.selectors[index].for_cairn();
        match (Selector::parse(&written), browser) {
            (Ok(selector), Some(browser)) => chains.iter().zip(browser.bytes()).find_map(|(chain, browser)| {
                let (cairn, browser) = (selector.matches(chain), browser == b'1');
                (cairn != browser).then(|| format!("{written:?}: Cairn {cairn}, browser {browser}, on {chain}"))
            }),
            (Ok(_), None) => Some(format!("{written:?}: the browser refuses it, Cairn does not")),
            (Err(error), Some(_)) if must_be_refused(&error, &self.selectors[index]) => {
                Some(format!("{written:?}: the browser takes it, Cairn does not: {error}"))
            }
            (Err(_), _) => None,
        }
    }
}

/// Whether the error means that no browser takes the selector, which was sent as it is. Browsers drop wrong parts of `:is()` and `:where()`.
fn must_be_refused(error: &SelectorError, written: &Written) -> bool {
    let lower = written.0.to_ascii_lowercase();
    error.kind == SelectorErrorKind::Syntax
        && !lower.contains(BY_CASE)
        && !lower.contains("is(")
        && !lower.contains("where(")
}
