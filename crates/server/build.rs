//! Makes sure that what is embedded exists: the web app and the capture script are built by npm, which a checkout may
//! not have run.

use std::{fs, io, path::Path};

const WEB_APP: &str = include_str!("data/web-placeholder.html");
const SNIPPET: &str = include_str!("data/snippet-placeholder.js");

fn main() -> io::Result<()> {
    placeholder("../../web/dist", "index.html", WEB_APP)?;
    placeholder("../../snippet/dist", "cairn.js", SNIPPET)?;
    fs::create_dir_all("../../shop")?;
    for folder in ["../../web/dist", "../../snippet/dist", "../../shop"] {
        println!("cargo::rerun-if-changed={folder}");
    }
    Ok(())
}

fn placeholder(folder: &str, file: &str, text: &str) -> io::Result<()> {
    let file = Path::new(folder).join(file);
    if file.exists() {
        return Ok(());
    }
    fs::create_dir_all(folder)?;
    fs::write(file, text)
}
