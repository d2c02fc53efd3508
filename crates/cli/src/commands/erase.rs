//! `cairn erase`, `cairn expire` and `cairn purge`.

use cairn_analysis::When;
use cairn_model::TimeMs;
use cairn_server::{Mentions, Purge, Whom};

use crate::{
    args::{EraseArgs, ExpireArgs, Place},
    backend,
    output::say,
};

/// Erases users and says what that was.
pub(crate) fn erase(place: &Place, args: &EraseArgs) -> anyhow::Result<()> {
    let whom = match &args.handle {
        Some(handle) => Whom::Handle(handle.clone()),
        None => Whom::Users(args.users.clone()),
    };
    let backend = backend::open_to_write(place)?;
    let project = backend::project(&*backend, place)?;
    let erased = backend.erase(&project, &whom, args.purge)?;
    let ids: Vec<String> = erased.users.iter().map(ToString::to_string).collect();
    let (events, at) = (erased.events, instant(erased.at));
    if !ids.is_empty() {
        say(format!("Erased all that was received until {at} of user {}: {events} events.", ids.join(", ")));
    }
    if erased.lists > 0 {
        let lists = if erased.lists == 1 { "1 list".to_owned() } else { format!("{} lists", erased.lists) };
        say(format!("Taken out of {lists} of people."));
    }
    mentions(&erased.mentions).into_iter().for_each(say);
    say(files(erased.purge));
    backend.close()
}

/// Lets events expire and says how many have.
pub(crate) fn expire(place: &Place, args: &ExpireArgs) -> anyhow::Result<()> {
    let before = args.before.parse().map_or_else(|_| When::Text(args.before.clone()), |ms| When::Instant(TimeMs(ms)));
    let backend = backend::open_to_write(place)?;
    let project = backend::project(&*backend, place)?;
    let expiry = backend.expire(&project, &before, args.purge)?;
    say(format!("Events before {} have expired: {} so far.", instant(expiry.before), expiry.expired));
    say(files(expiry.purge));
    backend.close()
}

/// Purges a project.
pub(crate) fn purge(place: &Place) -> anyhow::Result<()> {
    let backend = backend::open(place)?;
    let project = backend::project(&*backend, place)?;
    backend.purge(&project)?;
    say("No file of the project holds anything that is erased or has expired.");
    backend.close()
}

/// What a person has to change, and nobody else can.
fn mentions(mentions: &Mentions) -> Option<String> {
    let Mentions { reports, dashboards, definitions, lists } = mentions;
    let kinds = [("report", reports), ("dashboard", dashboards), ("definition", definitions), ("list", lists)];
    let named = kinds.iter().flat_map(|(kind, names)| names.iter().map(move |name| format!("the {kind} {name:?}")));
    let named: Vec<String> = named.collect();
    let all = named.join(", ");
    (!named.is_empty())
        .then(|| format!("Still named by {all}: change or delete what is there, then erase again to look."))
}

fn files(purge: Purge) -> String {
    match purge.purge_at {
        None => "No file holds it any more.".to_owned(),
        Some(at) => {
            format!(
                "Files hold it until the purge at {}, if a server runs then; `cairn purge` does it now.",
                instant(at)
            )
        }
    }
}

fn instant(at: TimeMs) -> String {
    jiff::Timestamp::from_millisecond(at.0).map_or_else(|_| at.to_string(), |at| at.to_string())
}
