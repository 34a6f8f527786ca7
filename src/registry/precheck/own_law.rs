//! What the asker's own law says of a pre-check: its duties, how strictly it treats self-hosted wallets, and how long the answer is kept.

use super::gather::Gathered;
use super::{PrecheckQuestion, Way};
use vasp_rules::obligations::{Obligations, ObligationsRequest, SideObligations};
use vasp_rules::precheck::{OwnDuties, RegimeFacts, WalletProofs};
use vasp_rules::precheck_retention::RetentionFloor;
use vasp_rules::rulebook::Rulebook;
use vasp_words::time::UtcTime;

/// Returns the asker's duties under its own rule, and what it stated that decides how far they reach.
pub(super) fn own_duties<'a>(
    rulebook: &'a Rulebook,
    gathered: &Gathered,
    question: &PrecheckQuestion,
    request: &'a ObligationsRequest,
    obligations: &'a Obligations,
    proofs: &'a WalletProofs,
) -> OwnDuties<'a> {
    let own = rulebook.entry(&gathered.own_jurisdiction);
    let rule = own.and_then(|own| own.version_on(question.transfer.date));
    // A report that nobody read prohibits nothing, and lifts no prohibition.
    let read = own.zip(rule).map(|(own, rule)| own.read_before(rule).unwrap_or(rule));
    OwnDuties {
        incoming: matches!(question.way, Way::Incoming(..)),
        both: obligations,
        provided: question.provided_fields.as_ref().map(|_| &request.provided_fields),
        sunrise: rule.map(|rule| rule.sunrise.treatment),
        clauses: rule.map(|rule| &rule.clauses),
        prohibited_assets: read.map(|rule| rule.prohibited_assets.as_slice()).unwrap_or_default(),
        own_wallet: question.own_wallet(),
        proofs,
    }
}

/// Returns how long the asker's law demands that the answer is kept. A named jurisdiction means exactly that entry; otherwise all regimes of
/// the asker's country count.
pub(super) fn floor(rulebook: &Rulebook, gathered: &Gathered, question: &PrecheckQuestion, now: UtcTime) -> RetentionFloor {
    let days = [question.transfer.date, now.date()];
    match &question.own.jurisdiction {
        Some(_) => RetentionFloor::of(rulebook.entry(&gathered.own_jurisdiction), days),
        None => RetentionFloor::of(rulebook.entries_for_country(gathered.own_country), days),
    }
}

/// Returns the duties of the asker's side.
fn own_side_of<'a>(question: &PrecheckQuestion, obligations: &'a Obligations) -> &'a SideObligations {
    match question.way {
        Way::Outgoing(_) => &obligations.originator,
        Way::Incoming(..) => &obligations.beneficiary,
    }
}

/// Returns the regime of the asker's side, with the verification that it demands for self-hosted wallets.
pub(super) fn own_side(
    rulebook: &Rulebook,
    gathered: &Gathered,
    question: &PrecheckQuestion,
    obligations: &Obligations,
) -> RegimeFacts {
    let duties = own_side_of(question, obligations);
    RegimeFacts::of_entry(rulebook, &gathered.own_jurisdiction, gathered.own_country, question.transfer.date)
        .asking(duties.self_hosted.verification)
}
