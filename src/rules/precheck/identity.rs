//! Whether the legal entity is known and in good standing in this registry, and what kind its brand is if it is not an ordinary VASP.
//!
//! Source: docs/prechecks.md, "What to do with an answer" and "A VASP that the directory does not know".

use super::super::brand_kinds::{Brand, BrandKind};
use super::super::elsewhere::JudgedVasp;
use super::{CheckCode, CheckOutcome, CheckResult, Counterparty, Evidence, PrecheckInput, sentences};
use vasp_record::vasp::{Vasp, VaspStatus};
use vasp_words::time::UtcTime;

/// The attributes whose evidence proves which legal entity it is.
const PROVEN: [&str; 2] = ["legal_name", "country"];

/// Judges the counterparty's record.
pub(super) fn check(input: &PrecheckInput<'_>) -> CheckResult {
    let found = match (&input.attribution.counterparty, input.attribution.label.no_vasp) {
        (Counterparty::Entity(entity), _) => of_entity(&entity.record, input.now),
        (Counterparty::Party { named, .. }, _) => of_party(named, input),
        (Counterparty::SelfHosted, Some(group)) => CheckResult::new(
            CheckCode::IdentityNotAVasp,
            format!("{} is not a VASP. It is treated as somebody else's self-hosted wallet.", group.record.legal_name),
            Evidence::identity(&group.record),
        ),
        (Counterparty::SelfHosted, None) => {
            let detail = "The wallet is self-hosted, so there is no legal entity.";
            CheckResult::new(CheckCode::IdentitySelfHosted, detail, vec![Evidence::declaration(input.now)])
        }
        (Counterparty::Nobody { candidates, .. }, _) if candidates.is_empty() && input.attribution.unknown.is_some() => {
            let named = input.attribution.unknown.map_or_else(String::new, |name| name.to_string());
            let detail = format!("The directory does not know {named}.");
            CheckResult::new(CheckCode::IdentityUnknownVasp, detail, vec![Evidence::directory(input.now)])
        }
        (Counterparty::Nobody { .. }, _) => {
            let detail = "The counterparty's legal entity is not known.";
            CheckResult::new(CheckCode::IdentityNoCounterparty, detail, vec![Evidence::directory(input.now)])
        }
    };
    told_by_brand(found, input)
}

/// Adds what the brand is on the transfer's date. Findings against the record itself are kept; the worse finding comes first.
fn told_by_brand(found: CheckResult, input: &PrecheckInput<'_>) -> CheckResult {
    let named: Vec<&JudgedVasp> = match &input.attribution.counterparty {
        Counterparty::Entity(entity) => std::iter::once(*entity).chain(input.attribution.brand).collect(),
        Counterparty::Party { named, .. } => named.clone(),
        Counterparty::SelfHosted | Counterparty::Nobody { .. } => input.attribution.label.no_vasp.into_iter().collect(),
    };
    let brands = named.iter().filter_map(|vasp| Some((*vasp, vasp.elsewhere.brand.as_deref()?)));
    let told = brands.filter(|(_, brand)| brand.holds_on(input.date)).min_by_key(|(_, brand)| brand.kind);
    let Some((vasp, brand)) = told else { return found };
    let mut evidence = found.evidence;
    evidence.push(Evidence::brand(brand));
    let Some((code, what)) = of_brand(brand, input.own.incoming) else { return CheckResult { evidence, ..found } };
    let name = &vasp.record.legal_name;
    let detail = format!("According to the source of its brand, {name} is {what}.");
    // Which legal entity it is no longer matters; other findings against the record still do.
    if found.code.outcome() != CheckOutcome::Fail {
        return CheckResult::new(code, detail, evidence);
    }
    let (worse, lesser) = (code.min(found.code), code.max(found.code));
    CheckResult::new(worse, format!("{detail} {}", found.detail), evidence).with(vec![lesser])
}

/// Returns the finding against a transfer that follows from the kind of the brand.
fn of_brand(brand: &Brand, incoming: bool) -> Option<(CheckCode, &'static str)> {
    Some(match brand.kind {
        BrandKind::Mixer => (CheckCode::IdentityMixer, "a mixer"),
        BrandKind::DarknetMarket => (CheckCode::IdentityDarknet, "a darknet market"),
        BrandKind::Scam => (CheckCode::IdentityScam, "a scam"),
        BrandKind::Seized => (CheckCode::IdentitySeized, "a provider that authorities seized"),
        // Nothing can be sent to an estate. What comes from it is a distribution to a creditor.
        BrandKind::Estate if incoming => (CheckCode::IdentityEstate, "an estate that pays out to the creditors of a provider"),
        BrandKind::Defunct | BrandKind::Estate => (CheckCode::IdentityDefunct, "a provider that no longer operates"),
        // These speak against nothing: the brand may be a VASP like another, or is no VASP at all.
        BrandKind::Gambling
        | BrandKind::Exchange
        | BrandKind::Custodian
        | BrandKind::Payment
        | BrandKind::Fund
        | BrandKind::Other
        | BrandKind::MiningPool
        | BrandKind::Bridge
        | BrandKind::Dex => return None,
    })
}

fn of_entity(entity: &Vasp, now: UtcTime) -> CheckResult {
    let name = &sentences::cut(&entity.legal_name, 100);
    let (code, detail) = match entity.status {
        VaspStatus::Verified if PROVEN.iter().any(|attribute| entity.is_stale(attribute, now)) => (
            CheckCode::IdentityEvidenceStale,
            format!("{name} is verified, but the evidence for its name or country has expired."),
        ),
        VaspStatus::Verified => (CheckCode::IdentityVerified, format!("{name} is verified.")),
        VaspStatus::Listed => (
            CheckCode::IdentityRegisterOnly,
            format!("{name} is known only from a public register. Nobody has verified it here."),
        ),
        VaspStatus::Draft | VaspStatus::Submitted | VaspStatus::InReview => {
            (CheckCode::IdentityUnderReview, format!("{name} is not verified yet."))
        }
        status => restricted(status, name),
    };
    CheckResult::new(code, detail, Evidence::identity(entity))
}

/// Returns the finding for a record that must not be used, for entities and brands.
fn restricted(status: VaspStatus, name: &str) -> (CheckCode, String) {
    match status {
        VaspStatus::Revoked => (CheckCode::IdentityRevoked, format!("The registry revoked the verification of {name}.")),
        VaspStatus::Suspended => (CheckCode::IdentitySuspended, format!("The registry suspended {name}.")),
        VaspStatus::Rejected => (CheckCode::IdentityRejected, format!("The registry did not accept {name}.")),
        VaspStatus::Withdrawn => (CheckCode::IdentityWithdrawn, format!("{name} withdrew from the registry.")),
        _ => (CheckCode::IdentityRetired, format!("The brand {name} is no longer used.")),
    }
}

fn of_party(named: &[&JudgedVasp], input: &PrecheckInput<'_>) -> CheckResult {
    let evidence: Vec<Evidence> = named.iter().flat_map(|vasp| Evidence::identity(&vasp.record)).collect();
    let worst = named.iter().min_by_key(|vasp| vasp.record.status);
    if let Some(worst) = worst.filter(|vasp| vasp.record.status <= VaspStatus::Retired) {
        let (code, detail) = restricted(worst.record.status, &sentences::cut(&worst.record.legal_name, 100));
        return CheckResult::new(code, detail, evidence);
    }
    if let ([group], Some(none)) = (named, input.none_registered.filter(|none| none.is_recent(input))) {
        return none.result(&group.record.legal_name, evidence);
    }
    if let [group] = named {
        let detail = format!(
            "The brand {} is known, but not which of its legal entities is the counterparty.",
            sentences::cut(&group.record.legal_name, 100)
        );
        return CheckResult::new(CheckCode::IdentityGroupOnly, detail, evidence);
    }
    let detail = "Several legal entities of one party claim the address. It is not known which of them is the counterparty.";
    CheckResult::new(CheckCode::IdentitySeveralEntities, detail, evidence)
}
