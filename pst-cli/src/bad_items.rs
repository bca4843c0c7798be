//! `--bad-item-limit`: how many items may be lost before a command stops.

use pst_core::policy::BadItemLimit;

use crate::exit::Failure;

/// How many items may be lost.
#[derive(Clone, Copy, Debug, clap::Args)]
#[command(next_help_heading = "Bad items")]
pub(crate) struct BadItems {
    /// Go on after N items that cannot be read or written whole, or `unlimited`; stop at the next one, with exit code 4
    #[arg(long, value_name = "N", default_value = "0")]
    bad_item_limit: BadItemLimit,
    /// Needed for a limit of 51 and more
    #[arg(long)]
    accept_large_data_loss: bool,
}

impl BadItems {
    /// The limit.
    ///
    /// The error ends the command with exit code 2.
    pub(crate) fn limit(&self) -> Result<BadItemLimit, Failure> {
        if self.bad_item_limit.is_large() && !self.accept_large_data_loss {
            let least = BadItemLimit::LARGE;
            let text = format!("a --bad-item-limit of {least} and more needs --accept-large-data-loss");
            return Err(Failure::usage(text));
        }
        Ok(self.bad_item_limit)
    }
}
