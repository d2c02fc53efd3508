//! User agents that were read before: a browser sends the same one with every request.

use std::sync::{Arc, PoisonError, RwLock};

use hashbrown::HashMap;

use super::Agent;

/// So many are kept; then it starts afresh, which costs each one reading.
const KEPT: usize = 8_192;
/// Longer ones are cut: nothing that matters stands so far back.
const LENGTH_MAX: usize = 512;

#[derive(Default)]
pub(crate) struct Agents(RwLock<HashMap<Box<str>, Arc<Agent>>>);

impl Agents {
    /// What the user agent `text` says.
    pub(crate) fn get(&self, text: &str) -> Arc<Agent> {
        let text = &text[..text.floor_char_boundary(LENGTH_MAX)];
        if let Some(agent) = self.0.read().unwrap_or_else(PoisonError::into_inner).get(text) {
            return Arc::clone(agent);
        }
        let agent = Arc::new(Agent::of(text));
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= KEPT {
            known.clear();
        }
        known.insert(text.into(), Arc::clone(&agent));
        agent
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_memory_is_bounded() {
        let agents = Agents::default();
        for n in 0..KEPT + 10 {
            agents.get(&format!("agent {n}"));
        }
        assert!(agents.0.read().map(|known| known.len()).is_ok_and(|len| len == 10));
        assert_eq!(agents.get(&"ä".repeat(LENGTH_MAX)).browser, None);
    }
}
