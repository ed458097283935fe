//! Counts distinct visitors without a list of them.
//!
//! A HyperLogLog sketch (Flajolet et al., 2007). It begins as a sorted list of 32-bit codes (Heule et al., 2013),
//! exact until the list has a quarter as many codes as the sketch has registers, or 2,048. Ertl's estimator
//! (arXiv:1702.01284) reads it without correction tables. It is not taken from a library because its bytes must depend
//! only on the set of visitors: sketches of two nodes merge in any order into the same bytes.

/// A set of visitors of which only the size can be read. The standard error is 1.04 / sqrt(2^precision), and 0 while
/// it is a list.
#[derive(Clone, PartialEq, Eq)]
pub struct Sketch {
    precision: u8,
    representation: Representation,
}

#[derive(Clone, PartialEq, Eq)]
enum Representation {
    /// Sorted, each code once.
    List(Vec<u32>),
    /// The highest rank of each register.
    Registers(Box<[u8]>),
}

/// Bits of a code that hold the register index; the other six hold the rank.
const INDEX_BITS: u32 = 26;

impl Sketch {
    /// Creates an empty set with 2^precision registers, precision 4 to 18.
    pub fn new(precision: u8) -> Self {
        debug_assert!((4..=18).contains(&precision));
        Self { precision, representation: Representation::List(Vec::new()) }
    }

    /// Adds a visitor's 64-bit hash. Adding it again changes nothing.
    pub fn add(&mut self, visitor: u64) {
        self.add_code(encode(visitor));
    }

    fn add_code(&mut self, code: u32) {
        match &mut self.representation {
            Representation::List(codes) => {
                let Err(place) = codes.binary_search(&code) else { return };
                if codes.len() < max_list_len(self.precision) {
                    codes.insert(place, code);
                } else {
                    self.convert_to_registers();
                    self.add_code(code);
                }
            }
            Representation::Registers(registers) => raise_register(registers, self.precision, code),
        }
    }

    fn convert_to_registers(&mut self) {
        if let Representation::List(codes) = &self.representation {
            let mut registers = vec![0; 1 << self.precision].into_boxed_slice();
            for code in codes {
                raise_register(&mut registers, self.precision, *code);
            }
            self.representation = Representation::Registers(registers);
        }
    }

    /// Merges another set of the same precision.
    pub fn merge(&mut self, other: &Self) {
        debug_assert_eq!(self.precision, other.precision);
        match &other.representation {
            Representation::List(codes) => codes.iter().for_each(|code| self.add_code(*code)),
            Representation::Registers(theirs) => {
                self.convert_to_registers();
                if let Representation::Registers(ours) = &mut self.representation {
                    for (our, their) in ours.iter_mut().zip(theirs) {
                        *our = (*our).max(*their);
                    }
                }
            }
        }
    }

    /// Number of distinct visitors; exact while the sketch is a list.
    pub fn count(&self) -> u64 {
        match &self.representation {
            Representation::List(codes) => codes.len() as u64,
            Representation::Registers(registers) => estimate(registers, self.precision),
        }
    }

    /// The exact number while the sketch is a list, None beyond it: enough to compare small cells.
    pub(crate) fn exact_count(&self) -> Option<usize> {
        match &self.representation {
            Representation::List(codes) => Some(codes.len()),
            Representation::Registers(_) => None,
        }
    }

    /// The codes of the list, or the registers.
    pub(crate) fn parts(&self) -> Result<&[u32], &[u8]> {
        match &self.representation {
            Representation::List(codes) => Ok(codes),
            Representation::Registers(registers) => Err(registers),
        }
    }

    /// Restores a list. None unless [`parts`](Self::parts) can return it.
    pub(crate) fn from_list(precision: u8, codes: Vec<u32>) -> Option<Self> {
        let rising = codes.windows(2).all(|pair| pair[0] < pair[1]);
        let ranked = codes.iter().all(|code| (1..=39).contains(&(code & 63)));
        (rising && ranked && codes.len() <= max_list_len(precision))
            .then_some(Self { precision, representation: Representation::List(codes) })
    }

    /// Restores registers. None unless [`parts`](Self::parts) can return them.
    pub(crate) fn from_registers(precision: u8, registers: &[u8]) -> Option<Self> {
        let highest = 65 - precision;
        (registers.len() == 1 << precision && registers.iter().all(|rank| *rank <= highest))
            .then(|| Self { precision, representation: Representation::Registers(registers.into()) })
    }
}

/// A list takes at most as many bytes as the registers. Longer lists would also be slow to keep sorted.
fn max_list_len(precision: u8) -> usize {
    ((1 << precision) / 4).min(2_048)
}

/// Encodes a hash: its upper 26 bits, and in the lower six bits the position (from 1) of the first set bit among the
/// other 38.
fn encode(visitor: u64) -> u32 {
    let place = (visitor >> (64 - INDEX_BITS)) as u32;
    let rest = visitor << INDEX_BITS;
    let rank = rest.leading_zeros().min(64 - INDEX_BITS) + 1;
    place << 6 | rank
}

fn raise_register(registers: &mut [u8], precision: u8, code: u32) {
    let (place, rank) = (code >> 6, code & 63);
    let within = INDEX_BITS - u32::from(precision);
    let register = (place >> within) as usize;
    let rest = place & ((1 << within) - 1);
    let rank = if rest == 0 { within + rank } else { within - (31 - rest.leading_zeros()) };
    registers[register] = registers[register].max(rank as u8);
}

/// Ertl's improved raw estimator.
fn estimate(registers: &[u8], precision: u8) -> u64 {
    let size = registers.len() as f64;
    let highest = usize::from(64 - precision);
    let mut rank_counts = [0_u32; 66];
    for rank in registers {
        rank_counts[usize::from(*rank)] += 1;
    }
    let mut sum = size * tau(1.0 - f64::from(rank_counts[highest + 1]) / size);
    for rank in (1..=highest).rev() {
        sum = 0.5 * (sum + f64::from(rank_counts[rank]));
    }
    sum += size * sigma(f64::from(rank_counts[0]) / size);
    (size * size / (2.0 * std::f64::consts::LN_2 * sum)).round() as u64
}

fn sigma(share: f64) -> f64 {
    if share >= 1.0 {
        return f64::INFINITY;
    }
    let (mut power, mut weight, mut sum) = (share, 1.0, share);
    loop {
        power *= power;
        let before = sum;
        sum += power * weight;
        weight += weight;
        if sum <= before {
            return sum;
        }
    }
}

fn tau(share: f64) -> f64 {
    if share <= 0.0 || share >= 1.0 {
        return 0.0;
    }
    let (mut root, mut weight, mut sum) = (share, 1.0, 1.0 - share);
    loop {
        root = root.sqrt();
        let before = sum;
        weight *= 0.5;
        sum -= (1.0 - root).powi(2) * weight;
        if sum >= before {
            return sum / 3.0;
        }
    }
}
