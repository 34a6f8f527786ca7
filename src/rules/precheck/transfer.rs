//! Findings about the transfer itself, which no check of the counterparty covers: whether the data that the rules of both sides
//! require are available, and whether a proof of control in the request is valid.
//!
//! Source: wire contract, "Default policy", *Data*.

use super::super::obligations::MissingDataActions;
use super::super::rulebook::{BeneficiaryAction, FieldCode, OneOf};
use super::circumstances::binds;
use super::{CheckCode, OwnDuties};
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

/// Returns the finding about required data that are missing, or about which the request says nothing. For an outgoing transfer
/// the rules of both sides apply. An incoming transfer was filled in by others, so only the asker's own rule applies. Data that
/// the asker's own rule requires are reported first.
fn of_data(own: &OwnDuties<'_>) -> Vec<TransferFinding> {
    let owed = own.owed();
    let own_groups: Vec<&OneOf> = if binds(owed.status) { owed.one_of.iter().collect() } else { vec![] };
    let own_fields: &[FieldCode] = if binds(owed.status) { &owed.required_fields } else { &[] };
    let all_groups: Vec<&OneOf> = own.both.one_of.iter().map(|sourced| &sourced.one_of).collect();
    let all = (own.both.required_fields.as_slice(), all_groups.as_slice());
    let (asked_fields, asked_groups) = if own.incoming { (own_fields, own_groups.as_slice()) } else { all };
    let Some(there) = own.provided else {
        let asked = fields(asked_fields, asked_groups, |_| false);
        let detail = format!("The request does not list the available data. Required: {}.", named(&asked));
        return if asked.is_empty() {
            vec![]
        } else {
            vec![TransferFinding { code: CheckCode::TransferDataUntold, detail: detail.into(), fields: asked }]
        };
    };
    let has = |field: &FieldCode| there.contains(field);
    let (whose, missing) = match fields(own_fields, &own_groups, has) {
        none if none.is_empty() => ("The counterparty's rule", fields(asked_fields, asked_groups, has)),
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
        let (owed, Some(there)) = (self.owed(), self.provided) else { return false };
        binds(owed.status)
            && (owed.required_fields.iter().any(|field| !there.contains(field))
                || owed.one_of.iter().any(|group| !group.is_met(|field| there.contains(field))))
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

/// Returns the missing fields, each once: the required ones, and those of groups without any complete alternative.
fn fields(required: &[FieldCode], groups: &[&OneOf], has: impl Fn(&FieldCode) -> bool) -> Vec<FieldCode> {
    let unmet = groups.iter().filter(|group| !group.is_met(&has));
    let mut all: Vec<FieldCode> = vec![];
    for field in required.iter().chain(unmet.flat_map(|group| group.alternatives.iter().flatten())) {
        if !has(field) && !all.contains(field) {
            all.push(field.clone());
        }
    }
    all
}

fn named(fields: &[FieldCode]) -> String {
    let names: Vec<&str> = fields.iter().take(NAMED_MAX).map(FieldCode::as_str).collect();
    match fields.len().saturating_sub(NAMED_MAX) {
        0 => names.join(", "),
        more => format!("{} and {more} more", names.join(", ")),
    }
}
