//! The registry's signing keys: pinned ones, or those that the registry publishes, fetched once and again when a key is unknown. Checks
//! receipts with them.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::Value;
use vasp_pki::receipt::PublishedKeys;

use crate::error::{Error, NotVerifiedCode, Unavailable, UnavailableCode};
use crate::receipts::{Expected, Receipt, verify_receipt};
use crate::transport::{Call, Transport};

/// An unknown key makes the client fetch the keys again, but no more often than this.
const AGAIN: Duration = Duration::from_secs(10);

/// Where the keys come from.
pub(crate) enum Keys {
    /// Keys that the caller trusts; no others count.
    Pinned(Arc<PublishedKeys>),
    /// The keys that the registry published, and when they were fetched; `None` before the first call.
    Fetched(Mutex<Option<(Arc<PublishedKeys>, Duration)>>),
}

impl Keys {
    pub(crate) fn new(pinned: Option<PublishedKeys>) -> Self {
        pinned.map_or_else(|| Self::Fetched(Mutex::default()), |keys| Self::Pinned(Arc::new(keys)))
    }

    /// Returns the keys; asks the registry if they are not known yet.
    pub(crate) fn get(&self, transport: &Transport) -> Result<Arc<PublishedKeys>, Error> {
        let fetched = match self {
            Self::Pinned(keys) => return Ok(keys.clone()),
            Self::Fetched(fetched) => fetched,
        };
        let kept = fetched.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((keys, _)) = kept { Ok(keys) } else { self.fetch(transport) }
    }

    fn fetch(&self, transport: &Transport) -> Result<Arc<PublishedKeys>, Error> {
        let set = transport.json(Call::get("/.well-known/jwks.json", "/.well-known/jwks.json"))?;
        let malformed = |_| Unavailable::new(UnavailableCode::Malformed, "the registry's keys cannot be read");
        let keys = Arc::new(PublishedKeys::parse(&set.to_string()).map_err(malformed)?);
        if let Self::Fetched(fetched) = self {
            let now = transport.world.running();
            *fetched.lock().unwrap_or_else(PoisonError::into_inner) = Some((keys.clone(), now));
        }
        Ok(keys)
    }

    /// Returns whether the keys should be fetched again because a key is unknown.
    fn may_be_stale(&self, transport: &Transport) -> bool {
        let Self::Fetched(fetched) = self else { return false };
        let fetched = fetched.lock().unwrap_or_else(PoisonError::into_inner);
        fetched.as_ref().is_none_or(|(_, at)| transport.world.running().saturating_sub(*at) >= AGAIN)
    }

    /// Checks the receipt of an answer; `None` if it has none.
    pub(crate) fn receipt(
        &self,
        transport: &Transport,
        answer: &Value,
        expected: Expected<'_>,
    ) -> Result<Option<Receipt>, Error> {
        if answer.get("receipt").is_none_or(Value::is_null) {
            return Ok(None);
        }
        let found = verify_receipt(answer, self.get(transport)?.as_ref(), expected);
        let found = match found {
            Err(refused) if refused.code == NotVerifiedCode::UnknownKey && self.may_be_stale(transport) => {
                verify_receipt(answer, self.fetch(transport)?.as_ref(), expected)
            }
            found => found,
        };
        Ok(Some(found.map_err(Unavailable::from)?))
    }
}
