//! Names, strings and white space in one of the many ways that CSS can write them.

use crate::rng::Rng;

/// `name` as an identifier.
pub(crate) fn ident(rng: &mut Rng, name: &str) -> String {
    let first_is_dash = name.starts_with('-');
    let mut text = String::new();
    for (index, char) in name.chars().enumerate() {
        let digit_first = char.is_ascii_digit() && (index == 0 || (index == 1 && first_is_dash));
        let plain = char.is_ascii_alphanumeric() || matches!(char, '-' | '_') || !char.is_ascii();
        if digit_first || char.is_ascii_control() || rng.chance(3) {
            text.push_str(&hex(rng, char));
        } else if !plain || name == "-" {
            text.push('\\');
            text.push(char);
        } else {
            text.push(char);
        }
    }
    text
}

/// `value` in quotes, or bare where that is an identifier.
pub(crate) fn string(rng: &mut Rng, value: &str) -> String {
    if !value.is_empty() && rng.chance(25) {
        return ident(rng, value);
    }
    let quote = rng.pick(&['"', '\'']);
    let mut text = String::from(quote);
    for char in value.chars() {
        match char {
            '\n' => text.push_str(&hex(rng, char)),
            '\\' => text.push_str("\\\\"),
            _ if char == quote => text.extend(['\\', char]),
            _ if rng.chance(3) => text.push_str(&hex(rng, char)),
            _ if rng.chance(1) => text.extend(["\\\n", char.encode_utf8(&mut [0; 4])]),
            _ => text.push(char),
        }
    }
    text.push(quote);
    text
}

fn hex(rng: &mut Rng, char: char) -> String {
    let code = u32::from(char);
    match rng.below(3) {
        0 => format!("\\{code:06X}"),
        1 => format!("\\{code:06x}\r\n"),
        _ => format!("\\{code:x} "),
    }
}

/// `name` with some of its ASCII letters in the other case.
pub(crate) fn random_case(rng: &mut Rng, name: &str) -> String {
    let swap =
        |char: char| if char.is_ascii_lowercase() { char.to_ascii_uppercase() } else { char.to_ascii_lowercase() };
    name.chars().map(|char| if rng.chance(40) { swap(char) } else { char }).collect()
}

/// White space, or none.
pub(crate) fn space(rng: &mut Rng) -> &'static str {
    rng.pick(&["", "", "", "", " ", "\n", "\t ", "/**/", " /* a */ "])
}

/// `text` with white space around it, or none.
pub(crate) fn separator(rng: &mut Rng, text: &str) -> String {
    format!("{}{text}{}", space(rng), space(rng))
}
