import CanonicalJSON
import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

@Suite struct MemoryTests {
    /// Reads a command line and an environment as JSON, runs that, and prints how it ended and the
    /// most memory that it had, in KiB.
    ///
    /// A small process in between: what is measured of a child begins with its parent's own memory.
    private let measure = """
        import json, os, resource, subprocess, sys
        order = json.load(sys.stdin)
        status = subprocess.run(
            order["command"], env=os.environ | order["environment"], stdout=subprocess.DEVNULL
        ).returncode
        print(status, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
        """

    @Test func staysUnder48MegabytesWithAPluginOf20() async throws {
        try await withTemporaryFolder { folder in
            try await TestGateway.serving(in: folder) { gateway in
                var generator = SeededGenerator(seed: 4)
                let noise = (0..<62_500).flatMap { _ in
                    withUnsafeBytes(of: generator.next()) { [UInt8]($0) }
                }
                let files = Dictionary(
                    uniqueKeysWithValues: (0..<40).map { ("tiles/\($0).png", noise) })
                try await gateway.publish("@acme/maps", "1.0.0", files: files)
                let license = try await gateway.issue(["@acme/maps"])
                let customer = try Customer(in: folder, gateway: gateway.url, key: license.key)
                let order: JSONValue = [
                    "command": [
                        .string(Programs.pkg.string), "download-pro", "--app-version", "1.0.0",
                    ],
                    "environment": .object(
                        JSONObject(customer.environment.map { ($0.key, .string($0.value)) })),
                ]
                let output = try await Python.run(
                    measure, input: String(decoding: order.compactBytes, as: UTF8.self))
                let numbers = output.split(whereSeparator: \.isWhitespace).compactMap { Int($0) }
                try #require(numbers.count == 2, "\(output)")
                #expect(numbers[0] == 0)
                #expect(customer.visibleVersion("@acme/maps") == "1.0.0")
                #expect(numbers[1] < 48 << 10, "in KiB")
            }
        }
    }
}
