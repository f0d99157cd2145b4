import Diagnostics
import Gateway
import Storage
import SystemPackage
import YAML

extension VendorSettings {
    /// Reads `tollgate.yaml`: names and plain values, nothing nested; no variable stands in for them.
    ///
    /// - Throws: ``UsageError`` with line and reason, or the name that is not known.
    init(reading file: FilePath) throws {
        let remedy = "Write one line such as url: \"https://plugins.acme.example\"."
        guard let bytes = try readFile(file, maximumLength: 1 << 20) else {
            throw UsageError("There is no file \(file).", remedy: remedy)
        }
        let entries: [YAMLMapping.Entry]
        do {
            entries = try YAMLMapping(bytes).entries
        } catch {
            throw UsageError("\(file) cannot be read: \(error)", remedy: remedy)
        }
        guard let url = entries.first(where: { $0.name == "url" }) else {
            throw UsageError("\(file) has no url.", remedy: remedy)
        }
        do {
            try self.init(url: url.value ?? "")
        } catch {
            throw url.refused(in: file, because: error)
        }
        for entry in entries where entry.name != url.name {
            do {
                try set(entry.name, to: entry.value ?? "")
            } catch {
                throw entry.refused(in: file, because: error)
            }
        }
    }
}

extension YAMLMapping.Entry {
    /// That this line cannot be taken, and why.
    fileprivate func refused(in file: FilePath, because error: UsageError) -> UsageError {
        UsageError(
            "\(name) in line \(line) of \(file): \(error.message)", remedy: error.remedy)
    }
}
