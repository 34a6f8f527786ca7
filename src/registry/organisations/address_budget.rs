//! How many different addresses that a member claims without proof it may ask about in a day. Two people of the registry may give one
//! member more than the registry's default; `enumeration` counts the questions.

use std::num::NonZeroU32;

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Reach, tell};
use crate::node::ServiceError;
use crate::proposals::{Decision, Scene, Step, Taken};
use vasp_record::proposal::ProposalKind;
use vasp_record::role::OrganisationKind;
use vasp_store::Organisation;
use vasp_words::ids::OrganisationId;

/// The content of a proposal: the budget, or `None` for the registry's default.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddressBudget(pub Option<NonZeroU32>);

/// What the digest also covers: the member, and the budget that it has.
#[derive(Debug, Serialize)]
pub struct BudgetGround {
    name: String,
    own_address_budget: Option<i64>,
}

/// A decision about the budget of a member.
#[derive(Debug)]
pub struct BudgetDecision(pub OrganisationId);

impl Decision for BudgetDecision {
    const KIND: ProposalKind = ProposalKind::AddressBudget;
    type Content = AddressBudget;
    type Ground = BudgetGround;
    type Held = Organisation;

    fn hold(&self, scene: &mut Scene<'_, '_>, _: Step) -> Result<Organisation, ServiceError> {
        let Scene { transaction, identity } = scene;
        transaction.lock_credentials()?;
        let row = Reach::Every.organisation(transaction.conn(), identity, self.0)?;
        if row.kind != OrganisationKind::Member {
            return Err(ServiceError::IllegalStep(
                "Only a member claims addresses, so only a member has this budget.".to_owned(),
            ));
        }
        Ok(row)
    }

    fn subject(&self, _: &Organisation) -> String {
        self.0.to_string()
    }

    fn says(&self, _: &Organisation, content: &AddressBudget) -> String {
        let budget = content.0.map_or_else(|| "the default number".to_owned(), |budget| budget.to_string());
        format!("Let the member {} ask about {budget} of its own unproven addresses a day.", self.0)
    }

    fn ground(&self, _: &mut Scene<'_, '_>, held: &Organisation, _: &AddressBudget) -> Result<BudgetGround, ServiceError> {
        Ok(BudgetGround { name: held.name.clone(), own_address_budget: held.own_address_budget })
    }

    fn take(
        &self,
        scene: &mut Scene<'_, '_>,
        held: &mut Organisation,
        taken: &Taken<'_, AddressBudget>,
    ) -> Result<(), ServiceError> {
        if taken.step == Step::Approve {
            let Scene { transaction, identity } = scene;
            held.own_address_budget = taken.content.0.map(|budget| budget.get().into());
            held.version = held.version.saturating_add(1);
            transaction.change_organisation(held)?;
            let details = json!({"own_address_budget": held.own_address_budget});
            tell(transaction, identity, self.0, "address_budget.approve", self.0, &details);
        }
        Ok(())
    }
}
