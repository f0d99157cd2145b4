import CanonicalJSON
import Foundation
import SystemPackage
import TestSupport
import Testing

/// The five invariants of `docs/reliability.md`, looked at after a fault.
extension FaultWorld {
    /// I1, I2, I4: each visible plugin is exactly one release, or what it was before; none is lost;
    /// nothing lies where nothing of ours belongs.
    ///
    /// - Parameters:
    ///   - customer: whose machine
    ///   - before: what was visible before the fault
    ///   - losable: the plugins for whose removal there is a signed reason
    ///   - when: says which fault it was
    /// - Throws: when the disk cannot be read.
    func checkVisible(
        _ customer: Customer, before: [String: Content], losable: Set<String> = [], _ when: String
    ) throws {
        let visible = try visible(customer)
        for name in Self.plugins {
            guard let content = visible[name] else {
                #expect(before[name] == nil || losable.contains(name), "\(name) is lost, \(when)")
                continue
            }
            let isRelease = releases[name]?.values.contains(content) == true
            #expect(
                isRelease || content == before[name],
                "\(name) is no release: \(content.keys.sorted()), \(when)")
        }
        let home = customer.storage.removingLastComponent().string
        let beside = try FileManager.default.contentsOfDirectory(atPath: home)
        #expect(Set(beside).isSubset(of: ["storage"]), "\(beside), \(when)")
        let own = (try? FileManager.default.contentsOfDirectory(atPath: customer.storage.string))
        #expect(
            Set(own ?? []).isSubset(of: [".license", "plugins", "logs"]), "\(own ?? []), \(when)")
    }

    /// I5: the exit code is that of the report, and the report says what is visible.
    ///
    /// - Returns: the codes of all that failed
    @discardableResult
    func checkReport(
        _ outcome: Outcome, _ customer: Customer, _ when: String
    ) throws -> Set<String> {
        let report = try outcome.json
        #expect(report["exit_status"]?.integer == Int64(outcome.status), "\(when)")
        let rows = report["plugins"]?.array ?? []
        for row in rows {
            let name = row["name"]?.string ?? ""
            #expect(
                row["installed"]?.string == customer.visibleVersion(name),
                "the report on \(name), \(when): \(outcome.output)")
        }
        let failures = (report["failures"]?.array ?? []) + rows.compactMap { $0["failure"] }
        let codes = Set(failures.compactMap { $0["code"]?.string })
        #expect(codes.isEmpty == (outcome.status == 0), "\(codes), \(when): \(outcome.errors)")
        return codes
    }

    /// I3: the next run without a fault puts everything right.
    ///
    /// - Parameters:
    ///   - customer: whose machine
    ///   - app: the application's version
    ///   - expected: what must be visible then, by name; nil: the release of that version of all
    ///   - when: says which fault it was
    /// - Throws: when `pkg` cannot be run, or the disk not read.
    func checkNextRun(
        _ customer: Customer, app: String, expected: [String: String]? = nil, _ when: String
    ) async throws {
        let next = try await customer.downloadPro(app: app)
        #expect(next.outcome.status == 0, "the next run, \(when): \(next.outcome.errors)")
        try checkReport(next.outcome, customer, "next run, \(when)")
        try checkVisible(customer, before: [:], "next run, \(when)")
        let wanted = expected ?? Dictionary(uniqueKeysWithValues: Self.plugins.map { ($0, app) })
        let visible = try visible(customer)
        #expect(Set(visible.keys) == Set(wanted.keys), "next run, \(when)")
        for (name, version) in wanted {
            #expect(visible[name] == releases[name]?[version], "\(name), next run, \(when)")
        }
        let isAtWork = customer.isAtWork
        #expect(!isAtWork, "staging or journal are left, \(when)")
    }

    /// A further run finds nothing to do; a plugin that was rolled back is held where it is.
    func checkNothingIsLeft(
        _ customer: Customer, app: String, held: String? = nil, _ when: String
    ) async throws {
        let last = try await customer.downloadPro(app: app)
        #expect(last.outcome.status == 0, "the run after it, \(when): \(last.outcome.errors)")
        for (name, row) in last.plugins {
            let isHeld = name == held && row == "mismatch 1.0.0 held-back"
            #expect(
                row.hasPrefix("current ") || isHeld, "\(name): \(row), the run after it, \(when)")
        }
    }
}
