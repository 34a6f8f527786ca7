//! How the counterparty is reached, and who presents which certificate: the codes of `certificate`, `protocol` and
//! `attribution`, written out by hand.

use super::super::endpoint_health::HealthState;
use super::super::policy::Recommendation;
use super::super::presented::PresentedBy;
use super::super::routes::examples::end_id;
use super::CheckCode as C;
use super::examples::*;
use super::*;
use vasp_record::certificate::{CertificateFinding, CertificateStatus, RootSet, Severity};
use vasp_record::endpoint::{EndpointStatus, MaintenanceWindow};
use vasp_record::resolution::{Owner, Resolution};

/// Returns the codes of the checks `certificate` and `protocol`, and the recommendation.
fn reach(case: &Case) -> (C, C, Recommendation) {
    let answer = case.run();
    let find = |name| answer.checks.iter().find(|check| check.check() == name).unwrap().code;
    assert!(answer.checks.iter().all(|check| check.detail.ends_with('.') && !check.evidence.is_empty()));
    (find(CheckName::Certificate), find(CheckName::Protocol), answer.recommendation)
}

fn after(ours: &[&str], theirs: &[&str], change: impl FnOnce(&mut Case)) -> (C, C, Recommendation) {
    let mut case = Case::reached(ours, theirs);
    change(&mut case);
    reach(&case)
}

const TRP: &[&str] = &["trp"];
/// The recommendation without further findings: the listed firm's other checks already warn.
const FINE: Recommendation = Recommendation::ProceedWithConditions;

#[test]
fn protocols_in_common() {
    let ok = C::CertificateValid;
    let without = C::CertificateProtocolWithout;
    assert_eq!(after(TRP, TRP, |_| ()), (ok, C::ProtocolCommon, FINE));
    assert_eq!(after(&["code"], &["code"], |case| case.scene.health.clear()), (without, C::ProtocolCommonNotProbed, FINE));
    assert_eq!(after(TRP, TRP, |case| case.scene.health.clear()), (ok, C::ProtocolHealthUnknown, FINE));
    let degraded = |case: &mut Case| case.scene.set_health(1, HealthState::Degraded);
    assert_eq!(after(TRP, TRP, degraded), (ok, C::ProtocolDegraded, FINE));
    let down = |case: &mut Case| case.scene.set_health(1, HealthState::Down);
    assert_eq!(after(TRP, TRP, down), (ok, C::ProtocolNoneUsable, FINE));
    assert_eq!(after(&["openvasp"], &["openvasp"], |_| ()), (without, C::ProtocolSuperseded, FINE));
    assert_eq!(after(TRP, &["email"], |_| ()), (C::CertificateNoneOnRecord, C::ProtocolEmailOnly, FINE));
    assert_eq!(after(TRP, &["code"], |_| ()), (without, C::ProtocolNoCommon, FINE));
    assert_eq!(after(&["code"], &["gtr"], |_| ()), (without, C::ProtocolBridgeOnly, FINE));
    assert_eq!(after(&["code"], &["verifyvasp"], |_| ()), (without, C::ProtocolNoCommon, FINE));
    assert_eq!(after(&[], TRP, |_| ()), (ok, C::ProtocolOursUnknown, FINE));
    assert_eq!(after(TRP, &[], |_| ()), (ok, C::ProtocolNoneOnRecord, FINE));
    let nothing = |case: &mut Case| case.entity().certificates.clear();
    assert_eq!(after(TRP, &[], nothing), (C::CertificateNoneOnRecord, C::ProtocolNoneOnRecord, FINE));
    let gone = |case: &mut Case| case.entity().endpoints[0].status = EndpointStatus::Withdrawn;
    assert_eq!(after(TRP, TRP, gone), (ok, C::ProtocolNoCommon, FINE));
    let paused = |case: &mut Case| case.entity().endpoints[0].status = EndpointStatus::Paused;
    assert_eq!(after(TRP, TRP, paused), (ok, C::ProtocolNoneUsable, FINE));
    // Another common protocol replaces the paused one.
    assert_eq!(after(&["trp", "code"], &["trp", "code"], paused), (without, C::ProtocolCommon, FINE));
}

/// Everybody can send an e-mail.
#[test]
fn a_certain_route_comes_before_one_that_the_asker_may_not_speak() {
    let elsewhere = |case: &mut Case| case.entity().endpoints[0].regions = vec!["JP".parse().unwrap()];

    assert_eq!(after(&[], &["code"], |_| ()).1, C::ProtocolOursUnknown);
    assert_eq!(after(&[], &["code", "email"], |_| ()).1, C::ProtocolEmailOnly);
    assert_eq!(after(&[], &["code", "email"], elsewhere).1, C::ProtocolEmailOnly);
}

#[test]
fn maintenance_is_told_an_hour_ahead_and_ends_the_answer() {
    let from = |text: &str| MaintenanceWindow { from: at(text), to: at("2026-05-02T00:00:00Z"), reason: None };
    let announced = |text: &str| after(TRP, TRP, |case| case.entity().endpoints[0].maintenance = vec![from(text)]).1;

    assert_eq!(announced("2026-05-01T13:00:00Z"), C::ProtocolMaintenanceSoon);
    assert_eq!(announced("2026-05-01T13:00:01Z"), C::ProtocolCommon);
    assert_eq!(announced("2026-05-01T12:00:00Z"), C::ProtocolNoneUsable);
    let mut case = Case::reached(TRP, TRP);
    case.entity().endpoints[0].maintenance = vec![from("2026-05-01T12:30:00Z")];
    assert_eq!(case.run().earliest_expiry(case.now), Some(at("2026-05-01T12:30:00Z")));
}

/// Source: docs/certificates.md, "State of a certificate" and "Findings".
#[test]
fn a_certificate_is_warned_of_and_over_at_the_second() {
    let ending = |text: &str| after(TRP, TRP, |case| case.entity().certificates[0].chain_not_after = at(text)).0;

    assert_eq!(ending("2026-05-31T12:00:01Z"), C::CertificateValid);
    assert_eq!(ending("2026-05-31T12:00:00Z"), C::CertificateExpiresIn30Days);
    assert_eq!(ending("2026-05-15T12:00:00Z"), C::CertificateExpiresIn14Days);
    assert_eq!(ending("2026-05-08T12:00:00Z"), C::CertificateExpiresIn7Days);
    assert_eq!(ending("2026-05-02T12:00:00Z"), C::CertificateExpiresIn1Day);
    assert_eq!(ending("2026-05-01T12:00:00Z"), C::CertificateExpiresIn1Day);
    assert_eq!(ending("2026-05-01T11:59:59Z"), C::CertificateExpired);
}

#[test]
fn certificates_that_are_not_good() {
    let changed = |change: &dyn Fn(&mut vasp_record::certificate::PublishedCertificate)| {
        let (certificate, protocol, recommendation) = after(TRP, TRP, |case| change(&mut case.entity().certificates[0]));
        let bad = certificate.outcome() == CheckOutcome::Fail;
        let doubtful = matches!(certificate, C::CertificateRevoked | C::CertificateErrorFindings);
        assert_eq!((protocol == C::ProtocolNoneUsable, recommendation == Recommendation::Hold), (bad, doubtful));
        certificate
    };
    let finding = |severity| vec![CertificateFinding { severity, code: "x".into(), detail: "x".into() }];

    assert_eq!(changed(&|one| one.status = CertificateStatus::Revoked), C::CertificateRevoked);
    assert_eq!(changed(&|one| one.not_before = at("2026-05-02T00:00:00Z")), C::CertificateNotYetValid);
    assert_eq!(changed(&|one| one.findings = finding(Severity::Error)), C::CertificateErrorFindings);
    assert_eq!(changed(&|one| one.root_set = None), C::CertificateErrorFindings);
    assert_eq!(changed(&|one| one.findings = finding(Severity::Warning)), C::CertificateWarningFindings);
    assert_eq!(changed(&|one| one.findings = finding(Severity::Info)), C::CertificateValid);
    assert_eq!(changed(&|one| one.dns_names = vec!["elsewhere.example".into()]), C::CertificateNoneOnRecord);
}

#[test]
fn endpoints_and_certificates_are_cited() {
    let answer = Case::reached(TRP, TRP).run();
    let cited = |place: usize| answer.checks[place].evidence[0].clone();

    assert_eq!(cited(7).of.kind(), "certificate");
    assert_eq!((cited(8).of.id(), cited(8).observed_at), (Some(end_id(1).to_string().into()), Some(at("2026-05-01T11:59:00Z"))));
}

/// Presents a certificate of entity 1.
fn shown(by: PresentedBy, change: impl FnOnce(&mut Case)) -> (C, Recommendation, Option<VaspId>, usize) {
    let mut case = Case::reached(TRP, TRP);
    case.presented = Some(by);
    change(&mut case);
    let answer = case.run();
    (answer.checks[0].code, answer.recommendation, answer.counterparty, answer.counterparty_candidates.len())
}

use vasp_words::ids::VaspId;

#[test]
fn a_certificate_shown_names_who_published_it() {
    use PresentedBy::{CommonName, Fingerprint};
    let (found, hold) = (Some(id(1)), Recommendation::Hold);
    let revoke = |case: &mut Case| case.entity().certificates[0].status = CertificateStatus::Revoked;

    assert_eq!(shown(Fingerprint, |_| ()), (C::AttributionCertificatePublished, FINE, found, 0));
    assert_eq!(shown(CommonName, |_| ()), (C::AttributionCommonNamePublished, FINE, found, 0));
    assert_eq!(shown(Fingerprint, revoke), (C::AttributionCertificateRevoked, hold, None, 1));
    let expired = |case: &mut Case| case.entity().certificates[0].not_after = at("2026-05-01T11:00:00Z");
    assert_eq!(shown(Fingerprint, expired), (C::AttributionCertificateExpired, hold, None, 1));
    let early = |case: &mut Case| case.entity().certificates[0].not_before = at("2026-05-02T00:00:00Z");
    assert_eq!(shown(Fingerprint, early), (C::AttributionCertificateNotYetValid, hold, None, 1));
    let faulty = |case: &mut Case| {
        case.entity().certificates[0].findings =
            vec![CertificateFinding { severity: Severity::Error, code: "x".into(), detail: "x".into() }];
    };
    assert_eq!(shown(Fingerprint, faulty), (C::AttributionCertificateFaulty, hold, None, 1));
    let pinned = |case: &mut Case| case.entity().certificates[0].root_set = Some(RootSet::Pinned);
    assert_eq!(shown(CommonName, pinned), (C::AttributionCommonNameUnproven, hold, None, 1));
    let none = |case: &mut Case| case.entity().certificates.clear();
    assert_eq!(shown(Fingerprint, none), (C::AttributionCertificateUnknown, hold, None, 0));
    assert_eq!(shown(CommonName, none), (C::AttributionCommonNameUnknown, hold, None, 0));
    let two = |case: &mut Case| {
        let mut other = entity(2);
        other.certificates = vec![certificate(1)];
        case.records.push(other);
    };
    assert_eq!(shown(Fingerprint, two), (C::AttributionAmbiguous, hold, None, 2));
}

#[test]
fn the_address_that_a_transfer_came_to_is_the_askers_own() {
    struct Alone;
    impl vasp_record::resolution::Parties for Alone {
        fn party(&self, vasp: VaspId) -> VaspId {
            vasp
        }
        fn kind(&self, _: VaspId) -> vasp_record::vasp::VaspKind {
            vasp_record::vasp::VaspKind::Entity
        }
        fn is_halted(&self, _: VaspId) -> bool {
            false
        }
    }
    let counterparty = unlisted(entity(1));
    let asked = Asked::<u8>::Vasp(id(1));
    let came_to = |owners: &[u8]| {
        let found = Resolution::<u8>::of_records(&owners.iter().map(|owner| id(*owner)).collect::<Vec<_>>());
        assert!(found.owners.iter().all(|owner: &Owner<u8>| owner.claim.is_none()));
        let attribution = attribute(&asked, Declared::Nothing, &[&counterparty], at("2026-05-01T12:00:00Z"));
        let judged = attribution.at_own_address(&OwnAddress::Resolved(&found, id(8)), &Alone);
        assert_eq!(judged.entity().map(|vasp| vasp.id), Some(id(1)));
        judged.result.code
    };
    let attribution = attribute(&asked, Declared::Nothing, &[&counterparty], at("2026-05-01T12:00:00Z"));

    assert_eq!(came_to(&[]), C::AttributionVaspNamed);
    assert_eq!(came_to(&[8]), C::AttributionVaspNamed);
    assert_eq!(came_to(&[2]), C::AttributionBeneficiaryMismatch);
    assert_eq!(came_to(&[2, 8]), C::AttributionBeneficiaryDisputed);
    let unknown = attribution.at_own_address(&OwnAddress::<u8>::NoOwnVasp, &Alone);
    assert_eq!(unknown.result.code, C::AttributionBeneficiaryUnconfirmed);
}
