//! Variable-length integers (LEB128): seven bits a byte, the lowest first.

/// Appends a number: one byte below 128, at most ten.
pub(crate) fn write(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Removes a number from the front. None at the end of the bytes, or for an encoding that [`write`] would not produce.
#[inline]
pub(crate) fn read(rest: &mut &[u8]) -> Option<u64> {
    let (first, tail) = rest.split_first()?;
    *rest = tail;
    if *first < 0x80 {
        return Some(u64::from(*first));
    }
    let mut value = u64::from(first & 0x7f);
    for shift in (7..64).step_by(7) {
        let (byte, tail) = rest.split_first()?;
        *rest = tail;
        let bits = u64::from(byte & 0x7f);
        // Each number has one encoding: no bits beyond 64, no trailing zero bytes.
        if bits << shift >> shift != bits || *byte == 0 {
            return None;
        }
        value |= bits << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_decodes_to_itself_and_has_one_encoding() {
        for value in [0, 1, 127, 128, 300, u64::from(u32::MAX), 1 << 62, u64::MAX] {
            let mut bytes = Vec::new();
            write(&mut bytes, value);
            let mut rest = &bytes[..];
            assert_eq!((read(&mut rest), rest.len()), (Some(value), 0));
            for cut in 0..bytes.len() {
                assert_eq!(read(&mut &bytes[..cut]), None);
            }
        }
        for wrong in [&[0x80, 0][..], &[0xff; 10], &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2]]
        {
            assert_eq!(read(&mut &wrong[..]), None, "{wrong:?}");
        }
    }
}
