//! The text form of chains: a round trip for every chain, and a readable refusal of everything else.
#![allow(clippy::unwrap_used, reason = "a test")]

use cairn_model::chain::{
    ATTRIBUTES, Attribute, Chain, ChainProblem as Problem, ChainWriter, MAX_BYTES, Position, validate,
};
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;

#[derive(Debug, Clone)]
struct Spec {
    tag: String,
    id: Option<String>,
    classes: Vec<String>,
    attributes: Vec<(Attribute, String)>,
    position: Position,
}

fn spec() -> impl Strategy<Value = Spec> {
    let attributes =
        btree_map((0..ATTRIBUTES.len()).prop_map(|at| Attribute::named(ATTRIBUTES[at]).unwrap()), "\\PC{0,12}", 0..4);
    let position = (0..9_u32, 0..9_u32, 0..9_u32, 0..9_u32).prop_map(|(before, after, same_before, same_after)| {
        let (type_index, type_after) = (same_before.min(before) + 1, same_after.min(after));
        Position::new(before + 1, before + 1 + after, type_index, type_index + type_after).unwrap()
    });
    let class = "[a-zA-Z0-9é日:./>#=\\[\\]\\\\-]{1,8}";
    ("[a-z0-9é:.>=\\\\-]{1,8}", option::of("\\PC{0,12}"), vec(class, 0..4), attributes, position).prop_map(
        |(tag, id, classes, attributes, position)| Spec {
            tag,
            id,
            classes,
            attributes: attributes.into_iter().collect(),
            position,
        },
    )
}

fn write(specs: &[Spec], has_root: bool) -> String {
    let mut writer = ChainWriter::default();
    for (index, spec) in specs.iter().enumerate() {
        writer.element(&spec.tag);
        spec.id.iter().for_each(|id| {
            writer.id(id);
        });
        spec.classes.iter().for_each(|class| {
            writer.class(class);
        });
        spec.attributes.iter().for_each(|(name, value)| {
            writer.attribute(*name, value);
        });
        if index > 0 || !has_root {
            writer.position(spec.position);
        }
    }
    writer.finish().unwrap()
}

proptest! {
    #[test]
    fn what_is_written_is_read(specs in vec(spec(), 1..12), has_root: bool) {
        let text = write(&specs, has_root);
        prop_assert_eq!(validate(&text), Ok(()));
        let chain = Chain::parse(&text).unwrap();
        prop_assert_eq!(chain.len(), specs.len());
        for (index, (element, spec)) in chain.elements().zip(&specs).enumerate() {
            prop_assert_eq!(element.tag(), &spec.tag);
            prop_assert_eq!(element.id(), spec.id.as_deref());
            prop_assert!(element.classes().eq(&spec.classes));
            prop_assert!(element.attributes().eq(spec.attributes.iter().map(|(name, value)| (*name, value.as_str()))));
            prop_assert_eq!(element.position(), (index > 0 || !has_root).then_some(spec.position));
        }
        prop_assert_eq!(chain.to_string(), text.as_str());
        prop_assert_eq!(&chain.clone().into_owned(), &chain);
    }

    /// A chain has one text: what is read is written the same.
    #[test]
    fn any_text_is_refused_or_written_as_it_was_read(text in "(html|a|b)[a-z>#.\\[\\]=:/1-3\\\\A é]{0,24}(:1/1/1/1)?") {
        let chain = Chain::parse(&text);
        prop_assert_eq!(validate(&text).err(), chain.as_ref().err().cloned());
        if let Ok(chain) = chain {
            prop_assert_eq!(chain.to_string(), text.as_str());
        }
    }
}

#[test]
fn what_is_wrong_is_said_with_its_place() {
    let long = "x".repeat(1_025);
    let table: &[(&str, usize, Problem)] = &[
        ("", 0, Problem::NoTag),
        ("html>", 5, Problem::NoTag),
        (">a", 0, Problem::NoTag),
        ("#a", 0, Problem::NoTag),
        ("HTML", 0, Problem::Tag("HTML".into())),
        ("html>a b:1/1/1/1", 5, Problem::Tag("a b".into())),
        ("a.", 2, Problem::EmptyClass),
        ("a..b", 2, Problem::EmptyClass),
        ("a.b c", 2, Problem::ClassSpace("b c".into())),
        ("a.b\\", 3, Problem::Escape),
        ("a.b\\c", 3, Problem::Escape),
        ("a[style=x]", 2, Problem::UnknownAttribute("style".into())),
        ("a[href]", 2, Problem::NoValue("href")),
        ("a[href=x", 8, Problem::Unclosed("href")),
        ("a[href=x>b:1/1/1/1", 8, Problem::Unclosed("href")),
        ("a[href=x=y]", 8, Problem::Unclosed("href")),
        ("a[href=x][type=y]", 10, Problem::AttributeOrder("type")),
        ("a[href=x][href=y]", 10, Problem::AttributeOrder("href")),
        (&format!("a[title={long}]"), 2, Problem::ValueTooLong("title")),
        ("a>b", 3, Problem::NoPosition),
        ("a>b>c:1/1/1/1", 3, Problem::NoPosition),
        ("a>b#c=d:1/1/1/1", 5, Problem::Unexpected('=')),
        ("a.b#c", 3, Problem::Unexpected('#')),
        ("a[href=x].b", 9, Problem::Unexpected('.')),
        ("a:1/1/1/1é", 9, Problem::Unexpected('é')),
        ("a:1/1/1", 2, Problem::Position),
        ("a:0/1/1/1", 2, Problem::Position),
        ("a:01/1/1/1", 2, Problem::Position),
        ("a:2/1/1/1", 2, Problem::Position),
        ("a:1/2/2/2", 2, Problem::Position),
        ("a:2/2/1/2", 2, Problem::Position),
        ("a:4294967296/4294967296/1/1", 2, Problem::Position),
        ("a:x", 2, Problem::Position),
    ];
    for (text, at, problem) in table {
        let error = Chain::parse(text).unwrap_err();
        assert_eq!((error.at, &error.problem), (*at, problem), "{text}: {error}");
    }
}

#[test]
fn the_limits_are_exact() {
    let elements = |count: usize| format!("html{}", ">a:1/1/1/1".repeat(count - 1));
    assert_eq!(validate(&elements(64)), Ok(()));
    assert_eq!(validate(&elements(65)).unwrap_err().problem, Problem::TooManyElements);
    assert_eq!(validate(&"a".repeat(MAX_BYTES)), Ok(()));
    assert_eq!(validate(&"a".repeat(MAX_BYTES + 1)).unwrap_err().problem, Problem::TooLong(MAX_BYTES + 1));
    assert_eq!(validate(&format!("a[title={}]", "\\:".repeat(1_024))), Ok(()));
}

#[test]
fn the_chain_of_the_documentation_is_read() {
    let chain = Chain::parse("html>body:2/2/1/1>button#buy.btn:1/3/1/1").unwrap();
    assert_eq!(chain.elements().map(|element| element.tag()).collect::<Vec<_>>(), ["html", "body", "button"]);
    assert_eq!(chain.target().id(), Some("buy"));
    assert_eq!(chain.target().position(), Position::new(1, 3, 1, 1));
}

#[test]
fn an_error_says_what_to_do() {
    let error = Chain::parse("html>a[style=x]:1/1/1/1").unwrap_err().to_string();
    assert!(
        error.starts_with("chain, at byte 7: the attribute \"style\" is not one of name type role href"),
        "{error}"
    );
}
