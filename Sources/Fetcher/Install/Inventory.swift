package import CanonicalJSON
package import Packages
package import SystemPackage

/// What is installed and what is set aside, for `pkg plugins list` and `verify`.
package struct Inventory: Sendable {
    package struct Line: Sendable {
        package let name: PackageName
        /// The visible release; for a removed plugin the release that was set aside.
        package let installed: SemanticVersion?
        package let previous: SemanticVersion?
        /// `ok`, `removed`, or what is wrong.
        package let condition: String
        package let isInstalled: Bool
        package let isIntact: Bool
        /// Where what no run replaces stands in the plugin's place.
        package let inTheWay: FilePath?
        /// What an operator decided that keeps the next run from another release.
        package let hold: Hold?
    }

    /// Sorted by name.
    package let lines: [Line]

    /// Looks at every plugin with a receipt.
    ///
    /// - Parameters:
    ///   - storage: The storage folder; one that does not exist has no plugins.
    ///   - byContent: Compare every byte instead of sizes and times.
    /// - Throws: ``DiskError``.
    package init(of storage: StorageFolder, byContent: Bool = false) throws(DiskError) {
        var lines: [Line] = []
        let holds = Dictionary(
            try Hold.all(in: storage).map { ($0.name, $0) }, uniquingKeysWith: { $1 })
        for receipt in try ReceiptStore(in: storage.receipts).all() {
            let folder = storage.plugin(receipt.name)
            var condition =
                byContent
                ? try receipt.conditionByContent(in: folder) : try receipt.condition(in: folder)
            if case .modified = condition {
                condition = try receipt.foreignCondition(in: folder) ?? condition
            }
            var inTheWay: FilePath?
            if case .foreign(_, let path) = condition { inTheWay = path }
            let previous = try SetAside(.previous, of: receipt.name, in: storage).receipt()
            lines.append(
                Line(
                    name: receipt.name, installed: receipt.version, previous: previous?.version,
                    condition: condition.description, isInstalled: true,
                    isIntact: condition == .intact, inTheWay: inTheWay,
                    hold: holds[receipt.name]))
        }
        for receipt in try Installer(storage).setAsideByRemoval() {
            lines.append(
                Line(
                    name: receipt.name, installed: receipt.version, previous: nil,
                    condition: "removed; pkg plugins restore brings it back", isInstalled: false,
                    isIntact: true, inTheWay: nil, hold: holds[receipt.name]))
        }
        let named = Set(lines.map(\.name))
        // Those of which `clean` has left nothing but that they stay away.
        for hold in holds.values where !named.contains(hold.name) {
            lines.append(
                Line(
                    name: hold.name, installed: nil, previous: nil,
                    condition: "removed; its files are no longer kept", isInstalled: false,
                    isIntact: true, inTheWay: nil, hold: hold))
        }
        self.lines = lines.sorted { $0.name.description < $1.name.description }
    }

    package var json: JSONValue {
        [
            "schema": 1,
            "plugins": .array(
                lines.map { line in
                    [
                        "name": .string(line.name.description),
                        "version": line.installed.map { .string($0.description) } ?? .null,
                        "previous": line.previous.map { .string($0.description) } ?? .null,
                        "is_installed": .bool(line.isInstalled),
                        "is_intact": .bool(line.isIntact),
                        "condition": .string(line.condition),
                        "rolled_back_from": line.hold.map { .string("\($0.origin)") } ?? .null,
                    ]
                }),
        ]
    }
}
