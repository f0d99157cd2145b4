/// A random generator with a fixed seed (SplitMix64, Steele, Lea and Flood 2014), so that a fuzz loop
/// that found something finds it again.
package struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    package init(seed: UInt64) {
        state = seed
    }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// The bytes with a few changes such as damage, truncation or an attacker makes them.
///
/// One to four of: a bit flipped, a byte replaced, removed, doubled, the end cut off, a run repeated.
package func mutated(_ bytes: [UInt8], using generator: inout SeededGenerator) -> [UInt8] {
    var result = bytes
    for _ in 0..<Int.random(in: 1...4, using: &generator) {
        guard !result.isEmpty else { return [UInt8.random(in: .min ... .max, using: &generator)] }
        let position = Int.random(in: 0..<result.count, using: &generator)
        switch Int.random(in: 0..<6, using: &generator) {
        case 0: result[position] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
        case 1: result[position] = UInt8.random(in: .min ... .max, using: &generator)
        case 2: result.remove(at: position)
        case 3: result.insert(result[position], at: position)
        case 4: result.removeLast(result.count - position)
        default:
            let end = min(result.count, position + Int.random(in: 1...16, using: &generator))
            result.insert(contentsOf: result[position..<end], at: position)
        }
    }
    return result
}
