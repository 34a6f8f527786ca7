//! The due-diligence file: what a VASP answers about itself, who may read it, and what pre-checks and readers see.

mod access;
mod answers;
mod checks;
mod file;
mod imported;
mod silence;
mod world;
