//! What a VASP publishes about how to reach it: endpoints, certificates and keys, each one fact of its record, told by one public
//! change. Who may, and how it is written. What may be published is for those who call this.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::cases::{Trigger, open_or_join};
use super::{Identity, ServiceError};
use vasp_log::change::{Audience, ChangeKind, NewChange};
use vasp_record::case::TriggerKind;
use vasp_record::certificate::PublishedCertificate;
use vasp_record::endpoint::Endpoint;
use vasp_record::fact::{Attribute, MEMBER, origin_rank, pointer};
use vasp_record::message_key::MessageKey;
use vasp_record::vasp::VaspStatus;
use vasp_store::{Edit, FactRow, NewFact, StoreError, Transaction};
use vasp_words::ids::VaspId;

/// Something that a VASP publishes.
pub trait Published: Serialize + DeserializeOwned + PartialEq {
    /// The attribute that it is a fact of.
    const ATTRIBUTE: Attribute;
    /// The change that tells of it.
    const CHANGE: ChangeKind;

    /// Returns its public id.
    fn public_id(&self) -> String;

    /// Takes out of its JSON form what the public log must not say of people.
    fn withhold(_said: &mut Value) {}
}

macro_rules! published {
    ($($name:ident = $attribute:ident, $change:ident;)*) => {$(
        impl Published for $name {
            const ATTRIBUTE: Attribute = Attribute::$attribute;
            const CHANGE: ChangeKind = ChangeKind::$change;
            fn public_id(&self) -> String {
                self.id.to_string()
            }
        }
    )*};
}

impl Published for Endpoint {
    const ATTRIBUTE: Attribute = Attribute::Endpoint;
    const CHANGE: ChangeKind = ChangeKind::EndpointChanged;

    fn public_id(&self) -> String {
        self.id.to_string()
    }

    /// An e-mail address may be a person's, as those of contacts are; gateways read it in the record.
    fn withhold(said: &mut Value) {
        if let Some(address) = said.pointer_mut("/location/address") {
            *address = Value::Null;
        }
    }
}

published! {
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
        transaction.lock_submission(&vasp.to_string())?;
        let conn = transaction.conn();
        let Some(number) = conn.vasp_number(&vasp.to_string())? else { return Ok(None) };
        let rows = conn.facts_of(&[number], i64::MAX - 1)?;
        if rows.iter().any(|row| row.attribute == Attribute::MergedInto.as_str()) {
            return Ok(None);
        }
        let said = rows.iter().filter(|row| row.licence.is_empty() && row.attribute == Attribute::Status.as_str());
        let status = said.min_by_key(|row| origin_rank(&row.origin, false)).and_then(|row| VaspStatus::from_text(&row.value));
        Ok(Some(Self { vasp, number, status: status.unwrap_or(VaspStatus::Listed), rows }))
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
        let id = said.public_id();
        // Made of texts, lists and dates: it always has a JSON form.
        let value = serde_json::to_value(said).unwrap_or_default();
        let before = self.rows_of::<T>().find(|row| row.item == id);
        let from: Option<Value> = before.and_then(|row| serde_json::from_str(&row.value).ok());
        if from.as_ref() == Some(&value) {
            return;
        }
        let public = |mut said: Value| {
            T::withhold(&mut said);
            said.to_string()
        };
        let changes = json!([{"pointer": pointer(None, T::ATTRIBUTE, &id), "valid_from": null, "valid_to": null,
            "from": from.map(public), "to": public(value.clone())}]);
        let fact = NewFact {
            vasp: self.number,
            licence: String::new(),
            origin: MEMBER.to_owned(),
            attribute: T::ATTRIBUTE.as_str(),
            item: id,
            value: value.to_string(),
            source: source.to_owned(),
            valid_from: None,
            valid_to: None,
        };
        let today = transaction.now().date().to_string();
        let payload = json!({"vasp": self.vasp, "origin": MEMBER, "source": source, "observed_on": today, "changes": changes});
        let change = NewChange { kind: T::CHANGE, audience: Audience::Public, subject: Some(self.number), payload };
        let edits = before.map(|row| Edit::CloseFact(row.number)).into_iter().chain([Edit::OpenFact(fact)]);
        transaction.record(change, edits.collect());
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
        let trigger = Trigger { kind: TriggerKind::KeyRotation, detail, actor: Some(identity.user.to_string()) };
        open_or_join(transaction, self.vasp, &trigger).map(drop)
    }
}

fn read<T: Published>(row: &FactRow) -> Result<T, ServiceError> {
    let wrong = |_| StoreError::Inconsistent { table: "facts", column: "value", id: row.number.to_string() };
    serde_json::from_str(&row.value).map_err(wrong).map_err(ServiceError::Store)
}
