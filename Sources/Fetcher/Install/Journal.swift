package import CanonicalJSON
package import Packages
import SystemPackage

/// What an installation that has begun will change, written before the first change and removed
/// after the last, so that the next run can end what a killed run left half done.
package struct Journal: Equatable, Sendable {
    package enum Change: Equatable, Sendable {
        /// Put the staged folder in place. `origin` is where it was taken from and goes back to when
        /// the change is dropped; nil when it was freshly unpacked.
        case put(origin: SetAside.Kind?)
        /// Set the visible folder aside.
        case remove
    }

    package struct Entry: Equatable, Sendable {
        package let name: PackageName
        package let change: Change

        package init(name: PackageName, change: Change) {
            self.name = name
            self.change = change
        }
    }

    /// The name of the staging folder's subfolder that belongs to this installation.
    package let stagingName: String
    package let entries: [Entry]
    /// Whether the entries belong together: what a killed run had not come to is then done too, and
    /// not dropped.
    package let isOneSet: Bool

    package init(stagingName: String, entries: [Entry], isOneSet: Bool = false) {
        self.isOneSet = isOneSet
        self.stagingName = stagingName
        self.entries = entries
    }
}

extension Journal {
    package var json: JSONValue {
        [
            "schema": 1,
            "staging": .string(stagingName),
            "one_set": .bool(isOneSet),
            "entries": .array(
                entries.map { entry in
                    var json: JSONObject = ["name": .string(entry.name.description)]
                    switch entry.change {
                    case .put(let origin):
                        json["change"] = "put"
                        json["origin"] = origin.map { .string($0.rawValue) }
                    case .remove:
                        json["change"] = "remove"
                    }
                    return .object(json)
                }),
        ]
    }

    /// Reads a journal back.
    ///
    /// - Throws: ``JSONError`` or ``PackageError``.
    package init(json: JSONValue) throws {
        let reader = JSONReader(json)
        stagingName = try reader["staging"].string()
        // A component made of “a/” is “a”.
        guard FilePath.Component(stagingName)?.kind == .regular, !stagingName.contains("/") else {
            throw try reader["staging"].failure(.invalidValue)
        }
        var entries: [Entry] = []
        for entry in try reader["entries"].array() {
            let change: Change =
                switch try entry["change"].string() {
                case "put": .put(origin: try entry.optional("origin").map(SetAside.Kind.init))
                case "remove": .remove
                default: throw try entry["change"].failure(.invalidValue)
                }
            entries.append(
                Entry(name: try PackageName(entry["name"].string()), change: change))
        }
        self.entries = entries
        isOneSet = json["one_set"] == true
    }
}

extension SetAside.Kind {
    fileprivate init(_ reader: JSONReader) throws(JSONError) {
        guard let kind = Self(rawValue: try reader.string()) else {
            throw reader.failure(.invalidValue)
        }
        self = kind
    }
}
