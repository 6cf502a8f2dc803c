//! Networks: an address and how many of its bits count (RFC 4632 section 3.1).

use core::net::IpAddr;
use std::{fmt, str::FromStr};

use ipnet::IpNet;

/// All addresses that begin with the same bits.
///
/// ```
/// use methodical_semantics::network::Network;
///
/// let office: Network = "10.1.0.0/16".parse().unwrap();
/// assert!(office.contains("10.1.2.3".parse().unwrap()));
/// assert!(office.contains("::ffff:10.1.2.3".parse().unwrap()));
/// let inside = "10.1.2.3/16".parse::<Network>().unwrap_err();
/// assert_eq!(inside.to_string(), "10.1.0.0/16, the network that this address is in");
/// assert_eq!("::1".parse::<Network>().unwrap().to_string(), "::1/128");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network(IpNet);

/// Why a text is no network; displayed, it says what was expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NetworkSyntax {
    /// It is neither an address nor a network.
    Form,
    /// It is an address in this network, or an IPv4 one written as IPv6: who wrote it may have
    /// meant the address alone.
    Inside(Network),
}

impl Network {
    /// The network of this many leading bits of an address.
    ///
    /// # Errors
    /// More bits than the address has, and an address that has others behind them.
    pub fn new(first: IpAddr, bits: u8) -> Result<Self, NetworkSyntax> {
        let network = IpNet::new(first, bits).map_err(|_| NetworkSyntax::Form)?;
        let whole = network.trunc();
        if whole == network { Ok(Self(network)) } else { Err(NetworkSyntax::Inside(Self(whole))) }
    }

    /// Returns whether an address lies inside. An IPv4 address written as IPv6 is that IPv4
    /// address.
    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.contains(&address.to_canonical())
    }
}

impl FromStr for Network {
    type Err = NetworkSyntax;

    fn from_str(text: &str) -> Result<Self, NetworkSyntax> {
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| NetworkSyntax::Form)?;
        let bits = match bits {
            None => IpNet::from(address).prefix_len(),
            Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
                digits.parse().map_err(|_| NetworkSyntax::Form)?
            }
            Some(_) => return Err(NetworkSyntax::Form),
        };
        match address.to_canonical() {
            same if same == address => Self::new(address, bits),
            // A mapped address would never be found: what is compared is unmapped.
            unmapped => Err(meant(unmapped, bits)),
        }
    }
}

/// Returns what was meant by bits of an IPv4 address that is written as IPv6.
fn meant(unmapped: IpAddr, bits: u8) -> NetworkSyntax {
    let network = bits.checked_sub(MAPPED_BITS).map(|bits| Network::new(unmapped, bits));
    match network {
        Some(Ok(network)) => NetworkSyntax::Inside(network),
        Some(Err(wrong)) => wrong,
        None => NetworkSyntax::Form,
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for NetworkSyntax {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Form => f.write_str("an address, or a network as 10.0.0.0/8 or fd00::/8"),
            Self::Inside(network) => write!(f, "{network}, the network that this address is in"),
        }
    }
}

impl std::error::Error for NetworkSyntax {}

/// Bits of an IPv6 address before the IPv4 address that it maps (RFC 4291 section 2.5.5.2).
const MAPPED_BITS: u8 = 96;
