//! Pseudo-classes: those of structure are answered, all others are refused by name.

use super::SelectorError;
use super::ast::{Compound, Simple};
use super::nth::{MAX_PLACE, Nth, Side, an_plus_b};
use super::parse::Parser;
use super::token::Token;

const CHILD: Side = Side { of_type: false, from_end: false };
const LAST_CHILD: Side = Side { of_type: false, from_end: true };
const OF_TYPE: Side = Side { of_type: true, from_end: false };
const LAST_OF_TYPE: Side = Side { of_type: true, from_end: true };

impl Parser {
    /// Reads `:name` or `:name(…)`.
    pub(super) fn pseudo(&mut self, compound: &mut Compound) -> Result<(), SelectorError> {
        let offset = self.offset();
        self.skip(1);
        let double = self.take(':');
        let (name, is_function) = match self.next() {
            Some(Token::Ident(name)) => (name.to_ascii_lowercase(), false),
            Some(Token::Function(name)) => (name.to_ascii_lowercase(), true),
            _ => return Err(SelectorError::syntax(offset, "the name of a pseudo-class must follow the colon")),
        };
        if double || is_legacy_element(&name) {
            let reason = "events happen on elements; select the element itself";
            return Err(SelectorError::not_kept(offset, &format!("the pseudo-element ::{name}"), reason));
        }
        if is_function { self.function(&name, offset, compound) } else { keyword(&name, offset, compound) }
    }

    fn function(&mut self, name: &str, offset: usize, compound: &mut Compound) -> Result<(), SelectorError> {
        let simple = match name {
            "is" | "where" => Simple::Any(self.forgiving_arguments()?),
            "not" => Simple::Not(self.arguments()?),
            "nth-child" => self.nth(CHILD)?,
            "nth-last-child" => self.nth(LAST_CHILD)?,
            "nth-of-type" => self.nth(OF_TYPE)?,
            "nth-last-of-type" => self.nth(LAST_OF_TYPE)?,
            _ => return Err(refused(name, offset, "()")),
        };
        compound.push(simple);
        Ok(())
    }

    fn nth(&mut self, side: Side) -> Result<Simple, SelectorError> {
        self.skip_space();
        let offset = self.offset();
        let Some((step, number, length)) = an_plus_b(self.rest()) else {
            return Err(match self.peek() {
                None => SelectorError::unclosed(offset, "the parenthesis"),
                Some(_) => SelectorError::syntax(offset, "a place is written as a number, odd, even, or like 2n+1"),
            });
        };
        if step.abs() > MAX_PLACE || number.abs() > MAX_PLACE {
            return Err(SelectorError::too_far(offset));
        }
        self.skip(length);
        self.skip_space();
        if matches!(self.peek(), Some(Token::Ident(of)) if of.eq_ignore_ascii_case("of")) && !side.of_type {
            let reason = "a chain counts all siblings and those of the same tag; use :nth-of-type()";
            return Err(SelectorError::not_kept(self.offset(), "`of` in :nth-child()", reason));
        }
        self.close(')', "the parenthesis")?;
        Ok(Simple::Nth(Nth { step, offset: number, side }))
    }
}

fn keyword(name: &str, offset: usize, compound: &mut Compound) -> Result<(), SelectorError> {
    let first = |side| Simple::Nth(Nth { step: 0, offset: 1, side });
    match name {
        "root" => compound.push(Simple::Root),
        "first-child" => compound.push(first(CHILD)),
        "last-child" => compound.push(first(LAST_CHILD)),
        "only-child" => compound.extend([first(CHILD), first(LAST_CHILD)]),
        "first-of-type" => compound.push(first(OF_TYPE)),
        "last-of-type" => compound.push(first(LAST_OF_TYPE)),
        "only-of-type" => compound.extend([first(OF_TYPE), first(LAST_OF_TYPE)]),
        _ => return Err(refused(name, offset, "")),
    }
    Ok(())
}

/// Pseudo-elements that CSS 2 wrote with one colon.
fn is_legacy_element(name: &str) -> bool {
    matches!(name, "before" | "after" | "first-line" | "first-letter")
}

fn refused(name: &str, offset: usize, parentheses: &str) -> SelectorError {
    match reason(name) {
        Some(reason) => SelectorError::not_kept(offset, &format!(":{name}{parentheses}"), reason),
        None => SelectorError::unknown_pseudo(offset, &format!("{name}{parentheses}")),
    }
}

/// Why a pseudo-class of CSS, or of jQuery, cannot be answered, and what to write instead.
fn reason(name: &str) -> Option<&'static str> {
    Some(match name {
        "has" => "a chain holds no elements below or beside its own; select the target and what is above it",
        "empty" => "a chain does not hold what is inside an element; use the property target_text",
        "scope" | "host" | "host-context" => {
            "a chain goes from the page's root through shadow hosts; use :root or the host's tag"
        }
        "link" | "any-link" => "it is not kept which links count as such; use a[href]",
        "lang" | "dir" => "the language of an element is not kept; use the property language",
        _ if STATES.split(' ').any(|state| state == name) => {
            "the state of an element at the moment of the event is not kept; leave it out, or have the page set a class"
        }
        "matches" | "any" | "-webkit-any" | "-moz-any" => "it is an old name; write :is()",
        "contains" => "it is not CSS; use the property target_text",
        "first" | "last" | "eq" | "even" | "odd" | "lt" | "gt" | "nth" => {
            "it is not CSS; use :nth-child() or :nth-of-type()"
        }
        "visible" | "hidden" | "selected" | "button" | "input" | "submit" | "text" => {
            "it is not CSS; use a tag, class or attribute"
        }
        _ => return None,
    })
}

/// The pseudo-classes that depend on the moment.
const STATES: &str = "hover active focus focus-visible focus-within visited local-link target target-within target-current \
     checked unchecked indeterminate disabled enabled default autofill read-only read-write placeholder-shown \
     required optional valid invalid user-valid user-invalid in-range out-of-range blank open popover-open \
     modal fullscreen picture-in-picture playing paused seeking buffering stalled muted volume-locked current \
     past future state defined active-view-transition active-view-transition-type xr-overlay";
