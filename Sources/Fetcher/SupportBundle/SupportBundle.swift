import CanonicalJSON
import Diagnostics
package import FoundationEssentials
import Licensing
import SystemPackage
import Tarball

/// `pkg support-bundle`: what a vendor's support needs to see, in one file without secrets.
///
/// Secrets stay out in three ways: what is made here is of types that hold none; of the storage
/// folder only ``NewestLogs`` and the files named in ``files(_:)`` are taken, never `.license/`; and
/// everything passes the ``SecretSweep``, which knows what is secret on this machine.
package struct SupportBundle: Sendable {
    /// One file of it.
    struct Entry: Sendable {
        let name: String
        let content: [UInt8]
        let modificationSeconds: Int64
    }

    let entries: [Entry]
    /// What could not be had, and why.
    package let missing: [String]

    private static let largestFile = 16 << 20
    /// Of the metadata and receipts together.
    private static let mostBytes: Int64 = 64 << 20

    /// Gathers it.
    ///
    /// - Parameters:
    ///   - reading: the settings with their sources
    ///   - diagnosis: what the doctor found
    ///   - now: the time that it is made
    package init(_ reading: SettingsReading, _ diagnosis: Diagnosis, now: Date) async {
        let storage = reading.settings.storage
        let sweep = SecretSweep(KnownSecrets(reading).all)
        let seconds = Int64(now.timeIntervalSince1970)
        var missing: [String] = []
        var entries: [Entry] = []
        func add(_ name: String, _ text: String) {
            let content = sweep.cleaned(Array(maskingSecrets(text).utf8))
            entries.append(Entry(name: name, content: content, modificationSeconds: seconds))
        }
        func add(_ name: String, _ json: JSONValue) {
            add(name, String(decoding: json.prettyBytes, as: UTF8.self))
        }
        add("doctor.txt", diagnosis.text + "\n")
        add("doctor.json", diagnosis.json)
        add("settings.json", .array(reading.resolved.map(\.json)))
        add("versions.json", ProgramVersions.json)
        add("storage.txt", StorageListing(of: storage).text)
        do {
            add("license.json", try await Self.license(reading.settings, now: now))
        } catch {
            missing.append("license.json: \(anyFailure(error).message)")
        }
        var files = Self.files(storage)
        do {
            try storage.requireOwn()
        } catch {
            // Who put links and files there may want to see what only this user can read.
            missing.append("report.json, journal, metadata/, receipts/: \(error.message)")
            files = []
        }
        var left = Self.mostBytes
        for (path, name, isText) in files {
            do throws(DiskError) {
                guard let status = try Disk.status(path), status.kind == .file else { continue }
                guard status.size <= left else {
                    missing.append("\(name): \(status.size) bytes, which are too many")
                    continue
                }
                left -= status.size
                guard let bytes = try Disk.read(path, maximumBytes: Self.largestFile)
                else { continue }
                let masked =
                    isText
                    ? Array(maskingSecrets(String(decoding: bytes, as: UTF8.self)).utf8) : bytes
                entries.append(
                    Entry(
                        name: name, content: sweep.cleaned(masked),
                        modificationSeconds: status.modified / 1_000_000_000))
            } catch {
                missing.append("\(name): \(error.message)")
            }
        }
        do {
            try storage.requireOwnLogs()
            let logs = NewestLogs(in: storage.logs, sweep)
            entries += logs.entries
            missing += logs.missing
        } catch {
            missing.append("logs/: \(error.message)")
        }
        let absent = missing
        add("README.txt", Self.introduction(made: now, entries.map(\.name), missing: absent))
        self.entries = entries.map { entry in
            let name = String(decoding: sweep.cleaned(Array(entry.name.utf8)), as: UTF8.self)
            return Entry(
                name: name, content: entry.content, modificationSeconds: entry.modificationSeconds)
        }
        self.missing = missing.map {
            String(decoding: sweep.cleaned(Array($0.utf8)), as: UTF8.self)
        }
    }

    /// The files that are taken, and their names in the bundle; those that are text may show what
    /// looks like a secret, signed files must stay as they are.
    private static func files(
        _ storage: StorageFolder
    ) -> [(path: FilePath, name: String, isText: Bool)] {
        func below(_ folder: FilePath, _ name: String) -> [(FilePath, String, Bool)] {
            ((try? Disk.filesBelow(folder)) ?? []).sorted().map {
                (folder.appending($0), "\(name)/\($0)", false)
            }
        }
        return [(storage.report, "report.json", true), (storage.journal, "journal", true)]
            + below(storage.metadata, "metadata")
            + below(storage.receipts, "receipts")
    }

    /// How the licenses stand and what they say; no key, no token, no proof of one.
    private static func license(_ settings: Settings, now: Date) async throws -> JSONValue {
        let identity = try await Identity.present(in: settings).identity
        let session = try LicenseSession(settings, identity: identity, now: now)
        let license = try session.savedLicense()
        let claims = license.tokens.map { token in
            var claims = token.claims.json.object ?? [:]
            for name in ["nonce", "key_proof", "root"] { claims[name] = nil }
            return JSONValue.object(claims)
        }
        return ["status": session.json(of: license.status), "claims": .array(claims)]
    }

    private static func introduction(
        made: Date, _ names: [String], missing: [String]
    ) -> String {
        var lines = [
            "Support bundle of pkg \(programVersion), made \(made.wireText).", "",
            "For the support of the vendor whose plugins pkg installs. It has:",
            "  doctor.txt, doctor.json   every check from the settings to the disk",
            "  settings.json             each setting and where it came from, secrets as •••",
            "  versions.json             pkg, its libraries, kernel and C library",
            "  license.json              how the license stands and what it says",
            "  storage.txt               names, sizes, times and modes in the storage folder",
            "  report.json, journal      the last run",
            "  logs/                     the newest, 20 MB at most",
            "  metadata/, receipts/      the vendor's signed metadata; what is installed", "",
            "It has no license key, no token, no password and nothing of .license. It does have",
            "host names, paths, the Instance ID, the licensee's name and the plugins' names.",
        ]
        if !missing.isEmpty { lines += ["", "Not in it:"] + missing.map { "  \($0)" } }
        return lines.joined(separator: "\n") + "\n"
    }
}
