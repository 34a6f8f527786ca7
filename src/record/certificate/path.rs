//! What came of validating a chain of certificates against a set of roots. `pki::x509` validates; here are the words.

/// Whether a path leads from a certificate to a root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PathOutcome {
    /// One does.
    Trusted {
        /// The name of the root.
        root: String,
    },
    /// None does.
    NotTrusted(PathFault),
    /// The registry has no roots of that set.
    NotConfigured,
    /// Nobody's word is asked for.
    Pinned,
}

/// Why no path leads to a root: the fault of the path that came furthest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathFault {
    /// Nobody known has issued it.
    UnknownIssuer,
    /// A signature does not verify.
    Signature,
    /// A signature is of a kind that is not accepted.
    Algorithm,
    /// An issuer is outside its validity.
    Validity,
    /// An issuer may not issue it: no authority, too deep, or another name space.
    Constraint,
    /// An issuer is limited to other purposes.
    Usage,
    /// A certificate breaks the rules of encoding, or the search was given up.
    Unreadable,
    /// The leaf itself is at fault, as the other findings say.
    Leaf,
}
