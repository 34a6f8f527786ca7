//! Checks destinations again that organisations relied on. After changes of claims, it checks the destinations at the changed account keys.
//! After changes of records, it checks the destinations at which one of these VASPs was relied on. A full sweep checks all of them. If the
//! standing of a destination changed, it raises an alert. Neither the alert nor anything else in the database reveals the address.

use std::collections::BTreeSet;

use super::judge::Pass;
use super::{DAY_MICROS, RELIED_DAYS};
use crate::alerts::{NewAlert, raise};
use crate::node::ServiceError;
use crate::precheck::ReliedPlace;
use vasp_pki::DestinationTokens;
use vasp_record::alert::AlertBody;
use vasp_rules::relied_destination::{Standing, StandingTurn};
use vasp_store::{ReliedDestinationRow, ReliedPart, StoreError};
use vasp_words::ids::{OrganisationId, VaspId};

/// Number of destinations read, and written, at once; also the number of tokens looked for at once.
const PAGE: usize = 500;
/// If claims on more controllers changed, everything is checked.
const KEYS_MAX: usize = 1_000;

/// A destination whose standing changed.
struct Turned {
    row: ReliedDestinationRow,
    before: String,
    turn: StandingTurn,
}

impl Pass<'_> {
    /// Checks the destinations whose standing may have changed since a sequence. `vasps` are the VASPs whose records changed since then, at
    /// most 500.
    pub(super) fn look_at_changed(&mut self, since: i64, vasps: &[VaspId]) -> Result<usize, ServiceError> {
        let (until, most) = (self.generation.sequence(), i64::try_from(KEYS_MAX).unwrap_or(i64::MAX));
        if until <= since {
            return Ok(0);
        }
        let keys = self.registry.store().read::<_, StoreError>(|conn| conn.changed_controllers(since, until, most))?;
        if keys.len() > KEYS_MAX {
            return self.look_at(ReliedPart::Whole);
        }
        let mut looked = if vasps.is_empty() { 0 } else { self.look_at(ReliedPart::OnVasps(vasps))? };
        let keys: BTreeSet<(i32, Vec<u8>)> = keys.into_iter().collect();
        if keys.is_empty() {
            return Ok(looked);
        }
        let mut after = None;
        while !(self.is_stopped)()
            && let Some(whose) = self.registry.store().read::<_, StoreError>(|conn| conn.next_relying_organisation(after))?
        {
            looked += self.look_at_accounts(whose, &keys)?;
            after = Some(whose);
        }
        Ok(looked)
    }

    /// Checks an organisation's destinations at some accounts.
    fn look_at_accounts(&mut self, whose: OrganisationId, keys: &BTreeSet<(i32, Vec<u8>)>) -> Result<usize, ServiceError> {
        let Some(organisation) = self.organisation(whose)? else { return Ok(0) };
        let Some(key) = self.registry.own_data_key(organisation.id)? else { return Ok(0) };
        let tokens = DestinationTokens::new(&key);
        let tokens: Vec<Vec<u8>> = keys.iter().map(|(class, controller)| tokens.of_account(*class, controller)).collect();
        let mut looked = 0;
        for tokens in tokens.chunks(PAGE) {
            looked += self.look_at(ReliedPart::AtAccounts(whose, tokens))?;
        }
        Ok(looked)
    }

    /// Checks some destinations, page by page.
    pub(super) fn look_at(&mut self, part: ReliedPart<'_>) -> Result<usize, ServiceError> {
        let (mut place, mut looked): (Option<(OrganisationId, Vec<u8>)>, _) = (None, 0);
        let limit = i64::try_from(PAGE).unwrap_or(i64::MAX);
        while !(self.is_stopped)() {
            let after = place.as_ref().map(|(whose, token)| (*whose, token.as_slice()));
            let page = self.registry.store().read(|conn| conn.relied_destinations(part, after, limit))?;
            let Some(last) = page.last() else { break };
            place = Some((last.organisation, last.token.clone()));
            looked += page.len();
            let mut turned = Vec::new();
            for row in page {
                turned.extend(self.look(row)?);
            }
            self.tell(turned)?;
        }
        Ok(looked)
    }

    /// Returns a destination whose standing changed; `None` if it is the same or cannot be determined.
    fn look(&mut self, row: ReliedDestinationRow) -> Result<Option<Turned>, ServiceError> {
        if row.relied_at.micros() < self.now.micros().saturating_sub(RELIED_DAYS * DAY_MICROS) {
            self.registry.store().write::<_, StoreError>(self.now, self.rng, |transaction| transaction.drop_destination(&row))?;
            return Ok(None);
        }
        let Some(organisation) = self.organisation(row.organisation)? else { return Ok(None) };
        // Another node had a later generation when it looked, so what this node sees is older.
        if row.sequence > self.generation.sequence() {
            return Ok(None);
        }
        let Some(key) = self.registry.own_data_key(organisation.id)? else { return Ok(None) };
        let read = (row.status.parse::<Standing>().ok(), ReliedPlace::open(&row, &key));
        let (Some(before), Ok(destination)) = read else {
            tracing::warn!(precheck.id = %row.precheck, "the stored destination of a watched pre-check cannot be read");
            return Ok(None);
        };
        let now = match destination.standing(self.registry, self.generation, organisation.id, self.now) {
            Ok(now) => now,
            Err(error @ (ServiceError::Store(_) | ServiceError::Directory(_))) => return Err(error),
            // The destination cannot be read any more, for example on a network that is gone. Its standing is unknown.
            Err(_) => return Ok(None),
        };
        let Some(turn) = now.turn_since(before, row.vasp, self.generation.records()) else { return Ok(None) };
        let row = ReliedDestinationRow { status: now.to_string(), sequence: self.generation.sequence(), ..row };
        Ok(Some(Turned { row, before: before.to_string(), turn }))
    }

    fn tell(&mut self, turned: Vec<Turned>) -> Result<(), ServiceError> {
        if turned.is_empty() {
            return Ok(());
        }
        let registry = self.registry;
        registry.store().write::<_, ServiceError>(self.now, self.rng, |transaction| {
            for Turned { row, before, turn } in turned {
                // Another node already raised the alert, or the destination was asked about again, or erased.
                if !transaction.change_destination(&row)? {
                    continue;
                }
                let detail = format!("The destination of your pre-check {} {}.", row.precheck, turn.what);
                let (from, to, precheck) = (vec![before], vec![row.status], Some(row.precheck.to_string()));
                let body = AlertBody {
                    check: "attribution".to_owned(),
                    from,
                    to,
                    detail,
                    sequence: row.sequence,
                    precheck,
                    ..AlertBody::default()
                };
                let (kind, severity) = (turn.kind.to_owned(), turn.severity);
                raise(
                    transaction,
                    registry,
                    row.organisation,
                    NewAlert { kind, severity, vasp: Some(row.vasp), body, not_to: None },
                )?;
            }
            Ok(())
        })?;
        Ok(())
    }
}
