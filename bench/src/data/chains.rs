//! Element chains in Cairn's text form (docs/api.md).

use std::fmt::Write;

use super::words::slug;
use crate::random::Rng;

const SHORTEST: u32 = 60;
const LONGEST: usize = 250;
const BOXES: [&str; 8] = ["div", "main", "section", "article", "ul", "form", "aside", "nav"];
const CLASSES: [&str; 16] = [
    "container",
    "grid",
    "card",
    "md\\:w-1/2",
    "flex",
    "items-center",
    "px-4",
    "hero",
    "product-list",
    "sidebar",
    "checkout",
    "modal",
    "hover\\:shadow-lg",
    "rounded",
    "toolbar",
    "footer-links",
];

/// The chain of the element `number`, ending in a link if `href` is given; 60 to 250 bytes.
pub(super) fn chain(rng: &mut Rng, number: u32, href: Option<&str>) -> String {
    let leaf = leaf(rng, number, href);
    let wanted = SHORTEST as usize + rng.below(180) as usize;
    let mut chain = format!("html>body.shop:2/2/1/1>div#root:{}", position(rng));
    loop {
        let next = inner(rng);
        let len = chain.len() + next.len() + leaf.len();
        if len > LONGEST || (len > wanted && chain.len() + leaf.len() >= SHORTEST as usize) {
            break chain + &leaf;
        }
        chain.push_str(&next);
    }
}

fn inner(rng: &mut Rng) -> String {
    let mut out = format!(">{}", BOXES[rng.below(8) as usize]);
    for _ in 0..rng.below(4) {
        // Writing to a string cannot fail.
        let _ = write!(out, ".{}", CLASSES[rng.below(16) as usize]);
    }
    let _ = write!(out, ":{}", position(rng));
    out
}

fn leaf(rng: &mut Rng, number: u32, href: Option<&str>) -> String {
    let position = position(rng);
    match href {
        Some(href) => format!(">a.link[href={href}]:{position}"),
        None if number.is_multiple_of(3) => format!(">button#b{number}.btn.btn-primary[type=button]:{position}"),
        None => format!(">button.btn[data-testid={}]:{position}", slug(number)),
    }
}

fn position(rng: &mut Rng) -> String {
    let of_type = 1 + rng.below(6);
    let siblings = of_type + rng.below(4);
    let nth_of_type = 1 + rng.below(of_type);
    let nth = nth_of_type + rng.below(siblings - of_type + 1);
    format!("{nth}/{siblings}/{nth_of_type}/{of_type}")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use cairn_model::chain::Chain;

    use super::*;

    #[test]
    fn chains_are_what_the_product_reads() {
        let mut rng = Rng::new(1, 1);
        for number in 0..2_000 {
            let href = (number % 2 == 0).then_some("/products/oak-lamp");
            let text = chain(&mut rng, number, href);
            assert!((60..=250).contains(&text.len()), "{} bytes: {text}", text.len());
            Chain::parse(&text).unwrap();
        }
    }
}
