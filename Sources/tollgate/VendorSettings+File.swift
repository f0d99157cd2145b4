import Diagnostics
import Gateway
import Storage
import SystemPackage
import Yams

extension VendorSettings {
    /// Reads `tollgate.yaml`: names and plain values, nothing nested; no variable stands in for them.
    ///
    /// - Throws: ``UsageError`` with the parser's line and reason, or the name that is not known.
    init(reading file: FilePath) throws {
        let remedy = "Write one line such as url: \"https://plugins.acme.example\"."
        let node: Node?
        do {
            guard let bytes = try readFile(file, maximumLength: 1 << 20) else {
                throw UsageError("There is no file \(file).", remedy: remedy)
            }
            node = try Yams.compose(yaml: String(decoding: bytes, as: UTF8.self))
        } catch let error as YamlError {
            throw UsageError("\(file) cannot be read: \(error)", remedy: remedy)
        }
        guard let mapping = node?.mapping else {
            throw UsageError("\(file) is not a list of “name: value” lines.", remedy: remedy)
        }
        var url: String?
        for (key, value) in mapping {
            guard let name = key.scalar?.string, name == "url" else {
                throw UsageError(
                    "\(file) has the name \(quoted(key.scalar?.string ?? "")), which is no setting.",
                    remedy: "The only setting is url.")
            }
            guard let text = value.scalar?.string else {
                throw UsageError("url in \(file) is not one plain value.", remedy: remedy)
            }
            url = text
        }
        guard let url else { throw UsageError("\(file) has no url.", remedy: remedy) }
        do {
            try self.init(url: url)
        } catch {
            throw UsageError("url in \(file): \(error.message)", remedy: error.remedy)
        }
    }
}
