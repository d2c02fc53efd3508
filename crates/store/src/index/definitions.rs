//! Which definitions have indexes, and where they stand in a question's predicates.

use std::sync::Arc;

use cairn_model::Predicate;
use foldhash::fast::FixedState;
use hashbrown::HashMap;

use super::Usage;

/// The definitions of a project.
#[derive(Clone, Debug, Default)]
pub(crate) struct Definitions {
    /// By canonical JSON.
    by_key: HashMap<Arc<str>, Defined, FixedState>,
}

#[derive(Clone, Debug)]
struct Defined {
    predicate: Predicate,
    usage: Arc<Usage>,
}

/// A definition that a predicate contains.
#[derive(Clone, Debug)]
pub(crate) struct Indexed {
    /// Its canonical JSON.
    pub(crate) key: Arc<str>,
    pub(crate) usage: Arc<Usage>,
}

impl Definitions {
    /// These definitions. Those that `before` has, too, keep their usage; `last_used_ms` tells that of the others, by key.
    pub(crate) fn new(definitions: Vec<Predicate>, before: &Self, last_used_ms: impl Fn(&str) -> i64) -> Self {
        let usable = definitions.into_iter().filter(|predicate| !predicate.has_user_condition());
        let defined = usable.map(|predicate| {
            let key: Arc<str> = Arc::from(predicate.to_json().to_string());
            let known = before.by_key.get(&key).map(|defined| defined.usage.clone());
            let usage = known.unwrap_or_else(|| Arc::new(Usage::since(last_used_ms(&key))));
            (key, Defined { predicate, usage })
        });
        Self { by_key: defined.collect() }
    }

    /// Those that have indexes, with their keys.
    pub(crate) fn indexed(&self) -> impl Iterator<Item = (&Arc<str>, &Predicate)> {
        let live = self.by_key.iter().filter(|(_, defined)| !defined.usage.retired());
        live.map(|(key, defined)| (key, &defined.predicate))
    }

    /// All keys, with their usage.
    pub(crate) fn usages(&self) -> impl Iterator<Item = (&Arc<str>, &Usage)> {
        self.by_key.iter().map(|(key, defined)| (key, &*defined.usage))
    }

    /// Whether the definition has indexes.
    pub(crate) fn has_index(&self, key: &str) -> bool {
        self.by_key.get(key).is_some_and(|defined| !defined.usage.retired())
    }

    /// A definition that must hold for `predicate` to hold, and what must hold beside it.
    pub(crate) fn within(&self, predicate: &Predicate) -> Option<(Indexed, Predicate)> {
        if self.by_key.is_empty() {
            return None;
        }
        if let Some((key, defined)) = self.by_key.get_key_value(predicate.to_json().to_string().as_str()) {
            return Some((Indexed { key: key.clone(), usage: defined.usage.clone() }, Predicate::every()));
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
        let definitions = Definitions::new(vec![definition.clone()], &Definitions::default(), |_| 0);
        let question = Predicate::All(vec![Predicate::All(vec![definition.clone()]), click()]).without_bots();
        let (indexed, rest) = definitions.within(&question).unwrap();
        assert_eq!(*indexed.key, *definition.to_json().to_string());
        let every = Predicate::every;
        assert_eq!(rest, Predicate::All(vec![Predicate::All(vec![every()]), click()]).without_bots());
        assert!(definitions.within(&Predicate::Any(vec![definition.clone(), click()])).is_none());
        assert!(definitions.within(&Predicate::Not(Box::new(definition))).is_none());
    }
}
