//! One order, from the account to the certificate (RFC 8555 section 7).
//!
//! The protocol is the library's; here is the order of its steps, what is proved by which
//! challenge, and what a failure is worth: one of the network or the disk may be tried again soon,
//! one of the order counts against the authority's limits.

use std::{error::Error as StdError, fmt, sync::Arc, time::Duration};

use instant_acme::{
    Account, AuthorizationStatus, CertificateIdentifier, ChallengeHandle, ChallengeType, Error,
    Identifier, NewAccount, NewOrder, Order, OrderStatus, RetryPolicy,
};
use rcgen::{CertificateParams, CustomExtension, KeyPair};
use rustls::{
    crypto::aws_lc_rs,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
    sign::CertifiedKey,
};

use super::{
    challenges::{Challenges, Proofs},
    client::Client,
    schedule::Stage,
    state::State,
    wanted::Acme,
};

/// The things that an order is made with.
#[derive(Debug)]
pub(super) struct Ordering<'o> {
    /// The operator's choices.
    pub(super) acme: &'o Acme,
    /// The folder in which the account is kept.
    pub(super) state: &'o State,
    /// The way to the authority.
    pub(super) client: &'o Client,
    /// The place where proofs are shown.
    pub(super) challenges: &'o Arc<Challenges>,
}

/// The ways in which names are shown to be ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// By a resource at plain HTTP (RFC 8555 section 8.3).
    Http,
    /// By a handshake (RFC 8737).
    Tls,
}

/// The reason for which there is no certificate.
#[derive(Debug)]
pub(super) struct Failed {
    /// The step that failed, by which the next attempt is timed.
    pub(super) stage: Stage,
    /// The reason, for the operator.
    pub(super) why: Box<dyn StdError + Send + Sync>,
}

/// A certificate with those that vouch for it, and its key, as PEM.
pub(super) struct Issued {
    /// The certificates as PEM, the server's own first.
    pub(super) chain: String,
    /// The private key as PEM; it was made here and never leaves.
    pub(super) key: String,
}

impl Ordering<'_> {
    /// The account that is kept, else a new one.
    ///
    /// # Errors
    /// The authority is not reached or refuses, or the account cannot be kept.
    pub(super) async fn account(&self) -> Result<Account, Failed> {
        let contact: Vec<&str> = self.acme.contact.iter().map(String::as_str).collect();
        let builder = Account::builder_with_http(Box::new(self.client.clone()));
        if let Some((credentials, known)) = self.state.account() {
            let text = serde_json::to_value(&credentials).map_err(Failed::reaching)?;
            let account = builder.from_credentials(credentials).await;
            let account = account.map_err(|failed| self.unreached(failed))?;
            if known != self.acme.contact {
                account.update_contacts(&contact).await.map_err(Failed::reaching)?;
                let credentials = serde_json::from_value(text).map_err(Failed::reaching)?;
                let kept = self.state.keep_account(&credentials, &self.acme.contact);
                kept.map_err(|cause| self.unkept(&cause))?;
            }
            return Ok(account);
        }
        let wanted = NewAccount {
            contact: &contact,
            terms_of_service_agreed: true,
            only_return_existing: false,
        };
        let made = builder.create(&wanted, self.acme.directory.clone(), None).await;
        let (account, credentials) = made.map_err(|failed| self.unreached(failed))?;
        let kept = self.state.keep_account(&credentials, &self.acme.contact);
        kept.map_err(|cause| self.unkept(&cause))?;
        Ok(account)
    }

    /// The account that is kept, if it is and the authority is reached.
    pub(super) async fn known_account(&self) -> Option<Account> {
        match self.state.account() {
            Some(_kept) => self.account().await.ok(),
            None => None,
        }
    }

    /// Orders a certificate, in place of the one named.
    ///
    /// # Errors
    /// The authority is not reached or refuses.
    pub(super) async fn order(
        &self,
        account: &Account,
        way: Way,
        replaced: Option<CertificateIdentifier<'static>>,
    ) -> Result<Issued, Failed> {
        let names = self.acme.names.iter().cloned().map(Identifier::Dns);
        let names: Vec<Identifier> = names.collect();
        let wanted = || {
            let order = NewOrder::new(&names);
            match &replaced {
                Some(id) => order.replaces(id.clone()),
                None => order,
            }
        };
        let order = match account.new_order(&wanted()).await {
            // RFC 8555 section 6.7: an authority that began anew knows nobody.
            Err(Error::Api(problem)) if is(problem.r#type.as_ref(), "accountDoesNotExist") => {
                self.state.forget_account().map_err(|cause| self.unkept(&cause))?;
                self.account().await?.new_order(&wanted()).await
            }
            made => made,
        };
        let mut order = order.map_err(Failed::ordering)?;
        let issued = self.follow(&mut order, way).await;
        match issued {
            Ok(issued) => Ok(issued),
            Err(failed) => {
                Err(Failed { stage: Stage::Ordering, why: why(&mut order, failed).await })
            }
        }
    }

    /// RFC 8555 section 7.4.
    async fn follow(&self, order: &mut Order, way: Way) -> Result<Issued, Error> {
        let ways = self.proofs(order, way).await?;
        let shown = self.challenges.show(ways.proofs);
        let mut authorizations = order.authorizations();
        while let Some(authorization) = authorizations.next().await {
            let mut authorization = authorization?;
            let url = authorization.url().to_owned();
            let taken = ways.taken.iter().find(|(at, _)| *at == url);
            if let Some((_, kind)) = taken
                && let Some(mut challenge) = authorization.challenge(kind.clone())
            {
                challenge.set_ready().await?;
            }
        }
        if order.state().status != OrderStatus::Ready
            && order.poll_ready(&PATIENCE).await? != OrderStatus::Ready
        {
            return Err(Error::Str("the order is not ready to be fulfilled"));
        }
        drop(shown);
        let key = order.finalize().await?;
        let chain = order.poll_certificate(&PATIENCE).await?;
        Ok(Issued { chain, key })
    }

    /// Returns what to show, and by which challenge of each authorization.
    async fn proofs(&self, order: &mut Order, way: Way) -> Result<Chosen, Error> {
        let mut chosen = Chosen::default();
        let mut authorizations = order.authorizations();
        while let Some(authorization) = authorizations.next().await {
            let mut authorization = authorization?;
            if authorization.status == AuthorizationStatus::Valid {
                continue;
            }
            let url = authorization.url().to_owned();
            let kinds = match way {
                Way::Http => [ChallengeType::Http01, ChallengeType::TlsAlpn01],
                Way::Tls => [ChallengeType::TlsAlpn01, ChallengeType::Http01],
            };
            let offered = |kind: &&ChallengeType| {
                authorization.challenges.iter().any(|challenge| challenge.r#type == **kind)
            };
            let Some(kind) = kinds.iter().find(offered).cloned() else {
                return Err(Error::Unsupported("http-01 or tls-alpn-01"));
            };
            if let Some(challenge) = authorization.challenge(kind.clone()) {
                chosen.proofs.prove(&challenge)?;
                chosen.taken.push((url, kind));
            }
        }
        Ok(chosen)
    }

    /// A failure before the order: mostly a wrong directory or no network.
    fn unreached(&self, failed: Error) -> Failed {
        let Error::Json(cause) = failed else { return Failed::reaching(failed) };
        let directory = &self.acme.directory;
        Failed::reaching(format!("{directory} is no directory of an ACME server ({cause})"))
    }

    /// A failure of the disk, which is one before the order: nothing is ordered that cannot be
    /// kept.
    fn unkept(&self, cause: &std::io::Error) -> Failed {
        let folder = self.state.folder().display();
        Failed::reaching(std::io::Error::other(format!(
            "cannot keep anything in {folder}: {cause}"
        )))
    }
}

/// The challenges that are taken.
#[derive(Default)]
struct Chosen {
    /// The proofs to show.
    proofs: Proofs,
    /// The URL of each authorization that is not valid yet, with its challenge.
    taken: Vec<(String, ChallengeType)>,
}

impl Proofs {
    /// Adds the proof of one challenge: a text for `http-01` (RFC 8555 section 8.3), a certificate
    /// for `tls-alpn-01` (RFC 8737 section 3).
    fn prove(&mut self, challenge: &ChallengeHandle<'_>) -> Result<(), Error> {
        let authorization = challenge.key_authorization();
        if challenge.r#type == ChallengeType::Http01 {
            self.by_http.insert(challenge.token.clone(), authorization.as_str().to_owned());
            return Ok(());
        }
        let name = challenge.identifier().to_string().to_ascii_lowercase();
        let made = certificate(&name, authorization.digest().as_ref());
        self.by_tls.insert(name, Arc::new(made.map_err(Error::Other)?));
        Ok(())
    }
}

/// RFC 8737 section 3: for this name alone, and with the digest in a critical extension.
fn certificate(name: &str, digest: &[u8]) -> Result<CertifiedKey, Box<dyn StdError + Send + Sync>> {
    let mut params = CertificateParams::new(vec![name.to_owned()])?;
    params.custom_extensions.push(CustomExtension::new_acme_identifier(digest));
    let key = KeyPair::generate()?;
    let made = params.self_signed(&key)?;
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let key = aws_lc_rs::default_provider().key_provider.load_private_key(key)?;
    Ok(CertifiedKey::new(vec![made.der().clone()], key))
}

/// The authority's word on a challenge that failed says more than that the order did.
async fn why(order: &mut Order, failed: Error) -> Box<dyn StdError + Send + Sync> {
    let mut authorizations = order.authorizations();
    while let Some(Ok(mut authorization)) = authorizations.next().await {
        if authorization.refresh().await.is_err() {
            break;
        }
        let name = authorization.identifier().to_string();
        let told = authorization.challenges.iter().find_map(|challenge| challenge.error.clone());
        if let Some(problem) = told {
            let why = problem.detail.clone().unwrap_or_else(|| problem.to_string());
            return format!("{name}: {why}").into();
        }
    }
    failed.into()
}

/// Returns whether a problem is of a type of RFC 8555 section 6.7.
fn is(kind: Option<&String>, name: &str) -> bool {
    kind.and_then(|kind| kind.strip_prefix(ERRORS)) == Some(name)
}

impl Failed {
    /// A failure to reach the authority, or before it.
    pub(super) fn reaching(why: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self { stage: Stage::Reaching, why: why.into() }
    }

    /// A failure of the order itself.
    pub(super) fn ordering(why: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self { stage: Stage::Ordering, why: why.into() }
    }
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Http => "http-01",
            Self::Tls => "tls-alpn-01",
        })
    }
}

/// The time that an authority may take to look, and again to sign: two minutes, asked after a
/// second and then ever less often.
const PATIENCE: RetryPolicy = RetryPolicy::new()
    .initial_delay(Duration::from_secs(1))
    .backoff(1.5)
    .timeout(Duration::from_mins(2));

/// The prefix of the types of ACME's problems (RFC 8555 section 6.7).
const ERRORS: &str = "urn:ietf:params:acme:error:";
