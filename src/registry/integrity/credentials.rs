//! Verifies that what was taken from somebody does not count again.

use vasp_store::Conn;

use super::Verification;
use crate::node::ServiceError;

impl Verification<'_> {
    pub(super) fn credentials(&mut self) -> Result<(), ServiceError> {
        for (table, id) in self.read(Conn::revived)? {
            self.altered(table, id, "it counts again, although the audit chain says that it was revoked or disabled");
        }
        Ok(())
    }
}
