//! Finds the owner of a host, or of a path on it. The longest confirmed delegation decides. Without one, the owner is the VASP that
//! proved the host or the nearest name above it, but never a name above the registrable domain. VASPs that name a host without proof
//! are candidates, never owners. The caller is `resolve::resolve`.

use std::sync::Arc;

use crate::directory::Generation;
use vasp_addresses::network::NetworkNumber;
use vasp_record::delegation::DelegationStatus;
use vasp_record::resolution::Resolution;
use vasp_record::vasp::{DomainStatus, Vasp};
use vasp_words::host::Host;
use vasp_words::ids::VaspId;
use vasp_words::look_alike::HostWarning;

/// What the directory knows about a host.
pub(crate) struct HostOwner {
    /// The owners and the status.
    pub resolution: Resolution<NetworkNumber>,
    /// Records that name the host and do not own it.
    pub unverified: Vec<Arc<Vasp>>,
    /// The platform that the host belongs to. `None` if it belongs to none.
    pub platform: Option<String>,
    /// Warnings about names that the host looks like.
    pub warnings: Vec<HostWarning>,
}

impl HostOwner {
    /// Looks up a host. `path` is the path in question; it is empty for the host as a whole.
    pub(crate) fn find(generation: &Generation, host: &Host, path: &str) -> Self {
        let records = generation.records();
        let platform = generation.documents().platforms.value.covering(host);
        let itself_shared = platform.is_some_and(|entry| entry.host() == host.as_str());
        let mut found = Names { generation, owners: vec![], unverified: vec![] };
        found.delegated(host, path, itself_shared);
        if found.owners.is_empty() {
            let own = platform.is_none();
            found.named(host, |depth, covers_subdomains| own && (depth == 0 || covers_subdomains));
        }
        let Names { owners, mut unverified, .. } = found;
        unverified.retain(|record| !owners.contains(&record.id));
        Self {
            resolution: Resolution::of_host(&owners, records),
            unverified,
            platform: platform.map(|entry| entry.platform().to_owned()),
            warnings: records.host_warnings(host),
        }
    }
}

/// The records found so far.
struct Names<'a> {
    generation: &'a Generation,
    owners: Vec<VaspId>,
    unverified: Vec<Arc<Vasp>>,
}

impl Names<'_> {
    /// Adds the VASPs to which the path is delegated; the longest prefix wins. Nobody owns a shared host as a whole.
    fn delegated(&mut self, host: &Host, path: &str, itself_shared: bool) {
        let mut longest = 0;
        for delegation in self.generation.records().delegations(host) {
            let depth = delegation.prefix.depth();
            if !delegation.prefix.covers(path) || (depth == 0 && itself_shared) {
                continue;
            }
            let Some(record) = self.generation.records().get(delegation.vasp).filter(|record| record.status.is_live()) else {
                continue;
            };
            if delegation.status != DelegationStatus::Confirmed {
                self.candidate(&Arc::clone(record));
            } else if self.owners.is_empty() || depth > longest {
                (longest, self.owners) = (depth, vec![record.id]);
            } else if depth == longest {
                self.owners.push(record.id);
            }
        }
    }

    /// Adds the VASPs that name the host or a name above it. The nearest proven name owns it, if `counts` accepts it at that number of
    /// labels above the host.
    fn named(&mut self, host: &Host, counts: impl Fn(usize, bool) -> bool) {
        for (depth, name) in host.parents().iter().enumerate() {
            for (record, domain) in self.generation.records().with_domain(name).filter(|(record, _)| record.status.is_live()) {
                if domain.status == DomainStatus::Proven && counts(depth, domain.covers_subdomains) {
                    self.owners.push(record.id);
                } else {
                    self.candidate(record);
                }
            }
            // The longest proven name decides.
            if !self.owners.is_empty() {
                break;
            }
        }
    }

    fn candidate(&mut self, record: &Arc<Vasp>) {
        if !self.unverified.iter().any(|known| known.id == record.id) {
            self.unverified.push(Arc::clone(record));
        }
    }
}
