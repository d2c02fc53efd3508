//! Asking a browser, and the overlay's matcher, which runs in one.

use std::process::Command;
use std::{env, fs, path::Path, process};

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};

use crate::case::Case;

/// What the browser found in one case.
#[derive(Deserialize)]
pub(crate) struct Answer {
    pub(crate) elements: Value,
    /// For each selector a digit an element, 1 where it matches; none where the browser refuses it.
    pub(crate) matches: Vec<Option<String>>,
}

/// Runs all cases in one browser; panics with what to install if it cannot.
pub(crate) fn ask(cases: &[Case], name: &str) -> Vec<Answer> {
    let asked = cases.iter().map(|case| {
        let selectors: Vec<_> = case.selectors.iter().map(|selector| selector.for_browser()).collect();
        json!({"tree": case.tree_for_browser().json(0), "selectors": selectors})
    });
    run("tests/browser/selectors.mjs", &asked.collect(), name)
}

/// What the overlay's matcher says of each case's chains: for each selector a digit a chain, or none where it is refused.
pub(crate) fn ask_overlay(cases: &[Case], name: &str) -> Vec<Vec<Option<String>>> {
    let asked = cases.iter().map(|case| {
        let chains: Vec<_> = (0..case.tree.nodes.len()).map(|at| case.tree.chain(at)).collect();
        let selectors: Vec<_> = case.selectors.iter().map(|selector| selector.for_cairn()).collect();
        json!({"chains": chains, "selectors": selectors})
    });
    run("visualizer/test/matcher.mjs", &asked.collect(), name)
}

/// Gives `asked` to a script of the repository, and reads what it writes.
fn run<T: DeserializeOwned>(script: &str, asked: &Value, name: &str) -> T {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(script);
    let folder = env::temp_dir().join(format!("cairn-selectors-{name}-{}", process::id()));
    fs::create_dir_all(&folder).expect("a temporary folder");
    let (input, output) = (folder.join("cases.json"), folder.join("out.json"));
    fs::write(&input, asked.to_string()).expect("the cases are written");
    let run = Command::new("node").arg(&script).args([&input, &output]).output();
    let run =
        run.unwrap_or_else(|error| panic!("node cannot be run ({error}); `make deps` installs what this test needs"));
    assert!(
        run.status.success(),
        "the script gave no answer; `make deps` installs what this test needs:\n{}",
        String::from_utf8_lossy(&run.stderr)
    );
    let answers = fs::read_to_string(&output).expect("the answers are there");
    fs::remove_dir_all(&folder).expect("the temporary folder is removed");
    serde_json::from_str(&answers).expect("the answers are JSON")
}
