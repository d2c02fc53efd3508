//! A predicate with what it needs of the project.

use std::sync::Arc;

use cairn_analysis::{Budget, StoreError};
use cairn_model::{Condition, EventKind, Predicate, Value, selector::Selector};

use super::{Truths, truths::Truth, truths::holds_for};
use crate::{
    symbols::Symbols,
    users::{UserBits, Users},
};

/// What is asked of a value.
#[derive(Clone, Debug)]
pub(crate) enum Test {
    Condition(Condition),
    Selector(Selector),
}

impl Test {
    /// Whether a value, or its absence, passes.
    pub(crate) fn holds(&self, value: Option<&Value<'_>>) -> bool {
        match self {
            Test::Condition(condition) => condition.matches(value),
            Test::Selector(selector) => value.and_then(Value::as_str).is_some_and(|chain| selector.matches_text(chain)),
        }
    }

    /// Whether it asks only if there is a value.
    pub(super) fn is_of_presence(&self) -> bool {
        matches!(self, Test::Condition(Condition::IsSet | Condition::IsNotSet))
    }

    /// Whether an encoded value passes.
    pub(crate) fn holds_for(&self, value: &[u8]) -> bool {
        holds_for(self, value)
    }
}

/// A predicate over events, ready for any part or tail of the project.
#[derive(Clone, Debug)]
pub(crate) enum Meaning {
    All(Vec<Meaning>),
    Any(Vec<Meaning>),
    Not(Box<Meaning>),
    Kind(u8),
    /// A test on a property, and what it says of the project's values.
    Property {
        name: String,
        test: Test,
        truth: Arc<Truth>,
    },
    User(Arc<UserBits>),
}

impl Meaning {
    /// What `predicate` means in a project. Fails if the budget is over.
    pub(crate) fn of(
        predicate: &Predicate,
        symbols: &Symbols,
        (truths, budget): (&Truths, &Budget),
        users: &Users,
    ) -> Result<Self, StoreError> {
        let list = |parts: &[Predicate]| -> Result<Vec<Self>, StoreError> {
            parts.iter().map(|part| Self::of(part, symbols, (truths, budget), users)).collect()
        };
        let property = |name: &str, test: Test, condition: &Predicate| {
            let values = symbols.get(name).map(|dictionary| &dictionary.values);
            let truth = truths.of(&condition.to_json().to_string(), &test, values, budget)?;
            Ok::<_, StoreError>(Meaning::Property { name: name.to_owned(), test, truth })
        };
        Ok(match predicate {
            Predicate::All(parts) => Meaning::All(list(parts)?),
            Predicate::Any(parts) => Meaning::Any(list(parts)?),
            Predicate::Not(part) => Meaning::Not(Box::new(Self::of(part, symbols, (truths, budget), users)?)),
            Predicate::Type(kind) => Meaning::Kind(*kind as u8),
            Predicate::Name(name) => {
                let is = Condition::Is(Value::from(name.clone()));
                let named = Predicate::Property("name".to_owned(), is.clone());
                let named = property("name", Test::Condition(is), &named)?;
                Meaning::All(vec![Meaning::Kind(EventKind::Custom as u8), named])
            }
            Predicate::Selector(_, selector) => property("chain", Test::Selector(selector.clone()), predicate)?,
            Predicate::Property(name, condition) => property(name, Test::Condition(condition.clone()), predicate)?,
            Predicate::User(name, condition) => {
                let test = Test::Condition(condition.clone());
                Meaning::User(users.satisfying(name, &predicate.to_json().to_string(), &test)?)
            }
        })
    }

    /// Whether a predicate of conditions on users holds for one.
    pub(crate) fn holds_for_user(&self, user: u32) -> bool {
        match self {
            Meaning::All(parts) => parts.iter().all(|part| part.holds_for_user(user)),
            Meaning::Any(parts) => parts.iter().any(|part| part.holds_for_user(user)),
            Meaning::Not(part) => !part.holds_for_user(user),
            Meaning::User(bits) => bits.of(user),
            Meaning::Kind(_) | Meaning::Property { .. } => false,
        }
    }
}
