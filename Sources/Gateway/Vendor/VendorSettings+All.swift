import Diagnostics

extension VendorSettings {
    /// One thing that can be set.
    struct Setting: Sendable {
        /// As it stands in `tollgate.yaml`.
        let name: String
        /// What it does, in whole sentences, for a comment above it.
        let meaning: String
        /// How a value is written that is right and does not say more than the setting does by itself.
        let example: String
        /// Reads a value.
        let take: @Sendable (String, inout VendorSettings) throws(UsageError) -> Void
    }

    /// Everything that can be set, in the order of the file that `tollgate init` writes.
    static let all: [Setting] = [
        Setting(
            name: "url",
            meaning: "The address under which customers reach the gateway.",
            example: "https://plugins.acme.example"
        ) { (value, settings) throws(UsageError) in
            settings.url = try VendorSettings(url: value).url
        },
        Setting(
            name: "signing",
            meaning: """
                Who signs releases: online for the gateway, at once; offline for a machine that no \
                network reaches, by `tollgate keys sign`, until when they wait.
                """,
            example: "online"
        ) { (value, settings) throws(UsageError) in
            guard let signing = Signing(rawValue: value) else {
                throw UsageError(
                    "\(quoted(value)) is no way of signing.", remedy: "Write online or offline.")
            }
            settings.signing = signing
        },
        Setting(
            name: "x-accel-redirect",
            meaning: """
                Where nginx in front has the folder artifacts as an internal location, such as \
                /-/artifacts: then nginx sends the tarballs that the gateway grants. Needs \
                `tollgate serve --behind-proxy`.
                """,
            example: "/-/artifacts"
        ) { (value, settings) throws(UsageError) in
            guard let path = plainPath(value), !path.isEmpty else {
                throw UsageError(
                    "\(quoted(value)) is no path of a location.",
                    remedy: "Write one such as /-/artifacts: names of letters, digits and -._~.")
            }
            settings.accelRedirect = path
        },
        Setting(
            name: "maximum-tarball",
            meaning: "How large a tarball may be that is published: bytes, or with kB, MB, GB.",
            example: "512 MB"
        ) { (value, settings) throws(UsageError) in
            settings.maximumTarball = try ByteCount.read(value)
        },
        Setting(
            name: "rate-limit-address",
            meaning: """
                How many requests one client address may send a minute; 0 for no limit. A third of \
                them may come at once. Ten thousand instances behind one address send some 60000 when \
                they all start.
                """,
            example: "600000"
        ) { (value, settings) throws(UsageError) in
            settings.rateLimitAddress = try count(value, 0...1_000_000_000)
        },
        Setting(
            name: "rate-limit-license",
            meaning: """
                How many requests one license may send a minute, from wherever; 0 for no limit. A \
                third of them may come at once.
                """,
            example: "600000"
        ) { (value, settings) throws(UsageError) in
            settings.rateLimitLicense = try count(value, 0...1_000_000_000)
        },
        Setting(
            name: "maximum-connections",
            meaning: """
                How many connections stand at once; each takes a descriptor (ulimit -Hn). Without a \
                proxy in front, one address may have a quarter of them.
                """,
            example: "2000"
        ) { (value, settings) throws(UsageError) in
            settings.maximumConnections = try count(value, 4...1_000_000)
        },
    ]

    /// The file that says the address, and of each other setting how it would be written.
    var text: String {
        var text = "# Settings of this gateway; `tollgate serve` reads them at its start.\n"
        for setting in Self.all {
            text += "\n" + setting.meaning.wrapped(to: 96).map { "# \($0)\n" }.joined()
            text +=
                setting.name == "url"
                ? "url: \"\(url)\"\n" : "#\(setting.name): \(setting.example)\n"
        }
        return text
    }

    private static func count(
        _ text: String, _ allowed: ClosedRange<Int>
    ) throws(UsageError) -> Int {
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let count = Int(text),
            allowed.contains(count)
        else {
            throw UsageError(
                "\(quoted(text)) is no number from \(allowed.lowerBound) to \(allowed.upperBound).",
                remedy: "Write a whole number in digits.")
        }
        return count
    }
}

/// A number of bytes as people write it.
private enum ByteCount {
    private static let units: [(name: String, bytes: Int)] = [
        ("kB", 1000), ("MB", 1_000_000), ("GB", 1_000_000_000),
        ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("", 1),
    ]

    static func read(_ text: String) throws(UsageError) -> Int {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let unit = text[digits.endIndex...].drop { $0 == " " }
        guard let number = Int(digits), let factor = units.first(where: { $0.name == unit })?.bytes
        else {
            throw UsageError(
                "\(quoted(text)) is no number of bytes.",
                remedy: "Write one such as 536870912, 512 MB or 1 GiB.")
        }
        let (bytes, isTooLarge) = number.multipliedReportingOverflow(by: factor)
        guard !isTooLarge, bytes > 0, bytes <= 100 << 30 else {
            throw UsageError(
                "\(quoted(text)) is not from 1 byte to 100 GiB.",
                remedy: "Write one such as 536870912, 512 MB or 1 GiB.")
        }
        return bytes
    }
}

extension String {
    /// Its words in lines of at most so many characters.
    fileprivate func wrapped(to width: Int) -> [String] {
        var lines: [String] = []
        for word in split(separator: " ") {
            if let last = lines.last, last.count + 1 + word.count <= width {
                lines[lines.count - 1] = "\(last) \(word)"
            } else {
                lines.append(String(word))
            }
        }
        return lines
    }
}
