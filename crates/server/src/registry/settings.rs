//! What of a project can be changed, and its write keys.

use std::sync::Arc;

use cairn_analysis::catalog::{FormerKey, Project, ProjectSettings};
use cairn_model::{ProjectId, TimeMs};

use super::{Registry, RegistryError, check_name, check_zone};
use crate::capture::mask;

/// Former keys that a project may have.
const FORMER_KEYS_MAX: usize = 20;
const MASKS_MAX: usize = 50;
const MASK_BYTES: usize = 500;
/// About a hundred years.
const RETENTION_DAYS_MAX: u32 = 36_500;

impl Registry {
    /// Changes a project.
    pub fn change_project(&self, id: ProjectId, settings: ProjectSettings<'_>) -> Result<Project, RegistryError> {
        let settings = ProjectSettings { name: settings.name.trim(), ..settings };
        check_name(settings.name, "The project's name")?;
        check_zone(settings.zone)?;
        check_retention(settings.retention_days)?;
        check_masks(settings.masks)?;
        let _changing = self.changing();
        let before = self.entry(id).ok_or(RegistryError::NoProject)?;
        if !self.catalog.change_project(id, settings)? {
            return Err(RegistryError::NoProject);
        }
        let project = Project {
            name: settings.name.to_owned(),
            zone: settings.zone.to_owned(),
            retention_days: settings.retention_days,
            masks: settings.masks.to_vec(),
            ..before.project.clone()
        };
        self.add(before.with(project.clone())?);
        Ok(project)
    }

    /// Gives a project a new write key; the one before is taken as well, until it is revoked.
    pub fn replace_key(&self, id: ProjectId, now: TimeMs) -> Result<Project, RegistryError> {
        let write_key = self.random.token::<16>("ck_").map_err(RegistryError::Random)?;
        let _changing = self.changing();
        let before = self.entry(id).ok_or(RegistryError::NoProject)?;
        if before.project.former_keys.len() >= FORMER_KEYS_MAX {
            let message = format!("There are {FORMER_KEYS_MAX} former keys already; revoke one first.");
            return Err(RegistryError::Wrong("limit", message));
        }
        if !self.catalog.replace_key(id, &write_key, now)? {
            return Err(RegistryError::NoProject);
        }
        let mut project = before.project.clone();
        let former = FormerKey { key: std::mem::replace(&mut project.write_key, write_key), replaced_at: now };
        project.former_keys.insert(0, former);
        self.add(before.with(project.clone())?);
        Ok(project)
    }

    /// Takes nothing more by a former key.
    pub fn revoke_key(&self, id: ProjectId, key: &str) -> Result<Project, RegistryError> {
        let _changing = self.changing();
        let before = self.entry(id).ok_or(RegistryError::NoProject)?;
        if before.project.write_key == key {
            let message = "This is the project's current key: make a new one first, then revoke it.".to_owned();
            return Err(RegistryError::Conflict("used", message));
        }
        if !self.catalog.revoke_key(id, key)? {
            return Err(RegistryError::NotFound("The project has no such key."));
        }
        let mut project = before.project.clone();
        project.former_keys.retain(|former| former.key != key);
        self.add(before.with(project.clone())?);
        Ok(project)
    }
}

impl super::Entry {
    /// The same project with other settings; definitions and counts go on.
    pub(super) fn with(&self, project: Project) -> Result<Self, RegistryError> {
        let (refused, definitions) = (Arc::clone(&self.refused), Arc::clone(&self.definitions));
        let (calendar, masks) = (check_zone(&project.zone)?, super::masks(&project));
        Ok(Self { project, calendar, refused, definitions, masks })
    }
}

fn check_retention(days: Option<u32>) -> Result<(), RegistryError> {
    if days.is_none_or(|days| (1..=RETENTION_DAYS_MAX).contains(&days)) {
        return Ok(());
    }
    let message = format!("`retention_days` is a number from 1 to {RETENTION_DAYS_MAX}, or null to keep all.");
    Err(RegistryError::Wrong("retention", message))
}

fn check_masks(masks: &[String]) -> Result<(), RegistryError> {
    if masks.len() > MASKS_MAX {
        return Err(RegistryError::Wrong("limit", format!("A project has at most {MASKS_MAX} masks.")));
    }
    for mask in masks {
        if mask.len() > MASK_BYTES {
            return Err(RegistryError::Wrong("mask", format!("A mask has at most {MASK_BYTES} bytes.")));
        }
        let wrong = |error| RegistryError::Wrong("mask", format!("The mask {mask:?} cannot be used: {error}"));
        mask::parse(mask).map_err(wrong)?;
    }
    Ok(())
}
