//! Endpoints that are probed, one row each. Several nodes work on them: a probe is taken by a conditional update. What is kept may be
//! lost, and is forgotten with its endpoint.

use super::backend::written;
use super::schema::endpoint_probes;
use super::{Conn, StoreError, Transaction};
use diesel::prelude::*;

/// An endpoint as it stands in the table.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = endpoint_probes, treat_none_as_default_value = false)]
pub struct EndpointProbeRow {
    /// Public id of the endpoint.
    pub endpoint: String,
    /// Public id of its VASP.
    pub vasp: String,
    /// Host that is called.
    pub host: String,
    /// What is called.
    pub place: String,
    /// Digest of what is published about it.
    pub published: String,
    /// When it is probed next, microseconds since the epoch.
    pub next_at: i64,
    /// When a member last asked for a probe.
    pub asked_at: Option<i64>,
    /// Rises with every sample.
    pub version: i64,
    /// What is remembered, JSON.
    pub state: String,
}

/// How many ids one statement names.
const CHUNK: usize = 500;

impl Conn {
    /// Returns all endpoints that are probed, without what is remembered of them, in order of id.
    pub fn endpoint_probe_places(&mut self) -> Result<Vec<(String, String, String)>, StoreError> {
        let columns = (endpoint_probes::endpoint, endpoint_probes::place, endpoint_probes::published);
        let rows = endpoint_probes::table.select(columns).order(endpoint_probes::endpoint);
        rows.load(self).map_err(StoreError::on("endpoint_probes"))
    }

    /// Returns which endpoints are probed and the number of each one's newest sample.
    pub fn endpoint_probe_versions(&mut self) -> Result<Vec<(String, i64)>, StoreError> {
        let columns = (endpoint_probes::endpoint, endpoint_probes::version);
        endpoint_probes::table.select(columns).load(self).map_err(StoreError::on("endpoint_probes"))
    }

    /// Returns these endpoints, those that are there.
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

    /// Returns endpoints that are to be probed, longest waiting first, none of these hosts: id and when.
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
    /// Adds endpoints; those that another node added stay as they are.
    pub fn add_endpoint_probes(&mut self, rows: &[EndpointProbeRow]) -> Result<(), StoreError> {
        for row in rows {
            let insert = diesel::insert_into(endpoint_probes::table).values(row);
            written!(self, "endpoint_probes", insert.on_conflict_do_nothing())?;
        }
        Ok(())
    }

    /// Puts what is called, and what is published about it, in the place of what was known, and has it probed at `next_at`. Where
    /// another place is called, what is remembered of the old one is forgotten.
    pub fn change_endpoint_probe(&mut self, row: &EndpointProbeRow) -> Result<(), StoreError> {
        let elsewhere = endpoint_probes::table.find(&row.endpoint).filter(endpoint_probes::place.ne(&row.place));
        let forget = diesel::update(elsewhere)
            .set((endpoint_probes::state.eq(&row.state), endpoint_probes::version.eq(endpoint_probes::version + 1)));
        written!(self, "endpoint_probes", forget)?;
        let change = diesel::update(endpoint_probes::table.find(&row.endpoint)).set((
            endpoint_probes::vasp.eq(&row.vasp),
            endpoint_probes::host.eq(&row.host),
            endpoint_probes::place.eq(&row.place),
            endpoint_probes::published.eq(&row.published),
            endpoint_probes::next_at.eq(row.next_at),
        ));
        written!(self, "endpoint_probes", change).map(drop)
    }

    /// Forgets endpoints.
    pub fn forget_endpoint_probes(&mut self, endpoints: &[String]) -> Result<(), StoreError> {
        for chunk in endpoints.chunks(CHUNK) {
            let delete = diesel::delete(endpoint_probes::table.filter(endpoint_probes::endpoint.eq_any(chunk)));
            written!(self, "endpoint_probes", delete)?;
        }
        Ok(())
    }

    /// Takes a probe that is due: it is due again at `again` if whoever took it is lost. False where another node took it.
    pub fn take_endpoint_probe(&mut self, endpoint: &str, due_at: i64, again: i64) -> Result<bool, StoreError> {
        let place = endpoint_probes::table.find(endpoint).filter(endpoint_probes::next_at.eq(due_at));
        let update = diesel::update(place).set(endpoint_probes::next_at.eq(again));
        written!(self, "endpoint_probes", update).map(|rows| rows == 1)
    }

    /// Has an endpoint probed now because its member asks, unless somebody asked at or after `since`; false then. What was asked
    /// in the future, by a clock that was wrong, keeps nobody from asking.
    pub fn ask_endpoint_probe(&mut self, endpoint: &str, since: i64, now: i64) -> Result<bool, StoreError> {
        let free =
            endpoint_probes::asked_at.is_null().or(endpoint_probes::asked_at.lt(since)).or(endpoint_probes::asked_at.gt(now));
        let place = endpoint_probes::table.find(endpoint).filter(free);
        let update = diesel::update(place).set((endpoint_probes::asked_at.eq(now), endpoint_probes::next_at.eq(now)));
        written!(self, "endpoint_probes", update).map(|rows| rows == 1)
    }

    /// Keeps what is remembered after a probe of this place. False where the endpoint is gone, or is somewhere else by now.
    pub fn keep_endpoint_probe(&mut self, row: &EndpointProbeRow) -> Result<bool, StoreError> {
        let place = endpoint_probes::table.find(&row.endpoint).filter(endpoint_probes::place.eq(&row.place));
        let update = diesel::update(place).set((
            endpoint_probes::next_at.eq(row.next_at),
            endpoint_probes::version.eq(row.version),
            endpoint_probes::state.eq(&row.state),
        ));
        written!(self, "endpoint_probes", update).map(|rows| rows == 1)
    }
}
