//! Predicates on columns: evaluated once per distinct value, then a table look-up on codes.

use cairn_model::{Condition, EventKind, Predicate, Value, decode_value};

use crate::column::{Codes, ColumnView};

/// A predicate compiled for the columns of one part or tail.
pub(crate) enum Node<'a> {
    All(Vec<Node<'a>>),
    Any(Vec<Node<'a>>),
    Not(Box<Node<'a>>),
    Never,
    Kind(u8),
    /// The row's code, looked up.
    Column(Codes<'a>, Vec<bool>),
    /// Bit `i` of what holds for the user.
    User(u32),
}

/// A predicate's conditions on users, numbered in the order in which `compile` meets them.
pub(crate) fn user_conditions(predicate: &Predicate) -> Vec<(String, Condition)> {
    let mut conditions = Vec::new();
    predicate.visit(&mut |part| {
        if let Predicate::User(name, condition) = part {
            conditions.push((name.clone(), condition.clone()));
        }
    });
    conditions
}

/// Compiles `predicate`; `column` gives a property's column.
pub(crate) fn compile<'a, E>(
    predicate: &Predicate,
    column: &mut dyn FnMut(&str) -> Result<Option<ColumnView<'a>>, E>,
    users: &mut u32,
) -> Result<Node<'a>, E> {
    let mut list = |parts: &[Predicate], users: &mut u32| -> Result<Vec<Node<'a>>, E> {
        parts.iter().map(|part| compile(part, column, users)).collect()
    };
    Ok(match predicate {
        Predicate::All(parts) => Node::All(list(parts, users)?),
        Predicate::Any(parts) => Node::Any(list(parts, users)?),
        Predicate::Not(part) => Node::Not(Box::new(compile(part, column, users)?)),
        Predicate::Type(kind) => Node::Kind(*kind as u8),
        Predicate::Name(name) => {
            let is = Condition::Is(Value::from(name.clone()));
            let named = leaf(column("name")?, &|value| is.matches(value));
            Node::All(vec![Node::Kind(EventKind::Custom as u8), named])
        }
        Predicate::Selector(_, selector) => leaf(column("chain")?, &|value| {
            value.and_then(Value::as_str).is_some_and(|chain| selector.matches_text(chain))
        }),
        Predicate::Property(name, condition) => leaf(column(name)?, &|value| condition.matches(value)),
        Predicate::User(..) => {
            *users += 1;
            Node::User(*users - 1)
        }
    })
}

fn leaf<'a>(column: Option<ColumnView<'a>>, holds: &dyn Fn(Option<&Value<'_>>) -> bool) -> Node<'a> {
    let missing = holds(None);
    let Some(column) = column else {
        return if missing { Node::All(Vec::new()) } else { Node::Never };
    };
    // A value that cannot be decoded was not written by us; its buffer's checksum would have told.
    let truths = column.dictionary.values().map(|bytes| decode_value(bytes).is_ok_and(|value| holds(Some(&value))));
    let table: Vec<bool> = std::iter::once(missing).chain(truths).collect();
    if table.iter().any(|holds| *holds) { Node::Column(column.codes, table) } else { Node::Never }
}

impl Node<'_> {
    /// Whether the row of this kind, of a user of whom the bits `user` hold, satisfies the predicate.
    #[inline]
    pub(crate) fn holds(&self, row: usize, kind: u8, user: u64) -> bool {
        match self {
            Node::All(parts) => parts.iter().all(|part| part.holds(row, kind, user)),
            Node::Any(parts) => parts.iter().any(|part| part.holds(row, kind, user)),
            Node::Not(part) => !part.holds(row, kind, user),
            Node::Never => false,
            Node::Kind(code) => kind == *code,
            Node::Column(codes, table) => table[codes.get(row) as usize],
            Node::User(bit) => user >> bit & 1 == 1,
        }
    }
}
