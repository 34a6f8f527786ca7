//! Patterns of the ids that stand in paths, and of cursors. A handler takes such a part as a text, because a text that cannot be an id gets the same 404 as
//! an id that does not exist; a client still wants to know what an id looks like.

use serde_json::{Value, json};
use vasp_words::ids::{
    AccessRequestId, AlertId, AnswersAccessId, AnswersId, ApiKeyId, ApprovalRuleId, AuthorityAmendmentId, CaseId, CertificateId,
    ChallengeId, ClientCertificateId, DelegationId, DeliveryId, DisputeId, DocumentId, EndpointId, ImportId, LegalHoldId,
    LicenceId, MessageKeyId, OrganisationId, PrecheckId, ProposalId, RulebookImportId, ScreeningHitId, SubAccountId, UserId,
    VaspId, WebhookId,
};

use super::{each_object, each_operation};
use crate::brands::CANDIDATE;

/// The prefix of the ids of claims.
const CLAIM: &str = "clm_";

/// The prefixes of ids that are hashes: 16 hexadecimal digits follow, not 26 of base 32.
const HASHES: [&str; 2] = [CLAIM, CANDIDATE];

/// What stands before an id in a path, and the prefix of that id. The first that fits counts.
const PREFIXES: [(&str, &str); 34] = [
    ("access/{id}", AnswersAccessId::PREFIX),
    ("access-requests/{id}", AccessRequestId::PREFIX),
    ("legal-holds/{id}", LegalHoldId::PREFIX),
    ("alerts/{id}", AlertId::PREFIX),
    ("approval-rules/{id}", ApprovalRuleId::PREFIX),
    ("amendments/{id}", AuthorityAmendmentId::PREFIX),
    ("api-keys/{id}", ApiKeyId::PREFIX),
    ("brands/candidates/{id}", CANDIDATE),
    ("cases/{id}", CaseId::PREFIX),
    ("certificates/{certificate}", CertificateId::PREFIX),
    ("client-certificates/{id}", ClientCertificateId::PREFIX),
    ("objections/{id}", ChallengeId::PREFIX),
    ("claims/{id}", CLAIM),
    ("delegations/{id}", DelegationId::PREFIX),
    ("disputes/{id}", DisputeId::PREFIX),
    ("documents/{id}", DocumentId::PREFIX),
    ("endpoints/{endpoint}", EndpointId::PREFIX),
    ("hits/{id}", ScreeningHitId::PREFIX),
    ("rulebook/imports/{id}", RulebookImportId::PREFIX),
    ("imports/{id}", ImportId::PREFIX),
    ("keys/{key}", MessageKeyId::PREFIX),
    ("licences/{licence}", LicenceId::PREFIX),
    ("messages/{message}", DeliveryId::PREFIX),
    ("organisations/{id}", OrganisationId::PREFIX),
    ("pending/{case}", CaseId::PREFIX),
    ("prechecks/{id}", PrecheckId::PREFIX),
    ("proposals/{id}", ProposalId::PREFIX),
    ("relationships/{vasp}", VaspId::PREFIX),
    ("sub-accounts/{id}", SubAccountId::PREFIX),
    ("submissions/{id}", AnswersId::PREFIX),
    ("users/{id}", UserId::PREFIX),
    ("vasps/{vasp}", VaspId::PREFIX),
    ("watches/{vasp}", VaspId::PREFIX),
    ("webhooks/{id}", WebhookId::PREFIX),
];

/// Parts of paths that are no ids of the registry, with what they are.
#[cfg(test)]
const OTHERS: [&str; 11] = [
    "brands/{id}",
    "ca/{authority}",
    "domains/{domain}",
    "jurisdictions/{id}",
    "lists/{list}",
    "networks/{caip2}",
    "oidc/{provider}",
    "policies/{policy}",
    "problems/{code}",
    "protocols/{id}",
    "vasp-lists/{protocol}",
];

/// Adds the pattern of each id to the parameters of paths. A VASP is also named by its LEI, and the caller's own as `mine`.
pub(super) fn add_patterns(document: &mut Value) {
    each_operation(document, |path, operation| {
        let Some(Value::Array(parameters)) = operation.get_mut("parameters") else { return };
        for parameter in parameters.iter_mut().filter(|parameter| parameter.get("in") == Some(&json!("path"))) {
            let place = parameter.get("name").and_then(Value::as_str).and_then(|name| place_of(path, name));
            let pattern = place.and_then(pattern_at);
            if let (Some(pattern), Some(Value::Object(schema))) = (pattern, parameter.get_mut("schema")) {
                schema.insert("pattern".to_owned(), json!(pattern));
            }
        }
    });
}

/// Adds the pattern of cursors, which are hexadecimal, to the query of each list and to its pages.
pub(super) fn add_cursor_patterns(document: &mut Value) {
    let pattern = json!("^([0-9A-Fa-f]{2})*$");
    each_object(document, &mut |object| {
        if object.get("name") == Some(&json!("cursor"))
            && let Some(Value::Object(schema)) = object.get_mut("schema")
        {
            schema.insert("pattern".to_owned(), pattern.clone());
        }
        if let Some(Value::Object(next)) = object.get_mut("properties").and_then(|members| members.get_mut("next_cursor")) {
            next.insert("pattern".to_owned(), pattern.clone());
        }
    });
}

/// Returns the path up to a parameter.
fn place_of<'a>(path: &'a str, name: &str) -> Option<&'a str> {
    let parameter = format!("{{{name}}}");
    path.get(..path.find(&parameter)?.checked_add(parameter.len())?)
}

/// Returns the pattern of the id at the end of a path.
fn pattern_at(place: &str) -> Option<String> {
    let (_, prefix) = PREFIXES.iter().find(|(end, _)| place.ends_with(&format!("/{end}")))?;
    let id = if HASHES.contains(prefix) { format!("{prefix}[0-9a-f]{{16}}") } else { format!("{prefix}[0-9a-z]{{26}}") };
    Some(if *prefix == VaspId::PREFIX { format!("^({id}|[0-9A-Za-z]{{18}}[0-9]{{2}}|mine)$") } else { format!("^{id}$") })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::serve::document;

    #[test]
    fn every_id_in_a_path_has_a_pattern() {
        let mut document = document().clone();
        let mut without = std::collections::BTreeSet::new();
        each_operation(&mut document, |path, operation| {
            for parameter in
                operation.get("parameters").and_then(Value::as_array).into_iter().flatten().filter(|one| one["in"] == "path")
            {
                if parameter["schema"].get("pattern").is_none() {
                    let place = place_of(path, parameter["name"].as_str().unwrap()).unwrap();
                    without.insert(place.to_owned());
                }
            }
        });
        without.retain(|place| !OTHERS.iter().any(|end| place.ends_with(end)));

        let no_ids = ["/v1/ca/certificates/{serial}", "/v1/log/tile/{tile}"];
        assert_eq!(without.into_iter().collect::<Vec<_>>(), no_ids);
    }

    #[test]
    fn a_vasp_is_named_by_its_lei_and_as_mine_too() {
        let both = "^(vasp_[0-9a-z]{26}|[0-9A-Za-z]{18}[0-9]{2}|mine)$";
        assert_eq!(pattern_at("/v1/vasps/{vasp}").as_deref(), Some(both));
        assert_eq!(pattern_at("/v1/rulebook/imports/{id}").as_deref(), Some("^rbi_[0-9a-z]{26}$"));
        assert_eq!(pattern_at("/v1/jurisdictions/{id}"), None);
    }
}
