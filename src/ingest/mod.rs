//! Importers: source bytes to domain facts with evidence; no store access.
