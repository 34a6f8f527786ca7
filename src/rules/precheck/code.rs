//! The closed list of codes that the checks give. Each code belongs to one check and means one outcome.
//! A policy can therefore have one line per code.

mod meaning;
mod relationships;

use super::{CheckName, CheckOutcome};
use relationships::and_those_of_relationships;
use vasp_words::closed_list::closed_list;

and_those_of_relationships! {
    /// Claims of several parties disagree.
    AttributionConflicted = "attribution.conflicted" => (CheckName::Attribution, CheckOutcome::Fail),
    /// The network was not given, and the address has owners on several of the possible networks.
    AttributionAmbiguous = "attribution.ambiguous" => (CheckName::Attribution, CheckOutcome::Fail),
    /// The claims name another owner than the declared one.
    AttributionDeclaredMismatch = "attribution.declared_mismatch" => (CheckName::Attribution, CheckOutcome::Fail),
    /// Declared self-hosted, but claims name an owner.
    AttributionDeclaredSelfHostedButOwned = "attribution.declared_self_hosted_but_owned" => (CheckName::Attribution, CheckOutcome::Fail),
    /// Claims say that the address of an incoming transfer belongs to a VASP other than the asker's.
    AttributionBeneficiaryMismatch = "attribution.beneficiary_mismatch" => (CheckName::Attribution, CheckOutcome::Fail),
    /// The presented certificate is revoked.
    AttributionCertificateRevoked = "attribution.certificate_revoked" => (CheckName::Attribution, CheckOutcome::Fail),
    /// The presented certificate has expired.
    AttributionCertificateExpired = "attribution.certificate_expired" => (CheckName::Attribution, CheckOutcome::Fail),
    /// The presented certificate has findings that forbid its use.
    AttributionCertificateFaulty = "attribution.certificate_faulty" => (CheckName::Attribution, CheckOutcome::Fail),
    /// The presented certificate is not valid yet.
    AttributionCertificateNotYetValid = "attribution.certificate_not_yet_valid" => (CheckName::Attribution, CheckOutcome::Fail),
    /// Nobody published the presented certificate.
    AttributionCertificateUnknown = "attribution.certificate_unknown" => (CheckName::Attribution, CheckOutcome::Unknown),
    /// Nobody published a certificate with the presented common name.
    AttributionCommonNameUnknown = "attribution.common_name_unknown" => (CheckName::Attribution, CheckOutcome::Unknown),
    /// A certificate with the presented common name is published, but only its bearer vouches for that name.
    AttributionCommonNameUnproven = "attribution.common_name_unproven" => (CheckName::Attribution, CheckOutcome::Unknown),
    /// No owner of the address is known, and nothing was declared.
    AttributionNotFound = "attribution.not_found" => (CheckName::Attribution, CheckOutcome::Unknown),
    /// An owner is known, but its claims are weaker than the policy requires for a transfer of this value.
    AttributionBelowMinimumStrength = "attribution.below_minimum_strength" => (CheckName::Attribution, CheckOutcome::Unknown),
    /// Only a jurisdiction was asked about.
    AttributionNoCounterparty = "attribution.no_counterparty" => (CheckName::Attribution, CheckOutcome::Unknown),
    /// Only claims for the whole family of networks name the owner; no claim for exactly this network does.
    AttributionFamilyOnly = "attribution.family_only" => (CheckName::Attribution, CheckOutcome::Warn),
    /// Only a proof on another network of the class names the owner: a firm may not credit every network of its key.
    AttributionClassOnly = "attribution.class_only" => (CheckName::Attribution, CheckOutcome::Warn),
    /// A claim for the whole family of networks names another party than the claims for exactly this network.
    AttributionFamilyDisagrees = "attribution.family_disagrees" => (CheckName::Attribution, CheckOutcome::Warn),
    /// Only the declaration names the VASP.
    AttributionDeclaredUnconfirmed = "attribution.declared_unconfirmed" => (CheckName::Attribution, CheckOutcome::Warn),
    /// Declared self-hosted, and no claim says otherwise.
    AttributionSelfHostedUnconfirmed = "attribution.self_hosted_unconfirmed" => (CheckName::Attribution, CheckOutcome::Warn),
    /// Another party also claims the asker's address to which an incoming transfer came.
    AttributionBeneficiaryDisputed = "attribution.beneficiary_disputed" => (CheckName::Attribution, CheckOutcome::Warn),
    /// The asker has no VASP here, so the check cannot tell whether the address of an incoming transfer is the asker's own.
    AttributionBeneficiaryUnconfirmed = "attribution.beneficiary_unconfirmed" => (CheckName::Attribution, CheckOutcome::Warn),
    /// Declared self-hosted, and the request contains a signature by the address's key.
    AttributionSelfHostedProven = "attribution.self_hosted_proven" => (CheckName::Attribution, CheckOutcome::Pass),
    /// The counterparty is the asker's own legal entity.
    AttributionSameEntity = "attribution.same_entity" => (CheckName::Attribution, CheckOutcome::Pass),
    /// Third-party data with a source attributes exactly this address to the VASP.
    AttributionAttributed = "attribution.attributed" => (CheckName::Attribution, CheckOutcome::Pass),
    /// A verified member claims exactly this address.
    AttributionAttested = "attribution.attested" => (CheckName::Attribution, CheckOutcome::Pass),
    /// A claim for exactly this address, whose key signed the registry's challenge.
    AttributionProven = "attribution.proven" => (CheckName::Attribution, CheckOutcome::Pass),
    /// The VASP published a valid certificate with the presented common name.
    AttributionCommonNamePublished = "attribution.common_name_published" => (CheckName::Attribution, CheckOutcome::Pass),
    /// The VASP published exactly the presented certificate, and the certificate is valid.
    AttributionCertificatePublished = "attribution.certificate_published" => (CheckName::Attribution, CheckOutcome::Pass),
    /// The request named the counterparty and asked about no address.
    AttributionVaspNamed = "attribution.vasp_named" => (CheckName::Attribution, CheckOutcome::NotApplicable),

    /// The registry revoked the VASP.
    IdentityRevoked = "identity.revoked" => (CheckName::Identity, CheckOutcome::Fail),
    /// The owner is a mixer.
    IdentityMixer = "identity.mixer" => (CheckName::Identity, CheckOutcome::Fail),
    /// The owner is a darknet market.
    IdentityDarknet = "identity.darknet" => (CheckName::Identity, CheckOutcome::Fail),
    /// The owner is a scam.
    IdentityScam = "identity.scam" => (CheckName::Identity, CheckOutcome::Fail),
    /// Authorities seized the provider.
    IdentitySeized = "identity.seized" => (CheckName::Identity, CheckOutcome::Fail),
    /// The registry suspended the VASP.
    IdentitySuspended = "identity.suspended" => (CheckName::Identity, CheckOutcome::Fail),
    /// The registry did not accept the VASP.
    IdentityRejected = "identity.rejected" => (CheckName::Identity, CheckOutcome::Fail),
    /// The VASP withdrew from the registry.
    IdentityWithdrawn = "identity.withdrawn" => (CheckName::Identity, CheckOutcome::Fail),
    /// The brand is no longer used.
    IdentityRetired = "identity.retired" => (CheckName::Identity, CheckOutcome::Fail),
    /// The provider no longer operates.
    IdentityDefunct = "identity.defunct" => (CheckName::Identity, CheckOutcome::Fail),
    /// The record is a draft or was submitted; nobody has verified it yet.
    IdentityUnderReview = "identity.under_review" => (CheckName::Identity, CheckOutcome::Unknown),
    /// The directory does not know the id or LEI in the request.
    IdentityUnknownVasp = "identity.unknown_vasp" => (CheckName::Identity, CheckOutcome::Unknown),
    /// The brand is known, but its legal entity is not.
    IdentityGroupOnly = "identity.group_only" => (CheckName::Identity, CheckOutcome::Unknown),
    /// The brand is known, and the register of the customer's country, held whole, shows no entity of it.
    IdentityNoneRegisteredThere = "identity.none_registered_there" => (CheckName::Identity, CheckOutcome::Unknown),
    /// Several legal entities of one party claim the address.
    IdentitySeveralEntities = "identity.several_entities" => (CheckName::Identity, CheckOutcome::Unknown),
    /// No legal entity is known.
    IdentityNoCounterparty = "identity.no_counterparty" => (CheckName::Identity, CheckOutcome::Unknown),
    /// An incoming transfer is from the estate of a provider that ended.
    IdentityEstate = "identity.estate" => (CheckName::Identity, CheckOutcome::Warn),
    /// The owner is no VASP at all, for example a decentralised exchange, a bridge or a mining pool.
    IdentityNotAVasp = "identity.not_a_vasp" => (CheckName::Identity, CheckOutcome::Warn),
    /// The VASP is verified, but the evidence for its name or country has expired.
    IdentityEvidenceStale = "identity.evidence_stale" => (CheckName::Identity, CheckOutcome::Warn),
    /// The VASP is known from a public register only.
    IdentityRegisterOnly = "identity.register_only" => (CheckName::Identity, CheckOutcome::Warn),
    /// Two people verified the VASP.
    IdentityVerified = "identity.verified" => (CheckName::Identity, CheckOutcome::Pass),
    /// Self-hosted: there is no legal entity.
    IdentitySelfHosted = "identity.self_hosted" => (CheckName::Identity, CheckOutcome::NotApplicable),

    /// The authority withdrew the licence.
    LicenceWithdrawn = "licence.withdrawn" => (CheckName::Licence, CheckOutcome::Fail),
    /// The provider is on an authority's list of providers that offer crypto-asset services without permission.
    LicenceNonCompliantList = "licence.non_compliant_list" => (CheckName::Licence, CheckOutcome::Fail),
    /// The authority suspended the licence.
    LicenceSuspended = "licence.suspended" => (CheckName::Licence, CheckOutcome::Fail),
    /// The licence is past its published end date.
    LicenceEnded = "licence.ended" => (CheckName::Licence, CheckOutcome::Fail),
    /// The licence starts after the transfer's date.
    LicenceNotYetInForce = "licence.not_yet_in_force" => (CheckName::Licence, CheckOutcome::Fail),
    /// The licence is in force, but only for activities in which nobody holds crypto-assets for customers.
    LicenceActivityMissing = "licence.activity_missing" => (CheckName::Licence, CheckOutcome::Fail),
    /// The licence is in force, but was not notified to the customer's country.
    LicenceTerritoryMissing = "licence.territory_missing" => (CheckName::Licence, CheckOutcome::Fail),
    /// The newest observation of the register does not show the licence; this does not mean that the licence ended.
    LicenceNotListed = "licence.not_listed" => (CheckName::Licence, CheckOutcome::Unknown),
    /// The licence was in force when its register was last observed, which is too long ago to rely on.
    LicenceRegisterTooOld = "licence.register_too_old" => (CheckName::Licence, CheckOutcome::Unknown),
    /// No licence is on record; a transitional period of MiCA may still cover the firm.
    LicenceTransitionalPossible = "licence.transitional_possible" => (CheckName::Licence, CheckOutcome::Unknown),
    /// No licence is on record.
    LicenceNoneOnRecord = "licence.none_on_record" => (CheckName::Licence, CheckOutcome::Unknown),
    /// No legal entity is known.
    LicenceNoCounterparty = "licence.no_counterparty" => (CheckName::Licence, CheckOutcome::Unknown),
    /// One licence is in force, but another was withdrawn.
    LicenceAnotherWithdrawn = "licence.another_withdrawn" => (CheckName::Licence, CheckOutcome::Warn),
    /// The licence is in force, but a list compiled by third parties contradicts it.
    LicenceThirdPartyContradicts = "licence.third_party_contradicts" => (CheckName::Licence, CheckOutcome::Warn),
    /// The licence is in force, but cannot cover the customer's country.
    LicenceTerritoryElsewhere = "licence.territory_elsewhere" => (CheckName::Licence, CheckOutcome::Warn),
    /// The licence is in force for an activity that may involve transfers, but not for custody or transfer.
    LicenceActivityOther = "licence.activity_other" => (CheckName::Licence, CheckOutcome::Warn),
    /// The asking organisation saw a licence itself recently, and the registry knows nothing against the licence.
    LicenceSeenByAsker = "licence.seen_by_asker" => (CheckName::Licence, CheckOutcome::Pass),
    /// The licence is in force for custody or transfer of crypto-assets.
    LicenceInForce = "licence.in_force" => (CheckName::Licence, CheckOutcome::Pass),
    /// Self-hosted: there is no legal entity.
    LicenceSelfHosted = "licence.self_hosted" => (CheckName::Licence, CheckOutcome::NotApplicable),

    /// The LEI was annulled: it was never valid.
    LeiAnnulled = "lei.annulled" => (CheckName::Lei, CheckOutcome::Fail),
    /// The LEI is a duplicate: the same entity got two.
    LeiDuplicate = "lei.duplicate" => (CheckName::Lei, CheckOutcome::Fail),
    /// The entity ceased to exist.
    LeiRetired = "lei.retired" => (CheckName::Lei, CheckOutcome::Fail),
    /// The entity merged into another one (status used in older GLEIF files).
    LeiMerged = "lei.merged" => (CheckName::Lei, CheckOutcome::Fail),
    /// The LEI was cancelled before it was issued.
    LeiCancelled = "lei.cancelled" => (CheckName::Lei, CheckOutcome::Fail),
    /// GLEIF does not show the entity as active.
    LeiEntityInactive = "lei.entity_inactive" => (CheckName::Lei, CheckOutcome::Fail),
    /// A regime requires an LEI, but none is on record.
    LeiRequiredNoneOnRecord = "lei.required_none_on_record" => (CheckName::Lei, CheckOutcome::Unknown),
    /// An LEI is on record, but GLEIF's data about it are not.
    LeiStatusNotOnRecord = "lei.status_not_on_record" => (CheckName::Lei, CheckOutcome::Unknown),
    /// No legal entity is known.
    LeiNoCounterparty = "lei.no_counterparty" => (CheckName::Lei, CheckOutcome::Unknown),
    /// According to GLEIF, the LEI belongs to an entity with another name.
    LeiNameMismatch = "lei.name_mismatch" => (CheckName::Lei, CheckOutcome::Warn),
    /// According to GLEIF, the LEI belongs to an entity in another country.
    LeiCountryMismatch = "lei.country_mismatch" => (CheckName::Lei, CheckOutcome::Warn),
    /// The LEI's renewal was missed.
    LeiLapsed = "lei.lapsed" => (CheckName::Lei, CheckOutcome::Warn),
    /// The LEI was transferred to another issuer.
    LeiTransferred = "lei.transferred" => (CheckName::Lei, CheckOutcome::Warn),
    /// The LEI is not yet validated.
    LeiPendingValidation = "lei.pending_validation" => (CheckName::Lei, CheckOutcome::Warn),
    /// The LEI is issued, but its renewal date has passed.
    LeiRenewalOverdue = "lei.renewal_overdue" => (CheckName::Lei, CheckOutcome::Warn),
    /// The LEI is in good standing; a change of issuer in progress also counts.
    LeiIssued = "lei.issued" => (CheckName::Lei, CheckOutcome::Pass),
    /// No LEI is on record, and none is required.
    LeiNoneOnRecord = "lei.none_on_record" => (CheckName::Lei, CheckOutcome::NotApplicable),
    /// Self-hosted: there is no legal entity.
    LeiSelfHosted = "lei.self_hosted" => (CheckName::Lei, CheckOutcome::NotApplicable),

    /// The country is under an embargo by the law of the asker's jurisdiction.
    JurisdictionEmbargoed = "jurisdiction.embargoed" => (CheckName::Jurisdiction, CheckOutcome::Fail),
    /// FATF calls for countermeasures.
    JurisdictionCountermeasures = "jurisdiction.countermeasures" => (CheckName::Jurisdiction, CheckOutcome::Fail),
    /// The rulebook says that virtual assets are banned there.
    JurisdictionBanned = "jurisdiction.banned" => (CheckName::Jurisdiction, CheckOutcome::Fail),
    /// The country is on the policy's own list of prohibited countries.
    JurisdictionProhibited = "jurisdiction.prohibited" => (CheckName::Jurisdiction, CheckOutcome::Fail),
    /// FATF calls for enhanced due diligence.
    JurisdictionCallForAction = "jurisdiction.call_for_action" => (CheckName::Jurisdiction, CheckOutcome::Fail),
    /// The FATF lists that the check needs are not loaded.
    JurisdictionNoListOnRecord = "jurisdiction.no_list_on_record" => (CheckName::Jurisdiction, CheckOutcome::Unknown),
    /// The lists that the check needs do not cover the transfer's date.
    JurisdictionListTooOld = "jurisdiction.list_too_old" => (CheckName::Jurisdiction, CheckOutcome::Unknown),
    /// A counterparty's country is not on record.
    JurisdictionCountryNotOnRecord = "jurisdiction.country_not_on_record" => (CheckName::Jurisdiction, CheckOutcome::Unknown),
    /// The check knows nobody whose country it could judge.
    JurisdictionNoCounterparty = "jurisdiction.no_counterparty" => (CheckName::Jurisdiction, CheckOutcome::Unknown),
    /// The rulebook does not know the country's rule.
    JurisdictionRegimeUnknown = "jurisdiction.regime_unknown" => (CheckName::Jurisdiction, CheckOutcome::Unknown),
    /// The country is under FATF's increased monitoring.
    JurisdictionIncreasedMonitoring = "jurisdiction.increased_monitoring" => (CheckName::Jurisdiction, CheckOutcome::Warn),
    /// The country is a high-risk third country of the EU, and the asker is in the EU.
    JurisdictionEuHighRisk = "jurisdiction.eu_high_risk" => (CheckName::Jurisdiction, CheckOutcome::Warn),
    /// The country has no Travel Rule, or its rule is not in force yet.
    JurisdictionRuleNotInForce = "jurisdiction.rule_not_in_force" => (CheckName::Jurisdiction, CheckOutcome::Warn),
    /// A newer version of the Travel Rule is reported, and nobody read its text yet.
    JurisdictionRuleUnread = "jurisdiction.rule_unread" => (CheckName::Jurisdiction, CheckOutcome::Warn),
    /// The country has several regimes and none is on record for this VASP: the strictest applies.
    JurisdictionAmbiguousRegime = "jurisdiction.ambiguous_regime" => (CheckName::Jurisdiction, CheckOutcome::Warn),
    /// The check found nothing against the country.
    JurisdictionClear = "jurisdiction.clear" => (CheckName::Jurisdiction, CheckOutcome::Pass),
    /// The address is self-hosted, and the request does not say the customer's country.
    JurisdictionNoCustomerCountry = "jurisdiction.no_customer_country" => (CheckName::Jurisdiction, CheckOutcome::NotApplicable),

    /// The address is on a screening list.
    SanctionsAddressListed = "sanctions.address_listed" => (CheckName::Sanctions, CheckOutcome::Fail),
    /// A name, LEI or host is on a screening list.
    SanctionsNameListed = "sanctions.name_listed" => (CheckName::Sanctions, CheckOutcome::Fail),
    /// Persons on a screening list own half of the counterparty or more, directly or through others.
    SanctionsOwned50 = "sanctions.owned_50" => (CheckName::Sanctions, CheckOutcome::Fail),
    /// The law of the asker's jurisdiction bans transactions with the counterparty, or with every provider of its country.
    SanctionsProviderBanned = "sanctions.provider_banned" => (CheckName::Sanctions, CheckOutcome::Fail),
    /// No counterparty is known whose name could be screened; or it is self-hosted and the request gives no address.
    SanctionsNoCounterparty = "sanctions.no_counterparty" => (CheckName::Sanctions, CheckOutcome::Unknown),
    /// The law of the asker's jurisdiction bans transactions with some of those who may be the counterparty.
    SanctionsProviderMayBeBanned = "sanctions.provider_may_be_banned" => (CheckName::Sanctions, CheckOutcome::Unknown),
    /// A name resembles one on a binding list, or the address differs from a listed one only in case: a person has to look.
    SanctionsPossibleMatch = "sanctions.possible_match" => (CheckName::Sanctions, CheckOutcome::Unknown),
    /// Listed persons own part of the counterparty, and the owners of the rest are not known.
    SanctionsOwnershipUnclear = "sanctions.ownership_unclear" => (CheckName::Sanctions, CheckOutcome::Unknown),
    /// A list that binds the asker's side is not loaded.
    SanctionsBindingListNotHeld = "sanctions.binding_list_not_held" => (CheckName::Sanctions, CheckOutcome::Unknown),
    /// A list that binds the asker's side is older than the policy allows.
    SanctionsListTooOld = "sanctions.list_too_old" => (CheckName::Sanctions, CheckOutcome::Unknown),
    /// No screening list is loaded.
    SanctionsNoListOnRecord = "sanctions.no_list_on_record" => (CheckName::Sanctions, CheckOutcome::Unknown),
    /// The counterparty is on a list that does not bind the asker's side.
    SanctionsListedElsewhere = "sanctions.listed_elsewhere" => (CheckName::Sanctions, CheckOutcome::Warn),
    /// A name resembles one on a list that does not bind the asker's side; nobody has decided yet whether both are the same.
    SanctionsPossibleMatchElsewhere = "sanctions.possible_match_elsewhere" => (CheckName::Sanctions, CheckOutcome::Warn),
    /// No match was found, but a binding list is loaded only in part.
    SanctionsNoMatchOnPartialList = "sanctions.no_match_on_partial_list" => (CheckName::Sanctions, CheckOutcome::Warn),
    /// Neither the address nor a name is on the newest versions of the lists.
    SanctionsNoMatch = "sanctions.no_match" => (CheckName::Sanctions, CheckOutcome::Pass),
    /// Another entity of the counterparty's brand is on a list, or resembles an entry; it is settled that it is not the counterparty.
    SanctionsOtherEntityListed = "sanctions.other_entity_listed" => (CheckName::Sanctions, CheckOutcome::Pass),
    /// A name slightly resembles one on a list; the score is below the policy's threshold for a review by people.
    SanctionsFaintLikeness = "sanctions.faint_likeness" => (CheckName::Sanctions, CheckOutcome::Pass),

    /// The VASP answered that no decision-makers work where it is licensed, and it is in no group supervised as a whole.
    ShellVaspNoPresence = "shell_vasp.no_presence" => (CheckName::ShellVasp, CheckOutcome::Fail),
    /// The VASP answered on its presence and shared the answer with some organisations, but not with the asker.
    ShellVaspPresenceNoAccess = "shell_vasp.presence_no_access" => (CheckName::ShellVasp, CheckOutcome::Unknown),
    /// The VASP's answer on its presence has expired.
    ShellVaspPresenceExpired = "shell_vasp.presence_expired" => (CheckName::ShellVasp, CheckOutcome::Unknown),
    /// The VASP is not present where it is licensed; it did not answer whether its group is supervised as a whole.
    ShellVaspGroupUnconfirmed = "shell_vasp.group_unconfirmed" => (CheckName::ShellVasp, CheckOutcome::Unknown),
    /// Nothing is on record about the VASP's presence where it is licensed.
    ShellVaspPresenceNotOnRecord = "shell_vasp.presence_not_on_record" => (CheckName::ShellVasp, CheckOutcome::Unknown),
    /// The VASP's answer on its presence expires within thirty days.
    ShellVaspPresenceExpiresSoon = "shell_vasp.presence_expires_soon" => (CheckName::ShellVasp, CheckOutcome::Warn),
    /// The VASP is not present where it is licensed, but is in a group that an authority supervises as a whole.
    ShellVaspSupervisedGroup = "shell_vasp.supervised_group" => (CheckName::ShellVasp, CheckOutcome::Pass),
    /// The VASP's decision-makers work where it is licensed.
    ShellVaspPresent = "shell_vasp.present" => (CheckName::ShellVasp, CheckOutcome::Pass),
    /// No legal entity is known.
    ShellVaspNoCounterparty = "shell_vasp.no_counterparty" => (CheckName::ShellVasp, CheckOutcome::Unknown),
    /// Self-hosted: there is no legal entity.
    ShellVaspSelfHosted = "shell_vasp.self_hosted" => (CheckName::ShellVasp, CheckOutcome::NotApplicable),

    /// The certificate that the route needs was revoked.
    CertificateRevoked = "certificate.revoked" => (CheckName::Certificate, CheckOutcome::Fail),
    /// The certificate that the route needs has expired.
    CertificateExpired = "certificate.expired" => (CheckName::Certificate, CheckOutcome::Fail),
    /// The certificate that the route needs has findings that forbid its use.
    CertificateErrorFindings = "certificate.error_findings" => (CheckName::Certificate, CheckOutcome::Fail),
    /// The certificate that the route needs is not valid yet.
    CertificateNotYetValid = "certificate.not_yet_valid" => (CheckName::Certificate, CheckOutcome::Fail),
    /// No certificate is on record.
    CertificateNoneOnRecord = "certificate.none_on_record" => (CheckName::Certificate, CheckOutcome::Unknown),
    /// No legal entity is known.
    CertificateNoCounterparty = "certificate.no_counterparty" => (CheckName::Certificate, CheckOutcome::Unknown),
    /// The certificate expires within one day.
    CertificateExpiresIn1Day = "certificate.expires_within_1_day" => (CheckName::Certificate, CheckOutcome::Warn),
    /// The certificate expires within seven days.
    CertificateExpiresIn7Days = "certificate.expires_within_7_days" => (CheckName::Certificate, CheckOutcome::Warn),
    /// The certificate expires within fourteen days.
    CertificateExpiresIn14Days = "certificate.expires_within_14_days" => (CheckName::Certificate, CheckOutcome::Warn),
    /// The certificate expires within thirty days.
    CertificateExpiresIn30Days = "certificate.expires_within_30_days" => (CheckName::Certificate, CheckOutcome::Warn),
    /// The certificate has findings that somebody should look at.
    CertificateWarningFindings = "certificate.warning_findings" => (CheckName::Certificate, CheckOutcome::Warn),
    /// The certificates that the route needs are valid.
    CertificateValid = "certificate.valid" => (CheckName::Certificate, CheckOutcome::Pass),
    /// The best route's protocol uses no certificates of single VASPs.
    CertificateProtocolWithout = "certificate.protocol_without" => (CheckName::Certificate, CheckOutcome::NotApplicable),
    /// Self-hosted: there is no legal entity.
    CertificateSelfHosted = "certificate.self_hosted" => (CheckName::Certificate, CheckOutcome::NotApplicable),

    /// Both sides have no protocol in common, and no bridge connects their protocols.
    ProtocolNoCommon = "protocol.no_common" => (CheckName::Protocol, CheckOutcome::Fail),
    /// Both sides have a protocol in common, but none of its routes can be used now.
    ProtocolNoneUsable = "protocol.none_usable" => (CheckName::Protocol, CheckOutcome::Fail),
    /// The counterparty can be reached, but the protocols that the asker speaks are not on record.
    ProtocolOursUnknown = "protocol.ours_unknown" => (CheckName::Protocol, CheckOutcome::Unknown),
    /// No endpoint of a Travel Rule protocol is on record.
    ProtocolNoneOnRecord = "protocol.none_on_record" => (CheckName::Protocol, CheckOutcome::Unknown),
    /// No legal entity is known.
    ProtocolNoCounterparty = "protocol.no_counterparty" => (CheckName::Protocol, CheckOutcome::Unknown),
    /// Both sides have no protocol in common, but a bridge leads from one of the asker's to one of the counterparty's.
    ProtocolBridgeOnly = "protocol.bridge_only" => (CheckName::Protocol, CheckOutcome::Warn),
    /// The only common protocol is one of last resort; in the default policy this is e-mail.
    ProtocolEmailOnly = "protocol.email_only" => (CheckName::Protocol, CheckOutcome::Warn),
    /// The best route's endpoint is degraded.
    ProtocolDegraded = "protocol.degraded" => (CheckName::Protocol, CheckOutcome::Warn),
    /// The best route's endpoint was not probed recently.
    ProtocolHealthUnknown = "protocol.health_unknown" => (CheckName::Protocol, CheckOutcome::Warn),
    /// Maintenance of the best route's endpoint begins within an hour.
    ProtocolMaintenanceSoon = "protocol.maintenance_soon" => (CheckName::Protocol, CheckOutcome::Warn),
    /// The best route's protocol was superseded by another.
    ProtocolSuperseded = "protocol.superseded" => (CheckName::Protocol, CheckOutcome::Warn),
    /// The asker agreed with the counterparty on a way to exchange data; the registry knows no usable route.
    ProtocolByRelationship = "protocol.by_relationship" => (CheckName::Protocol, CheckOutcome::Pass),
    /// Both sides have a protocol in common, but its endpoints cannot be probed from outside.
    ProtocolCommonNotProbed = "protocol.common_not_probed" => (CheckName::Protocol, CheckOutcome::Pass),
    /// Both sides have a protocol in common, and its endpoint answers.
    ProtocolCommon = "protocol.common" => (CheckName::Protocol, CheckOutcome::Pass),
    /// Self-hosted: there is no legal entity.
    ProtocolSelfHosted = "protocol.self_hosted" => (CheckName::Protocol, CheckOutcome::NotApplicable),
    /// The counterparty is the asker itself: nothing is sent.
    ProtocolSameEntity = "protocol.same_entity" => (CheckName::Protocol, CheckOutcome::NotApplicable),

    /// The VASP answered that it cannot protect the data.
    DataProtectionCannotProtect = "data_protection.cannot_protect" => (CheckName::DataProtection, CheckOutcome::Fail),
    /// The VASP answered on data protection and shared the answers with some organisations, but not with the asker.
    DataProtectionNoAccess = "data_protection.no_access" => (CheckName::DataProtection, CheckOutcome::Unknown),
    /// The VASP did not answer every question on data protection.
    DataProtectionIncomplete = "data_protection.incomplete" => (CheckName::DataProtection, CheckOutcome::Unknown),
    /// The VASP's answers on data protection have expired.
    DataProtectionExpired = "data_protection.expired" => (CheckName::DataProtection, CheckOutcome::Unknown),
    /// No assessment of the VASP's data protection is on record.
    DataProtectionNoAssessment = "data_protection.no_assessment" => (CheckName::DataProtection, CheckOutcome::Unknown),
    /// The VASP answered that it protects the data in part.
    DataProtectionPartial = "data_protection.partial" => (CheckName::DataProtection, CheckOutcome::Warn),
    /// An answer on data protection expires within thirty days.
    DataProtectionExpiresSoon = "data_protection.expires_soon" => (CheckName::DataProtection, CheckOutcome::Warn),
    /// The asker is in the EEA; the counterparty is there too, or in a country that the Commission found adequate (GDPR Art. 45).
    DataProtectionRegimeEquivalent = "data_protection.regime_equivalent" => (CheckName::DataProtection, CheckOutcome::Pass),
    /// The VASP answered that it protects the data, and how.
    DataProtectionAnswered = "data_protection.answered" => (CheckName::DataProtection, CheckOutcome::Pass),
    /// No legal entity is known.
    DataProtectionNoCounterparty = "data_protection.no_counterparty" => (CheckName::DataProtection, CheckOutcome::Unknown),
    /// Self-hosted: there is no legal entity.
    DataProtectionSelfHosted = "data_protection.self_hosted" => (CheckName::DataProtection, CheckOutcome::NotApplicable),
    /// The counterparty is the asker itself: no data leave.
    DataProtectionSameEntity = "data_protection.same_entity" => (CheckName::DataProtection, CheckOutcome::NotApplicable),

    /// A register was last observed too long ago to rely on.
    FreshnessRegisterTooOld = "freshness.register_too_old" => (CheckName::Freshness, CheckOutcome::Unknown),
    /// A screening list is too old to rely on.
    FreshnessScreeningListTooOld = "freshness.screening_list_too_old" => (CheckName::Freshness, CheckOutcome::Unknown),
    /// A FATF or EU list is too old to rely on.
    FreshnessJurisdictionListTooOld = "freshness.jurisdiction_list_too_old" => (CheckName::Freshness, CheckOutcome::Unknown),
    /// The rulebook is too old to rely on.
    FreshnessRulebookTooOld = "freshness.rulebook_too_old" => (CheckName::Freshness, CheckOutcome::Unknown),
    /// A source that a check used has no date.
    FreshnessUndated = "freshness.undated" => (CheckName::Freshness, CheckOutcome::Unknown),
    /// A register was last observed some time ago.
    FreshnessRegisterOld = "freshness.register_old" => (CheckName::Freshness, CheckOutcome::Warn),
    /// A screening list is old.
    FreshnessScreeningListOld = "freshness.screening_list_old" => (CheckName::Freshness, CheckOutcome::Warn),
    /// A FATF or EU list is old.
    FreshnessJurisdictionListOld = "freshness.jurisdiction_list_old" => (CheckName::Freshness, CheckOutcome::Warn),
    /// The rulebook is old.
    FreshnessRulebookOld = "freshness.rulebook_old" => (CheckName::Freshness, CheckOutcome::Warn),
    /// The policy has no age limits, so data of any age count. That is for demonstrations.
    FreshnessAgeLimitsLifted = "freshness.age_limits_lifted" => (CheckName::Freshness, CheckOutcome::Warn),
    /// Every source is within the policy's age limits.
    FreshnessCurrent = "freshness.current" => (CheckName::Freshness, CheckOutcome::Pass),
    /// No check used a source that has an age limit.
    FreshnessNoSource = "freshness.no_source" => (CheckName::Freshness, CheckOutcome::NotApplicable),
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
