//! The question of `cairn query user`.

use cairn_analysis::{StreamQuery, Whose};
use cairn_model::UserId;

use super::when;
use crate::args::UserArgs;

pub(super) fn stream(args: &UserArgs) -> StreamQuery {
    let id = UserId::parse(&args.who).filter(|_| !args.handle);
    StreamQuery {
        user: id.map_or_else(|| Whose::Handle(args.who.clone()), Whose::Id),
        from: args.from.as_deref().map(when),
        to: args.to.as_deref().map(when),
        limit: args.limit,
        before: args.before.clone(),
        as_of: args.as_of.as_deref().map(when),
        bots: args.bots,
    }
}
