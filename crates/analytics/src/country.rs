//! The country to which an address was delegated.
//!
//! `facts/countries.bin` holds the delegations that the five regional registries publish (AFRINIC, APNIC, ARIN, LACNIC,
//! RIPE NCC), in the state in which the package iptocc 1.4.175 (MIT or Apache-2.0) carries them. It is about as exact as
//! a broad picture needs: it says where a network's owner is, not where a person is. Nothing in it was derived from a
//! commercial database of places.
//!
//! Its form, all numbers little-endian: three u32 (countries C, IPv4 ranges F, IPv6 ranges S); C codes of two letters; F
//! starts of ranges (u32) in rising order and F countries (u8); S starts (u64, the upper half of the address) and S
//! countries (u8). A range ends where the next begins; country 0 is none, country n is the n-th code.

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::LazyLock;

use crate::visitor::plain;

static TABLE: &[u8] = include_bytes!("facts/countries.bin");

const COUNTRIES: usize = number(0);
const FOUR: usize = number(4);
const SIX: usize = number(8);
const CODES: usize = 12;
const FOUR_STARTS: usize = CODES + 2 * COUNTRIES;
const FOUR_COUNTRIES: usize = FOUR_STARTS + 4 * FOUR;
const SIX_STARTS: usize = FOUR_COUNTRIES + FOUR;
const SIX_COUNTRIES: usize = SIX_STARTS + 8 * SIX;
const _: () = assert!(TABLE.len() == SIX_COUNTRIES + SIX, "countries.bin is cut off");

/// ISO 3166 code, empty for addresses that belong to nobody in particular (private, local, not delegated).
pub(crate) fn of(address: IpAddr) -> &'static str {
    let country = match plain(address) {
        IpAddr::V4(four) if is_ours_alone(four) => 0,
        IpAddr::V4(four) => TABLE[FOUR_COUNTRIES + four_range(u32::from(four))],
        IpAddr::V6(six) if !is_global(six) => 0,
        IpAddr::V6(six) => {
            let network = (u128::from(six) >> 64) as u64;
            TABLE[SIX_COUNTRIES + range(0, SIX, |place| six_start(place) <= network)]
        }
    };
    let Some(place) = usize::from(country).checked_sub(1) else { return "" };
    std::str::from_utf8(&TABLE[CODES + 2 * place..CODES + 2 * place + 2]).unwrap_or("")
}

fn is_ours_alone(four: Ipv4Addr) -> bool {
    let [a, b, ..] = four.octets();
    four.is_private()
        || four.is_loopback()
        || four.is_link_local()
        || a == 0
        || (a == 100 && (64..128).contains(&b))
        || a >= 224
}

/// 2000::/3 is all that is delegated.
fn is_global(six: Ipv6Addr) -> bool {
    six.segments()[0] >> 13 == 1
}

/// How many ranges begin before each 4096th part of the IPv4 addresses: a search of all of them would fetch most of its
/// steps from far away, and it is made for every visit.
static FOUR_PARTS: LazyLock<Box<[u32]>> = LazyLock::new(|| {
    let mut place = 0;
    let before = |part: u64| {
        while place < FOUR && u64::from(four_start(place)) < part << PART_BITS {
            place += 1;
        }
        place as u32
    };
    (0..=1 << (32 - PART_BITS)).map(before).collect()
});

const PART_BITS: u32 = 20;

fn four_range(address: u32) -> usize {
    let part = (address >> PART_BITS) as usize;
    let (low, high) = (FOUR_PARTS[part] as usize, FOUR_PARTS[part + 1] as usize);
    range(low, high, |place| four_start(place) <= address)
}

/// The last range that begins at or before the address; all before `low` do, and none from `high` on.
fn range(mut low: usize, mut high: usize, begins_before: impl Fn(usize) -> bool) -> usize {
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

const fn number(at: usize) -> usize {
    u32::from_le_bytes([TABLE[at], TABLE[at + 1], TABLE[at + 2], TABLE[at + 3]]) as usize
}

fn four_start(place: usize) -> u32 {
    number(FOUR_STARTS + 4 * place) as u32
}

fn six_start(place: usize) -> u64 {
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&TABLE[SIX_STARTS + 8 * place..SIX_STARTS + 8 * place + 8]);
    u64::from_le_bytes(bytes)
}

#[cfg(test)]
mod tests {
    use super::of;

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
            assert_eq!(of(address.parse().unwrap()), country, "{address}");
        }
    }

    #[test]
    fn the_parts_lead_where_a_search_of_all_leads() {
        let starts = (0..super::FOUR).map(super::four_start);
        for address in
            starts.flat_map(|start| [start.saturating_sub(1), start, start + 1]).chain([0, u32::MAX])
        {
            let all = super::range(0, super::FOUR, |place| super::four_start(place) <= address);
            assert_eq!(super::four_range(address), all);
        }
    }

    #[test]
    fn an_address_of_nobody_in_particular_has_no_country() {
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
            assert_eq!(of(address.parse().unwrap()), "", "{address}");
        }
    }
}
