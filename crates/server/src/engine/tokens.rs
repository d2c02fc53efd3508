//! The API token. Only digests are kept; comparisons take the same time whatever they find.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use cairn_analysis::catalog::{Catalog, CatalogError};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq;

use super::EngineError;
use crate::Random;

/// SHA-256 of a token.
pub(crate) type Digest = [u8; 32];

const SETTING: &str = "token_sha256";

pub(crate) struct Tokens {
    catalog: Arc<dyn Catalog>,
    token: RwLock<Option<Digest>>,
    /// Of the link that is printed at start.
    sign_in: RwLock<Option<Digest>>,
    /// Held by whoever changes the token or reads it again, so that memory and catalog change in the same order.
    changing: Mutex<()>,
}

impl Tokens {
    pub(super) fn load(catalog: Arc<dyn Catalog>) -> Result<Self, CatalogError> {
        let tokens = Self { catalog, token: RwLock::default(), sign_in: RwLock::default(), changing: Mutex::default() };
        tokens.refresh()?;
        Ok(tokens)
    }

    /// Reads the token's digest again: another server may have made a new one.
    pub(super) fn refresh(&self) -> Result<(), CatalogError> {
        let _changing = self.changing();
        let known = self.catalog.setting(SETTING)?.and_then(|digest| digest.try_into().ok());
        self.set(known);
        Ok(())
    }

    /// Makes a token if there is none yet.
    pub(super) fn ensure(&self, random: &Random) -> Result<Option<String>, EngineError> {
        if self.token.read().unwrap_or_else(PoisonError::into_inner).is_some() {
            return Ok(None);
        }
        let token = random.token::<32>("ct_").map_err(EngineError::Random)?;
        if !self.catalog.add_setting(SETTING, &digest(&token))? {
            // Another server was first.
            self.refresh()?;
            return Ok(None);
        }
        self.set(Some(digest(&token)));
        Ok(Some(token))
    }

    pub(super) fn reset(&self, random: &Random) -> Result<String, EngineError> {
        let token = random.token::<32>("ct_").map_err(EngineError::Random)?;
        let _changing = self.changing();
        self.catalog.put_setting(SETTING, &digest(&token))?;
        self.set(Some(digest(&token)));
        Ok(token)
    }

    fn set(&self, known: Option<Digest>) {
        *self.token.write().unwrap_or_else(PoisonError::into_inner) = known;
    }

    fn changing(&self) -> MutexGuard<'_, ()> {
        self.changing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn mint_sign_in(&self, random: &Random) -> Result<String, EngineError> {
        let token = random.token::<32>("cs_").map_err(EngineError::Random)?;
        *self.sign_in.write().unwrap_or_else(PoisonError::into_inner) = Some(digest(&token));
        Ok(token)
    }

    /// Whether `token` is the API token.
    pub(crate) fn accepts(&self, token: &str) -> bool {
        same(&self.token, token)
    }

    /// Whether `token` signs in: the API token, or the printed link's.
    pub(crate) fn signs_in(&self, token: &str) -> bool {
        self.accepts(token) || same(&self.sign_in, token)
    }
}

fn same(known: &RwLock<Option<Digest>>, token: &str) -> bool {
    let known = *known.read().unwrap_or_else(PoisonError::into_inner);
    known.is_some_and(|known| known.ct_eq(&digest(token)).into())
}

pub(crate) fn digest(token: &str) -> Digest {
    Sha256::digest(token.as_bytes()).into()
}

/// SHA-256 of `bytes`.
pub(crate) fn bytes_digest(bytes: &[u8]) -> Digest {
    Sha256::digest(bytes).into()
}
