import Foundation
import TestSupport
import Testing

/// One thing that `pkg` does to the disk, from a machine that is ready for it.
enum FaultOperation: String, Sendable, CaseIterable, CustomTestStringConvertible {
    case install, update, repair, removal, rollback, adopt

    var testDescription: String { rawValue }

    var arguments: [String] {
        self == .rollback
            ? ["plugins", "rollback", "@acme/a"]
            : ["download-pro", "--json", "--app-version", application]
    }

    /// The application's version in the runs that follow too.
    var application: String { self == .update || self == .rollback ? "2.0.0" : "1.0.0" }

    /// The plugins that the license lost.
    var losable: Set<String> { self == .removal ? ["@acme/b"] : [] }

    /// What must be visible in the end; nil: depends on where the fault was.
    func expected(_ customer: Customer) -> [String: String] {
        switch self {
        case .install, .repair, .adopt: ["@acme/a": "1.0.0", "@acme/b": "1.0.0"]
        case .update: ["@acme/a": "2.0.0", "@acme/b": "2.0.0"]
        case .removal: ["@acme/a": "1.0.0"]
        // Both are right: a rollback that was cut off was done or was not.
        case .rollback: ["@acme/a": customer.visibleVersion("@acme/a") ?? "", "@acme/b": "2.0.0"]
        }
    }

    /// Makes the machine from which it starts.
    func prepare(_ world: FaultWorld) async throws -> Customer {
        let license = try await world.gateway.issue(FaultWorld.plugins)
        let customer = try world.customer("ready-for-\(rawValue)", key: license.key)
        guard self != .install else { return customer }
        try await customer.mustDownload("1.0.0")
        let plugins = "\(customer.storage)/plugins"
        switch self {
        case .install, .update: break
        case .repair:
            try Data().write(to: URL(filePath: "\(plugins)/@acme/a/lib/part-0.js"))
            try FileManager.default.removeItem(atPath: "\(plugins)/@acme/b/lib/part-0.js")
        case .removal:
            try await world.gateway.tollgate(
                ["licenses", "edit", license.id, "--remove-plugin", "@acme/b"])
            let refresh = try await customer.pkg("license", "refresh")
            try #require(refresh.status == 0, "\(refresh.errors)")
        case .rollback: try await customer.mustDownload("2.0.0")
        case .adopt: try FileManager.default.removeItem(atPath: "\(plugins)/.pkg")
        }
        return customer
    }
}

extension Customer {
    /// A run in which nothing goes wrong.
    func mustDownload(_ version: String) async throws {
        let run = try await downloadPro(app: version)
        try #require(run.outcome.status == 0, "\(run.outcome.errors)")
    }
}
