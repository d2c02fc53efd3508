//! Which definitions have indexes, and where they stand in a question's predicates.

use std::sync::Arc;

use cairn_model::Predicate;
use foldhash::fast::FixedState;
use hashbrown::HashMap;

/// The definitions of a project.
#[derive(Clone, Debug, Default)]
pub(crate) struct Definitions {
    /// By canonical JSON.
    by_key: HashMap<Arc<str>, Predicate, FixedState>,
}

/// A definition that a predicate contains.
#[derive(Clone, Debug)]
pub(crate) struct Indexed {
    /// Its canonical JSON.
    pub(crate) key: Arc<str>,
}

impl Definitions {
    pub(crate) fn new(definitions: Vec<Predicate>) -> Self {
        let usable = definitions.into_iter().filter(|predicate| !predicate.has_user_condition());
        Self { by_key: usable.map(|predicate| (Arc::from(predicate.to_json().to_string()), predicate)).collect() }
    }

    /// All of them, with their keys.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&Arc<str>, &Predicate)> {
        self.by_key.iter()
    }

    pub(crate) fn contains(&self, key: &str) -> bool {
        self.by_key.contains_key(key)
    }

    /// A definition that must hold for `predicate` to hold, and what must hold beside it.
    pub(crate) fn within(&self, predicate: &Predicate) -> Option<(Indexed, Predicate)> {
        if self.by_key.is_empty() {
            return None;
        }
        if let Some((key, _)) = self.by_key.get_key_value(predicate.to_json().to_string().as_str()) {
            return Some((Indexed { key: key.clone() }, Predicate::every()));
        }
        let Predicate::All(parts) = predicate else {
            return None;
        };
        parts.iter().enumerate().find_map(|(at, part)| {
            let (indexed, rest) = self.within(part)?;
            let mut parts = parts.clone();
            parts[at] = rest;
            Some((indexed, Predicate::All(parts)))
        })
    }
}

#[cfg(test)]
mod tests {
    use cairn_model::EventKind;

    use super::*;

    #[test]
    fn a_definition_is_found_among_what_must_hold() {
        let click = || Predicate::Type(EventKind::Click);
        let definition = Predicate::All(vec![click(), Predicate::Name("x".to_owned())]);
        let definitions = Definitions::new(vec![definition.clone()]);
        let question = Predicate::All(vec![Predicate::All(vec![definition.clone()]), click()]).without_bots();
        let (indexed, rest) = definitions.within(&question).unwrap();
        assert_eq!(*indexed.key, *definition.to_json().to_string());
        let every = Predicate::every;
        assert_eq!(rest, Predicate::All(vec![Predicate::All(vec![every()]), click()]).without_bots());
        assert!(definitions.within(&Predicate::Any(vec![definition.clone(), click()])).is_none());
        assert!(definitions.within(&Predicate::Not(Box::new(definition))).is_none());
    }
}
