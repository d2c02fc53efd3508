//! Hard cases picked by hand: what users of other tools found broken, and the corners of CSS.

use crate::case::{Case, Written};
use crate::tree::{Node, Tree};

pub(crate) fn cases() -> Vec<Case> {
    [(SHOP, SHOP_SELECTORS), (NESTED, NESTED_SELECTORS), (DRAWING, DRAWING_SELECTORS)].into_iter().map(case).collect()
}

fn case((page, selectors): (&[Line], &[&str])) -> Case {
    Case { tree: tree(page), selectors: selectors.iter().map(|text| Written((*text).to_owned())).collect() }
}

/// Depth, tag, attributes.
type Line = (usize, &'static str, &'static [(&'static str, &'static str)]);

fn tree(page: &[Line]) -> Tree {
    let mut nodes: Vec<Node> = Vec::new();
    let mut path: Vec<usize> = Vec::new();
    for (depth, tag, attributes) in page {
        path.truncate(*depth);
        let parent = path.last().copied();
        let in_svg = parent.is_some_and(|parent| nodes[parent].svg && nodes[parent].tag != "foreignObject");
        path.push(nodes.len());
        nodes.push(Node {
            tag: (*tag).to_owned(),
            svg: in_svg || *tag == "svg",
            attributes: attributes.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
            parent,
        });
    }
    Tree { nodes }
}

const SHOP: &[Line] = &[
    (0, "html", &[("class", "dark")]),
    (1, "body", &[("id", "top")]),
    (2, "main", &[("class", "md:w-1/2 hover:bg-[#fff] -mt-2")]),
    (3, "div", &[("class", "checkout_modal"), ("data-testid", "modal")]),
    (
        4,
        "a",
        &[("class", "btn btn-primary"), ("href", "/Cart/3?a=1"), ("rel", "NoFollow noopener"), ("target", "_Blank")],
    ),
    (4, "a", &[("class", "BTN"), ("id", "a b"), ("href", ""), ("title", "two  spaces")]),
    (4, "button", &[("class", "\\31 1col 2xl:p-4"), ("id", "123"), ("type", "SUBMIT")]),
    (
        4,
        "input",
        &[("class", "- --x é日本 \u{1f600}"), ("id", "-1"), ("placeholder", "line\nbreak \"quoted\" 'and' \\")],
    ),
    (4, "input", &[("name", "user[email]"), ("id", "user[email]"), ("type", "email"), ("aria-label", "en-US")]),
    (4, "o:p", &[("id", "")]),
    (4, "x-a.b", &[("data-action", "click->menu#open"), ("class", "a b a")]),
    (4, "a", &[("data-cy", "it's"), ("role", "-"), ("alt", "a-"), ("for", "-b")]),
];

#[rustfmt::skip]
const SHOP_SELECTORS: &[&str] = &[
    // Class and id names that other tools trip over.
    r".md\:w-1\/2", r".md\3Aw-1\/2", r".md\:w-1\2f 2", r".hover\:bg-\[\#fff\]", ".-mt-2", r".\31 col", r".\000031col",
    r".\32xl\:p-4", r".\31 1col", r".\5c 31", r".\\31", r"#\31 23", r"#\000031 23", r"#\-1", r"#-\31", r"#\2d\31",
    r"#a\ b", r".\-", ".--x", r".\-\-x", ".é日本", r".\e9 日本", ".\u{1f600}", r".\1f600", r"#user\[email\]",
    "#user\\[email]", r"o\:p", r"O\:P", r"x-a\.b", "x-a.b", "#TOP", "#top", ".btn", ".BTN", ".Btn", ".btn.btn-primary",
    ".btn-primary.btn.btn", ".a.b", "[class='a b a']", "[class='a b']", "[class~=a]", "[class~='']", "[class^=a]",
    "[class$=a]", "[class*='b a']", "[class|=btn]", "[id='']", "[id]:not([id=''])", "[id=top]", "[id='a b']",
    "[ID=top]", "[CLASS~=btn]", "[id=TOP]", "[id=TOP i]", "[class=btn]", "#a b", "# top", ". btn", ".1col", "#123",
    "#-1", ".-", ".", "#",
    // Attribute selectors.
    "[href]", "[href='']", "[href^='']", "[href$='']", "[href*='']", "[href~='']", "[href|='']", "[href^='/cart']",
    "[href^='/cart' i]", "[href^='/cart'I]", "[href^='/Cart'  ]", "[ href = '/Cart/3?a=1' ]", "[href=/Cart]",
    r"[href=\/Cart\/3\?a\=1]", "[href*='?a=']", "[rel~=nofollow]", "[rel~=NOOPENER]", "[rel='nofollow noopener']",
    "[rel*=W]", "[target=_blank]", "[type=submit]", "[type=Submit]", "[type=submit i]", "[TYPE=submit]",
    "[name=USER\\[EMAIL\\]]", "[name='user[email]']", "[title='two  spaces']", "[title='two spaces']",
    "[title~=spaces]", "[title~='two  spaces']", "[aria-label|=en]", "[aria-label|=EN]", "[aria-label|=EN i]",
    "[aria-label|='en-US']", "[aria-label|='en-']", "[role|='']", "[alt|=a]", "[for|='']",
    r#"[placeholder="line\a break \"quoted\" 'and' \\"]"#, r"[placeholder*='\'and\'']",
    "[placeholder*='line\\\nbreak']", "[placeholder*='line\nbreak']", r"[data-action='click->menu#open']",
    "[data-action$='#open']", "[data-cy=\"it's\"]", "[data-cy='it\\27 s']", "[href=1]", "[href=#a]", "[href==a]",
    "[href!=a]", "[=a]", "[]", "[href a]", "[href='a' x]", "[href='a' i i]", "[href='a' i s]", "[href ~ = a]",
    "[href~ =a]", "a/**/[href]", "[/**/href/**/=/**/''/**/]", "a[href] [href]", "[rel=\"x\" \"i\"]", "[rel=\"a\"i]",
    "[href*/**/=a]", "[href~/**/=a]", "./**/btn", "#/**/top", ":/**/root", "a:/**/not(b)", ":not/**/(b)",
    "a:nth-child/**/(1)",
    // Structure.
    "body > main > div > a", "body main a", "html a", "html > a", "main a.btn:first-child", "body>main", "body  >main",
    "body> main", "body/**/>/**/main", "body/**/ /**/main", "body/**/main", "> a", "a >", "a > > b", "a,", ",a", "a,,b",
    "a , div", "", " ", "/**/", "*", "* *", "* > *", "**", "a*", "*a", ".btn*", ".btn a", "[href]a", ":is(a)b",
    "div a , main", "\n\t\r\x0ca\n", "a\r\n,div", ":root", ":ROOT", ":root > body", "* :root", ":root:first-child",
    ":root:only-of-type", ":root:nth-last-child(1)", ":not(:root) > main", "a::", "a:", ": root", ":root()", ":not",
    ":is", ":nth-child", ":first-child()",
    // Places.
    "a:nth-child(1)", "a:nth-child(8)", "a:nth-of-type(2)", "a:nth-last-of-type(1)", "a:nth-last-child(1)",
    ":nth-child(odd)", ":nth-child(EVEN)", ":nth-child( 2n + 1 )", ":nth-child(2n+1)", ":nth-child(2N-1)",
    ":nth-child(-n+3)", ":nth-child(-2n+5)", ":nth-child(n)", ":nth-child(+n)", ":nth-child(-n)", ":nth-child(0n+3)",
    ":nth-child(0)", ":nth-child(-3)", ":nth-child(+3)", ":nth-child(n+3):nth-child(-n+5)", ":nth-child(3n - 2)",
    ":nth-child(3n- 2)", ":nth-child(3n -2)", ":nth-child(3 n)", ":nth-child(+ 2)", ":nth-child(+ n)",
    ":nth-child(- n)", ":nth-child(n + -1)", ":nth-child(n+ +1)", ":nth-child(n 1)", ":nth-child(2.0)",
    ":nth-child(2.5n)", ":nth-child(1e1)", ":nth-child(n--1)", ":nth-child(n-)", ":nth-child(n-1a)", ":nth-child(--n)",
    ":nth-child(nn)", ":nth-child(+odd)", ":nth-child(-even)", ":nth-child()", ":nth-child(a)", ":nth-child(n,1)",
    ":nth-child(2 3)", ":nth-child(n/**/+/**/1)", ":nth-child(2/**/n)", ":nth-child(+/**/n)", ":nth-child(n-/**/1)",
    r":nth-child(\6e )", r":nth-child(2\6e+1)", r":nth-child(o\64 d)", ":nth-child(1000000n+1)",
    ":nth-child(n+1000000)", ":nth-child(-1000000n+3)", ":nth-child(1000000)", ":nth-child(n-1000000)",
    ":nth-child(-n + 1000000)", ":nth-child(00003)", ":nth-child(-0n+3)", ":nth-of-type(2 of a)", ":nth-child (1)",
    ":NTH-CHILD(1)", ":first-child:last-child", ":only-child", ":only-of-type",
    "a:not(:first-of-type):not(:last-of-type)", ":last-of-type", ":nth-last-of-type(2n)",
];

const NESTED: &[Line] = &[
    (0, "html", &[]),
    (1, "body", &[("class", "a")]),
    (2, "div", &[("class", "a b")]),
    (3, "div", &[("class", "b")]),
    (4, "div", &[("class", "a")]),
    (5, "div", &[("class", "c")]),
    (6, "p", &[("class", "d")]),
    (2, "div", &[("class", "b c")]),
    (3, "p", &[("class", "a d")]),
    (3, "p", &[]),
];

#[rustfmt::skip]
const NESTED_SELECTORS: &[&str] = &[
    ".a .b .a .d", ".a .b > .a .d", ".a > .b > .a .d", ".a > .b .a > .d", "body > div div > p", "div div div div p",
    "div div div div div p", ".a > .b > .c", ".b .a > .c > .d", ".a .a .a", ".a .a > .c", ":is(.a .b) .d",
    ":is(.a > .b) > .d", ":is(.a > .b, .c) > .d", ":is(.c > .d, p:first-child)", ":where(.a, .b) :where(.d)",
    "div:not(.a)", "div:not(.a, .b)", "div:not(.a .b)", ":not(.a > .b) > .d", ":not(.a) .d", "p:not(.a .b .d)",
    ":not(body *)", ":not(:not(.a))", ":not(:not(:not(.a)))", ":not(*)", ":not(:root *)", ":is()", ":where()", ":is( )",
    ":is(/**/)", ":is(,)", ":is(,.a)", ":is(.a,)", ":is(.a,,.b)", "div:is()", ":is() .d", ".a :is() .d", ":not(:is())",
    "p:not(:is(), .a)", ":is(:is(), .d)", ":not()", ":not(,)", ":not(.a,)", ":not( .a )", ":not(.a .b, .c > .d)",
    ":is(.a, :not(.b)) p", ":is(:is(:is(.a))) > :is(:is(.c))", ":not(.a):not(.b):not(.c)", ":IS(.a):WHERE(.b)",
    "p:is(:nth-child(2))", ":is(div:nth-child(2) > p):first-child", ":is(body, .c):is(.b, .c) *", ":not(.a)p", "(.a)",
    ":is(.a))", ".a)", ":not(> .a)", "{}", "a{", ";", "@a", "<!-- a", "--> a", "a --> b", "-->a", "a!b", "a^b", "a/b",
    "a/deep/b", "a >>> b", "a\0b", "\\0 a", r"\64iv", r"\64 iv.b", r"d\69v", r"\D iv", "DIV.b", "dIv > P", "%", "$",
    "'a'", "1", "a 1", "div.5", "+1",
];

const DRAWING: &[Line] = &[
    (0, "html", &[]),
    (1, "body", &[]),
    (2, "button", &[("type", "Button")]),
    (3, "svg", &[("class", "icon"), ("type", "A"), ("role", "IMG")]),
    (4, "linearGradient", &[("target", "Left")]),
    (4, "foreignObject", &[("type", "A")]),
    (5, "div", &[("type", "A")]),
    (4, "path", &[("rel", "A b")]),
    (4, "g", &[]),
    (5, "path", &[]),
];

#[rustfmt::skip]
const DRAWING_SELECTORS: &[&str] = &[
    "svg", "SVG", "button svg", "button > svg.icon > path:nth-of-type(1)", "linearGradient", "lineargradient",
    "LINEARGRADIENT", "foreignObject div", "foreignobject > div", "[type=a]", "[type=a i]", "[TYPE]", "[rel~=a]",
    "[rel~=A]", "[rel~=B]", "[target=left]", "[target=Left]", "[role=img]", "[type=button]", "svg path",
    "svg > path:last-of-type", "path:only-of-type", "G > PATH",
];
