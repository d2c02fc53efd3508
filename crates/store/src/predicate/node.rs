//! A predicate bound to the columns of one part or tail.

mod mask;

use std::sync::Arc;

use cairn_analysis::StoreError;
use mask::{codes_mask, is_empty, one_by_one};

use super::{Meaning, Test, rows::clear, truths::Truth};
use crate::{
    column::Codes,
    ints::{BLOCK, Ints, lookup::Mask},
    part::{Part, PartCodes, Values},
    symbols::Interner,
    tail::Tail,
    users::UserBits,
};

/// A column with so many values of its own at most has them tested ahead; else as rows come that have them.
const OWN_AHEAD: usize = 1_024;
/// The kinds of events are below; above are ghosts.
const KINDS: u32 = 6;

/// A predicate over the rows of one source.
#[derive(Debug)]
pub(crate) enum Node<'a> {
    All(Vec<Node<'a>>),
    Any(Vec<Node<'a>>),
    Not(Box<Node<'a>>),
    Always(bool),
    /// The code is one for which it holds.
    Codes(RowCodes<'a>, Arc<Truth>),
    /// The code's value passes.
    Own(RowCodes<'a>, OwnValues<'a>, &'a Test),
    User(Arc<UserBits>),
}

/// Codes per row.
#[derive(Clone, Copy, Debug)]
pub(crate) enum RowCodes<'a> {
    Part(PartCodes<'a>),
    Tail(Codes<'a>),
}

/// What kinds are, as codes.
type KindCodes<'a> = RowCodes<'a>;

/// Values of a column's own.
#[derive(Clone, Copy)]
pub(crate) enum OwnValues<'a> {
    Part(Values<'a>),
    Tail(&'a Interner),
}

impl std::fmt::Debug for OwnValues<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} values", self.count())
    }
}

impl<'a> OwnValues<'a> {
    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        match self {
            OwnValues::Part(values) => values.len(),
            OwnValues::Tail(values) => values.len(),
        }
    }

    /// Shows those of a part as they are encoded.
    pub(crate) fn encoded(&self, see: &mut dyn FnMut(&[u8])) {
        if let OwnValues::Part(values) = self {
            values.encoded(see);
        }
    }

    pub(crate) fn get(&self, code: u32) -> Option<&'a [u8]> {
        match self {
            OwnValues::Part(values) => values.get(code),
            OwnValues::Tail(values) => values.get(code),
        }
    }
}

impl RowCodes<'_> {
    /// Shows what is read for them of a part, as it is encoded.
    pub(crate) fn encoded(&self, see: &mut dyn FnMut(&[u8])) {
        if let RowCodes::Part(codes) = self {
            codes.encoded(see);
        }
    }

    /// The code of a row.
    #[inline]
    pub(crate) fn get(&self, row: usize) -> u32 {
        match self {
            RowCodes::Part(codes) => codes.get(row),
            RowCodes::Tail(codes) => codes.get(row),
        }
    }
}

/// Users side by side, and the first row of each and the end of the last.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spans<'s> {
    pub(crate) users: &'s [u32],
    pub(crate) starts: &'s [u32],
}

impl Spans<'_> {
    /// The place of the user whose row this is.
    pub(crate) fn at(&self, row: usize) -> usize {
        self.starts.partition_point(|start| *start as usize <= row).saturating_sub(1)
    }
}

impl<'a> Node<'a> {
    /// Binds to a part.
    pub(crate) fn of_part(meaning: &'a Meaning, part: &'a Part) -> Result<Self, StoreError> {
        let kinds = RowCodes::Part(PartCodes { ints: part.kinds()?, map: None, postings: None });
        let node = Self::bind(meaning, kinds, &|name| {
            Ok(part.column(name)?.map(|column| (RowCodes::Part(column.codes), column.values.map(OwnValues::Part))))
        })?;
        Ok(if part.has_ghosts() { all(vec![node, living(kinds)]) } else { node })
    }

    /// Binds to a tail.
    pub(crate) fn of_tail(meaning: &'a Meaning, tail: &'a Tail) -> Result<Self, StoreError> {
        let kinds = RowCodes::Tail(Codes::U8(&tail.kinds));
        let node = Self::bind(meaning, kinds, &|name| {
            let column = tail.column(name);
            Ok(column.map(|column| (RowCodes::Tail(column.codes), column.values.map(OwnValues::Tail))))
        })?;
        Ok(all(vec![node, living(kinds)]))
    }

    fn bind(meaning: &'a Meaning, kinds: KindCodes<'a>, column: &ColumnOf<'a, '_>) -> Result<Self, StoreError> {
        let list = |parts: &'a [Meaning]| -> Result<Vec<Self>, StoreError> {
            parts.iter().map(|part| Self::bind(part, kinds, column)).collect()
        };
        Ok(match meaning {
            Meaning::All(parts) => all(list(parts)?),
            Meaning::Any(parts) => any(list(parts)?),
            Meaning::Not(part) => not(Self::bind(part, kinds, column)?),
            Meaning::Kind(kind) => Node::Codes(kinds, kind_truth(|code| code == u32::from(*kind))),
            Meaning::Property { name, test, truth } => match column(name)? {
                None => Node::Always(truth.of(0)),
                Some((codes, None)) if truth.holds == 0 => {
                    let _ = codes;
                    Node::Always(false)
                }
                Some((codes, None)) => through(codes, truth.clone()),
                Some((codes, Some(values))) if test.is_of_presence() => {
                    through(codes, Arc::new(Truth::of_presence(values.count() + 1, test.holds(None))))
                }
                Some((codes, Some(values))) if values.count() <= OWN_AHEAD => {
                    through(codes, Arc::new(own_truth(test, &values)))
                }
                Some((codes, Some(values))) => Node::Own(codes, values, test),
            },
            Meaning::User(bits) => Node::User(bits.clone()),
        })
    }

    /// Shows what is read for it of a part, as it is encoded.
    pub(crate) fn encoded(&self, see: &mut dyn FnMut(&[u8])) {
        match self {
            Node::All(parts) | Node::Any(parts) => parts.iter().for_each(|part| part.encoded(see)),
            Node::Not(part) => part.encoded(see),
            Node::Codes(codes, _) => codes.encoded(see),
            Node::Own(codes, values, _) => {
                codes.encoded(see);
                values.encoded(see);
            }
            Node::Always(_) | Node::User(_) => {}
        }
    }

    /// Whether the row of this user satisfies the predicate.
    pub(crate) fn holds(&self, row: usize, user: u32) -> bool {
        match self {
            Node::All(parts) => parts.iter().all(|part| part.holds(row, user)),
            Node::Any(parts) => parts.iter().any(|part| part.holds(row, user)),
            Node::Not(part) => !part.holds(row, user),
            Node::Always(holds) => *holds,
            Node::Codes(codes, truth) => truth.of(codes.get(row)),
            Node::Own(codes, values, test) => own_holds(codes.get(row), values, test),
            Node::User(bits) => bits.of(user),
        }
    }

    /// Of the rows `active` of a block of a part, those that satisfy the predicate.
    pub(crate) fn mask(&self, block: usize, users: Spans<'_>, active: &Mask, out: &mut Mask) {
        match self {
            Node::Always(true) => *out = *active,
            Node::Always(false) => *out = [0; BLOCK / 64],
            Node::All(parts) => {
                *out = *active;
                for part in parts {
                    if is_empty(out) {
                        return;
                    }
                    let before = *out;
                    part.mask(block, users, &before, out);
                }
            }
            Node::Any(parts) => {
                let (mut rest, mut held) = (*active, [0; BLOCK / 64]);
                *out = [0; BLOCK / 64];
                for part in parts {
                    part.mask(block, users, &rest, &mut held);
                    for word in 0..BLOCK / 64 {
                        out[word] |= held[word];
                        rest[word] &= !held[word];
                    }
                }
            }
            Node::Not(part) => {
                part.mask(block, users, active, out);
                out.iter_mut().zip(active).for_each(|(out, active)| *out = active & !*out);
            }
            Node::Codes(RowCodes::Part(codes), truth) => codes_mask(&codes.ints, truth, block, active, out),
            Node::Codes(..) | Node::Own(..) => one_by_one(active, out, |at| self.holds(block * BLOCK + at, 0)),
            Node::User(bits) => {
                *out = *active;
                let base = block * BLOCK;
                let first = users.at(base);
                let of_block =
                    users.users.iter().zip(users.starts).zip(users.starts.get(1..).unwrap_or_default()).skip(first);
                for ((user, start), end) in of_block.take_while(|((_, start), _)| (**start as usize) < base + BLOCK) {
                    if !bits.of(*user) {
                        let within = |row: u32| ((row as usize).clamp(base, base + BLOCK) - base) as u32;
                        clear(out, within(*start)..within(*end));
                    }
                }
            }
        }
    }

    /// The condition on the codes of a column, if it is one.
    fn on_column(&mut self, ints: &Ints<'_, u32>) -> Option<&mut Arc<Truth>> {
        match self {
            Node::Codes(RowCodes::Part(codes), truth) if codes.map.is_none() && codes.ints.same_as(ints) => Some(truth),
            _ => None,
        }
    }

    /// Whether it needs to know whose row it is.
    pub(crate) fn asks_for_users(&self) -> bool {
        match self {
            Node::All(parts) | Node::Any(parts) => parts.iter().any(Node::asks_for_users),
            Node::Not(part) => part.asks_for_users(),
            Node::User(_) => true,
            Node::Always(_) | Node::Codes(..) | Node::Own(..) => false,
        }
    }

    /// The share of rows that it lets pass, guessed from the distinct values.
    fn share(&self) -> f64 {
        match self {
            Node::All(parts) => parts.iter().map(Node::share).product(),
            Node::Any(parts) => parts.iter().map(Node::share).sum::<f64>().min(1.0),
            Node::Not(part) => 1.0 - part.share(),
            Node::Always(holds) => f64::from(u8::from(*holds)),
            Node::Codes(_, truth) => truth.holds as f64 / truth.codes.max(1) as f64,
            // What is dear comes late.
            Node::User(_) => 2.0,
            Node::Own(..) => 3.0,
        }
    }
}

/// Gives a property's codes, and its values where they are the source's own.
type ColumnOf<'a, 'f> = dyn Fn(&str) -> Result<Option<(RowCodes<'a>, Option<OwnValues<'a>>)>, StoreError> + 'f;

fn all(parts: Vec<Node<'_>>) -> Node<'_> {
    let mut flat = Vec::new();
    for part in parts {
        match part {
            Node::All(inner) => flat.extend(inner),
            Node::Always(true) => {}
            Node::Always(false) => return Node::Always(false),
            other => flat.push(other),
        }
    }
    let mut flat = fuse(flat);
    if flat.iter().any(|node| matches!(node, Node::Always(false))) {
        return Node::Always(false);
    }
    flat.sort_by(|a, b| a.share().total_cmp(&b.share()));
    match (flat.len(), flat.pop()) {
        (0, _) | (_, None) => Node::Always(true),
        (1, Some(only)) => only,
        (_, Some(last)) => {
            flat.push(last);
            Node::All(flat)
        }
    }
}

/// Several conditions on the codes of one column are one.
fn fuse(parts: Vec<Node<'_>>) -> Vec<Node<'_>> {
    let mut fused: Vec<Node<'_>> = Vec::new();
    for part in parts {
        if let Node::Codes(RowCodes::Part(codes), truth) = &part
            && codes.map.is_none()
            && let Some(known) = fused.iter_mut().find_map(|node| node.on_column(&codes.ints))
        {
            *known = Arc::new(known.and(truth));
            continue;
        }
        fused.push(part);
    }
    let never = |node: &Node<'_>| matches!(node, Node::Codes(_, truth) if truth.holds == 0);
    fused.into_iter().map(|node| if never(&node) { Node::Always(false) } else { node }).collect()
}

fn any(parts: Vec<Node<'_>>) -> Node<'_> {
    let mut some = Vec::new();
    for part in parts {
        match part {
            Node::Always(true) => return Node::Always(true),
            Node::Always(false) => {}
            other => some.push(other),
        }
    }
    if some.is_empty() { Node::Always(false) } else { Node::Any(some) }
}

fn not(part: Node<'_>) -> Node<'_> {
    match part {
        Node::Always(holds) => Node::Always(!holds),
        other => Node::Not(Box::new(other)),
    }
}

/// Where a column follows from another: what the truth is of the codes of that one.
fn through(codes: RowCodes<'_>, truth: Arc<Truth>) -> Node<'_> {
    let RowCodes::Part(PartCodes { ints, map: Some(map), postings }) = codes else {
        return Node::Codes(codes, truth);
    };
    let of_other = truth.through(map);
    match of_other.holds {
        0 => Node::Always(false),
        _ => Node::Codes(RowCodes::Part(PartCodes { ints, map: None, postings }), Arc::new(of_other)),
    }
}

/// Rows whose event is not a ghost.
fn living(kinds: KindCodes<'_>) -> Node<'_> {
    Node::Codes(kinds, kind_truth(|code| code < KINDS))
}

fn kind_truth(holds: impl Fn(u32) -> bool) -> Arc<Truth> {
    let bits = (0..8).filter(|code| holds(*code)).fold(0, |bits, code| bits | 1 << code);
    Arc::new(Truth { bits: vec![bits], codes: 8, holds: bits.count_ones() as usize })
}

fn own_truth(test: &Test, values: &OwnValues<'_>) -> Truth {
    let codes = values.count() + 1;
    let mut truth = Truth { bits: vec![0; codes.div_ceil(32)], codes, holds: 0 };
    for code in 0..codes as u32 {
        let holds = own_holds(code, values, test);
        truth.bits[code as usize / 32] |= u32::from(holds) << (code % 32);
        truth.holds += usize::from(holds);
    }
    truth
}

fn own_holds(code: u32, values: &OwnValues<'_>, test: &Test) -> bool {
    match values.get(code) {
        Some(value) => test.holds_for(value),
        None => test.holds(None),
    }
}
