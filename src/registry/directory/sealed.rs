//! What an organisation keeps sealed, in memory: decisions about counterparties and hits, approval rules, lists from its own providers. It
//! stays encrypted until somebody with the organisation's data key asks; then it is decrypted once.

use std::fmt::Display;
use std::sync::OnceLock;

use serde::de::DeserializeOwned;

use super::DirectoryError;
use vasp_pki::DataKey;
use vasp_rules::approval_rule::ApprovalRule;
use vasp_rules::relationship::{Relationship, Relationships};
use vasp_rules::screening::OwnDecision;
use vasp_rules::vasp_list::{VaspList, VaspListIndex};
use vasp_store::{ApprovalRuleRow, Conn, HitDecisionRow, RelationshipRow, SealedRow, VaspListRow};
use vasp_words::ids::OrganisationId;

/// The content of a sealed row.
pub trait SealedContent: DeserializeOwned {
    /// The row.
    type Row: SealedRow<Key: Display>;
    /// The contents of all rows of an organisation.
    type All;
    /// What it is, for people.
    const KIND: &'static str;
    /// The first part of the purpose under which rows are encrypted.
    const PURPOSE: &'static str;

    /// Collects the contents of all rows.
    fn collected(all: Vec<Self>) -> Self::All;
}

impl SealedContent for Relationship {
    type Row = RelationshipRow;
    type All = Relationships;
    const KIND: &'static str = "relationship";
    const PURPOSE: &'static str = "relationship";

    fn collected(all: Vec<Self>) -> Relationships {
        all.into_iter().collect()
    }
}

impl SealedContent for ApprovalRule {
    type Row = ApprovalRuleRow;
    type All = Vec<Self>;
    const KIND: &'static str = "approval rule";
    const PURPOSE: &'static str = "approval-rule";

    fn collected(all: Vec<Self>) -> Vec<Self> {
        all
    }
}

impl SealedContent for OwnDecision {
    type Row = HitDecisionRow;
    type All = Vec<Self>;
    const KIND: &'static str = "hit decision";
    const PURPOSE: &'static str = "hit-decision";

    fn collected(all: Vec<Self>) -> Vec<Self> {
        all
    }
}

impl SealedContent for VaspList {
    type Row = VaspListRow;
    type All = VaspListIndex;
    const KIND: &'static str = "list of VASPs";
    const PURPOSE: &'static str = "vasp-list";

    fn collected(mut all: Vec<Self>) -> VaspListIndex {
        all.sort_by(|one, other| one.protocol.cmp(&other.protocol));
        VaspListIndex::of(all)
    }
}

/// The sealed rows of one kind that an organisation had at one revision.
#[derive(Debug)]
pub struct Sealed<C: SealedContent> {
    rows: Vec<C::Row>,
    opened: OnceLock<C::All>,
}

impl<C: SealedContent> Default for Sealed<C> {
    fn default() -> Self {
        Self { rows: vec![], opened: OnceLock::new() }
    }
}

impl<C: SealedContent> Sealed<C> {
    pub(super) fn load(conn: &mut Conn, organisation: OrganisationId, revision: i64) -> Result<Self, DirectoryError> {
        Ok(Self { rows: C::Row::current_at(conn, organisation, revision)?, opened: OnceLock::new() })
    }

    /// Returns whether there are none; needs no key.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Decrypts them with the organisation's key; later calls return the cached result.
    ///
    /// # Errors
    /// `DirectoryError::Document` if one cannot be decrypted or read.
    pub fn open(&self, key: &DataKey) -> Result<&C::All, DirectoryError> {
        if let Some(opened) = self.opened.get() {
            return Ok(opened);
        }
        let all = self.rows.iter().map(|row| open_sealed::<C>(key, row)).collect::<Result<_, _>>()?;
        Ok(self.opened.get_or_init(|| C::collected(all)))
    }
}

/// Returns the purpose under which a row is encrypted. A row can only be decrypted under its own key and revision.
#[must_use]
pub fn sealed_purpose<C: SealedContent>(row: &<C::Row as SealedRow>::Key, revision: i64) -> String {
    format!("{}:{row}:{revision}", C::PURPOSE)
}

/// Decrypts one row.
///
/// # Errors
/// `DirectoryError::Document` if it cannot be decrypted or read.
pub fn open_sealed<C: SealedContent>(key: &DataKey, row: &C::Row) -> Result<C, DirectoryError> {
    let wrong = |reason: String| DirectoryError::Document { kind: C::KIND, reason };
    let purpose = sealed_purpose::<C>(&row.key(), row.revision_from());
    let plain = key.open(&purpose, row.sealed()).map_err(|error| wrong(error.to_string()))?;
    serde_json::from_slice(&plain).map_err(|error| wrong(error.to_string()))
}
