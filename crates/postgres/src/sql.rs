//! Text of a query, with its parameters bound. Nothing that anybody typed becomes part of the text.

use std::error::Error;

use tokio_postgres::types::{IsNull, ToSql, Type, accepts, private::BytesMut, to_sql_checked};

/// A parameter.
pub(crate) type Param = Box<dyn ToSql + Sync + Send>;

/// Who decides what PostgreSQL would decide in another way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Matcher {
    /// Whoever asks: the database only narrows it down.
    Ours,
    /// The database, which has the same matcher in the extension.
    Extension,
}

/// Where constants of conditions go.
#[derive(Debug)]
pub(crate) enum Constants {
    /// They are parameters, after those that there are already; and who decides what needs the shared matcher.
    Bound(Vec<Param>, Matcher),
    /// They stand in the text, quoted: where PostgreSQL takes no parameters, as in the predicate of an index.
    Quoted,
}

impl Constants {
    /// A text.
    pub(crate) fn text(&mut self, text: &str) -> String {
        self.put(text.to_owned(), text, "text")
    }

    /// A column of the event: `e` in a query; the predicate of an index knows one table, and no other name for it.
    pub(crate) fn of_event(&self, column: &str) -> String {
        match self {
            Constants::Bound(..) => format!("e.{column}"),
            Constants::Quoted => column.to_owned(),
        }
    }

    /// Ids, as a `bigint[]`.
    pub(crate) fn ids(&mut self, ids: Vec<i64>) -> String {
        let text = ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
        self.put(ids, &format!("{{{text}}}"), "bigint[]")
    }

    /// A `jsonb`, given as its text.
    pub(crate) fn json(&mut self, text: String) -> String {
        let quoted = text.clone();
        self.put(Json(text), &quoted, "jsonb")
    }

    fn put(&mut self, param: impl ToSql + Sync + Send + 'static, text: &str, of_type: &str) -> String {
        match self {
            Constants::Bound(params, _) => {
                params.push(Box::new(param));
                format!("${}::{of_type}", params.len())
            }
            Constants::Quoted => format!("{}::{of_type}", quote(text)),
        }
    }

    /// Whether the database has the shared matcher. Predicates of indexes do without, so that they need no extension.
    pub(crate) fn has_matcher(&self) -> bool {
        matches!(self, Constants::Bound(_, Matcher::Extension))
    }

    /// How many parameters there are.
    pub(crate) fn len(&self) -> usize {
        match self {
            Constants::Bound(params, _) => params.len(),
            Constants::Quoted => 0,
        }
    }

    /// Leaves no more than so many: what they stood in is not part of the text. PostgreSQL refuses parameters that are not used.
    pub(crate) fn truncate(&mut self, len: usize) {
        if let Constants::Bound(params, _) = self {
            params.truncate(len);
        }
    }

    /// The parameters.
    pub(crate) fn into_params(self) -> Vec<Param> {
        match self {
            Constants::Bound(params, _) => params,
            Constants::Quoted => Vec::new(),
        }
    }
}

/// A literal. Backslashes mean nothing in it but where the escape form says so.
pub(crate) fn quote(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace('\'', "''");
    if text.contains('\\') { format!("E'{escaped}'") } else { format!("'{escaped}'") }
}

/// Text that goes as a `jsonb`.
#[derive(Debug)]
struct Json(String);

impl ToSql for Json {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        // The version of the binary form.
        out.extend_from_slice(&[1]);
        out.extend_from_slice(self.0.as_bytes());
        Ok(IsNull::No)
    }

    accepts!(JSONB);
    to_sql_checked!();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ends_a_literal_is_part_of_it() {
        assert_eq!(quote("it's"), "'it''s'");
        assert_eq!(quote(r"\'; drop table x; --"), r"E'\\''; drop table x; --'");
    }
}
