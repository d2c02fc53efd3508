#![allow(clippy::unwrap_used)]

use cairn_model::{Batch, Event, RawMessage};

use super::*;

const NOW: TimeMs = TimeMs(1_764_000_000_000);

fn planned(body: &str, live: bool) -> Result<Planned, Refusal> {
    let project = ProjectId::new(7).unwrap();
    plan(body.as_bytes(), Sender { project, now: NOW, facts: Facts::default(), live, masks: None })
}

fn events(planned: Planned) -> Vec<Event<'static>> {
    let payload = planned.batch.finish();
    let batch = Batch::parse(&payload).unwrap();
    let rows = batch.messages().unwrap().into_iter().filter_map(|message| match message {
        RawMessage::Event(row) => Some(batch.event(&row).unwrap().into_owned()),
        RawMessage::Events(_) | RawMessage::Other(_) => None,
    });
    rows.collect()
}

/// A body of one pageview at `time`, sent at `sent_at`.
fn at(time: i64, sent_at: &str) -> String {
    format!(
        r#"{{{sent_at}"messages": [{{"type": "pageview", "user_id": "1", "event_id": "2", "time": {time}, "properties": {{"path": "/"}}}}]}}"#
    )
}

#[test]
fn a_clock_that_is_far_off_is_shifted_by_what_it_is_off() {
    let minute = 60_000;
    let ten_years = 10 * 365 * 24 * 60 * minute;
    // How far the sender's clock is off, and what becomes of an event of "now" by that clock.
    for (off, becomes) in [
        (0, 0),
        (5 * minute, 5 * minute),
        (-5 * minute, -5 * minute),
        (5 * minute + 1, 0),
        (-5 * minute - 1, 0),
        (ten_years, 0),
        (-ten_years, 0),
    ] {
        let there = NOW.0 + off;
        let body = at(there, &format!(r#""sent_at": {there}, "#));
        assert_eq!(events(planned(&body, true).unwrap())[0].time, TimeMs(NOW.0 + becomes), "{off}");
        assert_eq!(events(planned(&at(NOW.0 - off.abs(), ""), true).unwrap())[0].time, TimeMs(NOW.0 - off.abs()));
    }
    let imported = planned(&at(NOW.0 - ten_years, &format!(r#""sent_at": {}, "#, NOW.0 - ten_years)), false).unwrap();
    assert_eq!(events(imported)[0].time, TimeMs(NOW.0 - ten_years));
}

#[test]
fn each_bad_message_is_refused_by_its_index_and_the_rest_is_kept() {
    let good = r#"{"type": "pageview", "user_id": "1", "event_id": "2", "time": 1763999999000}"#;
    let deep = format!("{}1{}", r#"{"a":"#.repeat(17), "}".repeat(17));
    let wide = (0..256).map(|n| format!(r#""p{n}": 1"#)).collect::<Vec<_>>().join(",");
    let with = |from: &str, to: &str| good.replace(from, to);
    let with_properties = |properties: &str| with("}", &format!(r#", "properties": {properties}}}"#));
    let table = [
        (with(r#""type": "pageview""#, r#""type": "explosion""#), Reason::Type),
        (with(r#""type": "pageview", "#, ""), Reason::Type),
        (with(r#""user_id": "1", "#, ""), Reason::UserId),
        (with(r#""user_id": "1""#, r#""user_id": "0""#), Reason::UserId),
        (with(r#""user_id": "1""#, r#""user_id": "9223372036854775808""#), Reason::UserId),
        (with(r#""user_id": "1""#, r#""user_id": {"a": 1}"#), Reason::UserId),
        (with(r#""event_id": "2", "#, ""), Reason::EventId),
        (with(r#""event_id": "2""#, r#""event_id": 2.5"#), Reason::EventId),
        (with(r#", "time": 1763999999000"#, ""), Reason::Time),
        (with("1763999999000", r#""yesterday""#), Reason::Time),
        (with("1763999999000", "2079014400000"), Reason::Time),
        (with("1763999999000", "0"), Reason::Time),
        (with("pageview", "custom"), Reason::Name),
        (with("pageview", "identify"), Reason::Handle),
        (with_properties("[]"), Reason::Properties),
        (with_properties(&format!("{{{wide}}}")), Reason::Properties),
        (with_properties(&deep), Reason::Depth),
        (with_properties(r#"{"chain": "not a chain >"}"#), Reason::Chain),
        (with_properties(r#"{"a": "\u0000"}"#), Reason::Text),
        (with_properties(r#"{"a": "\ud800"}"#), Reason::Text),
        ("[]".to_owned(), Reason::Json),
        ("7".to_owned(), Reason::Json),
    ];
    for (bad, reason) in table {
        let planned = planned(&format!(r#"{{"messages": [{good}, {bad}, {good}]}}"#), true).unwrap();
        let refused: Vec<_> = planned.refused.iter().map(|refused| (refused.index, refused.reason)).collect();
        assert_eq!(refused, [(1, reason)], "{bad}");
        assert!(!planned.refused[0].message.is_empty());
        assert_eq!(planned.batch.len(), 2, "{bad}");
    }
}

#[test]
fn a_body_that_is_none_is_refused_whole() {
    for body in ["", "{", "[]", "null", r#"{"messages": 1}"#, r#"{"messages": [}"#, r#"{"events": []}"#] {
        assert_eq!(planned(body, true).err().map(|refusal| refusal.reason), Some(Reason::Json), "{body}");
    }
    assert!(planned(r#"{"messages": []}"#, true).unwrap().batch.is_empty());
}

#[test]
fn too_many_messages_are_refused_before_they_are_read() {
    for item in ["{}", "1", "[{}]"] {
        let body = |n: usize| format!(r#"{{"messages": [{}]}}"#, vec![item; n].join(","));
        let many = planned(&body(MESSAGES_MAX + 1), true).err().unwrap();
        assert_eq!(many.reason, Reason::Size, "{item}");
        let millions = planned(&body(1_000_000), true).err().unwrap();
        assert_eq!(millions.reason, Reason::Size, "{item}");
        let just_enough = planned(&body(MESSAGES_MAX), true).unwrap();
        assert_eq!(just_enough.refused.len(), MESSAGES_MAX, "{item}");
    }
}
