//! The closed lists of values of rules and obligations, worst first where they decide something.

use vasp_rules::obligations::{
    CorrespondentDuty, CounterpartyKind, Exemption, TravelRuleDuty, WalletVerification, WalletVerificationCode,
};
use vasp_rules::rulebook::{
    Basis, BatchScope, BelowThreshold, BeneficiaryAction, Comparator, Confidence, DataCollection, DatePrecision, DomesticArea,
    Flow, FlowScope, JurisdictionKind, OriginatorAction, PersonScope, PersonType, SourceKind, ThresholdKind, ThresholdPurpose,
    TimingRule, TravelRuleStatus, Undetermined, VerificationMethod, WalletScope,
};

mirrored! { "snake_case":
    /// Whether the originator is a person or an organisation.
    #[schema(as = PersonType)]
    PersonTypeView of PersonType { Natural, Legal }

    /// Who is at the other end.
    #[schema(as = CounterpartyKind)]
    CounterpartyKindView of CounterpartyKind { SelfHosted, Vasp }

    /// Whether a Travel Rule binds on a date. `unknown` is never the same as `none`.
    #[schema(as = TravelRuleStatus)]
    TravelRuleStatusView of TravelRuleStatus { Banned, Unknown, None, Proposed, AdoptedNotInForce, Grace, InForce }

    /// Whether a transfer stays in the domestic area of a rule.
    #[schema(as = Flow)]
    FlowView of Flow { CrossBorder, Domestic }

    /// How sure the rulebook is.
    #[schema(as = Confidence)]
    ConfidenceView of Confidence { Low, Medium, High }

    /// Whether the counterparty must be examined for the Travel Rule. `not_established`: the source is silent, which is
    /// never "not required".
    #[schema(as = TravelRuleDuty)]
    TravelRuleDutyView of TravelRuleDuty { Unknown, NotEstablished, Yes, No }

    /// Whether the enhanced diligence of a correspondent relationship is due.
    #[schema(as = CorrespondentDuty)]
    CorrespondentDutyView of CorrespondentDuty { Unknown, NotEstablished, Yes, NotApplicable }

    /// Whether control of a self-hosted address must be verified.
    #[schema(as = WalletVerification)]
    WalletVerificationView of WalletVerification { Unknown, Yes, No }

    /// How far a `yes` goes.
    #[schema(as = WalletVerificationCode)]
    WalletVerificationCodeView of WalletVerificationCode { RiskBased }

    /// Why a rule that binds asks nothing of this transfer.
    #[schema(as = Exemption)]
    ExemptionView of Exemption { FlowNotCovered, CounterpartyNotCovered, Proprietary }

    /// Which amount was held against a threshold.
    #[schema(as = Basis)]
    BasisView of Basis { LinkedTotal, Transfer }

    /// Why it cannot be told whether an amount is above a threshold.
    #[schema(as = UndeterminedReason)]
    UndeterminedReasonView of Undetermined { NoAmount, NoRate, EqualityNotSettled, NotStated }

    /// Whether a rule has a threshold. `zero`: every transfer, whatever the amount.
    #[schema(as = ThresholdKind)]
    ThresholdKindView of ThresholdKind { Zero, Amount, Unspecified, NotApplicable }

    /// What a threshold decides.
    #[schema(as = ThresholdPurpose)]
    ThresholdPurposeView of ThresholdPurpose { FullData, Obligation, Verification, CounterpartyDd, SelfHostedVerification }

    /// Which flows a threshold is for.
    #[schema(as = FlowScope)]
    FlowScopeView of FlowScope { All, Domestic, CrossBorder }

    /// Whose transfers a threshold is for.
    #[schema(as = PersonScope)]
    PersonScopeView of PersonScope { Any, Natural, Legal }

    /// How an amount is held against a threshold: as much or more, or more.
    #[schema(as = Comparator)]
    ComparatorView of Comparator { Gte, Gt }

    /// What holds below a threshold.
    #[schema(as = BelowThreshold)]
    BelowThresholdView of BelowThreshold { Unspecified, SameDataUnverified, ReducedData, NoObligation, NotApplicable }

    /// When data must reach the other side.
    #[schema(as = TimingRule)]
    TimingRuleView of TimingRule { Before, Simultaneous, AsSoonAsPossible, PostFactoAllowed, Unspecified }

    /// Which transfers may be batched.
    #[schema(as = BatchScope)]
    BatchScopeView of BatchScope { CrossBorder, All }

    /// Whether data is collected where the other side is a self-hosted address.
    #[schema(as = DataCollection)]
    DataCollectionView of DataCollection { Unspecified, Required, RiskBased, NotRequired }

    /// Whose self-hosted addresses are verified.
    #[schema(as = WalletScope)]
    WalletScopeView of WalletScope { Unspecified, All, OwnWallet }

    /// How control of a self-hosted address is verified.
    #[schema(as = VerificationMethod)]
    VerificationMethodView of VerificationMethod {
        CryptographicSignature, MicroTransaction, AddressAttribution, AdvancedAnalytics, OtherTechnical,
    }

    /// What kind of source a version rests on.
    #[schema(as = SourceKind)]
    SourceKindView of SourceKind { SeedRecord, SeedText, PublicText, LegalReference }

    /// How exactly the first day of a version is known. `as_of`: the source only says what held then.
    #[schema(as = DatePrecision)]
    DatePrecisionView of DatePrecision { AsOf, Year, Month, Day }

    /// What kind of jurisdiction an entry is.
    #[schema(as = JurisdictionKind)]
    JurisdictionKindView of JurisdictionKind { Country, Territory, SubnationalRegime, Supranational }

    /// What the sending provider does while data is missing.
    #[schema(as = OriginatorAction)]
    OriginatorActionView of OriginatorAction { Freeze, DoNotExecute, Hold }

    /// What the receiving provider does, or may do, when data is missing.
    #[schema(as = BeneficiaryAction)]
    BeneficiaryActionView of BeneficiaryAction {
        RestrictOrTerminate, Reject, Return, DoNotAccept, Suspend, WithholdAccess, RequestInformation, ReportSuspicion,
        ConsiderSuspicion, Execute,
    }

    /// What a rule counts as domestic.
    #[schema(as = DomesticArea)]
    DomesticAreaView of DomesticArea { NoneAllCrossBorder, Country, #[serde(rename = "EU")] Eu, BritishIslands }
}
