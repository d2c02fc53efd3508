//! Brings in what other servers change in the catalog that they share.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use super::{EngineStore, Tokens, index};
use crate::{Registry, RegistryError};

/// How long a stop may have to wait.
const STEP: Duration = Duration::from_millis(100);
/// How often to look: a change is known everywhere within this time, and the time of one look.
const LOOK_EVERY: Duration = Duration::from_millis(500);

pub(super) struct Watcher {
    pub(super) registry: Arc<Registry>,
    pub(super) tokens: Arc<Tokens>,
    pub(super) store: Arc<dyn EngineStore>,
    pub(super) stop: Arc<AtomicBool>,
}

impl Watcher {
    /// Runs until it is stopped.
    pub(super) fn run(&self) {
        let (mut next, mut failed, mut token_is_old) = (Instant::now(), false, false);
        while !self.stop.load(Relaxed) {
            std::thread::sleep(STEP);
            if Instant::now() < next {
                continue;
            }
            let looked = self.look(&mut token_is_old);
            if let (Err(error), false) = (&looked, failed) {
                tracing::warn!("what other servers change in the catalog is not seen for now: {error}");
            }
            failed = looked.is_err();
            next = Instant::now() + LOOK_EVERY;
        }
    }

    fn look(&self, token_is_old: &mut bool) -> Result<(), RegistryError> {
        if let Some(changed) = self.registry.refresh()? {
            *token_is_old = true;
            changed.into_iter().for_each(|project| index(&self.registry, &*self.store, project));
        }
        if *token_is_old {
            self.tokens.refresh()?;
            *token_is_old = false;
        }
        Ok(())
    }
}
