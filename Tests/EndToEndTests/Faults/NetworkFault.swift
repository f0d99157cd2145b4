import CanonicalJSON
import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

/// One row of the fault matrix: what is done to a run of `pkg download-pro`, and what must come of it.
struct NetworkFault: Sendable, CustomTestStringConvertible {
    /// What must be seen.
    struct Expectation: Sendable {
        let status: Int32
        let code: String?
        /// The visible release of each plugin afterwards, in the order of ``FaultyWay/plugins``.
        let visible: [String?]
    }

    let row: String
    let expected: Expectation
    var section = FaultMatrix.Section.network
    var start = FaultyWay.Start.installed
    var arguments: [String] = []
    /// More environment, for the run with the fault alone.
    var environment: @Sendable (MiddleServer) -> [String: String] = { _ in [:] }
    /// What runs `pkg`, with its arguments.
    var wrapper: [String] = []
    /// Something that the operator must be told.
    var says = ""
    /// The longest that the run may take.
    var limit = Duration.seconds(25)
    /// Whether the document says how long the run took.
    var showsTime = false
    var spoil: MiddleServer.Fault?
    /// Looks closer, and says what it saw.
    var inspect: @Sendable ([ScriptedServer.Request], Customer) throws -> String? = { _, _ in nil }

    var testDescription: String { row }
}

extension NetworkFault.Expectation {
    /// The fault is overcome.
    static let overcome = Self(status: 0, code: nil, visible: ["2.0.0", "2.0.0"])

    /// `@acme/a` is updated, `@acme/b` is held back.
    static func heldBack(_ code: String, status: Int32 = 5) -> Self {
        Self(status: status, code: code, visible: ["2.0.0", "1.0.0"])
    }

    /// Nothing changes.
    static func unchanged(_ code: String, status: Int32 = 5) -> Self {
        Self(status: status, code: code, visible: ["1.0.0", "1.0.0"])
    }

    /// Nothing is installed where nothing was.
    static func nothing(_ code: String, status: Int32 = 5) -> Self {
        Self(status: status, code: code, visible: [nil, nil])
    }
}

extension FaultyWay {
    /// Makes faults beside each other, a few at a time.
    func endure(_ faults: [NetworkFault], atOnce width: Int = 4) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (index, fault) in faults.enumerated() {
                if index >= width { try await group.next() }
                group.addTask { try await endure(fault) }
            }
            try await group.waitForAll()
        }
    }

    /// Makes a fault, looks at the five invariants, and lets `pkg` put things right.
    func endure(_ fault: NetworkFault) async throws {
        let customer = try await customer(fault.start)
        let middle = try MiddleServer(before: try gateway.port)
        defer { middle.stop() }
        middle.spoil(fault.spoil)
        let clock = ContinuousClock()
        let start = clock.now
        var broken = customer
        broken.environment["TOLLGATE_URL"] = middle.url
        broken.environment.merge(fault.environment(middle)) { $1 }
        let outcome = try await broken.update(through: fault.wrapper, fault.arguments)
        let time = clock.now - start
        #expect(time < fault.limit, "\(fault.row)")
        try look(at: fault, outcome, customer)
        var words = try fault.inspect(middle.requests, customer)
        if fault.showsTime { words = "ended after \(Int((time / .seconds(1)).rounded())) s" }

        middle.spoil(nil)
        var mended = customer
        mended.environment["TOLLGATE_URL"] = middle.url
        let next = try await mended.update(through: [], [])
        #expect(next.status == 0, "I3 after \(fault.row): \(next.errors)")
        for name in Self.plugins {
            #expect(try has(customer, name, "2.0.0"), "I3 after \(fault.row): \(name)")
        }
        try FaultMatrix.record(fault.section, fault.row, fault.seen(words))
    }

    private func look(
        at fault: NetworkFault, _ outcome: Outcome, _ customer: Customer
    ) throws {
        let row = "\(fault.row): \(outcome.errors)"
        #expect(outcome.status == fault.expected.status, "I5, \(row)")
        #expect(outcome.errorCode == fault.expected.code, "I5, \(row)")
        #expect(fault.says.isEmpty || outcome.errors.contains(fault.says), "\(row)")
        let json = try outcome.json
        #expect(json["exit_status"]?.integer == Int64(outcome.status), "I5, \(row)")
        for (name, version) in zip(Self.plugins, fault.expected.visible) {
            #expect(
                try has(customer, name, version), "I1 and I2 of \(name) \(version ?? "-"), \(row)")
            let told = json["plugins"]?.array?.first { $0["name"]?.string == name }
            #expect(told?["installed"]?.string == version, "I5 of \(name), \(row)")
        }
        #expect(customer.strayFiles == [], "I4, \(row)")
    }
}

extension NetworkFault {
    /// The row's second cell.
    fileprivate func seen(_ words: String?) -> String {
        var parts: [String] = []
        if let code = expected.code {
            parts.append("`\(code)`, exit \(expected.status)")
        } else {
            parts.append("overcome, exit 0")
        }
        switch expected.visible {
        case ["2.0.0", "2.0.0"] where start != .updated: parts.append("both plugins are updated")
        case ["2.0.0", "1.0.0"]: parts.append("the other plugin is updated, this one is held back")
        case [nil, nil]: parts.append("nothing is installed")
        default: parts.append("both plugins stay as they were")
        }
        if let words { parts.append(words) }
        if expected.code != nil { parts.append("the next run puts it right") }
        return parts.joined(separator: "; ")
    }
}

extension Customer {
    /// `pkg download-pro --json` for the application's version 2.0.0, by another program or not.
    func update(through wrapper: [String], _ arguments: [String]) async throws -> Outcome {
        let words =
            wrapper + [Programs.pkg.string, "download-pro", "--json", "--app-version", "2.0.0"]
            + arguments
        return try await run(
            FilePath(words[0]), Array(words.dropFirst()), environment: environment)
    }

    /// The tarball that a run has begun, and how much of it is there.
    var partialTarballs: [Int] {
        get throws {
            let folder = "\(storage)/plugins/.pkg/tarballs"
            let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
            return try names.map { name in
                try Data(contentsOf: URL(filePath: "\(folder)/\(name)")).count
            }
        }
    }
}
