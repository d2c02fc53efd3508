//! Words that shops and places are made of.

use crate::random::Rng;

const ADJECTIVES: [&str; 20] = [
    "oak", "linen", "blue", "small", "round", "brass", "woollen", "quiet", "tall", "amber", "folding", "ceramic",
    "soft", "northern", "copper", "striped", "light", "garden", "double", "plain",
];
const NOUNS: [&str; 20] = [
    "lamp", "chair", "table", "blanket", "mirror", "bowl", "shelf", "cushion", "clock", "basket", "rug", "desk",
    "vase", "kettle", "bench", "curtain", "stool", "frame", "tray", "hook",
];
const SYLLABLES: [&str; 24] = [
    "al", "ber", "cor", "den", "el", "fal", "gar", "hol", "in", "kas", "lo", "mar", "ner", "or", "pel", "ran", "sta",
    "tor", "un", "ves", "wal", "yor", "zan", "mi",
];

/// A product's slug, such as `oak-lamp-17`; different for every number.
pub(super) fn slug(number: u32) -> String {
    let (adjective, noun) = (ADJECTIVES[number as usize % 20], NOUNS[number as usize / 20 % 20]);
    match number / 400 {
        0 => format!("{adjective}-{noun}"),
        more => format!("{adjective}-{noun}-{more}"),
    }
}

/// A slug as a title, such as `Oak lamp 17`.
pub(super) fn title(slug: &str) -> String {
    let text = slug.replace('-', " ");
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// A made-up place, different for every number.
pub(super) fn place(rng: &mut Rng, number: u32) -> String {
    let mut name = String::new();
    let mut rest = number;
    for _ in 0..2 {
        name.push_str(SYLLABLES[rest as usize % 24]);
        rest /= 24;
    }
    name.push_str(SYLLABLES[rest as usize % 24]);
    name.push_str(["", "a", "burg", "ton", "ia", "ford"][rng.below(6) as usize]);
    title(&name)
}
