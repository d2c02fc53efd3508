//! From elements to a chain's text.

use std::fmt::{self, Write as _};

use super::scan::is_special;
use super::{Attribute, Chain, ChainError, Position, validate};

/// Writes a chain's text, element by element.
///
/// ```
/// use cairn_model::chain::{ChainWriter, Position};
///
/// let mut writer = ChainWriter::default();
/// writer.element("html");
/// writer.element("body").class("md:flex").position(Position::ALONE);
/// assert_eq!(writer.finish()?, r"html>body.md\:flex:1/1/1/1");
/// # Ok::<(), cairn_model::chain::ChainError>(())
/// ```
#[derive(Debug, Default)]
pub struct ChainWriter {
    text: String,
}

impl ChainWriter {
    /// Begins the next element. Its id, classes, attributes and position follow, in this order.
    pub fn element(&mut self, tag: &str) -> &mut Self {
        if !self.text.is_empty() {
            self.text.push('>');
        }
        self.escaped(tag)
    }

    /// Writes the id.
    pub fn id(&mut self, id: &str) -> &mut Self {
        self.text.push('#');
        self.escaped(id)
    }

    /// Writes one class.
    pub fn class(&mut self, class: &str) -> &mut Self {
        self.text.push('.');
        self.escaped(class)
    }

    /// Writes one attribute; they follow in the order of [`super::ATTRIBUTES`].
    pub fn attribute(&mut self, name: Attribute, value: &str) -> &mut Self {
        self.text.push('[');
        self.text.push_str(name.name());
        self.text.push('=');
        self.escaped(value);
        self.text.push(']');
        self
    }

    /// Writes the positions.
    pub fn position(&mut self, position: Position) -> &mut Self {
        let (index, count) = (position.index(), position.count());
        let (type_index, type_count) = (position.type_index(), position.type_count());
        // Writing to a string does not fail.
        let _ = write!(self.text, ":{index}/{count}/{type_index}/{type_count}");
        self
    }

    /// The text.
    ///
    /// # Errors
    /// What was written is not a chain: too large, out of order, or a name that cannot be.
    pub fn finish(self) -> Result<String, ChainError> {
        validate(&self.text)?;
        Ok(self.text)
    }

    /// What was written until now, be it a chain or not.
    pub(crate) fn so_far(&self) -> &str {
        &self.text
    }

    fn escaped(&mut self, plain: &str) -> &mut Self {
        for char in plain.chars() {
            if u8::try_from(char).is_ok_and(is_special) {
                self.text.push('\\');
            }
            self.text.push(char);
        }
        self
    }
}

impl fmt::Display for Chain<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut writer = ChainWriter::default();
        for element in self.elements() {
            writer.element(element.tag());
            if let Some(id) = element.id() {
                writer.id(id);
            }
            for class in element.classes() {
                writer.class(class);
            }
            for (name, value) in element.attributes() {
                writer.attribute(name, value);
            }
            if let Some(position) = element.position() {
                writer.position(position);
            }
        }
        formatter.write_str(&writer.text)
    }
}
