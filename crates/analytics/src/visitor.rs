//! Telling visitors apart within one day, and never after it.

use core::net::{IpAddr, Ipv4Addr};

use zeroize::{Zeroize, Zeroizing};

/// The key of one day: 32 bytes from the day's own slot. Whoever holds it can try all addresses, so it exists only while
/// the day is open. It can't be printed, and leaves no copy in memory when dropped.
pub struct DayKey([u8; 32]);

impl DayKey {
    /// Takes over the key of the day's slot.
    pub fn new(key: [u8; 32]) -> Self {
        Self(key)
    }

    /// Who this is among today's visitors of `site`. Address and user agent end here.
    ///
    /// BLAKE3 in keyed mode and not SipHash: it takes the slot's key whole, its 256 bits leave nothing to be tried once
    /// the slot is forgotten, and it is a pseudorandom function by design rather than a guard of hash tables. It costs
    /// about as much as the rest of a visit, some 200 ns.
    ///
    /// Site and user agent are preceded by their lengths, so no two triples make the same bytes.
    pub(crate) fn visitor(&self, site: &str, address: IpAddr, agent: &str) -> Visitor {
        let mut who = Zeroizing::new(Vec::with_capacity(8 + site.len() + 9 + 8 + agent.len()));
        who.extend_from_slice(&(site.len() as u64).to_le_bytes());
        who.extend_from_slice(site.as_bytes());
        match folded(address) {
            Folded::Four(octets) => who.extend([4].iter().chain(&octets)),
            Folded::Six(network) => who.extend([6].iter().chain(&network)),
        }
        who.extend_from_slice(&(agent.len() as u64).to_le_bytes());
        who.extend_from_slice(agent.as_bytes());
        let mut first = [0; 8];
        first.copy_from_slice(&blake3::keyed_hash(&self.0, &who).as_bytes()[..8]);
        Visitor(u64::from_le_bytes(first))
    }
}

impl Drop for DayKey {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

/// One of today's visitors: 64 bits that mean nothing without the day's key. Goes into sketches and nowhere else.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Visitor(pub(crate) u64);

impl Visitor {
    /// A visitor made up for tests and benches.
    pub fn made_up(number: u64) -> Self {
        // SplitMix64's finish: spreads small numbers over all 64 bits, as the keyed hash does.
        let mut mixed = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        Self(mixed ^ (mixed >> 31))
    }
}

enum Folded {
    Four([u8; 4]),
    Six([u8; 8]),
}

/// IPv6 is cut to /64, the network of one household, since its other half changes by the hour. IPv4 in the clothes of
/// IPv6 (`::ffff:a.b.c.d`) is IPv4.
fn folded(address: IpAddr) -> Folded {
    match plain(address) {
        IpAddr::V4(four) => Folded::Four(four.octets()),
        IpAddr::V6(six) => {
            let mut network = [0; 8];
            network.copy_from_slice(&six.octets()[..8]);
            Folded::Six(network)
        }
    }
}

/// The address without an IPv6 mapping around an IPv4 address, NAT64's well-known prefix (RFC 6052) included.
pub(crate) fn plain(address: IpAddr) -> IpAddr {
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
