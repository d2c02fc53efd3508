//! The element chain: the path of elements from the root of a page to the target of an event, as one line of text.
//!
//! ```text
//! chain   = element *( ">" element )
//! element = tag [ "#" id ] *( "." class ) *( "[" name "=" value "]" ) [ ":" i "/" n "/" j "/" m ]
//! ```
//!
//! Each of `> # . [ ] = : \` within a tag, an id, a class or a value is preceded by a backslash; nothing else is escaped, so
//! every chain has exactly one text. `docs/api.md` describes the parts.
//!
//! ```
//! use cairn_model::chain::Chain;
//!
//! let chain = Chain::parse(r"html>body:2/2/1/1>a#buy.md\:w-1/2[href=/cart]:1/3/1/2")?;
//! let target = chain.target();
//! assert_eq!(target.tag(), "a");
//! assert_eq!(target.classes().collect::<Vec<_>>(), ["md:w-1/2"]);
//! # Ok::<(), cairn_model::chain::ChainError>(())
//! ```

mod attribute;
mod error;
mod foreign;
mod mask;
mod parse;
mod position;
mod scan;
mod write;

use std::borrow::Cow;

pub use attribute::{ATTRIBUTES, Attribute};
pub use error::{ChainError, ChainProblem};
pub use position::Position;
pub use write::ChainWriter;

/// The most elements of a chain; of a deeper page those nearest the root are left out.
pub const MAX_ELEMENTS: usize = 64;
/// The most bytes of a chain's text.
pub const MAX_BYTES: usize = 8_192;
/// The most bytes of an attribute's value, without its escapes.
pub const MAX_VALUE_BYTES: usize = 1_024;

/// A parsed chain of 1 to [`MAX_ELEMENTS`] elements, borrowing from its text where nothing is escaped.
///
/// Classes and attributes of all elements lie in two shared arrays, so that parsing allocates three times, not once per element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chain<'a> {
    nodes: Vec<Node<'a>>,
    classes: Vec<Cow<'a, str>>,
    attributes: Vec<(Attribute, Cow<'a, str>)>,
    /// Bit i: element i is of SVG or MathML.
    foreign: u64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Node<'a> {
    tag: Cow<'a, str>,
    id: Option<Cow<'a, str>>,
    /// Where this element's part of the shared arrays ends; it begins where the one before ends.
    classes_end: u16,
    attributes_end: u16,
    position: Option<Position>,
}

/// One element of a [`Chain`].
#[derive(Debug, Clone, Copy)]
pub struct Element<'c> {
    node: &'c Node<'c>,
    classes: &'c [Cow<'c, str>],
    attributes: &'c [(Attribute, Cow<'c, str>)],
    foreign: bool,
}

/// Whether `text` is a chain, as [`Chain::parse`] says, without building one: no allocation unless it is not.
///
/// # Errors
/// The first thing that is wrong, and where.
pub fn validate(text: &str) -> Result<(), ChainError> {
    scan::scan(text, &mut scan::Ignore)
}

impl<'a> Chain<'a> {
    /// Parses the text form.
    ///
    /// # Errors
    /// The first thing that is wrong, and where.
    pub fn parse(text: &'a str) -> Result<Self, ChainError> {
        parse::parse(text)
    }

    /// The elements, from the root to the target.
    pub fn elements(&self) -> impl ExactSizeIterator<Item = Element<'_>> + DoubleEndedIterator {
        (0..self.len()).map(|index| self.element(index))
    }

    /// The element that the event happened on: the last one.
    #[must_use]
    pub fn target(&self) -> Element<'_> {
        self.element(self.len() - 1)
    }

    /// The number of elements, 1 to [`MAX_ELEMENTS`].
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "a chain is never empty")]
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// The element at `index` from the root; panics past the end, as an array does.
    pub(crate) fn element(&self, index: usize) -> Element<'_> {
        let node = &self.nodes[index];
        let (classes, attributes) = match index.checked_sub(1) {
            Some(before) => (self.nodes[before].classes_end, self.nodes[before].attributes_end),
            None => (0, 0),
        };
        Element {
            node,
            classes: &self.classes[usize::from(classes)..usize::from(node.classes_end)],
            attributes: &self.attributes[usize::from(attributes)..usize::from(node.attributes_end)],
            foreign: self.foreign >> index & 1 == 1,
        }
    }

    /// A copy that borrows nothing.
    #[must_use]
    pub fn into_owned(self) -> Chain<'static> {
        let owned = |text: Cow<'_, str>| Cow::Owned(text.into_owned());
        let node = |node: Node<'_>| Node {
            tag: owned(node.tag),
            id: node.id.map(owned),
            classes_end: node.classes_end,
            attributes_end: node.attributes_end,
            position: node.position,
        };
        Chain {
            nodes: self.nodes.into_iter().map(node).collect(),
            classes: self.classes.into_iter().map(owned).collect(),
            attributes: self.attributes.into_iter().map(|(name, value)| (name, owned(value))).collect(),
            foreign: self.foreign,
        }
    }
}

impl<'c> Element<'c> {
    /// The lower-case local name.
    #[must_use]
    pub fn tag(&self) -> &'c str {
        &self.node.tag
    }

    /// The id; an empty one is there.
    #[must_use]
    pub fn id(&self) -> Option<&'c str> {
        self.node.id.as_deref()
    }

    /// The classes, in the order of the page.
    pub fn classes(&self) -> impl ExactSizeIterator<Item = &'c str> + use<'c> {
        self.classes.iter().map(|class| &**class)
    }

    /// The captured attributes, in the order of [`ATTRIBUTES`].
    pub fn attributes(&self) -> impl ExactSizeIterator<Item = (Attribute, &'c str)> + use<'c> {
        self.attributes.iter().map(|(name, value)| (*name, &**value))
    }

    /// The value of one captured attribute.
    #[must_use]
    pub fn attribute(&self, name: Attribute) -> Option<&'c str> {
        self.attributes().find(|(other, _)| *other == name).map(|(_, value)| value)
    }

    /// The place among the siblings; none for the root.
    #[must_use]
    pub fn position(&self) -> Option<Position> {
        self.node.position
    }

    /// Whether it is an element of SVG or MathML, where the values of all attributes compare by case.
    pub(crate) fn is_foreign(&self) -> bool {
        self.foreign
    }
}
