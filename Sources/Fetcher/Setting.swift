import Diagnostics
import FoundationEssentials
import Glibc
import Licensing
import Packages
import SystemPackage

/// One value that somebody said, and where, so that a refusal can name its source.
struct Setting {
    let text: String
    /// `--url`, `TOLLGATE_URL`, `url in /app/pkg.yaml`.
    let source: String

    /// Nil for a text that is absent or blank.
    init?(_ text: String?, from source: String) {
        guard let text, !text.allSatisfy(\.isWhitespace) else { return nil }
        self.text = text
        self.source = source
    }

    /// An http or https address, without a slash at its end.
    func webAddress() throws(UsageError) -> String {
        guard let url = URL(string: text), let host = url.host(), !host.isEmpty,
            ["http", "https"].contains(url.scheme?.lowercased()),
            url.port.map({ (1...65_535).contains($0) }) ?? true
        else {
            throw refused(
                "is no http or https address",
                "Set it to the address that your vendor gave you: https://plugins.example.com")
        }
        guard url.query() == nil, url.fragment() == nil else {
            throw refused(
                "has something behind a “?” or “#”, which a gateway's address cannot have",
                "Leave that part out.")
        }
        return text.hasSuffix("/") ? String(text.dropLast()) : text
    }

    func applicationVersion() throws(UsageError) -> ApplicationVersion {
        do {
            return try ApplicationVersion(text)
        } catch {
            throw refused(
                "is no version of an application", "Give one like 2.1.0 or 2.1.0-beta.3.",
                cause: error)
        }
    }

    /// Domains between commas or white space.
    func domains() throws(UsageError) -> [LicenseDomain] {
        var domains: [LicenseDomain] = []
        for word in text.split(whereSeparator: { $0 == "," || $0.isWhitespace }) {
            do {
                domains.append(try LicenseDomain(String(word)))
            } catch {
                throw refused(
                    "names a domain that is none", "Write app.example or app.example:8443.",
                    cause: error)
            }
        }
        return domains
    }

    /// A file that is there and can be read.
    func file() throws(UsageError) -> FilePath {
        let path = FilePath(text)
        guard FileManager.default.isReadableFile(atPath: text),
            (try? Disk.statusFollowingLinks(path))??.kind == .file
        else {
            throw refused(
                "is no file that can be read", "Correct the path, or put the file there.",
                code: .settingsPathMissing)
        }
        return path
    }

    /// What is in the file that it names: how containers are given secrets.
    ///
    /// Links are followed, as Kubernetes makes them.
    func content() throws(UsageError) -> Setting {
        let path = try file()
        let bytes = FileManager.default.contents(atPath: path.string).map { [UInt8]($0) } ?? []
        guard bytes.count <= Self.maximumSecretBytes,
            let content = Setting(
                LicenseInput.text(ofFile: bytes).reveal(), from: "\(source) (\(path))")
        else {
            throw refused(
                "is empty or no license", "Put the license key or token into the file.")
        }
        return content
    }

    /// A token has at most 64 KiB.
    private static let maximumSecretBytes = 1 << 17

    /// A time in whole seconds.
    func seconds(_ range: ClosedRange<Int>) throws(UsageError) -> Duration {
        guard let seconds = Int(text), range.contains(seconds) else {
            throw refused(
                "is no number of seconds from \(range.lowerBound) to \(range.upperBound)",
                "Give one like 60.")
        }
        return .seconds(seconds)
    }

    /// Yes or no, in the words that are usual for it.
    func boolean() throws(UsageError) -> Bool {
        switch text.lowercased() {
        case "true", "1", "yes", "on": true
        case "false", "0", "no", "off": false
        default: throw refused("is neither true nor false", "Give true or false.")
        }
    }

    /// A folder, which need not be there yet, and where links are not in the way of what is ours.
    func folder(besides storage: StorageFolder) throws(UsageError) -> FilePath {
        let path = FilePath(text)
        let real = Self.real(path)
        let isOurs = [storage.plugins, storage.license, storage.logs].contains {
            real.starts(with: Self.real($0))
        }
        guard !isOurs, real != Self.real(storage.root) else {
            throw refused(
                "is in the way of what pkg keeps in the storage folder",
                "Name the folder in which the application looks for packages.")
        }
        if let status = (try? Disk.statusFollowingLinks(path)) ?? nil, !status.isFolder {
            throw refused("is no folder", "Name a folder.")
        }
        return path
    }

    /// Absolute, with the links resolved of what there is of it.
    private static func real(_ path: FilePath) -> FilePath {
        let current = FilePath(FileManager.default.currentDirectoryPath)
        var there = (path.isAbsolute ? path : current.pushing(path)).lexicallyNormalized()
        var rest = FilePath()
        while true {
            if let resolved = realpath(there.string, nil) {
                defer { free(resolved) }
                return FilePath(platformString: resolved).pushing(rest)
            }
            guard let last = there.lastComponent, there.removeLastComponent() else {
                return there.pushing(rest)
            }
            rest = FilePath(root: nil, [last] + rest.components)
        }
    }

    private func refused(
        _ what: String, _ remedy: String, code: FailureCode = .usage, cause: (any Error)? = nil
    ) -> UsageError {
        UsageError(
            "“\(printable)”, from \(source), \(what).", code: code, remedy: remedy, cause: cause)
    }

    /// The text without what may be a password in an address.
    var printable: String {
        var shown = text[...]
        if let at = shown.lastIndex(of: "@"), Self.mayBeCredentials(shown[..<at]) {
            shown = "•••\(shown[at...])"
        }
        if let query = shown.firstIndex(of: "?") { shown = "\(shown[..<query])?…" }
        return maskingSecrets(String(shown))
    }

    /// Whether what stands before an `@` may be a name and a password: a folder may be `/app/@acme`.
    private static func mayBeCredentials(_ text: Substring) -> Bool {
        text.contains(":") || !text.contains("/")
    }
}
