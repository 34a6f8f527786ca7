//! The closed lists of values that a rulebook may use. Any other value in a file is refused; the error lists the allowed values.
//!
//! Version 1.1.0 of the form added `verification: unspecified`, `purpose: max_amount` and `kind: standard`; version 1.2.0 added `kind:
//! legal_text`, `known_through`, `unread` and `prohibited_assets`.

use vasp_words::closed_list::closed_list;

closed_list! {
    /// Whether a Travel Rule is binding on a date. `unknown` never means `none`.
    pub enum TravelRuleStatus {
        /// The virtual asset business itself is forbidden.
        Banned = "banned",
        /// It is not known whether there is a rule; this never means that there is none.
        Unknown = "unknown",
        /// The jurisdiction is known to have no Travel Rule.
        None = "none",
        /// The rule is a draft.
        Proposed = "proposed",
        /// The rule is adopted but applies only later.
        AdoptedNotInForce = "adopted_not_in_force",
        /// The rule is adopted and applies in part or softly: self-regulation, transitional deferral.
        Grace = "grace",
        /// The rule is binding.
        InForce = "in_force",
    }
    /// How sure the rulebook is.
    pub enum Confidence {
        /// The sources conflict or are thin.
        Low = "low",
        /// The source is one secondary text or an inference.
        Medium = "medium",
        /// The source is the seed or an official text, and it is unambiguous.
        High = "high",
    }
    /// How exactly the first day of a version is known. `as_of`: the source only says what applied at that time.
    pub enum DatePrecision {
        /// The source only says what applied at that time.
        AsOf = "as_of",
        /// The year is known.
        Year = "year",
        /// The month is known.
        Month = "month",
        /// The day is known.
        Day = "day",
    }
    /// Whether a transfer stays in the domestic area of a rule.
    pub enum Flow {
        /// The providers are not in the same domestic area.
        CrossBorder = "cross_border",
        /// Both providers are in the same domestic area.
        Domestic = "domestic",
    }
    /// The area that a rule treats as domestic.
    pub enum DomesticArea {
        /// None: every transfer counts as cross-border.
        NoneAllCrossBorder = "none_all_cross_border",
        /// The rule's own country.
        Country = "country",
        /// The European Union.
        Eu = "EU",
        /// The United Kingdom, the Channel Islands and the Isle of Man.
        BritishIslands = "british_islands",
    }
    /// The counterparties for which a rule is valid.
    pub enum ScopeKind {
        /// Every provider.
        All = "all",
        /// Domestic providers and those in listed countries.
        DomesticAndListed = "domestic_and_listed",
    }
    /// Whether a rule has a threshold. `zero`: the rule covers every transfer, whatever the amount.
    pub enum ThresholdKind {
        /// The rule covers every transfer, whatever the amount.
        Zero = "zero",
        /// The threshold is an amount.
        Amount = "amount",
        /// The source does not say.
        Unspecified = "unspecified",
        /// No rule exists that could have a threshold.
        NotApplicable = "not_applicable",
    }
    /// What a threshold decides.
    pub enum ThresholdPurpose {
        /// Below it, a smaller set of data is due.
        FullData = "full_data",
        /// Below it, nothing is due.
        Obligation = "obligation",
        /// Below it, the same data is due, but unverified.
        Verification = "verification",
        /// From this amount, the counterparty must be examined.
        CounterpartyDd = "counterparty_dd",
        /// From this amount, control of a self-hosted address must be verified.
        SelfHostedVerification = "self_hosted_verification",
        /// Above it, no transfer may go to a counterparty that is not authorised there.
        MaxAmount = "max_amount",
    }
    /// The flows for which a threshold is valid.
    pub enum FlowScope {
        /// Domestic and cross-border transfers.
        All = "all",
        /// Domestic transfers only.
        Domestic = "domestic",
        /// Cross-border transfers only.
        CrossBorder = "cross_border",
    }
    /// The persons whose transfers a threshold covers.
    pub enum PersonScope {
        /// Transfers of any person.
        Any = "any",
        /// Transfers of natural persons.
        Natural = "natural",
        /// Transfers of legal persons.
        Legal = "legal",
    }
    /// How an amount is compared with a threshold: at least as much, or more.
    pub enum Comparator {
        /// As much or more.
        Gte = "gte",
        /// More.
        Gt = "gt",
    }
    /// What applies below a threshold.
    pub enum BelowThreshold {
        /// The source does not say.
        Unspecified = "unspecified",
        /// The same data is due, but unverified.
        SameDataUnverified = "same_data_unverified",
        /// A smaller set of data is due.
        ReducedData = "reduced_data",
        /// Nothing is due.
        NoObligation = "no_obligation",
        /// No amount is below the threshold.
        NotApplicable = "not_applicable",
    }
    /// Whether a rule requires due diligence on the counterparty.
    pub enum DueDiligenceDuty {
        /// Not required.
        None = "none",
        /// Required depending on the risk.
        RiskBased = "risk_based",
        /// Always required.
        Required = "required",
        /// Required only when a correspondent relationship is set up.
        EnhancedForCorrespondent = "enhanced_for_correspondent",
        /// The source does not say: not established, which never means "not required".
        Unspecified = "unspecified",
    }
    /// The counterparties or transfers for which the due diligence is required.
    pub enum DueDiligenceScope {
        /// Every provider.
        All = "all",
        /// Foreign providers.
        ForeignOnly = "foreign_only",
        /// Providers outside the European Union.
        NonEuOnly = "non_eu_only",
        /// Transfers above the threshold.
        AboveThreshold = "above_threshold",
    }
    /// When the data must reach the other side.
    pub enum TimingRule {
        /// Before the transfer.
        Before = "before",
        /// With the transfer.
        Simultaneous = "simultaneous",
        /// As soon as possible.
        AsSoonAsPossible = "as_soon_as_possible",
        /// The data may follow afterwards.
        PostFactoAllowed = "post_facto_allowed",
        /// The source does not say.
        Unspecified = "unspecified",
    }
    /// The transfers that may be batched.
    pub enum BatchScope {
        /// Cross-border transfers.
        CrossBorder = "cross_border",
        /// All transfers.
        All = "all",
    }
    /// Whether data must be collected if the other side is a self-hosted address.
    pub enum DataCollection {
        /// The source does not say.
        Unspecified = "unspecified",
        /// Always required.
        Required = "required",
        /// Required depending on the risk.
        RiskBased = "risk_based",
        /// Not required.
        NotRequired = "not_required",
    }
    /// Whether control of a self-hosted address must be verified.
    pub enum Verification {
        /// The source does not say: not established, which never means "not required".
        Unspecified = "unspecified",
        /// Not required.
        None = "none",
        /// Required above a threshold.
        AboveThreshold = "above_threshold",
        /// Always required.
        Always = "always",
        /// Required depending on the risk.
        RiskBased = "risk_based",
    }
    /// Whose self-hosted addresses must be verified.
    pub enum WalletScope {
        /// The source does not say.
        Unspecified = "unspecified",
        /// All self-hosted addresses.
        All = "all",
        /// Only the customer's own addresses.
        OwnWallet = "own_wallet",
    }
    /// The methods to verify control of a self-hosted address.
    pub enum VerificationMethod {
        /// A signature by the address's key.
        CryptographicSignature = "cryptographic_signature",
        /// A small transfer of an agreed amount.
        MicroTransaction = "micro_transaction",
        /// Attribution of the address by a third party.
        AddressAttribution = "address_attribution",
        /// Blockchain analytics.
        AdvancedAnalytics = "advanced_analytics",
        /// Other technical means.
        OtherTechnical = "other_technical",
    }
    /// What the sending provider does while data is missing.
    pub enum OriginatorAction {
        /// Freezes the transfer.
        Freeze = "freeze",
        /// Does not execute the transfer.
        DoNotExecute = "do_not_execute",
        /// Holds the transfer.
        Hold = "hold",
    }
    /// What the receiving provider does, or may do, when data is missing.
    pub enum BeneficiaryAction {
        /// Restricts or ends the relationship.
        RestrictOrTerminate = "restrict_or_terminate",
        /// Rejects the transfer.
        Reject = "reject",
        /// Returns the transfer.
        Return = "return",
        /// Does not accept the transfer.
        DoNotAccept = "do_not_accept",
        /// Suspends the transfer.
        Suspend = "suspend",
        /// Withholds access to the assets from the customer.
        WithholdAccess = "withhold_access",
        /// Requests the missing information.
        RequestInformation = "request_information",
        /// Reports a suspicion.
        ReportSuspicion = "report_suspicion",
        /// Considers whether the transfer is suspicious.
        ConsiderSuspicion = "consider_suspicion",
        /// Executes the transfer.
        Execute = "execute",
    }
    /// The consequences when a counterparty fails repeatedly.
    pub enum RepeatedFailure {
        /// A warning.
        Warn = "warn",
        /// A deadline.
        SetDeadline = "set_deadline",
        /// Restriction or end of the relationship.
        RestrictOrTerminate = "restrict_or_terminate",
        /// A report to the authority.
        ReportToAuthority = "report_to_authority",
    }
    /// How counterparties without a rule of their own are treated.
    pub enum SunriseTreatment {
        /// The source does not say.
        Unspecified = "unspecified",
        /// The question does not arise.
        NotApplicable = "not_applicable",
        /// Decided depending on the risk.
        RiskBased = "risk_based",
        /// Best efforts, depending on the risk.
        BestEffortsRiskBased = "best_efforts_risk_based",
        /// The provider must have a plan.
        MustPlan = "must_plan",
        /// Transfers are allowed only with compliant counterparties.
        RestrictToCompliant = "restrict_to_compliant",
        /// Transfers are allowed only to listed countries.
        ListedCountriesOnly = "listed_countries_only",
    }
    /// The kind of a version's source.
    pub enum SourceKind {
        /// A record of the seed.
        SeedRecord = "seed_record",
        /// Other text of the seed.
        SeedText = "seed_text",
        /// A public text.
        PublicText = "public_text",
        /// A law, given by name.
        LegalReference = "legal_reference",
        /// The text of a law, read on the day `as_of` in the official form or a full copy.
        LegalText = "legal_text",
    }
    /// The kind of a jurisdiction.
    pub enum JurisdictionKind {
        /// A country.
        Country = "country",
        /// A territory with its own code.
        Territory = "territory",
        /// A regime inside a country.
        SubnationalRegime = "subnational_regime",
        /// The European Union.
        Supranational = "supranational",
        /// A standard of no country, such as FATF's. It binds no provider; only a law that adopts it does.
        Standard = "standard",
    }
    /// Memberships on which rules depend.
    pub enum Group as "RulebookGroup" {
        /// European Union.
        Eu = "EU",
        /// European Economic Area.
        Eea = "EEA",
    }
}
