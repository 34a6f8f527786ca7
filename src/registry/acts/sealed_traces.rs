//! The traces of a write besides its rows: a line in the audit chain, and the answer under its idempotency key. For an organisation's
//! private data, both are sealed under its own data key. So whoever runs the registry sees that something was done, but neither what nor
//! about whom. Callers: `act`, `audit`.

use std::collections::BTreeMap;

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rand_core::RngCore;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::{Identity, Once, Reply};
use crate::directory::{SealedContent, sealed_purpose};
use crate::node::{Registry, ServiceError, Written};
use vasp_log::audit::{AuditEvent, AuditOutcome};
use vasp_pki::DataKey;
use vasp_record::role::OrganisationKind;
use vasp_store::{AuditRow, SealedRow, Transaction};
use vasp_words::sql::Json;
use vasp_words::time::UtcTime;

/// The action that the audit chain shows for every private change of an organisation.
pub(crate) const PRIVATE_ACTION: &str = "private.change";

/// Routes for an organisation's private data: its counterparties, its policies, its watches, and where it gets notifications.
const PRIVATE_ROUTES: [&str; 12] = [
    "/v1/alerts",
    "/v1/approval-rules",
    "/v1/legal-holds",
    "/v1/policies",
    "/v1/prechecks",
    PROPOSALS,
    "/v1/relationships",
    HITS,
    "/v1/vasp-lists",
    "/v1/vasps/{vasp}/due-diligence",
    "/v1/watches",
    "/v1/webhooks",
];

/// Proposals of members and gateways may be about private data. Those of operators are about the registry's records.
const PROPOSALS: &str = "/v1/proposals";

/// So it is with decisions about screening hits.
const HITS: &str = "/v1/screening/hits";

/// Sealed texts are padded to a multiple of this size, so that their length reveals nothing.
const PADDED_TO: usize = 1_024;

/// How the traces of a write are stored.
pub(crate) enum Traces {
    /// In plain text.
    Open,
    /// Sealed for the organisation.
    Sealed(DataKey),
}

/// Pads a JSON text with spaces, which JSON allows.
pub(crate) fn padded(mut text: Vec<u8>) -> Vec<u8> {
    text.resize(text.len().div_ceil(PADDED_TO).max(1).saturating_mul(PADDED_TO), b' ');
    text
}

/// Seals what an organisation keeps, for the row that a revision begins.
pub(crate) fn seal_content<C: SealedContent + Serialize>(
    key: &DataKey,
    content: &C,
    row: &<C::Row as SealedRow>::Key,
    revision: i64,
    rng: &mut dyn RngCore,
) -> Result<Vec<u8>, ServiceError> {
    let plain = padded(serde_json::to_vec(content)?);
    key.seal(&sealed_purpose::<C>(row, revision), &plain, rng).map_err(ServiceError::Key)
}

fn sealed(key: &DataKey, purpose: &str, what: &impl Serialize, rng: &mut dyn RngCore) -> Result<Value, ServiceError> {
    let plain = padded(serde_json::to_vec(what)?);
    let bytes = key.seal(purpose, &plain, rng).map_err(ServiceError::Key)?;
    Ok(json!({"sealed": STANDARD.encode(bytes)}))
}

fn opened<T: DeserializeOwned>(key: &DataKey, purpose: &str, what: &Value) -> Result<T, ServiceError> {
    let sealed = what.get("sealed").and_then(Value::as_str).ok_or("it has no member `sealed`");
    let bytes = STANDARD.decode(sealed.map_err(ServiceError::unreadable(TRACE))?).map_err(ServiceError::unreadable(TRACE))?;
    let plain = key.open(purpose, &bytes).map_err(ServiceError::Key)?;
    serde_json::from_slice(&plain).map_err(ServiceError::unreadable(TRACE))
}

/// A private answer before it is sealed.
#[derive(Deserialize)]
struct PrivateAnswer {
    body: Box<RawValue>,
    version: Option<String>,
}

const TRACE: &str = "private trace";
const LINE: &str = "audit line";
const ANSWER: &str = "idempotent answer";

impl Traces {
    /// Returns how refusals on a route are recorded.
    pub(crate) fn of_route(
        registry: &Registry,
        identity: &Identity,
        route: &str,
        now: UtcTime,
        rng: &mut dyn RngCore,
    ) -> Result<Self, ServiceError> {
        let is_operators =
            [PROPOSALS, HITS].iter().any(|shared| route.starts_with(shared)) && identity.kind == OrganisationKind::Operator;
        if !is_operators && PRIVATE_ROUTES.iter().any(|prefix| route.starts_with(prefix)) {
            return registry.data_key(identity.organisation, now, rng).map(Self::Sealed);
        }
        Ok(Self::Open)
    }

    /// Returns the event in the form in which the chain stores it.
    pub(crate) fn event(&self, event: AuditEvent, rng: &mut dyn RngCore) -> Result<AuditEvent, ServiceError> {
        let Self::Sealed(key) = self else { return Ok(event) };
        let what = json!({"action": event.action, "subject": event.subject, "details": event.payload});
        let payload = sealed(key, LINE, &what, rng)?;
        Ok(AuditEvent { action: PRIVATE_ACTION.to_owned(), subject: None, payload, ..event })
    }

    /// Returns the request in the form in which it is stored. Of a private request, path, key and body are only digests that nobody can
    /// compute without the organisation's key.
    pub(crate) fn once(&self, once: Once) -> Once {
        let Self::Sealed(key) = self else { return once };
        let key = hmac::Key::new(hmac::HMAC_SHA256, key.bytes());
        let named = hmac::sign(&key, format!("idempotency-key\n{}\n{}", once.path, once.key).as_bytes());
        let sent = hmac::sign(&key, &[b"idempotency-body\n".as_slice(), &once.request_digest].concat());
        let request_digest = sent.as_ref().first_chunk().copied().unwrap_or(once.request_digest);
        Once { method: once.method, path: "private".to_owned(), key: hex::encode(named.as_ref()), request_digest }
    }

    /// Returns the answer in the form in which it is stored.
    pub(crate) fn reply(&self, reply: &Reply, rng: &mut dyn RngCore) -> Result<Reply, ServiceError> {
        let Self::Sealed(key) = self else { return Ok(reply.clone()) };
        let body = BTreeMap::from([("body", reply.without_secret()), ("version", Written::of(&reply.version))]);
        Ok(Reply::new(reply.status, None, sealed(key, ANSWER, &body, rng)?))
    }

    /// Reads a stored answer.
    pub(crate) fn read(&self, kept: Reply) -> Result<Reply, ServiceError> {
        let Self::Sealed(key) = self else { return Ok(kept) };
        let PrivateAnswer { body, version } = opened(key, ANSWER, &serde_json::from_str(kept.body.text()?)?)?;
        Ok(Reply { version, body: Written(Some(body.into())), ..kept })
    }
}

/// Writes a line for another organisation, sealed under that organisation's key. Only the details may say who did it.
pub(crate) fn tell_privately(
    transaction: &mut Transaction<'_>,
    organisation: &str,
    key: &DataKey,
    action: &str,
    subject: Option<&str>,
    details: &Value,
) -> Result<(), ServiceError> {
    let told = AuditEvent {
        organisation: Some(organisation.to_owned()),
        actor: None,
        credential: None,
        action: action.to_owned(),
        subject: subject.map(str::to_owned),
        outcome: AuditOutcome::Done,
        payload: details.clone(),
    };
    let told = Traces::Sealed(key.clone()).event(told, transaction.conn_and_rng().1)?;
    transaction.audit(told);
    Ok(())
}

/// Opens a sealed line for its organisation. A line with erased details stays as it is.
pub(crate) fn open_event(key: Option<&DataKey>, item: &mut AuditRow) -> Result<(), ServiceError> {
    let (Some(key), Some(details)) = (key, &item.payload) else { return Ok(()) };
    let what: Value = opened(key, LINE, details)?;
    let text = |name: &str| what.get(name).and_then(Value::as_str).map(str::to_owned);
    item.action = text("action").unwrap_or_else(|| PRIVATE_ACTION.to_owned());
    item.subject = text("subject");
    item.payload = what.get("details").cloned().map(Json);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::refusals::UNWATCHED;
    use rand_chacha::ChaCha8Rng;
    use rand_core::SeedableRng;

    fn event(details: &str) -> AuditEvent {
        AuditEvent {
            organisation: Some("org_x".to_owned()),
            actor: None,
            credential: None,
            action: "relationship.propose".to_owned(),
            subject: Some("rel_x".to_owned()),
            outcome: AuditOutcome::Done,
            payload: json!({"reason": details}),
        }
    }

    /// Routes of members and gateways whose refusals operators can read: what the registry vouches for, and who may act.
    const OPEN_ROUTES: [&str; 12] = [
        "/v1/api-keys",
        "/v1/audit",
        "/v1/claims",
        "/v1/client-certificates",
        "/v1/delegations",
        "/v1/disputes",
        "/v1/documents",
        "/v1/machine-users",
        "/v1/questionnaires",
        "/v1/settings",
        "/v1/sub-accounts",
        "/v1/users",
    ];

    /// What only operators, or everybody, may ask for.
    const OPERATORS: [&str; 11] = [
        "authorities",
        "brands",
        "ca",
        "cases",
        "held-rows",
        "imports",
        "links",
        "organisations",
        "picker",
        "rulebook",
        "screening",
    ];

    #[test]
    fn of_each_route_of_an_organisation_it_is_said_who_reads_its_refusals() {
        let document: Value = serde_json::from_str(include_str!("../../../openapi/openapi.json")).unwrap();
        let paths = document["paths"].as_object().unwrap().keys();
        let noun = |path: &str| path.strip_prefix("/v1/").and_then(|rest| rest.split('/').next()).unwrap_or("").to_owned();
        let is_own = |path: &&String| {
            let noun = noun(path);
            noun == "prechecks" || !noun.is_empty() && !UNWATCHED.contains(&&*noun) && !OPERATORS.contains(&&*noun)
        };
        let own = paths.filter(is_own);
        let mut seen = 0;
        for path in own {
            let said = |routes: &[&str]| routes.iter().any(|start| path == start || path.starts_with(&format!("{start}/")));
            assert!(said(&PRIVATE_ROUTES) != said(&OPEN_ROUTES), "{path} stands in neither or both of the lists");
            seen += 1;
        }
        assert!(seen > 50, "{seen}");
        // It writes no other line, but its refusals are matched by path.
        assert!(document["paths"].as_object().unwrap().keys().any(|path| path.starts_with("/v1/vasps/{vasp}/due-diligence")));
    }

    #[test]
    fn a_secret_that_was_shown_is_not_kept() {
        let mut rng = ChaCha8Rng::seed_from_u64(3);
        let traces = Traces::Sealed(DataKey::generate(&mut rng));
        let shown = Reply::new(201, None, json!({"id": "whk_x", "secret": "whsec_x"}));
        let again = traces.read(traces.reply(&shown, &mut rng).unwrap()).unwrap();
        assert_eq!(again.body, Written::of(&json!({"id": "whk_x", "secret": null, "secret_already_shown": true})));
    }

    #[test]
    fn a_sealed_line_tells_neither_what_nor_about_whom_nor_how_much() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let traces = Traces::Sealed(DataKey::generate(&mut rng));

        let (short, long) =
            (traces.event(event("x"), &mut rng).unwrap(), traces.event(event(&"x".repeat(700)), &mut rng).unwrap());

        assert_eq!((short.action.as_str(), &short.subject), ("private.change", &None));
        assert_eq!(short.payload.to_string().len(), long.payload.to_string().len());
        assert!(!long.payload.to_string().contains("relationship"));
    }

    #[test]
    fn an_answer_reads_back_and_its_request_is_told_apart_from_others() {
        let mut rng = ChaCha8Rng::seed_from_u64(2);
        let traces = Traces::Sealed(DataKey::generate(&mut rng));
        let reply = Reply::new(201, Some("7".to_owned()), json!({"id": "rel_x"}));
        let kept = traces.reply(&reply, &mut rng).unwrap();
        assert_eq!(kept.version, None);
        assert_eq!(traces.read(kept).unwrap(), reply);

        let once = |path: &str, key: &str, body: u8| {
            let (method, path, key) = ("POST".to_owned(), path.to_owned(), key.to_owned());
            traces.once(Once { method, path, key, request_digest: [body; 32] })
        };
        let first = once("/a", "k", 1);
        assert_eq!(first, once("/a", "k", 1));
        assert_ne!(first.key, once("/b", "k", 1).key);
        assert_ne!(first.key, once("/a", "l", 1).key);
        assert_ne!(first.request_digest, once("/a", "k", 2).request_digest);
        assert!(!format!("{first:?}").contains("/a"));
    }
}
