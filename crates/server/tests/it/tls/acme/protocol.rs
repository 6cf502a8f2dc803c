//! What an authority answers (RFC 8555 section 7), without any connection of its own but those by
//! which it looks at names.

use std::{collections::HashSet, net::SocketAddr};

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use rcgen::{CertificateParams, Issuer, KeyPair, PublicKeyData, SignatureAlgorithm};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use x509_cert::{der::Decode as _, request::CertReq};

use super::validation;

/// What the authority says of its own.
#[derive(Debug, Clone, Default)]
pub(super) struct Script {
    /// The challenges that it offers.
    pub(super) challenges: Vec<&'static str>,
    /// The window in which it wants renewals, if it tells any.
    pub(super) window: Option<(&'static str, &'static str)>,
    /// It signs nothing: the names are too many.
    pub(super) is_full: bool,
}

/// What it knows.
pub(super) struct World {
    pub(super) script: Script,
    /// The payload of each order that came.
    pub(super) orders: Vec<Value>,
    /// What it was told of the account, each time.
    pub(super) accounts: Vec<Value>,
    base: String,
    issuer: Issuer<'static, KeyPair>,
    nonces: HashSet<String>,
    nonce: u32,
    thumbprint: String,
    looks_at: Option<(SocketAddr, Option<SocketAddr>)>,
    /// Of each name of the order that is under way, whether it was shown.
    shown: Vec<Option<bool>>,
    chain: Option<String>,
}

/// One answer.
pub(super) struct Answer {
    pub(super) status: String,
    pub(super) fields: String,
    pub(super) content: String,
}

impl World {
    pub(super) fn new(script: Script, base: String, issuer: Issuer<'static, KeyPair>) -> Self {
        Self {
            script,
            orders: Vec::new(),
            accounts: Vec::new(),
            base,
            issuer,
            nonces: HashSet::new(),
            nonce: 0,
            thumbprint: String::new(),
            looks_at: None,
            shown: Vec::new(),
            chain: None,
        }
    }

    pub(super) fn look_at(&mut self, tls: SocketAddr, http: Option<SocketAddr>) {
        self.looks_at = Some((tls, http));
    }

    /// How many requests it was asked for, as far as they were signed.
    pub(super) fn nonces_made(&self) -> u32 {
        self.nonce
    }

    /// Nothing while it is not known where to look.
    pub(super) fn answer(&mut self, line: &str, content: &[u8]) -> Option<Answer> {
        let mut words = line.split(' ');
        let (method, path) = (words.next().unwrap(), words.next().unwrap());
        if method != "POST" {
            return Some(self.told(path));
        }
        if path.starts_with("/challenge") && self.looks_at.is_none() {
            return None;
        }
        let payload = self.opened(path, content);
        let answer = match path {
            "/account" => self.account(payload),
            "/account/1" => self.updated(payload),
            "/order" => self.order(payload),
            "/order/1" => ok(&self.order_object()),
            "/finalize/1" => self.finalize(&payload),
            "/certificate/1" => Answer {
                content: self.chain.clone().unwrap(),
                ..ok(&Value::Null).of("application/pem-certificate-chain")
            },
            _ => match path.strip_prefix("/authorization/") {
                Some(at) => ok(&self.authorization(at.parse().unwrap())),
                None => self.challenge(path),
            },
        };
        Some(self.with_nonce(answer))
    }

    /// RFC 8555 sections 7.1.1 and 7.2, RFC 9773 section 4.1.
    fn told(&mut self, path: &str) -> Answer {
        let base = &self.base;
        if path == "/directory" {
            let mut directory = json!({
                "newNonce": format!("{base}/nonce"),
                "newAccount": format!("{base}/account"),
                "newOrder": format!("{base}/order"),
            });
            if self.script.window.is_some() {
                directory["renewalInfo"] = format!("{base}/renewal").into();
            }
            return ok(&directory);
        }
        if path.starts_with("/renewal/") {
            let (start, end) = self.script.window.unwrap();
            let answer = ok(&json!({ "suggestedWindow": { "start": start, "end": end } }));
            return answer.with("Retry-After: 21600");
        }
        assert_eq!(path, "/nonce");
        let answer = ok(&Value::Null);
        self.with_nonce(answer)
    }

    /// RFC 8555 section 6: who signed is not looked at, but what, where to, and that it is fresh.
    fn opened(&mut self, path: &str, content: &[u8]) -> Value {
        let message: Value = serde_json::from_slice(content).unwrap();
        let part = |name: &str| {
            let octets = BASE64_URL_SAFE_NO_PAD.decode(message[name].as_str().unwrap()).unwrap();
            if octets.is_empty() { Value::Null } else { serde_json::from_slice(&octets).unwrap() }
        };
        let head = part("protected");
        assert_eq!(head["url"], format!("{}{path}", self.base));
        assert_eq!(head["alg"], "ES256");
        assert!(self.nonces.remove(head["nonce"].as_str().unwrap()), "a nonce is used twice");
        if path == "/account" {
            // RFC 7638 section 3.
            let key = &head["jwk"];
            let key = format!(
                r#"{{"crv":{},"kty":{},"x":{},"y":{}}}"#,
                key["crv"], key["kty"], key["x"], key["y"]
            );
            self.thumbprint = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(key));
        } else {
            assert_eq!(head["kid"], format!("{}/account/1", self.base));
        }
        part("payload")
    }

    fn account(&mut self, payload: Value) -> Answer {
        assert_eq!(payload["termsOfServiceAgreed"], true);
        self.accounts.push(payload);
        let account = ok(&json!({ "status": "valid" }));
        Answer { status: "201 Created".to_owned(), ..account }
            .with(&format!("Location: {}/account/1", self.base))
    }

    fn updated(&mut self, payload: Value) -> Answer {
        self.accounts.push(payload);
        ok(&json!({ "status": "valid" }))
    }

    fn order(&mut self, payload: Value) -> Answer {
        self.shown = vec![None; payload["identifiers"].as_array().unwrap().len()];
        self.chain = None;
        self.orders.push(payload);
        if self.script.is_full {
            let problem = json!({
                "type": "urn:ietf:params:acme:error:rateLimited",
                "detail": "too many names",
            });
            let answer = ok(&problem).of("application/problem+json");
            return Answer { status: "429 Too Many Requests".to_owned(), ..answer }
                .with("Retry-After: 60");
        }
        Answer { status: "201 Created".to_owned(), ..ok(&self.order_object()) }
            .with(&format!("Location: {}/order/1", self.base))
    }

    fn order_object(&self) -> Value {
        let (base, wanted) = (&self.base, self.orders.last().unwrap());
        let status = match &self.chain {
            Some(_) => "valid",
            None if self.shown.contains(&Some(false)) => "invalid",
            None if self.shown.iter().all(|shown| *shown == Some(true)) => "ready",
            None => "pending",
        };
        let names = 0..self.shown.len();
        let authorizations = names.map(|at| format!("{base}/authorization/{at}"));
        let mut order = json!({
            "status": status,
            "identifiers": wanted["identifiers"],
            "authorizations": authorizations.collect::<Vec<_>>(),
            "finalize": format!("{base}/finalize/1"),
        });
        if let Some(replaced) = wanted.get("replaces") {
            order["replaces"] = replaced.clone();
        }
        if self.chain.is_some() {
            order["certificate"] = format!("{base}/certificate/1").into();
        }
        order
    }

    fn authorization(&self, at: usize) -> Value {
        let status = match self.shown[at] {
            None => "pending",
            Some(true) => "valid",
            Some(false) => "invalid",
        };
        let challenge = |kind: &&str| {
            let mut challenge = json!({
                "type": kind,
                "url": format!("{}/challenge/{kind}/{at}", self.base),
                "status": status,
                "token": format!("token-{at}-{kind}"),
            });
            if self.shown[at] == Some(false) {
                challenge["error"] = json!({
                    "type": "urn:ietf:params:acme:error:unauthorized",
                    "detail": "this is not shown",
                });
            }
            challenge
        };
        let challenges: Vec<Value> = self.script.challenges.iter().map(challenge).collect();
        let identifier = &self.orders.last().unwrap()["identifiers"][at];
        json!({ "status": status, "identifier": identifier, "challenges": challenges })
    }

    /// Looks at once (RFC 8555 section 7.5.1).
    fn challenge(&mut self, path: &str) -> Answer {
        let mut parts = path.strip_prefix("/challenge/").unwrap().split('/');
        let (kind, at) = (parts.next().unwrap(), parts.next().unwrap().parse::<usize>().unwrap());
        let token = format!("token-{at}-{kind}");
        let proof = format!("{token}.{}", self.thumbprint);
        let name = self.orders.last().unwrap()["identifiers"][at]["value"].as_str().unwrap();
        let (tls, http) = self.looks_at.unwrap();
        let looked = match kind {
            "http-01" => validation::by_http(http.unwrap(), name, &token, &proof),
            _ => validation::by_tls(tls, name, &proof),
        };
        self.shown[at] = Some(looked);
        let url = format!("{}{path}", self.base);
        ok(&json!({ "type": kind, "url": url, "status": "processing", "token": token }))
    }

    fn finalize(&mut self, payload: &Value) -> Answer {
        let csr = BASE64_URL_SAFE_NO_PAD.decode(payload["csr"].as_str().unwrap()).unwrap();
        let csr = CertReq::from_der(&csr).unwrap();
        let point = Point(csr.info.public_key.subject_public_key.raw_bytes().to_vec());
        let identifiers = self.orders.last().unwrap()["identifiers"].as_array().unwrap();
        let name = |identifier: &Value| identifier["value"].as_str().unwrap().to_owned();
        let names: Vec<String> = identifiers.iter().map(name).collect();
        let mut params = CertificateParams::new(names).unwrap();
        params.use_authority_key_identifier_extension = true;
        let made = params.signed_by(&point, &self.issuer).unwrap();
        self.chain = Some(made.pem());
        ok(&self.order_object())
    }

    /// RFC 8555 section 6.5.
    fn with_nonce(&mut self, answer: Answer) -> Answer {
        self.nonce += 1;
        let nonce = format!("nonce{}", self.nonce);
        self.nonces.insert(nonce.clone());
        answer.with(&format!("Replay-Nonce: {nonce}"))
    }
}

fn ok(content: &Value) -> Answer {
    let content = if content.is_null() { String::new() } else { content.to_string() };
    let answer = Answer { status: "200 OK".to_owned(), fields: String::new(), content };
    answer.of("application/json")
}

impl Answer {
    fn with(mut self, field: &str) -> Self {
        self.fields.push_str(field);
        self.fields.push_str("\r\n");
        self
    }

    fn of(self, kind: &str) -> Self {
        Self { fields: String::new(), ..self }.with(&format!("Content-Type: {kind}"))
    }
}

/// The key of a request, of the only kind that we make.
struct Point(Vec<u8>);

impl PublicKeyData for Point {
    fn der_bytes(&self) -> &[u8] {
        &self.0
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        &rcgen::PKCS_ECDSA_P256_SHA256
    }
}
