//! The shared matcher for index predicates and queries.
//!
//! A name ends in the matcher's version, since indexes keep what a function said when a row was written: if an answer ever
//! changes, it changes under a new name, and the old one stays as it is.

use std::cell::RefCell;
use std::fmt::Display;

use cairn_model::{Condition, PredicateError, Value, selector::Selector};
use pgrx::{PgSqlErrorCode, pg_extern};

use crate::cache::Cache;
use crate::error::fail;

thread_local! {
    static SELECTORS: RefCell<Cache<Selector>> = const { RefCell::new(Cache::new()) };
    static REGEXES: RefCell<Cache<Condition>> = const { RefCell::new(Cache::new()) };
    static GLOBS: RefCell<Cache<Condition>> = const { RefCell::new(Cache::new()) };
}

/// Whether the last element of `chain` matches the CSS `selector`; a text that is no chain matches nothing.
#[pg_extern]
fn chain_matches_v1(chain: &str, selector: &str) -> bool {
    let matches = |selector: &Selector| selector.matches_text(chain);
    or_fail(SELECTORS.with_borrow_mut(|cache| cache.get(selector, Selector::parse).map(matches)))
}

/// Whether `text` has a match of `pattern`, as the condition `regex` understands it.
#[pg_extern]
fn regex_matches_v1(text: &str, pattern: &str) -> bool {
    satisfies(&REGEXES, text, pattern, Condition::regex)
}

/// Whether the whole of `text` matches `glob`: `*` any run, `?` one character.
#[pg_extern]
fn glob_matches_v1(text: &str, glob: &str) -> bool {
    satisfies(&GLOBS, text, glob, Condition::glob)
}

fn satisfies(
    cache: &'static std::thread::LocalKey<RefCell<Cache<Condition>>>,
    text: &str,
    operand: &str,
    parse: fn(&str) -> Result<Condition, PredicateError>,
) -> bool {
    let matches = |condition: &Condition| condition.matches(Some(&Value::from(text)));
    or_fail(cache.with_borrow_mut(|cache| cache.get(operand, parse).map(matches)))
}

/// An operand that cannot be used ends the query, in the matcher's own words.
fn or_fail<E: Display>(matches: Result<bool, E>) -> bool {
    matches.unwrap_or_else(|error| fail(PgSqlErrorCode::ERRCODE_INVALID_PARAMETER_VALUE, error.to_string()))
}
