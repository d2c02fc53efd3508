//! The events that the demo has defined.

/// Names and predicates.
pub(crate) const DEFINITIONS: [(&str, &str); 8] = [
    ("Viewed page", r#"{"type": "pageview"}"#),
    ("Viewed item", r#"{"all": [{"type": "pageview"}, {"property": "path", "starts_with": "/items/"}]}"#),
    ("Add to cart", r#"{"all": [{"type": "click"}, {"selector": "[data-testid=add-to-cart]"}]}"#),
    ("Viewed cart", r#"{"all": [{"type": "pageview"}, {"property": "path", "is": "/cart"}]}"#),
    ("Began checkout", r#"{"all": [{"type": "pageview"}, {"property": "path", "is": "/checkout"}]}"#),
    (
        "Confirm order",
        r#"{"all": [{"type": "click"}, {"selector": "div.checkout_modal a.btn"}, {"property": "target_text", "is": "Confirm Order"}]}"#,
    ),
    ("Log in", r##"{"all": [{"type": "submit"}, {"selector": "form#login"}]}"##),
    ("Newsletter sign-up", r##"{"all": [{"type": "submit"}, {"selector": "#newsletter"}]}"##),
];
