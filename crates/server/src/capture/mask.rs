//! A project's masks: the text of some elements is left out before anything is durable.

use std::borrow::Cow;

use cairn_model::{
    Value,
    chain::Chain,
    parse::Draft,
    selector::{Selector, SelectorError},
};

/// What an element says beyond its chain.
const TEXTS: [&str; 2] = ["target_text", "href"];

/// The masks of a project that has some.
pub(crate) struct Masks {
    masks: Vec<Selector>,
    /// Whether a target is in a masked element: looked at first, as most are in none.
    within: Vec<Selector>,
}

impl Masks {
    /// None if there are none. What is no selector was refused before.
    pub(crate) fn of(masks: &[String]) -> Option<Self> {
        let parsed: Vec<_> = masks.iter().filter_map(|mask| parse(mask).ok()).collect();
        let (masks, within): (Vec<_>, Vec<_>) = parsed.into_iter().unzip();
        (!masks.is_empty()).then_some(Self { masks, within })
    }

    /// Leaves the texts out of an event on a masked element.
    pub(crate) fn apply(&self, draft: &mut Draft<'_>) {
        let masked = draft.text_of("chain").and_then(|text| {
            if !self.within.iter().any(|selector| selector.matches_text(text)) {
                return None;
            }
            Chain::parse(text).ok()?.masked(&self.masks)
        });
        let Some(chain) = masked else { return };
        TEXTS.into_iter().chain(["chain"]).for_each(|name| draft.remove(name));
        draft.set("chain", Value::String(Cow::Owned(chain)));
    }
}

/// A mask, and what is in an element that it matches.
pub(crate) fn parse(mask: &str) -> Result<(Selector, Selector), SelectorError> {
    Ok((Selector::parse(mask)?, Selector::parse(&format!(":is({mask}), :is({mask}) *"))?))
}

#[cfg(test)]
mod tests {
    use cairn_model::{Message, TimeMs, parse::parse_message};
    use serde_json::json;

    use super::*;

    fn masked(masks: &[&str], chain: &str) -> Vec<(String, String)> {
        let masks = Masks::of(&masks.iter().map(|mask| (*mask).to_owned()).collect::<Vec<_>>());
        let message = json!({"type": "click", "user_id": "1", "event_id": "1", "time": 1_764_000_000_000_i64,
            "properties": {"chain": chain, "target_text": "Ann", "href": "/ann", "path": "/"}});
        let text = message.to_string();
        let mut draft = parse_message(&text).unwrap();
        if let Some(masks) = masks {
            masks.apply(&mut draft);
        }
        let Message::Event(event) = draft.finish(TimeMs(1_764_000_000_000), 0).unwrap() else { panic!("an event") };
        let text = |(name, value): (&str, &Value<'_>)| (name.to_owned(), value.as_str().unwrap().to_owned());
        event.properties.iter().map(text).collect()
    }

    #[test]
    fn the_text_in_a_masked_element_is_left_out_and_of_others_kept() {
        let chain = "html>body[title=Page]:1/1/1/1>div.card[title=Ann's]:1/2/1/2>a.name[role=link][href=/ann]:1/1/1/1";
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let whole = [pair("chain", chain), pair("href", "/ann"), pair("path", "/"), pair("target_text", "Ann")];
        assert_eq!(masked(&[], chain), whole);
        assert_eq!(masked(&[".other", "div a.x"], chain), whole);
        let without = "html>body[title=Page]:1/1/1/1>div.card:1/2/1/2>a.name[role=link]:1/1/1/1";
        for masks in [&[".card"][..], &["p", "body > .card, .x"], &["a", "div.card"]] {
            assert_eq!(masked(masks, chain), [pair("chain", without), pair("path", "/")], "{masks:?}");
        }
        // The target alone: what is around it keeps its title.
        let target = "html>body[title=Page]:1/1/1/1>div.card[title=Ann's]:1/2/1/2>a.name[role=link]:1/1/1/1";
        assert_eq!(masked(&["a.name"], chain), [pair("chain", target), pair("path", "/")]);
    }
}
