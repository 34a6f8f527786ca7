//! The closed lists of values a rulebook may use; anything else in a file is refused with the values that would be right.
//!
//! Source: `jurisdictions/rulebook.schema.json`, schema version 1.0.0.

use serde::{Deserialize, Serialize};

macro_rules! closed_lists {
    ($($(#[$doc:meta])* $name:ident { $($(#[$item:meta])* $value:ident,)* })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$item])* $value,)* }
    )*};
}

closed_lists! {
    /// Whether a Travel Rule binds on a date.
    TravelRuleStatus {
        /// It binds.
        InForce,
        /// Adopted and partly or softly applied: self-regulation, transitional deferral.
        Grace,
        /// Adopted, applies later.
        AdoptedNotInForce,
        /// A draft.
        Proposed,
        /// Known to have none.
        None,
        /// The business itself is forbidden.
        Banned,
        /// Not found out; never the same as none.
        Unknown,
    }
    /// How sure the rulebook is of a version.
    Confidence {
        /// Seed or official text, unambiguous.
        High,
        /// One secondary text or an inference.
        Medium,
        /// Conflicting or thin.
        Low,
    }
    /// How exactly the first day of a version is known.
    DatePrecision {
        /// To the day.
        Day,
        /// To the month.
        Month,
        /// To the year.
        Year,
        /// The source only says what held then.
        AsOf,
    }
    /// Whether a transfer stays in the domestic area of a rule.
    Flow {
        /// Both providers are in the same domestic area.
        Domestic,
        /// They are not.
        CrossBorder,
    }
    /// What a rule counts as domestic.
    DomesticArea {
        /// The country.
        Country,
        /// The European Union.
        #[serde(rename = "EU")]
        Eu,
        /// The United Kingdom, the Channel Islands and the Isle of Man.
        BritishIslands,
        /// Nothing: every transfer counts as cross-border.
        NoneAllCrossBorder,
    }
    /// Towards whom a rule holds.
    ScopeKind {
        /// Every provider.
        All,
        /// Providers at home and in listed countries.
        DomesticAndListed,
    }
    /// Whether a rule has a threshold.
    ThresholdKind {
        /// Every transfer, whatever the amount.
        Zero,
        /// By amount.
        Amount,
        /// The source does not say.
        Unspecified,
        /// There is no rule that could have one.
        NotApplicable,
    }
    /// What a threshold decides.
    ThresholdPurpose {
        /// Below it a smaller set of data.
        FullData,
        /// Below it nothing.
        Obligation,
        /// Below it the same data, unverified.
        Verification,
        /// From it on the counterparty is examined.
        CounterpartyDd,
        /// From it on control of a self-hosted address is verified.
        SelfHostedVerification,
    }
    /// Which flows a threshold is for.
    FlowScope {
        /// Both.
        All,
        /// Domestic only.
        Domestic,
        /// Cross-border only.
        CrossBorder,
    }
    /// Whose transfers a threshold is for.
    PersonScope {
        /// Everybody's.
        Any,
        /// Natural persons'.
        Natural,
        /// Legal persons'.
        Legal,
    }
    /// How an amount is held against a threshold.
    Comparator {
        /// More than.
        Gt,
        /// As much or more.
        Gte,
    }
    /// What holds below a threshold.
    BelowThreshold {
        /// There is no below.
        NotApplicable,
        /// Nothing is due.
        NoObligation,
        /// A smaller set of data.
        ReducedData,
        /// The same data, unverified.
        SameDataUnverified,
        /// The source does not say.
        Unspecified,
    }
    /// Whether a rule asks to examine the counterparty.
    DueDiligenceDuty {
        /// No duty.
        None,
        /// By risk.
        RiskBased,
        /// Always.
        Required,
        /// Only when a correspondent relationship is set up.
        EnhancedForCorrespondent,
        /// The source is silent: not established, never "not required".
        Unspecified,
    }
    /// Towards whom the duty to examine holds.
    DueDiligenceScope {
        /// Every provider.
        All,
        /// Providers abroad.
        ForeignOnly,
        /// Providers outside the European Union.
        NonEuOnly,
        /// Transfers above the threshold.
        AboveThreshold,
    }
    /// When data must reach the other side.
    TimingRule {
        /// Before the transfer.
        Before,
        /// With the transfer.
        Simultaneous,
        /// As soon as possible.
        AsSoonAsPossible,
        /// Afterwards is allowed.
        PostFactoAllowed,
        /// The source does not say.
        Unspecified,
    }
    /// Which transfers may be batched.
    BatchScope {
        /// All.
        All,
        /// Cross-border ones.
        CrossBorder,
    }
    /// Whether data is collected where the other side is a self-hosted address.
    DataCollection {
        /// Always.
        Required,
        /// By risk.
        RiskBased,
        /// Not.
        NotRequired,
        /// The source does not say.
        Unspecified,
    }
    /// Whether control of a self-hosted address is verified.
    Verification {
        /// Not.
        None,
        /// Above a threshold.
        AboveThreshold,
        /// Always.
        Always,
        /// By risk.
        RiskBased,
    }
    /// Whose self-hosted addresses are verified.
    WalletScope {
        /// The customer's own.
        OwnWallet,
        /// All.
        All,
        /// The source does not say.
        Unspecified,
    }
    /// How control of a self-hosted address is verified.
    VerificationMethod {
        /// A signature by the address's key.
        CryptographicSignature,
        /// A small transfer of an agreed amount.
        MicroTransaction,
        /// Attribution of the address by a third party.
        AddressAttribution,
        /// Analytics of the chain.
        AdvancedAnalytics,
        /// Other technical means.
        OtherTechnical,
    }
    /// What the sending provider does while data is missing.
    OriginatorAction {
        /// Does not execute.
        DoNotExecute,
        /// Holds.
        Hold,
        /// Freezes.
        Freeze,
    }
    /// What the receiving provider does, or may do, when data is missing.
    BeneficiaryAction {
        /// Executes.
        Execute,
        /// Rejects.
        Reject,
        /// Returns.
        Return,
        /// Suspends.
        Suspend,
        /// Asks for what is missing.
        RequestInformation,
        /// Reports a suspicion.
        ReportSuspicion,
        /// Considers whether it is suspicious.
        ConsiderSuspicion,
        /// Does not accept.
        DoNotAccept,
        /// Withholds access from the customer.
        WithholdAccess,
        /// Restricts or ends the relationship.
        RestrictOrTerminate,
    }
    /// What follows when a counterparty fails again and again.
    RepeatedFailure {
        /// A warning.
        Warn,
        /// A deadline.
        SetDeadline,
        /// Restriction or end of the relationship.
        RestrictOrTerminate,
        /// A report to the authority.
        ReportToAuthority,
    }
    /// How counterparties without a rule of their own are treated.
    SunriseTreatment {
        /// The source does not say.
        Unspecified,
        /// Does not arise.
        NotApplicable,
        /// By risk.
        RiskBased,
        /// Best efforts, by risk.
        BestEffortsRiskBased,
        /// The provider must have a plan.
        MustPlan,
        /// Only with compliant counterparties.
        RestrictToCompliant,
        /// Only towards listed countries.
        ListedCountriesOnly,
    }
    /// What kind of source a version rests on.
    SourceKind {
        /// A record of the seed.
        SeedRecord,
        /// Other text of the seed.
        SeedText,
        /// Public text.
        PublicText,
        /// A law by name.
        LegalReference,
    }
    /// What kind of jurisdiction an entry is.
    JurisdictionKind {
        /// A country.
        Country,
        /// A territory with its own code.
        Territory,
        /// A regime inside a country.
        SubnationalRegime,
        /// The European Union.
        Supranational,
    }
    /// Memberships that rules turn on.
    Group {
        /// European Union.
        #[serde(rename = "EU")]
        Eu,
        /// European Economic Area.
        #[serde(rename = "EEA")]
        Eea,
    }
}
