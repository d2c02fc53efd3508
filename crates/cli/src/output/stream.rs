//! One person's events, as a timeline and as CSV.

use cairn_analysis::{StreamAnswer, StreamEvent, StreamSession};
use cairn_model::{Event, Value};

use super::{INSTANT, Table, answer::label, csv, local, plain, users};

/// Session by session, one row per event, newest first; times in the zone.
pub(super) fn lines(stream: &StreamAnswer, zone: &str) -> Vec<String> {
    let mut table = Table::new(["time", "type", "event", "path", "text"], ..0);
    for event in stream.sessions.iter().flat_map(|session| &session.events) {
        let StreamEvent { event, names } = event;
        let (path, text) = (property(event, "path"), said(event));
        table.row([local(event.time, zone, "%Y-%m-%d %H:%M:%S"), event.kind.to_string(), names.join(", "), path, text]);
    }
    let mut lines = vec![plain(&users::words(&stream.user)), String::new()];
    let mut rows = table.lines().into_iter();
    lines.extend(rows.by_ref().take(2));
    for session in &stream.sessions {
        lines.push(plain(&head(session)));
        lines.extend(rows.by_ref().take(session.events.len()));
    }
    match &stream.next {
        Some(next) => lines.push(format!("\nEarlier events: --before {next}")),
        None if stream.sessions.is_empty() => lines.push("No events.".to_owned()),
        None => {}
    }
    lines
}

/// The same for spreadsheets; properties as JSON.
pub(super) fn csv_rows(stream: &StreamAnswer, zone: &str) -> Vec<Vec<String>> {
    let head = ["time", "user_id", "session_id", "event_id", "type", "names", "properties"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    for session in &stream.sessions {
        let session_id = session.session_id.as_ref().map(label).unwrap_or_default();
        rows.extend(session.events.iter().map(|StreamEvent { event, names }| {
            vec![
                csv::text(&local(event.time, zone, INSTANT)),
                event.user_id.to_string(),
                csv::text(&session_id),
                event.event_id.to_string(),
                event.kind.to_string(),
                csv::text(&names.join(", ")),
                csv::text(&serde_json::to_string(&event.properties).unwrap_or_default()),
            ]
        }));
    }
    rows
}

/// A session's line.
fn head(session: &StreamSession) -> String {
    match &session.session_id {
        Some(id) => format!("Session {} of user {}", label(id), session.user_id),
        None => format!("No session, of user {}", session.user_id),
    }
}

/// What a custom event is called, or the target's text.
fn said(event: &Event<'_>) -> String {
    ["name", "target_text"]
        .into_iter()
        .map(|name| property(event, name))
        .find(|text| !text.is_empty())
        .unwrap_or_default()
}

fn property(event: &Event<'_>, name: &str) -> String {
    event.properties.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use cairn_analysis::PersonRow;
    use cairn_model::{EventKind, UserId};

    use super::*;

    /// On 3 August 2026 from 10:00 UTC on, newest last.
    fn stream() -> StreamAnswer {
        let event = |id: u64, session: &'static str, kind, properties: &[(&'static str, &'static str)]| {
            let mut event = Event::new(7, id, 1_785_751_200_000 + 1_000 * id as i64, kind);
            let session = Some(session).filter(|session| !session.is_empty());
            let properties = properties.iter().copied().chain(session.map(|session| ("session_id", session)));
            properties.for_each(|(name, value)| event.properties.set(name, Value::from(value)));
            event
        };
        let events = vec![
            event(3, "", EventKind::Custom, &[("name", "=Order")]),
            event(2, "s", EventKind::Click, &[("path", "/cart"), ("target_text", "Buy\x1b[31m")]),
            event(1, "s", EventKind::Pageview, &[("path", "/cart")]),
        ];
        let handle = Some("jane".to_owned());
        let user_ids = UserId::new(7).into_iter().collect();
        let user = PersonRow {
            handle,
            user_ids,
            properties: BTreeMap::from([("plan".to_owned(), Value::from("pro"))]),
            seen: None,
        };
        let mut stream = StreamAnswer::new(user, events, Some("1.2.3".to_owned()));
        stream.sessions[1].events[0].names = vec!["=Buy".to_owned(), "Click".to_owned()];
        stream
    }

    #[test]
    fn a_timeline_goes_by_session() {
        let lines = lines(&stream(), "Europe/Berlin");
        let words: Vec<Vec<&str>> = lines.iter().map(|line| line.split_whitespace().collect()).collect();
        assert_eq!(lines[0], "jane, user id 7, plan: pro");
        assert_eq!(words[2], ["time", "type", "event", "path", "text"]);
        assert_eq!(lines[4], "No session, of user 7");
        assert_eq!(words[5], ["2026-08-03", "12:00:03", "custom", "=Order"]);
        assert_eq!(lines[6], "Session s of user 7");
        assert_eq!(words[7], ["2026-08-03", "12:00:02", "click", "=Buy,", "Click", "/cart", "Buy\u{fffd}[31m"]);
        assert_eq!(words[8], ["2026-08-03", "12:00:01", "pageview", "/cart"]);
        assert_eq!(lines[9], "\nEarlier events: --before 1.2.3");
    }

    #[test]
    fn cells_are_safe_in_spreadsheets() {
        let rows = csv_rows(&stream(), "Europe/Berlin");
        assert_eq!(rows.len(), 4);
        assert_eq!(rows[2][..6], ["2026-08-03T12:00:02.000+02:00", "7", "s", "2", "click", "'=Buy, Click"]);
        assert_eq!(rows[1][6], r#"{"name":"=Order"}"#);
    }
}
