//! CSS selectors over element chains: the same answer as a browser's `element.matches(selector)` gives on the page.
//!
//! A chain holds the elements from the root to the target, so what depends on other elements or on the moment (`+`, `~`, `:has()`,
//! `:empty`, `:hover`) is refused by name. The rest is Selectors Level 4: type, universal, id, class and attribute selectors,
//! descendant and child combinators, `:is()`, `:where()`, `:not()`, the `:nth-…` family, `:root`, and lists.
//!
//! ```
//! use cairn_model::{chain::Chain, selector::Selector};
//!
//! let selector = Selector::parse(r"main > .md\:w-1\/2 a[href^='/cart' i]:not(:first-child)")?;
//! let chain = Chain::parse(r"html>main:1/1/1/1>div.md\:w-1/2:1/1/1/1>a[href=/Cart/3]:2/2/1/1")?;
//! assert!(selector.matches(&chain));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Three things differ from a browser, on purpose: what CSS closes at the end of the text (`[a`, `:is(b`) is refused as unclosed;
//! a wrong part in `:is()` is refused, where a browser drops it; and `[class=…]` sees the classes with one space between them.

mod ast;
mod attribute;
mod compound;
mod error;
mod lexer;
mod matching;
mod needles;
mod nth;
mod parse;
mod pseudo;
mod token;

use std::fmt;
use std::str::FromStr;

pub use error::{SelectorError, SelectorErrorKind};

use crate::chain::Chain;

/// The most bytes of a selector.
pub const MAX_BYTES: usize = 4_096;
/// The deepest nesting of `:is()`, `:where()` and `:not()`.
pub const MAX_DEPTH: usize = 16;

/// A parsed list of selectors, with its text.
#[derive(Debug, Clone)]
pub struct Selector {
    text: Box<str>,
    list: Box<[ast::Complex]>,
    needles: needles::Needles,
}

impl Selector {
    /// Parses a selector, or a list of them.
    ///
    /// # Errors
    /// Not a selector, one that a chain cannot answer, or one over [`MAX_BYTES`] or [`MAX_DEPTH`].
    pub fn parse(text: &str) -> Result<Self, SelectorError> {
        let list = parse::parse(text)?.into_boxed_slice();
        Ok(Self { text: text.into(), needles: needles::Needles::of(&list), list })
    }

    /// Whether the chain's target, its last element, matches.
    ///
    /// Takes time in proportion to the selector's length times the chain's, whatever they are.
    #[must_use]
    pub fn matches(&self, chain: &Chain<'_>) -> bool {
        matching::matches(&self.list, chain)
    }

    /// Whether the target of the chain written as `text` matches; a text that is no chain matches nothing.
    pub fn matches_text(&self, text: &str) -> bool {
        self.needles.are_in(text) && Chain::parse(text).is_ok_and(|chain| self.matches(&chain))
    }

    /// The text that it was parsed from.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

/// Two selectors are equal if their texts are.
impl PartialEq for Selector {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Selector {}

impl fmt::Display for Selector {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

impl FromStr for Selector {
    type Err = SelectorError;

    fn from_str(text: &str) -> Result<Self, SelectorError> {
        Self::parse(text)
    }
}
