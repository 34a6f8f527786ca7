//! The closed list of codes of checks. A code belongs to one check and means one outcome, so that a policy reads line by line.

mod meaning;
mod relationships;

use super::{CheckName, CheckOutcome};
use relationships::and_those_of_relationships;
use vasp_words::closed_list::closed_list;

and_those_of_relationships! {
    /// Claims of several parties disagree.
    AttributionConflicted = "attribution.conflicted" => (CheckName::Attribution, CheckOutcome::Fail),
    /// The network was not given and the address has owners on several readings.
    AttributionAmbiguous = "attribution.ambiguous" => (CheckName::Attribution, CheckOutcome::Fail),
    /// The claims name another owner than the one declared.
    AttributionDeclaredMismatch = "attribution.declared_mismatch" => (CheckName::Attribution, CheckOutcome::Fail),
    /// Declared self-hosted, but claims name an owner.
    AttributionDeclaredSelfHostedButOwned = "attribution.declared_self_hosted_but_owned" => (CheckName::Attribution, CheckOutcome::Fail),
    /// Claims say that the address of an incoming transfer belongs to another VASP than the asker's.
    AttributionBeneficiaryMismatch = "attribution.beneficiary_mismatch" => (CheckName::Attribution, CheckOutcome::Fail),
    /// The certificate that was shown is revoked.
    AttributionCertificateRevoked = "attribution.certificate_revoked" => (CheckName::Attribution, CheckOutcome::Fail),
    /// The certificate that was shown is over.
    AttributionCertificateExpired = "attribution.certificate_expired" => (CheckName::Attribution, CheckOutcome::Fail),
    /// The certificate that was shown has findings that forbid its use.
    AttributionCertificateFaulty = "attribution.certificate_faulty" => (CheckName::Attribution, CheckOutcome::Fail),
    /// The certificate that was shown is not valid yet.
    AttributionCertificateNotYetValid = "attribution.certificate_not_yet_valid" => (CheckName::Attribution, CheckOutcome::Fail),
    /// Nobody published the certificate that was shown.
    AttributionCertificateUnknown = "attribution.certificate_unknown" => (CheckName::Attribution, CheckOutcome::Unknown),
    /// Nobody published a certificate with the common name that was shown.
    AttributionCommonNameUnknown = "attribution.common_name_unknown" => (CheckName::Attribution, CheckOutcome::Unknown),
    /// A certificate with the common name is published, and nobody but its bearer stands for the name.
    AttributionCommonNameUnproven = "attribution.common_name_unproven" => (CheckName::Attribution, CheckOutcome::Unknown),
    /// Nobody known owns the address and nothing was declared.
    AttributionNotFound = "attribution.not_found" => (CheckName::Attribution, CheckOutcome::Unknown),
    /// An owner is known, by weaker claims than the policy asks for at this worth.
    AttributionBelowMinimumStrength = "attribution.below_minimum_strength" => (CheckName::Attribution, CheckOutcome::Unknown),
    /// Only a jurisdiction was asked about.
    AttributionNoCounterparty = "attribution.no_counterparty" => (CheckName::Attribution, CheckOutcome::Unknown),
    /// Only rows that name the family of networks, not this one, name the owner.
    AttributionFamilyOnly = "attribution.family_only" => (CheckName::Attribution, CheckOutcome::Warn),
    /// A row that names the family names another party than the exact claims.
    AttributionFamilyDisagrees = "attribution.family_disagrees" => (CheckName::Attribution, CheckOutcome::Warn),
    /// Only the declaration names the VASP.
    AttributionDeclaredUnconfirmed = "attribution.declared_unconfirmed" => (CheckName::Attribution, CheckOutcome::Warn),
    /// Declared self-hosted, and no claim says otherwise.
    AttributionSelfHostedUnconfirmed = "attribution.self_hosted_unconfirmed" => (CheckName::Attribution, CheckOutcome::Warn),
    /// Another party claims the address of an incoming transfer beside the asker.
    AttributionBeneficiaryDisputed = "attribution.beneficiary_disputed" => (CheckName::Attribution, CheckOutcome::Warn),
    /// The asker has no VASP here, so the address of an incoming transfer cannot be told its own.
    AttributionBeneficiaryUnconfirmed = "attribution.beneficiary_unconfirmed" => (CheckName::Attribution, CheckOutcome::Warn),
    /// Declared self-hosted, and a signature by the address's key came with the question.
    AttributionSelfHostedProven = "attribution.self_hosted_proven" => (CheckName::Attribution, CheckOutcome::Pass),
    /// The counterparty is the asker's own legal entity.
    AttributionSameEntity = "attribution.same_entity" => (CheckName::Attribution, CheckOutcome::Pass),
    /// An exact claim, third-party data with a source.
    AttributionAttributed = "attribution.attributed" => (CheckName::Attribution, CheckOutcome::Pass),
    /// An exact claim by a verified member.
    AttributionAttested = "attribution.attested" => (CheckName::Attribution, CheckOutcome::Pass),
    /// An exact claim whose key signed the registry's challenge.
    AttributionProven = "attribution.proven" => (CheckName::Attribution, CheckOutcome::Pass),
    /// The VASP published a good certificate with the common name that was shown.
    AttributionCommonNamePublished = "attribution.common_name_published" => (CheckName::Attribution, CheckOutcome::Pass),
    /// The VASP published exactly the certificate that was shown, and it is good.
    AttributionCertificatePublished = "attribution.certificate_published" => (CheckName::Attribution, CheckOutcome::Pass),
    /// The counterparty was named, no address was asked about.
    AttributionVaspNamed = "attribution.vasp_named" => (CheckName::Attribution, CheckOutcome::NotApplicable),

    /// The registry revoked the VASP.
    IdentityRevoked = "identity.revoked" => (CheckName::Identity, CheckOutcome::Fail),
    /// A mixer.
    IdentityMixer = "identity.mixer" => (CheckName::Identity, CheckOutcome::Fail),
    /// A darknet market.
    IdentityDarknet = "identity.darknet" => (CheckName::Identity, CheckOutcome::Fail),
    /// A scam.
    IdentityScam = "identity.scam" => (CheckName::Identity, CheckOutcome::Fail),
    /// The registry suspended the VASP.
    IdentitySuspended = "identity.suspended" => (CheckName::Identity, CheckOutcome::Fail),
    /// The registry did not accept the VASP.
    IdentityRejected = "identity.rejected" => (CheckName::Identity, CheckOutcome::Fail),
    /// The VASP withdrew from the registry.
    IdentityWithdrawn = "identity.withdrawn" => (CheckName::Identity, CheckOutcome::Fail),
    /// The brand is no longer used.
    IdentityRetired = "identity.retired" => (CheckName::Identity, CheckOutcome::Fail),
    /// A provider that ended.
    IdentityDefunct = "identity.defunct" => (CheckName::Identity, CheckOutcome::Fail),
    /// Handed in or being written; nobody verified it yet.
    IdentityUnderReview = "identity.under_review" => (CheckName::Identity, CheckOutcome::Unknown),
    /// The directory does not know the id or LEI that was named.
    IdentityUnknownVasp = "identity.unknown_vasp" => (CheckName::Identity, CheckOutcome::Unknown),
    /// A brand is known, the legal entity is not.
    IdentityGroupOnly = "identity.group_only" => (CheckName::Identity, CheckOutcome::Unknown),
    /// Several legal entities of one party claim the address.
    IdentitySeveralEntities = "identity.several_entities" => (CheckName::Identity, CheckOutcome::Unknown),
    /// No legal entity is known.
    IdentityNoCounterparty = "identity.no_counterparty" => (CheckName::Identity, CheckOutcome::Unknown),
    /// No VASP at all, such as a decentralised exchange, a bridge or a mining pool.
    IdentityNotAVasp = "identity.not_a_vasp" => (CheckName::Identity, CheckOutcome::Warn),
    /// Verified, but what stood for the name or country has expired.
    IdentityEvidenceStale = "identity.evidence_stale" => (CheckName::Identity, CheckOutcome::Warn),
    /// Known from a public register only.
    IdentityRegisterOnly = "identity.register_only" => (CheckName::Identity, CheckOutcome::Warn),
    /// Verified by two people.
    IdentityVerified = "identity.verified" => (CheckName::Identity, CheckOutcome::Pass),
    /// Self-hosted: there is no legal entity.
    IdentitySelfHosted = "identity.self_hosted" => (CheckName::Identity, CheckOutcome::NotApplicable),

    /// Taken away by the authority.
    LicenceWithdrawn = "licence.withdrawn" => (CheckName::Licence, CheckOutcome::Fail),
    /// On an authority's list of providers that offer crypto-asset services without being allowed to.
    LicenceNonCompliantList = "licence.non_compliant_list" => (CheckName::Licence, CheckOutcome::Fail),
    /// Suspended by the authority.
    LicenceSuspended = "licence.suspended" => (CheckName::Licence, CheckOutcome::Fail),
    /// Past its published end date.
    LicenceEnded = "licence.ended" => (CheckName::Licence, CheckOutcome::Fail),
    /// Starts later.
    LicenceNotYetInForce = "licence.not_yet_in_force" => (CheckName::Licence, CheckOutcome::Fail),
    /// In force, but only for activities in which nobody holds crypto-assets for customers.
    LicenceActivityMissing = "licence.activity_missing" => (CheckName::Licence, CheckOutcome::Fail),
    /// In force, but not notified to where the customer is.
    LicenceTerritoryMissing = "licence.territory_missing" => (CheckName::Licence, CheckOutcome::Fail),
    /// Missing from the newest look at its register; not the same as ended.
    LicenceNotListed = "licence.not_listed" => (CheckName::Licence, CheckOutcome::Unknown),
    /// In force when its register was last seen, which is too long ago to rely on.
    LicenceRegisterTooOld = "licence.register_too_old" => (CheckName::Licence, CheckOutcome::Unknown),
    /// None on record; the EU's transition may still cover the firm.
    LicenceTransitionalPossible = "licence.transitional_possible" => (CheckName::Licence, CheckOutcome::Unknown),
    /// None on record.
    LicenceNoneOnRecord = "licence.none_on_record" => (CheckName::Licence, CheckOutcome::Unknown),
    /// No legal entity is known.
    LicenceNoCounterparty = "licence.no_counterparty" => (CheckName::Licence, CheckOutcome::Unknown),
    /// One is in force, another was withdrawn.
    LicenceAnotherWithdrawn = "licence.another_withdrawn" => (CheckName::Licence, CheckOutcome::Warn),
    /// In force, but a compiled list of third parties says otherwise.
    LicenceThirdPartyContradicts = "licence.third_party_contradicts" => (CheckName::Licence, CheckOutcome::Warn),
    /// In force; the customer is where it cannot reach.
    LicenceTerritoryElsewhere = "licence.territory_elsewhere" => (CheckName::Licence, CheckOutcome::Warn),
    /// In force for an activity that may come with a transfer, though neither for custody nor for transfer.
    LicenceActivityOther = "licence.activity_other" => (CheckName::Licence, CheckOutcome::Warn),
    /// The asking organisation saw a licence itself, not long ago, and the registry knows nothing against it.
    LicenceSeenByAsker = "licence.seen_by_asker" => (CheckName::Licence, CheckOutcome::Pass),
    /// In force for custody or transfer of crypto-assets.
    LicenceInForce = "licence.in_force" => (CheckName::Licence, CheckOutcome::Pass),
    /// Self-hosted: there is no legal entity.
    LicenceSelfHosted = "licence.self_hosted" => (CheckName::Licence, CheckOutcome::NotApplicable),

    /// The LEI is void from the start.
    LeiAnnulled = "lei.annulled" => (CheckName::Lei, CheckOutcome::Fail),
    /// The LEI was issued twice for one entity.
    LeiDuplicate = "lei.duplicate" => (CheckName::Lei, CheckOutcome::Fail),
    /// The entity ceased to exist.
    LeiRetired = "lei.retired" => (CheckName::Lei, CheckOutcome::Fail),
    /// The entity was merged into another (older files).
    LeiMerged = "lei.merged" => (CheckName::Lei, CheckOutcome::Fail),
    /// The LEI was abandoned before issue.
    LeiCancelled = "lei.cancelled" => (CheckName::Lei, CheckOutcome::Fail),
    /// GLEIF does not show the entity as active.
    LeiEntityInactive = "lei.entity_inactive" => (CheckName::Lei, CheckOutcome::Fail),
    /// A regime requires one, none is on record.
    LeiRequiredNoneOnRecord = "lei.required_none_on_record" => (CheckName::Lei, CheckOutcome::Unknown),
    /// There is an LEI, GLEIF's word on it is not on record.
    LeiStatusNotOnRecord = "lei.status_not_on_record" => (CheckName::Lei, CheckOutcome::Unknown),
    /// No legal entity is known.
    LeiNoCounterparty = "lei.no_counterparty" => (CheckName::Lei, CheckOutcome::Unknown),
    /// By GLEIF the LEI is that of an entity of another name.
    LeiNameMismatch = "lei.name_mismatch" => (CheckName::Lei, CheckOutcome::Warn),
    /// By GLEIF the LEI is that of an entity of another country.
    LeiCountryMismatch = "lei.country_mismatch" => (CheckName::Lei, CheckOutcome::Warn),
    /// Renewal missed.
    LeiLapsed = "lei.lapsed" => (CheckName::Lei, CheckOutcome::Warn),
    /// Handed to another issuer.
    LeiTransferred = "lei.transferred" => (CheckName::Lei, CheckOutcome::Warn),
    /// Not yet validated.
    LeiPendingValidation = "lei.pending_validation" => (CheckName::Lei, CheckOutcome::Warn),
    /// Issued, and the day of its renewal is over.
    LeiRenewalOverdue = "lei.renewal_overdue" => (CheckName::Lei, CheckOutcome::Warn),
    /// In good standing, issuers being changed included.
    LeiIssued = "lei.issued" => (CheckName::Lei, CheckOutcome::Pass),
    /// None on record and none required.
    LeiNoneOnRecord = "lei.none_on_record" => (CheckName::Lei, CheckOutcome::NotApplicable),
    /// Self-hosted: there is no legal entity.
    LeiSelfHosted = "lei.self_hosted" => (CheckName::Lei, CheckOutcome::NotApplicable),

    /// Under an embargo by the law of the asker's jurisdiction.
    JurisdictionEmbargoed = "jurisdiction.embargoed" => (CheckName::Jurisdiction, CheckOutcome::Fail),
    /// FATF calls for countermeasures.
    JurisdictionCountermeasures = "jurisdiction.countermeasures" => (CheckName::Jurisdiction, CheckOutcome::Fail),
    /// The rulebook says that virtual assets are banned there.
    JurisdictionBanned = "jurisdiction.banned" => (CheckName::Jurisdiction, CheckOutcome::Fail),
    /// On the policy's own prohibited list.
    JurisdictionProhibited = "jurisdiction.prohibited" => (CheckName::Jurisdiction, CheckOutcome::Fail),
    /// FATF calls for enhanced due diligence.
    JurisdictionCallForAction = "jurisdiction.call_for_action" => (CheckName::Jurisdiction, CheckOutcome::Fail),
    /// The FATF lists needed are not loaded.
    JurisdictionNoListOnRecord = "jurisdiction.no_list_on_record" => (CheckName::Jurisdiction, CheckOutcome::Unknown),
    /// The lists needed are not known up to the transfer's date.
    JurisdictionListTooOld = "jurisdiction.list_too_old" => (CheckName::Jurisdiction, CheckOutcome::Unknown),
    /// A counterparty's country is not on record.
    JurisdictionCountryNotOnRecord = "jurisdiction.country_not_on_record" => (CheckName::Jurisdiction, CheckOutcome::Unknown),
    /// Nobody whose country could be judged is known.
    JurisdictionNoCounterparty = "jurisdiction.no_counterparty" => (CheckName::Jurisdiction, CheckOutcome::Unknown),
    /// The rulebook does not know the country's rule.
    JurisdictionRegimeUnknown = "jurisdiction.regime_unknown" => (CheckName::Jurisdiction, CheckOutcome::Unknown),
    /// FATF monitors it more closely.
    JurisdictionIncreasedMonitoring = "jurisdiction.increased_monitoring" => (CheckName::Jurisdiction, CheckOutcome::Warn),
    /// High-risk third country of the EU, and the originator is in the EU.
    JurisdictionEuHighRisk = "jurisdiction.eu_high_risk" => (CheckName::Jurisdiction, CheckOutcome::Warn),
    /// No Travel Rule is in force there, or not yet.
    JurisdictionRuleNotInForce = "jurisdiction.rule_not_in_force" => (CheckName::Jurisdiction, CheckOutcome::Warn),
    /// The country has several regimes and none is on record for this VASP: the strictest applies.
    JurisdictionAmbiguousRegime = "jurisdiction.ambiguous_regime" => (CheckName::Jurisdiction, CheckOutcome::Warn),
    /// Nothing stands against the country.
    JurisdictionClear = "jurisdiction.clear" => (CheckName::Jurisdiction, CheckOutcome::Pass),
    /// Self-hosted, and the customer's country was not given.
    JurisdictionNoCustomerCountry = "jurisdiction.no_customer_country" => (CheckName::Jurisdiction, CheckOutcome::NotApplicable),

    /// The address is on a screening list.
    SanctionsAddressListed = "sanctions.address_listed" => (CheckName::Sanctions, CheckOutcome::Fail),
    /// A name is on a screening list.
    SanctionsNameListed = "sanctions.name_listed" => (CheckName::Sanctions, CheckOutcome::Fail),
    /// Persons on a screening list own half of it or more, directly or through others.
    SanctionsOwned50 = "sanctions.owned_50" => (CheckName::Sanctions, CheckOutcome::Fail),
    /// No counterparty is known whose name could be tested, and of a self-hosted one no address.
    SanctionsNoCounterparty = "sanctions.no_counterparty" => (CheckName::Sanctions, CheckOutcome::Unknown),
    /// A name is like one on a list that binds, or the address is one but for upper and lower case: a person has to look.
    SanctionsPossibleMatch = "sanctions.possible_match" => (CheckName::Sanctions, CheckOutcome::Unknown),
    /// Listed persons own part of it, and who owns the rest is not known.
    SanctionsOwnershipUnclear = "sanctions.ownership_unclear" => (CheckName::Sanctions, CheckOutcome::Unknown),
    /// A list that binds the asker's side is not loaded.
    SanctionsBindingListNotHeld = "sanctions.binding_list_not_held" => (CheckName::Sanctions, CheckOutcome::Unknown),
    /// A list that binds the asker's side is older than the policy allows.
    SanctionsListTooOld = "sanctions.list_too_old" => (CheckName::Sanctions, CheckOutcome::Unknown),
    /// No screening list is loaded.
    SanctionsNoListOnRecord = "sanctions.no_list_on_record" => (CheckName::Sanctions, CheckOutcome::Unknown),
    /// On a list that does not bind the asker's side.
    SanctionsListedElsewhere = "sanctions.listed_elsewhere" => (CheckName::Sanctions, CheckOutcome::Warn),
    /// Like a name on a list that does not bind the asker's side; nobody decided yet whether it is meant.
    SanctionsPossibleMatchElsewhere = "sanctions.possible_match_elsewhere" => (CheckName::Sanctions, CheckOutcome::Warn),
    /// No match, but a list that binds is not held whole.
    SanctionsNoMatchOnPartialList = "sanctions.no_match_on_partial_list" => (CheckName::Sanctions, CheckOutcome::Warn),
    /// Neither the address nor a name is on the newest lists.
    SanctionsNoMatch = "sanctions.no_match" => (CheckName::Sanctions, CheckOutcome::Pass),
    /// A name is a little like one on a list, less than the policy has people look at.
    SanctionsFaintLikeness = "sanctions.faint_likeness" => (CheckName::Sanctions, CheckOutcome::Pass),

    /// It says that nobody who decides works where it is licensed, and it is in no group supervised as a whole.
    ShellVaspNoPresence = "shell_vasp.no_presence" => (CheckName::ShellVasp, CheckOutcome::Fail),
    /// It answered on presence, for some of those who ask; the asker is not among them.
    ShellVaspPresenceNoAccess = "shell_vasp.presence_no_access" => (CheckName::ShellVasp, CheckOutcome::Unknown),
    /// Its answer on presence is over.
    ShellVaspPresenceExpired = "shell_vasp.presence_expired" => (CheckName::ShellVasp, CheckOutcome::Unknown),
    /// Not present where it is licensed; whether its group is supervised as a whole is not answered.
    ShellVaspGroupUnconfirmed = "shell_vasp.group_unconfirmed" => (CheckName::ShellVasp, CheckOutcome::Unknown),
    /// Nothing on record about presence where it is licensed.
    ShellVaspPresenceNotOnRecord = "shell_vasp.presence_not_on_record" => (CheckName::ShellVasp, CheckOutcome::Unknown),
    /// Its answer on presence is over within thirty days.
    ShellVaspPresenceExpiresSoon = "shell_vasp.presence_expires_soon" => (CheckName::ShellVasp, CheckOutcome::Warn),
    /// Not present where it is licensed, and in a group that an authority supervises as a whole.
    ShellVaspSupervisedGroup = "shell_vasp.supervised_group" => (CheckName::ShellVasp, CheckOutcome::Pass),
    /// Those who decide work where it is licensed.
    ShellVaspPresent = "shell_vasp.present" => (CheckName::ShellVasp, CheckOutcome::Pass),
    /// No legal entity is known.
    ShellVaspNoCounterparty = "shell_vasp.no_counterparty" => (CheckName::ShellVasp, CheckOutcome::Unknown),
    /// Self-hosted: there is no legal entity.
    ShellVaspSelfHosted = "shell_vasp.self_hosted" => (CheckName::ShellVasp, CheckOutcome::NotApplicable),

    /// The certificate needed was revoked.
    CertificateRevoked = "certificate.revoked" => (CheckName::Certificate, CheckOutcome::Fail),
    /// The certificate needed is over.
    CertificateExpired = "certificate.expired" => (CheckName::Certificate, CheckOutcome::Fail),
    /// The certificate needed has findings that forbid its use.
    CertificateErrorFindings = "certificate.error_findings" => (CheckName::Certificate, CheckOutcome::Fail),
    /// The certificate needed is not valid yet.
    CertificateNotYetValid = "certificate.not_yet_valid" => (CheckName::Certificate, CheckOutcome::Fail),
    /// No certificate on record.
    CertificateNoneOnRecord = "certificate.none_on_record" => (CheckName::Certificate, CheckOutcome::Unknown),
    /// No legal entity is known.
    CertificateNoCounterparty = "certificate.no_counterparty" => (CheckName::Certificate, CheckOutcome::Unknown),
    /// It ends within a day.
    CertificateExpiresIn1Day = "certificate.expires_within_1_day" => (CheckName::Certificate, CheckOutcome::Warn),
    /// It ends within seven days.
    CertificateExpiresIn7Days = "certificate.expires_within_7_days" => (CheckName::Certificate, CheckOutcome::Warn),
    /// It ends within fourteen days.
    CertificateExpiresIn14Days = "certificate.expires_within_14_days" => (CheckName::Certificate, CheckOutcome::Warn),
    /// It ends within thirty days.
    CertificateExpiresIn30Days = "certificate.expires_within_30_days" => (CheckName::Certificate, CheckOutcome::Warn),
    /// It has findings that somebody should look at.
    CertificateWarningFindings = "certificate.warning_findings" => (CheckName::Certificate, CheckOutcome::Warn),
    /// The certificates needed are good.
    CertificateValid = "certificate.valid" => (CheckName::Certificate, CheckOutcome::Pass),
    /// The best route's protocol has no certificates per VASP.
    CertificateProtocolWithout = "certificate.protocol_without" => (CheckName::Certificate, CheckOutcome::NotApplicable),
    /// Self-hosted: there is no legal entity.
    CertificateSelfHosted = "certificate.self_hosted" => (CheckName::Certificate, CheckOutcome::NotApplicable),

    /// No protocol is common, and no bridge leads across.
    ProtocolNoCommon = "protocol.no_common" => (CheckName::Protocol, CheckOutcome::Fail),
    /// A protocol is common, and none of its routes can be used now.
    ProtocolNoneUsable = "protocol.none_usable" => (CheckName::Protocol, CheckOutcome::Fail),
    /// The counterparty can be reached; which protocols the asker speaks is not on record.
    ProtocolOursUnknown = "protocol.ours_unknown" => (CheckName::Protocol, CheckOutcome::Unknown),
    /// No endpoint of a Travel Rule protocol on record.
    ProtocolNoneOnRecord = "protocol.none_on_record" => (CheckName::Protocol, CheckOutcome::Unknown),
    /// No legal entity is known.
    ProtocolNoCounterparty = "protocol.no_counterparty" => (CheckName::Protocol, CheckOutcome::Unknown),
    /// No protocol is common; a bridge leads from one of the asker's to one of the counterparty's.
    ProtocolBridgeOnly = "protocol.bridge_only" => (CheckName::Protocol, CheckOutcome::Warn),
    /// Only a protocol of last resort is common, by the policy shipped e-mail.
    ProtocolEmailOnly = "protocol.email_only" => (CheckName::Protocol, CheckOutcome::Warn),
    /// The best route's endpoint answers badly.
    ProtocolDegraded = "protocol.degraded" => (CheckName::Protocol, CheckOutcome::Warn),
    /// Whether the best route's endpoint answers was not looked at lately.
    ProtocolHealthUnknown = "protocol.health_unknown" => (CheckName::Protocol, CheckOutcome::Warn),
    /// Maintenance of the best route's endpoint begins within the hour.
    ProtocolMaintenanceSoon = "protocol.maintenance_soon" => (CheckName::Protocol, CheckOutcome::Warn),
    /// The best route's protocol was superseded.
    ProtocolSuperseded = "protocol.superseded" => (CheckName::Protocol, CheckOutcome::Warn),
    /// The asking organisation agreed with the counterparty on a way to exchange data; the registry knows no usable one.
    ProtocolByRelationship = "protocol.by_relationship" => (CheckName::Protocol, CheckOutcome::Pass),
    /// A protocol is common whose endpoints nobody can look at from outside.
    ProtocolCommonNotProbed = "protocol.common_not_probed" => (CheckName::Protocol, CheckOutcome::Pass),
    /// A protocol is common and its endpoint answers.
    ProtocolCommon = "protocol.common" => (CheckName::Protocol, CheckOutcome::Pass),
    /// Self-hosted: there is no legal entity.
    ProtocolSelfHosted = "protocol.self_hosted" => (CheckName::Protocol, CheckOutcome::NotApplicable),
    /// It is the asker itself: nothing is sent.
    ProtocolSameEntity = "protocol.same_entity" => (CheckName::Protocol, CheckOutcome::NotApplicable),

    /// It says that it cannot protect the data.
    DataProtectionCannotProtect = "data_protection.cannot_protect" => (CheckName::DataProtection, CheckOutcome::Fail),
    /// It answered on data protection, for some of those who ask; the asker is not among them.
    DataProtectionNoAccess = "data_protection.no_access" => (CheckName::DataProtection, CheckOutcome::Unknown),
    /// It did not answer every question on data protection.
    DataProtectionIncomplete = "data_protection.incomplete" => (CheckName::DataProtection, CheckOutcome::Unknown),
    /// Its answers on data protection are over.
    DataProtectionExpired = "data_protection.expired" => (CheckName::DataProtection, CheckOutcome::Unknown),
    /// No assessment of its data protection on record.
    DataProtectionNoAssessment = "data_protection.no_assessment" => (CheckName::DataProtection, CheckOutcome::Unknown),
    /// It protects the data in part.
    DataProtectionPartial = "data_protection.partial" => (CheckName::DataProtection, CheckOutcome::Warn),
    /// An answer on data protection is over within thirty days.
    DataProtectionExpiresSoon = "data_protection.expires_soon" => (CheckName::DataProtection, CheckOutcome::Warn),
    /// The asker is in the EEA, and the counterparty there too or in a country that the Commission found adequate (GDPR Art. 45).
    DataProtectionRegimeEquivalent = "data_protection.regime_equivalent" => (CheckName::DataProtection, CheckOutcome::Pass),
    /// It answered that it protects the data, and how.
    DataProtectionAnswered = "data_protection.answered" => (CheckName::DataProtection, CheckOutcome::Pass),
    /// No legal entity is known.
    DataProtectionNoCounterparty = "data_protection.no_counterparty" => (CheckName::DataProtection, CheckOutcome::Unknown),
    /// Self-hosted: there is no legal entity.
    DataProtectionSelfHosted = "data_protection.self_hosted" => (CheckName::DataProtection, CheckOutcome::NotApplicable),
    /// It is the asker itself: no data leave.
    DataProtectionSameEntity = "data_protection.same_entity" => (CheckName::DataProtection, CheckOutcome::NotApplicable),

    /// A register was looked at too long ago to rely on.
    FreshnessRegisterTooOld = "freshness.register_too_old" => (CheckName::Freshness, CheckOutcome::Unknown),
    /// A screening list is too old to rely on.
    FreshnessScreeningListTooOld = "freshness.screening_list_too_old" => (CheckName::Freshness, CheckOutcome::Unknown),
    /// A FATF or EU list is too old to rely on.
    FreshnessJurisdictionListTooOld = "freshness.jurisdiction_list_too_old" => (CheckName::Freshness, CheckOutcome::Unknown),
    /// The rulebook is too old to rely on.
    FreshnessRulebookTooOld = "freshness.rulebook_too_old" => (CheckName::Freshness, CheckOutcome::Unknown),
    /// A source that a check used bears no date.
    FreshnessUndated = "freshness.undated" => (CheckName::Freshness, CheckOutcome::Unknown),
    /// A register was looked at some time ago.
    FreshnessRegisterOld = "freshness.register_old" => (CheckName::Freshness, CheckOutcome::Warn),
    /// A screening list is old.
    FreshnessScreeningListOld = "freshness.screening_list_old" => (CheckName::Freshness, CheckOutcome::Warn),
    /// A FATF or EU list is old.
    FreshnessJurisdictionListOld = "freshness.jurisdiction_list_old" => (CheckName::Freshness, CheckOutcome::Warn),
    /// The rulebook is old.
    FreshnessRulebookOld = "freshness.rulebook_old" => (CheckName::Freshness, CheckOutcome::Warn),
    /// Every source is within the policy's limits.
    FreshnessCurrent = "freshness.current" => (CheckName::Freshness, CheckOutcome::Pass),
    /// No check used a source whose age counts.
    FreshnessNoSource = "freshness.no_source" => (CheckName::Freshness, CheckOutcome::NotApplicable),

    /// A proof of control came with the question and does not count.
    TransferProofNotBound = "transfer.proof_not_bound" => (CheckName::Transfer, CheckOutcome::Fail),
    /// Data are missing that a rule asks for.
    TransferDataMissing = "transfer.data_missing" => (CheckName::Transfer, CheckOutcome::Fail),
    /// A rule asks for data, and it was not said whether they are there.
    TransferDataUntold = "transfer.data_untold" => (CheckName::Transfer, CheckOutcome::Unknown),
    /// The policy names the asset as anonymity-enhanced.
    TransferAssetAnonymityEnhanced = "transfer.asset_anonymity_enhanced" => (CheckName::Transfer, CheckOutcome::Warn),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_begins_with_its_check_and_reads_back() {
        for code in CheckCode::ALL {
            assert_eq!(code.as_str().split('.').next(), Some(code.check().to_string().as_str()), "{code}");
            assert_eq!(code.as_str().parse::<CheckCode>(), Ok(code));
        }
        assert!("licence.revoked".parse::<CheckCode>().is_err());
    }
}
