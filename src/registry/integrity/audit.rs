//! Verifies the audit chain: each event's hash covers the previous hash and the commitment to its payload. The chain is private and in no
//! public log. So this check cannot detect that somebody rewrote all events from one event to the end. An export kept elsewhere can
//! (`verify audit`).

use aws_lc_rs::digest::{SHA256, digest};
use vasp_log::{AuditLine, audit_hash};
use vasp_store::AuditLineRow;

use super::{Place, Verification};
use crate::node::ServiceError;

/// Number of events read at once.
const PAGE: i64 = 1_000;

impl Verification<'_> {
    pub(super) fn audit(&mut self) -> Result<(), ServiceError> {
        let (end, hash) = self.read(|conn| conn.audit_chain_head())?;
        let (mut last, mut before) = (0, vec![0; 32]);
        while last < end {
            let mut page = self.read(|conn| conn.audit_lines(last, PAGE))?;
            page.retain(|row| row.number <= end);
            if page.is_empty() {
                break;
            }
            for row in page {
                if row.number != last + 1 {
                    self.altered("audit_events", last + 1, "the event is missing");
                } else if let Some(what) = fault(&before, &row) {
                    self.altered("audit_events", row.number, what);
                }
                self.report.audit_events += 1;
                (last, before) = (row.number, row.hash);
            }
            if !self.goes_on(Place::Audit) {
                return Ok(());
            }
        }
        if last != end {
            self.altered("audit_events", end, "the last event is missing");
        } else if before != hash {
            self.altered("audit_head", end, "its hash is not the hash of the last event");
        }
        let (now, last) = self.read(|conn| Ok((conn.audit_chain_head()?.0, conn.last_audit_line()?)))?;
        if now != last {
            self.altered("audit_events", last, "the chain has an event after the last event of its head");
        }
        Ok(())
    }
}

fn fault(before: &[u8], row: &AuditLineRow) -> Option<&'static str> {
    if let (Some(salt), Some(payload)) = (&row.salt, &row.payload)
        && digest(&SHA256, &[salt.as_slice(), payload.as_bytes()].concat()).as_ref() != row.commitment
    {
        return Some("its payload does not match its commitment");
    }
    let line = AuditLine {
        number: row.number,
        at: row.at,
        organisation: row.organisation.as_deref(),
        actor: row.actor.as_deref(),
        credential: row.credential.as_deref(),
        action: &row.action,
        subject: row.subject.as_deref(),
        outcome: &row.outcome,
        commitment: &row.commitment,
    };
    let fits = audit_hash(before, &line).is_ok_and(|hash| hash.as_slice() == row.hash);
    (!fits).then_some("its hash does not match the previous event and its content")
}
