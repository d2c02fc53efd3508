//! Pages: made at random, sent to the browser as JSON, and read as chains.

use cairn_model::chain::{Attribute, ChainWriter, Position};
use serde_json::{Value, json};

use crate::rng::Rng;

/// The elements of a page in document order; the first is the root.
#[derive(Clone)]
pub(crate) struct Tree {
    pub(crate) nodes: Vec<Node>,
}

#[derive(Clone)]
pub(crate) struct Node {
    pub(crate) tag: String,
    pub(crate) svg: bool,
    /// Also `id` and `class`.
    pub(crate) attributes: Vec<(String, String)>,
    pub(crate) parent: Option<usize>,
}

impl Node {
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }
}

impl Tree {
    /// `index`, `count`, `type_index` and `type_count` among the siblings.
    pub(crate) fn position(&self, at: usize) -> [u32; 4] {
        let mut position = [0; 4];
        for (index, node) in self.nodes.iter().enumerate() {
            let sibling = node.parent == self.nodes[at].parent;
            let same = sibling && node.tag == self.nodes[at].tag;
            let before = index <= at;
            for (number, counts) in position.iter_mut().zip([sibling && before, sibling, same && before, same]) {
                *number += u32::from(counts);
            }
        }
        position
    }

    /// The elements above `at`, from the parent to the root.
    pub(crate) fn ancestors(&self, at: usize) -> Vec<usize> {
        std::iter::successors(self.nodes[at].parent, |above| self.nodes[*above].parent).collect()
    }

    /// The text of the chain whose target is `at`.
    pub(crate) fn chain(&self, at: usize) -> String {
        let mut writer = ChainWriter::default();
        for index in self.ancestors(at).into_iter().rev().chain([at]) {
            let node = &self.nodes[index];
            writer.element(&node.tag.to_lowercase());
            if let Some(id) = node.get("id") {
                writer.id(id);
            }
            for class in node.get("class").unwrap_or_default().split_ascii_whitespace() {
                writer.class(class);
            }
            let mut captured: Vec<_> =
                node.attributes.iter().filter_map(|(name, value)| Some((Attribute::named(name)?, value))).collect();
            captured.sort_unstable();
            for (name, value) in captured {
                writer.attribute(name, value);
            }
            if node.parent.is_some() {
                let [index, count, type_index, type_count] = self.position(index);
                writer.position(Position::new(index, count, type_index, type_count).expect("a position in a page"));
            }
        }
        writer.finish().expect("a page gives a chain")
    }

    /// What `tests/browser/selectors.mjs` builds.
    pub(crate) fn json(&self, at: usize) -> Value {
        let node = &self.nodes[at];
        let children = (0..self.nodes.len()).filter(|child| self.nodes[*child].parent == Some(at));
        json!({
            "tag": node.tag,
            "svg": node.svg,
            "attributes": node.attributes,
            "children": children.map(|child| self.json(child)).collect::<Vec<_>>(),
        })
    }

    /// What the browser should find: tag, id, class and position of each element.
    pub(crate) fn facts(&self) -> Value {
        let fact = |at: usize| {
            let node = &self.nodes[at];
            json!({"tag": node.tag.to_lowercase(), "id": node.get("id"), "class": node.get("class"), "position": self.position(at)})
        };
        (0..self.nodes.len()).map(fact).collect()
    }

    /// The tree without `at` and what is below it.
    pub(crate) fn without(&self, at: usize) -> Self {
        let gone: Vec<bool> =
            (0..self.nodes.len()).map(|node| node == at || self.ancestors(node).contains(&at)).collect();
        let place = |old: usize| gone[..old].iter().filter(|gone| !**gone).count();
        let kept = self.nodes.iter().zip(&gone).filter(|(_, gone)| !**gone);
        let moved = |(node, _): (&Node, _)| Node { parent: node.parent.map(place), ..node.clone() };
        Self { nodes: kept.map(moved).collect() }
    }

    /// A random page of up to about 30 elements.
    pub(crate) fn random(rng: &mut Rng) -> Self {
        let mut tree = Self { nodes: Vec::new() };
        tree.push(rng, "html", false, None);
        if rng.chance(30) {
            tree.push(rng, "head", false, Some(0));
        }
        let body = tree.push(rng, "body", false, Some(0));
        let size = 4 + rng.below(28);
        let depth = 2 + rng.below(10);
        tree.grow(rng, body, depth, size);
        tree
    }

    fn grow(&mut self, rng: &mut Rng, parent: usize, depth: usize, size: usize) {
        let in_svg = self.nodes[parent].svg && self.nodes[parent].tag != "foreignObject";
        let repeated = rng.chance(30).then(|| random_tag(rng, in_svg));
        for _ in 0..1 + rng.below(6) {
            if self.nodes.len() >= size {
                return;
            }
            let tag = repeated.filter(|_| rng.chance(80)).unwrap_or_else(|| random_tag(rng, in_svg));
            let child = self.push(rng, tag, in_svg || tag == "svg", Some(parent));
            if depth > 0 && rng.chance(65) {
                self.grow(rng, child, depth - 1, size);
            }
        }
    }

    fn push(&mut self, rng: &mut Rng, tag: &str, svg: bool, parent: Option<usize>) -> usize {
        let attributes = random_attributes(rng);
        self.nodes.push(Node { tag: tag.to_owned(), svg, attributes, parent });
        self.nodes.len() - 1
    }
}

fn random_tag(rng: &mut Rng, in_svg: bool) -> &'static str {
    const HTML: [&str; 17] = [
        "div", "div", "div", "span", "a", "a", "button", "p", "ul", "li", "li", "input", "form", "svg", "x-a.b", "o:p",
        "h1",
    ];
    const SVG: [&str; 5] = ["g", "path", "circle", "linearGradient", "foreignObject"];
    if in_svg { rng.pick(&SVG) } else { rng.pick(&HTML) }
}

pub(crate) const NAMES: [&str; 27] = [
    "btn",
    "btn",
    "btn-primary",
    "Btn",
    "md:w-1/2",
    "hover:bg-[#fff]",
    "-m-1",
    "--x",
    "-",
    "-1",
    "1col",
    "0",
    "w-1.5",
    "é",
    "日本",
    "a_b",
    "[&>p]:mt-4",
    "!important",
    "sm:[--x:1px]",
    "a\\b",
    "100%",
    "\u{1f600}",
    "x×y",
    "a\u{a0}z",
    "'q\"",
    "{}",
    "a,b",
];

const VALUES: [&str; 24] = [
    "submit",
    "SUBMIT",
    "Submit",
    "/a/b?c=d&e=f",
    "a b  c",
    "",
    "en-US",
    "en",
    "é É",
    "x\ny",
    "]",
    "\"quoted'",
    "a\\",
    "_blank",
    "_Blank",
    "NoFollow noopener",
    " lead",
    "tab\there",
    "-",
    "-x",
    "https://a.example/#top",
    "日本語",
    "a:b>c.d[e=f]",
    "POST",
];

fn random_attributes(rng: &mut Rng) -> Vec<(String, String)> {
    const COMMON: [&str; 6] = ["type", "rel", "target", "method", "href", "data-testid"];
    let mut attributes = Vec::new();
    if rng.chance(30) {
        let id = if rng.chance(10) { rng.pick(&VALUES) } else { rng.pick(&NAMES) };
        attributes.push(("id".to_owned(), id.to_owned()));
    }
    if rng.chance(60) {
        let classes: Vec<_> = (0..1 + rng.below(4)).map(|_| rng.pick(&NAMES)).collect();
        attributes.push(("class".to_owned(), classes.join(" ")));
    }
    for _ in 0..rng.below(4) {
        let name = if rng.chance(50) { rng.pick(&COMMON) } else { rng.pick(&cairn_model::chain::ATTRIBUTES) };
        if !attributes.iter().any(|(other, _)| other == name) {
            attributes.push((name.to_owned(), rng.pick(&VALUES).to_owned()));
        }
    }
    attributes
}
