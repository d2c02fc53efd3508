//! What people who know such tables type by hand, with the extension, gives what questions give.

use cairn_analysis::{Body, Budget, Calendar, Plan, Store};
use cairn_model::{Event, EventKind, Message, Properties, TimeMs, UserId, Value};
use cairn_testkit::postgres::Cluster;
use serde_json::json;

use crate::common::{at, batch, open, project};

const DAY_MS: i64 = 86_400_000;
const START_MS: i64 = 1_412_319_600_000;
const PAID: &str = "html>body:2/2/1/1>div.checkout_modal:1/2/1/2>a.btn[href=/pay]:1/1/1/1";

/// What happened: a look at the item, an order that is confirmed, or a click of another kind.
fn event(user: u64, minute: i64, what: char) -> Message<'static> {
    let kind = if what == 'v' { EventKind::Pageview } else { EventKind::Click };
    let mut event = Event::new(user, minute as u64, START_MS + minute * 60_000, kind);
    let mut set = |name: &str, value: &str| event.properties.set(name.to_owned(), Value::from(value.to_owned()));
    match what {
        'v' => set("path", "/item_detail"),
        'o' => {
            set("chain", PAID);
            set("target_text", "Confirm Order");
        }
        _ => {
            set("chain", "html>body:2/2/1/1>a.btn:1/1/1/1");
            set("target_text", "Confirm Order");
        }
    }
    Message::Event(event)
}

/// Users, each a word of what happened minute by minute, and a test group.
const USERS: [(&str, Option<&str>); 7] = [
    ("vo", Some("A")),
    ("ov", Some("A")),
    ("vvxv", Some("B")),
    ("oxo", None),
    ("xvxxo", Some("B")),
    ("v", Some("A")),
    ("x", None),
];

fn messages() -> Vec<Message<'static>> {
    let mut messages = Vec::new();
    for (user, (word, group)) in (1..).zip(USERS) {
        let at = |minute: usize| 1 + (user as usize * 31 + minute * 7) as i64;
        messages.extend(word.chars().enumerate().map(|(minute, what)| event(user, at(minute), what)));
        if let Some(group) = group {
            let (mut set, time) = (Properties::default(), TimeMs(START_MS));
            set.set("ab_test_grp", Value::from(group));
            let user_id = UserId::new(user).unwrap();
            let set_once = Properties::default();
            messages.push(Message::SetUserProperties { user_id, time, received_at: time, set, set_once });
        }
    }
    messages
}

const FUNNEL: &str = "
SET search_path = cairn, cairn_ext;
SELECT sum(funnel_events(events, 2))
FROM (
  SELECT array_agg(event ORDER BY time) AS events
  FROM (
    (SELECT customer_id, user_id, 1 AS event, time
     FROM events
     WHERE customer_id = 135 AND time BETWEEN 1412319600000 AND 1412924400000
       AND type = 'pageview' AND (data ->> 'path') = '/item_detail')
    UNION
    (SELECT customer_id, user_id, 2 AS event, time
     FROM events
     WHERE customer_id = 135 AND time BETWEEN 1412319600000 AND 1412924400000
       AND type = 'click'
       AND chain_matches_v1(data ->> 'chain', 'div.checkout_modal a.btn')
       AND (data ->> 'target_text') = 'Confirm Order')
  ) t
  GROUP BY customer_id, user_id
) t";

const GROUPS: &str = "
SELECT properties ->> 'ab_test_grp', COUNT(*)
FROM cairn.users
WHERE customer_id = 135
GROUP BY properties ->> 'ab_test_grp'
ORDER BY 2 DESC, 1";

#[test]
fn what_the_talk_types_gives_what_questions_give() {
    let cluster = Cluster::fast();
    let database = cluster.admin_url("cairn");
    if cluster.psql(&database, "select count(*) from pg_available_extensions where name = 'cairn'") == "0" {
        println!("skipped: no extension");
        return;
    }
    cluster.psql(&database, "create extension if not exists cairn");
    cluster.psql(&database, "grant usage on schema cairn_ext to public");
    for (events, steps) in [("{1, 2, 3}", "{1,1,1}"), ("{1, 3, 2, 2, 2}", "{1,1,0}"), ("{1}", "{1,0,0}")] {
        assert_eq!(cluster.psql(&database, &format!("select cairn_ext.funnel_events('{events}', 3)")), steps);
    }
    let (store, of) = (open(&cluster), project(135));
    store.apply(at(0, 0), &batch(of, &messages())).unwrap();
    let ask = |query: serde_json::Value| {
        let query = serde_json::from_value(query).unwrap();
        let plan =
            Plan::resolve(&query, &Calendar::new("UTC").unwrap(), TimeMs(START_MS + 300 * DAY_MS), &|_: &str| None);
        store.answer(of, &plan.unwrap(), &Budget::unlimited()).unwrap().body
    };
    let steps = json!([
        {"all": [{"type": "pageview"}, {"property": "path", "is": "/item_detail"}]},
        {"all": [{"type": "click"}, {"selector": "div.checkout_modal a.btn"}, {"property": "target_text", "is": "Confirm Order"}]},
    ]);
    let funnel = json!({"funnel": {"steps": steps, "from": START_MS, "to": START_MS + 7 * DAY_MS + 1, "window": "7d"}});
    let Body::Funnel(funnel) = ask(funnel) else { panic!("no funnel") };
    let reached: Vec<String> = funnel.total.iter().map(|step| step.counts.reached.to_string()).collect();
    assert_eq!(reached, ["5", "2"]);
    assert_eq!(cluster.psql(&cluster.url("cairn"), FUNNEL), format!("{{{}}}", reached.join(",")));

    let groups = json!({"graph": {"measure": "users", "interval": "whole", "group_by": [{"user": "ab_test_grp"}]}});
    let Body::Graph(graph) = ask(groups) else { panic!("no graph") };
    let lines = graph.series.iter().map(|series| {
        let value = series.group.as_ref().and_then(|group| group[0].as_ref()).and_then(Value::as_str);
        format!("{}|{}", value.unwrap_or_default(), series.totals.total.value().unwrap())
    });
    let mut lines: Vec<String> = lines.collect();
    let mut typed: Vec<String> = cluster.psql(&cluster.url("cairn"), GROUPS).lines().map(str::to_owned).collect();
    lines.sort();
    typed.sort();
    assert_eq!(lines, typed);
    assert_eq!(lines, ["A|3", "B|2", "|2"]);
}
