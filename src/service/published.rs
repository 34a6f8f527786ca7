//! What a VASP publishes about how to reach it: endpoints, certificates and keys, each one fact of its record, told by one public
//! change. Who may, and how it is written. What may be published is for those who call this.

use serde::de::DeserializeOwned;
use serde_json::json;

use super::cases::{Trigger, open_or_join};
use super::ledger::{VaspChanges, status_of};
use super::{Identity, ServiceError};
use vasp_log::change::{Payload, RecordKind};
use vasp_record::case::TriggerKind;
use vasp_record::certificate::PublishedCertificate;
use vasp_record::endpoint::Endpoint;
use vasp_record::fact::{Attribute, FactValue, MEMBER};
use vasp_record::message_key::MessageKey;
use vasp_record::vasp::VaspStatus;
use vasp_store::{FactRow, StoreError, Transaction};
use vasp_words::ids::VaspId;

/// Something that a VASP publishes.
pub trait Published: DeserializeOwned {
    /// The attribute that it is a fact of.
    const ATTRIBUTE: Attribute;
    /// The change that tells of it.
    const CHANGE: RecordKind;

    /// Returns what is said by publishing it, under its public id.
    fn said(&self) -> FactValue;
}

macro_rules! published {
    ($($name:ident = $attribute:ident, $change:ident;)*) => {$(
        impl Published for $name {
            const ATTRIBUTE: Attribute = Attribute::$attribute;
            const CHANGE: RecordKind = Payload::$change;
            fn said(&self) -> FactValue {
                FactValue::$attribute(self.id.to_string(), Box::new(self.clone()))
            }
        }
    )*};
}

published! {
    Endpoint = Endpoint, EndpointChanged;
    PublishedCertificate = Certificate, CertificateChanged;
    MessageKey = MessageKey, KeyChanged;
}

/// A VASP that publishes, in a transaction that keeps everything else of its record still.
pub struct Publisher {
    /// Its record.
    pub vasp: VaspId,
    /// Number of the record.
    pub number: i64,
    /// Where the record stands.
    pub status: VaspStatus,
    rows: Vec<FactRow>,
}

impl Publisher {
    /// Returns the caller's own verified VASP, under the lock of its submission. A record that turned out to be another speaks no
    /// longer.
    ///
    /// # Errors
    /// `ServiceError::IllegalStep` where it is not verified, `Store`.
    pub fn of(transaction: &mut Transaction<'_>, identity: &Identity) -> Result<Self, ServiceError> {
        let own = Self::restricting(transaction, identity)?;
        match own.status {
            VaspStatus::Verified => Ok(own),
            status => {
                let detail = format!("The record of {} is {}. Only a verified VASP publishes.", own.vasp, status.as_str());
                Err(ServiceError::IllegalStep(detail))
            }
        }
    }

    /// Returns the caller's own VASP wherever it stands, for taking things back: that acts at once, for everybody.
    ///
    /// # Errors
    /// `ServiceError::IllegalStep` where it has no record of its own, `Store`.
    pub fn restricting(transaction: &mut Transaction<'_>, identity: &Identity) -> Result<Self, ServiceError> {
        let illegal = |detail: &str| ServiceError::IllegalStep(detail.to_owned());
        let vasp = identity.vasp.ok_or_else(|| illegal("The organisation has no verified VASP yet."))?;
        Self::by_registry(transaction, vasp)?.ok_or_else(|| illegal("The organisation's record is not its own any more."))
    }

    /// Returns a VASP for what the registry itself says of its publications; none where it has no record of its own.
    ///
    /// # Errors
    /// `ServiceError::Store`.
    pub fn by_registry(transaction: &mut Transaction<'_>, vasp: VaspId) -> Result<Option<Self>, ServiceError> {
        transaction.lock_submission(vasp)?;
        let conn = transaction.conn();
        let Some(number) = conn.vasp_number(&vasp.to_string())? else { return Ok(None) };
        let rows = conn.facts_of(&[number], i64::MAX - 1)?;
        if rows.iter().any(|row| row.attribute == Attribute::MergedInto.as_str()) {
            return Ok(None);
        }
        Ok(Some(Self { vasp, number, status: status_of(&rows), rows }))
    }

    /// Returns everything of a kind that it published, as it stood when this transaction began, in order of id.
    ///
    /// # Errors
    /// `ServiceError::Store` for what the program cannot have written.
    pub fn items<T: Published>(&self) -> Result<Vec<T>, ServiceError> {
        let mut rows: Vec<&FactRow> = self.rows_of::<T>().collect();
        rows.sort_by(|a, b| a.item.cmp(&b.item));
        rows.into_iter().map(read).collect()
    }

    /// Returns one thing that it published.
    ///
    /// # Errors
    /// `ServiceError::Store` for what the program cannot have written.
    pub fn item<T: Published>(&self, id: &str) -> Result<Option<T>, ServiceError> {
        self.rows_of::<T>().find(|row| row.item == id).map(read).transpose()
    }

    fn rows_of<T: Published>(&self) -> impl Iterator<Item = &FactRow> {
        self.rows.iter().filter(|row| (row.attribute.as_str(), row.origin.as_str()) == (T::ATTRIBUTE.as_str(), MEMBER))
    }

    /// Says from now on that it is so: begins it, or puts it in the place of what was said under its id. Once a transaction for
    /// each thing.
    pub fn tell<T: Published>(&self, transaction: &mut Transaction<'_>, said: &T, source: &str) {
        let said = said.said();
        let (id, _) = said.texts();
        let before: Vec<&FactRow> = self.rows_of::<T>().filter(|row| row.item == id).collect();
        let mut changes = VaspChanges::new(MEMBER, source, transaction.now().date());
        changes.say(&said, &before);
        changes.record(transaction, (self.vasp, self.number), T::CHANGE);
    }

    /// Has people look at what acted at once.
    ///
    /// # Errors
    /// `ServiceError::Store`.
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

fn read<T: Published>(row: &FactRow) -> Result<T, ServiceError> {
    let wrong = |_| StoreError::Inconsistent { table: "facts", column: "value", id: row.number.to_string() };
    serde_json::from_str(&row.value).map_err(wrong).map_err(ServiceError::Store)
}
