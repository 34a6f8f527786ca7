//! The codes of the checks `sanctions`, `shell_vasp`, `certificate`, `protocol`, `data_protection` and `freshness`, added to the list in
//! `code.rs`.

/// Makes a list of the given codes, followed by the codes of these checks and those of `relationships`.
macro_rules! and_those_of_exchange {
    ($($others:tt)*) => {
        and_those_of_relationships! {
            $($others)*

            /// The address is on a sanctions list. Assets sent there are frozen, whichever list it is.
            SanctionsAddressListed = "sanctions.address_listed" => (CheckName::Sanctions, CheckOutcome::Fail,
                "Do not send. Freeze and report the assets that you received, and never send them back. Consider a suspicious transaction report. Do not tell the customer why."),
            /// A name, LEI or host of the counterparty is on a list that binds you, or two people decided that an entry means the
            /// counterparty.
            SanctionsNameListed = "sanctions.name_listed" => (CheckName::Sanctions, CheckOutcome::Fail,
                "Do not send. Freeze and report the assets that you received, and never send them back. Consider a suspicious transaction report. Do not tell the customer why."),
            /// Listed persons own half of the counterparty or more, directly or through others. The law treats it as listed.
            SanctionsOwned50 = "sanctions.owned_50" => (CheckName::Sanctions, CheckOutcome::Fail,
                "Do not send. Freeze and report the assets that you received. Consider a suspicious transaction report. Do not tell the customer why."),
            /// Your own law bans transactions with the counterparty, or with every provider of its country. The evidence gives the
            /// law and its first day.
            SanctionsProviderBanned = "sanctions.provider_banned" => (CheckName::Sanctions, CheckOutcome::Fail,
                "Do not send. Freeze and report the assets that you received, as your sanctions law says. Do not tell the customer why."),
            /// There was no name and no address to screen. So nothing is cleared.
            SanctionsNoCounterparty = "sanctions.no_counterparty" => (CheckName::Sanctions, CheckOutcome::Unknown,
                "Name the counterparty or the address, and ask again."),
            /// Your own law bans transactions with some of those who may be the counterparty.
            SanctionsProviderMayBeBanned = "sanctions.provider_may_be_banned" => (CheckName::Sanctions, CheckOutcome::Unknown,
                "Hold. Ask your customer in which country the account there is and which entity keeps it, and ask again."),
            /// Your own screening has a hit that nobody has cleared. You said so in the request or in the relationship.
            SanctionsAskerHit = "sanctions.asker_hit" => (CheckName::Sanctions, CheckOutcome::Unknown,
                "Hold. Decide the hit in your own system, and ask again with the outcome in `screened`. Do not tell the customer why."),
            /// A name is similar to one on a list that binds you. Or one of several entities that the counterparty may be is listed.
            /// Or the address is listed, apart from upper and lower case.
            SanctionsPossibleMatch = "sanctions.possible_match" => (CheckName::Sanctions, CheckOutcome::Unknown,
                "Hold. Two people compare the entry with the counterparty and record whether the entry means the counterparty."),
            /// Listed persons own part of the counterparty, and the owners of the rest are not known. Together it may be half.
            SanctionsOwnershipUnclear = "sanctions.ownership_unclear" => (CheckName::Sanctions, CheckOutcome::Unknown,
                "Hold. Find out who owns the rest, and have two people decide."),
            /// A list that binds you is not loaded here. So nothing was searched in it.
            SanctionsBindingListNotHeld = "sanctions.binding_list_not_held" => (CheckName::Sanctions, CheckOutcome::Unknown,
                "Search yourself the lists that the condition names under `sources`. The operator can import them."),
            /// A list that binds you is older than the policy allows. Newer entries are missing.
            SanctionsListTooOld = "sanctions.list_too_old" => (CheckName::Sanctions, CheckOutcome::Unknown,
                "Search the newest lists yourself. The operator can import them."),
            /// No sanctions list is loaded at all.
            SanctionsNoListOnRecord = "sanctions.no_list_on_record" => (CheckName::Sanctions, CheckOutcome::Unknown,
                "Search yourself the lists that the condition names under `sources`."),
            /// The counterparty is on a list that does not bind you. You may be allowed to deal with it, but you should know about
            /// the listing.
            SanctionsListedElsewhere = "sanctions.listed_elsewhere" => (CheckName::Sanctions, CheckOutcome::Warn,
                "Hold. Two people decide what the listing means for you."),
            /// A name is similar to one on a list that does not bind you. Nobody has decided yet whether the entry means the
            /// counterparty.
            SanctionsPossibleMatchElsewhere = "sanctions.possible_match_elsewhere" => (CheckName::Sanctions, CheckOutcome::Warn,
                "Nothing has to be done. Check the entry if the risk is high."),
            /// Nothing was found, but only a part of a list that binds you is loaded, or the list has an unreadable address that
            /// could be this one.
            SanctionsNoMatchOnPartialList = "sanctions.no_match_on_partial_list" => (CheckName::Sanctions, CheckOutcome::Warn,
                "Search the whole list yourself."),
            /// Nothing was found on the lists that bind you. The lists are complete and recent enough.
            SanctionsNoMatch = "sanctions.no_match" => (CheckName::Sanctions, CheckOutcome::Pass,
                "Nothing has to be done."),
            /// You searched lists that bind you yourself, and said so in the request or in the relationship. This counts as long as a list
            /// of that age would.
            SanctionsScreenedByAsker = "sanctions.screened_by_asker" => (CheckName::Sanctions, CheckOutcome::Pass,
                "Nothing has to be done. Search the lists again before that time ends."),
            /// Another entity of the counterparty's brand is on a list, or resembles an entry. It is settled that it is not the
            /// counterparty.
            SanctionsOtherEntityListed = "sanctions.other_entity_listed" => (CheckName::Sanctions, CheckOutcome::Pass,
                "Nothing has to be done. If the listed entity owns or controls the counterparty, treat both as listed."),
            /// A name is slightly similar to one on a list. The score is below the limit from which a person has to check it. In a
            /// short name, such a similarity is often chance.
            SanctionsFaintLikeness = "sanctions.faint_likeness" => (CheckName::Sanctions, CheckOutcome::Pass,
                "Nothing has to be done. Check the entry if other facts also point to a match."),

            /// The VASP says that its decision-makers do not work where it is licensed. It is in no group that an authority
            /// supervises as a whole.
            ShellVaspNoPresence = "shell_vasp.no_presence" => (CheckName::ShellVasp, CheckOutcome::Fail,
                "Do not deal with it: FATF Recommendation 13(d) forbids relationships with shell providers."),
            /// The VASP answered on its presence, but you have no access to the answer.
            ShellVaspPresenceNoAccess = "shell_vasp.presence_no_access" => (CheckName::ShellVasp, CheckOutcome::Unknown,
                "Ask the VASP for access, or find out by your own due diligence."),
            /// Its answer on its presence has expired.
            ShellVaspPresenceExpired = "shell_vasp.presence_expired" => (CheckName::ShellVasp, CheckOutcome::Unknown,
                "Ask the VASP to confirm it."),
            /// Its decision-makers do not work where it is licensed. It has not answered whether its group is supervised as a whole.
            ShellVaspGroupUnconfirmed = "shell_vasp.group_unconfirmed" => (CheckName::ShellVasp, CheckOutcome::Unknown,
                "Find out who supervises the group before you open a correspondent relationship."),
            /// Nothing is on record about its presence where it is licensed.
            ShellVaspPresenceNotOnRecord = "shell_vasp.presence_not_on_record" => (CheckName::ShellVasp, CheckOutcome::Unknown,
                "Find out by your due diligence. For a correspondent relationship, do this first."),
            /// Its answer on its presence expires within thirty days.
            ShellVaspPresenceExpiresSoon = "shell_vasp.presence_expires_soon" => (CheckName::ShellVasp, CheckOutcome::Warn,
                "Nothing has to be done. Ask the VASP to confirm it in time."),
            /// It has no presence of its own there, but an authority supervises its group as a whole.
            ShellVaspSupervisedGroup = "shell_vasp.supervised_group" => (CheckName::ShellVasp, CheckOutcome::Pass,
                "Nothing has to be done."),
            /// Its decision-makers work where it is licensed.
            ShellVaspPresent = "shell_vasp.present" => (CheckName::ShellVasp, CheckOutcome::Pass,
                "Nothing has to be done."),
            /// The counterparty's legal entity is not known.
            ShellVaspNoCounterparty = "shell_vasp.no_counterparty" => (CheckName::ShellVasp, CheckOutcome::Unknown,
                "Another reason says why. Do what that reason requires."),
            /// The wallet is self-hosted, so there is no legal entity.
            ShellVaspSelfHosted = "shell_vasp.self_hosted" => (CheckName::ShellVasp, CheckOutcome::NotApplicable,
                "Nothing has to be done for this check."),

            /// The certificate for the route was revoked. Somebody else may have its key and could read the customers' data.
            CertificateRevoked = "certificate.revoked" => (CheckName::Certificate, CheckOutcome::Fail,
                "Send no data under it. Ask the counterparty for a valid certificate."),
            /// The certificate for the route has expired. The route cannot be used; see the check `protocol`.
            CertificateExpired = "certificate.expired" => (CheckName::Certificate, CheckOutcome::Fail,
                "Ask the counterparty for its current certificate, or use another route."),
            /// The certificate has faults that forbid its use.
            CertificateErrorFindings = "certificate.error_findings" => (CheckName::Certificate, CheckOutcome::Fail,
                "Send no data under it. Ask the counterparty for a valid certificate."),
            /// The certificate is not valid yet.
            CertificateNotYetValid = "certificate.not_yet_valid" => (CheckName::Certificate, CheckOutcome::Fail,
                "Use another route until it is valid."),
            /// The registry has no certificate of this VASP. Not every route needs one.
            CertificateNoneOnRecord = "certificate.none_on_record" => (CheckName::Certificate, CheckOutcome::Unknown,
                "Nothing has to be done unless your protocol needs it."),
            /// The counterparty's legal entity is not known.
            CertificateNoCounterparty = "certificate.no_counterparty" => (CheckName::Certificate, CheckOutcome::Unknown,
                "Another reason says why. Do what that reason requires."),
            /// The certificate expires within a day.
            CertificateExpiresIn1Day = "certificate.expires_within_1_day" => (CheckName::Certificate, CheckOutcome::Warn,
                "Nothing has to be done today. The counterparty should renew it; until then the route works."),
            /// The certificate expires within seven days.
            CertificateExpiresIn7Days = "certificate.expires_within_7_days" => (CheckName::Certificate, CheckOutcome::Warn,
                "Nothing has to be done today. The counterparty should renew it; until then the route works."),
            /// The certificate expires within fourteen days.
            CertificateExpiresIn14Days = "certificate.expires_within_14_days" => (CheckName::Certificate, CheckOutcome::Warn,
                "Nothing has to be done today. The counterparty should renew it; until then the route works."),
            /// The certificate expires within thirty days.
            CertificateExpiresIn30Days = "certificate.expires_within_30_days" => (CheckName::Certificate, CheckOutcome::Warn,
                "Nothing has to be done today. The counterparty should renew it; until then the route works."),
            /// The certificate works, but it has findings that a person should check.
            CertificateWarningFindings = "certificate.warning_findings" => (CheckName::Certificate, CheckOutcome::Warn,
                "Nothing has to be done. Your technical staff can read the findings in the record."),
            /// The certificate for the route is valid.
            CertificateValid = "certificate.valid" => (CheckName::Certificate, CheckOutcome::Pass,
                "Nothing has to be done."),
            /// The best route needs no certificate of the VASP. The network vouches for its members.
            CertificateProtocolWithout = "certificate.protocol_without" => (CheckName::Certificate, CheckOutcome::NotApplicable,
                "Nothing has to be done."),
            /// The wallet is self-hosted, so there is no legal entity.
            CertificateSelfHosted = "certificate.self_hosted" => (CheckName::Certificate, CheckOutcome::NotApplicable,
                "Nothing has to be done for this check."),

            /// You and the counterparty have no protocol in common, and no bridge connects you.
            ProtocolNoCommon = "protocol.no_common" => (CheckName::Protocol, CheckOutcome::Fail,
                "Send the data by a channel that you agree on with the counterparty, if your rule requires you to send data."),
            /// You have a protocol in common, but none of its routes works now. The detail says why.
            ProtocolNoneUsable = "protocol.none_usable" => (CheckName::Protocol, CheckOutcome::Fail,
                "Wait until a route works. Or send the data by a channel that you agree on with the counterparty, if your rule requires you to send data."),
            /// The counterparty can be reached, but the registry does not know which protocols you use.
            ProtocolOursUnknown = "protocol.ours_unknown" => (CheckName::Protocol, CheckOutcome::Unknown,
                "Publish your own endpoints, or use one of the routes if you support its protocol."),
            /// The registry has no endpoint of this VASP.
            ProtocolNoneOnRecord = "protocol.none_on_record" => (CheckName::Protocol, CheckOutcome::Unknown,
                "Send the data by a channel that you agree on with the counterparty, if your rule requires you to send data. Record an agreed route in the relationship (`terms.route`)."),
            /// The counterparty's legal entity is not known.
            ProtocolNoCounterparty = "protocol.no_counterparty" => (CheckName::Protocol, CheckOutcome::Unknown,
                "Another reason says why. Do what that reason requires."),
            /// You have no protocol in common, but a bridge connects one of your protocols to one of theirs. A third party transmits
            /// the data.
            ProtocolBridgeOnly = "protocol.bridge_only" => (CheckName::Protocol, CheckOutcome::Warn,
                "Nothing has to be done. Check that you may use the bridge for customers' data."),
            /// The only protocol in common is one of last resort; in the default policy, this is e-mail.
            ProtocolEmailOnly = "protocol.email_only" => (CheckName::Protocol, CheckOutcome::Warn,
                "Agree with the counterparty how to protect the e-mail, or agree on a better route."),
            /// The endpoint of the best route is degraded.
            ProtocolDegraded = "protocol.degraded" => (CheckName::Protocol, CheckOutcome::Warn,
                "Nothing has to be done. Expect delays, and try the next route if it fails."),
            /// The registry has not probed the endpoint of the best route recently.
            ProtocolHealthUnknown = "protocol.health_unknown" => (CheckName::Protocol, CheckOutcome::Warn,
                "Nothing has to be done."),
            /// Maintenance of the best route's endpoint begins within one hour.
            ProtocolMaintenanceSoon = "protocol.maintenance_soon" => (CheckName::Protocol, CheckOutcome::Warn,
                "Send now, or after the maintenance."),
            /// The protocol of the best route was replaced by another one.
            ProtocolSuperseded = "protocol.superseded" => (CheckName::Protocol, CheckOutcome::Warn,
                "Nothing has to be done. Plan to move to the newer protocol."),
            /// You and the counterparty agreed on a route, and you recorded it in the relationship.
            ProtocolByRelationship = "protocol.by_relationship" => (CheckName::Protocol, CheckOutcome::Pass,
                "Use that route. Nothing else has to be done."),
            /// You have a protocol in common. Its endpoints cannot be probed from outside.
            ProtocolCommonNotProbed = "protocol.common_not_probed" => (CheckName::Protocol, CheckOutcome::Pass,
                "Nothing has to be done."),
            /// You have a protocol in common, and its endpoint answers.
            ProtocolCommon = "protocol.common" => (CheckName::Protocol, CheckOutcome::Pass,
                "Nothing has to be done."),
            /// The wallet is self-hosted, so no provider receives data.
            ProtocolSelfHosted = "protocol.self_hosted" => (CheckName::Protocol, CheckOutcome::NotApplicable,
                "Nothing has to be done for this check."),
            /// Both sides are the same legal entity, so no data are sent.
            ProtocolSameEntity = "protocol.same_entity" => (CheckName::Protocol, CheckOutcome::NotApplicable,
                "Nothing has to be done for this check."),

            /// The VASP says that it cannot protect the data. Customers' data may go only to firms that can.
            DataProtectionCannotProtect = "data_protection.cannot_protect" => (CheckName::DataProtection, CheckOutcome::Fail,
                "Send no data. Choose another counterparty; some laws allow an alternative procedure."),
            /// The VASP answered on data protection, but you have no access to the answers.
            DataProtectionNoAccess = "data_protection.no_access" => (CheckName::DataProtection, CheckOutcome::Unknown,
                "Ask the VASP for access, or find out before you send data."),
            /// It did not answer every question on data protection.
            DataProtectionIncomplete = "data_protection.incomplete" => (CheckName::DataProtection, CheckOutcome::Unknown,
                "Ask it for the missing answers before you send data."),
            /// Its answers on data protection have expired.
            DataProtectionExpired = "data_protection.expired" => (CheckName::DataProtection, CheckOutcome::Unknown,
                "Ask it to confirm them before you send data."),
            /// Nothing is on record about how it protects data.
            DataProtectionNoAssessment = "data_protection.no_assessment" => (CheckName::DataProtection, CheckOutcome::Unknown,
                "Find out how it protects the data before you send them, and record the decision."),
            /// According to its own answers, it protects the data only in part.
            DataProtectionPartial = "data_protection.partial" => (CheckName::DataProtection, CheckOutcome::Warn,
                "Agree with it how the rest is protected before you send data."),
            /// An answer on data protection expires within thirty days.
            DataProtectionExpiresSoon = "data_protection.expires_soon" => (CheckName::DataProtection, CheckOutcome::Warn,
                "Nothing has to be done. Ask the VASP to confirm it in time."),
            /// You are in the EEA. The counterparty is also in the EEA, or in a country with an adequacy decision of the EU. So both
            /// data protection laws count as equivalent.
            DataProtectionRegimeEquivalent = "data_protection.regime_equivalent" => (CheckName::DataProtection, CheckOutcome::Pass,
                "Nothing has to be done for this check."),
            /// It answered that it protects the data, and how.
            DataProtectionAnswered = "data_protection.answered" => (CheckName::DataProtection, CheckOutcome::Pass,
                "Nothing has to be done."),
            /// The counterparty's legal entity is not known.
            DataProtectionNoCounterparty = "data_protection.no_counterparty" => (CheckName::DataProtection, CheckOutcome::Unknown,
                "Another reason says why. Do what that reason requires."),
            /// The wallet is self-hosted, so no provider receives data.
            DataProtectionSelfHosted = "data_protection.self_hosted" => (CheckName::DataProtection, CheckOutcome::NotApplicable,
                "Nothing has to be done for this check."),
            /// Both sides are the same legal entity, so no data are sent.
            DataProtectionSameEntity = "data_protection.same_entity" => (CheckName::DataProtection, CheckOutcome::NotApplicable,
                "Nothing has to be done for this check."),

            /// The last check of a register is too old to rely on. The check `licence` reports the same.
            FreshnessRegisterTooOld = "freshness.register_too_old" => (CheckName::Freshness, CheckOutcome::Unknown,
                "The operator imports the newest register. Until then, look up the licence yourself."),
            /// A sanctions list is too old to rely on. The check `sanctions` says what follows.
            FreshnessScreeningListTooOld = "freshness.screening_list_too_old" => (CheckName::Freshness, CheckOutcome::Unknown,
                "The operator imports the newest list. Until then, search it yourself."),
            /// A list of FATF or the EU is too old to rely on. The check `jurisdiction` says what follows.
            FreshnessJurisdictionListTooOld = "freshness.jurisdiction_list_too_old" => (CheckName::Freshness, CheckOutcome::Unknown,
                "The operator imports the newest list. Until then, look up the country yourself."),
            /// The rulebook is too old to rely on. The law may have changed since.
            FreshnessRulebookTooOld = "freshness.rulebook_too_old" => (CheckName::Freshness, CheckOutcome::Unknown,
                "Look up whether the Travel Rule of your jurisdiction has changed. The operator imports a newer rulebook."),
            /// A source that a check used has no date. So its age is not known.
            FreshnessUndated = "freshness.undated" => (CheckName::Freshness, CheckOutcome::Unknown,
                "Check the evidence, and the source if you rely on it."),
            /// The last check of a register was some time ago, but within the limit.
            FreshnessRegisterOld = "freshness.register_old" => (CheckName::Freshness, CheckOutcome::Warn,
                "Nothing has to be done. The operator should import the newest one."),
            /// A sanctions list is some days old, but within the limit.
            FreshnessScreeningListOld = "freshness.screening_list_old" => (CheckName::Freshness, CheckOutcome::Warn,
                "Nothing has to be done. The operator should import the newest one."),
            /// A list of FATF or the EU is some months old, but within the limit.
            FreshnessJurisdictionListOld = "freshness.jurisdiction_list_old" => (CheckName::Freshness, CheckOutcome::Warn,
                "Nothing has to be done. The operator should import the newest one."),
            /// The rulebook is about a year old, but within the limit.
            FreshnessRulebookOld = "freshness.rulebook_old" => (CheckName::Freshness, CheckOutcome::Warn,
                "Nothing has to be done. The operator should import a newer one."),
            /// The policy has no age limits, so data of any age count as current. The demonstration's policy is like that.
            FreshnessAgeLimitsLifted = "freshness.age_limits_lifted" => (CheckName::Freshness, CheckOutcome::Warn,
                "Never rely on such an answer for a real transfer. Use a policy with age limits."),
            /// Every source is within the policy's age limits.
            FreshnessCurrent = "freshness.current" => (CheckName::Freshness, CheckOutcome::Pass,
                "Nothing has to be done."),
            /// No check used a source that has an age limit.
            FreshnessNoSource = "freshness.no_source" => (CheckName::Freshness, CheckOutcome::NotApplicable,
                "Nothing has to be done."),
        }
    };
}
pub(super) use and_those_of_exchange;
