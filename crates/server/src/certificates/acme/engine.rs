//! The order of things: what is kept is shown, what is due is ordered, what failed is tried again
//! later.
//!
//! It runs on the first thread, beside the server's requests, for as long as that runs. A crash or
//! a restart at any point is harmless: what is on the disk decides what is due, and orders are
//! noted before they are made, so that no loop of restarts uses up the authority's limits.

use std::{fmt, sync::Arc, time::Duration};

use instant_acme::CertificateIdentifier;
use methodical_semantics::timestamp::Timestamp;
use rustix::rand::{GetRandomFlags, getrandom};
use rustls::pki_types::Der;
use tokio::time::{sleep, timeout};
use x509_cert::{Certificate, der::Decode as _, ext::pkix::AuthorityKeyIdentifier};

use super::{
    challenges::Challenges,
    client::Client,
    order::{Failed, Ordering, Way},
    schedule::{self, LOOK_MOST, Window},
    state::{Kept, State},
    wanted::Acme,
};
use crate::{
    certificates::{failure::TlsError, shown::Certificates},
    clock,
};

/// Keeps one certificate good.
#[derive(Debug)]
pub(crate) struct Engine {
    /// The operator's choices.
    acme: Acme,
    /// The folder in which all is kept.
    state: State,
    /// The way to the authority.
    client: Client,
    /// The certificates that handshakes show, to be exchanged.
    certificates: Arc<Certificates>,
    /// The proofs that are shown during an order.
    challenges: Arc<Challenges>,
    /// True if plain HTTP is listened for, too.
    has_http: bool,
}

/// The state that is known beyond what is kept.
#[derive(Debug)]
struct Memory {
    /// The certificate that all this is about.
    kept: Option<Kept>,
    /// The time in which the authority wants it renewed, if it said so.
    window: Option<Window>,
    /// The moment to ask for the window again.
    look_at: i64,
    /// The moment when it came, if it did since we began.
    obtained: Option<i64>,
    /// Before this nothing is tried.
    not_before: i64,
    /// Attempts that failed in a row.
    failures: u32,
    /// Chosen once for each certificate.
    chance: f64,
}

impl Engine {
    /// Takes the certificate that is kept, if there is one.
    ///
    /// # Errors
    /// Nobody is there who could vouch for the authority.
    pub(crate) fn new(
        acme: &Acme,
        certificates: &Arc<Certificates>,
        challenges: &Arc<Challenges>,
        has_http: bool,
    ) -> Result<Self, TlsError> {
        let state = State::of(acme);
        if state.kept(&acme.names).is_some() {
            // One without a key that fits is ordered anew.
            let _spoilt = certificates.exchange(&[state.files()]);
        }
        Ok(Self {
            client: Client::new(acme.roots.as_deref())?,
            acme: acme.clone(),
            state,
            certificates: Arc::clone(certificates),
            challenges: Arc::clone(challenges),
            has_http,
        })
    }

    /// Never ends.
    pub(crate) async fn run(self: Arc<Self>) {
        let mut memory = Memory::new();
        loop {
            let now = clock::now().seconds();
            self.look(&mut memory);
            if memory.kept.is_some() && memory.look_at <= now {
                self.ask_for_window(&mut memory, now).await;
            }
            let due = memory.due(now).max(schedule::room(&self.state.orders(), now));
            if due <= now {
                self.try_once(&mut memory, now).await;
                continue;
            }
            let look_at = if memory.kept.is_some() { memory.look_at } else { due };
            let seconds = u64::try_from(due.min(look_at) - now).unwrap_or_default().max(1);
            // The clock may be set meanwhile, or the machine sleep.
            sleep(Duration::from_secs(seconds).min(schedule::HOUR)).await;
        }
    }

    /// The certificate that is kept may have been exchanged by somebody else.
    fn look(&self, memory: &mut Memory) {
        let kept = self.state.kept(&self.acme.names);
        // One without a key that fits is none.
        let kept = kept.filter(|_| self.certificates.holds_any() || self.show().is_ok());
        if kept == memory.kept {
            return;
        }
        *memory = Memory { kept, not_before: memory.not_before, ..Memory::new() };
        if let Some(kept) = &memory.kept {
            let (end, due) = (date(kept.validity.end), date(memory.due(0)));
            say(format_args!("the certificate for {} ends on {end}, due on {due}", self.names()));
        }
    }

    /// RFC 9773: an authority may want a certificate to be renewed sooner, or later.
    async fn ask_for_window(&self, memory: &mut Memory, now: i64) {
        let told = self.window(memory).await.unwrap_or((memory.window, LOOK_MOST));
        memory.window = told.0;
        memory.look_at = now.saturating_add(told.1.as_secs().cast_signed());
    }

    /// Nothing where the authority tells none, or is not reached: nobody waits for it.
    async fn window(&self, memory: &Memory) -> Option<(Option<Window>, Duration)> {
        let id = memory.kept.as_ref().and_then(identifier)?;
        let account = self.ordering().known_account().await?;
        let (info, again) = account.renewal_info(&id).await.ok()?;
        let suggested = info.suggested_window;
        let (start, end) = (suggested.start.unix_timestamp(), suggested.end.unix_timestamp());
        Some((Some(Window { start, end }), schedule::look_again(again)))
    }

    /// Orders once, and writes down what came of it. Where both ways of proof
    /// are open, they are tried in turn.
    async fn try_once(&self, memory: &mut Memory, now: i64) {
        // What one way failed at, the other may do.
        let way =
            if self.has_http && memory.failures.is_multiple_of(2) { Way::Http } else { Way::Tls };
        let (names, directory) = (self.names(), &self.acme.directory);
        say(format_args!("ordering a certificate for {names} from {directory} by {way}"));
        let obtained = timeout(ORDER_LONGEST, self.obtain(memory, way, now)).await;
        let obtained = obtained
            .unwrap_or_else(|_| Err(Failed::ordering("the order took longer than ten minutes")));
        let now = clock::now().seconds();
        let told = self.client.told();
        match obtained {
            Ok(()) => {
                say(format_args!("obtained a certificate for {names}"));
                self.look(memory);
                (memory.failures, memory.not_before, memory.obtained) = (0, now, Some(now));
            }
            Err(Failed { stage, why }) => {
                memory.failures = memory.failures.saturating_add(1);
                let delay = schedule::delay(memory.failures, stage, told, chance());
                memory.not_before = now.saturating_add(delay.as_secs().cast_signed());
                let next = date(memory.not_before.max(schedule::room(&self.state.orders(), now)));
                let left = match &memory.kept {
                    Some(kept) => format!("the old one is good until {}", date(kept.validity.end)),
                    None => "there is none yet".to_owned(),
                };
                say(format_args!("no new certificate: {why}; {left}; next try on {next}"));
            }
        }
    }

    /// Orders, keeps and shows a certificate. The order is noted before it is made, so that a crash
    /// does not order without end.
    async fn obtain(&self, memory: &Memory, way: Way, now: i64) -> Result<(), Failed> {
        let ordering = self.ordering();
        let account = ordering.account().await?;
        // Before the order: what cannot be kept is not ordered.
        let folder = self.state.folder().display();
        let unkept = |cause| format!("cannot keep anything in {folder}: {cause}");
        self.state.note_order(now).map_err(|cause| Failed::reaching(unkept(cause)))?;
        let knows = memory.window.is_some() && memory.failures == 0;
        let replaced = memory.kept.as_ref().filter(|_| knows).and_then(identifier);
        let issued = ordering.order(&account, way, replaced).await?;
        let kept = self.state.keep(&issued.chain, &issued.key);
        kept.map_err(|cause| Failed::ordering(unkept(cause)))?;
        self.show().map_err(Failed::ordering)?;
        match self.state.kept(&self.acme.names) {
            Some(_) => Ok(()),
            None => Err(Failed::ordering("the certificate that came is not one of these names")),
        }
    }

    /// The things that an order is made with.
    fn ordering(&self) -> Ordering<'_> {
        Ordering {
            acme: &self.acme,
            state: &self.state,
            client: &self.client,
            challenges: &self.challenges,
        }
    }

    /// From now on handshakes are made with what is kept.
    fn show(&self) -> Result<(), TlsError> {
        self.certificates.exchange(&[self.state.files()])
    }

    /// The names, as the log tells them.
    fn names(&self) -> String {
        self.acme.names.join(", ")
    }
}

impl Memory {
    /// Nothing is known yet.
    fn new() -> Self {
        let chance = chance();
        let (window, obtained) = (None, None);
        Self { kept: None, window, look_at: 0, obtained, not_before: 0, failures: 0, chance }
    }

    /// At once, where there is none.
    fn due(&self, now: i64) -> i64 {
        let Some(Kept { validity, .. }) = self.kept else { return now.max(self.not_before) };
        let obtained = self.obtained.unwrap_or(i64::MIN);
        let earliest = schedule::earliest(validity, self.window, obtained);
        let renewal = schedule::renewal(validity, self.window, self.chance);
        renewal.max(earliest).max(self.not_before)
    }
}

/// RFC 9773 section 4.1.
fn identifier(kept: &Kept) -> Option<CertificateIdentifier<'static>> {
    let parsed = Certificate::from_der(&kept.der).ok()?;
    let fields = parsed.tbs_certificate();
    let (_, authority) = fields.get_extension::<AuthorityKeyIdentifier>().ok()??;
    let key = authority.key_identifier?;
    let serial = fields.serial_number();
    let id = CertificateIdentifier::new(
        Der::from_slice(key.as_bytes()),
        Der::from_slice(serial.as_bytes()),
    );
    Some(id.into_owned())
}

/// A number from 0 on and below 1.
fn chance() -> f64 {
    let mut octets = [0; 4];
    // Without chance there is one choice.
    let _filled = getrandom(&mut octets, GetRandomFlags::empty());
    f64::from(u32::from_ne_bytes(octets)) / (f64::from(u32::MAX) + 1.0)
}

/// A moment as the log tells it.
fn date(seconds: i64) -> String {
    Timestamp::new(seconds, 0).http_date()
}

/// Says something to the operator, marked as the engine's word.
fn say(what: fmt::Arguments<'_>) {
    crate::log::say(format_args!("acme: {what}"));
}

/// The time that all of an order may take.
const ORDER_LONGEST: Duration = Duration::from_mins(10);

#[cfg(test)]
mod tests {
    use rcgen::{
        BasicConstraints, CertificateParams, IsCa, Issuer, KeyIdMethod, KeyPair, SerialNumber,
    };

    use super::*;
    use crate::certificates::validity::Validity;

    #[test]
    fn rfc9773_4_1_a_certificate_is_named_by_its_authority_and_serial_number() {
        let key = [
            0x69, 0x88, 0x5b, 0x6b, 0x87, 0x46, 0x40, 0x41, 0xe1, 0xb3, 0x7b, 0x84, 0x7b, 0xa0,
            0xae, 0x2c, 0xde, 0x01, 0xc8, 0xd4,
        ];
        let mut authority = CertificateParams::new(Vec::new()).unwrap();
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        authority.key_identifier_method = KeyIdMethod::PreSpecified(key.to_vec());
        let issuer = Issuer::new(authority, KeyPair::generate().unwrap());
        let mut params = CertificateParams::new(vec!["a.example".to_owned()]).unwrap();
        params.use_authority_key_identifier_extension = true;
        params.serial_number = Some(SerialNumber::from_slice(&[0x87, 0x65, 0x43, 0x21]));
        let made = params.signed_by(&KeyPair::generate().unwrap(), &issuer).unwrap();
        let validity = Validity::of(made.der()).unwrap();
        let id = identifier(&Kept { der: made.der().clone(), validity }).unwrap();
        assert_eq!(id.to_string(), "aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE");
    }

    #[test]
    fn rfc9773_4_2_a_chance_is_from_0_on_and_below_1() {
        assert!((0..100).map(|_| chance()).all(|chance| (0.0..1.0).contains(&chance)));
    }
}
