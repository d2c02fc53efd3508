//! Where what is saved names a person: an erasure cannot take a name out of a question without changing what it asks, so it says where
//! that stands.

use cairn_model::{ProjectId, UserId};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Registry, RegistryError};

/// A shorter number is a day, a count or a percentage as well as somebody's id, unless it stands alone as a text.
const TELLING_DIGITS: usize = 7;
/// Deeper state is nobody's.
const DEPTH_MAX: usize = 64;

/// What names a person, by its own names. Empty if nothing does.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mentions {
    /// Saved reports and segments, in their names or in what they ask.
    pub reports: Vec<String>,
    /// Dashboards, in their names.
    pub dashboards: Vec<String>,
    /// Definitions, in their names, their conditions or those that they had.
    pub definitions: Vec<String>,
    /// Lists of people, in their names.
    pub lists: Vec<String>,
}

impl Mentions {
    /// Whether nothing names the person.
    pub fn is_empty(&self) -> bool {
        let Self { reports, dashboards, definitions, lists } = self;
        [reports, dashboards, definitions, lists].iter().all(|names| names.is_empty())
    }
}

impl Registry {
    /// What of a project names any of these handles and user ids.
    pub(crate) fn mentions(
        &self,
        project: ProjectId,
        handles: &[String],
        users: &[UserId],
    ) -> Result<Mentions, RegistryError> {
        let whom = Whom { handles, users: users.iter().map(ToString::to_string).collect() };
        let mut found = Mentions::default();
        for report in self.catalog.reports(project)? {
            if whom.named_in(&report.name) || whom.named_by(&report.state, DEPTH_MAX) {
                found.reports.push(report.name);
            }
        }
        for definition in self.catalog.definitions(project)? {
            let versions = self.catalog.definition_versions(project, &definition.name)?;
            let said = serde_json::to_value(versions).unwrap_or_default();
            if whom.named_in(&definition.name) || whom.named_by(&said, DEPTH_MAX) {
                found.definitions.push(definition.name);
            }
        }
        let dashboards = self.catalog.dashboards(project)?.into_iter().map(|dashboard| dashboard.name);
        found.dashboards = dashboards.filter(|name| whom.named_in(name)).collect();
        let lists = self.catalog.lists(project)?.into_iter().map(|list| list.name);
        found.lists = lists.filter(|name| whom.named_in(name)).collect();
        Ok(found)
    }
}

struct Whom<'a> {
    handles: &'a [String],
    users: Vec<String>,
}

impl Whom<'_> {
    fn named_by(&self, state: &Value, depth: usize) -> bool {
        let Some(below) = depth.checked_sub(1) else { return false };
        match state {
            Value::String(text) => {
                // In JSON within a text a handle may be written otherwise.
                let inner = || text.starts_with(['{', '[']).then(|| serde_json::from_str(text).ok()).flatten();
                self.named_in(text) || inner().is_some_and(|inner: Value| self.named_by(&inner, below))
            }
            Value::Number(number) => {
                let text = number.to_string();
                text.len() >= TELLING_DIGITS && self.users.contains(&text)
            }
            Value::Array(items) => items.iter().any(|item| self.named_by(item, below)),
            Value::Object(fields) => {
                fields.iter().any(|(key, field)| self.named_in(key) || self.named_by(field, below))
            }
            Value::Null | Value::Bool(_) => false,
        }
    }

    fn named_in(&self, text: &str) -> bool {
        let is_user = |user: &String| text == user || (user.len() >= TELLING_DIGITS && has_word(text, user));
        self.handles.iter().any(|handle| has_word(text, handle)) || self.users.iter().any(is_user)
    }
}

/// Whether `word` stands in `text`, and not as a part of a longer word.
fn has_word(text: &str, word: &str) -> bool {
    let is_free = |beside: Option<char>| beside.is_none_or(|c| !c.is_alphanumeric());
    text.match_indices(word)
        .any(|(at, _)| is_free(text[..at].chars().next_back()) && is_free(text[at + word.len()..].chars().next()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn names(handle: &str, user: &str, state: &Value) -> bool {
        Whom { handles: &[handle.to_owned()], users: vec![user.to_owned()] }.named_by(state, DEPTH_MAX)
    }

    #[test]
    fn a_person_is_found_wherever_a_name_of_theirs_stands() {
        let states = [
            json!({"where": {"user": "handle", "is": "ann"}}),
            json!({"where": r#"{"any":[{"user":"handle","in":["bo","ann"]}]}"#}),
            json!({"group": [r#"segment:{"name":"x","segment":{"user":"handle","is":"ann"}}"#]}),
            json!({"text": "Orders of ann, this year"}),
            json!({"ann": 1}),
            json!({"path": "/people/8203948475647382"}),
            json!({"ids": [8_203_948_475_647_382_u64]}),
        ];
        for state in states {
            assert!(names("ann", "8203948475647382", &state), "{state}");
            assert!(!names("eve", "1", &state), "{state}");
        }
        let escaped = json!({"where": json!({"user": "handle", "is": "a\"b"}).to_string()});
        assert!(names("a\"b", "1", &escaped));
    }

    #[test]
    fn parts_of_words_and_small_numbers_are_nobody() {
        let state =
            json!({"event": "Annual plan, planning", "top": 12, "days": 14, "from": "2026-12-14", "text": "joann"});
        assert!(!names("ann", "12", &state) && !names("plannin", "14", &state));
        assert!(names("x", "12", &json!({"user": "12"})), "alone it is an id");
        assert!(!names("x", "82039484756473", &json!({"n": 8_203_948_475_647_382_u64, "text": "82039484756473820"})));
    }
}
