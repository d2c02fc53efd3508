//! The API token. Only digests are kept; comparisons take the same time whatever they find.

use std::sync::{Arc, PoisonError, RwLock};

use cairn_store::catalog::{Catalog, CatalogError};
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
}

impl Tokens {
    pub(super) fn load(catalog: Arc<dyn Catalog>) -> Result<Self, CatalogError> {
        let token = catalog.setting(SETTING)?.and_then(|digest| digest.try_into().ok());
        Ok(Self { catalog, token: RwLock::new(token), sign_in: RwLock::default() })
    }

    pub(super) fn exists(&self) -> bool {
        self.token.read().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    pub(super) fn reset(&self, random: &Random) -> Result<String, EngineError> {
        let token = random.token::<32>("ct_").map_err(EngineError::Random)?;
        let mut known = self.token.write().unwrap_or_else(PoisonError::into_inner);
        self.catalog.put_setting(SETTING, &digest(&token))?;
        *known = Some(digest(&token));
        Ok(token)
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
