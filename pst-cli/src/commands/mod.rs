//! One module per command. Each has its arguments and `run(&args, &global) -> anyhow::Result<Exit>`.

pub(crate) mod addresses;
pub(crate) mod completions;
pub(crate) mod create;
pub(crate) mod delivery;
pub(crate) mod dump;
pub(crate) mod export;
pub(crate) mod info;
pub(crate) mod journal;
pub(crate) mod ls;
pub(crate) mod man;
pub(crate) mod scan;
pub(crate) mod show;
pub(crate) mod transfer;
pub(crate) mod verify;
