//! The result of validating a certificate chain against a set of roots. `pki::x509` validates the chain; this module has the
//! types.

/// Whether a path leads from a certificate to a root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PathOutcome {
    /// A path leads to a root.
    Trusted {
        /// The name of the root.
        root: String,
    },
    /// No path leads to a root.
    NotTrusted(PathFault),
    /// The registry has no roots of that set.
    NotConfigured,
    /// The certificate is pinned, so no root is needed.
    Pinned,
}

/// Why no path leads to a root: the fault of the path that got furthest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathFault {
    /// Its issuer is unknown.
    UnknownIssuer,
    /// A signature does not verify.
    Signature,
    /// A signature is of a kind that is not accepted.
    Algorithm,
    /// An issuer is outside its validity.
    Validity,
    /// An issuer may not issue it: it is no authority, or its path length or name constraints forbid it.
    Constraint,
    /// An issuer is limited to other purposes.
    Usage,
    /// A certificate breaks the encoding rules, or the validation gave up.
    Unreadable,
    /// The leaf itself is faulty; the other findings say how.
    Leaf,
}
