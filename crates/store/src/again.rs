//! Applying records once more that were applied before.

use cairn_analysis::{Applied, Ledger, StoreError};
use cairn_model::Batch;

use crate::{
    EmbeddedStore,
    store::{State, write},
};

impl EmbeddedStore {
    /// The state does not depend on how often or in which order messages come, so it stays what it is, unless something was missing.
    pub(crate) fn apply_record_again(&self, payload: &[u8]) -> Result<Applied, StoreError> {
        self.make_room()?;
        self.shared.state_mut().apply_again(payload)
    }
}

impl State {
    /// What is there already is counted nowhere: visitors did not send it twice. What cannot be read was put aside the first time.
    fn apply_again(&mut self, payload: &[u8]) -> Result<Applied, StoreError> {
        let read = Batch::parse(payload).and_then(|batch| batch.messages().map(|messages| (batch, messages)));
        let Ok((batch, messages)) = read else { return Ok(Applied::default()) };
        let project = self.projects.entry(batch.project.get()).or_default();
        let project = &mut *write(project);
        let (before, covered) = (project.ledger, project.covered);
        let applied = project.apply(&batch, messages);
        let known = project.ledger.duplicate - before.duplicate;
        project.ledger.accepted -= known;
        project.ledger.duplicate -= known;
        if project.ledger == before {
            // Nothing came into files that was to be taken out of them.
            project.covered = covered;
        } else {
            let rows = |ledger: &Ledger| ledger.stored + ledger.erased + ledger.expired;
            self.tail_rows += rows(&project.ledger).saturating_sub(rows(&before)) as usize;
            self.tail_log_bytes += payload.len();
        }
        applied
    }
}
