//! A selector that finds an element again: by what people put there to be found by, before what a build tool made.

use cairn_model::chain::{Attribute, Chain, Element};

/// Attributes that people put there to be found by, best first.
pub(super) const MARKS: [&str; 6] =
    ["data-testid", "data-test-id", "data-test", "data-cy", "data-qa", "data-cairn-name"];
/// Attributes that say what an element is for.
const HINTS: [&str; 5] = ["data-action", "name", "aria-label", "role", "type"];
/// Classes that come and go with what the visitor does.
const STATES: [&str; 14] = [
    "active", "open", "opened", "closed", "hover", "focus", "focused", "selected", "disabled", "loading", "visible",
    "hidden", "show", "current",
];
/// What libraries that make names put first.
const GENERATED: [&str; 9] = ["css-", "sc-", "jsx-", "jss", "emotion-", "svelte-", "radix-", "mui-", "headlessui-"];
const CLASSES: usize = 3;
const VALUE_BYTES: usize = 60;

/// A selector for the chain's target: by mark or id, else by classes or hints within the nearest ancestor that has such.
pub(super) fn selector_for(chain: &Chain<'_>) -> String {
    let target = chain.target();
    if let Some(strong) = strong(target) {
        return strong;
    }
    let own = weak(target);
    let above = chain.elements().rev().skip(1).find_map(|element| strong(element).or_else(|| by_class(element)));
    above.map_or_else(|| own.clone(), |above| format!("{above} {own}"))
}

fn strong(element: Element<'_>) -> Option<String> {
    let marks = MARKS.into_iter().filter_map(Attribute::named);
    let mark = marks.filter_map(|name| Some((name, element.attribute(name)?))).find(|(_, value)| !value.is_empty());
    let by_id = || element.id().filter(|id| is_stable(id)).map(|id| format!("#{id}"));
    mark.map(|(name, value)| by_attribute(name, value)).or_else(by_id)
}

fn weak(element: Element<'_>) -> String {
    let hints = HINTS.into_iter().filter_map(Attribute::named);
    let hint = || {
        let mut found = hints.filter_map(|name| Some((name, element.attribute(name)?)));
        found.find(|(_, value)| !value.is_empty() && value.len() <= VALUE_BYTES)
    };
    let by_hint = || hint().map(|(name, value)| format!("{}{}", element.tag(), by_attribute(name, value)));
    by_class(element).or_else(by_hint).unwrap_or_else(|| element.tag().to_owned())
}

fn by_class(element: Element<'_>) -> Option<String> {
    let classes: Vec<&str> = stable_classes(element).take(CLASSES).collect();
    (!classes.is_empty()).then(|| format!("{}.{}", element.tag(), classes.join(".")))
}

/// The classes that are likely to be there tomorrow.
pub(super) fn stable_classes<'c>(element: Element<'c>) -> impl Iterator<Item = &'c str> {
    element.classes().filter(|class| is_stable(class) && !is_state(class))
}

fn is_state(class: &str) -> bool {
    ["is-", "has-", "js-"].iter().any(|start| class.starts_with(start))
        || class.split(['-', '_']).any(|word| STATES.contains(&word))
}

/// False for names that a build tool made and the next build changes, and for those of utilities.
pub(super) fn is_stable(name: &str) -> bool {
    let letters = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    let lower = name.to_ascii_lowercase();
    let counted = name.as_bytes().windows(3).any(|three| three.iter().all(u8::is_ascii_digit));
    letters
        && name.len() <= VALUE_BYTES
        && !GENERATED.iter().any(|start| lower.starts_with(start))
        && !counted
        && !name.split(['-', '_']).any(is_hash)
}

/// Letters that change between cases or mix with digits, as in no word.
fn is_hash(word: &str) -> bool {
    if word.len() < 5 {
        return false;
    }
    let turns = word.as_bytes().windows(2).filter(|two| {
        (two[0].is_ascii_lowercase() && two[1].is_ascii_uppercase())
            || two[0].is_ascii_digit() != two[1].is_ascii_digit()
    });
    let (turns, digits) = (turns.count(), word.bytes().any(|byte| byte.is_ascii_digit()));
    (digits && turns >= 2) || (turns >= 3 && word.len() <= 10)
}

fn by_attribute(name: Attribute, value: &str) -> String {
    let mut escaped = String::with_capacity(value.len());
    for char in value.chars() {
        match char {
            '"' | '\\' => escaped.extend(['\\', char]),
            _ if char.is_control() => escaped.push_str(&format!("\\{:x} ", u32::from(char))),
            _ => escaped.push(char),
        }
    }
    format!("[{}=\"{escaped}\"]", name.name())
}

#[cfg(test)]
mod tests {
    use cairn_model::selector::Selector;

    use super::*;

    #[test]
    fn what_lasts_comes_before_what_a_build_made() {
        let body = "html>body:2/2/1/1";
        for (chain, selector) in [
            ("button#x.btn[data-testid=buy]:1/1/1/1", "[data-testid=\"buy\"]"),
            ("button#checkout.btn:1/1/1/1", "#checkout"),
            ("button#a1b2c3d4.btn.btn-primary.active:1/1/1/1", "button.btn.btn-primary"),
            ("button.css-1q2w3e[aria-label=Buy \"it\"]:1/1/1/1", "button[aria-label=\"Buy \\\"it\\\"\"]"),
            ("form#pay:1/1/1/1>button.sc-x[type=submit]:1/1/1/1", "#pay button[type=\"submit\"]"),
            ("div:1/1/1/1>span:1/1/1/1", "span"),
        ] {
            let text = format!("{body}>{chain}");
            let parsed = Chain::parse(&text).unwrap();
            let made = selector_for(&parsed);
            assert_eq!(made, selector);
            assert!(Selector::parse(&made).unwrap().matches(&parsed), "{made}");
        }
    }
}
