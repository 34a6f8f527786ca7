//! Findings about the transfer itself, which no check of the counterparty covers: whether the data that the rules of both sides
//! require are available, and whether a proof of control in the request is valid.
//!
//! Source: docs/rulebook.md, "How a rule is read"; docs/prechecks.md, "Proofs of who controls a self-hosted address".

use super::super::obligations::{MissingDataActions, Obligations, SideObligations};
use super::super::rulebook::{BeneficiaryAction, FieldCode, OneOf};
use super::circumstances::binds;
use super::{CheckCode, OwnDuties};
use std::collections::BTreeSet;
use vasp_words::text::Text;

/// Maximum number of fields that a sentence names; the condition contains all of them.
const NAMED_MAX: usize = 4;

/// A finding about the transfer itself.
pub(super) struct TransferFinding {
    pub(super) code: CheckCode,
    /// A sentence for people.
    pub(super) detail: Text,
    /// The data fields that the finding is about.
    pub(super) fields: Vec<FieldCode>,
}

/// Returns all findings about the transfer itself.
pub(super) fn findings(own: &OwnDuties<'_>) -> Vec<TransferFinding> {
    let refused = own.proofs.refused.first().map(|why| TransferFinding {
        code: CheckCode::TransferProofNotBound,
        detail: format!("A proof of control in the request is not accepted: {why}.").into(),
        fields: vec![],
    });
    refused.into_iter().chain(of_data(own)).collect()
}

/// The data that must be available for a transfer. For an outgoing transfer the rules of both sides apply. An incoming transfer was filled in
/// by others, so only the asker's own rule applies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataDue<'a> {
    /// The required fields.
    pub required: &'a [FieldCode],
    /// Groups of alternatives, of each of which one is required.
    pub one_of: Vec<&'a OneOf>,
}

impl<'a> DataDue<'a> {
    /// Returns what the rules of both sides, or only the asker's own rule, require.
    #[must_use]
    pub fn of(both: &'a Obligations, incoming: bool) -> Self {
        if incoming {
            return Self::of_side(&both.beneficiary);
        }
        Self { required: &both.required_fields, one_of: both.one_of.iter().map(|sourced| &sourced.one_of).collect() }
    }

    fn of_side(side: &'a SideObligations) -> Self {
        if binds(side.status) {
            Self { required: &side.required_fields, one_of: side.one_of.iter().collect() }
        } else {
            Self { required: &[], one_of: vec![] }
        }
    }

    /// Returns the fields that are not among those available, each once: the required ones, and those of groups without any complete
    /// alternative.
    #[must_use]
    pub fn missing(&self, available: &BTreeSet<FieldCode>) -> Vec<FieldCode> {
        let has = |field: &FieldCode| available.contains(field);
        let unmet = self.one_of.iter().filter(|group| !group.is_met(has));
        let mut all: Vec<FieldCode> = vec![];
        for field in self.required.iter().chain(unmet.flat_map(|group| group.alternatives.iter().flatten())) {
            if !has(field) && !all.contains(field) {
                all.push(field.clone());
            }
        }
        all
    }
}

/// Returns the finding about required data that are missing, or about which the request says nothing. Data that the asker's own rule
/// requires are reported first.
fn of_data(own: &OwnDuties<'_>) -> Vec<TransferFinding> {
    let due = DataDue::of(own.both, own.incoming);
    let Some(there) = own.provided else {
        let asked = due.missing(&BTreeSet::new());
        // The fields of the finding name the data, so the sentence does not.
        let detail = "The request does not say which of the required data are available.".into();
        return if asked.is_empty() {
            vec![]
        } else {
            vec![TransferFinding { code: CheckCode::TransferDataUntold, detail, fields: asked }]
        };
    };
    let (whose, missing) = match DataDue::of_side(own.owed()).missing(there) {
        none if none.is_empty() => ("The counterparty's rule", due.missing(there)),
        missing => ("Your own rule", missing),
    };
    if missing.is_empty() {
        return vec![];
    }
    let detail = format!("{whose} requires data that are missing: {}.", named(&missing));
    vec![TransferFinding { code: CheckCode::TransferDataMissing, detail: detail.into(), fields: missing }]
}

impl OwnDuties<'_> {
    /// Returns whether data are missing that the asker's own rule requires today.
    pub(super) fn lacks_own_data(&self) -> bool {
        self.provided.is_some_and(|there| !DataDue::of_side(self.owed()).missing(there).is_empty())
    }

    /// Returns whether the asker's rule forbids crediting an incoming transfer until the data are available.
    pub(super) fn withholds_without_data(&self) -> bool {
        use BeneficiaryAction as A;
        let stops = [A::RequestInformation, A::WithholdAccess, A::Suspend, A::DoNotAccept, A::Reject, A::Return];
        match &self.owed().missing_data_action {
            MissingDataActions::Beneficiary(actions) => actions.iter().any(|action| stops.contains(action)),
            MissingDataActions::Originator(_) => false,
        }
    }
}

fn named(fields: &[FieldCode]) -> String {
    let names: Vec<&str> = fields.iter().take(NAMED_MAX).map(FieldCode::as_str).collect();
    match fields.len().saturating_sub(NAMED_MAX) {
        0 => names.join(", "),
        more => format!("{} and {more} more", names.join(", ")),
    }
}
