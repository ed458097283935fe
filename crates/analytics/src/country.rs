//! Looks up the country to which a network address is delegated.
//!
//! `facts/countries.bin` holds the delegations that the five regional internet registries publish (AFRINIC, APNIC,
//! ARIN, LACNIC, RIPE NCC), as the package iptocc 1.4.175 (MIT or Apache-2.0) carries them. A delegation names the
//! country of a network's owner, not the place of a person, which is exact enough for general statistics. Nothing
//! comes from a commercial geolocation database.
//!
//! Format, all numbers little-endian: three u32 (number of countries C, of IPv4 ranges F, of IPv6 ranges S); C country
//! codes of two letters; F range starts (u32) in rising order and F country numbers (u8); S range starts (u64, the
//! upper half of the address) and S country numbers (u8). A range ends where the next begins. Country 0 is none,
//! country n is the n-th code.

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::LazyLock;

use crate::visitor::unmapped;

static TABLE: &[u8] = include_bytes!("facts/countries.bin");

const COUNTRIES: usize = read_u32(0);
const V4_RANGES: usize = read_u32(4);
const V6_RANGES: usize = read_u32(8);
const CODES_OFFSET: usize = 12;
const V4_STARTS: usize = CODES_OFFSET + 2 * COUNTRIES;
const V4_COUNTRIES: usize = V4_STARTS + 4 * V4_RANGES;
const V6_STARTS: usize = V4_COUNTRIES + V4_RANGES;
const V6_COUNTRIES: usize = V6_STARTS + 8 * V6_RANGES;
const _: () = assert!(TABLE.len() == V6_COUNTRIES + V6_RANGES, "countries.bin is cut off");

/// Returns the ISO 3166 code, or an empty string for private, local and undelegated addresses.
pub(crate) fn of_address(address: IpAddr) -> &'static str {
    let country = match unmapped(address) {
        IpAddr::V4(v4) if is_reserved(v4) => 0,
        IpAddr::V4(v4) => TABLE[V4_COUNTRIES + v4_range(u32::from(v4))],
        IpAddr::V6(v6) if !is_global(v6) => 0,
        IpAddr::V6(v6) => {
            let network = (u128::from(v6) >> 64) as u64;
            TABLE[V6_COUNTRIES + last_range_before(0, V6_RANGES, |index| v6_start(index) <= network)]
        }
    };
    let Some(index) = usize::from(country).checked_sub(1) else { return "" };
    std::str::from_utf8(&TABLE[CODES_OFFSET + 2 * index..CODES_OFFSET + 2 * index + 2]).unwrap_or("")
}

fn is_reserved(v4: Ipv4Addr) -> bool {
    let [a, b, ..] = v4.octets();
    v4.is_private()
        || v4.is_loopback()
        || v4.is_link_local()
        || a == 0
        || (a == 100 && (64..128).contains(&b))
        || a >= 224
}

/// Only 2000::/3 is delegated.
fn is_global(v6: Ipv6Addr) -> bool {
    v6.segments()[0] >> 13 == 1
}

/// Index by the upper 12 bits of an IPv4 address: how many ranges begin before each of the 4,096 parts. Each visit
/// needs a look-up, and a binary search over all ranges would miss the processor's cache at most steps.
static V4_INDEX: LazyLock<Box<[u32]>> = LazyLock::new(|| {
    let mut index = 0;
    let before = |part: u64| {
        while index < V4_RANGES && u64::from(v4_start(index)) < part << INDEX_BITS {
            index += 1;
        }
        index as u32
    };
    (0..=1 << (32 - INDEX_BITS)).map(before).collect()
});

const INDEX_BITS: u32 = 20;

fn v4_range(address: u32) -> usize {
    let part = (address >> INDEX_BITS) as usize;
    let (low, high) = (V4_INDEX[part] as usize, V4_INDEX[part + 1] as usize);
    last_range_before(low, high, |index| v4_start(index) <= address)
}

/// Returns the last range that begins at or before the address. All ranges before `low` do, and none from `high` on.
fn last_range_before(mut low: usize, mut high: usize, begins_before: impl Fn(usize) -> bool) -> usize {
    while low < high {
        let middle = (low + high) / 2;
        if begins_before(middle) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low.saturating_sub(1)
}

const fn read_u32(at: usize) -> usize {
    u32::from_le_bytes([TABLE[at], TABLE[at + 1], TABLE[at + 2], TABLE[at + 3]]) as usize
}

fn v4_start(index: usize) -> u32 {
    read_u32(V4_STARTS + 4 * index) as u32
}

fn v6_start(index: usize) -> u64 {
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&TABLE[V6_STARTS + 8 * index..V6_STARTS + 8 * index + 8]);
    u64::from_le_bytes(bytes)
}

#[cfg(test)]
mod tests {
    use super::of_address;

    #[test]
    fn an_address_has_the_country_of_its_delegation() {
        let cases = [
            ("8.8.8.8", "US"),
            ("193.0.6.139", "NL"),
            ("1.0.16.1", "JP"),
            ("2001:4860:4860::8888", "US"),
            ("2001:67c:2e8:22::c100:68b", "NL"),
            ("::ffff:8.8.8.8", "US"),
            ("64:ff9b::808:808", "US"),
        ];
        for (address, country) in cases {
            assert_eq!(of_address(address.parse().unwrap()), country, "{address}");
        }
    }

    #[test]
    fn the_index_finds_the_same_range_as_a_full_search() {
        let starts = (0..super::V4_RANGES).map(super::v4_start);
        for address in
            starts.flat_map(|start| [start.saturating_sub(1), start, start + 1]).chain([0, u32::MAX])
        {
            let all =
                super::last_range_before(0, super::V4_RANGES, |index| super::v4_start(index) <= address);
            assert_eq!(super::v4_range(address), all);
        }
    }

    #[test]
    fn a_reserved_address_has_no_country() {
        for address in [
            "10.1.2.3",
            "192.168.0.1",
            "127.0.0.1",
            "0.0.0.0",
            "100.64.0.1",
            "255.255.255.255",
            "::1",
            "fe80::1",
            "fd00::1",
        ] {
            assert_eq!(of_address(address.parse().unwrap()), "", "{address}");
        }
    }
}
