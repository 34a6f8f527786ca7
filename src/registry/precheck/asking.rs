//! Who asks for a pre-check, and what an answer about the past uses instead of the present. A replay uses what was recorded. A question
//! with `as_of` uses only the directory of that time, because nobody kept the health of endpoints.

use std::sync::Arc;

use super::record::SampledHealth;
use super::shared_answers::shared_diligence;
use crate::acts::Identity;
use crate::directory::{Generation, PrivateState, StandingAnswers};
use crate::node::{Registry, ServiceError};
use crate::questionnaires::standing_answers;
use vasp_record::claim::Reader;
use vasp_rules::endpoint_health::EndpointHealth;
use vasp_rules::policy::Policy;
use vasp_rules::precheck::OwnershipShares;
use vasp_rules::relationship::Relationships;
use vasp_rules::shared_diligence::SharedDiligence;
use vasp_words::ids::{EndpointId, OrganisationId, VaspId};
use vasp_words::time::UtcTime;

/// The asker of a pre-check.
#[derive(Clone, Debug)]
pub struct Asking {
    /// The organisation. `None` for a public reader.
    pub(super) organisation: Option<OrganisationId>,
    /// Its own VASP.
    pub(super) vasp: Option<VaspId>,
    /// Which claims it may see.
    pub(super) reader: Reader,
    /// The point of time that it asks about.
    pub(super) seen_from: SeenFrom,
    /// When it asks, by the clock. Delegation and access are judged at this moment, whatever moment the question is about. In a replay
    /// it is the recorded moment.
    pub(super) asked_at: UtcTime,
    /// Whether other organisations' questionnaire answers are read.
    pub(super) answers: AnswersRead,
    /// Decisions about counterparties that nobody made, to see what they would change; they count instead of those that were made, except
    /// of counterparties that were declined.
    pub(super) supposed: Option<Arc<Relationships>>,
}

/// Whether other organisations' answers to the questionnaire are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AnswersRead {
    /// Yes, as far as the organisation has access.
    AsGiven,
    /// No, even if the organisation has access.
    Never,
}

/// Where a question gets the facts that are not in the log.
#[derive(Clone, Debug)]
pub(super) enum SeenFrom {
    /// From the present.
    Present,
    /// From nowhere: it asks about a point of the past for which these facts were not recorded.
    Past,
    /// From the recording of a pre-check.
    Recorded(Arc<Then>),
}

/// The facts that were recorded with a pre-check.
#[derive(Clone, Debug)]
pub(super) struct Then {
    /// The asker's VASP, on whose behalf the pre-check was made.
    pub own: Option<VaspId>,
    /// The organisation whose policies and relationships applied.
    pub whose: Option<OrganisationId>,
    /// The private state of that organisation at that time.
    pub state: Arc<PrivateState>,
    /// The counterparty's questionnaire answers at that time.
    pub answers: Option<Arc<StandingAnswers>>,
    /// The policy that judges. `None` if the recorded one is no longer available.
    pub policy: Option<Arc<Policy>>,
    /// The endpoint health at that time.
    pub health: Vec<SampledHealth>,
}

impl Asking {
    /// Returns the asker of an API call, at a moment of the clock.
    #[must_use]
    pub fn of(identity: Option<&Identity>, now: UtcTime) -> Self {
        let organisation = identity.map(|identity| identity.organisation);
        let vasp = identity.and_then(|identity| identity.vasp);
        Self::present(organisation, vasp, Identity::reader(identity), now)
    }

    /// Returns an asker for an organisation on whose behalf the registry asks automatically, to report changes to it.
    #[must_use]
    pub fn on_behalf_of(organisation: OrganisationId, vasp: Option<VaspId>, now: UtcTime) -> Self {
        Self::present(Some(organisation), vasp, Reader::Organisation(organisation), now)
    }

    /// Returns a trusted asker without an organisation: the command line beside the database.
    #[must_use]
    pub fn beside_the_database(now: UtcTime) -> Self {
        Self::present(None, None, Reader::Gateway, now)
    }

    fn present(organisation: Option<OrganisationId>, vasp: Option<VaspId>, reader: Reader, asked_at: UtcTime) -> Self {
        Self { organisation, vasp, reader, seen_from: SeenFrom::Present, asked_at, answers: AnswersRead::AsGiven, supposed: None }
    }

    /// Returns the same asker, as if it had made these decisions about counterparties. What it declined stays so.
    #[must_use]
    pub fn supposing(self, decisions: Arc<Relationships>) -> Self {
        Self { supposed: Some(decisions), ..self }
    }

    /// Returns the same asker with a question about the past.
    #[must_use]
    pub fn about_the_past(self) -> Self {
        Self { seen_from: SeenFrom::Past, ..self }
    }

    /// Returns the same asker without access to other organisations' answers, whatever access its organisation has.
    #[must_use]
    pub fn without_answers(self) -> Self {
        Self { answers: AnswersRead::Never, ..self }
    }

    /// Returns whether the private state of `whose` is the asker's own. Another organisation's state is used only with its delegation.
    pub(super) fn is_own(&self, whose: Option<OrganisationId>) -> bool {
        whose.is_none() || whose == self.organisation
    }

    /// Returns the recorded facts in a replay, `None` otherwise.
    pub(super) fn then(&self) -> Option<&Then> {
        if let SeenFrom::Recorded(then) = &self.seen_from { Some(then) } else { None }
    }

    /// Returns an organisation's private state.
    pub(super) fn private_state(
        &self,
        registry: &Registry,
        whose: Option<OrganisationId>,
    ) -> Result<Arc<PrivateState>, ServiceError> {
        match (self.then(), whose) {
            (Some(then), _) => Ok(Arc::clone(&then.state)),
            (None, Some(whose)) => Ok(registry.directory().private(whose)?),
            (None, None) => Ok(Arc::default()),
        }
    }

    /// Returns the questionnaire answers about a VASP that are valid now, or that were valid at the recorded moment.
    pub(super) fn answers(&self, registry: &Registry, generation: &Generation, vasp: VaspId) -> Option<Arc<StandingAnswers>> {
        match self.then() {
            // The recording keeps no answers about other VASPs.
            Some(then) => then.answers.clone().filter(|answers| generation.records().canonical(answers.vasp) == vasp),
            None => standing_answers(registry, generation, vasp),
        }
    }

    /// Returns what the asker may know of the answers, by its access at the moment when it asks.
    pub(super) fn diligence(
        &self,
        registry: &Registry,
        generation: &Generation,
        answers: Option<&StandingAnswers>,
    ) -> Result<SharedDiligence, ServiceError> {
        match (self.answers, self.organisation, answers) {
            (AnswersRead::Never, Some(_), Some(_)) => Ok(SharedDiligence::NoAccess),
            _ => {
                let questionnaire = &generation.documents().questionnaire.value;
                shared_diligence(registry, questionnaire, answers, self.organisation, self.asked_at)
            }
        }
    }

    /// Returns whether the asker may see the shares of owners: the member itself may, and an asker with access to the chain of
    /// ownership.
    pub(super) fn ownership_shares(&self, answers: &StandingAnswers) -> OwnershipShares {
        let given = self.organisation.and_then(|asker| answers.readable_by(asker, self.asked_at));
        if self.answers == AnswersRead::AsGiven && given.is_some_and(|extent| extent.covers_ownership()) {
            return OwnershipShares::Told;
        }
        OwnershipShares::Withheld
    }

    /// Returns the health of an endpoint, now or at the recorded moment.
    pub(super) fn health(&self, registry: &Registry, endpoint: EndpointId, now: UtcTime) -> EndpointHealth {
        match &self.seen_from {
            SeenFrom::Present => registry.directory().health().of(endpoint, now),
            SeenFrom::Past => EndpointHealth::default(),
            SeenFrom::Recorded(then) => {
                let sample = then.health.iter().find(|sample| sample.endpoint == endpoint);
                sample.map_or_else(EndpointHealth::default, SampledHealth::as_it_was)
            }
        }
    }
}
