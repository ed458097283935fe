//! Nearly valid inputs: mutated copies of a corpus. The same seed makes the same inputs.

/// Mutates inputs of a corpus.
pub struct Mutation {
    state: u64,
}

/// Texts that break parsers of text and numbers, separated by spaces.
const DICTIONARY: &str = "\0 \r\n \t % %00 %zz %FF%FE & && = + , @ @@ . .. - -- ' \" < x- xn-- 0 -1 9999-99-99 \
    18446744073709551616 00000000000000000000000 \u{a0} \u{202e} \u{feff} \u{130} ẞ ﬀ e\u{301} ٤٢ 。 \u{1f600}";

impl Mutation {
    /// A generator that depends on the seed alone.
    pub fn seeded(seed: u64) -> Self {
        Self { state: seed.wrapping_mul(2).wrapping_add(1) }
    }

    /// The next input: one of the corpus, with one to eight mutations. The corpus must not be empty.
    pub fn next_of(&mut self, corpus: &[Vec<u8>]) -> Vec<u8> {
        let mut input = self.pick(corpus).clone();
        for _ in 0..=self.below(8) {
            self.mutate(&mut input, corpus);
        }
        input
    }

    fn mutate(&mut self, input: &mut Vec<u8>, corpus: &[Vec<u8>]) {
        let (from, to) = self.range(input.len());
        match self.below(8) {
            0 => input.truncate(from),
            1 => drop(input.drain(from..to)),
            2 => input.extend_from_within(from..to),
            3 => drop(input.splice(from..to, self.dictionary_entry())),
            4 => drop(input.splice(from..from, self.dictionary_entry())),
            5 => {
                let other = self.pick(corpus);
                let (start, end) = self.range(other.len());
                drop(input.splice(from..to, other[start..end].iter().copied()));
            }
            6 => {
                let byte = self.next() as u8;
                input.insert(from, byte);
            }
            _ => {
                let bit = 1 << self.below(8);
                if let Some(byte) = input.get_mut(from) {
                    *byte ^= bit;
                }
            }
        }
    }

    fn dictionary_entry(&mut self) -> impl Iterator<Item = u8> + use<> {
        let entries: Vec<_> = DICTIONARY.split(' ').collect();
        self.pick(&entries).bytes()
    }

    /// A range within a length; short ones are likelier.
    fn range(&mut self, length: usize) -> (usize, usize) {
        let from = self.below(length + 1);
        let most = if self.below(4) == 0 { length } else { 8 };
        (from, length.min(from + self.below(most + 1)))
    }

    fn pick<'a, T>(&mut self, some: &'a [T]) -> &'a T {
        &some[self.below(some.len())]
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }

    /// SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014).
    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}
