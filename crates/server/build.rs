//! Makes sure that what is embedded exists: the web app, the capture script and the visualizer are built by npm, which a checkout may
//! not have run.

use std::{fs, io, path::Path};

const WEB_APP: &str = include_str!("data/web-placeholder.html");
const VISUALIZER: &str = include_str!("data/visualizer-placeholder.js");
const SNIPPET: &str = include_str!("data/snippet-placeholder.js");

fn main() -> io::Result<()> {
    placeholder("../../web/dist", "index.html", WEB_APP)?;
    placeholder("../../snippet/dist", "cairn.js", SNIPPET)?;
    placeholder("../../visualizer/dist", "visualizer.js", VISUALIZER)?;
    fs::create_dir_all("../../shop")?;
    for folder in ["../../web/dist", "../../snippet/dist", "../../visualizer/dist", "../../shop"] {
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
