//! What of today's events is most like what a definition matched before.

use std::collections::BTreeMap;

use cairn_model::{
    Condition, Event, Predicate, Value,
    chain::{Attribute, Chain, Element},
    selector::Selector,
};
use serde::Serialize;

use super::selector::{MARKS, selector_for, stable_classes};

/// Attributes that name an element to people or programs, apart from marks.
const NAMES: [&str; 9] = ["name", "aria-label", "href", "title", "alt", "for", "action", "placeholder", "data-action"];
/// Proposals that are made.
const PROPOSALS: usize = 3;
/// Events from before that others are held against.
const EXAMPLES: usize = 5;
/// What two elements that are hardly alike come to.
const SCORE_MIN: f64 = 4.0;

/// What two elements have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Likeness {
    /// The same text.
    Text,
    /// Most words of the text.
    Words,
    /// An attribute that somebody put there to be found by.
    Mark,
    /// The id.
    Id,
    /// Another attribute that names it.
    Attribute,
    /// Most of its classes that last.
    Classes,
    /// Most of the elements around it.
    Place,
    /// The page.
    Page,
}

/// Another meaning for a definition that fell silent.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Proposal {
    /// What the definition may mean from now on: as before, but for what such events no longer satisfy.
    pub(crate) predicate: Predicate,
    /// A selector for the element.
    pub(crate) selector: String,
    /// The element's text, if it has any.
    pub(crate) text: Option<String>,
    /// What it has in common with what was matched before.
    pub(crate) alike: Vec<Likeness>,
    /// How many of the events that were looked at are on such an element.
    pub(crate) seen: u64,
    /// How much they have in common.
    #[serde(skip)]
    score: f64,
}

/// The elements of `recent` events most like those of `before`, which `predicate` matched; the best first. No two have the same selector
/// and text.
pub(crate) fn closest(predicate: &Predicate, before: &[Event<'_>], recent: &[Event<'_>]) -> Vec<Proposal> {
    let mut examples: Vec<Place<'_>> = Vec::new();
    for place in before.iter().filter_map(Place::of) {
        if examples.len() < EXAMPLES && examples.iter().all(|known| known.chain != place.chain) {
            examples.push(place);
        }
    }
    let mut found: BTreeMap<(String, Option<String>), Proposal> = BTreeMap::new();
    for event in recent.iter().filter(|event| !predicate.matches(event, &|_| None)) {
        let Some(place) = Place::of(event) else { continue };
        let selector = selector_for(&place.chain);
        let key = (selector, place.text.map(str::to_owned));
        if let Some(known) = found.get_mut(&key) {
            known.seen += 1;
            continue;
        }
        let likenesses = examples.iter().filter(|example| example.event.kind == event.kind).map(|own| own.like(&place));
        let best = likenesses.max_by(|(a, _), (b, _)| a.total_cmp(b));
        let (score, alike) = best.unwrap_or_default();
        let Some(proposed) = changed(predicate, event, &key.0) else { continue };
        let proposal =
            Proposal { predicate: proposed, selector: key.0.clone(), text: key.1.clone(), alike, seen: 1, score };
        found.insert(key, proposal);
    }
    let telling = |proposal: &Proposal| proposal.alike.iter().any(|what| *what < Likeness::Place);
    let mut best: Vec<Proposal> =
        found.into_values().filter(|proposal| proposal.score >= SCORE_MIN && telling(proposal)).collect();
    best.sort_by(|a, b| b.score.total_cmp(&a.score).then(b.seen.cmp(&a.seen)));
    best.truncate(PROPOSALS);
    best
}

/// The predicate with what `event` does not satisfy replaced by what it does. None if the result would not match it, either.
fn changed(predicate: &Predicate, event: &Event<'_>, selector: &str) -> Option<Predicate> {
    let parts = match predicate {
        Predicate::All(parts) => parts.clone(),
        part => vec![part.clone()],
    };
    let (mut kept, lost): (Vec<_>, Vec<_>) = parts.into_iter().partition(|part| part.matches(event, &|_| None));
    if !kept.iter().any(|part| matches!(part, Predicate::Type(_))) {
        kept.insert(0, Predicate::Type(event.kind));
    }
    // What still finds the element stays.
    if !kept.iter().any(|part| matches!(part, Predicate::Selector(..))) {
        kept.push(Predicate::Selector(selector.to_owned(), Selector::parse(selector).ok()?));
    }
    for name in ["target_text", "path"] {
        let was = lost.iter().any(|part| matches!(part, Predicate::Property(of, _) if of == name));
        let value = event.properties.get(name).and_then(Value::as_str);
        if let (true, Some(value)) = (was, value) {
            let value = Value::String(value.to_owned().into());
            kept.push(Predicate::Property(name.to_owned(), Condition::Is(value)));
        }
    }
    let changed = Predicate::All(kept);
    changed.matches(event, &|_| None).then_some(changed)
}

/// An event on an element.
struct Place<'e> {
    event: &'e Event<'e>,
    chain: Chain<'e>,
    text: Option<&'e str>,
    path: Option<&'e str>,
}

impl<'e> Place<'e> {
    fn of(event: &'e Event<'e>) -> Option<Self> {
        let text = |name| event.properties.get(name).and_then(Value::as_str).map(str::trim);
        let chain = Chain::parse(event.properties.get("chain").and_then(Value::as_str)?).ok()?;
        Some(Self { event, chain, text: text("target_text").filter(|text| !text.is_empty()), path: text("path") })
    }

    /// How much it has in common with another, and what.
    fn like(&self, other: &Self) -> (f64, Vec<Likeness>) {
        let (own, its) = (self.chain.target(), other.chain.target());
        let (mut score, mut alike) = (if own.tag() == its.tag() { 1.0 } else { 0.0 }, Vec::new());
        let mut add = |worth: f64, what: Likeness| {
            score += worth;
            if alike.last() != Some(&what) {
                alike.push(what);
            }
        };
        match self.text.zip(other.text).map_or(0.0, |(a, b)| words_alike(a, b)) {
            1.0 => add(4.0, Likeness::Text),
            share if share >= 0.5 => add(3.0 * share, Likeness::Words),
            _ => {}
        }
        same(own, its, &MARKS).for_each(|_| add(4.0, Likeness::Mark));
        if own.id().is_some_and(|id| !id.is_empty() && its.id() == Some(id)) {
            add(3.0, Likeness::Id);
        }
        same(own, its, &NAMES).take(2).for_each(|_| add(2.0, Likeness::Attribute));
        let classes = |element| stable_classes(element).collect::<Vec<_>>();
        match share(&classes(own), &classes(its)) {
            share if share >= 0.5 => add(2.0 * share, Likeness::Classes),
            _ => {}
        }
        match around(&self.chain, &other.chain) {
            share if share >= 0.6 => add(2.0 * share, Likeness::Place),
            _ => {}
        }
        if self.path.is_some() && self.path == other.path {
            add(1.0, Likeness::Page);
        }
        (score, alike)
    }
}

/// Attributes of these names that both have, with the same value.
fn same<'n>(own: Element<'_>, its: Element<'_>, names: &'n [&'n str]) -> impl Iterator<Item = Attribute> {
    let both = names.iter().filter_map(|name| Attribute::named(name));
    both.filter(move |name| {
        own.attribute(*name).is_some_and(|value| !value.is_empty() && its.attribute(*name) == Some(value))
    })
}

fn words_alike(a: &str, b: &str) -> f64 {
    let (a, b) = (a.to_lowercase(), b.to_lowercase());
    let words = |text| str::split_whitespace(text).collect::<Vec<_>>();
    share(&words(&a), &words(&b))
}

/// How much of what either has both have.
fn share(a: &[&str], b: &[&str]) -> f64 {
    let both = a.iter().filter(|one| b.contains(one)).count();
    let either = a.len() + b.len() - both;
    if either == 0 { 0.0 } else { both as f64 / either as f64 }
}

/// How much of the longer way to the target is, in this order, part of the other's: the longest common subsequence of tags and ids.
fn around(a: &Chain<'_>, b: &Chain<'_>) -> f64 {
    let way = |chain: &Chain<'_>| -> Vec<(String, Option<String>)> {
        let above = chain.elements().take(chain.len() - 1);
        above.map(|element| (element.tag().to_owned(), element.id().map(str::to_owned))).collect()
    };
    let (a, b) = (way(a), way(b));
    let mut best = vec![0_usize; b.len() + 1];
    for one in &a {
        let mut corner = 0;
        for (at, other) in b.iter().enumerate() {
            let above = best[at + 1];
            best[at + 1] = if one == other { corner + 1 } else { above.max(best[at]) };
            corner = above;
        }
    }
    let longer = a.len().max(b.len());
    if longer == 0 { 0.0 } else { best[b.len()] as f64 / longer as f64 }
}

#[cfg(test)]
mod tests {
    use cairn_model::{EventId, EventKind, Properties, TimeMs, UserId};
    use serde_json::{Value as Json, json};

    use super::*;

    const SHOP: &str = "html>body:2/2/1/1>main#shop:1/2/1/1>div.card:1/4/1/4";

    fn click(chain: &str, text: &str, path: &str) -> Event<'static> {
        let value = |text: &str| Value::String(text.to_owned().into());
        let properties = [("chain", value(chain)), ("target_text", value(text)), ("path", value(path))];
        Event {
            user_id: UserId::clamped(1),
            event_id: EventId::clamped(1),
            time: TimeMs(0),
            received_at: TimeMs(0),
            kind: EventKind::Click,
            properties: Properties::from_pairs(properties.map(|(name, value)| (name.into(), value)).to_vec()),
        }
    }

    fn predicate(json: &Json) -> Predicate {
        Predicate::from_json(json).unwrap()
    }

    fn noise() -> Vec<Event<'static>> {
        let of = |part: &str, text: &str| click(&format!("html>body:2/2/1/1>nav:1/2/1/1>{part}:1/3/1/3"), text, "/");
        vec![of("a.link[href=/]", "Home"), of("a.link[href=/about]", "About us"), of("button#menu", "Menu")]
    }

    #[test]
    fn a_class_that_a_build_renamed_is_found_by_text_and_place() {
        let silent = predicate(&json!({"all": [{"type": "click"}, {"selector": "button.buy-old"}]}));
        let before = [click(&format!("{SHOP}>button.buy-old:1/1/1/1"), "Add to cart", "/shoes")];
        let now = click(&format!("{SHOP}>button.purchase:1/1/1/1"), "Add to cart", "/shoes");
        let recent = [noise(), vec![now.clone(), now.clone()]].concat();
        let found = closest(&silent, &before, &recent);
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!((found[0].selector.as_str(), found[0].seen), ("div.card button.purchase", 2));
        assert_eq!(found[0].alike, [Likeness::Text, Likeness::Place, Likeness::Page]);
        let expected = json!({"all": [{"type": "click"}, {"selector": "div.card button.purchase"}]});
        assert_eq!(found[0].predicate.to_json(), expected);
        assert!(found[0].predicate.matches(&now, &|_| None));
    }

    #[test]
    fn a_text_that_was_changed_leaves_the_selector_as_it_is() {
        let silent = predicate(&json!({"all": [{"type": "click"}, {"selector": "[data-testid=buy]"},
            {"property": "target_text", "is": "Buy"}]}));
        let before = [click(&format!("{SHOP}>button[data-testid=buy]:1/1/1/1"), "Buy", "/a")];
        let recent = [noise(), vec![click(&format!("{SHOP}>button[data-testid=buy]:1/1/1/1"), "Order now", "/b")]];
        let found = closest(&silent, &before, &recent.concat());
        let expected = json!({"all": [{"type": "click"}, {"selector": "[data-testid=buy]"},
            {"property": "target_text", "is": "Order now"}]});
        assert_eq!(found.iter().map(|one| one.predicate.to_json()).collect::<Vec<_>>(), [expected]);
        assert_eq!(found[0].alike, [Likeness::Mark, Likeness::Place]);
    }

    #[test]
    fn a_path_that_moved_comes_along() {
        let silent =
            predicate(&json!({"all": [{"type": "click"}, {"selector": "#buy"}, {"property": "path", "is": "/old"}]}));
        let chain = format!("{SHOP}>button#buy:1/1/1/1");
        let found = closest(&silent, &[click(&chain, "Buy", "/old")], &[click(&chain, "Buy", "/new")]);
        let expected = json!({"all": [{"type": "click"}, {"selector": "#buy"}, {"property": "path", "is": "/new"}]});
        // The selector is the same: said once.
        assert_eq!(found[0].predicate.to_json(), expected);
    }

    #[test]
    fn what_is_hardly_alike_is_no_proposal_and_neither_is_what_still_matches() {
        let silent = predicate(&json!({"all": [{"type": "click"}, {"selector": "button.buy-old"}]}));
        let before = [click(&format!("{SHOP}>button.buy-old:1/1/1/1"), "Add to cart", "/shoes")];
        assert_eq!(closest(&silent, &before, &noise()), []);
        assert_eq!(closest(&silent, &before, &before), []);
        assert_eq!(closest(&silent, &[], &noise()), []);
        // Of another kind.
        let mut submit = click(&format!("{SHOP}>button.purchase:1/1/1/1"), "Add to cart", "/shoes");
        submit.kind = EventKind::Submit;
        assert_eq!(closest(&silent, &before, &[submit]), []);
    }

    #[test]
    fn the_best_come_first_and_no_more_than_three() {
        let silent = predicate(&json!({"selector": "button.buy-old"}));
        let before = [click(&format!("{SHOP}>button.buy-old[aria-label=Buy]:1/1/1/1"), "Add to cart", "/shoes")];
        let recent: Vec<_> = [
            ("x", "Add to cart", "/shoes"),
            ("Buy", "Add to cart", "/shoes"),
            ("y", "Add to the cart", "/shoes"),
            ("z", "Add to cart now", "/hats"),
        ]
        .map(|(label, text, path)| click(&format!("{SHOP}>button[aria-label={label}]:1/1/1/1"), text, path))
        .to_vec();
        let found = closest(&silent, &before, &recent);
        assert_eq!(found.len(), 3);
        assert!(found[0].selector.contains("aria-label=\"Buy\""), "{found:?}");
        assert!(found.windows(2).all(|two| two[0].score >= two[1].score));
    }
}
