//! Compares today's records with GLEIF's records, lists of non-compliant providers, and third-party compilations.

use serde_json::json;

use super::{Found, is_approved, is_dealt_with};
use crate::directory::Records;
use vasp_record::case::{Cause, TriggerKind};
use vasp_rules::elsewhere::JudgedVasp;
use vasp_rules::lei_evidence::{FindingSide, LeiFinding, LeiFindingCode};
use vasp_rules::non_compliant::{MatchedBy, NonCompliantMatch};
use vasp_rules::third_party::ThirdPartyWord;
use vasp_words::ids::VaspId;

/// Returns list entries that match any VASP still dealt with. An entry that matches a group concerns the group, not its entities.
pub(crate) fn against_non_compliant(records: &Records) -> Vec<Found> {
    let dealt_with = records.iter_judged().filter(|judged| is_dealt_with(judged.record.status));
    dealt_with
        .flat_map(|JudgedVasp { record, elsewhere }| {
            elsewhere.non_compliant.iter().flatten().filter_map(|found| listed(record.id, &record.legal_name, found))
        })
        .collect()
}

/// Returns the finding for a match; `None` if the match is by the group.
pub(super) fn listed(vasp: VaspId, legal_name: &str, found: &NonCompliantMatch) -> Option<Found> {
    let NonCompliantMatch { matched_by, entry, list, place, source, as_of } = found;
    let by = match matched_by {
        MatchedBy::Lei => "LEI",
        MatchedBy::Host => "host",
        MatchedBy::Domain => "domain",
        MatchedBy::Name => "name",
        MatchedBy::Group => return None,
    };
    Some(Found {
        vasp,
        by: Cause::Others,
        kind: TriggerKind::NonCompliantListed,
        identity: json!({"list": list, "entry": entry}),
        summary: format!("{} lists `{}` as non-compliant; {legal_name} has the same {by}.", entry.authority, entry.name),
        detail: json!({
            "list": list, "place": place, "name": entry.name, "authority": entry.authority, "decision_date": entry.decided_on,
            "reason": entry.reason, "hosts": entry.hosts, "matched_by": matched_by, "source": source, "observed_on": as_of,
        }),
    })
}

/// Returns GLEIF's records that do not describe the approved record with the same LEI, or that are no longer in good standing.
pub(crate) fn against_gleif(records: &Records) -> Vec<Found> {
    records.iter_judged().filter(|judged| is_approved(judged.record.status)).filter_map(gleif).collect()
}

fn gleif(JudgedVasp { record: vasp, elsewhere }: &JudgedVasp) -> Option<Found> {
    let word = elsewhere.lei.as_ref()?;
    let against = |finding: &&LeiFinding| {
        let pending = matches!(finding.code, LeiFindingCode::RegistrationLapsed | LeiFindingCode::RegistrationPending);
        finding.code.side() == FindingSide::Mismatch || pending
    };
    let findings: Vec<&LeiFinding> = word.findings.iter().filter(against).collect();
    let codes: Vec<&str> = findings.iter().map(|finding| finding.code.as_str()).collect();
    let said: Vec<&str> = findings.iter().map(|finding| finding.detail.as_str()).collect();
    (!findings.is_empty()).then(|| Found {
        vasp: vasp.id,
        by: Cause::Others,
        kind: TriggerKind::Contradiction,
        // The record's dates and addresses are left out: a renewal that changes nothing else is the same finding.
        identity: json!({
            "gleif": {
                "lei": word.record.lei, "legal_name": word.record.legal_name, "country": word.record.country,
                "jurisdiction": word.record.jurisdiction, "entity_status": word.record.entity_status,
                "registration_status": word.record.registration_status,
            },
            "codes": codes, "legal_name": vasp.legal_name, "country": vasp.country,
        }),
        summary: format!("GLEIF contradicts the approved record: {}", said.join(" ")),
        detail: json!({
            "attribute": "lei", "lei": word.record.lei, "findings": codes, "source": word.source, "observed_on": word.observed_on,
            "successors": word.record.successors,
        }),
    })
}

/// Returns rows of compilations that contradict an approved record.
pub(crate) fn against_third_parties(records: &Records) -> Vec<Found> {
    let approved = records.iter_judged().filter(|judged| is_approved(judged.record.status));
    approved
        .flat_map(|JudgedVasp { record: vasp, elsewhere }| {
            let rows = elsewhere.third_party.iter().flatten().filter(|row| row.word() == ThirdPartyWord::Contradicts);
            rows.map(|row| Found {
                vasp: vasp.id,
                by: Cause::Others,
                kind: TriggerKind::Contradiction,
                // The day on which the list was compiled is left out: the same row in the next edition is the same finding.
                identity: json!({"register": row.register, "name": row.name, "status": row.status, "since": row.since}),
                summary: format!(
                    "A third-party compilation lists {} as `{}` in {}; nobody verified this.",
                    vasp.legal_name, row.status, row.register
                ),
                detail: json!({
                    "register": row.register, "regulator": row.regulator, "status": row.status, "source": row.source,
                    "observed_on": row.observed_on,
                }),
            })
        })
        .collect()
}
