import Glibc

/// Changes inputs and parses them until the time is over; ends the process at the first violation.
struct Loop {
    let parser: any FuzzedParser
    let slot: Slot
    /// The most time of the processor that one input may take, in seconds.
    private static let patience = 2.0

    /// Parses the corpus, then what comes of it.
    ///
    /// - Parameters:
    ///   - corpus: inputs to begin with
    ///   - seed: of the changes
    ///   - seconds: how long; 0: the corpus alone
    /// - Throws: ``Violation``, and any error that the parser should have made a typed one.
    func run(_ corpus: [[UInt8]], seed: UInt64, seconds: Int) throws {
        var known: Set<String> = []
        var corpus = corpus.isEmpty ? [[]] : corpus
        for input in corpus { known.insert(try parse(input)) }
        let mutator = Mutator(parser)
        var chance = Chance(seed: seed)
        let end = ContinuousClock.now + .seconds(seconds)
        while ContinuousClock.now < end {
            let origin = corpus[chance.below(corpus.count)]
            var input = mutator.mutated(origin, corpus, &chance)
            parser.mend(&input, &chance)
            if known.insert(try parse(input)).inserted { corpus.append(input) }
        }
        print("\(parser.name): \(slot.count) inputs, \(known.count) ways to end")
    }

    private func parse(_ input: [UInt8]) throws -> String {
        slot.put(input)
        let start = Self.processorTime
        let end = try parser.parse(input)
        let time = Self.processorTime - start
        try Violation.unless(time < Self.patience, "it took \(time) s")
        return end
    }

    private static var processorTime: Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
