//! Errors of this crate: what is wrong, and the cure.

use std::fmt;

use tucuxi_core::Error;

/// Somebody wrote something that cannot be; names the place.
#[cold]
pub(crate) fn wrong(what: fmt::Arguments<'_>, cure: fmt::Arguments<'_>) -> Error {
    Error::invalid_config(fmt::format(what)).with_hint(fmt::format(cure))
}

/// Nobody asked for it.
#[cold]
pub(crate) fn absent(what: fmt::Arguments<'_>) -> Error {
    Error::not_configured(fmt::format(what))
}
