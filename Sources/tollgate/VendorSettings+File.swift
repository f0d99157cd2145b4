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
        var url: String?
        var signing = Signing.online
        do {
            for entry in try YAMLMapping(bytes).entries {
                switch entry.name {
                case "url": url = entry.value
                case "signing":
                    guard let known = entry.value.flatMap(Signing.init(rawValue:)) else {
                        throw UsageError(
                            "signing in \(file) is \(quoted(entry.value ?? "")).",
                            remedy: "Write online or offline.")
                    }
                    signing = known
                default:
                    throw UsageError(
                        "\(file) has the name \(quoted(entry.name)), which is no setting.",
                        remedy: "The settings are url and signing.")
                }
            }
        } catch let error as YAMLError {
            throw UsageError("\(file) cannot be read: \(error)", remedy: remedy)
        }
        guard let url else { throw UsageError("\(file) has no url.", remedy: remedy) }
        do {
            try self.init(url: url, signing: signing)
        } catch {
            throw UsageError("url in \(file): \(error.message)", remedy: error.remedy)
        }
    }
}
