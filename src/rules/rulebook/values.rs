//! The closed lists of values a rulebook may use; anything else in a file is refused with the values that would be right.
//!
//! Source: `jurisdictions/rulebook.schema.json`, schema version 1.0.0, and what version 1.1.0 adds: `verification: unspecified`, `purpose:
//! max_amount`, `kind: standard`.

use vasp_words::closed_list::closed_list;

closed_list! {
    /// Whether a Travel Rule binds on a date. `unknown` is never the same as `none`.
    pub enum TravelRuleStatus {
        /// The business itself is forbidden.
        Banned = "banned",
        /// Not found out; never the same as none.
        Unknown = "unknown",
        /// Known to have none.
        None = "none",
        /// A draft.
        Proposed = "proposed",
        /// Adopted, applies later.
        AdoptedNotInForce = "adopted_not_in_force",
        /// Adopted and partly or softly applied: self-regulation, transitional deferral.
        Grace = "grace",
        /// It binds.
        InForce = "in_force",
    }
    /// How sure the rulebook is.
    pub enum Confidence {
        /// Conflicting or thin.
        Low = "low",
        /// One secondary text or an inference.
        Medium = "medium",
        /// Seed or official text, unambiguous.
        High = "high",
    }
    /// How exactly the first day of a version is known. `as_of`: the source only says what held then.
    pub enum DatePrecision {
        /// The source only says what held then.
        AsOf = "as_of",
        /// To the year.
        Year = "year",
        /// To the month.
        Month = "month",
        /// To the day.
        Day = "day",
    }
    /// Whether a transfer stays in the domestic area of a rule.
    pub enum Flow {
        /// They are not.
        CrossBorder = "cross_border",
        /// Both providers are in the same domestic area.
        Domestic = "domestic",
    }
    /// What a rule counts as domestic.
    pub enum DomesticArea {
        /// Nothing: every transfer counts as cross-border.
        NoneAllCrossBorder = "none_all_cross_border",
        /// The country.
        Country = "country",
        /// The European Union.
        Eu = "EU",
        /// The United Kingdom, the Channel Islands and the Isle of Man.
        BritishIslands = "british_islands",
    }
    /// Towards whom a rule holds.
    pub enum ScopeKind {
        /// Every provider.
        All = "all",
        /// Providers at home and in listed countries.
        DomesticAndListed = "domestic_and_listed",
    }
    /// Whether a rule has a threshold. `zero`: every transfer, whatever the amount.
    pub enum ThresholdKind {
        /// Every transfer, whatever the amount.
        Zero = "zero",
        /// By amount.
        Amount = "amount",
        /// The source does not say.
        Unspecified = "unspecified",
        /// There is no rule that could have one.
        NotApplicable = "not_applicable",
    }
    /// What a threshold decides.
    pub enum ThresholdPurpose {
        /// Below it a smaller set of data.
        FullData = "full_data",
        /// Below it nothing.
        Obligation = "obligation",
        /// Below it the same data, unverified.
        Verification = "verification",
        /// From it on the counterparty is examined.
        CounterpartyDd = "counterparty_dd",
        /// From it on control of a self-hosted address is verified.
        SelfHostedVerification = "self_hosted_verification",
        /// Above it no transfer is made to a counterparty that is not authorised there.
        MaxAmount = "max_amount",
    }
    /// Which flows a threshold is for.
    pub enum FlowScope {
        /// Both.
        All = "all",
        /// Domestic only.
        Domestic = "domestic",
        /// Cross-border only.
        CrossBorder = "cross_border",
    }
    /// Whose transfers a threshold is for.
    pub enum PersonScope {
        /// Everybody's.
        Any = "any",
        /// Natural persons'.
        Natural = "natural",
        /// Legal persons'.
        Legal = "legal",
    }
    /// How an amount is held against a threshold: as much or more, or more.
    pub enum Comparator {
        /// As much or more.
        Gte = "gte",
        /// More than.
        Gt = "gt",
    }
    /// What holds below a threshold.
    pub enum BelowThreshold {
        /// The source does not say.
        Unspecified = "unspecified",
        /// The same data, unverified.
        SameDataUnverified = "same_data_unverified",
        /// A smaller set of data.
        ReducedData = "reduced_data",
        /// Nothing is due.
        NoObligation = "no_obligation",
        /// There is no below.
        NotApplicable = "not_applicable",
    }
    /// Whether a rule asks to examine the counterparty.
    pub enum DueDiligenceDuty {
        /// No duty.
        None = "none",
        /// By risk.
        RiskBased = "risk_based",
        /// Always.
        Required = "required",
        /// Only when a correspondent relationship is set up.
        EnhancedForCorrespondent = "enhanced_for_correspondent",
        /// The source is silent: not established, never "not required".
        Unspecified = "unspecified",
    }
    /// Towards whom the duty to examine holds.
    pub enum DueDiligenceScope {
        /// Every provider.
        All = "all",
        /// Providers abroad.
        ForeignOnly = "foreign_only",
        /// Providers outside the European Union.
        NonEuOnly = "non_eu_only",
        /// Transfers above the threshold.
        AboveThreshold = "above_threshold",
    }
    /// When data must reach the other side.
    pub enum TimingRule {
        /// Before the transfer.
        Before = "before",
        /// With the transfer.
        Simultaneous = "simultaneous",
        /// As soon as possible.
        AsSoonAsPossible = "as_soon_as_possible",
        /// Afterwards is allowed.
        PostFactoAllowed = "post_facto_allowed",
        /// The source does not say.
        Unspecified = "unspecified",
    }
    /// Which transfers may be batched.
    pub enum BatchScope {
        /// Cross-border ones.
        CrossBorder = "cross_border",
        /// All.
        All = "all",
    }
    /// Whether data is collected where the other side is a self-hosted address.
    pub enum DataCollection {
        /// The source does not say.
        Unspecified = "unspecified",
        /// Always.
        Required = "required",
        /// By risk.
        RiskBased = "risk_based",
        /// Not.
        NotRequired = "not_required",
    }
    /// Whether control of a self-hosted address is verified.
    pub enum Verification {
        /// The source does not say: not established, never "not required".
        Unspecified = "unspecified",
        /// Not.
        None = "none",
        /// Above a threshold.
        AboveThreshold = "above_threshold",
        /// Always.
        Always = "always",
        /// By risk.
        RiskBased = "risk_based",
    }
    /// Whose self-hosted addresses are verified.
    pub enum WalletScope {
        /// The source does not say.
        Unspecified = "unspecified",
        /// All.
        All = "all",
        /// The customer's own.
        OwnWallet = "own_wallet",
    }
    /// How control of a self-hosted address is verified.
    pub enum VerificationMethod {
        /// A signature by the address's key.
        CryptographicSignature = "cryptographic_signature",
        /// A small transfer of an agreed amount.
        MicroTransaction = "micro_transaction",
        /// Attribution of the address by a third party.
        AddressAttribution = "address_attribution",
        /// Analytics of the chain.
        AdvancedAnalytics = "advanced_analytics",
        /// Other technical means.
        OtherTechnical = "other_technical",
    }
    /// What the sending provider does while data is missing.
    pub enum OriginatorAction {
        /// Freezes.
        Freeze = "freeze",
        /// Does not execute.
        DoNotExecute = "do_not_execute",
        /// Holds.
        Hold = "hold",
    }
    /// What the receiving provider does, or may do, when data is missing.
    pub enum BeneficiaryAction {
        /// Restricts or ends the relationship.
        RestrictOrTerminate = "restrict_or_terminate",
        /// Rejects.
        Reject = "reject",
        /// Returns.
        Return = "return",
        /// Does not accept.
        DoNotAccept = "do_not_accept",
        /// Suspends.
        Suspend = "suspend",
        /// Withholds access from the customer.
        WithholdAccess = "withhold_access",
        /// Asks for what is missing.
        RequestInformation = "request_information",
        /// Reports a suspicion.
        ReportSuspicion = "report_suspicion",
        /// Considers whether it is suspicious.
        ConsiderSuspicion = "consider_suspicion",
        /// Executes.
        Execute = "execute",
    }
    /// What follows when a counterparty fails again and again.
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
        /// Does not arise.
        NotApplicable = "not_applicable",
        /// By risk.
        RiskBased = "risk_based",
        /// Best efforts, by risk.
        BestEffortsRiskBased = "best_efforts_risk_based",
        /// The provider must have a plan.
        MustPlan = "must_plan",
        /// Only with compliant counterparties.
        RestrictToCompliant = "restrict_to_compliant",
        /// Only towards listed countries.
        ListedCountriesOnly = "listed_countries_only",
    }
    /// What kind of source a version rests on.
    pub enum SourceKind {
        /// A record of the seed.
        SeedRecord = "seed_record",
        /// Other text of the seed.
        SeedText = "seed_text",
        /// Public text.
        PublicText = "public_text",
        /// A law by name.
        LegalReference = "legal_reference",
    }
    /// What kind of jurisdiction an entry is.
    pub enum JurisdictionKind {
        /// A country.
        Country = "country",
        /// A territory with its own code.
        Territory = "territory",
        /// A regime inside a country.
        SubnationalRegime = "subnational_regime",
        /// The European Union.
        Supranational = "supranational",
        /// A standard of no country, such as FATF's; it binds no provider, only the law that adopts it does.
        Standard = "standard",
    }
    /// Memberships that rules turn on.
    pub enum Group as "RulebookGroup" {
        /// European Union.
        Eu = "EU",
        /// European Economic Area.
        Eea = "EEA",
    }
}
