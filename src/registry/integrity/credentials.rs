//! Verifies that no key, certificate, delegation or user is in force that the audit chain says was revoked or disabled.

use vasp_store::Conn;

use super::Verification;
use crate::node::ServiceError;

impl Verification<'_> {
    pub(super) fn credentials(&mut self) -> Result<(), ServiceError> {
        for (table, id) in self.read(Conn::revived)? {
            self.altered(table, id, "it is in force, although the audit chain says that it was revoked or disabled");
        }
        Ok(())
    }
}
