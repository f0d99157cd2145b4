import CanonicalJSON
import Subprocess
import Testing

/// The JavaScript modules that lie inside npm, asked in one run of node.
enum NodeModules {
    static var areHere: Bool {
        get async {
            let result = try? await run(
                .name("node"), arguments: ["-e", locate], output: .discarded, error: .discarded)
            return result?.terminationStatus.isSuccess ?? false
        }
    }

    /// Runs a script that finds `question`, loads modules by `inside(name)` and calls `answer(value)`.
    static func ask(_ script: String, _ question: JSONValue) async throws -> JSONReader {
        let result = try await run(
            .name("node"), arguments: ["-e", locate + exchange + script],
            input: .array(question.compactBytes), output: .bytes(limit: 64 << 20),
            error: .string(limit: 1 << 20))
        try #require(result.terminationStatus.isSuccess, "\(result.standardError)")
        return JSONReader(try parseJSON(result.standardOutput))
    }

    /// npm is on the path; its modules lie beside the file that the path leads to.
    private static let locate = """
        const fs = require('fs'), path = require('path');
        const npm = process.env.PATH.split(':').map(p => path.join(p, 'npm')).find(fs.existsSync);
        const modules = path.join(path.dirname(fs.realpathSync(npm)), '..', 'node_modules');
        const inside = name => require(path.join(modules, name));
        inside('semver');

        """

    private static let exchange = """
        const question = JSON.parse(fs.readFileSync(0, 'utf8'));
        const answer = value => process.stdout.write(JSON.stringify(value));

        """
}
