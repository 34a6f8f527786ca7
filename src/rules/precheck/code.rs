//! The closed list of codes of checks. A code belongs to one check and means one outcome, so that a policy reads line by line.

mod relationships;

use std::fmt;
use std::str::FromStr;

use super::{CheckName, CheckOutcome};
use relationships::and_those_of_relationships;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use vasp_words::time::serde_as_text;

/// The text is not a code of any check.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a check code")]
pub struct CheckCodeError(pub String);

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal, $check:ident, $outcome:ident;)*) => {
        /// What exactly a check found. Each code belongs to one check and means one outcome.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum CheckCode { $($(#[$doc])* $name,)* }

        impl CheckCode {
            /// Every code.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// Returns the code as answers write it, `<check>.<finding>`.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// Returns the check that gives this code.
            #[must_use]
            pub fn check(self) -> CheckName {
                match self { $(Self::$name => CheckName::$check,)* }
            }

            /// Returns the outcome this code means.
            #[must_use]
            pub fn outcome(self) -> CheckOutcome {
                match self { $(Self::$name => CheckOutcome::$outcome,)* }
            }
        }
    };
}

and_those_of_relationships! { codes!
    /// Claims of several parties disagree.
    AttributionConflicted = "attribution.conflicted", Attribution, Fail;
    /// The network was not given and the address has owners on several readings.
    AttributionAmbiguous = "attribution.ambiguous", Attribution, Fail;
    /// The claims name another owner than the one declared.
    AttributionDeclaredMismatch = "attribution.declared_mismatch", Attribution, Fail;
    /// Declared self-hosted, but claims name an owner.
    AttributionDeclaredSelfHostedButOwned = "attribution.declared_self_hosted_but_owned", Attribution, Fail;
    /// Claims say that the address of an incoming transfer belongs to another VASP than the asker's.
    AttributionBeneficiaryMismatch = "attribution.beneficiary_mismatch", Attribution, Fail;
    /// The certificate that was shown is revoked.
    AttributionCertificateRevoked = "attribution.certificate_revoked", Attribution, Fail;
    /// The certificate that was shown is over.
    AttributionCertificateExpired = "attribution.certificate_expired", Attribution, Fail;
    /// The certificate that was shown has findings that forbid its use.
    AttributionCertificateFaulty = "attribution.certificate_faulty", Attribution, Fail;
    /// The certificate that was shown is not valid yet.
    AttributionCertificateNotYetValid = "attribution.certificate_not_yet_valid", Attribution, Fail;
    /// Nobody published the certificate that was shown.
    AttributionCertificateUnknown = "attribution.certificate_unknown", Attribution, Unknown;
    /// Nobody published a certificate with the common name that was shown.
    AttributionCommonNameUnknown = "attribution.common_name_unknown", Attribution, Unknown;
    /// A certificate with the common name is published, and nobody but its bearer stands for the name.
    AttributionCommonNameUnproven = "attribution.common_name_unproven", Attribution, Unknown;
    /// Nobody known owns the destination and nothing was declared.
    AttributionNotFound = "attribution.not_found", Attribution, Unknown;
    /// An owner is known, by weaker claims than the policy asks for at this worth.
    AttributionBelowMinimumStrength = "attribution.below_minimum_strength", Attribution, Unknown;
    /// Only a jurisdiction was asked about.
    AttributionNoCounterparty = "attribution.no_counterparty", Attribution, Unknown;
    /// Only rows that name the family of networks, not this one, name the owner.
    AttributionFamilyOnly = "attribution.family_only", Attribution, Warn;
    /// A row that names the family names another party than the exact claims.
    AttributionFamilyDisagrees = "attribution.family_disagrees", Attribution, Warn;
    /// Only the declaration names the VASP.
    AttributionDeclaredUnconfirmed = "attribution.declared_unconfirmed", Attribution, Warn;
    /// Declared self-hosted, and no claim says otherwise.
    AttributionSelfHostedUnconfirmed = "attribution.self_hosted_unconfirmed", Attribution, Warn;
    /// Another party claims the address of an incoming transfer beside the asker.
    AttributionBeneficiaryDisputed = "attribution.beneficiary_disputed", Attribution, Warn;
    /// The asker has no VASP here, so the address of an incoming transfer cannot be told its own.
    AttributionBeneficiaryUnconfirmed = "attribution.beneficiary_unconfirmed", Attribution, Warn;
    /// An exact claim, third-party data with a source.
    AttributionAttributed = "attribution.attributed", Attribution, Pass;
    /// An exact claim by a verified member.
    AttributionAttested = "attribution.attested", Attribution, Pass;
    /// An exact claim whose key signed the registry's challenge.
    AttributionProven = "attribution.proven", Attribution, Pass;
    /// The VASP published a good certificate with the common name that was shown.
    AttributionCommonNamePublished = "attribution.common_name_published", Attribution, Pass;
    /// The VASP published exactly the certificate that was shown, and it is good.
    AttributionCertificatePublished = "attribution.certificate_published", Attribution, Pass;
    /// The counterparty was named, no address was asked about.
    AttributionVaspNamed = "attribution.vasp_named", Attribution, NotApplicable;

    /// The registry revoked the VASP.
    IdentityRevoked = "identity.revoked", Identity, Fail;
    /// The registry suspended the VASP.
    IdentitySuspended = "identity.suspended", Identity, Fail;
    /// The registry did not accept the VASP.
    IdentityRejected = "identity.rejected", Identity, Fail;
    /// The VASP withdrew from the registry.
    IdentityWithdrawn = "identity.withdrawn", Identity, Fail;
    /// The brand is no longer used.
    IdentityRetired = "identity.retired", Identity, Fail;
    /// Handed in or being written; nobody verified it yet.
    IdentityUnderReview = "identity.under_review", Identity, Unknown;
    /// A brand is known, the legal entity is not.
    IdentityGroupOnly = "identity.group_only", Identity, Unknown;
    /// Several legal entities of one party claim the address.
    IdentitySeveralEntities = "identity.several_entities", Identity, Unknown;
    /// No legal entity is known.
    IdentityNoCounterparty = "identity.no_counterparty", Identity, Unknown;
    /// Verified, but what stood for the name or country has expired.
    IdentityEvidenceStale = "identity.evidence_stale", Identity, Warn;
    /// Known from a public register only.
    IdentityRegisterOnly = "identity.register_only", Identity, Warn;
    /// Verified by two people.
    IdentityVerified = "identity.verified", Identity, Pass;
    /// Self-hosted: there is no legal entity.
    IdentitySelfHosted = "identity.self_hosted", Identity, NotApplicable;

    /// Taken away by the authority.
    LicenceWithdrawn = "licence.withdrawn", Licence, Fail;
    /// On an authority's list of providers that offer crypto-asset services without being allowed to.
    LicenceNonCompliantList = "licence.non_compliant_list", Licence, Fail;
    /// Suspended by the authority.
    LicenceSuspended = "licence.suspended", Licence, Fail;
    /// Past its published end date.
    LicenceEnded = "licence.ended", Licence, Fail;
    /// Starts later.
    LicenceNotYetInForce = "licence.not_yet_in_force", Licence, Fail;
    /// In force, but neither for custody nor for transfer of crypto-assets.
    LicenceActivityMissing = "licence.activity_missing", Licence, Fail;
    /// In force, but not where the customer is.
    LicenceTerritoryMissing = "licence.territory_missing", Licence, Fail;
    /// Missing from the newest look at its register; not the same as ended.
    LicenceNotListed = "licence.not_listed", Licence, Unknown;
    /// None on record; the EU's transition may still cover the firm.
    LicenceTransitionalPossible = "licence.transitional_possible", Licence, Unknown;
    /// None on record.
    LicenceNoneOnRecord = "licence.none_on_record", Licence, Unknown;
    /// No legal entity is known.
    LicenceNoCounterparty = "licence.no_counterparty", Licence, Unknown;
    /// One is in force, another was withdrawn.
    LicenceAnotherWithdrawn = "licence.another_withdrawn", Licence, Warn;
    /// In force, but a compiled list of third parties says otherwise.
    LicenceThirdPartyContradicts = "licence.third_party_contradicts", Licence, Warn;
    /// In force for custody or transfer of crypto-assets.
    LicenceInForce = "licence.in_force", Licence, Pass;
    /// Self-hosted: there is no legal entity.
    LicenceSelfHosted = "licence.self_hosted", Licence, NotApplicable;

    /// The LEI is void from the start.
    LeiAnnulled = "lei.annulled", Lei, Fail;
    /// The LEI was issued twice for one entity.
    LeiDuplicate = "lei.duplicate", Lei, Fail;
    /// The entity ceased to exist.
    LeiRetired = "lei.retired", Lei, Fail;
    /// The entity was merged into another (older files).
    LeiMerged = "lei.merged", Lei, Fail;
    /// The LEI was abandoned before issue.
    LeiCancelled = "lei.cancelled", Lei, Fail;
    /// GLEIF does not show the entity as active.
    LeiEntityInactive = "lei.entity_inactive", Lei, Fail;
    /// A regime requires one, none is on record.
    LeiRequiredNoneOnRecord = "lei.required_none_on_record", Lei, Unknown;
    /// There is an LEI, GLEIF's word on it is not on record.
    LeiStatusNotOnRecord = "lei.status_not_on_record", Lei, Unknown;
    /// No legal entity is known.
    LeiNoCounterparty = "lei.no_counterparty", Lei, Unknown;
    /// By GLEIF the LEI is that of an entity of another name.
    LeiNameMismatch = "lei.name_mismatch", Lei, Warn;
    /// By GLEIF the LEI is that of an entity of another country.
    LeiCountryMismatch = "lei.country_mismatch", Lei, Warn;
    /// Renewal missed.
    LeiLapsed = "lei.lapsed", Lei, Warn;
    /// Handed to another issuer.
    LeiTransferred = "lei.transferred", Lei, Warn;
    /// Not yet validated.
    LeiPendingValidation = "lei.pending_validation", Lei, Warn;
    /// Issued, and the day of its renewal is over.
    LeiRenewalOverdue = "lei.renewal_overdue", Lei, Warn;
    /// In good standing, issuers being changed included.
    LeiIssued = "lei.issued", Lei, Pass;
    /// None on record and none required.
    LeiNoneOnRecord = "lei.none_on_record", Lei, NotApplicable;
    /// Self-hosted: there is no legal entity.
    LeiSelfHosted = "lei.self_hosted", Lei, NotApplicable;

    /// FATF calls for countermeasures.
    JurisdictionCountermeasures = "jurisdiction.countermeasures", Jurisdiction, Fail;
    /// The rulebook says that virtual assets are banned there.
    JurisdictionBanned = "jurisdiction.banned", Jurisdiction, Fail;
    /// On the policy's own prohibited list.
    JurisdictionProhibited = "jurisdiction.prohibited", Jurisdiction, Fail;
    /// FATF calls for enhanced due diligence.
    JurisdictionCallForAction = "jurisdiction.call_for_action", Jurisdiction, Fail;
    /// The FATF lists needed are not loaded.
    JurisdictionNoListOnRecord = "jurisdiction.no_list_on_record", Jurisdiction, Unknown;
    /// A counterparty's country is not on record.
    JurisdictionCountryNotOnRecord = "jurisdiction.country_not_on_record", Jurisdiction, Unknown;
    /// Nobody whose country could be judged is known.
    JurisdictionNoCounterparty = "jurisdiction.no_counterparty", Jurisdiction, Unknown;
    /// On no list, but the rulebook does not know the country's rule.
    JurisdictionRegimeUnknown = "jurisdiction.regime_unknown", Jurisdiction, Unknown;
    /// FATF monitors it more closely.
    JurisdictionIncreasedMonitoring = "jurisdiction.increased_monitoring", Jurisdiction, Warn;
    /// High-risk third country of the EU, and the originator is in the EU.
    JurisdictionEuHighRisk = "jurisdiction.eu_high_risk", Jurisdiction, Warn;
    /// The country has several regimes and none is on record for this VASP: the strictest applies.
    JurisdictionAmbiguousRegime = "jurisdiction.ambiguous_regime", Jurisdiction, Warn;
    /// Nothing stands against the country.
    JurisdictionClear = "jurisdiction.clear", Jurisdiction, Pass;
    /// Self-hosted, and the customer's country was not given.
    JurisdictionNoCustomerCountry = "jurisdiction.no_customer_country", Jurisdiction, NotApplicable;

    /// The address is on a screening list.
    SanctionsAddressListed = "sanctions.address_listed", Sanctions, Fail;
    /// A name is on a screening list.
    SanctionsNameListed = "sanctions.name_listed", Sanctions, Fail;
    /// Persons on a screening list own half of it or more, directly or through others.
    SanctionsOwned50 = "sanctions.owned_50", Sanctions, Fail;
    /// No counterparty is known whose name could be tested, and of a self-hosted one no address.
    SanctionsNoCounterparty = "sanctions.no_counterparty", Sanctions, Unknown;
    /// A name is like one on a list that binds, or the address is one but for upper and lower case: a person has to look.
    SanctionsPossibleMatch = "sanctions.possible_match", Sanctions, Unknown;
    /// Listed persons own part of it, and who owns the rest is not known.
    SanctionsOwnershipUnclear = "sanctions.ownership_unclear", Sanctions, Unknown;
    /// A list that binds the asker's side is not loaded.
    SanctionsBindingListNotHeld = "sanctions.binding_list_not_held", Sanctions, Unknown;
    /// A list that binds the asker's side is older than the policy allows.
    SanctionsListTooOld = "sanctions.list_too_old", Sanctions, Unknown;
    /// No screening list is loaded.
    SanctionsNoListOnRecord = "sanctions.no_list_on_record", Sanctions, Unknown;
    /// On a list, or like a name on one, that does not bind the asker's side.
    SanctionsListedElsewhere = "sanctions.listed_elsewhere", Sanctions, Warn;
    /// No match, but a list that was searched is known not to be whole.
    SanctionsNoMatchOnPartialList = "sanctions.no_match_on_partial_list", Sanctions, Warn;
    /// Neither the address nor a name is on the newest lists.
    SanctionsNoMatch = "sanctions.no_match", Sanctions, Pass;

    /// It says that nobody who decides works where it is licensed, and it is in no group supervised as a whole.
    ShellVaspNoPresence = "shell_vasp.no_presence", ShellVasp, Fail;
    /// It answered on presence, for some of those who ask; the asker is not among them.
    ShellVaspPresenceNoAccess = "shell_vasp.presence_no_access", ShellVasp, Unknown;
    /// Its answer on presence is over.
    ShellVaspPresenceExpired = "shell_vasp.presence_expired", ShellVasp, Unknown;
    /// Not present where it is licensed; whether its group is supervised as a whole is not answered.
    ShellVaspGroupUnconfirmed = "shell_vasp.group_unconfirmed", ShellVasp, Unknown;
    /// Nothing on record about presence where it is licensed.
    ShellVaspPresenceNotOnRecord = "shell_vasp.presence_not_on_record", ShellVasp, Unknown;
    /// Its answer on presence is over within thirty days.
    ShellVaspPresenceExpiresSoon = "shell_vasp.presence_expires_soon", ShellVasp, Warn;
    /// Not present where it is licensed, and in a group that an authority supervises as a whole.
    ShellVaspSupervisedGroup = "shell_vasp.supervised_group", ShellVasp, Pass;
    /// Those who decide work where it is licensed.
    ShellVaspPresent = "shell_vasp.present", ShellVasp, Pass;
    /// No legal entity is known.
    ShellVaspNoCounterparty = "shell_vasp.no_counterparty", ShellVasp, Unknown;
    /// Self-hosted: there is no legal entity.
    ShellVaspSelfHosted = "shell_vasp.self_hosted", ShellVasp, NotApplicable;

    /// The certificate needed was revoked.
    CertificateRevoked = "certificate.revoked", Certificate, Fail;
    /// The certificate needed is over.
    CertificateExpired = "certificate.expired", Certificate, Fail;
    /// The certificate needed has findings that forbid its use.
    CertificateErrorFindings = "certificate.error_findings", Certificate, Fail;
    /// The certificate needed is not valid yet.
    CertificateNotYetValid = "certificate.not_yet_valid", Certificate, Fail;
    /// No certificate on record.
    CertificateNoneOnRecord = "certificate.none_on_record", Certificate, Unknown;
    /// No legal entity is known.
    CertificateNoCounterparty = "certificate.no_counterparty", Certificate, Unknown;
    /// It ends within a day.
    CertificateExpiresIn1Day = "certificate.expires_within_1_day", Certificate, Warn;
    /// It ends within seven days.
    CertificateExpiresIn7Days = "certificate.expires_within_7_days", Certificate, Warn;
    /// It ends within fourteen days.
    CertificateExpiresIn14Days = "certificate.expires_within_14_days", Certificate, Warn;
    /// It ends within thirty days.
    CertificateExpiresIn30Days = "certificate.expires_within_30_days", Certificate, Warn;
    /// It has findings that somebody should look at.
    CertificateWarningFindings = "certificate.warning_findings", Certificate, Warn;
    /// The certificates needed are good.
    CertificateValid = "certificate.valid", Certificate, Pass;
    /// The best route's protocol has no certificates per VASP.
    CertificateProtocolWithout = "certificate.protocol_without", Certificate, NotApplicable;
    /// Self-hosted: there is no legal entity.
    CertificateSelfHosted = "certificate.self_hosted", Certificate, NotApplicable;

    /// No protocol is common, and no bridge leads across.
    ProtocolNoCommon = "protocol.no_common", Protocol, Fail;
    /// A protocol is common, and none of its routes can be used now.
    ProtocolNoneUsable = "protocol.none_usable", Protocol, Fail;
    /// The counterparty can be reached; which protocols the asker speaks is not on record.
    ProtocolOursUnknown = "protocol.ours_unknown", Protocol, Unknown;
    /// No endpoint of a Travel Rule protocol on record.
    ProtocolNoneOnRecord = "protocol.none_on_record", Protocol, Unknown;
    /// No legal entity is known.
    ProtocolNoCounterparty = "protocol.no_counterparty", Protocol, Unknown;
    /// No protocol is common; a bridge leads from one of the asker's to one of the counterparty's.
    ProtocolBridgeOnly = "protocol.bridge_only", Protocol, Warn;
    /// Only a protocol of last resort is common, by the policy shipped e-mail.
    ProtocolEmailOnly = "protocol.email_only", Protocol, Warn;
    /// The best route's endpoint answers badly.
    ProtocolDegraded = "protocol.degraded", Protocol, Warn;
    /// Whether the best route's endpoint answers was not looked at lately.
    ProtocolHealthUnknown = "protocol.health_unknown", Protocol, Warn;
    /// Maintenance of the best route's endpoint begins within the hour.
    ProtocolMaintenanceSoon = "protocol.maintenance_soon", Protocol, Warn;
    /// The best route's protocol was superseded.
    ProtocolSuperseded = "protocol.superseded", Protocol, Warn;
    /// A protocol is common whose endpoints nobody can look at from outside.
    ProtocolCommonNotProbed = "protocol.common_not_probed", Protocol, Pass;
    /// A protocol is common and its endpoint answers.
    ProtocolCommon = "protocol.common", Protocol, Pass;
    /// Self-hosted: there is no legal entity.
    ProtocolSelfHosted = "protocol.self_hosted", Protocol, NotApplicable;

    /// It says that it cannot protect the data.
    DataProtectionCannotProtect = "data_protection.cannot_protect", DataProtection, Fail;
    /// It answered on data protection, for some of those who ask; the asker is not among them.
    DataProtectionNoAccess = "data_protection.no_access", DataProtection, Unknown;
    /// It did not answer every question on data protection.
    DataProtectionIncomplete = "data_protection.incomplete", DataProtection, Unknown;
    /// Its answers on data protection are over.
    DataProtectionExpired = "data_protection.expired", DataProtection, Unknown;
    /// No assessment of its data protection on record.
    DataProtectionNoAssessment = "data_protection.no_assessment", DataProtection, Unknown;
    /// It protects the data in part.
    DataProtectionPartial = "data_protection.partial", DataProtection, Warn;
    /// An answer on data protection is over within thirty days.
    DataProtectionExpiresSoon = "data_protection.expires_soon", DataProtection, Warn;
    /// It answered that it protects the data, and how.
    DataProtectionAnswered = "data_protection.answered", DataProtection, Pass;
    /// No legal entity is known.
    DataProtectionNoCounterparty = "data_protection.no_counterparty", DataProtection, Unknown;
    /// Self-hosted: there is no legal entity.
    DataProtectionSelfHosted = "data_protection.self_hosted", DataProtection, NotApplicable;

    /// A register was looked at too long ago to rely on.
    FreshnessRegisterTooOld = "freshness.register_too_old", Freshness, Unknown;
    /// A screening list is too old to rely on.
    FreshnessScreeningListTooOld = "freshness.screening_list_too_old", Freshness, Unknown;
    /// A FATF or EU list is too old to rely on.
    FreshnessJurisdictionListTooOld = "freshness.jurisdiction_list_too_old", Freshness, Unknown;
    /// The rulebook is too old to rely on.
    FreshnessRulebookTooOld = "freshness.rulebook_too_old", Freshness, Unknown;
    /// A source that a check used bears no date.
    FreshnessUndated = "freshness.undated", Freshness, Unknown;
    /// A register was looked at some time ago.
    FreshnessRegisterOld = "freshness.register_old", Freshness, Warn;
    /// A screening list is old.
    FreshnessScreeningListOld = "freshness.screening_list_old", Freshness, Warn;
    /// A FATF or EU list is old.
    FreshnessJurisdictionListOld = "freshness.jurisdiction_list_old", Freshness, Warn;
    /// The rulebook is old.
    FreshnessRulebookOld = "freshness.rulebook_old", Freshness, Warn;
    /// Every source is within the policy's limits.
    FreshnessCurrent = "freshness.current", Freshness, Pass;
    /// No check used a source whose age counts.
    FreshnessNoSource = "freshness.no_source", Freshness, NotApplicable;
}

impl fmt::Display for CheckCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for CheckCode {
    type Err = CheckCodeError;
    fn from_str(text: &str) -> Result<Self, CheckCodeError> {
        let wrong = || CheckCodeError(text.chars().take(60).collect());
        Self::ALL.iter().copied().find(|code| code.as_str() == text).ok_or_else(wrong)
    }
}

serde_as_text!(CheckCode);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_begins_with_its_check_and_reads_back() {
        for code in CheckCode::ALL {
            assert_eq!(code.as_str().split('.').next(), Some(code.check().to_string().as_str()), "{code}");
            assert_eq!(code.as_str().parse::<CheckCode>(), Ok(*code));
        }
        assert!("licence.revoked".parse::<CheckCode>().is_err());
    }
}
