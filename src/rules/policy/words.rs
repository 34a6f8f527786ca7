//! The closed lists for the words of a policy: the consequence of a finding, circumstances, conditions and next steps.
//!
//! Source: wire contract, "Conditions and next steps" and "Default policy".

use vasp_words::closed_list::closed_list;

closed_list! {
    /// What the registry recommends, worst first. The VASP decides. Treat a value that you do not know as `hold`.
    pub enum Recommendation {
        /// Do not send. For an incoming transfer: do not credit.
        Reject = "reject",
        /// Do not send or credit until somebody has done what `next_steps` says.
        Hold = "hold",
        /// Send or credit once every condition is met.
        ProceedWithConditions = "proceed_with_conditions",
        /// Send or credit.
        Proceed = "proceed",
    }

    /// The consequence of a finding, worst first.
    pub enum Consequence {
        /// Do not make the transfer.
        Reject = "reject",
        /// Somebody must do something first.
        Hold = "hold",
        /// Make the transfer once the conditions of the line are met.
        Condition = "condition",
        /// Somebody should know about it; it has no other effect.
        Note = "note",
        /// It has no effect.
        Pass = "pass",
    }

    /// What a line of a policy may require besides the finding.
    pub enum Circumstance {
        /// The asking organisation receives the transfer.
        Incoming = "incoming",
        /// The counterparty is the asking organisation's own legal entity.
        SameEntity = "same_entity",
        /// The asking organisation approved the entity itself by counterparty due diligence (FATF R.16), perhaps with conditions.
        Approved = "approved",
        /// The asking organisation approved the entity itself by correspondent due diligence (FATF R.13), perhaps with conditions.
        CorrespondentApproved = "correspondent_approved",
        /// The request says that the transfer uses a correspondent relationship. Or the request does not say whether it does, and it is
        /// unknown whether the asking organisation's rule requires correspondent due diligence.
        OverCorrespondent = "over_correspondent",
        /// The asking organisation's rule requires correspondent due diligence here, or may require it.
        CorrespondentRequired = "correspondent_required",
        /// It is not established whether the asking organisation's rule requires correspondent due diligence.
        CorrespondentNotEstablished = "correspondent_not_established",
        /// The asking organisation sends, and its rule requires data to travel with this transfer, or may require it.
        DataTravel = "data_travel",
        /// Data are missing that the asking organisation's own rule requires.
        OwnDataMissing = "own_data_missing",
        /// Under the asking organisation's rule, an incoming transfer is not credited until the data arrive.
        WithheldWithoutData = "withheld_without_data",
        /// The asking organisation's rule allows transfers to compliant counterparties only, and the two accounts do not belong to one
        /// person.
        CompliantOnly = "compliant_only",
        /// The asking organisation's rule allows transfers to compliant counterparties only, and both accounts belong to one person.
        CompliantOnlyFirstParty = "compliant_only_first_party",
        /// The asking organisation's rule requires counterparty due diligence before this transfer, and the rule is in force or in its
        /// grace period.
        DueDiligenceRequired = "due_diligence_required",
        /// The asking organisation's rule does not require counterparty due diligence here.
        DueDiligenceNotAsked = "due_diligence_not_asked",
        /// The wallet is the customer's own, and the asking organisation's rule requires its verification.
        OwnWalletAsked = "own_wallet_asked",
        /// The wallet is the customer's own, and it could not be established whether the asking organisation's rule requires its
        /// verification.
        OwnWalletUndetermined = "own_wallet_undetermined",
        /// The wallet is the customer's own, the asking organisation's rule does not mention it, and the transfer is worth more than EUR
        /// 1,000 or its worth is not known.
        OwnWalletUnruled = "own_wallet_unruled",
        /// The wallet is the customer's own, and nothing is required.
        OwnWalletFree = "own_wallet_free",
        /// The wallet is somebody else's, or the request does not say whose it is.
        OthersWallet = "others_wallet",
        /// The wallet is somebody else's, and the asking organisation's rule requires the verification of every wallet.
        OthersWalletVerified = "others_wallet_verified",
        /// A claim on the same network names the owner of the address. The claim is proven, attested, or has a confidence of at least 80
        /// percent.
        SureLabel = "sure_label",
        /// The request gives the country of the counterparty's customer.
        CustomerCountryTold = "customer_country_told",
        /// No other legal entity can be named: the declared one settles nothing, because claims contradict it or the directory does not know
        /// it, or the directory knows no entity of the brand that may serve the customer.
        NobodyToName = "nobody_to_name",
    }

    /// A condition that must be met before the transfer is made.
    pub enum ConditionCode {
        /// Do your own due diligence of the counterparty and record the approval.
        CounterpartyDueDiligence = "counterparty_due_diligence",
        /// Apply enhanced due diligence.
        EnhancedDueDiligence = "enhanced_due_diligence",
        /// Have senior management approve the counterparty.
        SeniorManagementApproval = "senior_management_approval",
        /// Send the data that the counterparty's rule requires. Also if you did not say whether you have them.
        ProvideMissingData = "provide_missing_data",
        /// Do what your own rule says about data that did not arrive.
        MissingDataAction = "missing_data_action",
        /// Send the data to the counterparty in a way that the registry does not know.
        SendDataByOtherMeans = "send_data_by_other_means",
        /// Make sure that the counterparty protects the data.
        ProtectData = "protect_data",
        /// Ask the counterparty to confirm that the address is its own.
        ConfirmAddressWithCounterparty = "confirm_address_with_counterparty",
        /// Get proof of who controls the self-hosted address.
        ProofOfControl = "proof_of_control",
        /// Find out and record who owns the self-hosted wallet.
        IdentifyThirdParty = "identify_third_party",
        /// Search the lists that the detail names. They bind you, but the registry's copies are not complete or not current.
        ScreenYourself = "screen_yourself",
        /// Read the source that the detail names.
        CheckSource = "check_source",
        /// Decide how to deal with a counterparty whose rule is not in force.
        RuleNotInForce = "rule_not_in_force",
        /// Transfer only between accounts of the same person.
        FirstPartyOnly = "first_party_only",
        /// Transfer at most the amount that the detail states.
        MaxAmount = "max_amount",
    }

    /// A step that helps to resolve a `hold` or `reject`.
    pub enum StepCode {
        /// Say which legal entity the counterparty is.
        NameEntity = "name_entity",
        /// Ask the counterparty.
        AskCounterparty = "ask_counterparty",
        /// Have the address or network corrected.
        CorrectAddress = "correct_address",
        /// Do the missing due diligence and record the decision.
        DoDueDiligence = "do_due_diligence",
        /// Get what is missing.
        ObtainData = "obtain_data",
        /// Have two people decide whether the entry of the list means the counterparty.
        DecideHit = "decide_hit",
        /// Wait until the registry's reviewers have decided.
        WaitForReview = "wait_for_review",
        /// Import the newest version of the source.
        RefreshSource = "refresh_source",
        /// Do not transact.
        DoNotTransact = "do_not_transact",
        /// Choose another counterparty or address.
        OtherCounterparty = "other_counterparty",
        /// Freeze the assets and report to the authority; never send them back.
        FreezeAndReport = "freeze_and_report",
        /// Consider a report to the financial intelligence unit.
        ConsiderReport = "consider_report",
    }

    /// What must wait until a condition is met.
    pub enum Before {
        /// The sending of customers' data.
        Data = "data",
        /// The sending of assets.
        Assets = "assets",
        /// The crediting of assets.
        Credit = "credit",
    }

    /// Who acts.
    pub enum Actor {
        /// The asking organisation.
        Asker = "asker",
        /// The asking organisation's customer.
        Customer = "customer",
        /// The owner of a self-hosted wallet on the other side.
        ThirdParty = "third_party",
        /// The counterparty.
        Counterparty = "counterparty",
        /// This registry.
        Registry = "registry",
    }

    /// Where the registry sees that a condition is met.
    pub enum MetBy {
        /// In the next request.
        Request = "request",
        /// In the asking organisation's relationship with the counterparty.
        Relationship = "relationship",
        /// Nowhere; the asking organisation keeps the proof.
        Outside = "outside",
    }
}

impl Consequence {
    /// Returns the recommendation for the transfer.
    #[must_use]
    pub fn recommendation(self) -> Recommendation {
        match self {
            Self::Reject => Recommendation::Reject,
            Self::Hold => Recommendation::Hold,
            Self::Condition => Recommendation::ProceedWithConditions,
            Self::Note | Self::Pass => Recommendation::Proceed,
        }
    }
}

impl ConditionCode {
    /// Returns what must wait until the condition is met, for an outgoing transfer. For an incoming one, all conditions come before the
    /// credit.
    #[must_use]
    pub fn before(self) -> Before {
        match self {
            Self::ProvideMissingData | Self::ProtectData | Self::RuleNotInForce | Self::CounterpartyDueDiligence => Before::Data,
            Self::MissingDataAction => Before::Credit,
            _ => Before::Assets,
        }
    }

    /// Returns who acts.
    #[must_use]
    pub fn fulfilled_by(self) -> Actor {
        match self {
            Self::ConfirmAddressWithCounterparty => Actor::Counterparty,
            Self::ProofOfControl => Actor::Customer,
            _ => Actor::Asker,
        }
    }

    /// Returns where the registry sees that the condition is met.
    #[must_use]
    pub fn met_by(self) -> MetBy {
        match self {
            Self::CounterpartyDueDiligence
            | Self::EnhancedDueDiligence
            | Self::SeniorManagementApproval
            | Self::ProtectData
            | Self::SendDataByOtherMeans
            | Self::RuleNotInForce => MetBy::Relationship,
            Self::ProvideMissingData | Self::FirstPartyOnly | Self::MaxAmount => MetBy::Request,
            _ => MetBy::Outside,
        }
    }

    /// Tells whether only the detail says what must be met.
    #[must_use]
    pub fn is_its_detail(self) -> bool {
        matches!(self, Self::MaxAmount)
    }
}

impl StepCode {
    /// Returns who takes the step.
    #[must_use]
    pub fn who(self) -> Actor {
        match self {
            // Only the registry's own people can do these.
            Self::WaitForReview | Self::DecideHit | Self::RefreshSource => Actor::Registry,
            _ => Actor::Asker,
        }
    }
}

/// A set of circumstances.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Circumstances(u32);

impl Circumstances {
    /// Tells whether all of the other circumstances hold.
    #[must_use]
    pub fn hold_all(self, others: Self) -> bool {
        self.0 & others.0 == others.0
    }

    /// Lists the circumstances that hold.
    pub fn iter(self) -> impl Iterator<Item = Circumstance> {
        Circumstance::ALL.iter().copied().filter(move |one| self.hold_all(Self::default().with(*one, true)))
    }

    /// Adds a circumstance if it holds.
    #[must_use]
    pub fn with(self, circumstance: Circumstance, holds: bool) -> Self {
        let place = Circumstance::ALL.iter().position(|one| *one == circumstance).and_then(|place| u32::try_from(place).ok());
        let bit = place.filter(|_| holds).and_then(|place| 1_u32.checked_shl(place));
        Self(self.0 | bit.unwrap_or(0))
    }
}

impl FromIterator<Circumstance> for Circumstances {
    fn from_iter<I: IntoIterator<Item = Circumstance>>(iter: I) -> Self {
        iter.into_iter().fold(Self::default(), |all, one| all.with(one, true))
    }
}
