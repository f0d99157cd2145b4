import CanonicalJSON
import Diagnostics
import FoundationEssentials
import SystemPackage

/// Every secret that is set or saved on this machine and that `pkg` could have met.
struct KnownSecrets {
    private(set) var all: Set<String> = []

    init(_ reading: SettingsReading) {
        for (name, value) in reading.environment { addVariable(name, value) }
        let storage = reading.settings.storage
        let file = storage.root.removingLastComponent().appending("pkg.yaml")
        addSettings((try? Disk.read(file, maximumBytes: 1 << 20)) ?? nil)
        if let key = reading.settings.licenseKey { addWords(key.reveal()) }
        addSaved(in: storage.license)
    }

    private static let secretWords = [
        "PASS", "SECRET", "TOKEN", "KEY", "CREDENTIAL", "AUTH", "DATABASE_URL", "DB_URL",
    ]

    private mutating func addVariable(_ name: String, _ value: String) {
        addAddresses(in: value)
        let name = name.uppercased()
        guard Self.secretWords.contains(where: name.contains), name != "SSH_AUTH_SOCK" else {
            return
        }
        addWords(value)
    }

    /// The lines of a file that may not even be YAML.
    private mutating func addSettings(_ bytes: [UInt8]?) {
        guard let bytes else { return }
        for line in String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline) {
            addAddresses(in: String(line))
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2, parts[0].contains("licenseKey") else { continue }
            addWords(parts[1].filter { $0 != "\"" && $0 != "'" })
        }
    }

    private mutating func addSaved(in folder: FilePath) {
        func text(_ name: String) -> String? {
            ((try? Disk.read(folder.appending(name), maximumBytes: 1 << 20)) ?? nil)
                .map { String(decoding: $0, as: UTF8.self) }
        }
        if let keys = text("license-key") { addWords(keys) }
        for name in (try? Disk.names(in: folder.appending("tokens"))) ?? [] {
            if let token = text("tokens/\(name)") { addWords(token) }
        }
        for name in ["state.json", "agent.json"] {
            guard let bytes = text(name).map({ Array($0.utf8) }) else { continue }
            addStrings(named: "secret", in: try? parseJSON(bytes), all: name == "agent.json")
        }
    }

    /// The strings of members with that name, or all that are long enough to be a secret.
    private mutating func addStrings(named name: String, in json: JSONValue?, all isAny: Bool) {
        for (member, value) in json?.object ?? [:] {
            if let text = value.string, member.contains(name) || (isAny && text.count >= 16) {
                addWords(text)
            }
            addStrings(named: name, in: value, all: isAny)
        }
        for value in json?.array ?? [] { addStrings(named: name, in: value, all: isAny) }
    }

    /// The whole, and each word by itself: several keys may stand in one value, and a password may
    /// have commas and spaces.
    ///
    /// Of a token each part as well.
    private mutating func addWords(_ text: String) {
        let lines = text.split(whereSeparator: \.isWhitespace)
        guard let first = lines.first, let last = lines.last else { return }
        all.insert(String(text[first.startIndex..<last.endIndex]))
        for word in text.split(whereSeparator: { $0.isWhitespace || $0 == "," }) {
            all.insert(String(word))
            // Without its beginning a license key is a key all the same.
            if word.hasPrefix("tg_"), let body = word.split(separator: "_").last {
                all.insert(String(body))
            }
            let parts = word.split(separator: ".")
            guard parts.count == 3, word.hasPrefix("eyJ") else { continue }
            for part in parts.dropFirst() where part.count >= 16 { all.insert(String(part)) }
        }
    }

    /// Passwords of addresses, and what is given in their queries: as written and as meant.
    private mutating func addAddresses(in text: String) {
        for start in text.ranges(of: "://") {
            let address = text[start.upperBound...].prefix { !$0.isWhitespace }
            if let at = address.lastIndex(of: "@") {
                let credentials = address[..<at]
                let password = credentials.split(
                    separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
                add(password.count == 2 ? password[1] : credentials)
            }
            guard let query = address.firstIndex(of: "?") else { continue }
            for item in address[query...].dropFirst().split(separator: "&") {
                let pair = item.split(
                    separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                let name = pair[0].lowercased()
                let isSecret =
                    pair.count == 1 || name == "p"
                    || Self.secretWords.contains { name.contains($0.lowercased()) }
                if isSecret { add(pair.last ?? "") }
            }
        }
    }

    /// With what is percent-encoded undone.
    private static func decoded(_ text: some StringProtocol) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            let digits = String(decoding: rest.prefix(2), as: UTF8.self)
            if byte == UInt8(ascii: "%"), let value = UInt8(digits, radix: 16) {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private mutating func add(_ text: some StringProtocol) {
        all.insert(String(text))
        all.insert(Self.decoded(text))
    }
}
