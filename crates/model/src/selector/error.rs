//! Why a text is not a selector that Cairn can answer.

use super::nth::MAX_PLACE;
use super::{MAX_BYTES, MAX_DEPTH};
use crate::chain::ATTRIBUTES;

/// Why a selector is refused, where, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("selector, at byte {at}: {message}")]
pub struct SelectorError {
    /// What kind of problem it is.
    pub kind: SelectorErrorKind,
    /// The byte offset of the problem.
    pub at: usize,
    message: String,
}

/// The kinds of [`SelectorError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SelectorErrorKind {
    /// Not CSS.
    Syntax,
    /// A bracket, string or comment that is not closed. (A browser closes it at the end of the text.)
    Unclosed,
    /// CSS, but a chain does not hold what it asks for.
    NotKept,
    /// A pseudo-class that neither CSS nor Cairn knows, or a browser's own.
    UnknownPseudo,
    /// Over a limit.
    TooLarge,
}

impl SelectorError {
    fn new(kind: SelectorErrorKind, at: usize, message: impl Into<String>) -> Self {
        Self { kind, at, message: message.into() }
    }

    pub(super) fn syntax(at: usize, message: impl Into<String>) -> Self {
        Self::new(SelectorErrorKind::Syntax, at, message)
    }

    pub(super) fn unclosed(at: usize, what: &str) -> Self {
        Self::new(SelectorErrorKind::Unclosed, at, format!("{what} is not closed"))
    }

    /// `what` asks for something outside the chain; `reason` says why, and what to do.
    pub(super) fn not_kept(at: usize, what: &str, reason: &str) -> Self {
        Self::new(SelectorErrorKind::NotKept, at, format!("{what} cannot be answered: {reason}"))
    }

    pub(super) fn attribute(at: usize, name: &str) -> Self {
        let list = ATTRIBUTES.join(", ");
        Self::not_kept(
            at,
            &format!("[{name}]"),
            &format!("the attribute is not captured; those that are: id, class, {list}"),
        )
    }

    pub(super) fn unknown_pseudo(at: usize, name: &str) -> Self {
        let message = format!(
            ":{name} is not a pseudo-class that Cairn knows; if it is part of a name, write a backslash before each special \
             character, as in .md\\:w-1\\/2"
        );
        Self::new(SelectorErrorKind::UnknownPseudo, at, message)
    }

    pub(super) fn too_long(bytes: usize) -> Self {
        Self::new(SelectorErrorKind::TooLarge, MAX_BYTES, format!("{bytes} bytes are more than {MAX_BYTES}"))
    }

    pub(super) fn too_far(at: usize) -> Self {
        Self::new(SelectorErrorKind::TooLarge, at, format!("a place is at most {MAX_PLACE}"))
    }

    pub(super) fn too_deep(at: usize) -> Self {
        Self::new(
            SelectorErrorKind::TooLarge,
            at,
            format!(":is(), :where() and :not() are nested more than {MAX_DEPTH} deep"),
        )
    }
}
