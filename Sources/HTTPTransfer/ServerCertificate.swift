import Diagnostics
package import FoundationEssentials

/// A certificate as a server showed it, for messages; nothing is decided by it.
package struct ServerCertificate: Sendable {
    /// `CN = plugins.example.com`.
    package let subject: String
    package let issuer: String
    package let begins: Date?
    package let ends: Date?
    /// The hosts that it is for: `DNS:plugins.example.com`.
    package let hosts: [String]

    /// Whether it is signed by itself, as an authority's is.
    package var isSelfSigned: Bool { subject == issuer }

    /// Of what curl tells: a value a name, as OpenSSL writes them.
    init(_ fields: [String: String]) {
        func text(_ name: String) -> String { printable(fields[name] ?? "", limit: 300) }
        subject = text("Subject")
        issuer = text("Issuer")
        begins = Date(openSSL: fields["Start date"] ?? "")
        ends = Date(openSSL: fields["Expire date"] ?? "")
        hosts = text("X509v3 Subject Alternative Name").split(separator: ",").map {
            String($0.trimmingSpaces())
        }
    }
}

extension Date {
    /// A time as OpenSSL prints it: `Feb  1 00:00:00 2030 GMT`.
    init?(openSSL text: String) {
        let words = text.split(separator: " ")
        guard words.count >= 4, let day = Int(words[1]), let year = Int(words[3]),
            let time = Self(month: words[0], day: day, year: year, time: words[2])
        else { return nil }
        self = time
    }

    /// A time as HTTP's `Date` has it: `Sat, 21 Nov 2026 20:29:14 GMT` (RFC 9110, section 5.6.7).
    package init?(http text: String) {
        let words = text.split(separator: " ")
        guard words.count >= 5, let day = Int(words[1]), let year = Int(words[3]),
            let time = Self(month: words[2], day: day, year: year, time: words[4])
        else { return nil }
        self = time
    }

    private init?(month: Substring, day: Int, year: Int, time: Substring) {
        let months = [
            "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
        ]
        let clock = time.split(separator: ":").compactMap { Int($0) }
        guard let month = months.firstIndex(of: String(month)), clock.count == 3 else { return nil }
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        let components = DateComponents(
            year: year, month: month + 1, day: day, hour: clock[0], minute: clock[1],
            second: clock[2])
        guard let date = calendar.date(from: components) else { return nil }
        self = date
    }
}
