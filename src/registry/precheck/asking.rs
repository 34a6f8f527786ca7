//! Who asks for a pre-check, and what an answer about the past takes in the place of the present: of a replay what was recorded
//! then, of `as_of` nothing but the directory, because nobody kept how endpoints fared.

use std::sync::Arc;

use super::record::SampledHealth;
use crate::acts::Identity;
use crate::answers::{shared_diligence, standing_answers};
use crate::directory::{Generation, PrivateState, StandingAnswers};
use crate::node::{Registry, ServiceError};
use vasp_record::claim::Reader;
use vasp_rules::endpoint_health::EndpointHealth;
use vasp_rules::policy::Policy;
use vasp_rules::precheck::OwnershipShares;
use vasp_rules::shared_diligence::SharedDiligence;
use vasp_words::ids::{EndpointId, OrganisationId, VaspId};
use vasp_words::time::UtcTime;

/// Who asks.
#[derive(Clone, Debug)]
pub struct Asking {
    /// The organisation; none for a public reader.
    pub(super) organisation: Option<OrganisationId>,
    /// Its own VASP.
    pub(super) vasp: Option<VaspId>,
    /// How far it sees claims.
    pub(super) reader: Reader,
    /// From when it looks.
    pub(super) seen_from: SeenFrom,
    /// When it asks, by the clock: leave and access are judged by it, whatever moment is asked about. Of a replay when it asked then.
    pub(super) asked_at: UtcTime,
    /// Whether others' answers are read.
    pub(super) answers: AnswersRead,
}

/// Whether others' answers to the questionnaire are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AnswersRead {
    /// As far as the organisation has access.
    AsGiven,
    /// No, whatever access there is.
    Never,
}

/// From when a question looks at what is in no log.
#[derive(Clone, Debug)]
pub(super) enum SeenFrom {
    /// Now.
    Present,
    /// From a point of the past that nothing was recorded of.
    Past,
    /// From when it was recorded.
    Recorded(Arc<Then>),
}

/// What was recorded beside a pre-check.
#[derive(Clone, Debug)]
pub(super) struct Then {
    /// The VASP that it was asked for.
    pub own: Option<VaspId>,
    /// Whose policies and relationships counted.
    pub whose: Option<OrganisationId>,
    /// Those, as they stood.
    pub state: Arc<PrivateState>,
    /// What was answered about the counterparty, as it stood.
    pub answers: Option<Arc<StandingAnswers>>,
    /// The policy.
    pub policy: Option<Arc<Policy>>,
    /// How endpoints fared.
    pub health: Vec<SampledHealth>,
}

impl Asking {
    /// Returns who asks over the API, at a moment of the clock.
    #[must_use]
    pub fn of(identity: Option<&Identity>, now: UtcTime) -> Self {
        let organisation = identity.map(|identity| identity.organisation);
        let vasp = identity.and_then(|identity| identity.vasp);
        Self::present((organisation, vasp), Identity::reader(identity), now)
    }

    /// Returns an organisation for which the registry asks by itself, to tell it of what changed.
    #[must_use]
    pub fn on_behalf_of(organisation: OrganisationId, vasp: Option<VaspId>, now: UtcTime) -> Self {
        Self::present((Some(organisation), vasp), Reader::Organisation(organisation), now)
    }

    /// Returns somebody trusted who speaks for nobody: the command line beside the database.
    #[must_use]
    pub fn beside_the_database(now: UtcTime) -> Self {
        Self::present((None, None), Reader::Gateway, now)
    }

    fn present((organisation, vasp): (Option<OrganisationId>, Option<VaspId>), reader: Reader, asked_at: UtcTime) -> Self {
        Self { organisation, vasp, reader, seen_from: SeenFrom::Present, asked_at, answers: AnswersRead::AsGiven }
    }

    /// Returns the same, asking about the past.
    #[must_use]
    pub fn about_the_past(self) -> Self {
        Self { seen_from: SeenFrom::Past, ..self }
    }

    /// Returns the same, to whom others' answers are not told, whatever access its organisation has.
    #[must_use]
    pub fn without_answers(self) -> Self {
        Self { answers: AnswersRead::Never, ..self }
    }

    /// Tells whether what an organisation keeps for itself is the asker's own; of another it is by that one's leave.
    pub(super) fn is_own(&self, whose: Option<OrganisationId>) -> bool {
        whose.is_none() || whose == self.organisation
    }

    /// Returns what was recorded then, in a replay.
    pub(super) fn then(&self) -> Option<&Then> {
        if let SeenFrom::Recorded(then) = &self.seen_from { Some(then) } else { None }
    }

    /// Returns what an organisation keeps for itself; an error where it does not read.
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

    /// Returns the answers about a VASP that stand, or stood.
    pub(super) fn answers(&self, registry: &Registry, generation: &Generation, vasp: VaspId) -> Option<Arc<StandingAnswers>> {
        match self.then() {
            // Of another VASP than the one that was recorded nothing was kept.
            Some(then) => then.answers.clone().filter(|answers| generation.records().canonical(answers.vasp) == vasp),
            None => standing_answers(registry, generation, vasp),
        }
    }

    /// Returns what may be known of answers, by the access that stands when it asks.
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
                shared_diligence(registry, questionnaire, answers, (self.organisation, self.asked_at))
            }
        }
    }

    /// Returns whether shares of owners may be told: to whom the chain was given, and to the member itself.
    pub(super) fn ownership_shares(&self, answers: &StandingAnswers) -> OwnershipShares {
        let given = self.organisation.and_then(|asker| answers.readable_by(asker, self.asked_at));
        if self.answers == AnswersRead::AsGiven && given.is_some_and(|extent| extent.covers_ownership()) {
            return OwnershipShares::Told;
        }
        OwnershipShares::Withheld
    }

    /// Returns how an endpoint fares, or fared.
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
