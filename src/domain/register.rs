//! A neutral snapshot of a public register, whatever format it came in.
