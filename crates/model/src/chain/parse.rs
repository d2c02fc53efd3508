//! From the text to a [`Chain`].

use std::borrow::Cow;

use super::foreign;
use super::scan::{Raw, Sink, scan};
use super::{Attribute, Chain, ChainError, Node, Position};

pub(super) fn parse(text: &str) -> Result<Chain<'_>, ChainError> {
    // Deep pages are common: most chains have 8 to 16 elements, with about as many classes.
    let nodes = Vec::with_capacity(16);
    let mut chain = Chain { nodes, classes: Vec::with_capacity(16), attributes: Vec::new(), foreign: 0 };
    scan(text, &mut chain)?;
    chain.foreign = foreign::mask(chain.nodes.iter().map(|node| &*node.tag));
    Ok(chain)
}

/// The lengths fit 16 bits: a chain has at most 8,192 bytes.
#[expect(clippy::cast_possible_truncation, reason = "bounded by MAX_BYTES")]
impl<'a> Sink<'a> for Chain<'a> {
    fn element(&mut self, tag: Raw<'a>) {
        self.nodes.push(Node { tag: unescape(tag), id: None, classes_end: 0, attributes_end: 0, position: None });
    }

    fn id(&mut self, id: Raw<'a>) {
        if let Some(node) = self.nodes.last_mut() {
            node.id = Some(unescape(id));
        }
    }

    fn class(&mut self, class: Raw<'a>) {
        self.classes.push(unescape(class));
    }

    fn attribute(&mut self, name: Attribute, value: Raw<'a>) {
        self.attributes.push((name, unescape(value)));
    }

    fn end(&mut self, position: Option<Position>) {
        if let Some(node) = self.nodes.last_mut() {
            node.classes_end = self.classes.len() as u16;
            node.attributes_end = self.attributes.len() as u16;
            node.position = position;
        }
    }
}

fn unescape(raw: Raw<'_>) -> Cow<'_, str> {
    if raw.escapes == 0 {
        return Cow::Borrowed(raw.text);
    }
    let mut plain = String::with_capacity(raw.text.len() - raw.escapes);
    let mut chars = raw.text.chars();
    while let Some(char) = chars.next() {
        plain.extend(if char == '\\' { chars.next() } else { Some(char) });
    }
    Cow::Owned(plain)
}
