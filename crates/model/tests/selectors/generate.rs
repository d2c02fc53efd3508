//! Random selectors, most of them true of a given element.

use crate::rng::Rng;
use crate::tree::{NAMES, Node, Tree};
use crate::write::{ident, random_case, separator, space, string};

/// Marks around an attribute selector with the flag `s`, which Chromium does not know: see [`crate::case`].
pub(crate) const BY_CASE: char = '\u{e001}';
pub(crate) const BY_CASE_END: char = '\u{e002}';

pub(crate) struct Generator<'a> {
    pub(crate) tree: &'a Tree,
    pub(crate) rng: &'a mut Rng,
}

impl Generator<'_> {
    /// A list of selectors, the first meant for `at`.
    pub(crate) fn list(&mut self, at: usize, depth: usize) -> String {
        let mut list = self.complex(at, depth);
        while self.rng.chance(12) {
            let other = self.element();
            let next = self.complex(other, depth);
            list = if self.rng.chance(50) {
                format!("{list}{}{next}", separator(self.rng, ","))
            } else {
                format!("{next},{list}")
            };
        }
        list
    }

    fn complex(&mut self, at: usize, depth: usize) -> String {
        let mut text = self.compound(at, depth);
        let mut here = at;
        while self.rng.chance(50) {
            let ancestors = self.tree.ancestors(here);
            if ancestors.is_empty() {
                break;
            }
            let (combinator, above) = if self.rng.chance(50) {
                (separator(self.rng, ">"), ancestors[0])
            } else {
                (format!("{} ", space(self.rng)), self.rng.pick(&ancestors))
            };
            // Now and then an ancestor that need not be there.
            let model = if self.rng.chance(4) { self.element() } else { above };
            text = format!("{}{combinator}{text}", self.compound(model, depth));
            here = above;
        }
        text
    }

    fn compound(&mut self, at: usize, depth: usize) -> String {
        let mut text = String::new();
        if self.rng.chance(45) {
            let model = self.model(at);
            let tag = self.tree.nodes[model].tag.clone();
            text = if self.rng.chance(15) { "*".to_owned() } else { self.type_name(&tag) };
        }
        let parts = self.rng.below(3) + usize::from(text.is_empty());
        for _ in 0..parts {
            let model = self.model(at);
            let part = self.part(model, depth);
            text.push_str(&part);
            if self.rng.chance(2) {
                text.push_str("/* , > */");
            }
        }
        text
    }

    fn type_name(&mut self, tag: &str) -> String {
        let tag = if self.rng.chance(20) { random_case(self.rng, tag) } else { tag.to_owned() };
        ident(self.rng, &tag)
    }

    /// The element itself, or rarely another one, of which a part need not be true.
    fn model(&mut self, at: usize) -> usize {
        if self.rng.chance(5) { self.element() } else { at }
    }

    fn element(&mut self) -> usize {
        self.rng.below(self.tree.nodes.len())
    }

    fn part(&mut self, at: usize, depth: usize) -> String {
        let node = &self.tree.nodes[at];
        match self.rng.below(10) {
            0 | 1 => match node.get("id") {
                Some(id) if !id.is_empty() => format!("#{}", ident(self.rng, id)),
                _ => self.class(node),
            },
            2 | 3 => self.class(node),
            4 | 5 => self.attribute(node),
            6 | 7 => self.place(at),
            _ if depth > 0 => self.function(at, depth - 1),
            _ => self.place(at),
        }
    }

    fn class(&mut self, node: &Node) -> String {
        let classes: Vec<_> = node.get("class").unwrap_or_default().split(' ').collect();
        match self.rng.pick(&classes) {
            "" => format!(":not(.{})", ident_of_pool(self.rng)),
            class => format!(".{}", ident(self.rng, class)),
        }
    }

    fn attribute(&mut self, node: &Node) -> String {
        if node.attributes.is_empty() {
            let name = self.rng.pick(&cairn_model::chain::ATTRIBUTES);
            return format!(":not([{name}])");
        }
        let (name, value) = &node.attributes[self.rng.below(node.attributes.len())];
        let written = if self.rng.chance(10) { random_case(self.rng, name) } else { name.clone() };
        let inner = space(self.rng);
        let Some((operator, mut wanted)) = self.test(value) else {
            return format!("[{inner}{written}{inner}]");
        };
        let mut flag = "";
        let mut by_case = false;
        match self.rng.below(10) {
            0..3 => {
                flag = self.rng.pick(&["i", " i", " I ", "/**/i"]);
                wanted = random_case(self.rng, &wanted);
            }
            3 => by_case = true,
            4 => wanted = random_case(self.rng, &wanted),
            _ => {}
        }
        let quoted = string(self.rng, &wanted);
        let flag = if flag == "i" && !quoted.ends_with(['"', '\'']) { " i" } else { flag };
        let operator = separator(self.rng, operator);
        if by_case {
            return format!("[{BY_CASE}{name}{operator}{quoted}{BY_CASE_END}]");
        }
        format!("[{inner}{written}{operator}{quoted}{flag}{inner}]")
    }

    /// An operator and a value that hold for `value`; none: that it is there.
    fn test(&mut self, value: &str) -> Option<(&'static str, String)> {
        let chars: Vec<char> = value.chars().collect();
        let cut = self.rng.below(chars.len() + 1);
        let head: String = chars[..cut].iter().collect();
        let tail: String = chars[cut..].iter().collect();
        Some(match self.rng.below(8) {
            0 => return None,
            1 => ("^=", head),
            2 => ("$=", tail),
            3 => ("*=", head.chars().skip(1).collect()),
            4 => ("~=", self.rng.pick(&value.split_ascii_whitespace().chain([""]).collect::<Vec<_>>()).to_owned()),
            5 => ("|=", value.split('-').next().unwrap_or_default().to_owned()),
            _ => ("=", value.to_owned()),
        })
    }

    fn place(&mut self, at: usize) -> String {
        let [index, count, type_index, type_count] = self.tree.position(at).map(i64::from);
        if at == 0 && self.rng.chance(60) {
            return ":root".to_owned();
        }
        let named = [
            ("first-child", index == 1),
            ("last-child", index == count),
            ("only-child", count == 1),
            ("first-of-type", type_index == 1),
            ("last-of-type", type_index == type_count),
            ("only-of-type", type_count == 1),
        ];
        let (name, holds) = self.rng.pick(&named);
        if self.rng.chance(40) {
            let name = if self.rng.chance(10) { random_case(self.rng, name) } else { name.to_owned() };
            return if holds { format!(":{name}") } else { format!(":not(:{name})") };
        }
        let (name, place) = self.rng.pick(&[
            ("nth-child", index),
            ("nth-last-child", count - index + 1),
            ("nth-of-type", type_index),
            ("nth-last-of-type", type_count - type_index + 1),
        ]);
        let step = self.rng.range(-3, 4);
        let offset = place - step * self.rng.range(0, 3);
        format!(":{name}({}{}{})", space(self.rng), self.an_plus_b(step, offset), space(self.rng))
    }

    fn an_plus_b(&mut self, step: i64, offset: i64) -> String {
        let unit = self.rng.pick(&["n", "n", "N", "\\6e "]);
        match (step, offset) {
            (0, _) if self.rng.chance(80) => {
                return if self.rng.chance(20) { format!("{offset:+}") } else { offset.to_string() };
            }
            (2, 1) if self.rng.chance(50) => return "odd".to_owned(),
            (2, 0) if self.rng.chance(50) => return "EVEN".to_owned(),
            _ => {}
        }
        let step = match step {
            1 => self.rng.pick(&["", "+", "1", "+1"]).to_owned(),
            -1 => self.rng.pick(&["-", "-1"]).to_owned(),
            _ => step.to_string(),
        };
        let sign = if offset < 0 { '-' } else { '+' };
        let size = offset.abs();
        match self.rng.below(5) {
            _ if offset == 0 && self.rng.chance(70) => format!("{step}{unit}"),
            0 => format!("{step}{unit} {sign} {size}"),
            1 => format!("{step}{unit}{sign} {size}"),
            2 => format!("{step}{unit} {sign}{size}"),
            3 => format!("{step}{unit}/**/{sign}/* 1 */{size}"),
            _ => format!("{step}{unit}{sign}{size}"),
        }
    }

    fn function(&mut self, at: usize, depth: usize) -> String {
        let gap = space(self.rng);
        let other = self.element();
        match self.rng.below(8) {
            0 => format!(":not({gap}{}{gap})", self.list(other, depth)),
            1 => format!(":not(:not({}))", self.list(at, depth)),
            2 => format!(":not(:is({gap}))"),
            3 => format!(":not({gap}{} , {})", self.complex(other, depth), self.complex(other, depth)),
            4 => format!(":where({gap}{})", self.list(at, depth)),
            5 => format!(":is(,{}{gap},)", self.list(at, depth)),
            _ => format!(":IS({}, {}{gap})", self.complex(other, depth), self.complex(at, depth)),
        }
    }
}

fn ident_of_pool(rng: &mut Rng) -> String {
    let name = rng.pick(&NAMES);
    ident(rng, name)
}

/// The selector with one character left out, put in, or said twice.
pub(crate) fn mutated(rng: &mut Rng, selector: &str) -> String {
    const POOL: [char; 32] = [
        ' ', '>', '+', '~', '.', '#', '[', ']', '(', ')', ':', ',', '*', '\'', '"', '\\', '=', '|', '^', '$', 'n', '1',
        '2', '-', 'a', 'i', '/', '%', '&', '\n', '@', '\u{d7}',
    ];
    let mut chars: Vec<char> = selector.chars().collect();
    let at = rng.below(chars.len());
    match rng.below(4) {
        0 => drop(chars.remove(at)),
        1 => chars.insert(at, chars[at]),
        2 => chars[at] = rng.pick(&POOL),
        _ => chars.insert(at, rng.pick(&POOL)),
    }
    chars.into_iter().collect()
}
