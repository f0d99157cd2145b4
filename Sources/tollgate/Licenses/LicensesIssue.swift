import ArgumentParser
import CanonicalJSON
import Diagnostics
import FoundationEssentials
import Gateway
import Licensing
import Packages
import Storage
import SystemPackage
import TerminalOutput

extension Licenses {
    /// `tollgate licenses issue`: makes a license and shows its key, once.
    struct Issue: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Issue a license and print its key, which is shown this once.",
            discussion: """
                An offline license has no key: its token is printed, alone, for \
                tollgate licenses issue --mode offline … > license.jwt
                """)

        @OptionGroup var data: DataFolderOption

        @Option(help: "The licensee.")
        var account: String

        @Option(
            help: """
                Plugins with the end of their update periods: @acme/a,@acme/b@2026-12-31; may be said \
                several times.
                """)
        var plugins: [String] = []

        @Flag(help: "All plugins that are published now.")
        var allPlugins = false

        @Option(name: .customLong("plan"), help: "A JSON file with plugins, features and limits.")
        var planFile: String?

        @Option(
            help: "The last day of the term, in the customer's time zone; without it, perpetual.")
        var expires: String?

        @Option(help: "The first day of the term; without it, today.")
        var starts: String?

        @Option(help: "How many days it works on after the term.")
        var graceDays = 14

        @Option(help: "The customer's time zone, such as Europe/Berlin.")
        var timezone = "UTC"

        @Option(help: "What becomes of plugins after term and grace: keep or pause.")
        var afterTerm = AfterTerm.keep

        @Option(
            help: """
                standard, airgapped for one activation and no check-ins, or offline for a token \
                and no network.
                """)
        var mode = LicenseMode.standard

        @Option(
            name: .customLong("instance"),
            help: "The Instance ID that an offline license is for; may be said several times.")
        var instances: [InstanceID] = []

        @Flag(help: "It is a trial.")
        var trial = false

        @OptionGroup var options: LicenseTermsOptions

        @Option(
            name: .customLong("channel"),
            help: "A channel whose releases it may have besides those of the vendor's first.")
        var channels: [String] = []

        @Flag(help: "Print JSON.")
        var json = false

        func validate() throws {
            guard mode == .standard || expires != nil else {
                throw ValidationError("A license that is \(mode.rawValue) needs --expires.")
            }
            guard (mode == .offline) == !instances.isEmpty else {
                throw ValidationError(
                    mode == .offline
                        ? "An offline license needs --instance, from `pkg instance-id`."
                        : "Only an offline license is issued for an --instance.")
            }
            guard (0...LicenseTerms.maximumGraceDays).contains(graceDays) else {
                throw ValidationError("Grace is 0 to \(LicenseTerms.maximumGraceDays) days.")
            }
        }

        func run() async throws {
            let vendor = try data.openVendor()
            let terms = try await terms(vendor)
            let accessKey = AccessKey.make()
            if mode == .offline {
                let (license, token) = try await vendor.issueOfflineLicense(
                    to: account, terms, for: instances, accessKey: accessKey,
                    by: DataFolderOption.actor)
                show(license, token: token, accessKey)
                license.terms.noteTermThatIsOver()
            } else {
                let (license, key) = try await vendor.issueLicense(
                    to: account, terms, accessKey: accessKey, by: DataFolderOption.actor)
                show(license, key, accessKey)
                license.terms.noteTermThatIsOver()
            }
        }

        private func terms(_ vendor: Vendor) async throws -> LicenseTerms {
            let zone = try timeZone(timezone)
            let plan = try plan(zone)
            let grants = try await grants(plan, zone, vendor)
            guard !grants.isEmpty else {
                throw UsageError(
                    "The license would grant no plugin.",
                    remedy: "Name some by --plugins, --plan or --all-plugins.")
            }
            try await vendor.checkPublished(grants.map(\.plugin))
            var terms = LicenseTerms(
                mode: mode, plan: plan?.name, isTrial: trial,
                begins: try starts.map { try moment($0, ofDay: .start, in: zone) },
                expires: try expires.map { try moment($0, ofDay: .end, in: zone) },
                graceDays: graceDays, timezone: timezone, afterTerm: afterTerm, grants: grants,
                features: plan?.features ?? [:], limits: plan?.limits ?? [:],
                channels: Set(channels))
            try options.apply(to: &terms)
            return terms
        }

        private func show(_ license: LicenseRecord, _ key: LicenseKey, _ accessKey: AccessKey) {
            if json {
                var members = license.members(with: accessKey)
                members["key"] = .string(key.text.reveal())
                Terminal.print(.object(members))
                return
            }
            Terminal.print(
                """
                Issued license \(license.id) to \(license.account.name).

                license key    \(key.text.reveal())
                               Shown this once; the gateway keeps only its digest. Who has the access
                               key can ask for it again.
                \(accessKey.text)
                """)
        }

        private func show(
            _ license: LicenseRecord, token: Secret<String>, _ accessKey: AccessKey
        ) {
            if json {
                var members = license.members(with: accessKey)
                members["token"] = .string(token.reveal())
                Terminal.print(.object(members))
                return
            }
            Terminal.note(
                """
                Issued license \(license.id) to \(license.account.name), until \
                \(license.terms.expiresShown), for
                  \(instances.map(\.description).joined(separator: "\n  "))
                \(accessKey.text)
                Its token, for the customer to add; `tollgate licenses token \(license.id)` prints \
                another:
                """)
            Terminal.print(token.reveal())
        }

        private func plan(_ zone: TimeZone) throws -> Plan? {
            guard let planFile else { return nil }
            guard let bytes = try readFile(FilePath(planFile)) else {
                throw UsageError("There is no file \(planFile).")
            }
            return try Plan(bytes, file: planFile, in: zone)
        }

        /// The plan's plugins and those named, which win.
        private func grants(
            _ plan: Plan?, _ zone: TimeZone, _ vendor: Vendor
        ) async throws -> [LicenseTerms.Grant] {
            var grants: [String: LicenseTerms.Grant] = [:]
            if allPlugins {
                for name in try await vendor.records.releases.allPlugins() {
                    grants[name.description] = LicenseTerms.Grant(
                        plugin: name.description, updatesUntil: nil)
                }
            }
            for grant in plan?.grants ?? [] { grants[grant.plugin] = grant }
            for text in plugins.flatMap({ $0.split(separator: ",") }) {
                let grant = try GrantArgument(text).grant(in: zone)
                grants[grant.plugin] = grant
            }
            return Array(grants.values)
        }
    }
}

extension LicenseRecord {
    /// What is shown of it when it is issued, this once.
    fileprivate func members(with accessKey: AccessKey) -> JSONObject {
        var members = shown.object ?? [:]
        for (name, value) in accessKey.shown { members[name] = value }
        return members
    }
}
