//! Merging parts: fewer and larger ones are faster to ask and smaller, and a time bucket of its own can be left unopened.

mod merge;
mod pick;
mod read;

use std::sync::{Arc, RwLock};

use cairn_analysis::StoreError;

pub(crate) use merge::Covered;
pub(crate) use pick::Eagerness;

use crate::{
    part::{Part, write_part},
    project::{Project, read_symbols},
    store::{Shared, read, write},
    symbols::Dictionary,
};

impl Shared {
    /// Merges one set of parts of the project, if there is one that should be.
    pub(crate) fn compact_once(
        &self,
        id: u64,
        project: &RwLock<Project>,
        eagerness: Eagerness,
    ) -> Result<bool, StoreError> {
        let parts = Self::parts_of(project);
        let sizes: Vec<pick::Size> = parts.iter().map(|part| pick::Size::of(part)).collect();
        let Some(job) = pick::pick(&sizes, eagerness, self.options.merge_rows) else {
            return Ok(false);
        };
        let inputs: Vec<Arc<Part>> = job.parts.iter().map(|at| parts[*at].clone()).collect();
        self.rewrite(id, project, &inputs, job.split)?;
        Ok(true)
    }

    /// Puts parts with the rows of `inputs` in their place.
    pub(crate) fn rewrite(
        &self,
        id: u64,
        project: &RwLock<Project>,
        inputs: &[Arc<Part>],
        split: bool,
    ) -> Result<(), StoreError> {
        let covered = merge::Covered::of(&read(project));
        let merge = merge::Merge::new(inputs, &covered, split)?;
        let symbols = read_symbols(&read(project).symbols).clone();
        let dictionary = |name: &str, see: &mut dyn FnMut(Option<&Dictionary>)| see(symbols.get(name));
        let mut files = Vec::new();
        for output in merge.outputs() {
            let rows = merge.rows(output, &dictionary);
            let bytes = write_part(&rows, Vec::new(), self.options.faults.index_everything)?;
            files.push(self.write_new(&format!("{id}-"), "part", &bytes)?);
        }
        let outputs = files.iter().map(|file| self.open_part(file).map(Arc::new)).collect::<Result<Vec<_>, _>>()?;
        outputs.iter().try_for_each(|part| self.index_part(project, part))?;
        let old: Vec<String> =
            inputs.iter().filter_map(|part| part.file().strip_prefix("parts/")).map(str::to_owned).collect();
        self.put(|manifest| {
            if let Some(entry) = manifest.projects.get_mut(&id) {
                entry.parts.retain(|file| !old.contains(file));
                entry.parts.extend(files);
            }
        })?;
        {
            let mut project = write(project);
            project.parts.retain(|part| !inputs.iter().any(|input| Arc::ptr_eq(input, part)));
            project.parts.extend(outputs);
        }
        self.remove(&old);
        self.forget_indexes(&old);
        Ok(())
    }
}
