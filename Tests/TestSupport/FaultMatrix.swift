import CanonicalJSON
import Foundation
import Testing

/// The fault matrix of `docs/reliability.md`: what was done to `pkg`, and what was seen.
///
/// `scripts/reliability` runs the tests with `TOLLGATE_FAULT_RESULTS` naming a folder, where each
/// row leaves a file, and makes the document of them. Without it a test only checks that the document
/// has its row, so that neither can go on without the other.
package enum FaultMatrix {
    /// The parts of the document, in its order.
    package enum Section: String, Sendable, CaseIterable {
        case kills = "Killed"
        case disk = "Disk"
        case runs = "Runs beside each other"
        case network = "Network"
        case encryption = "TLS"
        case trust = "Hostile mirror"
        case clock = "Clock"
        case license = "License"
        case state = "Our own files"
        case bundles = "Bundles"
    }

    /// Says that a row's fault was made and that what must hold did hold; call it last.
    ///
    /// - Parameters:
    ///   - section: the part of the document
    ///   - fault: what was done, as the first cell; it names the row and never changes from run to
    ///     run
    ///   - seen: what happened, with figures
    /// - Throws: when the row, or the document, cannot be written or read.
    package static func record(_ section: Section, _ fault: String, _ seen: String) throws {
        guard let folder = ProcessInfo.processInfo.environment["TOLLGATE_FAULT_RESULTS"] else {
            return try requireRow(fault)
        }
        let row: JSONValue = [
            "section": .string(section.rawValue), "fault": .string(fault), "seen": .string(seen),
        ]
        let name = fault.map { $0.isLetter || $0.isNumber ? $0 : "-" }
        try Data(row.prettyBytes).write(to: URL(filePath: "\(folder)/\(String(name)).json"))
    }

    private static func requireRow(_ fault: String) throws {
        let document = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../docs/reliability.md")
        let text = try String(contentsOf: document, encoding: .utf8)
        #expect(
            text.contains("| \(fault) |"),
            "docs/reliability.md has no row “\(fault)”: run scripts/reliability")
    }
}
