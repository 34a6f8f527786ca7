//! The closed lists for the words of a policy: the consequence of a finding, circumstances, conditions and next steps.
//!
//! Source: docs/policies.md; docs/reasons.md, "Conditions" and "Next steps".

use vasp_words::closed_list::{ClosedList, closed_list};

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
        /// Examine the counterparty by your own due diligence. Record the approval of the entity in the relationship, or
        /// keep the proof if the condition is about one question only.
        CounterpartyDueDiligence = "counterparty_due_diligence",
        /// Apply enhanced due diligence: examine more, ask for more evidence, and have a higher level approve. Record it in
        /// the relationship.
        EnhancedDueDiligence = "enhanced_due_diligence",
        /// Have senior management approve the counterparty, and record the approval in the relationship.
        SeniorManagementApproval = "senior_management_approval",
        /// Send the data that `fields` names. State in `provided_fields` of the next request that you have them.
        ProvideMissingData = "provide_missing_data",
        /// Data did not arrive. Before you credit, do what your own rule says about this
        /// (`obligations.beneficiary.missing_data_action`).
        MissingDataAction = "missing_data_action",
        /// The registry knows no route for the data. Agree on one with the counterparty, and record it in the relationship.
        SendDataByOtherMeans = "send_data_by_other_means",
        /// Find out how the counterparty protects the data before you send them. Record it in the relationship.
        ProtectData = "protect_data",
        /// Have the counterparty confirm that the address is its own before you send assets. Keep the answer.
        ConfirmAddressWithCounterparty = "confirm_address_with_counterparty",
        /// Obtain proof of who controls the self-hosted address. The next request can contain the proof; it must be bound to
        /// that request.
        ProofOfControl = "proof_of_control",
        /// Find out and record whose self-hosted wallet it is. Above the rule's threshold, verify this according to the
        /// risk.
        IdentifyThirdParty = "identify_third_party",
        /// Search the lists that `sources` names. They bind you, but this registry has them only in part, too old, or not at
        /// all. State the result in `screened` of the next request, or of the relationship's terms.
        ScreenYourself = "screen_yourself",
        /// Check the source that the detail names. Keep what you found.
        CheckSource = "check_source",
        /// No Travel Rule binds the counterparty yet, or it is not known whether one does. Decide how you deal with it, and
        /// record the decision in the relationship.
        RuleNotInForce = "rule_not_in_force",
        /// Transfer only between accounts of the same person. State this in `transfer.first_party`.
        FirstPartyOnly = "first_party_only",
        /// Transfer at most the amount that the detail states. State the value in the currency of that amount.
        MaxAmount = "max_amount",
    }

    /// A step that helps to resolve a `hold` or `reject`.
    pub enum StepCode {
        /// State which legal entity it is, and ask again with its id or LEI. The customer or the counterparty knows it.
        NameEntity = "name_entity",
        /// Ask the counterparty about the finding, and ask again with its answer.
        AskCounterparty = "ask_counterparty",
        /// Have the customer correct the address or the network, and ask again.
        CorrectAddress = "correct_address",
        /// Do the due diligence that is missing, and record the decision in the relationship that `href` names.
        DoDueDiligence = "do_due_diligence",
        /// Get the data or documents that are missing, from the customer or the counterparty.
        ObtainData = "obtain_data",
        /// Two of your people compare the entry of the list with the counterparty, and decide for your organisation whether the entry
        /// means it. `href` lists the hits.
        DecideHit = "decide_hit",
        /// Wait until the registry's reviewers have decided, and ask again.
        WaitForReview = "wait_for_review",
        /// Have the operator import the newest version of the source, and ask again.
        RefreshSource = "refresh_source",
        /// Do not transact. Nothing that the customer or the counterparty says changes that.
        DoNotTransact = "do_not_transact",
        /// Choose another counterparty, entity or address.
        OtherCounterparty = "other_counterparty",
        /// Freeze the assets and report them to the authority that your sanctions law names. Never send them back.
        FreezeAndReport = "freeze_and_report",
        /// Consider a report to the financial intelligence unit. Do not tell the customer.
        ConsiderReport = "consider_report",
    }

    /// A member of the question that a step or a condition asks for.
    pub enum QuestionMember {
        /// The country of the customer's account with the counterparty.
        CustomerCountry = "customer_country",
        /// Whether the transfer uses a correspondent relationship.
        Correspondent = "correspondent",
        /// Which of the data are there.
        ProvidedFields = "provided_fields",
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
        /// In no answer; the asking organisation records it in the outcome.
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
            Self::ProvideMissingData | Self::FirstPartyOnly | Self::MaxAmount | Self::ScreenYourself => MetBy::Request,
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
            Self::WaitForReview | Self::RefreshSource => Actor::Registry,
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
impl ConditionCode {
    /// Returns what has to be done.
    #[must_use]
    pub fn remedy(self) -> &'static str {
        self.documentation()
    }
}

impl StepCode {
    /// Returns what has to be done.
    #[must_use]
    pub fn remedy(self) -> &'static str {
        self.documentation()
    }
}
