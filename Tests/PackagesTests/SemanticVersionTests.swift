import Diagnostics
import Packages
import TestSupport
import Testing

@Suite struct SemanticVersionTests {
    @Test func readsWhatNpmReads() throws {
        for (text, expected) in try SemanticVersionVectors().texts {
            let version = try? SemanticVersion(text)
            #expect(version?.withoutBuild == expected, "\(text.debugDescription)")
        }
    }

    @Test func refusalHasItsCode() {
        #expect {
            try SemanticVersion("1.2")
        } throws: {
            ($0 as? PackageError)?.code == .registryVersionInvalid
        }
    }

    @Test func ordersAsNpmOrders() throws {
        let versions = try SemanticVersionVectors().ascending.map { try SemanticVersion($0) }
        for (lower, left) in versions.enumerated() {
            for (upper, right) in versions.enumerated() {
                #expect((left < right) == (lower < upper), "\(left) < \(right)")
                #expect((left == right) == (lower == upper), "\(left) == \(right)")
            }
        }
    }

    @Test func buildIsKeptButDecidesNothing() throws {
        let built = try SemanticVersion("1.2.3-beta+build.7")
        let other = try SemanticVersion("1.2.3-beta")
        #expect(built == other)
        #expect(built.hashValue == other.hashValue)
        #expect(!(built < other) && !(other < built))
        #expect(built.description == "1.2.3-beta+build.7")
        #expect(built.withoutBuild == "1.2.3-beta")
        #expect(built.build == ["build", "7"])
    }

    @Test func longNumbersAreComparedExactly() throws {
        let earlier = try SemanticVersion("2.1.0-beta.20260801123456788")
        let later = try SemanticVersion("2.1.0-beta.20260801123456789")
        #expect(earlier < later)
        #expect(earlier != later)
    }

    @Test func damagedTextsAreReadOrRefusedAndPrintedTheSame() throws {
        var generator = SeededGenerator(seed: 0x5E_0001)
        let seeds = ["1.2.3", "10.20.30-beta.11+build.5", "v0.0.1-0", "1.2.3-x-y-z.--"]
        for _ in 0..<20_000 {
            let seed = Array(try #require(seeds.randomElement(using: &generator)).utf8)
            let text = String(decoding: mutated(seed, using: &generator), as: UTF8.self)
            guard let version = try? SemanticVersion(text) else { continue }
            let again = try SemanticVersion(version.description)
            #expect(again == version && again.build == version.build, "\(text.debugDescription)")
        }
    }
}
