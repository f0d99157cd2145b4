/// Numbers that are the same for the same seed (SplitMix64, by Steele, Lea and Flood).
struct Chance: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }

    /// One time of so many.
    mutating func isOne(of count: Int) -> Bool { below(count) == 0 }

    /// A number from 0 up to `count`, which is above 0.
    mutating func below(_ count: Int) -> Int { Int.random(in: 0..<count, using: &self) }
}
