import CanonicalJSON
import Packages
import Subprocess
import TestSupport
import Testing

/// Compares thousands of generated versions and ranges with the `semver` module inside npm.
@Suite struct NodeComparisonTests {
    @Test(
        .enabled("node, or the semver module inside npm, is not on this machine") {
            await Node.hasSemver
        })
    func agreesWithTheModuleInsideNpm() async throws {
        var generator = VersionTextGenerator(seed: 0x5E_0003)
        let versions = (0..<3_000).map { _ in generator.version() }
        let ranges = (0..<6_000).map { _ in generator.range() }
        let question: JSONValue = [
            "versions": .array(versions.map { .string($0) }),
            "ranges": .array(ranges.map { .string($0) }),
        ]
        let answer = try await Node.ask(question)

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
}

/// One run of node over everything that was generated.
private enum Node {
    static var hasSemver: Bool {
        get async {
            let result = try? await run(
                .name("node"), arguments: ["-e", locate], output: .discarded, error: .discarded)
            return result?.terminationStatus.isSuccess ?? false
        }
    }

    static func ask(_ question: JSONValue) async throws -> JSONReader {
        let result = try await run(
            .name("node"), arguments: ["-e", locate + script], input: .array(question.compactBytes),
            output: .bytes(limit: 64 << 20), error: .string(limit: 1 << 20))
        try #require(result.terminationStatus.isSuccess, "\(result.standardError)")
        return JSONReader(try parseJSON(result.standardOutput))
    }

    /// npm is on the path; its modules lie beside the file that the path leads to.
    private static let locate = """
        const fs = require('fs'), path = require('path');
        const npm = process.env.PATH.split(':').map(p => path.join(p, 'npm')).find(fs.existsSync);
        const semver = require(
            path.join(path.dirname(fs.realpathSync(npm)), '..', 'node_modules', 'semver'));

        """

    private static let script = """
        const { versions, ranges } = JSON.parse(fs.readFileSync(0, 'utf8'));
        const valid = versions.filter(v => semver.valid(v) !== null);
        const all = { includePrerelease: true };
        process.stdout.write(JSON.stringify({
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
        }));
        """
}
