//! Travel Address codec.
