import Glibc
import Licensing

/// What it costs to say how an instance stands with its licenses, beside verifying their signatures.
///
/// Not shipped: `scripts/bench/evaluate` builds it, and writes what follows from its figures into
/// `docs/benchmarks.md`. A line is a pair of batches, in turn A B B A: the microseconds of one
/// evaluation, and of verifying all signatures once. It is the program's processor time, since neither
/// waits for anything and other programs shall not count.
@main
struct LicenseBench {
    private static let pairs = 20
    private static let runsInBatch = 200

    static func main() throws {
        let samples = try SampleLicenses()
        let status = samples.evaluated()
        // A token that grants nothing would be merged for nothing.
        precondition(
            status.state == .active && status.entitlements.plugins.count == samples.pluginCount,
            "the sample licenses are not in force together")
        precondition(samples.areSignaturesValid(), "the signatures do not fit")

        let evaluate = { _ = samples.evaluated() }
        let verify = { _ = samples.areSignaturesValid() }
        _ = [evaluate, verify].map { microseconds(of: $0) }
        for _ in 0..<pairs / 2 {
            let costs = [evaluate, verify, verify, evaluate].map { microseconds(of: $0) }
            print(costs[0], costs[1])
            print(costs[3], costs[2])
        }
    }

    /// Processor time of one run, of so many in a row.
    private static func microseconds(of work: () -> Void) -> Double {
        let begun = processorSeconds()
        for _ in 0..<runsInBatch { work() }
        return (processorSeconds() - begun) / Double(runsInBatch) * 1e6
    }

    private static func processorSeconds() -> Double {
        var time = timespec()
        precondition(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time) == 0, "clock_gettime")
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
