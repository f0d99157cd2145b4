/// Changes inputs: bytes, words, pieces of others.
struct Mutator {
    private let dictionary: [[UInt8]]
    private let maximumLength: Int
    private static let edges: [UInt8] = [
        0x00, 0x01, 0x0A, 0x20, 0x22, 0x2E, 0x7F, 0x80, 0xC0, 0xFF,
    ]
    private static let numbers = [
        "0", "-1", "00", "9007199254740991", "9007199254740992", "9223372036854775807",
        "9223372036854775808", "18446744073709551616", "1e400", "2147483648",
    ].map { Array($0.utf8) }

    init(_ parser: any FuzzedParser) {
        dictionary = parser.dictionary.map { Array($0.utf8) } + Self.numbers
        maximumLength = parser.maximumLength
    }

    /// One to eight changes.
    func mutated(_ input: [UInt8], _ corpus: [[UInt8]], _ chance: inout Chance) -> [UInt8] {
        var input = input
        for _ in 0...chance.below(8) { change(&input, corpus, &chance) }
        return Array(input.prefix(maximumLength))
    }

    private func change(_ input: inout [UInt8], _ corpus: [[UInt8]], _ chance: inout Chance) {
        let place = chance.below(input.count + 1)
        switch chance.below(11) {
        case 0 where place < input.count: input[place] ^= 1 << chance.below(8)
        case 1 where place < input.count: input[place] = UInt8(chance.below(256))
        case 2 where place < input.count: input[place] = Self.edges[chance.below(Self.edges.count)]
        case 3: input.insert(UInt8(chance.below(256)), at: place)
        case 4: input.removeSubrange(range(in: input, at: place, &chance))
        case 5:
            let piece = input[range(in: input, at: place, &chance)]
            input.insert(contentsOf: piece, at: chance.below(input.count + 1))
        case 6: input.insert(contentsOf: word(&chance), at: place)
        case 7: input.replaceSubrange(range(in: input, at: place, &chance), with: word(&chance))
        case 8: input.removeSubrange(place...)
        case 9 where !corpus.isEmpty:
            let other = corpus[chance.below(corpus.count)]
            input.removeSubrange(place...)
            input += other.dropFirst(chance.below(other.count + 1))
        default: replaceNumber(in: &input, from: place, &chance)
        }
    }

    private func word(_ chance: inout Chance) -> [UInt8] {
        dictionary[chance.below(dictionary.count)]
    }

    /// A short piece, and seldom a long one.
    private func range(in input: [UInt8], at place: Int, _ chance: inout Chance) -> Range<Int> {
        let longest = chance.isOne(of: 4) ? input.count : 16
        return place..<min(input.count, place + chance.below(longest + 1))
    }

    /// Puts another number where digits stand.
    private func replaceNumber(in input: inout [UInt8], from place: Int, _ chance: inout Chance) {
        let isDigit: (UInt8) -> Bool = { (0x30...0x39).contains($0) }
        guard let start = input[place...].firstIndex(where: isDigit) else { return }
        let end = input[start...].firstIndex { !isDigit($0) } ?? input.endIndex
        input.replaceSubrange(
            start..<end, with: Self.numbers[chance.below(Self.numbers.count)])
    }
}
