//! Whatever is asked about: reading a subject and its kind.
