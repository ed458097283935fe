//! Distinguishes visitors within one day, and never after it.

use core::net::{IpAddr, Ipv4Addr};

use zeroize::{Zeroize, Zeroizing};

/// The key of one day: 32 bytes from the day's key slot. Its holder can test all addresses, so it exists only while
/// the day is open. It can't be printed, and is zeroized when dropped.
pub struct DayKey([u8; 32]);

impl DayKey {
    /// Takes ownership of the key from the day's slot.
    pub fn new(key: [u8; 32]) -> Self {
        Self(key)
    }

    /// Returns the pseudonym of a visitor of `site` for this day. Address and user agent don't leave this function.
    ///
    /// It uses BLAKE3 in keyed mode, not SipHash. BLAKE3 takes the slot's whole 256-bit key, so nothing can be tested
    /// once the slot is forgotten, and it is designed as a pseudorandom function. It costs some 200 ns, about as much
    /// as the rest of a visit.
    ///
    /// Site and user agent are length-prefixed, so no two inputs produce the same bytes.
    pub(crate) fn visitor(&self, site: &str, address: IpAddr, user_agent: &str) -> Visitor {
        let mut input = Zeroizing::new(Vec::with_capacity(8 + site.len() + 9 + 8 + user_agent.len()));
        input.extend_from_slice(&(site.len() as u64).to_le_bytes());
        input.extend_from_slice(site.as_bytes());
        match normalized(address) {
            NormalizedAddress::V4(octets) => input.extend([4].iter().chain(&octets)),
            NormalizedAddress::V6(network) => input.extend([6].iter().chain(&network)),
        }
        input.extend_from_slice(&(user_agent.len() as u64).to_le_bytes());
        input.extend_from_slice(user_agent.as_bytes());
        let mut first = [0; 8];
        first.copy_from_slice(&blake3::keyed_hash(&self.0, &input).as_bytes()[..8]);
        Visitor(u64::from_le_bytes(first))
    }
}

impl Drop for DayKey {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

/// A visitor's pseudonym of this day: 64 bits that mean nothing without the day's key. It is only used in sketches.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Visitor(pub(crate) u64);

impl Visitor {
    /// A synthetic visitor for tests and benches.
    pub fn synthetic(number: u64) -> Self {
        // SplitMix64's finalizer: spreads small numbers over all 64 bits, as the keyed hash does.
        let mut mixed = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        Self(mixed ^ (mixed >> 31))
    }
}

enum NormalizedAddress {
    V4([u8; 4]),
    V6([u8; 8]),
}

/// Normalizes an address. IPv6 is cut to /64, the network of one household, because devices change the other half
/// often. IPv4-mapped IPv6 (`::ffff:a.b.c.d`) is IPv4.
fn normalized(address: IpAddr) -> NormalizedAddress {
    match unmapped(address) {
        IpAddr::V4(four) => NormalizedAddress::V4(four.octets()),
        IpAddr::V6(six) => {
            let mut network = [0; 8];
            network.copy_from_slice(&six.octets()[..8]);
            NormalizedAddress::V6(network)
        }
    }
}

/// Unwraps IPv4 addresses from IPv4-mapped IPv6 and from NAT64's well-known prefix (RFC 6052).
pub(crate) fn unmapped(address: IpAddr) -> IpAddr {
    let IpAddr::V6(six) = address else { return address };
    if let Some(four) = six.to_ipv4_mapped() {
        return IpAddr::V4(four);
    }
    match six.segments() {
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
            let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
            IpAddr::V4(Ipv4Addr::new(a, b, c, d))
        }
        _ => address,
    }
}
