//! Networks: an address and how many of its bits count (RFC 4632 section 3.1).

use core::net::{IpAddr, Ipv6Addr};
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
/// assert!("10.1.2.3/16".parse::<Network>().is_err());
/// assert_eq!("::1".parse::<Network>().unwrap().to_string(), "::1/128");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network(IpNet);

/// The text is no network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NetworkSyntax;

impl Network {
    /// The network of this many leading bits of an address.
    ///
    /// # Errors
    /// More bits than the address has, and an address that has others behind them.
    pub fn new(first: IpAddr, bits: u8) -> Result<Self, NetworkSyntax> {
        let network = IpNet::new(first, bits).map_err(|_| NetworkSyntax)?;
        if network.trunc() == network { Ok(Self(network)) } else { Err(NetworkSyntax) }
    }

    /// Whether an address lies inside. An IPv4 address written as IPv6 is that IPv4 address.
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
        let address: IpAddr = address.parse().map_err(|_| NetworkSyntax)?;
        // A mapped address would never be found: what is compared is unmapped.
        if matches!(address, IpAddr::V6(v6) if is_mapped(v6)) {
            return Err(NetworkSyntax);
        }
        let bits = match bits {
            None => IpNet::from(address).prefix_len(),
            Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
                digits.parse().map_err(|_| NetworkSyntax)?
            }
            Some(_) => return Err(NetworkSyntax),
        };
        Self::new(address, bits)
    }
}

fn is_mapped(address: Ipv6Addr) -> bool {
    address.to_ipv4_mapped().is_some()
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for NetworkSyntax {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("expected an address, or a network as 10.0.0.0/8 or fd00::/8")
    }
}

impl std::error::Error for NetworkSyntax {}
