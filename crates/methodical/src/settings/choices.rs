//! The names of settings that are one of few.

use methodical_server::settings::{Durability, LogFormat, MacJunk, ShownTo};

use super::kind::Choice;

/// Where certificates come from.
pub(crate) const TLS: &[Choice] = &[
    Choice {
        name: "auto",
        put: |draft| draft.tls.self_signed = false,
        is: |draft| !draft.tls.self_signed,
    },
    Choice {
        name: "self-signed",
        put: |draft| draft.tls.self_signed = true,
        is: |draft| draft.tls.self_signed,
    },
];

/// The names of [`Durability`].
pub(crate) const DURABILITIES: &[Choice] = &[
    Choice {
        name: "full",
        put: |draft| draft.settings.durability = Durability::Full,
        is: |draft| draft.settings.durability == Durability::Full,
    },
    Choice {
        name: "relaxed",
        put: |draft| draft.settings.durability = Durability::Relaxed,
        is: |draft| draft.settings.durability == Durability::Relaxed,
    },
];

/// The names of [`ShownTo`].
pub(crate) const HIDDEN: &[Choice] = &[
    Choice {
        name: "never",
        put: |draft| draft.settings.policy.hidden = ShownTo::Nobody,
        is: |draft| draft.settings.policy.hidden == ShownTo::Nobody,
    },
    Choice {
        name: "writers",
        put: |draft| draft.settings.policy.hidden = ShownTo::Writers,
        is: |draft| draft.settings.policy.hidden == ShownTo::Writers,
    },
    Choice {
        name: "always",
        put: |draft| draft.settings.policy.hidden = ShownTo::Everybody,
        is: |draft| draft.settings.policy.hidden == ShownTo::Everybody,
    },
];

/// The names of [`MacJunk`].
pub(crate) const MAC_JUNK: &[Choice] = &[
    Choice {
        name: "drop",
        put: |draft| draft.settings.policy.mac_junk = MacJunk::Drop,
        is: |draft| draft.settings.policy.mac_junk == MacJunk::Drop,
    },
    Choice {
        name: "store",
        put: |draft| draft.settings.policy.mac_junk = MacJunk::Store,
        is: |draft| draft.settings.policy.mac_junk == MacJunk::Store,
    },
    Choice {
        name: "refuse",
        put: |draft| draft.settings.policy.mac_junk = MacJunk::Refuse,
        is: |draft| draft.settings.policy.mac_junk == MacJunk::Refuse,
    },
];

/// The names of [`LogFormat`].
pub(crate) const LOG_FORMATS: &[Choice] = &[
    Choice {
        name: "human",
        put: |draft| draft.settings.log_format = LogFormat::Human,
        is: |draft| draft.settings.log_format == LogFormat::Human,
    },
    Choice {
        name: "json",
        put: |draft| draft.settings.log_format = LogFormat::Json,
        is: |draft| draft.settings.log_format == LogFormat::Json,
    },
    Choice {
        name: "combined",
        put: |draft| draft.settings.log_format = LogFormat::Combined,
        is: |draft| draft.settings.log_format == LogFormat::Combined,
    },
    Choice {
        name: "off",
        put: |draft| draft.settings.log_format = LogFormat::Off,
        is: |draft| draft.settings.log_format == LogFormat::Off,
    },
];
