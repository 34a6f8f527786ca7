//! Endpoints that the registry probes, one row each. Several nodes probe them: a node takes a probe with a conditional update. The results
//! may be lost, and are deleted with their endpoint.

use super::backend::written;
use super::edge::*;
use super::schema::endpoint_probes;
use super::{Conn, StoreError, Transaction};

/// A row of the table of probed endpoints.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = endpoint_probes, treat_none_as_default_value = false)]
pub struct EndpointProbeRow {
    /// Public id of the endpoint.
    pub endpoint: String,
    /// Public id of its VASP.
    pub vasp: String,
    /// Host that is called.
    pub host: String,
    /// Address that is called.
    pub place: String,
    /// Digest of the published data about it.
    pub published: String,
    /// When it is probed next, microseconds since the epoch.
    pub next_at: i64,
    /// When a member last requested a probe; `None` if none did.
    pub asked_at: Option<i64>,
    /// Rises with every sample.
    pub version: i64,
    /// Results of past probes (JSON).
    pub state: String,
}

/// Maximum number of ids in one statement.
const CHUNK: usize = 500;

impl Conn {
    /// Returns all probed endpoints in order of id, without their results: id, address, digest of the published data.
    pub fn endpoint_probe_places(&mut self) -> Result<Vec<(String, String, String)>, StoreError> {
        let columns = (endpoint_probes::endpoint, endpoint_probes::place, endpoint_probes::published);
        let rows = endpoint_probes::table.select(columns).order(endpoint_probes::endpoint);
        rows.load(self).map_err(StoreError::on("endpoint_probes"))
    }

    /// Returns every probed endpoint with the number of its newest sample.
    pub fn endpoint_probe_versions(&mut self) -> Result<Vec<(String, i64)>, StoreError> {
        let columns = (endpoint_probes::endpoint, endpoint_probes::version);
        endpoint_probes::table.select(columns).load(self).map_err(StoreError::on("endpoint_probes"))
    }

    /// Returns those of the given endpoints that exist.
    pub fn endpoint_probes(&mut self, endpoints: &[String]) -> Result<Vec<EndpointProbeRow>, StoreError> {
        let mut rows = Vec::with_capacity(endpoints.len());
        for chunk in endpoints.chunks(CHUNK) {
            let query = endpoint_probes::table.filter(endpoint_probes::endpoint.eq_any(chunk));
            let found: Vec<EndpointProbeRow> =
                query.select(EndpointProbeRow::as_select()).load(self).map_err(StoreError::on("endpoint_probes"))?;
            rows.extend(found);
        }
        Ok(rows)
    }

    /// Returns the endpoints that are due for a probe, most overdue first, without those of `but_hosts`: id and due time.
    pub fn endpoint_probes_due(&mut self, at: i64, but_hosts: &[String], limit: i64) -> Result<Vec<(String, i64)>, StoreError> {
        endpoint_probes::table
            .filter(endpoint_probes::next_at.le(at))
            .filter(endpoint_probes::host.ne_all(but_hosts))
            .order((endpoint_probes::next_at, endpoint_probes::endpoint))
            .limit(limit)
            .select((endpoint_probes::endpoint, endpoint_probes::next_at))
            .load(self)
            .map_err(StoreError::on("endpoint_probes"))
    }
}

impl Transaction<'_> {
    /// Adds endpoints. An endpoint that another node added stays as it is.
    pub fn add_endpoint_probes(&mut self, rows: &[EndpointProbeRow]) -> Result<(), StoreError> {
        for row in rows {
            let insert = diesel::insert_into(endpoint_probes::table).values(row);
            written(self.conn(), "endpoint_probes", insert.unless_there())?;
        }
        Ok(())
    }

    /// Replaces the address and the published digest of an endpoint, and sets its next probe to `next_at`. If the address differs, the old
    /// results are deleted.
    pub fn change_endpoint_probe(&mut self, row: &EndpointProbeRow) -> Result<(), StoreError> {
        let elsewhere = endpoint_probes::table.find(&row.endpoint).filter(endpoint_probes::place.ne(&row.place));
        let forget = diesel::update(elsewhere)
            .set((endpoint_probes::state.eq(&row.state), endpoint_probes::version.eq(endpoint_probes::version + 1)));
        written(self.conn(), "endpoint_probes", forget)?;
        let change = diesel::update(endpoint_probes::table.find(&row.endpoint)).set((
            endpoint_probes::vasp.eq(&row.vasp),
            endpoint_probes::host.eq(&row.host),
            endpoint_probes::place.eq(&row.place),
            endpoint_probes::published.eq(&row.published),
            endpoint_probes::next_at.eq(row.next_at),
        ));
        written(self.conn(), "endpoint_probes", change).map(drop)
    }

    /// Deletes endpoints.
    pub fn forget_endpoint_probes(&mut self, endpoints: &[String]) -> Result<(), StoreError> {
        for chunk in endpoints.chunks(CHUNK) {
            let delete = diesel::delete(endpoint_probes::table.filter(endpoint_probes::endpoint.eq_any(chunk)));
            written(self.conn(), "endpoint_probes", delete)?;
        }
        Ok(())
    }

    /// Takes a probe that is due; `false` if another node took it. If the node that took it is lost, the probe is due again at `again`.
    pub fn take_endpoint_probe(&mut self, endpoint: &str, due_at: i64, again: i64) -> Result<bool, StoreError> {
        let place = endpoint_probes::table.find(endpoint).filter(endpoint_probes::next_at.eq(due_at));
        let update = diesel::update(place).set(endpoint_probes::next_at.eq(again));
        written(self.conn(), "endpoint_probes", update).map(|rows| rows == 1)
    }

    /// Makes an endpoint due now because its member requested it; `false` if somebody requested it at or after `since`. A request in the
    /// future, from a clock that was wrong, does not prevent a new one.
    pub fn ask_endpoint_probe(&mut self, endpoint: &str, since: i64, now: i64) -> Result<bool, StoreError> {
        let free =
            endpoint_probes::asked_at.is_null().or(endpoint_probes::asked_at.lt(since)).or(endpoint_probes::asked_at.gt(now));
        let place = endpoint_probes::table.find(endpoint).filter(free);
        let update = diesel::update(place).set((endpoint_probes::asked_at.eq(now), endpoint_probes::next_at.eq(now)));
        written(self.conn(), "endpoint_probes", update).map(|rows| rows == 1)
    }

    /// Stores the results of a probe of this address; `false` if the endpoint is deleted or has another address by now.
    pub fn keep_endpoint_probe(&mut self, row: &EndpointProbeRow) -> Result<bool, StoreError> {
        let place = endpoint_probes::table.find(&row.endpoint).filter(endpoint_probes::place.eq(&row.place));
        let update = diesel::update(place).set((
            endpoint_probes::next_at.eq(row.next_at),
            endpoint_probes::version.eq(row.version),
            endpoint_probes::state.eq(&row.state),
        ));
        written(self.conn(), "endpoint_probes", update).map(|rows| rows == 1)
    }
}
