//! Checks a domain by both methods, whatever the first one says, so that the member sees both results. This takes seconds and holds
//! no transaction.

use vasp_outbound::Outbound;
use vasp_record::domain_look::DomainLook;
use vasp_record::domain_proof::{FileFault, PublishedFile};
use vasp_store::MemberDomain;

/// Checks a domain.
pub(super) fn look(outbound: &Outbound, domain: &MemberDomain) -> DomainLook {
    let challenge = &domain.challenge();
    let unfetched = |why: String, is_ours: bool| FileFault::NotFetched { why, is_ours };
    let (answers, fetched) = std::thread::scope(|scope| {
        let file = scope.spawn(|| {
            let url =
                challenge.file_url().parse().map_err(|_| unfetched("no URL can be made from the domain".to_owned(), false))?;
            outbound.fetch(&url).map_err(|error| unfetched(error.to_string(), error.is_ours()))
        });
        let answers = outbound.texts(&challenge.txt_name());
        let broken = || Err(unfetched("the file could not be checked; try again later".to_owned(), true));
        (answers, file.join().unwrap_or_else(|_| broken()))
    });
    let file = match &fetched {
        Ok(file) => Ok(PublishedFile {
            host: file.url.host(),
            status: file.status,
            content_type: file.content_type.as_deref(),
            body: &file.body,
        }),
        Err(fault) => Err(fault.clone()),
    };
    DomainLook::of(challenge, &answers, file)
}
