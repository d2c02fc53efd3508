//! What can be wrong with a chain's text.

use super::{ATTRIBUTES, MAX_BYTES, MAX_ELEMENTS, MAX_VALUE_BYTES};

/// Why a text is not a chain.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("chain, at byte {at}: {problem}")]
pub struct ChainError {
    /// The byte offset of the problem.
    pub at: usize,
    /// What it is.
    pub problem: ChainProblem,
}

/// What is wrong at a place of a chain's text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ChainProblem {
    /// The text is longer than a chain can be.
    #[error("{0} bytes are more than {MAX_BYTES}; leave out elements nearest the root")]
    TooLong(usize),
    /// There are more elements than a chain can have.
    #[error("more than {MAX_ELEMENTS} elements; leave out those nearest the root")]
    TooManyElements,
    /// An element, or the whole chain, is empty.
    #[error("an element needs a tag")]
    NoTag,
    /// The tag is not what a page calls it in lower case.
    #[error("the tag {0:?} has an upper-case letter or white space")]
    Tag(String),
    /// A dot without a class.
    #[error("an empty class; leave out the dot")]
    EmptyClass,
    /// A class that no page can have.
    #[error("the class {0:?} has white space; write each class after its own dot")]
    ClassSpace(String),
    /// A backslash before something that needs none, or at the end.
    #[error(r"a backslash must stand before one of > # . [ ] = : \")]
    Escape,
    /// An attribute outside the list.
    #[error("the attribute {0:?} is not one of {list}", list = ATTRIBUTES.join(" "))]
    UnknownAttribute(String),
    /// An attribute twice, or not in the order of the list.
    #[error("the attribute {0:?} must stand once, in the order {list}", list = ATTRIBUTES.join(" "))]
    AttributeOrder(&'static str),
    /// An attribute without its value.
    #[error("the attribute {0:?} needs = and a value")]
    NoValue(&'static str),
    /// A value over the limit.
    #[error("the value of {0:?} is longer than {MAX_VALUE_BYTES} bytes; cut it")]
    ValueTooLong(&'static str),
    /// An attribute without its closing bracket.
    #[error("the attribute {0:?} is not closed by ]")]
    Unclosed(&'static str),
    /// Positions that are no positions, or that no page can have.
    #[error("positions must be :i/n/j/m, the i-th of n siblings and the j-th of m with the same tag")]
    Position,
    /// No positions below the first element.
    #[error("only the first element may be without positions :i/n/j/m")]
    NoPosition,
    /// A character that cannot stand here.
    #[error("{0:?} cannot stand here; precede it by a backslash if it is part of a name")]
    Unexpected(char),
}
