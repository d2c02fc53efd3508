//! Chains without the texts of elements that are masked.

use super::{Attribute, Chain, ChainWriter};
use crate::selector::Selector;

/// Attributes that hold text of the page: what the capture script leaves out of masked elements, too.
const TEXTS: [&str; 6] = ["href", "action", "title", "alt", "aria-label", "placeholder"];

impl Chain<'_> {
    /// The text of this chain without what the outermost element that one of `masks` matches, and all below it, say in attributes. None if
    /// no element matches.
    pub fn masked(&self, masks: &[Selector]) -> Option<String> {
        let mut plain = ChainWriter::default();
        let from = (0..self.len()).find(|index| {
            self.write(*index, &|_| true, &mut plain);
            // The elements up to this one are a chain of their own, with this one as target.
            Chain::parse(plain.so_far()).is_ok_and(|upto| masks.iter().any(|mask| mask.matches(&upto)))
        })?;
        let mut masked = ChainWriter::default();
        for index in 0..self.len() {
            self.write(index, &|name| index < from || !TEXTS.contains(&name.name()), &mut masked);
        }
        // Less than a chain has is a chain.
        masked.finish().ok()
    }

    fn write(&self, index: usize, keeps: &dyn Fn(Attribute) -> bool, writer: &mut ChainWriter) {
        let element = self.element(index);
        writer.element(element.tag());
        if let Some(id) = element.id() {
            writer.id(id);
        }
        for class in element.classes() {
            writer.class(class);
        }
        for (name, value) in element.attributes().filter(|(name, _)| keeps(*name)) {
            writer.attribute(name, value);
        }
        if let Some(position) = element.position() {
            writer.position(position);
        }
    }
}
