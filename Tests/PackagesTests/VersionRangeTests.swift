import Diagnostics
import Glibc
import Packages
import TestSupport
import Testing

@Suite struct VersionRangeTests {
    @Test func admitsWhatNpmAdmits() throws {
        let vectors = try SemanticVersionVectors()
        for expected in vectors.ranges {
            guard let range = try? VersionRange(expected.text) else {
                #expect(!expected.isValid, "\(expected.text.debugDescription) was refused")
                continue
            }
            #expect(expected.isValid, "\(expected.text.debugDescription) was read")
            let admitted = try vectors.ascending.filter {
                range.contains(try SemanticVersion($0))
            }
            #expect(Set(admitted) == expected.admits, "\(expected.text.debugDescription)")
            let withPrereleases = try vectors.ascending.filter {
                range.contains(try SemanticVersion($0), includingPrereleases: true)
            }
            #expect(
                Set(withPrereleases) == expected.admitsWithPrereleases,
                "\(expected.text.debugDescription) with pre-releases")
        }
    }

    @Test(arguments: ["latest", "1.2.3.4", "workspace:*", "^^1", "1.2.3 | 2", "=> 1"])
    func refusalHasItsCode(text: String) {
        #expect {
            try VersionRange(text)
        } throws: {
            ($0 as? PackageError)?.code == .registryRangeInvalid
        }
    }

    @Test func buildOfTheVersionIsIgnored() throws {
        #expect(try VersionRange("1.2.3").contains(SemanticVersion("1.2.3+build")))
        #expect(try VersionRange("1.2.3+a").contains(SemanticVersion("1.2.3+b")))
    }

    @Test func keepsItsText() throws {
        #expect(try VersionRange(" ^1.2 || 3 ").description == " ^1.2 || 3 ")
    }

    @Test func longNonsenseTakesNoLongTime() throws {
        for unit in ["v", "= ", "~ ", "^ ", "> ", "1.", "|", "||", "-", " - ", "1 - ", "*", "x."] {
            let text = String(repeating: unit, count: 20_000)
            let start = processorTime()
            _ = try? VersionRange(text)
            #expect(processorTime() - start < .seconds(5), "\(unit)")
        }
    }

    @Test func damagedRangesNeverCrash() throws {
        var generator = SeededGenerator(seed: 0x5E_0002)
        let seeds = ["^1.2.3 || >=2.0.0-0 <3", "1.2 - 2.3.4-beta", "~> 1.x || * || =v1.2"]
        let version = try SemanticVersion("1.2.3-beta")
        for _ in 0..<20_000 {
            let seed = Array(try #require(seeds.randomElement(using: &generator)).utf8)
            let text = String(decoding: mutated(seed, using: &generator), as: UTF8.self)
            guard let range = try? VersionRange(text) else { continue }
            // What the ordinary reading admits, the reading with pre-releases admits too.
            if range.contains(version) {
                #expect(
                    range.contains(version, includingPrereleases: true),
                    "\(text.debugDescription)")
            }
        }
    }
}

/// What this thread has used of a processor, however many others want one.
private func processorTime() -> Duration {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
}
