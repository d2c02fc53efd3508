//! The examples of the help and of README.md are commands, and their questions can be asked.

use std::sync::Arc;

use cairn_analysis::{Calendar, Defined, Listed, Plan, QueryError};
use cairn_model::{Predicate, TimeMs};
use clap::{CommandFactory, Parser};

use super::{asked, parse, predicate};
use crate::args::{Cli, Command};

const README: &str = include_str!("../../../../../README.md");
const ZONE: &str = "Europe/Berlin";

/// Whatever somebody may have defined.
struct Anything;

impl Defined for Anything {
    fn event(&self, _: &str) -> Option<Predicate> {
        Some(Predicate::All(Vec::new()))
    }

    fn list(&self, _: &str) -> Result<Option<Arc<[Listed]>>, QueryError> {
        Ok(Some(Arc::new([])))
    }
}

/// All texts that follow the help of a command and of those below it.
fn helps(command: &clap::Command) -> Vec<String> {
    let own = command.get_after_help().map(ToString::to_string);
    own.into_iter().chain(command.get_subcommands().flat_map(helps)).collect()
}

/// The words of a line as a shell reads them, up to a redirection, or to several spaces, after which it is explained.
fn words(line: &str) -> Vec<String> {
    let (mut text, mut quote) = (String::new(), None);
    for c in line.chars() {
        match quote {
            Some(open) if open == c => quote = None,
            None if c == '\'' || c == '"' => quote = Some(c),
            None if c == ' ' => text.push('\n'),
            _ => text.push(c),
        }
    }
    let words = text.split('\n').take_while(|word| !word.is_empty() && *word != ">");
    words.map(str::to_owned).collect()
}

/// Whether a command can be run, as far as can be told without data.
fn check(line: &str) -> anyhow::Result<()> {
    let query = match Cli::try_parse_from(words(line))?.command {
        Command::Query(args) => match (&args.json, &args.friendly) {
            (Some(json), _) => parse(json)?,
            (None, Some(friendly)) => asked(friendly, ZONE)?,
            (None, None) => return Ok(()),
        },
        Command::Define(args) => return args.predicate.as_deref().map_or(Ok(()), |text| predicate(text).map(|_| ())),
        _ => return Ok(()),
    };
    Plan::resolve(&query, &Calendar::new(ZONE)?, TimeMs(1_800_000_000_000), &Anything)?;
    Ok(())
}

#[test]
fn examples_can_be_run() {
    let texts = [helps(&Cli::command()), vec![README.to_owned()]].concat();
    let lines: Vec<&str> =
        texts.iter().flat_map(|text| text.lines()).map(str::trim).filter(|line| line.starts_with("cairn ")).collect();
    assert!(lines.len() > 60, "{lines:?}");
    let wrong: Vec<_> = lines.iter().filter_map(|line| Some(format!("{line}: {:#}", check(line).err()?))).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
