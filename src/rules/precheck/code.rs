//! The closed list of codes that the checks give. Each code belongs to one check and means one outcome.
//! A policy can therefore have one line per code.

mod exchange;
mod meaning;
mod relationships;

use super::{CheckName, CheckOutcome};
use exchange::and_those_of_exchange;
use relationships::and_those_of_relationships;
use vasp_words::closed_list::closed_list;

and_those_of_exchange! {
    /// Claims of several parties on this address disagree. It is not known which of them would receive the data and the
    /// assets.
    AttributionConflicted = "attribution.conflicted" => (CheckName::Attribution, CheckOutcome::Fail,
        "Do not send. Have the customer check the address. Ask the counterparty whether the address is its own. The registry opens a case for its reviewers."),
    /// Another party proved the address's key, and you may not see that claim. The answer names nobody.
    AttributionHiddenProof = "attribution.hidden_proof" => (CheckName::Attribution, CheckOutcome::Fail,
        "Do not send. Ask the counterparty to prove the address in the registry."),
    /// Another party proved the address's key, and its proof ended less than 90 days ago.
    AttributionRecentlyProven = "attribution.recently_proven" => (CheckName::Attribution, CheckOutcome::Fail,
        "Do not send. Have the customer check the address. The counterparty can prove it in the registry."),
    /// An older claim of another party ended while this one contradicted it. Nobody has decided which of them is right: time
    /// does not.
    AttributionUnsettledEnd = "attribution.unsettled_end" => (CheckName::Attribution, CheckOutcome::Fail,
        "Do not send. Have the customer check the address. The counterparty can prove it, or the registry's people decide."),
    /// The network was not given, and the address has owners on several networks. Or several VASPs published the presented
    /// certificate.
    AttributionAmbiguous = "attribution.ambiguous" => (CheckName::Attribution, CheckOutcome::Fail,
        "Ask again with `network`, or name the VASP by its id or LEI."),
    /// The customer names one VASP, and the claims name another. One of the two is wrong, so the data could reach the wrong
    /// firm.
    AttributionDeclaredMismatch = "attribution.declared_mismatch" => (CheckName::Attribution, CheckOutcome::Fail,
        "Have the customer check the address and the name of the provider. Ask that provider if doubt remains."),
    /// The customer says that the wallet is self-hosted, but claims say that it belongs to a VASP. You may have to send data
    /// to that VASP.
    AttributionDeclaredSelfHostedButOwned = "attribution.declared_self_hosted_but_owned" => (CheckName::Attribution, CheckOutcome::Fail,
        "Ask the customer again. If the VASP is right, ask again with `declared.vasp`."),
    /// Claims say that the address of an incoming transfer belongs to another VASP than yours.
    AttributionBeneficiaryMismatch = "attribution.beneficiary_mismatch" => (CheckName::Attribution, CheckOutcome::Fail,
        "Do not credit before you know why you received the transfer. Check the address, and dispute the claim if it is wrong."),
    /// The certificate that the sender presented is revoked. Somebody else may have its key.
    AttributionCertificateRevoked = "attribution.certificate_revoked" => (CheckName::Attribution, CheckOutcome::Fail,
        "Do not accept data under it. Ask the counterparty for its current certificate."),
    /// The certificate that the sender presented has expired, so it no longer shows who sends.
    AttributionCertificateExpired = "attribution.certificate_expired" => (CheckName::Attribution, CheckOutcome::Fail,
        "Ask the counterparty for its current certificate."),
    /// The certificate that the sender presented has faults that forbid its use.
    AttributionCertificateFaulty = "attribution.certificate_faulty" => (CheckName::Attribution, CheckOutcome::Fail,
        "Ask the counterparty for a valid certificate. Its technical staff can see the faults in its record."),
    /// The certificate that the sender presented is not valid yet.
    AttributionCertificateNotYetValid = "attribution.certificate_not_yet_valid" => (CheckName::Attribution, CheckOutcome::Fail,
        "Ask again when it is valid, or ask the counterparty for the certificate that it uses today."),
    /// Nobody published the presented certificate. So the sender is not known.
    AttributionCertificateUnknown = "attribution.certificate_unknown" => (CheckName::Attribution, CheckOutcome::Unknown,
        "Have the counterparty publish the certificate, or name the counterparty by its id or LEI."),
    /// Nobody published a certificate with this common name. So the sender is not known.
    AttributionCommonNameUnknown = "attribution.common_name_unknown" => (CheckName::Attribution, CheckOutcome::Unknown,
        "Have the counterparty publish the certificate, or name the counterparty by its id or LEI."),
    /// A certificate with this name is published, but only its owner vouches for the name. A name without proof identifies
    /// nobody.
    AttributionCommonNameUnproven = "attribution.common_name_unproven" => (CheckName::Attribution, CheckOutcome::Unknown,
        "Have the counterparty prove its domain here, or name the counterparty by its id or LEI."),
    /// No known VASP owns the address, and the customer declared nothing. This does not prove that the wallet is
    /// self-hosted.
    AttributionNotFound = "attribution.not_found" => (CheckName::Attribution, CheckOutcome::Unknown,
        "Ask the customer: does the address belong to a provider (which one?), to the customer, or to somebody else? Ask again with `declared`."),
    /// An owner is known, but the policy requires a stronger claim for this amount.
    AttributionBelowMinimumStrength = "attribution.below_minimum_strength" => (CheckName::Attribution, CheckOutcome::Unknown,
        "Have the counterparty attest or prove the address in the registry, or confirm it to you."),
    /// The request names only a jurisdiction. The answer covers the place, but no firm and no address.
    AttributionNoCounterparty = "attribution.no_counterparty" => (CheckName::Attribution, CheckOutcome::Unknown,
        "Ask again with the counterparty or its address before you send."),
    /// Claims name the owner for a family of networks, not for this network. The same address may have another owner on a
    /// related network.
    AttributionFamilyOnly = "attribution.family_only" => (CheckName::Attribution, CheckOutcome::Warn,
        "Have the counterparty confirm the address on this network."),
    /// The party proved the address's key on another network, where the same key acts. It
    /// may not credit transfers on this network.
    AttributionClassOnly = "attribution.class_only" => (CheckName::Attribution, CheckOutcome::Warn,
        "Have the counterparty confirm that it credits the address on this network."),
    /// Claims on this network name one party, and a claim for the whole family of networks names another. The claims on this
    /// network decide.
    AttributionFamilyDisagrees = "attribution.family_disagrees" => (CheckName::Attribution, CheckOutcome::Warn,
        "Nothing has to be done for this transfer. Tell the registry if you know which is right."),
    /// Only the customer's declaration names the VASP. No claim confirms that the address is its own.
    AttributionDeclaredUnconfirmed = "attribution.declared_unconfirmed" => (CheckName::Attribution, CheckOutcome::Warn,
        "Have the VASP confirm the address before you send assets."),
    /// The customer says that the wallet is self-hosted. Nothing contradicts it, and nothing proves it.
    AttributionSelfHostedUnconfirmed = "attribution.self_hosted_unconfirmed" => (CheckName::Attribution, CheckOutcome::Warn,
        "If it is the customer's own wallet, have the customer prove control if a condition requires it. If it is another person's wallet, find out and record who that person is."),
    /// Both you and another party claim the address of an incoming transfer.
    AttributionBeneficiaryDisputed = "attribution.beneficiary_disputed" => (CheckName::Attribution, CheckOutcome::Warn,
        "Confirm to the sender that the address is yours, and dispute the other claim."),
    /// Your credentials have no VASP here. So the registry cannot confirm that the address is yours.
    AttributionBeneficiaryUnconfirmed = "attribution.beneficiary_unconfirmed" => (CheckName::Attribution, CheckOutcome::Warn,
        "Check in your own books that the address is yours before you credit."),
    /// A proof in the request shows who controls the self-hosted wallet. It is recorded with the pre-check.
    AttributionSelfHostedProven = "attribution.self_hosted_proven" => (CheckName::Attribution, CheckOutcome::Pass,
        "Keep the proof with your own records. If the wallet is somebody else's, still find out and record whose it is."),
    /// Both sides are the same legal entity. You send no data to yourself, but your rule still requires you to keep them.
    AttributionSameEntity = "attribution.same_entity" => (CheckName::Attribution, CheckOutcome::Pass,
        "Keep the data of the transfer as your rule requires. Send nothing."),
    /// Third-party data with a source name the owner. This is the weakest kind of claim.
    AttributionAttributed = "attribution.attributed" => (CheckName::Attribution, CheckOutcome::Pass,
        "Nothing has to be done. Look at the evidence for the source."),
    /// A verified member states that the address is its own.
    AttributionAttested = "attribution.attested" => (CheckName::Attribution, CheckOutcome::Pass,
        "Nothing has to be done."),
    /// The key of the address signed the registry's challenge. This is the strongest kind of claim.
    AttributionProven = "attribution.proven" => (CheckName::Attribution, CheckOutcome::Pass,
        "Nothing has to be done."),
    /// The VASP published a valid certificate with the presented common name.
    AttributionCommonNamePublished = "attribution.common_name_published" => (CheckName::Attribution, CheckOutcome::Pass,
        "Nothing has to be done."),
    /// The VASP published exactly the presented certificate, and the certificate is valid.
    AttributionCertificatePublished = "attribution.certificate_published" => (CheckName::Attribution, CheckOutcome::Pass,
        "Nothing has to be done."),
    /// The request names the counterparty and no address. The answer clears no address.
    AttributionVaspNamed = "attribution.vasp_named" => (CheckName::Attribution, CheckOutcome::NotApplicable,
        "Ask again with the address before you send."),

    /// Two people of the registry decided to revoke the verification of this VASP. You can no longer rely on its record.
    IdentityRevoked = "identity.revoked" => (CheckName::Identity, CheckOutcome::Fail,
        "Do not deal with it. Choose another counterparty."),
    /// The address belongs to a mixer, according to address labels in the registry. Mixers hide where assets come from.
    IdentityMixer = "identity.mixer" => (CheckName::Identity, CheckOutcome::Fail,
        "Do not transact. Consider a suspicious transaction report, and do not tell the customer why."),
    /// The address belongs to a darknet market, according to address labels in the registry.
    IdentityDarknet = "identity.darknet" => (CheckName::Identity, CheckOutcome::Fail,
        "Do not transact. Consider a suspicious transaction report, and do not tell the customer why."),
    /// The address belongs to a scam, according to address labels in the registry. The customer may be a victim.
    IdentityScam = "identity.scam" => (CheckName::Identity, CheckOutcome::Fail,
        "Do not send. Talk to the customer about fraud, and consider a report."),
    /// Authorities seized the provider. What is sent there is lost; what comes from there may be evidence. The reason is
    /// confidential.
    IdentitySeized = "identity.seized" => (CheckName::Identity, CheckOutcome::Fail,
        "Hold. Consider a suspicious transaction report, and do not tell the customer why."),
    /// The registry suspended the VASP during an investigation.
    IdentitySuspended = "identity.suspended" => (CheckName::Identity, CheckOutcome::Fail,
        "Wait for the registry's decision, or choose another counterparty."),
    /// The registry examined the VASP and did not accept it.
    IdentityRejected = "identity.rejected" => (CheckName::Identity, CheckOutcome::Fail,
        "Choose another counterparty, or ask the registry's operator about the record."),
    /// The VASP left the registry. Nobody updates its record.
    IdentityWithdrawn = "identity.withdrawn" => (CheckName::Identity, CheckOutcome::Fail,
        "Ask the VASP how it can be verified now, or choose another counterparty."),
    /// The brand is no longer used. Its addresses and names may belong to nobody or to a successor.
    IdentityRetired = "identity.retired" => (CheckName::Identity, CheckOutcome::Fail,
        "Ask the customer and the counterparty which entity it is today."),
    /// The address belongs to a service that has shut down. Assets sent there may be lost, and nobody receives the data.
    IdentityDefunct = "identity.defunct" => (CheckName::Identity, CheckOutcome::Fail,
        "Do not send. Have the customer name another address."),
    /// The record is a draft or was submitted. Nobody has verified it yet.
    IdentityUnderReview = "identity.under_review" => (CheckName::Identity, CheckOutcome::Unknown,
        "Wait for the registry's reviewers and ask again."),
    /// The directory has no record with the id or LEI in the request. Nothing is known about that firm here.
    IdentityUnknownVasp = "identity.unknown_vasp" => (CheckName::Identity, CheckOutcome::Unknown,
        "Check the id or LEI. If it is right, ask the firm to register, or do your own due diligence first."),
    /// A brand is known, but not which of its legal entities owns the address. Duties and licences belong to entities.
    IdentityGroupOnly = "identity.group_only" => (CheckName::Identity, CheckOutcome::Unknown,
        "Give the country of the account there in `customer_country`: `brand.question` asks for it, and `brand.candidates` says who it may be. Or find out which entity it is, from the customer or the counterparty, and ask again with its id."),
    /// The register of the customer's country is held whole, and shows no entity of the brand. An entity of another country
    /// may keep the account, or one without a licence.
    IdentityNoneRegisteredThere = "identity.none_registered_there" => (CheckName::Identity, CheckOutcome::Unknown,
        "Ask your customer or the counterparty which company keeps the account, and ask again with it."),
    /// Several legal entities of one party claim the address.
    IdentitySeveralEntities = "identity.several_entities" => (CheckName::Identity, CheckOutcome::Unknown,
        "Ask the counterparty which of them it is, and ask again with that id in `declared`."),
    /// The counterparty's legal entity is not known. Another check gives the reason.
    IdentityNoCounterparty = "identity.no_counterparty" => (CheckName::Identity, CheckOutcome::Unknown,
        "Do what that reason requires."),
    /// The deposit comes from the estate of a provider that ended, such as FTX. Distributions to creditors are ordinary
    /// traffic.
    IdentityEstate = "identity.estate" => (CheckName::Identity, CheckOutcome::Warn,
        "Compare the deposit with the estate's notice to your customer."),
    /// The owner of the address is not a provider, but for example a decentralised exchange, a bridge or a mining pool.
    /// Nobody there receives data.
    IdentityNotAVasp = "identity.not_a_vasp" => (CheckName::Identity, CheckOutcome::Warn,
        "Treat it as another person's self-hosted wallet: find out and record who is behind the transfer."),
    /// The VASP is verified, but the evidence for its name or country has expired.
    IdentityEvidenceStale = "identity.evidence_stale" => (CheckName::Identity, CheckOutcome::Warn,
        "Check the name and the country at their source before you send assets."),
    /// The VASP is known from a public register. Nobody verified it here.
    IdentityRegisterOnly = "identity.register_only" => (CheckName::Identity, CheckOutcome::Warn,
        "Nothing has to be done. Your own due diligence may examine more."),
    /// Two people of the registry verified the VASP.
    IdentityVerified = "identity.verified" => (CheckName::Identity, CheckOutcome::Pass,
        "Nothing has to be done."),
    /// The wallet is self-hosted, so there is no legal entity to identify.
    IdentitySelfHosted = "identity.self_hosted" => (CheckName::Identity, CheckOutcome::NotApplicable,
        "Nothing has to be done for this check."),

    /// The authority withdrew the licence. The firm may no longer offer the service under it.
    LicenceWithdrawn = "licence.withdrawn" => (CheckName::Licence, CheckOutcome::Fail,
        "Do not deal with this entity. Choose another counterparty, or another entity of its group that is licensed."),
    /// An authority's list names the firm among those that offer crypto-asset services without permission.
    LicenceNonCompliantList = "licence.non_compliant_list" => (CheckName::Licence, CheckOutcome::Fail,
        "Hold. Choose a licensed entity, or ask the firm to show that the entry is wrong."),
    /// The authority suspended the licence. The firm may not offer the service during the suspension.
    LicenceSuspended = "licence.suspended" => (CheckName::Licence, CheckOutcome::Fail,
        "Hold. Ask the firm or choose another entity."),
    /// The licence had ended on the date of the transfer.
    LicenceEnded = "licence.ended" => (CheckName::Licence, CheckOutcome::Fail,
        "Hold. Have the firm show a licence that is in force."),
    /// The licence starts after the date of the transfer.
    LicenceNotYetInForce = "licence.not_yet_in_force" => (CheckName::Licence, CheckOutcome::Fail,
        "Wait until it starts, or choose an entity that is licensed today."),
    /// The licence covers only services in which nobody holds crypto-assets for customers, such as advice.
    LicenceActivityMissing = "licence.activity_missing" => (CheckName::Licence, CheckOutcome::Fail,
        "Hold. Have the firm show a licence for custody or transfer."),
    /// The licence is in force, but it was not notified to the country where the customer is.
    LicenceTerritoryMissing = "licence.territory_missing" => (CheckName::Licence, CheckOutcome::Fail,
        "Have the firm show the notification, or choose an entity that may serve that country."),
    /// The newest version of the register no longer shows the licence. This does not mean that the licence ended.
    LicenceNotListed = "licence.not_listed" => (CheckName::Licence, CheckOutcome::Unknown,
        "Look it up in the authority's register, or have the firm show it. The operator can import the newest register."),
    /// The licence was in force when its register was last checked, but that check is too old to rely on.
    LicenceRegisterTooOld = "licence.register_too_old" => (CheckName::Licence, CheckOutcome::Unknown,
        "Look it up in the authority's register. The operator can import the newest register."),
    /// No licence is on record. Until 1 July 2026, the EU's transitional period may still cover the firm (MiCA Art. 143(3)).
    LicenceTransitionalPossible = "licence.transitional_possible" => (CheckName::Licence, CheckOutcome::Unknown,
        "Have the firm show what it relies on."),
    /// The registry has no licence of this firm on record.
    LicenceNoneOnRecord = "licence.none_on_record" => (CheckName::Licence, CheckOutcome::Unknown,
        "Have the firm show its licence, and look it up in the authority's register."),
    /// The counterparty's legal entity is not known, so no licence could be checked.
    LicenceNoCounterparty = "licence.no_counterparty" => (CheckName::Licence, CheckOutcome::Unknown,
        "Another reason says why no entity is known. Do what that reason requires."),
    /// One licence is in force, but another licence of the firm was withdrawn.
    LicenceAnotherWithdrawn = "licence.another_withdrawn" => (CheckName::Licence, CheckOutcome::Warn,
        "Check the authority's register and find out why, before you send assets."),
    /// The register shows the licence as in force, but a list compiled by third parties contradicts it.
    LicenceThirdPartyContradicts = "licence.third_party_contradicts" => (CheckName::Licence, CheckOutcome::Warn,
        "Look the licence up in the authority's register. The authority's register decides."),
    /// The licence is in force, but it cannot cover the country where the customer is.
    LicenceTerritoryElsewhere = "licence.territory_elsewhere" => (CheckName::Licence, CheckOutcome::Warn,
        "Find out by your due diligence whether the firm may serve that customer."),
    /// The licence is in force for a service that may involve transfers, but not for custody or transfer.
    LicenceActivityOther = "licence.activity_other" => (CheckName::Licence, CheckOutcome::Warn,
        "Find out by your due diligence what the firm does with this transfer."),
    /// You recorded in the relationship that you saw the licence yourself. This is valid for 120 days.
    LicenceSeenByAsker = "licence.seen_by_asker" => (CheckName::Licence, CheckOutcome::Pass,
        "Check the licence again before that time ends."),
    /// A licence for custody or transfer of crypto-assets was in force when its register was last checked.
    LicenceInForce = "licence.in_force" => (CheckName::Licence, CheckOutcome::Pass,
        "Nothing has to be done."),
    /// The wallet is self-hosted, so no licence is needed.
    LicenceSelfHosted = "licence.self_hosted" => (CheckName::Licence, CheckOutcome::NotApplicable,
        "Nothing has to be done for this check."),

    /// The LEI was never valid: it should not have been issued.
    LeiAnnulled = "lei.annulled" => (CheckName::Lei, CheckOutcome::Fail,
        "Hold. Ask the counterparty for its current LEI."),
    /// The LEI was issued twice for one entity, and this is not the valid one.
    LeiDuplicate = "lei.duplicate" => (CheckName::Lei, CheckOutcome::Fail,
        "Hold. Ask the counterparty for its current LEI."),
    /// According to GLEIF, the entity ceased to exist. The counterparty may no longer exist.
    LeiRetired = "lei.retired" => (CheckName::Lei, CheckOutcome::Fail,
        "Hold. Ask who took over its business, and ask again with that entity."),
    /// The entity was merged into another one.
    LeiMerged = "lei.merged" => (CheckName::Lei, CheckOutcome::Fail,
        "Hold. Ask for the successor's LEI, and ask again with that entity."),
    /// The LEI was cancelled before it was issued.
    LeiCancelled = "lei.cancelled" => (CheckName::Lei, CheckOutcome::Fail,
        "Hold. Ask the counterparty for its current LEI."),
    /// GLEIF does not show the entity as active.
    LeiEntityInactive = "lei.entity_inactive" => (CheckName::Lei, CheckOutcome::Fail,
        "Hold. Ask the counterparty about it, and check its national register."),
    /// A rule requires the counterparty's LEI, but the registry has none on record.
    LeiRequiredNoneOnRecord = "lei.required_none_on_record" => (CheckName::Lei, CheckOutcome::Unknown,
        "Ask the counterparty for its LEI, and look it up at GLEIF."),
    /// An LEI is on record, but the registry has no GLEIF record of it. Nothing is known against it.
    LeiStatusNotOnRecord = "lei.status_not_on_record" => (CheckName::Lei, CheckOutcome::Unknown,
        "Nothing has to be done. Look it up at GLEIF if you rely on it."),
    /// The counterparty's legal entity is not known, so no LEI could be checked.
    LeiNoCounterparty = "lei.no_counterparty" => (CheckName::Lei, CheckOutcome::Unknown,
        "Another reason says why no entity is known. Do what that reason requires."),
    /// According to GLEIF, the LEI belongs to an entity with another name. The reason may be a typing error, a former name
    /// or somebody else's LEI.
    LeiNameMismatch = "lei.name_mismatch" => (CheckName::Lei, CheckOutcome::Warn,
        "Look the LEI up at GLEIF and compare the names before you send assets."),
    /// According to GLEIF, the LEI belongs to an entity in another country.
    LeiCountryMismatch = "lei.country_mismatch" => (CheckName::Lei, CheckOutcome::Warn,
        "Look the LEI up at GLEIF and compare the countries before you send assets."),
    /// The entity missed the renewal of its LEI. The LEI still names it, but its data may be old.
    LeiLapsed = "lei.lapsed" => (CheckName::Lei, CheckOutcome::Warn,
        "Nothing has to be done. You may ask the counterparty to renew it."),
    /// The LEI was transferred to another issuer.
    LeiTransferred = "lei.transferred" => (CheckName::Lei, CheckOutcome::Warn,
        "Nothing has to be done."),
    /// The issuer has not validated the LEI yet.
    LeiPendingValidation = "lei.pending_validation" => (CheckName::Lei, CheckOutcome::Warn,
        "Nothing has to be done. Ask again later if you rely on the LEI."),
    /// The LEI is issued, but its renewal date has passed.
    LeiRenewalOverdue = "lei.renewal_overdue" => (CheckName::Lei, CheckOutcome::Warn,
        "Nothing has to be done. You may ask the counterparty to renew it."),
    /// The LEI is in good standing.
    LeiIssued = "lei.issued" => (CheckName::Lei, CheckOutcome::Pass,
        "Nothing has to be done."),
    /// No LEI is on record, and no rule requires one.
    LeiNoneOnRecord = "lei.none_on_record" => (CheckName::Lei, CheckOutcome::NotApplicable,
        "Nothing has to be done."),
    /// The wallet is self-hosted, so there is no legal entity.
    LeiSelfHosted = "lei.self_hosted" => (CheckName::Lei, CheckOutcome::NotApplicable,
        "Nothing has to be done for this check."),

    /// Your own law forbids dealings with this country. The evidence gives the source and its date.
    JurisdictionEmbargoed = "jurisdiction.embargoed" => (CheckName::Jurisdiction, CheckOutcome::Fail,
        "Do not deal with this place. Ask your sanctions officer whether a licence or an exception applies."),
    /// FATF calls on its members to apply countermeasures against this country.
    JurisdictionCountermeasures = "jurisdiction.countermeasures" => (CheckName::Jurisdiction, CheckOutcome::Fail,
        "Do not deal with this place."),
    /// According to the rulebook, virtual assets are banned there.
    JurisdictionBanned = "jurisdiction.banned" => (CheckName::Jurisdiction, CheckOutcome::Fail,
        "Do not deal with this place."),
    /// Your policy prohibits dealings with this country or regime.
    JurisdictionProhibited = "jurisdiction.prohibited" => (CheckName::Jurisdiction, CheckOutcome::Fail,
        "Do not deal with it. Only a change of the policy by two people would change the answer."),
    /// FATF calls for enhanced due diligence towards this country.
    JurisdictionCallForAction = "jurisdiction.call_for_action" => (CheckName::Jurisdiction, CheckOutcome::Fail,
        "Hold. Do enhanced due diligence on the counterparty and record the decision in the relationship."),
    /// The lists of FATF or the EU are not loaded here. So the country cannot be judged.
    JurisdictionNoListOnRecord = "jurisdiction.no_list_on_record" => (CheckName::Jurisdiction, CheckOutcome::Unknown,
        "Look the country up on FATF's lists and, in the EU, on the EU's. The operator can import them."),
    /// The lists are too old for the date of the transfer. It is not known whether the country is listed on that date.
    JurisdictionListTooOld = "jurisdiction.list_too_old" => (CheckName::Jurisdiction, CheckOutcome::Unknown,
        "Look the country up on the newest lists. The operator can import them."),
    /// The registry does not know the counterparty's country.
    JurisdictionCountryNotOnRecord = "jurisdiction.country_not_on_record" => (CheckName::Jurisdiction, CheckOutcome::Unknown,
        "Find out the country and look it up on the lists."),
    /// The counterparty is not known, or it is not known which of several parties it is. So no country could be judged.
    JurisdictionNoCounterparty = "jurisdiction.no_counterparty" => (CheckName::Jurisdiction, CheckOutcome::Unknown,
        "Another reason says why no entity is known. Do what that reason requires."),
    /// The rulebook does not know whether a Travel Rule is in force there. This does not mean that there is none.
    JurisdictionRegimeUnknown = "jurisdiction.regime_unknown" => (CheckName::Jurisdiction, CheckOutcome::Unknown,
        "Decide how you deal with a counterparty that may have no Travel Rule, and record it in the relationship."),
    /// FATF monitors the country more closely (its grey list). Dealings are allowed, but need more attention.
    JurisdictionIncreasedMonitoring = "jurisdiction.increased_monitoring" => (CheckName::Jurisdiction, CheckOutcome::Warn,
        "Take it into account in your due diligence on the counterparty."),
    /// The EU lists the country as a high-risk third country, and you are in the EU.
    JurisdictionEuHighRisk = "jurisdiction.eu_high_risk" => (CheckName::Jurisdiction, CheckOutcome::Warn,
        "Apply enhanced customer due diligence (Directive (EU) 2015/849 Art. 18a)."),
    /// No Travel Rule is in force there, not yet, or only in part (a grace period). The counterparty may be unable to
    /// process your data.
    JurisdictionRuleNotInForce = "jurisdiction.rule_not_in_force" => (CheckName::Jurisdiction, CheckOutcome::Warn,
        "Decide how you deal with such a counterparty, and record it in the relationship."),
    /// A newer version of the Travel Rule is reported, but nobody read its text. The stricter reading is applied.
    JurisdictionRuleUnread = "jurisdiction.rule_unread" => (CheckName::Jurisdiction, CheckOutcome::Warn,
        "Look the change up at its source if the transfer depends on it."),
    /// The country has several regimes, and none is on record for this VASP. The strictest one is applied.
    JurisdictionAmbiguousRegime = "jurisdiction.ambiguous_regime" => (CheckName::Jurisdiction, CheckOutcome::Warn,
        "Nothing has to be done. State the regime, such as `AE-VARA`, if you know it."),
    /// The country is on none of the lists.
    JurisdictionClear = "jurisdiction.clear" => (CheckName::Jurisdiction, CheckOutcome::Pass,
        "Nothing has to be done."),
    /// The wallet is self-hosted, and the request does not give the customer's country.
    JurisdictionNoCustomerCountry = "jurisdiction.no_customer_country" => (CheckName::Jurisdiction, CheckOutcome::NotApplicable,
        "State `customer_country` if you know it."),
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
