//! What senders may say, and what they are told otherwise.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use cairn_model::{Event, EventKind, Message, Reason, Refusal, TimeMs, Value, limits, parse};

const NOW: TimeMs = TimeMs(1_763_877_600_000);

fn message(json: &str) -> Result<Message<'_>, Refusal> {
    parse::parse_message(json).and_then(|draft| draft.finish(NOW, 0))
}

fn click(more: &str) -> String {
    format!(r#"{{"type": "click", "user_id": "5", "event_id": 6, "time": {}{more}}}"#, NOW.0)
}

fn event(json: &str) -> Event<'_> {
    match message(json) {
        Ok(Message::Event(event)) => event,
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_event_is_read() {
    let json = click(r#", "properties": {"b": "x\ny", "a": 1.5, "deep": {"n": null, "t": true}, "list": ["u", 2]}"#);
    let event = event(&json);
    assert_eq!((event.user_id.get(), event.event_id.get(), event.kind), (5, 6, EventKind::Click));
    let properties = serde_json::to_string(&event.properties).unwrap();
    assert_eq!(properties, r#"{"a":1.5,"b":"x\ny","deep.n":null,"deep.t":true,"list":["u",2.0]}"#);
}

#[test]
fn refusals_name_the_reason() {
    let nested = |depth: usize| format!("{}1{}", r#"{"a":"#.repeat(depth), "}".repeat(depth));
    let many = |n: usize| (0..n).map(|i| format!(r#""p{i}":1"#)).collect::<Vec<_>>().join(",");
    let with = |properties: &str| click(&format!(r#", "properties": {properties}"#));
    let cases = [
        (r#"{"type": "click""#.to_owned(), Reason::Json),
        ("[1]".to_owned(), Reason::Json),
        (r#"{"user_id": "5"}"#.to_owned(), Reason::Type),
        (r#"{"type": 3, "user_id": "5"}"#.to_owned(), Reason::Type),
        (r#"{"type": "wink", "user_id": "5", "time": 1763877600000}"#.to_owned(), Reason::Type),
        (r#"{"type": "click", "event_id": 6, "time": 1763877600000}"#.to_owned(), Reason::UserId),
        (r#"{"type": "click", "user_id": 0, "event_id": 6, "time": 1763877600000}"#.to_owned(), Reason::UserId),
        (r#"{"type": "click", "user_id": "-5", "event_id": 6, "time": 1763877600000}"#.to_owned(), Reason::UserId),
        (r#"{"type": "click", "user_id": {"a": 1}, "event_id": 6, "time": 1763877600000}"#.to_owned(), Reason::UserId),
        (
            r#"{"type": "click", "user_id": 9223372036854775808, "event_id": 6, "time": 1763877600000}"#.to_owned(),
            Reason::UserId,
        ),
        (r#"{"type": "click", "user_id": 5, "time": 1763877600000}"#.to_owned(), Reason::EventId),
        (r#"{"type": "click", "user_id": 5, "event_id": 6}"#.to_owned(), Reason::Time),
        (r#"{"type": "click", "user_id": 5, "event_id": 6, "time": "now"}"#.to_owned(), Reason::Time),
        (r#"{"type": "click", "user_id": 5, "event_id": 6, "time": 946684799999}"#.to_owned(), Reason::Time),
        (
            format!(r#"{{"type": "click", "user_id": 5, "event_id": 6, "time": {}}}"#, NOW.0 + limits::AHEAD_MS + 1),
            Reason::Time,
        ),
        (r#"{"type": "custom", "user_id": 5, "event_id": 6, "time": 1763877600000}"#.to_owned(), Reason::Name),
        (r#"{"type": "identify", "user_id": 5, "time": 1763877600000}"#.to_owned(), Reason::Handle),
        (r#"{"type": "identify", "user_id": 5, "handle": "", "time": 1763877600000}"#.to_owned(), Reason::Handle),
        (with("[]"), Reason::Properties),
        (with(r#"{"a": [[1]]}"#), Reason::Properties),
        (with(r#"{"": 1}"#), Reason::Properties),
        (with(&format!("{{{}}}", many(256))), Reason::Properties),
        (with(&nested(17)), Reason::Depth),
        (with(&nested(200)), Reason::Depth),
        (with(r#"{"chain": "html>"}"#), Reason::Chain),
        (with(r#"{"chain": 5}"#), Reason::Chain),
        (with(r#"{"a": "\u0000"}"#), Reason::Text),
        (with(r#"{"a\u0000": 1}"#), Reason::Text),
        (with(r#"{"a": ["\u0000"]}"#), Reason::Text),
        (with(r#"{"a": "\ud800"}"#), Reason::Text),
        (with(r#"{"a": "\ud800x"}"#), Reason::Text),
        (with(r#"{"a": "\udc00"}"#), Reason::Text),
    ];
    for (json, reason) in cases {
        let refusal = message(&json).expect_err(&json);
        assert_eq!(refusal.reason, reason, "{json}: {refusal}");
    }
}

#[test]
fn the_limits_themselves_are_allowed() {
    let nested = format!("{}1{}", r#"{"a":"#.repeat(limits::DEPTH), "}".repeat(limits::DEPTH));
    assert!(message(&click(&format!(r#", "properties": {nested}"#))).is_ok());
    let many = (0..limits::PROPERTIES).map(|i| format!(r#""p{i}":1"#)).collect::<Vec<_>>().join(",");
    let full = click(&format!(r#", "properties": {{{many}}}"#));
    assert_eq!(event(&full).properties.len(), limits::PROPERTIES);
    // What the server adds does not count.
    let mut draft = parse::parse_message(&full).unwrap();
    draft.set("browser", Value::from("Firefox"));
    assert!(draft.finish(NOW, 0).is_ok());
}

#[test]
fn long_text_is_cut_between_characters() {
    let json = click(&format!(r#", "properties": {{"a": "x{}"}}"#, "é".repeat(5_000)));
    let event = event(&json);
    let text = event.properties.get("a").and_then(Value::as_str).unwrap();
    assert_eq!((text.len(), text.chars().last()), (8_191, Some('é')));
}

#[test]
fn of_equal_names_the_last_stands() {
    let json = click(r#", "properties": {"a": 1, "b": 2, "a": 3}"#);
    assert_eq!(serde_json::to_string(&event(&json).properties).unwrap(), r#"{"a":3.0,"b":2.0}"#);
}

#[test]
fn one_bad_message_leaves_the_others() {
    let good = click("");
    for bad in [r#"{"type": "click", "properties": {"a": "\ud800"}}"#, r#"{"type": 1e999}"#, "7"] {
        let body = format!(r#"{{"sent_at": 5, "messages": [{good}, {bad}, {good}]}}"#);
        let body = parse::parse_body(body.as_bytes()).unwrap();
        assert_eq!(body.sent_at, Some(TimeMs(5)));
        let kept: Vec<bool> =
            body.messages.into_iter().map(|draft| draft.and_then(|draft| draft.finish(NOW, 0)).is_ok()).collect();
        assert_eq!(kept, [true, false, true], "{bad}");
    }
}

#[test]
fn a_body_that_is_none_is_refused_whole() {
    for body in [&b"{"[..], b"[]", b"{\"messages\": 3}", b"{\"messages\": [{]}", b"\xff\xfe", b"", b"{}"] {
        assert_eq!(parse::parse_body(body).unwrap_err().reason, Reason::Json);
    }
}
