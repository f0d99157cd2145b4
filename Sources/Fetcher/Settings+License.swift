import Diagnostics

/// Where the license is said: itself or, as containers are given secrets, in a file that is named.
///
/// The environment comes before `pkg.yaml`, and in each what is said itself before a file.
/// `NC_LICENSE_KEY` is NocoDB's own name: it counts when it has a key of ours, and else is NocoDB's.
extension SettingsReader {
    /// The license key or token; nil when there is none, or its file cannot be read.
    mutating func license() -> Setting? {
        let own = Setting(environment["TOLLGATE_LICENSE_KEY"], from: "TOLLGATE_LICENSE_KEY")
        let foreign = Setting(environment["NC_LICENSE_KEY"], from: "NC_LICENSE_KEY")
            .flatMap { $0.text.hasPrefix("tg_") ? $0 : nil }
        if let license = own ?? foreign { return license }
        let inFile = "TOLLGATE_LICENSE_KEY_FILE"
        if let name = Setting(environment[inFile], from: inFile) { return content(of: name) }
        return file["licenseKey"] ?? file["licenseKeyFile"].flatMap { content(of: $0) }
    }

    private mutating func content(of name: Setting) -> Setting? {
        read(name, as: "licenseKeyFile", default: "none") { setting throws(UsageError) in
            try setting.content()
        }
    }
}
