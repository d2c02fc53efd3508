//! Predicates on columns: evaluated once per distinct value, then a look-up of codes.
//!
//! [`Meaning`] is a predicate with what it needs of the project: which values of the dictionaries, and which users, each
//! condition holds for. [`Node`] is that bound to the columns of one part or tail.

mod meaning;
mod node;
mod rows;
mod tables;
mod truths;

pub(crate) use meaning::{Meaning, Test};
pub(crate) use node::{Node, OwnValues, RowCodes, Spans};
pub(crate) use rows::{FewRows, Sparse};
pub(crate) use tables::{OfValue, Table, Tables, of_values};
pub(crate) use truths::Truths;
