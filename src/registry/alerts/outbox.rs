//! Messages that carry alerts: which webhooks take an alert, and how a message is sealed until it is sent.

use rand_core::RngCore;
use serde::Serialize;

use crate::acts::sealed_traces::padded;
use crate::node::ServiceError;
use vasp_pki::DataKey;
use vasp_rules::alert::Severity;
use vasp_store::{DeliveryRow, WebhookRow};
use vasp_words::ids::DeliveryId;

/// The alerts that a webhook takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MessageFilter {
    /// Kinds of alerts, or prefixes of kinds (`licence`, `licence.withdrawn`). Empty for all kinds.
    pub(crate) kinds: Vec<String>,
    /// The lowest severity that is sent.
    pub(crate) min_severity: Severity,
}

impl MessageFilter {
    /// Returns whether the webhook takes an alert.
    #[must_use]
    pub(crate) fn takes(&self, kind: &str, severity: Severity) -> bool {
        let named =
            |wanted: &String| kind.strip_prefix(wanted.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
        severity <= self.min_severity && (self.kinds.is_empty() || self.kinds.iter().any(named))
    }
}

impl From<&WebhookRow> for MessageFilter {
    fn from(row: &WebhookRow) -> Self {
        Self { kinds: row.kinds.split_whitespace().map(str::to_owned).collect(), min_severity: row.min_severity }
    }
}

fn purpose(id: DeliveryId) -> String {
    format!("webhook message:{id}")
}

/// Seals the content of a message under the organisation's data key.
pub(crate) fn seal_message(
    key: &DataKey,
    id: DeliveryId,
    told: &impl Serialize,
    rng: &mut dyn RngCore,
) -> Result<Vec<u8>, ServiceError> {
    key.seal(&purpose(id), &padded(serde_json::to_vec(told)?), rng).map_err(ServiceError::Key)
}

/// Opens the content of a message, to send it.
pub(crate) fn open_message(key: &DataKey, row: &DeliveryRow) -> Result<Vec<u8>, ServiceError> {
    let plain = key.open(&purpose(row.id), &row.sealed).map_err(ServiceError::Key)?;
    Ok(plain.trim_ascii_end().to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_named_whole_or_by_its_first_part() {
        let filter =
            |kinds: &[&str], min_severity| MessageFilter { kinds: kinds.iter().map(|k| (*k).to_owned()).collect(), min_severity };

        assert!(filter(&["licence"], Severity::Info).takes("licence.withdrawn", Severity::Critical));
        assert!(filter(&["licence.withdrawn"], Severity::Info).takes("licence.withdrawn", Severity::Info));
        assert!(!filter(&["lic"], Severity::Info).takes("licence.withdrawn", Severity::Critical));
        assert!(filter(&[], Severity::High).takes("lei.retired", Severity::High));
        assert!(!filter(&[], Severity::High).takes("lei.retired", Severity::Medium));
    }
}
