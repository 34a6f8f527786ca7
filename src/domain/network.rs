//! The table of networks: ids, aliases, formats, memo rules.
