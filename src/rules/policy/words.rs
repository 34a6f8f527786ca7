//! The closed lists that a policy is written in: what a finding comes to, under which circumstances, which conditions it makes and
//! which steps it asks for.
//!
//! Source: wire contract, "Conditions and next steps" and "Default policy".

use vasp_words::closed_list::closed_list;

closed_list! {
    /// What the registry recommends, worst first. The VASP decides. Take a value you do not know for `hold`.
    pub enum Recommendation {
        /// Do not send; of an incoming transfer: do not credit.
        Reject = "reject",
        /// Do not send or credit before somebody has done what `next_steps` says.
        Hold = "hold",
        /// Send or credit once every condition is met.
        ProceedWithConditions = "proceed_with_conditions",
        /// Send or credit.
        Proceed = "proceed",
    }

    /// What a policy makes of a finding, worst first.
    pub enum Consequence {
        /// The transfer must not go on.
        Reject = "reject",
        /// Somebody has to do something first.
        Hold = "hold",
        /// It may go on once the conditions of the line are met.
        Condition = "condition",
        /// Somebody should know; nothing follows from it.
        Note = "note",
        /// Nothing.
        Pass = "pass",
    }

    /// What a line of a policy may ask beside the finding.
    pub enum Circumstance {
        /// The asker receives.
        Incoming = "incoming",
        /// The counterparty is the asker's own legal entity.
        SameEntity = "same_entity",
        /// The asker approved the entity itself by counterparty due diligence (FATF R.16), also with conditions.
        Approved = "approved",
        /// The asker approved the entity itself by correspondent due diligence (FATF R.13), also with conditions.
        CorrespondentApproved = "correspondent_approved",
        /// The transfer runs over a correspondent relationship, or may where the asker's rule does not say whether that counts.
        OverCorrespondent = "over_correspondent",
        /// The asker's rule asks for correspondent due diligence here, or may.
        CorrespondentRequired = "correspondent_required",
        /// Whether the asker's rule asks for correspondent due diligence is not established.
        CorrespondentNotEstablished = "correspondent_not_established",
        /// The asker sends, and its rule asks for data that travel with this transfer, or may.
        DataTravel = "data_travel",
        /// Data are missing that the asker's own rule asks for.
        OwnDataMissing = "own_data_missing",
        /// The asker's rule keeps an incoming transfer from being credited until the data are there.
        WithheldWithoutData = "withheld_without_data",
        /// The asker's rule allows transfers to compliant counterparties only, and this is none between accounts of one person.
        CompliantOnly = "compliant_only",
        /// The same, between accounts of one person.
        CompliantOnlyFirstParty = "compliant_only_first_party",
        /// The asker's rule demands counterparty due diligence before this transfer, and it is in force or in its time of grace.
        DueDiligenceRequired = "due_diligence_required",
        /// The asker's rule does not ask for counterparty due diligence here.
        DueDiligenceNotAsked = "due_diligence_not_asked",
        /// The customer's own wallet, and the asker's rule asks to verify it.
        OwnWalletAsked = "own_wallet_asked",
        /// The customer's own wallet, and whether the asker's rule asks to verify it could not be established.
        OwnWalletUndetermined = "own_wallet_undetermined",
        /// The customer's own wallet, the asker's rule says nothing, and the transfer is worth more than EUR 1,000 or an amount that is not known.
        OwnWalletUnruled = "own_wallet_unruled",
        /// The customer's own wallet, and nothing is asked.
        OwnWalletFree = "own_wallet_free",
        /// Somebody else's wallet, or it was not said whose.
        OthersWallet = "others_wallet",
        /// Somebody else's wallet, and the asker's rule has every wallet verified.
        OthersWalletVerified = "others_wallet_verified",
        /// A claim on the very network says whose address it is, and is proven, attested, or sure by 80 percent or more.
        SureLabel = "sure_label",
    }

    /// What has to be met before the transfer goes on.
    pub enum ConditionCode {
        /// Examine the counterparty by the asker's own due diligence and record the approval.
        CounterpartyDueDiligence = "counterparty_due_diligence",
        /// Apply enhanced due diligence.
        EnhancedDueDiligence = "enhanced_due_diligence",
        /// Have senior management approve the counterparty.
        SeniorManagementApproval = "senior_management_approval",
        /// Send the data that the counterparty's rule asks for, or that were not said to be there.
        ProvideMissingData = "provide_missing_data",
        /// Do what the asker's rule says about data that did not arrive.
        MissingDataAction = "missing_data_action",
        /// Get the data to the counterparty on a way that the registry does not know.
        SendDataByOtherMeans = "send_data_by_other_means",
        /// See to it that the counterparty protects the data.
        ProtectData = "protect_data",
        /// Have the counterparty say that the address is its own.
        ConfirmAddressWithCounterparty = "confirm_address_with_counterparty",
        /// Have it proved who controls the self-hosted address.
        ProofOfControl = "proof_of_control",
        /// Find out and record whose self-hosted wallet it is.
        IdentifyThirdParty = "identify_third_party",
        /// Search the lists that the detail names: they bind and are not whole or not current here.
        ScreenYourself = "screen_yourself",
        /// Look at the source that the detail names.
        CheckSource = "check_source",
        /// Decide how to deal with a counterparty whose rule is not in force.
        RuleNotInForce = "rule_not_in_force",
        /// Only between accounts of one and the same person.
        FirstPartyOnly = "first_party_only",
        /// Only up to the amount that the detail states.
        MaxAmount = "max_amount",
    }

    /// What would lead on from `hold` or `reject`.
    pub enum StepCode {
        /// Say which legal entity it is.
        NameEntity = "name_entity",
        /// Ask the counterparty.
        AskCounterparty = "ask_counterparty",
        /// Have the address or network corrected.
        CorrectAddress = "correct_address",
        /// Do the due diligence that is missing, and record the decision.
        DoDueDiligence = "do_due_diligence",
        /// Get what is missing.
        ObtainData = "obtain_data",
        /// Have two people decide whether the entry of the list is meant.
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

    /// Before what a condition must be met.
    pub enum Before {
        /// Before customers' data are sent.
        Data = "data",
        /// Before assets are sent.
        Assets = "assets",
        /// Before assets are credited.
        Credit = "credit",
    }

    /// Who acts.
    pub enum Actor {
        /// Whoever asks.
        Asker = "asker",
        /// The asker's customer.
        Customer = "customer",
        /// The person on the other side of a self-hosted wallet.
        ThirdParty = "third_party",
        /// The counterparty.
        Counterparty = "counterparty",
        /// This registry.
        Registry = "registry",
    }

    /// Where the registry would see that a condition is met.
    pub enum MetBy {
        /// In the next request.
        Request = "request",
        /// In the asker's relationship with the counterparty.
        Relationship = "relationship",
        /// Nowhere: the asker keeps the proof.
        Outside = "outside",
    }
}

impl Consequence {
    /// Returns what it means for the transfer.
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
    /// Returns before what it must be met, of an outgoing transfer; of an incoming one everything is before the credit.
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

    /// Returns where the registry would see it done.
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

    /// Tells whether what has to be met is said by its detail alone.
    #[must_use]
    pub fn is_its_detail(self) -> bool {
        matches!(self, Self::MaxAmount)
    }
}

impl StepCode {
    /// Returns who takes it.
    #[must_use]
    pub fn who(self) -> Actor {
        match self {
            Self::WaitForReview => Actor::Registry,
            _ => Actor::Asker,
        }
    }
}

/// Some circumstances.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Circumstances(u32);

impl Circumstances {
    /// Tells whether all of some others hold.
    #[must_use]
    pub fn hold_all(self, others: Self) -> bool {
        self.0 & others.0 == others.0
    }

    /// Returns each that holds.
    pub fn iter(self) -> impl Iterator<Item = Circumstance> {
        Circumstance::ALL.iter().copied().filter(move |one| self.hold_all(Self::default().with(*one, true)))
    }

    /// Adds one if it holds.
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
