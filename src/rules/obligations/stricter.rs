//! The obligations under a version of a rule that is reported but was not read: its own, and all those of the version that was read
//! before. So a report adds data and duties, but takes none away until somebody has read the text.
//!
//! Source: docs/rulebook.md, "How a rule is read".

use serde::Serialize;
use vasp_words::time::Date;

use super::{CorrespondentDuty, SideObligations, TravelRuleDuty, TravelRuleDutyCode, WalletVerification};
use crate::rulebook::{RuleVersion, RuleVersionId};

/// A version of a rule that is reported, but whose text was not read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct UnreadRule {
    /// The version.
    pub rule_version: RuleVersionId,
    /// The first day on which it is reported to be valid.
    pub effective_from: Date,
    /// What is reported.
    pub reported: String,
}

impl UnreadRule {
    /// Returns the note about a version; `None` if the version was read.
    pub(super) fn of(rule: &RuleVersion) -> Option<Self> {
        let reported = rule.unread.clone()?;
        Some(Self { rule_version: rule.id.clone(), effective_from: rule.effective_from, reported })
    }
}

/// Returns what is owed under the reported version, and in addition what is owed under the version that was read.
pub(super) fn of_both(reported: SideObligations, read: SideObligations) -> SideObligations {
    let mut both = reported;
    add(&mut both.required_fields, read.required_fields);
    add(&mut both.one_of, read.one_of);
    add(&mut both.if_available, read.if_available);
    let required = &both.required_fields;
    both.if_available.retain(|field| !required.contains(field));
    add(&mut both.on_request, read.on_request);
    both.data_handling = both.data_handling.or(read.data_handling);
    if !both.required_fields.is_empty() {
        (both.exemption, both.exemption_source) = (None, None);
    }
    let (old, new) = (&read.self_hosted, &both.self_hosted);
    // To verify by risk is less than to verify always.
    let is_stricter = old.verification == new.verification && old.code.is_none() && new.code.is_some();
    if wallet(old.verification) > wallet(new.verification) || is_stricter {
        both.self_hosted = read.self_hosted;
    }
    let (old, new) = (read.counterparty_due_diligence, &mut both.counterparty_due_diligence);
    let is_stricter = old.travel_rule == new.travel_rule && old.code == Some(TravelRuleDutyCode::Required);
    if travel_rule(old.travel_rule) > travel_rule(new.travel_rule) || is_stricter {
        (new.travel_rule, new.code) = (old.travel_rule, old.code);
    }
    if correspondent(old.correspondent) > correspondent(new.correspondent) {
        new.correspondent = old.correspondent;
    }
    both.max_amount = both.max_amount.or(read.max_amount);
    both
}

fn add<T: PartialEq>(to: &mut Vec<T>, more: Vec<T>) {
    for one in more {
        if !to.contains(&one) {
            to.push(one);
        }
    }
}

fn wallet(verification: WalletVerification) -> u8 {
    match verification {
        WalletVerification::NotApplicable | WalletVerification::No => 0,
        WalletVerification::NotEstablished => 1,
        WalletVerification::Unknown => 2,
        WalletVerification::Yes => 3,
    }
}

fn travel_rule(duty: TravelRuleDuty) -> u8 {
    match duty {
        TravelRuleDuty::No => 0,
        TravelRuleDuty::NotEstablished => 1,
        TravelRuleDuty::Unknown => 2,
        TravelRuleDuty::Yes => 3,
    }
}

fn correspondent(duty: CorrespondentDuty) -> u8 {
    match duty {
        CorrespondentDuty::NotApplicable => 0,
        CorrespondentDuty::NotEstablished => 1,
        CorrespondentDuty::Unknown => 2,
        CorrespondentDuty::Yes => 3,
    }
}
