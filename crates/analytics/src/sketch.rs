//! How many different visitors, without a list of them.
//!
//! A HyperLogLog sketch (Flajolet et al., 2007) that begins as a sorted list of 32-bit codes (Heule et al., 2013), exact
//! until it has a quarter as many codes as registers or 2,048, and is read by Ertl's estimator (arXiv:1702.01284), which needs no
//! correction tables. Written here and not taken from a library because the form must depend on nothing but the set of
//! visitors: sketches of two nodes merge in any order into the same bytes.

/// A set of visitors of which only the size can be told. The standard error is 1.04 / sqrt(2^precision), none while it is a
/// list.
#[derive(Clone, PartialEq, Eq)]
pub struct Sketch {
    precision: u8,
    form: Form,
}

#[derive(Clone, PartialEq, Eq)]
enum Form {
    /// Sorted, each once.
    List(Vec<u32>),
    /// For each register the highest rank seen.
    Registers(Box<[u8]>),
}

/// Bits of a code that say where; the other six are a rank.
const PLACE_BITS: u32 = 26;

impl Sketch {
    /// The empty set, with room for 2^precision registers, precision 4 to 18.
    pub fn new(precision: u8) -> Self {
        debug_assert!((4..=18).contains(&precision));
        Self { precision, form: Form::List(Vec::new()) }
    }

    /// Adds a visitor by his 64 bits; twice is once.
    pub fn add(&mut self, visitor: u64) {
        self.add_code(code(visitor));
    }

    fn add_code(&mut self, code: u32) {
        match &mut self.form {
            Form::List(codes) => {
                let Err(place) = codes.binary_search(&code) else { return };
                if codes.len() < longest_list(self.precision) {
                    codes.insert(place, code);
                } else {
                    self.spread();
                    self.add_code(code);
                }
            }
            Form::Registers(registers) => raise(registers, self.precision, code),
        }
    }

    fn spread(&mut self) {
        if let Form::List(codes) = &self.form {
            let mut registers = vec![0; 1 << self.precision].into_boxed_slice();
            for code in codes {
                raise(&mut registers, self.precision, *code);
            }
            self.form = Form::Registers(registers);
        }
    }

    /// Adds all of another set; of equal precision.
    pub fn merge(&mut self, other: &Self) {
        debug_assert_eq!(self.precision, other.precision);
        match &other.form {
            Form::List(codes) => codes.iter().for_each(|code| self.add_code(*code)),
            Form::Registers(theirs) => {
                self.spread();
                if let Form::Registers(ours) = &mut self.form {
                    for (our, their) in ours.iter_mut().zip(theirs) {
                        *our = (*our).max(*their);
                    }
                }
            }
        }
    }

    /// How many; exact while it is a list.
    pub fn count(&self) -> u64 {
        match &self.form {
            Form::List(codes) => codes.len() as u64,
            Form::Registers(registers) => estimate(registers, self.precision),
        }
    }

    /// How many while it is a list, None when it is long past that: enough to put cells in order.
    pub(crate) fn few(&self) -> Option<usize> {
        match &self.form {
            Form::List(codes) => Some(codes.len()),
            Form::Registers(_) => None,
        }
    }

    /// Codes of the list, or the registers.
    pub(crate) fn parts(&self) -> Result<&[u32], &[u8]> {
        match &self.form {
            Form::List(codes) => Ok(codes),
            Form::Registers(registers) => Err(registers),
        }
    }

    /// From a list; None when it isn't one that [`parts`](Self::parts) gives.
    pub(crate) fn of_list(precision: u8, codes: Vec<u32>) -> Option<Self> {
        let rising = codes.windows(2).all(|pair| pair[0] < pair[1]);
        let ranked = codes.iter().all(|code| (1..=39).contains(&(code & 63)));
        (rising && ranked && codes.len() <= longest_list(precision))
            .then_some(Self { precision, form: Form::List(codes) })
    }

    /// From registers; None when they aren't what [`parts`](Self::parts) gives.
    pub(crate) fn of_registers(precision: u8, registers: &[u8]) -> Option<Self> {
        let highest = 65 - precision;
        (registers.len() == 1 << precision && registers.iter().all(|rank| *rank <= highest))
            .then(|| Self { precision, form: Form::Registers(registers.into()) })
    }
}

/// A list takes as many bytes as the registers at most; and a long one would take longer to keep in order than all else.
fn longest_list(precision: u8) -> usize {
    ((1 << precision) / 4).min(2_048)
}

/// The upper 26 bits, and in the lower six the place of the first one among the other 38, counted from 1.
fn code(visitor: u64) -> u32 {
    let place = (visitor >> (64 - PLACE_BITS)) as u32;
    let rest = visitor << PLACE_BITS;
    let rank = rest.leading_zeros().min(64 - PLACE_BITS) + 1;
    place << 6 | rank
}

fn raise(registers: &mut [u8], precision: u8, code: u32) {
    let (place, rank) = (code >> 6, code & 63);
    let within = PLACE_BITS - u32::from(precision);
    let register = (place >> within) as usize;
    let rest = place & ((1 << within) - 1);
    let rank = if rest == 0 { within + rank } else { within - (31 - rest.leading_zeros()) };
    registers[register] = registers[register].max(rank as u8);
}

/// Ertl's improved raw estimator.
fn estimate(registers: &[u8], precision: u8) -> u64 {
    let size = registers.len() as f64;
    let highest = usize::from(64 - precision);
    let mut having = [0_u32; 66];
    for rank in registers {
        having[usize::from(*rank)] += 1;
    }
    let mut sum = size * tau(1.0 - f64::from(having[highest + 1]) / size);
    for rank in (1..=highest).rev() {
        sum = 0.5 * (sum + f64::from(having[rank]));
    }
    sum += size * sigma(f64::from(having[0]) / size);
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
