//! What to group by, in words.

use anyhow::bail;
use cairn_analysis::{GroupKey, SegmentKey};

use super::json;
use crate::args::GroupArgs;

/// How a key begins that is a segment.
const SEGMENT: &str = "segment:";

pub(super) fn group_by(groups: &GroupArgs) -> anyhow::Result<Vec<GroupKey>> {
    let keys = groups.group_by.iter().map(|keys| group_keys(keys)).collect::<anyhow::Result<Vec<_>>>()?;
    Ok(keys.into_iter().flatten().collect())
}

/// Keys with commas between them; a segment, whose JSON may have commas too, is the last one.
fn group_keys(keys: &str) -> anyhow::Result<Vec<GroupKey>> {
    match keys.split_once(',') {
        Some((first, rest)) if !keys.starts_with(SEGMENT) => {
            Ok([group_key(first)?].into_iter().chain(group_keys(rest)?).collect())
        }
        _ => Ok(vec![group_key(keys)?]),
    }
}

/// `segment:{JSON}`, or `segment:NAME={JSON}`.
fn segment_key(text: &str) -> anyhow::Result<GroupKey> {
    let (name, segment) = match text.find("={").filter(|_| !text.starts_with('{')) {
        Some(at) => (Some(text[..at].to_owned()), &text[at + 1..]),
        None => (None, text),
    };
    Ok(GroupKey::Segment(SegmentKey { segment: json(segment)?, name: name.filter(|name| !name.is_empty()) }))
}

fn group_key(key: &str) -> anyhow::Result<GroupKey> {
    if let Some(segment) = key.strip_prefix(SEGMENT) {
        return segment_key(segment);
    }
    match key.split_once('.') {
        Some(("event", name)) if !name.is_empty() => Ok(GroupKey::Event(name.to_owned())),
        Some(("user", name)) if !name.is_empty() => Ok(GroupKey::User(name.to_owned())),
        _ => bail!("{key:?} says not whose property it is: write event.{key} or user.{key}; or segment:{{JSON}}"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn keys(given: &[&str]) -> anyhow::Result<serde_json::Value> {
        let args = GroupArgs { group_by: given.iter().map(|key| (*key).to_owned()).collect(), top: 20 };
        Ok(serde_json::to_value(group_by(&args)?)?)
    }

    #[test]
    fn keys_are_properties_and_segments_with_commas_between_them() {
        assert_eq!(
            keys(&["event.a,user.b", "event.c"]).unwrap(),
            json!([{"event": "a"}, {"user": "b"}, {"event": "c"}])
        );
        let segment = json!({"did": "A, b", "in": "7d"});
        assert_eq!(keys(&[&format!("segment:{segment}")]).unwrap(), json!([{"segment": segment}]));
        assert_eq!(
            keys(&[&format!("user.b,segment:Active={segment}")]).unwrap(),
            json!([{"user": "b"}, {"segment": segment, "name": "Active"}])
        );
        let with_sign = json!({"user": "a={b", "is": "c"});
        assert_eq!(keys(&[&format!("segment:{with_sign}")]).unwrap(), json!([{"segment": with_sign}]));
    }

    #[test]
    fn a_key_that_is_none_says_how_to_write_one() {
        let wrong = keys(&["browser"]).unwrap_err().to_string();
        assert!(wrong.contains("event.browser or user.browser; or segment:{JSON}"), "{wrong}");
        let wrong = keys(&["segment:Active"]).unwrap_err().to_string();
        assert!(wrong.contains("a segment looks like"), "{wrong}");
    }
}
