import CanonicalJSON
import Cryptography
import Diagnostics
import FoundationEssentials
import Licensing
import SystemPackage
import TestSupport
import Testing

@testable import Storage

/// To which instances a license is bound, step by step and day by day.
struct BindingTests {
    private static let start = Date(timeIntervalSince1970: 1_800_000_000)
    private static let actor = Actor("test")

    struct Step: Sendable {
        enum Question: Sendable {
            case activate(String)
            case rebind(String)
            case release(String)
            case vendor([String], windowDays: Int)
        }

        let day: Double
        let question: Question
        /// `bound`, `occupied`, `never`, or the day of the next move.
        let result: String
        /// Who may use it afterwards; a day after a colon: until then.
        let instances: [String]
        let sequence: Int64
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        var policy = RebindingPolicy()
        let steps: [Step]
        let actions: [String]
    }

    @Test(arguments: cases) func bindsAsTheTableSays(_ given: Case) async throws {
        try await withRecords(given.policy) { records in
            for (number, step) in given.steps.enumerated() {
                let now = Self.start.addingTimeInterval(step.day * 86_400)
                let result = try await ask(step.question, records, now)
                #expect(result == step.result, "step \(number)")
                let bindings = try await records.installations.bindings(of: "lic_1", at: now)
                let instances = bindings.installations.map { installation in
                    let until = installation.validUntil.map { ":\(day($0))" } ?? ""
                    return installation.instance + until
                }
                #expect(instances.sorted() == step.instances, "step \(number)")
                #expect(bindings.license.sequence == step.sequence, "step \(number)")
            }
            let entries = try await records.audit.entries(about: "lic_1").dropFirst()
            #expect(entries.map(\.action) == given.actions)
            let sequences = entries.compactMap { $0.detail["sequence"]?.integer }
            #expect(sequences == (0..<Int64(given.actions.count)).map { $0 + 2 })
        }
    }

    private func ask(
        _ question: Step.Question, _ records: Records, _ now: Date
    ) async throws -> String {
        let installations = records.installations
        switch question {
        case .activate(let instance):
            return try await bind(instance, for: .activation, records, now)
        case .rebind(let instance):
            return try await bind(instance, for: .rebinding, records, now)
        case .release(let instance):
            let known = try await installations.all().filter { $0.instance == instance }
            try await installations.release(
                try #require(known.first { $0.isCurrent(at: now) } ?? known.first).id,
                by: Self.actor, at: now)
            return "bound"
        case .vendor(let instances, let days):
            _ = try await installations.rebind(
                "lic_1", to: instances, leavingUntil: now.addingTimeInterval(Double(days) * 86_400),
                by: Self.actor, at: now
            ) { _ in }
            return "bound"
        }
    }

    private func bind(
        _ instance: String, for purpose: BindingPurpose, _ records: Records, _ now: Date
    ) async throws -> String {
        let claim = InstanceClaim(
            instance: instance, facts: ["salt": "x"], environment: ["platform": "p"],
            purpose: purpose)
        let result = try await records.installations.bind(claim, to: "lic_1", at: now) { _, bound in
            bound.instance
        }
        switch result {
        case .bound(_, let answer):
            #expect(answer == instance)
            return "bound"
        case .occupied: return "occupied"
        case .limited(let limit): return limit.until.map { "\(day($0))" } ?? "never"
        }
    }

    private func day(_ date: Date) -> Int {
        Int(date.timeIntervalSince(Self.start) / 86_400)
    }

    /// A move that is open when the license says so is not taken back either.
    @Test func onlyTheVendorMovesWhatItsCustomerMayNotAnyMore() async throws {
        try await withRecords { records in
            _ = try await bind("A", for: .activation, records, Self.start)
            #expect(try await bind("B", for: .rebinding, records, Self.start) == "bound")
            _ = try await records.licenses.change(
                "lic_1", as: "license.edit", by: Self.actor, at: Self.start
            ) { $0.terms.rebinding.perYear = 0 }
            #expect(try await bind("A", for: .rebinding, records, Self.start) == "never")
        }
    }

    @Test func whoCannotBeAnsweredDoesNotHoldTheLicense() async throws {
        try await withRecords { records in
            let claim = InstanceClaim(
                instance: "A", facts: [:], environment: [:], purpose: .activation)
            await #expect(throws: UsageError.self) {
                _ = try await records.installations.bind(claim, to: "lic_1", at: Self.start) {
                    _, _ in throw UsageError("no")
                }
            }
            let bindings = try await records.installations.bindings(of: "lic_1", at: Self.start)
            #expect(bindings.installations.isEmpty)
            #expect(bindings.license.sequence == 1)
            let changes = try await records.audit.entries(about: "lic_1")
            #expect(changes.count == 1)
        }
    }

    @Test(arguments: [BindingPurpose.activation, .rebinding])
    func ofManyAtOnceOneHoldsIt(_ purpose: BindingPurpose) async throws {
        try await withRecords(RebindingPolicy(perYear: 1, windowDays: 0)) { records in
            if purpose == .rebinding {
                _ = try await bind("first", for: .activation, records, Self.start)
            }
            let results = try await withThrowingTaskGroup(of: String.self) { tasks in
                for number in 0..<8 {
                    tasks.addTask {
                        try await bind("i\(number)", for: purpose, records, Self.start)
                    }
                }
                return try await tasks.reduce(into: []) { $0.append($1) }
            }
            #expect(results.filter { $0 == "bound" }.count == 1)
            let bindings = try await records.installations.bindings(of: "lic_1", at: Self.start)
            #expect(bindings.installations.count == 1)
            #expect(bindings.license.sequence == (purpose == .activation ? 2 : 3))
        }
    }

    @Test func checkInsSideBySideAreAllKept() async throws {
        try await withRecords { records in
            let installations = records.installations
            _ = try await bind("A", for: .activation, records, Self.start)
            let id = try #require(try await installations.all().first).id
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                for number in 1...100 {
                    tasks.addTask {
                        let told = CheckInReport(
                            counter: Int64(number), report: ["n": .integer(Int64(number))],
                            environment: ["platform": "p"])
                        let known = try await installations.checkIn(
                            number.isMultiple(of: 2) ? id : "ins_none", told, at: Self.start)
                        #expect((known != nil) == number.isMultiple(of: 2))
                    }
                }
                try await tasks.waitForAll()
            }
            #expect(try await installations.installation(id: id)?.counter == 100)
        }
    }

    private func withRecords(
        _ policy: RebindingPolicy = RebindingPolicy(), _ body: (Records) async throws -> Void
    ) async throws {
        try await withTemporaryFolder { folder in
            let records = try Records(folder.appending("tollgate.db"))
            defer { try? records.close() }
            let account = try await records.licenses.account(named: "Beta", at: Self.start)
            let license = LicenseRecord(
                id: "lic_1", account: account, terms: LicenseTerms(rebinding: policy, grants: []),
                created: Self.start)
            try await records.licenses.add(
                license, keyDigest: Digest.of(.sha256, [1]), by: Self.actor)
            try await body(records)
        }
    }
}
