//! What a VASP publishes so that others can reach it: endpoints, certificates and keys. Each is one fact of its record, and each
//! publication is one public change. This module checks who may publish and writes the change. Its callers check what may be
//! published.

use serde_json::json;

use crate::acts::Identity;
use crate::cases::{Trigger, open_or_join};
use crate::ledger::{VaspChanges, status_of};
use crate::node::ServiceError;
use vasp_log::change::{Payload, RecordKind};
use vasp_record::case::TriggerKind;
use vasp_record::certificate::PublishedCertificate;
use vasp_record::endpoint::Endpoint;
use vasp_record::fact::{FactValue, MEMBER};
use vasp_record::message_key::MessageKey;
use vasp_record::vasp::VaspStatus;
use vasp_store::{FactRow, Transaction};
use vasp_words::ids::VaspId;

/// Something that a VASP publishes.
pub trait Published: Clone {
    /// The kind of public change that announces it.
    const CHANGE: RecordKind;

    /// Returns the fact that publishing it creates, under its public id.
    fn said(&self) -> FactValue;

    /// Returns the id and content of a fact, if it is of this kind.
    fn of(said: &FactValue) -> Option<(&String, &Self)>;
}

macro_rules! published {
    ($($name:ident = $attribute:ident, $change:ident;)*) => {$(
        impl Published for $name {
            const CHANGE: RecordKind = Payload::$change;
            fn said(&self) -> FactValue {
                FactValue::$attribute(self.id.to_string(), Box::new(self.clone()))
            }
            fn of(said: &FactValue) -> Option<(&String, &Self)> {
                if let FactValue::$attribute(id, item) = said { Some((id, item)) } else { None }
            }
        }
    )*};
}

published! {
    Endpoint = Endpoint, EndpointChanged;
    PublishedCertificate = Certificate, CertificateChanged;
    MessageKey = MessageKey, KeyChanged;
}

/// A VASP that publishes, in a transaction that locks the rest of its record.
pub struct Publisher {
    /// Its record.
    pub vasp: VaspId,
    /// Number of the record.
    pub number: i64,
    /// Status of the record.
    pub status: VaspStatus,
    rows: Vec<FactRow>,
}

impl Publisher {
    /// Returns the caller's own verified VASP, under the lock of its submission. A record that was merged into another cannot publish
    /// any more.
    ///
    /// # Errors
    /// `ServiceError::IllegalStep` if it is not verified, `Store`.
    pub fn of(transaction: &mut Transaction<'_>, identity: &Identity) -> Result<Self, ServiceError> {
        let own = Self::restricting(transaction, identity)?;
        match own.status {
            VaspStatus::Verified => Ok(own),
            status => {
                let detail = format!("The record of {} is {}. Only a verified VASP can publish.", own.vasp, status.as_str());
                Err(ServiceError::IllegalStep(detail))
            }
        }
    }

    /// Returns the caller's own VASP in any status, to withdraw publications. A withdrawal takes effect at once, for everybody.
    ///
    /// # Errors
    /// `ServiceError::IllegalStep` if it has no record of its own, `Store`.
    pub fn restricting(transaction: &mut Transaction<'_>, identity: &Identity) -> Result<Self, ServiceError> {
        let illegal = |detail: &str| ServiceError::IllegalStep(detail.to_owned());
        let vasp = identity.vasp.ok_or_else(|| illegal("The organisation has no verified VASP yet."))?;
        Self::by_registry(transaction, vasp)?.ok_or_else(|| illegal("The organisation no longer has its own record."))
    }

    /// Returns a VASP for what the registry itself says about its publications; `None` if it has no record of its own.
    pub fn by_registry(transaction: &mut Transaction<'_>, vasp: VaspId) -> Result<Option<Self>, ServiceError> {
        transaction.lock_submission(vasp)?;
        let conn = transaction.conn();
        let Some(number) = conn.vasp_number(&vasp.to_string())? else { return Ok(None) };
        let rows = conn.facts_of(&[number], i64::MAX - 1)?;
        if rows.iter().any(|row| matches!(row.fact.said, FactValue::MergedInto(..))) {
            return Ok(None);
        }
        Ok(Some(Self { vasp, number, status: status_of(&rows), rows }))
    }

    /// Returns everything of a kind that it had published when this transaction began, in order of id.
    #[must_use]
    pub fn items<T: Published>(&self) -> Vec<T> {
        let mut items: Vec<(&String, &T)> = self.rows_of::<T>().map(|(_, id, item)| (id, item)).collect();
        items.sort_by_key(|(id, _)| *id);
        items.into_iter().map(|(_, item)| item.clone()).collect()
    }

    /// Returns what it published under an id; `None` if there is nothing.
    #[must_use]
    pub fn item<T: Published>(&self, id: &str) -> Option<T> {
        self.rows_of::<T>().find(|(_, of, _)| *of == id).map(|(.., item)| item.clone())
    }

    fn rows_of<'a, T: Published + 'a>(&'a self) -> impl Iterator<Item = (&'a FactRow, &'a String, &'a T)> {
        let own = self.rows.iter().filter(|row| *row.fact.origin == *MEMBER);
        own.filter_map(|row| T::of(&row.fact.said).map(|(id, item)| (row, id, item)))
    }

    /// Publishes this content from now on: as a new fact, or in place of the fact with the same id. Call it once in a transaction for
    /// each id.
    pub fn tell<T: Published>(&self, transaction: &mut Transaction<'_>, said: &T, source: &str) {
        let said = said.said();
        let id = said.item();
        let before: Vec<&FactRow> = self.rows_of::<T>().filter(|(_, of, _)| **of == id).map(|(row, ..)| row).collect();
        let mut changes = VaspChanges::new(MEMBER, source, transaction.now().date());
        changes.say(&said, &before);
        changes.record(transaction, self.vasp, self.number, T::CHANGE);
    }

    /// Opens or joins a case, so that people look at a change that took effect at once.
    pub fn have_looked_at(
        &self,
        transaction: &mut Transaction<'_>,
        identity: &Identity,
        summary: &str,
        item: &str,
    ) -> Result<(), ServiceError> {
        let detail = json!({"summary": summary, "item": item});
        let trigger = Trigger { kind: TriggerKind::KeyRotation, detail, actor: Some(identity.user) };
        open_or_join(transaction, self.vasp, &trigger).map(drop)
    }
}
