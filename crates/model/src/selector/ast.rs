//! A parsed selector.

use super::attribute::AttributeTest;
use super::nth::Nth;

/// Compounds with combinators between them: `a > b c`.
#[derive(Debug, Clone)]
pub(super) struct Complex {
    /// From left to right, each with the combinator after it.
    pub(super) ancestors: Vec<(Compound, Combinator)>,
    /// The rightmost compound, which the element itself must match.
    pub(super) subject: Compound,
}

/// What one element must match, all of it: `a.b[c]`.
pub(super) type Compound = Vec<Simple>;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Combinator {
    Child,
    Descendant,
}

#[derive(Debug, Clone)]
pub(super) enum Simple {
    Universal,
    /// In lower case. Browsers compare the names of SVG elements in HTML pages without case, too.
    Type(String),
    Id(String),
    Class(String),
    Attribute(AttributeTest),
    Nth(Nth),
    Root,
    /// `:is()` and `:where()`, which differ in specificity alone. An empty list matches nothing.
    Any(Vec<Complex>),
    Not(Vec<Complex>),
}
