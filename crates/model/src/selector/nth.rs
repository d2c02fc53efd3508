//! `an+b`: which of the siblings.

use super::token::{Number, Token};
use crate::chain::Position;

/// `:nth-child(an+b)` and its family: the siblings at `step * n + offset`, for n from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Nth {
    pub(super) step: i64,
    pub(super) offset: i64,
    pub(super) side: Side,
}

/// Among which siblings, and from which end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Side {
    pub(super) of_type: bool,
    pub(super) from_end: bool,
}

/// The largest step and offset. Browsers differ over numbers near the limits of their integers.
pub(super) const MAX_PLACE: i64 = 1_000_000;

impl Nth {
    pub(super) fn matches(self, position: Position) -> bool {
        let (index, count) = if self.side.of_type {
            (position.type_index(), position.type_count())
        } else {
            (position.index(), position.count())
        };
        let place = if self.side.from_end { count - index + 1 } else { index };
        let beyond = i64::from(place) - self.offset;
        if self.step == 0 { beyond == 0 } else { beyond % self.step == 0 && beyond / self.step >= 0 }
    }
}

/// Reads `an+b` from the front of `tokens`: step, offset, and how many tokens they are. After CSS Syntax Level 3, section 6.
pub(super) fn an_plus_b(tokens: &[(usize, Token)]) -> Option<(i64, i64, usize)> {
    let token = |at: usize| tokens.get(at).map(|(_, token)| token);
    let mut at = 1;
    let (step, unit) = match token(0)? {
        Token::Number(number) => return number.is_integer.then_some((0, number.value, 1)),
        Token::Ident(name) if name.eq_ignore_ascii_case("odd") => return Some((2, 1, 1)),
        Token::Ident(name) if name.eq_ignore_ascii_case("even") => return Some((2, 0, 1)),
        Token::Ident(name) => match name.strip_prefix('-') {
            Some(rest) => (-1, rest),
            None => (1, name.as_str()),
        },
        Token::Dimension(number, unit) if number.is_integer => (number.value, unit.as_str()),
        Token::Delim('+') => match token(1)? {
            Token::Ident(name) => {
                at = 2;
                (1, name.as_str())
            }
            _ => return None,
        },
        _ => return None,
    };
    let tail = unit.strip_prefix(['n', 'N'])?;
    // `n-3` is one name.
    if let Some(digits) = tail.strip_prefix('-').filter(|digits| !digits.is_empty()) {
        let plain = digits.bytes().all(|byte| byte.is_ascii_digit());
        return plain.then(|| (step, -saturated(digits), at));
    }
    if !tail.is_empty() && tail != "-" {
        return None;
    }
    let (offset, length) = offset(&tokens[at..], tail == "-")?;
    Some((step, offset, at + length))
}

/// Reads what may follow `n`: nothing, a number with a sign, or a sign and a number; `minus` if the name ended in one.
fn offset(tokens: &[(usize, Token)], minus: bool) -> Option<(i64, usize)> {
    let skip = |mut at: usize| {
        while matches!(tokens.get(at), Some((_, Token::Space))) {
            at += 1;
        }
        at
    };
    let mut at = skip(0);
    let mut sign = minus.then_some(-1);
    if sign.is_none() {
        sign = match tokens.get(at) {
            Some((_, Token::Delim('+'))) => Some(1),
            Some((_, Token::Delim('-'))) => Some(-1),
            _ => None,
        };
        if sign.is_some() {
            at = skip(at + 1);
        }
    }
    match (tokens.get(at), sign) {
        (Some((_, Token::Number(Number { value, is_integer: true, has_sign: false }))), Some(sign)) => {
            Some((sign * value, at + 1))
        }
        (Some((_, Token::Number(Number { value, is_integer: true, has_sign: true }))), None) => Some((*value, at + 1)),
        (Some((_, Token::Number(_))), _) | (_, Some(_)) => None,
        (_, None) => Some((0, 0)),
    }
}

fn saturated(digits: &str) -> i64 {
    digits.parse::<i64>().map_or(i64::from(i32::MAX), |value| value.min(i64::from(i32::MAX)))
}
