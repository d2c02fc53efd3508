//! Texts that a chain must hold for a selector to match: finding that one is missing is much faster than parsing the chain.

use memchr::memmem::Finder;

use super::ast::{Complex, Simple};
use super::attribute::{AttributeName, AttributeTest, Operator};
use crate::chain::ChainWriter;

/// Texts that stand in every chain that a selector matches, the longest first.
#[derive(Debug, Clone, Default)]
pub(super) struct Needles(Vec<Finder<'static>>);

impl Needles {
    /// Those of a list of selectors: of one alone, as of several only one must match.
    pub(super) fn of(list: &[Complex]) -> Self {
        let [only] = list else { return Self::default() };
        let compounds = only.ancestors.iter().map(|(compound, _)| compound).chain([&only.subject]);
        let mut texts: Vec<String> = compounds.flatten().filter_map(needle).collect();
        texts.sort_unstable_by_key(|text| std::cmp::Reverse(text.len()));
        Self(texts.iter().map(|text| Finder::new(text).into_owned()).collect())
    }

    /// Whether a chain's text has them all.
    pub(super) fn are_in(&self, text: &str) -> bool {
        self.0.iter().all(|needle| needle.find(text.as_bytes()).is_some())
    }
}

/// What stands in the text of an element that matches. A chain escapes what it must and nothing else, so there is one way to
/// write each name.
fn needle(simple: &Simple) -> Option<String> {
    let mut writer = ChainWriter::default();
    match simple {
        Simple::Id(id) => writer.id(id),
        Simple::Class(class) => writer.class(class),
        Simple::Attribute(test) => return of_attribute(test),
        Simple::Universal | Simple::Type(_) | Simple::Nth(_) | Simple::Root | Simple::Any(_) | Simple::Not(_) => {
            return None;
        }
    };
    Some(writer.so_far().to_owned())
}

fn of_attribute(test: &AttributeTest) -> Option<String> {
    let AttributeName::Captured(name) = test.name else { return None };
    let mut writer = ChainWriter::default();
    let Some(value) = &test.value else {
        return Some(format!("[{}=", name.name()));
    };
    if test.may_ignore_case() || value.value.is_empty() {
        return None;
    }
    writer.attribute(name, &value.value);
    let whole = writer.so_far().strip_suffix(']')?;
    match value.operator {
        Operator::Equals | Operator::Prefix | Operator::Dash => Some(whole.to_owned()),
        Operator::Word | Operator::Suffix | Operator::Substring => {
            whole.split_once('=').map(|(_, value)| value.to_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::{chain::Chain, selector::Selector};

    /// Looking for texts first never changes the answer.
    #[test]
    fn a_text_matches_as_the_parsed_chain_does() {
        let chains = [
            r"html>body#a.md\:flex:1/1/1/1>a.b.c[href=/x\[1\]?q\=a\:b][title=Ab]:1/1/1/1",
            r"html>body:1/1/1/1>a[type=Submit][href=/cart]:1/2/1/1",
            "html>main#content.wide:1/1/1/1>button.btn[data-testid=add-to-cart]:1/1/1/1",
            r"html>p.a\]b[title=end\]]:1/1/1/1",
        ];
        let selectors = [
            r".md\:flex a",
            ".b",
            ".bc",
            "#a .c",
            "#content > .btn",
            "[href]",
            "[href='/cart']",
            "[href^='/x[1]']",
            "[href$='a:b']",
            "[href*='q=a']",
            "[title~='Ab']",
            "[title='ab' i]",
            "[title='ab']",
            "[type='submit']",
            "[type='SUBMIT' s]",
            "[data-testid|='add']",
            ":not(.b)",
            ".b, .btn",
            "[class='b c']",
            "[id='a'] a",
            r".a\]b",
            "[title$=']']",
            "[title='']",
            "[href^='']",
            "a.b:not([href^='/cart'])",
            "main .wide",
            "*",
        ];
        let mut matched = 0;
        for selector in selectors {
            let selector = Selector::parse(selector).unwrap();
            for text in chains {
                let parsed = Chain::parse(text).unwrap();
                let expected = selector.matches(&parsed);
                assert_eq!(selector.matches_text(text), expected, "{selector} on {text}");
                matched += usize::from(expected);
            }
        }
        assert!(matched > 15, "only {matched}");
    }
}
