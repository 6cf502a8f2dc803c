//! When a setting that changed while the server runs holds.

use methodical_server::settings::Settings;

/// When a setting that changed holds.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Applies {
    /// As soon as the configuration is read again.
    Now,
    /// Once the server was started again.
    Restart,
    /// Now, unless what the server was started with does not bear it. Told with the settings of the
    /// start, and with those that are wanted.
    NowUnless(fn(&Settings, &Settings) -> bool),
}

impl Applies {
    pub(crate) fn waits(self, start: &Settings, wanted: &Settings) -> bool {
        match self {
            Self::Now => false,
            Self::Restart => true,
            Self::NowUnless(is_borne_not) => is_borne_not(start, wanted),
        }
    }
}

/// Whether writing is wanted in a folder that was opened to be read; the other way round it holds
/// now.
pub(crate) fn writes_anew(start: &Settings, wanted: &Settings) -> bool {
    wanted.policy.writable && !start.policy.writable
}

/// Whether TLS begins or ends by it, or what is ordered is another: certificates alone hold now.
pub(crate) fn changes_tls(start: &Settings, wanted: &Settings) -> bool {
    let is_ordered =
        |settings: &Settings| settings.tls.as_ref().is_some_and(|tls| tls.acme.is_some());
    start.tls.is_some() != wanted.tls.is_some() || is_ordered(start) || is_ordered(wanted)
}
