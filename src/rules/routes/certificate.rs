//! Judges a VASP's published certificates for a protocol: for each use the best certificate counts, and over all uses the worst
//! result. Findings from the time of publication are not examined again.

use super::super::protocol::{CertificateDemand, Protocol};
use vasp_record::certificate::{CertificateState, CertificateUse, PublishedCertificate, RootSet, Severity};
use vasp_record::endpoint::Endpoint;
use vasp_record::vasp::Vasp;
use vasp_words::host::Host;
use vasp_words::ids::CertificateId;
use vasp_words::time::UtcTime;

/// The numbers of days before its end at which a certificate gets a warning. Source: docs/certificates.md, "Findings".
const WARNED_DAYS: [(i64, CertificateStanding); 4] = [
    (1, CertificateStanding::EndsInOneDay),
    (7, CertificateStanding::EndsInSevenDays),
    (14, CertificateStanding::EndsInFourteenDays),
    (30, CertificateStanding::EndsInThirtyDays),
];

/// The state of the certificates for a protocol, worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CertificateStanding {
    /// All are revoked.
    Revoked,
    /// None is unexpired.
    Expired,
    /// None is without findings that forbid its use.
    Faulty,
    /// None is valid yet.
    NotYetValid,
    /// None is on record.
    Missing,
    /// Valid for one day at most.
    EndsInOneDay,
    /// Valid for seven days at most.
    EndsInSevenDays,
    /// Valid for fourteen days at most.
    EndsInFourteenDays,
    /// Valid for thirty days at most.
    EndsInThirtyDays,
    /// Valid, but with findings that somebody should look at.
    Warned,
    /// Valid.
    Valid,
    /// The protocol requires none.
    NotNeeded,
}

/// The result, and the certificates on which it rests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateJudgement {
    /// The state of the certificates.
    pub standing: CertificateStanding,
    /// The deciding certificate of each use, in order of use.
    pub certificates: Vec<CertificateId>,
    /// The use for which a certificate is missing or bad.
    pub lacking: Option<CertificateUse>,
    /// The next time at which one of the deciding certificates becomes valid or expires.
    pub next_end: Option<UtcTime>,
}

/// Judges the certificates that others need of a VASP to reach it at an endpoint.
pub(super) fn of_endpoint(vasp: &Vasp, endpoint: &Endpoint, protocol: Option<&Protocol>, now: UtcTime) -> CertificateJudgement {
    let demand = protocol.and_then(|protocol| protocol.certificates.as_ref());
    judge_certificates(vasp, demand, endpoint.location.host().as_ref(), now)
}

/// Judges the certificates that others need of a VASP to reach it by a protocol. Certificates for calling are ignored if the
/// protocol requires others too. `host` is the called host.
#[must_use]
pub fn judge_certificates(
    vasp: &Vasp,
    demand: Option<&CertificateDemand>,
    host: Option<&Host>,
    now: UtcTime,
) -> CertificateJudgement {
    let Some(demand) = demand else {
        return CertificateJudgement {
            standing: CertificateStanding::NotNeeded,
            certificates: vec![],
            lacking: None,
            next_end: None,
        };
    };
    let mut uses: Vec<CertificateUse> = demand.uses.iter().copied().filter(|one| *one != CertificateUse::TlsClient).collect();
    if uses.is_empty() {
        uses.clone_from(&demand.uses);
    }
    of_uses(vasp, &uses, &demand.root_sets, host, now)
}

/// Judges a VASP's best certificate, whatever its use: for a VASP that published no endpoint.
#[must_use]
pub fn judge_all_certificates(vasp: &Vasp, now: UtcTime) -> CertificateJudgement {
    let judged = vasp.certificates.iter().map(|known| (standing(known, now), known));
    match judged.max_by_key(|(standing, known)| (*standing, end(known), known.id)) {
        None => {
            CertificateJudgement { standing: CertificateStanding::Missing, certificates: vec![], lacking: None, next_end: None }
        }
        Some((standing, known)) => CertificateJudgement {
            standing,
            certificates: vec![known.id],
            lacking: None,
            next_end: Some(end(known)).filter(|at| *at > now),
        },
    }
}

/// Judges the certificates with which a VASP calls others, if it published any.
pub(super) fn for_calling(vasp: &Vasp, demand: Option<&CertificateDemand>, now: UtcTime) -> Option<CertificateJudgement> {
    let demand = demand.filter(|demand| demand.uses.contains(&CertificateUse::TlsClient))?;
    let published = vasp.certificates.iter().any(|known| known.certificate_use == CertificateUse::TlsClient);
    published.then(|| of_uses(vasp, &[CertificateUse::TlsClient], &demand.root_sets, None, now))
}

fn of_uses(
    vasp: &Vasp,
    uses: &[CertificateUse],
    root_sets: &[RootSet],
    host: Option<&Host>,
    now: UtcTime,
) -> CertificateJudgement {
    let best_of = |wanted: CertificateUse| {
        let fits = |known: &&PublishedCertificate| {
            known.certificate_use == wanted
                && (root_sets.is_empty() || known.root_set.is_none_or(|set| root_sets.contains(&set)))
                && (wanted != CertificateUse::TlsServer || host.is_none_or(|host| is_for(known, host)))
        };
        let judged = vasp.certificates.iter().filter(fits).map(|known| (standing(known, now), known));
        judged.max_by_key(|(standing, known)| (*standing, end(known), known.id))
    };
    let mut found =
        CertificateJudgement { standing: CertificateStanding::Valid, certificates: vec![], lacking: None, next_end: None };
    let mut sorted = uses.to_vec();
    sorted.sort_unstable();
    sorted.dedup();
    for wanted in sorted {
        let (standing, certificate) = match best_of(wanted) {
            Some((standing, known)) => (standing, Some(known)),
            None => (CertificateStanding::Missing, None),
        };
        if standing < found.standing {
            (found.standing, found.lacking) = (standing, Some(wanted));
        }
        if let Some(known) = certificate {
            found.certificates.push(known.id);
            let changes = [known.not_before, end(known)].into_iter().filter(|at| *at > now);
            found.next_end = changes.chain(found.next_end).min();
        }
    }
    found
}

/// Returns the last second of validity.
fn end(certificate: &PublishedCertificate) -> UtcTime {
    certificate.not_after.min(certificate.chain_not_after)
}

fn standing(certificate: &PublishedCertificate, now: UtcTime) -> CertificateStanding {
    match certificate.state_at(now) {
        CertificateState::Revoked => return CertificateStanding::Revoked,
        CertificateState::Expired => return CertificateStanding::Expired,
        CertificateState::NotYetValid => return CertificateStanding::NotYetValid,
        CertificateState::Active => {}
    }
    let worst = certificate.findings.iter().map(|finding| finding.severity).min();
    if worst == Some(Severity::Error) || certificate.root_set.is_none() {
        return CertificateStanding::Faulty;
    }
    let ends_within = |days: i64| end(certificate) <= now.plus_secs(days * 86_400);
    let near = WARNED_DAYS.iter().find(|(days, _)| ends_within(*days)).map(|(_, standing)| *standing);
    let warned = (worst == Some(Severity::Warning)).then_some(CertificateStanding::Warned);
    near.or(warned).unwrap_or(CertificateStanding::Valid)
}

/// Returns whether a certificate is valid for a host. A pinned certificate is valid for everything for which its VASP pins it.
///
/// Source: RFC 6125, section 6.4.3: a wildcard stands for the whole leftmost label.
fn is_for(certificate: &PublishedCertificate, host: &Host) -> bool {
    let host = host.as_str();
    let names = certificate.dns_names.iter().map(String::as_str);
    let covers = |name: &str| match name.strip_prefix("*.") {
        Some(parent) => host.split_once('.').is_some_and(|(_, rest)| rest.eq_ignore_ascii_case(parent)),
        None => name.eq_ignore_ascii_case(host),
    };
    certificate.root_set == Some(RootSet::Pinned) || names.into_iter().any(covers)
}
