//! Files of lists of people: JSON, CSV, or a handle on each line.

use std::collections::BTreeSet;

use cairn_analysis::Listed;
use cairn_model::{UserId, limits};
use serde::Deserialize;

/// How a list is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListFormat {
    /// `{"users": [{"handle": "jane@example.com"}, {"id": "4711"}]}`.
    Json,
    /// Columns between commas; a first line with `handle` or `user_id`, or both, says which. Without, the only column is handles.
    Csv,
    /// A handle on each line, whatever is in it; a first line `handle` or `user_id` says what they are. What begins with a brace is
    /// JSON after all.
    Lines,
}

impl ListFormat {
    /// The format that a content type names, whatever its parameters; lines where it names none of the others.
    pub fn of_content_type(content_type: &str) -> Self {
        let kind = content_type.split(';').next().unwrap_or_default().trim();
        match kind {
            _ if kind.eq_ignore_ascii_case("application/json") => ListFormat::Json,
            _ if kind.eq_ignore_ascii_case("text/csv") => ListFormat::Csv,
            _ => ListFormat::Lines,
        }
    }

    /// The content type of the format.
    pub fn content_type(self) -> &'static str {
        match self {
            ListFormat::Json => "application/json",
            ListFormat::Csv => "text/csv",
            ListFormat::Lines => "text/plain",
        }
    }
}

/// A list has at most so many people.
const PEOPLE_MAX: usize = 1_000_000;
/// A list's file has at most so many bytes.
pub const LIST_BYTES: usize = 64 << 20;

const HANDLE: &str = "handle";
const USER_ID: &str = "user_id";

/// The people of a file, each once, in order. What is wrong with it is said for people.
pub(crate) fn read(file: &[u8], format: ListFormat) -> Result<Vec<Listed>, String> {
    if file.len() > LIST_BYTES {
        return Err(format!("A list's file has at most {} MiB.", LIST_BYTES >> 20));
    }
    let text = std::str::from_utf8(file).map_err(|_| "A list is UTF-8; save the file as that.".to_owned())?;
    let text = text.trim_start_matches('\u{feff}');
    let mut people = Collected::default();
    match format {
        ListFormat::Json => json(text, &mut people)?,
        ListFormat::Csv => csv(text, &mut people)?,
        ListFormat::Lines if text.trim_start().starts_with('{') => json(text, &mut people)?,
        ListFormat::Lines => lines(text, &mut people)?,
    }
    if people.0.is_empty() {
        return Err("The list is empty: give at least one handle or user id, or remove the list.".to_owned());
    }
    Ok(people.0.into_iter().collect())
}

#[derive(Default)]
struct Collected(BTreeSet<Listed>);

impl Collected {
    /// Somebody, found at a place such as "Line 3".
    fn add(&mut self, listed: Listed, place: impl Fn() -> String) -> Result<(), String> {
        if let Listed::Handle(handle) = &listed
            && (handle.is_empty() || handle.len() > limits::HANDLE_BYTES)
        {
            return Err(format!("{}: a handle has 1 to {} bytes.", place(), limits::HANDLE_BYTES));
        }
        self.0.insert(listed);
        if self.0.len() > PEOPLE_MAX {
            return Err(format!("A list has at most {PEOPLE_MAX} people."));
        }
        Ok(())
    }

    fn add_text(&mut self, text: &str, is_id: bool, place: impl Fn() -> String) -> Result<(), String> {
        let listed = match is_id {
            false => Listed::Handle(text.to_owned()),
            true => Listed::User(UserId::parse(text).ok_or_else(|| {
                format!("{}: {text:?} is no user id, which is an integer from 1 to 2^63 - 1.", place())
            })?),
        };
        self.add(listed, place)
    }
}

fn json(text: &str, people: &mut Collected) -> Result<(), String> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Body {
        users: Vec<Listed>,
    }
    let body: Body = serde_json::from_str(text).map_err(|error| {
        format!(r#"The list cannot be read: {error}. Write {{"users": [{{"handle": ".."}}, {{"id": ".."}}]}}."#)
    })?;
    let users = body.users.into_iter().enumerate();
    users.into_iter().try_for_each(|(at, listed)| people.add(listed, || format!("User {}", at + 1)))
}

fn lines(text: &str, people: &mut Collected) -> Result<(), String> {
    let mut lines = text.lines().map(str::trim).enumerate().filter(|(_, line)| !line.is_empty()).peekable();
    let head = lines.next_if(|(_, line)| [HANDLE, USER_ID].contains(line));
    let is_id = head.is_some_and(|(_, line)| line == USER_ID);
    lines.try_for_each(|(at, line)| people.add_text(line, is_id, || format!("Line {}", at + 1)))
}

fn csv(text: &str, people: &mut Collected) -> Result<(), String> {
    let reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).trim(csv::Trim::All).from_reader(text.as_bytes());
    let mut columns: Option<Columns> = None;
    for record in reader.into_records() {
        let record = record.map_err(|error| format!("The CSV cannot be read: {error}."))?;
        let place = || format!("Line {}", record.position().map_or(0, csv::Position::line));
        let Some(columns) = columns else {
            let (found, is_head) = Columns::of(&record)?;
            columns = Some(found);
            if !is_head {
                found.add(&record, people, place)?;
            }
            continue;
        };
        columns.add(&record, people, place)?;
    }
    Ok(())
}

/// Where handles and user ids stand.
#[derive(Clone, Copy)]
struct Columns {
    handle: Option<usize>,
    user_id: Option<usize>,
}

impl Columns {
    /// As the first line says, and whether it is a head.
    fn of(first: &csv::StringRecord) -> Result<(Self, bool), String> {
        let at = |name: &str| first.iter().position(|field| field == name);
        let columns = Self { handle: at(HANDLE), user_id: at(USER_ID) };
        match columns {
            Self { handle: None, user_id: None } if first.len() > 1 => {
                Err("A CSV of several columns needs a first line with `handle` or `user_id`.".to_owned())
            }
            Self { handle: None, user_id: None } => Ok((Self { handle: Some(0), user_id: None }, false)),
            columns => Ok((columns, true)),
        }
    }

    /// Whoever a line names: by the handle, or if there is none by the user id. Lines that name nobody are passed.
    fn add(self, record: &csv::StringRecord, people: &mut Collected, place: impl Fn() -> String) -> Result<(), String> {
        let field = |at: Option<usize>| at.and_then(|at| record.get(at)).filter(|field| !field.is_empty());
        match (field(self.handle), field(self.user_id)) {
            (Some(handle), _) => people.add_text(unquoted(handle), false, place),
            (None, Some(id)) => people.add_text(id, true, place),
            (None, None) => Ok(()),
        }
    }
}

/// A handle as it was before Cairn wrote it as CSV: without the quote that keeps spreadsheets from running what begins like a formula.
fn unquoted(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(handle) if handle.trim_start_matches('\'').starts_with(['=', '+', '-', '@', '\t', '\r']) => handle,
        _ => cell,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    /// Handles and ids as text, ids with a number sign.
    fn people(file: &str, format: ListFormat) -> Result<Vec<String>, String> {
        let text = |listed| match listed {
            Listed::Handle(handle) => handle,
            Listed::User(id) => format!("#{id}"),
        };
        Ok(read(file.as_bytes(), format)?.into_iter().map(text).collect())
    }

    #[test]
    fn each_format_is_read_and_everybody_is_there_once() {
        let json = r#"{"users": [{"id": "4"}, {"handle": "ben"}, {"handle": "ann"}, {"handle": "ben"}]}"#;
        assert_eq!(people(json, ListFormat::Json).unwrap(), ["ann", "ben", "#4"]);
        let lines = ListFormat::Lines;
        assert_eq!(people(json, lines).unwrap(), ["ann", "ben", "#4"]);
        assert_eq!(people("\u{feff}ben\r\n\r\n ann, a \r\nben", lines).unwrap(), ["ann, a", "ben"]);
        assert_eq!(people("handle\n12\n", lines).unwrap(), ["12"]);
        assert_eq!(people("user_id\n12\n7\n", lines).unwrap(), ["#7", "#12"]);
        let csv = ListFormat::Csv;
        assert_eq!(people("ben\n\"ann, a\"\n", csv).unwrap(), ["ann, a", "ben"]);
        assert_eq!(people("plan,user_id,handle\npro,4,ann\nfree,5,\n,,\n", csv).unwrap(), ["ann", "#5"]);
    }

    #[test]
    fn a_quote_before_what_begins_like_a_formula_is_not_of_the_handle() {
        let cells = "handle\n'+49170\n'=a\n'-b\n'@c\n''+d\n'\te\n'f\n'\n+g\n";
        let handles = ["'", "'+d", "'f", "+49170", "+g", "-b", "=a", "@c", "\te"];
        let mut found = people(cells, ListFormat::Csv).unwrap();
        found.sort();
        let mut expected = handles.to_vec();
        expected.sort_unstable();
        assert_eq!(found, expected);
        assert_eq!(people("'+49170\n", ListFormat::Csv).unwrap(), ["+49170"]);
        assert_eq!(people("'+49170\n", ListFormat::Lines).unwrap(), ["'+49170"]);
    }

    #[test]
    fn what_cannot_be_read_says_where_and_what_to_do() {
        let long = "a".repeat(256);
        for (file, format, words) in [
            ("", ListFormat::Lines, "empty"),
            ("handle\n", ListFormat::Csv, "empty"),
            ("[]", ListFormat::Json, r#"Write {"users""#),
            (r#"{"users": [{"name": "ann"}]}"#, ListFormat::Json, "unknown variant"),
            (r#"{"users": [{"handle": "ann"}, {"handle": ""}]}"#, ListFormat::Json, "User 2: a handle"),
            ("user_id\n4\nann\n", ListFormat::Lines, "Line 3: \"ann\" is no user id"),
            ("user_id,plan\n0,pro\n", ListFormat::Csv, "Line 2: \"0\" is no user id"),
            ("ann,pro\n", ListFormat::Csv, "a first line with `handle` or `user_id`"),
            (&long, ListFormat::Lines, "Line 1: a handle has 1 to 255 bytes"),
        ] {
            let problem = people(file, format).unwrap_err();
            assert!(problem.contains(words), "{file:?}: {problem}");
        }
        assert!(read(&[0xff], ListFormat::Lines).unwrap_err().contains("UTF-8"));
        let many: String = (0..=PEOPLE_MAX).map(|at| format!("{at}\n")).collect();
        assert!(people(&many, ListFormat::Lines).unwrap_err().contains("at most 1000000 people"));
    }

    #[test]
    fn content_types_name_formats() {
        for format in [ListFormat::Json, ListFormat::Csv, ListFormat::Lines] {
            assert_eq!(ListFormat::of_content_type(format.content_type()), format);
        }
        assert_eq!(ListFormat::of_content_type("Text/CSV; charset=utf-8"), ListFormat::Csv);
        assert_eq!(ListFormat::of_content_type(""), ListFormat::Lines);
    }
}
