//! Which type each property's column has: that of its values if they agree, else JSON.

use std::collections::BTreeMap;

use cairn_model::{Properties, Value};

/// A column's type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Type {
    Bool,
    Number,
    Text,
    /// Values of several types, arrays and nulls, each as JSON.
    Json,
}

/// The columns of all properties seen, by name.
#[derive(Debug, Default)]
pub(super) struct Columns(BTreeMap<String, Type>);

impl Columns {
    /// Takes the names and types of some properties.
    pub(super) fn see(&mut self, properties: &Properties<'_>) {
        for (name, value) in properties.iter() {
            let kind = match value {
                Value::Bool(_) => Type::Bool,
                Value::Number(_) => Type::Number,
                Value::String(_) => Type::Text,
                Value::Null | Value::Array(_) => Type::Json,
            };
            match self.0.get_mut(name) {
                None => drop(self.0.insert(name.to_owned(), kind)),
                Some(known) if *known != kind => *known = Type::Json,
                Some(_) => {}
            }
        }
    }

    /// Names and types, by name.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, Type)> {
        self.0.iter().map(|(name, kind)| (name.as_str(), *kind))
    }
}
