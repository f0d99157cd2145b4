import CanonicalJSON
import Packages
import TestSupport
import Testing

/// Compares thousands of generated versions and ranges with the `semver` module inside npm.
@Suite struct NodeComparisonTests {
    @Test(
        .enabled("node, or the semver module inside npm, is not on this machine") {
            await NodeModules.areHere
        })
    func agreesWithTheModuleInsideNpm() async throws {
        var generator = VersionTextGenerator(seed: 0x5E_0003)
        let versions = (0..<3_000).map { _ in generator.version() }
        let ranges = (0..<6_000).map { _ in generator.range() }
        let question: JSONValue = [
            "versions": .array(versions.map { .string($0) }),
            "ranges": .array(ranges.map { .string($0) }),
        ]
        let answer = try await NodeModules.ask(Self.script, question)

        let ours = versions.map { try? SemanticVersion($0) }
        let normalized = try answer["versions"].array().map(\.value.string)
        #expect(normalized.count == versions.count)
        for (index, expected) in normalized.enumerated() {
            #expect(ours[index]?.withoutBuild == expected, "\(versions[index].debugDescription)")
        }

        // Versions that both read, each compared with the next.
        let valid = ours.compactMap(\.self)
        let orders = try answer["orders"].array().map { try $0.integer() }
        #expect(valid.count > 1_000 && orders.count == valid.count)
        for (index, order) in orders.enumerated() {
            let (left, right) = (valid[index], valid[(index + 1) % valid.count])
            let expected: Int64 = left < right ? -1 : left == right ? 0 : 1
            #expect(expected == order, "\(left) and \(right)")
        }

        var checked = 0
        let verdicts = try answer["ranges"].array()
        #expect(verdicts.count == ranges.count)
        for (index, verdict) in verdicts.enumerated() {
            let text = ranges[index]
            guard let admitted = verdict.value.string else {
                #expect((try? VersionRange(text)) == nil, "\(text.debugDescription) was read")
                continue
            }
            let range = try? VersionRange(text)
            #expect(range != nil, "\(text.debugDescription) was refused")
            guard let range else { continue }
            var mine = ""
            for step in 0..<24 {
                let version = valid[(index * 24 + step) % valid.count]
                mine += range.contains(version) ? "1" : "0"
                mine += range.contains(version, includingPrereleases: true) ? "1" : "0"
            }
            checked += 24
            #expect(mine == admitted, "\(text.debugDescription) from version \(index * 24)")
        }
        #expect(checked > 20_000)
    }

    @Test(
        .enabled("node, or the semver module inside npm, is not on this machine") {
            await NodeModules.areHere
        })
    func takesNoNameThatNpmRefuses() async throws {
        var random = SeededGenerator(seed: 0x5E_0004)
        let seeds = ["@acme/plugin-audit-log", "left-pad", "@a.b/_x", "http2", "node_modules"]
        var names = seeds
        for _ in 0..<20_000 {
            let seed = Array(try #require(seeds.randomElement(using: &random)).utf8)
            let text = String(decoding: mutated(seed, using: &random), as: UTF8.self)
            if (try? PackageName(text)) != nil { names.append(text) }
        }
        let ours = names.filter { (try? PackageName($0)) != nil }
        #expect(ours.count > 1_000)
        let script =
            "answer(question.map(n => inside('validate-npm-package-name')(n).validForNewPackages));"
        let verdicts = try await NodeModules.ask(script, .array(ours.map { .string($0) })).array()
        #expect(verdicts.count == ours.count)
        for (name, verdict) in zip(ours, verdicts) {
            #expect(try verdict.bool(), "\(name.debugDescription)")
        }
    }

    private static let script = """
        const semver = inside('semver');
        const { versions, ranges } = question;
        const valid = versions.filter(v => semver.valid(v) !== null);
        const all = { includePrerelease: true };
        answer({
            versions: versions.map(v => semver.valid(v)),
            orders: valid.map((v, i) => semver.compare(v, valid[(i + 1) % valid.length])),
            ranges: ranges.map((r, i) => {
                if (semver.validRange(r) === null) return null;
                let bits = '';
                for (let k = 0; k < 24; k++) {
                    const v = valid[(i * 24 + k) % valid.length];
                    bits += semver.satisfies(v, r) ? '1' : '0';
                    bits += semver.satisfies(v, r, all) ? '1' : '0';
                }
                return bits;
            }),
        });
        """
}
