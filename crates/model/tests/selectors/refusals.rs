//! What is refused, of which kind, and with which words.

use cairn_model::chain::Chain;
use cairn_model::selector::{MAX_BYTES, MAX_DEPTH, Selector, SelectorErrorKind as Kind};

#[track_caller]
fn refused(text: &str) -> (Kind, usize, String) {
    match Selector::parse(text) {
        Ok(_) => panic!("{text:?} is taken"),
        Err(error) => (error.kind, error.at, error.to_string()),
    }
}

#[test]
fn what_a_chain_cannot_know_is_refused_by_name_and_says_what_to_do() {
    let table = [
        ("a + b", 2, "the combinator +", ":nth-child()"),
        ("a~b", 1, "the combinator ~", ":nth-child()"),
        ("+ a", 0, "the combinator +", "siblings"),
        ("col || td", 4, "the combinator ||", "td:nth-child()"),
        ("a:has(> b)", 1, ":has()", "select the target"),
        ("p:empty", 1, ":empty", "target_text"),
        ("a:hover", 1, ":hover", "have the page set a class"),
        (":xr-overlay", 0, ":xr-overlay", "state"),
        ("a:focus-within", 1, ":focus-within", "state"),
        ("a:target", 1, ":target", "state"),
        (":state(x)", 0, ":state()", "state"),
        ("a:FOCUS", 1, ":focus", "state"),
        ("input:checked", 5, ":checked", "state"),
        ("a:is(b, c:disabled)", 9, ":disabled", "state"),
        ("a:link", 1, ":link", "a[href]"),
        (":lang(en)", 0, ":lang()", "language"),
        (":scope > a", 0, ":scope", ":root"),
        (":host a", 0, ":host", ":root"),
        (":nth-child(2 of a)", 13, "`of` in :nth-child()", ":nth-of-type()"),
        (":nth-last-child(odd of .x)", 20, "`of` in :nth-child()", ":nth-of-type()"),
        ("a::before", 1, "::before", "select the element"),
        ("a:after", 1, "::after", "select the element"),
        ("::part(x)", 0, "::part", "select the element"),
        ("svg|a", 0, "the namespace |", "the name alone"),
        ("*|*", 0, "the namespace |", "the name alone"),
        ("|a", 0, "the namespace |", "the name alone"),
        ("[*|href]", 1, "the namespace |", "the name alone"),
        ("& a", 0, "&", "no rule"),
        ("[style]", 1, "[style]", "id, class, name, type, role"),
        ("a[DATA-FOO='x']", 2, "[data-foo]", "data-cairn-name"),
        ("a:contains('x')", 1, ":contains()", "target_text"),
        ("li:eq(2)", 2, ":eq()", ":nth-child()"),
        ("a:matches(b)", 1, ":matches()", ":is()"),
    ];
    for (text, at, name, advice) in table {
        let (kind, found, message) = refused(text);
        assert_eq!((kind, found), (Kind::NotKept, at), "{text}: {message}");
        assert!(
            message.contains(&format!("{name} cannot be answered")) && message.contains(advice),
            "{text}: {message}"
        );
    }
}

#[test]
fn other_refusals_say_what_is_wrong_and_where() {
    let table = [
        ("", Kind::Syntax, 0, "a selector is missing before the end"),
        ("a,", Kind::Syntax, 2, "a selector is missing before the end"),
        ("a >", Kind::Syntax, 3, "a selector is missing before the end"),
        ("a > , b", Kind::Syntax, 4, "a selector is missing before `,`"),
        ("a)", Kind::Syntax, 1, "`)` cannot stand here"),
        (".md:w-1/2", Kind::UnknownPseudo, 3, r"as in .md\:w-1\/2"),
        (".w-1/2", Kind::Syntax, 4, "write a backslash before each special character"),
        (".p-1.5", Kind::Syntax, 4, "a number cannot stand here"),
        (".1col", Kind::Syntax, 0, r"as .\31 col for the class 1col"),
        (".a.-", Kind::Syntax, 2, "a class name must follow the dot"),
        ("#1a", Kind::Syntax, 0, r"write #\31 a"),
        ("a:b", Kind::UnknownPseudo, 1, ":b is not a pseudo-class"),
        ("a:foo(b)", Kind::UnknownPseudo, 1, ":foo() is not a pseudo-class"),
        ("a:", Kind::Syntax, 1, "the name of a pseudo-class"),
        ("[href", Kind::Unclosed, 5, "the bracket is not closed"),
        ("[href=", Kind::Unclosed, 6, "the bracket is not closed"),
        ("[", Kind::Unclosed, 1, "the bracket is not closed"),
        ("[href='a", Kind::Unclosed, 6, "the string is not closed"),
        ("[href='a\nb']", Kind::Syntax, 8, r"written \a"),
        ("[href=1]", Kind::Syntax, 6, "stand in quotes"),
        ("[href!='a']", Kind::Syntax, 5, "`]` is expected"),
        ("[href~'a']", Kind::Syntax, 5, "the operators = ~= |= ^= $= *="),
        ("[href='a' x]", Kind::Syntax, 10, "`x` is no flag"),
        (":is(a", Kind::Unclosed, 5, "the parenthesis is not closed"),
        (":not(", Kind::Syntax, 5, "a selector is missing"),
        (":nth-child(", Kind::Unclosed, 11, "the parenthesis is not closed"),
        (":nth-child(a)", Kind::Syntax, 11, "like 2n+1"),
        (":nth-child(1000001)", Kind::TooLarge, 11, "at most 1000000"),
        (":nth-child(-99999999999999999999n)", Kind::TooLarge, 11, "at most 1000000"),
        (":nth-child(n-1000001)", Kind::TooLarge, 11, "at most 1000000"),
        // A browser drops these from the list, and then matches nothing.
        (":is((.a))", Kind::Syntax, 4, "a selector is missing before `(`"),
        (":where(1)", Kind::Syntax, 7, "cannot begin with a digit"),
        (":is(> a)", Kind::Syntax, 4, "a selector is missing before `>`"),
        ("a /* b", Kind::Unclosed, 2, "the comment is not closed"),
        ("a\\", Kind::Unclosed, 1, "the escape is not closed"),
    ];
    for (text, kind, at, words) in table {
        let (found, place, message) = refused(text);
        assert_eq!((found, place), (kind, at), "{text}: {message}");
        assert!(message.contains(words), "{text}: {message}");
    }
}

#[test]
fn a_selector_is_bounded_in_length_and_depth() {
    assert!(Selector::parse(&"a".repeat(MAX_BYTES)).is_ok());
    assert_eq!(refused(&"a".repeat(MAX_BYTES + 1)).0, Kind::TooLarge);
    let nested = |depth: usize| format!("{}a{}", ":not(".repeat(depth), ")".repeat(depth));
    assert!(Selector::parse(&nested(MAX_DEPTH)).is_ok());
    assert_eq!(refused(&nested(MAX_DEPTH + 1)).0, Kind::TooLarge);
    assert_eq!(refused(&":is(".repeat(1_000)).0, Kind::TooLarge);
}

#[test]
fn the_flag_s_compares_by_case() {
    let chain = Chain::parse("html>a[type=Text][title=Text]:1/1/1/1").unwrap();
    let table = [
        ("[type=text]", true),
        ("[type=text s]", false),
        ("[type=Text s]", true),
        ("[type='Text'S]", true),
        ("[title=text s]", false),
    ];
    for (text, expected) in table {
        assert_eq!(Selector::parse(text).unwrap().matches(&chain), expected, "{text}");
    }
}

#[test]
fn a_chain_that_was_cut_has_no_root_and_keeps_its_combinators() {
    let whole = Chain::parse("html>body:2/2/1/1>div:1/1/1/1>a:1/1/1/1").unwrap();
    let cut = Chain::parse("body:2/2/1/1>div:1/1/1/1>a:1/1/1/1").unwrap();
    let table = [
        ("a", true, true),
        ("body > div > a", true, true),
        ("body a", true, true),
        (":nth-child(2) > div a", true, true),
        ("html a", true, false),
        (":root a", true, false),
        (":root > body a", true, false),
        ("a:not(:root a)", false, true),
    ];
    for (text, in_whole, in_cut) in table {
        let selector = Selector::parse(text).unwrap();
        assert_eq!((selector.matches(&whole), selector.matches(&cut)), (in_whole, in_cut), "{text}");
    }
}

/// What makes a matcher with plain backtracking run for ever: many ways to place each part, and no way to place them all.
#[test]
fn hostile_selectors_take_bounded_time() {
    let deep = format!("html{}", ">a.x:1/1/1/1".repeat(63));
    let chain = Chain::parse(&deep).unwrap();
    let descendants = format!("b {}", "a ".repeat(2_000));
    let mixed = format!("b {}", ".x > .x .x ".repeat(300));
    let level = |inner: &str| format!(":is(a a {inner} a, a > a {inner} a)");
    let mut nested = "b".to_owned();
    while level(&nested).len() <= MAX_BYTES {
        nested = level(&nested);
    }
    let negated = format!("{}b{}", ":not(a a :not(".repeat(8), "))".repeat(8));
    let start = std::time::Instant::now();
    for text in [descendants, mixed, nested] {
        assert!(!Selector::parse(&text).unwrap().matches(&chain));
    }
    let _ = Selector::parse(&negated).unwrap().matches(&chain);
    let taken = start.elapsed();
    assert!(taken.as_secs() < 1, "{taken:?}");
}
